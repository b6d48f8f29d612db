"""What holds of every bundle, on random catalogues with random records: Hypothesis draws which.

Knowing more never contradicts what was said before; a bundle keeps its rules; the choice is the best there is. The same on
thousands of households of the shipped catalogue: `test_many_households`.
"""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.answers import Answers
from matcher.bundle import bundle_of
from matcher.pipeline import Engine, Question, decide
from matcher.scope import HOUSEHOLD, PERSON
from seeds.synthetic_tables import tables_of_records
from tests.bundle_rules import best_of_all_subsets, broken_rules
from tests.oracle import Oracle
from tests.random_facts import DAY
from tests.random_records import a_record
from tests.random_rules import a_catalogue
from tests.tellings import blanked, contradictions, table_of, told
from tests.unit.test_agreement import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.pipeline import Run
    from matcher.records import Record
    from matcher.stored import Tables

FIFTHS, IN_EACH = range(5), 5
"""Random catalogues by fifths, so that several workers can share them."""
EXAMPLES = 100
"""In each fifth: 500 together."""


@cache
def ready(number: int) -> tuple[Engine, Any]:
    """A random catalogue's engine and program. Its tables have no holes: a key that turns out to stand in one is no contradiction."""
    rng = random.Random(7000 + number)
    for attempt in range(20):
        catalogue = a_catalogue(rng, Path(mkdtemp()) / str(attempt), holes=False)
        try:
            return Engine(catalogue), compiled(catalogue)
        except RecursionError:
            continue
    raise AssertionError(number)


def answered(engine: Engine, program: Any, record: Record) -> tuple[Run, Tables]:
    """One household's run with its choice, and the tables it was made from."""
    tables = tables_of_records([record], engine.catalogue, DAY)
    household = record.households[0].id
    return decide(program, engine.frames(tables, [household], Question(household, DAY), program)), tables


def examples(test: Callable[..., None]) -> Callable[..., None]:
    """500 examples over all fifths, the same in every run."""
    drawn = given(place=st.integers(0, IN_EACH - 1), seed=st.integers(0, 10**6), often=st.sampled_from([0.1, 0.4]))
    kept = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    shared: Callable[..., None] = pytest.mark.slow(pytest.mark.parametrize("fifth", FIFTHS)(kept(drawn(test))))
    return shared


@examples
def test_knowing_more_never_contradicts_what_was_said(fifth: int, place: int, seed: int, often: float) -> None:
    engine, program = ready(fifth * IN_EACH + place)
    rng = random.Random(seed)
    record = a_record(rng, engine.catalogue, "q", blank=rng.choice([0.0, 0.15]))
    less = blanked(rng, record, often=often)
    assert list(contradictions(*told(engine, {"less-": [less], "more-": [record]}, DAY, program))) == []


@examples
def test_a_bundle_keeps_its_rules_and_is_the_best_of_all_subsets(fifth: int, place: int, seed: int, often: float) -> None:
    engine, program = ready(fifth * IN_EACH + place)
    record = a_record(random.Random(seed), engine.catalogue, "q", blank=often / 4)
    run, tables = answered(engine, program, record)
    answers, oracle = Answers(run), Oracle(engine.catalogue, record, DAY)
    assert list(broken_rules(answers, bundle_of(answers, tables, as_of=DAY), oracle)) == []
    best = best_of_all_subsets(oracle)
    assert best is None or answers.chosen() == best


def test_there_is_often_something_to_choose_between() -> None:
    chosen = 0
    for seed in range(50):
        engine, _ = ready(seed % (IN_EACH * len(FIFTHS)))
        record = a_record(random.Random(seed), engine.catalogue, "q", blank=0.05)
        chosen += best_of_all_subsets(Oracle(engine.catalogue, record, DAY)) is not None
    assert chosen >= 5


@pytest.mark.parametrize("number", range(0, 25, 5))
def test_the_same_input_gives_the_same_bytes(number: int) -> None:
    engine, program = ready(number)
    record = a_record(random.Random(number), engine.catalogue, "q")
    first, tables = answered(engine, program, record)
    second, _ = answered(Engine(engine.catalogue), compiled(engine.catalogue), record)
    for unit in (HOUSEHOLD, PERSON):
        one, other = table_of(first.frames, unit), table_of(second.frames, unit)
        assert one.write_json().encode() == other.select(one.columns).write_json().encode()
    one_bundle, other_bundle = (repr(bundle_of(Answers(run), tables, as_of=DAY)) for run in (first, second))
    assert one_bundle == other_bundle
