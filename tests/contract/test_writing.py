"""What a store keeps of what is written, and what it refuses."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import BadValue, GraphError, MissingEnd, UnknownKind, UnknownProperty
from graph.store import GraphStore, Writer
from tests.contract.conftest import Clock
from tests.contract.rows import ids, link, pairs, put

TEXT = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "fact_text": TEXT,
    "fact_int": st.integers(-(2**63) + 1, 2**63 - 1),
    "fact_float": st.floats(allow_nan=False, allow_infinity=False),
    "fact_bool": st.booleans(),
    "fact_date": st.dates(),
    "fact_list": st.lists(TEXT),
    "recorded_at": st.datetimes(timezones=st.just(UTC)),
}


def test_putting_the_same_household_twice_keeps_one(store: GraphStore) -> None:
    assert put(store, "Household", {"id": "h", "source": "survey"}) == 1
    assert put(store, "Household", {"id": "h", "source": "survey"}) == 0
    assert store.count("Household") == 1


def test_the_same_id_may_stand_in_two_kinds(store: GraphStore) -> None:
    ids(store, "Household", "1")
    ids(store, "Person", "1")
    assert store.get("Household", "1") is not None
    assert store.count("Person") == 1


def test_a_repeated_row_leaves_its_time_as_it_was(store: GraphStore, clock: Clock) -> None:
    put(store, "Household", {"id": "h", "source": "survey"})
    first = store.get("Household", "h")
    clock.forward(timedelta(days=1))
    put(store, "Household", {"id": "h", "source": "survey"})
    assert store.get("Household", "h") == first
    put(store, "Household", {"id": "h", "source": "visit"})
    assert (store.get("Household", "h") or {})["updated_at"] == clock.now


def test_a_time_of_update_that_is_given_is_kept(store: GraphStore) -> None:
    given_at = datetime(2020, 1, 2, tzinfo=UTC)
    put(store, "Household", {"id": "h", "updated_at": given_at})
    assert store.get("Household", "h") == {"id": "h", "updated_at": given_at}


@pytest.mark.parametrize("blank", [None, "", "  ", "\u3000"])
def test_a_blank_erases_nothing(store: GraphStore, blank: str | None) -> None:
    put(store, "Region", {"id": "37", "name": "山东", "level": "province"})
    assert put(store, "Region", {"id": "37", "name": blank}) == 0
    assert (store.get("Region", "37") or {})["name"] == "山东"


def test_an_empty_list_is_a_value_and_not_a_blank(store: GraphStore) -> None:
    put(store, "Statement", {"id": "s", "complete": ["members"]})
    put(store, "Statement", {"id": "s", "complete": []})
    assert (store.get("Statement", "s") or {})["complete"] == []


def test_rows_of_one_call_that_share_an_id_are_merged_in_order(store: GraphStore) -> None:
    put(store, "Region", {"id": "37", "name": "鲁", "level": "province"}, {"id": "37", "name": "山东"})
    region = store.get("Region", "37") or {}
    assert (region["name"], region["level"]) == ("山东", "province")


def test_removing_a_key_forgets_it(store: GraphStore) -> None:
    put(store, "Region", {"id": "37", "name": "山东", "level": "province"})
    assert store.write(lambda writer: writer.remove_keys("Region", "37", ["name", "parent"]))
    assert not store.write(lambda writer: writer.remove_keys("Region", "37", ["name"]))
    assert "name" not in (store.get("Region", "37") or {})
    assert (store.get("Region", "37") or {})["level"] == "province"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.fixed_dictionaries({}, optional=FACTS))
def test_every_value_comes_back_as_it_went_in(store: GraphStore, row: dict[str, Any]) -> None:
    """Chinese text, dates, times, long whole numbers, from `get` as from a scan."""
    ids(store, "Household", "h")
    store.write(lambda writer: writer.delete("Statement", ["s"]))
    put(store, "Statement", {"id": "s", **row})
    link(store, "ABOUT", {"src": "s", "dst": "h", "dst_kind": "Household"})
    stored = store.get("Statement", "s") or {}
    assert {name: stored[name] for name in row} == row
    (scanned,) = store.scan_nodes("Statement")
    near = store.neighbourhood("Household", "h")["Statement"]
    for frame in (scanned, near):
        assert {name: frame[name].to_list()[0] for name in row} == row


def test_a_time_in_another_zone_is_kept_as_the_same_moment(store: GraphStore) -> None:
    moment = datetime(2026, 8, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    put(store, "Statement", {"id": "s", "recorded_at": moment})
    stored = (store.get("Statement", "s") or {})["recorded_at"]
    assert stored == moment
    assert stored.utcoffset() == timedelta()


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("Statement", {"id": "s", "fact_home": {"rooms": 2}}),
        ("Statement", {"id": "s", "fact_bills": [{"total": 2}]}),
        ("Statement", {"id": "s", "fact_moment": datetime(2026, 8, 1, tzinfo=UTC)}),
        ("Statement", {"id": "s", "recorded_at": datetime(2026, 8, 1)}),  # noqa: DTZ001 - the missing zone is what is tested
        ("Statement", {"id": "s", "true_on": "2026-08-01"}),
        ("Statement", {"id": "s", "true_on": datetime(2026, 8, 1, tzinfo=UTC)}),
        ("Statement", {"id": "s", "fact_wage": float("nan")}),
        ("Statement", {"id": "s", "fact_wage": 2**63}),
        ("Statement", {"id": "s", "fact_name": "\ud800"}),
        ("Award", {"id": "a", "amount_fen": True}),
        ("Award", {"id": "a", "amount_fen": 1.5}),
        ("Award", {"id": ""}),
        ("Award", {}),
    ],
)
def test_a_value_that_the_model_does_not_know_is_refused(store: GraphStore, kind: str, row: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        put(store, kind, row)
    assert store.count(kind) == 0


@pytest.mark.parametrize("name", ["colour", "fact_", "fact_A", "fact_x'; drop table node; --", "edge_x"])
def test_a_name_that_the_model_does_not_know_is_refused(store: GraphStore, name: str) -> None:
    with pytest.raises(UnknownProperty):
        put(store, "Statement", {"id": "s", name: 1})


def test_a_kind_that_the_model_does_not_know_is_refused(store: GraphStore) -> None:
    with pytest.raises(UnknownKind):
        put(store, "Castle", {"id": "c"})
    with pytest.raises(UnknownKind):
        store.count("Castle")


def test_an_open_property_keeps_its_type(store: GraphStore) -> None:
    put(store, "Statement", {"id": "s", "fact_grade": "two"})
    with pytest.raises(BadValue):
        put(store, "Statement", {"id": "t", "fact_grade": 2})


def test_a_whole_number_may_become_a_fraction(store: GraphStore) -> None:
    put(store, "Statement", {"id": "s", "fact_hours": 2})
    put(store, "Statement", {"id": "t", "fact_hours": 2.5}, {"id": "u", "fact_hours": 3})
    (frame,) = store.scan_nodes("Statement")
    assert frame["fact_hours"].to_list() == [2.0, 2.5, 3.0]


def test_an_edge_to_nowhere_is_refused(store: GraphStore) -> None:
    ids(store, "Person", "p")
    with pytest.raises(MissingEnd):
        pairs(store, "MEMBER_OF", [("p", "nowhere")])
    assert store.count("MEMBER_OF") == 0


def test_an_edge_is_known_by_its_ends_and_keeps_its_properties(store: GraphStore) -> None:
    ids(store, "Person", "p")
    ids(store, "Household", "h")
    assert link(store, "MEMBER_OF", {"src": "p", "dst": "h", "kin": "child", "from": date(2020, 1, 1), "edge_share": 0.5}) == 1
    assert link(store, "MEMBER_OF", {"src": "p", "dst": "h", "kin": ""}) == 0
    assert link(store, "MEMBER_OF", {"src": "p", "dst": "h", "until": date(2021, 1, 1)}) == 1
    (frame,) = store.scan_edges("MEMBER_OF")
    assert frame.select("src", "dst", "kin", "from", "until", "edge_share").rows() == [
        ("p", "h", "child", date(2020, 1, 1), date(2021, 1, 1), 0.5)
    ]


def test_an_end_of_a_kind_that_must_be_named_is_refused_without_it(store: GraphStore) -> None:
    ids(store, "Household", "h")
    ids(store, "Need", "n")
    with pytest.raises(BadValue):
        link(store, "HAS_NEED", {"src": "h", "dst": "n"})
    with pytest.raises(BadValue):
        link(store, "HAS_NEED", {"src": "h", "src_kind": "Region", "dst": "n"})


def test_deleting_a_node_takes_its_edges_and_leaves_the_rest(store: GraphStore) -> None:
    ids(store, "Person", "p", "q")
    ids(store, "Household", "h")
    pairs(store, "MEMBER_OF", [("p", "h"), ("q", "h")])
    pairs(store, "SUPPORTS", [("p", "p"), ("p", "q")])
    assert store.write(lambda writer: writer.delete("Person", ["p", "nobody"])) == 1
    assert (store.count("Person"), store.count("MEMBER_OF"), store.count("SUPPORTS")) == (1, 1, 0)


def test_deleting_an_edge_leaves_its_ends(store: GraphStore) -> None:
    ids(store, "Person", "p")
    ids(store, "Household", "h")
    pairs(store, "MEMBER_OF", [("p", "h")])
    gone = [{"src": "p", "dst": "h"}, {"src": "p", "dst": "nowhere"}]
    assert store.write(lambda writer: writer.delete_edges("MEMBER_OF", gone)) == 1
    assert (store.count("MEMBER_OF"), store.count("Person"), store.count("Household")) == (0, 1, 1)


def test_a_unit_that_fails_leaves_nothing(store: GraphStore) -> None:
    def unit(writer: Writer) -> None:
        writer.upsert_nodes("Household", [{"id": "h"}])
        writer.upsert_nodes("Statement", [{"id": "s", "fact_new": 1}])
        raise LookupError

    with pytest.raises(LookupError):
        store.write(unit)
    assert store.get("Household", "h") is None
    assert put(store, "Statement", {"id": "s", "fact_new": "text now"}) == 1


def test_a_unit_sees_what_it_has_written_and_returns_its_result(store: GraphStore) -> None:
    def unit(writer: Writer) -> Any:
        writer.upsert_nodes("Region", [{"id": "37", "name": "山东"}])
        return writer.get("Region", "37")

    assert store.write(unit)["name"] == "山东"


def test_a_unit_within_a_unit_is_refused(store: GraphStore) -> None:
    with pytest.raises(GraphError):
        store.write(lambda writer: put(store, "Household", {"id": "h"}))
    assert store.count("Household") == 0


def test_messages_speak_both_languages_and_name_no_value(store: GraphStore) -> None:
    with pytest.raises(BadValue) as caught:
        put(store, "Person", {"id": "p", "name_enc": ["王小明"]})
    assert "Person.name_enc" in caught.value.zh
    assert "Person.name_enc" in caught.value.en
    assert "王小明" not in str(caught.value)
