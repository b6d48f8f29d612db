"""A charity lists a project, an officer decides on it, and the engine of every process answers with it at once; on both stores."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.accounts import NewAccount, add_account, add_key
from api.app import make_app
from api.settings import read_settings
from api.wiring import Desk
from tests.service.listing import a_project, act, approved, put_holds, put_home, tag
from tests.service.serving import OTHER, OWN, PASSWORD, a_household, fresh, listening, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.service.serving import Served

ANYBODY = {"all": [{"id": "rural", "says": {"zh": "住在农村", "en": "lives in the country"}, "when": "residence == 'rural'"}]}
MONEY = {
    **{"kind": "cash", "pays": "entitlement", "certainty": "exact", "covers": ["living"]},
    **{"amount": "yuan(500)", "per": "once"},
}
FUND = "rural-fund"


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The service on a store of this kind."""
    address = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else f"sqlite:///{tmp_path}/served.sqlite"
    with serving(Desk(replace(read_settings(), store=address, key_file=tmp_path / "served.key"))) as one:
        yield one


def fund(**more: Any) -> dict[str, Any]:
    """A project that gives 500 yuan to every household of the country."""
    return a_project(**{"id_": FUND, "requires": ANYBODY, "benefit": MONEY} | more)


def entered(worker: httpx.Client) -> str:
    """A new household of the country."""
    made = worker.post("/api/households", json=a_household(), headers=fresh())
    assert made.status_code == 201, made.text
    return str(made.json()["household"])


def bundle(client: httpx.Client, household: str) -> tuple[str, dict[str, Any]]:
    """The catalogue by which a household is answered, and its item of the fund."""
    said = client.get(f"/api/households/{household}/bundle").json()
    items = [item for layer in said["layers"] for item in layer["items"] if item["policy"] == FUND]
    return said["catalogue"], items[0] if items else {}


def another(served: Served, id_: str, role: Any, region: str = OWN, organization: str = "") -> httpx.Client:
    """A client with a key of one more account."""
    now = served.desk.now()
    add_account(served.desk.store, NewAccount(id_, role, (region,), organization=organization), PASSWORD, now)
    client = served.client()
    client.headers["Authorization"] = f"Bearer {add_key(served.desk.store, id_, now, until=None)}"
    return client


def test_an_approved_project_is_matched_at_once_by_every_process_and_a_paused_one_no_more(each: Served) -> None:
    with each.client("worker") as ours, each.client("worker") as other, each.client("foundation") as charity:
        home = entered(ours)
        with closing(Desk(each.desk.settings)) as second, listening(make_app(second)) as address:
            other.base_url = address
            before = bundle(ours, home)
            assert before == bundle(other, home)
            assert before[1] == {}
            approved(each, fund())
            hash_, item = bundle(other, home)
            assert (hash_, item) == bundle(ours, home)
            assert hash_ != before[0]
            assert item["status"] == "can"
            assert "no_consent" in item["caveats"]
            (hold,) = put_holds(each.desk.store, FUND, {home: 50_000}, each.desk.today())
            assert bundle(other, home)[1]["status"] == "has"
            for action in ("pause", "withdraw"):
                assert act(charity, FUND, action).status_code == 200
                assert bundle(other, home)[1]["status"] == "has"  # what was granted stays
                newcomer = entered(ours)
                hash_, item = bundle(other, newcomer)
                assert (hash_, item.get("status", "no")) == (bundle(ours, newcomer)[0], "no")
            assert each.desk.store.get("Award", hold)


def test_a_change_of_what_was_approved_holds_when_it_is_approved_and_not_before(each: Served) -> None:
    with each.client("worker") as worker, each.client("foundation") as charity, each.client("officer") as officer:
        home = entered(worker)
        approved(each, fund())
        more = fund(benefit=MONEY | {"amount": "yuan(700)"})
        changed = charity.put(f"/api/projects/{FUND}", json=more, headers=tag(charity, FUND))
        assert changed.json() == {"project": FUND, "number": 2, "state": "draft"}
        assert bundle(worker, home)[1]["hi_fen"] == 50_000
        assert act(charity, FUND, "submit").status_code == 200
        assert act(officer, FUND, "refuse", "请附章程").status_code == 200
        assert bundle(worker, home)[1]["hi_fen"] == 50_000
        again = charity.put(f"/api/projects/{FUND}", json=more, headers=tag(charity, FUND))
        assert again.json()["number"] == 3
        assert act(charity, FUND, "submit").status_code == 200
        assert act(officer, FUND, "approve").status_code == 200
        assert bundle(worker, home)[1]["hi_fen"] == 70_000
        for client in (charity, officer):  # both sides see the same history
            told = client.get(f"/api/projects/{FUND}").json()
            assert [(one["action"], one["number"], one["account"]) for one in told["history"]][:4] == [
                ("approve", 3, "officer"),
                ("submit", 3, "foundation"),
                ("change", 3, "foundation"),
                ("refuse", 2, "officer"),
            ]
            assert told["history"][3]["reason"] == "请附章程"
            assert (told["state"], told["in_force"]) == ("approved", 3)


def test_the_graph_knows_whom_an_approved_project_serves_and_forgets_it_when_it_is_paused(each: Served) -> None:
    def served_regions() -> list[str]:
        return [code for frame in each.desk.store.scan_edges("SERVES") for code in frame.get_column("dst").to_list()]

    each.desk.store.write(lambda writer: put_home(writer, "h", OWN, agreed=False))
    approved(each, fund())
    assert served_regions() == [OWN]
    with each.client("foundation") as charity:
        act(charity, FUND, "pause")
        assert served_regions() == []
        act(charity, FUND, "resume")
        assert served_regions() == [OWN]


