"""One number moved: what every verdict is at a distance, and in which stretch of distances around it nothing about it turns.

Comes in: a household as it stands and a cell. Goes out: for each verdict its value at a distance with its stretch, so that a search
goes from stretch to stretch and tries no value twice. Like a Wave, only what differs is worked out; values are Moving numbers, which
are the same all along their stretch, so that from one distance to the next only what has come to its end is worked out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.few import FewTable
from matcher.frames import Array, Frames
from matcher.moving import FAR, Moving, Trace
from matcher.ripple_ops import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matcher.ripple import Still
    from matcher.ripple_ops import Act, Held
    from matcher.variants import Cell

NEVER = (FAR, -FAR)
"""No distance at all."""


class Walk:
    """Looks at one cell of a household at one distance after the other; distances are smallest steps, below 0 downwards."""

    def __init__(self, still: Still, cell: Cell, *, loose: bool = False) -> None:
        """loose: as of a Trace."""
        self.still, self.cell = still, cell
        self.trace = Trace(loose=loose)
        self.wanted = self._known = 0
        self.changed: dict[int, dict[int, Held]] = {}
        self._stretches: dict[int, tuple[int, int]] = {}
        self._due = bytearray(len(self.still.wiring.ops))
        self._low, self._high = -FAR, FAR
        self._paying: tuple[Frames, dict[str, Any]] | None = None
        moved = Moving(self.trace, self.cell.value, 1, {})
        for column in (self.cell.column, f"{self.cell.column}:lo", f"{self.cell.column}:hi"):
            at = self.still.wiring.register(self.cell.frame, column)
            if at is not None:
                self.keep(self.still.wiring.places[self.cell.frame, at], self.cell.row, (moved, -FAR, FAR))

    def look(self, distance: int, wanted: int) -> None:
        """Work out the verdicts that are wanted (bits) at a distance."""
        self.trace.at, self.wanted = distance, wanted
        ops, due = self.still.wiring.ops, self._due
        for n, (low, high) in self._stretches.items():
            if not low <= distance <= high and ops[n].leads_to & wanted:
                due[n] = 1
        if wanted & ~self._known:
            self._known |= wanted
            for place in self.changed:
                self._tell(place)
        n = due.find(1)
        while n >= 0:
            due[n] = 0
            self._low, self._high = -FAR, FAR
            ops[n].follow(self)
            self._stretches[n] = self._low, self._high
            n = due.find(1, n + 1)

    def verdict(self, unit: str, row: int, policy: str) -> Held:
        """1 yes, -1 no, 0 unknown, and the stretch in which it is that."""
        at, place = self.still.wiring.verdicts[unit, policy]
        return self.changed.get(place, {}).get(row) or (self.still.rows[unit][row][at], -FAR, FAR)

    def put(self, place: int, row: int, was: Any, value: Any, low: int, high: int) -> None:
        """What a register holds; nothing if it is what it was at every distance."""
        if low > -FAR or high < FAR or type(value) is Moving or value != was or row in self.changed.get(place, NOTHING):
            self.keep(place, row, (value, low, high))

    def keep(self, place: int, row: int, held: Held) -> None:
        """A register that differs, and what reads it."""
        rows = self.changed.get(place)
        if rows is None:
            rows = self.changed[place] = {}
        rows[row] = held
        _, low, high = held
        if low > self._low:
            self._low = low
        if high < self._high:
            self._high = high
        self._tell(place)

    def _tell(self, place: int) -> None:
        """What reads a place is due, unless what it says holds at this distance too."""
        wiring, at, wanted, stretches, due = self.still.wiring, self.trace.at, self.wanted, self._stretches, self._due
        for reader, leads_to in wiring.told[place]:
            if leads_to & wanted and not due[reader]:
                low, high = stretches.get(reader, NEVER)
                if not low <= at <= high:
                    due[reader] = 1

    def pay(self, act: Act) -> None:
        """An action on payments, from what those before it left behind; what it compares counts for what it leaves."""
        if self._paying is None:
            self._paying = self.view(plain=False), {"ledger": self.still.ledger()}
        frames, scratch = self._paying
        self.trace.start()
        for place in act.ins:
            if place in self.still.wiring.tokens and place in self.changed:
                self.trace.within(*self.changed[place][0][1:])
        scratch["ledger"].forget()
        act.act(frames, scratch)
        for place in act.outs:
            if place in self.still.wiring.tokens:
                self.keep(place, 0, (None, self.trace.low, self.trace.high))

    def view(self, *, plain: bool) -> Frames:
        """The frames as actions see them. plain: numbers as they are at this distance, which says nothing of any other."""
        still = self.still.frames
        live: dict[str, Any] = {name: WalkTable(self, name, plain=plain) for name in still.live}
        return Frames({}, still.hops, still.spans, still.questions, live)


class WalkTable(FewTable):
    """The rows of a frame with a number moved: what an action reads, and where it writes."""

    __slots__ = ("_as_is", "_frame", "_still", "_walk")

    def __init__(self, walk: Walk, frame: str, *, plain: bool) -> None:
        self._walk, self._frame, self._as_is, self._still = walk, frame, plain, walk.still.frames.live[frame]
        self.height, self.columns, self._flags = self._still.height, {}, {}
        self.sheet = self._still.sheet  # type: ignore[attr-defined]

    def __contains__(self, name: str) -> bool:
        return name in self._still

    def _changed(self, name: str) -> dict[int, Held]:
        """What a column holds that differs, by row."""
        walk = self._walk
        return walk.changed.get(walk.still.wiring.places.get((self._frame, self.sheet.columns.get(name, -1)), -1), {})

    def values(self, name: str) -> list[Any]:
        at, walk = self.sheet.columns[name], self._walk
        found = [row[at] for row in walk.still.rows[self._frame]]
        for r, (value, low, high) in self._changed(name).items():
            found[r] = value.now if self._as_is and type(value) is Moving else value
            if not self._as_is:
                walk.trace.within(low, high)
        return found

    def flags(self, name: str) -> Array:
        return np.array(self.values(name), dtype=np.int8) if self._changed(name) else self._still.flags(name)

    def numbers(self, name: str, missing: int) -> Array:
        if self._as_is or "@" in self._frame:  # entries of lists are on file as they are
            return super().numbers(name, missing)
        found = np.empty(self.height, dtype=object)
        found[:] = [missing if v is None else v for v in self.values(name)]
        return found

    def fill(self, name: str, kind: str, values: Iterable[Any]) -> None:
        at, walk = self.sheet.column(name, kind), self._walk
        place = walk.still.wiring.places[self._frame, at]
        for r, (row, value) in enumerate(zip(walk.still.rows[self._frame], values, strict=True)):
            walk.put(place, r, row[at], value, walk.trace.low, walk.trace.high)
