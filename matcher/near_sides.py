"""One number moved one way: the nearest value that turns each verdict.

Comes in: a cell, a direction, and the verdicts that may turn. Goes out: for each verdict the distance at which it is yes for the
first time. Goes from stretch to stretch (`matcher.walk`): within one a verdict is the same, so its next stretch begins beyond.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.logic import TOP_OF_FACT
from matcher.near_trial import Probe
from matcher.possible import TEN_THOUSAND

if TYPE_CHECKING:
    from matcher.near import Found
    from matcher.near_reach import Target
    from matcher.ripple import Still
    from matcher.variants import Cell
    from matcher.walk import Walk

MOST_LOOKS = 500
"""A search that has not come to an end after so many stretches is given up."""
SHORT, MOST_SHORT = 64, 5
"""After so many stretches no longer than this, rounding is not followed any more (`Trace.loose`)."""


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

    def nearest(self, still: Still, walk: Walk, found: Found) -> list[tuple[int, Target]]:
        """The distance at which each target turns, if it does."""
        turned: list[tuple[int, Target]] = []
        waiting: dict[int, list[Target]] = {1: self.targets}
        short: dict[int, int] = defaultdict(int)
        last: dict[int, int] = {}
        for _ in range(MOST_LOOKS):
            if not waiting:
                break
            distance = min(waiting)
            targets = waiting.pop(distance)
            loose = any(short[id(target)] > MOST_SHORT for target in targets)
            walk.look(self.sign * distance, still.wiring.wanted(t.spot for t in targets), loose=loose)
            found.rows += 1
            verdicts = [(target, *walk.verdict(*target.spot)) for target in targets]
            for target, verdict, low, high in verdicts:
                end = high if self.sign > 0 else -low
                if verdict == 1:
                    first = self._first(still, walk, last[id(target)], distance, target) if short[id(target)] > MOST_SHORT else distance
                    turned.append((first, target))
                elif end < self.reach:
                    short[id(target)] += end - distance < SHORT
                    found.unproved += loose
                    last[id(target)] = distance
                    waiting.setdefault(end + 1, []).append(target)
        found.open += sum(len(targets) for targets in waiting.values())
        return turned

    def _first(self, still: Still, walk: Walk, no: int, yes: int, target: Target) -> int:
        """The distance at which a verdict turns between one where it is not yes and one where it is."""
        while yes - no > 1:
            middle = (no + yes) // 2
            walk.look(self.sign * middle, still.wiring.wanted([target.spot]), loose=True)
            no, yes = (no, middle) if walk.verdict(*target.spot)[0] == 1 else (middle, yes)
        return yes


def both_ways(cell: Cell) -> list[Side]:
    """Both ways in which a number can be moved, with how far."""
    scale = TEN_THOUSAND if cell.fact.type == "number" else 1
    low = -TOP_OF_FACT if cell.fact.low is None else int(cell.fact.low * scale)
    high = TOP_OF_FACT if cell.fact.high is None else int(cell.fact.high * scale)
    both = (Side(cell, -1, cell.value - low), Side(cell, 1, high - cell.value))
    return [side for side in both if side.reach > 0]
