"""terms/ and needs.yaml: what articles decide from facts, and what is needed by formula."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.catalogue import Fact, FactType, Need, Term, TermVersion
from matcher.loader_expressions import Wanted, read_expression
from matcher.loader_fields import Faults, Fields, id_of
from matcher.parse_names import RESERVED, TermHead, written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from matcher.language import Kind, Words
    from matcher.parse_names import Names
    from matcher.yaml_source import Item

TERM_KEYS = ("id", "title", "unit", "type", "per", "values", "source", "cases", "is", "tiers", "region", "in_force")
TERM_TYPES = ("yesno", "int", "number", "money", "text", "date", "region")
NEED_KEYS = ("id", "title", "unit", "kind", "window", "source", "when", "amount", "skill")


def kind_of_type(type_: FactType) -> Kind:
    """int and number are one kind."""
    return "number" if type_ in ("int", "number") else type_  # type: ignore[return-value]


def term_heads(items: list[Item], facts: Mapping[str, Fact], faults: Faults) -> dict[str, Term]:
    """Every term without its versions, from the first entry of each id; later entries must not say otherwise."""
    heads: dict[str, Term] = {}
    for item in items:
        fields = Fields(item, TERM_KEYS, faults)
        id_ = id_of(fields)
        if id_ is None:
            continue
        if id_ in heads:
            _same_head(fields, heads[id_])
            continue
        if written(id_) in RESERVED:
            faults.add(fields.items["id"].spot, f"{id_} 是语言自带的名称", f"{id_} is a built-in name")
        unit = fields.text("unit", required=True) or "person"
        if unit not in ("household", "person") and (unit not in facts or facts[unit].type != "list"):
            faults.add(fields.items["unit"].spot, f"没有单位 {unit}", f"unknown unit {unit}: person, household or the name of a list")
            unit = "person"
        type_: FactType = fields.choice("type", TERM_TYPES, required=True) or "number"  # type: ignore[assignment]
        values = fields.texts("values")
        if values and type_ != "text":
            faults.add(fields.items["values"].spot, "values 只用于文字", "values is for type text")
        per = fields.choice("per", ("month", "year", "once"))
        heads[id_] = Term(id_, fields.words("title"), unit, type_, kind_of_type(type_), values, per, ())
    return heads


def _same_head(fields: Fields, head: Term) -> None:
    """A later version may leave title, unit, type, values and per out, or say the same."""
    given = {
        "unit": (fields.text("unit"), head.unit),
        "type": (fields.choice("type", TERM_TYPES), head.type),
        "per": (fields.choice("per", ("month", "year", "once")), head.per),
        "values": (fields.texts("values") or None, head.values),
    }
    if "title" in fields:
        fields.words("title")
    for key, (said, first) in given.items():
        if said is not None and said != first:
            fields.faults.add(fields.items[key].spot, f"{head.id} 各版本的 {key} 不一致", f"versions of {head.id} disagree on {key}")


def term_version(item: Item, term: Term | TermHead, names: Names, faults: Faults) -> TermVersion | None:
    """One version of a term."""
    fields = Fields(item, TERM_KEYS, Faults())
    fields.faults = faults
    fields.texts("cases")
    wanted = Wanted(term.unit, term.kind, term.values)
    given = [fields.items[key] for key in ("is", "tiers") if key in fields]
    if len(given) != 1:
        faults.add(item.spot, "is 和 tiers 要写且只写一个", "write is or tiers, one of them")
        return None
    if "tiers" in fields and not isinstance(given[0].value, tuple):
        faults.add(given[0].spot, "tiers 要写清单", "tiers is a list")
        return None
    expression = read_expression(given[0], wanted, names, faults)
    from_, until = fields.period("in_force")
    regions, sources = fields.regions("region"), fields.sources(required=False)
    return None if expression is None else TermVersion(regions, from_, until, sources, expression, item.spot)


def need_types(items: list[Item], faults: Faults) -> dict[str, Literal["money", "hours"]]:
    """Every need's id and kind; two of one id are a fault."""
    found: dict[str, Literal["money", "hours"]] = {}
    for item in items:
        fields = Fields(item, NEED_KEYS, faults)
        id_ = id_of(fields)
        kind = fields.choice("kind", ("money", "hours"), required=True) or "money"
        if id_ in found:
            faults.add(item.spot, f"需求 {id_} 出现两次", f"the need {id_} stands twice")
        elif id_ is not None:
            found[id_] = kind  # type: ignore[assignment]
    return found


def read_need(item: Item, names: Names, faults: Faults) -> Need | None:
    """One need; None where it is refused."""
    fields = Fields(item, NEED_KEYS, Faults())
    id_, kind = fields.text("id"), "hours" if fields.text("kind") == "hours" else "money"
    fields.faults = faults
    title: Words = fields.words("title")
    unit = fields.choice("unit", ("household", "person"), required=True)
    window = fields.choice("window", ("past_12", "next_12"), required=True)
    sources, skill = fields.sources(required=False), fields.text("skill")
    when, amount = fields.get("when"), fields.need("amount")
    if unit is None or window is None or amount is None or id_ is None:
        return None
    condition = None if when is None else read_expression(when, Wanted(unit, "yesno"), names, faults, tiers=False)
    value = read_expression(amount, Wanted(unit, "money" if kind == "money" else "number"), names, faults)
    if value is None:
        return None
    return Need(id_, title, unit, kind, window, sources, condition, value, skill, item.spot)  # type: ignore[arg-type]
