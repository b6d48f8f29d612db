"""Who said what, and when: for every fact that a run used, the statement that gave it.

In: the tables that the facts stage read, the day, and by when things were recorded. Out: source and day of a fact, whether it
has gone stale or is held back for want of a consent. The choice among statements is that of `matcher.facts`: newest, then the
stronger source, then the later record. Source: docs/language-notes.md, 13, 14, 17.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graph.frames import micros, moment_of
from matcher.days import as_date, lasts_until, of_date
from matcher.plain_rows import in_force, rows_of
from matcher.scope import HOUSEHOLD
from matcher.stored import property_of
from matcher.told import KINDS, or_never, subjects_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from graph.row_tables import Row
    from matcher.catalogue import Catalogue, Fact
    from matcher.language import Read
    from matcher.stored import Tables

EDGES = {"members": "MEMBER_OF", "supporters": "SUPPORTS"}
"""The edges that lead from an entry of a list of persons to the list's owner."""
BROAD = ("economy", "all")
"""Scopes of a consent that allow every fact of income and property."""


@dataclass(frozen=True, slots=True)
class Said:
    """The statement behind a value: by whom, for which day, recorded when; `stale`: it no longer holds."""

    source: str | None
    true_on: dt.date | None
    recorded_at: dt.datetime | None
    stale: bool = False


