"""Every route, for every role, at every place: made from the application, so that a new route is in it from its first day."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import Unguarded, check_guarded, guard_of
from api.deps import Needs, Open
from api.permissions import PERMISSIONS, ROLES, Account, covers, may
from tests.service.listing import HOLD, PROJECT, SILENT, a_project
from tests.service.referring import A_REFERRAL, AN_OPINION, referral_for
from tests.service.reporting import OTHERS_REPORT, REPORT, RUN
from tests.service.serving import NAME, OTHER, OWN, a_household, fresh

if TYPE_CHECKING:
    import httpx

    from tests.service.serving import Served

FILLED = {
    "policy": "dibao",
    "fact": "wage_month",
    "term": "income-counted",
    "standard": "disability-living-subsidy",
    "project": PROJECT,
    "file": "report.json",
    "run": RUN,
}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/households/search"): {"by": "name", "text": NAME},
    ("POST", "/api/households"): a_household(),
    ("POST", "/api/households/{household}/visits"): {"true_on": "2026-08-02", "facts": {"rent_month": 310}},
    ("POST", "/api/report-runs"): {"region": OWN},
    ("POST", "/api/referrals"): A_REFERRAL,
    ("POST", "/api/referrals/{referral}/moves"): AN_OPINION,
    ("POST", "/api/households/{household}/applications"): {"policy": "dibao", "on": "2026-08-02"},
    ("POST", "/api/households/{household}/decisions"): {
        **{"policy": "dibao", "outcome": "refused", "reason": "income_over", "decided_on": "2026-08-02"},
        "basis": [{"document": "社会救助法"}],
    },
    ("POST", "/api/households/{household}/deaths"): {"person": "p-nobody", "died_on": "2026-08-02"},
    ("POST", "/api/households/{household}/departures"): {"person": "p-nobody", "left_on": "2026-08-02"},
    ("POST", "/api/households/{household}/moves"): {"region": OWN, "moved_on": "2026-08-02"},
    ("POST", "/api/projects"): a_project("another-fund"),
    ("POST", "/api/projects/check"): a_project("another-fund"),
    ("PUT", "/api/projects/{project}"): a_project(),
    ("POST", "/api/projects/{project}/actions"): {"action": "pause"},
    ("POST", "/api/projects/{project}/decision"): {"decision": "approve"},
    ("POST", "/api/projects/{project}/payments"): {"hold": HOLD, "amount": 1},
}
"""What is sent to a route that takes a body; one that is not here is sent an empty one."""
FORMS: dict[str, dict[str, Any]] = {
    "/households/{household}/facts": {"fact": "rent_month", "value": "1", "true_on": "2026-08-02", "key": "a-key-of-a-form", "tag": "-"},
    "/households/{household}/consent": {"who": "p-nobody", "scope": "charity", "from": "2026-08-02", "key": "a-key-of-a-form", "tag": "-"},
    "/households/find": {"q": NAME},
    "/reports": {"region": OWN},
    "/projects/{project}/payments": {"hold": HOLD, "amount": "1", "paid_on": "2026-08-02", "key": "a-key-of-a-form"},
}
"""What the forms of pages send; the others send fields that may all be blank."""
REPORTS = {"own": REPORT, "other": OTHERS_REPORT, "none": f"{OWN}.township.20200101T000000000000"}
SIGNS_OUT = ("DELETE", "/api/session")


def routes(served: Served) -> list[tuple[str, str, Needs | Open]]:
    """(method, template, what it names) of every route."""
    found = []
    for route in iter_route_contexts(served.app.routes):
        guard = guard_of(route) if isinstance(route.original_route, APIRoute) else None
        if guard is not None and route.path is not None:
            found += [(method, route.path, guard) for method in sorted(route.methods or ())]
    return found


def ask(client: httpx.Client, method: str, path: str, household: str, referral: str = "r-0", report: str = REPORT) -> httpx.Response:
    """A request to a route about a household, or a referral of it, or a report."""
    address = path
    for name, value in {**FILLED, "household": household, "referral": referral, "report": report, "other": report}.items():
        address = address.replace(f"{{{name}}}", value)
    heads = fresh()
    if method == "POST" and path.startswith("/api/households/{household}/"):
        heads["If-Match"] = client.get(f"/api/households/{household}").headers.get("ETag", '"-"')
    elif path.endswith("/moves"):
        heads["If-Match"] = client.get(f"/api/referrals/{referral}").headers.get("ETag", '"-"')
    if method == "POST" and not path.startswith("/api/"):
        return client.post(address, data=FORMS.get(path, {}), headers=heads, follow_redirects=False)
    body = json.loads(json.dumps(BODIES.get((method, path))).replace("{household}", household))
    return client.request(method, address, json=body if method != "GET" else None, headers=heads, follow_redirects=False)


def test_nobody_gets_in_without_an_account(served: Served) -> None:
    with served.client() as client:
        for method, path, guard in routes(served):
            status = ask(client, method, path, served.households["own"]).status_code
            assert (status == 401) == isinstance(guard, Needs), (method, path, status)
            assert status < 500, (method, path)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_what_the_table_gives_it_and_where(served: Served, role: str) -> None:
    with served.client(role) as client:
        for method, path, guard in routes(served):
            if not isinstance(guard, Needs) or (method, path) == SIGNS_OUT:
                continue
            allowed = role in PERMISSIONS[guard.permission].roles
            about = "{household}" in path + json.dumps(BODIES.get((method, path))) or "{referral}" in path or "{report}" in path
            for place in ("own", "other", "none") if about else ("own",):
                said = ask(client, method, path, served.households[place], referral_for(served, role, place), REPORTS[place])
                told = (role, method, path, place, said.status_code, said.text[:200])
                if not allowed:
                    assert said.status_code == 403, told
                elif about and place != "own":
                    assert said.status_code == 404, told
                    assert served.households[place] not in said.text, told
                else:
                    assert said.status_code not in (401, 403, 404), told
                    assert said.status_code < 500, told


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_names_a_household_of_another_area(served: Served, role: str) -> None:
    hidden = [served.households["other"], served.households["none"]]
    if role not in PERMISSIONS["household.read"].roles | PERMISSIONS["referral.packet"].roles:
        hidden += [served.households["own"], NAME, "欧○", "欧○○○", SILENT]
    with served.client(role) as client:
        for method, path, guard in routes(served):
            if isinstance(guard, Needs) and "{household}" not in path and (method, path) != SIGNS_OUT:
                said = ask(client, method, path, "", referral_for(served, role, "own"))
                named = [one for one in hidden if one in said.text]
                if guard.permission == "audit.read":  # who read what is told by the ids of households, never by a name
                    named = [one for one in named if not one.startswith("h-")]
                assert not named, (role, method, path)


def test_a_household_elsewhere_and_none_at_all_are_answered_alike(served: Served) -> None:
    with served.client("worker") as client:
        said = [client.get(f"/api/households/{one}").json() | {"request": ""} for one in (served.households["other"], "h-there-is-none")]
        assert said[0] == said[1]


def test_a_new_household_must_lie_in_the_area(served: Served) -> None:
    with served.client("worker") as client:
        assert client.post("/api/households", json=a_household(OTHER), headers=fresh()).status_code == 403


def test_a_household_cannot_be_moved_out_of_the_area(served: Served) -> None:
    address = f"/api/households/{served.households['own']}"
    with served.client("worker") as client:
        heads = fresh() | {"If-Match": client.get(address).headers["ETag"]}
        moved = {"true_on": "2026-08-02", "facts": {"region": OTHER}}
        assert client.post(f"{address}/visits", json=moved, headers=heads).status_code == 403


def test_a_key_does_what_its_scopes_say_and_no_more(served: Served) -> None:
    from api.accounts import add_key

    key = add_key(served.desk.store, "worker", served.desk.now(), scopes=["catalogue.read"], until=None)
    with served.client() as client:
        client.headers["Authorization"] = f"Bearer {key}"
        assert client.get("/api/facts").status_code == 200
        assert client.get("/api/households").status_code == 403


def test_an_application_with_a_route_that_names_no_permission_is_refused() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    inner = APIRouter()
    inner.add_api_route("/bare", lambda: None)
    app.include_router(inner, prefix="/deep")
    with pytest.raises(Unguarded, match="/deep/bare"):
        check_guarded(app)


def test_a_permission_that_there_is_not_is_refused() -> None:
    with pytest.raises(LookupError, match=r"household\.sell"):
        Needs("household.sell")


def test_places() -> None:
    worker = Account("w", "worker", regions=(OWN,))
    assert may(worker, "household.read")
    assert may(worker, "household.read", OWN)
    assert may(worker, "household.read", f"{OWN}001")
    assert not may(worker, "household.read", OWN[:4])
    assert not may(worker, "household.read", OTHER)
    assert not may(worker, "household.read", "")
    assert not may(Account("w", "worker"), "household.read", OWN)
    assert may(Account("o", "officer", regions=("*",)), "household.read", "")
    assert covers(["NZ-1"], "NZ-1-2")
    assert not covers(["NZ-1"], "NZ-10")


def test_every_permission_that_is_about_a_household_is_bound_to_a_place() -> None:
    assert {name for name, one in PERMISSIONS.items() if one.bound} == {
        name for name in PERMISSIONS if name.startswith(("household.", "referral.", "report."))
    }
    assert json.dumps(sorted(PERMISSIONS))
