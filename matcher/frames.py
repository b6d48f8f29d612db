"""The frames that rules run on: one table per unit and list, joined by row numbers instead of keys.

`household` and `person` hold every row of every question; a list has one frame per owner's unit, `bills@person`, whose
rows are sorted by owner. A *hop* is a column of row numbers into another frame:

    person  --ego-->  household   the question's household           person --home--> household  the person's own
    L@unit  --owner-> unit        whose list it is                   L@unit --entry-> person     who the entry is
    L@unit  --ego-->  household

Worlds, choices and variants are more rows: `copies` repeats all frames. Comes from `matcher.facts`, is filled column by
column by `matcher.engine`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from polars._plr import PyDataFrame

if TYPE_CHECKING:
    from collections.abc import Iterable

Array = np.ndarray
Hop = tuple[str, str]


class Table:
    """A frame while a plan runs: columns by name, so that a column more does not cost the width of the frame."""

    __slots__ = ("columns", "height")

    def __init__(self, frame: pl.DataFrame) -> None:
        self.height = frame.height
        self.columns: dict[str, pl.Series] = {s.name: s for s in frame.get_columns()}

    def part(self, names: Iterable[str]) -> pl.DataFrame:
        """Some of the columns as a frame."""
        return _frame([self.columns[n] for n in names])

    def add(self, columns: Iterable[pl.Series]) -> None:
        """Further columns."""
        for column in columns:
            self.columns[column.name] = column

    def whole(self) -> pl.DataFrame:
        """All columns as a frame."""
        return _frame(list(self.columns.values()))


def _frame(columns: list[pl.Series]) -> pl.DataFrame:
    """Columns of one height as a frame, without checking that again."""
    return pl.DataFrame._from_pydf(PyDataFrame([c._s for c in columns]))


@dataclass(slots=True)
class Frames:
    """tables by frame; hops (frame, hop) -> (target frame, row numbers, null where there is none); spans of list frames.

    spans: frame -> (first entry, entry after the last) per row of the owner's frame. live: the tables while a plan runs.
    """

    tables: dict[str, pl.DataFrame]
    hops: dict[Hop, tuple[str, pl.Series]]
    spans: dict[str, tuple[Array, Array]]
    questions: int
    live: dict[str, Table] = field(default_factory=dict)

    def height(self, frame: str) -> int:
        """Rows of a frame."""
        return self.live[frame].height if frame in self.live else self.tables[frame].height


def spans_of(owner: Array, owners: int) -> tuple[Array, Array]:
    """First and past-the-last entry for each owner, from the sorted owners of the entries."""
    counts = np.bincount(owner, minlength=owners) if len(owner) else np.zeros(owners, dtype=np.int64)
    ends = np.cumsum(counts)
    return ends - counts, ends


def copies(frames: Frames, times: int) -> Frames:
    """All rows `times` over, one block after the other; row numbers move with their block."""
    if times == 1:
        return Frames(dict(frames.tables), dict(frames.hops), dict(frames.spans), frames.questions)
    tables = {name: _repeat(table, times) for name, table in frames.tables.items()}
    hops: dict[Hop, tuple[str, pl.Series]] = {}
    for hop, (target, rows) in frames.hops.items():
        size = frames.height(target)
        offsets = pl.Series(np.repeat(np.arange(times, dtype=np.int64) * size, len(rows)))
        moved = (_repeat(rows.cast(pl.Int64).to_frame(), times).to_series() + offsets).cast(pl.UInt32)
        hops[hop] = (target, moved)
    spans: dict[str, tuple[Array, Array]] = {}
    for name, (starts, ends) in frames.spans.items():
        shift = np.repeat(np.arange(times, dtype=np.int64) * frames.height(name), len(starts))
        spans[name] = (np.tile(starts, times) + shift, np.tile(ends, times) + shift)
    return Frames(tables, hops, spans, frames.questions * times)


def _repeat(table: pl.DataFrame, times: int) -> pl.DataFrame:
    """A table stacked on itself."""
    rows = pl.Series(np.tile(np.arange(table.height, dtype=np.uint32), times))
    return pl.DataFrame._from_pydf(table._df.gather_with_series(rows._s)) if table.height else table


def expand(frames: Frames, name: str, context: str, source: str, hops: tuple[str, ...]) -> None:
    """Add the frame `name`: for every row of `context`, the entries of `source` that belong to the row `hops` lead to.

    Its hops: owner -> context, entry -> source, ego -> household. It also gets `as_of`.
    """
    rows = pl.Series(np.arange(frames.height(context), dtype=np.uint32))
    frame = context
    for hop in hops:
        target, numbers = frames.hops[(frame, hop)]
        rows, frame = numbers.gather(rows), target
    starts, ends = frames.spans[source]
    missing = rows.is_null().to_numpy()
    at = rows.fill_null(0).to_numpy()
    if len(starts):
        counts = np.where(missing, 0, (ends - starts)[at])
        first = np.where(missing, 0, starts[at])
    else:
        counts, first = np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
    owner = np.repeat(np.arange(len(at)), counts)
    begin = np.cumsum(counts) - counts
    entry = np.repeat(first - begin, counts) + np.arange(int(counts.sum()))
    frames.hops[(name, "owner")] = (context, pl.Series(owner.astype(np.uint32)))
    frames.hops[(name, "entry")] = (source, pl.Series(entry.astype(np.uint32)))
    ego_target, ego_rows = frames.hops.get((context, "ego"), ("household", rows))
    frames.hops[(name, "ego")] = (ego_target, ego_rows.gather(frames.hops[(name, "owner")][1]))
    frames.spans[name] = (begin, begin + counts)
    as_of = frames.live[context].columns["as_of"].gather(frames.hops[(name, "owner")][1])
    frames.live[name] = Table(as_of.to_frame())
