"""Partitions answered side by side: by this process alone, or by as many others as there are processors.

Another process gets the catalogue once and compiles it; then tables go in, and what is to be kept comes out. It knows no store.
"""

import datetime as dt
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from api.garbage import seldom
from api.ranking import rank_rows
from graph.store import Tables
from matcher.batch import results_for
from matcher.catalogue import Catalogue
from matcher.kept import as_text
from matcher.pipeline import Engine

MANY = 2_000
"""Households from which on other processes are worth their start: each compiles the catalogue first."""
THREADS = "POLARS_MAX_THREADS"


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked of every household: on which day, with near misses or without, by which catalogue; begun at a moment before reading."""

    as_of: dt.date
    near: bool
    catalogue: str
    begun_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Home:
    """One household's result as text, what a run counts of it, and the rank that it gets, if any."""

    id: str
    text: str
    people: int
    ready: bool
    asking: bool
    lacking: bool
    rank: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answers:
    """The households of a partition; seconds of processor that they took."""

    homes: list[Home]
    seconds: float


Answered = Future[Answers]
Answer = Callable[[Tables, Sequence[str]], Answered]
_engine: Engine | None = None
"""In a process that was started to answer: its own engine."""


def processes_for(households: int) -> int:
    """How many processes to answer so many households with; 0: this one."""
    processors = os.cpu_count() or 1
    return processors if households >= MANY and processors > 1 else 0


@contextmanager
def answering(engine: Engine, task: Task, *, processes: int) -> Iterator[Answer]:
    """What answers partitions, to be collected in any order. processes: how many others; 0: here, at once."""
    if not processes:

        def here(tables: Tables, homes: Sequence[str]) -> Answered:
            done: Answered = Future()
            done.set_result(_answers(engine, tables, homes, task))
            return done

        yield here
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(engine.catalogue,))
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"  # read by a process when it starts
    try:
        yield lambda tables, homes: pool.submit(_answers_there, tables, homes, task)
    finally:
        pool.shutdown(cancel_futures=True)
        os.environ.pop(THREADS)
        if before is not None:
            os.environ[THREADS] = before


def _begin(catalogue: Catalogue) -> None:
    global _engine
    _engine = Engine(catalogue)
    seldom()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Whoever was killed leaves nobody behind that waits for work."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _answers_there(tables: Tables, homes: Sequence[str], task: Task) -> Answers:
    assert _engine is not None
    return _answers(_engine, tables, homes, task)


def _answers(engine: Engine, tables: Tables, homes: Sequence[str], task: Task) -> Answers:
    began = time.process_time()
    results = results_for(engine, tables, homes, task.as_of, near=task.near)
    ranks = {row["id"]: row for row in rank_rows(results, tables, task.as_of, task.catalogue, task.begun_at)}
    made = [
        Home(
            one.household,
            as_text(one),
            people=len(one.members),
            ready=any(i.ready for i in one.items),
            asking=any(i.status == "ask" for i in one.items),
            lacking=any(n.lo > 0 for n in one.needs) or bool(one.unstaffed),
            rank=ranks.get(one.household),
        )
        for one in results
    ]
    return Answers(made, time.process_time() - began)
