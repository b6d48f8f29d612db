"""What statements told of the people around a few households, as plain values: of each subject the newest value of each fact.

In: the tables of the graph, the day, and by when things were recorded. Out: values as statements hold them, for
`matcher.few_facts`. The choice among statements is that of `matcher.facts`: newest, then the stronger source, then the later
record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from graph.frames import micros
from matcher.catalogue import TOP_OF_FACT
from matcher.days import lasts_until, of_date
from matcher.plain_rows import rows_of, schema_of
from matcher.possible import TEN_THOUSAND
from matcher.scope import HOUSEHOLD, PERSON
from matcher.stored import NARROW, narrow, property_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    from graph.row_tables import Row
    from matcher.catalogue import Catalogue, Fact, Span
    from matcher.stored import Tables

KINDS = {HOUSEHOLD: "Household", PERSON: "Person"}
NEVER = -(1 << 62)
"""Before every day and moment."""
HELD: dict[str, pl.DataType] = {
    "money": pl.Int64(), "int": pl.Int64(), "number": pl.Float64(), "yesno": pl.Boolean(), "date": pl.Date(),
    "text": pl.String(), "region": pl.String(),
}  # fmt: skip
"""How a fact of each type is stored."""


class Unusual(Exception):  # noqa: N818 - not an error: `matcher.facts` does it then
    """Something that is left to polars: a value of another type than its fact's, a number that no column may hold."""


class Value(NamedTuple):
    """A value as it was told, and the day that it was told for."""

    value: Any
    day: int | None


Values = dict[str, Value]
"""By the property that holds it."""


class Told:
    """Statements by whom they are about, the deciding one last.

    facts: (kind, subject) -> newest values. entries: (kind, list) -> (subject, key) -> newest values. whole: kind -> list ->
    subject -> the last day on which somebody gave the list whole. types: property -> how it is stored.
    """

    def __init__(self, tables: Tables, catalogue: Catalogue, as_of: dt.date, known_by: dt.datetime | None) -> None:
        self.today = of_date(as_of)
        self.facts: dict[tuple[str, str], Values] = {}
        self.entries: dict[tuple[str, str], dict[tuple[str, str | None], Values]] = {}
        self.whole: dict[str, dict[str, dict[str, int | None]]] = {"Household": {}, "Person": {}}
        said = rows_of(tables, "Statement")
        if known_by is not None:
            until = micros(known_by)
            said = [row for row in said if row["recorded_at"] is None or row["recorded_at"] <= until]
        facts = {name: dtype for name, dtype in schema_of(tables, "Statement").items() if name.startswith("fact_")}
        self.types = {name: dtype for name, dtype in facts.items() if any(row[name] is not None for row in said)}
        for name, dtype in self.types.items():
            _check_range(dtype, (row[name] for row in said))
        self._read(said, catalogue, subjects_of(tables))

    def _read(self, said: list[Row], catalogue: Catalogue, about: dict[str, list[tuple[str, str]]]) -> None:
        rank = _ranks({row["source"] for row in said}, catalogue)
        known = [row for row in said if row["withdrawn_at"] is None and (row["true_on"] is None or row["true_on"] <= self.today)]
        for row in sorted(known, key=lambda row: (or_never(row["true_on"]), rank[row["source"]], or_never(row["recorded_at"]), row["id"])):
            day, name = row["true_on"], row["list"]
            told = {fact: Value(value, day) for fact in self.types if (value := row[fact]) is not None}
            for kind, subject in about.get(row["id"], ()):
                if name is None:
                    self.facts.setdefault((kind, subject), {}).update(told)
                    for each in row["complete"] or ():
                        self.whole[kind].setdefault(each, {})[subject] = day
                else:
                    self.entries.setdefault((kind, name), {}).setdefault((subject, row["key"]), {}).update(told)

    def stored(self, fact: Fact) -> bool:
        """Whether anything at all was told of a fact."""
        return property_of(fact) in self.types

    def newest(self, fact: Fact) -> Callable[[Values], Any]:
        """What reads the value of a fact, as its column holds it, from the newest values of a subject. Raises Unusual."""
        name, hold = property_of(fact), held_as(fact, self.types.get(property_of(fact)))
        fresh = None if fact.good_for is None else self._until(fact.good_for)

        def read(values: Values) -> Any:
            found = values.get(name)
            if found is None or (fresh is not None and found.value not in fact.for_good and not fresh(found.day)):
                return None
            return hold(found.value)

        return read

    def _until(self, span: Span) -> Callable[[int | None], bool]:
        return lambda day: day is not None and lasts_until(day, span) >= self.today

    def wholes(self, kind: str, catalogue: Catalogue) -> Mapping[str, set[str]]:
        """For each list the subjects of a kind for whom it is still whole."""
        found: dict[str, set[str]] = {}
        for name, by_subject in self.whole[kind].items():
            fact = catalogue.facts.get(name.partition("/")[0])
            fresh = None if fact is None or fact.good_for is None else self._until(fact.good_for)
            found[name] = {subject for subject, day in by_subject.items() if fresh is None or fresh(day)}
        return found


def held_as(fact: Fact, stored: pl.DataType | None) -> Callable[[Any], Any]:
    """What turns a stored value into that of a fact's column; dates stay days since 1970. Raises Unusual."""
    if stored is not None and stored != HELD[fact.type]:
        raise Unusual(fact.name)
    if fact.type == "number":
        return lambda value: round(value * TEN_THOUSAND)
    if held := narrow(fact):
        size = next(size for size, dtype in NARROW if dtype == held)
        return lambda value: value if -size <= value < size else None
    if fact.type == "text" and fact.values:
        return lambda value: value if value in fact.values else None
    return lambda value: value


def _check_range(stored: pl.DataType, values: Iterable[Any]) -> None:
    """Leave numbers to polars that sums and products could not hold. Raises Unusual."""
    top = TOP_OF_FACT if stored == pl.Int64 else TOP_OF_FACT // TEN_THOUSAND if stored == pl.Float64 else None
    if top is not None and any(value is not None and not -top <= value <= top for value in values):
        raise Unusual("range")


def or_never(moment: int | None) -> int:
    """A day or moment to sort by; one that is not known comes first."""
    return NEVER if moment is None else moment


def subjects_of(tables: Tables) -> dict[str, list[tuple[str, str]]]:
    """Whom each statement is about: (kind, id)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows_of(tables, "ABOUT", ("src", "dst", "dst_kind")):
        found.setdefault(row["src"], []).append((row["dst_kind"], row["dst"]))
    return found


def _ranks(sources: set[str | None], catalogue: Catalogue) -> dict[str | None, int]:
    """How strong each source is."""
    order = {name: -number for number, name in enumerate(catalogue.source_rank)}
    return {source: order.get((source or "").split("/")[0].split(":")[0], -len(order) - 1) for source in sources}
