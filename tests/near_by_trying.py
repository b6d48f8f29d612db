"""Near misses by trying, as rows of the plain engine: every value at which a condition turns, of some facts of many households.

Comes in: a program, the base frames of some households in one world. Goes out: for every verdict that is no, the values that make it
yes, the nearest each way. Nothing is shared with the search but the plan: numbers are points here, not ranges; where conditions turn
is found by looking at all of them at once on a grid of values, and halving between values at which they differ.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import polars as pl

from matcher.frames import Frames
from matcher.language import Known
from matcher.logic import TOP_OF_FACT, YesNo
from matcher.reads import walk
from matcher.scope import HOUSEHOLD, PERSON
from matcher.variants import EDGE_DATES, FILE_LISTS, fact_of, questions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.catalogue import Catalogue, Fact
    from matcher.near import NearMiss
    from matcher.plan import Plan
    from matcher.program import Program

    Answer = tuple[str, str, str, str, str, Any, str]
    """(policy, who, frame, subject, fact, value, direction)."""

AT_ONCE = 4_000
"""So many variants of a household are run in one pass."""
FEW = 60
"""Numbers with so few values are tried whole."""
PARTS = 4
"""A stretch at whose ends the conditions differ is cut in so many."""
QUOTAS = {"number": 1, "entry": 1, "edge": 1, "date": 1, "text": 1, "yesno": 2}
"""How many facts of a household are taken where not all are, by kind; `entry`: numbers of bills and the like."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One known fact of a question; `value` as the columns hold it."""

    question: int
    frame: str
    row: int
    column: str
    fact: Fact
    subject: str
    value: Any

    @property
    def name(self) -> str:
        """The fact's name."""
        return self.column[2:]

    @property
    def number(self) -> bool:
        """Whether it is moved by smallest steps."""
        return self.fact.type in ("int", "money", "number")

    @property
    def kind(self) -> str:
        """The quota that it falls under."""
        if self.column.startswith("e:"):
            return "edge"
        if self.number:
            return "entry" if "@" in self.frame else "number"
        return self.fact.type


def places(program: Program, base: Frames) -> list[Place]:
    """All known facts of all questions that the plan reads."""
    found = []
    for frame, names in program.plan.base.items():
        if frame.split("@")[0] in FILE_LISTS or frame not in base.tables:
            continue
        asked, table = questions_of(base, frame).tolist(), base.tables[frame]
        for column in sorted(n for n in {name.split(":lo")[0].split(":hi")[0] for name in names} if n[:2] in ("f:", "e:")):
            fact = fact_of(program.catalogue, frame, column)[1]
            if fact.type == "region" or (fact.type == "text" and not fact.values) or (column[:2] == "e:" and column[2:] in EDGE_DATES):
                continue
            for row, value in enumerate(table.get_column(column).to_list()):
                if value is not None:
                    found.append(Place(asked[row], frame, row, column, fact, subject(table, frame, row), value))
    return found


def subject(table: pl.DataFrame, frame: str, row: int) -> str:
    """Whose fact it is, as a near miss says it."""
    owner = str(table.item(row, "id"))
    return owner if "@" not in frame else f"{owner}/{frame.split('@')[0]}/{table.item(row, 'other' if 'other' in table.columns else 'key')}"


def some_of(found: Sequence[Place], quotas: dict[str, int] = QUOTAS) -> list[Place]:
    """A few facts of each question, always the same."""
    kinds: dict[tuple[int, str], list[Place]] = defaultdict(list)
    for place in found:
        kinds[place.question, place.kind].append(place)
    taken = []
    for (_, kind), group in kinds.items():
        group.sort(key=lambda p: crc32(f"{p.subject} {p.frame} {p.column}".encode()))
        taken += group[: quotas[kind]]
    return sorted(taken, key=lambda p: (p.question, p.frame, p.row, p.column))


