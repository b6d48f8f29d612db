"""An invented country, its catalogue and its cases written from the language page alone: through the store, and through the oracle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.case_run import CaseRun, case_files
from graph.open import open_store
from matcher.loader import load_catalogue
from tests.run_cases import differences, run_case

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.judge import Case

FOREIGN = Path(__file__).resolve().parent / "foreign"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(FOREIGN)


@pytest.fixture(scope="module")
def cases(catalogue: Catalogue) -> list[Case]:
    files = case_files([FOREIGN / "cases"], catalogue)
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


def test_each_policy_has_a_case_that_expects_something_of_it(catalogue: Catalogue, cases: list[Case]) -> None:
    expected = {policy for case in cases for policy, _ in (*case.verdicts, *case.amounts)}
    assert expected == set(catalogue.policies)
