"""Yes, no, unknown: Kleene logic on nullable booleans."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

UNKNOWN = pl.lit(None, dtype=pl.Boolean)


@dataclass(frozen=True, eq=False, slots=True)
class YesNo:
    """A nullable boolean."""

    e: pl.Expr


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
