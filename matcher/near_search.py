"""The passes of a search: free every fact, try texts and dates one by one, narrow numbers to the nearest that helps.

In: the verdicts that are no with the facts that could turn each. Out: hits, a probe and the verdict that it turns. A pass is
one run of the plan for all that is to be tried next; passes cost, rows hardly do.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.moments import shifted
from matcher.near_sides import AT_ONCE, Ends, Side, Task, both_ways, cut, replace
from matcher.near_trial import Probe
from matcher.standards import in_force
from matcher.variants import Cell, Key, movable, questions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matcher.frames import Frames
    from matcher.moments import Moments
    from matcher.near import Found
    from matcher.near_reach import Reach, Target
    from matcher.near_trial import Trials
    from matcher.program import Program

MOST_PASSES = 30
LATE = 4
"""From this pass on a range is left out if no comparison turns in it."""
FEW_VALUES = 3
"""A text with more other values than this is freed first."""


class Passes:
    """The tools of a search, for the frames of one run."""

    def __init__(self, program: Program, reach: Reach, trials: Trials, moments: Moments) -> None:
        self.program, self.reach, self.trials, self.moments = program, reach, trials, moments
        self._relevant: dict[str, np.ndarray] = {}

    def free(
        self, base: Frames, may: Mapping[int, tuple[Cell, list[Target]]], found: Found
    ) -> tuple[list[Side], list[tuple[Probe, Target]], list[tuple[Probe, list[Target]]]]:
        """Free every fact, and sample every number far and near: numbers to narrow, alternatives that do it, others to try.

        Sampling those that turn out to be of no use costs rows, but sampling the others afterwards would cost a pass.
        """
        sides: list[Side] = []
        hits, more = [], []
        numbers = [(side, ts) for cell, ts in may.values() if ts and cell.is_number for side in both_ways(cell)]
        ranges = [(side, side.probe(1, side.reach), ts) for side, ts in numbers]
        samples = [(side, d, side.probe(d, d)) for side, _ in numbers for d in side.first_samples]
        others = [(p, ts) for cell, ts in may.values() if ts and not cell.is_number for p in self._freed(cell)]
        probes = [p for _, p, _ in ranges] + [p for _, _, p in samples] + [p for p, _ in others]
        self.trials.run(base, probes, found, margins=bool(samples))
        for side, probe, ts in ranges:
            side.tasks = [Task(t, [(1, side.reach, v == 1)]) for t in ts if (v := probe.verdict(t)) != 0]
            for task in side.tasks:
                task.settle()
            sides += [side] if side.tasks else []
        for side, distance, probe in samples:
            if side.tasks:
                self._sample(side, distance, probe)
        for probe, ts in others:
            alive = [(t, v) for t in ts if (v := probe.verdict(t)) != 0]
            if probe.low is not None:
                hits += [(probe, t) for t, v in alive if v == 1]
            elif alive:
                more += [(p, [t for t, _ in alive]) for p in self._one_by_one(probe.cell, base)]
        return sides, hits, more

    @staticmethod
    def _freed(cell: Cell) -> Iterator[Probe]:
        """The cell as anything that it is not; a few other values stand for themselves."""
        if cell.fact.type == "yesno":
            yield Probe(cell, not cell.value)
        elif cell.fact.type == "text" and len(cell.fact.values) - 1 <= FEW_VALUES:
            yield from (Probe(cell, v) for v in cell.fact.values if v != cell.value)
        else:
            yield Probe(cell, None)

    def _one_by_one(self, cell: Cell, base: Frames) -> Iterator[Probe]:
        """The other values of a text; of a date the nearest day of every stretch in which it makes no difference."""
        if cell.fact.type == "text":
            yield from (Probe(cell, v) for v in cell.fact.values if v != cell.value)
            return
        others: dict[Key, list[dt.date]] = defaultdict(list)
        for (frame, column), (key, fact) in movable(self.program, base).items():
            if fact.type == "date":
                same = questions_of(base, frame) == cell.question
                others[key] += [d for d in base.tables[frame].get_column(column).filter(pl.Series(same)).to_list() if d is not None]
        for start in self.moments.starts(cell, self._as_of(base, cell), others):
            day = start if start > cell.value else shifted(start, 0, -1)
            if day != cell.value:
                yield Probe(cell, day)

    @staticmethod
    def _as_of(base: Frames, cell: Cell) -> dt.date:
        day: dt.date = base.tables[cell.frame].item(cell.row, "as_of")
        return day

    def _sample(self, side: Side, distance: int, probe: Probe) -> None:
        """Note what a point showed; without any comparison of numbers there are no margins."""
        assert probe.seen is not None
        side.tried[distance] = probe
        if probe.seen.margins:
            side.samples[distance] = probe.seen.differences(probe.block, side.cell.question)
            if 0 not in side.samples:
                side.samples[0] = probe.seen.differences(0, side.cell.question)

    def narrow(self, base: Frames, sides: list[Side], also: list[Probe], found: Found, *, number: int) -> bool:
        """Narrow the open ranges in one pass, in which `also` is tried too; whether there was anything to try."""
        tried: list[tuple[Side, dict[Ends, Probe]]] = []
        cuts: dict[int, dict[Ends, list[Ends]]] = {}
        for side in sides:
            parts: set[Ends] = {(t.found, t.found) for t in side.tasks if t.found is not None and t.found not in side.tried}
            for task in self._looked_at(side, found, late=number >= LATE):
                guesses, stepped = side.guesses(task, self._turners(task))
                evenly = stepped or number > 0
                cuts[id(task)] = {(a, b): cut(a, b, guesses, task, evenly=evenly) for a, b, yes in task.todo[:AT_ONCE] if not yes}
                parts.update(*cuts[id(task)].values())
            tried.append((side, {ends: side.probe(*ends) for ends in sorted(parts)}))
        numbers = [p for _, probes in tried for p in probes.values()]
        if not numbers and not also:
            return False
        self.trials.run(base, numbers + also, found, margins=bool(numbers))
        for side, probes in tried:
            for (a, b), probe in probes.items():
                if a == b:
                    self._sample(side, a, probe)
            for task in (t for t in side.tasks if t.open):
                replace(task, cuts[id(task)], probes)
        return True

    def _looked_at(self, side: Side, found: Found, *, late: bool) -> list[Task]:
        """The tasks of a side that are still open, after a look at where comparisons turn."""
        if side.samples and any(t.open for t in side.tasks):
            side.look(next(p.seen.comparisons(side.cell.question) for p in side.tried.values() if p.seen is not None))
            for task in (t for t in side.tasks if t.open):
                found.unproved += side.drop_hopeless(task, self._turners(task), late=late)
        return [t for t in side.tasks if t.open]

    def _turners(self, task: Task) -> np.ndarray:
        """Which comparisons a verdict can depend on."""
        policy = task.target.policy
        if policy not in self._relevant:
            behind = self.reach.comparisons(policy)
            self._relevant[policy] = np.array([behind is None or c in behind for c in self.trials.compared], dtype=bool)
        return self._relevant[policy]

    def confirm(self, base: Frames, hits: list[tuple[Probe, Target]], found: Found) -> None:
        """Apply every move that was not yet tried as it stands."""
        untried = [p for p, _ in hits if p.seen is None]
        if untried:
            self.trials.run(base, untried, found)

    def waits(self, base: Frames, probe: Probe) -> list[Probe]:
        """The days around the one on which the date as it stands comes to be as far back as the moved one is today."""
        cell = probe.cell
        if probe.low >= cell.value:
            return []
        as_of = self._as_of(base, cell)
        days = [shifted(as_of, 0, (cell.value - probe.low).days + n) for n in range(-4, 5)]
        return [Probe(cell, cell.value, day=d) for d in days if d >= as_of]

    def passes_on(self, waits: Sequence[Probe], target: Target) -> dt.date | None:
        """The first day that is yes after one that is no, if the policy is still in force then."""
        versions = self.program.policies[target.policy]
        for before, after in pairwise(waits):
            if before.verdict(target) != 1 and after.verdict(target) == 1 and after.day is not None:
                return after.day if any(in_force(v, after.day) for v in versions) else None
        return None


def nearest(hits: Sequence[tuple[Probe, Target]]) -> list[tuple[Probe, Target]]:
    """Of dates that help the nearest each way, of texts all."""
    best: dict[tuple[int, int, Any], tuple[Probe, Target]] = {}
    for probe, target in hits:
        value, was = probe.low, probe.cell.value
        way = value > was if isinstance(value, dt.date) else value
        key = (id(probe.cell), id(target), way)
        if key not in best or abs(value - was) < abs(best[key][0].low - was):
            best[key] = (probe, target)
    return list(best.values())
