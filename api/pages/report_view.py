"""Gap reports as pages read them: the list, one report with its charts, two compared, the households behind a figure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from api import report_access
from api.caller import Caller
from api.finding import listed_of
from api.pages.frame import Link, moment
from api.pages.household_view import household_href
from api.pages.list_view import Head
from api.pages.texts import TEXTS
from api.permissions import EVERYWHERE, may
from api.places import place_name, region_names
from api.report_files import HIDDEN
from api.report_page import bars_of
from api.report_runs import Run
from api.report_sheets import Sheet, Sheets, merged, points_of
from api.report_words import LEVEL
from api.reports import ORDER, Report
from api.settings import Lang
from api.terminal import day
from graph.regions import within
from matcher.bundle_json import hours, yuan

ROWS = 24
BEHIND = {"needs": ("need",), "reasons": ("need", "reason"), "places": ("region",)}
"""Sheets whose rows can be looked behind, and by which codes."""
SECTIONS = ("needs", "places", "reasons", "ready", "clauses", "misses", "supply", "projects", "circles", "categories")


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as text; href: the households behind it, blank where there are none to be shown. label: what it is about."""

    cells: tuple[str, ...]
    href: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A bar of a chart; width of 1000."""

    name: str
    figure: str
    width: int


@dataclass(frozen=True, slots=True)
class Section:
    """A table of a report under its chart, which is titled by what it finds; more: rows that are left to the download."""

    name: str
    title: str
    finding: str
    bars: tuple[Drawn, ...]
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    more: int = 0


@dataclass(frozen=True, slots=True)
class ReportView:
    """One report. before: address of the comparison, blank where there is none. small: small counts are hidden."""

    href: str
    title: str
    when: str
    headlines: tuple[str, ...]
    sections: tuple[Section, ...]
    before: str
    small: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A report in the list."""

    title: str
    href: str
    as_of: str
    level: str
    made: str


@dataclass(frozen=True, slots=True)
class Underway:
    """A report that is being made."""

    title: str
    as_of: str
    state: str


def report_href(report: str) -> str:
    """The page of a report."""
    return f"/reports/{report}"


def listed(caller: Caller) -> list[Listed]:
    """The reports of the area."""
    lang, names = caller.desk.lang, region_names(caller.desk.settings.catalogue)
    return [
        Listed(
            place_name(one.region, names, lang),
            report_href(one.id),
            day(one.as_of, lang),
            LEVEL[lang][one.level],
            moment(one.made_at, lang),
        )
        for one in report_access.heads_for(caller)
    ]


def underway(caller: Caller) -> list[Underway]:
    """What is being made, waits or was given up, where the caller may ask for reports."""
    lang, names = caller.desk.lang, region_names(caller.desk.settings.catalogue)
    runs = [run for run in report_access.runs_for(caller) if run.state != "done"]
    done = report_access.progress_of(caller, runs)
    return [Underway(place_name(run.area, names, lang), day(run.as_of, lang), _state(run, done.get(run.id), lang)) for run in runs]


def _state(run: Run, done: tuple[int, int] | None, lang: Lang) -> str:
    texts = TEXTS[lang]
    if run.state == "failed":
        return texts["run_failed"].format(x=run.error)
    if run.error:
        return texts["run_again"].format(n=run.attempts, x=run.error)
    if run.state == "working":
        return texts["run_of"].format(n=f"{done[0]:,}", of=f"{done[1]:,}") if done and done[1] else texts["run_working"]
    return texts["run_waiting"]


def regions_for(caller: Caller) -> list[Link]:
    """Places of which the caller may ask for a report, by name: its own and those right below; none for who has all."""
    names, own = region_names(caller.desk.settings.catalogue), [one for one in caller.account.regions if one != EVERYWHERE]
    if len(own) < len(caller.account.regions):
        return []
    below = [code for code in names for area in own if code != area and within(code, area) and len(code) <= _longest(area)]
    return [Link(place_name(code, names, caller.desk.lang), code) for code in [*own, *sorted(set(below))]]


def _longest(area: str) -> int:
    """The length of codes one level down."""
    return next((length for length in (4, 6, 9, 12) if length > len(area)), 12)


def levels(lang: Lang) -> list[Link]:
    """What a report can be told by."""
    return [Link(LEVEL[lang][name], name) for name in ORDER[1:]]


