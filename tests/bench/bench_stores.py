"""Both stores side by side in one run: what a county of 100,000 households costs to load, to read, to scan and to ask.

    python -m tests.bench.bench_stores [households]

Three persons and four statements a household; every tenth has a supporter in common with another, every third an award, every second
a need, every fifth a recognition; 600 villages, a volunteer in most, a worker for every second township. The same run gives the same
data. A Neo4j server is started for it, and stopped and removed at the end.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import neo4j_options, read_settings
from graph.neo4j_server.server import start_server, stop_server
from graph.open import open_store
from graph.store import GraphStore
from tests.bench.county import DAY, PROFILE, VILLAGES, put_regions, unit, village

A_UNIT = 1_000
ASKED = 200
WARM = 20
ROOT = Path(__file__).parents[2]
Figures = dict[str, tuple[float, str]]


def main(households: int) -> None:
    with tempfile.TemporaryDirectory() as folder, _servers(Path(folder)) as addresses:
        figures = {}
        for name, address in addresses.items():
            store = open_store(address, neo4j=neo4j_options(read_settings(), address))
            figures[name] = _load(store, households) | _read(store, households) | _ask(store, households)
            store.close()
    one, other = figures
    print(f"{households:,} households{'':<34}{one:>14}{other:>14}")  # noqa: T201 - a script that prints
    for what, (number, measure) in figures[one].items():
        print(f"{what:<46}{number:>14,.1f}{figures[other][what][0]:>14,.1f} {measure}")  # noqa: T201


@contextmanager
def _servers(folder: Path) -> Iterator[dict[str, str]]:
    """The address of an empty store of each kind."""
    os.environ["AIDGRAPH_NEO4J_FOLDER"] = str(folder / "neo4j")
    try:
        server = start_server(folder / "neo4j", cache=ROOT / "var" / "neo4j-server", watch=os.getpid())
        yield {"sqlite": f"sqlite:///{folder}/bench.sqlite", "neo4j": server.uri}
    finally:
        stop_server(folder / "neo4j")


def _load(store: GraphStore, households: int) -> Figures:
    began = time.perf_counter()
    store.write(put_regions)
    for start in range(0, households, A_UNIT):
        store.write(unit(range(start, min(start + A_UNIT, households))))
    store.index_profiles()
    return {"load": (time.perf_counter() - began, "s")}


def _read(store: GraphStore, households: int) -> Figures:
    order = random.Random(7)
    homes = [f"h{order.randrange(households):07}" for _ in range(10 * ASKED)]
    times = sorted(_milliseconds(lambda id=id: store.neighbourhood("Household", id)) for id in homes)  # type: ignore[misc]
    figures: Figures = {"neighbourhood p50": (statistics.median(times), "ms"), "neighbourhood p95": (_p95(times), "ms")}
    for kind, scan in (("Statement", store.scan_nodes), ("ABOUT", store.scan_edges)):
        began = time.perf_counter()
        rows = sum(len(frame) for frame in scan(kind))
        figures[f"scan {kind}"] = (rows / (time.perf_counter() - began), "rows/s")
    return figures


def _ask(store: GraphStore, households: int) -> Figures:
    order = random.Random(11)
    townships = sorted({village(n)[:9] for n in range(VILLAGES)})
    questions: dict[str, Callable[[], object]] = {
        "needs that nobody could meet, whole county": lambda: store.unmet_needs(DAY),
        "needs that nobody could meet, a township": lambda: store.unmet_needs(DAY, within=order.choice(townships)),
        "villages on one helper, whole county": lambda: store.single_helpers(DAY),
        "what opens an item": lambda: store.opening_items(f"item-{order.randrange(60)}", DAY),
        "legal supporters": lambda: store.supporters(f"h{order.randrange(households):07}-c", DAY),
        "shared awards, a household": lambda: store.shared_awards(DAY, household=f"h{order.randrange(households):07}"),
        "shared awards, a township": lambda: store.shared_awards(DAY, within=order.choice(townships)),
        "nearest households": lambda: store.nearest([order.randrange(most + 1) for most in PROFILE]),
    }
    figures: Figures = {}
    for what, question in questions.items():
        for _ in range(WARM):
            question()
        times = sorted(_milliseconds(question) for _ in range(ASKED))
        figures[f"{what} p95"] = (_p95(times), "ms")
    whole = statistics.median(_milliseconds(lambda: store.shared_awards(DAY)) for _ in range(3))
    return figures | {"shared awards, whole county p50": (whole, "ms")}


def _p95(times: list[float]) -> float:
    return times[int(0.95 * len(times))]


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
