"""What to check next: which facts, lists and consents are asked for, and in which order."""

# ruff: noqa: E501  the households stand on one line, as in a case file

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from matcher.cases import load_cases
from matcher.loader import load_catalogue
from tests.factories import answer_case, case_of, engine_for
from tests.oracle import Oracle
from tests.unit.small_catalogue import SMALL, a_policy, a_term, load

if TYPE_CHECKING:
    from matcher.answers import Answers
    from matcher.catalogue import Catalogue
    from matcher.judge import Case
    from matcher.pipeline import Engine

SEEDS = Path(__file__).parents[2] / "seeds"
DEFAULTS = """\
- defaults: {household: {region: "371602", residence: urban, awards: [], recognitions: []},
             person: {wage_month: 0, grade: 4, bills: [], supporters: [], awards: [], recognitions: []},
             outsider: {wage_month: 0, supporters: []}}
"""


def oracle_for(engine: Engine, case: Case) -> Oracle:
    """The oracle on the same case."""
    return Oracle(engine.catalogue, case.record, case.as_of, case.known_by, case.terms)


def answers_of(catalogue: Catalogue, case: str) -> Answers:
    """The answers to one case written in YAML, on the day that all these cases have."""
    return answer_case(catalogue, case_of(f"{DEFAULTS}- name: one\n  as_of: 2026-08-01\n  {case}\n", catalogue))


def settling(answers: Answers) -> set[tuple[str, str | None]]:
    """The questions that stand in undecided verdicts."""
    return {(question.name, question.who) for question in answers.asked_for if question.settles}


def one_rule(tmp_path: Path, when: str, *, unit: str = "household", terms: str = "") -> Catalogue:
    """A catalogue with a single policy of one clause."""
    files = {"policies/basic/dibao.yaml": a_policy("one", when, unit=unit), "policies/other/two.yaml": a_policy("two", "False")}
    return load(tmp_path, files | ({"terms/more.yaml": terms} if terms else {}))


@pytest.mark.parametrize(
    "household",
    [
        "{members: [{as: mother, born: 1982-03-05, wage_month: unknown}]}",
        "{members: [{as: mother, born: 1982-03-05}, {as: child, wage_month: unknown}]}",
        "{residence: unknown, members: [{as: mother, wage_month: 900}]}",
        "{incomplete: [members], members: [{as: mother, wage_month: 900}]}",
        "{members: [{as: mother, bills: unknown}]}",
        "{members: [{as: mother, bills: [{billed_on: 2026-01-01, total: 20000, out_of_scope: unknown}]}]}",
        "{members: [{as: mother, bills: [{billed_on: unknown, total: 20000, out_of_scope: 0}]}]}",
        "{residence: unknown, members: [{as: mother, wage_month: unknown, bills: unknown}, {as: child, wage_month: unknown, bills: unknown}]}",
    ],
)
def test_the_catalogue_of_the_language_page_asks_what_the_oracle_asks(tmp_path: Path, household: str) -> None:
    catalogue = load(tmp_path, {})
    case = case_of(f"{DEFAULTS}- name: one\n  as_of: 2026-08-01\n  household: {household}\n", catalogue)
    engine = engine_for(catalogue, case)
    assert settling(answer_case(catalogue, case, engine=engine)) == set(oracle_for(engine, case).questions())


def cases_of_dibao(catalogue: Catalogue) -> list[Case]:
    """All cases of the file on dibao."""
    return load_cases(SEEDS / "cases" / "dibao.yaml", catalogue)


def agree(catalogue: Catalogue, cases: list[Case]) -> int:
    """How many cases were compared: those where both find the same verdicts."""
    engines: dict[str, Engine] = {}
    compared = 0
    for case in cases:
        engine = engines.setdefault(repr(sorted(case.standards.items(), key=str)), engine_for(catalogue, case))
        answers, oracle = answer_case(catalogue, case, engine=engine), oracle_for(engine, case)
        subjects = [
            (policy, None if who == answers.household else who) for policy in oracle.rules.policies for who in answers.subjects(policy)
        ]
        if all(answers.verdict(*each) == oracle.verdict(*each) for each in subjects):
            assert settling(answers) == set(oracle.questions()), case.name
            for each in subjects:
                assert answers.opened_by(*each) == oracle.opened_by(*each), (case.name, each)
            compared += 1
    return compared


def test_the_seeds_ask_what_the_oracle_asks() -> None:
    catalogue = load_catalogue(SEEDS)
    assert agree(catalogue, [case for case in cases_of_dibao(catalogue) if case.ask_for][:8]) >= 5


@pytest.mark.slow
def test_every_case_of_dibao_asks_what_the_oracle_asks() -> None:
    catalogue = load_catalogue(SEEDS)
    assert agree(catalogue, cases_of_dibao(catalogue)) > 90


