"""Reports that are due or asked for, each one node of the store with how far it is, and what became of sending it.

A node is made once for a schedule and its moment, or for a request and its key, so that however many processes see that a report is due,
there is one. What is due is noted before anything is done: from then on it is lost by no crash.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Literal

from api.batch import nodes
from api.errors import Conflict, NotFound
from api.reports import below, report_id
from api.schedule_plan import Plan, Planned
from api.wiring import CHINA
from graph.store import GraphStore, Writer

State = Literal["waiting", "working", "done", "failed"]
BY_HAND = "by-hand"
CATCH_UP = dt.timedelta(days=31)
"""What was missed longer ago is not made any more."""
TRIES = {"report": 8, "delivery": 48}
LONGEST_WAIT = 60  # minutes


@dataclass(frozen=True, slots=True)
class Run:
    """A report to be made. schedule: "" where `by`, an account or the terminal, asked for it. run: the batch behind it. error: its kind."""

    id: str
    area: str
    level: str
    as_of: dt.date
    due_at: dt.datetime
    schedule: str = ""
    by: str = ""
    allocate: bool = False
    state: State = "waiting"
    attempts: int = 0
    again_at: dt.datetime | None = None
    begun_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    run: str = ""
    report: str = ""
    error: str = ""

    @property
    def report_id(self) -> str:
        """The id of its report: known before it is made, so that it is made once."""
        return report_id(self.area, self.level, self.due_at)

    def row(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: getattr(self, name) for name in Run.__slots__}


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report to be put into the folder (`to` is "folder") or sent to an address."""

    id: str
    of: str
    report: str
    to: str
    state: State = "waiting"
    attempts: int = 0
    again_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    error: str = ""

    def row(self) -> dict[str, Any]:
        """As it is stored."""
        return {name: getattr(self, name) for name in Delivery.__slots__}


def run_of(row: dict[str, Any]) -> Run:
    """A run as it was stored."""
    return Run(**{name: value for name, value in row.items() if name in Run.__slots__})


def delivery_of(row: dict[str, Any]) -> Delivery:
    """A delivery as it was stored."""
    return Delivery(**{name: value for name, value in row.items() if name in Delivery.__slots__})


def note_due(store: GraphStore, plan: Plan, now: dt.datetime) -> list[Run]:
    """Note what has come due since this was last asked; of what was missed, the last of each day. Returns what is new.

    A schedule begins with the first look at it, and anew when its moments change.
    """
    return [run for planned in plan.reports for run in _note(store, planned, now)]


def _note(store: GraphStore, planned: Planned, now: dt.datetime) -> list[Run]:
    mark = f"schedule/{planned.id}"

    def unit(writer: Writer) -> list[Run]:
        told = json.loads((writer.get("Meta", mark) or {}).get("value", "{}"))
        since = dt.datetime.fromisoformat(told["since"]) if told.get("cron") == planned.cron else now
        by_day = {moment.astimezone(CHINA).date(): moment for moment in planned.due(max(since, now - CATCH_UP), now)}
        runs = [_planned_run(planned, moment) for moment in by_day.values()]
        new = [run for run in runs if writer.get("ReportRun", run.id) is None]
        writer.upsert_nodes("ReportRun", [run.row() for run in new])
        last = max(by_day.values(), default=since)
        writer.upsert_nodes("Meta", [{"id": mark, "value": json.dumps({"cron": planned.cron, "since": last.isoformat()})}])
        return new

    return store.write(unit)


def _planned_run(planned: Planned, moment: dt.datetime, by: str = "") -> Run:
    day, level = moment.astimezone(CHINA).date(), planned.level or below(planned.region)
    id_ = f"{planned.id}.{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
    return Run(id_, planned.region, level, day, moment, planned.id, by, planned.allocate)


def run_now(store: GraphStore, planned: Planned, now: dt.datetime) -> Run:
    """A planned report, now and beside its schedule."""
    run = _planned_run(planned, now, "terminal")
    store.write(lambda writer: writer.upsert_nodes("ReportRun", [run.row()]))
    return run


def ask_for(
    store: GraphStore, area: str, level: str | None, as_of: dt.date, *, by: str, key: str, now: dt.datetime, allocate: bool = False
) -> tuple[Run, bool]:
    """Ask for a report once. key: the request's own word; asked again with it, the same run is given, and True.

    Raises: Conflict if the word was used for another report.
    """
    word = sha256(f"{by}\0{key}".encode()).hexdigest()
    id_ = f"{BY_HAND}.{word[:24]}"
    wanted = Run(id_, area, level or below(area), as_of, now, by=by, allocate=allocate)

    def unit(writer: Writer) -> tuple[Run, bool]:
        row = writer.get("ReportRun", id_)
        if row is None:
            writer.upsert_nodes("ReportRun", [wanted.row()])
            return wanted, False
        there = run_of(row)
        if (there.area, there.level, there.as_of) != (wanted.area, wanted.level, wanted.as_of):
            zh, en = "这个 Idempotency-Key 已用于另一个请求，请换一个", "this Idempotency-Key was used for another request: take a new one"
            raise Conflict(zh, en)
        return there, True

    return store.write(unit)


