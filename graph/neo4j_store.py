"""The store for production: a Neo4j server over Bolt, alone or as a cluster.

Every call is a managed transaction that the driver repeats while a server restarts, a leader is elected or a deadlock is broken; reads
go where a cluster reads.
"""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from neo4j import READ_ACCESS, WRITE_ACCESS, GraphDatabase, ManagedTransaction, Query, Session, unit_of_work
from neo4j.exceptions import ClientError, DriverError, IncompleteCommit, Neo4jError

from graph import neo4j_pairs, neo4j_questions, neo4j_short
from graph.errors import GraphError, StoreUnavailable
from graph.frames import OpenTypes
from graph.identity import Identity, identity_or_refuse
from graph.model import NODE_KINDS, PropertyType, Row, Value, edge_kind, node_kind
from graph.neo4j_backup import back_up
from graph.neo4j_driver import check_server, connect, told
from graph.neo4j_find import Edge, find_highest, find_nodes, frame_of_edges, frame_of_nodes, page_of_edges, page_of_nodes, read_changes
from graph.neo4j_layout import migrate
from graph.neo4j_nearest import index_some, nearest
from graph.neo4j_options import Neo4jOptions
from graph.neo4j_questions import TOWNSHIP
from graph.neo4j_values import quoted
from graph.neo4j_walk import QUERIES, TOGETHER, Walked, check_kind
from graph.neo4j_writer import Neo4jWriter, read_types, run, taken, written_already
from graph.store import Page, Prefix, Tables, Writer

PAUSE = 0.3  # seconds between tries
TRIES = 5  # of a unit that met another one which made or removed the same thing
MEETINGS = ("Neo.ClientError.Schema.ConstraintValidationFailed", "Neo.ClientError.Statement.EntityNotFound")

_TAKE_LEASE = """
MERGE (l:AidGraphLease {name: $name}) SET l.asked = $now
WITH l WHERE l.holder IS NULL OR l.holder = $holder OR l.until <= $now
SET l.holder = $holder, l.until = $until RETURN l.holder AS holder"""
_GIVE_LEASE = "MATCH (l:AidGraphLease {name: $name, holder: $holder}) DELETE l"

T = TypeVar("T")


