"""Two tellings of the same households, one of which says less: how to make them, and what the engine says of each.

Shared by the properties on random catalogues and by those on many households of the shipped one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matcher.choices import World
from matcher.ledger import OPEN
from matcher.pipeline import Question, run_worlds
from matcher.records import Entry, Record, Subject
from seeds.synthetic_tables import tables_of_records

if TYPE_CHECKING:
    import datetime as dt
    import random
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from matcher.catalogue import Catalogue
    from matcher.frames import Frames
    from matcher.ledger import Ledger
    from matcher.pipeline import Engine
    from matcher.program import Program
    from matcher.stored import Tables

PLACES = ("region", "registered_in", "event_in", "school_in")
"""Facts that are never blanked: without them another place's rules would hold."""
RELATIVES = {"parents": "children", "children": "parents"}
WORLDS = [World(confirmed=False), World(confirmed=True)]
Verdict = bool | None
Money = tuple[int, int]


# --- telling less -------------------------------------------------------------------------------------------------------
def copied(record: Record) -> Record:
    """The same record, to be changed."""
    return Record([_copied(one) for one in record.households], {id_: _copied(one) for id_, one in record.persons.items()})


def _copied(subject: Subject) -> Subject:
    return replace(
        subject,
        facts=dict(subject.facts),
        entries={name: [Entry(one.key, dict(one.fields)) for one in entries] for name, entries in subject.entries.items()},
        links={name: [replace(one) for one in links] for name, links in subject.links.items()},
        complete=set(subject.complete),
    )


def blanked(rng: random.Random, record: Record, *, often: float) -> Record:
    """The record with facts, fields, entries, lists and consents taken away; a list that lost something is not whole any more."""
    less = copied(record)
    for subject in (*less.households, *less.persons.values()):
        for name in sorted(subject.facts):
            if name not in PLACES and rng.random() < often:
                del subject.facts[name]
        for name, person in _blank_lists(rng, subject, often):
            if name in RELATIVES and person in less.persons:  # one edge holds both
                _open(less.persons[person], RELATIVES[name])
        subject.consents = [one for one in subject.consents if rng.random() >= often]
    return less


def _blank_lists(rng: random.Random, subject: Subject, often: float) -> list[tuple[str, str]]:
    """Take entries and links away; returns (list, person) of the links that are gone."""
    gone: list[tuple[str, str]] = []
    for name, entries in subject.entries.items():
        if rng.random() < often:
            _open(subject, name)
            subject.entries[name] = [one for one in entries if rng.random() < 0.5]
        elif name not in ("awards", "recognitions"):
            for one in entries:
                one.fields = {key: value for key, value in one.fields.items() if rng.random() >= often}
    for name, links in subject.links.items():
        if rng.random() < often / 2:
            _open(subject, name)
            if name != "members":
                subject.links[name] = [one for one in links if rng.random() < 0.5]
                kept = {one.person for one in subject.links[name]}
                gone += [(name, one.person) for one in links if one.person not in kept]
    return gone


def _open(subject: Subject, name: str) -> None:
    subject.complete = {one for one in subject.complete if one.split("/")[0] != name}


def renamed(record: Record, prefix: str) -> Record:
    """The same telling under other ids, so that both can stand in one run."""
    other = copied(record)
    for subject in (*other.households, *other.persons.values()):
        subject.id = prefix + subject.id
        for links in subject.links.values():
            for link in links:
                link.person = prefix + link.person
    other.persons = {prefix + id_: one for id_, one in other.persons.items()}
    return other


# --- what the engine says -----------------------------------------------------------------------------------------------
def table_of(frames: Frames, unit: str) -> pl.DataFrame:
    """All rows of a unit after a run, with every column."""
    return frames.whole(unit)


