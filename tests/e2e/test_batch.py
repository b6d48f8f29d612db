"""A region from households to its gap report by the commands, and kill -9 in the middle of the batch."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from graph.open import open_store

if TYPE_CHECKING:
    from pathlib import Path

DAY = ("--as-of", "2026-08-01")
MAIN = "from api.cli import main; main()"


class County:
    """A store with random households, and the program on it."""

    def __init__(self, folder: Path, count: int) -> None:
        self.url = f"sqlite:///{folder}/store.sqlite"
        self.run("synthetic", str(count), "--seed", "4", "--region", "371602", *DAY)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-c", MAIN, "--store", self.url, *words]

    def run(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def kept(self, run: str) -> list[str]:
        store = open_store(self.url)
        try:
            return [row["text"] for page in store.scan_nodes("Result") for row in page.sort("id").to_dicts() if row["run"] == run]
        finally:
            store.close()


def test_from_households_to_the_report_and_what_is_behind_it(tmp_path: Path) -> None:
    county = County(tmp_path, 25)
    assert "aidgraph batch" in _trouble(county, "report", "run", "--region", "371602")
    done = county.json("batch", "--region", "371602", *DAY)
    assert done["households"] == done["total"] >= 25
    first = county.json("report", "run", "--region", "371602", "--out", str(tmp_path / "out"))
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"report.json", "report.xlsx", "report.html", "needs.csv"}
    assert sum(row["households"] for row in first["tables"]["heads"]) == done["households"]
    second = county.json("report", "run", "--region", "371602")
    assert second["before"] == first["id"]
    assert not any(row["lo"] for row in second["change"]["needs"])
    assert [one["id"] for one in county.json("report", "list")] == [second["id"], first["id"]]
    assert county.json("report", "show", first["id"])["tables"] == first["tables"]
    assert county.json("report", "compare", first["id"], second["id"])["heads"][0]["households"] == 0
    homes = county.json("report", "households", "371602", "--need", "living")
    cells = [row for row in first["tables"]["cells"] if row["need"] == "living"]
    assert len(homes) == sum(row["households"] + row["may_households"] for row in cells)
    assert [one["difficulty_lo"] for one in homes] == sorted((one["difficulty_lo"] for one in homes), reverse=True)
    hidden = county.json("report", "show", "371602", "--hide-small")
    assert "tables" not in hidden
    for lang, word in (("zh", "帮扶缺口报告"), ("en", "What is missing in")):
        assert word in county.run("report", "show", "371602", "--lang", lang)
        assert county.run("batch", "--region", "9999", "--lang", lang, code=0)


def _trouble(county: County, *words: str) -> str:
    return subprocess.run(county.command(*words), capture_output=True, text=True, check=False).stderr


@pytest.mark.slow
def test_killed_again_and_again_it_ends_with_the_same_results(tmp_path: Path) -> None:
    county = County(tmp_path, 1_500)
    waits, marks = random.Random(3), [0]
    for _ in range(6):
        program = subprocess.Popen(
            county.command("batch", "--region", "371602", *DAY), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(waits.uniform(2, 8))
        program.kill()
        program.wait()
        store = open_store(county.url)
        runs = store.find("BatchRun", {}).rows
        store.close()
        done = sum(row["households"] for row in runs)
        assert done >= marks[-1]
        assert not runs or len(county.kept(runs[0]["id"])) == done
        marks.append(done)
    first = county.json("batch", "--region", "371602", *DAY)
    assert first["households"] == first["total"]
    whole = county.json("batch", "--region", "371602", *DAY)
    assert county.kept(whole["run"]) == county.kept(first["run"])
