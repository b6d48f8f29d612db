"""Clocks in working days over Spring Festival, weekends that are worked, and years that nobody has published yet."""

from __future__ import annotations

import datetime as dt

import pytest

from matcher.language import Words
from matcher.referral import Standing, State, Step, standing
from matcher.workdays import Deadline, deadline, is_workday, published, working_days

UP = (Step(0, Words("县", "county")), Step(3, Words("市", "city")))
HEARING = State("hearing", Words("征求意见", "hearing"), 3, UP)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("begin", "days", "last"),
    [
        ("2026-02-12", 1, "2026-02-13"),
        ("2026-02-12", 2, "2026-02-14"),  # a Saturday that is worked for Spring Festival
        ("2026-02-12", 3, "2026-02-24"),  # the festival from 15 to 23 February is not counted
        ("2026-02-24", 4, "2026-02-28"),  # another Saturday that is worked
        ("2026-02-28", 1, "2026-03-02"),
        ("2026-09-18", 1, "2026-09-20"),  # a Sunday that is worked for the National Day
        ("2026-09-30", 1, "2026-10-08"),
        ("2025-12-31", 1, "2026-01-04"),  # over New Year, the Sunday worked
        ("2026-02-17", 0, "2026-02-17"),
    ],
)
def test_a_deadline_counts_the_days_on_which_offices_work(begin: str, days: int, last: str) -> None:
    assert deadline(day(begin), days) == Deadline(day(last), provisional=False)


def test_a_year_that_is_not_published_counts_weekends_alone_and_says_so() -> None:
    year = next(year for year in range(2026, 2100) if not published(year))
    first = dt.date(year, 3, 1)
    monday = first + dt.timedelta(days=(7 - first.weekday()) % 7)
    assert deadline(monday, 5) == Deadline(monday + dt.timedelta(days=7), provisional=True)
    assert not deadline(dt.date(2026, 11, 20), 5).provisional
    assert is_workday(monday)
    assert not is_workday(monday + dt.timedelta(days=5))


def test_days_between_are_those_that_a_deadline_counts() -> None:
    for begin in (day("2026-02-10") + dt.timedelta(days=number) for number in range(25)):
        for days in range(8):
            last = deadline(begin, days).day
            assert working_days(begin, last) == days
            assert working_days(last, begin) == -days


@pytest.mark.parametrize(
    ("today", "left", "up_to"),
    [
        ("2026-02-12", 3, None),
        ("2026-02-13", 2, None),
        ("2026-02-15", 1, None),  # in the festival: still the 24th
        ("2026-02-24", 0, None),
        ("2026-02-25", -1, "county"),
        ("2026-02-26", -2, "county"),
        ("2026-02-27", -3, "city"),
        ("2026-02-28", -4, "city"),
    ],
)
def test_what_is_late_goes_up_step_by_step(today: str, left: int, up_to: str | None) -> None:
    found = standing(HEARING, day("2026-02-12"), day(today))
    assert found.due == Deadline(day("2026-02-24"), provisional=False)
    assert (found.left, found.up_to and found.up_to.en, found.overdue) == (left, up_to, left < 0)


def test_late_over_a_weekend_is_late_at_once() -> None:
    found = standing(State("a", Words("甲", "a"), 1, UP), day("2026-03-05"), day("2026-03-07"))  # due on Friday, asked on Saturday
    assert (found.left, found.overdue, found.up_to and found.up_to.en) == (-1, True, "county")


def test_an_end_has_no_clock() -> None:
    assert standing(State("closed", Words("办结", "closed"), final=True), day("2026-02-12"), day("2027-02-12")) == Standing()
