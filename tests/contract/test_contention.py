"""Many at one thing at once: no doubles, nothing lost, nothing overspent."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from graph.store import GraphStore, Writer
from tests.contract.opening import open_at
from tests.contract.rows import put

TAKERS, BUDGET, GRANT, TURNS = 50, 100, 3, 200


def test_two_writers_on_one_key_two_hundred_times_make_one_node_each(store: GraphStore, url: str) -> None:
    def work(name: str, own: GraphStore) -> None:
        for turn in range(TURNS):
            put(own, "Statement", {"id": f"s{turn}", f"fact_of_{name}": turn})

    _all_at_once([lambda own, name=name: work(name, own) for name in "ab"], url)  # type: ignore[misc]
    assert store.count("Statement") == TURNS
    for turn in range(TURNS):
        stored = store.get("Statement", f"s{turn}") or {}
        assert (stored["fact_of_a"], stored["fact_of_b"]) == (turn, turn)
    numbers = store.changes(limit=10**6)["seq"].to_list()
    assert numbers == list(range(1, len(numbers) + 1))


def test_fifty_takers_of_one_budget_overspend_nothing(store: GraphStore, url: str) -> None:
    put(store, "CharityProject", {"id": "fund", "budget_fen": BUDGET})
    granted: list[str] = []

    def take(name: str) -> Callable[[Writer], bool]:
        def unit(writer: Writer) -> bool:
            left = int((writer.get("CharityProject", "fund") or {})["budget_fen"])
            if left < GRANT:
                return False
            writer.upsert_nodes("CharityProject", [{"id": "fund", "budget_fen": left - GRANT}])
            writer.upsert_nodes("Award", [{"id": name, "amount_fen": GRANT}])
            return True

        return unit

    def work(name: str, own: GraphStore) -> None:
        if own.write(take(name)):
            granted.append(name)

    _all_at_once([lambda own, name=f"t{n}": work(name, own) for n in range(TAKERS)], url)  # type: ignore[misc]
    assert len(granted) == BUDGET // GRANT == store.count("Award")
    assert (store.get("CharityProject", "fund") or {})["budget_fen"] == BUDGET % GRANT


@pytest.mark.parametrize("holders", [8])
def test_one_of_many_who_ask_at_once_has_the_lease(store: GraphStore, url: str, holders: int) -> None:
    won: list[str] = []

    def work(name: str, own: GraphStore) -> None:
        if own.lease("job", name, timedelta(hours=1)):
            won.append(name)

    _all_at_once([lambda own, name=f"h{n}": work(name, own) for n in range(holders)], url)  # type: ignore[misc]
    assert len(won) == 1


def _all_at_once(works: list[Callable[[GraphStore], None]], url: str) -> None:
    """Each in a thread and with a store of its own, as so many programs would."""
    failed: list[BaseException] = []
    start = threading.Barrier(len(works))

    def one(work: Callable[[GraphStore], None]) -> None:
        try:
            own = open_at(url)
            try:
                start.wait(timeout=120)
                work(own)
            finally:
                own.close()
        except BaseException as problem:
            start.abort()
            failed.append(problem)

    threads = [threading.Thread(target=one, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
