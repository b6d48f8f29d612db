"""Near misses: which one fact, moved how far, would turn a no into a yes.

In: a finished run and its base frames. Out: for every verdict that is no in the best world, each single known fact that can be
moved so that the verdict is yes, everything else equal; the nearest value above and below for numbers and dates, every other
value of a text or a yes/no; for dates also the day on which it comes about by itself.

Variants are rows. A row may hold a whole range of a number: a no on a range proves that nothing in it helps. First every
fact is freed altogether, which rules nearly all of them out; then the sides of the comparisons tell where to look, and ranges
prove that nothing nearer helps. Rooms: `near_reach` what can turn what, `near_trial` running what is tried, `near_search` the
passes, `near_sides` one number moved one way, `moments` dates, `variants` blocks of rows. Source: design section 7.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from matcher import binding
from matcher.frames import Frames, copies
from matcher.moments import Moments
from matcher.near_choice import standing_hits
from matcher.near_reach import Reach
from matcher.near_search import MOST_PASSES, Passes, nearest
from matcher.near_trial import Trials
from matcher.possible import TEN_THOUSAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.near_reach import Target
    from matcher.near_trial import Probe
    from matcher.pipeline import Run
    from matcher.program import Program
    from matcher.variants import Cell

Direction = Literal["up", "down", "later", "earlier", "other"]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """`fact` of `subject` (a person, a household, or an entry as owner/list/key) moved to `to_value` makes the verdict yes.

    Money is in fen. `passes_on`: the day on which it comes about by itself if every fact still holds. `failed`: ids of the
    clauses that are not met now.
    """

    policy: str
    who: str
    fact: str
    subject: str
    frame: str
    from_value: Any
    to_value: Any
    direction: Direction
    passes_on: dt.date | None
    failed: tuple[str, ...]
    money: bool = False

    @property
    def size(self) -> float:
        """How far the move is, from 0 to 1: relative for numbers, against ten years for dates, 1 for another word."""
        if isinstance(self.from_value, dt.date):
            days: int = abs((self.to_value - self.from_value).days)
            return days / (days + 3650)
        if self.direction == "other":
            return 1.0
        largest = max(abs(self.to_value), abs(self.from_value))
        return float(abs(self.to_value - self.from_value) / largest)

    def as_json(self) -> dict[str, Any]:
        """Plain values; the keys of money end in _fen."""
        end = "_fen" if self.money else ""
        values = {f"from_value{end}": _plain(self.from_value), f"to_value{end}": _plain(self.to_value)}
        names = {n: getattr(self, n) for n in ("policy", "who", "fact", "subject", "frame", "direction")}
        return {**names, **values, "passes_on": _plain(self.passes_on), "failed": list(self.failed)}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    return value


@dataclass(slots=True)
class Found:
    """`misses`, the smallest move first; `dropped`: those that did not pass the last test; `open`: searches that were given up.

    `unproved`: ranges left out because no comparison turns between their ends, though no range row proved it.
    """

    misses: list[NearMiss]
    dropped: int = 0
    open: int = 0
    unproved: int = 0
    passes: int = 0
    rows: int = 0


class Search:
    """A catalogue made ready to look for near misses; `search_of` keeps it beside the engine's wide program."""

    def __init__(self, program: Program) -> None:
        """program: compiled with `wide=True`."""
        self.program = program
        self.reach = Reach(program)
        self.trials = Trials(program, self.reach)
        self.passes = Passes(program, self.reach, self.trials, Moments(program.catalogue))

    def misses(self, base: Frames, run: Run, *, only: Callable[[Cell], bool] | None = None) -> Found:
        """The near misses of every question of a run.

        Args:
            base: the base frames of the run, one block, as `Engine.frames` gives them.
            run: the finished run; its best world is looked at, with what is given up in it.
            only: which facts to look at; all of them unless told.

        What a move opens may clash with something else: with one household in the run the choice is made anew, and a near miss
        that does not stand then is left out. Of several households at once nothing more is given up than in the run's world.
        """
        found = Found([])
        targets = self.reach.targets(base, run)
        plain, base = base, self._prepared(base, run)
        may = self.reach.may_turn(base, targets)
        if only is not None:
            may = {key: (cell, ts) for key, (cell, ts) in may.items() if only(cell)}
        if not any(targets for _, targets in may.values()):
            return found
        sides, hits, more = self.passes.free(base, may, found)
        self.passes.narrow(base, sides, [p for p, _ in more], found, number=0)
        hits += nearest([(p, t) for p, ts in more for t in ts if p.verdict(t) == 1])
        waits = {id(p): self.passes.waits(base, p) for p, _ in hits if isinstance(p.cell.value, dt.date)}
        also = [w for ws in waits.values() for w in ws]
        for number in range(1, MOST_PASSES):
            if not self.passes.narrow(base, sides, also, found, number=number):
                break
            also = []
        found.open = sum(t.open for s in sides for t in s.tasks)
        hits += [(s.tried.get(t.found) or s.probe(t.found, t.found), t.target) for s in sides for t in s.tasks if t.found is not None]
        self.passes.confirm(base, hits, found)
        kept = [(p, t) for p, t in hits if p.verdict(t) == 1]
        found.dropped = len(hits) - len(kept)
        if base.questions == 1 and any(self.program.clashes.values()):
            kept = standing_hits(self.trials, self._widened(plain), kept, found)
        found.misses = [_miss(p, t, self.passes.passes_on(waits.get(id(p), []), t)) for p, t in kept]
        found.misses.sort(key=lambda m: (m.size, m.policy, m.who, m.fact, m.subject, m.direction, str(m.to_value)))
        return found

    def _prepared(self, base: Frames, run: Run) -> Frames:
        """The base frames with pairs of columns, in the best world."""
        frames = self._widened(base)
        world = run.worlds[run.best]
        binding.in_world(frames, 0, 1, confirmed=world.confirmed, drops=world.drops)
        return frames

    def _widened(self, base: Frames) -> Frames:
        """The base frames with pairs of columns."""
        frames = copies(base, 1)
        binding.widen(frames, self.program)
        return frames


def search_of(program: Program) -> Search:
    """The search that belongs to a program compiled with `wide=True`, made once: its plans get quicker the more often they run."""
    if program.search is None:
        program.search = Search(program)
    return program.search


def near_misses(search: Search, base: Frames, run: Run) -> list[NearMiss]:
    """The near misses of a run, the smallest move first."""
    return search.misses(base, run).misses


def _miss(probe: Probe, target: Target, passes_on: dt.date | None) -> NearMiss:
    cell = probe.cell
    was, now = cell.value, probe.low
    direction: Direction = "other"
    if isinstance(was, dt.date):
        direction = "later" if now > was else "earlier"
    elif cell.is_number:
        direction = "up" if now > was else "down"
        was, now = (Fraction(x, TEN_THOUSAND) if cell.fact.type == "number" else x for x in (was, now))
    names = (target.policy, target.who, cell.key[1], cell.subject, cell.frame)
    return NearMiss(*names, was, now, direction, passes_on, target.failed, cell.fact.type == "money")
