"""A region's households through the same engine as one: some hundred at a time, each partition kept together with the mark of progress.

A run that was cut off goes on where it was: what a partition left behind and the mark are one unit of the store. Two processes on
one run help each other; whoever comes second with a partition goes on from the mark. Source: design sections 2 and 12.
"""

import datetime as dt
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from api.batch_workers import Answered, Home, Task, answering, processes_for
from graph.regions import ancestors, within
from graph.store import GraphStore, Prefix, Tables, Writer
from matcher.kept import Result, of_text
from matcher.pipeline import Engine
from matcher.slots import on_day

LEAST, MOST = 500, 2_000
"""Households answered and committed at once: the more, the less each costs; the fewer, the sooner all processes are at work."""
TURNS = 4
"""Partitions for each process at least, where there are enough households."""
KEPT = 2
"""Runs of a region whose results are kept; those of earlier ones are taken away when a run is done."""
PAGE = 1_000
COUNTS = ("households", "people", "ready", "asking", "lacking")


@dataclass(frozen=True, slots=True)
class Batch:
    """One run. Counts: what is done; households that can apply for something, have something to be checked, lack something."""

    id: str
    region: str
    as_of: dt.date
    catalogue: str
    near: bool
    state: str
    begun_at: dt.datetime
    total: int
    after: str = ""
    households: int = 0
    people: int = 0
    ready: int = 0
    asking: int = 0
    lacking: int = 0
    ended_at: dt.datetime | None = None

    def row(self) -> dict[str, Any]:
        """As it is stored."""
        names = ("id", "as_of", "catalogue", "near", "state", "begun_at", "total", "after", *COUNTS, "ended_at")
        return {"area": self.region} | {name: getattr(self, name) for name in names}


def batch_of(row: dict[str, Any]) -> Batch:
    """A run as it was stored."""
    return Batch(region=row["area"], **{name: value for name, value in row.items() if name in Batch.__slots__})


def begin(store: GraphStore, region: str, as_of: dt.date, catalogue: str, *, near: bool, now: dt.datetime) -> Batch:
    """The run of this region, day and catalogue that was cut off, or a new one."""
    runs = runs_of(store, region)
    for run in runs:
        if run.state == "running" and (run.as_of, run.catalogue, run.near) == (as_of, catalogue, near):
            return run
    total = sum(len(some) for some in homes_in(store, region, as_of))
    run = Batch(f"{region}/{as_of.isoformat()}/{len(runs) + 1:06}", region, as_of, catalogue, near, "running", now, total)

    def unit(writer: Writer) -> Batch:
        there = writer.get("BatchRun", run.id)  # somebody may have begun it since
        if there is None:
            writer.upsert_nodes("BatchRun", [run.row()])
        return run if there is None else batch_of(there)

    return store.write(unit)


@dataclass(slots=True)
class Spent:
    """Seconds of processor: of reading and handing over, of rules and results, of writing; how many processes share the second."""

    reading: float = 0
    rules: float = 0
    writing: float = 0
    processes: int = 1


