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
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import polars as pl
from polars._plr import PyDataFrame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEW_ROWS = 300
"""Frames up to this size are run row by row (`matcher.few`), beyond with polars; `python -m tests.bench.bench_few`."""
Array = np.ndarray
Hop = tuple[str, str]


class Asked(Protocol):
    """An expression that is asked for once a plan has run, and the columns that it reads."""

    @property
    def e(self) -> pl.Expr: ...
    @property
    def roots(self) -> tuple[str, ...]: ...


class Table:
    """A frame while a plan runs: columns by name, so that a column more does not cost the width of the frame."""

    __slots__ = ("_flags", "columns", "height")

    def __init__(self, frame: pl.DataFrame) -> None:
        self.height = frame.height
        self._flags: dict[str, Array] = {}
        self.columns: dict[str, pl.Series] = {s.name: s for s in frame.get_columns()}

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def series(self, name: str) -> pl.Series:
        """One column."""
        return self.columns[name]

    def told(self, name: str) -> list[Any]:
        """One column as plain values."""
        return self.columns[name].to_list()

    def one(self, name: str, row: int) -> Any:
        """One value as a plain one."""
        return self.told(name)[row]

    def part(self, names: Iterable[str]) -> pl.DataFrame:
        """Some of the columns as a frame."""
        return frame_of([self.columns[n] for n in names])

    def flags(self, name: str) -> Array:
        """A yes/no column as int8: 1, -1 for no, 0 for unknown; not to be written to."""
        if name not in self._flags:
            told = self.columns[name].cast(pl.Int8) * 2 - 1
            self._flags[name] = np.asarray((told.fill_null(0) if told.null_count() else told).to_numpy())
        return self._flags[name]

    def numbers(self, name: str, missing: int) -> Array:
        """A column of whole numbers, `missing` where unknown."""
        column = self.columns[name].to_physical()
        column = column.fill_null(missing) if column.null_count() else column
        return np.array(column.to_list(), dtype=object) if column.dtype == pl.Int128 else np.asarray(column.to_numpy())

    def worked_out(self, asked: Sequence[Asked], start: int, stop: int) -> list[list[Any]]:
        """What expressions give on some of the rows, as plain values."""
        roots = dict.fromkeys(root for each in asked for root in each.roots)
        # Columns taken one by one: polars 2.1 compares a literal with a column that it holds as a scalar into one row.
        table = pl.DataFrame([self.series(root).slice(start, stop - start) for root in roots])
        found = table.select(each.e.alias(str(n)) for n, each in enumerate(asked))
        return [column.to_list() for column in found.get_columns()]

    def add(self, columns: Iterable[pl.Series]) -> None:
        """Further columns."""
        for column in columns:
            self.columns[column.name] = column

    def put(self, name: str, values: Array, mask: Array | None = None) -> None:
        """A further column of whole numbers, unknown under the mask."""
        made = pl.Series(name, values)
        self.columns[name] = made if mask is None else made.set(pl.Series(mask), None)

    def bring(self, name: str, source: Table, column: str, rows: str) -> None:
        """A further column: one of another frame, at the row numbers that a column here holds."""
        self.columns[name] = taken(source.part([column]), self.columns[rows])[0].alias(name)

    def whole(self) -> pl.DataFrame:
        """All columns as a frame."""
        return frame_of(list(self.columns.values()))


def frame_of(columns: list[pl.Series]) -> pl.DataFrame:
    """Columns of one height as a frame, without checking that again."""
    return pl.DataFrame._from_pydf(PyDataFrame([c._s for c in columns]))


def at_rows(column: pl.Series, rows: pl.Series) -> pl.Series:
    """A column at row numbers, null where the number is."""
    return taken(column.to_frame(), rows)[0]


def taken(part: pl.DataFrame, rows: pl.Series) -> list[pl.Series]:
    """Columns at row numbers, null where the number is."""
    if not part.height:
        return [pl.Series(n, [None] * len(rows), dtype=t) for n, t in part.schema.items()]
    return pl.DataFrame._from_pydf(part._df.gather_with_series(rows.cast(pl.UInt32)._s)).get_columns()


@dataclass(slots=True)
class Frames:
    """tables by frame; hops (frame, hop) -> (target frame, row numbers, null where there is none); spans of list frames.

    spans: frame -> (first entry, entry after the last) per row of the owner's frame. live: the tables of a plan that runs or
    has run, with every column it made.
    """

    tables: dict[str, pl.DataFrame]
    hops: dict[Hop, tuple[str, pl.Series]]
    spans: dict[str, tuple[Array, Array]]
    questions: int
    live: dict[str, Table] = field(default_factory=dict)

    def column(self, frame: str, name: str) -> pl.Series:
        """One column, made by the plan or there before."""
        return self.live[frame].series(name) if frame in self.live else self.tables[frame].get_column(name)

    def told(self, frame: str, name: str) -> list[Any]:
        """The same as plain values."""
        return self.live[frame].told(name) if frame in self.live else self.tables[frame].get_column(name).to_list()

    def one(self, frame: str, name: str, row: int) -> Any:
        """One value."""
        return self.live[frame].one(name, row) if frame in self.live else self.told(frame, name)[row]

    def part(self, frame: str, names: Iterable[str]) -> pl.DataFrame:
        """Some columns as a frame."""
        return self.live[frame].part(names) if frame in self.live else self.tables[frame].select(list(names))

    def whole(self, frame: str) -> pl.DataFrame:
        """All columns as a frame."""
        return self.live[frame].whole() if frame in self.live else self.tables[frame]

    def height(self, frame: str) -> int:
        """Rows of a frame."""
        return self.live[frame].height if frame in self.live else self.tables[frame].height