class Told:
    """What the engine says of one telling, in both worlds, with nothing given up; `prefix` tells its rows in the run."""

    def __init__(self, catalogue: Catalogue, frames: Frames, ledger: Ledger, prefix: str = "") -> None:
        self.catalogue, self.frames, self.ledger, self.prefix = catalogue, frames, ledger, prefix
        self._rows = {unit: list(self._own_rows(unit)) for unit in ("household", "person")}

    def _own_rows(self, unit: str) -> Iterator[tuple[int, int, str]]:
        """(world, row, id) of everybody who is asked about."""
        table = table_of(self.frames, unit)
        size = table.height // len(WORLDS)
        for row, (who, inside) in enumerate(table.select("id", "inside").iter_rows()):
            if inside and who.startswith(self.prefix):
                yield row // size, row, who.removeprefix(self.prefix)

    def items(self) -> Iterator[tuple[tuple[Any, ...], Verdict, Verdict, int, Money | None]]:
        """(world, policy, who), verdict, received, how many awards of it are in force on file, shown amount."""
        for policy, versions in self.catalogue.policies.items():
            unit = versions[0].unit
            verdicts, has = self.frames.column(unit, f"v:{policy}").to_list(), self.ledger.has[policy].tolist()
            awards, paid = self.ledger.awards(unit, policy, self.frames)["sure"].tolist(), self.ledger.paid.get(policy)
            ends = None if paid is None else (paid.lo.tolist(), paid.hi.tolist())
            for block, at, who in self._rows[unit]:
                money = None if ends is None else (ends[0][at], ends[1][at])
                yield (block, policy, who), verdicts[at], None if has[at] < 0 else has[at] == 1, awards[at], money

    def needs(self) -> Iterator[tuple[tuple[Any, ...], Money, Money]]:
        """(world, need, who), what there is before anything is paid, what is left."""
        for need in self.catalogue.needs.values():
            left, opened = self.ledger.left[need.id], self.ledger.after[(need.id, None)]
            columns = [column.tolist() for column in (opened.lo, opened.hi, left.lo, left.hi)]
            for block, at, who in self._rows[need.unit]:
                first, second, third, fourth = (column[at] for column in columns)
                yield (block, need.id, who), (first, second), (third, fourth)


def run_of(engine: Engine, tables: Tables, ids: Sequence[str], day: dt.date, program: Program) -> tuple[Frames, Ledger]:
    """These households in one run, in the world of the file and in the one where what is found counts."""
    base = engine.frames(tables, ids, Question(ids[0], day), program)
    frames, scratch = run_worlds(program, base, WORLDS)
    return frames, scratch["ledger"]


def told(engine: Engine, tellings: Mapping[str, Sequence[Record]], day: dt.date, program: Program) -> list[Told]:
    """What the engine says of some tellings, by the prefix of their ids, all in one run."""
    named = [renamed(record, prefix) for prefix, records in tellings.items() for record in records]
    tables = tables_of_records(named, engine.catalogue, day)
    frames, ledger = run_of(engine, tables, [one.households[0].id for one in named], day, program)
    return [Told(engine.catalogue, frames, ledger, prefix) for prefix in tellings]


def contradictions(less: Told, full: Told) -> Iterator[str]:
    """Where the fuller telling leaves what the shorter one allowed.

    The amount that is shown is that of the awards on file, or the one due if there are none (note 22): with other awards it is another.
    """
    known = {key: (verdict, awards, paid) for key, verdict, _, awards, paid in full.items()}
    for key, verdict, _, awards, paid in less.items():
        if key not in known:
            continue
        later, later_awards, later_paid = known[key]
        if verdict is not None and later is not verdict:
            yield f"{key}: said {verdict}, then {later}"
        if paid and later_paid and awards == later_awards and not _inside(later_paid, paid):
            yield f"{key}: said {paid}, then {later_paid}"
    needs = {key: (opened, left) for key, opened, left in full.needs()}
    for key, opened, left in less.needs():
        if key in needs and not (_inside(needs[key][0], opened) and _inside(needs[key][1], left)):
            yield f"{key}: said {opened} {left}, then {needs[key]}"


def _inside(inner: Money, outer: Money) -> bool:
    return outer[0] <= inner[0] and (outer[1] >= OPEN or inner[1] <= outer[1])
