"""Every case of the shipped catalogue: through the store and the engine, and through the plain oracle; and that none is wanting."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.case_run import CaseRun, case_files
from graph.open import open_store
from matcher.loader import load_catalogue
from matcher.reads import terms_of
from tests.run_cases import differences, run_case

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.judge import Case

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
VERDICTS = {"eligible", "not eligible", "unknown"}
COUNTED_FROM_BILLS = {"basic-medical-insurance", "major-illness-insurance", "supplementary-insurance", "medical-aid-settled"}
"""Read off a bill, never judged: they have no conditions that a case could fail."""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(SEEDS)


@pytest.fixture(scope="module")
def cases(catalogue: Catalogue) -> list[Case]:
    files = case_files([SEEDS / "cases"], catalogue)
    assert not [file for file in files if file.problem or file.refused]
    return [case for file in files for case in file.cases]


@pytest.mark.enable_socket
def test_every_case_comes_out_through_the_store_and_the_engine(catalogue: Catalogue, cases: list[Case], tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/cases.sqlite", key=b"k" * 32)
    try:
        results = [result for _, result in CaseRun(store, catalogue).results(cases)]
    finally:
        store.close()
    assert len(results) == len(cases)
    assert not differences(results)


def test_every_case_comes_out_through_the_oracle(catalogue: Catalogue, cases: list[Case]) -> None:
    assert not differences([run_case(catalogue, case) for case in cases])


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


def test_each_term_is_read_by_a_policy_or_a_need_with_cases(catalogue: Catalogue) -> None:
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
