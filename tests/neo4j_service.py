"""The Neo4j server of a run of the tests: one for all workers, started when the first test wants it, taken by one test at a time."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from neo4j import Driver

from api.settings import neo4j_options, read_settings
from graph.errors import StoreUnavailable
from graph.neo4j_driver import check_server, connect
from graph.neo4j_server.login import Login
from graph.neo4j_server.server import start_server, stop_server

ROOT = Path(__file__).parents[1]
CACHE = ROOT / "var" / "neo4j-server"
RUN, WATCHED = "AIDGRAPH_TEST_RUN", "AIDGRAPH_TEST_PROCESS"  # the folder of this run, and the process with which its servers end
AT_A_TIME = 10_000  # nodes that are removed


def begin_run(folder: Path) -> None:
    """Tell the workers to come where the server of this run will be."""
    os.environ[RUN], os.environ[WATCHED] = str(folder), str(os.getpid())
    if not read_settings().neo4j_uri:
        os.environ["AIDGRAPH_NEO4J_FOLDER"] = str(folder / "neo4j")


def end_run() -> None:
    """Stop the server, if one was started, and take its data away."""
    folder = Path(os.environ.pop(RUN))
    stop_server(folder / "neo4j")
    shutil.rmtree(folder, ignore_errors=True)


def watched() -> int:
    """The process with which a server of the tests ends, come what may."""
    return int(os.environ[WATCHED])


@contextmanager
def taken(name: str) -> Iterator[None]:
    """What this name stands for belongs to one worker at a time."""
    with (Path(os.environ[RUN]) / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def address() -> str:
    """The address of the server: the one that is set, else our own. Where none can be had, CI fails; elsewhere the test is skipped."""
    given = read_settings().neo4j_uri
    try:
        with taken("start"):
            return given or start_server(Path(os.environ[RUN]) / "neo4j", cache=CACHE, watch=watched()).uri
    except StoreUnavailable as problem:
        return without_server(problem)


def without_server(problem: StoreUnavailable) -> str:
    """No server can be had: a failure in CI, a skip elsewhere."""
    if os.environ.get("CI"):
        raise problem
    pytest.skip(problem.en)


@contextmanager
def emptied(uri: str) -> Iterator[str]:
    """The server's database without a node, for one test alone. One that was given and is not empty is never touched."""
    with taken("database"), driver_of(uri) as driver:
        _clear(driver, may=not read_settings().neo4j_uri)
        yield uri
        _clear(driver, may=True)


@contextmanager
def server_alone(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Login]:
    """A server for one test alone, which it may kill; `settings` are the server's."""
    try:
        login = start_server(folder, cache=CACHE, watch=watched(), by="java", settings=settings)
    except StoreUnavailable as problem:
        without_server(problem)
        raise
    try:
        yield login
    finally:
        stop_server(folder)


def driver_of(uri: str) -> Driver:
    """A driver that logs in as the settings say."""
    driver = connect(uri, neo4j_options(read_settings(), uri))
    check_server(driver, uri)
    return driver


def _clear(driver: Driver, *, may: bool) -> None:
    (first,) = driver.execute_query("MATCH (n) RETURN count(n) AS nodes").records
    if first["nodes"] and not may:
        pytest.exit(f"the database at AIDGRAPH_NEO4J_URI holds {first['nodes']} nodes; the tests would remove them: name an empty one", 2)
    while driver.execute_query("MATCH (n) WITH n LIMIT $limit DETACH DELETE n RETURN n", limit=AT_A_TIME).records:
        pass
