"""Records of many households as the tables of a store, made in memory without one: for batches of thousands in tests.

The same columns, dtypes and order as `GraphStore.neighbourhoods` gives for them, but for `updated_at`, which only a store sets.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl

from graph.model import EDGE_KINDS, NODE_KINDS
from graph.tables import empty_frame, key_columns, whole
from matcher.records import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from matcher.catalogue import Catalogue, Fact
    from matcher.records import Record, Rows

RECORDED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""When everything was recorded that does not say it."""
SOURCE = "synthetic"
OF_TYPE: dict[str, pl.DataType] = {
    "yesno": pl.Boolean(),
    "int": pl.Int64(),
    "number": pl.Float64(),
    "money": pl.Int64(),
    "text": pl.String(),
    "region": pl.String(),
    "date": pl.Date(),
}


def tables_of_records(
    records: Iterable[Record], catalogue: Catalogue, as_of: dt.date, *, source: str = SOURCE, recorded_at: dt.datetime = RECORDED
) -> dict[str, pl.DataFrame]:
    """The tables of all these households and everybody around them.

    Args:
        as_of: the day on which everything was told that names no day.

    Raises:
        ValueError: see `matcher.records.rows`.
    """
    gathered = {kind: _Columns() for kind in (*NODE_KINDS, *EDGE_KINDS)}
    for record in records:
        for kind, found in flagged(rows(record, catalogue, source=source, true_on=as_of, recorded_at=recorded_at)).items():
            for row in found:
                gathered[kind].add(row)
    types = open_types(catalogue)
    return whole({kind: _frame(kind, columns, types) for kind, columns in gathered.items() if columns.height})


def flagged(found: Rows) -> Rows:
    """The rows with every node but regions marked as synthetic."""
    for kind, nodes in found.items():
        if kind in NODE_KINDS and kind != "Region":
            for row in nodes:
                row["synthetic"] = True
    return found


def open_types(catalogue: Catalogue) -> dict[str, pl.DataType]:
    """The dtype of every property that a fact, a field of a list or a fact of an edge is held under."""
    found: dict[str, pl.DataType] = {}
    for fact in catalogue.facts.values():
        fields = fact.rows.values() if fact.rows is not None and not isinstance(fact.rows, str) else ()
        for prefix, one in [*(("fact", f) for f in (fact, *fields) if f.type != "list"), *(("edge", f) for f in fact.edge.values())]:
            found[_name(prefix, one)] = OF_TYPE[one.type]
    return found


def _name(prefix: str, fact: Fact) -> str:
    return f"{prefix}_{fact.name}_fen" if fact.type == "money" else f"{prefix}_{fact.name}"


class _Columns:
    """Values by column with the numbers of their rows: a wide table with few cells filled is quick to gather this way."""

    def __init__(self) -> None:
        self.height = 0
        self.cells: dict[str, tuple[list[int], list[Any]]] = {}
        self.seen: set[tuple[Any, ...]] = set()

    def add(self, row: Mapping[str, Any]) -> None:
        """One row; a region that several households share is kept once."""
        key = (row.get("id"), row.get("src"), row.get("dst"), row.get("src_kind"), row.get("dst_kind"))
        if key in self.seen:
            return
        self.seen.add(key)
        for name, value in row.items():
            if value is not None:
                numbers, values = self.cells.setdefault(name, ([], []))
                numbers.append(self.height)
                values.append(value)
        self.height += 1


def _frame(kind: str, columns: _Columns, types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """One table, in the order of its keys."""
    declared = NODE_KINDS.get(kind) or EDGE_KINDS[kind]
    fixed = empty_frame(kind).schema
    schema = dict(fixed) | {name: types[name] for name in sorted(columns.cells) if name not in fixed}
    made = list(_series(columns, schema))
    keys = key_columns(declared)
    order = ("id",) if keys == ("id",) else tuple(k for k in ("src_kind", "src", "dst_kind", "dst") if k in keys)
    return pl.DataFrame(made).sort(order)


def _series(columns: _Columns, schema: Mapping[str, pl.DataType]) -> Iterator[pl.Series]:
    """Each column over all rows, null where nothing was told."""
    for name, dtype in schema.items():
        numbers, values = columns.cells.get(name, ([], []))
        told = pl.Series(name, values, dtype=dtype)
        if len(numbers) == columns.height:
            yield told
            continue
        at: list[int | None] = [None] * columns.height
        for place, number in enumerate(numbers):
            at[number] = place
        yield told.gather(pl.Series(at, dtype=pl.UInt32)) if numbers else pl.Series(name, [None] * columns.height, dtype=dtype)
