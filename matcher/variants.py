"""Other values that the base facts of some households could have, and the frames in which they have them.

In: base frames. Out: the cells that hold known facts, and frames in which block after block repeats all rows with some cells
changed: variants are rows, never loops. Source: design section 7.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.frames import Frames, copies
from matcher.scope import HOUSEHOLD

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from matcher.catalogue import Catalogue, Fact
    from matcher.program import Program

Key = tuple[str, str]
"""(unit or list, name) of a fact."""
FILE_LISTS = ("awards", "recognitions")
"""What an authority found or paid is on file, not a fact that could be otherwise."""
EDGE_DATES = ("from", "until")


@dataclass(frozen=True, slots=True)
class Cell:
    """One known fact: where it lies, and what it says. `question`: the number of the household that is asked about."""

    frame: str
    row: int
    column: str
    fact: Fact
    key: Key
    question: int
    subject: str
    value: Any

    @property
    def is_number(self) -> bool:
        """Whether it has ends that can be moved by a smallest step."""
        return self.fact.type in ("int", "number", "money")


@dataclass(frozen=True, slots=True)
class Change:
    """What a cell holds in one block: low..high for numbers (None open), else `low`, where None is unknown."""

    block: int
    cell: Cell
    low: Any
    high: Any = None


def fact_of(catalogue: Catalogue, frame: str, column: str) -> tuple[Key, Fact]:
    """The fact behind a base column, and its key."""
    if "@" not in frame:
        return (frame, column[2:]), catalogue.facts[column[2:]]
    name = frame.split("@")[0]
    owner = catalogue.facts[name]
    if column.startswith("e:"):
        return (name, column[2:]), owner.edge[column[2:]]
    assert owner.rows is not None
    assert not isinstance(owner.rows, str)
    return (name, column[2:]), owner.rows[column[2:]]


def questions_of(base: Frames, frame: str) -> np.ndarray:
    """The number of the question that each row of a frame belongs to."""
    asked = base.tables[HOUSEHOLD].get_column("q").to_numpy()
    return asked if frame == HOUSEHOLD else np.asarray(asked[base.hops[(frame, "ego")][1].to_numpy()])


def movable(program: Program, base: Frames) -> dict[tuple[str, str], tuple[Key, Fact]]:
    """The base columns whose cells can be moved: (frame, column) -> key and fact."""
    found = {}
    for frame, names in program.plan.base.items():
        if frame not in base.tables or frame.split("@")[0] in FILE_LISTS:
            continue
        for column in sorted({n.removesuffix(":lo").removesuffix(":hi") for n in names if n.startswith(("f:", "e:"))}):
            if column.startswith("e:") and column[2:] in EDGE_DATES:
                continue
            key, fact = fact_of(program.catalogue, frame, column)
            if fact.type not in ("region", "list") and (fact.type != "text" or fact.values):
                found[(frame, column)] = (key, fact)
    return found


def cells(base: Frames, columns: Mapping[tuple[str, str], tuple[Key, Fact]], wanted: Mapping[int, frozenset[Key] | None]) -> list[Cell]:
    """The known facts of each question that are wanted (None: all of them)."""
    found = []
    for (frame, column), (key, fact) in columns.items():
        if not any(keys is None or key in keys for keys in wanted.values()):
            continue
        table, asked = base.tables[frame], questions_of(base, frame)
        for row, value in enumerate(table.get_column(column).to_list()):
            question = int(asked[row])
            keys = wanted.get(question, frozenset())
            if value is not None and (keys is None or key in keys):
                found.append(Cell(frame, row, column, fact, key, question, _subject(table, frame, row), value))
    return found


def _subject(table: pl.DataFrame, frame: str, row: int) -> str:
    """The id of a person or household, or the key of an entry of a list: owner/list/entry."""
    owner = str(table.item(row, "id"))
    if "@" not in frame:
        return owner
    entry = table.item(row, "other" if "other" in table.columns else "key")
    return f"{owner}/{frame.split('@')[0]}/{entry}"


def alone(base: Frames, question: int) -> tuple[Frames, dict[str, dict[int, int]]]:
    """The base frames of one question among many, and by frame where each of its rows has gone."""
    kept = {name: np.flatnonzero(questions_of(base, name) == question) for name in base.tables}
    rows = {name: {int(was): now for now, was in enumerate(numbers)} for name, numbers in kept.items()}
    hops = {}
    for (name, hop), (target, numbers) in base.hops.items():
        own = numbers.to_list()
        hops[name, hop] = (target, pl.Series([rows[target].get(own[n]) for n in kept[name]], dtype=numbers.dtype))
    spans = {}
    for name, (starts, ends) in base.spans.items():
        owner = base.hops[name, "owner"][0]
        counts = (ends - starts)[kept[owner]]
        spans[name] = (np.cumsum(counts) - counts, np.cumsum(counts))
    return Frames({name: table[kept[name]] for name, table in base.tables.items()}, hops, spans, 1), rows


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
