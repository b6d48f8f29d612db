"""What takes one question: several nodes at once, and nodes put if another one still holds what was read."""

import threading
from datetime import UTC, date, datetime
from functools import partial

import pytest

from api.audit import Chain, Entry, note, verify
from graph.errors import BadValue, GraphError, UnknownKind
from graph.store import GraphStore
from tests.contract.conftest import Clock
from tests.contract.rows import put

NOW = datetime(2026, 8, 1, tzinfo=UTC)
FIRST, NEXT = {"id": "head", "value": "1"}, {"id": "head", "value": "2"}


def test_several_nodes_are_read_as_each_of_them_is(store: GraphStore) -> None:
    put(store, "Region", {"id": "37", "name": "山东"})
    put(store, "ApiKey", {"id": "37", "scopes": ["household.read"], "from": date(2026, 8, 1), "closed_at": NOW})
    pairs = [("ApiKey", "37"), ("Region", "38"), ("Region", "37"), ("ApiKey", "37")]
    assert store.get_all(pairs) == [store.get(*pair) for pair in pairs]
    assert store.get_all(pairs)[1] is None
    with pytest.raises(UnknownKind):
        store.get_all([("Nothing", "37")])


def test_nodes_are_put_where_another_still_holds_what_was_read(store: GraphStore, clock: Clock) -> None:
    put(store, "Meta", FIRST)
    start = max(store.changes()["seq"].to_list())
    rows = {"Region": [{"id": "37", "name": "山东", "level": " "}, {"id": "38"}], "Meta": [NEXT]}
    assert store.put_if("Meta", "head", FIRST, rows)
    assert store.get_all([("Region", "37"), ("Region", "38"), ("Meta", "head")]) == [
        {"id": "37", "name": "山东", "updated_at": clock.now},
        {"id": "38", "updated_at": clock.now},
        {**NEXT, "updated_at": clock.now},
    ]
    assert store.changes(start)["id"].to_list() == ["37", "38", "head"]


@pytest.mark.parametrize(("id_", "holds"), [("head", NEXT), ("head", {"value": "1", "updated_at": NOW}), ("none", {})])
def test_nothing_is_put_where_it_does_not(store: GraphStore, id_: str, holds: dict[str, object]) -> None:
    put(store, "Meta", FIRST)
    start = store.changes()
    assert not store.put_if("Meta", id_, holds, {"Region": [{"id": "37"}]})
    assert store.get("Region", "37") is None
    assert store.changes().equals(start)


def test_it_is_a_unit_of_its_own(store: GraphStore) -> None:
    put(store, "Meta", FIRST)
    with pytest.raises(GraphError):
        store.write(lambda _: store.put_if("Meta", "head", FIRST, {"Meta": [NEXT]}))
    assert (store.get("Meta", "head") or {})["value"] == "1"


def test_a_wrong_row_lets_nothing_through(store: GraphStore) -> None:
    put(store, "Meta", FIRST)
    with pytest.raises(BadValue):
        store.put_if("Meta", "head", FIRST, {"Region": [{"id": "37"}], "Meta": [{"id": "head", "value": 2}]})
    with pytest.raises(BadValue, match="开放属性"):
        store.put_if("Meta", "head", FIRST, {"Region": [{"id": "37"}], "Statement": [{"id": "s"}]})
    assert store.get_all([("Region", "37"), ("Statement", "s")]) == [None, None]


@pytest.mark.slow
def test_entries_of_several_at_once_are_one_chain(store: GraphStore) -> None:
    """Two services whose threads share one end of the chain each, and a unit that writes its entry itself."""
    services, faults = [Chain(store), Chain(store)], list[BaseException]()

    def read(thread: int) -> None:
        try:
            for at in range(20):
                entry = Entry("li", "read", "household.read", f"{thread}-{at}", "h")
                if thread == 0:
                    store.write(partial(note, identity=store.identity, entries=[entry], now=NOW))
                else:
                    services[thread % 2].add([entry], NOW)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(7)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not faults
    assert (verify(store).entries, verify(store).broken) == (140, None)
    told = {row["request"] for frame in store.scan_nodes("AuditEntry") for row in frame.iter_rows(named=True)}
    assert told == {f"{thread}-{at}" for thread in range(7) for at in range(20)}
