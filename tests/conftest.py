"""For all tests: one Neo4j server a run, and how many tests of the contract ran on each store."""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neo4j_service import RUN, address, begin_run, emptied, end_run


def pytest_configure(config: pytest.Config) -> None:
    if RUN not in os.environ:
        begin_run(Path(tempfile.mkdtemp(prefix="aidgraph-tests-")))
        config.add_cleanup(end_run)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            store = re.search(r"^tests/contract/test_(sqlite|neo4j)_|^tests/contract/.*\[(sqlite|neo4j)", report.nodeid)
            if store is not None:
                ran[store[1] or store[2]] += 1
    if ran:
        terminalreporter.write_line("contract tests run: " + ", ".join(f"{number} on {store}" for store, number in sorted(ran.items())))


@pytest.fixture(scope="session")
def neo4j_address() -> str:
    """Of a real server."""
    return address()


@pytest.fixture
def empty_neo4j(neo4j_address: str) -> Iterator[str]:
    """The address of a server with an empty database that belongs to this test alone."""
    with emptied(neo4j_address) as uri:
        yield uri
