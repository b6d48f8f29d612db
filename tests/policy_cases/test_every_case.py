"""Every case of the shipped catalogue, and of an invented country: through the store and the engine, and through the plain oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.case_run import CaseRun
from graph.open import open_store
from tests.policy_cases import FOREIGN, SEEDS
from tests.run_cases import differences, read_country, run_case

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("folder", [SEEDS, FOREIGN], ids=["seeds", "foreign"])


@pytest.mark.enable_socket
def test_every_case_comes_out_through_the_store_and_the_engine(folder: Path, tmp_path: Path) -> None:
    catalogue, cases = read_country(folder)
    store = open_store(f"sqlite:///{tmp_path}/cases.sqlite", key=b"k" * 32)
    try:
        results = [result for _, result in CaseRun(store, catalogue).results(cases)]
    finally:
        store.close()
    assert len(results) == len(cases)
    assert not differences(results)


def test_every_case_comes_out_through_the_oracle(folder: Path) -> None:
    catalogue, cases = read_country(folder)
    assert not differences([run_case(catalogue, case) for case in cases])
