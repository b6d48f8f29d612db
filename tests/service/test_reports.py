"""Gap reports over HTTP: they add up to the bundles that the same service answers, and each role reads what it may."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import fastexcel
import pytest

from api.report_files import HIDDEN
from api.schedule import Worker
from tests.service.reporting import OTHERS_REPORT, REPORT, reported_county
from tests.service.serving import OTHER, OWN, fresh

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.serving import Served

HOUSEHOLDS = 20


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with reported_county(tmp_path_factory.mktemp("reported"), HOUSEHOLDS) as one:
        yield one


def get(served: Served, role: str, address: str, status: int = 200) -> Any:
    with served.client(role) as client:
        said = client.get(address)
        assert said.status_code == status, said.text
        return said.json()


def every(served: Served, role: str, address: str) -> list[dict[str, Any]]:
    """The items of all pages."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = get(served, role, address + cursor)
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"{'&' if '?' in address else '?'}cursor={page['next']}"


def hundredths(residual: dict[str, Any]) -> tuple[int, int]:
    """Hours as a report counts them."""
    return round(100 * residual["lo_hours"]), round(100 * residual["unstaffed_hours"])


def test_a_report_adds_up_to_the_bundles_that_the_service_answers(county: Served) -> None:
    wanted: dict[str, dict[str, int]] = defaultdict(lambda: {"lo": 0, "unstaffed": 0, "households": 0})
    homes = [one["household"] for one in every(county, "officer", "/api/households?limit=7")]
    assert len(homes) >= HOUSEHOLDS
    lacking = 0
    for home in homes:
        residual = get(county, "officer", f"/api/households/{home}/bundle")["residual"]
        lacks = {one["need"]: (one["lo_fen"], 0) if "lo_fen" in one else hundredths(one) for one in residual}
        lacking += any(lo + unstaffed > 0 for lo, unstaffed in lacks.values())
        for need, (lo, unstaffed) in lacks.items():
            wanted[need]["lo"] += lo
            wanted[need]["unstaffed"] += unstaffed
            wanted[need]["households"] += lo + unstaffed > 0
    tables = get(county, "officer", f"/api/reports/{REPORT}")["tables"]
    found: dict[str, dict[str, int]] = defaultdict(lambda: {"lo": 0, "unstaffed": 0, "households": 0})
    for row in tables["cells"]:
        for name in ("lo", "unstaffed", "households"):
            found[row["need"]][name] += row[name]
    some = {need: sums for need, sums in found.items() if any(sums.values())}
    assert some == {need: sums for need, sums in wanted.items() if any(sums.values())}
    assert sum(row["households"] for row in tables["heads"]) == len(homes)
    assert sum(row["lacking"] for row in tables["heads"]) == lacking


def test_the_households_behind_a_figure_are_as_many_as_it_says_and_the_audit_knows(county: Served) -> None:
    tables = get(county, "officer", f"/api/reports/{REPORT}")["tables"]
    row = max(tables["reasons"], key=lambda one: one["households"])
    counted = sum(
        one["households"] + one["may_households"]
        for one in tables["reasons"]
        if (one["need"], one["reason"]) == (row["need"], row["reason"])
    )
    homes = every(county, "officer", f"/api/reports/{REPORT}/households?need={row['need']}&reason={row['reason']}&limit=3")
    assert len(homes) == len({one["household"] for one in homes}) == counted > 3
    entries = every(county, "admin", f"/api/audit?household={homes[0]['household']}&account=officer")
    assert entries[-1]["permission"] == "report.households"
    assert entries[-1]["action"] == "find"
    assert get(county, "officer", f"/api/reports/{REPORT}/households?place={OTHER}", 422)["errors"][0]["path"] == "?place"


