"""Claims on charity budgets, what is granted, and the coded reasons why not this time: the words that allocation speaks in.

In: nothing but a claim and a budget at a time. Out: what stands in a claim's way, the least and the most that it can be granted.
Source: design section 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from graph.regions import within
from matcher.language import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Reason = Literal[
    "refused",
    "closed",
    "no_consent",
    "maybe_received",
    "need_met",
    "amount_unknown",
    "outside_area",
    "cap_reached",
    "no_places",
    "budget_spent",
    "remainder",
    "made_room",
]
REASONS: dict[Reason, Words] = {
    "refused": Words("已作出不予办理的决定", "an officer refused it"),
    "closed": Words("项目目前不受理", "the project takes no applications now"),
    "no_consent": Words("先取得同意书", "consent is needed first"),
    "maybe_received": Words("先核实是否已享受", "check first whether it is received"),
    "need_met": Words("需求已由前面各项补足", "the need is met already"),
    "amount_unknown": Words("金额要先核实", "the amount has to be found out first"),
    "outside_area": Words("不在项目服务的地区", "outside the area of the project"),
    "cap_reached": Words("已到每户上限", "the most that one household may get is reached"),
    "no_places": Words("名额已给更困难的家庭", "the places went to harder cases"),
    "budget_spent": Words("资金已给更困难的家庭", "the money went to harder cases"),
    "remainder": Words("余下的资金不够这一项", "what is left does not reach for this one"),
    "made_room": Words("让出一部分，使下一户也能得到", "a part was left, so that the next household could be served"),
}
"""Why not this time, or why not all of it."""
SHORT = ("remainder", "budget_spent")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one household, or a person of it (`who`), could get of one project.

    lo, hi: fen wanted, surely and at most; hi None: no upper end is known. Only what is sure is granted. difficulty: 0 to 100. region:
    where the household lives. whole: all of it or nothing. had: fen of the project that the household holds already. barred: what stands
    in the way, whatever money there is.
    """

    household: str
    project: str
    lo: int
    hi: int | None
    difficulty: int
    region: str
    who: str | None = None
    whole: bool = False
    had: int = 0
    barred: Reason | None = None

    @property
    def order(self) -> tuple[int, str, str]:
        """Hardest first, then by id."""
        return -self.difficulty, self.household, self.who or ""


@dataclass(frozen=True, slots=True)
class Budget:
    """What a project can still give. None: no limit.

    left: fen. cap: fen a household at most, with what it holds. areas: regions that it serves, none for everywhere. places: so many more
    grants. smallest: fen; less than this is granted only to who wants less.
    """

    project: str
    left: int | None
    cap: int | None = None
    areas: tuple[str, ...] = ()
    places: int | None = None
    smallest: int = 0


@dataclass(frozen=True, slots=True)
class Grant:
    """What a claim gets, perhaps 0 fen. `reason`: why not all that it surely wants; None if it gets that."""

    claim: Claim
    fen: int
    reason: Reason | None = None


def room(claim: Claim, budget: Budget) -> tuple[int, int]:
    """The least and the most that a claim can be granted by itself; (0, 0) for one that can be granted nothing."""
    most = claim.lo if budget.cap is None else min(claim.lo, max(0, budget.cap - claim.had))
    least = least_of(claim, budget)
    return (0, 0) if barred(claim, budget) or most < least else (least, most)


def least_of(claim: Claim, budget: Budget) -> int:
    """Less than this is not granted."""
    return claim.lo if claim.whole else max(1, min(claim.lo, budget.smallest))


def barred(claim: Claim, budget: Budget) -> Reason | None:
    """What stands in the way of a claim whatever money there is."""
    if claim.barred is not None:
        return claim.barred
    if budget.areas and not any(within(claim.region, area) for area in budget.areas):
        return "outside_area"
    if claim.lo <= 0:
        return "need_met" if claim.hi == 0 else "amount_unknown"
    return None


def worth(grants: Iterable[Grant]) -> int:
    """What the exact optimum is measured by: granted fen times difficulty, added up."""
    return sum(grant.fen * grant.claim.difficulty for grant in grants)


def cap_left(claim: Claim, budget: Budget, grants: Sequence[Grant], fen: Sequence[int]) -> int:
    """What the claim's household may still be granted, if the grants are of these sums; the claim's own want where there is no cap."""
    if budget.cap is None:
        return claim.lo
    home = sum(one for grant, one in zip(grants, fen, strict=True) if grant.claim.household == claim.household)
    return max(0, budget.cap - claim.had - home)