def test_nothing_is_asked_where_everything_is_known(tmp_path: Path) -> None:
    assert answers_of(load(tmp_path, {}), "household: {members: [{as: mother, wage_month: 500}]}").asked_for == []


def test_a_failed_clause_beside_an_unknown_one_asks_nothing(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "grade == 1 and wage_month < yuan(100)", unit="person")
    assert answers_of(catalogue, "household: {members: [{as: mother, wage_month: unknown, grade: 2}]}").questions() == []


def test_an_or_that_holds_asks_nothing(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "grade == 4 or wage_month < yuan(100)", unit="person")
    assert answers_of(catalogue, "household: {members: [{as: mother, wage_month: unknown}]}").questions() == []


def test_questions_go_through_terms_to_the_facts_of_entries(tmp_path: Path) -> None:
    terms = a_term("poor", "all(supporters, wage_month < yuan(100), where=years_since(born) < 60)")
    catalogue = one_rule(tmp_path, "any(members, poor)", terms=terms)
    told = "household: {members: [{as: mother, supporters: [{as: son, duty: child, consents: [{scope: [economy]}], wage_month: unknown}]}]}"
    assert settling(answers_of(catalogue, told)) == {("born", "son"), ("wage_month", "son")}


def test_an_entry_that_is_surely_left_out_is_not_asked_about(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "sum(members, wage_month, where=grade < 3) < yuan(100)")
    told = "household: {members: [{as: mother, wage_month: unknown, grade: 3}, {as: child, wage_month: unknown, grade: 1}]}"
    assert settling(answers_of(catalogue, told)) == {("wage_month", "child")}


SON = "household: {{members: [{{as: mother, supporters: [{{as: son, duty: child, {}}}]}}]}}"


def test_a_wage_that_is_known_but_not_allowed_asks_for_the_consent_alone(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "any(members, any(supporters, wage_month > yuan(100)))")
    assert settling(answers_of(catalogue, SON.format("wage_month: 500"))) == {("consent", "son")}


def test_a_wage_that_is_neither_known_nor_allowed_asks_for_both(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "any(members, any(supporters, wage_month > yuan(100)))")
    assert settling(answers_of(catalogue, SON.format("wage_month: unknown"))) == {("consent", "son"), ("wage_month", "son")}


def test_a_consent_for_something_else_is_none_for_the_wage(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "any(members, any(supporters, wage_month > yuan(100)))")
    told = SON.format("wage_month: 500, consents: [{scope: [photograph]}]")
    assert settling(answers_of(catalogue, told)) == {("consent", "son")}


def test_a_list_that_may_have_more_entries_is_asked_for(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "count(members) < 2")
    answers = answers_of(catalogue, "household: {incomplete: [members], members: [{as: mother}]}")
    assert [(question.kind, question.name, question.who) for question in answers.asked_for] == [("list", "members", None)]


def test_the_list_of_recognitions_is_asked_for_where_one_could_stand_on_it(tmp_path: Path) -> None:
    catalogue = one_rule(tmp_path, "recognised.two")
    assert settling(answers_of(catalogue, "household: {recognitions: unknown, members: [{as: mother}]}")) == {("recognitions", None)}


def test_a_question_names_who_can_tell_and_what_it_could_settle(tmp_path: Path) -> None:
    (question,) = answers_of(load(tmp_path, {}), "household: {members: [{as: mother, wage_month: unknown}]}").asked_for
    assert question.to_json() == {
        "kind": "fact",
        "name": "wage_month",
        "who": "mother",
        "label": {"zh": "月工资", "en": "monthly wage"},
        "ask": "human-resources",
        "settles": [{"policy": "dibao", "who": None}],
        "prices": [],
        "up_to_fen": 12 * 101_000,
        "open_ended": 0,
        "slots": ["government"],
    }


@pytest.mark.parametrize(("a_month", "first"), [(9_000, "bills"), (90_000, "wage_month")])
def test_the_question_that_could_settle_more_yuan_comes_first(tmp_path: Path, a_month: int, first: str) -> None:
    """The fund pays 500,000 yuan once at most; dibao is made to pay more or less than that over twelve months."""
    told = "household: {members: [{as: mother, wage_month: unknown, bills: unknown}]}"
    changed = SMALL["policies/basic/dibao.yaml"].replace("max(0, standard.dibao(residence) - income_per_head)", f"yuan({a_month})")
    assert answers_of(load(tmp_path, {"policies/basic/dibao.yaml": changed}), told).asked_for[0].name == first


def test_an_amount_that_is_not_fixed_is_asked_about_after_the_verdicts(tmp_path: Path) -> None:
    answers = answers_of(load(tmp_path, {}), "household: {residence: unknown, members: [{as: mother, wage_month: 800, bills: unknown}]}")
    assert answers.verdict("dibao", None) == "eligible"
    found = [(question.name, bool(question.settles), [item.policy for item in question.prices]) for question in answers.asked_for]
    assert found == [("bills", True, []), ("residence", False, ["dibao"])]
