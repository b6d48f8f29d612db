"""One household in process: verdicts alone, the bundle with reasons, questions and worlds, near misses. `make bench` runs it.

The household is of case C4's size (three persons) out of the random households; figures are medians over different ones.
"""
# ruff: noqa: T201 - a script for the terminal: printing is its work

from __future__ import annotations

import datetime as dt
import gc
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from matcher.answers import Answers
from matcher.binding import places_of
from matcher.choices import World
from matcher.evidence import Evidence
from matcher.loader import load_catalogue
from matcher.near import search_of
from matcher.pipeline import Engine, Question, decide, run_worlds
from seeds.synthetic import households
from tests.factories import tables_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.store import Tables

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DAY = dt.date(2026, 8, 1)
COUNT, ROUNDS = 20, 5


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some rounds after a first one."""
    work()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


STAGES = ("facts", "verdicts and payments, two worlds", "facts to bundle, questions", "near misses")


def stages(engine: Engine, tables: Tables, household: str) -> dict[str, float]:
    """How long each stage takes for one household."""
    question, regions = Question(household, DAY), places_of(tables, household)
    program, search = engine.program(DAY, regions=regions), search_of(engine.program(DAY, regions=regions, wide=True))
    base = engine.frames(tables, [household], question, program)
    run = decide(program, base)
    gc.collect()
    gc.freeze()  # as the service does once it has compiled
    both = [World(confirmed=False), World(confirmed=True)]

    def whole() -> object:
        answers = Answers(engine.answer(tables, question), Evidence(tables, engine.catalogue, DAY))
        return answers.questions(), answers.chosen()

    work: tuple[Callable[[], object], ...] = (
        lambda: engine.frames(tables, [household], question, program),
        lambda: run_worlds(program, base, both),
        whole,
        lambda: search.misses(base, run),
    )
    return {name: milliseconds(each) for name, each in zip(STAGES, work, strict=True)}


def main(count: int) -> None:
    """Print the median and the 95th percentile over households for each stage."""
    catalogue = load_catalogue(SEEDS)
    engine = Engine(catalogue)
    records = households(catalogue, count=count, seed=5, as_of=DAY)
    found = [stages(engine, tables_of(record, catalogue, DAY), record.households[0].id) for record in records]
    print(f"{count} households, {len(catalogue.policies)} items, {len(catalogue.terms)} terms")
    for name in STAGES:
        times = sorted(each[name] for each in found)
        print(f"{name:36} p50 {statistics.median(times):7.1f} ms   p95 {times[int(0.95 * (len(times) - 1))]:7.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
