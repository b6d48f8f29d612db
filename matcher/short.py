"""Refusals that one clause alone caused: with this clause the other way the verdict would be yes.

Yes, unknown, no are 1, 0, -1, so that `all` is the least, `any` the most, `not` the negative; a whole column at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matcher.catalogue import Clause, Group

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.catalogue import PolicyVersion

Array = np.ndarray


def one_short(version: PolicyVersion, clauses: Sequence[Array]) -> Iterator[tuple[int, Array]]:
    """Each clause of a refused version with the rows that it alone refuses; `clauses`: its columns as 1, 0, -1 in reading order."""
    for number, column in enumerate(clauses):
        turned = [-one if at == number else one for at, one in enumerate(clauses)]
        passes = (_holds(version.requires, iter(turned), len(column)) == 1) & (column != 0)
        if passes.any():
            yield number, passes


def _holds(group: Group, clauses: Iterator[Array], rows: int) -> Array:
    """The group's value, row by row."""
    parts = [next(clauses) if isinstance(part, Clause) else _holds(part, clauses, rows) for part in group.of]
    if group.op == "not":
        return np.asarray(-parts[0])
    if not parts:
        return np.full(rows, 1 if group.op == "all" else -1, dtype=np.int8)
    return np.asarray(np.minimum.reduce(parts) if group.op == "all" else np.maximum.reduce(parts))
