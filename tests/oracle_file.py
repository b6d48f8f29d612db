"""What is on file about people and households on the day of the question, read straight from a record.

Comes in: a catalogue, a record, the day (`as_of`) and the day by which things were recorded (`known_by`). Goes out: the value
of any fact, the entries of any list with whether it is whole, awards and recognitions in force. No rule is looked at here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.records import Subject
from tests.oracle_values import ZERO, Interval, add, point, shifted, some, unknown, with_zero

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.catalogue import Catalogue, Fact, Span
    from matcher.language import FactRef, ListRef
    from matcher.records import Entry, Link, Record, Told
    from tests.oracle_values import Value

    Question = tuple[str, str]

RELATIVES = {"parents": "children", "children": "parents"}


@dataclass(frozen=True, slots=True)
class Row:
    """What an expression is evaluated on: a household, a person or an entry of a list.

    unit: household, person, or the list's name for a dated entry. subject: whose id; None for somebody nobody has on file.
    For entries: the list, its owner's row, and the place in it (-1 for an entry that nobody has seen). outer: one level up.
    """

    unit: str
    subject: str | None
    list: str | None = None
    owner: Row | None = None
    index: int = -1
    outer: Row | None = None

    @property
    def plain(self) -> Row:
        """The person or household itself, without the list in which it was met."""
        return Row(self.unit, self.subject)

    def as_unit(self, unit: str) -> Row:
        """The row as what a term of this unit sees: plain, or an entry of the list with its owner as outer."""
        return self.plain if unit in ("household", "person") else replace(self, outer=self.owner)


class OnFile:
    """The record as it was known."""

    def __init__(self, catalogue: Catalogue, record: Record, as_of: dt.date, known_by: dt.date | None) -> None:
        self.catalogue, self.record, self.as_of, self.known_by = catalogue, record, as_of, known_by
        self.households = {one.id: one for one in record.households}
        self._linked: dict[tuple[str, str | None, str], list[Link]] = {}
        self.own = record.households[0].id
        self.members = sorted({link.person for link in self._links("household", self.own, "members")})
        self.home = {link.person: one.id for one in reversed(record.households) for link in self._links("household", one.id, "members")}

    def subject(self, row: Row) -> Subject:
        """The person or household of a row; somebody unheard of where there is none."""
        found = (self.households if row.unit == "household" else self.record.persons).get(row.subject or "")
        return found or Subject(id="")

    def household(self, row: Row) -> Row:
        """The household of a row."""
        if row.unit == "household":
            return row.plain
        if row.unit == "person":
            return Row("household", self.home.get(row.subject or ""))
        assert row.owner is not None
        return self.household(row.owner)

    def at(self, row: Row, path: Sequence[str]) -> Row:
        """Walk from a row."""
        for step in path:
            if step == "household":
                row = self.household(row)
            else:
                assert row.outer is not None, "outer stands outside every list"
                row = row.outer
        return row

    # --- facts ------------------------------------------------------------------------------------------------------

    def fact(self, row: Row, ref: FactRef) -> Value:
        """The value of a fact on the row it belongs to."""
        entry = self.declared(ref)
        if not self._readable(row, ref, entry):
            return blank(entry, ref)
        return typed(self._told(row, ref, entry), entry, ref)

    def missing(self, row: Row, ref: FactRef) -> list[Question]:
        """What to ask for where a fact is unknown: the consent, the fact, or both."""
        entry = self.declared(ref)
        whose = row.owner if row.list and not ref.edge and row.unit == row.list else row
        subject = (whose or row).subject
        if subject is None:
            return []
        name = f"{ref.unit}.{ref.name}" if row.unit == ref.unit == row.list else ref.name
        asked = [] if self._readable(row, ref, entry) else [("consent", subject)]
        return asked if asked and self._told(row, ref, entry) is not None else [*asked, (name, subject)]

    def declared(self, ref: FactRef) -> Fact | None:
        """The entry of facts.yaml behind a name."""
        if ref.edge:
            return self.catalogue.facts[ref.edge].edge.get(ref.name)
        if ref.unit in ("household", "person"):
            return self.catalogue.facts.get(ref.name)
        rows = self.catalogue.facts[ref.unit].rows
        return None if rows is None or isinstance(rows, str) else rows.get(ref.name)

    def _told(self, row: Row, ref: FactRef, entry: Fact | None) -> object:
        """The plain value on file, None if there is none that holds."""
        if ref.edge:
            if row.owner is None or row.index < 0:
                return None
            link = self._links(row.owner.unit, row.owner.subject, ref.edge)[row.index]
            return {"from": link.from_, "until": link.until}.get(ref.name) or link.edge.get(ref.name)
        if ref.unit in ("household", "person"):
            return self.newest(self.subject(row).facts.get(ref.name, []), entry)
        if row.owner is None or row.index < 0:
            return None
        return self._entries(row.owner, ref.unit)[row.index].fields.get(ref.name)

    def newest(self, told: list[Told], entry: Fact | None) -> object:
        """What the newest statement says; ties by source, then by when it was recorded, then by order. None once stale."""
        candidates = [
            (one.on or self.as_of, -self._rank(one.source), one.recorded_at or dt.datetime.max.replace(tzinfo=dt.UTC), place, one.value)
            for place, one in enumerate(told)
            if one.value is not None and (one.on or self.as_of) <= self.as_of and self._recorded_in_time(one.recorded_at)
        ]
        if not candidates:
            return None
        best = max(candidates, key=lambda one: one[:4])
        lasts = entry is not None and best[4] in entry.for_good
        return best[4] if entry is None or lasts or holds(best[0], entry.good_for, self.as_of) else None

    def _recorded_in_time(self, at: dt.datetime | None) -> bool:
        """Whether something was recorded by the day, or the moment, by which things were known."""
        if at is None or self.known_by is None:
            return True
        return at <= self.known_by if isinstance(self.known_by, dt.datetime) else at.date() <= self.known_by

    def _rank(self, source: str | None) -> int:
        name = (source or "").split(":")[0].split("/")[0]
        order = self.catalogue.source_rank
        return order.index(name) if name in order else len(order)

    # --- consent ----------------------------------------------------------------------------------------------------

    def _readable(self, row: Row, ref: FactRef, entry: Fact | None) -> bool:
        of_list = None if row.list is None or (ref.unit == "person" and not ref.edge) else self.catalogue.facts.get(row.list)
        owner = row.owner if of_list and row.owner else row
        return all(self.allowed(owner, one) for one in (entry, of_list) if one is not None)

    def allowed(self, row: Row, entry: Fact) -> bool:
        """Whether a fact may be read: always in the question's household, else by the consent of the one it is about."""
        if not entry.needs_consent or row.subject == self.own or row.subject in self.members:
            return True
        people = [self.subject(row)]
        if row.unit == "household":
            people += [self.subject(Row("person", link.person)) for link in self._links("household", row.subject, "members")]
        return any(
            {entry.name, "economy", "all"} & set(consent.scope)
            and (consent.from_ or self.as_of) <= self.as_of <= (consent.until or self.as_of)
            and (consent.withdrawn is None or consent.withdrawn > self.as_of)
            for person in people
            for consent in person.consents
        )

    # --- lists ------------------------------------------------------------------------------------------------------

    def entries(self, row: Row, ref: ListRef) -> tuple[list[Row], bool]:
        """The rows of a list on its owner's row, `outer` being the row that reads it, and whether it is whole."""
        owner = self.at(row, ref.path).plain
        declared = self.catalogue.facts.get(ref.name)
        if declared is not None and not self.allowed(owner, declared):
            return [], False
        whole = ref.name in self.subject(owner).complete
        if ref.of_person:
            links = self._links(owner.unit, owner.subject, ref.name)
            return [Row("person", link.person, ref.name, owner, place, row) for place, link in enumerate(links)], whole
        return [
            Row(ref.name, owner.subject, ref.name, owner, place, row)
            for place, one in enumerate(self._entries(owner, ref.name))
            if self._there(ref.name, one)
        ], whole

    def _there(self, name: str, one: Entry) -> bool:
        """Whether an entry is there on the day: a recognition in force, an award paid by then, any other."""
        if name == "awards":
            return self._within(one.fields.get("paid_on"), None)
        return name != "recognitions" or self._within(one.fields.get("from"), one.fields.get("until"))

    def member_rows(self, row: Row) -> list[Row]:
        """The members of a household as entries of its list."""
        return [Row("person", one, "members", row.plain, place, row.plain) for place, one in enumerate(self.members_of(row))]

    def members_of(self, row: Row) -> list[str]:
        """The members of a household, by id."""
        return [link.person for link in self._links("household", row.subject, "members")]

    def missing_list(self, row: Row, ref: ListRef) -> list[Question]:
        """What to ask for where a list is not whole: the consent, the list, or both."""
        owner = self.at(row, ref.path).plain
        if owner.subject is None or self.entries(row, ref)[1]:
            return []
        declared = self.catalogue.facts.get(ref.name)
        asked = [("consent", owner.subject)] if declared and not self.allowed(owner, declared) else []
        return asked if asked and ref.name in self.subject(owner).complete else [*asked, (ref.name, owner.subject)]

    def _entries(self, owner: Row, name: str) -> list[Entry]:
        return self.subject(owner).entries.get(name, [])

    def _links(self, unit: str, subject: str | None, name: str) -> list[Link]:
        """The persons in a list on the day, by id; parents are also those who name one as their child."""
        if (unit, subject, name) not in self._linked:
            self._linked[unit, subject, name] = self._find_links(unit, subject, name)
        return self._linked[unit, subject, name]

    def _find_links(self, unit: str, subject: str | None, name: str) -> list[Link]:
        owner = self.subject(Row(unit, subject))
        links = {link.person: link for link in reversed(owner.links.get(name, []))}
        if name in RELATIVES and subject is not None:
            for person in self.record.persons.values():
                for link in person.links.get(RELATIVES[name], []):
                    if link.person == subject:
                        links.setdefault(person.id, replace(link, person=person.id))
        return [links[person] for person in sorted(links) if self._within(links[person].from_, links[person].until)]

    def _within(self, first: object, last: object) -> bool:
        return (not isinstance(first, dt.date) or first <= self.as_of) and (not isinstance(last, dt.date) or self.as_of <= last)

    # --- awards and recognitions ------------------------------------------------------------------------------------

    def recognised(self, row: Row, names: frozenset[str], departments: frozenset[str]) -> bool | None:
        """Whether a recognition of one of these names is in force on file, for this very subject."""
        for one in self._entries(row, "recognitions"):
            if one.fields.get("recognition") in names and self._within(one.fields.get("from"), one.fields.get("until")):
                return True
        return False if self.whole(row, "recognitions", departments) else None

    def awarded(self, row: Row, policy: str, departments: frozenset[str], *, once: bool) -> bool | None:
        """Whether an award of the policy is in force on file."""
        found = some(inside for inside, _ in self._awards(row, policy, once))
        return found if found or self.whole(row, "awards", departments) else None

    def paid(self, row: Row, policy: str, departments: frozenset[str], *, once: bool) -> Interval:
        """The sum of a policy's awards in force, per the policy's period."""
        total = ZERO if self.whole(row, "awards", departments) else Interval(Fraction(0), None)
        for inside, amount in self._awards(row, policy, once):
            total = add(total, amount if inside else with_zero(amount))
        return total

    def received(self, row: Row, policy: str, *, once: bool) -> Interval | None:
        """The sum of the awards that are surely in force; None if there is none."""
        sure = [amount for inside, amount in self._awards(row, policy, once) if inside]
        return None if not sure else sum_of(sure)

    def _awards(self, row: Row, policy: str, once: bool) -> Iterator[tuple[bool | None, Interval]]:
        """Awards that are or may be in force, with their amounts."""
        for one in self._entries(row, "awards"):
            if one.fields.get("policy") == policy and (inside := self._in_force(one, once)) is not False:
                amount = one.fields.get("amount")
                yield inside, Interval(Fraction(0), None) if amount is None else point(as_number(amount))

    def _in_force(self, award: Entry, once: bool) -> bool | None:
        paid_on, until = award.fields.get("paid_on"), award.fields.get("until")
        if not self._within(paid_on, until):
            return False
        if until is not None or not once:
            return True
        return None if not isinstance(paid_on, dt.date) else self.as_of < shifted(paid_on, months=12)

    def whole(self, row: Row, name: str, departments: frozenset[str]) -> bool:
        """Whether a list of awards or recognitions is whole, at least for these departments."""
        complete = self.subject(row).complete
        return name in complete or (bool(departments) and all(f"{name}/{one}" in complete for one in departments))


def holds(on: dt.date, good_for: Span | None, day: dt.date) -> bool:
    """Whether something told on one day still holds on another."""
    return good_for is None or day <= shifted(on, years=good_for.years, months=good_for.months, days=good_for.days)


def blank(entry: Fact | None, ref: FactRef) -> Value:
    """What a fact can be when nobody knows it."""
    if entry is None:
        return unknown(ref.kind)
    if ref.kind in ("number", "money"):
        return Interval(entry.low, entry.high)
    return frozenset(entry.values) if ref.kind == "text" and entry.values else None


def typed(value: object, entry: Fact | None, ref: FactRef) -> Value:
    """A plain value on file as a value of the language."""
    if value is None:
        return blank(entry, ref)
    if ref.kind in ("number", "money"):
        return point(as_number(value))
    if ref.kind == "text":
        return frozenset({str(value)})
    assert isinstance(value, bool | str | dt.date)
    return value


def as_number(value: object) -> Fraction:
    """A number on file."""
    assert isinstance(value, int | Fraction)
    return Fraction(value)


def sum_of(numbers: Sequence[Interval]) -> Interval:
    """The sum of some numbers."""
    total = ZERO
    for one in numbers:
        total = add(total, one)
    return total