def test_whoever_listed_a_project_does_not_approve_it(each: Served) -> None:
    with each.client("officer") as officer, another(each, "second", "officer") as second:
        assert officer.post("/api/projects", json=fund(), headers=fresh()).status_code == 201
        assert act(officer, FUND, "submit").status_code == 200
        for decision in ("approve", "refuse"):
            assert act(officer, FUND, decision, "x").status_code == 403
        assert act(second, FUND, "approve").status_code == 200


def test_an_officer_decides_only_where_every_place_is_its_own(each: Served) -> None:
    with each.client("foundation") as charity, each.client("officer") as officer, each.client("there") as there:
        assert charity.post("/api/projects", json=fund(region=[OWN, OTHER]), headers=fresh()).status_code == 201
        act(charity, FUND, "submit")
        for client in (officer, there):  # both see it, neither decides alone
            assert act(client, FUND, "approve").status_code == 403
        with another(each, "county", "officer", "37") as county:
            assert act(county, FUND, "approve").status_code == 200
    with each.client("foundation") as charity, each.client("there") as there:
        assert charity.post("/api/projects", json=fund(id_="near-fund"), headers=fresh()).status_code == 201
        assert there.get("/api/projects/near-fund").status_code == 404


def test_a_charity_has_nothing_to_do_with_the_projects_of_another(each: Served) -> None:
    approved(each, fund())
    with another(each, "rival", "foundation", organization="cold-hands") as rival, another(each, "nameless", "foundation") as nameless:
        for client in (rival, nameless):
            assert client.get("/api/projects").json()["items"] == []
            for path in ("", "/reply", "/account", "/holds"):
                assert client.get(f"/api/projects/{FUND}{path}").status_code == 404
            heads = fresh() | {"If-Match": '"1"'}
            assert client.put(f"/api/projects/{FUND}", json=fund(), headers=heads).status_code == 404
            assert client.post(f"/api/projects/{FUND}/actions", json={"action": "withdraw"}, headers=heads).status_code == 404
        said = rival.post("/api/projects", json=fund(id_="rival-fund"), headers=fresh())
        assert [one["path"] for one in said.json()["errors"]] == ["/project/organisation"]
        assert nameless.post("/api/projects", json=fund(id_="rival-fund"), headers=fresh()).status_code == 403


STEPS = {
    "draft": ((), {"submit", "withdraw"}),
    "submitted": (("submit",), {"approve", "refuse", "withdraw"}),
    "refused": (("submit", "refuse"), {"withdraw"}),
    "approved": (("submit", "approve"), {"pause", "withdraw"}),
    "paused": (("submit", "approve", "pause"), {"resume", "withdraw"}),
    "withdrawn": (("withdraw",), set()),
}


def test_each_action_in_each_state(tmp_path: Path) -> None:
    desk = Desk(replace(read_settings(), store=f"sqlite:///{tmp_path}/served.sqlite", key_file=tmp_path / "key"))
    with serving(desk) as served, served.client("foundation") as charity, served.client("officer") as officer:
        clients = {"approve": officer, "refuse": officer}
        for state, (steps, allowed) in STEPS.items():
            for action in ("submit", "approve", "refuse", "pause", "resume", "withdraw"):
                id_ = f"{state}-{action}-fund"
                assert charity.post("/api/projects", json=fund(id_=id_), headers=fresh()).status_code == 201
                for step in steps:
                    assert act(clients.get(step, charity), id_, step, "why").status_code == 200
                told = charity.get(f"/api/projects/{id_}").json()
                assert (told["state"], set(told["actions"])) == (state, allowed)
                assert act(clients.get(action, charity), id_, action, "why").status_code == (200 if action in allowed else 409)


def test_a_write_is_done_once_and_over_nobody_elses(each: Served) -> None:
    with each.client("foundation") as charity:
        heads = fresh()
        first, again = (charity.post("/api/projects", json=fund(), headers=heads) for _ in range(2))
        assert (first.json(), again.headers["Idempotent-Replayed"]) == (again.json(), "true")
        assert charity.post("/api/projects", json=fund(places=3) | {"unit": "person"}, headers=heads).status_code in (409, 422)
        assert charity.post("/api/projects", json=fund(), headers=fresh()).status_code == 409
        old = tag(charity, FUND)
        assert charity.put(f"/api/projects/{FUND}", json=fund(region=[OWN[:4]]), headers=old).status_code == 200
        assert charity.put(f"/api/projects/{FUND}", json=fund(), headers=fresh() | {"If-Match": old["If-Match"]}).status_code == 412
        assert charity.put(f"/api/projects/{FUND}", json=fund(), headers=fresh()).status_code == 428
        assert charity.get(f"/api/projects/{FUND}").json()["region"] == [OWN[:4]]


def test_a_refusal_says_why(each: Served) -> None:
    with each.client("foundation") as charity, each.client("officer") as officer:
        charity.post("/api/projects", json=fund(), headers=fresh())
        act(charity, FUND, "submit")
        said = act(officer, FUND, "refuse", "  ")
        assert (said.status_code, said.json()["errors"][0]["path"]) == (422, "/reason")
