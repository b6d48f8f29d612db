"""`aidgraph project` as a charity's clerk uses it: a file with a broken rule, the reply, the rule mended, who would match; the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

FUND = """\
id: winter-coal-fund
title: {{zh: 暖冬取暖项目, en: Warm winter fund}}
layer: charity
department: charity-federation
unit: household
region: ["371602"]
source: {{document: 项目章程, mark: local}}
requires:
  all:
    - {{id: left, says: {{zh: 基本生活仍有缺口, en: living is not covered}}, when: {when}}}
benefit: {{kind: cash, pays: discretionary, certainty: exact, covers: [living], amount: left.living, cap: yuan(800), per: once}}
project: {{organisation: warm-hands, budget: 200000, consent: required}}
"""


@pytest.fixture
def county(tmp_path: Path) -> Program:
    county = Program(tmp_path)
    county.run("synthetic", "30", "--seed", "4", "--region", "371602")
    return county


def test_a_broken_rule_is_told_by_its_line_and_mended_it_says_who_would_match(county: Program) -> None:
    file = county.folder / "fund.yaml"
    file.write_text(FUND.format(when="left.livng > 0"), encoding="utf-8")
    said = county.tried("project", "check", str(file), "--lang", "en")
    assert said.returncode == 4
    assert "fund.yaml:10" in said.stderr
    assert "living" in said.stderr
    file.write_text(FUND.format(when="left.living > 0"), encoding="utf-8")
    reply = county.json("project", "check", str(file))
    homes = sum(row["lives_in"].startswith("371602") for row in county.nodes("Household") if row["lives_in"])
    assert (reply["looked_at"], reply["of"], reply["never"]) == (homes, homes, [])
    assert 0 < reply["households"] <= homes
    assert [(one["region"], one["households"]) for one in reply["areas"]] == [("371602", reply["households"])]
    shown = county.run("project", "check", str(file), "--lang", "en")
    assert f"All {homes} households there were looked at. {reply['households']} match" in shown
    assert county.json("project", "list") == []
    file.write_text(FUND.format(when="left.living > yuan(1) and left.living < yuan(1)"), encoding="utf-8")
    assert "fund.yaml:10" in county.run("project", "check", str(file), code=4) + county.tried("project", "check", str(file)).stderr
    assert county.tried("project", "check", str(county.folder / "none.yaml")).returncode == 3
    assert county.tried("project", "budget", "no-such-fund").returncode == 3
