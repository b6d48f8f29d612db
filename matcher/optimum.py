"""How near an allocation comes to the exact optimum: the most granted fen times difficulty that budgets, caps, areas and places allow.

In: the claims and the budget of one project. Out: the optimum, or what it surely does not exceed, found by HiGHS. For telling, never for
deciding: who gets what is decided by matcher.allocation. Source: design section 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from matcher.allocation_terms import room, worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.allocation_terms import Budget, Claim, Grant

FEN = 100
"""The solver counts in yuan, so that its tolerances mean little."""
SECONDS = 10.0
"""After so long the bound that is proved by then stands for the optimum."""
CLOSE = 1e-6
"""As near as the solver has to come."""

Row = tuple[dict[int, float], float]
"""Coefficients by column, and what their sum may not exceed."""


def share_of_optimum(grants: Sequence[Grant], budgets: Sequence[Budget]) -> float:
    """What the grants do, as a share of the most that could be done; 1 where nothing could."""
    most = 0.0
    for budget in budgets:
        most += optimum([grant.claim for grant in grants if grant.claim.project == budget.project], budget)
    return 1.0 if most <= 0 else min(1.0, worth(grants) / most)


def optimum(claims: Sequence[Claim], budget: Budget) -> float:
    """The most that granted fen times difficulty can add up to, within the budget; never less than that."""
    able = [(claim, *room(claim, budget)) for claim in claims]
    able = [(claim, least, most) for claim, least, most in able if most > 0 and claim.difficulty > 0]
    if not able:
        return 0.0
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # its constructor alone has no types
    solver.silent()
    for name, value in (("mip_rel_gap", CLOSE), ("time_limit", SECONDS)):
        solver.setOptionValue(name, value)
    solver.passModel(_model(able, budget))
    solver.run()
    info = solver.getInfo()
    ends = [value for value in (info.objective_function_value, info.mip_dual_bound) if np.isfinite(value)]
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    free = float(sum(most * claim.difficulty for claim, _, most in able))
    return min(free, max(ends) * FEN) if proved and ends else min(free, info.mip_dual_bound * FEN)


def _model(able: Sequence[tuple[Claim, int, int]], budget: Budget) -> highspy.HighsLp:
    """Column i: yuan granted; column n + i: 1 if anything is."""
    count = len(able)
    model = highspy.HighsLp()
    model.num_col_ = 2 * count
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.array([claim.difficulty for claim, _, _ in able] + [0] * count, dtype=np.float64)
    model.col_lower_ = np.zeros(2 * count)
    model.col_upper_ = np.array([most / FEN for _, _, most in able] + [1] * count, dtype=np.float64)
    model.integrality_ = [highspy.HighsVarType.kContinuous] * count + [highspy.HighsVarType.kInteger] * count
    rows = _rows(able, budget)
    model.num_row_ = len(rows)
    model.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    model.row_upper_ = np.array([top for _, top in rows], dtype=np.float64)
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *(len(cells) for cells, _ in rows)]).astype(np.int32)
    matrix.index_ = np.array([at for cells, _ in rows for at in cells], dtype=np.int32)
    matrix.value_ = np.array([value for cells, _ in rows for value in cells.values()], dtype=np.float64)
    return model


def _rows(able: Sequence[tuple[Claim, int, int]], budget: Budget) -> list[Row]:
    """Nothing or at least the least, for each; the budget, the places, the cap of each household."""
    count = len(able)
    rows: list[Row] = []
    for at, (_, least, most) in enumerate(able):
        rows += [({at: 1.0, count + at: -most / FEN}, 0.0), ({at: -1.0, count + at: least / FEN}, 0.0)]
    if budget.left is not None:
        rows.append((dict.fromkeys(range(count), 1.0), max(0, budget.left) / FEN))
    if budget.places is not None:
        rows.append(({count + at: 1.0 for at in range(count)}, float(max(0, budget.places))))
    if budget.cap is not None:
        homes: dict[str, list[int]] = {}
        for at, (claim, _, _) in enumerate(able):
            homes.setdefault(claim.household, []).append(at)
        for members in homes.values():
            rows.append((dict.fromkeys(members, 1.0), max(0, budget.cap - able[members[0]][0].had) / FEN))
    return rows
