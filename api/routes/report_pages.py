"""The pages of gap reports: the list with what is being made, one report, two compared, the households behind a figure."""

import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import report_access
from api.caller import Caller
from api.deps import language
from api.errors import BadRequest, Forbidden, told
from api.pages.frame import Link, show
from api.pages.report_view import compared_view, homes_view, levels, listed, regions_for, report_href, report_view, underway
from api.pages.texts import TEXTS
from api.paging import page_of_list
from api.permissions import may
from api.reports import ORDER
from api.routes.households import Region
from api.routes.pages import SEE_OTHER
from api.routes.reports import Exact, File, Looker, Need, Reader, Report, Runner, download
from api.wiring import day_of
from graph.errors import RegionError
from matcher.kept import REASONS, Reason

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PAGE = 25
Word = Annotated[str, Form(max_length=100)]
Step = Annotated[str | None, Query(max_length=400)]
ACTIVE = "/reports"


@routes.get("/reports")
def reports_page(request: Request, caller: Reader, *, cursor: Step = None, asked: bool = False) -> Response:
    """The reports of the area, the newest first, and those being made."""
    return _list(request, caller, cursor=cursor, asked=asked)


@routes.post("/reports")
def ask(request: Request, caller: Runner, region: Word, key: Word, as_of: Word = "", level: Word = "") -> Response:
    """Ask for a report; a form that cannot be is shown again."""
    try:
        day = day_of(as_of, caller.desk.today()) if as_of.strip() else None
        report_access.ask(caller, region, level if level in ORDER else None, day, key)
    except (BadRequest, Forbidden, RegionError) as error:
        known = told(error, language(request))
        field = "#as_of" if isinstance(error, BadRequest) else "#region"
        return _list(
            request, caller, faults=(Link(known.text if known else "", field),), given={"region": region, "as_of": as_of, "level": level}
        )
    return RedirectResponse(f"{ACTIVE}?asked=1", SEE_OTHER)


@routes.get("/reports/{report}")
def report_page(request: Request, caller: Reader, report: Report) -> Response:
    """One report with its charts."""
    view = report_view(caller, report_access.report_for(caller, report))
    return show(request, "report.html", caller, active=ACTIVE, view=view, reports=_crumb(caller))


@routes.get("/reports/{report}/files/{file}")
def file(caller: Reader, report: Report, file: File) -> Response:
    """The same files as the interface gives."""
    return download(caller, report, file)


@routes.get("/reports/{report}/compare/{other}")
def compare(request: Request, caller: Exact, report: Report, other: Report) -> Response:
    """What changed."""
    view, span = compared_view(caller, report, other)
    return show(request, "report_compare.html", caller, active=ACTIVE, view=view, span=span, reports=_crumb(caller))


@routes.get("/reports/{report}/households")
def households(
    request: Request,
    caller: Looker,
    report: Report,
    need: Need = None,
    reason: Reason | None = None,
    place: Region = None,
    cursor: Step = None,
) -> Response:
    """Who is behind a figure."""
    sheets = report_access.sheets_for(caller, report_access.report_for(caller, report))
    found = report_access.behind(caller, report, need=need, reason=reason, place=place)
    some, following = page_of_list([(one["household"], one) for one in found], cursor, PAGE)
    asked = {name: value for name, value in (("need", need), ("reason", reason), ("place", place)) if value}
    told = [
        *([sheets.place(place)] if place else []),
        *([sheets.need(need)] if need else []),
        *([sheets.reason(reason)] if reason in REASONS and reason else []),
    ]
    step = f"{report_href(report)}/households?{urlencode(asked | {'cursor': following})}" if following else ""
    return show(
        request,
        "report_households.html",
        caller,
        active=ACTIVE,
        homes=homes_view(caller, sheets, report_access.shown(caller, some)),
        about=" · ".join(told) or TEXTS[caller.desk.lang]["report_all"],
        count=len(found),
        next=step,
        crumbs=[_crumb(caller), Link(sheets.heading(), report_href(report))],
    )


def _list(
    request: Request,
    caller: Caller,
    *,
    cursor: str | None = None,
    asked: bool = False,
    faults: tuple[Link, ...] = (),
    given: dict[str, str] | None = None,
) -> Response:
    rows, following = page_of_list([(one.href, one) for one in listed(caller)], cursor, PAGE)
    may_run = may(caller.account, "report.run")
    return show(
        request,
        "reports.html",
        caller,
        active=ACTIVE,
        status=422 if faults else 200,
        rows=rows,
        next=f"{ACTIVE}?{urlencode({'cursor': following})}" if following else "",
        later=cursor is not None,
        asked=asked,
        may_run=may_run,
        runs=underway(caller) if may_run else [],
        regions=regions_for(caller),
        levels=levels(caller.desk.lang),
        faults=faults,
        given=given or {"region": "", "as_of": "", "level": ""},
        key=secrets.token_urlsafe(16),
    )


def _crumb(caller: Caller) -> Link:
    return Link(TEXTS[caller.desk.lang]["reports"], ACTIVE)
