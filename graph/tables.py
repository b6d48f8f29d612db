"""The shape of the tables that every store hands out: which columns, in which order, with which dtypes."""

from collections.abc import Mapping
from functools import cache

import polars as pl

from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind, PropertyType

DTYPES: dict[PropertyType, pl.DataType] = {
    "str": pl.String(),
    "int": pl.Int64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
    "date": pl.Date(),
    "datetime": pl.Datetime("us", "UTC"),
    "list[str]": pl.List(pl.String()),
}
CHANGES = pl.Schema(
    {
        "seq": pl.Int64(),
        "kind": pl.String(),
        "id": pl.String(),
        "op": pl.String(),
        "at": DTYPES["datetime"],
        "src_kind": pl.String(),
        "dst_kind": pl.String(),
        "dst": pl.String(),
    }
)


@cache
def key_columns(kind: NodeKind | EdgeKind) -> tuple[str, ...]:
    """`id` of a node; of an edge `src`, `dst`, and the kind of each end that the model leaves open."""
    if isinstance(kind, NodeKind):
        return ("id",)
    ends = (("src_kind", kind.src), ("dst_kind", kind.dst))
    return ("src", "dst", *(name for name, kinds in ends if len(kinds) > 1))


@cache
def empty_frame(name: str) -> pl.DataFrame:
    """The frame of a node or edge kind without rows."""
    kind = NODE_KINDS.get(name) or EDGE_KINDS[name]
    keys: dict[str, pl.DataType] = dict.fromkeys(key_columns(kind), pl.String())
    return pl.DataFrame(schema=keys | {key: DTYPES[value] for key, value in kind.properties.items()})


def whole(frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with an empty frame for every kind that has no rows, in the order of the model."""
    return {name: frames[name] if name in frames else empty_frame(name).clone() for name in (*NODE_KINDS, *EDGE_KINDS)}
