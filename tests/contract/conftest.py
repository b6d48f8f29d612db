"""An empty store of each kind. A further store is one more name in STORES, and its two ways here."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from graph.open import open_store
from graph.store import GraphStore

STORES = ["sqlite"]
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
def url(kind_of_store: str, tmp_path: Path) -> str:
    """The address of a store that is empty."""
    return {"sqlite": f"sqlite:///{tmp_path}/made/store.sqlite"}[kind_of_store]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[GraphStore]:
    opened = open_store(url, key=KEY, clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def newer(url: str, kind_of_store: str) -> str:
    """The address of a store that a program of the future has opened."""
    open_store(url).close()
    {"sqlite": _make_sqlite_newer}[kind_of_store](url)
    return url


def _make_sqlite_newer(url: str) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
