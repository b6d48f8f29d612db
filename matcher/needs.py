"""Needs and how the bundle meets them, step by step: the waterfall.

In: the answers of a finished run. Out: for every need and whoever has it, what there is before anything is paid, what each item
covers in the legal order, and what is left. Two readings stand side by side because amounts may be unknown: *least*, the need
at its highest and everything unknown paying nothing, and *most*, the need at its lowest and everything unknown paying in
full. Each adds up for itself, to the fen: before = covered + left. Source: design section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcher.ledger import OPEN
from matcher.scope import HOUSEHOLD

if TYPE_CHECKING:
    from matcher import ledger
    from matcher.answers import Answers


@dataclass(frozen=True, slots=True)
class Step:
    """What one item covers of one need. Fen, or hundredths of hours; None: no upper end.

    `covered_least` belongs to `left_hi`, `covered_most` to `left_lo`: see the two readings of the module.
    """

    policy: str
    covered_least: int | None
    covered_most: int
    left_lo: int
    left_hi: int | None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """One need of one person (`who`) or of the household (None): before, step by step, left."""

    need: str
    who: str | None
    before_lo: int
    before_hi: int | None
    left_lo: int
    left_hi: int | None
    steps: tuple[Step, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Whether anything is or may be left."""
        return self.left_hi is None or self.left_hi > 0


@dataclass(frozen=True, slots=True)
class Residual:
    """What is left of one need over all who have it. `unstaffed`: hours that an item promises and nobody near can give."""

    need: str
    lo: int
    hi: int | None
    hours: bool
    unstaffed: int = 0


def waterfalls(answers: Answers) -> list[Waterfall]:
    """The waterfall of every need that there is or may be, in the order of needs.yaml, then of persons.

    A need that is surely nothing is left out. A step that surely covers nothing is left out too.
    """
    ledger = answers.run.scratch["ledger"]
    found = []
    for need in answers.catalogue.needs.values():
        taken = [step for step in ledger.steps if step.need == need.id]
        for who in [None] if need.unit == HOUSEHOLD else answers.members:
            before, left = answers.need(need.id, who), answers.left_money(need.id, who)
            if before.hi == 0:
                continue
            row = answers.row(need.unit, who, answers.run.best)
            steps = [_step(step, row) for step in taken]
            kept = tuple(step for step in steps if step.covered_most or step.covered_least != 0)
            found.append(Waterfall(need.id, who, before.lo, before.hi, left.lo, left.hi, kept))
    return found


def _step(step: ledger.Step, row: int) -> Step:
    """One row's part of a turn."""
    end = _end(step.after.hi[row])
    least = None if end is None else int(step.before.hi[row]) - end
    low = int(step.after.lo[row])
    return Step(step.policy, least, int(step.before.lo[row]) - low, low, end)


def _end(value: Any) -> int | None:
    """An upper end, None where it is open."""
    return None if value >= OPEN else int(value)


def residuals(answers: Answers, falls: tuple[Waterfall, ...], *, short: set[str]) -> tuple[Residual, ...]:
    """What is left by need, in the order of needs.yaml. `short`: policies whose hours nobody near can give."""
    found = []
    for need in answers.catalogue.needs.values():
        ours = [fall for fall in falls if fall.need == need.id]
        hours = need.type == "hours"
        unstaffed = sum(step.covered_most for fall in ours for step in fall.steps if step.policy in short) if hours else 0
        lo = sum(fall.left_lo for fall in ours)
        hi = None if any(fall.left_hi is None for fall in ours) else sum(fall.left_hi or 0 for fall in ours)
        if hi is None or hi > 0 or unstaffed:
            found.append(Residual(need.id, lo, hi, hours, unstaffed))
    return tuple(found)
