"""Why and why not: clauses with what they rest on, amounts, reasons for not knowing, rules in words."""

# ruff: noqa: E501  the households stand on one line, as in a case file

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from matcher.explain import explain
from matcher.trace import Range, Tracer
from matcher.words import in_words
from tests.factories import answer_case, case_of
from tests.unit.small_catalogue import STANDARDS, a_policy, a_term, load

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from matcher.answers import Answers
    from matcher.explain import Explanation
    from matcher.grounds import Ground

DEFAULTS = """\
- defaults: {household: {region: "371602", residence: urban, awards: [], recognitions: []},
             person: {wage_month: 0, grade: 4, bills: [], supporters: [], awards: [], recognitions: []},
             outsider: {wage_month: 0, supporters: []}}
"""


def answers_of(folder: Path, told: str, files: dict[str, str] | None = None, *, day: str = "2026-08-01") -> Answers:
    """The answers to one case."""
    catalogue = load(folder, files or {})
    return answer_case(catalogue, case_of(f"{DEFAULTS}- name: one\n  as_of: {day}\n  {told}\n", catalogue))


def one(
    folder: Path, when: str, told: str, *, unit: str = "household", who: str | None = None, files: dict[str, str] | None = None
) -> Explanation:
    """The explanation of a policy of one clause."""
    rules = {"policies/basic/dibao.yaml": a_policy("one", when, unit=unit), "policies/other/two.yaml": a_policy("two", "True")}
    return explain(answers_of(folder, told, rules | (files or {})), "one", who)


def grounds_of(explanation: Explanation) -> tuple[Ground, ...]:
    """The grounds of the first clause."""
    assert explanation.requires is not None
    return explanation.requires.clauses[0].grounds


def within(grounds: Iterable[Ground], kind: str, name: str) -> Ground:
    """The first ground of a kind and name, at any depth."""
    waiting = list(grounds)
    while waiting:
        ground = waiting.pop(0)
        if (ground.kind, ground.name) == (kind, name):
            return ground
        waiting += ground.below
    raise LookupError(name)


def test_a_clause_stands_with_its_words_and_its_result(tmp_path: Path) -> None:
    found = explain(answers_of(tmp_path, "household: {members: [{as: mother, wage_month: 900}]}"), "dibao", None)
    assert found.requires is not None
    (clause,) = found.requires.clauses
    assert (found.verdict, clause.id, clause.result, clause.says.zh) == ("eligible", "income", True, "人均收入低于标准")
    assert clause.words.zh == "各项家庭成员的“月工资”合计低于低保标准（城乡） × 家庭成员的数目"
    assert clause.words.en == "the sum over members of (monthly wage) is below dibao standard (town or village) × the number of members"


def test_the_version_stands_with_its_sources(tmp_path: Path) -> None:
    found = explain(answers_of(tmp_path, "household: {members: [{as: mother}]}"), "dibao", None).to_json()
    assert found["version"] == {
        "regions": ["37"],
        "region": "37",
        "from": "2021-07-01",
        "until": None,
        "sources": [
            {"document": "rules", "article": "第十八条", "mark": "text", "from": "2026-07-01"},
            {"document": "rules", "article": "第五条", "mark": "text", "from": None},
        ],
    }


def test_a_sum_tells_how_many_entries_it_has_and_whose_each_is(tmp_path: Path) -> None:
    told = "household: {incomplete: [members], members: [{as: mother, wage_month: 900}, {as: son, wage_month: 50}]}"
    found = within(grounds_of(one(tmp_path, "sum(members, wage_month) < yuan(100)", told)), "list", "members")
    assert (found.call, found.entries, found.complete, found.value) == ("sum", 2, False, Range(Fraction(95_000), None))
    assert [(entry.who, entry.value) for entry in found.below] == [
        ("mother", Range(Fraction(90_000), Fraction(90_000))),
        ("son", Range(Fraction(5_000), Fraction(5_000))),
    ]


def test_a_fact_stands_with_its_value_and_who_said_it_when(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, wage_month: [{is: 900, on: 2026-06-01, source: visit}, {is: 700, on: 2026-07-01, source: register/x}]}]}"
    found = one(tmp_path, "wage_month < yuan(100)", told, unit="person", who="mother")
    assert [ground.to_json() for ground in grounds_of(found)] == [
        {
            "kind": "fact",
            "name": "wage_month",
            "title": {"zh": "月工资", "en": "monthly wage"},
            "who": "mother",
            "type": "money",
            "value_fen": 70_000,
            "said": {"source": "register/x", "true_on": "2026-07-01", "stale": False},
        }
    ]


