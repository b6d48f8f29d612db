"""An invented country, its catalogue and its cases written from the language page alone: none of its policies is left out."""

from __future__ import annotations

from tests.policy_cases import FOREIGN
from tests.run_cases import read_country


def test_each_policy_has_a_case_that_expects_something_of_it() -> None:
    catalogue, cases = read_country(FOREIGN)
    assert {policy for case in cases for policy, _ in (*case.verdicts, *case.amounts)} == set(catalogue.policies)
