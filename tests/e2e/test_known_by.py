"""An earlier answer again: what was recorded later does not count, what was recorded on the very day does."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from api.wiring import CHINA
from tests.e2e.test_cli import command
from tests.unit.small_catalogue import SMALL

HOUSEHOLDS = "id,region,residence,true_on\nh,371602,城镇,2026-06-30\n"
PEOPLE = "id,household,kin,born,wage_month,true_on\np,h,户主,1980-01-01,100,2026-06-30\n"


def test_what_was_recorded_after_the_day_does_not_count(tmp_path: Path) -> None:
    for name, text in SMALL.items():
        path = tmp_path / "catalogue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "household.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    (tmp_path / "person.csv").write_text(PEOPLE, encoding="utf-8")
    loaded = command(tmp_path, "load", "household.csv", "person.csv")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    today = dt.datetime.now(CHINA).date()

    def asked(*words: str) -> list[Any]:
        shown = command(tmp_path, "ask", "h", "--as-of", "2026-08-01", "--json", *words)
        assert shown.returncode == 0, shown.stderr
        return [question["name"] for question in json.loads(shown.stdout)]

    assert "wage_month" not in asked()
    assert asked("--known-by", today.isoformat()) == asked()
    assert "wage_month" in asked("--known-by", (today - dt.timedelta(days=1)).isoformat())
