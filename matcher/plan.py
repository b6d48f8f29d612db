"""A compiled catalogue: an ordered list of column operations over the frames, and the machine that carries them out.

`matcher.compile` builds a Plan once per catalogue (and set of versions in force); `run` fills the frames with its columns.
Operations are sorted into levels by what they read, and those of one level and frame are done in one go: rows are nearly
free, operations on frames cost.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import polars as pl

from matcher import reduce
from matcher.frames import Frames, expand

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Action(Protocol):
    """Work that is more than an expression: a reduction or a payment."""

    def __call__(self, frames: Frames, scratch: dict[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Do:
    """An action; writes its columns itself."""

    act: Callable[[Frames, dict[str, Any]], None]
    label: str


Operation = Select | Gather | Expand | Do


@dataclass(slots=True)
class Plan:
    """Operations by level, and what the facts stage has to provide.

    facts: frame -> names of base columns that the plan reads. terms_set: terms that a case sets by hand.
    """

    levels: list[list[Operation]] = field(default_factory=list)
    base: dict[str, set[str]] = field(default_factory=dict)

    def run(self, frames: Frames) -> dict[str, Any]:
        """Fill the frames; returns the scratch that payments leave behind."""
        scratch: dict[str, Any] = {}
        for level in self.levels:
            _run_level(level, frames, scratch)
        return scratch


def _run_level(level: list[Operation], frames: Frames, scratch: dict[str, Any]) -> None:
    """All operations of one level, grouped by frame and hop."""
    selects: dict[str, list[pl.Expr]] = defaultdict(list)
    gathers: dict[tuple[str, str, str], list[Gather]] = defaultdict(list)
    for operation in level:
        match operation:
            case Select(frame, name, e):
                selects[frame].append(e.alias(name))
            case Gather(frame, _, hop, source, _):
                gathers[(frame, hop, source)].append(operation)
            case Expand(name, context, source, hops):
                expand(frames, name, context, source, hops)
            case Do(act, _):
                act(frames, scratch)
    for (frame, hop, source), wanted in gathers.items():
        rows = frames.hops[(frame, hop)][1]
        table = frames.tables[source].select([g.column for g in wanted])
        brought = table.select(pl.all().gather(rows)) if table.height else _nulls(table, len(rows))
        brought.columns = [g.name for g in wanted]
        frames.tables[frame] = frames.tables[frame].hstack(brought)
    for frame, exprs in selects.items():
        frames.tables[frame] = frames.tables[frame].with_columns(exprs)


def _nulls(table: pl.DataFrame, height: int) -> pl.DataFrame:
    """As many null rows as asked, with the table's types."""
    return pl.DataFrame({n: pl.Series(n, [None] * height, dtype=t) for n, t in table.schema.items()})


class PlanBuilder:
    """Collects operations with what they read and gives them their levels. One per compilation."""

    def __init__(self) -> None:
        self._level: dict[Column, int] = {}
        self._operations: list[tuple[int, Operation]] = []
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

    def do(self, outputs: list[Column], inputs: list[Column], act: Callable[[Frames, dict[str, Any]], None], label: str) -> None:
        """Define an action that makes `outputs` from `inputs`."""
        level = self._after(inputs)
        for output in outputs:
            self._level[output] = level
        self._operations.append((level, Do(act, label)))

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


def reduction(
    kind: str, frame: str, owner_frame: str, inputs: dict[str, str], outputs: list[str], whole: str | None, *, open_low: bool = True
) -> Callable[[Frames, dict[str, Any]], None]:
    """The action of a list call: `inputs` by role (passes, entering, lo, hi, lo_d, hi_d, rank), `whole` a column of the owner."""

    def act(frames: Frames, _scratch: dict[str, Any]) -> None:
        table, spans = frames.tables[frame], frames.spans[frame]
        owners = frames.tables[owner_frame]
        if whole is None:
            complete = np.ones(owners.height, dtype=bool)
        else:
            complete = owners.get_column(whole).fill_null(value=False).to_numpy()
        column = {role: table.get_column(name) for role, name in inputs.items()}
        if kind == "any":
            results = [reduce.any_of(column["passes"], spans, complete)]
        elif kind == "all":
            results = [reduce.all_of(column["passes"], spans, complete)]
        elif kind == "count":
            results = list(reduce.count_of(column["passes"], spans, complete))
        elif kind == "sum":
            results = _sums(column, spans, complete, open_low=open_low)
        else:
            results = list(reduce.extreme(column["rank"], column["entering"], spans, complete, least=kind == "min"))
        frames.tables[owner_frame] = owners.hstack([r.alias(n) for r, n in zip(results, outputs, strict=True)])

    return act


def _sums(column: dict[str, pl.Series], spans: reduce.Spans, whole: reduce.Array, *, open_low: bool) -> list[pl.Series]:
    """Both ends of a sum, with their denominators where these differ by entry."""
    open_high = ~whole
    low_open = open_high if open_low else np.zeros(len(whole), dtype=bool)
    if "lo_d" in column:
        lo = reduce.sum_ratios(column["lo"], column["lo_d"], spans, low_open)
        hi = reduce.sum_ratios(column["hi"], column["hi_d"], spans, open_high)
        return [lo[0], lo[1], hi[0], hi[1]]
    return [reduce.sum_end(column["lo"], spans, low_open), reduce.sum_end(column["hi"], spans, open_high)]
