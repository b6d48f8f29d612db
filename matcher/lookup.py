"""A standard looked up with keys that may be unknown: the hull of the rows that fit.

Source: language page, `standard.x(key, …)`; docs/language-notes.md, 11.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from matcher import logic
from matcher.catalogue import Band, Cell, Standard
from matcher.language import Known
from matcher.logic import Number, Text, Value, YesNo
from matcher.scope import HOUSEHOLD, Scope
from matcher.standards import bounds, cells_of, denominator

if TYPE_CHECKING:
    from fractions import Fraction

    from matcher.compile import Compiler
    from matcher.language import Node


def standard_value(compiler: Compiler, scope: Scope, standard: Standard, keys: tuple[Node, ...]) -> Value:
    """The value of a standard on the scope's rows. A key that is written out in the rule leaves only its own rows."""
    if not keys:
        return _answer(compiler, scope, standard, "0")
    options = _options(compiler, scope, standard, keys)
    if isinstance(options, list):
        return compiler.join([(compiler.column(scope.frame, p, "k"), v) for p, v in options]) if options else _no_row(compiler, standard)
    return options


def _no_row(compiler: Compiler, standard: Standard) -> Value:
    """What a table says of a key that stands in none of its rows; a number keeps the bounds of the rows that there are."""
    unknown = compiler.unknown(standard)
    return Number(unknown.lo, unknown.hi, *bounds(standard)) if isinstance(unknown, Number) else unknown


def code_lists(compiler: Compiler, scope: Scope, standard: Standard, keys: tuple[Node, ...]) -> list[tuple[pl.Expr, pl.Expr]]:
    """(may be the one, never null; codes) of every list that a standard with keys may mean."""
    found = _options(compiler, scope, standard, keys)
    options = found if isinstance(found, list) else [(pl.lit(value=True), found)]
    return [(compiler.column(scope.frame, p, "k"), v.known) for p, v in options if isinstance(v, Text) and v.known is not None]


def _options(compiler: Compiler, scope: Scope, standard: Standard, keys: tuple[Node, ...]) -> list[tuple[pl.Expr, Value]] | Value:
    """The rows that may be the one, with whether they may; or the one row there is."""
    written = {i: str(k.value) for i, k in enumerate(keys) if isinstance(k, Known) and k.kind == "text"}
    open_keys = [i for i in range(len(keys)) if i not in written]
    rows = [(number, cells) for number, cells in enumerate(cells_of(standard)) if all(cells[i] == w for i, w in written.items())]
    present = {tuple(cells[i] for i in open_keys): _answer(compiler, scope, standard, str(number)) for number, cells in rows}
    has_rest = any(v.has_otherwise for v in standard.values)
    if not open_keys and present and not has_rest:
        only = present[()]
        return Text((), only.known) if isinstance(only, Text) else only  # a row that is missing here could say anything
    values = [compiler.settle(scope.frame, compiler.value(scope, keys[i])) for i in open_keys]
    fits = [{cell: _fit(key, cell) for cell in dict.fromkeys(c[i] for c in present)} for i, key in enumerate(values)]
    options: list[tuple[pl.Expr, Value]] = []
    sure: list[pl.Expr] = []
    for row, answer in present.items():
        there = _there(answer)
        options.append((pl.all_horizontal([fits[i][c][0] for i, c in enumerate(row)] + [there]), answer))
        sure.append(pl.all_horizontal([fits[i][c][1] for i, c in enumerate(row)] + [there]))
    if has_rest:
        rest = _answer(compiler, scope, standard, "o")
        uncovered = ~pl.any_horizontal(sure) & _uncovered(values, fits, present) if present else pl.lit(value=True)
        options.append((uncovered & _there(rest), rest))
    return options


def _answer(compiler: Compiler, scope: Scope, standard: Standard, cell: str) -> Value:
    """One cell of the standard at the place of the question."""
    column = f"s:{standard.id}:{cell}@{scope.place}"
    compiler.plan.need(HOUSEHOLD, column)
    e = compiler.bring(scope.frame, () if scope.frame == HOUSEHOLD else ("ego",), HOUSEHOLD, column)
    match standard.type:
        case "yesno":
            return YesNo(e)
        case "codes":
            return Text((), e)
        case "text":
            answers = (str(a) for v in standard.values for a in (*(x for _, x in v.rows), v.otherwise) if a is not None)
            return Text(tuple(dict.fromkeys(answers)) if standard.keys else (), e)
    low, high = bounds(standard)
    return logic.point(logic.column(e, denominator(standard), _top(standard)), low, high)


