"""kill -9 in the middle of a load, again and again: what was reported as stored is there, and nothing half."""

from __future__ import annotations

import random
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_load_county import County, command

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE, TIMES, BATCH = 50_000, 20, 2_000


@pytest.mark.slow
def test_twenty_kills_leave_whole_batches_and_all_that_was_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    county = County(tmp_path)
    county.run("load", county.seeds)
    county.run("load", county.write("household.csv", "id,region,true_on\nh0,371602,2026-06-30\n"))
    rows = [f"p{at:05},h0,{at}.50,2026-06-30\n" for at in range(PEOPLE)]
    path = county.write("person.csv", "id,household,wage_month,true_on\n" + "".join(rows))
    waits, had = random.Random(20), 0
    for _ in range(TIMES):
        reported = killed(county, path, waits.uniform(0.05, 0.6))
        there = {row["id"] for row in county.nodes("Person")}
        assert len(there) >= max(reported, had)
        assert {f"p{at:05}" for at in range(reported)} <= there
        assert len(there) % BATCH == 0
        whole(county, there)
        had = len(there)
    capsys.readouterr()
    told = county.load(capsys, path)
    assert county.counts(told)["person"] == (PEOPLE - had, had, 0)
    whole(county, {row["id"] for row in county.nodes("Person")})


def killed(county: County, path: Path, wait: float) -> int:
    """Load, and kill -9 a moment after the first batch that is new was reported; how many rows were reported as stored."""
    program = command(county, "load", path)
    assert program.stderr is not None
    first = program.stderr.readline()
    time.sleep(wait)
    program.kill()
    rest = program.stderr.read()
    program.wait()
    assert program.stdout is not None
    program.stdout.close()
    program.stderr.close()
    found = [int(number.replace(",", "")) for number in re.findall(r"stored up to row ([\d,]+)", first + rest)]
    return max(found, default=0)


def whole(county: County, there: set[str]) -> None:
    """Everybody has a membership and statements, and every statement is about somebody."""
    assert {row["src"] for row in county.edges("MEMBER_OF")} == there
    about = {row["src"] for row in county.edges("ABOUT")}
    said = {row["id"] for row in county.nodes("Statement")}
    assert about == said
    assert {row["id"].split("/")[1] for row in county.nodes("Statement") if row["id"].startswith("person/")} == there
