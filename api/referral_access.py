"""Whose referrals these are to see: an office those of its area, a department those that invite it, a charity those offered to it.

A household behind a referral is opened as everywhere (`Caller.open`): by area, or for a charity while it agrees. What may not be seen is
answered as what is not there.
"""

from collections.abc import Iterator

from api.caller import Caller
from api.errors import NotFound
from api.finding import narrowed
from api.paging import page_of_list
from api.permissions import EVERYWHERE
from api.referral_json import referrals_json
from api.referral_open import Actor
from api.referral_rows import Referral, no_referral, referrals_in, referrals_to, standing_of, state_of, stored

FAR = 10**6
"""Working days that stand for no deadline, in the order of a list."""


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


def seen_by(caller: Caller, *, ended: bool) -> list[Referral]:
    """All that are the caller's to see, the most pressing first; noted in the audit by whoever shows them."""
    mine = [
        one for one in _reachable(caller) if _invited(caller, one) and (ended or not state_of(caller.desk.catalogue.referrals, one).final)
    ]
    homes = set(caller.among(sorted({one.household for one in mine})))
    return sorted((one for one in mine if one.household in homes), key=lambda one: _pressing(caller, one))


def list_of(
    caller: Caller, sort: str | None, state: str | None, cursor: str | None, limit: int, *, ended: bool
) -> tuple[list[dict[str, object]], str | None]:
    """A page of them as JSON, and the cursor of the next."""
    found = [one for one in seen_by(caller, ended=ended) if sort in (None, one.sort) and state in (None, one.state)]
    page, following = page_of_list([(one.id, one) for one in found], cursor, limit)
    caller.seen([one.household for one in page], action="find")
    return referrals_json(caller.desk, page, actor_of(caller)), following


def _reachable(caller: Caller) -> Iterator[Referral]:
    """Those of the areas, or those offered to the organisation."""
    account, store = caller.account, caller.desk.store
    if account.role == "foundation":
        yield from referrals_to(store, account.organization)
        return
    for area in narrowed(account.regions, None):
        yield from referrals_in(store, "" if area == EVERYWHERE else area)


def _invited(caller: Caller, one: Referral) -> bool:
    """Whether a referral is meant for an organisation or a department at all."""
    account = caller.account
    if account.role == "foundation":
        return one.sort == "charity" and bool(account.organization) and one.organization == account.organization
    if account.role == "department":
        return one.sort == "discussion" and bool(account.department) and account.department in one.departments
    return True


def _pressing(caller: Caller, one: Referral) -> tuple[int, str]:
    """The least time first; what has no clock last."""
    left = standing_of(caller.desk.catalogue.referrals, one, caller.desk.today()).left
    return (FAR if left is None else left), one.id
