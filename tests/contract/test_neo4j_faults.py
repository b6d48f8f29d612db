"""A Neo4j server that dies, hangs up, refuses or cannot write: nothing doubled, nothing lost, one named error with what to do."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.settings import neo4j_options, read_settings
from graph.errors import StoreUnavailable
from graph.neo4j_options import Neo4jOptions
from graph.neo4j_server.login import Login
from graph.neo4j_server.server import start_server, stop_server
from graph.neo4j_store import Neo4jStore
from graph.store import GraphStore
from tests.contract.one_writer import SHARED, unit
from tests.contract.proxy import Proxy
from tests.contract.rows import put
from tests.neo4j_service import CACHE, driver_of, server_alone, watched

pytestmark = pytest.mark.neo4j
ROOT = Path(__file__).parents[2]
UNITS, BEFORE = 200, 40
DAY = date(2026, 8, 1)
KINDS = ("Household", "Person", "Statement", "MEMBER_OF", "ABOUT")


def _store(address: str, options: Neo4jOptions) -> Neo4jStore:
    return Neo4jStore(address, options, clock=lambda: datetime.now(UTC))


def _options(address: str, **more: Any) -> Neo4jOptions:
    return replace(neo4j_options(read_settings(), address), **more)


@pytest.fixture
def proxied(empty_neo4j: str) -> Iterator[tuple[Neo4jStore, Proxy]]:
    """A store whose line to the server can be cut."""
    with Proxy(urlsplit(empty_neo4j).port or 7687) as proxy:
        store = _store(proxy.address, _options(empty_neo4j))
        store.migrate()
        yield store, proxy
        store.close()


def _whole(store: GraphStore, units: int) -> None:
    assert {kind: store.count(kind) for kind in KINDS} == dict.fromkeys(KINDS, units)
    assert (store.get("Meta", SHARED) or {})["value"] == str(units)
    numbers = store.changes(limit=10**6)["seq"].to_list()
    assert numbers == list(range(1, 6 * units + 1)), "each change told once, with no number left out"


# --- the line is cut ---------------------------------------------------------------------------------------------------------


def test_a_line_that_is_cut_between_units_is_made_anew(proxied: tuple[Neo4jStore, Proxy]) -> None:
    store, proxy = proxied
    for number in range(12):
        if number % 3 == 0:
            proxy.cut()
        store.write(unit("a", number))
    _whole(store, 12)


def test_a_line_cut_within_a_unit_keeps_it_once(proxied: tuple[Neo4jStore, Proxy]) -> None:
    store, proxy = proxied
    tried: list[int] = []

    def broken(writer: Any) -> None:
        tried.append(1)
        if len(tried) == 1:
            writer.upsert_nodes("Household", [{"id": "half"}])
            proxy.cut()
        unit("a", 0)(writer)

    store.write(broken)
    assert len(tried) == 2
    _whole(store, 1)


def test_a_commit_whose_answer_is_lost_is_not_done_twice(proxied: tuple[Neo4jStore, Proxy]) -> None:
    store, proxy = proxied
    for number in range(6):
        cuts = proxy.cuts
        proxy.commits_to_cut = 1
        store.write(unit("a", number))
        assert proxy.cuts == cuts + 1
    _whole(store, 6)


def test_a_put_of_one_question_whose_answer_is_lost_is_not_done_twice(proxied: tuple[Neo4jStore, Proxy]) -> None:
    store, proxy = proxied
    put(store, "Meta", {"id": "head", "value": "0"})
    proxy.cut_at = b"CREATE (:AidGraphChange"
    for number in range(6):
        cuts = proxy.cuts
        proxy.commits_to_cut = 1
        was, now = ({"id": "head", "value": str(each)} for each in (number, number + 1))
        assert store.put_if("Meta", "head", was, {"Meta": [now], "AuditEntry": [{"id": f"{number:016d}"}]})
        assert proxy.cuts == cuts + 1
    assert store.changes()["kind"].to_list() == ["Meta", *["Meta", "AuditEntry"] * 6]


def test_a_server_that_is_not_there_is_one_named_error_at_once(empty_neo4j: str) -> None:
    with Proxy(urlsplit(empty_neo4j).port or 7687) as proxy:
        address = proxy.address
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="make neo4j"):
        _opened(address, _options(empty_neo4j))
    assert time.monotonic() - began < 20


def test_a_server_that_stays_away_is_one_named_error_after_the_time_that_is_set(empty_neo4j: str) -> None:
    proxy = Proxy(urlsplit(empty_neo4j).port or 7687)
    store = _store(proxy.address, _options(empty_neo4j, retry_seconds=1))
    store.migrate()
    proxy.close()
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        store.count("Household")
    with pytest.raises(StoreUnavailable, match="cannot be reached"):
        put(store, "Household", {"id": "h"})
    store.close()


# --- the server does not let us in -------------------------------------------------------------------------------------------


def _opened(address: str, options: Neo4jOptions) -> None:
    store = _store(address, options)
    try:
        store.migrate()
    finally:
        store.close()


def test_a_wrong_password_is_one_named_error_without_it(empty_neo4j: str) -> None:
    with pytest.raises(StoreUnavailable, match="AIDGRAPH_NEO4J_PASSWORD_FILE") as caught:
        _opened(empty_neo4j, _options(empty_neo4j, password="not-the-password"))  # noqa: S106 - a wrong one on purpose
    assert "not-the-password" not in str(caught.value)


def test_a_database_that_is_not_there_is_one_named_error(empty_neo4j: str) -> None:
    with pytest.raises(StoreUnavailable, match="AIDGRAPH_NEO4J_DATABASE"):
        _opened(empty_neo4j, _options(empty_neo4j, database="nowhere"))


def test_encryption_that_the_server_does_not_speak_is_one_named_error(empty_neo4j: str) -> None:
    with pytest.raises(StoreUnavailable, match="encryption"):
        _opened(empty_neo4j.replace("bolt://", "bolt+s://"), _options(empty_neo4j))


@pytest.mark.parametrize(("version", "refused"), [("4.44.40", True), ("5.25.30", True), ("5.27.10", False), ("2026.10", False)])
def test_a_server_that_is_too_old_is_refused(empty_neo4j: str, version: str, refused: bool) -> None:
    with driver_of(empty_neo4j) as driver:
        agent = driver.get_server_info().agent.encode()
    with Proxy(urlsplit(empty_neo4j).port or 7687) as proxy:
        proxy.instead[agent] = f"Neo4j/{version}".encode()[: len(agent)].ljust(len(agent), b"0")
        if refused:
            with pytest.raises(StoreUnavailable, match="upgrade the server"):
                _opened(proxy.address, _options(empty_neo4j))
        else:
            _opened(proxy.address, _options(empty_neo4j))


@pytest.mark.parametrize("wrong", ["bolt://", "neo4j://", "bolt://user:secret@host", "bolt://host:port", "bolt://host:0"])
def test_an_address_that_cannot_be_is_refused_and_not_repeated(wrong: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        _opened(wrong, Neo4jOptions())
    assert "secret" not in str(caught.value)


def test_a_graph_of_another_program_is_refused_and_left_alone(empty_neo4j: str) -> None:
    with driver_of(empty_neo4j) as driver:
        driver.execute_query("CREATE (:Castle {id: 'c'})")
        with pytest.raises(StoreUnavailable, match="another program"):
            _opened(empty_neo4j, _options(empty_neo4j))
        assert driver.execute_query("MATCH (n) RETURN labels(n) AS labels").records[0]["labels"] == ["Castle"]


# --- reads and writes of a cluster -------------------------------------------------------------------------------------------


def test_reads_are_marked_as_reads_and_writes_are_not(proxied: tuple[Neo4jStore, Proxy]) -> None:
    """A cluster sends what is marked to any of its readers. Community Edition has no cluster: what is seen here is what the driver says."""
    store, proxy = proxied
    read_mark = b"\x84mode\x81r"
    del proxy.said[:]
    put(store, "Household", {"id": "h"})
    assert read_mark not in proxy.said
    for read in (
        lambda: store.get("Household", "h"),
        lambda: store.neighbourhood("Household", "h"),
        lambda: store.find("Household", {}),
        lambda: list(store.scan_nodes("Household")),
        lambda: list(store.scan_edges("MEMBER_OF")),
        lambda: store.count("Household"),
        lambda: store.changes(),
        lambda: store.unmet_needs(DAY),
        lambda: store.shared_awards(DAY),
        lambda: store.nearest([1]),
    ):
        del proxy.said[:]
        read()
        assert read_mark in proxy.said
        assert proxy.said.count(b"bookmarks") >= 1, "a reader of a cluster waits for what we wrote"


def test_a_neighbourhood_is_one_question(proxied: tuple[Neo4jStore, Proxy]) -> None:
    store, proxy = proxied
    put(store, "Household", {"id": "h"})
    store.neighbourhood("Household", "h")
    del proxy.said[:]
    store.neighbourhood("Household", "h")
    assert proxy.said.count(b"UNWIND residents") <= 1
    assert proxy.said.count(b"\xb3\x10") == 1, "one RUN"


def test_an_address_of_a_cluster_is_asked_for_its_members(empty_neo4j: str) -> None:
    with Proxy(urlsplit(empty_neo4j).port or 7687) as proxy:
        store = _store(proxy.address.replace("bolt://", "neo4j://"), _options(empty_neo4j))
        store.migrate()
        put(store, "Household", {"id": "h"})
        assert store.count("Household") == 1
        assert b"\xb3\x66" in proxy.said, "ROUTE"
        store.close()


# --- the server dies, the disk is read-only ----------------------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[tuple[Path, Login]]:
    with server_alone(tmp_path / "neo4j") as login:
        yield tmp_path / "neo4j", login


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AIDGRAPH_NEO4J_")}
    return {**kept, "AIDGRAPH_NEO4J_FOLDER": str(folder), "AIDGRAPH_NEO4J_RETRY": "300", "AIDGRAPH_LANG": "en"}


@pytest.mark.slow
def test_a_server_killed_in_mid_write_and_started_again_loses_and_doubles_nothing(own_server: tuple[Path, Login]) -> None:
    """And then, with a database that may only be read, writes are refused by name and reads go on."""
    folder, login = own_server
    command = [sys.executable, "-m", "tests.contract.one_writer", login.uri, "w", str(UNITS)]
    with subprocess.Popen(command, cwd=ROOT, env=_environment(folder), stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(BEFORE + 1):
            writer.stdout.readline()
        os.kill(login.process, signal.SIGKILL)
        login = start_server(folder, cache=CACHE, watch=watched(), by="java")
        told = writer.stdout.read().split()
    assert writer.returncode == 0
    assert told == [str(number) for number in range(BEFORE, UNITS)]
    options = Neo4jOptions(user=login.user, password=login.password, retry_seconds=2)
    store = _store(login.uri, options)
    _whole(store, UNITS)
    store.close()
    stop_server(folder)
    login = start_server(folder, cache=CACHE, watch=watched(), by="java", settings={"server.databases.default_to_read_only": "true"})
    store = _store(login.uri, options)
    assert store.migrate() > 0
    assert store.count("Household") == UNITS
    assert store.shared_awards(DAY).is_empty(), "pairs that cannot be written are looked for in the graph"
    with pytest.raises(StoreUnavailable, match="read-only"):
        put(store, "Household", {"id": "h"})
    store.close()


READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


@pytest.mark.parametrize(
    "command", [["-m", "api.local_neo4j", "start"], ["-c", "from api.cli import main; main()", "match", "h", "--store"]]
)
def test_a_folder_on_a_disk_that_is_read_only_is_one_named_error(tmp_path: Path, command: list[str]) -> None:
    own = shutil.which("unshare") is not None and subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0
    disk = tmp_path / "disk" if own else Path("/proc")  # where no mount of one's own is allowed, a disk that takes no file
    disk.mkdir(exist_ok=True)
    mounted = ["unshare", "-rm", "sh", "-c", READ_ONLY, "sh", str(disk)] if own else []
    store = [f"sqlite:///{disk}/a.sqlite"] if "--store" in command else []
    done = subprocess.run(
        [*mounted, sys.executable, *command, *store],
        cwd=ROOT, env=_environment(disk / "neo4j"), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    said = " ".join(done.stderr.split())  # the terminal breaks lines
    assert "check path and permissions" in said or "check disk and permissions" in said or "check path, permissions" in said, said
