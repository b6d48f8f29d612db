"""How facts stand in the tables of the graph, and the types of the columns that they become."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from matcher.possible import TEN_THOUSAND
from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    from fractions import Fraction

    from matcher.catalogue import Catalogue, Fact, Span
    from matcher.language import FactRef

NARROW: tuple[tuple[int, pl.DataType], ...] = ((2**15, pl.Int16()), (2**31, pl.Int32()))
"""Columns for whole numbers that are smaller than this."""
Tables = Mapping[str, pl.DataFrame]
"""The tables that `neighbourhood` and the scans give, by kind of node or edge."""


def declared(catalogue: Catalogue, node: FactRef) -> Fact:
    """The entry of facts.yaml behind a name."""
    if node.edge is not None:
        return catalogue.facts[node.edge].edge[node.name]
    if node.unit in (HOUSEHOLD, PERSON):
        return catalogue.facts[node.name]
    rows = catalogue.facts[node.unit].rows
    assert rows is not None
    assert not isinstance(rows, str)
    return rows[node.name]


def after(day: pl.Expr, span: Span) -> pl.Expr:
    """The day moved on by a span."""
    moved = day.dt.offset_by(f"{12 * span.years + span.months}mo") if span.years or span.months else day
    return moved.dt.offset_by(f"{span.days}d") if span.days else moved


def property_of(fact: Fact) -> str:
    """The name under which statements hold a fact."""
    return f"fact_{fact.name}_fen" if fact.type == "money" else f"fact_{fact.name}"


def narrow(fact: Fact, *others: Fraction) -> pl.DataType | None:
    """The narrowest column that holds every value that a fact can have, so that comparisons read less; None for 64 bits.

    others: numbers that it is compared with; None where one of them is not whole or does not fit.
    """
    if fact.type != "int" or fact.low is None or fact.high is None:
        return None
    held = next(((size, dtype) for size, dtype in NARROW if -size < fact.low and fact.high < size), None)
    if held is None or not all(other.denominator == 1 and -held[0] < other < held[0] for other in others):
        return None
    return held[1]


def dtype_of(fact: Fact) -> pl.DataType:
    """The column type of a fact."""
    match fact.type:
        case "yesno":
            return pl.Boolean()
        case "date":
            return pl.Date()
        case "text" if fact.values:
            return _one_of(fact.values)
        case "text" | "region":
            return pl.String()
        case "int":
            return narrow(fact) or pl.Int64()
    return pl.Int64()


@cache
def _one_of(values: tuple[str, ...]) -> pl.Enum:
    """The type of texts that are among these: to make it takes longer than to look it up."""
    return pl.Enum(values)


def typed(e: pl.Expr, fact: Fact, *, stored: pl.DataType | None = None) -> pl.Expr:
    """A stored property as the column of a fact; a text outside its values is unknown."""
    if fact.type == "number":
        return (e.cast(pl.Float64) * TEN_THOUSAND).round().cast(pl.Int64)
    return e.cast(dtype_of(fact), strict=False)
