"""How properties go into Neo4j and come back: as its own types, so that a reader of the graph sees dates, times and lists.

A time is sent back as microseconds since 1970, which costs a tenth of the driver's own way; a day as the driver gives it.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from neo4j.time import Date

from graph.frames import EPOCH, EPOCH_DAY, Kind, Reading


def _day(value: Date) -> int:
    return int(value.to_ordinal()) - EPOCH_DAY


READING = Reading(day=_day, moment=int)


def quoted(name: str) -> str:
    """A name of the model as it stands in a query."""
    assert "`" not in name
    return f"`{name}`"


def projection(variable: str, *kinds: Kind) -> str:
    """The Cypher expression of all properties of a node or edge of one of these kinds; times that it does not have are null."""
    names = sorted({name for kind in kinds for name, declared in kind.properties.items() if declared == "datetime"})
    moments = (f"{name}: {micros_of(f'{variable}.{name}')}" for name in names)
    return f"{variable} {{.*, {', '.join(moments)}}}"


def micros_of(moment: str) -> str:
    """The Cypher expression of a time as microseconds since 1970; epochSeconds would be wrong before 1970, it rounds towards zero."""
    return f"{moment}.epochMillis * 1000 + {moment}.microsecond % 1000"


def as_stored(kind: Kind, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a projection sent, as they were given to the store."""
    return {name: _value(kind, name, value) for name, value in sent.items() if value is not None}


def _value(kind: Kind, name: str, value: Any) -> Any:
    if isinstance(value, Date):
        return value.to_native()
    return EPOCH + timedelta(microseconds=value) if kind.properties.get(name) == "datetime" else value
