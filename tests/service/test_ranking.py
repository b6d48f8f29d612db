"""My households by difficulty: the hardest first, those without an index last, page by page; what changed is computed anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.batch import begin, finish, go_on
from api.settings import read_settings
from api.wiring import Desk
from tests.service.serving import OTHER, OWN, a_household, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.service.serving import Served


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The service on a store of this kind."""
    address = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else f"sqlite:///{tmp_path}/served.sqlite"
    with serving(Desk(replace(read_settings(), store=address, key_file=tmp_path / "served.key"))) as one:
        yield one


def a_county(served: Served) -> list[str]:
    """Five households entered by hand, so with an index, of which two are hard; and two that a file brought, without one."""
    ids = []
    with served.client("worker") as client:
        for n in range(5):
            facts = {"dwelling_danger": "D" if n in (1, 3) else "A"}
            made = client.post("/api/households", json=a_household(f"{OWN}00{n % 2}", facts=facts), headers=fresh())
            assert made.status_code == 201, made.text
            ids.append(made.json()["household"])
    served.desk.store.write(lambda writer: _bare(writer, "h-00", f"{OWN}000"))
    served.desk.store.write(lambda writer: _bare(writer, "h-01", OTHER))
    return ids


def _bare(writer: Any, household: str, region: str) -> None:
    writer.upsert_nodes("Region", [{"id": region}])
    writer.upsert_nodes("Household", [{"id": household, "lives_in": region}])
    writer.upsert_edges("LIVES_IN", [{"src": household, "dst": region}])


def read(served: Served, **asked: Any) -> list[dict[str, Any]]:
    """The whole list, page by page."""
    found: list[dict[str, Any]] = []
    with served.client("worker") as client:
        cursor = None
        for _ in range(20):
            said = client.get("/api/households", params={"sort": "difficulty", **asked} | ({"cursor": cursor} if cursor else {}))
            assert said.status_code == 200, said.text
            page = said.json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found
    raise AssertionError("no end")


def test_the_hardest_come_first_and_those_without_an_index_last(each: Served) -> None:
    ids = a_county(each)
    whole = read(each)
    assert [one["household"] for one in whole[:2]] == sorted([ids[1], ids[3]])
    assert [one["household"] for one in whole[2:5]] == sorted([ids[0], ids[2], ids[4]])
    assert [(one["household"], one["difficulty"]) for one in whole[5:]] == [("h-00", None)]
    assert whole[0]["difficulty"]["lo"] > whole[2]["difficulty"]["lo"]
    for limit in (1, 2, 3):
        assert read(each, limit=limit) == whole
    assert [one["household"] for one in read(each, region=f"{OWN}001")] == sorted([ids[1], ids[3]])
    each.desk.store.write(lambda writer: writer.upsert_nodes("Household", [{"id": ids[0], "circle": "core"}]))
    assert [one["household"] for one in read(each, circle="core")] == [ids[0]]
    with each.client("worker") as client:
        cursor = client.get("/api/households", params={"limit": 1}).json()["next"]
        assert client.get("/api/households", params={"sort": "difficulty", "cursor": cursor}).status_code == 422
        found = client.get(f"/api/households/{whole[0]['household']}/bundle").json()["difficulty"]
        assert {name: found[name] for name in ("lo", "hi", "circle")} == {
            name: whole[0]["difficulty"][name] for name in ("lo", "hi", "circle")
        }


def test_a_batch_ranks_everybody_and_changes_no_household(each: Served) -> None:
    ids = a_county(each)
    desk, day = each.desk, each.desk.today()
    with each.client("worker") as client:
        tag = client.get(f"/api/households/{ids[0]}").headers["ETag"]
        for on in (day, day - dt.timedelta(days=40)):
            run = begin(desk.store, OWN, on, desk.catalogue.hash, near=False, now=desk.now())
            finish(desk.store, [*go_on(desk.store, desk.engine, run)][-1], desk.now())
        assert client.get(f"/api/households/{ids[0]}").headers["ETag"] == tag
    whole = read(each)
    assert {one["difficulty"]["as_of"] for one in whole} == {day.isoformat()}, "a batch of an earlier day ranks nobody"
    assert {one["household"] for one in whole} == {*ids, "h-00"}


def test_what_changed_by_hand_or_by_a_file_is_computed_anew(each: Served) -> None:
    ids = a_county(each)
    with each.client("worker") as client:
        known = client.get(f"/api/households/{ids[0]}")
        visit = {"true_on": "2026-09-01", "facts": {"dwelling_danger": "C"}}
        heads = fresh() | {"If-Match": known.headers["ETag"]}
        assert client.post(f"/api/households/{ids[0]}/visits", json=visit, headers=heads).status_code == 200
    first = [one["household"] for one in read(each)]
    assert first.index(ids[0]) < first.index(ids[2]), "by hand: at once"
    before = {one["household"]: one["difficulty"] for one in read(each)}

    def told(writer: Any) -> None:
        writer.upsert_nodes("Statement", [{"id": "s", "true_on": dt.date(2026, 9, 1), "fact_dwelling_danger": "C"}])
        writer.upsert_edges("ABOUT", [{"src": "s", "dst": ids[2], "dst_kind": "Household"}])

    each.desk.store.write(told)
    after = {one["household"]: one["difficulty"] for one in read(each)}
    assert after[ids[2]]["lo"] > before[ids[2]]["lo"]
    assert {id_: rank for id_, rank in after.items() if id_ != ids[2]} == {id_: rank for id_, rank in before.items() if id_ != ids[2]}
    order = [one["household"] for one in read(each)]
    assert order.index(ids[2]) < order.index(ids[4]), "by a file: from the next look on"