def _top(standard: Standard) -> int:
    """A bound of what its columns hold."""
    low, high = bounds(standard)
    d = denominator(standard)
    return max(1, *(abs(int(x * d)) for x in (low, high) if x is not None)) if low is not None else 1


def _there(answer: Value) -> pl.Expr:
    """Whether the local table has this row."""
    if isinstance(answer, Number):
        return answer.lo.n.is_not_null()
    if isinstance(answer, YesNo):
        return answer.e.is_not_null()
    assert isinstance(answer, Text)
    assert answer.known is not None
    return answer.known.is_not_null()


def _fit(key: Value, cell: Cell) -> tuple[pl.Expr, pl.Expr]:
    """(may fit, surely fits), both never null."""
    if isinstance(cell, Band):
        assert isinstance(key, Number)
        parts = [logic.compare("<=", logic.known(cell.low), key)]
        if cell.high is not None:
            parts.append(logic.compare("<=", key, logic.known(cell.high)))
        fits = logic.both(parts).e
        return fits.fill_null(value=True), fits.fill_null(value=False)
    if isinstance(key, YesNo):
        fits = key.e if cell == "true" else ~key.e
        return fits.fill_null(value=True), fits.fill_null(value=False)
    assert isinstance(key, Text)
    return logic.possible(key, cell), logic.among(key, (cell,)).e.fill_null(value=False)


def _uncovered(keys: list[Value], fits: list[dict[Cell, tuple[pl.Expr, pl.Expr]]], present: dict[tuple[Cell, ...], Value]) -> pl.Expr:
    """Whether a value that the keys may have stands in no row of the local table."""
    gap = "(none of the rows)"
    found: list[pl.Expr] = []
    for combination in product(*([*f, gap] for f in fits)):
        may = [_gap(keys[i], list(fits[i])) if c == gap else fits[i][c][0] for i, c in enumerate(combination)]
        answer = present.get(combination)
        missing = [] if answer is None else [~_there(answer)]
        found.append(pl.all_horizontal([*may, *missing]))
    return pl.any_horizontal(found)


def _gap(key: Value, cells: list[Cell]) -> pl.Expr:
    """Whether the key may be something that no cell names."""
    if isinstance(key, Text):
        if key.values:
            rest = [logic.possible(key, v) for v in key.values if v not in cells]
            return pl.any_horizontal(rest) if rest else pl.lit(value=False)
        if key.may is not None:
            return pl.any_horizontal([e for v, e in key.may.items() if v not in cells] or [pl.lit(value=False)])
        assert key.known is not None
        return key.known.is_null() | ~key.known.is_in([c for c in cells if isinstance(c, str)])
    if isinstance(key, YesNo):
        return pl.lit(value=len(cells) < 2)
    assert isinstance(key, Number)
    inside = []
    whole = key.lo.d == 1 and key.hi.d == 1  # else there is room between 2 and 3
    for low, high in _merged([c for c in cells if isinstance(c, Band)], step=1 if whole else 0):
        parts = [logic.compare("<=", logic.known(low), key)]
        if high is not None:
            parts.append(logic.compare("<=", key, logic.known(high)))
        inside.append(logic.both(parts).e.fill_null(value=False))
    return ~pl.any_horizontal(inside)


def _merged(bands: list[Band], *, step: int) -> list[tuple[Fraction, Fraction | None]]:
    """Bands joined where one begins at the end of another, or `step` after it."""
    merged: list[tuple[Fraction, Fraction | None]] = []
    for band in sorted(bands, key=lambda b: b.low):
        if merged and (merged[-1][1] is None or band.low <= merged[-1][1] + step):
            last = merged[-1][1]
            high = None if last is None or band.high is None else max(last, band.high)
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((band.low, band.high))
    return merged
