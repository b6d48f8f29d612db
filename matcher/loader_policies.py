"""policies/ and projects/: conditions that speak, relations, what is paid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matcher.catalogue import HOLD_DAYS, LAYERS, Benefit, Clause, Group, PolicyVersion, Project
from matcher.errors import like
from matcher.loader_expressions import Wanted, read_expression
from matcher.loader_fields import Faults, Fields, exact, id_of

if TYPE_CHECKING:
    from matcher.catalogue import Layer
    from matcher.language import Expression, Kind
    from matcher.parse_names import Names
    from matcher.yaml_source import Item

KEYS = (
    "id", "title", "layer", "department", "unit", "procedure", "documents", "region", "in_force", "place", "source", "requires",
    "precludes", "choose_one", "tops_up", "grants", "received", "benefit", "project",
)  # fmt: skip
BENEFIT_KEYS = (
    "kind", "pays", "certainty", "covers", "amount", "at_least", "at_most", "cap", "per", "hours", "skill", "shared", "starts", "months",
)  # fmt: skip
PROJECT = ("organisation", "budget", "places", "consent", "open", "household_cap", "smallest_grant", "hold_days")
PLACES = ("registered", "living", "event", "school")
KINDS = ("cash", "in_kind", "service", "fee_waiver", "insurance")
PAYS = ("entitlement", "reimbursement", "discretionary")
CERTAINTIES = ("exact", "range", "case_by_case")
STARTS = ("month_after_decision", "decision", "application", "event")
UNITS = ("household", "person")

Place = Literal["registered", "living", "event", "school"]


@dataclass(frozen=True, slots=True)
class PolicyHead:
    """What others have to know of one version before its expressions are read."""

    id: str
    unit: Literal["household", "person"]
    layer: Layer
    recognition: str | None
    item: Item


def policy_head(item: Item, faults: Faults, *, project: bool) -> PolicyHead | None:
    """The head of one version, its keys checked; None without an id."""
    fields = Fields(item, KEYS, faults)
    id_ = id_of(fields)
    unit = fields.choice("unit", UNITS, required=True)
    layer = fields.choice("layer", LAYERS, required=True)
    grants = fields.get("grants")
    recognition = None if grants is None else Fields(grants, ("recognition", "months"), faults).text("recognition", required=True)
    if project != ("project" in fields):
        zh, en = ("projects/ 里的要写 project", "what stands in projects/ needs `project`") if project else (
            "有 project 的要放在 projects/", "what has `project` stands in projects/"
        )  # fmt: skip
        faults.add(item.spot, zh, en)
    return None if id_ is None else PolicyHead(id_, unit or "person", layer or "other", recognition, item)  # type: ignore[arg-type]


def read_policy(head: PolicyHead, names: Names, faults: Faults) -> PolicyVersion:
    """One version; expressions that are refused are left out, their reasons noted."""
    fields = Fields(head.item, KEYS, Faults())
    fields.faults = faults
    from_, until = fields.period("in_force")
    grants = Fields(fields.items["grants"], ("recognition", "months"), Faults()) if "grants" in fields else None
    if grants is not None:
        grants.faults = faults
    place: Place = fields.choice("place", PLACES) or "registered"  # type: ignore[assignment]
    return PolicyVersion(
        id=head.id,
        title=fields.words("title"),
        layer=head.layer,
        department=fields.text("department", required=True) or "",
        unit=head.unit,
        place=place,
        regions=fields.regions("region"),
        from_=from_,
        until=until,
        sources=fields.sources(required=True),
        requires=_requires(fields, head.unit, names),
        precludes=_others(fields, "precludes", head.id, names),
        choose_one=_others(fields, "choose_one", head.id, names),
        tops_up=_others(fields, "tops_up", head.id, names),
        recognition=head.recognition,
        recognition_months=None if grants is None else grants.whole("months"),
        received=fields.flag("received"),
        benefit=_benefit(fields, head.unit, names),
        project=_project(fields),
        procedure=_procedure(fields),
        documents=fields.texts("documents"),
        spot=head.item.spot,
    )


def _others(fields: Fields, key: str, id_: str, names: Names) -> tuple[str, ...]:
    """Ids of other policies."""
    found = fields.texts(key)
    for each in found:
        if each not in names.policies or each == id_:
            hint = like(each, names.policies)
            own = ("指向自己", "names itself")
            zh, en = own if each == id_ else (f"没有政策 {each}{hint[0]}", f"unknown policy {each}{hint[1]}")
            fields.faults.add(fields.items[key].spot, zh, en)
    return found


def _requires(fields: Fields, unit: str, names: Names) -> Group:
    """The conditions; only what is counted and never recommended (`received`) may have none."""
    item = fields.get("requires") if fields.flag("received") else fields.need("requires")
    if item is None:
        return Group("all", ())
    seen: set[str] = set()
    group = _group(item, unit, names, fields.faults, seen)
    return group if group is not None else Group("all", ())


def _group(item: Item, unit: str, names: Names, faults: Faults, seen: set[str]) -> Group | None:
    """`all`, `any` or `not` of clauses and groups."""
    fields = Fields(item, ("all", "any", "not"), faults)
    if len(fields.items) != 1:
        faults.add(item.spot, "all、any、not 要写且只写一个", "write one of all, any, not")
        return None
    (op, inner), *_ = fields.items.items()
    parts = inner.value if isinstance(inner.value, tuple) else (inner,)
    if (op == "not" and len(parts) != 1) or not parts or (op != "not" and not isinstance(inner.value, tuple)):
        zh = "not 里只写一个条件" if op == "not" else f"{op} 里要写条件的清单"
        faults.add(inner.spot, zh, "not takes one condition" if op == "not" else f"{op} takes a list of conditions")
        return None
    found: list[Clause | Group] = []
    for part in parts:
        nested = isinstance(part.value, Mapping) and bool({"all", "any", "not"} & set(part.value))
        one = _group(part, unit, names, faults, seen) if nested else _clause(part, unit, names, faults, seen)
        if one is not None:
            found.append(one)
    return Group(op, tuple(found))  # type: ignore[arg-type]


def _clause(item: Item, unit: str, names: Names, faults: Faults, seen: set[str]) -> Clause | None:
    """{id, says, when}."""
    fields = Fields(item, ("id", "says", "when"), faults)
    id_, says, when = id_of(fields), fields.words("says"), fields.need("when")
    if id_ in seen:
        faults.add(item.spot, f"条件 {id_} 出现两次", f"the condition {id_} stands twice")
    seen.add(id_ or "")
    expression = None if when is None else read_expression(when, Wanted(unit, "yesno"), names, faults, tiers=False)
    return None if expression is None or id_ is None else Clause(id_, says, expression)


def _benefit(fields: Fields, unit: str, names: Names) -> Benefit | None:
    """What a policy pays."""
    item, faults = fields.get("benefit"), fields.faults
    if item is None:
        return None
    inner = Fields(item, BENEFIT_KEYS, faults)

    def expression(key: str, kind: Kind, row: str = unit, *, tiers: bool = True) -> Expression | None:
        part = inner.get(key)
        return None if part is None else read_expression(part, Wanted(row, kind), names, faults, tiers=tiers)

    if "shared" in inner and unit != "household":
        faults.add(inner.items["shared"].key_spot, "只有家庭的待遇才有 shared", "only a household's item has shared")
    paid = bool({"amount", "at_least", "at_most", "hours"} & set(inner.items))
    benefit = Benefit(
        kind=inner.choice("kind", KINDS, required=True) or "cash",  # type: ignore[arg-type]
        pays=inner.choice("pays", PAYS, required=True) or "entitlement",  # type: ignore[arg-type]
        certainty=inner.choice("certainty", CERTAINTIES, required=True) or "exact",  # type: ignore[arg-type]
        covers=inner.texts("covers"),
        per=inner.choice("per", ("month", "year", "once"), required=paid) or "once",  # type: ignore[arg-type]
        amount=expression("amount", "money"),
        at_least=expression("at_least", "money"),
        at_most=expression("at_most", "money"),
        cap=expression("cap", "money"),
        hours=expression("hours", "number"),
        skill=inner.text("skill"),
        shared=expression("shared", "yesno", "person", tiers=False),
        starts=inner.choice("starts", STARTS),  # type: ignore[arg-type]
        months=inner.whole("months"),
    )
    _check_benefit(inner, benefit, names)
    return benefit


def _check_benefit(fields: Fields, benefit: Benefit, names: Names) -> None:
    """Amounts that go together; needs that are known and of the kind that is paid."""
    faults, money = fields.faults, bool({"amount", "at_least", "at_most"} & set(fields.items))
    if "amount" in fields and ("at_least" in fields or "at_most" in fields):
        faults.add(fields.spot, "amount 与 at_least、at_most 不能同时写", "write amount, or at_least and at_most, not both")
    if benefit.kind == "cash" and "hours" in fields:
        faults.add(fields.items["hours"].key_spot, "现金待遇没有 hours", "cash has no hours")
    if benefit.kind == "cash" and benefit.certainty == "exact" and not money:
        faults.add(fields.spot, "金额确定的现金待遇要写 amount", "cash that is exact needs an amount")
    for need in benefit.covers:
        if need not in names.needs:
            zh, en = like(need, names.needs)
            faults.add(fields.items["covers"].spot, f"没有需求 {need}{zh}", f"unknown need {need}{en}")
            continue
        hours = names.needs[need] == "hours"
        if (hours and (money or benefit.kind == "cash") and "hours" not in fields) or (not hours and "hours" in fields and not money):
            zh, en = ("工时", "hours") if hours else ("金额", "money")
            faults.add(
                fields.items["covers"].spot, f"需求 {need} 按{zh}计，与待遇不符", f"the need {need} is counted in {en}, the benefit is not"
            )


def _project(fields: Fields) -> Project | None:
    """The part that only charity projects have."""
    item = fields.get("project")
    if item is None:
        return None
    inner = Fields(item, PROJECT, fields.faults)
    open_from, open_until = inner.period("open")
    return Project(
        organisation=inner.text("organisation", required=True) or "",
        budget_fen=_fen(inner, "budget"),
        places=inner.whole("places"),
        open_from=open_from,
        open_until=open_until,
        consent=inner.text("consent"),
        household_cap_fen=_fen(inner, "household_cap"),
        smallest_fen=_fen(inner, "smallest_grant") or 0,
        hold_days=inner.whole("hold_days") or HOLD_DAYS,
    )


def _fen(fields: Fields, name: str) -> int | None:
    """An amount written in yuan."""
    item = fields.get(name)
    yuan = None if item is None else exact(item, fields.faults, digits=2)
    return None if yuan is None else int(yuan * 100)


def _procedure(fields: Fields) -> Mapping[str, object]:
    """The procedure as plain values."""
    item = fields.get("procedure")
    if item is None:
        return {}
    plain = item.plain()
    if isinstance(plain, dict):
        return plain
    fields.faults.add(item.spot, "procedure 要写“键: 值”", "procedure is a mapping")
    return {}
