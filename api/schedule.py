"""Makes the reports that are due or asked for, one after the other, and brings them to their readers.

Several processes may do this on one store: whoever holds the lease works, the others stand by and take over when it runs out. Every
step can be done again with the same result, so a process that is killed, or wakes up after its lease, does no harm: a batch goes on
from its mark, a report has its id before it is made, what was sent is noted.
"""

import datetime as dt
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from api import batch, report_runs
from api.allocate import Sharing
from api.deliver import FOLDER, kind_of, put_into_folder, send_mail
from api.report_runs import Delivery, Run
from api.reports import report_from, report_of
from api.schedule_plan import Plan
from api.wiring import Desk
from graph.errors import GraphError
from graph.store import GraphStore

LOG = logging.getLogger("aidgraph.schedule")
LEASE = "reports"
TERM = dt.timedelta(seconds=20)
"""So long after a process was killed another one takes its work over."""
RENEW = 5  # seconds

Told = Callable[[str, int, int], None]
"""Hears of a stage (allocate, batch, report) how many households of how many are done."""


class Stopped(Exception):  # noqa: N818 - named after what happened
    """The process is to end, or lost its lease: the work stays as it is, for whoever comes next."""


def _quiet(stage: str, done: int, total: int) -> None:
    """Nobody looks on."""


@dataclass
class Worker:
    """Works off what is due on one store. clock: what time it is."""

    desk: Desk
    plan: Plan = field(default_factory=Plan)
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    told: Told = _quiet
    stop: threading.Event = field(default_factory=threading.Event)
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}")
    _lost: threading.Event = field(default_factory=threading.Event)

    def look(self, *, waiting: bool = False) -> int:
        """Do everything that is due now, unless another process is at it. Returns how many things failed.

        Args:
            waiting: wait until the other is through, and then look.
        """
        report_runs.note_due(self.desk.store, self.plan, self.clock())
        failed = 0
        with self._lease(waiting=waiting) as held:
            while held and (runs := report_runs.open_runs(self.desk.store, self.clock())):
                failed += not self._run(runs[0])
            for one in report_runs.open_deliveries(self.desk.store, self.clock()) if held else ():
                self._go_on()
                failed += not self._deliver(one)
        return failed

    def _run(self, run: Run) -> bool:
        """Make one report. Whatever goes wrong is written down, and tried again later."""
        store = self.desk.store
        begun = replace(run, state="working", attempts=run.attempts + 1, begun_at=self.clock(), again_at=None, error="")
        run = report_runs.keep_run(store, begun)
        LOG.info("report %s: begun, attempt %d", run.id, run.attempts)
        try:
            done = self._made(run)
        except Stopped:
            if self.stop.is_set():  # asked to end: that was no try
                report_runs.keep_run(store, replace(_stored(store, run), state="waiting", attempts=run.attempts - 1))
            raise
        except Exception as error:  # any: the next report must not wait for this one
            failed = report_runs.failed_run(_stored(store, run), kind_of(error), self.clock())
            report_runs.keep_run(store, failed)
            LOG.warning("report %s: %s (%s)", run.id, failed.state, failed.error)
            return False
        LOG.info("report %s: done, %s", run.id, done.report)
        return True

    def _made(self, run: Run) -> Run:
        """Share out if that is wanted, match every household, add up; by the projects that hold now."""
        self.desk = self.desk.renewed()
        if run.allocate and not run.run:
            self._share_out(run)
        run, matched = self._match(run)
        self._go_on()
        report = report_from(self.desk, matched, run.area, run.level, self.clock(), id_=run.report_id)
        self.told("report", 1, 1)
        planned = self.plan.of(run.schedule)
        to = () if planned is None else (*([FOLDER] if self.plan.folder else []), *planned.to)
        return report_runs.keep_done(self.desk.store, replace(run, report=report.id), to, self.clock())

    def _share_out(self, run: Run) -> None:
        """Charity budgets, hardest first; cut off, it goes on with the projects that had not their turn."""
        desk = self.desk
        sharing, done = Sharing(desk.store, desk.engine, run.as_of, desk.today(), False), 0
        sharing.begin(None, run.area)

        def told(more: int) -> None:
            nonlocal done
            self._go_on()
            done += more
            self.told("allocate", done, len(sharing.homes))

        sharing.read(told)
        for _ in sharing.shared():
            self._go_on()

    def _match(self, run: Run) -> tuple[Run, batch.Batch]:
        """The batch behind the report: the one that was begun for it, or a new one where that is gone."""
        store, desk = self.desk.store, self.desk
        row = store.get("BatchRun", run.run) if run.run else None
        matched = batch.batch_of(row) if row is not None and row["state"] != "dropped" else None
        if matched is None or matched.catalogue != desk.catalogue.hash:
            matched = batch.begin(store, run.area, run.as_of, desk.catalogue.hash, near=False, now=self.clock())
            run = report_runs.keep_run(store, replace(run, run=matched.id))
        if matched.state == "running":
            for step in batch.go_on(store, desk.engine, matched):
                self._go_on()
                self.told("batch", step.households, step.total)
                matched = step
            matched = batch.finish(store, matched, self.clock())
        return run, matched

    def _deliver(self, one: Delivery) -> bool:
        """Bring a report to one reader, and note it."""
        store, planned = self.desk.store, self.plan.of(one.of.partition(".")[0])
        try:
            self.desk = self.desk.renewed()
            report = report_of(store, one.report)
            if planned is None or (one.to == FOLDER and self.plan.folder is None) or (one.to != FOLDER and self.plan.mail is None):
                raise LookupError
            if one.to == FOLDER:
                assert self.plan.folder is not None
                put_into_folder(report, self.desk.catalogue, planned, self.plan.folder)
            else:
                assert self.plan.mail is not None
                send_mail(report, self.desk.catalogue, planned, self.plan.mail, one)
        except Exception as error:  # any: the other readers must not wait
            kind = "not planned any more" if isinstance(error, LookupError) else kind_of(error)
            report_runs.keep_delivery(store, report_runs.failed_delivery(one, kind, self.clock()))
            LOG.warning("delivery of %s: %s", one.of, kind)
            return False
        done = replace(one, state="done", attempts=one.attempts + 1, ended_at=self.clock(), again_at=None, error="")
        report_runs.keep_delivery(store, done)
        LOG.info("delivery of %s: done", one.of)
        return True

    @contextmanager
    def _lease(self, *, waiting: bool) -> Iterator[bool]:
        """Hold the lease while the block runs; a thread renews it, and says when it is lost."""
        store = self.desk.store
        held = store.lease(LEASE, self.holder, TERM)
        while waiting and not held and not self.stop.wait(1):
            held = store.lease(LEASE, self.holder, TERM)
        over = threading.Event()
        self._lost.clear()

        def renew() -> None:
            while not over.wait(RENEW):
                try:
                    kept = store.lease(LEASE, self.holder, TERM)
                except GraphError:
                    kept = False
                if not kept:
                    self._lost.set()

        renewing = threading.Thread(target=renew, name="lease", daemon=True)
        if held:
            renewing.start()
        try:
            yield held
        except Stopped:
            LOG.info("stopped; what was begun is gone on with later")
        finally:
            over.set()
            if held:
                renewing.join()
                store.lease(LEASE, self.holder, dt.timedelta(0))

    def _go_on(self) -> None:
        """Raises Stopped."""
        if self.stop.is_set() or self._lost.is_set():
            raise Stopped


def _stored(store: GraphStore, run: Run) -> Run:
    """The run as it is stored by now."""
    row = store.get("ReportRun", run.id)
    return run if row is None else report_runs.run_of(row)
