"""How the embedded store writes properties as JSON text, and reads many of them as one frame.

A date is `{"d": "2026-08-01"}` and a time `{"t": microseconds since 1970, UTC}`, so types come back as they went in. Nested maps
are refused by the model, so nothing else looks like these. Keys are sorted: equal properties are equal text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import polars as pl

from graph.frames import EPOCH, EPOCH_DAY, Kind, OpenTypes, Reading, micros, names_that_fit
from graph.model import PropertyType, Value
from graph.row_tables import FEW, RowTables
from graph.store import Tables
from graph.tables import DTYPES, key_columns, whole


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one kind in the order of the table to be: a tuple of keys each, as `key_columns` names them, and a JSON text each."""

    kind: Kind
    keys: Sequence[Sequence[str]]
    texts: Sequence[str]


def _tag(value: object) -> dict[str, str | int]:
    if isinstance(value, datetime):
        return {"t": micros(value)}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    raise TypeError(type(value).__name__)


_encode: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_tag).encode


def dumps(properties: Mapping[str, Value]) -> str:
    """The properties as JSON text."""
    return _encode(properties)


def dumps_list(value: list[str]) -> str:
    """A list as it stands in the text of `dumps`."""
    return _encode(value)


def loads(text: str) -> dict[str, Value]:
    """The properties as they were given to `dumps`."""
    stored: dict[str, Any] = json.loads(text)
    for name, value in stored.items():
        if type(value) is dict:
            stored[name] = _untag(value)
    return stored


def _untag(value: dict[str, Any]) -> date | datetime:
    return date.fromisoformat(value["d"]) if "d" in value else EPOCH + timedelta(microseconds=value["t"])


def tables_of(groups: Sequence[Rows], types: OpenTypes) -> Tables:
    """The tables of these rows by kind. An open property makes a column where a row has it."""
    if sum(len(rows.texts) for rows in groups) <= FEW:  # up to here quicker than a pass over the text of each kind (measured)
        return RowTables([(rows.kind, _decoded(rows)) for rows in groups], types, AS_NUMBERS)
    return whole({rows.kind.name: frame_of_many(rows, types) for rows in groups})


def _decoded(rows: Rows) -> list[dict[str, Any]]:
    names, found = key_columns(rows.kind), _decode(f"[{','.join(rows.texts)}]")
    for row, keys in zip(found, rows.keys, strict=True):
        row.update(zip(names, keys, strict=True))
    return found


def _as_numbers(value: dict[str, Any]) -> dict[str, Any] | int:
    """A day or a moment as the number that its column holds; a row as it is."""
    if len(value) == 1:
        if "t" in value:
            return int(value["t"])
        if "d" in value:
            return _day(value["d"])
    return value


@lru_cache(maxsize=10_000)
def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH_DAY


_decode: Callable[[str], list[dict[str, Any]]] = json.JSONDecoder(object_hook=_as_numbers).decode
AS_NUMBERS = Reading(day=None, moment=None)


def frame_of_many(rows: Rows, types: OpenTypes, *, every: bool = False) -> pl.DataFrame:
    """The table of these rows, read from their text in one pass. With `every`, each open name is a column, as a scan needs."""
    kind = rows.kind
    open_types = {name: types[name] for name in names_that_fit(kind, types)}
    named = {**kind.properties, **open_types}
    shape = pl.Struct({name: _TEXT_DTYPES.get(declared, DTYPES[declared]) for name, declared in named.items()})
    read = pl.DataFrame({"text": rows.texts}, schema={"text": pl.String}).select(pl.col("text").str.json_decode(shape)).unnest("text")
    read = read.with_columns(_untagged(name, declared) for name, declared in named.items() if declared in _TEXT_DTYPES)
    keys = [pl.Series(name, values, pl.String) for name, values in zip(key_columns(kind), zip(*rows.keys, strict=True), strict=True)]
    absent = [name for name in open_types if not every and read[name].null_count() == len(rows.texts)]
    return pl.DataFrame(keys).hstack(read.drop(absent))


_TEXT_DTYPES: dict[PropertyType, pl.DataType] = {"date": pl.Struct({"d": pl.String()}), "datetime": pl.Struct({"t": pl.Int64()})}


def _untagged(name: str, declared: PropertyType) -> pl.Expr:
    if declared == "datetime":
        return pl.col(name).struct.field("t").cast(DTYPES["datetime"]).alias(name)
    return pl.col(name).struct.field("d").str.to_date("%Y-%m-%d").alias(name)
