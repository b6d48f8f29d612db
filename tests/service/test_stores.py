"""The service is the same on every kind of store: writes at once lose nothing, a write sent again is done once, the audit stays whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.audit import verify
from api.settings import read_settings
from api.wiring import Desk
from tests.service.serving import OWN, a_household, fresh, serving, with_households

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.service.serving import Served

SEVERAL = 8


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The service on a store of this kind."""
    address = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else f"sqlite:///{tmp_path}/served.sqlite"
    with serving(Desk(replace(read_settings(), store=address, key_file=tmp_path / "served.key"))) as one:
        yield with_households(one)


def test_a_household_is_found_listed_read_and_answered(each: Served) -> None:
    id_ = each.households["own"]
    with each.client("worker") as client:
        assert [one["household"] for one in client.get("/api/households").json()["items"]] == [id_]
        found = client.post("/api/households/search", json={"by": "name", "text": "欧阳小明"}).json()["items"]
        assert [(one["household"], one["name"]) for one in found] == [(id_, "欧○○○")]
        assert client.get(f"/api/households/{id_}").json()["region"] == OWN
        assert len(client.get(f"/api/households/{id_}/bundle").json()["layers"]) == 8
        assert client.get(f"/api/households/{each.households['other']}").status_code == 404
    with each.client("there") as client:
        assert [one["household"] for one in client.get("/api/households").json()["items"]] == [each.households["other"]]


def test_writes_at_once_lose_nothing_and_are_done_once(each: Served) -> None:
    heads = fresh()
    with each.client("worker") as client, ThreadPoolExecutor(SEVERAL) as pool:
        made = list(pool.map(lambda _: client.post("/api/households", json=a_household(), headers=heads), range(SEVERAL)))
        assert [one.status_code for one in made] == [201] * SEVERAL
        assert len({one.text for one in made}) == 1
        address, person = made[0].headers["Location"], made[0].json()["people"][0]

        def keep(number: int) -> None:
            entry = {"list": "bills", "person": person, "key": f"b{number}", "facts": {"total": 100}}
            visit = {"true_on": "2026-08-02", "entries": [entry]}
            for _ in range(200):
                tag = client.get(address).headers["ETag"]
                if client.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": tag}).status_code == 200:
                    return
            raise AssertionError("never kept")

        list(pool.map(keep, range(SEVERAL)))
        kept = {entry["key"] for entry in client.get(address).json()["members"][0]["entries"]}
    assert kept == {f"b{number}" for number in range(SEVERAL)}
    assert (each.desk.store.get("Household", address.rpartition("/")[2]) or {})["version"] == SEVERAL + 1
    assert verify(each.desk.store).broken is None
