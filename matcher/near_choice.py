"""Whether a near miss stands when the better choice among items that clash is made anew.

A move may open two items of which only one can stand, and with the choice other verdicts change. In: probes as they would come
true, for one household. Out: for each the block in which its better choice stands, chosen as `matcher.pipeline.decide` does, but
for many probes in one run. Source: design section 7 (applied and re-run the verdict flips).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matcher.choices import World, better, clashing, ways_to_choose
from matcher.near_trial import Probe, puts, try_out
from matcher.pipeline import MOST_WORLDS
from matcher.ripple import Wave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.frames import Frames
    from matcher.ledger import Ledger
    from matcher.near import Found
    from matcher.near_reach import Target
    from matcher.program import Program
    from matcher.ripple import Put, Still

Hit = tuple[Probe, "Target"]


@dataclass(slots=True)
class Choice:
    """The worlds of one probe that are tried, and the verdicts of its targets in the better one of those that are settled."""

    probe: Probe
    targets: list[Target]
    worlds: list[World] = field(default_factory=lambda: [World(confirmed=True)])
    tried: set[object] = field(default_factory=lambda: {World(confirmed=True).key})
    yes: set[int] = field(default_factory=set)

    def settle(self, program: Program, frames: Frames, ledger: Ledger, blocks: range, times: int) -> bool:
        """Look at the blocks of its worlds; whether there is no further one to try."""
        settled, more = [], []
        for block, world in zip(blocks, self.worlds, strict=True):
            clashes = clashing(program, frames, ledger, block, times)
            if not clashes:
                settled.append(block)
            for each in ways_to_choose(world, clashes):
                if each.key not in self.tried:
                    self.tried.add(each.key)
                    more.append(each)
        if more and len(settled) + len(more) <= MOST_WORLDS:
            self.worlds = [self.worlds[b - blocks.start] for b in settled] + more
            return False
        found = {block: self._turned(frames, block, times) for block in settled or blocks}
        one, *others = found.values()
        differ = any(other != one for other in others)
        self.yes = found[better(program, frames, ledger, list(found), times)] if differ else one
        return True

    def _turned(self, frames: Frames, block: int, times: int) -> set[int]:
        """The targets that are yes in a block."""
        rows = {t: block * (frames.height(t.unit) // times) + t.row for t in self.targets}
        return {id(t) for t, row in rows.items() if frames.live[t.unit].flags(f"v:{t.policy}")[row] == 1}


def without_clash(program: Program, still: Still, hits: Sequence[Hit], found: Found) -> set[int]:
    """The probes (ids) under which no two items clash, so that there is nothing to choose; `still`: with nothing given up."""
    probes = list({id(p): p for p, _ in hits}.values())
    policies = {p: program.catalogue.policies[p][0].unit for p in program.order if program.clashes[p]}
    again = [Probe(p.cell, p.low, p.low if p.high is None else p.high) for p in probes]
    ledger: Ledger = still.scratch["ledger"]
    may = {
        p: [row for row in np.flatnonzero(ledger.inside[unit]).tolist() if not still.says(unit, row, f"refused:{p}")]
        for p, unit in policies.items()
    }
    asked = [(unit, row, p) for p, unit in policies.items() for row in may[p]]
    try_out(still, [(p, asked) for p in again], found)
    free = set()
    for number, probe in enumerate(probes):
        wave = again[number].wave
        assert wave is not None
        stands = {
            p: {row for row in may[p] if ledger.has[p][row] == 1 or wave.verdict(number, unit, row, p) == 1} for p, unit in policies.items()
        }
        if not any(
            (stands[p] & stands[other] if unit == policies[other] else stands[p] and stands[other])
            for p, unit in policies.items()
            for other in program.clashes[p]
        ):
            free.add(id(probe))
    return free


def standing_hits(program: Program, still: Still, now: World, hits: Sequence[Hit], found: Found) -> list[Hit]:
    """The hits that are still yes with the better choice then.

    Args:
        still: the household in the world `now`.
    """
    choices: dict[int, Choice] = {}
    for probe, target in hits:
        choices.setdefault(id(probe), Choice(probe, [])).targets.append(target)
    waiting = list(choices.values())
    while waiting:
        blocks: list[range] = []
        tried: list[list[Put]] = []
        for choice in waiting:
            blocks.append(range(len(tried), len(tried) + len(choice.worlds)))
            tried += [[*puts(still, choice.probe), *_given_up(program, still, now, world)] for world in choice.worlds]
        wave = Wave(still, tried, None)
        assert wave.paying is not None
        found.passes += 1
        found.rows += len(tried)
        done = wave.paying, wave.scratch["ledger"]
        waiting = [c for c, b in zip(waiting, blocks, strict=True) if not c.settle(program, *done, b, len(tried))]
    return [(probe, target) for probe, target in hits if id(target) in choices[id(probe)].yes]


def _given_up(program: Program, still: Still, now: World, other: World) -> Iterator[Put]:
    """What is given up in another world, as far as it is not the same now."""
    for policy in {*now.drops, *other.drops}:
        unit, ids = program.catalogue.policies[policy][0].unit, other.drops.get(policy, set())
        inside = still.frames.live[unit].flags("inside").tolist()
        for row, id_ in enumerate(still.frames.tables[unit].get_column("id").to_list()):
            yield unit, row, f"drop:{policy}", 1 if inside[row] == 1 and id_ in ids else -1