def runs_in(store: GraphStore) -> list[Run]:
    """All of them, the newest first."""
    found = [run_of(row) for page in nodes(store, "ReportRun", "") for row in page]
    return sorted(found, key=lambda run: (run.due_at, run.id), reverse=True)


def open_runs(store: GraphStore, now: dt.datetime) -> list[Run]:
    """Those to be made now, the oldest first: waiting, or left by a process that ended."""
    found = [run_of(row) for state in ("waiting", "working") for row in store.find("ReportRun", {"state": state}, limit=1_000).rows]
    return sorted((run for run in found if run.again_at is None or run.again_at <= now), key=lambda run: (run.due_at, run.id))


def open_deliveries(store: GraphStore, now: dt.datetime) -> list[Delivery]:
    """Those to be sent now."""
    found = [delivery_of(row) for row in store.find("Delivery", {"state": "waiting"}, limit=1_000).rows]
    return [one for one in found if one.again_at is None or one.again_at <= now]


def deliveries_of(store: GraphStore, run: str) -> list[Delivery]:
    """What is sent of a run's report."""
    return [delivery_of(row) for row in store.find("Delivery", {"of": run}, limit=1_000).rows]


def keep_run(store: GraphStore, run: Run) -> Run:
    """Write down how far a run is."""
    store.write(lambda writer: _put(writer, "ReportRun", run.row()))
    return run


def keep_done(store: GraphStore, run: Run, targets: Iterable[str], now: dt.datetime) -> Run:
    """Its report is made; where it goes is noted in the same unit, so that nothing is forgotten to be sent."""
    done = replace(run, state="done", ended_at=now, again_at=None, error="")
    rows = [Delivery(f"{run.id}/{to}", run.id, run.report, to).row() for to in targets]

    def unit(writer: Writer) -> None:
        _put(writer, "ReportRun", done.row())
        writer.upsert_nodes("Delivery", [row for row in rows if writer.get("Delivery", row["id"]) is None])

    store.write(unit)
    return done


def keep_delivery(store: GraphStore, one: Delivery) -> None:
    """Write down what became of sending."""
    store.write(lambda writer: _put(writer, "Delivery", one.row()))


def _put(writer: Writer, kind: str, row: dict[str, Any]) -> None:
    """A row as a whole: what is blank now is forgotten. What is done stays done, whoever comes late."""
    if (writer.get(kind, row["id"]) or {}).get("state") == "done":
        return
    blank = [name for name, value in row.items() if value is None or value == ""]
    writer.upsert_nodes(kind, [row])
    writer.remove_keys(kind, row["id"], blank)


def failed_run(run: Run, error: str, now: dt.datetime) -> Run:
    """The run after a try that failed: again later, ever more seldom, or given up."""
    over = run.attempts >= TRIES["report"]
    return replace(run, state="failed" if over else "waiting", error=error, again_at=None if over else now + wait(run.attempts))


def failed_delivery(one: Delivery, error: str, now: dt.datetime) -> Delivery:
    """The same of a delivery."""
    tried = replace(one, attempts=one.attempts + 1, error=error)
    over = tried.attempts >= TRIES["delivery"]
    return replace(tried, state="failed" if over else "waiting", again_at=None if over else now + wait(tried.attempts))


def wait(attempts: int) -> dt.timedelta:
    """1, 2, 4 … minutes, an hour at most."""
    return dt.timedelta(minutes=min(LONGEST_WAIT, 2 ** max(0, min(attempts, 10) - 1)))


def again(store: GraphStore, id_: str, now: dt.datetime) -> Run:
    """Try a run, or what of it could not be sent, anew and at once. Raises NotFound."""
    row = store.get("ReportRun", id_)
    if row is None:
        zh, en = f"没有“{id_}”这一次", f"there is no run {id_!r}"
        raise NotFound(zh, en, hint=("历史：aidgraph schedule --history", "all of them: aidgraph schedule --history"))
    run = run_of(row)
    if run.state != "done":
        return keep_run(store, replace(run, state="waiting", attempts=0, again_at=now, error=""))
    for one in deliveries_of(store, id_):
        if one.state != "done":
            keep_delivery(store, replace(one, state="waiting", attempts=0, again_at=now, error=""))
    return run