def go_on(
    store: GraphStore, engine: Engine, run: Batch, *, together: int | None = None, processes: int | None = None, spent: Spent | None = None
) -> Iterator[Batch]:
    """Answer what is still to be answered; the run after each partition, the last one when everything is kept.

    together: households at once, processes: how many others answer; None: as the work is worth. spent: is added to.
    """
    spent = Spent() if spent is None else spent
    if processes is None:
        processes = processes_for(run.total - run.households)
    if together is None:
        together = min(MOST, max(LEAST, (run.total - run.households) // (TURNS * max(1, processes))))
    spent.processes = max(1, processes)
    with answering(engine, Task(run.as_of, run.near, run.catalogue, run.begun_at), processes=processes) as answer:
        waiting: deque[tuple[dict[str, str], Answered]] = deque()
        for some in _partitions(store, run, together):
            waiting.append((some, answer(*_read(store, some, spent))))
            while len(waiting) > processes:
                yield (run := _collect(store, run, *waiting.popleft(), spent))
        while waiting:
            yield (run := _collect(store, run, *waiting.popleft(), spent))


def finish(store: GraphStore, run: Batch, now: dt.datetime) -> Batch:
    """Call the run done, and take away the results of earlier runs of the region."""
    done = replace(run, state="done", ended_at=now)
    store.write(lambda writer: writer.upsert_nodes("BatchRun", [done.row()]))
    for old in [one for one in runs_of(store, run.region) if one.id != run.id and one.state != "dropped"][KEPT - 1 :]:
        _drop(store, old)
    return done


def runs_of(store: GraphStore, region: str) -> list[Batch]:
    """The runs of a region, the newest first."""
    found: list[Batch] = []
    for page in nodes(store, "BatchRun", f"{region}/"):
        found += [batch_of(row) for row in page]
    return sorted(found, key=lambda run: (run.begun_at, run.id), reverse=True)


def newest_run(store: GraphStore, region: str, as_of: dt.date | None = None) -> Batch | None:
    """The newest finished run, of a day if one is named, of the region or of one around it."""
    runs = (run for code in (region, *ancestors(region)) for run in runs_of(store, code))
    return next((run for run in runs if run.state == "done" and as_of in (None, run.as_of)), None)


def kept_results(store: GraphStore, run: str) -> Iterator[tuple[str, Result]]:
    """(region, result) of every household of a run, in the order of their ids."""
    for page in nodes(store, "Result", f"{run}/"):
        yield from ((row["area"], of_text(row["text"])) for row in page)


def homes_in(store: GraphStore, region: str, as_of: dt.date) -> Iterator[dict[str, str]]:
    """Households that live in a region on the day, each with the code of its place; streamed in the order of their ids."""
    last = ""
    for edges in store.scan_edges("LIVES_IN"):
        rows = on_day(edges, as_of).select("src", "dst").unique("src", keep="first", maintain_order=True)
        codes = [code for code in rows.get_column("dst").unique().to_list() if within(code, region)]
        found = dict(rows.filter((pl.col("src") != last) & pl.col("dst").is_in(codes)).iter_rows())
        last = edges.get_column("src").to_list()[-1]
        if found:
            yield found


def _partitions(store: GraphStore, run: Batch, together: int) -> Iterator[dict[str, str]]:
    """The households after the mark, some at a time, neighbours together: the same rules hold for them, and are run once for all of them.

    Who lives where is held in memory, a hundred bytes a household; what is known of them is read a partition at a time.
    """
    homes = {home: place for some in homes_in(store, run.region, run.as_of) for home, place in some.items()}
    waiting = sorted((home for home in homes if _mark(home, homes[home]) > run.after), key=lambda home: _mark(home, homes[home]))
    for first in range(0, len(waiting), together):
        yield {home: homes[home] for home in waiting[first : first + together]}


def _mark(home: str, place: str) -> str:
    """How far a run is when this household is done: they are taken place by place, then by id."""
    return f"{place}/{home}"


def _read(store: GraphStore, homes: dict[str, str], spent: Spent) -> tuple[Tables, list[str]]:
    """What is known of a partition, and those of its households that are there: one that was taken away meanwhile has no result."""
    began = time.process_time()
    tables = store.neighbourhoods(list(homes))
    there = set(tables["Household"].get_column("id").to_list())
    spent.reading += time.process_time() - began
    return tables, [home for home in homes if home in there]


def _collect(store: GraphStore, run: Batch, homes: dict[str, str], answered: Answered, spent: Spent) -> Batch:
    """Keep a partition's results, but for those that somebody else kept meanwhile."""
    answers = answered.result()
    began = time.process_time()
    while homes := {home: region for home, region in homes.items() if _mark(home, region) > run.after}:
        run = _keep(store, run, homes, [one for one in answers.homes if one.id in homes])
    spent.rules += answers.seconds
    spent.writing += time.process_time() - began
    return run


def _keep(store: GraphStore, run: Batch, places: dict[str, str], homes: list[Home]) -> Batch:
    """Commit a partition with its mark, unless somebody else did; the run as the store has it."""
    rows = [{"id": f"{run.id}/{one.id}", "run": run.id, "household": one.id, "area": places[one.id], "text": one.text} for one in homes]
    ranks = [one.rank for one in homes if one.rank is not None]
    marked = replace(
        run,
        after=max(_mark(home, region) for home, region in places.items()),
        households=run.households + len(homes),
        **{name: getattr(run, name) + sum(getattr(one, name) for one in homes) for name in COUNTS[1:]},
    )

    def unit(writer: Writer) -> Batch:
        there = writer.get("BatchRun", run.id)
        if there is not None and there.get("after", "") != run.after:
            return batch_of(there)
        writer.upsert_nodes("Result", rows)
        writer.upsert_nodes("Household", ranks)
        writer.upsert_nodes("BatchRun", [marked.row()])
        return marked

    return store.write(unit)


def _drop(store: GraphStore, run: Batch) -> None:
    """Take a run's results away, a page at a time, and say so on the run."""
    for page in nodes(store, "Result", f"{run.id}/"):
        gone = [row["id"] for row in page]
        store.write(lambda writer, gone=gone: writer.delete("Result", gone))  # type: ignore[misc]  # bound now: the loop moves on
    store.write(lambda writer: writer.upsert_nodes("BatchRun", [{"id": run.id, "state": "dropped"}]))


def nodes(store: GraphStore, kind: str, start: str) -> Iterator[list[dict[str, Any]]]:
    """Nodes whose id begins so, page by page."""
    after: str | None = None
    while True:
        page = store.find(kind, {"id": Prefix(start)}, limit=PAGE, after=after)
        if page.rows:
            yield page.rows
        after = page.after
        if after is None:
            return
