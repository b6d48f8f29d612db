"""`aidgraph copy` into a Neo4j server while first the program and then the server are killed: it goes on, and both hold the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.settings import neo4j_options, read_settings
from graph.copy import KINDS, MARK, Content, content
from graph.neo4j_server.login import Login
from graph.neo4j_server.server import start_server
from graph.open import open_store
from graph.store import GraphStore
from tests.contract.county import a_county
from tests.contract.rows import ids, pairs
from tests.neo4j_service import CACHE, server_alone, watched

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
PEOPLE, OWN = 16_000, 6  # of the county that every kind of node and edge comes from
STORE_ERROR, AWAY, PATIENT = 5, "1", "300"  # exit code; seconds for which a read or write is tried again


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Login]]:
    monkeypatch.setenv("AIDGRAPH_NEO4J_FOLDER", str(tmp_path / "neo4j"))
    monkeypatch.delenv("AIDGRAPH_NEO4J_URI", raising=False)
    with server_alone(tmp_path / "neo4j") as login:
        yield tmp_path / "neo4j", login


def _source(url: str) -> dict[str, Content]:
    """Fill a store and say what it holds."""
    store = open_store(url)
    a_county(store)
    people = [f"x{n:05}" for n in range(PEOPLE)]
    ids(store, "Person", *people)
    pairs(store, "MEMBER_OF", [(one, "h1") for one in people])
    found = {kind: content(store, kind) for kind in KINDS}
    store.close()
    return found


def _copy(source: str, target: str, retry: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from api.cli import main; main()", "--lang", "en", "copy", source, target, "--json"]
    env = {**os.environ, "AIDGRAPH_NEO4J_RETRY": retry}
    return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _when(store: GraphStore, kind: str, more_than: int) -> None:
    """Wait until the copy has brought so many."""
    give_up = time.monotonic() + 300
    while store.count(kind) <= more_than and time.monotonic() < give_up:
        time.sleep(0.03)


def test_killed_again_and_again_a_copy_ends_whole(server: tuple[Path, Login], tmp_path: Path) -> None:
    folder, login = server
    source, target = f"sqlite:///{tmp_path}/source.sqlite", login.uri
    held = _source(source)
    store = open_store(target, neo4j=replace(neo4j_options(read_settings(), target), retry_seconds=300))

    with _copy(source, target, PATIENT) as copying:
        _when(store, "Person", 0)
        copying.send_signal(signal.SIGKILL)
    assert 0 < store.count("Person") < PEOPLE

    with _copy(source, target, AWAY) as copying:
        _when(store, "Person", PEOPLE // 2)
        os.kill(login.process, signal.SIGKILL)
        _, said = copying.communicate()
    assert copying.returncode == STORE_ERROR
    assert "cannot be reached" in " ".join(said.split())

    login = start_server(folder, cache=CACHE, watch=watched(), by="java")
    assert PEOPLE // 2 < store.count("Person") <= PEOPLE + OWN
    with _copy(source, target, PATIENT) as copying:
        _when(store, "MEMBER_OF", 0)
        os.kill(login.process, signal.SIGKILL)
        start_server(folder, cache=CACHE, watch=watched(), by="java")
        printed, said = copying.communicate()
    assert copying.returncode == 0, said

    told = {kind: {"rows": one.rows, "hash": one.hash} for kind, one in held.items()}
    assert json.loads(printed) == told
    assert {kind: content(store, kind) for kind in KINDS} == held
    assert store.get("Meta", MARK) is None
    written = store.changes(limit=10**6)["kind"].to_list()
    assert (written.count("Person"), written.count("MEMBER_OF")) == (held["Person"].rows, held["MEMBER_OF"].rows), "none was written twice"
    store.close()
