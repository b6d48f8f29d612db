"""What nobody may read outside an answer about the household itself: planted, then looked for everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.app import make_app
from graph.ingest import pages
from tests.service.serving import CARD_TOO, OWN, PASSWORD, a_desk, a_household, fresh, serving

if TYPE_CHECKING:
    from tests.service.serving import Served

NAME, PHONE, WAGE = "司徒秘密", "13877776666", 7654.32
TYPED = "从未有人叫这个名字"


def test_planted_secrets_are_in_no_log_error_url_metric_or_audit_text(served: Served) -> None:
    person = {"name": NAME, "id_card": CARD_TOO, "phone": PHONE, "kin": "head", "facts": {"wage_month": WAGE}}
    errors = []
    with served.client("worker") as client:
        made = client.post("/api/households", json=a_household(people=[person]), headers=fresh())
        assert made.status_code == 201
        address = made.headers["Location"]
        for by, text in (("name", NAME), ("id_card", CARD_TOO), ("phone", PHONE)):
            found = client.post("/api/households/search", json={"by": by, "text": text})
            assert found.status_code == 200, found.text
            assert [one["household"] for one in found.json()["items"]] == [made.json()["household"]]
            assert NAME not in found.text
        shown = client.get(address).text
        assert all(secret not in shown for secret in (NAME, CARD_TOO, PHONE))
        wrong: list[dict[str, Any]] = [
            {"people": [{"name": NAME, "phone": CARD_TOO, "facts": {}}]},
            {"people": [{"name": NAME, "id_card": NAME, "facts": {"wage_month": TYPED, "born": PHONE}}]},
            {"people": [{"name": NAME, "facts": {NAME: TYPED}}]},
            {"region": CARD_TOO},
            {"region": NAME},
            {NAME: CARD_TOO},
            {"true_on": NAME},
            {"facts": {"residence": NAME, "rent_month": f"{TYPED} {PHONE}"}},
        ]
        errors += [client.post("/api/households", json=a_household(**one), headers=fresh()) for one in wrong]
        errors += [client.post("/api/households", content=f"{{{NAME}".encode(), headers=fresh())]
        errors += [client.get(f"/api/households/{NAME}"), client.get(f"/{NAME}"), client.get(f"/api/households/{CARD_TOO}")]
        errors += [client.get("/api/households", params={"region": NAME}), client.get("/api/households", params={"cursor": NAME})]
        errors += [client.get(f"{address}/explain/{TYPED}"), client.get(f"{address}/bundle", params={"as_of": PHONE})]
        errors += [client.post("/api/session", json={"account": "worker", "password": f"{PASSWORD}{TYPED}"})]
        errors += [client.post("/api/session", json={"account": TYPED, "password": TYPED})]
    assert all(400 <= one.status_code < 500 for one in errors), [one.status_code for one in errors]
    led = _typed_into_pages(served, made.json()["household"])
    with served.client("admin") as admin:
        metrics = admin.get("/api/metrics").text
    audit = " ".join(str(row) for page in pages(served.desk.store, "AuditEntry", {}) for row in page)
    log = "\n".join(served.log.lines)
    assert "aidgraph_requests_total" in metrics
    assert made.json()["household"] in audit
    assert "POST /api/households 201" in log
    key = served.keys["worker"].rpartition("_")[2]
    for secret in (NAME, CARD_TOO, PHONE, TYPED, PASSWORD, key, str(WAGE), "765432"):
        assert secret not in log
        assert secret not in metrics
        assert secret not in audit
        assert not [one.text for one in errors if secret in one.text]
        assert not [one for one in led if secret in one]


def _typed_into_pages(served: Served, household: str) -> list[str]:
    """Secrets typed into the forms of pages, where they belong and where not; the addresses that were led to."""
    known = f"/households/{household}"
    forms: list[tuple[str, dict[str, Any]]] = [
        ("/households/find", {"q": NAME}),
        ("/households/find", {"q": CARD_TOO}),
        ("/new-household", {"region": OWN, "true_on": "2026-08-02", "key": "a-form-of-one", "name": [NAME], "phone": [PHONE]}),
        ("/new-household", {"region": NAME, "true_on": PHONE, "key": "a-form-of-two", "name": [NAME], "id_card": [TYPED], "kin": [TYPED]}),
        (f"{known}/facts", {"fact": "rent_month", "value": f"{TYPED} {PHONE}", "true_on": NAME, "key": TYPED, "tag": NAME, "who": NAME}),
        (f"{known}/consent", {"who": NAME, "scope": TYPED, "from": PHONE, "key": "a-form-of-three", "tag": CARD_TOO}),
        (f"{known}/apply", {"item": NAME, "state": TYPED, "on": PHONE, "key": "a-form-of-four", "tag": CARD_TOO}),
        (f"{known}/refer", {"reason": "appeal", "question": f"{TYPED} {PHONE} {NAME}", "key": "a-form-of-five"}),
        (f"{known}/refer", {"reason": TYPED, "question": CARD_TOO, "key": "a-form-of-six"}),
        ("/sign-in", {"account": TYPED, "password": f"{PASSWORD}{TYPED}", "to": f"/{TYPED}"}),
    ]
    with served.client("worker") as client:
        said = [client.post(address, data=form, follow_redirects=False) for address, form in forms]
        said += [client.get(f"{known}/facts", params={"fact": TYPED, "who": NAME}), client.get(f"{known}/why/{NAME}")]
        said += [client.get("/households", params={"region": NAME}), client.get("/policies", params={"q": NAME}), client.get(known)]
    assert all(one.status_code < 500 for one in said), [one.status_code for one in said]
    assert [one.status_code for one in said if one.status_code == 303]
    assert NAME not in said[-1].text
    return [one.headers.get("Location", "") for one in said]


def test_nothing_that_opens_a_door_is_in_the_store(served: Served) -> None:
    with served.client() as client:
        begun = client.post("/api/session", json={"account": "worker", "password": PASSWORD})
        token = client.cookies["aidgraph_session"]
        assert begun.status_code == 200
    path = Path(served.desk.settings.store.removeprefix("sqlite:///"))
    raw = b"".join(one.read_bytes() for one in sorted(path.parent.glob(f"{path.name}*")))
    for secret in (PASSWORD, token, served.keys["worker"].rpartition("_")[2], NAME):
        assert secret.encode() not in raw
    assert OWN.encode() in raw


def test_a_mistake_of_ours_says_nothing_of_what_it_was_about(tmp_path: Path) -> None:
    desk = a_desk(tmp_path)
    app = make_app(desk)

    def broken() -> None:
        raise ValueError(NAME)

    app.add_api_route("/api/broken", broken)
    with serving(desk, app) as served, served.client() as client:
        said = client.get("/api/broken")
        assert said.status_code == 500
        assert said.json()["request"] == said.headers["X-Request-ID"]
        assert NAME not in said.text
        log = "\n".join(served.log.lines)
        assert NAME not in log
        assert f"request={said.json()['request']} mistake=ValueError test_secrets.py" in log
        assert client.get("/api/health").status_code == 200
