"""One number moved one way: the nearest value that turns each verdict.

Comes in: a cell, a direction, and the verdicts that may turn. Goes out: for each verdict the distance at which it is yes for the
first time. Goes from stretch to stretch (`matcher.walk`): within one a verdict is the same, so its next stretch begins beyond.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.logic import TOP_OF_FACT
from matcher.near_trial import Probe, try_out
from matcher.possible import TEN_THOUSAND

if TYPE_CHECKING:
    from matcher.near import Found
    from matcher.near_reach import Target
    from matcher.ripple import Still
    from matcher.variants import Cell
    from matcher.walk import Walk

MOST_LOOKS = 1_000
"""A search that has not come to an end after so many stretches is given up."""
PARTS = 16
SHORT, MOST_SHORT = 64, 16
"""Where so many stretches were no longer than this, ranges are tried: rounding in two places leaves comparisons open from fen to fen.

PARTS: the part of a range where the proof ends is cut in so many.
"""


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
        for _ in range(MOST_LOOKS):
            if not waiting:
                break
            distance = min(waiting)
            targets = waiting.pop(distance)
            walk.look(self.sign * distance, still.wiring.wanted(t.spot for t in targets))
            found.rows += 1
            for target in targets:
                verdict, low, high = walk.verdict(*target.spot)
                end = high if self.sign > 0 else -low
                if verdict == 1:
                    turned.append((distance, target))
                    continue
                if end - distance < SHORT and end < self.reach:
                    short[id(target)] += 1
                    end = self._proved(still, end, target, found) if short[id(target)] > MOST_SHORT else end
                if end < self.reach:
                    waiting.setdefault(end + 1, []).append(target)
        found.open += sum(len(targets) for targets in waiting.values())
        return turned

    def _proved(self, still: Still, end: int, target: Target, found: Found) -> int:
        """The farthest distance such that ranges prove a no from beyond `end` on up to there."""
        far, ends = self.reach + 1, [*(end + 2**n for n in range((self.reach - end).bit_length())), self.reach]
        while ends:
            probes = [self.probe(end + 1, each) for each in ends]
            try_out(still, [(p, [target.spot]) for p in probes], found)
            proved = [each for each, p in zip(ends, probes, strict=True) if p.verdict(target) == -1]
            far = min([far, *(each for each in ends if each not in proved)])
            end = max([end, *proved])
            ends = sorted({end + (far - end) * n // PARTS for n in range(1, PARTS)} - {end})
        return end


def both_ways(cell: Cell) -> list[Side]:
    """Both ways in which a number can be moved, with how far."""
    scale = TEN_THOUSAND if cell.fact.type == "number" else 1
    low = -TOP_OF_FACT if cell.fact.low is None else int(cell.fact.low * scale)
    high = TOP_OF_FACT if cell.fact.high is None else int(cell.fact.high * scale)
    both = (Side(cell, -1, cell.value - low), Side(cell, 1, high - cell.value))
    return [side for side in both if side.reach > 0]
