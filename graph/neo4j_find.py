"""Finding and scanning in Neo4j, page by page in the order of the keys: each page is a read of its own that the driver may repeat."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from neo4j import ManagedTransaction

from graph.errors import BadValue
from graph.frames import OpenTypes, frame_of_many
from graph.model import EDGE_KINDS, EdgeKind, NodeKind, Value, property_type
from graph.neo4j_layout import CHANGES
from graph.neo4j_values import READING, as_stored, micros_of, projection, quoted
from graph.neo4j_walk import edge_rows
from graph.neo4j_writer import run
from graph.rows import check_value
from graph.store import Page, Prefix
from graph.tables import CHANGES as CHANGES_SCHEMA

PORTIONS = 50  # of the outbox at a time; each holds up to a thousand changes

_NODES = "MATCH (n:{kind}) WHERE {tests} RETURN {properties} AS stored ORDER BY n.id LIMIT $limit"
_HIGHEST = "MATCH (n:{kind}) WHERE {tests} RETURN {properties} AS stored ORDER BY {by} DESC, n.id LIMIT $limit"
_EDGES = """
MATCH (s:{src}) WHERE s.id >= $src
MATCH (s)-[r:{kind}]->(d)
WITH s, r, d, labels(d)[0] AS dst_kind WHERE s.id > $src OR dst_kind > $dst_kind OR (dst_kind = $dst_kind AND d.id > $dst)
RETURN s.id AS src, dst_kind, d.id AS dst, {properties} AS stored ORDER BY s.id, dst_kind, d.id LIMIT $limit"""
_CHANGES = f"""
MATCH (c:AidGraphChange) WHERE c.last > $after
RETURN c {{.*, at: {micros_of("c.at")}}} AS c ORDER BY c.last LIMIT $limit"""
_LAST = f"MATCH (c:AidGraphCounter {{id: '{CHANGES}'}}) RETURN c.value AS last"


def find_nodes(tx: ManagedTransaction, kind: NodeKind, where: Mapping[str, Value | Prefix], limit: int, after: str | None) -> Page:
    """The page of nodes that fit `where`; the contract is at GraphStore.find."""
    tests, values = _fitting(kind, where, limit)
    query = _NODES.format(kind=quoted(kind.name), tests=" AND ".join([*tests, "n.id > $after"]), properties=projection("n", kind))
    found = [as_stored(kind, row["stored"]) for row in run(tx, query, **values, after=after or "", limit=limit + 1)]
    return Page(found[:limit], found[limit - 1]["id"] if len(found) > limit else None)


def find_highest(
    tx: ManagedTransaction, kind: NodeKind, by: str, where: Mapping[str, Value | Prefix], limit: int, after: tuple[str, str] | None
) -> list[dict[str, Any]]:
    """The page of nodes by a property; the contract is at GraphStore.find_highest."""
    property_type(kind, by)
    tests, values = _fitting(kind, where, limit)
    place = f"coalesce(n.{quoted(by)}, '')"
    if after is not None:
        tests.append(f"({place} < $beyond OR ({place} = $beyond AND n.id > $after))")
        values |= {"beyond": after[0], "after": after[1]}
    query = _HIGHEST.format(kind=quoted(kind.name), tests=" AND ".join(tests) or "true", properties=projection("n", kind), by=place)
    return [as_stored(kind, row["stored"]) for row in run(tx, query, **values, limit=limit)]


def _fitting(kind: NodeKind, where: Mapping[str, Value | Prefix], limit: int) -> tuple[list[str], dict[str, Any]]:
    """The conditions of a search and what stands in them."""
    if limit < 1:
        raise BadValue("limit 至少为 1", "limit must be at least 1")
    tests: list[str] = []
    values: dict[str, Any] = {}
    for place, (name, wanted) in enumerate(where.items()):
        text = wanted.text if isinstance(wanted, Prefix) else wanted
        if name != "id":
            text = check_value(kind, name, text or "?" if isinstance(wanted, Prefix) else text) if text != "" else text
        tests.append(f"n.{quoted(name)} {'STARTS WITH' if isinstance(wanted, Prefix) else '='} $p{place}")
        values[f"p{place}"] = wanted.text if isinstance(wanted, Prefix) else text
    return tests, values


def page_of_nodes(tx: ManagedTransaction, kind: NodeKind, limit: int, after: str) -> list[dict[str, Any]]:
    """The next nodes of a kind, as a projection gives them."""
    query = _NODES.format(kind=quoted(kind.name), tests="n.id > $after", properties=projection("n", kind))
    return [row["stored"] for row in run(tx, query, after=after, limit=limit)]


Edge = tuple[tuple[str, str, str, str], dict[str, Any]]
"""(src_kind, src, dst_kind, dst) and the properties."""


def page_of_edges(tx: ManagedTransaction, kind: EdgeKind, src_kind: str, limit: int, after: tuple[str, str, str]) -> list[Edge]:
    """The next edges of a kind from one kind of node, beyond (src, dst_kind, dst)."""
    query = _EDGES.format(kind=quoted(kind.name), src=quoted(src_kind), properties=projection("r", EDGE_KINDS[kind.name]))
    src, dst_kind, dst = after
    found = run(tx, query, src=src, dst_kind=dst_kind, dst=dst, limit=limit)
    return [((src_kind, row["src"], row["dst_kind"], row["dst"]), row["stored"]) for row in found]


def frame_of_nodes(kind: NodeKind, rows: list[dict[str, Any]], types: OpenTypes) -> pl.DataFrame:
    """A batch of a scan."""
    return frame_of_many(kind, rows, types, READING, every=True)


def frame_of_edges(kind: EdgeKind, rows: list[Edge], types: OpenTypes) -> pl.DataFrame:
    """A batch of a scan."""
    return frame_of_many(kind, edge_rows(kind.name, rows), types, READING, every=True)


def read_changes(tx: ManagedTransaction, after: int, limit: int) -> pl.DataFrame:
    """What was written beyond `after`; the contract is at GraphStore.changes."""
    rows: list[tuple[Any, ...]] = []
    last = after
    while len(rows) < limit:
        portions = [row["c"] for row in run(tx, _CHANGES, after=last, limit=PORTIONS)]
        rows += [row for portion in portions for row in _told(portion) if row[0] > after]
        if len(portions) < PORTIONS:
            break
        last = portions[-1]["last"]
    return pl.DataFrame(rows[:limit], schema={**CHANGES_SCHEMA, "at": pl.Int64}, orient="row").cast({"at": CHANGES_SCHEMA["at"]})


def last_change(tx: ManagedTransaction) -> int:
    """The number of the newest change."""
    return int(run(tx, _LAST)[0]["last"])


def _told(portion: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    columns = [portion[name] for name in ("kinds", "ids", "ops", "src_kinds", "dst_kinds", "dsts")]
    for place, (kind, id, op, src_kind, dst_kind, dst) in enumerate(zip(*columns, strict=True)):
        yield portion["first"] + place, kind, id, op, portion["at"], src_kind or None, dst_kind or None, dst or None
