"""One number moved one way: the ranges of distances still open for each verdict, and where to cut them.

Ranges prove that nothing in them helps; the margins of the comparisons, looked at in a few places, tell where the cuts should
be. Comes from `near_search`, which tries what is proposed here and tells what it showed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from matcher.logic import TOP_OF_FACT
from matcher.near_trial import Probe
from matcher.possible import TEN_THOUSAND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matcher.near_reach import Target
    from matcher.variants import Cell

CUTS = 12
NOWHERE = -9
"""No distance: a comparison that has no side that is a number."""
ALL_OF_THEM = 72
"""So few values are tried one by one."""
AT_ONCE = 4
"""Ranges of one search that are narrowed in one pass."""
Ends = tuple[int, int]
"""The nearest and the farthest distance of a range."""


@dataclass(eq=False, slots=True)
class Task:
    """The search for one target on one side of a number: ranges of distances still open, the nearest first."""

    target: Target
    todo: list[tuple[int, int, bool]]
    found: int | None = None
    used: set[int] = field(default_factory=set)

    @property
    def open(self) -> bool:
        """Whether there is something left to look at."""
        return self.found is None and bool(self.todo)

    def settle(self) -> None:
        """Take the nearest range if it is all yes."""
        if self.todo and self.todo[0][2]:
            self.found = self.todo[0][0]


@dataclass(eq=False, slots=True)
class Side:
    """A number moved one way, up to `reach` smallest steps."""

    cell: Cell
    sign: int
    reach: int
    tasks: list[Task] = field(default_factory=list)
    samples: dict[int, np.ndarray] = field(default_factory=dict)
    tried: dict[int, Probe] = field(default_factory=dict)
    turns: Turns | None = None

    def probe(self, near: int, far: int) -> Probe:
        """A row for the values at distances near..far."""
        ends = (self.cell.value + self.sign * near, self.cell.value + self.sign * far)
        return Probe(self.cell, min(ends), max(ends))

    @property
    def first_samples(self) -> list[int]:
        """Distances at which the comparisons are looked at first."""
        return sorted({min(d, self.reach) for d in (1, 10**3, 10**5, 10**6, 10**7, 10**8, 10**10, self.reach)})

    def look(self, comparisons: np.ndarray) -> None:
        """Find between which samples the comparisons turn, and where that is if they are linear there."""
        known = sorted(self.samples)
        values = np.array([self.samples[d] for d in known])
        signs = np.nan_to_num(np.sign(values), nan=9)
        pair, place = np.nonzero(signs[1:] != signs[:-1])
        at = np.array(known, dtype=float)
        x, y = values[pair, place], values[pair + 1, place]
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            root = np.floor(at[pair] + (at[pair + 1] - at[pair]) * (x / (x - y)))
        root = np.where(np.isfinite(root), root, NOWHERE).astype(np.int64)
        self.turns = Turns(known, pair, root, comparisons[place], (x == 0) & (pair > 0))

    def drop_hopeless(self, task: Task, relevant: np.ndarray, *, late: bool) -> int:
        """Leave out ranges that are unknown at both ends for another reason, nothing turning in between.

        `late`: those that are no at both ends too, which a range cannot prove where the same fact counts twice; their number.
        """
        if self.turns is None:
            return 0
        known = self.turns.known
        turning = set(self.turns.pair[relevant[self.turns.comparison]].tolist())
        verdicts = [self.tried[d].verdict(task.target) if d in self.tried else 0 for d in known]
        same = (-1, 0) if late else (-1,)
        flat: list[tuple[int, int]] = []
        for n, (a, b) in enumerate(pairwise(known)):
            if n not in turning and verdicts[n] == verdicts[n + 1] and verdicts[n] in same:
                flat = [*flat[:-1], (flat[-1][0], b)] if flat and flat[-1][1] == a else [*flat, (a, b)]
        kept = [r for r in task.todo if r[2] or not any(a <= r[0] and r[1] <= b for a, b in flat)]
        dropped, task.todo = len(task.todo) - len(kept), kept
        task.settle()
        return dropped if late else 0

    def guesses(self, task: Task, relevant: np.ndarray) -> tuple[list[int], bool]:
        """Distances at which a comparison that matters turns, the nearest first, each given once; whether one may be a step."""
        if self.turns is None:
            return [], False
        roots = set(self.turns.root[relevant[self.turns.comparison]].tolist()) - task.used
        inside = sorted(g for g in roots if any(a - 2 <= g <= b + 1 for a, b, _ in task.todo[:AT_ONCE]))[:CUTS]
        task.used.update(inside)
        return inside, bool(self.turns.stepped[relevant[self.turns.comparison]].any())


@dataclass(eq=False, slots=True)
class Turns:
    """Where comparisons turn: the number of the pair of samples, the distance, which comparison, whether it may be a step beyond."""

    known: list[int]
    pair: np.ndarray
    root: np.ndarray
    comparison: np.ndarray
    stepped: np.ndarray


def both_ways(cell: Cell) -> list[Side]:
    """Both ways in which a number can be moved, with how far."""
    scale = TEN_THOUSAND if cell.fact.type == "number" else 1
    low = -TOP_OF_FACT if cell.fact.low is None else int(cell.fact.low * scale)
    high = TOP_OF_FACT if cell.fact.high is None else int(cell.fact.high * scale)
    both = (Side(cell, -1, cell.value - low), Side(cell, 1, high - cell.value))
    return [side for side in both if side.reach > 0]


def cut(a: int, b: int, guesses: Sequence[int], task: Task, *, evenly: bool) -> list[Ends]:
    """The range in parts: at the guesses, and closer and closer to them and to a yes beyond, or evenly, as guesses may mislead."""
    if b - a < ALL_OF_THEM:
        return [(d, d) for d in range(a, b + 1)]
    inside = [g for g in guesses if a - 2 <= g <= b + 1]
    firsts = {a}
    firsts |= {d for g in inside for d in range(g - 1, g + 4) if a < d <= b}
    followed = b + 1 in {first for first, _, yes in task.todo if yes}
    for before, end in pairwise([a, *(g - 1 for g in inside if g > a), *([b + 1] if followed else [])]):
        firsts |= {end - 2**n for n in range((end - before).bit_length()) if end - 2**n > before}
    if not followed and (evenly or not inside):
        if b > 50 * a:
            firsts |= {int(a * (b / a) ** (n / CUTS)) + m for n in range(1, CUTS) for m in (0, 1)}
        else:
            firsts |= {a + (b + 1 - a) * n // CUTS + m for n in range(1, CUTS) for m in (0, 1)}
    starts = sorted(firsts)
    return list(zip(starts, [*(s - 1 for s in starts[1:]), b], strict=True))


def replace(task: Task, cuts: Mapping[Ends, list[Ends]], probes: Mapping[Ends, Probe]) -> None:
    """Put what the parts showed in the place of the ranges; what lies beyond a yes is of no interest."""
    todo: list[tuple[int, int, bool]] = []
    for a, b, yes in task.todo:
        for part in cuts.get((a, b), [(a, b)]):
            verdict = (1 if yes else -1) if (a, b) not in cuts else probes[part].verdict(task.target)
            if verdict == 1 or (verdict == -1 and (part[0] < part[1] or (a, b) not in cuts)):
                todo.append((*part, verdict == 1))
            if verdict == 1:
                task.todo = todo
                task.settle()
                return
    task.todo = todo
