"""What is kept of one household in the store: items that are not refused, needs, what is left of them and why, difficulty.

Sparse: what is refused is not kept, but for refusals that one clause alone caused where a need stays open. As text it is one
JSON list of short lists, the same bytes for the same answer. Source: design section 12; docs/json.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from matcher.difficulty import Contribution, Difficulty

if TYPE_CHECKING:
    from matcher.caveats import Caveat
    from matcher.items import Status

Reason = Literal[
    "fact_unknown", "refused", "no_consent", "closed", "budget", "no_supply_near", "one_clause_short", "not_enough",
    "not_eligible", "no_rule",
]  # fmt: skip
REASONS: tuple[Reason, ...] = (
    "fact_unknown",  # something that would pay, or the need itself, is not decided for want of facts
    "refused",  # an officer refused an item that would pay
    "no_consent",  # a project would pay but the household has not agreed to be named to it
    "closed",  # a project that would pay takes no applications on the day
    "budget",  # the budget of a project that would pay is spent
    "no_supply_near",  # hours are granted and nobody near can give them
    "one_clause_short",  # an item that would pay is refused by one clause alone
    "not_enough",  # what pays for it pays all it can
    "not_eligible",  # items that would pay are in force here; none fits
    "no_rule",  # nothing in force here pays for it
)
"""Why a need stays open, the first that applies: what can be mended soonest stands first."""


@dataclass(frozen=True, slots=True)
class KeptItem:
    """One line of a bundle; see `matcher.bundle.Item`."""

    policy: str
    who: str | None
    status: Status
    lo: int | None
    hi: int | None
    caveats: tuple[Caveat, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether it can be applied for and nobody has."""
        return self.status == "can" and not {"refused", "applied"} & set(self.caveats)


@dataclass(frozen=True, slots=True)
class Short:
    """A refusal by one clause alone of an item that would pay for a need that stays open."""

    policy: str
    who: str | None
    clause: str


@dataclass(frozen=True, slots=True)
class Left:
    """One need: before anything is paid, and what is left in the end; fen or hundredths of hours, hi None: no upper end is known."""

    need: str
    who: str | None
    before_lo: int
    before_hi: int | None
    lo: int
    hi: int | None
    reason: Reason | None = None

    @property
    def open(self) -> bool:
        """Whether anything is or may be left."""
        return self.hi is None or self.hi > 0


@dataclass(slots=True)
class Result:
    """Everything kept of one household.

    ready_fen: certain money over twelve months of what can be applied for. unstaffed: need -> hundredths of hours that are granted and
    nobody near can give. near: near misses as `docs/json.md` tells them, None where they were not sought.
    """

    household: str
    members: tuple[str, ...]
    difficulty: Difficulty
    items: tuple[KeptItem, ...] = ()
    short: tuple[Short, ...] = ()
    needs: tuple[Left, ...] = ()
    unstaffed: dict[str, int] = field(default_factory=dict)
    ready_fen: int = 0
    near: list[dict[str, Any]] | None = None


def as_text(result: Result) -> str:
    """The result as one line of JSON."""
    found = result.difficulty
    value = [
        result.household,
        result.members,
        [found.lo, found.hi, found.circle, found.category, found.unsettled, [[p.indicator, p.lo, p.hi, p.level] for p in found.parts]],
        [[i.policy, i.who, i.status, i.lo, i.hi, i.caveats] for i in result.items],
        [[s.policy, s.who, s.clause] for s in result.short],
        [[n.need, n.who, n.before_lo, n.before_hi, n.lo, n.hi, n.reason] for n in result.needs],
        result.unstaffed,
        result.ready_fen,
        result.near,
    ]
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def of_text(text: str) -> Result:
    """A result that was kept."""
    household, members, (lo, hi, circle, category, unsettled, parts), items, short, needs, unstaffed, ready, near = json.loads(text)
    return Result(
        household,
        tuple(members),
        Difficulty(lo, hi, tuple(Contribution(*part) for part in parts), circle, category, tuple(unsettled)),
        tuple(KeptItem(policy, who, status, lo, hi, tuple(caveats)) for policy, who, status, lo, hi, caveats in items),
        tuple(Short(*one) for one in short),
        tuple(Left(*one) for one in needs),
        unstaffed,
        ready,
        near,
    )
