"""Columns of few rows as numpy arrays, and the operations that polars does on them: same results, a hundredth of the call.

- yes/no: int8, 1 yes, -1 no, 0 unknown; so that and, or, not are minimum, maximum, minus.
- number, date (days since 1970): (values, mask), mask true where unknown, None where nothing is; Int128 is held as Python ints.
- text, list of codes: the same with an array of objects.

What unknown does is decided in `matcher.logic`; these only carry out what it wrote. Source: engine page, "Pitfalls".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

Array: TypeAlias = np.ndarray
Flag: TypeAlias = Array
Masked: TypeAlias = tuple[Array, Array | None]

_WAYS = np.array([-1, 1], dtype=np.int8)
_FILLED = {False: np.array([-1, 1, -1], dtype=np.int8), True: np.array([1, 1, -1], dtype=np.int8)}
"""By value, so that the last stands for -1."""
NO = np.array([-1], dtype=np.int8)
YES = np.array([1], dtype=np.int8)
UNKNOWN = np.array([0], dtype=np.int8)


def flag(true: Array, mask: Array | None = None) -> Flag:
    """A numpy boolean as a yes/no, unknown under the mask."""
    made = _WAYS.take(true)
    if mask is not None:
        made[mask if mask.shape == made.shape else np.broadcast_to(mask, made.shape)] = 0
    return made


def _either(m: Array | None, k: Array | None) -> Array | None:
    return k if m is None else m if k is None else m | k


def _masked(values: Array, mask: Array | None) -> Masked:
    """Values with their mask, as long as they are."""
    return values, mask if mask is None or mask.shape == values.shape else np.broadcast_to(mask, values.shape)


# --- yes/no -----------------------------------------------------------------------------------------------------------
def filled(value: bool) -> Callable[[Flag], Flag]:
    """Unknown replaced."""
    ways = _FILLED[value]
    return lambda a: np.asarray(ways.take(a))


def flag_is_null(a: Flag) -> Flag:
    """Whether it is unknown."""
    return np.asarray(_WAYS.take(a == 0))


def flag_is_known(a: Flag) -> Flag:
    """Whether it is known."""
    return np.asarray(_WAYS.take(a != 0))


def as_number(a: Flag) -> Masked:
    """1 for yes, 0 for no."""
    mask = a == 0
    return (a == 1).astype(np.int64), mask if mask.any() else None


def choose_flag(p: Flag, a: Flag, b: Flag) -> Flag:
    """When/then/otherwise."""
    return np.asarray(np.where(p == 1, a, b))


def first_flag(a: Flag, b: Flag) -> Flag:
    """Coalesce."""
    return np.asarray(np.where(a == 0, b, a))


# --- numbers, dates, texts --------------------------------------------------------------------------------------------
def compare(operator: Callable[[Any, Any], Any]) -> Callable[[Masked, Masked], Flag]:
    """A comparison, unknown where either side is."""

    def act(a: Masked, b: Masked) -> Flag:
        return flag(operator(a[0], b[0]), _either(a[1], b[1]))

    return act


def combine(operator: Callable[[Any, Any], Any]) -> Callable[[Masked, Masked], Masked]:
    """Arithmetic, unknown where either side is."""

    def act(a: Masked, b: Masked) -> Masked:
        return _masked(operator(a[0], b[0]), _either(a[1], b[1]))

    return act


def divide(operator: Callable[[Any, Any], Any]) -> Callable[[Masked, Masked], Masked]:
    """// or %, unknown by 0 as well."""

    def act(a: Masked, b: Masked) -> Masked:
        zero = b[0] == 0
        if not zero.any():
            return _masked(operator(a[0], b[0]), _either(a[1], b[1]))
        return _masked(operator(a[0], np.where(zero, 1, b[0])), _either(_either(a[1], b[1]), zero))

    return act


def outer(extreme: Callable[[Any, Any], Any]) -> Callable[[Masked, Masked], Masked]:
    """The smaller or larger of two, passing over an unknown one."""

    def act(a: Masked, b: Masked) -> Masked:
        (x, m), (y, k) = a, b
        if m is None and k is None:
            return extreme(x, y), None
        m, k = _all(m, x), _all(k, y)
        return np.where(m, y, np.where(k, x, extreme(x, y))), m & k

    return act


def _all(mask: Array | None, like: Array) -> Array:
    return np.zeros(like.shape, dtype=bool) if mask is None else mask


