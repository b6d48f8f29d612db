"""What a write may do in the embedded store.

Rows are checked, merged with what is stored, written only if that changes something, and noted in the outbox.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import apsw

from graph.frames import micros
from graph.model import EdgeKind, NodeKind, PropertyType, Row, Value, edge_kind, node_kind
from graph.rows import EdgeRow, check_edge, check_node, chunks, missing_end, settled, to_remove
from graph.sqlite_rows import dumps, loads

_STORED = "SELECT n.id, n.nid, n.props FROM json_each(?) f CROSS JOIN node n ON n.kind = ? AND n.id = f.value"
_STORED_EDGES = """
SELECT e.src, e.dst, e.props FROM json_each(?) f CROSS JOIN edge e ON e.src = f.value ->> 0 AND e.kind = ? AND e.dst = f.value ->> 1"""
_EDGES_AT = """
SELECT e.src, e.dst, e.kind, s.kind, s.id, d.kind, d.id
FROM (SELECT src, kind, dst FROM edge WHERE src = :n UNION SELECT src, kind, dst FROM edge WHERE dst = :n) e
JOIN node s ON s.nid = e.src JOIN node d ON d.nid = e.dst"""
_PUT_NODE = "INSERT INTO node (kind, id, props) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET props = excluded.props"
_PUT_EDGE = "INSERT INTO edge (src, kind, dst, props) VALUES (?, ?, ?, ?) ON CONFLICT (src, kind, dst) DO UPDATE SET props = excluded.props"
_PUT_TYPE = "INSERT INTO open_type (name, type) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET type = excluded.type"
_NOTE = "INSERT INTO change (kind, id, op, at, src_kind, dst_kind, dst) VALUES (?, ?, ?, ?, ?, ?, ?)"

Properties = dict[str, Value]


class SqliteWriter:
    """The Writer of one transaction; the contract is at graph.store.Writer."""

    def __init__(self, cursor: apsw.Cursor, now: datetime) -> None:
        self._cursor = cursor
        self._now = now
        self._types: dict[str, PropertyType] | None = None

    def upsert_nodes(self, kind: str, rows: Sequence[Row]) -> int:
        declared = node_kind(kind)
        return sum(self._put_nodes(declared, chunk) for chunk in chunks(rows))

    def upsert_edges(self, kind: str, rows: Sequence[Row]) -> int:
        declared = edge_kind(kind)
        return sum(self._put_edges(declared, chunk) for chunk in chunks(rows))

    def delete(self, kind: str, ids: Sequence[str]) -> int:
        stored = self._nodes(node_kind(kind).name, ids)
        for id, (nid, _) in stored.items():
            edges: list[Any] = self._cursor.execute(_EDGES_AT, {"n": nid}).fetchall()
            self._cursor.executemany("DELETE FROM edge WHERE src = ? AND kind = ? AND dst = ?", [(row[0], row[2], row[1]) for row in edges])
            self._note("delete", [(name, src, src_kind, dst_kind, dst) for _, _, name, src_kind, src, dst_kind, dst in edges])
            self._cursor.execute("DELETE FROM node WHERE nid = ?", (nid,))
            self._note("delete", [(kind, id, None, None, None)])
        return len(stored)

    def delete_edges(self, kind: str, pairs: Sequence[Row]) -> int:
        declared = edge_kind(kind)
        gone = 0
        for chunk in chunks(pairs):
            edges = [check_edge(declared, row) for row in chunk]
            nids = self._ends(edges)
            known = {_between(nids, edge): edge for edge in edges if edge.start in nids and edge.end in nids}
            stored = self._edges(kind, known)
            self._cursor.executemany("DELETE FROM edge WHERE src = ? AND kind = ? AND dst = ?", [(src, kind, dst) for src, dst in stored])
            self._note("delete", [_noted(kind, known[pair]) for pair in stored])
            gone += len(stored)
        return gone

    def remove_keys(self, kind: str, id: str, keys: Sequence[str]) -> bool:
        stored = self.get(kind, id) or {}
        if not to_remove(node_kind(kind), stored, keys):
            return False
        left = {key: value for key, value in stored.items() if key not in keys and key != "id"}
        self._cursor.execute("UPDATE node SET props = ? WHERE kind = ? AND id = ?", (dumps(left | {"updated_at": self._now}), kind, id))
        self._note("put", [(kind, id, None, None, None)])
        return True

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        return read_node(self._cursor, node_kind(kind), id)

    def _put_nodes(self, kind: NodeKind, rows: Sequence[Row]) -> int:
        checked = [check_node(kind, row) for row in rows]
        stored = self._nodes(kind.name, [row.id for row in checked])
        changed: dict[str, Properties] = {}
        for row in checked:
            old = changed.get(row.id) or (loads(stored[row.id][1]) if row.id in stored else None)
            merged = self._merged(kind, old, row.properties)
            if merged is not None:
                changed[row.id] = merged
        self._cursor.executemany(_PUT_NODE, [(kind.name, id, dumps(properties)) for id, properties in changed.items()])
        self._note("put", [(kind.name, id, None, None, None) for id in changed])
        return len(changed)

    def _put_edges(self, kind: EdgeKind, rows: Sequence[Row]) -> int:
        edges = [check_edge(kind, row) for row in rows]
        nids = self._ends(edges)
        if missing := [end for edge in edges for end in (edge.start, edge.end) if end not in nids]:
            raise missing_end(kind, missing)
        stored = self._edges(kind.name, {_between(nids, edge) for edge in edges})
        changed: dict[tuple[int, int], tuple[EdgeRow, Properties]] = {}
        for edge in edges:
            pair = _between(nids, edge)
            old = changed[pair][1] if pair in changed else (loads(stored[pair]) if pair in stored else None)
            merged = self._merged(kind, old, edge.properties)
            if merged is not None:
                changed[pair] = (edge, merged)
        self._cursor.executemany(_PUT_EDGE, [(src, kind.name, dst, dumps(put)) for (src, dst), (_, put) in changed.items()])
        self._note("put", [_noted(kind.name, edge) for edge, _ in changed.values()])
        return len(changed)

    def _merged(self, kind: NodeKind | EdgeKind, old: Properties | None, new: Properties) -> Properties | None:
        """What is to be stored, None if that is what is stored already."""
        self._keep_types(kind, new)
        if old is None:
            return {"updated_at": self._now, **new}
        if all(old.get(name) == value for name, value in new.items() if name != "updated_at"):
            return None
        return {**old, "updated_at": self._now, **new}

    def _keep_types(self, kind: NodeKind | EdgeKind, properties: Properties) -> None:
        """Hold every open property to the type that it was first stored with, so that a column has one dtype in every table."""
        if kind.open_names is None:
            return
        for name in properties.keys() - kind.properties.keys():
            properties[name], kept = settled(name, self._open_types().get(name), properties[name])
            if kept is not None:
                self._open_types()[name] = kept
                self._cursor.execute(_PUT_TYPE, (name, kept))

    def _open_types(self) -> dict[str, PropertyType]:
        if self._types is None:
            self._types = read_open_types(self._cursor)
        return self._types

    def _nodes(self, kind: str, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
        found = self._cursor.execute(_STORED, (json.dumps(sorted(set(ids))), kind))
        return {id: (nid, props) for id, nid, props in found}

    def _ends(self, edges: Sequence[EdgeRow]) -> dict[tuple[str, str], int]:
        wanted: dict[str, set[str]] = {}
        for edge in edges:
            wanted.setdefault(edge.src_kind, set()).add(edge.src)
            wanted.setdefault(edge.dst_kind, set()).add(edge.dst)
        return {(kind, id): nid for kind, ids in wanted.items() for id, (nid, _) in self._nodes(kind, ids).items()}

    def _edges(self, kind: str, pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str]:
        found = self._cursor.execute(_STORED_EDGES, (json.dumps(sorted(pairs)), kind))
        return {(src, dst): props for src, dst, props in found}

    def _note(self, op: str, what: Iterable[tuple[str, str, str | None, str | None, str | None]]) -> None:
        at = micros(self._now)
        self._cursor.executemany(_NOTE, [(kind, id, op, at, src_kind, dst_kind, dst) for kind, id, src_kind, dst_kind, dst in what])


def read_node(cursor: apsw.Cursor, kind: NodeKind, id: str) -> dict[str, Any] | None:
    """The stored properties of a node with its id, or None."""
    found = cursor.execute("SELECT props FROM node WHERE kind = ? AND id = ?", (kind.name, id)).fetchone()
    return None if found is None else {"id": id, **loads(found[0])}


def read_open_types(cursor: apsw.Cursor) -> dict[str, PropertyType]:
    """The types of the open properties that were ever stored, by name."""
    stored: list[Any] = cursor.execute("SELECT name, type FROM open_type").fetchall()
    return dict(stored)


def _between(nids: Mapping[tuple[str, str], int], edge: EdgeRow) -> tuple[int, int]:
    return nids[edge.start], nids[edge.end]


def _noted(kind: str, edge: EdgeRow) -> tuple[str, str, str, str, str]:
    return kind, edge.src, edge.src_kind, edge.dst_kind, edge.dst
