"""The cases of the shipped catalogue: that none is wanting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from matcher.reads import terms_of
from tests.policy_cases import SEEDS
from tests.run_cases import read_country

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.judge import Case

VERDICTS = {"eligible", "not eligible", "unknown"}
COUNTED_FROM_BILLS = {"basic-medical-insurance", "major-illness-insurance", "supplementary-insurance", "medical-aid-settled"}
"""Read off a bill, never judged: they have no conditions that a case could fail."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_country(SEEDS)[0]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return read_country(SEEDS)[1]


def test_the_golden_cases_are_there(cases: list[Case]) -> None:
    names = {Path(case.file).stem for case in cases}
    assert {f"c{number}" for number in range(1, 9)} <= names
    assert all(case.assumed for case in cases if Path(case.file).stem in {f"c{number}" for number in range(1, 9)})
    assert len(cases) >= 60


def test_each_policy_has_a_case_for_each_verdict(catalogue: Catalogue, cases: list[Case]) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        for (policy, _), verdict in case.verdicts.items():
            seen[policy].add(verdict)
    wanting = {p: sorted(VERDICTS - seen[p]) for p in catalogue.policies if VERDICTS - seen[p] and p not in COUNTED_FROM_BILLS}
    assert not wanting


def test_no_case_is_content_with_any_amount(cases: list[Case]) -> None:
    amounts = [(case.name, one) for case in cases for one in (*case.amounts.values(), *case.left.values())]
    assert not [name for name, one in amounts if not one.ends and not one.lo and (one.hi is None or one.hi > 0)]


def test_whoever_is_asked_for_a_fact_has_a_rank_as_a_source(catalogue: Catalogue) -> None:
    inner = [part for fact in catalogue.facts.values() if isinstance(fact.rows, Mapping) for part in fact.rows.values()]
    asked = {fact.ask for fact in (*catalogue.facts.values(), *inner) if fact.ask}
    assert len(asked) > 20
    assert not asked - set(catalogue.source_rank)


def test_each_term_is_read_by_a_policy_or_a_need(catalogue: Catalogue) -> None:
    expressions = [c.when for vs in catalogue.policies.values() for v in vs for c in v.clauses]
    for versions in catalogue.policies.values():
        for benefit in (v.benefit for v in versions if v.benefit is not None):
            parts = (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap, benefit.hours, benefit.shared)
            expressions += [e for e in parts if e is not None]
    expressions += [e for need in catalogue.needs.values() for e in (need.amount, need.when) if e is not None]
    read: set[str] = set()
    for expression in expressions:
        read |= set(terms_of(expression.node, catalogue))
    assert not set(catalogue.terms) - read
