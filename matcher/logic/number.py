"""Intervals: arithmetic, extremes, hulls and comparisons where a number is not known to the point."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Literal

import polars as pl

from matcher.logic.ratio import WIDE_ABOVE, Ratio, column, constant, less, level, nothing, over, pick, plus, raised, scaled, times, wide
from matcher.logic.yesno import YesNo, yes_if

Bound = Fraction | None


@dataclass(frozen=True, eq=False, slots=True)
class Number:
    """An interval. `low` / `high`: bounds it always keeps, known when the rules are compiled (None = open).

    `bare` is a single column whose nulls mean low..high: kept beside the pair so that a comparison can stay one column.
    """

    lo: Ratio
    hi: Ratio
    low: Bound = None
    high: Bound = None
    bare: Ratio | None = None

    @property
    def single(self) -> bool:
        """One column for both ends: a point, or open."""
        return self.lo is self.hi


def known(value: Fraction | int) -> Number:
    """A point known when the rules are compiled."""
    end = constant(value)
    return Number(end, end, Fraction(value), Fraction(value))


def point(end: Ratio, low: Bound = None, high: Bound = None) -> Number:
    """A point, or open where null. `low` and `high` bound it where it is known only if it is never null."""
    return Number(end, end, low, high)


def bare(e: pl.Expr, d: int, low: Bound, high: Bound) -> Number:
    """A fact: a nullable column whose nulls stand for low..high."""
    end = column(e, d)
    if low is None and high is None:
        return Number(end, end)
    lo = end if low is None else column(e.fill_null(int(low * d)), d)
    hi = end if high is None else column(e.fill_null(int(high * d)), d)
    return Number(lo, hi, low, high, end)


def _add(a: Bound, b: Bound, sign: int = 1) -> Bound:
    return None if a is None or b is None else a + sign * b


def add(a: Number, b: Number) -> Number:
    """a + b."""
    lo = plus(a.lo, b.lo)
    hi = lo if a.single and b.single else plus(a.hi, b.hi)
    return Number(lo, hi, _add(a.low, b.low), _add(a.high, b.high))


def subtract(a: Number, b: Number) -> Number:
    """a - b."""
    lo = plus(a.lo, b.hi, -1)
    hi = lo if a.single and b.single else plus(a.hi, b.lo, -1)
    return Number(lo, hi, _add(a.low, b.high, -1), _add(a.high, b.low, -1))


def _scale_by(a: Number, c: Fraction) -> Number:
    """a times a constant."""
    if c == 0:
        return known(0)
    lo, hi = (a.lo, a.hi) if c > 0 else (a.hi, a.lo)
    low, high = (a.low, a.high) if c > 0 else (a.high, a.low)
    new_lo = scaled(lo, c)
    new_hi = new_lo if a.single else scaled(hi, c)
    return Number(new_lo, new_hi, None if low is None else low * c, None if high is None else high * c)


def multiply(a: Number, b: Number) -> Number:
    """a * b; 0 times an open end is 0."""
    for x, y in ((a, b), (b, a)):
        if x.lo.const is not None and x.single:
            return _scale_by(y, x.lo.const)
    if a.low is not None and b.low is not None and a.low >= 0 and b.low >= 0:
        high = None if a.high is None or b.high is None else a.high * b.high
        if a.single and b.single:
            product = times(a.lo, b.lo)
            end = replace(product, n=pl.when((a.lo.n == 0) | (b.lo.n == 0)).then(0).otherwise(product.n))
            return Number(end, end, a.low * b.low, high)
        product = times(a.hi, b.hi)
        nothing_at_all = (a.hi.n == 0) | (b.hi.n == 0)
        hi = replace(product, n=pl.when(nothing_at_all).then(0).otherwise(product.n))
        least = times(a.lo, b.lo)
        lo = replace(least, n=pl.when(nothing_at_all).then(0).otherwise(least.n))
        return Number(lo, hi, a.low * b.low, high)
    if a.single and b.single:
        product = times(a.lo, b.lo)
        end = replace(product, n=pl.when((a.lo.n == 0) | (b.lo.n == 0)).then(0).otherwise(product.n))
        return Number(end, end)
    return _multiply_signed(a, b)


def _multiply_signed(a: Number, b: Number) -> Number:
    """The product where signs are not known: the four corners, each a value or an infinity with a sign."""
    corners = []
    for x, x_sign in ((a.lo, -1), (a.hi, 1)):
        for y, y_sign in ((b.lo, -1), (b.hi, 1)):
            sx = pl.when(x.n.is_null()).then(x_sign).otherwise(x.n.cast(pl.Int128).sign().cast(pl.Int8))
            sy = pl.when(y.n.is_null()).then(y_sign).otherwise(y.n.cast(pl.Int128).sign().cast(pl.Int8))
            sign = sx * sy
            infinite = x.n.is_null() | y.n.is_null()
            product = times(x, y)
            value = replace(product, n=pl.when(sign == 0).then(0).otherwise(product.n))
            corners.append((value, infinite & (sign < 0), infinite & (sign > 0)))
    lo, hi = corners[0][0], corners[0][0]
    for value, _, _ in corners[1:]:
        lo = pick([(lo.n.is_null(), value), (value.n.is_null(), lo), (less(value, lo), value)], lo)
        hi = pick([(hi.n.is_null(), value), (value.n.is_null(), hi), (less(hi, value), value)], hi)
    lo = pick([(pl.any_horizontal([minus for _, minus, _ in corners]), nothing())], lo)
    hi = pick([(pl.any_horizontal([more for _, _, more in corners]), nothing())], hi)
    return Number(lo, hi)


def divide(a: Number, b: Number) -> Number:
    """a / b for b known to be positive; open where b is not."""
    if b.single and b.lo.const is not None:
        return _scale_by(a, 1 / b.lo.const) if b.lo.const > 0 else Number(nothing(), nothing())
    positive = b.low is not None and b.low > 0  # else it may be 0 somewhere, and the quotient anything
    low = Fraction(0) if positive and a.low is not None and a.low >= 0 else None
    if a.single and b.single:
        end = over(a.lo, b.lo)
        return Number(end, end, low, None)
    small, large = over(a.lo, b.lo), over(a.lo, b.hi)
    lo = pick([(a.lo.n >= 0, _or_zero(large, b.hi))], small)
    small_hi, large_hi = over(a.hi, b.lo), over(a.hi, b.hi)
    hi = pick([(a.hi.n.is_null() | (a.hi.n >= 0), small_hi)], _or_zero(large_hi, b.hi))
    open_divisor = b.lo.n.is_null() | (b.lo.n <= 0)
    lo, hi = pick([(open_divisor, nothing())], lo), pick([(open_divisor, nothing())], hi)
    return Number(lo, hi, low, None)


def _or_zero(quotient: Ratio, divisor: Ratio) -> Ratio:
    """A number over an infinite divisor comes arbitrarily near 0."""
    return pick([(divisor.n.is_null(), constant(0))], quotient)


def smallest(parts: list[Number]) -> Number:
    """min(a, b, …)."""
    return _extreme(parts, least=True)


def largest(parts: list[Number]) -> Number:
    """max(a, b, …)."""
    return _extreme(parts, least=False)


def _extreme(parts: list[Number], *, least: bool) -> Number:
    """The pairwise extreme; an infinite end wins on its own side and yields on the other."""
    result = parts[0]
    for other in parts[1:]:
        lows, highs = (result.low, other.low), (result.high, other.high)
        if least:
            low = None if None in lows else min(x for x in lows if x is not None)
            high = min((x for x in highs if x is not None), default=None)
        else:
            low = max((x for x in lows if x is not None), default=None)
            high = None if None in highs else max(x for x in highs if x is not None)
        lo = _end(result.lo, other.lo, least=least, infinite_wins=least)
        hi = _end(result.hi, other.hi, least=least, infinite_wins=not least)
        result = Number(lo, lo if lo.const is not None and lo.const == hi.const else hi, low, high)
    return result


def _end(a: Ratio, b: Ratio, *, least: bool, infinite_wins: bool) -> Ratio:
    """The smaller or larger of two ends of the same side."""
    if a.const is not None and b.const is not None:
        return a if (a.const <= b.const) == least else b
    na, nb, d, top, top_d = level(a, b)
    if isinstance(d, int):
        na, nb = (na.cast(pl.Int128), nb.cast(pl.Int128)) if top >= WIDE_ABOVE else (na, nb)
        n = pl.min_horizontal(na, nb) if least else pl.max_horizontal(na, nb)
        if infinite_wins:
            n = pl.when(na.is_not_null() & nb.is_not_null()).then(n)
        return Ratio(n, d, top, top_d)
    chosen = less(a, b) if least else less(b, a)
    if infinite_wins:
        return pick([(a.n.is_null() | b.n.is_null(), nothing()), (chosen, a)], b)
    return pick([(a.n.is_null(), b), (b.n.is_null(), a), (chosen, a)], b)


def to_step(a: Number, step: Number, *, up: bool) -> Number:
    """floor(x, step) or ceil(x, step); unknown where the step is not one positive number."""
    usable = step.lo.n > 0 if step.single else (step.lo.n > 0) & less(step.hi, step.lo, or_equal=True)
    size = step.lo if step.lo.const is not None else pick([(usable, step.lo)], nothing())

    def end(r: Ratio) -> Ratio:
        parts = over(r, size)
        n, d = wide(parts.n, parts.top), parts.d
        whole = (n + d - 1) // d if up else n // d
        return times(Ratio(whole, 1, parts.top + 1), size)

    lo = end(a.lo)
    hi = lo if a.single else end(a.hi)
    if step.single and step.lo.const is not None:
        s = step.lo.const
        low = None if a.low is None else (a.low / s).__ceil__() * s if up else (a.low / s).__floor__() * s
        high = None if a.high is None else (a.high / s).__ceil__() * s if up else (a.high / s).__floor__() * s
        return Number(lo, hi, low, high)
    return Number(lo, hi)


def hull(options: list[tuple[pl.Expr, Number]]) -> Number:
    """From the least to the greatest of the options that are possible; open if none is.

    Each option: (still possible, never null; number).
    """
    low = None if any(n.low is None for _, n in options) else min(n.low for _, n in options if n.low is not None)
    high = None if any(n.high is None for _, n in options) else max(n.high for _, n in options if n.high is not None)
    some = pl.any_horizontal([p for p, _ in options])
    lo, hi = _hull_end(options, some, least=True), _hull_end(options, some, least=False)
    return Number(lo, hi, low, high)


def _hull_end(options: list[tuple[pl.Expr, Number]], some: pl.Expr, *, least: bool) -> Ratio:
    """One end of a hull; infinite if a possible option is infinite there, or none is possible."""
    ends = [(p, n.lo if least else n.hi) for p, n in options]
    open_ = pl.any_horizontal([p & r.n.is_null() for p, r in ends])
    if all(isinstance(r.d, int) for _, r in ends):
        d = lcm(*(r.d for _, r in ends if isinstance(r.d, int)))
        scaled = [(p, *raised(r, d // r.d, d // r.d)) for p, r in ends if isinstance(r.d, int)]
        top = max(t for _, _, t in scaled)
        columns = [pl.when(p).then(wide(n, top)) for p, n, _ in scaled]
        n = pl.min_horizontal(columns) if least else pl.max_horizontal(columns)
        return Ratio(pl.when(some & ~open_).then(n), d, top, d)
    best = pick([(ends[0][0], ends[0][1])], nothing())
    for p, r in ends[1:]:
        better = less(r, best) if least else less(best, r)
        best = pick([(p & (best.n.is_null() | better), r)], best)
    return pick([(some & ~open_, best)], nothing())


def compare(op: Literal["==", "!=", "<", "<=", ">", ">="], a: Number, b: Number) -> YesNo:
    """A comparison: unknown where the ends disagree."""
    if op in (">", ">="):
        return compare("<" if op == ">" else "<=", b, a)
    if op == "!=":
        return YesNo(~compare("==", a, b).e)
    fast = _fast_sides(op, a, b)
    if fast is not None:
        x, y = fast
        if op == "==":
            na, nb, _, _, _ = level(x, y)
            return YesNo(nb == na if x.const is not None else na == nb)
        return YesNo(less(x, y, or_equal=op == "<="))
    if op == "==":
        sure = less(a.hi, b.lo, or_equal=True) & less(b.hi, a.lo, or_equal=True)
        return yes_if(sure, less(a.hi, b.lo) | less(b.hi, a.lo))
    or_equal = op == "<="
    return yes_if(less(a.hi, b.lo, or_equal=or_equal), less(b.hi, a.lo, or_equal=not or_equal))


def _fast_sides(op: str, a: Number, b: Number) -> tuple[Ratio, Ratio] | None:
    """The two columns to compare where plain null gives the same answer as the interval, else None."""
    if a.single and b.single:
        return a.lo, b.lo
    for fact, other, fact_left in ((a, b, True), (b, a, False)):
        if fact.bare is None or not other.single or other.low is None or other.high is None:
            continue
        if _undecidable(op, fact, other.low, other.high, fact_left=fact_left):
            return (fact.bare, other.lo) if fact_left else (other.lo, fact.bare)
    return None


def _undecidable(op: str, fact: Number, low: Fraction, high: Fraction, *, fact_left: bool) -> bool:
    """Whether an unknown fact leaves the comparison open against every number in low..high."""
    below = fact.low is None or fact.low < low
    above = fact.high is None or fact.high > high
    at_low = fact.low is not None and fact.low <= low
    at_high = fact.high is not None and fact.high >= high
    if op == "==":
        return (below or at_low) and (above or at_high) and fact.low != fact.high
    left_yes_possible = below or (op == "<=" and at_low)
    left_no_possible = above or (op == "<" and at_high)
    right_yes_possible = above or (op == "<=" and at_high)
    right_no_possible = below or (op == "<" and at_low)
    return (left_yes_possible and left_no_possible) if fact_left else (right_yes_possible and right_no_possible)


def to_fen(end: Ratio) -> pl.Expr:
    """The whole number nearest to an end, half up; null where infinite."""
    n = wide(end.n, 2 * end.top + end.top_d)
    d = end.d
    rounded = n if isinstance(d, int) and d == 1 else (n * 2 + d) // (d * 2)
    return rounded.cast(pl.Int64)
