"""List calls: from columns of a list's frame to columns of its owners, with what an incomplete list leaves open.

Entries lie owner by owner, so a sum is a difference of running sums: exact, and the same for one household and millions
(a running sum that wraps around still gives the right difference). Source: language page, the table of calls.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import polars as pl

Array = np.ndarray
Spans = tuple[Array, Array]


def _total(values: Array, spans: Spans) -> Array:
    """Sum per owner."""
    running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values, dtype=np.int64)])
    return np.asarray(running[spans[1]] - running[spans[0]])


def _flags(column: pl.Series, *, unknown_as: bool) -> Array:
    """A nullable boolean as 0/1, unknown taken as told."""
    return column.fill_null(unknown_as).to_numpy().astype(np.int64)


def _three(yes: Array, no: Array) -> pl.Series:
    """yes / no / null."""
    frame = pl.DataFrame({"y": yes, "n": no})
    return frame.select(pl.when("y").then(True).when("n").then(False).otherwise(None).cast(pl.Boolean)).to_series()


def any_of(passes: pl.Series, spans: Spans, whole: Array) -> pl.Series:
    """Yes if a known entry passes; no if the list is whole and all fail."""
    sure = _total(_flags(passes, unknown_as=False), spans) > 0
    maybe = _total(_flags(passes, unknown_as=True), spans) > 0
    return _three(sure, whole & ~maybe)


def all_of(passes: pl.Series, spans: Spans, whole: Array) -> pl.Series:
    """No if a known entry fails; yes if the list is whole and all pass, or empty."""
    size = spans[1] - spans[0]
    sure = _total(_flags(passes, unknown_as=False), spans) == size
    maybe = _total(_flags(passes, unknown_as=True), spans) == size
    return _three(sure & whole, ~maybe)


def count_of(passes: pl.Series, spans: Spans, whole: Array) -> tuple[pl.Series, pl.Series]:
    """[sure, possible]; no upper end if the list is incomplete."""
    sure = _total(_flags(passes, unknown_as=False), spans)
    possible = _total(_flags(passes, unknown_as=True), spans)
    return pl.Series(sure), _open_where(possible, ~whole)


def _open_where(values: Array, open_: Array) -> pl.Series:
    """A column that is null where `open_`."""
    series = pl.Series(values)
    return series.zip_with(pl.Series(~open_), pl.Series([None], dtype=series.dtype)) if open_.any() else series


def sum_end(values: pl.Series, spans: Spans, also_open: Array) -> pl.Series:
    """One end of a sum of whole numbers: infinite where an entry is, or where told."""
    if values.dtype == pl.Int128:
        return _slow_sum(values, spans, also_open)
    nulls = values.is_null().to_numpy()
    total = _total(values.fill_null(0).to_numpy(), spans)
    return _open_where(total, also_open | (_total(nulls.astype(np.int64), spans) > 0))


def _slow_sum(values: pl.Series, spans: Spans, also_open: Array) -> pl.Series:
    """The same for Int128, which numpy lacks."""
    entries = values.to_list()
    out: list[int | None] = []
    for start, end, is_open in zip(spans[0], spans[1], also_open, strict=True):
        part = entries[start:end]
        out.append(None if is_open or None in part else sum(x for x in part if x is not None))
    return pl.Series(out, dtype=pl.Int128)


def sum_ratios(n: pl.Series, d: pl.Series, spans: Spans, also_open: Array) -> tuple[pl.Series, pl.Series]:
    """One end of a sum of fractions with different denominators, exact."""
    numerators, denominators = n.to_list(), d.to_list()
    top: list[int | None] = []
    bottom: list[int] = []
    for start, end, is_open in zip(spans[0], spans[1], also_open, strict=True):
        parts = list(zip(numerators[start:end], denominators[start:end], strict=True))
        if is_open or any(x is None or y is None for x, y in parts):
            top.append(None)
            bottom.append(1)
            continue
        total = sum((Fraction(x, y) for x, y in parts), Fraction(0))
        top.append(total.numerator)
        bottom.append(total.denominator)
    return pl.Series(top, dtype=pl.Int128), pl.Series(bottom, dtype=pl.Int128)


def extreme(rank: pl.Series, entering: pl.Series, spans: Spans, whole: Array, *, least: bool) -> tuple[pl.Series, pl.Series]:
    """Which entry is the least or greatest: (entry number or null, the list is surely empty).

    `rank` orders the entries (null = not a point), `entering` says whether an entry counts. Null where the list is
    incomplete, an entry may or may not count, or a rank that counts is unknown.
    """
    counts = _flags(entering, unknown_as=False)
    doubtful = _flags(entering, unknown_as=True) - counts
    unknown = (rank.is_null().to_numpy() & (counts > 0)).astype(np.int64)
    blocked = ~whole | (_total(doubtful, spans) > 0) | (_total(unknown, spans) > 0)
    size = _total(counts, spans)
    entries = pl.DataFrame({"rank": rank, "in": counts > 0, "entry": np.arange(len(counts), dtype=np.uint32)})
    owner = np.repeat(np.arange(len(size), dtype=np.uint32), spans[1] - spans[0])
    best = (
        entries.with_columns(owner=pl.Series(owner, dtype=pl.UInt32)).filter("in").sort("rank", descending=not least, maintain_order=True)
        .group_by("owner", maintain_order=True).agg(pl.col("entry").first())
    )
    owners = pl.DataFrame({"owner": np.arange(len(size), dtype=np.uint32)})
    chosen = owners.join(best, on="owner", how="left", maintain_order="left").get_column("entry")
    usable = pl.Series(~blocked)
    return chosen.zip_with(usable, pl.Series([None], dtype=pl.UInt32)), pl.Series(~blocked & (size == 0))
