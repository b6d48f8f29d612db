"""What names mean on a row: facts, terms, edge and entry fields, lists, standards, items. Used by `matcher.parse`.

Ids are kebab-case in files and snake_case in expressions; every look-up here takes the written form and gives the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matcher.errors import ExpressionError, like
from matcher.language import FactRef, Kind, ListRef, Node, Path, Read, ReadKind, TermRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matcher.catalogue import Fact, Standard

READS: tuple[ReadKind, ...] = ("recognised", "receives", "eligible", "paid", "granted", "left")
PLACES = ("region", "county", "city", "province")
LISTS = ("members", "supporters", "parents", "children", "awards", "recognitions")
DURATIONS = ("years", "months", "days")
FUNCTIONS = (
    "years_since",
    "year",
    "month",
    "date",
    "yuan",
    "min",
    "max",
    "floor",
    "ceil",
    "within",
    "any",
    "all",
    "count",
    "sum",
    *DURATIONS,
)
RESERVED = frozenset((
    "as_of", *PLACES, "standard", *READS, "household", "outer", "person", *LISTS, *FUNCTIONS,
    "true", "false", "null", "none", "unknown", "and", "or", "not", "in", "is", "on", "as", "where", "when", "otherwise", "sources",
))  # fmt: skip
"""Names that no fact, term or field may take; the built-in lists may be declared again, as lists."""


@dataclass(frozen=True, slots=True)
class TermHead:
    """What a reader of a term has to know: its unit, its kind, and a text's possible values."""

    id: str
    unit: str
    kind: Kind
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """All names of a catalogue. `policies` and `recognitions`: id -> the units that have it; `needs`: id -> its type."""

    facts: Mapping[str, Fact]
    terms: Mapping[str, TermHead]
    standards: Mapping[str, Standard]
    policies: Mapping[str, frozenset[str]]
    recognitions: Mapping[str, frozenset[str]]
    needs: Mapping[str, Literal["money", "hours"]]


@dataclass(frozen=True, slots=True)
class Row:
    """The row that an expression is read on: a household's, a person's, or an entry's of `entries` (then `outer`)."""

    unit: str
    entries: Fact | None = None
    outer: Row | None = None

    @property
    def subject(self) -> Literal["household", "person"] | None:
        """Whose facts bare names mean: an entry of a list of persons is a person, an entry of a dated list nobody."""
        if self.entries is None:
            return "household" if self.unit == "household" else "person"
        return "person" if self.entries.rows == "person" else None

    @property
    def fields(self) -> Mapping[str, Fact]:
        """The entry's own facts: of the edge, or of the dated thing."""
        if self.entries is None:
            return {}
        return self.entries.rows if isinstance(self.entries.rows, Mapping) else self.entries.edge


def written(name: str) -> str:
    """An id as expressions write it."""
    return name.replace("-", "_")


def real(table: Iterable[str], name: str) -> str | None:
    """The id that a written name stands for."""
    known = set(table)
    if name in known:
        return name
    return next((each for each in sorted(known) if written(each) == name), None)


def row_of(unit: str, names: Names) -> Row:
    """The row of a unit: household, person, or the entries of a list."""
    if unit in ("household", "person"):
        return Row(unit)
    return Row(unit, names.facts[unit])


def kind_of(fact: Fact) -> Kind:
    """A fact's kind: int and number are one."""
    return "number" if fact.type in ("int", "number") else fact.type  # type: ignore[return-value]


def find_name(name: str, row: Row, path: Path, names: Names) -> Node | None:
    """The fact or term that a name means on a row, None where the row has none of that name."""
    if row.entries is not None:
        field = real(row.fields, name)
        if field is not None:
            edge = row.unit if row.subject == "person" else None
            return FactRef(kind_of(row.fields[field]), path, row.unit, field, edge)
    for unit in (row.unit, row.subject):
        term = real(names.terms, name)
        if term is not None and names.terms[term].unit == unit:
            return TermRef(names.terms[term].kind, path, unit, term)
        fact = real(names.facts, name)
        if fact is not None and unit in names.facts[fact].units and names.facts[fact].type != "list" and unit is not None:
            return FactRef(kind_of(names.facts[fact]), path, unit, fact)
    return None


def find_list(name: str, row: Row, path: Path, names: Names) -> tuple[ListRef, Fact] | None:
    """The list that a name means on a row, None where the row has none of that name."""
    key = real(names.facts, name)
    fact = names.facts.get(key or "")
    if fact is None or fact.type != "list" or row.subject is None or row.subject not in fact.units:
        return None
    return ListRef(path, row.subject, fact.name, fact.rows == "person"), fact


