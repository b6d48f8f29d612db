"""The reply to a project: each kind of fault by its path, what nobody can meet, overlap, and counts that a recount gives too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.project_reply import spread
from api.settings import read_settings
from api.wiring import Desk
from tests.service.listing import a_project, act, approved
from tests.service.serving import OTHER, OWN, a_household, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.serving import Served

FUND = "rural-fund"
MONEY = {
    **{"kind": "cash", "pays": "discretionary", "certainty": "exact", "covers": ["living"]},
    **{"amount": "yuan(500)", "per": "once"},
}
PLACES = {"371602001": ("rural", 12), "371602002": ("rural", 7), "371602003": ("rural", 2), "371602004": ("urban", 6)}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with some households in four townships."""
    folder = tmp_path_factory.mktemp("replies")
    with serving(Desk(replace(read_settings(), store=f"sqlite:///{folder}/served.sqlite", key_file=folder / "key"))) as served:
        with served.client("officer") as officer:
            for place, (residence, count) in PLACES.items():
                for _ in range(count):
                    made = officer.post("/api/households", json=a_household(place, facts={"residence": residence}), headers=fresh())
                    assert made.status_code == 201, made.text
                    served.households[made.json()["household"]] = place
        yield served


def when(*conditions: str) -> dict[str, Any]:
    """Conditions that must all be met."""
    return {
        "all": [{"id": f"c{at}", "says": {"zh": f"条件{at}", "en": f"condition {at}"}, "when": one} for at, one in enumerate(conditions)]
    }


def fund(*conditions: str, **more: Any) -> dict[str, Any]:
    """The body of a project with these conditions."""
    return a_project(**{"id_": FUND, "requires": when(*conditions or ("residence == 'rural'",)), "benefit": MONEY} | more)


def reply(served: Served, project: dict[str, Any], role: str = "foundation") -> dict[str, Any]:
    """The reply to a project that is not kept."""
    with served.client(role) as client:
        said = client.post("/api/projects/check", json=project)
        assert said.status_code == 200, said.text
        told: dict[str, Any] = said.json()
        return told


PLANTED: list[tuple[dict[str, Any], set[str]]] = [
    (fund("residnce == 'rural'"), {"/requires/all/0/when"}),
    (fund("residence == 'moon'"), {"/requires/all/0/when"}),
    (fund("residence == 'rural'", "residence == 'urban'"), {"/requires/all/1/when"}),
    (fund("left.lving > 0"), {"/requires/all/0/when"}),
    (fund(benefit=MONEY | {"covers": ["cake"]}), {"/benefit/covers"}),
    (fund(benefit=MONEY | {"amount": "500"}), {"/benefit/amount"}),
    (fund(layer="basic"), {"/layer"}),
    (fund(grants={"recognition": "dibao", "months": 12}), {"/grants"}),
    (fund(precludes=["dibao"]), {"/precludes"}),
    (fund(region=[371602]), {"/region/0"}),
    (fund(project={"organisation": "warm-hands", "budget": 12.345, "consent": "no"}), {"/project/budget", "/project"}),
    (fund(project={"organisation": "another", "consent": "required"}), {"/project/organisation"}),
    (fund(colour="red", id_="Rural Fund"), {"/colour", "/id"}),
    (fund(id_="dibao"), {"/id"}),
    (fund(in_force={"from": "2026-13-01"}), {"/in_force/from"}),
    ({}, {"/"}),
    (fund(documents=["\x00"]), {"/documents/0"}),
    (fund(title={"zh": "a", "en": 7}), {"/title/en"}),
]


@pytest.mark.parametrize(("project", "paths"), PLANTED, ids=range(len(PLANTED)))
def test_each_fault_is_named_by_its_path(county: Served, project: dict[str, Any], paths: set[str]) -> None:
    with county.client("foundation") as client:
        for send in (client.post("/api/projects/check", json=project), client.post("/api/projects", json=project, headers=fresh())):
            assert send.status_code == 422
            assert {one["path"] for one in send.json()["errors"]} == paths
            assert all(one["message"] for one in send.json()["errors"])
        assert FUND not in [one["project"] for one in client.get("/api/projects").json()["items"]]


