"""Partitions answered side by side: by this process alone, or by as many others as there are processors.

Another process gets the catalogue once and compiles it; then tables go in and results come out. It knows no store.
"""

import datetime as dt
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager

from api.garbage import seldom
from graph.store import Tables
from matcher.batch import results_for
from matcher.catalogue import Catalogue
from matcher.kept import Result
from matcher.pipeline import Engine

MANY = 2_000
"""Households from which on other processes are worth their start: each compiles the catalogue first."""
THREADS = "POLARS_MAX_THREADS"

Answered = Future[list[Result]]
Answer = Callable[[Tables, Sequence[str]], Answered]
_engine: Engine | None = None
"""In a process that was started to answer: its own engine."""


def processes_for(households: int) -> int:
    """How many processes to answer so many households with; 0: this one."""
    processors = os.cpu_count() or 1
    return processors if households >= MANY and processors > 1 else 0


@contextmanager
def answering(engine: Engine, as_of: dt.date, *, near: bool, processes: int) -> Iterator[Answer]:
    """What answers partitions, to be collected in any order. processes: how many others; 0: here, at once."""
    if not processes:

        def here(tables: Tables, homes: Sequence[str]) -> Answered:
            done: Answered = Future()
            done.set_result(results_for(engine, tables, homes, as_of, near=near))
            return done

        yield here
        return
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(engine.catalogue,))
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"  # read by a process when it starts
    try:
        yield lambda tables, homes: pool.submit(_answered, tables, homes, as_of, near)
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


def _answered(tables: Tables, homes: Sequence[str], as_of: dt.date, near: bool) -> list[Result]:
    assert _engine is not None
    return results_for(_engine, tables, homes, as_of, near=near)
