"""Referrals over HTTP: who is shown what, moves made once and over nobody else's, the consent gate, the audit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.service.referring import AN_OPINION, CHARITY, referral_for, with_referrals
from tests.service.serving import NAME, PHONE, a_desk, a_household, fresh, serving, with_households

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.service.serving import Served


@pytest.fixture
def own(tmp_path: Any) -> Iterator[Served]:
    """A server for one test: what it moves, no other meets."""
    with serving(a_desk(tmp_path)) as one:
        yield with_referrals(with_households(one))


def tagged(client: httpx.Client, id_: str) -> dict[str, str]:
    return fresh() | {"If-Match": client.get(f"/api/referrals/{id_}").headers["ETag"]}


def send(client: httpx.Client, id_: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/referrals/{id_}/moves", json=body, headers=tagged(client, id_))


def test_each_is_shown_what_is_theirs(own: Served) -> None:
    at_home = own.households["own"]
    expected = {
        "worker": {("discussion", at_home), ("charity", at_home)},
        "officer": {("discussion", at_home), ("charity", at_home)},
        "department": {("discussion", at_home)},
        "foundation": {("charity", at_home)},
        "there": {("discussion", own.households["other"]), ("charity", own.households["other"])},
    }
    for role, wanted in expected.items():
        with own.client(role) as client:
            items = client.get("/api/referrals").json()["items"]
            assert {one["referral"] for one in items} == {own.referrals[one] for one in wanted}, role
            for one in items:
                assert client.get(f"/api/referrals/{one['referral']}").json() == one


def test_a_charity_is_told_no_more_than_it_needs(own: Served) -> None:
    id_ = referral_for(own, "foundation", "own")
    with own.client("foundation") as client:
        told = client.get(f"/api/referrals/{id_}").json()
        text = json.dumps(told, ensure_ascii=False)
        assert (told["left"], told["asked_fen"], told["people"]) == ({"living": 1_234_500}, 50_000, 1)
        assert [move["move"] for move in told["moves"]] == ["accept", "decline"]
        assert told["household"] is None
        assert not any(one in text for one in (own.households["own"], NAME, "欧○", PHONE, "residual"))
        assert client.get(f"/api/referrals/{id_}/packet").status_code == 403


def test_a_consent_that_is_taken_back_closes_the_door_at_once(own: Served) -> None:
    id_ = referral_for(own, "foundation", "own")
    with own.client("foundation") as client:
        heads = tagged(client, id_)
        own.desk.store.write(lambda writer: writer.upsert_nodes("Consent", [{"id": "agreed", "withdrawn": own.desk.today()}]))
        assert client.get("/api/referrals").json()["items"] == []
        assert client.get(f"/api/referrals/{id_}").status_code == 404
        said = client.post(f"/api/referrals/{id_}/moves", json={"move": "decline", "code": "more-facts"}, headers=heads)
        assert said.status_code == 404
        there_is_none = client.get("/api/referrals/r-0000000000000000").json()
        assert client.get(f"/api/referrals/{id_}").json() | {"request": ""} == there_is_none | {"request": ""}


def test_a_packet_names_nobody_to_a_department(own: Served) -> None:
    id_ = referral_for(own, "department", "own")
    with own.client("officer") as client:
        named = client.get(f"/api/referrals/{id_}/packet?near=false").json()
        assert [one["name"] for one in named["household"]["members"]] == ["欧○○○"]
    with own.client("department") as client:
        packet = client.get(f"/api/referrals/{id_}/packet?near=false").json()
        assert [one["name"] for one in packet["household"]["members"]] == ["户主"]
        assert "欧○" not in json.dumps(packet, ensure_ascii=False)
        keys = {"question", "tested", "residual", "questions", "slots", "charities", "precedents", "household", "departments"}
        assert keys <= packet.keys()
        assert {one["verdict"] for one in packet["tested"]} <= {"eligible", "not eligible", "unknown"}
        assert all(one["sources"] for one in packet["tested"] if one["in_force"])


def test_a_move_is_made_once_and_over_nobody_elses(own: Served) -> None:
    id_ = referral_for(own, "officer", "own")
    address = f"/api/referrals/{id_}/moves"
    with own.client("officer") as client:
        heads = tagged(client, id_)
        first, again = (client.post(address, json=AN_OPINION, headers=heads) for _ in range(2))
        assert (first.status_code, again.status_code, first.json()) == (200, 200, again.json())
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(client.get(f"/api/referrals/{id_}").json()["opinions"]) == 1
        assert client.post(address, json=AN_OPINION | {"text": "别的"}, headers=heads).status_code == 409
        assert client.post(address, json={"move": "put"}, headers=fresh() | {"If-Match": heads["If-Match"]}).status_code == 412
        assert client.post(address, json={"move": "put"}, headers=fresh()).status_code == 428
        assert send(client, id_, move="put").json() == {"referral": id_, "state": "deciding", "next": None}
        assert send(client, id_, move="put").status_code == 409
    with own.client("worker") as client:
        assert send(client, id_, move="decide").status_code == 403


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({"move": "jump"}, "/move"),
        ({"move": "opinion", "stance": "for"}, "/text"),
        ({"move": "opinion", "text": "好"}, "/stance"),
        ({"move": "decline", "text": "不议"}, "/code"),
        ({"move": "decline", "text": "不议", "code": "family-asks"}, "/code"),
        ({"move": "put", "code": "family-asks"}, "/code"),
        ({"move": "opinion", "stance": "for", "text": f"{NAME}确有困难"}, "/text"),
        ({"move": "opinion", "stance": "for", "text": f"电话 {PHONE}"}, "/text"),
        ({"move": "opinion", "stance": "yes", "text": "好"}, "/stance"),
        ({"move": "put", "surprise": 1}, "/surprise"),
    ],
)
def test_what_cannot_be_is_told_by_its_place_and_nothing_is_done(served: Served, sent: dict[str, Any], path: str) -> None:
    id_ = referral_for(served, "officer", "own")
    with served.client("officer") as client:
        before = client.get(f"/api/referrals/{id_}").json()
        said = send(client, id_, **sent)
        assert said.status_code == 422
        assert said.headers["Content-Type"] == "application/problem+json"
        assert path in [one["path"] for one in said.json()["errors"]]
        assert NAME not in said.text
        assert client.get(f"/api/referrals/{id_}").json() == before


def test_a_matter_is_opened_by_hand_once(own: Served) -> None:
    body = {"household": own.households["own"], "sort": "discussion", "reason": "appeal"}
    with own.client("worker") as client:
        there = client.post("/api/referrals", json=body, headers=fresh())
        assert (there.status_code, there.json()) == (200, {"referral": referral_for(own, "worker", "own"), "new": False})
        made = client.post("/api/households", json=a_household(), headers=fresh()).json()["household"]
        heads = fresh()
        first, again = (client.post("/api/referrals", json=body | {"household": made}, headers=heads) for _ in range(2))
        assert (first.status_code, first.json()["new"]) == (201, True)
        assert again.json() == first.json()
        assert client.get(first.headers["Location"]).json()["household"] == made
        for place in ("other", "none"):
            assert client.post("/api/referrals", json=body | {"household": own.households[place]}, headers=fresh()).status_code == 404
        assert client.post("/api/referrals", json=body | {"reason": "weather"}, headers=fresh()).json()["errors"][0]["path"] == "/reason"
        offer = {"household": made, "sort": "charity"}
        assert client.post("/api/referrals", json=offer, headers=fresh()).status_code == 409


def test_whoever_is_not_invited_is_told_of_nothing(own: Served) -> None:
    id_ = referral_for(own, "department", "own")
    own.desk.store.write(lambda writer: writer.upsert_nodes("Account", [{"id": "department", "department": "education"}]))
    own.desk.store.write(lambda writer: writer.upsert_nodes("Account", [{"id": "foundation", "organization": f"{CHARITY}-too"}]))
    for role in ("department", "foundation"):
        with own.client(role) as client:
            assert client.get("/api/referrals").json()["items"] == []
            assert client.get(f"/api/referrals/{id_}").status_code == 404


def test_each_read_and_write_of_a_household_is_in_the_audit(own: Served) -> None:
    id_ = referral_for(own, "officer", "own")
    with own.client("officer") as client:
        client.get("/api/referrals")
        client.get(f"/api/referrals/{id_}/packet?near=false")
        send(client, id_, move="put")
    rows = own.desk.store.find("AuditEntry", {"household": own.households["own"]}, limit=500).rows
    seen = {(row["action"], row["permission"]) for row in rows if row["account"] == "officer"}
    assert {("find", "referral.read"), ("read", "referral.packet"), ("read", "referral.move"), ("change", "referral.move")} <= seen


def test_pages_of_a_list_follow_one_another(own: Served) -> None:
    with own.client("officer") as client:
        first = client.get("/api/referrals?limit=1").json()
        second = client.get("/api/referrals", params={"limit": 1, "cursor": first["next"]}).json()
        ids = [one["referral"] for one in (*first["items"], *second["items"])]
        assert len(set(ids)) == 2
        assert second["next"] is None
        assert [one["sort"] for one in client.get("/api/referrals?sort=charity").json()["items"]] == ["charity"]
        assert client.get("/api/referrals?state=closed").json()["items"] == []
