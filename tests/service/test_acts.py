"""What officers and workers do to a household beside visits: each act by HTTP, what it changes, who may not, conflicts, repeats."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from api.audit import verify
from api.finding import listed_of
from tests.service.serving import NAME, OTHER, OWN, fresh

if TYPE_CHECKING:
    import httpx

    from tests.service.serving import Served

ITEM = "medical-aid"
PEOPLE = [
    {"name": NAME, "kin": "head", "facts": {"born": "1961-03-05", "wage_month": 0, "sex": "male"}},
    {"name": "欧阳大明", "kin": "child", "facts": {"born": "1985-03-05", "wage_month": 900}},
]
BASIS = {"basis": [{"document": "社会救助法", "article": "第十八条"}]}
ACTS: dict[str, dict[str, Any]] = {
    "applications": {"policy": "dibao", "on": "2026-08-02"},
    "decisions": {"policy": "dibao", "outcome": "confirmed", "decided_on": "2026-08-03", **BASIS},
    "deaths": {"person": "?", "died_on": "2026-08-03"},
    "departures": {"person": "?", "left_on": "2026-08-03"},
    "moves": {"region": "371602001", "moved_on": "2026-08-03"},
}


class Home:
    """A household of its own for one test."""

    def __init__(self, client: httpx.Client, region: str = OWN) -> None:
        self.client = client
        body = {"region": region, "true_on": "2026-08-01", "facts": {"residence": "rural"}, "people": PEOPLE, "whole": True}
        made = client.post("/api/households", json=body, headers=fresh())
        assert made.status_code == 201, made.text
        self.id, self.people, self.address = made.json()["household"], made.json()["people"], made.headers["Location"]

    def body(self, act: str) -> dict[str, Any]:
        return ACTS[act] | ({"person": self.people[1]} if act in ("deaths", "departures") else {})

    def do(self, act: str, client: httpx.Client | None = None, *, heads: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        heads = heads or fresh() | {"If-Match": self.tag()}
        return (client or self.client).post(f"{self.address}/{act}", json=self.body(act) | more, headers=heads)

    def tag(self) -> str:
        return str(self.client.get(self.address).headers["ETag"])

    def items(self, policy: str, **asked: str) -> list[dict[str, Any]]:
        bundle = self.client.get(f"{self.address}/bundle", params=asked).json()
        return [item for layer in bundle["layers"] for item in layer["items"] if item["policy"] == policy]


def test_what_is_applied_for_waits_until_it_is_taken_back(served: Served) -> None:
    with served.client("worker") as worker:
        home = Home(worker)
        assert [item["caveats"] for item in home.items("dibao")] == [[]]
        said = home.do("applications")
        assert said.status_code == 200, said.text
        (change,) = [one for one in said.json()["changes"] if one["policy"] == "dibao"]
        assert (change["before"]["caveats"], change["after"]["caveats"]) == ([], ["applied"])
        (item,) = home.items("dibao")
        assert item["application"] == {"state": "applied", "applied_on": "2026-08-02", "decided_on": None, "reason": None, "basis": []}
        assert home.do("applications").json()["errors"][0]["path"] == "/policy"
        assert home.items("dibao", as_of="2026-08-01")[0]["caveats"] == []
        assert home.do("applications", state="withdrawn", on="2026-08-04").status_code == 200
        assert home.items("dibao")[0]["caveats"] == []
        assert home.do("applications", state="withdrawn", on="2026-08-04").status_code == 422
        assert home.do("applications", on="2026-08-04").status_code == 200
        assert home.items("dibao")[0]["caveats"] == ["applied"]


def test_what_is_confirmed_is_on_file_and_what_was_said_before_stays(served: Served) -> None:
    with served.client("worker") as worker, served.client("officer") as officer:
        home = Home(worker)
        home.do("applications")
        said = home.do("decisions", officer, until="2027-07-31", amount="1250.50")
        assert said.status_code == 200, said.text
        (item,) = home.items("dibao")
        assert (item["status"], item["lo_fen"], item["renew_on"]) == ("has", 125_050, "2027-07-31")
        assert {"recognition": "dibao", "who": None} in worker.get(f"{home.address}/bundle").json()["recognised"]
        assert home.items("dibao", as_of="2026-08-02")[0]["caveats"] == ["applied"]
        statements = served.desk.store.neighbourhood("Household", home.id)["Statement"]
        told = statements.filter(statements["list"] == "applications").select("source", "fact_told_state").sort("fact_told_state").rows()
        assert told == [("visit/worker", "applied"), ("civil-affairs/officer", "confirmed")]


def test_what_is_refused_is_not_recommended_opens_nothing_and_says_why(served: Served) -> None:
    with served.client("worker") as worker, served.client("officer") as officer:
        home = Home(worker)
        said = home.do("decisions", officer, outcome="refused", reason="income_over")
        assert said.status_code == 200, said.text
        (item,) = home.items("dibao")
        assert item["caveats"][0] == "refused"
        assert (item["application"]["reason"], item["application"]["basis"]) == ("income_over", ["社会救助法 第十八条"])
        assert any(one["after"] is None or one["after"]["status"] != "can" for one in said.json()["changes"])
        assert home.do("applications", on="2026-08-05").status_code == 200
        assert home.items("dibao")[0]["caveats"] == ["applied"]


def test_an_objection_to_a_refusal_opens_a_discussion_by_rule_once(served: Served) -> None:
    with served.client("worker") as worker, served.client("officer") as officer:
        home = Home(worker)
        assert home.do("applications", state="appealed").json()["errors"][0]["path"] == "/policy"
        home.do("decisions", officer, outcome="refused", reason="income_over")
        assert home.do("applications", state="appealed").json()["errors"][0]["path"] == "/on"
        heads = fresh() | {"If-Match": home.tag()}
        first, again = (home.do("applications", state="appealed", on="2026-08-04", heads=heads) for _ in range(2))
        assert first.status_code == 200, first.text
        assert (first.json()["referral"], again.json()) == (again.json()["referral"], first.json())
        referral = officer.get(f"/api/referrals/{first.json()['referral']}").json()
        assert (referral["household"], referral["state"], referral["reasons"][0]) == (home.id, "opened", "appeal")
        assert referral["events"][0]["by"] == "rule"
        assert home.items("dibao")[0]["application"]["state"] == "refused"
        assert home.do("applications", state="appealed", on="2026-08-05").json()["referral"] == first.json()["referral"]
    tables = served.desk.store.neighbourhood("Household", home.id)
    assert tables["Application"]["appealed_on"].to_list() == [dt.date(2026, 8, 5)]


@pytest.mark.parametrize(
    ("act", "more", "path"),
    [
        ("decisions", {"outcome": "refused"}, "/reason"),
        ("decisions", {"outcome": "refused", "reason": "because"}, "/reason"),
        ("decisions", {"reason": "income_over"}, "/reason"),
        ("decisions", {"until": "2026-08-01"}, "/until"),
        ("decisions", {"basis": [{"document": "a-law-of-my-own"}]}, "/basis/0/document"),
        ("decisions", {"basis": []}, "/basis"),
        ("decisions", {"policy": "no-such"}, "/policy"),
        ("decisions", {"policy": ITEM}, "/person"),
        ("decisions", {"decided_on": "2199-01-01"}, "/decided_on"),
        ("applications", {"person": "somebody"}, "/person"),
        ("applications", {"on": "2199-01-01"}, "/on"),
        ("applications", {"state": "lost"}, "/state"),
        ("deaths", {"person": "somebody"}, "/person"),
        ("deaths", {"died_on": "2199-01-01"}, "/died_on"),
        ("departures", {"person": "somebody"}, "/person"),
        ("departures", {"left_on": "2199-01-01"}, "/left_on"),
        ("departures", {"to": "h-nowhere"}, "/to"),
        ("departures", {"kin": "child"}, "/kin"),
        ("moves", {"region": NAME}, "/region"),
        ("moves", {"moved_on": "2199-01-01"}, "/moved_on"),
        ("moves", {"moved_on": "2026-07-01"}, "/moved_on"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place_and_nothing_is_kept(served: Served, act: str, more: dict[str, Any], path: str) -> None:
    with served.client("officer") as officer:
        home = Home(officer)
        tag = home.tag()
        said = home.do(act, **more)
        assert said.status_code == 422, said.text
        assert [one["path"] for one in said.json()["errors"]] == [path]
        assert home.tag() == tag
        assert NAME not in said.text


def test_somebody_who_died_is_no_member_from_that_day_and_was_one_before(served: Served) -> None:
    with served.client("officer") as officer:
        home = Home(officer)
        said = home.do("deaths")
        assert said.status_code == 200, said.text
        assert {one["who"] for one in said.json()["changes"]} >= {home.people[1]}
        assert [one["person"] for one in officer.get(home.address).json()["members"]] == home.people[:1]
        before = officer.get(f"{home.address}/bundle", params={"as_of": "2026-08-02"}).json()
        assert sorted(before["members"]) == sorted(home.people)
        assert home.do("deaths").json()["errors"][0]["path"] == "/person"
        assert home.do("deaths", person=home.people[0]).status_code == 200
        assert officer.get(f"{home.address}/bundle").json()["members"] == []


def test_a_household_that_moves_is_seen_where_it_lives_and_its_past_stays(served: Served) -> None:
    with served.client("officer") as officer, served.client("there") as there:
        home = Home(officer)
        tag = home.tag()
        assert there.get(home.address).status_code == 404
        said = home.do("moves", region=OTHER, address="甲路 1 号")
        assert said.status_code == 200, said.text
        assert officer.get(home.address).status_code == 404
        shown = there.get(home.address)
        assert shown.json()["region"] == OTHER
        assert shown.headers["ETag"] != tag
        assert "甲路" not in shown.text
        then = {one["name"]: one for one in there.get(home.address, params={"as_of": "2026-08-02"}).json()["facts"]}
        assert then["region"]["value"] == OWN
        assert OTHER in str(there.get(f"{home.address}").json()["facts"])


def test_what_is_under_way_goes_with_a_household_that_moves_and_comes_back_with_it(served: Served) -> None:
    with served.client("officer") as officer, served.client("there") as there:
        home = Home(officer)
        body = {"household": home.id, "sort": "discussion", "reason": "appeal", "question": "由谁接送上学？"}
        opened = officer.post("/api/referrals", json=body, headers=fresh())
        assert opened.status_code == 201, opened.text
        path = f"/api/referrals/{opened.json()['referral']}"
        assert (officer.get(path).status_code, there.get(path).status_code) == (200, 404)
        record = home.do("moves", region=OTHER).json()["record"]
        assert (officer.get(path).status_code, there.get(path).status_code) == (404, 200)
        assert path.rpartition("/")[2] in [one["referral"] for one in there.get("/api/referrals").json()["items"]]
        assert there.post("/api/imports/withdrawals", json={"source": record}).status_code == 200
        assert (officer.get(path).status_code, there.get(path).status_code) == (200, 404)


def test_somebody_who_joins_another_household_counts_there_and_no_more_here(served: Served) -> None:
    with served.client("officer") as officer, served.client("there") as there:
        home, other, elsewhere = Home(officer), Home(officer), Home(there, OTHER)
        leaver = home.people[1]
        assert home.do("departures", to=elsewhere.id).json()["errors"][0]["path"] == "/to"
        assert home.do("departures", to=home.id).json()["errors"][0]["path"] == "/to"
        assert home.do("departures", to=other.id, kin="king").json()["errors"][0]["path"] == "/kin"
        stale = other.tag()
        said = home.do("departures", to=other.id, kin="other")
        assert said.status_code == 200, said.text
        assert {one["who"] for one in said.json()["changes"]} >= {leaver}
        counted = [officer.get(f"{one.address}/bundle").json()["members"] for one in (home, other)]
        assert [sorted(some) for some in counted] == [sorted(home.people[:1]), sorted([*other.people, leaver])]
        before = officer.get(f"{home.address}/bundle", params={"as_of": "2026-08-02"}).json()
        assert sorted(before["members"]) == sorted(home.people)
        before = officer.get(f"{other.address}/bundle", params={"as_of": "2026-08-02"}).json()
        assert sorted(before["members"]) == sorted(other.people)
        assert other.do("moves", heads=fresh() | {"If-Match": stale}).status_code == 412
        assert home.do("departures").json()["errors"][0]["path"] == "/person"
        assert other.do("departures", person=leaver, left_on="2026-08-05", to=home.id).json()["errors"][0]["path"] == "/to"
        record = officer.post("/api/imports/withdrawals", json={"source": said.json()["record"]}).json()
        assert record["households"] == 2
        counted = [officer.get(f"{one.address}/bundle").json()["members"] for one in (home, other)]
        assert [len(some) for some in counted] == [2, 2]
    for one in (home, other):
        assert served.desk.store.find("AuditEntry", {"household": one.id, "action": "change"}).rows


def test_whoever_comes_back_is_told_which_records_to_withdraw_and_is_a_member_again(served: Served) -> None:
    with served.client("officer") as officer:
        home, other, third = Home(officer), Home(officer), Home(officer)
        leaver = home.people[1]
        first = home.do("departures", to=other.id).json()["record"]
        second = other.do("departures", person=leaver, left_on="2026-08-05", to=third.id).json()["record"]
        (fault,) = third.do("departures", person=leaver, left_on="2026-08-06", to=home.id).json()["errors"]
        assert fault["path"] == "/to"
        assert fault["message"].endswith(f"请在“撤回导入”依次撤回记录号：{second}、{first}")
        already = third.do("departures", person=third.people[0], left_on="2026-08-06", to=home.id)
        assert already.status_code == 200, already.text
        (fault,) = home.do("departures", person=third.people[0], left_on="2026-08-07", to=third.id).json()["errors"]
        assert fault["message"].endswith(already.json()["record"])
        for record in (second, first):
            assert officer.post("/api/imports/withdrawals", json={"source": record}).status_code == 200
        counted = [officer.get(f"{one.address}/bundle").json()["members"] for one in (home, other, third)]
        assert [leaver in some for some in counted] == [True, False, False]


def test_lists_and_searches_count_those_who_belong_to_a_household_today(served: Served) -> None:
    with served.client("officer") as officer:
        home, other = Home(officer), Home(officer)
        assert home.do("departures", to=other.id).status_code == 200
        assert home.do("deaths", person=home.people[0]).status_code == 200
        listed = {one.household: one for one in listed_of(served.desk, [home.id, other.id])}
        assert {id_: listed[id_].people for id_ in (home.id, other.id)} == {home.id: 0, other.id: 3}
        assert NAME[0] in listed[home.id].name  # nobody lives there: it is still called after who did
        name = str(next(one["name"] for one in PEOPLE if one.get("kin") != "head"))
        found = officer.post("/api/households/search", json={"by": "name", "text": name}).json()["items"]
        assert {home.id, other.id} & {one["household"] for one in found} == {other.id}


def test_somebody_who_leaves_for_no_household_on_file_is_counted_nowhere(served: Served) -> None:
    with served.client("officer") as officer, served.client("worker") as worker:
        home = Home(officer)
        assert home.do("departures", worker).status_code == 403
        assert home.do("departures").status_code == 200
        assert officer.get(f"{home.address}/bundle").json()["members"] == home.people[:1]


@pytest.mark.parametrize("act", sorted(ACTS))
def test_an_act_needs_the_version_read_and_is_done_once(served: Served, act: str) -> None:
    with served.client("officer") as officer:
        home = Home(officer)
        assert home.do(act, heads=fresh()).status_code == 428
        assert home.do(act, heads=fresh() | {"If-Match": '"0-0"'}).status_code == 412
        heads = fresh() | {"If-Match": home.tag()}
        first, second = home.do(act, heads=heads), home.do(act, heads=heads)
        assert (first.status_code, second.status_code) == (200, 200), first.text
        assert second.json() == first.json()
        assert second.headers["Idempotent-Replayed"] == "true"
        other = {"policy": "no-such"} if "policy" in ACTS[act] else {"region": "3716"} if act == "moves" else {"person": "x"}
        changed = officer.post(f"{home.address}/{act}", json=home.body(act) | other, headers=heads)
        assert changed.status_code == 409


def test_a_record_can_be_withdrawn_and_nothing_else_goes(served: Served) -> None:
    with served.client("worker") as worker, served.client("officer") as officer:
        home = Home(worker)
        home.do("applications")
        record = home.do("decisions", officer).json()["record"]
        assert home.items("dibao")[0]["status"] == "has"
        asked = officer.post("/api/imports/withdrawals", json={"source": record, "dry_run": True}).json()
        assert asked["removed"] == {"Recognition": 1}
        assert home.items("dibao")[0]["status"] == "has"
        assert worker.post("/api/imports/withdrawals", json={"source": record}).status_code == 403
        with served.client("there") as there:
            said = there.post("/api/imports/withdrawals", json={"source": record})
            assert said.status_code == 403
            assert home.id not in said.text
        done = officer.post("/api/imports/withdrawals", json={"source": record}).json()
        assert (done["households"], done["statements"] > 0, done["dry_run"]) == (1, True, False)
        (item,) = home.items("dibao")
        assert (item["status"], item["caveats"]) == ("ask", ["applied"])
        assert officer.post("/api/imports/withdrawals", json={"source": record}).json()["statements"] == 0
        assert officer.post("/api/imports/withdrawals", json={"source": "never-loaded.csv"}).status_code == 404
    assert verify(served.desk.store).broken is None


def test_an_address_is_kept_encrypted_alone(served: Served) -> None:
    with served.client("officer") as officer:
        home = Home(officer)
        assert home.do("moves", address="乙巷 77 号").status_code == 200
    row = served.desk.store.get("Household", home.id) or {}
    assert row["address_enc"]
    assert "乙巷" not in str(row)
    assert "乙巷" not in "\n".join(served.log.lines)


def test_nothing_that_was_typed_is_said_back_or_kept_in_a_log_the_metrics_or_the_audit(served: Served) -> None:
    secret, said = "司徒秘密", []
    with served.client("officer") as officer, served.client("admin") as admin:
        home = Home(officer)
        for act, body in ACTS.items():
            typed: list[dict[str, Any]] = [{name: secret} for name in home.body(act)]
            said += [home.do(act, None, heads=None, **one) for one in typed]
            said.append(home.do(act, **{secret: next(iter(body.values()))}))
        said += [home.do("moves", address=secret * 80), home.do("decisions", basis=[{"document": secret}])]
        said += [officer.post("/api/imports/withdrawals", json={"source": secret})]
        assert {one.status_code // 100 for one in said} == {4}
        texts = [one.text for one in said] + [admin.get("/api/metrics").text, admin.get("/api/audit", params={"limit": 200}).text]
    assert not [text for text in (*texts, "\n".join(served.log.lines)) if secret in text]
