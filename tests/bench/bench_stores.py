"""Both stores side by side in one run: what a county of 100,000 households costs to load, to read, to scan and to ask.

    python -m tests.bench.bench_stores [households] [folder]

Three persons and four statements a household; every tenth has a supporter in common with another, every third an award, every second
a need, every fifth a recognition; 600 villages, a volunteer in most, a worker for every second township. The same run gives the same
data. A Neo4j server is started for it and stopped at the end. With a folder the data are kept there, and used again by the next run.
The last lines are the rows of docs/measurements.md.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import neo4j_options, read_settings
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.neo4j_server.java import HEAP_SETTING
from graph.neo4j_server.server import start_server, stop_server
from graph.open import open_store
from graph.store import GraphStore, Writer
from tests.bench.county import DAY, PROFILE, VILLAGES, put_regions, unit, village

A_UNIT = 1_000
ASKED, WARM = 100, 30
ROOT = Path(__file__).parents[2]
MEMORY = {HEAP_SETTING: "1g", "server.memory.pagecache.size": "1g"}
Figures = dict[str, tuple[float, str]]
Questions = dict[str, Callable[[], object]]


def main(households: int, folder: Path) -> None:
    with servers(folder) as addresses:
        figures = {}
        for name, address in addresses.items():
            store = open_store(address, neo4j=neo4j_options(read_settings(), address))
            figures[name] = _loaded(store, households, folder / f"{name}.json") | _read(store, households) | _ask(store, households)
            store.close()
        figures["sqlite"] |= {"on disk": (_megabytes(folder, "bench.sqlite*"), "MB"), "memory of the server": (0, "MB")}
        figures["neo4j"] |= {
            "on disk": (_megabytes(folder / "neo4j" / "data", "**/*"), "MB"),
            "memory of the server": (_resident(folder), "MB"),
        }
    one, other = figures.values()
    for what, (number, measure) in one.items():
        _say(f"| {what}, {measure} | {_short(number)} | {_short(other[what][0])} |")


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """The address of a store of each kind."""
    os.environ["AIDGRAPH_NEO4J_FOLDER"] = str(folder / "neo4j")
    try:
        server = start_server(folder / "neo4j", cache=ROOT / "var" / "neo4j-server", watch=os.getpid(), settings=MEMORY, by="java")
        yield {"sqlite": f"sqlite:///{folder}/bench.sqlite", "neo4j": server.uri}
    finally:
        stop_server(folder / "neo4j")


def _loaded(store: GraphStore, households: int, kept: Path) -> Figures:
    """Load the county, unless it was loaded before; how long that took."""
    if not kept.exists():
        began = time.perf_counter()
        store.write(put_regions)
        for start in range(0, households, A_UNIT):
            store.write(unit(range(start, min(start + A_UNIT, households))))
        store.index_profiles()
        store.shared_awards(DAY)  # the first time it makes pairs ready
        kept.write_text(json.dumps(time.perf_counter() - began))
    assert store.count("Household") == households, f"{kept.parent} holds another county: remove it"
    rows = sum(store.count(kind) for kind in (*NODE_KINDS, *EDGE_KINDS))
    return {"nodes and edges": (rows, "rows"), f"load {households:,} households": (json.loads(kept.read_text()), "s")}


def _read(store: GraphStore, households: int) -> Figures:
    order = random.Random(7)
    homes = [f"h{order.randrange(households):07}" for _ in range(20 * ASKED)]
    times = _times(lambda: store.neighbourhood("Household", homes[order.randrange(len(homes))]), 20 * ASKED)
    figures: Figures = {"neighbourhood p50": (statistics.median(times), "ms"), "neighbourhood p95": (_p95(times), "ms")}
    began = time.perf_counter()
    store.neighbourhoods(homes)
    figures["neighbourhoods of 2,000 at once, each"] = ((time.perf_counter() - began) * 1000 / len(set(homes)), "ms")
    puts = iter(range(10**9))
    times = _times(lambda: store.write(_one_statement(next(puts))), ASKED)
    figures["one durable upsert p50"] = (statistics.median(times), "ms")
    for kind, scan in (("Statement", store.scan_nodes), ("ABOUT", store.scan_edges)):
        began = time.perf_counter()
        rows = sum(len(frame) for frame in scan(kind))
        figures[f"scan {kind}"] = (rows / (time.perf_counter() - began), "rows/s")
    return figures


def _one_statement(n: int) -> Callable[[Writer], int]:
    return lambda writer: writer.upsert_nodes("Statement", [{"id": f"new-{os.getpid()}-{n}", "true_on": DAY, "fact_grade": n}])


def _ask(store: GraphStore, households: int) -> Figures:
    order = random.Random(11)
    townships = sorted({village(n)[:9] for n in range(VILLAGES)})
    questions: Questions = {
        "needs that nobody could meet, whole county": lambda: store.unmet_needs(DAY),
        "needs that nobody could meet, a township": lambda: store.unmet_needs(DAY, within=order.choice(townships)),
        "villages on one helper, whole county": lambda: store.single_helpers(DAY),
        "what opens an item": lambda: store.opening_items(f"item-{order.randrange(60)}", DAY),
        "legal supporters to two steps": lambda: store.supporters(f"h{order.randrange(households):07}-c", DAY),
        "possible duplicates of a household": lambda: store.shared_awards(DAY, household=f"h{order.randrange(households):07}"),
        "possible duplicates of a township": lambda: store.shared_awards(DAY, within=order.choice(townships)),
        "possible duplicates, whole county": lambda: store.shared_awards(DAY),
        "nearest households": lambda: store.nearest([order.randrange(most + 1) for most in PROFILE]),
    }
    return {f"{what} p95": (_p95(_times(question, ASKED)), "ms") for what, question in questions.items()}


def _times(work: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each, sorted, once it is warm."""
    for _ in range(min(WARM, times)):
        work()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def _p95(times: list[float]) -> float:
    return times[int(0.95 * len(times))]


def _megabytes(folder: Path, which: str) -> float:
    return sum(file.stat().st_size for file in folder.glob(which) if file.is_file()) / 1e6


def _resident(folder: Path) -> float:
    process = json.loads((folder / "neo4j" / "login.json").read_text())["process"]
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True).stdout
    return int(told) / 1000


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a script that prints


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
        main(count, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(count, Path(made))
