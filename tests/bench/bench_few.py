"""One plan carried out row by row and with polars on the same households, few and many: where the one overtakes the other.

`make bench` runs it; `python -m tests.bench.bench_few` by hand. The first run row by row translates the plan. Medians, two worlds.
"""
# ruff: noqa: T201 - a script for the terminal: printing is its work

from __future__ import annotations

import datetime as dt
import statistics
import time

from matcher.choices import World
from matcher.pipeline import Engine, Question, run_worlds
from seeds.synthetic import households
from seeds.synthetic_tables import tables_of_records
from tests.factories import shipped

DAY = dt.date(2026, 8, 1)
SIZES, ROUNDS = (1, 5, 20, 80), 5
WORLDS = [World(confirmed=False), World(confirmed=True)]


def main() -> None:
    """Print a line for each number of households."""
    engine = Engine(shipped())
    program = engine.program(DAY)
    for size in SIZES:
        records = list(households(shipped(), count=size, seed=5, as_of=DAY))
        ids = [record.households[0].id for record in records]
        base = engine.frames(tables_of_records(records, shipped(), DAY), ids, Question(ids[0], DAY), program)
        times: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS + 1):
            for few, taken in times.items():
                start = time.perf_counter()
                run_worlds(program, base, WORLDS, few=few)
                taken.append(1000 * (time.perf_counter() - start))
        first, rows_ms = times[True][0], statistics.median(times[True][1:])
        rows = len(WORLDS) * base.height("person")
        print(f"{size:5} households, {rows:6} rows of persons: row by row {rows_ms:6.1f} ms (first run {first:6.1f} ms), "
              f"polars {statistics.median(times[False][1:]):6.1f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
