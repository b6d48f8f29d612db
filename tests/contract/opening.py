"""Opening a store of any kind as the program does: with the login that the settings know."""

from collections.abc import Callable
from datetime import UTC, datetime

from api.settings import neo4j_options, read_settings
from graph.open import open_store
from graph.store import GraphStore


def _now() -> datetime:
    return datetime.now(UTC)


def open_at(url: str, *, key: bytes | None = None, clock: Callable[[], datetime] = _now) -> GraphStore:
    return open_store(url, key=key, clock=clock, neo4j=neo4j_options(read_settings(), url))
