"""Needs and how the bundle meets them, step by step: the waterfall.

In: the answers of a finished run. Out: for every need and whoever has it, what there is before anything is paid, what each item
covers in the legal order, and what is left. Two readings stand side by side because amounts may be unknown: *least*, the need
at its highest and everything unknown paying nothing, and *most*, the need at its lowest and everything unknown paying in
full. Each adds up for itself, to the fen: before = covered + left. Source: design section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcher import payments
from matcher.frames import Frames
from matcher.payments import OPEN, Ledger, Range, Turn
from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    from matcher.answers import Answers

HELD = ("ask:{}:lo", "ask:{}:hi", "file:{}:lo", "file:{}:hi", "v:{}", "has:{}", "off:{}", "doubt:{}", "floor:{}")
"""The columns that a turn reads, by policy."""


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


class _Trail(Ledger):
    """A ledger that notes every need an item touches, before and after."""

    def __init__(self, frames: Frames, needs: Any) -> None:
        super().__init__(frames, needs)
        self.first = dict(self.left)
        self.turns: list[tuple[str, str, Range, Range]] = []

    def use(self, turn: Turn, asked: Range) -> Range:
        before = {need: self.left[need] for need, _ in turn.covers}
        covered = super().use(turn, asked)
        self.turns += [(turn.policy, need, before[need], self.left[need]) for need in before]
        return covered


def waterfalls(answers: Answers) -> list[Waterfall]:
    """The waterfall of every need that there is or may be, in the order of needs.yaml, then of persons.

    A need that is surely nothing is left out. A step that surely covers nothing is left out too.
    """
    trail = _replay(answers)
    found = []
    for need in answers.catalogue.needs.values():
        for who in [None] if need.unit == HOUSEHOLD else answers.members:
            row = answers.row(need.unit, who, answers.run.best)
            steps = [_step(policy, before, after, row) for policy, of, before, after in trail.turns if of == need.id]
            first, last = trail.first[need.id], trail.left[need.id]
            if first.hi[row] > 0:
                kept = tuple(step for step in steps if step.covered_most or step.covered_least != 0)
                ends = (int(first.lo[row]), _end(first.hi[row]), int(last.lo[row]), _end(last.hi[row]))
                found.append(Waterfall(need.id, who, *ends, kept))
    return found


def _step(policy: str, before: Range, after: Range, row: int) -> Step:
    """One row's part of a turn."""
    end = _end(after.hi[row])
    least = None if end is None else int(before.hi[row] - after.hi[row])
    return Step(policy, least, int(before.lo[row] - after.lo[row]), int(after.lo[row]), end)


def _end(value: Any) -> int | None:
    """An upper end, None where it is open."""
    return None if value >= OPEN else int(value)


def _replay(answers: Answers) -> _Trail:
    """All turns once more, from the columns that the run left, on a ledger that takes notes."""
    run = answers.run
    tables = {unit: run.frames.tables[unit] for unit in (HOUSEHOLD, PERSON)}
    names = {HOUSEHOLD: ["id", "inside"], PERSON: ["id", "inside"]}
    for need in answers.catalogue.needs.values():
        names[need.unit] += [f"need:{need.id}:lo", f"need:{need.id}:hi"]
    for policy, turn in run.program.turns.items():
        columns = tables[turn.unit].columns
        names[turn.unit] += [name for pattern in HELD if (name := pattern.format(policy)) in columns]
    frames = Frames({unit: tables[unit].select(names[unit]) for unit in tables}, run.frames.hops, {}, run.frames.questions)
    trail = _Trail(frames, dict(answers.catalogue.needs))
    scratch: dict[str, Any] = {"ledger": trail, "covered": {}}
    for policy in run.program.order:
        turn_or_none = run.program.turns.get(policy)
        if turn_or_none is not None:
            floor = f"floor:{policy}" in names[turn_or_none.unit]
            payments.pay(turn_or_none, floor=floor)(frames, scratch)
    return trail
