"""How the embedded store writes properties as JSON text, and reads many of them as one frame.

A date is `{"d": "2026-08-01"}` and a time `{"t": microseconds since 1970, UTC}`, so types come back as they went in. Nested maps
are refused by the model, so nothing else looks like these. Keys are sorted: equal properties are equal text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl

from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind, PropertyType, Value
from graph.tables import DTYPES, key_columns

SMALL = 400  # rows; below, Python values are quicker than one pass over the text (measured: equal at about 300)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

OpenTypes = Mapping[tuple[str, str], PropertyType]
"""The types of the open properties that were ever stored, by (kind, name)."""


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC."""
    return (moment - EPOCH) // MICROSECOND


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


def frame(
    kind: NodeKind | EdgeKind, keys: Sequence[Sequence[str]], texts: Sequence[str], types: OpenTypes, *, every: bool = False
) -> pl.DataFrame:
    """The table of these rows, in the order given.

    Args:
        kind: whose table it is.
        keys: one tuple a row, as `key_columns` names them.
        texts: one JSON text a row.
        types: of the open properties; one that no row has makes no column.
        every: have it make one, so that the frames of a scan are alike.
    """
    return _frame_of_few(kind, keys, texts, types) if len(texts) < SMALL and not every else _frame_of_many(kind, keys, texts, types, every)


def _frame_of_few(kind: NodeKind | EdgeKind, keys: Sequence[Sequence[str]], texts: Sequence[str], types: OpenTypes) -> pl.DataFrame:
    rows: list[dict[str, Any]] = [json.loads(text) for text in texts]
    columns = [pl.Series(name, values, pl.String) for name, values in zip(key_columns(kind), zip(*keys, strict=True), strict=True)]
    named = set().union(*rows)
    for name, declared in kind.properties.items():
        columns.append(_column(name, declared, rows) if name in named else _nulls(kind.name, name).slice(0, len(rows)))
    columns.extend(_column(name, types[kind.name, name], rows) for name in sorted(named.difference(kind.properties)))
    return pl.DataFrame(columns)


@cache
def _nulls(kind: str, name: str) -> pl.Series:
    declared = (NODE_KINDS.get(kind) or EDGE_KINDS[kind]).properties[name]
    return pl.Series(name, [None] * SMALL, DTYPES[declared])


def _column(name: str, declared: PropertyType, rows: Sequence[Mapping[str, Any]]) -> pl.Series:
    values = [row.get(name) for row in rows]
    if declared == "datetime":
        moments = [None if value is None else value["t"] for value in values]
        return pl.Series(name, moments, pl.Int64).cast(DTYPES["datetime"])
    if declared == "date":
        values = [None if value is None else date.fromisoformat(value["d"]) for value in values]
    if declared == "float":
        values = [None if value is None else float(value) for value in values]
    return pl.Series(name, values, DTYPES[declared])


def _frame_of_many(
    kind: NodeKind | EdgeKind, keys: Sequence[Sequence[str]], texts: Sequence[str], types: OpenTypes, every: bool
) -> pl.DataFrame:
    open_types = {name: value for (owner, name), value in sorted(types.items()) if owner == kind.name}
    named = {**kind.properties, **open_types}
    shape = pl.Struct({name: _TEXT_DTYPES.get(declared, DTYPES[declared]) for name, declared in named.items()})
    read = pl.DataFrame({"text": texts}, schema={"text": pl.String}).select(pl.col("text").str.json_decode(shape)).unnest("text")
    read = read.with_columns(_untagged(name, declared) for name, declared in named.items() if declared in _TEXT_DTYPES)
    columns = [pl.Series(name, values, pl.String) for name, values in zip(key_columns(kind), zip(*keys, strict=True), strict=True)]
    absent = [name for name in open_types if not every and read[name].null_count() == len(texts)]
    return pl.DataFrame(columns).hstack(read.drop(absent))


_TEXT_DTYPES: dict[PropertyType, pl.DataType] = {"date": pl.Struct({"d": pl.String()}), "datetime": pl.Struct({"t": pl.Int64()})}


def _untagged(name: str, declared: PropertyType) -> pl.Expr:
    if declared == "datetime":
        return pl.col(name).struct.field("t").cast(DTYPES["datetime"]).alias(name)
    return pl.col(name).struct.field("d").str.to_date("%Y-%m-%d").alias(name)
