"""A finished run read back: any column, row or compiled part of a rule as plain Python values.

In: a run and one of its worlds. Out: values, computed from the columns that the run left, many at once for each frame. Rows are
counted within the world's block.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from matcher.logic import OTHER, Number, Text
from matcher.scope import HOUSEHOLD
from matcher.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matcher.pipeline import Run
    from matcher.tree import Column, Hops, Spot


class Range(NamedTuple):
    """All numbers from lo to hi (money in fen); None is an open end."""

    lo: Fraction | None
    hi: Fraction | None


Plain = bool | Range | frozenset[str] | str | dt.date | None
"""A value: yes/no, a range, the texts still possible, a region or date; None = unknown."""
OPEN = Range(None, None)


def decided(value: Plain) -> bool:
    """Whether there is nothing left to learn about a value."""
    if isinstance(value, Range):
        return value.lo is not None and (value.lo is value.hi or value.lo == value.hi)
    return len(value) == 1 if isinstance(value, frozenset) else value is not None


class Readback:
    """Reads one world of a run."""

    def __init__(self, run: Run, world: int | None = None) -> None:
        self.run, self.world = run, run.best if world is None else world
        self.catalogue = run.program.catalogue
        self.tree = tree_of(run.program)
        self._columns: dict[tuple[str, str], list[object]] = {}
        self._hops: dict[tuple[str, str], tuple[str, list[int | None]]] = {}
        self._values: dict[Spot, list[Plain]] = {}
        self._undecided: dict[Spot, list[bool]] = {}

    # --- rows and columns -----------------------------------------------------------------------------------------
    def height(self, frame: str) -> int:
        """The world's rows of a frame."""
        return self.run.frames.height(frame) // len(self.run.worlds)

    def column(self, frame: str, name: str) -> list[object]:
        """The world's part of a column that the run left."""
        found = self._columns.get((frame, name))
        if found is None:
            size = self.height(frame)
            found = self._columns[frame, name] = self.run.frames.told(frame, name)[self.world * size : (self.world + 1) * size]
        return found

    def has(self, frame: str, name: str) -> bool:
        """Whether the run left such a column."""
        return name in self.run.frames.live[frame]

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

    def undecided(self, spot: Spot, row: int) -> bool:
        """Whether there is something left to learn about a value that was fetched, or that the plan left out."""
        found = self._undecided.get(spot)
        if found is None:
            if spot.value is None:
                return True
            found = self._undecided[spot] = [not decided(value) for value in self._values[spot]]
        return found[row]

    def _fetch(self, frame: str, spots: list[Spot]) -> None:
        height = self.height(frame)
        missing = [column for spot in spots for column in spot.columns if column.name is None and not column.same]
        values = (
            self.run.frames.live[frame].worked_out(missing, self.world * height, (self.world + 1) * height) if missing and height else []
        )
        made = {id(column): found for column, found in zip(missing, values, strict=False)}

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
            sets = [frozenset(name for name, may in zip(value.may, each, strict=True) if may) for each in zip(*columns, strict=True)]
            return [None if OTHER in each else each for each in sets]
        unknown = frozenset(value.values) if value.values else None
        return [unknown if each is None else frozenset((str(each),)) for each in columns[0]]
    return [each if isinstance(each, bool | str | dt.date) else None for each in columns[0]]


def _fractions(top: list[object], bottom: int | list[object], height: int) -> list[Fraction | None]:
    """One end of a range on every row."""
    bottoms = [bottom] * height if isinstance(bottom, int) else bottom
    return [_fraction(n, d) if isinstance(n, int) and isinstance(d, int) and d else None for n, d in zip(top, bottoms, strict=True)]


@lru_cache(maxsize=50_000)
def _fraction(top: int, bottom: int) -> Fraction:
    """The same few amounts come again and again, and a fraction takes long to make."""
    return Fraction(top, bottom)
