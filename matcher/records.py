"""A household told in full: the plain form in which cases, random households and files reach the store.

A record holds statements, not conclusions: what was told, on which day. `rows` turns it into rows of the graph, written
through any store; reading them back gives the same answers. Values are already typed by facts.yaml: bool, int fen for
money, Fraction for numbers, str for text and regions, date. A value of None says nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graph.regions import ancestors

if TYPE_CHECKING:
    from fractions import Fraction

    from matcher.catalogue import Catalogue, Fact

    Value = bool | int | Fraction | str | dt.date | None


@dataclass(slots=True)
class Told:
    """One value told on one day; `on` None means the day of the question.

    `source` and `recorded_at` are those of the whole record where they are None.
    """

    value: Value
    on: dt.date | None = None
    source: str | None = None
    recorded_at: dt.datetime | None = None


@dataclass(slots=True)
class Entry:
    """An entry of a dated list (a bill, an award, a recognition): its key within the list and its fields."""

    key: str
    fields: dict[str, Value]


@dataclass(slots=True)
class Link:
    """A person in a list of persons (a member, a supporter, a parent, a child), with the facts of the edge."""

    person: str
    edge: dict[str, Value] = field(default_factory=dict)
    from_: dt.date | None = None
    until: dt.date | None = None


@dataclass(slots=True)
class Consent:
    """What a person allows: scope holds names of facts, `economy`, `all` or others."""

    scope: tuple[str, ...]
    purpose: str | None = None
    recipient: str | None = None
    from_: dt.date | None = None
    until: dt.date | None = None
    withdrawn: dt.date | None = None


@dataclass(slots=True)
class Subject:
    """A person or a household.

    facts: name -> what was told, in any order. entries: dated lists by name (bills, awards, recognitions, ...).
    links: lists of persons by name (members on a household; supporters, parents, children on a person).
    complete: names of the lists that are whole (`awards`, or `awards/<department>`), as of the question's day.
    terms: terms set by hand on this subject (cases only).
    """

    id: str
    facts: dict[str, list[Told]] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)
    terms: dict[str, Value] = field(default_factory=dict)
    consents: list[Consent] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """The question's household, everybody in it and around it, and the households of those around.

    `households[0]` is the question's; every person linked from anywhere is in `persons`; `home` tells each person's own
    household where there is one on file. `region` of a household is an ordinary fact named `region`.
    """

    households: list[Subject]
    persons: dict[str, Subject]


Rows = dict[str, list[dict[str, Any]]]


def rows(record: Record, catalogue: Catalogue, *, source: str, true_on: dt.date, recorded_at: dt.datetime) -> Rows:
    """The record as rows of the graph: by node kind with `id`, by edge kind with `src` and `dst`.

    One statement holds what was told of one subject on one day (by one source, recorded at one time); each entry of a dated
    list is a statement of its own, but awards and recognitions are nodes. All ids follow from the record's. Terms set by
    hand are no part of the graph.

    Args:
        catalogue: tells the types of facts.
        source, recorded_at: of everything that does not name its own.
        true_on: the day of the question: what is told without a day, and the lists that are whole, hold on it.

    Raises:
        ValueError: something that the graph cannot hold: dates on a parent's edge, a consent that a household gave.
    """
    return _Writer(record, catalogue, source, true_on, recorded_at).write()


class _Writer:
    """Gathers the rows of one record; a row met twice is written once."""

    def __init__(self, record: Record, catalogue: Catalogue, source: str, true_on: dt.date, recorded_at: dt.datetime) -> None:
        self.record, self.catalogue = record, catalogue
        self.source, self.true_on, self.recorded_at = source, true_on, recorded_at
        self.nodes: dict[str, dict[str, dict[str, Any]]] = {}
        self.edges: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}

    def write(self) -> Rows:
        """All rows, nodes before edges."""
        for unit, subjects in (("Household", self.record.households), ("Person", list(self.record.persons.values()))):
            for subject in subjects:
                self._node(unit, subject.id)
                self._facts(unit, subject)
                self._entries(unit, subject)
                for place, consent in enumerate(subject.consents):
                    self._consent(unit, subject.id, place, consent)
        for household in self.record.households:
            self._region(household)
        for subject in (*self.record.households, *self.record.persons.values()):
            for name, links in subject.links.items():
                for link in links:
                    self._link(subject.id, name, link)
        found: Rows = {kind: list(rows.values()) for kind, rows in self.nodes.items()}
        return found | {kind: list(rows.values()) for kind, rows in self.edges.items()}

    def _node(self, kind: str, id_: str, **properties: object) -> dict[str, Any]:
        """The row of a node, made where it is not there yet."""
        row = self.nodes.setdefault(kind, {}).setdefault(id_, {"id": id_, "source": self.source})
        row.update({name: value for name, value in properties.items() if value is not None})
        return row

    def _edge(self, kind: str, src: str, dst: str, properties: dict[str, object] | None = None, **ends: str) -> None:
        """The row of an edge; the first one told stands."""
        told = {name: value for name, value in (properties or {}).items() if value is not None}
        self.edges.setdefault(kind, {}).setdefault((src, dst), {"src": src, "dst": dst, **ends, "source": self.source, **told})

    def _statement(self, unit: str, subject: str, told: Told) -> dict[str, Any]:
        """The row of the statement that something told belongs to."""
        day = told.on or self.true_on
        id_ = "/".join(part for part in (unit.lower(), subject, day.isoformat(), told.source, _stamp(told.recorded_at)) if part)
        row = self._node("Statement", id_, true_on=day, recorded_at=told.recorded_at or self.recorded_at, source=told.source)
        self._edge("ABOUT", id_, subject, dst_kind=unit)
        return row

    def _facts(self, unit: str, subject: Subject) -> None:
        """Statements on facts and whole lists."""
        statements: dict[tuple[object, ...], dict[str, Any]] = {}
        for name, tellings in subject.facts.items():
            for told in tellings:
                if told.value is not None:
                    which = (told.on, told.source, told.recorded_at)
                    if which not in statements:
                        statements[which] = self._statement(unit, subject.id, told)
                    statements[which].update(_property("fact", self.catalogue.facts[name], told.value))
        if subject.complete:
            self._statement(unit, subject.id, Told(None))["complete"] = sorted(subject.complete)

    def _entries(self, unit: str, subject: Subject) -> None:
        """Entries of dated lists."""
        for name, entries in subject.entries.items():
            for entry in entries:
                id_ = f"{unit.lower()}/{subject.id}/{name}/{entry.key}"
                if name in ("awards", "recognitions"):
                    kind, edge = ("Award", "RECEIVES") if name == "awards" else ("Recognition", "RECOGNISED_AS")
                    values = {f"{key}_fen" if key == "amount" else key: value for key, value in entry.fields.items()}
                    self._node(kind, id_, **values)
                    self._edge(edge, subject.id, id_, src_kind=unit)
                    continue
                fields = self.catalogue.facts[name].rows
                assert isinstance(fields, Mapping), name
                row = self._node("Statement", id_, true_on=self.true_on, recorded_at=self.recorded_at, list=name, key=entry.key)
                for key, value in entry.fields.items():
                    row.update(_property("fact", fields[key], value))
                self._edge("ABOUT", id_, subject.id, dst_kind=unit)

    def _consent(self, unit: str, subject: str, place: int, consent: Consent) -> None:
        """A consent and who gave it."""
        if unit != "Person":
            raise ValueError(f"{subject}: a consent is given by a person, not by a household")
        id_ = f"person/{subject}/consent/{place}"
        self._node(
            "Consent",
            id_,
            **{"scope": list(consent.scope), "purpose": consent.purpose, "recipient": consent.recipient},
            **{"from": consent.from_, "until": consent.until, "withdrawn": consent.withdrawn},
        )
        self._edge("GAVE", subject, id_)

    def _region(self, household: Subject) -> None:
        """Where the household was last said to live, with all regions above."""
        told = [one for one in household.facts.get("region", []) if one.value is not None]
        if not told:
            return
        code = str(max(reversed(told), key=lambda one: one.on or self.true_on).value)
        chain = [code, *ancestors(code)]
        for region, above in zip(chain, [*chain[1:], None], strict=True):
            self._node("Region", region, parent=above)
            if above:
                self._edge("PART_OF", region, above)
        self._edge("LIVES_IN", household.id, code)
        self._node("Household", household.id, lives_in=code)

    def _link(self, owner: str, name: str, link: Link) -> None:
        """An edge between two people, or between a person and a household."""
        facts = self.catalogue.facts[name].edge
        if name in ("parents", "children"):
            if link.from_ or link.until or any(value is not None for value in link.edge.values()):
                raise ValueError(f"{owner}: the edge to {link.person} in {name} has no dates and no facts")
            parent, child = (link.person, owner) if name == "parents" else (owner, link.person)
            self._edge("PARENT_OF", parent, child)
            return
        properties: dict[str, object] = {"from": link.from_, "until": link.until}
        for key, value in link.edge.items():
            properties |= {key: value} if key in ("kin", "duty") else _property("edge", facts[key], value)
        self._edge("MEMBER_OF" if name == "members" else "SUPPORTS", link.person, owner, properties)


def _property(prefix: str, fact: Fact, value: Value) -> dict[str, object]:
    """A value under the name and in the type that the graph holds it in."""
    if value is None:
        return {}
    if fact.type == "money":
        return {f"{prefix}_{fact.name}_fen": value}
    return {f"{prefix}_{fact.name}": float(value) if fact.type == "number" and not isinstance(value, str | dt.date) else value}


def _stamp(at: dt.datetime | None) -> str | None:
    """A time as part of an id."""
    return at.isoformat() if at else None
