"""A gap report of each area for the tests of the service, and the run that one was made by."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api import batch
from api.report_runs import Run, keep_run
from api.reports import report_from
from tests.program import Program
from tests.service.serving import OTHER, OWN, a_desk, a_household, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.service.serving import Served

REPORT, OTHERS_REPORT = f"{OWN}.township.20260801T180000000000", f"{OTHER}.township.20260801T180000000000"
RUN = "nightly.20260801T180000Z"


def with_reports(served: Served) -> Served:
    """Match and report both areas as they are today."""
    desk = served.desk
    for region, id_ in ((OWN, REPORT), (OTHER, OTHERS_REPORT)):
        run = batch.begin(desk.store, region, desk.today(), desk.catalogue.hash, near=False, now=desk.now())
        for step in batch.go_on(desk.store, desk.engine, run):
            run = step
        report_from(desk, batch.finish(desk.store, run, desk.now()), region, "township", desk.now(), id_=id_)
    due = dt.datetime(2026, 8, 1, 18, tzinfo=dt.UTC)
    keep_run(desk.store, Run(RUN, OWN, "township", due.date(), due, "nightly", state="done", report=REPORT))
    return served


@contextmanager
def reported_county(folder: Path, households: int) -> Iterator[Served]:
    """The service over random households here and one elsewhere, with a report of each area."""
    store = Program(folder, f"sqlite:///{folder}/served.sqlite")
    store.env["AIDGRAPH_KEY_FILE"] = str(folder / "served.key")
    store.run("synthetic", str(households), "--seed", "4", "--region", OWN)
    with serving(a_desk(folder)) as one:
        with one.client("there") as client:
            one.households["other"] = client.post("/api/households", json=a_household(OTHER), headers=fresh()).json()["household"]
        yield with_reports(one)
