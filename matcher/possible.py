"""Values made of others: a literal, nothing known, what remains where several results are possible, a term set by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from matcher import logic
from matcher.logic import Area, Day, Number, Ratio, Text, Value, YesNo

if TYPE_CHECKING:
    from matcher.catalogue import Term
    from matcher.language import Known

TEN_THOUSAND = 10_000
"""Numbers that are neither money nor whole are held in ten-thousandths."""


def literal(node: Known) -> Value:
    """A literal of the language."""
    value = node.value
    if isinstance(value, bool):
        return YesNo(pl.lit(value))
    if isinstance(value, Fraction):
        return logic.known(value)
    if isinstance(value, str):
        return Text((value,), pl.lit(value)) if node.kind == "text" else Area(pl.lit(value))
    return Day(pl.lit(value))


def unknown_of(kind: str, values: tuple[str, ...]) -> Value:
    """Nothing known."""
    match kind:
        case "yesno":
            return YesNo(logic.UNKNOWN)
        case "text":
            if values:
                return Text(values, may={v: pl.lit(value=True) for v in values})
            return Text((), pl.lit(None, dtype=pl.String))
        case "date":
            return Day(pl.lit(None, dtype=pl.Date))
        case "region":
            return Area(pl.lit(None, dtype=pl.String))
    end = logic.nothing()
    return Number(end, end)


def combine(options: list[tuple[pl.Expr, Value]]) -> Value:
    """What remains where several results are possible: hull, union, or the common value."""
    first = options[0][1]
    if isinstance(first, Number):
        return logic.hull([(p, v) for p, v in options if isinstance(v, Number)])
    if isinstance(first, YesNo):
        return logic.same_or_unknown([(p, v) for p, v in options if isinstance(v, YesNo)])
    if isinstance(first, Text):
        texts = [(p, v) for p, v in options if isinstance(v, Text)]
        values = tuple(dict.fromkeys(v for _, t in texts for v in (t.may or t.values)))
        return logic.union(texts, values)
    plain = [(p, v.e) for p, v in options if isinstance(v, (Day, Area))]
    chosen = [pl.when(p).then(e).otherwise(None) for p, e in plain]
    unknown = pl.any_horizontal([p & e.is_null() for p, e in plain])
    least: pl.Expr = pl.min_horizontal(chosen)
    only = pl.when(~unknown & (least == pl.max_horizontal(chosen))).then(least).otherwise(None)
    return Day(only) if isinstance(first, Day) else Area(only)


def combine_set(value: Value, given: pl.Expr, by_hand: pl.Expr, term: Term) -> Value:
    """The value that a case sets by hand where one is given (null: unknown), else the computed one."""
    match value:
        case YesNo(e):
            return YesNo(pl.when(given).then(by_hand).otherwise(e))
        case Day(e):
            return Day(pl.when(given).then(by_hand).otherwise(e))
        case Area(e):
            return Area(pl.when(given).then(by_hand).otherwise(e))
        case Text() as text:
            either = logic.union([(given, Text(term.values, by_hand)), (~given, text)], term.values or tuple(text.may or text.values))
            return logic.narrowed(either, term.values) if term.values else either
        case Number() as number:
            d = TEN_THOUSAND if term.type == "number" else 1
            hand = Ratio(by_hand, d, logic.TOP_OF_FACT, d)
            return Number(logic.pick([(given, hand)], number.lo), logic.pick([(given, hand)], number.hi))
    raise AssertionError(value)