class Trying:
    """Runs variants of single questions, each with one fact changed, and tells verdicts and how every condition stands."""

    def __init__(self, program: Program, base: Frames) -> None:
        self.program, self.base = program, base
        self.plan, self.signs = with_conditions(program)
        self.units = {u: [p for p in program.order if program.catalogue.policies[p][0].unit == u] for u in (HOUSEHOLD, PERSON)}
        self.first = {f: _starts(questions_of(base, f), base.questions) for f in base.tables}

    def run(self, tried: Sequence[tuple[Place, Any]]) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
        """For each try a number that stands for how all conditions stand, and by unit the verdicts [row, policy]: 1 yes, 0 no, -1 open."""
        signatures: list[np.ndarray] = []
        verdicts: list[dict[str, np.ndarray]] = []
        for start in range(0, len(tried), AT_ONCE):
            part = tried[start : start + AT_ONCE]
            frames, starts = self.frames(part)
            self.plan.run(frames)
            signatures.append(self._signatures(frames, len(part)))
            tables = {
                u: frames.whole(u).select(pl.col(f"v:{p}").cast(pl.Int8).fill_null(-1) for p in ps).to_numpy()
                for u, ps in self.units.items()
            }
            ends = {u: [*starts[u][1:].tolist(), len(tables[u])] for u in self.units}
            verdicts += [{u: tables[u][starts[u][n] : ends[u][n]] for u in self.units} for n in range(len(part))]
        return np.concatenate(signatures), verdicts

    def frames(self, tried: Sequence[tuple[Place, Any]]) -> tuple[Frames, dict[str, np.ndarray]]:
        """The rows of each try's question, one after the other, with the fact changed; where each try's rows begin."""
        asked = np.array([place.question for place, _ in tried])
        starts: dict[str, np.ndarray] = {}
        rows: dict[str, np.ndarray] = {}
        moved: dict[str, np.ndarray] = {}
        for frame, first in self.first.items():
            counts = (first[1:] - first[:-1])[asked]
            starts[frame] = np.cumsum(counts) - counts
            moved[frame] = np.repeat(starts[frame] - first[:-1][asked], counts)
            rows[frame] = np.arange(int(counts.sum())) - moved[frame]
        tables = {frame: self.base.tables[frame][at] for frame, at in rows.items()}
        hops = {}
        for (frame, hop), (target, numbers) in self.base.hops.items():
            shift = np.repeat(starts[target] - self.first[target][:-1][asked], (self.first[frame][1:] - self.first[frame][:-1])[asked])
            hops[frame, hop] = target, (numbers.cast(pl.Int64).gather(rows[frame]) + pl.Series(shift)).cast(pl.UInt32)
        spans = {}
        for frame, (begin, end) in self.base.spans.items():
            owner = frame.split("@")[1]
            shift = np.repeat(starts[frame] - self.first[frame][:-1][asked], (self.first[owner][1:] - self.first[owner][:-1])[asked])
            spans[frame] = begin[rows[owner]] + shift, end[rows[owner]] + shift
        put: dict[tuple[str, str], tuple[list[int], list[Any]]] = defaultdict(lambda: ([], []))
        for n, (place, value) in enumerate(tried):
            at = int(starts[place.frame][n]) + place.row - int(self.first[place.frame][place.question])
            for column in (place.column, f"{place.column}:lo", f"{place.column}:hi"):
                put[place.frame, column][0].append(at)
                put[place.frame, column][1].append(value)
        for (frame, column), (at_rows, values) in put.items():
            if column in tables[frame].columns:
                old = tables[frame].get_column(column)
                tables[frame] = tables[frame].with_columns(old.clone().scatter(at_rows, pl.Series(values, dtype=old.dtype)))
        return Frames(tables, hops, spans, len(tried)), starts

    def _signatures(self, frames: Frames, count: int) -> np.ndarray:
        """One number for each try: the same as long as every condition on every row is."""
        found = np.zeros(count, dtype=np.uint64)
        own = np.flatnonzero(frames.hops[HOUSEHOLD, "ego"][1].to_numpy() == np.arange(frames.height(HOUSEHOLD)))
        for number, (frame, names) in enumerate(self.signs.items()):
            table = frames.whole(frame)
            if not table.height:
                continue
            truths = table.select(pl.col(n).cast(pl.Int8).fill_null(2) for n in names).to_numpy().astype(np.float64)
            random = np.random.default_rng(number)
            lines = (truths @ random.integers(1, 2**40, len(names)).astype(np.float64)).astype(np.uint64)
            ego = np.arange(table.height) if frame == HOUSEHOLD else frames.hops[frame, "ego"][1].to_numpy()
            ego = frames.hops[HOUSEHOLD, "ego"][1].to_numpy()[ego]
            which = np.searchsorted(own, ego)
            place = np.arange(table.height) - np.searchsorted(which, which)
            np.add.at(found, which, (lines + np.uint64(1)) * (place * 2_654_435_761 + 40_503 * (number + 1)).astype(np.uint64))
        return found


def with_conditions(program: Program) -> tuple[Plan, dict[str, list[str]]]:
    """The plan with every yes/no of every expression as a column of its frame."""
    compiler = program.compiler
    names: dict[str, list[str]] = defaultdict(list)
    for (scope, _), value in list(compiler._values.items()):
        if isinstance(value, YesNo) and value.e.meta.root_names():
            name = f"sign:{len(names[scope.frame])}:{scope.frame}"
            compiler.plan.select(scope.frame, name, value.e)
            names[scope.frame].append(name)
    for unit in (HOUSEHOLD, PERSON):
        names[unit] += [f"v:{p}" for p in program.order if program.catalogue.policies[p][0].unit == unit]
    return compiler.plan.plan(), dict(names)


def _starts(asked: np.ndarray, questions: int) -> np.ndarray:
    """Where the rows of each question begin, and where the last end; they lie together."""
    assert (asked[1:] >= asked[:-1]).all()
    return np.searchsorted(asked, np.arange(questions + 1))


