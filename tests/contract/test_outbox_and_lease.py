"""What others can follow, and who may do a job."""

from datetime import timedelta

import pytest

from graph.store import GraphStore, Writer
from tests.contract.conftest import Clock
from tests.contract.rows import ids, pairs, put

MINUTE = timedelta(minutes=1)


def _news(store: GraphStore, after: int) -> list[tuple[str, ...]]:
    return store.changes(after).select("op", "kind", "id", "dst_kind", "dst").rows()


def _last(store: GraphStore) -> int:
    return max(store.changes(limit=10**6)["seq"].to_list(), default=0)


def test_every_change_is_told_once_and_in_order(store: GraphStore, clock: Clock) -> None:
    start = _last(store)
    ids(store, "Person", "p")
    ids(store, "Household", "h")
    pairs(store, "MEMBER_OF", [("p", "h")])
    pairs(store, "MEMBER_OF", [("p", "h")])
    store.write(lambda writer: writer.delete("Person", ["p"]))
    assert _news(store, start) == [
        ("put", "Person", "p", None, None),
        ("put", "Household", "h", None, None),
        ("put", "MEMBER_OF", "p", "Household", "h"),
        ("delete", "MEMBER_OF", "p", "Household", "h"),
        ("delete", "Person", "p", None, None),
    ]
    assert set(store.changes(start)["at"]) == {clock.now}


def test_what_changes_nothing_is_not_told(store: GraphStore) -> None:
    put(store, "Region", {"id": "37", "name": "山东"})
    start = _last(store)
    put(store, "Region", {"id": "37", "name": "山东"})
    store.write(lambda writer: writer.delete("Region", ["38"]))
    assert _news(store, start) == []


def test_a_unit_that_fails_tells_nothing(store: GraphStore) -> None:
    start = _last(store)

    def unit(writer: Writer) -> None:
        writer.upsert_nodes("Household", [{"id": "h"}])
        raise LookupError

    with pytest.raises(LookupError):
        store.write(unit)
    assert _news(store, start) == []


def test_changes_come_in_portions(store: GraphStore) -> None:
    start = _last(store)
    ids(store, "Household", *(f"h{n}" for n in range(5)))
    first = store.changes(start, limit=3)
    rest = store.changes(first["seq"].to_list()[-1], limit=3)
    assert first["id"].to_list() + rest["id"].to_list() == [f"h{n}" for n in range(5)]
    assert store.changes(_last(store)).schema == first.schema


def test_one_of_two_holders_has_the_lease(store: GraphStore) -> None:
    assert store.lease("gap-report", "a", MINUTE)
    assert not store.lease("gap-report", "b", MINUTE)
    assert store.lease("gap-report", "a", MINUTE)
    assert store.lease("another job", "b", MINUTE)


def test_a_lease_runs_out(store: GraphStore, clock: Clock) -> None:
    assert store.lease("gap-report", "a", MINUTE)
    clock.forward(MINUTE - timedelta(seconds=1))
    assert not store.lease("gap-report", "b", MINUTE)
    clock.forward(timedelta(seconds=1))
    assert store.lease("gap-report", "b", MINUTE)
    assert not store.lease("gap-report", "a", MINUTE)


def test_a_lease_can_be_renewed_and_given_back(store: GraphStore, clock: Clock) -> None:
    store.lease("gap-report", "a", MINUTE)
    clock.forward(MINUTE / 2)
    store.lease("gap-report", "a", MINUTE)
    clock.forward(MINUTE / 2)
    assert not store.lease("gap-report", "b", MINUTE)
    store.lease("gap-report", "b", timedelta())
    assert not store.lease("gap-report", "b", MINUTE)
    assert not store.lease("gap-report", "a", timedelta())
    assert store.lease("gap-report", "b", MINUTE)
