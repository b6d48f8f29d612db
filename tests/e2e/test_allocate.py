"""`allocate` as somebody uses it: a trial, the real thing, what the next bundle says, and money that comes back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.allocate import Sharing, Turns
from api.settings import read_settings
from api.wiring import Desk
from tests.e2e.test_load_county import County

if TYPE_CHECKING:
    from pathlib import Path

FUND = """\
id: fund
title: {zh: 慈善基金, en: Relief fund}
layer: charity
department: charity-federation
unit: household
region: ["3716"]
place: living
source: {document: plan, mark: illustrative}
requires: {all: [{id: left, says: {zh: 仍有大额医疗支出, en: great medical cost left}, when: left.medical_in_scope > yuan(10000)}]}
benefit:
  {kind: cash, pays: discretionary, certainty: exact, covers: [medical_in_scope], amount: 0.5 * left.medical_in_scope, cap: yuan(50000),
   per: once}
project:
  {organisation: city-charity-federation, budget: 70000, consent: required, smallest_grant: 500, hold_days: 20,
   open: {from: 2026-01-01, until: 2099-12-31}}
"""
DIFFICULTY = """\
indicators:
  - id: income
    label: {zh: 收入, en: income}
    why: {zh: 工资, en: wages}
    levels:
      - {points: 80, says: {zh: 没有收入, en: none}, when: "sum(members, wage_month) < yuan(1)"}
      - {points: 30, says: {zh: 收入低, en: low}, when: "sum(members, wage_month) < yuan(3000)"}
circles: []
categories: []
"""
HOME = """\
- name: home {name}
  as_of: {day}
  household:
    region: "{region}"
    residence: urban
    awards: []
    recognitions: []
    members:
      - {{as: mother, born: 1982-03-05, wage_month: {wage}, supporters: [], awards: [], recognitions: [], consents: {consents},
         bills: [{{billed_on: 2026-06-01, total: {bill}, out_of_scope: 0}}]}}
  expect: {{}}
