"""Sums over lists: from columns of a list's frame to columns of its owners.

Entries lie owner by owner, so a sum is a difference of running sums: exact, and the same for one household and millions
(a running sum that wraps around still gives the right difference). Source: language page, the table of calls.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl

Array = np.ndarray
Spans = tuple[Array, Array]


def totals(columns: pl.DataFrame, spans: Spans) -> list[pl.Series]:
    """Each column's sum per owner; columns hold whole numbers without nulls."""
    if pl.Int128 in columns.dtypes:
        return [_long_total(s, spans) if s.dtype == pl.Int128 else totals(s.to_frame(), spans)[0] for s in columns]
    running = np.zeros((columns.height + 1, columns.width), dtype=np.int64, order="F")
    np.cumsum(columns.to_numpy(), axis=0, out=running[1:])
    sums = running[spans[1]] - running[spans[0]]
    return [pl.Series(name, sums[:, i]) for i, name in enumerate(columns.columns)]


def _long_total(values: pl.Series, spans: Spans) -> pl.Series:
    """The same for Int128, which numpy lacks."""
    entries = values.to_list()
    return pl.Series(values.name, [sum(entries[a:b]) for a, b in zip(*spans, strict=True)], dtype=pl.Int128)


def sum_ratios(n: pl.Series, d: pl.Series, spans: Spans) -> tuple[pl.Series, pl.Series]:
    """The exact sum of fractions with different denominators; null where one of them is."""
    numerators, denominators = n.to_list(), d.to_list()
    top: list[int | None] = []
    bottom: list[int] = []
    for start, end in zip(*spans, strict=True):
        parts = list(zip(numerators[start:end], denominators[start:end], strict=True))
        known = not any(x is None or y is None for x, y in parts)
        total = sum((Fraction(x, y) for x, y in parts), Fraction(0)) if known else Fraction(0)
        top.append(total.numerator if known else None)
        bottom.append(total.denominator)
    return pl.Series(top, dtype=pl.Int128), pl.Series(bottom, dtype=pl.Int128)


def extreme(rank: Array, counts: Array, spans: Spans, usable: Array, *, least: bool) -> tuple[Array, Array]:
    """The row of the entry with the least or greatest rank among those that count, and where there is none or not `usable`."""
    owner = np.repeat(np.arange(len(spans[0])), spans[1] - spans[0])
    entries = np.flatnonzero(counts)
    ranks = rank[entries] if least else -rank[entries]
    ordered = entries[np.argsort(ranks, kind="stable")]
    owners, first = np.unique(owner[ordered], return_index=True)
    best = np.full(len(spans[0]), -1, dtype=np.int64)
    best[owners] = ordered[first]
    absent = (best < 0) | ~usable
    return np.where(absent, 0, best), absent
