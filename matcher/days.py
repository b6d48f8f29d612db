"""Dates as days since 1970, as columns hold them: their parts, and moving them on. Whole numbers only, so that no year is too late.

The same results as polars' `dt` functions on a Date. Source: the civil calendar; design section 6.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.catalogue import Span

EPOCH = 719_163
"""The ordinal of 1 January 1970."""
ERA, ERA_YEARS = 146_097, 400
"""Days and years after which the calendar repeats itself."""
SINCE_MARCH_0 = 719_468
"""Days from 1 March of the year 0 to 1 January 1970."""


@lru_cache(maxsize=100_000)
def parts(days: int) -> tuple[int, int, int]:
    """Year, month and day of a date."""
    era, of_era = divmod(days + SINCE_MARCH_0, ERA)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    return era * ERA_YEARS + year + (month >= 10), month + 3 if month < 10 else month - 9, day


def of_parts(year: int, month: int, day: int) -> int:
    """The date of a year, month and day."""
    era, of_era = divmod(year - (month <= 2), ERA_YEARS)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * ERA + of_era * 365 + of_era // 4 - of_era // 100 + of_year - SINCE_MARCH_0


def is_leap(year: int) -> bool:
    """Whether a year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@lru_cache(maxsize=100_000)
def months_on(days: int, count: int) -> int:
    """A date moved by whole months, not beyond the month's last day."""
    year, month, day = parts(days)
    year, month = divmod(12 * year + month - 1 + count, 12)
    last = of_parts(year + (month == 11), (month + 1) % 12 + 1, 1) - of_parts(year, month + 1, 1)
    return of_parts(year, month + 1, min(day, last))


def of_date(day: dt.date) -> int:
    """A date as days since 1970."""
    return day.toordinal() - EPOCH


def as_date(days: int | None) -> dt.date | None:
    """Days since 1970 as a date."""
    return None if days is None else dt.date.fromordinal(days + EPOCH)


def lasts_until(days: int, span: Span) -> int:
    """The last day on which something told on a day still holds; months stop at the month's last day."""
    return months_on(days, 12 * span.years + span.months) + span.days


def after(day: dt.date, span: Span) -> int:
    """The day moved on by a span."""
    return months_on(of_date(day), 12 * span.years + span.months) + span.days
