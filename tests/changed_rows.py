"""Base frames in which block after block repeats all rows with some cells changed: other values as rows of the plain engine."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.frames import Frames, copies
from matcher.variants import questions_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from matcher.variants import Cell


@dataclass(frozen=True, slots=True)
class Change:
    """What a cell holds in one block: low..high for numbers (None open), else `low`, where None is unknown."""

    block: int
    cell: Cell
    low: Any
    high: Any = None


def variants(base: Frames, changes: Sequence[Change], *, times: int, days: Mapping[tuple[int, int], dt.date] | None = None) -> Frames:
    """All rows `times` over; in block k those cells are changed that name it. Other blocks stay as they are.

    Args:
        base: frames with their base columns, number facts as pairs too (`binding.widen`).
        days: (block, question) -> another day of the question; what is on file stays as it was.
    """
    frames = repeated(base, times)
    put: dict[str, dict[str, tuple[list[int], list[Any]]]] = defaultdict(lambda: defaultdict(lambda: ([], [])))
    for change in changes:
        cell, columns = change.cell, put[change.cell.frame]
        row = change.block * base.height(cell.frame) + cell.row
        values = {cell.column: change.low}
        if cell.is_number:
            point = change.low if change.low == change.high else None
            values = {cell.column: point, f"{cell.column}:lo": change.low, f"{cell.column}:hi": change.high}
        for column, value in values.items():
            columns[column][0].append(row)
            columns[column][1].append(value)
    for (block, question), day in (days or {}).items():
        for frame, table in base.tables.items():
            rows = np.flatnonzero(questions_of(base, frame) == question) + block * table.height
            put[frame]["as_of"][0].extend(rows.tolist())
            put[frame]["as_of"][1].extend([day] * len(rows))
    for frame, columns in put.items():
        frames.tables[frame] = _scattered(frames.tables[frame], columns)
    return frames


def repeated(base: Frames, times: int) -> Frames:
    """All rows `times` over: hops and spans as `copies` makes them, tables by one gather each."""
    heights = Frames({n: t.select(t.columns[0]) for n, t in base.tables.items()}, base.hops, base.spans, base.questions)
    frames = copies(heights, times)
    frames.tables = {n: t[np.tile(np.arange(t.height), times)] if t.height else t for n, t in base.tables.items()}
    return frames


def _scattered(table: pl.DataFrame, columns: Mapping[str, tuple[list[int], list[Any]]]) -> pl.DataFrame:
    """The table with some cells of some columns put in; columns that it lacks are left out."""
    changed = []
    for name, (rows, values) in columns.items():
        if name in table.columns and rows:
            series = table.get_column(name)
            changed.append(series.clone().scatter(rows, pl.Series(values, dtype=series.dtype)))
    return table.with_columns(changed)
