"""The tables of the embedded store, and the steps that bring an older file up to this program."""

import time
from pathlib import Path

import apsw

from graph.errors import StoreNewer, StoreUnavailable
from graph.model import NODE_KINDS, NodeKind

APPLICATION = 0x41494447  # "AIDG" at the head of the file says whose it is

STEPS = (
    """
    CREATE TABLE node (nid INTEGER PRIMARY KEY, kind TEXT NOT NULL, id TEXT NOT NULL, props TEXT NOT NULL, UNIQUE (kind, id)) STRICT;
    CREATE TABLE edge (
        src INTEGER NOT NULL REFERENCES node (nid), kind TEXT NOT NULL, dst INTEGER NOT NULL REFERENCES node (nid), props TEXT NOT NULL,
        PRIMARY KEY (src, kind, dst)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX edge_back ON edge (dst, kind, src);
    CREATE TABLE open_type (name TEXT PRIMARY KEY, type TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE change (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, op TEXT NOT NULL, at INTEGER NOT NULL,
        src_kind TEXT, dst_kind TEXT, dst TEXT
    ) STRICT;
    CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    """,
)


def migrate(connection: apsw.Connection, path: Path) -> int:
    """Bring the file up to this program, in one transaction, and return the number of its layout.

    Raises:
        StoreNewer: the file has steps that this program does not know.
        StoreUnavailable: the file belongs to another program.
    """
    if _number(connection, path) < len(STEPS) or _lacks_indexes(connection):
        _begin_log(connection)
        connection.execute("BEGIN IMMEDIATE")
        try:
            for step in STEPS[_number(connection, path) :]:
                connection.execute(step)
            for kind in NODE_KINDS.values():
                for name in kind.found_by:
                    connection.execute(_index(kind, name))
            connection.execute(f"PRAGMA user_version = {len(STEPS)}; PRAGMA application_id = {APPLICATION}; COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    return len(STEPS)


def _begin_log(connection: apsw.Connection) -> None:
    """Readers and a writer side by side. The file remembers it; two programs that open a new file at once must take turns."""
    for pause in (0.01, 0.05, 0.2, 1, 5):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except apsw.BusyError:
            time.sleep(pause)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")


def _number(connection: apsw.Connection, path: Path) -> int:
    owner, number, tables = (connection.execute(sql).get for sql in (_OWNER, _NUMBER, _TABLES))
    if owner != APPLICATION and (owner or tables):
        raise StoreUnavailable(
            f"{path.name} 是其他程序的数据库，请换一个文件", f"{path.name} is another program's database: choose another file"
        )
    if number > len(STEPS):
        raise StoreNewer(
            f"图库 {path.name} 的版本是 {number}，本程序只支持到 {len(STEPS)}，请升级程序",
            f"the store {path.name} has layout {number} and this program knows {len(STEPS)}: upgrade the program",
        )
    return int(number)


def _lacks_indexes(connection: apsw.Connection) -> bool:
    """Whether the model has since been given a property to be found by."""
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    return not {f"node_{kind.name}_{name}" for kind in NODE_KINDS.values() for name in kind.found_by} <= there


_OWNER, _NUMBER, _TABLES = "PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_schema"


def _index(kind: NodeKind, name: str) -> str:
    return f"""CREATE INDEX IF NOT EXISTS "node_{kind.name}_{name}" ON node ({column(name, "str")}, id) WHERE kind = '{kind.name}'"""


def column(name: str, declared: str | None) -> str:
    """The SQL expression of a property of the model. An index is used only by a query with the same text, so both come from here."""
    inside = {"date": ".d", "datetime": ".t"}.get(declared or "", "")
    return f"""props {"->" if declared == "list[str]" else "->>"} '$.{name}{inside}'"""
