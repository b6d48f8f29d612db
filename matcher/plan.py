"""A compiled catalogue: an ordered list of column operations over the frames, and the machine that carries them out.

`matcher.compile` builds a Plan once per catalogue (and set of versions in force); `run` fills the frames with its columns.
Operations are sorted into levels by what they read, and those of one level and frame are done in one go: rows are nearly
free, operations on frames cost.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher import reduce
from matcher.few import FewPlan
from matcher.frames import FEW_ROWS, Frames, Table, expand, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matcher.frames import Asked

WARM = 3
"""So often a plan runs before it is translated: a program that asks once would only wait for it."""

Column = tuple[str, str]
"""(frame, column); tokens that order operations without being columns are ("#", name)."""


@dataclass(frozen=True, slots=True)
class Select:
    """A column of a frame from other columns of it."""

    frame: str
    name: str
    e: pl.Expr


@dataclass(frozen=True, slots=True)
class Gather:
    """A column of another frame, brought along a hop."""

    frame: str
    name: str
    hop: str
    source: str
    column: str


@dataclass(frozen=True, slots=True)
class Expand:
    """A frame of list entries for every row of a context (see frames.expand)."""

    name: str
    context: str
    source: str
    hops: tuple[str, ...]

    def carry_out(self, frames: Frames, _scratch: dict[str, Any], table_of: Callable[[str, pl.DataFrame], Table]) -> None:
        """Make the frame."""
        frames.live[self.name] = table_of(self.name, expand(frames, self.name, self.context, self.source, self.hops))


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a column of whole numbers without nulls over each owner's entries."""

    frame: str
    owner_frame: str
    column: str
    name: str


@dataclass(frozen=True, slots=True)
class Do:
    """An action; writes its columns itself. reads, makes: columns and tokens."""

    act: Callable[[Frames, dict[str, Any]], None]
    label: str
    reads: tuple[Column, ...]
    makes: list[Column]

    def carry_out(self, frames: Frames, scratch: dict[str, Any], _table_of: Callable[[str, pl.DataFrame], Table]) -> None:
        """Do it."""
        self.act(frames, scratch)


Operation = Select | Gather | Expand | Total | Do


@dataclass(slots=True)
class Plan:
    """Operations by level, and what the facts stage has to provide.

    base: frame -> names of base columns that the plan reads.
    """

    levels: list[list[Operation]] = field(default_factory=list)
    base: dict[str, set[str]] = field(default_factory=dict)
    runs: int = 0
    _groups: list[Groups] = field(default_factory=list)
    _few: FewPlan | None = None

    def run(self, frames: Frames, *, few: bool | None = None) -> dict[str, Any]:
        """Fill the frames; returns the scratch that payments leave behind. few: row by row; None: as the number of rows asks for."""
        self.runs += 1
        if few is None:
            few = self.runs > WARM and max(t.height for t in frames.tables.values()) <= FEW_ROWS
        if few:
            self._few = self._few or FewPlan(self.groups(), self.base)
            return self._few.run(frames)
        scratch: dict[str, Any] = {}
        frames.live = {name: Table(table) for name, table in frames.tables.items()}
        for groups in self.groups():
            groups.run(frames, scratch)
        return scratch

    def make_ready(self, frame: str, asked: Iterable[Asked]) -> None:
        """Translate what will be asked for on a frame once the plan has run; nothing while the plan itself is not translated."""
        if self._few is not None:
            self._few.make_ready(frame, asked)

    def groups(self) -> list[Groups]:
        """The operations of each level, grouped once."""
        if not self._groups:
            self._groups = [Groups.of(level) for level in self.levels]
        return self._groups