def test_counts_by_area_are_those_of_a_recount_household_by_household(county: Served) -> None:
    project = fund(id_="counted-fund")
    told = reply(county, project, "officer")
    approved(county, project)
    counted: dict[str, list[int]] = {}
    with county.client("officer") as officer, county.client("foundation") as charity:
        for household, place in county.households.items():
            layers = officer.get(f"/api/households/{household}/bundle").json()["layers"]
            (item,) = [item for layer in layers for item in layer["items"] if item["policy"] == "counted-fund"] or [{"status": "no"}]
            area = counted.setdefault(place, [0, 0, 0, 0])
            area[0] += 1
            area[1] += item["status"] == "can"
            area[2] += item["status"] == "ask"
            area[3] += item["lo_fen"] if item["status"] == "can" else 0
        assert act(charity, "counted-fund", "withdraw").status_code == 200
    assert {one["region"]: [one[name] for name in ("looked_at", "households", "asking", "fen")] for one in told["areas"]} == counted
    assert (told["looked_at"], told["of"], told["households"]) == (27, 27, 21)
    assert told["fen"] == sum(area[3] for area in counted.values())
    assert told["warnings"] == []


def test_small_counts_are_hidden_from_a_charity_and_cannot_be_had_by_subtraction(county: Served) -> None:
    told = reply(county, fund(id_="second-fund"))
    shown = {one["region"]: one["households"] for one in told["areas"]}
    assert told["households"] == 21
    assert shown["371602003"] is None
    assert sum(one is None for one in shown.values()) == 2
    assert [one["fen"] for one in told["areas"] if one["households"] is None] == [None, None]
    few = reply(county, fund(id_="second-fund", region=["371602003"]))
    assert (few["households"], few["fen"]) == (None, None)
    ours = reply(county, fund(id_="second-fund", region=["371602003"]), "officer")
    assert ours["households"] == 2


def test_what_nobody_can_meet_is_named(county: Served) -> None:
    told = reply(county, fund("residence == 'rural'", "rent_month < yuan(0)", id_="second-fund"))
    assert "nobody_can" in told["warnings"]
    assert {(one["clause"], one["region"]) for one in told["never"]} == {("c1", OWN)}
    assert told["never"][0]["says"] == {"zh": "条件1", "en": "condition 1"}


def test_what_no_household_of_the_region_meets_is_named_with_the_condition_that_fails(county: Served) -> None:
    project = fund("residence == 'rural'", "rent_month >= yuan(0)", id_="second-fund", region=["371602004"])
    told = reply(county, project, "officer")
    assert told["warnings"] == ["nobody_here"]
    assert {one["clause"]: one["households"] for one in told["conditions"]} == {"c0": 0, "c1": 6}
    nowhere = reply(county, fund(region=[OTHER], id_="second-fund"))
    assert (nowhere["warnings"], nowhere["of"]) == (["nobody_lives_here"], 0)


def test_a_budget_that_does_not_reach_is_said(county: Served) -> None:
    small = {"organisation": "warm-hands", "budget": 1, "consent": "required"}
    money = MONEY | {"covers": ["debt"], "pays": "entitlement"}
    assert "budget_short" in reply(county, fund(id_="second-fund", project=small, benefit=money), "officer")["warnings"]


def test_overlap_with_policies_and_projects_is_told(county: Served) -> None:
    approved(county, fund(id_="first-fund"))
    told = reply(county, fund("residence == 'rural'", "rent_month >= yuan(0)", id_="second-fund"))
    found = {one["policy"]: one for one in told["overlaps"]}
    assert found["first-fund"]["needs"] == ["living"]
    assert found["first-fund"]["same"] == [{"zh": "条件0", "en": "condition 0"}]
    assert found["first-fund"]["project"] is True
    assert "medical-aid" not in found
    with county.client("foundation") as charity:
        act(charity, "first-fund", "withdraw")


def test_households_are_looked_at_evenly() -> None:
    ids = [f"{at:04}" for at in range(1000)]
    assert spread(ids, 10) == ids[::100]
    assert spread(ids[:7], 10) == ids[:7]
    assert len(set(spread(ids, 999))) == 999
