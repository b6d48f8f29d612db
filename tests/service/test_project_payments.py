"""What a charity reports as paid: once, never more than was held, and only of households that agreed to be known to it; on both stores."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.audit import verify
from api.settings import read_settings
from api.wiring import Desk
from tests.service.listing import HIDDEN, HOLD, PROJECT, SHARED, SILENT, put_holds, put_home, with_a_project
from tests.service.serving import OWN, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.service.serving import Served

AT_ONCE = 50


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The service on a store of this kind, with one project."""
    address = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else f"sqlite:///{tmp_path}/served.sqlite"
    with serving(Desk(replace(read_settings(), store=address, key_file=tmp_path / "served.key"))) as one:
        yield with_a_project(one)


def pay(client: httpx.Client, hold: str, amount: float, **more: Any) -> httpx.Response:
    """Report a payment."""
    return client.post(f"/api/projects/{PROJECT}/payments", json={"hold": hold, "amount": amount, **more}, headers=fresh())


def account(client: httpx.Client) -> dict[str, Any]:
    """The account of the project."""
    told: dict[str, Any] = client.get(f"/api/projects/{PROJECT}/account").json()
    return told


def test_a_charity_sees_what_is_held_for_those_who_agreed_and_counts_no_few(each: Served) -> None:
    with each.client("foundation") as charity, each.client("officer") as officer:
        told = charity.get(f"/api/projects/{PROJECT}/holds").json()
        assert ([one["household"] for one in told["items"]], told["others"]) == ([SHARED], None)
        assert SILENT not in charity.get(f"/api/projects/{PROJECT}/holds").text
        assert account(charity)["holds"] is None
        assert account(charity)["left_fen"] == 20_000_000 - 140_000
        assert pay(charity, HIDDEN, 1).status_code == 404
        ours = officer.get(f"/api/projects/{PROJECT}/holds").json()
        assert ([one["household"] for one in ours["items"]], ours["others"]) == ([SHARED, SILENT], 0)
        assert account(officer)["holds"] == 2
        each.desk.store.write(lambda writer: writer.upsert_nodes("Consent", [{"id": f"{SHARED}-consent", "withdrawn": each.desk.today()}]))
        assert charity.get(f"/api/projects/{PROJECT}/holds").json()["items"] == []
        assert pay(charity, HOLD, 1).status_code == 404


def test_a_payment_is_entered_once_and_the_rest_returns(each: Served) -> None:
    with each.client("foundation") as charity:
        heads, body = fresh(), {"hold": HOLD, "amount": 500.5}
        first, again = (charity.post(f"/api/projects/{PROJECT}/payments", json=body, headers=heads) for _ in range(2))
        assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert first.json() == again.json()
        assert pay(charity, HOLD, 1).status_code == 409
        told = account(charity)
        assert (told["paid_fen"], told["held_fen"], told["left_fen"]) == (50_050, 60_000, 20_000_000 - 110_050)
        paid = charity.get(f"/api/projects/{PROJECT}/holds?paid=true").json()
        assert [(one["household"], one["fen"]) for one in paid["items"]] == [(SHARED, 50_050)]
    assert verify(each.desk.store).broken is None


def test_what_cannot_be_is_refused_with_its_place_and_changes_nothing(each: Served) -> None:
    with each.client("foundation") as charity:
        before, today = account(charity), each.desk.today()
        for amount, day, path in (
            (800.01, today, "/amount"),
            (0, today, "/amount"),
            (1.001, today, "/amount"),
            (1, today + dt.timedelta(days=1), "/paid_on"),
            (1, today - dt.timedelta(days=1), "/paid_on"),
        ):
            said = pay(charity, HOLD, amount, paid_on=day.isoformat())
            assert (said.status_code, [one["path"] for one in said.json()["errors"]]) == (422, [path])
        assert pay(charity, "household/nobody/awards/hold:x", 1).status_code == 404
        assert account(charity) == before


def test_fifty_payments_at_once_overspend_nothing(each: Served) -> None:
    homes = [f"h-{at:02}" for at in range(AT_ONCE)]

    def unit(writer: Any) -> None:
        for home in homes:
            put_home(writer, home, OWN, agreed=True)

    each.desk.store.write(unit)
    holds = put_holds(each.desk.store, PROJECT, dict.fromkeys(homes, 10_000), each.desk.today())
    with each.client("foundation") as charity, ThreadPoolExecutor(AT_ONCE) as pool:
        before = account(charity)
        twice = [(hold, 60 + 10 * turn) for hold in holds[: AT_ONCE // 2] for turn in (0, 1)]  # two reports of each, of different sums
        said = list(pool.map(lambda one: pay(charity, *one), twice))
        done = [one.json()["paid_fen"] for one in said if one.status_code == 201]
        assert sorted({one.status_code for one in said}) == [201, 409]
        assert len(done) == AT_ONCE // 2
        told = account(charity)
        assert told["paid_fen"] - before["paid_fen"] == sum(done)
        assert told["held_fen"] == before["held_fen"] - 10_000 * len(done)
        assert told["left_fen"] == before["left_fen"] + 10_000 * len(done) - sum(done)
    assert verify(each.desk.store).broken is None
