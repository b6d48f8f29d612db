"""Tables as plain rows, and plain values as columns, where there are few: dates are days since 1970, moments whole numbers.

Columns are made by polars' own constructors, one for each type: `pl.Series` first finds out what it is given, which takes longer
than the rows of a household do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from polars._plr import PySeries

from graph.row_tables import Row, RowTables
from matcher.stored import dtype_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from matcher.catalogue import Fact
    from matcher.stored import Tables

MAKERS: dict[type[pl.DataType], Callable[[str, Sequence[Any], bool], PySeries]] = {
    pl.Boolean: PySeries.new_opt_bool,
    pl.Int16: PySeries.new_opt_i16,
    pl.Int32: PySeries.new_opt_i32,
    pl.Int64: PySeries.new_opt_i64,
    pl.UInt32: PySeries.new_opt_u32,
    pl.String: PySeries.new_str,
}
HELD_AS: dict[type[pl.DataType], type[pl.DataType]] = {pl.Date: pl.Int32, pl.Enum: pl.String}
"""What the values of other types are made of."""


def column_of(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    """Values as a column; days since 1970 as dates."""
    kind = type(dtype)
    held = HELD_AS.get(kind)
    made = pl.Series._from_pyseries(MAKERS[held or kind](name, values, False))
    return made if held is None else made.cast(dtype)


def hold(columns: dict[str, pl.Series], name: str, values: Sequence[Any], fact: Fact) -> None:
    """Put a fact's values into its column, unless there are none."""
    if any(value is not None for value in values):
        columns[name] = column_of(name, values, dtype_of(fact))


def row_numbers(rows: Iterable[int | None], name: str = "") -> pl.Series:
    """Numbers of rows as a hop holds them."""
    return column_of(name, list(rows), pl.UInt32())


def rows_of(tables: Tables, kind: str, names: Sequence[str] | None = None) -> list[Row]:
    """A table as plain rows, of these columns at least. Not to be changed: others read the same."""
    if isinstance(tables, RowTables):
        return tables.rows(kind)
    table = tables[kind]
    if table.is_empty():
        return []
    columns = table.get_columns() if names is None else [table.get_column(name) for name in names]
    keys = [column.name for column in columns]
    return [dict(zip(keys, row, strict=True)) for row in zip(*map(physical, columns), strict=True)]


def schema_of(tables: Tables, kind: str) -> Mapping[str, pl.DataType]:
    """The dtypes of a table's columns."""
    return tables.schema(kind) if isinstance(tables, RowTables) else tables[kind].schema


def height_of(tables: Tables, kind: str) -> int:
    """How many rows a table has."""
    return len(tables.rows(kind)) if isinstance(tables, RowTables) else tables[kind].height


def in_force(rows: Iterable[Row], today: int) -> list[Row]:
    """Edges or nodes whose dates include the day."""
    return [row for row in rows if (row["from"] is None or row["from"] <= today) and (row["until"] is None or row["until"] >= today)]


def physical(column: pl.Series) -> list[Any]:
    """A column as plain values."""
    dtype = column.dtype
    return (column.cast(pl.Int64) if dtype.is_temporal() else column).to_list()
