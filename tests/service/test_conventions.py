"""What holds for every route: errors, pages, versions, keys of writes, request numbers, sessions; tried over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from api.accounts import add_key, close_account, revoke_key
from api.middleware import LARGEST
from api.page import page_json, page_of
from tests.service.serving import OWN, PASSWORD, Served, a_desk, a_household, fresh, make_account, serving

if TYPE_CHECKING:
    from pathlib import Path

SEVERAL = 8


def entered(client: httpx.Client, **more: Any) -> tuple[str, str, str]:
    """(address, first member, tag) of a new household."""
    made = client.post("/api/households", json=a_household(**more), headers=fresh())
    assert made.status_code == 201, made.text
    return made.headers["Location"], made.json()["people"][0], made.headers["ETag"]


def test_an_error_names_every_place_and_the_request(served: Served) -> None:
    with served.client("worker") as client:
        body = a_household(facts={"residense": "rural"}, people=[{"name": "王五", "id_card": "1", "facts": {"wage_month": "many"}}])
        said = client.post("/api/households?lang=en", json=body, headers=fresh())
    assert said.status_code == 422
    assert said.headers["Content-Type"] == "application/problem+json"
    problem = said.json()
    assert problem["request"] == said.headers["X-Request-ID"]
    assert [one["path"] for one in problem["errors"]] == ["/facts/residense", "/people/0/facts/wage_month", "/people/0/id_card"]
    assert "did you mean residence" in problem["errors"][0]["message"]
    assert problem["title"] == "does not fit"


@pytest.mark.parametrize(("head", "word"), [("en-GB,en;q=0.9", "not signed in"), ("zh-CN", "未登录"), ("", "未登录")])
def test_errors_speak_the_language_of_the_reader(served: Served, head: str, word: str) -> None:
    with served.client() as client:
        assert client.get("/api/session", headers={"Accept-Language": head}).json()["title"] == word


def test_an_error_names_the_bound_that_was_passed_and_never_what_was_sent(served: Served) -> None:
    with served.client("worker") as worker:
        (fault,) = worker.get("/api/households", params={"limit": "0"}).json()["errors"]
        assert (fault["path"], fault["message"]) == ("?limit", "不小于 1")
        (fault,) = worker.get("/api/households", params={"limit": "4001", "lang": "en"}).json()["errors"]
        assert (fault["path"], fault["message"]) == ("?limit", "should be at most 200")
        short = worker.post("/api/households", json=a_household(OWN), headers={"Idempotency-Key": "7"})
        (fault,) = short.json()["errors"]
        assert (fault["path"], fault["message"]) == ("#Idempotency-Key", "应符合 ^[!-~]{8,100}$")


def test_there_is_no_such_address(served: Served) -> None:
    with served.client() as client:
        assert client.get("/api/nothing").json()["status"] == 404
        assert client.put("/api/health").json()["status"] == 405


def test_a_body_that_is_too_large_is_refused(served: Served) -> None:
    with served.client("worker") as client:
        assert client.post("/api/households", content=b" " * (LARGEST + 1), headers=fresh()).status_code == 413

        def pieces() -> object:
            for _ in range(20):
                yield b" " * (LARGEST // 10)

        assert client.post("/api/households", content=pieces(), headers=fresh()).status_code == 413  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["/api/households", "/api/policies", "/api/facts", "/api/terms", "/api/standards", "/api/needs"])
def test_a_list_can_be_read_page_by_page(served: Served, address: str) -> None:
    with served.client("worker") as client:
        for _ in range(2):
            entered(client)
        whole = client.get(address, params={"limit": 200}).json()
        assert whole["next"] is None or len(whole["items"]) == 200
        read: list[object] = []
        cursor, limit = None, max(1, len(whole["items"]) // 3)
        for _ in range(10):
            page = client.get(address, params={"limit": limit} | ({"cursor": cursor} if cursor else {})).json()
            assert len(page["items"]) <= limit
            read += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert read[: len(whole["items"])] == whole["items"]


def test_a_cursor_of_one_s_own_is_refused(served: Served) -> None:
    with served.client("worker") as client:
        for cursor in ("x", "bnVsbA", "W10", "Ww", "eyJhIjoxfQ"):
            said = client.get("/api/households", params={"cursor": cursor})
            assert (said.status_code, said.json()["errors"][0]["path"]) == (422, "?cursor")


def test_the_list_can_be_narrowed_to_a_place(served: Served) -> None:
    with served.client("worker") as client:
        assert client.get("/api/households", params={"region": OWN, "limit": 1}).json()["items"]
        assert client.get("/api/households", params={"region": OWN[:4], "limit": 1}).json()["items"]
        assert client.get("/api/households", params={"region": "370302"}).json() == {"items": [], "next": None}


def test_the_bodies_are_those_of_the_terminal(served: Served) -> None:
    day = dt.date(2026, 9, 1)
    with served.client("worker") as client:
        address, _, _ = entered(client)
        said = client.get(f"{address}/bundle", params={"as_of": str(day)})
    assert said.json() == json.loads(
        json.dumps(page_json(page_of(served.app.state.service.desk(served.desk.lang), address.rpartition("/")[2], day)))
    )


def test_the_same_question_asked_at_once_by_several_has_one_answer(served: Served) -> None:
    with served.client("worker") as client, ThreadPoolExecutor(SEVERAL) as pool:
        address, _, _ = entered(client)
        said = list(pool.map(lambda _: client.get(f"{address}/bundle?as_of=2026-09-01").content, range(SEVERAL * 2)))
        assert len(set(said)) == 1


# --- writes ---------------------------------------------------------------------------------------------------------------


def test_a_change_needs_the_version_that_it_is_based_on(served: Served) -> None:
    visit = {"true_on": "2026-08-02", "facts": {"rent_month": 300}}
    with served.client("worker") as client:
        address, _, tag = entered(client)
        assert client.get(address).headers["ETag"] == tag
        assert client.post(f"{address}/visits", json=visit, headers=fresh()).status_code == 428
        assert client.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": '"0-0"'}).status_code == 412
        changed = client.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": tag})
        assert changed.status_code == 200
        assert changed.headers["ETag"] == client.get(address).headers["ETag"] != tag
        assert client.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": tag}).status_code == 412


def test_changes_of_one_household_at_once_lose_nothing(served: Served) -> None:
    with served.client("worker") as client, ThreadPoolExecutor(SEVERAL) as pool:
        address, person, tag = entered(client)
        first = list(pool.map(lambda n: _bill(client, address, person, f"first-{n}", tag), range(SEVERAL)))
        assert sorted(one.status_code for one in first) == [200] + [412] * (SEVERAL - 1)
        list(pool.map(lambda n: _until_kept(client, address, person, f"bill-{n}"), range(SEVERAL)))
        kept = {entry["key"] for entry in client.get(address).json()["members"][0]["entries"]}
    assert {f"bill-{n}" for n in range(SEVERAL)} < kept
    assert len(kept) == SEVERAL + 1
    stored = served.desk.store.get("Household", address.rpartition("/")[2])
    assert stored is not None
    assert stored["version"] == SEVERAL + 2


def _bill(client: httpx.Client, address: str, person: str, key: str, tag: str) -> httpx.Response:
    entry = {"list": "bills", "person": person, "key": key, "facts": {"total": 100, "billed_on": "2026-07-01"}}
    return client.post(f"{address}/visits", json={"true_on": "2026-08-02", "entries": [entry]}, headers=fresh() | {"If-Match": tag})


def _until_kept(client: httpx.Client, address: str, person: str, key: str) -> None:
    for _ in range(100):
        if _bill(client, address, person, key, client.get(address).headers["ETag"]).status_code == 200:
            return
    raise AssertionError("never kept")


def test_a_write_sent_again_is_done_once(served: Served) -> None:
    heads, before = fresh(), served.desk.store.count("Household")
    with served.client("worker") as client, ThreadPoolExecutor(SEVERAL) as pool:
        said = list(pool.map(lambda _: client.post("/api/households", json=a_household(), headers=heads), range(SEVERAL)))
        assert {one.status_code for one in said} == {201}
        assert len({one.text for one in said}) == 1
        assert sum("Idempotent-Replayed" in one.headers for one in said) == SEVERAL - 1
        assert served.desk.store.count("Household") == before + 1
        assert client.post("/api/households", json=a_household(whole=True), headers=heads).status_code == 409
        with served.client("officer") as another:  # whose keys are its own
            assert another.post("/api/households", json=a_household(), headers=heads).status_code == 201


def test_nothing_of_a_visit_is_kept_where_a_part_is_at_fault(served: Served) -> None:
    with served.client("worker") as client:
        address, person, tag = entered(client)
        visit = {"true_on": "2026-08-02", "facts": {"rent_month": 300}, "people": [{"person": person, "facts": {"wage_month": "?x"}}]}
        assert client.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": tag}).status_code == 422
        assert client.get(address).headers["ETag"] == tag


def test_somebody_of_another_household_cannot_be_drawn_into_one_s_own(served: Served) -> None:
    card = "110105195001010039"
    with served.client("there") as there, served.client("worker") as here:
        theirs = there.post("/api/households", json=a_household("370302", people=[{"id_card": card}]), headers=fresh())
        assert theirs.status_code == 201, theirs.text
        said = here.post("/api/households", json=a_household(people=[{"id_card": card}]), headers=fresh())
        assert said.status_code == 409
        assert theirs.json()["household"] not in said.text
        address, _, tag = entered(here)
        visit = {"true_on": "2026-08-02", "people": [{"person": theirs.json()["people"][0], "facts": {"wage_month": 1}}]}
        assert (
            here.post(f"{address}/visits", json=visit, headers=fresh() | {"If-Match": tag}).json()["errors"][0]["path"]
            == "/people/0/person"
        )


# --- sessions and keys ----------------------------------------------------------------------------------------------------


def test_a_browser_signs_in_writes_with_its_token_and_signs_out(served: Served) -> None:
    with served.client() as client:
        begun = client.post("/api/session", json={"account": "worker", "password": PASSWORD})
        cookie = begun.headers["Set-Cookie"]
        assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/"))
        csrf = begun.json()["csrf"]
        assert client.get("/api/session").json()["csrf"] == csrf
        assert client.post("/api/households", json=a_household(), headers=fresh()).status_code == 403
        heads = fresh() | {"X-CSRF-Token": csrf}
        assert (
            client.post("/api/households", json=a_household(), headers=heads | {"Origin": "https://elsewhere.example"}).status_code == 403
        )
        assert client.post("/api/households", json=a_household(), headers=heads | {"Origin": served.url}).status_code == 201
        assert client.delete("/api/session", headers=heads).status_code == 204
        client.cookies.set("aidgraph_session", cookie.partition("=")[2].partition(";")[0])
        assert client.get("/api/session").status_code == 401


def test_a_wrong_account_and_a_wrong_password_are_answered_alike_and_after_ten_one_waits(served: Served) -> None:
    with served.client() as client:
        wrong = [client.post("/api/session", json={"account": one, "password": "not that one"}) for one in ("analyst", uuid.uuid4().hex)]
        assert [one.status_code for one in wrong] == [401, 401]
        assert wrong[0].json() | {"request": ""} == wrong[1].json() | {"request": ""}
        for _ in range(9):
            client.post("/api/session", json={"account": "analyst", "password": "not that one"})
        said = client.post("/api/session", json={"account": "analyst", "password": PASSWORD})
        assert said.status_code == 429
        assert int(said.headers["Retry-After"]) > 0


def test_what_is_revoked_or_closed_opens_nothing(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    with serving(desk) as served:
        make_account(desk, "zhao", "worker", (OWN,))
        late = add_key(desk.store, "zhao", desk.now(), until=desk.today() - dt.timedelta(days=2))
        key, other = (add_key(desk.store, "zhao", desk.now(), until=None) for _ in range(2))

        def status(one: str) -> int:
            return httpx.get(f"{served.url}/api/session", headers={"Authorization": f"Bearer {one}"}).status_code

        assert [status(one) for one in (late, key, other, "agk_x_y", f"{key}x")] == [401, 200, 200, 401, 401]
        revoke_key(desk.store, key, desk.now())
        assert [status(one) for one in (key, other)] == [401, 200]
        close_account(desk.store, "zhao", desk.now())
        assert status(other) == 401


def test_the_description_is_openapi_3_1_with_examples(served: Served) -> None:
    with served.client() as client:
        said = client.get("/api/openapi.json").json()
    assert said["openapi"].startswith("3.1")
    assert {"session", "key"} <= said["components"]["securitySchemes"].keys()
    assert "examples" in said["components"]["schemas"]["Visit"]
    assert all(
        one["responses"]["default"]["content"]["application/problem+json"] for path in said["paths"].values() for one in path.values()
    )
