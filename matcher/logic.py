"""What unknown does: yes/no, numbers, texts and dates as polars expressions. The only place that decides it.

- yes/no: a nullable boolean, null = unknown (Kleene).
- number: an interval with exact ends. An end is a ratio `n / d` of integers; null in `lo` is minus infinity, null in `hi`
  plus infinity. Where `lo is hi` one column serves both: a value is then a point, or open on both sides if null.
- text: which of its values are still possible, one boolean each; a text without listed values is one nullable column.
- date, region: nullable.

Polars skips nulls in max_horizontal and min_horizontal: for the outer end of an interval (null = infinite) that is wrong,
for the inner end it is right; the functions below say which they rely on. Source: language page, "Values".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any, Literal

import polars as pl

WIDE_ABOVE = 2**61
"""Integers that may exceed this are held as Int128."""
TOP_OF_FACT = 10**13
"""No stored number is larger (checked by `matcher.facts`): fen of money, or ten-thousandths of a number."""
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


@dataclass(frozen=True, eq=False, slots=True)
class YesNo:
    """A nullable boolean."""

    e: pl.Expr


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


Value = Number | YesNo | Text | Day | Area
UNKNOWN = pl.lit(None, dtype=pl.Boolean)
OTHER = "\0"
"""Among the values still possible of a text: any that is not listed there."""


# --- yes/no -----------------------------------------------------------------------------------------------------------
def yes_if(sure: pl.Expr, impossible: pl.Expr) -> YesNo:
    """Yes where `sure`, no where `impossible`, else unknown; null in either counts as not shown."""
    return YesNo(pl.when(sure).then(True).when(impossible).then(False).otherwise(UNKNOWN))


def both(parts: list[YesNo]) -> YesNo:
    """Kleene and."""
    return YesNo(parts[0].e if len(parts) == 1 else pl.all_horizontal([p.e for p in parts]))


def either(parts: list[YesNo]) -> YesNo:
    """Kleene or."""
    return YesNo(parts[0].e if len(parts) == 1 else pl.any_horizontal([p.e for p in parts]))


def same_or_unknown(options: list[tuple[pl.Expr, YesNo]]) -> YesNo:
    """The common value of the options that are possible: (still possible, value)."""
    no = [~possible | (~value.e).fill_null(value=False) for possible, value in options]
    yes = [~possible | value.e.fill_null(value=False) for possible, value in options]
    some = pl.any_horizontal([possible for possible, _ in options])
    return yes_if(some & pl.all_horizontal(yes), some & pl.all_horizontal(no))


# --- ratios -----------------------------------------------------------------------------------------------------------
def constant(value: Fraction | int) -> Ratio:
    """A known number."""
    value = Fraction(value)
    return Ratio(_whole(value.numerator), value.denominator, abs(value.numerator), value.denominator, value)


def _whole(value: int | pl.Expr) -> pl.Expr:
    """A whole number as a column of 64 bits or more: polars holds a plain literal in 32, where products wrap around."""
    return value if isinstance(value, pl.Expr) else pl.lit(value, dtype=pl.Int64 if abs(value) < WIDE_ABOVE else pl.Int128)


def nothing() -> Ratio:
    """An infinite end."""
    return Ratio(pl.lit(None, dtype=pl.Int64), 1, 0)


def column(e: pl.Expr, d: int = 1, top: int = TOP_OF_FACT) -> Ratio:
    """A column of integers over a constant."""
    return Ratio(e, d, top, d)


def _wide(e: pl.Expr, top: int) -> pl.Expr:
    """The column in a type that holds `top`."""
    return e.cast(pl.Int128) if top >= WIDE_ABOVE else e


def _times(a: Ratio, factor: int | pl.Expr, top_factor: int) -> tuple[pl.Expr, int]:
    """Numerator times a positive factor, widened if need be."""
    if isinstance(factor, int) and factor == 1:
        return a.n, a.top
    top = a.top * top_factor
    return _wide(a.n, top) * factor, top


def _level(a: Ratio, b: Ratio) -> tuple[pl.Expr, pl.Expr, int | pl.Expr, int, int]:
    """Both numerators over one denominator: (n of a, n of b, d, top of n, top of d)."""
    if a.d is b.d or (isinstance(a.d, int) and isinstance(b.d, int) and a.d == b.d):
        return a.n, b.n, a.d, max(a.top, b.top), a.top_d
    if isinstance(a.d, int) and isinstance(b.d, int):
        d = lcm(a.d, b.d)
        na, ta = _times(a, d // a.d, d // a.d)
        nb, tb = _times(b, d // b.d, d // b.d)
        return na, nb, d, max(ta, tb), d
    na, ta = _times(a, b.d, b.top_d)
    nb, tb = _times(b, a.d, a.top_d)
    top_d = a.top_d * b.top_d
    return na, nb, _product(a.d, b.d, top_d), max(ta, tb), top_d


def _product(a: int | pl.Expr, b: int | pl.Expr, top: int) -> int | pl.Expr:
    """Two denominators multiplied."""
    if isinstance(a, int):
        if isinstance(b, int):
            return a * b
        return _wide(b, top) * a if a != 1 else b
    return _wide(a, top) * b if not isinstance(b, int) or b != 1 else a


def plus(a: Ratio, b: Ratio, sign: int = 1) -> Ratio:
    """a + b, or a - b with sign -1. Null where either is null."""
    if a.const is not None and b.const is not None:
        return constant(a.const + sign * b.const)
    if b.const == 0:
        return a
    if a.const == 0 and sign == 1:
        return b
    na, nb, d, top, top_d = _level(a, b)
    na = _wide(na, 2 * top)
    return Ratio(na + nb if sign == 1 else na - nb, d, 2 * top, top_d)


def times(a: Ratio, b: Ratio) -> Ratio:
    """a * b, null where either is null (callers treat infinity)."""
    if a.const is not None and b.const is not None:
        return constant(a.const * b.const)
    for x, y in ((a, b), (b, a)):
        if x.const is not None:
            return _scaled(y, x.const)
    top, top_d = a.top * b.top, a.top_d * b.top_d
    return Ratio(_wide(a.n, top) * b.n, _product(a.d, b.d, top_d), top, top_d)


def _scaled(a: Ratio, by: Fraction) -> Ratio:
    """a times a constant."""
    if by == 1:
        return a
    p, q = by.numerator, by.denominator
    if isinstance(a.d, int):
        reduced = Fraction(p, q * a.d)
        p, d, top_d = reduced.numerator, reduced.denominator, reduced.denominator
        n = _wide(a.n, a.top * abs(p)) * p if p != 1 else a.n
        return Ratio(n, d, a.top * abs(p), top_d)
    n = _wide(a.n, a.top * abs(p)) * p if p != 1 else a.n
    return Ratio(n, _wide(a.d, a.top_d * q) * q, a.top * abs(p), a.top_d * q)


def over(a: Ratio, b: Ratio) -> Ratio:
    """a / b for b > 0; null where b is null, 0 or less."""
    if b.const is not None:
        return _scaled(a, 1 / b.const) if b.const > 0 else nothing()
    positive = b.n > 0
    upside = Ratio(pl.when(positive).then(_whole(b.d)), pl.when(positive).then(b.n), b.top_d, max(b.top, 1))
    return times(a, upside)


def less(a: Ratio, b: Ratio, *, or_equal: bool = False) -> pl.Expr:
    """a < b (or <=), null where either is infinite."""
    if a.const is not None and b.const is not None:
        return pl.lit(a.const <= b.const if or_equal else a.const < b.const)
    na, nb, _, _, _ = _level(a, b)
    if a.const is not None:  # polars 2.1 compares a literal on the left with a column held as a scalar into one row
        return nb >= na if or_equal else nb > na
    return na <= nb if or_equal else na < nb


def pick(cases: list[tuple[pl.Expr, Ratio]], default: Ratio) -> Ratio:
    """The first ratio whose condition is true; a null condition is passed over."""
    ratios = [r for _, r in cases] + [default]
    if all(isinstance(r.d, int) for r in ratios):
        d = lcm(*(r.d for r in ratios if isinstance(r.d, int)))
        scaled = [_times(r, d // r.d, d // r.d) for r in ratios if isinstance(r.d, int)]
        return Ratio(_chain([c for c, _ in cases], [n for n, _ in scaled]), d, max(t for _, t in scaled), d)
    conditions = [c for c, _ in cases]
    n = _chain(conditions, [r.n for r in ratios])
    d_of = _chain(conditions, [_whole(r.d) for r in ratios])
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


# --- numbers ----------------------------------------------------------------------------------------------------------
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
    new_lo = _scaled(lo, c)
    new_hi = new_lo if a.single else _scaled(hi, c)
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
    na, nb, d, top, top_d = _level(a, b)
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
        n, d = _wide(parts.n, parts.top), parts.d
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
        scaled = [(p, *_times(r, d // r.d, d // r.d)) for p, r in ends if isinstance(r.d, int)]
        top = max(t for _, _, t in scaled)
        columns = [pl.when(p).then(_wide(n, top)) for p, n, _ in scaled]
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
            na, nb, _, _, _ = _level(x, y)
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
    n = _wide(end.n, 2 * end.top + end.top_d)
    d = end.d
    rounded = n if isinstance(d, int) and d == 1 else (n * 2 + d) // (d * 2)
    return rounded.cast(pl.Int64)


# --- text, dates, regions ---------------------------------------------------------------------------------------------
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