@dataclass(slots=True)
class Groups:
    """The operations of one level, those on the same frame (and hop) together."""

    first: list[Expand | Do]
    gathers: list[tuple[str, str, str, list[str], list[str]]]
    totals: list[tuple[str, str, list[str], list[str]]]
    selects: list[tuple[str, list[str], list[pl.Expr], list[str]]]

    @classmethod
    def of(cls, level: list[Operation]) -> Groups:
        """Sort a level's operations into groups."""
        selects: dict[str, list[Select]] = defaultdict(list)
        gathers: dict[tuple[str, str, str], list[Gather]] = defaultdict(list)
        totals: dict[tuple[str, str], list[Total]] = defaultdict(list)
        first: list[Expand | Do] = []
        for operation in level:
            match operation:
                case Select(frame, _, _):
                    selects[frame].append(operation)
                case Gather(frame, _, hop, source, _):
                    gathers[(frame, hop, source)].append(operation)
                case Total(frame, owner_frame, _, _):
                    totals[(frame, owner_frame)].append(operation)
                case Expand() | Do():
                    first.append(operation)
        return cls(
            first,
            [(*key, [g.column for g in found], [g.name for g in found]) for key, found in gathers.items()],
            [(*pair, [t.column for t in found], [t.name for t in found]) for pair, found in totals.items()],
            [(frame, _roots(found), [s.e.alias(s.name) for s in found], [s.name for s in found]) for frame, found in selects.items()],
        )

    def run(self, frames: Frames, scratch: dict[str, Any]) -> None:
        """Carry them out."""
        for operation in self.first:
            operation.carry_out(frames, scratch, lambda _, frame: Table(frame))
        live = frames.live
        for frame, hop, source, columns, names in self.gathers:
            brought = taken(live[source].part(columns), frames.hops[(frame, hop)][1])
            live[frame].add(s.alias(n) for s, n in zip(brought, names, strict=True))
        for frame, owner_frame, columns, names in self.totals:
            made = reduce.totals(live[frame].part(columns), frames.spans[frame])
            live[owner_frame].add(s.alias(n) for s, n in zip(made, names, strict=True))
        for frame, roots, exprs, names in self.selects:
            table = live[frame]
            made_here = table.part(roots).with_columns(exprs)
            table.add(made_here.get_column(n) for n in names)


def _roots(selects: list[Select]) -> list[str]:
    """The columns that some expressions read; one at least, so that the frame has its height."""
    return list(dict.fromkeys(["as_of", *(root for s in selects for root in s.e.meta.root_names())]))


class PlanBuilder:
    """Collects operations with what they read and gives them their levels. One per compilation."""

    def __init__(self) -> None:
        self._level: dict[Column, int] = {}
        self._operations: list[tuple[int, Operation]] = []
        self._acts: dict[Column, list[Column]] = {}
        self.base: dict[str, set[str]] = defaultdict(set)

    def has(self, frame: str, name: str) -> bool:
        """Whether the column is defined already."""
        return (frame, name) in self._level

    def need(self, frame: str, name: str) -> pl.Expr:
        """A base column, provided by the facts stage."""
        self.base[frame].add(name)
        self._level.setdefault((frame, name), 0)
        return pl.col(name)

    def select(self, frame: str, name: str, e: pl.Expr) -> pl.Expr:
        """Define a column of a frame."""
        if not self.has(frame, name):
            self._put((frame, name), [(frame, root) for root in e.meta.root_names()], Select(frame, name, e))
        return pl.col(name)

    def gather(self, frame: str, hop: str, source: str, column: str) -> pl.Expr:
        """Bring a column of `source` to `frame`."""
        name = f"{hop}>{column}"
        if not self.has(frame, name):
            self._put((frame, name), [(source, column), (frame, "#rows")], Gather(frame, name, hop, source, column))
        return pl.col(name)

    def expand(self, name: str, context: str, source: str, hops: tuple[str, ...]) -> None:
        """Define an expanded frame."""
        if not self.has(name, "#rows"):
            self._put((name, "#rows"), [(context, "#rows"), (source, "#rows")], Expand(name, context, source, hops))
            self._level[(name, "as_of")] = self._level[(name, "#rows")]

    def total(self, frame: str, owner_frame: str, column: str, name: str) -> pl.Expr:
        """Define the sum of a column over each owner's entries."""
        self._put((owner_frame, name), [(frame, column), (frame, "#rows"), (owner_frame, "#rows")], Total(frame, owner_frame, column, name))
        return pl.col(name)

    def do(self, outputs: list[Column], inputs: list[Column], act: Callable[[Frames, dict[str, Any]], None], label: str) -> None:
        """Define an action that makes `outputs` from `inputs`."""
        level = self._after(inputs)
        made = Do(act, label, tuple(inputs), [])
        for output in outputs:
            self._level[output] = level
            self._acts[output] = made.makes
        made.makes.extend(outputs)
        self._operations.append((level, made))

    def also(self, outputs: list[Column], like: Column) -> None:
        """Further outputs of the action that makes `like`."""
        for output in outputs:
            self._level[output] = self._level[like]
        self._acts[like].extend(outputs)

    def _after(self, inputs: list[Column]) -> int:
        return 1 + max((self._level.get(column, 0) for column in inputs), default=0)

    def _put(self, output: Column, inputs: list[Column], operation: Operation) -> None:
        level = self._after(inputs)
        self._level[output] = level
        self._operations.append((level, operation))

    def plan(self) -> Plan:
        """The operations, level by level; frames are made before anything else of their level."""
        levels: dict[int, list[Operation]] = defaultdict(list)
        for level, operation in self._operations:
            levels[level].append(operation)
        ordered = [sorted(levels[k], key=lambda o: not isinstance(o, Expand)) for k in sorted(levels)]
        return Plan(ordered, {k: set(v) for k, v in self.base.items()})
