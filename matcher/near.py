"""Near misses: which one fact, moved how far, would turn a no into a yes.

In: a finished run and its base frames. Out: for every verdict that is no in the best world, each single known fact that can be
moved so that the verdict is yes, everything else equal; the nearest value above and below for numbers and dates, every other
value of a text or a yes/no; for dates also the day on which it comes about by itself.

Variants are rows. A row may hold a whole range of a number: a no on a range proves that nothing in it helps. First every
fact is freed altogether, which rules nearly all of them out; then the sides of the comparisons tell where to look, and ranges
prove that nothing nearer helps. Source: design section 7.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

from matcher import binding, logic
from matcher.catalogue import Clause, Group
from matcher.choices import block_of
from matcher.compile import TEN_THOUSAND
from matcher.frames import Frames, copies
from matcher.language import Compare, Node
from matcher.logic import TOP_OF_FACT, Number
from matcher.reads import facts_of, grantors, reach, reads_of
from matcher.scope import HOUSEHOLD, PERSON
from matcher.standards import in_force
from matcher.variants import Cell, Change, Key, Moments, cells, movable, questions_of, shifted, variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from matcher.catalogue import Catalogue
    from matcher.pipeline import Run
    from matcher.plan import Plan
    from matcher.rules import Program

Direction = Literal["up", "down", "later", "earlier", "other"]
Keys = frozenset[Key] | None
"""Facts that something may depend on; None: perhaps all."""
ROWS_AT_ONCE = 400_000
MOST_PASSES = 30
LATE = 4
"""From this pass on a range is left out if no comparison turns in it."""
FEW_VALUES = 3
"""A text with more other values than this is freed first."""
CUTS = 12
NOWHERE = -9
"""No distance: a comparison that has no side that is a number."""
ALL_OF_THEM = 72
"""So few values are tried one by one."""
AT_ONCE = 4
"""Ranges of one search that are narrowed in one pass."""


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


@dataclass(eq=False, slots=True)
class _Target:
    """A verdict that is no."""

    policy: str
    unit: str
    row: int
    question: int
    who: str
    failed: tuple[str, ...]
    wanted: Keys


@dataclass(eq=False, slots=True)
class _Probe:
    """A cell with other values (and perhaps another day), and where it was tried."""

    cell: Cell
    low: Any
    high: Any = None
    day: dt.date | None = None
    block: int = 0
    seen: _Seen | None = None

    def verdict(self, target: _Target) -> int:
        """1 yes, 0 no, -1 unknown."""
        assert self.seen is not None
        return self.seen.verdict(self.block, target)


@dataclass(eq=False, slots=True)
class _Seen:
    """What one pass left: verdicts by unit as [block, row, policy], and the differences in comparisons by frame."""

    verdicts: dict[str, np.ndarray]
    numbers: dict[str, int]
    margins: list[tuple[np.ndarray, np.ndarray, np.ndarray]]

    def verdict(self, block: int, target: _Target) -> int:
        return int(self.verdicts[target.unit][block, target.row, self.numbers[target.policy]])

    def differences(self, block: int, question: int) -> np.ndarray:
        """All differences of one question in one block, always in the same order."""
        return np.concatenate([values[block][asked == question].ravel() for asked, values, _ in self.margins])

    def comparisons(self, question: int) -> np.ndarray:
        """The number of the comparison of each of these."""
        return np.concatenate([np.tile(which, int((asked == question).sum())) for asked, _, which in self.margins])


@dataclass(eq=False, slots=True)
class _Task:
    """The search for one target on one side of a number: ranges of distances still open, the nearest first."""

    target: _Target
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
class _Side:
    """A number moved one way, up to `reach` smallest steps."""

    cell: Cell
    sign: int
    reach: int
    tasks: list[_Task] = field(default_factory=list)
    samples: dict[int, np.ndarray] = field(default_factory=dict)
    tried: dict[int, _Probe] = field(default_factory=dict)
    turns: _Turns | None = None

    def probe(self, near: int, far: int) -> _Probe:
        """A row for the values at distances near..far."""
        ends = (self.cell.value + self.sign * near, self.cell.value + self.sign * far)
        return _Probe(self.cell, min(ends), max(ends))

    @property
    def first_samples(self) -> list[int]:
        """Distances at which the comparisons are looked at first; only the nearest if it is known to help."""
        far = (10**3, 10**5, 10**6, 10**7, 10**8, 10**10, self.reach) if any(t.open for t in self.tasks) else ()
        return sorted({min(d, self.reach) for d in (1, *far)})

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
        self.turns = _Turns(known, pair, root, comparisons[place], (x == 0) & (pair > 0))

    def drop_hopeless(self, task: _Task, relevant: np.ndarray, *, late: bool) -> int:
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

    def guesses(self, task: _Task, relevant: np.ndarray) -> tuple[list[int], bool]:
        """Distances at which a comparison that matters turns, the nearest first, each given once; whether one may be a step."""
        if self.turns is None:
            return [], False
        roots = set(self.turns.root[relevant[self.turns.comparison]].tolist()) - task.used
        inside = sorted(g for g in roots if any(a - 2 <= g <= b + 1 for a, b, _ in task.todo[:AT_ONCE]))[:CUTS]
        task.used.update(inside)
        return inside, bool(self.turns.stepped[relevant[self.turns.comparison]].any())


@dataclass(eq=False, slots=True)
class _Turns:
    """Where comparisons turn: the number of the pair of samples, the distance, which comparison, whether it may be a step beyond."""

    known: list[int]
    pair: np.ndarray
    root: np.ndarray
    comparison: np.ndarray
    stepped: np.ndarray


class Search:
    """A catalogue made ready to look for near misses; keep it beside the engine's wide program."""

    def __init__(self, program: Program) -> None:
        """program: compiled with `wide=True`."""
        self.program = program
        self.catalogue = program.catalogue
        self.moments = Moments(self.catalogue)
        self._behind = _Behind(self.catalogue)
        self._plan, self._margins, self._comparisons = _with_margins(program)
        self._relevant: dict[str, np.ndarray] = {}
        self._policies = {u: [p for p in program.order if self.catalogue.policies[p][0].unit == u] for u in (HOUSEHOLD, PERSON)}

    # --- what to look at ------------------------------------------------------------------------------------------
    def targets(self, base: Frames, run: Run) -> list[_Target]:
        """Every verdict that is no, with the facts that could turn it."""
        found = []
        for unit, policies in self._policies.items():
            table = block_of(run.frames, unit, run.best, len(run.worlds))
            asked, inside = questions_of(base, unit), table.get_column("inside").to_list()
            for policy in policies:
                for row, verdict in enumerate(table.get_column(f"v:{policy}").to_list()):
                    if verdict is False and inside[row]:
                        target = self._target(policy, table, row, int(asked[row]), base)
                        found += [target] if target is not None else []
        return found

    def _target(self, policy: str, table: pl.DataFrame, row: int, question: int, base: Frames) -> _Target | None:
        versions, unit = self.program.policies[policy], self.catalogue.policies[policy][0].unit
        number: int | None = 0 if versions else None
        if versions and not (len(versions) == 1 and "" in versions[0].regions):
            ego = base.hops[(unit, "ego")][1][row]
            number = base.tables[HOUSEHOLD].item(int(ego), f"pv:{policy}@{self.program.places[policy]}")
        if number is None:
            return None
        clauses = versions[number].clauses
        truths = [table.item(row, f"c:{policy}:{number}:{i}") for i in range(len(clauses))]
        failed = tuple(c.id for c, truth in zip(clauses, truths, strict=True) if truth is False)
        wanted = self._behind.turning(versions[number].requires, iter(truths))[1]
        return _Target(policy, unit, row, question, str(table.item(row, "id")), failed, wanted)

    def run(self, base: Frames, probes: list[_Probe], found: Found, *, margins: bool = False) -> None:
        """Try the probes, one block of rows for each of a question's; block 0 stays as it is."""
        height = sum(base.tables[u].height for u in (HOUSEHOLD, PERSON))
        most = max(1, ROWS_AT_ONCE // height)
        chunks: dict[int, list[_Probe]] = defaultdict(list)
        count: dict[int, int] = defaultdict(int)
        for probe in probes:
            n = count[probe.cell.question]
            count[probe.cell.question] += 1
            probe.block = n % most + 1
            chunks[n // most].append(probe)
        for chunk in chunks.values():
            times = 1 + max(p.block for p in chunk)
            changes = [Change(p.block, p.cell, p.low, p.high) for p in chunk]
            days = {(p.block, p.cell.question): p.day for p in chunk if p.day is not None}
            frames = variants(base, changes, times=times, days=days)
            (self._plan if margins else self.program.plan).run(frames)
            seen = self._seen(base, frames, times, margins=margins)
            found.passes += 1
            found.rows += times
            for probe in chunk:
                probe.seen = seen

    def _seen(self, base: Frames, frames: Frames, times: int, *, margins: bool) -> _Seen:
        verdicts: dict[str, np.ndarray] = {}
        numbers: dict[str, int] = {}
        sides: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for unit, policies in self._policies.items():
            numbers |= {p: n for n, p in enumerate(policies)}
            table = frames.tables[unit].select(pl.col(f"v:{p}").cast(pl.Int8).fill_null(-1) for p in policies)
            verdicts[unit] = table.to_numpy().reshape(times, base.height(unit), len(policies)) if policies else np.empty((times, 0, 0))
        for frame, columns in self._margins.items() if margins else ():
            height = frames.height(frame) // times
            values = frames.tables[frame].select(columns.keys()).to_numpy().reshape(times, height, len(columns))
            sides.append((questions_of(frames, frame)[:height], values, np.array(list(columns.values()))))
        return _Seen(verdicts, numbers, sides)

    # --- the search -----------------------------------------------------------------------------------------------
    def misses(self, base: Frames, run: Run) -> Found:
        """The near misses of every question of a run.

        Args:
            base: the base frames of the run, one block, as `Engine.frames` gives them.
            run: the finished run; its best world is looked at, with what is given up in it.
        """
        found = Found([])
        targets = self.targets(base, run)
        base = self._prepared(base, run)
        may = self._to_free(base, targets)
        free = [p for c, ts in may.values() if ts for p in self._freed(c)]
        if not free:
            return found
        self.run(base, free, found)
        sides, hits, more = self._sort(base, free, may)
        samples = [(s, d, s.probe(d, d)) for s in sides for d in s.first_samples]
        if samples or more:
            self.run(base, [p for p, _ in more] + [p for _, _, p in samples], found, margins=bool(samples))
        for side, distance, probe in samples:
            self._sample(side, distance, probe)
        hits += _nearest([(p, t) for p, ts in more for t in ts if p.verdict(t) == 1])
        waits = {id(p): self._waits(base, p) for p, _ in hits if isinstance(p.cell.value, dt.date)}
        self._narrow(base, sides, [w for ws in waits.values() for w in ws], found)
        hits += [(s.tried.get(t.found) or s.probe(t.found, t.found), t.target) for s in sides for t in s.tasks if t.found is not None]
        self._confirm(base, hits, found)
        kept = [(p, t) for p, t in hits if p.verdict(t) == 1]
        found.dropped = len(hits) - len(kept)
        found.misses = [_miss(p, t, self._passes_on(waits.get(id(p), []), t)) for p, t in kept]
        found.misses.sort(key=lambda m: (m.size, m.policy, m.who, m.fact, m.subject, m.direction, str(m.to_value)))
        return found

    def _to_free(self, base: Frames, targets: Sequence[_Target]) -> dict[int, tuple[Cell, list[_Target]]]:
        """The known facts, each with the verdicts that it could turn by what the rules read."""
        by_question: dict[int, list[_Target]] = defaultdict(list)
        for target in targets:
            by_question[target.question].append(target)
        found = cells(base, movable(self.program, base), _by_question(targets))
        keys = {(c.question, c.key) for c in found}
        turned = {(q, key): [t for t in by_question[q] if t.wanted is None or key in t.wanted] for q, key in keys}
        return {id(c): (c, turned[(c.question, c.key)]) for c in found}

    def _prepared(self, base: Frames, run: Run) -> Frames:
        """The base frames with pairs of columns, in the best world."""
        frames = copies(base, 1)
        binding.widen(frames, self.program)
        world = run.worlds[run.best]
        binding.in_world(frames, 0, 1, confirmed=world.confirmed, drops=world.drops)
        return frames

    def _freed(self, cell: Cell) -> Iterator[_Probe]:
        """The cell as anything that it is not; a few other values stand for themselves."""
        if cell.is_number:
            for side in _sides(cell):
                yield side.probe(1, side.reach)
        elif cell.fact.type == "yesno":
            yield _Probe(cell, not cell.value)
        elif cell.fact.type == "text" and len(cell.fact.values) - 1 <= FEW_VALUES:
            yield from (_Probe(cell, v) for v in cell.fact.values if v != cell.value)
        else:
            yield _Probe(cell, None)

    def _sort(
        self, base: Frames, free: Sequence[_Probe], may: Mapping[int, tuple[Cell, list[_Target]]]
    ) -> tuple[list[_Side], list[tuple[_Probe, _Target]], list[tuple[_Probe, list[_Target]]]]:
        """What freeing the facts showed: numbers to narrow, alternatives that do it, and others to try one by one."""
        sides, hits, more = [], [], []
        for probe in free:
            alive = [(t, v) for t in may[id(probe.cell)][1] if (v := probe.verdict(t)) != 0]
            if not alive:
                continue
            if probe.cell.is_number:
                side = next(s for s in _sides(probe.cell) if s.probe(1, s.reach).low == probe.low)
                for target, verdict in alive:
                    side.tasks.append(_Task(target, [(1, side.reach, verdict == 1)]))
                    side.tasks[-1].settle()
                sides.append(side)
            elif probe.low is not None:
                hits += [(probe, t) for t, v in alive if v == 1]
            else:
                more += [(p, [t for t, _ in alive]) for p in self._one_by_one(probe.cell, base)]
        return sides, hits, more

    def _one_by_one(self, cell: Cell, base: Frames) -> Iterator[_Probe]:
        """The other values of a text; of a date the nearest day of every stretch in which it makes no difference."""
        if cell.fact.type == "text":
            yield from (_Probe(cell, v) for v in cell.fact.values if v != cell.value)
            return
        others: dict[Key, list[dt.date]] = defaultdict(list)
        for (frame, column), (key, fact) in movable(self.program, base).items():
            if fact.type == "date":
                same = questions_of(base, frame) == cell.question
                others[key] += [d for d in base.tables[frame].get_column(column).filter(pl.Series(same)).to_list() if d is not None]
        for start in self.moments.starts(cell, self._as_of(base, cell), others):
            day = start if start > cell.value else shifted(start, 0, -1)
            if day != cell.value:
                yield _Probe(cell, day)

    @staticmethod
    def _as_of(base: Frames, cell: Cell) -> dt.date:
        day: dt.date = base.tables[cell.frame].item(cell.row, "as_of")
        return day

    def _sample(self, side: _Side, distance: int, probe: _Probe) -> None:
        assert probe.seen is not None
        if probe.seen.margins:
            side.tried[distance] = probe
            side.samples[distance] = probe.seen.differences(probe.block, side.cell.question)
            side.samples.setdefault(0, probe.seen.differences(0, side.cell.question))

    def _narrow(self, base: Frames, sides: list[_Side], waits: list[_Probe], found: Found) -> None:
        """Narrow the open ranges until the nearest value that helps is known, or that there is none; try `waits` on the way."""
        for number in range(MOST_PASSES):
            tried: dict[tuple[int, int, int], tuple[_Side, _Probe]] = {}
            cuts: dict[int, dict[tuple[int, int], list[tuple[int, int]]]] = {}
            for side in sides:
                for task in self._looked_at(side, found, late=number >= LATE):
                    guesses, stepped = side.guesses(task, self._turners(task))
                    cuts[id(task)] = {
                        (a, b): _cut(a, b, guesses, task, evenly=stepped or number > 0) for a, b, yes in task.todo[:AT_ONCE] if not yes
                    }
                    for a, b in (r for ranges in cuts[id(task)].values() for r in ranges):
                        tried.setdefault((id(side), a, b), (side, side.probe(a, b)))
            probes = [p for _, p in tried.values()] + (waits if number == 0 else [])
            if not probes:
                return
            self.run(base, probes, found, margins=bool(tried))
            for (_, a, b), (side, probe) in tried.items():
                if a == b:
                    self._sample(side, a, probe)
            for side in sides:
                for task in (t for t in side.tasks if t.open):
                    _replace(task, cuts[id(task)], {(a, b): p for (s, a, b), (_, p) in tried.items() if s == id(side)})
        found.open = sum(t.open for s in sides for t in s.tasks)

    def _looked_at(self, side: _Side, found: Found, *, late: bool) -> list[_Task]:
        """The tasks of a side that are still open, after a look at where comparisons turn."""
        if side.samples and any(t.open for t in side.tasks):
            side.look(next(p.seen.comparisons(side.cell.question) for p in side.tried.values() if p.seen is not None))
            for task in (t for t in side.tasks if t.open):
                found.unproved += side.drop_hopeless(task, self._turners(task), late=late)
        return [t for t in side.tasks if t.open]

    def _turners(self, task: _Task) -> np.ndarray:
        """Which comparisons a verdict can depend on."""
        policy = task.target.policy
        if policy not in self._relevant:
            behind = self._behind.comparisons(policy)
            self._relevant[policy] = np.array([behind is None or c in behind for c in self._comparisons], dtype=bool)
        return self._relevant[policy]

    # --- the last test --------------------------------------------------------------------------------------------
    def _confirm(self, base: Frames, hits: list[tuple[_Probe, _Target]], found: Found) -> None:
        """Apply every move that was not yet tried as it stands."""
        untried = [p for p, _ in hits if p.seen is None]
        if untried:
            self.run(base, untried, found)

    def _waits(self, base: Frames, probe: _Probe) -> list[_Probe]:
        """The days around the one on which the date as it stands comes to be as far back as the moved one is today."""
        cell = probe.cell
        if probe.low >= cell.value:
            return []
        as_of = self._as_of(base, cell)
        days = [shifted(as_of, 0, (cell.value - probe.low).days + n) for n in range(-4, 5)]
        return [_Probe(cell, cell.value, day=d) for d in days if d >= as_of]

    def _passes_on(self, waits: Sequence[_Probe], target: _Target) -> dt.date | None:
        """The first day that is yes after one that is no, if the policy is still in force then."""
        versions = self.program.policies[target.policy]
        for before, after in pairwise(waits):
            if before.verdict(target) != 1 and after.verdict(target) == 1 and after.day is not None:
                return after.day if any(in_force(v, after.day) for v in versions) else None
        return None


def near_misses(search: Search, base: Frames, run: Run) -> list[NearMiss]:
    """The near misses of a run, the smallest move first."""
    return search.misses(base, run).misses


class _Behind:
    """The facts that clauses and verdicts rest on, found once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.givers = grantors(catalogue)
        self._verdicts: dict[str, Keys] = {}
        self._clauses: dict[int, tuple[Clause, Keys]] = {}
        self._comparisons: dict[str, frozenset[Node] | None] = {}

    def clause(self, clause: Clause) -> Keys:
        """All facts that a clause can depend on."""
        if id(clause) not in self._clauses:
            found: Keys = facts_of(clause.when.node, self.catalogue)
            for read, target in reads_of(clause.when.node, self.catalogue):
                if read in ("granted", "left"):
                    found = None
                elif read in ("recognised", "eligible"):
                    found = _union([found, *(self.verdict(g) for g in (self.givers[target] if read == "recognised" else (target,)))])
            self._clauses[id(clause)] = (clause, found)
        return self._clauses[id(clause)][1]

    def verdict(self, policy: str) -> Keys:
        """All facts that a verdict can depend on."""
        if policy not in self._verdicts:
            clauses = [c for v in self.catalogue.policies[policy] for c in v.clauses]
            self._verdicts[policy] = _union([self.clause(c) for c in clauses])
        return self._verdicts[policy]

    def comparisons(self, policy: str) -> frozenset[Node] | None:
        """All comparisons that a verdict can depend on; None: perhaps all."""
        if policy not in self._comparisons:
            found: frozenset[Node] | None = frozenset()
            for clause in (c for v in self.catalogue.policies[policy] for c in v.clauses):
                inner = [frozenset(n for n in reach(clause.when.node, self.catalogue.terms) if isinstance(n, Compare))]
                for read, target in reads_of(clause.when.node, self.catalogue):
                    givers = self.givers[target] if read == "recognised" else (target,) if read == "eligible" else ()
                    more = [None] if read in ("granted", "left") else [self.comparisons(g) for g in givers]
                    inner += more  # type: ignore[arg-type]
                found = None if found is None or None in inner else found.union(*inner)
            self._comparisons[policy] = found
        return self._comparisons[policy]

    def turning(self, group: Group, truths: Iterator[bool | None]) -> tuple[bool | None, Keys]:
        """What a group is now, and the facts of which one must be moved for it to be yes: every part that is not yes has to change."""
        parts: list[tuple[bool | None, Keys]] = []
        everything: list[Keys] = []
        for part in group.of:
            parts.append((next(truths), self.clause(part)) if isinstance(part, Clause) else self.turning(part, truths))
            everything.append(self.clause(part) if isinstance(part, Clause) else _union([self.clause(c) for c in _leaves(part)]))
        values = [value for value, _ in parts]
        if group.op == "not":
            return (None if values[0] is None else not values[0]), everything[0]
        if group.op == "any":
            return (True if True in values else None if None in values else False), _union(everything)
        needed: Keys = None
        for value, keys in parts:
            if value is not True:
                needed = keys if needed is None else needed if keys is None else needed & keys
        return (False if False in values else None if None in values else True), needed


def _leaves(group: Group) -> list[Clause]:
    return [c for part in group.of for c in ([part] if isinstance(part, Clause) else _leaves(part))]


def _union(parts: Iterable[Keys]) -> Keys:
    found: frozenset[Key] = frozenset()
    for keys in parts:
        if keys is None:
            return None
        found |= keys
    return found


def _by_question(targets: Sequence[_Target]) -> dict[int, Keys]:
    """The facts that could turn any target of each question."""
    found: dict[int, Keys] = {}
    for target in targets:
        found[target.question] = _union([found.get(target.question, frozenset()), target.wanted])
    return found


def _with_margins(program: Program) -> tuple[Plan, dict[str, dict[str, int]], list[Compare]]:
    """The plan with the difference of both sides of every comparison of numbers; these columns by frame, with the comparison's number."""
    compiler, comparisons = program.compiler, list[Compare]()
    columns: dict[str, dict[str, int]] = defaultdict(dict)
    for scope, node in list(compiler._values):
        if not isinstance(node, Compare) or node.left.kind not in ("number", "money"):
            continue
        left, right = compiler.value(scope, node.left), compiler.value(scope, node.right)
        assert isinstance(left, Number)
        assert isinstance(right, Number)
        between = logic.subtract(left, right)
        comparisons.append(node)
        for side, end in (("lo", between.lo),) if between.single else (("lo", between.lo), ("hi", between.hi)):
            e = end.n.cast(pl.Float64) / end.d
            if e.meta.root_names():
                name = f"margin:{len(comparisons)}:{side}"
                compiler.plan.select(scope.frame, name, e)
                columns[scope.frame][name] = len(comparisons) - 1
    return compiler.plan.plan(), dict(columns), comparisons


def _sides(cell: Cell) -> list[_Side]:
    """Both ways in which a number can be moved, with how far."""
    scale = TEN_THOUSAND if cell.fact.type == "number" else 1
    low = -TOP_OF_FACT if cell.fact.low is None else int(cell.fact.low * scale)
    high = TOP_OF_FACT if cell.fact.high is None else int(cell.fact.high * scale)
    both = (_Side(cell, -1, cell.value - low), _Side(cell, 1, high - cell.value))
    return [side for side in both if side.reach > 0]


def _cut(a: int, b: int, guesses: Sequence[int], task: _Task, *, evenly: bool) -> list[tuple[int, int]]:
    """The range in parts: at the guesses, and closer and closer to a yes that follows it or evenly, as guesses may mislead."""
    if b - a < ALL_OF_THEM:
        return [(d, d) for d in range(a, b + 1)]
    inside = [g for g in guesses if a - 2 <= g <= b + 1]
    firsts = {a}
    firsts |= {d for g in inside for d in range(g - 1, g + 4) if a < d <= b}
    if evenly or not inside:
        if b + 1 in {first for first, _, yes in task.todo if yes}:
            firsts |= {b + 1 - 2**n for n in range((b - a).bit_length()) if b + 1 - 2**n > a}
        elif b > 50 * a:
            firsts |= {int(a * (b / a) ** (n / CUTS)) + m for n in range(1, CUTS) for m in (0, 1)}
        else:
            firsts |= {a + (b + 1 - a) * n // CUTS + m for n in range(1, CUTS) for m in (0, 1)}
    starts = sorted(firsts)
    return list(zip(starts, [*(s - 1 for s in starts[1:]), b], strict=True))


def _replace(task: _Task, cuts: Mapping[tuple[int, int], list[tuple[int, int]]], probes: Mapping[tuple[int, int], _Probe]) -> None:
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


def _nearest(hits: Sequence[tuple[_Probe, _Target]]) -> list[tuple[_Probe, _Target]]:
    """Of dates that help the nearest each way, of texts all."""
    best: dict[tuple[int, int, Any], tuple[_Probe, _Target]] = {}
    for probe, target in hits:
        value, was = probe.low, probe.cell.value
        way = value > was if isinstance(value, dt.date) else value
        key = (id(probe.cell), id(target), way)
        if key not in best or abs(value - was) < abs(best[key][0].low - was):
            best[key] = (probe, target)
    return list(best.values())


def _miss(probe: _Probe, target: _Target, passes_on: dt.date | None) -> NearMiss:
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
