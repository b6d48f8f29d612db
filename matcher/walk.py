"""One number moved: what every verdict is at a distance, and in which stretch of distances around it nothing about it turns.

Comes in: a household as it stands and a cell. Goes out: for each verdict its value at a distance with its stretch, so that a search
goes from stretch to stretch and tries no value twice. Like a Wave, only what differs is worked out; values are Moving numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.few import FewTable
from matcher.frames import Array, Frames
from matcher.moving import FAR, Moving, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matcher.ripple import Still
    from matcher.ripple_ops import Held
    from matcher.variants import Cell


class Walk:
    """Looks at one cell of a household at one distance after the other; distances are smallest steps, below 0 downwards."""

    def __init__(self, still: Still, cell: Cell) -> None:
        self.still, self.cell = still, cell
        self.pays = False
        self.paying: Frames | None = None

    def look(self, distance: int, wanted: int, *, loose: bool = False) -> None:
        """Work out the verdicts that are wanted (bits) at a distance; loose: as of a Trace."""
        self._look(distance, wanted, loose)
        if self.pays and self.paying is None:  # once more with payments, which are dear
            self.paying = self.view(plain=False)
            self._look(distance, wanted, loose)

    def _look(self, distance: int, wanted: int, loose: bool) -> None:
        wiring, cell = self.still.wiring, self.cell
        self.wanted = wanted
        self.trace = Trace(distance, loose=loose)
        self.changed: dict[int, dict[int, Held]] = {}
        self._due = bytearray(len(wiring.ops))
        if self.paying is not None:
            self.scratch: dict[str, Any] = {}
            self._paid = (-FAR, FAR)
            self.paying = self.view(plain=False)
            for n in wiring.ledger:
                self._due[n] = bool(wiring.ops[n].leads_to & wanted)
        moved = Moving(self.trace, cell.value + distance, cell.value, 1, {})
        for column in (cell.column, f"{cell.column}:lo", f"{cell.column}:hi"):
            at = wiring.register(cell.frame, column)
            if at is not None:
                self.keep(wiring.places[cell.frame, at], cell.row, (moved, -FAR, FAR))
        n = self._due.find(1)
        while n >= 0:
            wiring.ops[n].follow(self)
            n = self._due.find(1, n + 1)

    def verdict(self, unit: str, row: int, policy: str) -> Held:
        """1 yes, -1 no, 0 unknown, and the stretch in which it is that."""
        at, place = self.still.wiring.verdicts[unit, policy]
        return self.changed.get(place, {}).get(row) or (self.still.rows[unit][row][at], -FAR, FAR)

    def put(self, place: int, row: int, was: Any, value: Any, low: int, high: int) -> None:
        """What a register holds; nothing if it is what it was at every distance."""
        if low > -FAR or high < FAR or type(value) is Moving or value != was:
            self.keep(place, row, (value, low, high))

    def keep(self, place: int, row: int, held: Held) -> None:
        """A register that differs, and what reads it."""
        self.changed.setdefault(place, {})[row] = held
        wiring = self.still.wiring
        for reader in wiring.readers[place]:
            if wiring.ops[reader].leads_to & self.wanted:
                self._due[reader] = 1

    def pay(self, act: Callable[[Frames, dict[str, Any]], None]) -> None:
        """An action on payments; what one compares counts for all after it."""
        assert self.paying is not None
        self.trace.start(*self._paid)
        act(self.paying, self.scratch)
        self._paid = (self.trace.low, self.trace.high)

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

    def values(self, name: str) -> list[Any]:
        at, walk = self.sheet.columns[name], self._walk
        found = [row[at] for row in walk.still.rows[self._frame]]
        for r, (value, low, high) in walk.changed.get(walk.still.wiring.places.get((self._frame, at), -1), {}).items():
            found[r] = value.now if self._as_is and type(value) is Moving else value
            if not self._as_is:
                walk.trace.within(low, high)
        return found

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