def choose(p: Flag, a: Masked, b: Masked) -> Masked:
    """When/then/otherwise."""
    first = p == 1
    (x, m), (y, k) = a, b
    if m is None and k is None:
        return np.where(first, x, y), None
    if m is None:
        return _masked(np.where(first, x, y), k & ~first)
    return _masked(np.where(first, x, y), m & first if k is None else np.where(first, m, k))


def fill(a: Masked, b: Masked) -> Masked:
    """Unknown replaced, where the other is known."""
    (x, m), (y, k) = a, b
    if m is None:
        return a
    return np.where(m, y, x), None if k is None else m & k


def is_null(a: Masked) -> Flag:
    """Whether it is unknown."""
    return NO.repeat(len(a[0])) if a[1] is None else _WAYS.take(a[1])


def is_known(a: Masked) -> Flag:
    """Whether it is known."""
    return YES.repeat(len(a[0])) if a[1] is None else _WAYS.take(~a[1])


def widened(a: Masked) -> Masked:
    """As Python integers, which have no end."""
    return a[0].astype(object), a[1]


def narrowed(a: Masked) -> Masked:
    """As 64-bit integers again."""
    x, m = a
    if x.dtype != object:
        return a
    return (x if m is None else np.where(m, 0, x)).astype(np.int64), m


def sign(a: Masked) -> Masked:
    """-1, 0 or 1."""
    return (a[0] > 0).astype(np.int64) - (a[0] < 0), a[1]


def clip(a: Masked, low: Masked, high: Masked) -> Masked:
    """Within two constants."""
    return np.minimum(np.maximum(a[0], low[0]), high[0]), a[1]


def one_of(values: frozenset[str]) -> Callable[[Masked], Flag]:
    """Whether a text is one of these."""
    return lambda a: flag(np.fromiter((x in values for x in a[0]), dtype=bool, count=len(a[0])), a[1])


def on_list(lists: Masked, text: Masked) -> Flag:
    """Whether a list of codes holds a text; unknown where there is no list."""
    many, some = np.broadcast_arrays(lists[0], text[0])
    found = (codes is not None and x in codes for codes, x in zip(many, some, strict=True))
    return flag(np.fromiter(found, dtype=bool, count=len(many)), lists[1])


def starts_with(a: Masked, b: Masked) -> Flag:
    """Whether a text begins with another."""
    many, some = np.broadcast_arrays(a[0], b[0])
    found = (x is not None and y is not None and x.startswith(y) for x, y in zip(many, some, strict=True))
    return flag(np.fromiter(found, dtype=bool, count=len(many)), _either(a[1], b[1]))


def length(a: Masked) -> Masked:
    """How many characters a text has."""
    return np.fromiter((len(x or "") for x in a[0]), dtype=np.int64, count=len(a[0])), a[1]


def head(a: Masked, count: Masked) -> Masked:
    """The first characters of a text."""
    made = np.empty(len(a[0]), dtype=object)
    made[:] = [None if x is None else x[: count[0][0]] for x in a[0]]
    return made, a[1]


def spread_flag(a: Flag, like: Masked) -> Flag:
    """A constant on every row."""
    return np.resize(a, like[0].shape)


def spread(a: Masked, like: Masked) -> Masked:
    """A constant on every row."""
    shape = like[0].shape
    return np.resize(a[0], shape), None if a[1] is None else np.resize(a[1], shape)


# --- dates ------------------------------------------------------------------------------------------------------------
def _days(x: Array) -> Array:
    return x.astype("datetime64[D]")


def year(a: Masked) -> Masked:
    """The year of a date."""
    return _days(a[0]).astype("datetime64[Y]").astype(np.int64) + 1970, a[1]


def month(a: Masked) -> Masked:
    """The month of a date, 1 to 12."""
    return _days(a[0]).astype("datetime64[M]").astype(np.int64) % 12 + 1, a[1]


def day(a: Masked) -> Masked:
    """The day of the month."""
    days = _days(a[0])
    return (days - days.astype("datetime64[M]")).astype(np.int64) + 1, a[1]


def is_leap_year(a: Masked) -> Flag:
    """Whether the year of a date has 366 days."""
    y, m = year(a)
    return flag((y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0)), m)


def months_on(count: int) -> Callable[[Masked], Masked]:
    """A date moved by whole months, not beyond the month's last day."""

    def act(a: Masked) -> Masked:
        days = _days(a[0])
        months = days.astype("datetime64[M]")
        moved = months + count
        last = (moved + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
        return np.minimum(moved.astype("datetime64[D]") + (days - months), last).astype(np.int64), a[1]

    return act


def days_on(count: int) -> Callable[[Masked], Masked]:
    """A date moved by days."""
    return lambda a: (a[0] + count, a[1])
