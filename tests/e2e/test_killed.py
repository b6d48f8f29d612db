"""kill -9 in the middle of a batch, an allocation, a report, again and again, on both stores: the same result, nothing half."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from api.holds import HELD
from tests.program import Program, still, waits

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNTY = "371621"
DAY = ("--as-of", "2026-08-01")
STORES = ["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)]
SIZES = [pytest.param(100, 2, marks=pytest.mark.slow), *(pytest.param(size, 20, marks=pytest.mark.soak) for size in (400, 2_000))]


@pytest.mark.parametrize("kind_of_store", STORES)
@pytest.mark.parametrize(("households", "kills"), SIZES)
def test_killed_again_and_again_the_county_ends_as_if_nothing_had_been(
    kind_of_store: str, households: int, kills: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("empty_neo4j") if kind_of_store == "neo4j" else None
    county = Program(tmp_path, url)
    catalogue = str(tmp_path / "catalogue")
    county.run("synthetic", "--county", COUNTY, "--households", str(households), "--out", catalogue, *DAY)
    county.words = ("--catalogue", catalogue)
    _batches(county, kills)
    _reports(county, kills)
    (tmp_path / "calm").mkdir()
    _allocations(county, Program(tmp_path / "calm"), households, kills)


def _batches(county: Program, kills: int) -> None:
    line = ("batch", "--region", COUNTY, *DAY)
    began = time.monotonic()
    calm = county.json(*line)
    expected = county.kept(calm["run"])
    assert len(expected) == calm["total"] == calm["households"]

    def whole() -> None:
        found = still(lambda: [(run, county.kept(run["id"])) for run in county.nodes("BatchRun")])
        for run, kept in found:
            assert len(kept) == run["households"] if run["state"] == "running" else len(kept) <= run["households"]
            assert set(kept) <= set(expected)

    _kill(county, kills, time.monotonic() - began, line, whole)
    last = county.json(*line)
    assert county.kept(last["run"]) == expected
    if kills > 10:
        assert calm["run"] not in {run["id"] for run in county.nodes("BatchRun") if run["state"] == "done"}


def _reports(county: Program, kills: int) -> None:
    line = ("report", "run", "--region", COUNTY)
    began = time.monotonic()
    calm = county.json(*line)["tables"]

    def whole() -> None:
        for row in county.nodes("GapReport"):
            content = json.loads(row["text"])
            assert (content["id"], content["tables"]) == (row["id"], calm)

    _kill(county, kills, time.monotonic() - began, line, whole)
    assert county.json(*line)["tables"] == calm


def _allocations(county: Program, calm: Program, households: int, kills: int) -> None:
    """calm: another store, for the same county, whose runs nobody cuts off."""
    line = ("allocate", "--region", COUNTY, *DAY)
    calm.words = county.words
    calm.run("synthetic", "--county", COUNTY, "--households", str(households), "--out", str(calm.folder / "catalogue"), *DAY)
    began = time.monotonic()
    first = calm.json(*line)["projects"]
    seconds = time.monotonic() - began
    budgets = {one["project"]: one["budget_before_fen"] for one in first}
    assert _shared_out(calm, line)

    def whole() -> None:
        held, budget = still(lambda: (_held(county), county.nodes("Budget")))
        accounts = {row["id"]: (row["committed_fen"], row["places"]) for row in budget}
        assert accounts == {project: (sum(rows.values()), len(rows)) for project, rows in held.items()}
        for project, (fen, _) in accounts.items():
            assert budgets[project] is None or fen <= budgets[project]

    _kill(county, kills, seconds, line, whole)
    assert _shared_out(county, line) == _held(calm)


def _shared_out(county: Program, line: tuple[str, ...]) -> dict[str, dict[str, int]]:
    """What is held of each project when a further run, from its beginning, grants nothing more."""
    told = county.json(*line)
    while told["resumed"] or any(one["granted_fen"] for one in told["projects"]):
        told = county.json(*line)
    return _held(county)


def _held(county: Program) -> dict[str, dict[str, int]]:
    """What is held of each project, by who has it."""
    store = county.store()
    owner = {dst: src for page in store.scan_edges("RECEIVES") for src, dst in page.select("src", "dst").iter_rows()}
    store.close()
    found: dict[str, dict[str, int]] = {}
    for row in county.nodes("Award"):
        if row.get("state") == HELD:
            found.setdefault(row["policy"], {})[owner[row["id"]]] = row["amount_fen"]
    return found


def _kill(county: Program, kills: int, seconds: float, line: tuple[str, ...], whole: Callable[[], None]) -> None:
    """Kill it so often while it is at work, at moments over all of its time, and look at what it left."""
    moments, hit, tried = waits(kills, seconds), 0, 0
    while hit < kills:
        tried += 1
        assert tried < 4 * kills, "it ends before it can be killed"
        hit += county.killed(next(moments), *line)
        whole()
