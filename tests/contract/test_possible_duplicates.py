"""Possible duplicates of a whole county: Neo4j keeps pairs ready and says the same as the embedded store, whatever was written."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from graph import neo4j_pairs, neo4j_writer
from graph.model import NODE_KINDS
from graph.store import GraphStore, Writer
from tests.contract.county import ON, a_county
from tests.contract.rows import link, pairs, put

pytestmark = pytest.mark.neo4j

ROUNDS, CHANGES = 25, 12
HOMES, PEOPLE, ITEMS, AWARDS = ([f"{letter}{n}" for n in range(count)] for letter, count in (("h", 8), ("p", 12), ("i", 3), ("w", 12)))
VILLAGES = ("371602001001", "371602002001", "371603001001")
AREAS = ("", "37", "371602", "371602001", "371603001001", "41")
DAYS = (None, date(2025, 6, 1), date(2026, 6, 1), date(2026, 9, 1))


def _begin(store: GraphStore) -> None:
    put(store, "Region", *({"id": code} for code in VILLAGES))
    put(store, "Policy", *({"id": f"{item}@1", "policy": item} for item in ITEMS))
    put(store, "CharityProject", {"id": "fund@1", "policy": "fund"})
    _put_ends(store, HOMES, PEOPLE, AWARDS)


def _put_ends(store: GraphStore, homes: list[str], people: list[str], awards: list[str]) -> None:
    for kind, names in (("Household", homes), ("Person", people), ("Award", awards)):
        put(store, kind, *({"id": name} for name in names))


def _span(chance: Random) -> dict[str, Any]:
    return {"from": chance.choice(DAYS), "until": chance.choice(DAYS)} if chance.random() < 0.2 else {}


def _change(chance: Random) -> tuple[str, str, dict[str, Any]]:
    """Something of what makes or breaks a pair: what to do, the kind, the row."""
    home, person, other, award = (chance.choice(names) for names in (HOMES, PEOPLE, PEOPLE, AWARDS))
    of = chance.choice([{"src": home, "src_kind": "Household"}, {"src": person, "src_kind": "Person"}])
    to = chance.choice([{"dst": f"{chance.choice(ITEMS)}@1", "dst_kind": "Policy"}, {"dst": "fund@1", "dst_kind": "CharityProject"}])
    edges: list[tuple[str, dict[str, Any]]] = [
        ("MEMBER_OF", {"src": person, "dst": home, **_span(chance)}),
        ("MEMBER_OF", {"src": other, "dst": home}),
        ("SUPPORTS", {"src": person, "dst": other, **_span(chance)}),
        ("SUPPORTS", {"src": other, "dst": person}),
        ("LIVES_IN", {"src": home, "dst": chance.choice(VILLAGES), **_span(chance)}),
        ("RECEIVES", {**of, "dst": award}),
        ("UNDER", {"src": award, **to}),
    ]
    nodes: list[tuple[str, dict[str, Any]]] = [
        ("Household", {"id": home, "address_key": chance.choice(("door", "gate", "stair"))}),
        ("Award", {"id": award, "policy": chance.choice((*ITEMS, "fund")), "paid_on": chance.choice(DAYS)}),
        ("Award", {"id": award, "policy": chance.choice(ITEMS), "until": chance.choice(DAYS)}),
        ("Policy", {"id": f"{chance.choice(ITEMS)}@1", "policy": chance.choice(ITEMS)}),
    ]
    gone = [("Household", {"id": home}), ("Person", {"id": person}), ("Award", {"id": award})]
    ways = [("put", edges), ("put", nodes), ("cut", edges), ("gone", gone)]
    (way, choices) = chance.choices(ways, weights=(24, 8, 3, 1))[0]
    return (way, *chance.choice(choices))


def _do(writer: Writer, changes: list[tuple[str, str, dict[str, Any]]]) -> None:
    for way, kind, row in changes:
        if way == "put":
            (writer.upsert_nodes if kind in NODE_KINDS else writer.upsert_edges)(kind, [row])
        elif way == "cut":
            writer.delete_edges(kind, [{name: row[name] for name in row if name not in ("from", "until")}])
        else:
            writer.delete(kind, [row["id"]])
            writer.upsert_nodes(kind, [row])  # it comes back, without its edges


@pytest.mark.parametrize(("seed", "far"), [(1, neo4j_pairs.FAR), (2, neo4j_pairs.FAR), (3, 0)])
def test_both_stores_find_the_same_after_every_change(
    both: tuple[GraphStore, GraphStore], monkeypatch: pytest.MonkeyPatch, seed: int, far: int
) -> None:
    monkeypatch.setattr(neo4j_pairs, "FAR", far)  # with 0 all households are gone through, some at a time
    monkeypatch.setattr(neo4j_pairs, "SOME", 3)
    monkeypatch.setattr(neo4j_pairs, "PORTIONS", 2)
    chance, seen = Random(seed), 0
    for store in both:
        _begin(store)
    for _ in range(ROUNDS):
        changes = [_change(chance) for _ in range(CHANGES)]
        day = ON + timedelta(days=chance.choice((0, 0, 200)))
        answers = []
        for store in both:
            store.write(lambda writer, changes=changes: _do(writer, changes))  # type: ignore[misc]
            answers.append([store.shared_awards(day, within=area, limit=limit).rows() for area in AREAS for limit in (1_000, 2)])
            answers[-1] += [store.shared_awards(day, household=home).rows() for home in HOMES]
        assert answers[0] == answers[1]
        seen += len(answers[0][0])
    assert seen > 5 * ROUNDS


def test_inside_a_unit_what_it_wrote_is_seen(both: tuple[GraphStore, GraphStore]) -> None:
    for store in both:
        a_county(store)
        assert store.shared_awards(ON).height == 2

        def unit(writer: Writer, store: GraphStore = store) -> int:
            writer.delete("Person", ["son"])
            return store.shared_awards(ON).height

        assert store.write(unit) == 1
        assert store.shared_awards(ON).height == 1


@pytest.mark.parametrize("kind_of_store", ["neo4j"])
def test_the_county_s_pairs_are_kept_inside_the_server(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is looked at there: over the wire come the answer, and a row each time that says what is still to do."""
    a_county(store)
    crossed: list[int] = []

    def counted(*given: Any, **values: Any) -> list[dict[str, Any]]:
        rows = neo4j_writer.run(*given, **values)
        crossed.append(len(rows))
        return rows

    monkeypatch.setattr(neo4j_pairs, "run", counted)
    assert store.shared_awards(ON).height == 2
    assert crossed[-1] == 2
    assert set(crossed[:-1]) == {0, 1}
    del crossed[:]
    assert store.shared_awards(ON, limit=1).height == 1
    assert crossed == [1, 1]


