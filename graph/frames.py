"""Rows of any store as the tables that every store hands out: one frame a kind, with the same columns, dtypes and order.

A row is a dict that holds its keys and properties. Days and moments may come in whatever form a store reads them: a Reading turns
them into days and microseconds since 1970.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind, PropertyType
from graph.tables import DTYPES, key_columns

ARROW: dict[PropertyType, pa.DataType] = {
    "str": pa.large_string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", "UTC"),
    "list[str]": pa.large_list(pa.large_string()),
}
"""What becomes the dtypes of `graph.tables`."""
FEW = 3000  # rows that are laid into one wide frame at most
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)

OpenTypes = Mapping[str, PropertyType]
"""The types of the open properties that were ever stored, by name."""

Kind = NodeKind | EdgeKind
WideRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """How a store's days and moments become days and microseconds since 1970; None: they come so."""

    day: Callable[[Any], int] | None
    moment: Callable[[Any], int] | None


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


def frames_of_few(
    groups: Sequence[tuple[Kind, int]], rows: Sequence[WideRow], types: OpenTypes, reading: Reading
) -> dict[str, pl.DataFrame]:
    """The tables of at most FEW rows, which lie one kind after the other: `groups` says of each kind how many.

    All kinds are laid in one wide frame and cut out of it: a frame costs some 2 microseconds a column, a cut of many columns 3.
    """
    named = set().union(*rows)
    columns = _laid({name: DECLARED.get(name) or types[name] for name in named}, rows, reading).get_columns()
    wide = _nulls(frozenset(named & DECLARED.keys())).slice(0, len(rows)).hstack(columns)._df
    cut: dict[str, pl.DataFrame] = {}
    start = 0
    for kind, height in groups:
        end = start + height
        open_names = _open_names(kind, rows[start:end]) if kind.open_names else []
        cut[kind.name] = pl.DataFrame._from_pydf(wide.select([*_names(kind), *open_names]).slice(start, height))
        start = end
    return cut


def frame_of_many(kind: Kind, rows: Sequence[WideRow], types: OpenTypes, reading: Reading, *, every: bool = False) -> pl.DataFrame:
    """The table of these rows of one kind. With `every`, each open name that was ever stored is a column, as a scan needs."""
    open_names = names_that_fit(kind, types) if every else _open_names(kind, rows) if kind.open_names else []
    names = (*key_columns(kind), *kind.properties, *open_names)
    return _laid({name: DECLARED.get(name) or types[name] for name in names}, rows, reading)


def names_that_fit(kind: Kind, types: OpenTypes) -> list[str]:
    """The open names that may stand in a kind."""
    pattern = kind.open_names
    return [name for name in sorted(types) if pattern and pattern.fullmatch(name)]


def _open_names(kind: Kind, rows: Sequence[WideRow]) -> list[str]:
    """The open names in these rows; a store may send further names of other kinds, all null."""
    pattern = kind.open_names
    assert pattern is not None
    return sorted(filter(pattern.fullmatch, set().union(*rows).difference(kind.properties)))


@cache
def _names(kind: Kind) -> tuple[str, ...]:
    return (*key_columns(kind), *kind.properties)


def _declared() -> dict[str, PropertyType]:
    """The type of every name of the model. A name has one type in all kinds (tested), so kinds can share a column."""
    kinds: tuple[Kind, ...] = (*NODE_KINDS.values(), *EDGE_KINDS.values())
    keys: dict[str, PropertyType] = {name: "str" for kind in kinds for name in key_columns(kind)}
    return keys | {name: declared for kind in kinds for name, declared in kind.properties.items()}


DECLARED = _declared()


@lru_cache(maxsize=512)
def _nulls(named: frozenset[str]) -> pl.DataFrame:
    """The columns of the model that no row names, cut from one frame."""
    return _all_nulls()[[name for name in DECLARED if name not in named]]


@cache
def _all_nulls() -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, [None] * FEW, DTYPES[declared]) for name, declared in DECLARED.items()])


def _laid(columns: Mapping[str, PropertyType], rows: Sequence[WideRow], reading: Reading) -> pl.DataFrame:
    """These columns of the rows, by way of Arrow: it takes all of them in one pass, in a third of the time of polars' own way."""
    turned = [(name, number) for name, declared in columns.items() if (number := _number(declared, reading))]
    if turned:
        read = ({name: number(row[name]) for name, number in turned if row.get(name) is not None} for row in rows)
        rows = [{**row, **found} if found else row for row, found in zip(rows, read, strict=True)]
    laid = pl.from_arrow(pa.array(rows, pa.struct([(name, ARROW[declared]) for name, declared in columns.items()])))
    assert isinstance(laid, pl.Series)
    return laid.struct.unnest()


def _number(declared: PropertyType, reading: Reading) -> Callable[[Any], Any] | None:
    """How a value becomes the number that its column holds; None if it is taken as it is."""
    ways: dict[PropertyType, Callable[[Any], Any] | None] = {"date": reading.day, "datetime": reading.moment, "float": float}
    return ways.get(declared)
