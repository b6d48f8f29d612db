"""For all tests: one Neo4j server a run, and how many tests of the contract ran on each store."""

import os
import re
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.neo4j_service import RUN, address, begin_run, emptied, end_run


def pytest_configure(config: pytest.Config) -> None:
    if RUN not in os.environ:
        begin_run(Path(tempfile.mkdtemp(prefix="aidgraph-tests-")))
        config.add_cleanup(end_run)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran: Counter[str] = Counter()
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            if report.nodeid.startswith("tests/contract/"):
                store = re.search(r"/test_(sqlite|neo4j)_|\[(sqlite|neo4j)", report.nodeid)
                name = store[1] or store[2] if store is not None else "both"
                ran[f"skipped on {name}" if outcome == "skipped" else f"run on {name}"] += 1
    if ran:
        terminalreporter.write_line("contract tests: " + ", ".join(f"{number} {what}" for what, number in sorted(ran.items())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI no test of the contract is skipped."""
    report = yield
    if report.skipped and os.environ.get("CI") and item.nodeid.startswith("tests/contract/"):
        report.outcome, report.longrepr = "failed", f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def neo4j_address() -> str:
    """Of a real server."""
    return address()


@pytest.fixture
def empty_neo4j(neo4j_address: str) -> Iterator[str]:
    """The address of a server with an empty database that belongs to this test alone."""
    with emptied(neo4j_address) as uri:
        yield uri