def spans_of(owner: Array, owners: int) -> tuple[Array, Array]:
    """First and past-the-last entry for each owner, from the sorted owners of the entries."""
    counts = np.bincount(owner, minlength=owners) if len(owner) else np.zeros(owners, dtype=np.int64)
    ends = np.cumsum(counts)
    return ends - counts, ends


def part_of(frames: Frames, questions: Sequence[int]) -> Frames:
    """The rows of some questions, in ascending order: the frames that these would have if nobody else was asked about."""
    number = np.full(frames.questions, -1)
    number[questions] = np.arange(len(questions))
    asked = number[frames.tables["household"].get_column("q").to_numpy()]
    part = Frames({}, {}, {}, len(questions))
    kept, moved = dict[str, pl.Series](), dict[str, pl.Series]()
    for name, table in frames.tables.items():
        wanted = asked[frames.hops[(name, "ego")][1].to_numpy()] >= 0
        kept[name] = pl.Series(np.flatnonzero(wanted).astype(np.uint32))
        moved[name] = pl.Series((np.cumsum(wanted) - wanted).astype(np.uint32))
        part.tables[name] = pl.DataFrame(taken(table, kept[name]))
        if "q" in table.columns:
            part.tables[name] = part.tables[name].with_columns(
                q=pl.Series(number)[part.tables[name].get_column("q")].cast(table.schema["q"])
            )
    for (name, hop), (target, rows) in frames.hops.items():
        part.hops[(name, hop)] = (target, at_rows(moved[target], at_rows(rows, kept[name])))
    for name in frames.spans:
        unit, owner = part.hops[(name, "owner")]
        part.spans[name] = spans_of(owner.to_numpy(), part.height(unit))
    return part


def copies(frames: Frames, times: int) -> Frames:
    """All rows `times` over, one block after the other; row numbers move with their block."""
    if times == 1:
        return Frames(dict(frames.tables), dict(frames.hops), dict(frames.spans), frames.questions)
    tables = {name: _repeat(table, times) for name, table in frames.tables.items()}
    hops: dict[Hop, tuple[str, pl.Series]] = {}
    for hop, (target, rows) in frames.hops.items():
        hops[hop] = (target, _moved(rows, frames.height(target), times))
    spans: dict[str, tuple[Array, Array]] = {}
    for name, (starts, ends) in frames.spans.items():
        shift = np.arange(times, dtype=np.int64)[:, None] * frames.height(name)
        spans[name] = ((starts + shift).ravel(), (ends + shift).ravel())
    return Frames(tables, hops, spans, frames.questions * times)


def _moved(rows: pl.Series, size: int, times: int) -> pl.Series:
    """Row numbers stacked on themselves, those of each block moved past the rows of the block before."""
    if not len(rows):
        return rows
    shift = np.arange(times, dtype=np.uint32)[:, None] * np.uint32(size)
    if not rows.null_count():
        return pl.Series((rows.to_numpy() + shift).ravel())
    moved = pl.Series((rows.fill_null(0).to_numpy() + shift).ravel())
    return moved.set(pl.Series(np.tile(rows.is_null().to_numpy(), times)), None)


def _repeat(table: pl.DataFrame, times: int) -> pl.DataFrame:
    """A table stacked on itself; a small one piece by piece, since polars would call for its threads to gather the rows."""
    if not table.height:
        return table
    if table.height * times <= FEW_ROWS:
        stacked = table._df
        for _ in range(times - 1):
            stacked = stacked.vstack(table._df)
        return pl.DataFrame._from_pydf(stacked)
    rows = pl.Series(np.tile(np.arange(table.height, dtype=np.uint32), times))
    return pl.DataFrame._from_pydf(table._df.gather_with_series(rows._s))


def with_column(table: pl.DataFrame, column: pl.Series) -> pl.DataFrame:
    """A table with one of its columns as this, or with this one as a further one."""
    if column.name not in table.columns:
        return table.hstack([column])
    return table.clone().replace_column(table.get_column_index(column.name), column)


def expand(frames: Frames, name: str, context: str, source: str, hops: tuple[str, ...]) -> pl.DataFrame:
    """The rows of the frame `name`: for every row of `context`, the entries of `source` that belong to the row `hops` lead to.

    Adds its hops: owner -> context, entry -> source, ego -> household. Returns its first column, `as_of`.
    """
    rows = pl.Series(np.arange(frames.height(context), dtype=np.uint32))
    frame = context
    for hop in hops:
        target, numbers = frames.hops[(frame, hop)]
        rows, frame = at_rows(numbers, rows), target
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
    frames.hops[(name, "ego")] = (ego_target, at_rows(ego_rows, frames.hops[(name, "owner")][1]))
    frames.spans[name] = (begin, begin + counts)
    as_of = at_rows(frames.live[context].series("as_of"), frames.hops[(name, "owner")][1])
    return as_of.to_frame()
