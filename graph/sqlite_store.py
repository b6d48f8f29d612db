"""The embedded store: one SQLite file for several processes and threads at a time, and nothing lost that was acknowledged."""

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import apsw
import polars as pl

from graph import sqlite_questions
from graph.errors import GraphError, StoreUnavailable
from graph.frames import OpenTypes, micros
from graph.identity import Identity, identity_or_refuse
from graph.model import NODE_KINDS, Row, Value, edge_kind, node_kind
from graph.rows import without_open_names
from graph.sqlite_find import find_highest, find_nodes
from graph.sqlite_layout import migrate
from graph.sqlite_nearest import nearest
from graph.sqlite_rows import Rows, frame_of_many
from graph.sqlite_shared import shared_awards
from graph.sqlite_walk import edge_rows_of, neighbourhoods
from graph.sqlite_writer import SqliteWriter, read_node, read_open_types
from graph.store import Page, Prefix, Tables, Writer
from graph.tables import CHANGES

WAIT_FOR_LOCK = 30_000  # milliseconds
PAGES = 32_000  # KiB that a connection keeps in memory at most

_SCAN_NODES = "SELECT id, props FROM node WHERE kind = ? ORDER BY id"
_SCAN_EDGES = """
SELECT s.kind, s.id, d.kind, d.id, e.props
FROM node s CROSS JOIN edge e ON e.src = s.nid AND e.kind = ? CROSS JOIN node d ON d.nid = e.dst
WHERE s.kind = ? ORDER BY s.id, d.kind, d.id"""
_TAKE_LEASE = """
INSERT INTO lease (name, holder, until) VALUES (:name, :holder, :until)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE holder = excluded.holder OR until <= :now
RETURNING holder"""

T = TypeVar("T")


