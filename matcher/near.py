"""Near misses: which one fact, moved how far, would turn a no into a yes.

In: a finished run and its base frames. Out: for every verdict that is no in the best world, each single known fact that can be
moved so that the verdict is yes, everything else equal; the nearest value above and below for numbers and dates, every other
value of a text or a yes/no; for dates also the day on which it comes about by itself.

First every fact is freed altogether, which rules nearly all of them out; then other values are tried, and numbers moved from
stretch to stretch until the verdict turns. Rooms: `near_reach` what can turn what, `near_search` the search in one household,
`near_trial` trying values, `near_sides` one number moved one way, `near_choice` what stands when the choice is made anew;
`ripple` and `walk` carry out the plan on what differs; `moments` dates. Source: design section 7; docs/adr/0009.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from matcher import binding
from matcher.choices import World
from matcher.frames import Frames, copies
from matcher.moments import Moments
from matcher.near_choice import standing_hits, without_clash
from matcher.near_reach import Reach
from matcher.near_search import Looking
from matcher.possible import TEN_THOUSAND
from matcher.ripple import Ripple
from matcher.variants import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
    """`misses`, the smallest move first; `open`: searches that were given up; `passes` and `rows`: what was tried side by side.

    unproved: stretches that rounding left open, in which the verdict was taken to stay.
    """

    misses: list[NearMiss]
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
        self.ripple = Ripple(program)
        self.moments = Moments(program.catalogue)

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
        base = self._prepared(base, run)
        may = [each for each in self.reach.may_turn(base, self.reach.targets(base, run)).values() if each[1]]
        may = [each for each in may if only is None or only(each[0])]
        for question in sorted({cell.question for cell, _ in may}):
            own = [each for each in may if each[0].question == question]
            if base.questions > 1:
                frames, rows = alone(base, question)
                self._look(frames, _moved(own, rows), found, choose=None)
            else:
                self._look(base, own, found, choose=run.worlds[run.best])
        found.misses.sort(key=lambda m: (m.size, m.policy, m.who, m.fact, m.subject, m.direction, str(m.to_value)))
        return found

    def _look(self, base: Frames, may: list[tuple[Cell, list[Target]]], found: Found, *, choose: World | None) -> None:
        """Look at one household. choose: the world that it is in, if the choice is to be made anew."""
        still = self.ripple.still(base)
        looking = Looking(self.program, self.moments, base, still, found)
        hits = looking.hits(may)
        if choose is not None and any(self.program.clashes.values()) and hits:
            settled = without_clash(self.program, still, hits, found) if choose == World(confirmed=True) else set()
            open_ = [hit for hit in hits if id(hit[0]) not in settled]
            stands = {(id(p), id(t)) for p, t in standing_hits(self.program, still, choose, open_, found)}
            hits = [(p, t) for p, t in hits if id(p) in settled or (id(p), id(t)) in stands]
        days = looking.passes_on(hits)
        found.misses += [_miss(p, t, days[id(p), id(t)]) for p, t in hits]

    def _prepared(self, base: Frames, run: Run) -> Frames:
        """The base frames with pairs of columns, in the best world."""
        frames = copies(base, 1)
        binding.widen(frames, self.program)
        world = run.worlds[run.best]
        binding.in_world(frames, 0, 1, confirmed=world.confirmed, drops=world.drops)
        return frames


def _moved(may: list[tuple[Cell, list[Target]]], rows: Mapping[str, Mapping[int, int]]) -> list[tuple[Cell, list[Target]]]:
    """Cells and targets of a question at their rows in the frames of that question alone."""
    targets = {id(t): replace(t, row=rows[t.unit][t.row]) for _, ts in may for t in ts}
    return [(replace(cell, row=rows[cell.frame][cell.row]), [targets[id(t)] for t in ts]) for cell, ts in may]


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
