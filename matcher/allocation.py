"""Charity budgets shared out: the hardest case first, and for everybody who gets nothing or less the reason why not this time.

In: claims of households on projects and what each project has left. Out: one Grant for each claim. Projects are shared out each for
itself. What is granted here is a proposal; holds are committed through the store. Source: design section 9; docs/adr/0007-hardest-first.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, permutations
from typing import TYPE_CHECKING

from matcher.allocation_terms import SHORT, Grant, barred, least_of, room, worth
from matcher.making_room import make_room

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matcher.allocation_terms import Budget, Claim

FEW = 4
"""Up to so many claims of one household on one project are tried in every order."""


def allocate(claims: Iterable[Claim], budgets: Iterable[Budget]) -> list[Grant]:
    """Share out every budget among the claims on it, hardest case first.

    Within a project households are served by (difficulty descending, id), the claims of one household in the order that grants it most.
    Where the money does not reach for the next claim, the remainder goes down the same order, or to the largest that it reaches for if
    more is done with it that way; room is made for one that is served whole or not at all if more is done so (see matcher.making_room).

    Args:
        claims: at most one for each (project, household, who), in any order.
        budgets: one for each project that is claimed on.

    Returns:
        A grant for every claim, by project in the order of `budgets`, within one hardest first. The same input gives the same grants.

    Raises:
        KeyError: a claim on a project that has no budget.
    """
    shared = {budget.project: budget for budget in budgets}
    sorted_claims: dict[str, list[Claim]] = {project: [] for project in shared}
    for claim in sorted(claims, key=lambda claim: claim.order):
        sorted_claims[claim.project].append(claim)
    return [grant for project, budget in shared.items() for grant in share(sorted_claims[project], budget)]


def share(claims: Sequence[Claim], budget: Budget) -> list[Grant]:
    """One project's budget among its claims, which stand hardest first."""
    cases = [list(some) for _, some in groupby(claims, key=lambda claim: claim.order[:2])]
    purse, served = _Purse(budget), list[Grant]()
    for at, case in enumerate(cases):
        after, grants = purse.case(case)
        if any(grant.fen == 0 and grant.reason in SHORT for grant in grants):
            return make_room([*served, *_rest(cases[at:], purse)], budget)
        purse = after
        served += grants
    return served


def _rest(cases: Sequence[list[Claim]], purse: _Purse) -> list[Grant]:
    """The cases from the first that the money does not reach for: down the same order, or the largest first where that does more."""
    most = [sum(room(claim, purse.budget)[1] * claim.difficulty for claim in case) for case in cases]
    by_size = sorted(range(len(cases)), key=lambda at: (-most[at], at))
    tried = []
    for order in (range(len(cases)), by_size):
        left, grants = purse, dict[int, list[Grant]]()
        for at in order:
            left, grants[at] = left.case(cases[at])
        tried.append([grant for at in range(len(cases)) for grant in grants[at]])
    return max(tried, key=worth)


@dataclass(slots=True)
class _Purse:
    """What is left of a budget while claims are served."""

    budget: Budget
    spent: int = 0
    places: int = 0
    homes: dict[str, int] = field(default_factory=dict)

    def copy(self) -> _Purse:
        """The same, to try something with."""
        return _Purse(self.budget, self.spent, self.places, dict(self.homes))

    def case(self, claims: Sequence[Claim]) -> tuple[_Purse, list[Grant]]:
        """The claims of one household, in the order in which most is granted; what is left then, and the grants by person."""
        few = len(claims) <= FEW
        orders = permutations(claims) if few else (tuple(claims), tuple(sorted(claims, key=lambda claim: -claim.lo)))
        tried = []
        for order in orders:
            purse = self.copy()
            tried.append((purse, [purse.serve(claim) for claim in order]))
        best, grants = max(tried, key=lambda one: one[0].spent)
        return best, sorted(grants, key=lambda grant: grant.claim.order)

    def serve(self, claim: Claim) -> Grant:
        """What the claim gets of what is left."""
        budget, home = self.budget, self.homes.get(claim.household, 0)
        bar = barred(claim, budget)
        if bar is not None:
            return Grant(claim, 0, bar)
        capped = claim.lo if budget.cap is None else min(claim.lo, max(0, budget.cap - claim.had - home))
        left = capped if budget.left is None else min(capped, budget.left - self.spent)
        least = least_of(claim, budget)
        if capped < least:
            return Grant(claim, 0, "cap_reached")
        if budget.places is not None and self.places >= budget.places:
            return Grant(claim, 0, "no_places")
        if left < least:
            return Grant(claim, 0, "budget_spent" if left <= 0 else "remainder")
        self.spent += left
        self.places += 1
        self.homes[claim.household] = home + left
        return Grant(claim, left, None if left == claim.lo else "cap_reached" if left == capped else "budget_spent")
