"""What a changed fact changes: the plan carried out on the registers that differ, for many changes of one household at once.

Comes in: a household's base frames, and changes, each some registers with other values. Goes out: verdicts under each change.
A changed fact reaches a small part of the plan and often stops soon (an income a yuan higher is still above the line), so only what
differs is worked out, and only what leads to the verdicts asked for. Source: docs/adr/0009.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher.few import FewPlan, FewTable
from matcher.frames import Frames, copies
from matcher.ripple_build import built
from matcher.ripple_ops import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matcher.few import Rows
    from matcher.ledger import Ledger
    from matcher.program import Program
    from matcher.ripple_build import Spot, Wiring

Put = tuple[str, int, str, Any]
"""(frame, row, column, value in a register)."""


class Still:
    """A household as it stands: every register of a finished run."""

    def __init__(self, frames: Frames, scratch: dict[str, Any], wiring: Wiring) -> None:
        self.frames, self.scratch, self.wiring = frames, scratch, wiring
        self.rows: dict[str, Rows] = {name: table.rows for name, table in frames.live.items()}  # type: ignore[attr-defined]
        self._back: dict[tuple[str, str], dict[int, list[int]]] = {}
        self._owners: dict[str, list[int]] = {}
        self._ledger: Ledger | None = None

    def back(self, frame: str, hop: str) -> dict[int, list[int]]:
        """The rows of a frame that lead to each row along a hop."""
        if (frame, hop) not in self._back:
            found: dict[int, list[int]] = {}
            for row, to in enumerate(self.frames.hops[(frame, hop)][1].to_list()):
                if to is not None:
                    found.setdefault(to, []).append(row)
            self._back[(frame, hop)] = found
        return self._back[(frame, hop)]

    def owners(self, frame: str) -> list[int]:
        """The owner of each entry of a list."""
        if frame not in self._owners:
            starts, ends = (ends.tolist() for ends in self.frames.spans[frame])
            self._owners[frame] = [owner for owner, (a, b) in enumerate(zip(starts, ends, strict=True)) for _ in range(a, b)]
        return self._owners[frame]

    def ledger(self) -> Ledger:
        """What was paid and what is left, in which single turns can be taken once more."""
        if self._ledger is None:
            self._ledger = self.scratch["ledger"].of_any_numbers()
        return self._ledger.again()

    def says(self, unit: str, row: int, column: str) -> bool:
        """Whether a yes/no is yes; no where there is no such column."""
        return column in self.frames.live[unit] and bool(self.frames.live[unit].flags(column)[row] == 1)


class Ripple:
    """A program made ready for changes: its operations with what each reads and fills, found at the first household."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._few = FewPlan(program.plan.groups(), program.plan.base, whole=True)
        self._wiring: Wiring | None = None
        self._building = threading.Lock()

    def still(self, base: Frames) -> Still:
        """Run a household as it stands."""
        frames = copies(base, 1)
        scratch = self._few.run(frames)
        with self._building:
            if self._wiring is None:
                self._wiring = built(self._few, self.program)
        return Still(frames, scratch, self._wiring)