class SqliteStore:
    """A GraphStore in one file; the contract is at graph.store.GraphStore. Each thread has a connection of its own."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime], identity: Identity | None = None) -> None:
        self._path = path
        self._clock = clock
        self._identity = identity
        self._threads = threading.local()
        self._lock = threading.Lock()
        self._connections: list[tuple[threading.Thread, apsw.Connection]] | None = []

    @property
    def identity(self) -> Identity:
        return identity_or_refuse(self._identity)

    def migrate(self) -> int:
        with _told(self._path):
            return migrate(self._connection(), self._path)

    def write(self, unit: Callable[[Writer], T]) -> T:
        if self._connection().in_transaction:
            raise GraphError("write 中不能再调用 write，请使用传入的 Writer", "a unit may not call write: use the Writer that it is given")
        with self._alone() as cursor:
            return unit(SqliteWriter(cursor, self._clock()))

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        with self._reading() as cursor:
            return read_node(cursor, node_kind(kind), id)

    def get_all(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        with self._reading() as cursor:
            return [read_node(cursor, node_kind(kind), id) for kind, id in pairs]

    def put_if(self, kind: str, id: str, holds: Row, rows: Mapping[str, Sequence[Row]]) -> bool:
        kinds = [without_open_names(node_kind(each)) for each in rows]

        def unit(writer: Writer) -> bool:
            stored = writer.get(kind, id)
            fits = stored is not None and holds.items() <= stored.items()
            for each in kinds if fits else ():
                writer.upsert_nodes(each.name, rows[each.name])
            return fits

        return self.write(unit)

    def neighbourhood(self, kind: str, id: str) -> Tables:
        with self._reading() as cursor:
            return neighbourhoods(cursor, kind, [id], self._open_types(cursor))

    def neighbourhoods(self, ids: Sequence[str]) -> Tables:
        with self._reading() as cursor:
            return neighbourhoods(cursor, "Household", ids, self._open_types(cursor))

    def find(self, kind: str, where: Mapping[str, Value | Prefix], *, limit: int = 50, after: str | None = None) -> Page:
        with self._reading() as cursor:
            return find_nodes(cursor, node_kind(kind), where, limit, after)

    def find_highest(
        self, kind: str, by: str, where: Mapping[str, Value | Prefix], *, limit: int = 50, after: tuple[str, str] | None = None
    ) -> list[dict[str, Any]]:
        with self._reading() as cursor:
            return find_highest(cursor, node_kind(kind), by, where, limit, after)

    def scan_nodes(self, kind: str, *, batch: int = 50_000) -> Iterator[pl.DataFrame]:
        declared = node_kind(kind)
        with self._snapshot() as cursor:
            types = read_open_types(cursor)
            rows: Iterator[Any] = cursor.execute(_SCAN_NODES, (kind,))
            while chunk := list(islice(rows, batch)):
                yield frame_of_many(Rows(declared, [row[:1] for row in chunk], [row[1] for row in chunk]), types, every=True)

    def scan_edges(self, kind: str, *, batch: int = 50_000) -> Iterator[pl.DataFrame]:
        sources = edge_kind(kind).src
        with self._snapshot() as cursor:
            types = read_open_types(cursor)
            for src_kind in sorted(sources):
                rows: Iterator[Any] = cursor.execute(_SCAN_EDGES, (kind, src_kind))
                while chunk := list(islice(rows, batch)):
                    yield frame_of_many(edge_rows_of(kind, chunk), types, every=True)

    def count(self, kind: str) -> int:
        sql = "SELECT count(*) FROM node WHERE kind = ?" if kind in NODE_KINDS else "SELECT count(*) FROM edge WHERE kind = ?"
        name = kind if kind in NODE_KINDS else edge_kind(kind).name
        with self._reading() as cursor:
            return int(cursor.execute(sql, (name,)).get)

    def unmet_needs(self, on: date, *, within: str = "", limit: int = 50) -> pl.DataFrame:
        with self._reading() as cursor:
            return sqlite_questions.unmet_needs(cursor, on, within, limit)

    def single_helpers(self, on: date, *, within: str = "", limit: int = 50) -> pl.DataFrame:
        with self._reading() as cursor:
            return sqlite_questions.single_helpers(cursor, on, within, limit)

    def opening_items(self, policy: str, on: date) -> pl.DataFrame:
        with self._reading() as cursor:
            return sqlite_questions.opening_items(cursor, policy, on)

    def supporters(self, person: str, on: date) -> pl.DataFrame:
        with self._reading() as cursor:
            return sqlite_questions.supporters(cursor, person, on)

    def shared_awards(self, on: date, *, within: str = "", household: str | None = None, limit: int = 50) -> pl.DataFrame:
        with self._reading() as cursor:
            return shared_awards(cursor, on, within, household, limit)

    def index_profiles(self) -> None:
        """The index of the file follows every write."""

    def nearest(self, profile: Sequence[int], *, but: str = "", limit: int = 10) -> pl.DataFrame:
        with self._reading() as cursor:
            return nearest(cursor, profile, but, limit)

    def changes(self, after: int = 0, *, limit: int = 10_000) -> pl.DataFrame:
        with self._reading() as cursor:
            sql = f"SELECT {', '.join(CHANGES)} FROM change WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - our own column names
            rows = cursor.execute(sql, (after, limit)).fetchall()
        return pl.DataFrame(rows, schema={**CHANGES, "at": pl.Int64}, orient="row").cast({"at": CHANGES["at"]})

    def lease(self, name: str, holder: str, ttl: timedelta) -> bool:
        now = self._clock()
        with self._alone() as cursor:
            if ttl <= timedelta():
                cursor.execute("DELETE FROM lease WHERE name = ? AND holder = ?", (name, holder))
                return False
            wanted = {"name": name, "holder": holder, "until": micros(now + ttl), "now": micros(now)}
            return cursor.execute(_TAKE_LEASE, wanted).fetchone() is not None

    def backup(self, path: Path) -> None:
        if path.exists():
            raise StoreUnavailable(
                f"备份目标已存在：{path.name}，请另选文件名", f"there is a file {path.name} already: choose another name"
            )
        with _told(path), tempfile.TemporaryDirectory(dir=_folder(path), prefix=".backup-") as folder:  # readable by its owner alone
            part = Path(folder) / path.name
            self._connection().execute("VACUUM INTO ?", (str(part),))
            part.chmod(0o600)
            with part.open("rb") as copy:
                os.fsync(copy.fileno())
            part.rename(path)

    def close(self) -> None:
        with self._lock:
            connections, self._connections = self._connections or [], None
        for _, connection in connections:
            connection.close()

    def _connection(self) -> apsw.Connection:
        if self._connections is None:
            raise StoreUnavailable("图库已关闭，请重新打开", "the store is closed: open it again")
        mine: apsw.Connection | None = getattr(self._threads, "connection", None)
        if mine is None:
            mine = self._threads.connection = self._connect()
        return mine

    def _connect(self) -> apsw.Connection:
        with _told(self._path):
            connection = apsw.Connection(str(self._path))
            connection.set_busy_timeout(WAIT_FOR_LOCK)
            connection.execute(f"PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -{PAGES}")
        with self._lock:
            if self._connections is not None:
                ended = [each for each in self._connections if not each[0].is_alive()]
                self._connections = [each for each in self._connections if each[0].is_alive()]
                self._connections.append((threading.current_thread(), connection))
                for _, left in ended:  # a server's threads come and go
                    left.close()
        return connection

    @contextmanager
    def _reading(self) -> Iterator[apsw.Cursor]:
        """A cursor whose statements all see the same state."""
        connection = self._connection()
        if connection.in_transaction:  # inside a unit: it sees what it has written
            yield connection.cursor()
            return
        with _told(self._path):
            cursor = connection.cursor()
            cursor.execute("BEGIN")
            try:
                yield cursor
            finally:
                cursor.execute("COMMIT")

    @contextmanager
    def _alone(self) -> Iterator[apsw.Cursor]:
        """A cursor that alone may write; all is kept at the end, or nothing if anything is raised. Locks are waited for at the start."""
        with _told(self._path):
            cursor = self._connection().cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                if cursor.connection.in_transaction:
                    cursor.execute("ROLLBACK")
                raise

    @contextmanager
    def _snapshot(self) -> Iterator[apsw.Cursor]:
        """As _reading, on a connection of its own, so that a scan half read holds up nobody."""
        with _told(self._path):
            connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
            try:
                connection.set_busy_timeout(WAIT_FOR_LOCK)
                cursor = connection.cursor()
                cursor.execute("BEGIN")
                yield connection.cursor()
            finally:
                connection.close(True)

    def _open_types(self, cursor: apsw.Cursor) -> OpenTypes:
        """Read anew only if anybody has written since."""
        connection = cursor.connection
        seen = (cursor.execute("PRAGMA data_version").get, connection.total_changes())
        if getattr(self._threads, "seen", None) != seen:
            self._threads.seen, self._threads.types = seen, read_open_types(cursor)
        types: OpenTypes = self._threads.types
        return types


def _folder(path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise StoreUnavailable(
            f"无法创建备份目录 {path.parent.name}，请检查权限", f"cannot make the folder {path.parent.name}: check permissions"
        ) from problem
    return path.parent


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the database refuses into words for the reader."""
    try:
        yield
    except apsw.BusyError as problem:
        raise StoreUnavailable(
            f"图库 {path.name} 一直被占用，请稍后再试", f"the store {path.name} stays locked by another program: try again later"
        ) from problem
    except apsw.Error as problem:
        raise StoreUnavailable(
            f"图库文件 {path.name} 无法读写（{type(problem).__name__}），请检查路径、权限和磁盘空间",
            f"the store file {path.name} cannot be read or written ({type(problem).__name__}): check path, permissions and disk space",
        ) from problem
