"""A whole copy of a graph in Neo4j as one file of the embedded store, made while others go on working.

Community Edition has no copy of a running database. So we read everything while others write, then everything again that the outbox says
has changed meanwhile, and the last of it while no unit can end: the file is the graph as it was at that one moment.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

import apsw
from neo4j import ManagedTransaction

from graph.errors import StoreUnavailable
from graph.frames import micros
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.neo4j_find import Edge, last_change, page_of_edges, page_of_nodes, read_changes
from graph.neo4j_layout import CHANGES
from graph.neo4j_values import as_stored, projection, quoted
from graph.neo4j_writer import read_types, run
from graph.sqlite_layout import migrate as lay_out
from graph.sqlite_rows import dumps

PAGE = 10_000
FEW = 500  # changes that are left for the moment when nobody else can write

_HALT = f"MATCH (c:AidGraphCounter {{id: '{CHANGES}'}}) SET c.at = c.at"
_NODES_NOW = "UNWIND $ids AS id MATCH (n:{kind} {{id: id}}) RETURN {properties} AS stored"
_EDGES_NOW = """
UNWIND $rows AS row MATCH (s:{src} {{id: row[0]}})-[r:{kind}]->(d:{dst} {{id: row[1]}})
RETURN s.id AS src, d.id AS dst, {properties} AS stored"""
_PUT_NODE = "INSERT INTO node (kind, id, props) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET props = excluded.props"
_PUT_EDGE = """
INSERT INTO edge (src, kind, dst, props) SELECT s.nid, ?, d.nid, ? FROM node s, node d
WHERE s.kind = ? AND s.id = ? AND d.kind = ? AND d.id = ?
ON CONFLICT (src, kind, dst) DO UPDATE SET props = excluded.props"""
_DROP_EDGE = """
DELETE FROM edge WHERE kind = ? AND src = (SELECT nid FROM node WHERE kind = ? AND id = ?)
AND dst = (SELECT nid FROM node WHERE kind = ? AND id = ?)"""
_PUT_CHANGE = "INSERT INTO change (seq, kind, id, op, at, src_kind, dst_kind, dst) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"

T = TypeVar("T")
Moment = Callable[[], datetime]


class Run(Protocol):
    """How the store runs work in a managed transaction."""

    def __call__(self, work: Callable[[ManagedTransaction], T]) -> T: ...


def back_up(path: Path, *, read: Run, write: Run, clock: Moment) -> None:
    """Write the file; the contract is at GraphStore.backup."""
    if path.exists():
        raise StoreUnavailable(f"备份目标已存在：{path.name}，请另选文件名", f"there is a file {path.name} already: choose another name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".backup-") as folder:  # readable by its owner alone
            part = Path(folder) / path.name
            _fill(part, read, write)
            part.chmod(0o600)
            with part.open("rb") as copy:
                os.fsync(copy.fileno())
            part.rename(path)
    except (OSError, apsw.Error) as problem:
        raise StoreUnavailable(
            f"备份文件 {path.name} 无法写入（{type(problem).__name__}），请检查路径、权限和磁盘空间",
            f"the backup {path.name} cannot be written ({type(problem).__name__}): check path, permissions and disk space",
        ) from problem


def _fill(part: Path, read: Run, write: Run) -> None:
    connection = apsw.Connection(str(part))
    try:
        lay_out(connection, part)
        for words in ("PRAGMA journal_mode = DELETE", "PRAGMA synchronous = OFF", "BEGIN"):
            connection.execute(words)
        copy = _Copy(connection)
        start = read(last_change)
        for kind in NODE_KINDS:
            copy.nodes(kind, read)
        for kind in EDGE_KINDS:
            copy.edges(kind, read)
        copy.changes_until(start, read)
        while read(last_change) - copy.at > FEW:
            read(copy.catch_up)
        write(copy.finish)
        connection.execute("COMMIT")
        if connection.execute("PRAGMA foreign_key_check").fetchall():
            raise StoreUnavailable("备份中有关系缺少一端，请重试", "an edge of the backup lacks an end: try again")
    finally:
        connection.close()


class _Copy:
    """The file that is being filled, and the number of the change up to which it is right."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._file = connection
        self.at = 0

    def nodes(self, kind: str, read: Run) -> None:
        declared, after = NODE_KINDS[kind], ""
        while rows := read(lambda tx, after=after: page_of_nodes(tx, declared, PAGE, after)):  # type: ignore[misc]
            self._put_nodes(kind, rows)
            after = rows[-1]["id"]

    def edges(self, kind: str, read: Run) -> None:
        for src_kind in sorted(EDGE_KINDS[kind].src):
            after = ("", "", "")
            while rows := read(lambda tx, src=src_kind, after=after: page_of_edges(tx, EDGE_KINDS[kind], src, PAGE, after)):  # type: ignore[misc]
                self._put_edges(kind, rows)
                (_, src, dst_kind, dst), _ = rows[-1]
                after = (src, dst_kind, dst)

    def changes_until(self, last: int, read: Run) -> None:
        """The outbox up to a number: nodes and edges were read after it was written."""
        while self.at < last:
            rows = read(lambda tx: read_changes(tx, self.at, min(PAGE, last - self.at))).rows()
            if not rows:
                break
            self._note(rows)
        self.at = last

    def catch_up(self, tx: ManagedTransaction) -> None:
        """Read again what has changed since."""
        while rows := read_changes(tx, self.at, PAGE).rows():
            self._again(tx, rows)
            self._note(rows)

    def finish(self, tx: ManagedTransaction) -> None:
        """The last changes, while no unit can end; and what belongs to no node."""
        run(tx, _HALT)
        self.catch_up(tx)
        self._file.execute("DELETE FROM open_type")
        self._file.executemany("INSERT INTO open_type (name, type) VALUES (?, ?)", list(read_types(tx)[1].items()))

    def _again(self, tx: ManagedTransaction, rows: list[tuple[Any, ...]]) -> None:
        nodes = sorted({(kind, id) for _, kind, id, _, _, src_kind, _, _ in rows if src_kind is None})
        edges = sorted({(kind, src_kind, id, dst_kind, dst) for _, kind, id, _, _, src_kind, dst_kind, dst in rows if src_kind is not None})
        self._file.executemany(_DROP_EDGE, [(kind, src_kind, src, dst_kind, dst) for kind, src_kind, src, dst_kind, dst in edges])
        for kind, ids in _grouped((kind, id) for kind, id in nodes):
            query = _NODES_NOW.format(kind=quoted(kind), properties=projection("n", NODE_KINDS[kind]))
            found = [row["stored"] for row in run(tx, query, ids=ids)]
            self._put_nodes(kind, found)
            gone = set(ids) - {row["id"] for row in found}
            for id in gone:
                self._file.execute("DELETE FROM edge WHERE (SELECT nid FROM node WHERE kind = ? AND id = ?) IN (src, dst)", (kind, id))
                self._file.execute("DELETE FROM node WHERE kind = ? AND id = ?", (kind, id))
        for (kind, src_kind, dst_kind), ends in _grouped(
            ((kind, src_kind, dst_kind), [src, dst]) for kind, src_kind, src, dst_kind, dst in edges
        ):
            query = _EDGES_NOW.format(
                kind=quoted(kind), src=quoted(src_kind), dst=quoted(dst_kind), properties=projection("r", EDGE_KINDS[kind])
            )
            self._put_edges(kind, [((src_kind, row["src"], dst_kind, row["dst"]), row["stored"]) for row in run(tx, query, rows=ends)])

    def _put_nodes(self, kind: str, rows: list[dict[str, Any]]) -> None:
        declared = NODE_KINDS[kind]
        stored = [as_stored(declared, row) for row in rows]
        self._file.executemany(_PUT_NODE, [(kind, row.pop("id"), dumps(row)) for row in stored])

    def _put_edges(self, kind: str, rows: list[Edge]) -> None:
        declared = EDGE_KINDS[kind]
        self._file.executemany(
            _PUT_EDGE,
            [(kind, dumps(as_stored(declared, stored)), src_kind, src, dst_kind, dst) for (src_kind, src, dst_kind, dst), stored in rows],
        )

    def _note(self, rows: list[tuple[Any, ...]]) -> None:
        self._file.executemany(_PUT_CHANGE, [(*row[:4], micros(row[4]), *row[5:]) for row in rows])
        self.at = rows[-1][0]


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, list[Any]]]:
    found: dict[Any, list[Any]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    yield from found.items()
