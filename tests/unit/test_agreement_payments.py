"""Minimal cases of what random rules found: the engine and the oracle give the same, and it is what the page says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matcher.cases import read_cases
from matcher.judge import judge
from tests.factories import answer_case
from tests.oracle import Oracle
from tests.unit.small_catalogue import a_policy, load
from tests.unit.test_oracle import benefit

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """\
- defaults:
    household: {region: "371602", residence: urban, awards: [], recognitions: []}
    person: {wage_month: 0, bills: [], supporters: [], awards: [], recognitions: []}
"""
ONE = "members: [{as: mother}]"
TWO = "members: [{as: mother}, {as: child}]"
NEED = "- {id: living, title: {zh: 甲, en: a}, unit: household, kind: money, window: next_12, amount: yuan(100)}\n"
OWN = "- {id: living, title: {zh: 甲, en: a}, unit: person, kind: money, window: next_12, amount: yuan(100)}\n"


def case(household: str, expect: str, *, incomplete: str = "[]") -> str:
    """A case of one household."""
    return f"{HEAD}- name: case\n  as_of: 2026-08-01\n  incomplete: {incomplete}\n  household: {{{household}}}\n  expect: {{{expect}}}\n"


def service(hours: str) -> str:
    """A benefit in hours."""
    return f"benefit: {{kind: service, pays: entitlement, certainty: exact, covers: [], hours: {hours}, per: once}}"


CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "a reimbursement that covers no need is paid whole": (
        case(ONE, "a-one: {verdict: eligible, amount: 50}"),
        {"a-one": a_policy("a-one", more=benefit("yuan(50)", pays="reimbursement"))},
        NEED,
    ),
    "hours are no money granted": (
        case(ONE, "b-two: {verdict: not eligible}"),
        {"a-one": a_policy("a-one", more=service("3")), "b-two": a_policy("b-two", "granted.a_one > 0", more=benefit("yuan(5)"))},
        NEED,
    ),
    "topping up once what is paid monthly takes twelve months off": (
        case(ONE, "b-two: {verdict: eligible, amount: 880}"),
        {
            "a-one": a_policy("a-one", more=benefit("yuan(10)")),
            "b-two": a_policy("b-two", more="tops_up: [a-one]\n" + benefit("yuan(1000)", per="once")),
        },
        NEED,
    ),
    "what an award takes of a shared need is gone for the next person": (
        case(
            "members: [{as: a, awards: [{policy: a-one, paid_on: 2026-07-01, until: 2026-12-31, amount: 100}]}, {as: b}]",
            "a-one@b: {verdict: eligible, amount: 0}",
        ),
        {"a-one": a_policy("a-one", unit="person", more=benefit("yuan(30)", pays="discretionary", covers="[living]", per="once"))},
        NEED,
    ),
    "more members than are known may leave more": (
        case(TWO, "b-two: {verdict: unknown}", incomplete="[members]"),
        {"b-two": a_policy("b-two", "left.living > yuan(500)", more=benefit("yuan(5)"))},
        OWN,
    ),
    "an award counts where the item is not in force": (
        case(
            ONE + ", awards: [{policy: a-one, paid_on: 2026-07-01, until: 2026-12-31, amount: 60}]",
            "a-one: {verdict: not eligible}, left: {living: 40}",
        ),
        {"a-one": a_policy("a-one", more='region: "3701"\n' + benefit("yuan(30)", covers="[living]", per="once"))},
        NEED,
    ),
    "who may share counts among the sharers of the own share": (
        case(
            "members: [{as: a, born: unknown}, {as: b, born: 1980-01-01}, {as: c, born: 1990-01-01}]",
            "b-two@a: {verdict: eligible, amount: [0, 100]}, b-two@b: {verdict: eligible, amount: [100, 150]}",
        ),
        {
            "a-one": a_policy("a-one", more=benefit("yuan(300)", more=", shared: born < as_of")),
            "b-two": a_policy("b-two", unit="person", more=benefit("granted.a_one")),
        },
        NEED,
    ),
    "a floor stands above a ceiling below it": (
        case(ONE, "a-one: {verdict: eligible, amount: 20}"),
        {
            "a-one": a_policy(
                "a-one",
                more="benefit: {kind: cash, pays: entitlement, certainty: range, per: once, at_least: yuan(20), at_most: yuan(5)}",
            )
        },
        NEED,
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_engine_and_oracle_say_what_the_page_says(name: str, tmp_path: Path) -> None:
    text, policies, needs = CASES[name]
    files = {f"policies/{id_}.yaml": policy for id_, policy in policies.items()}
    files |= {"needs.yaml": needs, "policies/basic/dibao.yaml": "", "projects/fund.yaml": ""}
    catalogue = load(tmp_path, files)
    (read,) = read_cases(text, "case.yaml", catalogue)
    for answers in (Oracle(catalogue, read.record, read.as_of, read.known_by, read.terms), answer_case(catalogue, read)):
        result = judge(read, answers)
        assert result.passed, (type(answers).__name__, result.got, result.expected)
