"""Gap reports: listed, read, compared, downloaded, asked for; the households behind a figure for those who may see them."""

import datetime as dt
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from api import report_access
from api.caller import Caller
from api.deliver import SHEET
from api.deps import Needs
from api.paging import USUAL, Cursor, Limit, Paged, page_of_list
from api.report_files import as_json
from api.report_runs import Run
from api.routes.households import FIRST, LAST, Key, Region
from api.shapes import Open, Shape
from matcher.kept import Reason

routes = APIRouter(prefix="/api", tags=["reports"])

Reader = Annotated[Caller, Depends(Needs("report.read"))]
Exact = Annotated[Caller, Depends(Needs("report.figures"))]
Looker = Annotated[Caller, Depends(Needs("report.households"))]
Runner = Annotated[Caller, Depends(Needs("report.run"))]
ID = r"^[A-Za-z0-9-]{1,40}\.[a-z]{1,20}\.[0-9]{8}T[0-9]{12}$"
Report = Annotated[str, Path(pattern=ID, examples=["371602.township.20260801T180000000000"])]
RunId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,80}\.[A-Za-z0-9]{1,40}$", examples=["county-weekly.20260802T180000Z"])]
File = Annotated[str, Path(pattern=r"^[a-z_]{1,40}\.(json|csv|xlsx|html)$", examples=["report.xlsx"])]
Need = Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,60}$", description="this need only", examples=["living"])]
Level = Literal["province", "city", "county", "township", "village"]


class ReportHead(Shape):
    """A report in a list. `before` is the one that it was compared with."""

    id: str
    region: str = Field(examples=["371602"])
    level: str = Field(description="places are told at this level", examples=["township"])
    as_of: dt.date
    made_at: dt.datetime
    run: str
    catalogue: str
    before: str | None


class ReportShown(Open):
    """A report: `tables` and `change` (docs/json.md, report run), or, for those who are told no small counts, `views`."""

    id: str
    region: str
    level: str
    as_of: dt.date
    made_at: dt.datetime
    headlines: list[str] = Field(description="three sentences that can be read aloud")


class Compared(Shape):
    """What is more (below 0: less) in the later report."""

    from_: str = Field(alias="from")
    to: str
    heads: list[dict[str, Any]]
    needs: list[dict[str, Any]]
    reasons: list[dict[str, Any]]


class StillOpen(Shape):
    """What is left of a need; fen, or hundredths of hours a week. `hi` null: without upper end."""

    need: str
    who: str | None
    lo: int
    hi: int | None
    reason: str


class Behind(Shape):
    """A household that a figure counts."""

    household: str
    region: str
    difficulty_lo: int
    difficulty_hi: int
    open: list[StillOpen]


class AskedReport(Shape):
    """Which report to make."""

    region: str = Field(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=40, examples=["371602"])
    level: Level | None = Field(default=None, description="what it is told by; the level below the region's unless told")
    as_of: dt.date | None = Field(default=None, ge=FIRST, le=LAST, description="the day; today unless told")


class RunShown(Shape):
    """A report that is due or asked for. `state` is waiting, working, done or failed; `report` the id of the report once it is made."""

    id: str
    region: str
    level: str
    as_of: dt.date
    due_at: dt.datetime
    schedule: str | None
    by: str | None
    state: str
    attempts: int
    households: int = Field(description="done so far")
    total: int
    report: str | None
    error: str | None = Field(description="the kind of the last one")


@routes.get("/reports")
def listing(caller: Reader, region: Region = None, limit: Limit = USUAL, cursor: Cursor = None) -> Paged[ReportHead]:
    """The reports of the area, the newest first."""
    heads = [(one.id, one) for one in report_access.heads_for(caller, region)]
    shown, following = page_of_list(heads, cursor, limit)
    return Paged(items=[ReportHead.model_validate(one.to_json()) for one in shown], next=following)


@routes.get("/reports/{report}", response_model=ReportShown)
def read(caller: Reader, report: Report) -> Response:
    """One report."""
    sheets = report_access.sheets_for(caller, report_access.report_for(caller, report))
    return JSONResponse({**json.loads(as_json(sheets)), "headlines": sheets.headlines()})


@routes.get(
    "/reports/{report}/files/{file}",
    response_class=Response,
    responses={200: {"content": {kind: {} for kind in ("application/json", "text/csv", "text/html", SHEET)}}},
)
def download(caller: Reader, report: Report, file: File) -> Response:
    """One file of a report: report.json, report.xlsx, report.html, or a table such as needs.csv, in the language of the request."""
    content, kind = report_access.file_for(caller, report, file)
    shown = "inline" if kind == "text/html" else "attachment"
    return Response(content, media_type=kind, headers={"Content-Disposition": f'{shown}; filename="{report}-{file}"'})


@routes.get("/reports/{report}/compare/{other}", response_model=Compared)
def compare(
    caller: Exact, report: Report, other: Annotated[str, Path(pattern=ID, examples=["371602.township.20260801T180000000000"])]
) -> Response:
    """What changed between two reports of a region, whichever is named first."""
    old, new, found = report_access.compared(caller, report, other)
    return JSONResponse({"from": old.id, "to": new.id, **found})


@routes.get("/reports/{report}/households")
def households(
    caller: Looker,
    report: Report,
    need: Need = None,
    reason: Annotated[Reason | None, Query(description="this reason only")] = None,
    place: Region = None,
    limit: Limit = USUAL,
    cursor: Cursor = None,
) -> Paged[Behind]:
    """The households that a figure counts, the hardest first."""
    found = report_access.behind(caller, report, need=need, reason=reason, place=place)
    some, following = page_of_list([(one["household"], one) for one in found], cursor, limit)
    return Paged(items=[Behind.model_validate(one) for one in report_access.shown(caller, some)], next=following)


@routes.post("/report-runs", status_code=202)
def ask(caller: Runner, given: AskedReport, key: Key, response: Response) -> RunShown:
    """Ask for a report: every household of the region is matched, then added up. `aidgraph schedule` does it."""
    run, repeated = report_access.ask(caller, given.region, given.level, given.as_of, key)
    response.headers["Location"] = f"{routes.prefix}/report-runs/{run.id}"
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return _shown(caller, run)


@routes.get("/report-runs")
def runs(caller: Runner, limit: Limit = USUAL, cursor: Cursor = None) -> Paged[RunShown]:
    """What was due or asked for, the newest first, with how far it is."""
    shown, following = page_of_list([(one.id, one) for one in report_access.runs_for(caller)], cursor, limit)
    return Paged(items=[_shown(caller, one) for one in shown], next=following)


@routes.get("/report-runs/{run}")
def run(caller: Runner, run: RunId) -> RunShown:
    """How far one is."""
    return _shown(caller, report_access.run_for(caller, run))


def _shown(caller: Caller, run: Run) -> RunShown:
    done, total = report_access.progress_of(caller, [run]).get(run.id, (0, 0))
    plain = {name: getattr(run, name) or None for name in ("schedule", "by", "report", "error")}
    same = {name: getattr(run, name) for name in ("id", "level", "as_of", "due_at", "state", "attempts")}
    return RunShown.model_validate(plain | same | {"region": run.area, "households": done, "total": total})
