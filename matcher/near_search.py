"""A search in one household: free every fact, try texts and dates one by one, move numbers to the nearest that helps.

In: the verdicts that are no with the facts that could turn each. Out: hits, a probe and the verdict that it turns. First every
fact is freed altogether: a verdict that stays no then is turned by no value of it, since more unknown never flips a no.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from matcher.moments import shifted
from matcher.near_sides import both_ways, ends_of
from matcher.near_trial import Probe, try_out
from matcher.standards import in_force
from matcher.variants import Cell, Key, movable
from matcher.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matcher.frames import Frames
    from matcher.moments import Moments
    from matcher.near import Found
    from matcher.near_choice import Hit
    from matcher.near_reach import Target
    from matcher.program import Program
    from matcher.ripple import Still

FEW_VALUES = 3
"""A text with more other values than this is freed first."""


class Looking:
    """The search in one household."""

    def __init__(self, program: Program, moments: Moments, base: Frames, still: Still, found: Found) -> None:
        self.program, self.moments, self.base, self.still, self.found = program, moments, base, still, found

    def hits(self, may: Iterable[tuple[Cell, list[Target]]]) -> list[Hit]:
        """The single moves that turn a verdict, the nearest each way, texts with every value that does."""
        hits, alive = self._freed(may)
        more = [(p, ts) for cell, ts in alive if not cell.is_number for p in self._one_by_one(cell)]
        sides = [(side, side.probe(1, side.reach), ts) for cell, ts in alive if cell.is_number for side in both_ways(cell)]
        self._try(more + [(p, ts) for _, p, ts in sides])
        hits += nearest([(p, t) for p, ts in more for t in ts if p.verdict(t) == 1])
        for side, probe, ts in sides:
            side.targets = [t for t in ts if probe.verdict(t) != -1]
        for cell, both in groupby((side for side, _, _ in sides if side.targets), lambda side: side.cell):
            walk = Walk(self.still, cell)
            for side in both:
                turned = side.nearest(walk, self.found)
                at = {distance: side.probe(distance, distance) for distance, _ in turned}
                hits += [(at[distance], target) for distance, target in turned]
        return hits

    def _try(self, asked: Sequence[tuple[Probe, Sequence[Target]]]) -> None:
        if asked:
            try_out(self.still, [(p, [t.spot for t in ts]) for p, ts in asked], self.found)

    def _freed(self, may: Iterable[tuple[Cell, list[Target]]]) -> tuple[list[Hit], list[tuple[Cell, list[Target]]]]:
        """Free every fact: what turns at once, and the facts of which other values are to be tried."""
        probes = [(p, ts) for cell, ts in may if ts for p in _as_anything(cell)]
        self._try(probes)
        hits: list[Hit] = []
        alive: list[tuple[Cell, list[Target]]] = []
        for probe, ts in probes:
            left = [t for t in ts if probe.verdict(t) != -1]
            if probe.stands_for_all:
                alive += [(probe.cell, left)] if left else []
            else:
                hits += [(probe, t) for t in left if probe.verdict(t) == 1]
        return hits, alive

    def _one_by_one(self, cell: Cell) -> Iterator[Probe]:
        """The other values of a text; of a date the nearest day of every stretch in which it makes no difference."""
        if cell.fact.type == "text":
            yield from (Probe(cell, v) for v in cell.fact.values if v != cell.value)
            return
        others: dict[Key, list[dt.date]] = defaultdict(list)
        for (frame, column), (key, fact) in movable(self.program, self.base).items():
            if fact.type == "date":
                others[key] += [d for d in self.base.tables[frame].get_column(column).to_list() if d is not None]
        for start in self.moments.starts(cell, self._as_of(cell), others):
            day = start if start > cell.value else shifted(start, 0, -1)
            if day != cell.value:
                yield Probe(cell, day)

    def _as_of(self, cell: Cell) -> dt.date:
        day: dt.date = self.base.tables[cell.frame].item(cell.row, "as_of")
        return day

    def passes_on(self, hits: Sequence[Hit]) -> dict[tuple[int, int], dt.date | None]:
        """For dates that help: the first day on which it comes about by itself, by probe and target."""
        waits = {id(p): self._waits(p) for p, _ in hits if isinstance(p.cell.value, dt.date)}
        targets: dict[int, list[Target]] = defaultdict(list)
        for probe, target in hits:
            targets[id(probe)].append(target)
        self._try([(w, targets[id_]) for id_, ws in waits.items() for w in ws])
        return {(id(p), id(t)): self._first_day(waits.get(id(p), []), t) for p, t in hits}

    def _waits(self, probe: Probe) -> list[Probe]:
        """The days around the one on which the date as it stands comes to be as far back as the moved one is today."""
        cell = probe.cell
        if probe.low >= cell.value:
            return []
        as_of = self._as_of(cell)
        days = [shifted(as_of, 0, (cell.value - probe.low).days + n) for n in range(-4, 5)]
        return [Probe(cell, cell.value, day=d) for d in days if d >= as_of]

    def _first_day(self, waits: Sequence[Probe], target: Target) -> dt.date | None:
        """The first day that is yes after one that is not, if the policy is still in force then."""
        versions = self.program.policies[target.policy]
        for before, after in pairwise(waits):
            if before.verdict(target) != 1 and after.verdict(target) == 1 and after.day is not None:
                return after.day if any(in_force(v, after.day) for v in versions) else None
        return None


def _as_anything(cell: Cell) -> Iterator[Probe]:
    """The cell as anything that it could be; a few other values stand for themselves."""
    if cell.is_number:
        yield Probe(cell, *ends_of(cell))
    elif cell.fact.type == "yesno":
        yield Probe(cell, not cell.value)
    elif cell.fact.type == "text" and len(cell.fact.values) - 1 <= FEW_VALUES:
        yield from (Probe(cell, v) for v in cell.fact.values if v != cell.value)
    else:
        yield Probe(cell, None)


def nearest(hits: Sequence[Hit]) -> list[Hit]:
    """Of dates that help the nearest each way, of texts all."""
    best: dict[tuple[int, int, Any], Hit] = {}
    for probe, target in hits:
        value, was = probe.low, probe.cell.value
        way = value > was if isinstance(value, dt.date) else value
        key = (id(probe.cell), id(target), way)
        if key not in best or abs(value - was) < abs(best[key][0].low - was):
            best[key] = (probe, target)
    return list(best.values())
