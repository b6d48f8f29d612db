"""A region from households to its gap report by the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.program import Program

if TYPE_CHECKING:
    from pathlib import Path

DAY = ("--as-of", "2026-08-01")


def a_county(folder: Path, count: int) -> Program:
    """A store with random households, and the program on it."""
    county = Program(folder)
    county.run("synthetic", str(count), "--seed", "4", "--region", "371602", *DAY)
    return county


def test_from_households_to_the_report_and_what_is_behind_it(tmp_path: Path) -> None:
    county = a_county(tmp_path, 25)
    assert "aidgraph batch" in county.tried("report", "run", "--region", "371602").stderr
    done = county.json("batch", "--region", "371602", *DAY)
    assert done["households"] == done["total"] >= 25
    spent = done["seconds"]
    assert abs(spent["each"] * spent["processes"] - spent["rules"] - spent["writing"]) < 0.3
    assert spent["rules"] > 0
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
