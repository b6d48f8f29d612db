"""Whose referrals these are to see: an office those of its area, a department those that invite it, a charity those offered to it.

A household behind a referral is opened as everywhere (`Caller.open`): by area, or for a charity while it agrees. What may not be seen is
answered as what is not there.
"""

from typing import Any

from api.caller import Caller
from api.errors import NotFound
from api.finding import narrowed
from api.paging import cursor_of, parts_of
from api.permissions import EVERYWHERE
from api.referral_json import referrals_json
from api.referral_open import Actor
from api.referral_rows import OPEN, Referral, most_urgent, no_referral, stored
from graph.store import Prefix

ON_BOARD = 20
"""Referrals of one state that the board shows."""


def actor_of(caller: Caller) -> Actor:
    """The caller as whoever moves a referral."""
    account = caller.account
    return Actor(account.id, account.role, account.department)


def opened_referral(caller: Caller, id_: str) -> Referral:
    """A referral that the caller may see, noted in the audit. Raises NotFound."""
    one = stored(caller.desk.store, id_)
    if not _invited(caller, one):
        caller.seen([one.household], action="refused")
        raise no_referral()
    try:
        caller.open(one.household)
    except NotFound:
        raise no_referral() from None
    return one


def seen_by(
    caller: Caller, *, sort: str | None = None, state: str | None = None, ended: bool, cursor: str | None = None, limit: int
) -> tuple[list[Referral], str | None]:
    """A page of those that are the caller's to see, the most pressing first, and the cursor of the next; noted in the audit.

    Args:
        ended: also those that have ended.
    """
    parts, searches = parts_of(cursor, 2), _searches(caller, sort, state, ended=ended)
    after = (parts[0], parts[1]) if parts else None
    found: list[Referral] = []
    while len(found) <= limit:
        some = most_urgent(caller.desk.store, searches, after, limit + 1)
        found += _shown(caller, some)
        if len(some) <= limit:
            break
        after = (some[-1].urgency, some[-1].id)
    page = found[:limit]
    caller.seen([one.household for one in page], action="find")
    return page, cursor_of(page[-1].urgency, page[-1].id) if len(found) > limit else None


def list_of(
    caller: Caller, sort: str | None, state: str | None, cursor: str | None, limit: int, *, ended: bool
) -> tuple[list[dict[str, object]], str | None]:
    """A page of them as JSON, and the cursor of the next."""
    page, following = seen_by(caller, sort=sort, state=state, ended=ended, cursor=cursor, limit=limit)
    return referrals_json(caller.desk, page, actor_of(caller)), following


def board_rows(caller: Caller, *, ended: bool) -> tuple[list[Referral], set[tuple[str, str]]]:
    """The most pressing of each state; and of which states (sort, state) there are more."""
    found: list[Referral] = []
    more = set()
    for sort, procedure in caller.desk.catalogue.referrals.procedures.items():
        for state in procedure.states.values():
            if ended or not state.final:
                rows, following = seen_by(caller, sort=sort, state=state.id, ended=True, limit=ON_BOARD)
                found += rows
                more |= {(sort, state.id)} if following else set()
    return found, more


def _searches(caller: Caller, sort: str | None, state: str | None, *, ended: bool) -> list[dict[str, Any]]:
    """What to look for: in each area of the caller, or among what its organisation was offered."""
    account = caller.account
    wanted: dict[str, Any] = {name: value for name, value in (("sort", sort), ("state", state)) if value is not None}
    wanted |= {} if ended else {"urgency": Prefix(OPEN)}
    if account.role == "foundation":
        return [wanted | {"organization": account.organization}] if account.organization else []
    areas = narrowed(account.regions, None)
    return [wanted if area == EVERYWHERE else wanted | {"area": Prefix(area)} for area in areas]


def _shown(caller: Caller, some: list[Referral]) -> list[Referral]:
    """Those of some referrals that are meant for the caller, of households that it may be told of."""
    mine = [one for one in some if _invited(caller, one)]
    homes = set(caller.among(sorted({one.household for one in mine})))
    return [one for one in mine if one.household in homes]


def _invited(caller: Caller, one: Referral) -> bool:
    """Whether a referral is meant for an organisation or a department at all."""
    account = caller.account
    if account.role == "foundation":
        return one.sort == "charity" and bool(account.organization) and one.organization == account.organization
    if account.role == "department":
        return one.sort == "discussion" and bool(account.department) and account.department in one.departments
    return True
