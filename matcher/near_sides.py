"""One number moved one way: the nearest value that turns each verdict.

Comes in: a cell, a direction, and the verdicts that may turn. Goes out: for each verdict the distance at which it is yes for the
first time. Goes from stretch to stretch (`matcher.walk`): within one a verdict is the same, so its next stretch begins beyond.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.logic import TOP_OF_FACT
from matcher.near_trial import Probe
from matcher.possible import TEN_THOUSAND
from matcher.walk import Walk

if TYPE_CHECKING:
    from matcher.near import Found
    from matcher.near_reach import Target
    from matcher.variants import Cell

MOST_LOOKS = 500
"""A search that has not come to an end after so many stretches is given up."""
SHORT, MOST_SHORT = 64, 8
"""After more stretches in a row than that, each shorter than this, rounding is not followed any more (`Trace.loose`)."""


@dataclass(eq=False, slots=True)
class _Sought:
    """A target that has not turned up to the distance `no`; short: how many short stretches in a row."""

    target: Target
    no: int = 0
    short: int = 0

    @property
    def loose(self) -> bool:
        """Whether rounding is not followed any more."""
        return self.short > MOST_SHORT

    def goes_on(self, distance: int, end: int) -> None:
        """It did not turn from a distance to the end of its stretch."""
        if not self.loose:
            self.no, self.short = end, self.short + 1 if end - distance < SHORT else 0
        else:
            self.no = distance


@dataclass(eq=False, slots=True)
class Side:
    """A number moved one way, up to `reach` smallest steps."""

    cell: Cell
    sign: int
    reach: int
    targets: list[Target] = field(default_factory=list)

    def probe(self, near: int, far: int) -> Probe:
        """The values at distances near..far."""
        ends = (self.cell.value + self.sign * near, self.cell.value + self.sign * far)
        return Probe(self.cell, min(ends), max(ends))

    def nearest(self, walk: Walk, found: Found) -> list[tuple[int, Target]]:
        """The distance at which each target turns, if it does."""
        turned: list[tuple[int, Target]] = []
        waiting = {1: [_Sought(target) for target in self.targets]}
        walks = {False: walk}
        for _ in range(MOST_LOOKS):
            if not waiting:
                break
            distance = min(waiting)
            sought = waiting.pop(distance)
            for loose in {one.loose for one in sought}:
                own = [one for one in sought if one.loose == loose]
                if loose not in walks:
                    walks[loose] = Walk(walk.still, self.cell, loose=loose)
                verdicts = self._look(walks[loose], distance, [one.target for one in own])
                found.rows += 1
                for one, (verdict, end) in zip(own, verdicts, strict=True):
                    if verdict == 1 and loose:
                        ((verdict, end),) = self._look(walk, distance, [one.target])
                    if verdict == 1:
                        turned.append((self._first(walk, one, distance), one.target))
                    elif end < self.reach:
                        found.unproved += loose
                        one.goes_on(distance, end)
                        waiting.setdefault(end + 1, []).append(one)
        found.open += sum(len(sought) for sought in waiting.values())
        return turned

    def _look(self, walk: Walk, distance: int, targets: list[Target]) -> list[tuple[int, int]]:
        """The verdicts of some targets at a distance, and where the stretch of each ends."""
        walk.look(self.sign * distance, walk.still.wiring.wanted(target.spot for target in targets))
        held = [walk.verdict(*target.spot) for target in targets]
        return [(verdict, high if self.sign > 0 else -low) for verdict, low, high in held]

    def _first(self, walk: Walk, one: _Sought, yes: int) -> int:
        """The distance at which a target turns, between one where it is not yes and one where it is; mostly near the latter."""
        no, step = one.no, SHORT
        while yes - no > 1:
            middle = max((no + yes) // 2, yes - step)
            if self._look(walk, middle, [one.target])[0][0] == 1:
                yes, step = middle, 2 * step
            else:
                no = middle
        return yes


def both_ways(cell: Cell) -> list[Side]:
    """Both ways in which a number can be moved, with how far."""
    low, high = ends_of(cell)
    both = (Side(cell, -1, cell.value - low), Side(cell, 1, high - cell.value))
    return [side for side in both if side.reach > 0]


def ends_of(cell: Cell) -> tuple[int, int]:
    """The least and the most that a number can be, in smallest steps."""
    scale = TEN_THOUSAND if cell.fact.type == "number" else 1
    low = -TOP_OF_FACT if cell.fact.low is None else int(cell.fact.low * scale)
    high = TOP_OF_FACT if cell.fact.high is None else int(cell.fact.high * scale)
    return low, high