class Neo4jStore:
    """A GraphStore on a Neo4j server; the contract is at graph.store.GraphStore. Threads share its pool of connections."""

    def __init__(self, address: str, options: Neo4jOptions, *, clock: Callable[[], datetime], identity: Identity | None = None) -> None:
        self._address = address
        self._options = options
        self._clock = clock
        self._identity = identity
        self._threads = threading.local()
        self._types: tuple[int, dict[str, PropertyType]] = (-1, {})
        self._bookmarks = GraphDatabase.bookmark_manager()  # so that a cluster shows us what we wrote
        self._closed = False
        self._driver = connect(address, options)

    @property
    def identity(self) -> Identity:
        return identity_or_refuse(self._identity)

    def migrate(self) -> int:
        check_server(self._driver, self._address)
        with told(self._address), self._session() as session:
            return migrate(session, self._clock())

    def write(self, unit: Callable[[Writer], T]) -> T:
        self._refuse_inside()
        work = _Unit(self, unit)
        result: T = self._managed(lambda session: session.execute_write(self._timed(work.run)))
        return result

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        return self.get_all([(kind, id)])[0]

    def get_all(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        query, values = neo4j_short.several(pairs)
        return neo4j_short.as_asked(pairs, self._look(query, **values)[0])

    def put_if(self, kind: str, id: str, holds: Row, rows: Mapping[str, Sequence[Row]]) -> bool:
        self._refuse_inside()
        query, values = neo4j_short.put_if(kind, id, holds, rows, self._clock(), uuid.uuid4().hex)
        return bool(self._look(query, reading=False, **values)[0]["put"])

    def neighbourhood(self, kind: str, id: str) -> Tables:
        check_kind(kind)
        return self._walk(kind, [id])

    def neighbourhoods(self, ids: Sequence[str]) -> Tables:
        return self._walk("Household", list(dict.fromkeys(ids)))

    def find(self, kind: str, where: Mapping[str, Value | Prefix], *, limit: int = 50, after: str | None = None) -> Page:
        declared = node_kind(kind)
        return self._read(lambda tx: find_nodes(tx, declared, where, limit, after))

    def find_highest(
        self, kind: str, by: str, where: Mapping[str, Value | Prefix], *, limit: int = 50, after: tuple[str, str] | None = None
    ) -> list[dict[str, Any]]:
        declared = node_kind(kind)
        return self._read(lambda tx: find_highest(tx, declared, by, where, limit, after))

    def scan_nodes(self, kind: str, *, batch: int = 50_000) -> Iterator[pl.DataFrame]:
        declared = node_kind(kind)
        types = self._read(read_types)[1]
        after = ""
        while rows := self._read(lambda tx, after=after: page_of_nodes(tx, declared, batch, after)):  # type: ignore[misc]
            yield frame_of_nodes(declared, rows, types)
            after = rows[-1]["id"]
            if len(rows) < batch:
                return

    def scan_edges(self, kind: str, *, batch: int = 50_000) -> Iterator[pl.DataFrame]:
        declared = edge_kind(kind)
        types = self._read(read_types)[1]
        for src_kind in sorted(declared.src):
            after = ("", "", "")
            while rows := self._read(lambda tx, src=src_kind, after=after: page_of_edges(tx, declared, src, batch, after)):  # type: ignore[misc]
                yield frame_of_edges(declared, rows, types)
                after = _key(rows[-1])
                if len(rows) < batch:
                    break

    def count(self, kind: str) -> int:
        name = kind if kind in NODE_KINDS else edge_kind(kind).name
        pattern = f"(x:{quoted(name)})" if kind in NODE_KINDS else f"()-[x:{quoted(name)}]->()"
        return int(self._read(lambda tx: run(tx, f"MATCH {pattern} RETURN count(x) AS count"))[0]["count"])

    def unmet_needs(self, on: date, *, within: str = "", limit: int = 50) -> pl.DataFrame:
        return self._read(lambda tx: neo4j_questions.unmet_needs(tx, on, within, limit))

    def single_helpers(self, on: date, *, within: str = "", limit: int = 50) -> pl.DataFrame:
        return self._read(lambda tx: neo4j_questions.single_helpers(tx, on, within, limit))

    def opening_items(self, policy: str, on: date) -> pl.DataFrame:
        return self._read(lambda tx: neo4j_questions.opening_items(tx, policy, on))

    def supporters(self, person: str, on: date) -> pl.DataFrame:
        return self._read(lambda tx: neo4j_questions.supporters(tx, person, on))

    def shared_awards(self, on: date, *, within: str = "", household: str | None = None, limit: int = 50) -> pl.DataFrame:
        large = household is None and len(within) < TOWNSHIP and self._inside() is None
        if large and self._know_pairs():
            return self._read(lambda tx: neo4j_pairs.shared_awards(tx, on, within, limit))
        return self._read(lambda tx: neo4j_questions.shared_awards(tx, on, within, household, limit))

    def index_profiles(self) -> None:
        while self._write(index_some):
            pass

    def nearest(self, profile: Sequence[int], *, but: str = "", limit: int = 10) -> pl.DataFrame:
        return self._read(lambda tx: nearest(tx, profile, but, limit))

    def changes(self, after: int = 0, *, limit: int = 10_000) -> pl.DataFrame:
        return self._read(lambda tx: read_changes(tx, after, limit))

    def lease(self, name: str, holder: str, ttl: timedelta) -> bool:
        now = self._clock()
        if ttl <= timedelta():
            self._write(lambda tx: run(tx, _GIVE_LEASE, name=name, holder=holder))
            return False
        return bool(self._write(lambda tx: run(tx, _TAKE_LEASE, name=name, holder=holder, now=now, until=now + ttl)))

    def backup(self, path: Path) -> None:
        back_up(path, read=self._read, write=self._write, clock=self._clock)

    def close(self) -> None:
        self._closed = True
        self._driver.close()

    def open_types(self, number: int | None = None) -> OpenTypes:
        """The types of the open properties; read anew only if their number is another than that of those we know."""
        if number is None or self._types[0] != number:
            self._types = self._read(read_types)
        return self._types[1]

    def _know_pairs(self) -> bool:
        """Bring the pairs of households up to what was written. Whether that could be done: who may not write asks the graph itself."""
        try:
            while how := self._read(neo4j_pairs.behind):
                self._write(lambda tx, how=how: neo4j_pairs.follow(tx, how))  # type: ignore[misc]
        except StoreUnavailable:
            return False
        return True

    def _walk(self, kind: str, ids: Sequence[str]) -> Tables:
        walked = Walked()
        for start in range(0, len(ids), TOGETHER):
            walked.take(self._look(QUERIES[kind], ids=ids[start : start + TOGETHER])[0])
        return walked.tables(self.open_types(walked.types) if ids else {})

    def _read(self, work: Callable[[ManagedTransaction], T]) -> T:
        inside = self._inside()
        if inside is not None:  # inside a unit: it sees what it has written
            return work(inside)
        return self._managed(lambda session: session.execute_read(self._timed(work)))

    def _look(self, query: str, *, reading: bool = True, **values: Any) -> list[dict[str, Any]]:
        """What one statement finds: a transaction of its own, with a third of the messages that one of several statements takes."""
        inside = self._inside()
        if inside is not None:
            return run(inside, query, **values)
        timed = Query(query, timeout=self._options.transaction_seconds)
        return self._managed(lambda session: taken(session.run(timed, values)), reading=reading)

    def _write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Work that may be done twice without harm."""
        return self._managed(lambda session: session.execute_write(self._timed(work)))

    def _managed(self, transaction: Callable[[Session], T], *, reading: bool = False) -> T:
        """Try a transaction again while the server is away, beyond the driver's own tries, whose pauses grow so long."""
        give_up = time.monotonic() + self._options.retry_seconds
        meetings = 0
        with told(self._address):
            while True:
                try:
                    with self._session(reading=reading) as session:
                        return transaction(session)
                except (DriverError, Neo4jError) as problem:
                    meetings += isinstance(problem, ClientError) and problem.code in MEETINGS
                    again = problem.is_retryable() or isinstance(problem, IncompleteCommit) or 0 < meetings < TRIES
                    if not again or time.monotonic() > give_up:
                        raise
                    time.sleep(PAUSE)

    def _timed(self, work: Callable[[ManagedTransaction], T]) -> Callable[[ManagedTransaction], T]:
        return unit_of_work(timeout=self._options.transaction_seconds)(work)

    def _session(self, *, reading: bool = False) -> Session:
        if self._closed:
            raise StoreUnavailable("图库已关闭，请重新打开", "the store is closed: open it again")
        return self._driver.session(
            database=self._options.database,
            fetch_size=self._options.fetch,
            bookmark_manager=self._bookmarks,
            default_access_mode=READ_ACCESS if reading else WRITE_ACCESS,
        )

    def _refuse_inside(self) -> None:
        if self._inside() is not None:
            raise GraphError("write 中不能再调用 write，请使用传入的 Writer", "a unit may not call write: use the Writer that it is given")

    def _inside(self) -> ManagedTransaction | None:
        tx: ManagedTransaction | None = getattr(self._threads, "tx", None)
        return tx


class _Unit:
    """One unit of writes. It has a name in the outbox, so that one whose commit was cut off is not done twice."""

    def __init__(self, store: Neo4jStore, unit: Callable[[Writer], Any]) -> None:
        self._store = store
        self._unit = unit
        self._name = uuid.uuid4().hex
        self._done: list[Any] = []  # the result, once everything was sent and only the commit was left

    def run(self, tx: ManagedTransaction) -> Any:
        store = self._store
        if self._done and written_already(tx, self._name):
            return self._done[0]
        self._done.clear()
        store._threads.tx = tx
        try:
            writer = Neo4jWriter(tx, store._clock(), self._name, store._types)
            result = self._unit(writer)
            writer.flush()
        finally:
            store._threads.tx = None
        self._done.append(result)
        return result


def _key(edge: Edge) -> tuple[str, str, str]:
    _, src, dst_kind, dst = edge[0]
    return src, dst_kind, dst