def report_view(caller: Caller, report: Report) -> ReportView:
    """One report, as the caller may read it."""
    sheets = report_access.sheets_for(caller, report)
    looks = may(caller.account, "report.households", report.region)
    by_name = {sheet.name: sheet for sheet in sheets.all()}
    sections = tuple(_section(sheets, by_name[name], report_href(report.id) if looks else "") for name in SECTIONS if name in by_name)
    before = report.content["before"]
    compare = f"{report_href(report.id)}/compare/{before}" if before and may(caller.account, "report.figures", report.region) else ""
    return ReportView(
        report_href(report.id), sheets.heading(), sheets.when(), tuple(sheets.headlines()), sections, compare, sheets.least is not None
    )


def compared_view(caller: Caller, first: str, second: str) -> tuple[ReportView, str]:
    """Two reports compared: the later one's sentences and what changed; and from when to when."""
    old, new, found = report_access.compared(caller, first, second)
    lang = caller.desk.lang
    sheets = Sheets(replace(new, content=new.content | {"change": found}), caller.desk.catalogue, lang)
    sections = tuple(_section(sheets, sheet, "") for sheet in sheets.all() if sheet.name.startswith("change_"))
    moved = tuple(section for section in sections if any(cell not in ("", "0", "¥0") for row in section.rows for cell in row.cells[1:]))
    span = TEXTS[lang]["report_was"].format(a=day(old.as_of, lang), b=day(new.as_of, lang))
    return ReportView(report_href(new.id), sheets.heading(), sheets.when(), tuple(sheets.headlines()), moved, "", small=False), span


def _section(sheets: Sheets, sheet: Sheet, href: str) -> Section:
    """Columns in which something stands, the first rows."""
    columns, rows = merged(sheet)
    kept = [
        n for n, (_, kind) in enumerate(columns) if kind == "text" or any(row[n] not in ("", 0, ("fen", 0), ("hours", 0)) for row in rows)
    ]
    heads = tuple(Head(columns[n][0].partition("（")[0].partition(" (")[0], num=columns[n][1] != "text") for n in kept)
    shown = []
    for at, row in enumerate(rows[:ROWS]):
        cells = tuple(_cell(row[n], columns[n][1], sheets.lang) for n in kept)
        label = " · ".join(cell for cell, head in zip(cells, heads, strict=True) if not head.num)
        shown.append(Row(cells, _behind(sheet, at, href), label))
    finding, bars = bars_of(sheets, sheet.name) or ("", [])
    drawn = tuple(Drawn(name, figure, max(4, round(1000 * size / bars[0][1]))) for name, size, figure in bars)
    return Section(sheet.name, sheet.title, finding, drawn, heads, tuple(shown), max(0, len(rows) - ROWS))


def _behind(sheet: Sheet, at: int, href: str) -> str:
    if not href or sheet.name not in BEHIND:
        return ""
    asked = {"place" if name == "region" else name: sheet.keys[at][name] for name in BEHIND[sheet.name]}
    return f"{href}/households?{urlencode(asked)}"


def _cell(value: Any, kind: str, lang: Lang) -> str:
    if isinstance(value, tuple):
        kind, value = value
        unit = (" h/week" if lang == "en" else " 小时/周") if kind == "hours" and value is not None else ""
        return _cell(value, kind, lang) + unit
    if value is None:
        return HIDDEN[lang] if kind == "count" else TEXTS[lang]["report_hidden"]
    if kind == "text" or value == "":
        return str(value)
    return yuan(value) if kind == "fen" else hours(value) if kind == "hours" else f"{value:,}"


@dataclass(frozen=True, slots=True)
class Home:
    """A household behind a figure."""

    name: str
    href: str
    place: str
    difficulty: str
    open: str


def homes_view(caller: Caller, sheets: Sheets, found: Sequence[dict[str, Any]]) -> list[Home]:
    """Households as the list of a figure shows them."""
    homes = {one.household: one for one in listed_of(caller.desk, [one["household"] for one in found])}
    return [
        Home(
            homes[one["household"]].name,
            household_href(one["household"]),
            homes[one["household"]].place,
            points_of(one),
            sheets.left(one["open"]),
        )
        for one in found
    ]