def find_read(read: ReadKind, name: str, row: Row, path: Path, names: Names) -> Read:
    """`recognised.x` and its like on a row.

    Raises:
        ExpressionError: nothing of that name; an entry's row; a person's yes/no on a household's row.
    """
    if row.subject is None:
        raise ExpressionError(f"清单条目没有 {read}，请写 outer.{read}.{name}", f"an entry has no {read}: write outer.{read}.{name}")
    if read == "left":
        need = real(names.needs, name)
        if need is None:
            raise unknown("需求", "need", name, names.needs)
        return Read("money" if names.needs[need] == "money" else "number", path, row.subject, read, need)
    tables = [names.policies] if read in ("eligible", "paid", "granted") else [names.recognitions, names.policies]
    target, units = _item(name, tables)
    if target is None:
        what = ("政策", "policy") if len(tables) == 1 else ("认定或政策", "recognition or policy")
        raise unknown(*what, name, [each for table in tables for each in table])
    yesno = read in ("recognised", "receives", "eligible")
    if yesno and row.subject == "household" and "household" not in units:
        raise ExpressionError(
            f"{target} 是个人的，在家庭层面请写 any(members, {read}.{name})",
            f"only persons have {target}; on a household's row write any(members, {read}.{name})",
        )
    return Read("yesno" if yesno else "money", path, row.subject, read, target)


def _item(name: str, tables: list[Mapping[str, frozenset[str]]]) -> tuple[str | None, frozenset[str]]:
    """The id and the units of a recognition or a policy; both where they share the id."""
    found: str | None = None
    units: frozenset[str] = frozenset()
    for table in tables:
        key = real(table, name)
        if key is not None and found in (None, key):
            found, units = key, units | table[key]
    return found, units


def possible(node: Node, names: Names) -> tuple[str, ...]:
    """The values that a text can have; empty where they are not listed."""
    if isinstance(node, TermRef):
        return names.terms[node.name].values
    if not isinstance(node, FactRef):
        return ()
    fact = names.facts.get(node.name)
    if node.unit not in ("household", "person"):
        entries = names.facts[node.unit]
        fields = entries.rows if isinstance(entries.rows, Mapping) else entries.edge
        fact = fields[node.name]
    return () if fact is None else fact.values


def misplaced(name: str, row: Row, names: Names) -> ExpressionError:
    """Why a name means nothing on a row: it belongs to another unit, or it is not known at all."""
    units = _units(name, names)
    if "household" in units and row.subject != "household":
        return ExpressionError(f"{name} 是家庭的，请写 household.{name}", f"{name} belongs to the household: write household.{name}")
    if "person" in units and row.subject == "household":
        return ExpressionError(
            f"{name} 是个人的，在家庭层面请写 any(members, …) 或 sum(members, {name})",
            f"{name} belongs to persons; on a household's row write any(members, …) or sum(members, {name})",
        )
    if "person" in units:
        return ExpressionError(f"{name} 是个人的，请写 outer.{name}", f"{name} belongs to the person: write outer.{name}")
    if units:
        lists = "、".join(sorted(units))
        return ExpressionError(
            f"{name} 是清单 {lists} 的，请写 any({min(units)}, …) 或 sum({min(units)}, {name})",
            f"{name} stands in the list {', '.join(sorted(units))}: write any({min(units)}, …) or sum({min(units)}, {name})",
        )
    if name in ("true", "false", "None", "null"):
        return ExpressionError(f"没有 {name}：请写 True 或 False", f"{name} is no value here: write True or False")
    return unknown("名称", "name", name, _visible(row, names))


def unknown(zh: str, en: str, name: str, known: Iterable[str]) -> ExpressionError:
    """An unknown name, with the nearest known one."""
    hint_zh, hint_en = like(name, map(written, known))
    return ExpressionError(f"没有名为 {name} 的{zh}{hint_zh}", f"unknown {en} {name}{hint_en}")


def _units(name: str, names: Names) -> set[str]:
    """Every unit and list that has something of that name."""
    found: set[str] = set()
    term, fact = real(names.terms, name), real(names.facts, name)
    if term is not None:
        found.add(names.terms[term].unit)
    if fact is not None:
        found.update(names.facts[fact].units)
    for entries in names.facts.values():
        fields = entries.rows if isinstance(entries.rows, Mapping) else entries.edge
        if real(fields, name) is not None:
            found.add(entries.name)
    return found


def _visible(row: Row, names: Names) -> list[str]:
    """The names that a row has."""
    here = {row.unit, row.subject}
    facts = [fact.name for fact in names.facts.values() if here & set(fact.units)]
    terms = [term.id for term in names.terms.values() if term.unit in here]
    return [*row.fields, *facts, *terms, *PLACES, "as_of", "household", "outer"]
