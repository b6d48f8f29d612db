"""Exact ends of intervals as columns: whole numbers over a denominator, wide enough for what they may hold."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

import polars as pl

from matcher.catalogue import TOP_OF_FACT

WIDE_ABOVE = 2**61
"""Integers that may exceed this are held as Int128."""
TOP_OF_LIST = 10**4
"""No list is longer (checked by `matcher.facts`)."""

Bound = Fraction | None


@dataclass(frozen=True, eq=False, slots=True)
class Ratio:
    """One end of an interval: `n / d`. `d` is a positive constant or a positive column; `top` bounds |n| (and |d|)."""

    n: pl.Expr
    d: int | pl.Expr
    top: int
    top_d: int = 1
    const: Fraction | None = None


def constant(value: Fraction | int) -> Ratio:
    """A known number."""
    value = Fraction(value)
    return Ratio(whole_literal(value.numerator), value.denominator, abs(value.numerator), value.denominator, value)


def whole_literal(value: int | pl.Expr) -> pl.Expr:
    """A whole number as a column of 64 bits or more: polars holds a plain literal in 32, where products wrap around."""
    return value if isinstance(value, pl.Expr) else pl.lit(value, dtype=pl.Int64 if abs(value) < WIDE_ABOVE else pl.Int128)


def nothing() -> Ratio:
    """An infinite end."""
    return Ratio(pl.lit(None, dtype=pl.Int64), 1, 0)


def column(e: pl.Expr, d: int = 1, top: int = TOP_OF_FACT) -> Ratio:
    """A column of integers over a constant."""
    return Ratio(e, d, top, d)


def wide(e: pl.Expr, top: int) -> pl.Expr:
    """The column in a type that holds `top`."""
    return e.cast(pl.Int128) if top >= WIDE_ABOVE else e


def raised(a: Ratio, factor: int | pl.Expr, top_factor: int) -> tuple[pl.Expr, int]:
    """Numerator times a positive factor, widened if need be."""
    if isinstance(factor, int) and factor == 1:
        return a.n, a.top
    top = a.top * top_factor
    return wide(a.n, top) * factor, top


def level(a: Ratio, b: Ratio) -> tuple[pl.Expr, pl.Expr, int | pl.Expr, int, int]:
    """Both numerators over one denominator: (n of a, n of b, d, top of n, top of d)."""
    if a.d is b.d or (isinstance(a.d, int) and isinstance(b.d, int) and a.d == b.d):
        return a.n, b.n, a.d, max(a.top, b.top), a.top_d
    if isinstance(a.d, int) and isinstance(b.d, int):
        d = lcm(a.d, b.d)
        na, ta = raised(a, d // a.d, d // a.d)
        nb, tb = raised(b, d // b.d, d // b.d)
        return na, nb, d, max(ta, tb), d
    na, ta = raised(a, b.d, b.top_d)
    nb, tb = raised(b, a.d, a.top_d)
    top_d = a.top_d * b.top_d
    return na, nb, _product(a.d, b.d, top_d), max(ta, tb), top_d


def _product(a: int | pl.Expr, b: int | pl.Expr, top: int) -> int | pl.Expr:
    """Two denominators multiplied."""
    if isinstance(a, int):
        if isinstance(b, int):
            return a * b
        return wide(b, top) * a if a != 1 else b
    return wide(a, top) * b if not isinstance(b, int) or b != 1 else a


def plus(a: Ratio, b: Ratio, sign: int = 1) -> Ratio:
    """a + b, or a - b with sign -1. Null where either is null."""
    if a.const is not None and b.const is not None:
        return constant(a.const + sign * b.const)
    if b.const == 0:
        return a
    if a.const == 0 and sign == 1:
        return b
    na, nb, d, top, top_d = level(a, b)
    na = wide(na, 2 * top)
    return Ratio(na + nb if sign == 1 else na - nb, d, 2 * top, top_d)


def times(a: Ratio, b: Ratio) -> Ratio:
    """a * b, null where either is null (callers treat infinity)."""
    if a.const is not None and b.const is not None:
        return constant(a.const * b.const)
    for x, y in ((a, b), (b, a)):
        if x.const is not None:
            return scaled(y, x.const)
    top, top_d = a.top * b.top, a.top_d * b.top_d
    return Ratio(wide(a.n, top) * b.n, _product(a.d, b.d, top_d), top, top_d)


def scaled(a: Ratio, by: Fraction) -> Ratio:
    """a times a constant."""
    if by == 1:
        return a
    p, q = by.numerator, by.denominator
    if isinstance(a.d, int):
        reduced = Fraction(p, q * a.d)
        p, d, top_d = reduced.numerator, reduced.denominator, reduced.denominator
        n = wide(a.n, a.top * abs(p)) * p if p != 1 else a.n
        return Ratio(n, d, a.top * abs(p), top_d)
    n = wide(a.n, a.top * abs(p)) * p if p != 1 else a.n
    return Ratio(n, wide(a.d, a.top_d * q) * q, a.top * abs(p), a.top_d * q)


def over(a: Ratio, b: Ratio) -> Ratio:
    """a / b for b > 0; null where b is null, 0 or less."""
    if b.const is not None:
        return scaled(a, 1 / b.const) if b.const > 0 else nothing()
    positive = b.n > 0
    upside = Ratio(pl.when(positive).then(whole_literal(b.d)), pl.when(positive).then(b.n), b.top_d, max(b.top, 1))
    return times(a, upside)


def less(a: Ratio, b: Ratio, *, or_equal: bool = False) -> pl.Expr:
    """a < b (or <=), null where either is infinite."""
    if a.const is not None and b.const is not None:
        return pl.lit(a.const <= b.const if or_equal else a.const < b.const)
    na, nb, _, _, _ = level(a, b)
    if a.const is not None:  # polars 2.1 compares a literal on the left with a column held as a scalar into one row
        return nb >= na if or_equal else nb > na
    return na <= nb if or_equal else na < nb


def pick(cases: list[tuple[pl.Expr, Ratio]], default: Ratio) -> Ratio:
    """The first ratio whose condition is true; a null condition is passed over."""
    ratios = [r for _, r in cases] + [default]
    if all(isinstance(r.d, int) for r in ratios):
        d = lcm(*(r.d for r in ratios if isinstance(r.d, int)))
        scaled = [raised(r, d // r.d, d // r.d) for r in ratios if isinstance(r.d, int)]
        return Ratio(_chain([c for c, _ in cases], [n for n, _ in scaled]), d, max(t for _, t in scaled), d)
    conditions = [c for c, _ in cases]
    n = _chain(conditions, [r.n for r in ratios])
    d_of = _chain(conditions, [whole_literal(r.d) for r in ratios])
    return Ratio(n, d_of, max(r.top for r in ratios), max(r.top_d for r in ratios))


def _chain(conditions: list[pl.Expr], results: list[pl.Expr]) -> pl.Expr:
    """when/then over the conditions with the last result as otherwise."""
    if not conditions:
        return results[0]
    chain: Any = pl.when(conditions[0]).then(results[0])
    for condition, result in zip(conditions[1:], results[1:-1], strict=True):
        chain = chain.when(condition).then(result)
    whole: pl.Expr = chain.otherwise(results[-1])
    return whole
