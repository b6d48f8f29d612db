"""Working days in China: holidays and the weekends that are worked for them, as the State Council publishes them year by year.

The days of a year are published the autumn before. A deadline that reaches into a year that is not published yet counts its weekends
alone and is provisional: it is computed anew whenever it is read, and settles once the package knows the year. Source: `chinese_calendar`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import chinese_calendar  # type: ignore[import-untyped]  # it carries no types

DAY = dt.timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which something is in time; `provisional`: holidays of that time are not published yet."""

    day: dt.date
    provisional: bool


def published(year: int) -> bool:
    """Whether the holidays of a year are known."""
    return _workday(dt.date(year, 1, 1)) is not None


def is_workday(day: dt.date) -> bool:
    """Whether offices work; of a year that is not published, whether it is no weekend."""
    known = _workday(day)
    return day.weekday() < SATURDAY if known is None else known


def deadline(begin: dt.date, working_days: int) -> Deadline:
    """The last of so many working days after the day on which something began; that day itself is not counted."""
    day, left = begin, working_days
    while left:
        day += DAY
        left -= is_workday(day)
    return Deadline(day, any(not published(year) for year in range(begin.year, day.year + 1)))


def working_days(after: dt.date, until: dt.date) -> int:
    """How many working days lie after one day up to another; negative if the other is earlier."""
    if until < after:
        return -working_days(until, after)
    return sum(is_workday(after + number * DAY) for number in range(1, (until - after).days + 1))


@cache
def _workday(day: dt.date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None