def by_trying(trying: Trying, chosen: Sequence[Place], as_of: dt.date) -> set[Answer]:
    """The nearest values of these facts that make a verdict yes which is no."""
    days: dict[int, set[dt.date]] = defaultdict(set)
    numbers: dict[int, set[int]] = defaultdict(set)
    for place in places(trying.program, trying.base):
        if place.fact.type == "date":
            days[place.question].add(place.value)
        elif place.fact.type == "money":
            numbers[place.question].add(place.value)
    seen: list[dict[Any, tuple[int, dict[str, np.ndarray]]]] = [{} for _ in chosen]
    wanted = [sorted({p.value, *grid(trying.program.catalogue, p, as_of, days[p.question], numbers[p.question])}) for p in chosen]
    while any(wanted):
        tried = [(n, value) for n, values in enumerate(wanted) for value in values]
        signatures, verdicts = trying.run([(chosen[n], value) for n, value in tried])
        for (n, value), signature, verdict in zip(tried, signatures.tolist(), verdicts, strict=True):
            seen[n][value] = signature, verdict
        wanted = [list(between(seen[n], chosen[n])) for n in range(len(chosen))]
    found: dict[tuple[str, str, Place, Any], Any] = {}
    for place, values in zip(chosen, seen, strict=True):
        for policy, who, value in yes_at(trying, place, values):
            way = direction(place, value)
            key = (policy, who, place, value if way == "other" else way)
            if key not in found or abs(value - place.value) < abs(found[key] - place.value):
                found[key] = value
    return {
        (policy, who, p.frame, p.subject, p.name, Fraction(v, 10_000) if p.fact.type == "number" else v, direction(p, v))
        for (policy, who, p, _), v in found.items()
    }


def between(seen: dict[Any, tuple[int, Any]], place: Place) -> Iterator[Any]:
    """Values that cut the stretches at whose ends the conditions differ; none between neighbours."""
    if not place.number and place.fact.type != "date":
        return
    for a, b in pairwise(sorted(seen)):
        if seen[a][0] != seen[b][0]:
            gap = b - a if place.number else (b - a).days
            steps = range(1, gap) if gap <= PARTS else [gap * n // PARTS for n in range(1, PARTS)]
            yield from (a + (s if place.number else dt.timedelta(days=s)) for s in steps)


def yes_at(trying: Trying, place: Place, values: dict[Any, tuple[int, dict[str, np.ndarray]]]) -> Iterator[tuple[str, str, Any]]:
    """(policy, who, value) for every verdict that is no as the fact stands and yes at the value."""
    now = values[place.value][1]
    for unit, policies in trying.units.items():
        table = trying.base.tables[unit]
        first = int(trying.first[unit][place.question])
        inside = table.get_column("inside").slice(first, len(now[unit])).to_numpy()
        no = (now[unit] == 0) & inside[:, None]
        for value, (_, verdict) in values.items():
            for row, policy in np.argwhere(no & (verdict[unit] == 1)).tolist():
                yield policies[policy], str(table.item(first + row, "id")), value


def direction(place: Place, value: Any) -> str:
    """Which way a value lies."""
    if place.fact.type == "date":
        return "later" if value > place.value else "earlier"
    return "other" if not place.number else "up" if value > place.value else "down"


def grid(catalogue: Catalogue, place: Place, as_of: dt.date, days: set[dt.date], numbers: set[int]) -> list[Any]:
    """The values to look at first."""
    if place.fact.type == "yesno":
        return [not place.value]
    if place.fact.type == "text":
        return list(place.fact.values)
    if place.fact.type == "date":
        found = {as_of + dt.timedelta(days=n) for n in range(-430, 431, 9)}
        found |= {dt.date(y, m, as_of.day) for y in range(1900, 2045) for m in (as_of.month, (as_of.month + 5) % 12 + 1)}
        return sorted(found | {d + dt.timedelta(days=n) for d in (days | literal_days(catalogue)) for n in (-1, 0, 1)})
    scale = 10_000 if place.fact.type == "number" else 1
    low = -TOP_OF_FACT if place.fact.low is None else int(place.fact.low * scale)
    high = TOP_OF_FACT if place.fact.high is None else int(place.fact.high * scale)
    if high - low <= FEW:
        return list(range(low, high + 1))
    if place.fact.type == "int" and high - low <= 1_000:
        steps = set(range(low, high + 1, (high - low) // FEW))
    else:
        steps = {sign * int(10 ** (n / 2)) for n in range(2 * len(str(high))) for sign in (-1, 1)}
    steps |= {place.value + s for s in (-1, 1)} | {low, 0, high, scale, place.value // 2, place.value * 2}
    steps |= {n + s for n in numbers for s in (-1, 0, 1)} if place.fact.type == "money" else set()
    return sorted(v for v in steps if low <= v <= high)


def literal_days(catalogue: Catalogue) -> set[dt.date]:
    """The days that stand in conditions."""
    clauses = [c for versions in catalogue.policies.values() for v in versions for c in v.clauses]
    nodes = [node for c in clauses for node in walk(c.when.node)]
    return {node.value for node in nodes if isinstance(node, Known) and isinstance(node.value, dt.date)}


def answers(misses: Sequence[NearMiss]) -> set[Answer]:
    """Near misses in the same form."""
    return {(m.policy, m.who, m.frame, m.subject, m.fact, m.to_value, m.direction) for m in misses}
