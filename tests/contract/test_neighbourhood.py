"""What the neighbourhood of a household holds, and that many at once hold the same."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from graph.errors import UnknownKind
from graph.store import GraphStore
from tests.contract.rows import column, ends, ids, link, pairs, put, three_generations

ALL_BUT_NEIGHBOUR = ["brother", "child", "cousin", "grandfather", "grandmother", "lodger", "mother", "wife"]


def test_it_reaches_supporters_of_supporters_and_the_households_of_all(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "home")
    assert column(tables["Household"], "id") == ["away", "far", "home"]
    assert column(tables["Person"], "id") == [name for name in ALL_BUT_NEIGHBOUR if name != "cousin"]


def test_edges_of_support_lead_into_members_and_their_supporters(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "home")
    assert ends(tables["SUPPORTS"]) == {("mother", "child"), ("grandmother", "mother"), ("brother", "grandmother")}
    assert ends(tables["PARENT_OF"]) == {("mother", "child"), ("grandfather", "mother")}


def test_children_of_members_are_reached_as_parents_are(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "away")
    assert {"brother", "mother", "child", "wife"} <= set(column(tables["Person"], "id"))
    assert ends(tables["PARENT_OF"]) == {("grandfather", "mother"), ("grandmother", "brother")}


def test_every_statement_award_recognition_need_and_consent_of_those_reached_is_there(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "home")
    people, households = set(column(tables["Person"], "id")), set(column(tables["Household"], "id"))
    assert set(column(tables["Statement"], "id")) == {f"said-{name}" for name in people | households}
    for kind in ("Award", "Recognition", "Application", "Need"):
        assert set(column(tables[kind], "id")) == {f"{kind}-{name}" for name in people | households}
    assert set(column(tables["Consent"], "id")) == {f"gave-{name}" for name in people}
    assert set(column(tables["UNDER"], "dst")) == {"dibao"}
    assert tables["Policy"].is_empty()


def test_regions_come_with_all_regions_above(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "home")
    assert column(tables["Region"], "id") == ["37", "3703", "370302", "370302001", "370302002", "3705"]
    assert ("370302", "3703") in ends(tables["PART_OF"])


def test_helpers_are_those_of_the_own_regions_and_companions(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "home")
    assert column(tables["Volunteer"], "id") == ["friend", "in-city", "in-village"]
    assert column(tables["SocialWorker"], "id") == ["in-county"]
    assert ends(tables["ACCOMPANIES"]) == {("friend", "home")}
    assert ends(tables["CAN_DO"]) == {("friend", "care"), ("in-city", "care"), ("in-village", "care")}


def test_both_ends_of_an_edge_are_there_unless_they_are_of_the_catalogue(store: GraphStore) -> None:
    three_generations(store)
    tables = store.neighbourhood("Household", "home")
    people, households = set(column(tables["Person"], "id")), set(column(tables["Household"], "id"))
    for kind in ("SUPPORTS", "PARENT_OF"):
        assert {end for pair in ends(tables[kind]) for end in pair} <= people
    assert {household for _, household in ends(tables["MEMBER_OF"])} == households
    assert {person for person, _ in ends(tables["MEMBER_OF"])} == people


def test_a_person_has_the_neighbourhood_of_its_household(store: GraphStore) -> None:
    three_generations(store)
    of_person, of_household = store.neighbourhood("Person", "child"), store.neighbourhood("Household", "home")
    for kind, frame in of_household.items():
        assert_frame_equal(of_person[kind], frame)


def test_a_person_without_a_household_is_alone_in_its_neighbourhood(store: GraphStore) -> None:
    ids(store, "Person", "alone")
    tables = store.neighbourhood("Person", "alone")
    assert column(tables["Person"], "id") == ["alone"]
    assert tables["Household"].is_empty()


def test_a_household_without_members_or_region_is_there(store: GraphStore) -> None:
    ids(store, "Household", "empty")
    assert column(store.neighbourhood("Household", "empty")["Household"], "id") == ["empty"]


def test_another_kind_has_no_neighbourhood(store: GraphStore) -> None:
    with pytest.raises(UnknownKind):
        store.neighbourhood("Region", "37")


def test_circles_of_regions_and_supporters_end(store: GraphStore) -> None:
    ids(store, "Region", "a", "b")
    pairs(store, "PART_OF", [("a", "b"), ("b", "a")])
    ids(store, "Household", "h")
    ids(store, "Person", "p", "q")
    pairs(store, "LIVES_IN", [("h", "a")])
    pairs(store, "MEMBER_OF", [("p", "h"), ("q", "h")])
    pairs(store, "SUPPORTS", [("p", "q"), ("q", "p"), ("p", "p")])
    tables = store.neighbourhood("Household", "h")
    assert tables["SUPPORTS"].height == 3
    assert column(tables["Region"], "id") == ["a", "b"]


def test_many_neighbourhoods_at_once_are_the_union_of_each(store: GraphStore) -> None:
    three_generations(store)
    ids_of_all = _many_households(store, 400)  # enough that a store which reads few and many in two ways takes the second
    asked = ["home", "far", "nobody", "home", *ids_of_all]
    together = store.neighbourhoods(asked)
    singles = [store.neighbourhood("Household", id) for id in asked]
    for kind, frame in together.items():
        keys = [name for name in ("id", "src_kind", "src", "dst_kind", "dst") if name in frame.columns]
        parts = [single[kind] for single in singles if single[kind].height]
        union = pl.concat(parts, how="diagonal").unique(maintain_order=True).sort(keys) if parts else frame.clear()
        assert_frame_equal(frame, union.select(frame.columns))


def test_many_neighbourhoods_of_nothing_are_empty_frames(store: GraphStore) -> None:
    assert all(frame.is_empty() for frame in store.neighbourhoods([]).values())


def _many_households(store: GraphStore, number: int) -> list[str]:
    names = [f"n{n:03}" for n in range(number)]
    ids(store, "Household", *names)
    people = [f"{name}-{who}" for name in names for who in "ab"]
    ids(store, "Person", *people)
    pairs(store, "MEMBER_OF", [(person, person[:4]) for person in people])
    pairs(store, "SUPPORTS", [(people[n], people[(n * 7 + 3) % len(people)]) for n in range(0, len(people), 3)], edge_weight=0.5)
    facts = [
        {
            "fact_number": n,
            "fact_half": n / 2,
            "fact_yes": n % 2 == 0,
            "fact_text": f"第{n}户\n",
            "fact_on": date(2026, 1, 1 + n % 28),
            "fact_l": ["甲"] * (n % 3),
        }
        for n in range(len(people))
    ]
    moment = datetime(1969, 1, 1, tzinfo=UTC)
    put(
        store,
        "Statement",
        *(
            {"id": f"s-{person}", "recorded_at": moment, **dict(list(fact.items())[n % 5 :])}
            for n, (person, fact) in enumerate(zip(people, facts, strict=True))
        ),
    )
    link(store, "ABOUT", *({"src": f"s-{person}", "dst": person, "dst_kind": "Person"} for person in people))
    return names