@pytest.mark.parametrize("kind_of_store", ["neo4j"])
def test_the_question_stops_when_it_has_enough(store: GraphStore) -> None:
    """Pairs come out of their index in the order of the answer: nothing is sorted, so nothing beyond the limit is read."""
    put(store, "Household", *({"id": f"h{n:03}", "address_key": "door"} for n in range(60)))
    put(store, "Region", {"id": VILLAGES[0]})
    pairs(store, "LIVES_IN", [(f"h{n:03}", VILLAGES[0]) for n in range(60)])
    put(store, "Award", *({"id": f"w{n}", "policy": "dibao"} for n in range(60)))
    link(store, "RECEIVES", *({"src": f"h{n:03}", "src_kind": "Household", "dst": f"w{n}"} for n in range(60)))
    assert store.shared_awards(ON, limit=10_000).height == 60 * 59 // 2
    touched = [_touched(store, limit) for limit in (5, 50)]
    assert touched[0] * 5 < touched[1]


def _touched(store: GraphStore, limit: int) -> int:
    """How often the database was touched for an answer."""
    from graph.neo4j_store import Neo4jStore

    assert isinstance(store, Neo4jStore)
    values = {"on": ON, "since": ON, "within": "", "limit": limit}
    profile = store._read(lambda tx: tx.run(f"PROFILE {neo4j_pairs._READY}", values).consume().profile)
    return _hits(profile)


def _hits(plan: Any) -> int:
    return int(plan["dbHits"]) + sum(_hits(child) for child in plan.get("children", []))