def test_on_the_same_day_the_stronger_source_is_the_one_named(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, wage_month: [{is: 900, on: 2026-07-01, source: register}, {is: 700, on: 2026-07-01, source: visit}]}]}"
    (ground,) = grounds_of(one(tmp_path, "wage_month < yuan(100)", told, unit="person", who="mother"))
    assert ground.value == Range(Fraction(90_000), Fraction(90_000))
    assert ground.said is not None
    assert ground.said.source == "register"


def test_a_fact_of_an_edge_stands_with_who_told_of_it_and_when(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, supporters: [{as: son, duty: child, wage_month: 0}, {as: aunt, wage_month: 0}]}]}"
    found = one(tmp_path, "any(supporters, duty == 'child')", told, unit="person", who="mother")
    ground = within(grounds_of(found), "fact", "duty")
    assert ground.to_json()["said"] == {"source": "case", "true_on": "2026-08-01", "stale": False}


def test_an_edge_in_a_list_that_nobody_gave_whole_was_told_on_its_first_day(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, incomplete: [supporters], supporters: [{as: son, duty: child, from: 2026-02-01, wage_month: 0}]}]}"
    found = one(tmp_path, "any(supporters, duty == 'child')", told, unit="person", who="mother")
    ground = within(grounds_of(found), "fact", "duty")
    assert ground.to_json()["said"] == {"source": "case", "true_on": "2026-02-01", "stale": False}


def test_a_fact_of_an_edge_that_nobody_told_has_no_source(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, supporters: [{as: son, wage_month: 0}]}]}"
    found = one(tmp_path, "any(supporters, duty == 'child')", told, unit="person", who="mother")
    assert within(grounds_of(found), "fact", "duty").said is None


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("wage_month: unknown", "fact_unknown"),
        ("wage_month: {is: 900, on: 2026-01-01}", "stale"),
    ],
)
def test_an_unknown_fact_tells_why_it_is_unknown(tmp_path: Path, told: str, code: str) -> None:
    found = one(tmp_path, "wage_month < yuan(100)", f"household: {{members: [{{as: mother, {told}}}]}}", unit="person", who="mother")
    assert [(reason.code, reason.name, reason.who) for reason in found.reasons] == [(code, "wage_month", "mother")]


def test_a_fact_without_consent_is_not_told_and_names_the_consent(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, supporters: [{as: son, duty: child, wage_month: 500}]}]}"
    found = one(tmp_path, "any(supporters, wage_month > yuan(100))", told, unit="person", who="mother")
    assert [(reason.code, reason.who) for reason in found.reasons] == [("no_consent", "son")]
    ground = within(grounds_of(found), "fact", "wage_month")
    assert (ground.value, ground.said) == (Range(Fraction(0), None), None)


def test_an_incomplete_list_is_a_reason(tmp_path: Path) -> None:
    found = one(tmp_path, "count(members) < 3", "household: {incomplete: [members], members: [{as: mother}]}")
    assert [(reason.code, reason.name) for reason in found.reasons] == [("list_incomplete", "members")]


def test_a_standard_stands_with_its_place_document_and_mark(tmp_path: Path) -> None:
    found = explain(answers_of(tmp_path, "household: {members: [{as: mother}]}"), "dibao", None)
    local = within(grounds_of(found), "standard", "dibao").to_json()
    assert local["value_fen"] == 101_000
    assert local["standard"] == {
        "region": "37", "place": "371602", "day": "2026-08-01", "keys": {"residence": ["urban"]},
        "from": "2024-01-01", "document": "notice", "mark": "secondary", "stale": False,
    }  # fmt: skip


def test_a_standard_that_has_run_out_is_marked_stale(tmp_path: Path) -> None:
    old = STANDARDS.replace(
        "from: 2024-01-01, document: notice, mark: secondary", "from: 2024-01-01, until: 2024-12-31, document: notice, mark: secondary"
    )
    found = explain(answers_of(tmp_path, "household: {members: [{as: mother}]}", {"standards/all.yaml": old}), "dibao", None)
    standard = within(grounds_of(found), "standard", "dibao").standard
    assert standard is not None
    assert standard.stale