class Wave:
    """Some changes of one household, worked out side by side."""

    def __init__(self, still: Still, changes: Sequence[Iterable[Put]], asked: Sequence[Sequence[Spot]] | None) -> None:
        """asked: for each change the verdicts that are asked for; None: all of them and every payment."""
        self.still, wiring = still, still.wiring
        self.wanted_by = [wiring.everything] * len(changes) if asked is None else [wiring.wanted(spots) for spots in asked]
        # place -> row -> change -> value, where it is not that of the household as it stands
        self.changed: dict[int, dict[int, dict[int, Any]]] = {}
        self._settled: dict[int, dict[int, dict[int, Any]]] = {}
        self.pays: set[int] = set()
        self.paying: Frames | None = None
        self.scratch: dict[str, Any] = {}
        self._due = bytearray(len(wiring.ops))
        self._want(range(len(changes)), paid=asked is None)
        self._change(changes)
        self._spread()
        if asked is not None:
            again = [n for n in sorted(self.pays) if any(self.verdict(n, *spot) != -1 for spot in asked[n] if self._paid(spot))]
            if again:  # go on with payments, which are dear
                self._leave_out_all_but(set(again))
                self._want(again, paid=True)
                self._spread()

    def _paid(self, spot: Spot) -> bool:
        """Whether a verdict hangs on what is paid or left."""
        return bool(self.still.wiring.bits[spot[2]] & self.still.wiring.paid)

    def verdict(self, change: int, unit: str, row: int, policy: str) -> int:
        """1 yes, -1 no, 0 unknown."""
        at, place = self.still.wiring.verdicts[unit, policy]
        for found in (self.changed, self._settled):
            held = found.get(place, NOTHING).get(row, NOTHING)
            if change in held:
                return int(held[change])
        verdict: int = self.still.rows[unit][row][at]
        return verdict

    def _want(self, numbers: Sequence[int], *, paid: bool) -> None:
        """From here on what some changes ask for. paid: with payments."""
        self.wanted = 0
        for number in numbers:
            self.wanted |= self.wanted_by[number]
        if paid:
            self.paying = self.view(numbers)
            for n in self.still.wiring.ledger:
                if self.still.wiring.ops[n].leads_to & self.wanted:
                    self._due[n] = 1

    def _change(self, changes: Sequence[Iterable[Put]]) -> None:
        """The registers that the changes are about."""
        wiring = self.still.wiring
        first: dict[tuple[int, int], dict[int, Any]] = {}
        for number, puts in enumerate(changes):
            for frame, row, column, value in puts:
                at = wiring.register(frame, column)
                if at is not None and self.still.rows[frame][row][at] != value:
                    first.setdefault((wiring.places[frame, at], row), {})[number] = value
        for (place, row), values in first.items():
            self.put(place, row, values)

    def _spread(self) -> None:
        """Carry out what is due, and what is due because of that."""
        ops, due = self.still.wiring.ops, self._due
        n = due.find(1)
        while n >= 0:
            due[n] = 0
            ops[n].spread(self)
            n = due.find(1, n + 1)

    def _leave_out_all_but(self, again: set[int]) -> None:
        """The other changes are settled; only their verdicts are kept."""
        for _, place in self.still.wiring.verdicts.values():
            rows = self.changed.get(place, NOTHING)
            self._settled[place] = {row: {p: v for p, v in values.items() if p not in again} for row, values in rows.items()}
        for rows in self.changed.values():
            for row, values in rows.items():
                rows[row] = {p: v for p, v in values.items() if p in again}

    def put(self, place: int, row: int, values: dict[int, Any]) -> None:
        """Registers that differ, and what reads them."""
        self.changed.setdefault(place, {})[row] = values
        for reader, leads_to in self.still.wiring.told[place]:
            if leads_to & self.wanted:
                self._due[reader] = 1

    def view(self, numbers: Iterable[int]) -> Frames:
        """The frames as actions see them: a block for each of some changes."""
        blocks = list(numbers)
        still = self.still.frames
        frames = copies(Frames({}, still.hops, still.spans, still.questions, still.live), len(blocks))
        for name, table in still.live.items():
            frames.live[name] = Blocks(self, name, [(r, p) for p in blocks for r in range(table.height)])
        return frames

    def picked(self, frame: str, pairs: list[tuple[int, int]]) -> Blocks:
        """Some rows under some changes, (row, change) each."""
        return Blocks(self, frame, pairs)


class Blocks(FewTable):
    """Rows of a frame under changes, (row, change) each: what an action reads, and where it writes."""

    __slots__ = ("_frame", "_pairs", "_still", "_wave", "_where")

    def __init__(self, wave: Wave, frame: str, pairs: list[tuple[int, int]]) -> None:
        self._wave, self._frame, self._pairs, self._still = wave, frame, pairs, wave.still.frames.live[frame]
        self._where: Mapping[tuple[int, int], int] = {pair: n for n, pair in enumerate(pairs)}
        self.height, self.columns, self._flags = len(pairs), {}, {}
        self.sheet = self._still.sheet  # type: ignore[attr-defined]

    def __contains__(self, name: str) -> bool:
        return name in self._still

    def series(self, name: str) -> pl.Series:
        if name not in self.columns and name not in self.sheet.columns:  # one that nothing can change
            told = self._still.series(name)
            values = told.to_list()
            self.columns[name] = pl.Series(name, [values[r] for r, _ in self._pairs], dtype=told.dtype)
        return super().series(name)

    def values(self, name: str) -> list[Any]:
        at = self.sheet.columns[name]
        rows = self._wave.still.rows[self._frame]
        found = [rows[r][at] for r, _ in self._pairs]
        for r, values in self._wave.changed.get(self._wave.still.wiring.places.get((self._frame, at), -1), {}).items():
            for p, value in values.items():
                n = self._where.get((r, p))
                if n is not None:
                    found[n] = value
        return found

    def fill(self, name: str, kind: str, values: Iterable[Any]) -> None:
        at = self.sheet.column(name, kind)
        rows = self._wave.still.rows[self._frame]
        found: dict[int, dict[int, Any]] = {r: {} for r, _ in self._pairs}
        for (r, p), value in zip(self._pairs, values, strict=True):
            if value != rows[r][at]:
                found[r][p] = value
        place = self._wave.still.wiring.places[self._frame, at]
        before = self._wave.changed.get(place, NOTHING)
        for r, own in found.items():
            if own or r in before:
                self._wave.put(place, r, {**{p: v for p, v in before.get(r, NOTHING).items() if (r, p) not in self._where}, **own})
