"""The gap report adds up, counted a second time from the bundles of each household alone; small counts cannot be had from it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import defaultdict
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastexcel
import pytest

from api.report_files import as_csv, as_json, as_xlsx, write_files
from api.report_page import page
from api.report_sheets import Sheets
from api.report_words import REASON
from api.reports import Report
from matcher.answers import Answers
from matcher.batch import results_for
from matcher.bundle import bundle_of
from matcher.gap_views import change, views, without_small
from matcher.gaps import folded, gaps_of, tables_of
from matcher.kept import REASONS
from matcher.pipeline import Question
from seeds.synthetic import EVERYWHERE, households
from seeds.synthetic_tables import tables_of_records
from tests.factories import engine

if TYPE_CHECKING:
    from matcher.bundle import Bundle
    from matcher.kept import Result

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DAY, NOW = dt.date(2026, 8, 1), dt.datetime(2026, 8, 2, tzinfo=dt.UTC)
COUNT = 80


@cache
def bundles() -> dict[str, tuple[str, Bundle]]:
    """Household -> (where it lives, its bundle, made alone)."""
    catalogue, found = engine().catalogue, {}
    for record in households(catalogue, count=COUNT, seed=9, as_of=DAY, region=EVERYWHERE):
        tables, home = tables_of_records([record], catalogue, DAY), record.households[0].id
        lives = dict(tables["LIVES_IN"].select("src", "dst").iter_rows())[home]
        found[home] = (lives, bundle_of(Answers(engine().answer(tables, Question(home, DAY))), tables, as_of=DAY))
    return found


@cache
def results() -> tuple[tuple[str, Result], ...]:
    catalogue = engine().catalogue
    records = list(households(catalogue, count=COUNT, seed=9, as_of=DAY, region=EVERYWHERE))
    tables = tables_of_records(records, catalogue, DAY)
    found = results_for(engine(), tables, [record.households[0].id for record in records], DAY)
    return tuple((bundles()[one.household][0], one) for one in found)


@cache
def tables(level: str = "county") -> dict[str, list[dict[str, Any]]]:
    return tables_of(gaps_of(results(), engine().catalogue, level=level))


def recount(region: str) -> dict[str, dict[str, int]]:
    """By need, from the bundles of the households in a region: another way to the same figures."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for lives, bundle in bundles().values():
        for one in bundle.residual if lives.startswith(region) else ():
            mine = found[one.need]
            mine["lo"] += one.lo
            mine["unstaffed"] += one.unstaffed
            mine["households"] += one.lo + one.unstaffed > 0
        for fall in bundle.needs if lives.startswith(region) else ():
            found[fall.need]["before_lo"] += fall.before_lo
            found[fall.need]["open_ended"] += fall.left_hi is None
            found[fall.need]["hi"] += fall.left_lo if fall.left_hi is None else fall.left_hi
    return {need: {name: n for name, n in sums.items() if n} for need, sums in found.items() if any(sums.values())}


@pytest.mark.parametrize("level", ["province", "city", "county", "village"])
def test_sums_equal_a_recount_from_the_bundles_at_every_level(level: str) -> None:
    rows = views(tables(level))["regions"]
    places = {row["region"] for row in rows}
    for place in places:
        ours = {row["need"]: row for row in rows if row["region"] == place}
        wanted = recount(place)
        for need, row in ours.items():
            assert {n: row[n] for n in ("lo", "hi", "unstaffed", "households", "before_lo", "open_ended") if row[n]} == wanted.get(need, {})
        assert wanted.keys() <= ours.keys()


def test_counties_cities_and_provinces_add_up_to_the_whole() -> None:
    wholes = [views(tables(level))["needs"] for level in ("province", "city", "county", "village")]
    assert all(sorted(map(str, whole)) == sorted(map(str, wholes[0])) for whole in wholes)
    by_reason = views(tables())["reasons"]
    for row in wholes[0]:
        assert sum(one["lo"] for one in by_reason if one["need"] == row["need"]) == row["lo"]
        assert sum(one["unstaffed"] for one in by_reason if one["need"] == row["need"]) == row["unstaffed"]


def test_heads_count_every_household_once() -> None:
    places = views(tables())["places"]
    assert sum(row["households"] for row in places) == COUNT
    assert sum(row["people"] for row in places) == sum(len(bundle.members) for _, bundle in bundles().values())
    lacking = sum(any(one.lo + one.unstaffed > 0 for one in bundle.residual) for _, bundle in bundles().values())
    assert sum(row["lacking"] for row in places) == lacking
    assert sum(row["ready_fen"] for row in places) == sum(bundle.totals.twelve_months for _, bundle in bundles().values())


def test_what_could_be_applied_for_is_counted_by_household_and_person() -> None:
    wanted: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for _, bundle in bundles().values():
        for policy in {item.policy for item in bundle.of("can")}:
            wanted[policy][0] += 1
            wanted[policy][1] += sum(item.policy == policy for item in bundle.of("can"))
    assert {row["policy"]: [row["households"], row["persons"]] for row in views(tables())["ready"]} == dict(wanted)


def test_nothing_small_is_told_nor_to_be_had_by_subtraction() -> None:
    told = views(tables(), least=5)
    assert any(row["households"] is None for row in told["regions"])
    for name, rows in told.items():
        for row in rows:
            assert all(not 0 < row[n] < 5 for n in ("households", "persons", "may_households") if row.get(n)), (name, row)
    hidden: dict[str, int] = defaultdict(int)
    for row in told["regions"]:
        hidden[row["need"]] += row["households"] is None
    assert 1 not in {n for need, n in hidden.items() if sum(row["need"] == need and bool(row["households"]) for row in told["regions"])}


