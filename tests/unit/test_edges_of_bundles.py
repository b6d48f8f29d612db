"""Kinds of edge that only a bundle reads: without them it says something else. The others are at `tests/contract/test_questions.py`."""

from pathlib import Path

import pytest

from matcher.answers import Answers
from matcher.bundle import bundle_of
from matcher.cases import load_cases
from matcher.evidence import Evidence
from matcher.loader import load_catalogue
from matcher.pipeline import Question
from tests.contract.test_questions import ONLY_IN_BUNDLES
from tests.factories import engine_for, tables_of

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FILE, CASE = "anxin-relief-fund.yaml", "at the threshold, six tenths"


@pytest.mark.parametrize("kind", sorted(ONLY_IN_BUNDLES - {"APPLIED_FOR"}))
def test_a_bundle_changes_without_it(kind: str) -> None:
    catalogue = load_catalogue(SEEDS)
    (case,) = (one for one in load_cases(SEEDS / "cases" / FILE, catalogue) if one.name == CASE)
    engine = engine_for(catalogue, case)
    tables = tables_of(case.record, catalogue, case.as_of)
    question = Question(case.record.households[0].id, case.as_of)
    told = []
    for some in (tables, {**tables, kind: tables[kind].clear()}):
        answers = Answers(engine.answer(some, question), Evidence(some, engine.catalogue, case.as_of, None))
        told.append(repr(bundle_of(answers, some, as_of=case.as_of)))
    assert told[0] != told[1]
