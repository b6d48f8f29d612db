"""How the embedded store writes properties as JSON text, and reads many of them as one frame.

A date is `{"d": "2026-08-01"}` and a time `{"t": microseconds since 1970, UTC}`, so types come back as they went in. Nested maps
are refused by the model, so nothing else looks like these. Keys are sorted: equal properties are equal text.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind, PropertyType, Value
from graph.tables import DTYPES, key_columns

FEW = 3000  # rows; up to here Python values are quicker than a pass over the text of each kind (measured: equal at about 3,000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()
MICROSECOND = timedelta(microseconds=1)

OpenTypes = Mapping[str, PropertyType]
"""The types of the open properties that were ever stored, by name."""

Kind = NodeKind | EdgeKind


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one kind in the order of the table to be: a tuple of keys each, as `key_columns` names them, and a JSON text each."""

    kind: Kind
    keys: Sequence[Sequence[str]]
    texts: Sequence[str]


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


def frames(groups: Sequence[Rows], types: OpenTypes) -> dict[str, pl.DataFrame]:
    """The tables of these rows by kind. An open property makes a column where a row has it."""
    if sum(len(rows.texts) for rows in groups) <= FEW:
        return _frames_of_few(groups, types)
    return {rows.kind.name: frame_of_many(rows, types) for rows in groups}


def _frames_of_few(groups: Sequence[Rows], types: OpenTypes) -> dict[str, pl.DataFrame]:
    """All kinds are laid in one wide frame and cut out of it: making a column costs some 8 microseconds, a cut of many 5."""
    wide_rows: list[dict[str, Any]] = json.loads(f"[{','.join(text for rows in groups for text in rows.texts)}]")
    keyed = ((key_columns(rows.kind), keys) for rows in groups for keys in rows.keys)
    for row, (names, keys) in zip(wide_rows, keyed, strict=True):
        row.update(zip(names, keys, strict=True))
    named = set().union(*wide_rows)
    columns = [_column(name, DECLARED.get(name) or types[name], wide_rows) for name in named]
    wide = _nulls(frozenset(named & DECLARED.keys())).slice(0, len(wide_rows)).hstack(columns)
    cut: dict[str, pl.DataFrame] = {}
    start = 0
    for rows in groups:
        end = start + len(rows.texts)
        open_names = _open_names(rows.kind, wide_rows[start:end]) if rows.kind.open_names else []
        cut[rows.kind.name] = wide[start:end, [*key_columns(rows.kind), *rows.kind.properties, *open_names]]
        start = end
    return cut


def _open_names(kind: Kind, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted(set().union(*rows).difference(kind.properties, key_columns(kind)))


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


def _column(name: str, declared: PropertyType, rows: Sequence[Mapping[str, Any]]) -> pl.Series:
    values = [row.get(name) for row in rows]
    if declared == "datetime":
        moments = [None if value is None else value["t"] for value in values]
        return pl.Series(name, moments, pl.Int64).cast(DTYPES["datetime"])
    if declared == "date":
        days = [None if value is None else date.fromisoformat(value["d"]).toordinal() - EPOCH_DAY for value in values]
        return pl.Series(name, days, pl.Int32).cast(DTYPES["date"])
    if declared == "list[str]":  # twice as quick as polars' own way with nested values
        lists = pl.from_arrow(pa.array(values, pa.large_list(pa.large_string())))
        assert isinstance(lists, pl.Series)
        return lists.alias(name)
    if declared == "float":
        values = [None if value is None else float(value) for value in values]
    return pl.Series(name, values, DTYPES[declared])


def frame_of_many(rows: Rows, types: OpenTypes, *, every: bool = False) -> pl.DataFrame:
    """The table of these rows, read from their text in one pass. With `every`, each open name is a column, as a scan needs."""
    kind, pattern = rows.kind, rows.kind.open_names
    open_types = {name: types[name] for name in sorted(types) if pattern and pattern.fullmatch(name)}
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
