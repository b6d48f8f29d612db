"""Standards by place and day: which dated value holds, and the columns that the rules read.

The nearest region upwards that has begun by the day is the one; among its values the newest; one that has run out is
carried forward and marked stale. `table` gives one row per region with a column per cell of every standard, so that a
look-up on a million rows is a gather. Source: design section 5; docs/language-notes.md, 11 and 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from matcher.catalogue import Cell, Standard, StandardValue


@dataclass(frozen=True, slots=True)
class Found:
    """The value that holds, and whether it was carried beyond its end."""

    value: StandardValue
    stale: bool


def find(standard: Standard, region: str | None, day: dt.date) -> Found | None:
    """The value of a standard for a place on a day; None where there is none ("locally undefined")."""
    begun = [v for v in standard.values if (region or "").startswith(v.region) and (v.from_ is None or v.from_ <= day)]
    if not begun:
        return None
    nearest = max(len(v.region) for v in begun)
    best = max((v for v in begun if len(v.region) == nearest), key=lambda v: str(v.from_ or ""))
    return Found(best, best.until is not None and best.until < day)


def version_at(versions: Sequence[Any], region: str | None, day: dt.date) -> int | None:
    """The number of the version (of a term or policy) that holds: the nearest region's in force on the day that began last.

    None if there is none.
    """
    best: tuple[int, str] | None = None
    chosen: int | None = None
    for number, version in enumerate(versions):
        lengths = [len(r) for r in version.regions if (region or "").startswith(r)]
        rank = (max(lengths, default=-1), str(version.from_ or ""))
        if lengths and in_force(version, day) and (best is None or rank > best):
            best, chosen = rank, number
    return chosen


def in_force(version: Any, day: dt.date) -> bool:
    """Whether a version holds on the day anywhere."""
    return not ((version.from_ and day < version.from_) or (version.until and day > version.until))


def cells_of(standard: Standard) -> list[tuple[Cell, ...]]:
    """The distinct rows that any value of the standard has, in order of appearance."""
    return list(dict.fromkeys(cells for value in standard.values for cells, _ in value.rows))


def denominator(standard: Standard) -> int:
    """Numbers are held as whole multiples of one over this; money is whole fen."""
    if standard.type not in ("number", "int"):
        return 1
    answers = [
        a
        for v in standard.values
        for a in [*(x for _, x in v.rows), v.otherwise]
        if isinstance(a, (int, Fraction)) and not isinstance(a, bool)
    ]
    return lcm(*(Fraction(a).denominator for a in answers)) if answers else 1


def bounds(standard: Standard) -> tuple[Fraction | None, Fraction | None]:
    """The least and greatest answer that any value gives."""
    answers = [
        Fraction(a)
        for v in standard.values
        for a in [*(x for _, x in v.rows), *([v.otherwise] if v.has_otherwise else [])]
        if isinstance(a, (int, Fraction)) and not isinstance(a, bool)
    ]
    return (min(answers), max(answers)) if answers else (None, None)


def dtype_of(standard: Standard) -> pl.DataType:
    """The column type of a standard's answers."""
    match standard.type:
        case "yesno":
            return pl.Boolean()
        case "text":
            return pl.String()
        case "codes":
            return pl.List(pl.String)
    return pl.Int64()


def columns(standard: Standard, regions: Iterable[str | None], day: dt.date) -> dict[str, pl.Series]:
    """The columns of one standard, a row per region: `s:<id>:<cell>` and `s:<id>:o` for otherwise; null = none."""
    found = [find(standard, r, day) for r in regions]
    d, dtype = denominator(standard), dtype_of(standard)

    def cell(f: Found | None, cells: tuple[Cell, ...]) -> Any:
        if f is None:
            return None
        return _held(dict(f.value.rows).get(cells), d)

    made = {
        f"s:{standard.id}:{number}": pl.Series([cell(f, cells) for f in found], dtype=dtype)
        for number, cells in enumerate(cells_of(standard))
    }
    if any(v.has_otherwise for v in standard.values):
        rest = [_held(f.value.otherwise, d) if f is not None and f.value.has_otherwise else None for f in found]
        made[f"s:{standard.id}:o"] = pl.Series(rest, dtype=dtype)
    return made


def _held(answer: object, d: int) -> Any:
    """An answer as it is held in a column."""
    if isinstance(answer, bool) or answer is None:
        return answer
    if isinstance(answer, (int, Fraction)):
        return int(answer * d)
    return list(answer) if isinstance(answer, tuple) else answer
