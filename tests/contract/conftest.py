"""An empty store of each kind. A further store is one more name in STORES, and its two ways here."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.store import GraphStore
from tests.contract.opening import open_at
from tests.neo4j_service import driver_of

STORES = ["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)]
KEY = b"k" * 32


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 8, 1, 9, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture(params=STORES)
def kind_of_store(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kind_of_store: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a store that is empty."""
    if kind_of_store == "neo4j":
        return str(request.getfixturevalue("empty_neo4j"))
    return f"sqlite:///{tmp_path}/made/store.sqlite"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[GraphStore]:
    opened = open_at(url, key=KEY, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def both(empty_neo4j: str, tmp_path: Path, clock: Clock) -> Iterator[tuple[GraphStore, GraphStore]]:
    """An empty embedded store and an empty Neo4j."""
    stores = [open_at(url, clock=clock) for url in (f"sqlite:///{tmp_path}/a.sqlite", empty_neo4j)]
    yield stores[0], stores[1]
    for store in stores:
        store.close()


@pytest.fixture
def newer(url: str, kind_of_store: str) -> str:
    """The address of a store that a program of the future has opened."""
    open_at(url).close()
    {"sqlite": _make_sqlite_newer, "neo4j": _make_neo4j_newer}[kind_of_store](url)
    return url


def _make_sqlite_newer(url: str) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA user_version = 99")
    connection.close()


def _make_neo4j_newer(url: str) -> None:
    with driver_of(url) as driver:
        driver.execute_query("CREATE (:AidGraphMigration {number: 99})")
