"""Finding, counting and scanning: which rows, in which order, with which dtypes."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from graph.errors import BadValue, UnknownProperty
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.store import GraphStore, Prefix
from tests.contract.rows import ids, pairs, put, three_generations, whole_graph


def test_a_node_that_is_not_there_is_none(store: GraphStore) -> None:
    assert store.get("Household", "nobody") is None


def test_pages_follow_one_another_without_gap_or_repeat(store: GraphStore) -> None:
    ids(store, "Household", *(f"h{n:02}" for n in range(25)))
    seen, after = list[str](), None
    while True:
        page = store.find("Household", {}, limit=10, after=after)
        seen += [row["id"] for row in page.rows]
        after = page.after
        if after is None:
            break
    assert seen == [f"h{n:02}" for n in range(25)]


def test_a_page_that_just_fits_is_the_last(store: GraphStore) -> None:
    ids(store, "Household", "a", "b")
    assert store.find("Household", {}, limit=2).after is None
    assert store.find("Household", {}, limit=1).after == "a"
    with pytest.raises(BadValue):
        store.find("Household", {}, limit=0)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"fact_text": "城市"}, ["a"]),
        ({"fact_text": Prefix("城")}, ["a", "b"]),
        ({"fact_text": Prefix("")}, ["a", "b", "c"]),
        ({"true_on": date(2026, 8, 1)}, ["a"]),
        ({"recorded_at": datetime(2026, 8, 1, 1, tzinfo=UTC)}, ["b"]),
        ({"complete": ["members", "账单"]}, ["a"]),
        ({"fact_number": 3}, ["b", "c"]),
        ({"fact_number": 3, "fact_text": "乡村"}, ["c"]),
        ({"fact_yes": True}, ["a"]),
        ({"synthetic": False}, ["c"]),
        ({"id": "b"}, ["b"]),
        ({"id": Prefix("b")}, ["b"]),
        ({"fact_text": "'"}, []),
    ],
)
def test_nodes_are_found_by_what_they_hold(store: GraphStore, where: dict[str, Any], found: list[str]) -> None:
    put(
        store,
        "Statement",
        {"id": "c", "fact_text": "乡村", "fact_number": 3, "synthetic": False},
        {"id": "a", "fact_text": "城市", "true_on": date(2026, 8, 1), "complete": ["members", "账单"], "fact_yes": True},
        {"id": "b", "fact_text": "城镇", "recorded_at": datetime(2026, 8, 1, 1, tzinfo=UTC), "fact_number": 3, "fact_yes": False},
    )
    assert [row["id"] for row in store.find("Statement", where).rows] == found


def test_a_person_is_found_by_a_keyed_hash(store: GraphStore) -> None:
    put(store, "Person", {"id": "p", **store.identity.person(name="王小明", phone="139 0533 1234")})
    wanted = {"phone_key": store.identity.search_key("phone", "+86 13905331234")}
    (row,) = store.find("Person", wanted).rows
    assert store.identity.decrypt("name", row["name_enc"]) == "王小明"


def test_a_question_by_an_unknown_name_is_refused(store: GraphStore) -> None:
    with pytest.raises(UnknownProperty):
        store.find("Person", {"name": "王小明"})
    with pytest.raises(UnknownProperty):
        store.find("Person", {"1=1; --": Prefix("x")})


def test_a_scan_comes_in_batches_in_the_order_of_id(store: GraphStore) -> None:
    put(store, "Statement", *({"id": f"s{n:02}", **({"fact_late": n} if n > 20 else {})} for n in reversed(range(25))))
    frames = list(store.scan_nodes("Statement", batch=10))
    assert [len(frame) for frame in frames] == [10, 10, 5]
    assert len({tuple(frame.schema.items()) for frame in frames}) == 1
    assert pl.concat(frames)["id"].to_list() == [f"s{n:02}" for n in range(25)]


def test_a_scan_of_edges_is_in_the_order_of_its_ends(store: GraphStore) -> None:
    ids(store, "Household", "b", "a")
    ids(store, "Person", "c", "a")
    ids(store, "Need", "2", "1")
    pairs(store, "HAS_NEED", [("c", "1"), ("a", "2"), ("a", "1")], src_kind="Person")
    pairs(store, "HAS_NEED", [("b", "2"), ("b", "1")], src_kind="Household")
    frame = pl.concat(store.scan_edges("HAS_NEED", batch=2))
    assert frame.columns[:3] == ["src", "dst", "src_kind"]
    assert frame.rows()[0][:3] == ("b", "1", "Household")
    assert list(zip(frame["src"], frame["dst"], strict=True)) == [("b", "1"), ("b", "2"), ("a", "1"), ("a", "2"), ("c", "1")]


def test_a_scan_may_be_left_half_way_and_written_beside(store: GraphStore) -> None:
    ids(store, "Household", *(f"h{n}" for n in range(5)))
    scan = store.scan_nodes("Household", batch=2)
    assert len(next(scan)) == 2
    ids(store, "Household", "later")
    assert store.count("Household") == 6
    assert sum(len(frame) for frame in scan) in (3, 4)


def test_scanning_nothing_gives_nothing(store: GraphStore) -> None:
    assert list(store.scan_nodes("Person")) == []
    assert list(store.scan_edges("ABOUT")) == []


def test_counts_are_by_kind(store: GraphStore) -> None:
    ids(store, "Person", "p", "q")
    pairs(store, "SUPPORTS", [("p", "q")])
    assert [store.count(kind) for kind in ("Person", "Household", "SUPPORTS", "PARENT_OF")] == [2, 0, 1, 0]


def test_empty_frames_have_the_dtypes_of_full_ones(store: GraphStore) -> None:
    empty = store.neighbourhood("Household", "nobody")
    assert list(empty) == [*NODE_KINDS, *EDGE_KINDS]
    assert all(frame.is_empty() for frame in empty.values())
    three_generations(store)
    full = store.neighbourhood("Household", "home")
    for kind, frame in full.items():
        declared = [name for name in frame.columns if not name.startswith(("fact_", "edge_"))]
        assert frame.select(declared).schema == empty[kind].schema, kind
    assert empty["Statement"].schema["true_on"] == pl.Date
    assert empty["Statement"].schema["recorded_at"] == pl.Datetime("us", "UTC")
    assert empty["Statement"].schema["complete"] == pl.List(pl.String)
    assert empty["Volunteer"].schema["hours_week"] == pl.Float64
    assert empty["Award"].schema["amount_fen"] == pl.Int64
    assert empty["ABOUT"].columns[:3] == ["src", "dst", "dst_kind"]


def test_the_same_rows_in_another_order_give_the_same_tables(store: GraphStore) -> None:
    three_generations(store)
    before = whole_graph(store)
    rows = [{"id": f"x{n}", "fact_a": n, "updated_at": datetime(2026, 1, 1, tzinfo=UTC)} for n in range(9)]
    names = [f"x{n}" for n in range(9)]
    put(store, "Statement", *rows)
    first = whole_graph(store)["Statement"].serialize()
    store.write(lambda writer: writer.delete("Statement", names))
    put(store, "Statement", *reversed(rows))
    assert whole_graph(store)["Statement"].serialize() == first
    assert {kind: frame.height for kind, frame in whole_graph(store).items()} == {
        kind: frame.height + (9 if kind == "Statement" else 0) for kind, frame in before.items()
    }


def test_the_highest_come_first_those_without_it_last_page_by_page(store: GraphStore) -> None:
    ranks = {"a": "010", "b": None, "c": "072", "d": "010", "e": "100", "f": None}
    put(store, "Household", *({"id": id_, "rank": rank, "lives_in": "37"} for id_, rank in ranks.items()), {"id": "g", "rank": "099"})
    for limit in (1, 2, 5, 6, 50):
        found: list[str] = []
        after: tuple[str, str] | None = None
        for _ in range(10):
            rows = store.find_highest("Household", "rank", {"lives_in": Prefix("3")}, limit=limit, after=after)
            found += [row["id"] for row in rows]
            if len(rows) < limit:
                break
            after = (rows[-1].get("rank", ""), rows[-1]["id"])
        assert found == ["e", "c", "a", "d", "b", "f"]
    assert [row["id"] for row in store.find_highest("Household", "rank", {"rank": "010"}, limit=1)] == ["a"]
    with pytest.raises(UnknownProperty):
        store.find_highest("Household", "no_such", {}, limit=1)
    with pytest.raises(BadValue):
        store.find_highest("Household", "rank", {}, limit=0)