def test_where_there_is_no_standard_the_reason_names_place_day_and_key(tmp_path: Path) -> None:
    elsewhere = STANDARDS.replace(
        '{region: "37", from: 2024-01-01, document: notice, mark: secondary',
        '{region: "3703", from: 2024-01-01, document: notice, mark: secondary',
    )
    found = explain(answers_of(tmp_path, "household: {members: [{as: mother}]}", {"standards/all.yaml": elsewhere}), "dibao", None)
    (reason,) = found.reasons
    assert (reason.code, reason.name) == ("no_standard", "dibao")
    assert reason.standard is not None
    assert (reason.standard.place, reason.standard.day, reason.standard.keys) == (
        "371602",
        dt.date(2026, 8, 1),
        (("residence", frozenset({"urban"})),),
    )


def test_a_term_stands_with_its_article_and_what_it_rests_on(tmp_path: Path) -> None:
    found = one(tmp_path, "income_per_head < yuan(100)", "household: {members: [{as: mother, wage_month: 900}]}")
    term = within(grounds_of(found), "term", "income_per_head")
    assert [(source.document, source.article) for source in term.sources] == [("rules", "7")]
    assert within(term.below, "fact", "wage_month").value == Range(Fraction(90_000), Fraction(90_000))


def test_what_no_text_fixes_is_case_by_case(tmp_path: Path) -> None:
    tiers = "- {id: fitting, title: {zh: 相符, en: fits}, unit: person, type: yesno, tiers: [{when: grade == 1, is: True}]}\n"
    found = one(tmp_path, "fitting", "household: {members: [{as: mother}]}", unit="person", who="mother", files={"terms/more.yaml": tiers})
    assert [reason.code for reason in found.reasons] == ["case_by_case"]


def test_where_no_version_is_in_force_that_is_the_reason(tmp_path: Path) -> None:
    found = explain(answers_of(tmp_path, "household: {members: [{as: mother}]}", day="2020-01-01"), "dibao", None)
    assert (found.verdict, found.version, [reason.code for reason in found.reasons]) == ("not eligible", None, ["not_in_force"])


def test_of_an_or_that_holds_only_the_part_that_holds_is_named(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother, wage_month: unknown}]}"
    found = one(tmp_path, "grade == 4 or wage_month < yuan(100)", told, unit="person", who="mother")
    assert [ground.name for ground in grounds_of(found)] == ["grade"]


def test_of_a_failing_all_only_the_failing_entry_is_named(tmp_path: Path) -> None:
    told = "household: {members: [{as: mother}, {as: child, grade: 1}]}"
    found = within(grounds_of(one(tmp_path, "all(members, grade > 2)", told)), "list", "members")
    assert [entry.who for entry in found.below] == ["child"]


def test_a_recognition_on_file_tells_since_when(tmp_path: Path) -> None:
    told = "household: {recognitions: [{recognition: two, from: 2025-03-01}], members: [{as: mother}]}"
    (ground,) = grounds_of(one(tmp_path, "recognised.two", told))
    assert (ground.value, ground.since, ground.found_by) == (True, dt.date(2025, 3, 1), ())


def test_a_recognition_found_here_tells_by_which_policy(tmp_path: Path) -> None:
    (ground,) = grounds_of(one(tmp_path, "recognised.two", "household: {members: [{as: mother}]}"))
    assert (ground.value, ground.since, ground.found_by) == (True, None, ("two",))


def test_the_amount_tells_how_it_came_about(tmp_path: Path) -> None:
    found = explain(
        answers_of(tmp_path, "household: {members: [{as: mother, wage_month: 900}, {as: son, wage_month: unknown}]}"), "dibao", None
    )
    (amount,) = found.amounts
    assert (amount.part, amount.value) == ("amount", Range(Fraction(0), Fraction(112_000)))
    assert [(reason.code, reason.who) for reason in amount.reasons] == [("fact_unknown", "son")]
    assert within(amount.grounds, "standard", "dibao").value == Range(Fraction(101_000), Fraction(101_000))


