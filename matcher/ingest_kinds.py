"""What a table of people can be about, and the columns that each kind takes.

A column is a field of the kind, or the name of a fact of facts.yaml; a column under any other name is refused with the nearest names.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matcher.catalogue import Fact
from matcher.language import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matcher.catalogue import Catalogue

Kind = Literal["household", "person", "member", "supporter", "parent", "consent", "statement", "award", "recognition"]
KINDS: tuple[Kind, ...] = ("household", "person", "member", "supporter", "parent", "consent", "statement", "award", "recognition")
"""In the order in which they are loaded: who must be there comes first."""

NAMES: dict[Kind, Words] = {
    "household": Words("家庭", "households"),
    "person": Words("人员", "people"),
    "member": Words("家庭成员关系", "memberships"),
    "supporter": Words("法定义务人", "supporters"),
    "parent": Words("父母关系", "parents"),
    "consent": Words("同意书", "consents"),
    "statement": Words("事实陈述", "statements"),
    "award": Words("发放记录", "awards"),
    "recognition": Words("认定记录", "recognitions"),
}
IDENTITY = ("name", "id_card", "phone")
SUBJECT = ("person", "household", "id_card")
ALWAYS = ("kind", "true_on", "synthetic")
HOME = "household."
"""What begins so in a table of people is a fact of the person's household."""


def _fact(name: str, type_: str, values: tuple[str, ...] = ()) -> Fact:
    return Fact(name, (), type_, Words(name, name), values)  # type: ignore[arg-type]


_SPAN = (_fact("from", "date"), _fact("until", "date"))


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a kind: `fields` are typed, `texts` name people, households and keys; `needs` must be there (one of each)."""

    texts: tuple[str, ...]
    fields: Mapping[str, Fact]
    needs: tuple[tuple[str, ...], ...]
    list: str | None = None


_TO = (("person", "household", "id_card"),)
_AWARD = (_fact("policy", "text"), _fact("paid_on", "date"), _fact("until", "date"), _fact("amount", "money"), _fact("cause", "text"))
_CONSENT = (_fact("scope", "text"), _fact("purpose", "text"), _fact("recipient", "text"), *_SPAN, _fact("withdrawn", "date"))
_RECOGNITION = (_fact("recognition", "text"), *_SPAN, _fact("department", "text"))


def _named(*facts: Fact) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts}


SHAPES: dict[Kind, Shape] = {
    "household": Shape(("id", "address"), {}, (("id",),)),
    "person": Shape(("id", "household", *IDENTITY), _named(_fact("kin", "text"), *_SPAN), (("id", "id_card", "name"),)),
    "member": Shape(
        ("person", "id_card", "household"), _named(_fact("kin", "text"), *_SPAN), (("person", "id_card"), ("household",)), "members"
    ),
    "supporter": Shape(
        ("person", "id_card", "supporter", "supporter_id_card"),
        _named(_fact("duty", "text"), *_SPAN),
        (("person", "id_card"), ("supporter", "supporter_id_card")),
        "supporters",
    ),
    "parent": Shape(
        ("person", "id_card", "parent", "parent_id_card"), {}, (("person", "id_card"), ("parent", "parent_id_card")), "parents"
    ),
    "consent": Shape(("person", "id_card", "key"), _named(*_CONSENT), (("person", "id_card"), ("scope",)), "consents"),
    "statement": Shape((*SUBJECT, "fact", "value", "list", "key"), {}, _TO),
    "award": Shape((*SUBJECT, "key"), _named(*_AWARD, _fact("department", "text")), (*_TO, ("policy",)), "awards"),
    "recognition": Shape((*SUBJECT, "key"), _named(*_RECOGNITION), (*_TO, ("recognition",)), "recognitions"),
}


def kind_of(name: str, catalogue: Catalogue | None = None) -> tuple[Kind, str | None] | None:
    """The kind that a file, sheet, option or cell names, and the list where it names one (`bills`); None if it names none.

    Example: kind_of("persons-2026.csv") is ("person", None); kind_of("法定义务人") is ("supporter", None).
    """
    stem = name.strip().rsplit("/", 1)[-1]
    stem = stem.rsplit(".", 1)[0] if "." in stem else stem
    lists = {fact.name for fact in catalogue.facts.values() if isinstance(fact.rows, Mapping)} if catalogue else set()
    for words in (stem, *_pieces(stem)):
        lower = words.casefold()
        for kind in KINDS:
            if lower in (kind, f"{kind}s", "people" if kind == "person" else kind, NAMES[kind].zh):
                return kind, None
        if lower.replace("-", "_") in lists - {"awards", "recognitions"}:
            return "statement", lower.replace("-", "_")
    return None


def _pieces(stem: str) -> list[str]:
    """The first words of a name, the longest first: `job-offers-2026` also is `job-offers` and `job`; `award2` is `award`."""
    words = stem.replace("_", "-").replace(" ", "-").split("-")
    return [stem.rstrip("0123456789"), *("-".join(words[:count]) for count in range(len(words) - 1, 0, -1))]


def columns_of(kind: Kind, catalogue: Catalogue, list_: str | None = None, *, entries: bool = False) -> dict[str, Fact | None]:
    """Every column that a table of this kind may have, with its fact; None for those that are read by hand."""
    shape = SHAPES[kind]
    found: dict[str, Fact | None] = dict.fromkeys((*ALWAYS, *shape.texts)) | dict(shape.fields)
    units = {"household": ("household",), "person": ("person",), "statement": ("household", "person")}.get(kind, ())
    if list_ is not None or entries:
        fields = [catalogue.facts[list_].rows] if list_ else [fact.rows for fact in catalogue.facts.values()]
        found |= {name: field for rows in fields if isinstance(rows, Mapping) for name, field in rows.items()}
        return found
    for fact in catalogue.facts.values():
        if fact.type != "list" and set(fact.units) & set(units):
            found.setdefault(fact.name, fact)
        if fact.type != "list" and kind == "person" and "household" in fact.units:
            found[f"{HOME}{fact.name}"] = fact
    edge = "supporters" if kind == "supporter" else "members"
    if kind in ("person", "member", "supporter") and edge in catalogue.facts:
        found |= dict(catalogue.facts[edge].edge)
    return found


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The names most like this one."""
    names = list(known)
    by_case = {each.casefold(): each for each in names}
    close = difflib.get_close_matches(name.casefold().replace(" ", "_").replace("-", "_"), list(by_case), 3, 0.6)
    return [by_case[each] for each in close]
