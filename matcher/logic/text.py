"""Texts as the values still possible, dates and regions as what is known."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from matcher.logic.number import Number, point
from matcher.logic.ratio import Ratio, less
from matcher.logic.yesno import YesNo, yes_if

OTHER = "\0"
"""Among the values still possible of a text: any that is not listed there."""


@dataclass(frozen=True, eq=False, slots=True)
class Text:
    """Either `known` (one nullable column; `values` empty or what null stands for) or `may`: value -> still possible."""

    values: tuple[str, ...]
    known: pl.Expr | None = None
    may: dict[str, pl.Expr] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Day:
    """A nullable date."""

    e: pl.Expr


@dataclass(frozen=True, eq=False, slots=True)
class Area:
    """A nullable region code."""

    e: pl.Expr


def possible(t: Text, value: str) -> pl.Expr:
    """Whether `value` is still possible; never null (a text without listed values that is unknown: yes)."""
    if t.may is not None:
        return t.may.get(value, t.may.get(OTHER, pl.lit(value=False)))
    assert t.known is not None
    return ((t.known == value) | t.known.is_null()) if not t.values or value in t.values else pl.lit(value=False)


def among(t: Text, values: tuple[str, ...]) -> YesNo:
    """Whether the text is one of `values`."""
    if t.may is not None:
        inside = [e for v, e in t.may.items() if v in values or (v == OTHER and not set(values) <= set(t.may))]
        outside = [e for v, e in t.may.items() if v not in values]
        none = pl.lit(value=False)
        may_in = pl.any_horizontal(inside) if inside else none
        may_out = pl.any_horizontal(outside) if outside else none
        return yes_if(may_in & ~may_out, may_out & ~may_in)
    assert t.known is not None
    if t.values and set(t.values) <= set(values):
        return YesNo(pl.lit(value=True))
    listed = [v for v in values if not t.values or v in t.values]
    if not listed:
        return YesNo(pl.lit(value=False))
    return YesNo(t.known == listed[0] if len(listed) == 1 else t.known.is_in(listed))


def same_text(a: Text, b: Text) -> YesNo:
    """Whether two texts are equal."""
    values = list(dict.fromkeys((*_listed(a), *_listed(b))))
    if not values:
        assert a.known is not None
        assert b.known is not None
        return YesNo(a.known.cast(pl.String) == b.known.cast(pl.String))
    common = [possible(a, v) & possible(b, v) for v in values if _can_be(a, v) and _can_be(b, v)]
    outside = [_outside(a, values) & _outside(b, values)] if not (a.values or b.values) else []
    if not common and not outside:
        return YesNo(pl.lit(value=False))
    some = pl.any_horizontal(common) if common else pl.lit(value=False)
    sure = some & _is_point(a) & _is_point(b)
    return yes_if(sure, ~pl.any_horizontal([some, *outside]))


def _listed(t: Text) -> tuple[str, ...]:
    """The values that a text is told apart by."""
    return t.values if t.may is None else tuple(v for v in t.may if v != OTHER)


def _can_be(t: Text, value: str) -> bool:
    """Whether a text has this value at all."""
    return not t.values or value in t.values


def _is_point(t: Text) -> pl.Expr:
    """Whether a single value is left."""
    if t.known is not None:
        return t.known.is_not_null()
    assert t.may is not None
    count = pl.sum_horizontal([e.cast(pl.Int32) for e in t.may.values()])
    return (count == 1) & ~t.may.get(OTHER, pl.lit(value=False))


def _outside(t: Text, values: list[str]) -> pl.Expr:
    """Whether a text may be something else than these values; never null."""
    if t.may is not None:
        return pl.any_horizontal([e for v, e in t.may.items() if v not in values] or [pl.lit(value=False)])
    assert t.known is not None
    if t.values:
        rest = [v for v in t.values if v not in values]
        return t.known.is_null() | t.known.is_in(rest) if rest else pl.lit(value=False)
    return t.known.is_null() | ~t.known.is_in(values).fill_null(value=True)


def union(options: list[tuple[pl.Expr, Text]], values: tuple[str, ...]) -> Text:
    """The values possible in any option that is possible; anything where no option is, or an unlisted text is unknown."""
    some = pl.any_horizontal([p for p, _ in options])
    listed = [v for v in values if v != OTHER]
    other = pl.any_horizontal([~some, *(p & _outside(t, listed) for p, t in options)])
    may = {v: pl.any_horizontal([~some, *(p & possible(t, v) for p, t in options)]) for v in listed}
    return Text((), may=may | {OTHER: other})


def narrowed(t: Text, values: tuple[str, ...]) -> Text:
    """The same text, known to have one of these values."""
    if t.may is None:
        return Text(values, t.known)
    other = t.may.get(OTHER)
    return Text(values, may={v: t.may.get(v, other if other is not None else pl.lit(value=False)) for v in values})


def years_since(born: Day, as_of: pl.Expr) -> Number:
    """Whole years; the birthday of 29 February is 28 February in a common year (docs/language-notes.md, 5)."""
    year = as_of.dt.year().cast(pl.Int64) - born.e.dt.year().cast(pl.Int64)
    day_of = as_of.dt.month().cast(pl.Int64) * 100 + as_of.dt.day()
    day_born = born.e.dt.month().cast(pl.Int64) * 100 + born.e.dt.day()
    leap_day = (day_born == 229) & ~as_of.dt.is_leap_year()
    day_born = pl.when(leap_day).then(228).otherwise(day_born)
    return point(Ratio(year - (day_of < day_born).cast(pl.Int64), 1, 10_000))


def made_date(year: Number, month: Number, day: Number) -> Day:
    """date(y, m, d): unknown where a part is not one whole number, or where there is no such day."""
    parts = [_whole_point(part) for part in (year, month, day)]
    there = pl.all_horizontal([part.is_between(1, most).fill_null(value=False) for part, most in zip(parts, (9999, 12, 31), strict=True)])
    y, m, d = (pl.when(there).then(part).otherwise(1) for part in parts)
    found = pl.date(y, m, 1) + pl.duration(days=d - 1)
    return Day(pl.when(there & (found.dt.month() == m)).then(found))


def _whole_point(part: Number) -> pl.Expr:
    """The value of a number that is known and whole, else null."""
    n, d = part.lo.n, part.lo.d
    known = n.is_not_null() if part.single else less(part.hi, part.lo, or_equal=True)
    return pl.when(known & (n % d == 0)).then(n // d).cast(pl.Int64)


def shift(day: Day, years: int, months: int, days: int) -> Day:
    """A date moved by whole years, months, days; months stop at the month's last day."""
    e = day.e
    if years or months:
        e = e.dt.offset_by(f"{12 * years + months}mo")
    return Day(e.dt.offset_by(f"{days}d") if days else e)
