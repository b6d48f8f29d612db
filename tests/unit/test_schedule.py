"""What is due when, what is made up for, and when something is tried again: on a real store, at moments that the test names."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api import report_runs
from api.errors import Conflict
from api.report_runs import Run, again, ask_for, failed_run, keep_done, keep_run, note_due, open_deliveries, open_runs, run_of
from api.schedule_plan import Plan, Planned
from api.wiring import CHINA
from graph.open import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.store import GraphStore

NIGHTLY = Planned("nightly", "371602", "0 2 * * *")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened
    opened.close()


def at(day: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 8, day, hour, minute, tzinfo=CHINA)


def days(runs: list[Run]) -> list[int]:
    return [run.as_of.day for run in runs]


def test_a_schedule_begins_with_the_first_look_and_each_night_comes_once(store: GraphStore) -> None:
    plan = Plan((NIGHTLY,))
    assert note_due(store, plan, at(1)) == []
    assert note_due(store, plan, at(2, 1, 59)) == []
    assert days(note_due(store, plan, at(2, 2))) == [2]
    assert note_due(store, plan, at(2, 2)) == []
    assert days(note_due(store, plan, at(5))) == [3, 4, 5]
    assert days(open_runs(store, at(5))) == [2, 3, 4, 5]


def test_of_many_moments_missed_on_a_day_the_last_one_is_made_up_for(store: GraphStore) -> None:
    plan = Plan((replace(NIGHTLY, cron="*/10 8-9 * * *"),))
    note_due(store, plan, at(1))
    assert [run.due_at.astimezone(CHINA) for run in note_due(store, plan, at(3, 8, 15))] == [at(2, 9, 50), at(3, 8, 10)]


def test_what_was_missed_long_ago_is_not_made(store: GraphStore) -> None:
    note_due(store, Plan((NIGHTLY,)), at(1) - dt.timedelta(days=400))
    assert len(note_due(store, Plan((NIGHTLY,)), at(1))) == report_runs.CATCH_UP.days


def test_a_schedule_with_new_moments_begins_anew(store: GraphStore) -> None:
    note_due(store, Plan((NIGHTLY,)), at(1))
    hourly = Plan((replace(NIGHTLY, cron="0 * * * *"),))
    assert note_due(store, hourly, at(5, 12, 30)) == []
    assert [run.due_at.astimezone(CHINA) for run in note_due(store, hourly, at(5, 13))] == [at(5, 13)]


def test_a_weekday_is_that_of_china() -> None:
    mondays = Planned("m", "37", "0 2 * * mon")
    assert [one.astimezone(CHINA) for one in mondays.due(at(1), at(12))] == [at(3, 2), at(10, 2)]
    assert mondays.next(at(3, 2, 1)) == at(10, 2)


def test_what_fails_is_tried_later_and_later_and_given_up_some_day_and_can_be_asked_for_again(store: GraphStore) -> None:
    note_due(store, Plan((NIGHTLY,)), at(1))
    (run,) = note_due(store, Plan((NIGHTLY,)), at(2))
    waited = []
    for attempt in range(1, report_runs.TRIES["report"] + 1):
        run = keep_run(store, failed_run(replace(run, attempts=attempt), "OSError", at(2)))
        waited.append(None if run.again_at is None else (run.again_at - at(2)).seconds // 60)
    assert waited == [1, 2, 4, 8, 16, 32, 60, None]
    assert (run.state, open_runs(store, at(30))) == ("failed", [])
    again(store, run.id, at(3))
    (now,) = open_runs(store, at(3))
    assert (now.attempts, now.error) == (0, "")


def test_what_is_done_stays_done_whoever_comes_late(store: GraphStore) -> None:
    note_due(store, Plan((NIGHTLY,)), at(1))
    (run,) = note_due(store, Plan((NIGHTLY,)), at(2))
    done = keep_done(store, replace(run, report=run.report_id), ["folder", "a@example.org"], at(2))
    keep_run(store, failed_run(run, "late", at(3)))
    keep_done(store, replace(run, report=run.report_id), ["folder", "a@example.org"], at(4))
    assert run_of(store.get("ReportRun", run.id) or {}) == replace(done, due_at=done.due_at.astimezone(dt.UTC), ended_at=at(2))
    assert [one.to for one in open_deliveries(store, at(4))] == ["a@example.org", "folder"]


def test_a_request_sent_again_asks_for_nothing_new(store: GraphStore) -> None:
    day = dt.date(2026, 8, 1)
    run, repeated = ask_for(store, "371602", None, day, by="li", key="one", now=at(1))
    assert (repeated, run.level) == (False, "township")
    assert ask_for(store, "371602", None, day, by="li", key="one", now=at(2))[1]
    with pytest.raises(Conflict):
        ask_for(store, "3716", None, day, by="li", key="one", now=at(2))
    assert not ask_for(store, "371602", None, day, by="wang", key="one", now=at(2))[1]
    assert len(open_runs(store, at(2))) == 2