"""
AGREED = "[{scope: [all], from: 2026-01-01}]"
DAY = "2026-08-01"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """Four households and a fund that does not reach for all: 50,000 and 40,000 for two of them, and 6,000 without consent."""
    county = County(tmp_path)
    county.write("county-seeds/projects/fund.yaml", FUND)
    county.write("county-seeds/difficulty.yaml", DIFFICULTY)
    homes = [(2000, 80_000, AGREED), (0, 100_000, AGREED), (0, 12_000, "[]"), (5000, 30_000, AGREED)]
    told = [
        HOME.format(name=n, day=DAY, region="371602", wage=wage, bill=bill, consents=said) for n, (wage, bill, said) in enumerate(homes, 1)
    ]
    county.run("load", county.seeds)
    county.run("load", county.write("some.yaml", "".join(told)))
    return county


def allocated(county: County, capsys: pytest.CaptureFixture[str], *words: str, day: str = DAY) -> dict[str, Any]:
    capsys.readouterr()
    county.run("allocate", *words, "--as-of", day, "--json")
    (project,) = json.loads(capsys.readouterr().out)["projects"]
    return dict(project)


def test_the_hardest_case_gets_all_the_next_the_rest_and_each_is_told_why(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    trial = allocated(county, capsys, "--project", "fund", "--dry-run")
    assert county.nodes("Budget") == []
    done = allocated(county, capsys, "--region", "3716")
    assert done == trial
    rows = [(one["household"], one["difficulty"], one["granted_fen"], one["reason"]) for one in done["grants"]]
    assert rows == [
        ("some-2", 80, 5_000_000, None),
        ("some-3", 80, 0, "no_consent"),
        ("some-1", 30, 2_000_000, "budget_spent"),
        ("some-4", 0, 0, "budget_spent"),
    ]
    assert (done["budget_before_fen"], done["granted_fen"], done["budget_after_fen"]) == (7_000_000, 7_000_000, 0)
    assert done["share_of_optimum"] == 1


def test_the_next_bundle_counts_the_hold_and_nobody_is_served_twice(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    allocated(county, capsys, "--project", "fund")
    county.run("match", "some-1", "--as-of", DAY, "--json")
    page = json.loads(capsys.readouterr().out)
    (item,) = [item for layer in page["layers"] for item in layer["items"] if item["policy"] == "fund"]
    assert (item["status"], item["lo_fen"], item["hi_fen"]) == ("has", 2_000_000, 2_000_000)
    again = allocated(county, capsys, "--project", "fund")
    assert (again["granted_fen"], again["holding"], again["budget_after_fen"]) == (0, 2, 0)
    assert {one["household"] for one in again["grants"]} == {"some-3", "some-4"}


def test_what_one_project_could_not_pay_in_full_a_later_one_is_asked_for_in_the_same_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county = with_two_funds(tmp_path)
    for granted in ([2_000_000, 4_000_000], [0, 0]):
        capsys.readouterr()
        county.run("allocate", "--region", "3716", "--as-of", DAY, "--json")
        assert [one["granted_fen"] for one in json.loads(capsys.readouterr().out)["projects"]] == granted


def with_two_funds(folder: Path) -> County:
    """One household, a fund that pays a part, and another that pays for what is then left."""
    county = County(folder)
    later = FUND.replace("id: fund\n", "id: fund-later\n").replace("yuan(10000)", "yuan(60000)")
    county.write("county-seeds/projects/fund.yaml", FUND.replace("budget: 70000", "budget: 20000"))
    county.write("county-seeds/projects/fund-later.yaml", later)
    county.write("county-seeds/difficulty.yaml", DIFFICULTY)
    county.run("load", county.seeds)
    county.run("load", county.write("some.yaml", HOME.format(name=1, day=DAY, region="371602", wage=0, bill=100_000, consents=AGREED)))
    return county


def test_a_run_that_was_cut_off_goes_on_with_the_projects_that_had_not_their_turn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    county = with_two_funds(tmp_path)
    day = dt.date.fromisoformat(DAY)
    desk = Desk(replace(read_settings(), store=county.url, catalogue=county.seeds))
    cut_off = Sharing(desk.store, desk.engine, day, day, dry_run=False)
    cut_off.begin(None, "3716")
    cut_off.read(lambda _: None)
    assert next(cut_off.shared()).granted == 2_000_000
    desk.close()
    for words, resumed, granted in ((("--project", "fund"), 0, [0]), ((), 1, [4_000_000]), ((), 0, [0, 0])):
        capsys.readouterr()
        county.run("allocate", "--region", "3716", *words, "--as-of", DAY, "--json")
        told = json.loads(capsys.readouterr().out)
        assert (told["resumed"], [one["granted_fen"] for one in told["projects"]]) == (resumed, granted)


def test_what_was_cut_off_on_another_day_or_by_another_catalogue_is_begun_anew(tmp_path: Path) -> None:
    desk = Desk(replace(read_settings(), store=f"sqlite:///{tmp_path}/turns.sqlite"))
    desk.store.migrate()
    desk.store.write(Turns("@3716", "2026-08-01@some").note("fund"))
    desk.store.write(Turns("@3716", "2026-08-01@some").note("fund-later"))
    assert Turns("@3716", "2026-08-01@some").before(desk.store) == {"fund", "fund-later"}
    others = (("@3716", "2026-08-02@some"), ("@3716", "2026-08-01@other"), ("@371602", "2026-08-01@some"))
    assert [Turns(*other).before(desk.store) for other in others] == [set(), set(), set()]
    desk.store.write(Turns(*others[0]).note("fund"))
    assert Turns("@3716", "2026-08-01@some").before(desk.store) == set()
    desk.close()


def test_what_people_read_is_in_their_language(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    county.run("allocate", "--project", "fund", "--as-of", DAY, "--dry-run")
    said = capsys.readouterr().out
    assert "试算，没有写入" in said
    assert "2 户得到 ¥70,000，2 户这次没有得到" in said
    assert "资金已给更困难的家庭" in said
    assert "先取得同意书" in said
    county.run("allocate", "--project", "fund", "--as-of", DAY, "--lang", "en")
    said = capsys.readouterr().out
    assert "2 households get ¥70,000, 2 get nothing this time" in said
    assert "the money went to harder cases" in said


def test_without_project_and_region_or_with_an_unknown_one_it_says_what_to_do(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("allocate", code=2)
    assert "--project" in capsys.readouterr().err
    county.run("allocate", "--project", "dibao", code=3)
    assert "aidgraph policies" in capsys.readouterr().err
