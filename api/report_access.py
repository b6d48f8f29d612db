"""Gap reports for whoever asks over HTTP, by route or page: which of them, how exactly, and the households behind a figure."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from api import report_runs, reports
from api.caller import Caller
from api.deliver import SHEET, TYPES
from api.errors import BadRequest, NotFound, Place
from api.permissions import may
from api.report_files import FORMS, files_of
from api.report_runs import Run
from api.report_sheets import Sheets
from api.reports import Head, Report
from graph.regions import shorten, within
from matcher.gap_views import LEAST, change


def heads_for(caller: Caller, region: str | None = None) -> list[Head]:
    """The reports of the caller's area, the newest first."""
    found = reports.heads_of(caller.desk.store)
    return [one for one in found if _near(region, one.region) and may(caller.account, "report.read", one.region)]


def report_for(caller: Caller, id_: str) -> Report:
    """One report of the caller's area. Raises NotFound, in the same words whether there is none or none that may be seen."""
    row = caller.desk.store.get("GapReport", id_)
    if row is None or not may(caller.account, "report.read", row["area"]):
        zh, en = "没有这份报告，或不在您负责的范围内", "there is no such report, or it is not of your area"
        raise NotFound(zh, en, hint=("列出报告：GET /api/reports", "list them: GET /api/reports"))
    return reports.report_of(caller.desk.store, id_)


def sheets_for(caller: Caller, report: Report) -> Sheets:
    """What the caller may read of a report: without small counts for those who see no file of a household."""
    least = None if may(caller.account, "report.figures", report.region) else LEAST
    return Sheets(report, caller.desk.catalogue, caller.desk.lang, least=least)


def file_for(caller: Caller, id_: str, name: str) -> tuple[bytes, str]:
    """A file of a report and its type. Raises NotFound."""
    sheets, form = sheets_for(caller, report_for(caller, id_)), name.rpartition(".")[2]
    found = files_of(sheets, form).get(name) if form in FORMS else None
    if found is None:
        raise NotFound("这份报告没有这个文件", "this report has no such file")
    return found, TYPES.get(f".{form}", SHEET)


def compared(caller: Caller, first: str, second: str) -> tuple[Report, Report, dict[str, Any]]:
    """Two reports of a region, the earlier first, and what is more in the later one. Raises NotFound, BadRequest."""
    one, other = report_for(caller, first), report_for(caller, second)
    if one.region != other.region:
        zh, en = "只能比较同一地区的两份报告", "only two reports of one region can be compared"
        raise BadRequest(zh, en, places=(Place("/other", zh, en),))
    old, new = sorted((one, other), key=lambda report: (report.as_of, report.made_at))
    return old, new, change(new.content["tables"], old.content["tables"])


def behind(caller: Caller, id_: str, *, need: str | None, reason: str | None, place: str | None) -> list[dict[str, Any]]:
    """The households that a figure counts, hardest first; some of them are shown by `shown`.

    Raises: NotFound, Forbidden, BadRequest for a place outside the report, Conflict if what is behind it is kept no more.
    """
    report = report_for(caller, id_)
    code = shorten(place) if place else report.region
    if not within(code, report.region):
        zh, en = "这个地区不在报告的范围内", "this place is not within the report"
        raise BadRequest(zh, en, places=(Place("?place", zh, en),))
    caller.needs(code)
    return reports.households_behind(caller.desk.store, report, need=need, reason=reason, place=code)


def shown(caller: Caller, homes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that live in the caller's area today, noted in the audit."""
    lives = {one["household"]: (caller.desk.store.get("Household", one["household"]) or {}).get("lives_in", "") for one in homes}
    here = [one for one in homes if may(caller.account, caller.permission, str(lives[one["household"]]))]
    caller.seen([one["household"] for one in here], action="find")
    return here


def ask(caller: Caller, region: str, level: str | None, as_of: dt.date | None, key: str) -> tuple[Run, bool]:
    """Ask for a report to be made; the schedule makes it. Raises Forbidden, Conflict, RegionError."""
    desk, code = caller.desk, shorten(region.strip())
    caller.needs(code)
    day = as_of or desk.today()
    if day > desk.today():
        zh, en = "日期不能晚于今天", "this day is still to come"
        raise BadRequest(zh, en, places=(Place("/as_of", zh, en),))
    return report_runs.ask_for(desk.store, code, level, day, by=caller.account.id, key=key, now=desk.now())


def runs_for(caller: Caller) -> list[Run]:
    """Reports that are due, asked for, made or given up in the caller's area, the newest first."""
    return [run for run in report_runs.runs_in(caller.desk.store) if may(caller.account, "report.run", run.area)]


def run_for(caller: Caller, id_: str) -> Run:
    """One of them. Raises NotFound."""
    row = caller.desk.store.get("ReportRun", id_)
    if row is None or not may(caller.account, "report.run", row["area"]):
        raise NotFound("没有这个报告任务，或不在您负责的范围内", "there is no such run, or it is not of your area")
    return report_runs.run_of(row)


def progress_of(caller: Caller, runs: Sequence[Run]) -> dict[str, tuple[int, int]]:
    """Households done and to be done, of runs that are at it."""
    found = {}
    for run in runs:
        row = caller.desk.store.get("BatchRun", run.run) if run.run else None
        if row is not None:
            found[run.id] = (row["households"], row["total"])
    return found


def _near(region: str | None, code: str) -> bool:
    return region is None or within(code, shorten(region))
