"""The threads of a server come and go: the store lets go of the connections of those that have ended."""

import threading
from pathlib import Path

from graph.open import open_store
from graph.sqlite_store import SqliteStore


def test_connections_of_threads_that_ended_are_closed(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    assert isinstance(store, SqliteStore)
    for _ in range(30):
        thread = threading.Thread(target=store.count, args=("Household",))
        thread.start()
        thread.join()
    held = store._connections
    assert held is not None
    assert len(held) <= 3
    assert store.count("Household") == 0
    store.close()
