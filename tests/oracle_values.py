"""Values of the rule language, one at a time, and what not knowing does to them.

yes/no: True, False or None (unknown). number and money: an Interval of Fractions, an open end is None. text: the frozenset of
values still possible, None for a text that could be anything. date and region: the value or None. Written from the language
page and the notes to it; the oracle alone uses it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matcher.language import Kind

NUMBERS = ("number", "money")


class Interval(NamedTuple):
    """All numbers from lo to hi; None is an open end."""

    lo: Fraction | None
    hi: Fraction | None

    @property
    def known(self) -> bool:
        """Whether it is a single number."""
        return self.lo is not None and self.lo == self.hi


if TYPE_CHECKING:
    End = Fraction | float
    Value = bool | Interval | frozenset[str] | str | dt.date | None

OPEN = Interval(None, None)
ZERO = Interval(Fraction(0), Fraction(0))


def point(value: Fraction | int) -> Interval:
    """A known number."""
    return Interval(Fraction(value), Fraction(value))


def unknown(kind: Kind) -> Value:
    """What nobody knows anything about."""
    return OPEN if kind in NUMBERS else None


def decided(value: Value) -> bool:
    """Whether there is nothing left to learn about a value."""
    if isinstance(value, Interval):
        return value.known
    if isinstance(value, frozenset):
        return len(value) == 1
    return value is not None


# --- yes and no -----------------------------------------------------------------------------------------------------


def negate(of: bool | None) -> bool | None:
    """Kleene not."""
    return None if of is None else not of


def every(of: Iterable[bool | None]) -> bool | None:
    """Kleene and over any number; yes for none."""
    seen = list(of)
    return False if False in seen else None if None in seen else True


def some(of: Iterable[bool | None]) -> bool | None:
    """Kleene or over any number; no for none."""
    seen = list(of)
    return True if True in seen else None if None in seen else False


# --- numbers --------------------------------------------------------------------------------------------------------


def low(of: Interval) -> End:
    """The lower end, an open one as minus infinity."""
    return -math.inf if of.lo is None else of.lo


def high(of: Interval) -> End:
    """The upper end, an open one as infinity."""
    return math.inf if of.hi is None else of.hi


def between(lo: End, hi: End) -> Interval:
    """The interval with these ends, infinite ones open."""
    return Interval(lo if isinstance(lo, Fraction) else None, hi if isinstance(hi, Fraction) else None)


def add(a: Interval, b: Interval) -> Interval:
    """a + b."""
    return between(low(a) + low(b), high(a) + high(b))


def subtract(a: Interval, b: Interval) -> Interval:
    """a - b."""
    return between(low(a) - high(b), high(a) - low(b))


def multiply(a: Interval, b: Interval) -> Interval:
    """a * b; 0 times an open end is 0."""
    products = [_product(x, y) for x in (low(a), high(a)) for y in (low(b), high(b))]
    return between(min(products), max(products))


def divide(a: Interval, b: Interval) -> Interval:
    """a / b for a divisor that is surely positive, else unknown."""
    if b.lo is None or b.lo <= 0:
        return OPEN
    inverse = Interval(Fraction(0) if b.hi is None else 1 / b.hi, 1 / b.lo)
    return multiply(a, inverse)


def least(of: Iterable[Interval]) -> Interval:
    """The smallest of some numbers."""
    seen = list(of)
    return between(min(low(one) for one in seen), min(high(one) for one in seen))


def greatest(of: Iterable[Interval]) -> Interval:
    """The greatest of some numbers."""
    seen = list(of)
    return between(max(low(one) for one in seen), max(high(one) for one in seen))


def stepped(of: Interval, step: Interval, rounded: Callable[[Fraction], int]) -> Interval:
    """Each end moved to a multiple of the step by math.floor or math.ceil; unknown unless the step is known and positive."""
    if not step.known or step.lo is None or step.lo <= 0:
        return OPEN
    size = step.lo
    lo, hi = (None if end is None else Fraction(rounded(end / size)) * size for end in of)
    return Interval(lo, hi)


def half_up(of: Interval) -> Interval:
    """Both ends rounded half up to a whole number (of fen)."""
    lo, hi = (None if end is None else Fraction(math.floor(end + Fraction(1, 2))) for end in of)
    return Interval(lo, hi)


def not_negative(of: Interval) -> Interval:
    """Nothing below zero."""
    return greatest([of, ZERO])


def with_zero(of: Interval) -> Interval:
    """The interval, or nothing at all."""
    return between(min(low(of), Fraction(0)), max(high(of), Fraction(0)))


def _product(x: End, y: End) -> End:
    return Fraction(0) if x == 0 or y == 0 else x * y


# --- any kind -------------------------------------------------------------------------------------------------------


def compare(op: str, a: Value, b: Value) -> bool | None:
    """One comparison of two values of one kind."""
    if op == "!=":
        return negate(compare("==", a, b))
    if op in (">", ">="):
        return compare("<" if op == ">" else "<=", b, a)
    if isinstance(a, Interval) and isinstance(b, Interval):
        return _compare_numbers(op, a, b)
    if a is None or b is None:
        return None
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return False if not a & b else True if len(a) == len(b) == 1 else None
    if isinstance(a, dt.date) and isinstance(b, dt.date):
        return a == b if op == "==" else a < b if op == "<" else a <= b
    return a == b


def _compare_numbers(op: str, a: Interval, b: Interval) -> bool | None:
    if op == "==":
        return True if a.known and a == b else False if high(a) < low(b) or high(b) < low(a) else None
    if op == "<":
        return True if high(a) < low(b) else False if low(a) >= high(b) else None
    return True if high(a) <= low(b) else False if low(a) > high(b) else None


def hull(kind: Kind, of: Iterable[Value]) -> Value:
    """What holds all of some values: hull of numbers, union of texts, otherwise the common value or unknown."""
    seen = list(of)
    if not seen:
        return unknown(kind)
    if kind in NUMBERS:
        numbers = [one for one in seen if isinstance(one, Interval)]
        return between(min(map(low, numbers)), max(map(high, numbers)))
    if kind == "text":
        texts = [one for one in seen if isinstance(one, frozenset)]
        return frozenset().union(*texts) if len(texts) == len(seen) else None
    return seen[0] if all(one == seen[0] for one in seen) else None


# --- dates ----------------------------------------------------------------------------------------------------------


def shifted(day: dt.date, *, years: int = 0, months: int = 0, days: int = 0) -> dt.date:
    """A day moved by years and months, stopping at the month's last day, then by days."""
    count = day.year * 12 + day.month - 1 + years * 12 + months
    year, month = count // 12, count % 12 + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1])) + dt.timedelta(days=days)


def years_between(day: dt.date, later: dt.date) -> int:
    """Whole years from one day to another; 29 February has its birthday on the 28th in a common year."""
    years = later.year - day.year
    return years if shifted(day, years=years) <= later else years - 1


def made_date(year: Interval, month: Interval, day: Interval) -> dt.date | None:
    """The date of three known whole numbers; None if one is unknown or there is no such day."""
    parts = [part.lo for part in (year, month, day) if part.known and part.lo is not None]
    if len(parts) < 3 or any(part.denominator != 1 for part in parts):
        return None
    try:
        return dt.date(*map(int, parts))
    except ValueError:
        return None
