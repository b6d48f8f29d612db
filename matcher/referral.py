"""What a referral may go through: states, moves, clocks, codes, when one is opened, what no decision may grant. All of it is data.

In: `referrals.yaml`, read by `matcher.loader_referrals`. Out: plain values that `api/referrals.py` acts by. Two sorts: `discussion`, one
matter one discussion, and `charity`, government to charity and back. Source: design section 10.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from matcher.workdays import Deadline, deadline, working_days

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from matcher.catalogue import Source
    from matcher.language import Words

Sort = Literal["discussion", "charity"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Actor = Literal["worker", "officer", "department", "foundation"]
ACTORS: tuple[Actor, ...] = get_args(Actor)
"""Roles of `api/permissions.py` that may move a referral."""
Effect = Literal["opinion", "decision", "payment", "finish", "hold", "pay_hold", "release", "rematch", "discuss"]
EFFECTS: tuple[Effect, ...] = get_args(Effect)
"""What a move does beside changing the state:

opinion: a department says for or against. decision: items with amount, payer, owner, deadline and legal basis become awards. payment: an
item was paid. finish: every item was. hold: the foundation's project holds the money. pay_hold: it was paid. release: what was held
goes back. rematch: the next project, or a discussion. discuss: a discussion is opened."""


@dataclass(frozen=True, slots=True)
class Step:
    """Whom an overdue referral goes up to, `after` so many working days beyond its deadline."""

    after: int
    to: Words


@dataclass(frozen=True, slots=True)
class State:
    """`working_days`: how long it may stay there, None for no limit. final: nothing is to be done. decided: can be a precedent."""

    id: str
    label: Words
    working_days: int | None = None
    escalate: tuple[Step, ...] = ()
    final: bool = False
    decided: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """`codes`: the list of codes of which one has to be named; text: something has to be written."""

    id: str
    label: Words
    from_: tuple[str, ...]
    to: str
    by: tuple[Actor, ...]
    does: Effect | None = None
    codes: str | None = None
    text: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A coded reason. cool_off: working days in which the same is not opened again."""

    id: str
    label: Words
    cool_off: int = 0


@dataclass(frozen=True, slots=True)
class Procedure:
    """One sort: its states in order, the first being where it begins, and its moves. cool_off: working days after its end."""

    sort: Sort
    label: Words
    states: Mapping[str, State]
    moves: Mapping[str, Move]
    cool_off: int = 0

    @property
    def first(self) -> str:
        """Where a referral begins."""
        return next(iter(self.states))

    def open_to(self, state: str, actor: str) -> list[Move]:
        """What somebody may do in a state."""
        return [move for move in self.moves.values() if state in move.from_ and actor in move.by]


@dataclass(frozen=True, slots=True)
class Opening:
    """A reason to open a discussion: all that is told here must hold. Money in fen.

    residual_over: more than this is surely left of the needs in money. departments: needs that stay open lie with at least so many.
    reasons: a need in money stays open for one of these (`matcher.kept.Reason`). status: an item has it. difficulty: the index at least.
    by_hand: nothing of it can be computed; somebody says so.
    """

    id: str
    label: Words
    residual_over: int | None = None
    departments: int | None = None
    reasons: tuple[str, ...] = ()
    status: str | None = None
    difficulty: int | None = None
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """What no decision grants. layers: items of these; marks: items refused by a rule of a text so marked, but for those `unless`."""

    id: str
    says: Words
    sources: tuple[Source, ...]
    layers: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Referrals:
    """referrals.yaml. Without the file there are no procedures. departments: need -> who is invited for it."""

    procedures: Mapping[str, Procedure] = field(default_factory=dict)
    codes: Mapping[str, tuple[Code, ...]] = field(default_factory=dict)
    openings: tuple[Opening, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    departments: Mapping[str, str] = field(default_factory=dict)

    def code(self, list_: str, id_: str) -> Code | None:
        """A code of a list."""
        return next((code for code in self.codes.get(list_, ()) if code.id == id_), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a referral stands against its clock. left: working days to the deadline, negative beyond it. up_to: whom it has gone up to."""

    due: Deadline | None = None
    left: int | None = None
    up_to: Words | None = None

    @property
    def overdue(self) -> bool:
        """Whether the deadline has passed."""
        return self.left is not None and self.left < 0


def standing(state: State, since: dt.date, today: dt.date) -> Standing:
    """How long a referral may still stay in a state that it entered on a day, and whom it has gone up to."""
    if state.working_days is None:
        return Standing()
    due = deadline(since, state.working_days)
    left = working_days(today, due.day) if today <= due.day else -max(1, working_days(due.day, today))
    beyond = working_days(due.day, today) if today > due.day else -1
    reached = [step.to for step in state.escalate if beyond >= step.after]
    return Standing(due, left, reached[-1] if reached else None)
