"""Several programs on one store, and programs that die in the middle of writing."""

import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest

from graph.store import GraphStore
from tests.contract.one_writer import SHARED, unit
from tests.contract.opening import open_at

ROOT = Path(__file__).parents[2]
KINDS = ("Household", "Person", "Statement", "MEMBER_OF", "ABOUT")


def _writer(url: str, name: str, units: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.contract.one_writer", url, name, str(units)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _count(store: GraphStore) -> int:
    return int((store.get("Meta", SHARED) or {"value": "0"})["value"])


def test_two_programs_that_make_a_store_at_once_both_succeed_and_lose_nothing(url: str) -> None:
    writers = [_writer(url, name, 100) for name in ("a", "b")]
    for writer in writers:
        printed, _ = writer.communicate(timeout=60)
        assert printed.split() == ["ready", *map(str, range(100))]
        assert writer.returncode == 0
    store = open_at(url)
    assert {store.count(kind) for kind in KINDS} == {200}
    assert _count(store) == 200
    store.close()


def test_threads_share_a_store(store: GraphStore) -> None:
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(25):
                store.write(unit(name, number))
                store.neighbourhood("Household", f"{name}-{number:05}")
        except BaseException as problem:
            failed.append(problem)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert _count(store) == 100


@pytest.mark.slow
def test_twenty_programs_killed_while_writing_lose_nothing_that_was_acknowledged(store: GraphStore, url: str) -> None:
    order = Random(20)
    acknowledged = 0
    for batch in range(5):
        names = [f"w{batch}{n}" for n in range(4)]
        writers = [_writer(url, name, 100_000) for name in names]
        for name, writer in zip(names, writers, strict=True):
            acknowledged += _kill_in_the_middle(writer, order.randrange(1, 60), name, store)
        assert {store.count(kind) for kind in KINDS} == {_count(store)}, "half a unit was kept"
    assert acknowledged >= 20
    assert _count(store) - acknowledged <= 20, "at most the one unit that each was about to acknowledge"


def _kill_in_the_middle(writer: subprocess.Popen[str], after: int, name: str, store: GraphStore) -> int:
    """Let it write so many units, kill it, and see that all that it acknowledged is stored. Returns how many it did."""
    assert writer.stdout is not None
    for _ in range(after + 1):
        writer.stdout.readline()
    writer.kill()
    told = after + len(writer.stdout.read().splitlines())
    writer.wait()
    writer.stdout.close()
    for number in range(told):
        mark = f"{name}-{number:05}"
        assert (store.get("Statement", mark) or {})["fact_number"] == number
    return told