def test_an_explanation_is_plain_json(tmp_path: Path) -> None:
    answers = answers_of(
        tmp_path, "household: {members: [{as: mother, wage_month: unknown, bills: [{billed_on: 2026-01-01, total: 20000}]}]}"
    )
    for policy in ("dibao", "fund"):
        found = json.loads(json.dumps(explain(answers, policy, None).to_json()))
        assert found["policy"] == policy


def test_fewer_levels_leave_terms_closed(tmp_path: Path) -> None:
    answers = answers_of(tmp_path, "household: {members: [{as: mother, wage_month: 900}]}")
    assert all(not ground.below for ground in explain(answers, "dibao", None, deep=0).amounts[0].grounds if ground.kind == "term")


def test_reasons_are_found_however_deep_they_lie(tmp_path: Path) -> None:
    answers = answers_of(
        tmp_path,
        "household: {members: [{as: mother, wage_month: unknown}]}",
        {"policies/basic/dibao.yaml": a_policy("one", "income_per_head < yuan(9)")},
    )
    assert [(reason.code, reason.who) for reason in explain(answers, "one", None, deep=0).reasons] == [("fact_unknown", "mother")]


def test_every_part_of_a_rule_can_be_read_back_from_the_run(tmp_path: Path) -> None:
    answers = answers_of(tmp_path, "household: {members: [{as: mother, wage_month: 900}, {as: son}]}")
    tracer = Tracer(answers.run)
    version = answers.program.policies["dibao"][0]
    spot = tracer.clause(version, version.clauses[0])
    assert tracer.value(spot, 0) is True
    assert [tracer.value(part, 0) for part in spot.here] == [
        Range(Fraction(90_000), Fraction(90_000)),
        Range(Fraction(202_000), Fraction(202_000)),
    ]


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        ("grade in (1, 2)", "残疾等级为1、2之一", "grade is one of 1, 2"),
        ("not grade == 1", "并非“残疾等级为1”", "not (grade is 1)"),
        ("born < date(2000, 1, 31)", "出生日期早于2000年1月31日", "born is before 2000-01-31"),
        ("born + years(60) <= as_of", "出生日期后60年不晚于查询日", "60 years after born is not after the day of the question"),
        ("born + years(1) <= as_of", "出生日期后1年不晚于查询日", "1 year after born is not after the day of the question"),
        ("years_since(born) >= 60", "自出生日期起的周年数不低于60", "whole years since born is at least 60"),
        ("wage_month - yuan(100.5) * 2 > 0", "月工资 − 100.50元 × 2高于0元", "monthly wage − ¥100.50 × 2 is above ¥0"),
        ("max(0, wage_month - yuan(1)) > 0", "月工资 − 1元（不足零按零）高于0元", "monthly wage − ¥1 (not below zero) is above ¥0"),
        (
            "recognised.two or grade == 1 and grade < 3",
            "已认定甲，或（残疾等级为1，且残疾等级低于3）",
            "is recognised: a or (grade is 1 and grade is below 3)",
        ),
        ("any(bills, total > 0, where=billed_on < as_of)", "医疗票据（限“billed_on早于查询日”者）中有一项满足“total高于0元”", None),
        ("left.medical_in_scope > 0", "政策范围内医疗尚缺部分高于0元", "what is left of medical in scope is above ¥0"),
    ],
)
def test_a_rule_reads_back_in_plain_words(tmp_path: Path, when: str, zh: str, en: str | None) -> None:
    rules = {"policies/basic/dibao.yaml": a_policy("one", when, unit="person"), "policies/other/two.yaml": a_policy("two", "True")}
    catalogue = load(tmp_path, rules)
    node = catalogue.policies["one"][0].clauses[0].when.node
    assert in_words(node, catalogue, "zh") == zh
    assert en is None or in_words(node, catalogue, "en") == en


def test_tiers_and_lists_read_back_too(tmp_path: Path) -> None:
    catalogue = load(tmp_path, {"terms/more.yaml": a_term("oldest", "years_since(min(household.members, born, none=as_of)) > 1")})
    tiers = catalogue.terms["care_class"].versions[0].expression.node
    assert in_words(tiers, catalogue, "zh") == "残疾等级不超过2的，“full”；残疾等级为3的，“partial”；其余，“none”"
    oldest = catalogue.terms["oldest"].versions[0].expression.node
    assert in_words(oldest, catalogue, "en") == "whole years since the least over members of (born) is above 1"
