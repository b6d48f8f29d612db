"""First X, which opens Y: what is eligible only if something else is confirmed first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matcher.paths import Step, opened_by, path_to, unlock_graph
from tests.factories import answer_case, case_of, engine_for
from tests.oracle import Oracle
from tests.unit.small_catalogue import SMALL, a_policy, a_term, load

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.answers import Answers

DEFAULTS = """\
- defaults: {household: {region: "371602", residence: urban, awards: [], recognitions: []},
             person: {wage_month: 0, grade: 4, bills: [], supporters: [], awards: [], recognitions: []}}
"""
POOR = "household: {members: [{as: mother}, {as: child, grade: 1}]}"
RULES = {
    "policies/special/aid.yaml": a_policy("aid", "recognised.dibao", layer="special", unit="person"),
    "policies/special/disabled.yaml": a_policy(
        "disabled", "grade == 1 and low_income", layer="special", unit="person", more="grants: {recognition: helped, months: 12}"
    ),
    "policies/other/visit.yaml": a_policy("visit", "recognised.helped", unit="person"),
    "policies/other/fee.yaml": a_policy("fee", "eligible.visit", unit="person"),
    "terms/more.yaml": a_term("low_income", "recognised.dibao"),
}


def answers_of(folder: Path, told: str, files: dict[str, str] | None = None) -> tuple[Answers, Oracle]:
    """The answers of the engine and of the oracle to one case."""
    catalogue = load(folder, RULES | (files or {}))
    case = case_of(f"{DEFAULTS}- name: one\n  as_of: 2026-08-01\n  {told}\n", catalogue)
    engine = engine_for(catalogue, case)
    return answer_case(catalogue, case, engine=engine), Oracle(engine.catalogue, case.record, case.as_of, None, case.terms)


def test_a_finding_of_the_household_opens_an_item_of_its_members(tmp_path: Path) -> None:
    answers, _ = answers_of(tmp_path, POOR)
    assert answers.verdict("aid", "mother") == "eligible"
    assert opened_by(answers, "aid", "mother") == [Step("dibao", None)]


def test_what_is_on_file_already_opens_nothing(tmp_path: Path) -> None:
    answers, _ = answers_of(tmp_path, "household: {recognitions: [dibao], members: [{as: mother}]}")
    assert answers.verdict("aid", "mother") == "eligible"
    assert answers.opened_by("aid", "mother") == []


def test_what_is_not_eligible_even_then_is_opened_by_nothing(tmp_path: Path) -> None:
    answers, _ = answers_of(tmp_path, "household: {members: [{as: mother, wage_month: 9000}]}")
    assert answers.opened_by("aid", "mother") == []


def test_the_path_names_what_comes_first_first(tmp_path: Path) -> None:
    answers, _ = answers_of(tmp_path, POOR)
    assert path_to(answers, "visit", "child") == [Step("dibao", None), Step("disabled", "child"), Step("visit", "child")]
    assert path_to(answers, "dibao", None) == []


def test_through_a_verdict_one_comes_to_what_is_behind_it(tmp_path: Path) -> None:
    answers, _ = answers_of(tmp_path, POOR)
    assert opened_by(answers, "fee", "child") == [Step("disabled", "child")]


@pytest.mark.parametrize("told", [POOR, "household: {recognitions: [dibao], members: [{as: mother, grade: 1}, {as: child}]}"])
def test_the_oracle_names_the_same(tmp_path: Path, told: str) -> None:
    answers, oracle = answers_of(tmp_path, told)
    for policy in oracle.rules.policies:
        for subject in answers.subjects(policy):
            who = None if subject == answers.household else subject
            assert answers.opened_by(policy, who) == oracle.opened_by(policy, who), (policy, who)


def test_a_changed_rule_changes_what_opens_what(tmp_path: Path) -> None:
    before = unlock_graph(load(tmp_path / "before", RULES))
    changed = {"policies/special/aid.yaml": a_policy("aid", "not recognised.dibao", unit="person")}
    after = unlock_graph(load(tmp_path / "after", RULES | changed))
    assert before.has_edge("dibao", "aid")
    assert not after.has_edge("dibao", "aid")


def test_the_graph_tells_in_which_order_verdicts_are_found(tmp_path: Path) -> None:
    graph = unlock_graph(load(tmp_path, RULES))
    assert all(graph.nodes[x]["stratum"] < graph.nodes[y]["stratum"] for x, y in graph.edges)
    assert set(graph.nodes) == {"dibao", "fund", "aid", "disabled", "visit", "fee"}


def test_of_two_that_exclude_each_other_only_the_one_chosen_opens(tmp_path: Path) -> None:
    second = a_policy("second", "True", layer="basic", more="precludes: [dibao]\ngrants: {recognition: poor, months: 12}")
    rule = SMALL["policies/basic/dibao.yaml"].replace("recognition: dibao,", "recognition: poor,")
    aid = a_policy("aid", "recognised.poor", layer="special", unit="person")
    files = {"policies/basic/second.yaml": second, "policies/basic/dibao.yaml": rule, "policies/special/aid.yaml": aid}
    answers, _ = answers_of(tmp_path, POOR, files)
    assert ("dibao", None) in answers.chosen()
    assert opened_by(answers, "aid", "mother") == [Step("dibao", None)]
