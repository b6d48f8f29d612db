"""Whether a near miss stands when the better choice among items that clash is made anew.

A move may open two items of which only one can stand, and with the choice other verdicts change. In: probes as they would come
true, for one household. Out: for each the block in which its better choice stands, chosen as `matcher.pipeline.decide` does, but
for many probes in one run. Source: design section 7 (applied and re-run the verdict flips).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher import binding
from matcher.choices import World, better, clashing, ways_to_choose
from matcher.pipeline import MOST_WORLDS
from matcher.variants import Change, variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.frames import Frames
    from matcher.ledger import Ledger
    from matcher.near import Found
    from matcher.near_reach import Target
    from matcher.near_trial import Probe, Seen, Trials
    from matcher.program import Program

Hit = tuple["Probe", "Target"]


@dataclass(slots=True)
class Choice:
    """The worlds of one probe that are tried, and the verdicts of its targets in the better one of those that are settled."""

    probe: Probe
    targets: list[Target]
    worlds: list[World] = field(default_factory=lambda: [World(confirmed=True)])
    tried: set[object] = field(default_factory=lambda: {World(confirmed=True).key})
    yes: set[int] = field(default_factory=set)

    def settle(self, program: Program, frames: Frames, ledger: Ledger, seen: Seen, blocks: range, times: int) -> bool:
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
        best = better(program, frames, ledger, settled or list(blocks), times)
        self.yes = {id(t) for t in self.targets if seen.verdict(best, t) == 1}
        return True


def standing_hits(trials: Trials, base: Frames, hits: Sequence[Hit], found: Found) -> list[Hit]:
    """The hits that are still yes with the better choice then.

    Args:
        base: the base frames of one household with pairs of columns, in no world yet.
    """
    choices: dict[int, Choice] = {}
    for probe, target in hits:
        choices.setdefault(id(probe), Choice(probe, [])).targets.append(target)
    waiting = list(choices.values())
    while waiting:
        blocks, times = [], 1
        for choice in waiting:
            blocks.append(range(times, times + len(choice.worlds)))
            times += len(choice.worlds)
        tried = [(b, c.probe) for c, numbers in zip(waiting, blocks, strict=True) for b in numbers]
        frames = variants(base, [Change(b, p.cell, p.low, p.low if p.high is None else p.high) for b, p in tried], times=times)
        binding.in_world(frames, 0, 1, confirmed=True, drops={})
        for choice, numbers in zip(waiting, blocks, strict=True):
            for block, world in zip(numbers, choice.worlds, strict=True):
                if world.drops:
                    binding.in_world(frames, block, times, confirmed=True, drops=world.drops)
        ledger = trials.program.plan.run(frames)["ledger"]
        seen = trials.seen(base, frames, times, margins=False)
        found.passes += 1
        found.rows += times
        waiting = [c for c, b in zip(waiting, blocks, strict=True) if not c.settle(trials.program, frames, ledger, seen, b, times)]
    return [(probe, target) for probe, target in hits if id(target) in choices[id(probe)].yes]