class Evidence:
    """Statements, recognitions and consents of one neighbourhood, as they were known."""

    def __init__(self, tables: Tables, catalogue: Catalogue, as_of: dt.date, known_by: dt.datetime | None = None) -> None:
        self.tables, self.catalogue = tables, catalogue
        self.today = of_date(as_of)
        self.until = None if known_by is None else micros(known_by)

    def fact(self, unit: str, subject: str, fact: Fact) -> Said | None:
        """The statement that gave a person's or household's fact; None if nobody said anything."""
        return self._newest((KINDS[unit], subject, None, None), fact)

    def entry(self, unit: str, subject: str, name: str, key: str, fact: Fact) -> Said | None:
        """The statement that gave a field of a dated list's entry."""
        if name in ("awards", "recognitions"):
            row = self._held.get(key)
            if row is None:
                return None
            paid = row.get("paid_on")
            return _said(row, row.get("from") if paid is None else paid, "updated_at")
        return self._newest((KINDS[unit], subject, name, key), fact)

    def told(self, unit: str, subject: str, fact: Fact, entry: tuple[str, str] | None = None) -> tuple[Any, Said] | None:
        """A value on file, as statements hold it, with who said it; of an entry (list, key) of a dated list if one is named."""
        row = self._row((KINDS[unit], subject, *(entry or (None, None))), fact)
        if row is None:
            return None
        value = row[property_of(fact)]
        return as_date(value) if fact.type == "date" else value, self._as_said(row, fact)

    def entries(self, unit: str, subject: str) -> list[tuple[str, str]]:
        """(list, key) of every entry of a dated list that somebody told of."""
        keys = [key for key in self._told if key[:2] == (KINDS[unit], subject)]
        return sorted((name, entry) for _, _, name, entry in keys if name is not None and entry is not None)

    def edge(self, unit: str, subject: str, name: str, other: str) -> Said | None:
        """Who told of the edge to somebody in a list; on the day on which the same source gave the list whole, else on its first."""
        row = self._edges.get((name, subject, other))
        if row is None:
            return None
        given = self.whole(unit, subject, name)
        said = _said(row, row.get("from"), "updated_at")
        return replace(said, true_on=given.true_on) if given is not None and given.source == said.source else said

    def recognition(self, unit: str, subject: str, names: frozenset[str]) -> tuple[str, dt.date | None, str | None] | None:
        """(recognition, since when, source) of one on file and in force; None if there is none."""
        for src, dst in self._recognised.get((KINDS[unit], subject), ()):
            row = self._held.get(dst, {})
            if row.get("recognition") in names and in_force([row], self.today):
                return str(row["recognition"]), as_date(row["from"]), row.get("source") or src
        return None

    def whole(self, unit: str, subject: str, name: str) -> Said | None:
        """The newest statement that gives a list whole; stale if it no longer holds."""
        found = [one for one in self._told.get((KINDS[unit], subject, None, None), []) if name in (one["complete"] or ())]
        return None if not found else self._as_said(found[-1], self.catalogue.facts.get(name))

    def allowed(self, unit: str, subject: str, fact: Fact, *, inside: bool) -> bool:
        """Whether a fact may be read: the household's own always, others' where its consent is not needed or was given."""
        if inside or not fact.needs_consent:
            return True
        people = self._members.get(subject, []) if unit == HOUSEHOLD else [subject]
        return any({fact.name, *BROAD} & scope for person in people for scope in self._consents.get(person, ()))

    def newest(self, subjects: Collection[str]) -> dt.date | None:
        """The newest day for which anything was told of any of these."""
        days = [row["true_on"] for (_, subject, *_), rows in self._told.items() if subject in subjects for row in rows[-1:]]
        return as_date(max((day for day in days if day is not None), default=None))

    # --- look-ups -------------------------------------------------------------------------------------------------
    def _newest(self, key: tuple[str, str, str | None, str | None], fact: Fact) -> Said | None:
        found = self._row(key, fact)
        return None if found is None else self._as_said(found, fact)

    def _row(self, key: tuple[str, str, str | None, str | None], fact: Fact) -> dict[str, Any] | None:
        stored = property_of(fact)
        return next((one for one in reversed(self._told.get(key, [])) if one.get(stored) is not None), None)

    def _as_said(self, row: dict[str, Any], fact: Fact | None) -> Said:
        stale = False
        if fact is not None and fact.good_for is not None and row["true_on"] is not None:
            stale = row.get(property_of(fact)) not in fact.for_good and lasts_until(row["true_on"], fact.good_for) < self.today
        return _said(row, row["true_on"], "recorded_at", stale=stale)

    @cached_property
    def _told(self) -> dict[tuple[str, str, str | None, str | None], list[Row]]:
        """Statements by subject and entry, the deciding one last."""
        subjects = subjects_of(self.tables)
        found: dict[tuple[str, str, str | None, str | None], list[Row]] = {}
        for row in sorted(filter(self._known, rows_of(self.tables, "Statement")), key=self._rank):
            for kind, subject in subjects.get(row["id"], ()):
                found.setdefault((kind, subject, row["list"], row["key"] if row["list"] else None), []).append(row)
        return found

    def _known(self, row: Row) -> bool:
        on_time = row["true_on"] is None or row["true_on"] <= self.today
        recorded = self.until is None or row["recorded_at"] is None or row["recorded_at"] <= self.until
        return row["withdrawn_at"] is None and on_time and recorded

    def _rank(self, row: Row) -> tuple[Any, ...]:
        name = (row["source"] or "").split("/")[0].split(":")[0]
        order = self.catalogue.source_rank
        strength = -order.index(name) if name in order else -len(order) - 1
        return or_never(row["true_on"]), strength, or_never(row["recorded_at"]), row["id"]

    @cached_property
    def _held(self) -> dict[str, Row]:
        """Recognitions and awards by id."""
        return {row["id"]: row for kind in ("Recognition", "Award") for row in rows_of(self.tables, kind)}

    @cached_property
    def _edges(self) -> dict[tuple[str, str, str], Row]:
        """Edges in force by list, owner and entry."""
        return {
            (name, row["dst"], row["src"]): row for name, kind in EDGES.items() for row in in_force(rows_of(self.tables, kind), self.today)
        }

    @cached_property
    def _recognised(self) -> dict[tuple[str, str], list[tuple[str | None, str]]]:
        found: dict[tuple[str, str], list[tuple[str | None, str]]] = {}
        for row in rows_of(self.tables, "RECOGNISED_AS"):
            found.setdefault((row["src_kind"], row["src"]), []).append((row.get("source"), row["dst"]))
        return found

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in in_force(rows_of(self.tables, "MEMBER_OF"), self.today):
            found.setdefault(row["dst"], []).append(row["src"])
        return found

    @cached_property
    def _consents(self) -> dict[str, list[set[str]]]:
        """The scopes of each person's consents in force."""
        given = {row["id"]: row for row in in_force(rows_of(self.tables, "Consent"), self.today)}
        found: dict[str, list[set[str]]] = {}
        for edge in rows_of(self.tables, "GAVE", ("src", "dst")):
            row = given.get(edge["dst"])
            if row is not None and (row["withdrawn"] is None or row["withdrawn"] > self.today):
                found.setdefault(edge["src"], []).append(set(row["scope"] or ()))
        return found


def _said(row: Row, day: int | None, recorded: str, *, stale: bool = False) -> Said:
    """What a row says of who told it, for which day, and when it was recorded."""
    moment = row.get(recorded)
    return Said(row.get("source"), as_date(day), None if moment is None else moment_of(moment), stale)


def lists_read(catalogue: Catalogue, node: Read) -> tuple[str, ...]:
    """The lists on file that a read looks at."""
    if node.read == "receives":
        known = node.target in catalogue.policies
        granted = any(version.recognition == node.target for versions in catalogue.policies.values() for version in versions)
        return (*(("awards",) if known else ()), *(("recognitions",) if granted or not known else ()))
    return {"recognised": ("recognitions",), "paid": ("awards",)}.get(node.read, ())


def departments_of(catalogue: Catalogue, target: str) -> list[str]:
    """The departments whose lists tell of a policy or recognition."""
    versions = (version for each in catalogue.policies.values() for version in each)
    return sorted({version.department for version in versions if target in (version.id, version.recognition)})
