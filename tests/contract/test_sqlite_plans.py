"""Of the embedded store alone: its questions use their indexes after the planner has learnt the numbers, and its settings hold."""

import json
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from graph import sqlite_walk
from graph.model import NODE_KINDS
from graph.open import open_store
from graph.sqlite_layout import column
from tests.contract.rows import three_generations


@pytest.fixture
def file(tmp_path: Path) -> Iterator[apsw.Connection]:
    store = open_store(f"sqlite:///{tmp_path}/a.sqlite")
    three_generations(store)
    store.close()
    connection = apsw.Connection(str(tmp_path / "a.sqlite"))
    connection.execute("ANALYZE")
    yield connection
    connection.close()


def _plan(connection: apsw.Connection, sql: str, values: tuple[str | int, ...]) -> str:
    return " | ".join(str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values))


@pytest.mark.parametrize(("template", "index"), [(sqlite_walk._OUT, "PRIMARY KEY"), (sqlite_walk._IN, "edge_back")])
def test_a_hop_looks_up_each_node_in_an_index(file: apsw.Connection, template: str, index: str) -> None:
    plan = _plan(file, sqlite_walk._sql(template, ("SUPPORTS", "PARENT_OF")), ("[1,2]",))
    assert "SCAN f" in plan
    assert f"SEARCH e USING {index}" in plan or f"INDEX {index}" in plan
    assert "SCAN e" not in plan


def test_the_regions_above_are_looked_up_one_by_one(file: apsw.Connection) -> None:
    plan = _plan(file, sqlite_walk._UP, ("[1]",))
    assert plan.count("SEARCH e USING PRIMARY KEY (src=? AND kind=?)") == 2
    assert "SCAN e" not in plan


def test_nodes_are_looked_up_by_their_number(file: apsw.Connection) -> None:
    assert "SEARCH n USING INTEGER PRIMARY KEY" in _plan(file, sqlite_walk._READ, ("[1]",))
    assert "SEARCH n USING" in _plan(file, sqlite_walk._FIND, (json.dumps(["a"]), "Household"))


@pytest.mark.parametrize(("kind", "name"), [(kind.name, name) for kind in NODE_KINDS.values() for name in kind.found_by])
def test_what_is_found_by_is_indexed(file: apsw.Connection, kind: str, name: str) -> None:
    sql = f"SELECT id, props FROM node WHERE kind = '{kind}' AND id > ? AND {column(name, 'str')} = ? ORDER BY id LIMIT ?"  # noqa: S608 - names come from the model
    assert f"node_{kind}_{name}" in _plan(file, sql, ("", "x", 5))


def test_the_log_is_written_ahead_and_the_tables_are_sound(file: apsw.Connection) -> None:
    assert file.execute("PRAGMA journal_mode").get == "wal"
    assert file.execute("PRAGMA integrity_check").get == "ok"
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) >= (3, 51, 3), "older ones may lose writes of several programs"
