"""What the whole graph is asked, on both stores: the same answers, and on Neo4j nothing but the answer over the wire."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from graph import neo4j_nearest, neo4j_questions, neo4j_writer
from graph.model import EDGE_KINDS
from graph.profiles import Features, profile_now, profiles_of, refresh_profiles, stored_features, text_of
from graph.store import GraphStore
from tests.contract.county import FAR, MIDDLE, NEAR, ON, TOWNSHIP, a_county
from tests.contract.rows import pairs, put

if TYPE_CHECKING:
    from collections.abc import Callable

HOUSEHOLDS, NUMBERS, ASKED, NEAREST = 2_000, 21, 12, 25
ONLY_IN_BUNDLES = {"APPLIED_FOR", "GAVE"}
"""Kinds of edge that no question reads; `tests/unit/test_edges_of_bundles.py` and `test_applications.py` show that a bundle does."""
OF_REFERRALS = {"CONCERNS", "INVITES", "LIKE"}
"""Kinds of edge that lead from a referral, which a county as such has none of; `test_referrals.py` needs them."""


def test_a_need_that_nobody_in_the_region_chain_could_meet(store: GraphStore) -> None:
    a_county(store)
    assert store.unmet_needs(ON).rows() == [(MIDDLE, "care", 1, 1), (FAR, "housing", 1, 1)]  # nobody runs the housing aid


def test_needs_are_looked_for_in_one_area(store: GraphStore) -> None:
    a_county(store)
    assert store.unmet_needs(ON, within=FAR).rows() == [(FAR, "housing", 1, 1)]
    assert store.unmet_needs(ON, limit=1).height == 1
    assert store.unmet_needs(ON, within="41").rows() == []


def test_what_is_in_force_everywhere_meets_a_need_everywhere(store: GraphStore) -> None:
    a_county(store)
    put(store, "Need", {"id": "p3-care", "category": "schooling"})
    put(store, "NeedCategory", {"id": "schooling"})
    assert (MIDDLE, "schooling", 1, 1) in store.unmet_needs(ON).rows()
    edge = {"src": "education@1", "src_kind": "Policy", "dst": "schooling"}
    store.write(lambda writer: writer.upsert_edges("COVERS", [edge]))
    assert [row[1] for row in store.unmet_needs(ON).rows()] == ["housing"]


def test_a_category_that_nobody_declared_is_needed_all_the_same(store: GraphStore) -> None:
    a_county(store)
    undeclared = ("a", "d", "zz")  # before, between and after those that are
    put(store, "Need", *({"id": f"h4-{category}", "category": category} for category in undeclared))
    pairs(store, "HAS_NEED", [("h4", f"h4-{category}") for category in undeclared], src_kind="Household")
    expected = sorted([(MIDDLE, "care", 1, 1), *((FAR, category, 1, 1) for category in (*undeclared, "housing"))])
    assert [store.unmet_needs(ON, within=within).rows() for within in ("", TOWNSHIP, TOWNSHIP[:6])] == [expected] * 3


def test_a_village_that_hangs_on_one_worker(store: GraphStore) -> None:
    a_county(store)
    alone = [(MIDDLE, "SocialWorker", "worker", ["counselling"], 1, 1), (FAR, "SocialWorker", "worker", ["counselling"], 1, 0)]
    assert store.single_helpers(ON).rows() == alone
    assert store.single_helpers(ON, within=NEAR).rows() == []


def test_the_path_that_opens_an_item(store: GraphStore) -> None:
    a_county(store)
    assert store.opening_items("fund", ON).rows() == [
        (2, "destitute", ["medical"], ["dibao"], []),
        (2, "dibao", ["medical"], ["destitute"], ["civil-affairs"]),
        (1, "medical", ["fund"], [], ["insurance"]),
        (0, "fund", [], [], ["charity"]),
    ]
    assert store.opening_items("education", ON).rows() == [(0, "education", [], [], ["insurance"])]
    assert store.opening_items("old", ON).rows() == []


def test_legal_supporters_to_two_steps(store: GraphStore) -> None:
    a_county(store)
    assert store.supporters("p3", ON).rows() == [
        (1, "son", "p3", "child", False, []),
        (2, "aunt", "son", "child", True, ["h2"]),
        (2, "p1", "son", "child", False, ["h1"]),
    ]
    assert [row[1] for row in store.supporters("p1", ON).rows()] == ["son", "aunt"]
    assert store.supporters("nobody", ON).rows() == []


def test_households_that_share_a_supporter_or_an_address_and_received_the_same(store: GraphStore) -> None:
    a_county(store)
    by_supporter, by_address = ("h1", "h3", "dibao", "supporter", "son"), ("h2", "h4", "fund", "address", None)
    assert store.shared_awards(ON).rows() == [by_supporter, by_address]
    assert store.shared_awards(ON, within=FAR).rows() == [by_address]
    assert store.shared_awards(ON, household="h3").rows() == [by_supporter]
    assert store.shared_awards(ON.replace(year=2028)).rows() == []


def test_the_nearest_households_come_by_distance_then_id(store: GraphStore) -> None:
    a_county(store)
    features = refresh_profiles(store, ON)
    assert stored_features(store) is not None
    mine = profile_now(store, "h1", features)
    assert dict(zip(features.names, mine, strict=True)) | {"need/care": 0, "need/medical": 0, "recognised/dibao": 0} == {
        name: {"members": 1, "elders": 1, "earning": 2}.get(name, 0) for name in features.names
    }
    asked = store.nearest(mine, but="h1")
    profiles = {home: profile_now(store, home, features) for home in ("h2", "h3", "h4")}
    distances = {home: sum((one - other) ** 2 for one, other in zip(mine, profile, strict=True)) for home, profile in profiles.items()}
    assert asked.rows() == sorted(distances.items(), key=lambda one: (one[1], one[0]))


def test_precedents_come_in_the_order_of_an_exact_search(store: GraphStore) -> None:
    order = np.random.default_rng(5)
    numbers = order.integers(0, 3, size=(HOUSEHOLDS, NUMBERS)) * (order.random((HOUSEHOLDS, NUMBERS)) < 0.4)
    names = [f"h{at:05}" for at in range(HOUSEHOLDS)]
    put(store, "Household", *({"id": id, "profile": text_of(row.tolist())} for id, row in zip(names, numbers, strict=True)))
    store.index_profiles()
    for at in range(0, HOUSEHOLDS, HOUSEHOLDS // ASKED):
        distances = ((numbers - numbers[at]) ** 2).sum(axis=1)
        exact = sorted((int(distance), id) for distance, id in zip(distances, names, strict=True) if id != names[at])[:NEAREST]
        found = store.nearest(numbers[at].tolist(), but=names[at], limit=NEAREST)
        assert [(distance, id) for id, distance in found.rows()] == exact


def test_a_profile_that_nobody_has_any_more_is_forgotten(store: GraphStore) -> None:
    put(store, "Household", {"id": "a", "profile": "1,1"}, {"id": "b", "profile": "2,2"})
    store.index_profiles()
    put(store, "Household", {"id": "b", "profile": "1,1"})
    store.index_profiles()
    assert store.nearest([2, 2], limit=1).rows() == [("a", 2)]


def answers(store: GraphStore) -> str:
    """Everything that the county is asked, with the profiles of its households as they are now."""
    homes = ["h1", "h2", "h3", "h4"]
    profiles = profiles_of(store.neighbourhoods(homes), homes, Features(("care", "housing"), ("dibao",), ON))
    asked = (
        store.unmet_needs(ON),
        store.single_helpers(ON),
        store.opening_items("fund", ON),
        store.supporters("p3", ON),
        store.shared_awards(ON),
    )
    return json.dumps([*(table.rows() for table in asked), profiles])


def test_without_any_one_kind_of_edge_an_answer_changes(store: GraphStore) -> None:
    a_county(store)
    before = answers(store)
    unread = set()
    for kind in EDGE_KINDS:
        edges = [edge for frame in store.scan_edges(kind) for edge in frame.to_dicts()]
        store.write(lambda writer, kind=kind, edges=edges: writer.delete_edges(kind, edges))  # type: ignore[misc]
        if answers(store) == before:
            unread.add(kind)
        store.write(lambda writer, kind=kind, edges=edges: writer.upsert_edges(kind, edges))  # type: ignore[misc]
    assert answers(store) == before
    assert unread == ONLY_IN_BUNDLES | OF_REFERRALS


@pytest.mark.parametrize("kind_of_store", [pytest.param("neo4j", marks=pytest.mark.neo4j)])
def test_only_the_answer_comes_over_the_wire(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    a_county(store)
    features = refresh_profiles(store, ON)
    put(store, "Household", *({"id": f"x{at}", "profile": text_of([at % 7] * len(features.names))} for at in range(300)))
    store.index_profiles()
    crossed: list[int] = []

    def counted(*given: Any, **values: Any) -> list[dict[str, Any]]:
        rows = neo4j_writer.run(*given, **values)
        crossed.append(len(rows))
        return rows

    for module in (neo4j_questions, neo4j_nearest):
        monkeypatch.setattr(module, "run", counted)
    questions: list[Callable[[], Any]] = [
        lambda: store.unmet_needs(ON),
        lambda: store.single_helpers(ON),
        lambda: store.opening_items("fund", ON),
        lambda: store.supporters("p3", ON),
        lambda: store.shared_awards(ON, within=TOWNSHIP),
        lambda: store.nearest([1] * len(features.names), limit=5),
    ]
    assert [question().height for question in questions] == crossed