def test_files_say_what_the_report_says_in_the_language_of_the_request(county: Served) -> None:
    with county.client("officer") as client:
        rows = list(csv.reader(io.StringIO(client.get(f"/api/reports/{REPORT}/files/needs.csv?lang=zh").content.decode("utf-8-sig"))))
        book = fastexcel.read_excel(client.get(f"/api/reports/{REPORT}/files/report.xlsx?lang=zh").content)
        page = client.get(f"/api/reports/{REPORT}/files/report.html?lang=en")
        assert client.get(f"/api/reports/{REPORT}/files/nothing.csv").status_code == 404
    read = book.load_sheet("各项需求的缺口").to_polars()
    assert read.height == len(rows) - 1 > 3
    assert read.get_column("还差至少（元）").drop_nulls().sum() == pytest.approx(sum(float(row[5]) for row in rows[1:] if row[5]))
    assert page.headers["content-type"].startswith("text/html")
    assert "What is missing in" in page.text


@pytest.mark.parametrize("role", ["department", "analyst", "foundation"])
def test_who_sees_no_households_is_told_none_and_a_foundation_no_small_count(county: Served, role: str) -> None:
    said = get(county, role, f"/api/reports/{REPORT}")
    assert len(said["headlines"]) == 3
    get(county, role, f"/api/reports/{REPORT}/households", 403)
    ids = [row["id"] for row in county.desk.store.find("Household", {}, limit=100).rows]
    with county.client(role) as client:
        everything = json.dumps(said) + "".join(
            client.get(f"/api/reports/{REPORT}/files/{name}").text for name in ("report.html", "needs.csv")
        )
    assert not [one for one in ids if one in everything]
    if role != "foundation":
        assert "tables" in said
        return
    assert not {"tables", "change"} & said.keys()
    small = [row for rows in said["views"].values() for row in rows for name in ("households", "persons") if 0 < (row.get(name) or 9) < 5]
    assert small == []
    assert HIDDEN["zh"] in everything
    get(county, role, f"/api/reports/{REPORT}/compare/{REPORT}", 403)


def test_nothing_of_another_area_is_told(county: Served) -> None:
    for role in ("officer", "department", "analyst", "foundation"):
        listed = {one["id"] for one in every(county, role, "/api/reports")}
        assert REPORT in listed
        assert OTHERS_REPORT not in listed
        get(county, role, f"/api/reports/{OTHERS_REPORT}", 404)
        get(county, role, f"/api/reports/{OTHERS_REPORT}/files/report.json", 404)
    get(county, "officer", f"/api/reports/{REPORT}/compare/{OTHERS_REPORT}", 404)
    get(county, "officer", f"/api/reports/{OTHERS_REPORT}/households", 404)
    assert [one["id"] for one in every(county, "there", "/api/reports")] == [OTHERS_REPORT]
    with county.client("officer") as client:
        assert client.post("/api/report-runs", json={"region": OTHER}, headers=fresh()).status_code == 403
    assert not [one for one in every(county, "officer", "/api/report-runs") if one["region"] != OWN]


def test_a_report_is_asked_for_once_made_by_the_schedule_and_compared(county: Served) -> None:
    heads = fresh()
    with county.client("analyst") as client:
        first = client.post("/api/report-runs", json={"region": OWN}, headers=heads)
        again = client.post("/api/report-runs", json={"region": OWN}, headers=heads)
        assert (first.status_code, first.json()["state"]) == (202, "waiting")
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json() == first.json()
        assert client.post("/api/report-runs", json={"region": f"{OWN}001"}, headers=heads).status_code == 409
        future = client.post("/api/report-runs", json={"region": OWN, "as_of": "2199-01-01"}, headers=fresh())
        assert (future.status_code, future.json()["errors"][0]["path"]) == (422, "/as_of")
    assert Worker(county.desk).look() == 0
    run = get(county, "analyst", first.headers["Location"])
    assert (run["state"], run["attempts"], run["by"]) == ("done", 1, "analyst")
    assert run["households"] == run["total"] >= HOUSEHOLDS
    change = get(county, "analyst", f"/api/reports/{run['report']}/compare/{REPORT}")
    assert (change["from"], change["to"]) == (REPORT, run["report"])
    assert not any(row["lo"] for row in change["needs"])
    assert get(county, "analyst", f"/api/reports/{run['report']}")["before"] == REPORT
    assert dt.datetime.fromisoformat(run["due_at"]).tzinfo is not None
    assert re.fullmatch(r"by-hand\.[0-9a-f]{24}", run["id"])