def test_a_lone_small_row_takes_another_with_it() -> None:
    rows = [{"region": place, "households": n, "lo": 10 * n} for place, n in (("a", 3), ("b", 8), ("c", 20), ("d", 0))]
    assert [row["lo"] for row in without_small(rows, ("region",), (), 5)] == [None, None, 200, 0]
    assert [row["lo"] for row in without_small(rows[1:], ("region",), (), 5)] == [80, 200, 0]


def test_change_is_now_less_before() -> None:
    before = tables_of(gaps_of(results()[:50], engine().catalogue, level="county"))
    assert change(tables(), before)["heads"][0]["households"] == COUNT - 50
    there = {row["need"]: row["lo"] for row in change(tables(), before)["needs"]}
    later = {row["need"]: row["lo"] for row in change(before, tables())["needs"]}
    assert there == {need: -n for need, n in later.items()}
    assert all(not row["lo"] for row in change(tables(), tables())["needs"])


# --- files --------------------------------------------------------------------------------------------------------------
def report(least: int | None = None, lang: Any = "zh") -> Sheets:
    content = {
        "region": "37",
        "names": {"37": "山东省"},
        "tables": tables() | {"supply": [], "projects": []},
        "before": None,
        "change": change(tables(), tables()),
    }
    return Sheets(Report("37.county.1", "37", "county", DAY, NOW, content), engine().catalogue, lang, least=least)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_workbook_read_by_another_library_says_the_same(lang: str) -> None:
    sheets = report(lang=lang)
    book = fastexcel.read_excel(as_xlsx(sheets))
    assert len(book.sheet_names) == len(sheets.all()) + 1
    for sheet in sheets.all():
        read = book.load_sheet(sheet.title[:31]).to_polars()
        assert read.columns == [head for head, _ in sheet.columns]
        assert read.height == len(sheet.rows)
        for at, (_, kind) in enumerate(sheet.columns):
            ours = [row[at] for row in sheet.rows]
            told = read.to_series(at).to_list()
            if kind == "text":
                assert told == ours
            else:
                scale = 100 if kind in ("fen", "hours") else 1
                assert [None if x is None else round(float(x) * scale) for x in told] == [None if x == "" else x for x in ours]


def test_csv_and_json_say_the_same() -> None:
    sheets = report()
    sheet = next(one for one in sheets.all() if one.name == "needs")
    rows = list(csv.reader(io.StringIO(as_csv(sheet, "zh"))))
    assert rows[0] == [head for head, _ in sheet.columns]
    assert [row[0] for row in rows[1:]] == [row[0] for row in sheet.rows]
    assert json.loads(as_json(sheets))["tables"]["cells"] == tables()["cells"]


def test_a_report_without_small_counts_holds_no_table_they_could_be_read_from(tmp_path: Path) -> None:
    told = json.loads(as_json(report(least=5)))
    assert "tables" not in told
    assert "change" not in told
    written = write_files(report(least=5), tmp_path, ("json", "csv", "xlsx", "html"))
    assert {path.suffix for path in written} == {".json", ".csv", ".xlsx", ".html"}
    assert not list(tmp_path.glob(".*"))
    assert "少于 5" in (tmp_path / "regions.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_needs_no_network_and_closes_what_it_opens(lang: str) -> None:
    class Tags(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.open: list[str] = []

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href", "onclick"} & {name for name, _ in attrs}
            assert tag != "script"
            if tag != "meta":
                self.open.append(tag)

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}

        def handle_endtag(self, tag: str) -> None:
            assert self.open.pop() == tag

    text, tags = page(report(lang=lang)), Tags()
    tags.feed(text)
    assert tags.open == []
    assert "<svg" in text
    assert "None" not in text
    assert not [code for code in REASONS if code in text]


def test_the_most_frequent_reason_is_said_without_its_number_where_that_is_hidden() -> None:
    sheets = report()
    most = max(folded(sheets.tables["reasons"], "reason", "need"), key=lambda row: row["households"])
    rows = [row for row in sheets.tables["reasons"] if (row["reason"], row["need"]) == (most["reason"], most["need"])]
    few = [row | {"persons": int(row is rows[0])} if row in rows else row for row in sheets.tables["reasons"]]
    content = sheets.report.content | {"tables": sheets.tables | {"reasons": few}}
    hidden = Sheets(replace(sheets.report, content=content), engine().catalogue, "zh", least=5).headlines()[2]
    assert sheets.need(most["need"]) in hidden
    assert REASON["zh"][most["reason"]] in hidden
    assert not re.search(r"\d", hidden)
    assert f"{most['households']:,} 户" in report().headlines()[2]


def test_places_of_an_english_report_have_their_english_names() -> None:
    known = report(lang="en").report
    assert "In 山东省" in report(lang="en").headlines()[0]  # one that was made before English names were kept
    named = Sheets(replace(known, content=known.content | {"names_en": {"37": "Shandong"}}), engine().catalogue, "en")
    assert "In Shandong" in named.headlines()[0]


def test_an_empty_region_has_a_report_that_says_so() -> None:
    empty = tables_of(gaps_of((), engine().catalogue, level="county"))
    sheets = report()
    none = Sheets(
        replace(sheets.report, content=sheets.report.content | {"tables": empty | {"supply": [], "projects": []}}), engine().catalogue, "zh"
    )
    assert none.headlines() == ["山东省没有可统计的家庭。"]
    assert "<svg" not in page(none)
    assert as_xlsx(none)
