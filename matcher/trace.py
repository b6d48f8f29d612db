"""A finished run read back: the value of any part of a rule on any row of one world, and what lies below it.

In: a run. Out: plain Python values, computed from the columns that the run left, many at once for each frame. Rows are
counted within the world's block. What a part rests on is walked in the way the language decides it: the term's version that
holds at the place, the entries that may be in, the tiers that can still be the first.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from matcher.catalogue import Clause
from matcher.language import FactRef, ListCall, Read, TermRef, Tiers
from matcher.logic import Number, Text
from matcher.scope import HOUSEHOLD, PERSON
from matcher.tree import Spot, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matcher.catalogue import Group, PolicyVersion, TermVersion
    from matcher.pipeline import Run
    from matcher.tree import Column, Hops


class Range(NamedTuple):
    """All numbers from lo to hi (money in fen); None is an open end."""

    lo: Fraction | None
    hi: Fraction | None


Plain = bool | Range | frozenset[str] | str | dt.date | None
"""A value: yes/no, a range, the texts still possible, a region or date; None = unknown."""
OPEN = Range(None, None)


class Part(NamedTuple):
    """A spot on a row; it counts unless the yes/no `unless` (on the same row) is a no."""

    spot: Spot
    row: int
    unless: Spot | None = None


def decided(value: Plain) -> bool:
    """Whether there is nothing left to learn about a value."""
    if isinstance(value, Range):
        return value.lo is not None and value.lo == value.hi
    return len(value) == 1 if isinstance(value, frozenset) else value is not None


def three(op: str, parts: list[bool | None]) -> bool | None:
    """all, any or not of yes, no and unknown."""
    if op == "not":
        return None if parts[0] is None else not parts[0]
    settles = op == "any"
    return settles if settles in parts else None if None in parts else not settles


class Tracer:
    """Reads one world of a run."""

    def __init__(self, run: Run, world: int | None = None) -> None:
        self.run, self.world = run, run.best if world is None else world
        self.catalogue = run.program.catalogue
        self.tree = tree_of(run.program)
        self._names: dict[str, set[str]] = {}
        self._columns: dict[tuple[str, str], list[object]] = {}
        self._hops: dict[tuple[str, str], tuple[str, list[int | None]]] = {}
        self._values: dict[Spot, list[Plain]] = {}

    # --- rows and columns -----------------------------------------------------------------------------------------
    def height(self, frame: str) -> int:
        """The world's rows of a frame."""
        return self.run.frames.height(frame) // len(self.run.worlds)

    def series(self, frame: str, name: str) -> pl.Series:
        """The world's part of a column that the run left."""
        size = self.height(frame)
        return self.run.frames.tables[frame].get_column(name).slice(self.world * size, size)

    def column(self, frame: str, name: str) -> list[object]:
        """The same as plain values."""
        found = self._columns.get((frame, name))
        if found is None:
            found = self._columns[frame, name] = self.series(frame, name).to_list()
        return found

    def has(self, frame: str, name: str) -> bool:
        """Whether the run left such a column."""
        if frame not in self._names:
            self._names[frame] = set(self.run.frames.tables[frame].columns)
        return name in self._names[frame]

    def cell(self, frame: str, name: str, row: int) -> object:
        """One value of it."""
        return self.column(frame, name)[row]

    def hop(self, frame: str, hop: str, row: int | None) -> tuple[str, int | None]:
        """The frame and row that a hop leads to; no row where there is none."""
        if (frame, hop) not in self._hops:
            target, rows = self.run.frames.hops[frame, hop]
            size, to = len(rows) // len(self.run.worlds), self.height(target)
            numbers = rows.slice(self.world * size, size).to_list()
            self._hops[frame, hop] = target, [None if n is None else n - self.world * to for n in numbers]
        target, numbers = self._hops[frame, hop]
        return target, None if row is None else numbers[row]

    def at(self, frame: str, hops: Hops, row: int | None) -> int | None:
        """The row that several hops lead to."""
        for each in hops:
            frame, row = self.hop(frame, each, row)
        return row

    def ego(self, frame: str, row: int) -> int:
        """The row of the question's household."""
        found = row if frame == HOUSEHOLD else self.hop(frame, "ego", row)[1]
        assert found is not None
        return self.hop(HOUSEHOLD, "ego", found)[1] or 0

    def id(self, unit: str, row: int | None) -> str | None:
        """Whose row it is."""
        return None if row is None else str(self.cell(unit, "id", row))

    # --- values ---------------------------------------------------------------------------------------------------
    def fetch(self, spots: Iterable[Spot]) -> None:
        """Have the values of many spots ready, with one pass over each frame."""
        wanted: dict[str, dict[Spot, None]] = {}
        for spot in spots:
            if spot not in self._values and spot.value is not None:
                wanted.setdefault(spot.frame, {})[spot] = None
        for frame, fresh in wanted.items():
            self._fetch(frame, list(fresh))

    def ready(self, spot: Spot) -> bool:
        """Whether a value need not be computed any more."""
        return spot.value is None or spot.in_columns or spot in self._values

    def _fetch(self, frame: str, spots: list[Spot]) -> None:
        height = self.height(frame)
        missing = [column for spot in spots for column in spot.columns if column.name is None and not column.same]
        made: dict[int, list[object]] = {}
        if missing and height:
            names = {id(column): str(n) for n, column in enumerate(missing)}
            roots = dict.fromkeys(root for column in missing for root in column.roots)
            # Columns taken one by one: polars 2.1 compares a literal with a column that it holds as a scalar into one row.
            table = pl.DataFrame([self.series(frame, root) for root in roots])
            found = table.select(column.e.alias(names[id(column)]) for column in missing)
            made = {id(column): found.get_column(names[id(column)]).to_list() for column in missing}

        def held(column: Column) -> list[object]:
            if column.same:
                return [column.constant] * height
            return made.get(id(column), []) if column.name is None else self.column(frame, column.name)

        for spot in spots:
            self._values[spot] = _plain(spot, [held(column) for column in spot.columns], height)

    def value(self, spot: Spot, row: int | None) -> Plain:
        """The value of a spot on a row; unknown on no row and for what the plan left out."""
        if spot not in self._values:
            self.fetch(spot.around)
        values = self._values.get(spot)
        if row is None or values is None:
            return OPEN if spot.node.kind in ("number", "money") else None
        return values[row]

    # --- policies -------------------------------------------------------------------------------------------------
    def version(self, policy: str, frame: str, row: int) -> int | None:
        """Which of the versions in force on the day holds for a row; None if none does."""
        versions = self.run.program.policies[policy]
        if not versions:
            return None
        if len(versions) == 1 and "" in versions[0].regions:
            return 0
        number = self.cell(HOUSEHOLD, f"pv:{policy}@{self.tree.places[policy]}", self.ego(frame, row))
        return number if isinstance(number, int) else None

    def clause(self, version: PolicyVersion, clause: Clause) -> Spot:
        """The spot of a clause's condition."""
        return self.tree.spot(self.tree.policy(version.unit, version.id), clause.when.node)

    def requires(self, version: PolicyVersion, number: int, row: int) -> dict[int, bool | None]:
        """Each clause and group of `requires`, by its identity: met, failed or unknown."""
        results: dict[int, bool | None] = {}
        left = iter(range(len(version.clauses)))

        def look(part: Group | Clause) -> bool | None:
            if isinstance(part, Clause):
                found = self.cell(version.unit, f"c:{version.id}:{number}:{next(left)}", row)
                results[id(part)] = found if isinstance(found, bool) else None
            else:
                inner = [look(each) for each in part.of]
                results[id(part)] = three(part.op, inner)
            return results[id(part)]

        look(version.requires)
        return results

    # --- what lies below ------------------------------------------------------------------------------------------
    def below(self, spot: Spot, row: int) -> Iterator[Part]:
        """What a value rests on, one step down; nothing below a fact, a standard without keys, a recognition."""
        node = spot.node
        if isinstance(node, TermRef):
            found = self.term(spot, row)
            if found is not None:
                yield Part(found[1], found[2])
        elif isinstance(node, ListCall):
            yield from self._entries(spot, row)
        elif isinstance(node, Tiers):
            yield from self._tiers(spot, row)
        elif isinstance(node, Read):
            yield from self._read(spot, row)
        elif not isinstance(node, FactRef):
            yield from (Part(each, row) for each in spot.here)

    def term(self, spot: Spot, row: int) -> tuple[TermVersion, Spot, int] | None:
        """The version of a term that holds, and the row it is evaluated on; None where none holds or it was set by hand."""
        assert isinstance(spot.node, TermRef)
        term = spot.term
        at = self.at(spot.frame, term.hops, row)
        if at is None or not term.versions:
            return None
        if spot.node.name in self.tree.set_terms and self.cell(term.frame, f"set:{spot.node.name}", at) is not None:
            return None
        number: object = 0
        if term.by_place is not None:
            number = self.cell(HOUSEHOLD, term.by_place, self.ego(term.frame, at))
        return (*term.versions[number], at) if isinstance(number, int) else None

    def owner(self, spot: Spot, row: int) -> int | None:
        """The row of a list's owner."""
        return self.at(spot.frame, spot.list.hops, row)

    def entries(self, spot: Spot, row: int) -> list[int]:
        """The rows of a list's entries."""
        at = self.at(spot.frame, spot.list.span_hops, row)
        frame = spot.list.frame
        if at is None:
            return []
        starts, ends = self.run.frames.spans[frame]
        size, to = len(starts) // len(self.run.worlds), self.height(frame)
        at += self.world * size
        return [n - self.world * to for n in range(int(starts[at]), int(ends[at]))]

    def whole(self, unit: str, name: str, row: int | None) -> bool:
        """Whether a list is whole."""
        column = f"whole:{name}"
        return row is not None and self.has(unit, column) and bool(self.cell(unit, column, row))

    def entry_owner(self, spot: Spot, entry: int) -> tuple[str, str | None]:
        """Whose entry it is: (person, id), or (the owner's unit, the owner's id) for a dated one."""
        found = spot.list
        if found.entry:
            return PERSON, self.id(PERSON, self.at(found.frame, found.entry, entry))
        return found.owner, self.id(found.owner, self.at(found.frame, (*found.fields, "owner"), entry))

    def _entries(self, spot: Spot, row: int) -> Iterator[Part]:
        for entry in self.entries(spot, row):
            if spot.list.where is not None:
                yield Part(spot.list.where, entry)
            if spot.list.body is not None:
                yield Part(spot.list.body, entry, spot.list.where)
        yield from (Part(each, row) for each in spot.here)

    def _tiers(self, spot: Spot, row: int) -> Iterator[Part]:
        assert isinstance(spot.node, Tiers)
        parts = list(spot.here)
        for _ in spot.node.cases:
            when, result = parts.pop(0), parts.pop(0)
            holds = self.value(when, row)
            yield Part(when, row)
            if holds is not False:
                yield Part(result, row)
            if holds:
                return
        yield from (Part(each, row) for each in parts)

    def _read(self, spot: Spot, row: int) -> Iterator[Part]:
        """Behind money granted or a need's rest: the needs, and the amounts of items whose turn came before."""
        assert isinstance(spot.node, Read)
        read, target, program = spot.node.read, spot.node.target, self.run.program
        if read not in ("granted", "left") or spot.scope.stage is None:
            return
        policies = [target]
        if read == "left":
            need = self.catalogue.needs[target]
            policies = [p for p, turn in program.turns.items() if target in dict(turn.covers)]
            for expression in (need.when, need.amount):
                if expression is not None:
                    found = self.tree.spot(self.tree.need(need), expression.node)
                    yield from (Part(found, at) for at in self.subjects(need.unit))
        turn = program.order.index(spot.scope.stage)
        for policy in policies:
            if program.order.index(policy) < turn:
                yield from self.amounts(policy)

    def may_be_in(self, part: Part) -> bool:
        """Whether a part counts: it does not stand in an entry that surely is not in."""
        return part.unless is None or self.value(part.unless, part.row) is not False

    def amounts(self, policy: str, row: int | None = None) -> Iterator[Part]:
        """What says how much an item pays, on one row or on all where it may be paid."""
        unit = self.catalogue.policies[policy][0].unit
        for at in self.subjects(unit) if row is None else [row]:
            number = self.version(policy, unit, at)
            benefit = None if number is None else self.run.program.policies[policy][number].benefit
            if benefit is None or (row is None and self.cell(unit, f"v:{policy}", at) is False):
                continue
            for each in (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap, benefit.hours, benefit.shared):
                if each is not None:
                    on_members = each is benefit.shared and unit == HOUSEHOLD
                    found = self.tree.spot(self.tree.policy(PERSON if on_members else unit, policy), each.node)
                    yield from (Part(found, one) for one in (self.subjects(PERSON) if on_members else [at]))

    def subjects(self, unit: str) -> list[int]:
        """The rows of the question's household, or of its members."""
        return [row for row, inside in enumerate(self.column(unit, "inside")) if inside]


def _plain(spot: Spot, columns: list[list[object]], height: int) -> list[Plain]:
    """The plain values of a spot from its columns."""
    value = spot.value
    if isinstance(value, Number):
        ends = [value.lo] if value.single else [value.lo, value.hi]
        rest = iter(columns)
        made = [_fractions(next(rest), end.d if isinstance(end.d, int) else next(rest), height) for end in ends]
        return [Range(lo, hi) for lo, hi in zip(made[0], made[-1], strict=True)]
    if isinstance(value, Text):
        if value.known is None:
            assert value.may is not None
            return [frozenset(name for name, may in zip(value.may, each, strict=True) if may) for each in zip(*columns, strict=True)]
        unknown = frozenset(value.values) if value.values else None
        return [unknown if each is None else frozenset((str(each),)) for each in columns[0]]
    return [each if isinstance(each, bool | str | dt.date) else None for each in columns[0]]


def _fractions(top: list[object], bottom: int | list[object], height: int) -> list[Fraction | None]:
    """One end of a range on every row."""
    bottoms = [bottom] * height if isinstance(bottom, int) else bottom
    return [Fraction(n, d) if isinstance(n, int) and isinstance(d, int) and d else None for n, d in zip(top, bottoms, strict=True)]
