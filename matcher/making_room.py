"""Room made for a case that is served whole or not at all, where the money just fails to reach for it and would go to easier ones.

In: the grants of one project, hardest first. Out: the same grants, or some in which more is done. Easier cases give way first; harder ones
are never left out and give up at most half of theirs. Source: docs/adr/0007-hardest-first.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matcher.allocation_terms import SHORT, Grant, cap_left, least_of, room, worth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.allocation_terms import Budget, Reason

HALF = 2
"""A harder case keeps at least one part in so many of what it was granted."""


def make_room(grants: list[Grant], budget: Budget) -> list[Grant]:
    """The grants after every case that waits for money was tried, hardest first; each change does more than before."""
    if budget.left is None:
        return grants
    for at, grant in enumerate(grants):
        if grant.claim.whole and grant.fen == 0 and grant.reason in SHORT:
            tried = _with(grants, at, budget)
            if tried is not None and worth(tried) > worth(grants):
                grants = tried
    return grants


def _with(grants: Sequence[Grant], at: int, budget: Budget) -> list[Grant] | None:
    """The grants with the least for the case at this place; None where that cannot be."""
    assert budget.left is not None
    fen = [grant.fen for grant in grants]
    need, free = room(grants[at].claim, budget)[0], budget.left - sum(fen)
    for other in reversed(range(len(grants))):
        if free >= need or other == at:
            continue
        cut = _given_up(grants[other], need - free, budget, easier=other > at)
        fen[other] -= cut
        free += cut
    if free < need or need > cap_left(grants[at].claim, budget, grants, fen):
        return None
    fen[at] = need
    free = _fill(grants, fen, free - need, budget, at)
    if budget.places is not None and sum(one > 0 for one in fen) > budget.places:
        return None
    return [_told(grant, fen[n], free, harder=n < at) for n, grant in enumerate(grants)]


def _given_up(grant: Grant, wanted: int, budget: Budget, *, easier: bool) -> int:
    """What one case gives up: an easier one all of it if need be, a harder one a part that it can spare."""
    least = least_of(grant.claim, budget)
    if easier:
        return wanted if grant.fen - wanted >= least else grant.fen
    return max(0, min(wanted, grant.fen - max(least, -(-grant.fen // HALF))))


def _fill(grants: Sequence[Grant], fen: list[int], free: int, budget: Budget, made_for: int) -> int:
    """Give what is free down the order, after the case that room was made for; returns what nobody can use."""
    for at in (made_for, *range(len(grants))):
        claim = grants[at].claim
        if not room(claim, budget)[1] or (not fen[at] and budget.places is not None and sum(one > 0 for one in fen) >= budget.places):
            continue
        more = min(claim.lo - fen[at], free, cap_left(claim, budget, grants, fen))
        if more > 0 and fen[at] + more >= least_of(claim, budget):
            fen[at] += more
            free -= more
    return free


def _told(grant: Grant, fen: int, free: int, *, harder: bool) -> Grant:
    """The grant with its new sum and the reason that goes with it."""
    if fen == grant.fen:
        return grant
    reason: Reason | None = "made_room" if harder else "budget_spent"
    if fen == grant.claim.lo:
        reason = None
    elif not fen:
        reason = "remainder" if free else "budget_spent"
    return replace(grant, fen=fen, reason=reason)
