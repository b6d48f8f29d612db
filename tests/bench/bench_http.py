"""How long a household's bundle takes over HTTP, at a constant rate, from one worker process with a county loaded: on both stores.

    python -m tests.bench.bench_http [households] [requests a second] [seconds] [folder]

A synthetic county is loaded by `aidgraph synthetic`, the service started by `aidgraph serve`. Requests are sent when they are due, whether
or not earlier ones were answered, and timed from then. Four mixes: every request about a household that was not asked for before, so that
nothing can be kept, as JSON and as the page that a worker reads; four questions about each household, which share one page; and fifty
households over and over. Before these some hundred other households are asked about, one after the other and untimed: what is measured is a
service that has been at work for a while, not the first seconds in which a Neo4j server translates its own code. It is started for this and
stopped at the end. With a folder the county is kept there, and used again by the next run.
"""

from __future__ import annotations

import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from api.accounts import NewAccount, add_account, add_key
from api.settings import read_settings
from api.wiring import Desk
from tests.bench.bench_stores import servers

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTY = "371621"
SENDERS, START = 64, 300
REPEATED = 50
BEFORE = 400
"""Requests before those that are timed."""
QUESTIONS = ("bundle", "ask", "needs", "explain/dibao")


def main(households: int, rate: int, seconds: int, folder: Path) -> None:
    with servers(folder) as addresses:
        for name, address in addresses.items():
            measure(name, address, folder, households, rate, seconds)


def measure(name: str, address: str, folder: Path, households: int, rate: int, seconds: int) -> None:
    """Load, serve, ask; a line for each mix."""
    env = {**os.environ, "AIDGRAPH_STORE": address, "AIDGRAPH_KEY_FILE": str(folder / "bench.key"), "AIDGRAPH_LANG": "zh"}
    desk = Desk(replace(read_settings(), store=address, key_file=folder / "bench.key"))
    ids, key = _loaded(env, desk, households)
    desk.close()
    wanted = rate * seconds
    random.Random(5).shuffle(ids)  # by id, neighbours in the file would follow one another
    often, once, pages, asked = ids[:REPEATED], ids[REPEATED:][:wanted], ids[REPEATED:][wanted:][:wanted], ids[REPEATED:][2 * wanted :]
    mixes = {
        "each household once": [f"/api/households/{id_}/bundle" for id_ in once],
        "each household's page once": [f"/households/{id_}" for id_ in pages],
        "four questions about each": [f"/api/households/{id_}/{question}" for id_ in asked[: wanted // 4] for question in QUESTIONS],
        f"{REPEATED} households again and again": [f"/api/households/{often[n % REPEATED]}/bundle" for n in range(wanted)],
    }
    with _serving(env, folder) as (url, pid), httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:
        for id_ in [*ids[-BEFORE:], *often]:
            client.get(f"/api/households/{id_}/bundle").raise_for_status()
        for mix, paths in mixes.items():
            before = _processor(pid)
            times = sorted(_asked(client, paths, rate))
            used = (_processor(pid) - before) * 1000 / len(paths)
            p50, p95 = statistics.median(times), times[int(len(times) * 0.95)]
            told = f"{name:<7}{len(ids):>7,} households  {mix:<33}{len(times):>5} at {rate}/s"
            print(f"{told}  p50 {p50:6.0f} ms  p95 {p95:6.0f} ms  processor {used:4.0f} ms each", flush=True)  # noqa: T201 - a script


def _loaded(env: dict[str, str], desk: Desk, households: int) -> tuple[list[str], str]:
    """The households of the county, loaded unless they were before, and a key that may read them all."""
    store = desk.store_for_identity
    store.migrate()
    if store.count("Household") < households:
        _run(env, "synthetic", "--county", COUNTY, "--households", str(households))
    if store.get("Account", "bench") is None:
        add_account(store, NewAccount("bench", "officer", ("*",)), "a password for one bench", desk.now())
    key = add_key(store, "bench", desk.now(), until=None)
    return [id_ for frame in store.scan_nodes("Household") for id_ in frame.get_column("id").to_list()], key


def _processor(pid: int) -> float:
    """Seconds of processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _asked(client: httpx.Client, paths: list[str], rate: int) -> list[float]:
    """Milliseconds from when each request was due until it was answered."""
    begun = time.perf_counter() + 0.1

    def ask(number: int) -> float:
        due = begun + number / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        client.get(paths[number]).raise_for_status()
        return (time.perf_counter() - due) * 1000

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(ask, range(len(paths))))


@contextmanager
def _serving(env: dict[str, str], folder: Path) -> Iterator[tuple[str, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(_words("serve", "--port", str(port)), env=env, stdout=log, stderr=subprocess.STDOUT)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + START
    try:
        while time.monotonic() < until:
            try:
                httpx.get(f"{url}/api/ready", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.3)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _words(*words: str) -> list[str]:
    return [sys.executable, "-c", "from api.cli import main; main()", *words]


def _run(env: dict[str, str], *words: str) -> None:
    done = subprocess.run(_words(*words), env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    told = [int(word) for word in sys.argv[1:4]]
    number, rate, seconds = (*told, *(30_000, 15, 40)[len(told) :])
    with tempfile.TemporaryDirectory() as temporary:
        main(number, rate, seconds, Path(sys.argv[4] if len(sys.argv) > 4 else temporary))
