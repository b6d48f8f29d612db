"""Fifty at once, twenty times over, on each store: changes of one household, where one wins each time and nothing acknowledged is lost."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api.audit import verify
from api.settings import read_settings
from api.wiring import Desk
from tests.service.serving import a_household, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.service.serving import Served

AT_ONCE, ROUNDS = 50, 20


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The service on a store of this kind."""
    address = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else f"sqlite:///{tmp_path}/served.sqlite"
    with serving(Desk(replace(read_settings(), store=address, key_file=tmp_path / "served.key"))) as one:
        yield one


@pytest.mark.slow
def test_of_fifty_changes_at_once_one_is_kept_and_none_is_lost(each: Served) -> None:
    with each.client("worker") as client, ThreadPoolExecutor(AT_ONCE) as pool:
        made = client.post("/api/households", json=a_household(), headers=fresh())
        address, person = made.headers["Location"], made.json()["people"][0]
        kept: set[str] = set()
        for turn in range(ROUNDS):
            tag, start = client.get(address).headers["ETag"], threading.Barrier(AT_ONCE)

            def change(number: int, turn: int = turn, tag: str = tag, start: threading.Barrier = start) -> httpx.Response:
                start.wait(timeout=120)
                entry = {"list": "bills", "person": person, "key": f"{turn}-{number}", "facts": {"total": 100}}
                visit = {"true_on": "2026-08-02", "entries": [entry]}
                return client.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": tag})

            answers = list(pool.map(change, range(AT_ONCE)))
            assert sorted(one.status_code for one in answers) == [200] + [412] * (AT_ONCE - 1)
            kept |= {f"{turn}-{number}" for number, one in enumerate(answers) if one.status_code == 200}
        known = client.get(address).json()["members"][0]["entries"]
    stored = each.desk.store.get("Household", address.rpartition("/")[2]) or {}
    assert {entry["key"] for entry in known} == kept
    assert stored["version"] == ROUNDS + 1
    assert verify(each.desk.store).broken is None
