"""Who may do what, and where: the one place that decides.

A permission belongs to roles. One that is about a household is also bound to a place: it holds for households that live in the
account's regions; for a charity, whatever the place, for those that agreed to be shared with it (`api.consent`). Whoever may not see a
household is told that there is none. Source: design sections 1 and 13.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from graph.errors import RegionError
from graph.regions import within
from matcher.language import Words

Role = Literal["worker", "officer", "department", "foundation", "analyst", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
EVERYWHERE = "*"
"""Among the regions of an account: every place, and households of which no place is known."""

BY_CONSENT: frozenset[Role] = frozenset({"foundation"})
"""Roles that see a household because it agreed, not because of where it lives."""

ROLE_WORDS: dict[Role, Words] = {
    "worker": Words("社工、村级协理员", "social worker"),
    "officer": Words("民政经办", "civil-affairs officer"),
    "department": Words("部门经办", "department officer"),
    "foundation": Words("慈善组织", "charity foundation"),
    "analyst": Words("分析人员", "analyst"),
    "admin": Words("系统管理员", "administrator"),
}


@dataclass(frozen=True, slots=True)
class Permission:
    """Who has it, and whether it is about a household and therefore bound to a place."""

    roles: frozenset[Role]
    bound: bool = False


def _of(*roles: Role, bound: bool = False) -> Permission:
    return Permission(frozenset(roles), bound)


PERMISSIONS: dict[str, Permission] = {
    "household.find": _of("worker", "officer", bound=True),
    "household.read": _of("worker", "officer", bound=True),
    "household.create": _of("worker", "officer", bound=True),
    "household.change": _of("worker", "officer", bound=True),
    "referral.read": _of("worker", "officer", "department", "foundation", bound=True),
    "referral.packet": _of("worker", "officer", "department", bound=True),
    "referral.open": _of("worker", "officer", bound=True),
    "referral.move": _of("worker", "officer", "department", "foundation", bound=True),
    "household.apply": _of("worker", "officer", bound=True),
    "household.decide": _of("officer", bound=True),
    "household.record": _of("officer", bound=True),
    "household.withdraw": _of("officer", bound=True),
    "report.read": _of("officer", "department", "analyst", "foundation", bound=True),
    "report.figures": _of("officer", "department", "analyst", bound=True),  # small counts too, and changes, which are small counts
    "report.households": _of("officer", bound=True),
    "report.run": _of("officer", "analyst", bound=True),
    "catalogue.read": _of(*ROLES),
    "project.read": _of("foundation", "officer"),
    "project.write": _of("foundation", "officer"),
    "project.moderate": _of("officer"),
    "project.pay": _of("foundation", "officer"),
    "session.own": _of(*ROLES),
    "audit.read": _of("admin"),
    "metrics.read": _of("admin"),
    "styleguide.read": _of("admin"),
}
"""Every permission there is; a route names one of them."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signed in, or a program with a key.

    scopes: what a key is limited to; None for a person. api_key: the key's public part.
    """

    id: str
    role: Role
    title: str = ""
    regions: tuple[str, ...] = ()
    department: str = ""
    organization: str = ""
    scopes: frozenset[str] | None = None
    api_key: str = ""


def may(account: Account, permission: str, region: str | None = None) -> bool:
    """Whether an account may do something: at all (no `region`), or to a household that lives in a region ("": nobody knows where).

    Raises: KeyError for a permission that there is not.
    """
    wanted = PERMISSIONS[permission]
    if account.role not in wanted.roles or (account.scopes is not None and permission not in account.scopes):
        return False
    return region is None or not wanted.bound or covers(account.regions, region)


def covers(regions: Iterable[str], region: str) -> bool:
    """Whether a place lies in one of these regions."""
    for own in regions:
        if own == EVERYWHERE:
            return True
        try:
            if region and within(region, own):
                return True
        except RegionError:
            continue
    return False


def touches(regions: Iterable[str], served: Iterable[str]) -> bool:
    """Whether any of the places served ("": everywhere) lies in one of these regions or holds one."""
    own, places = list(regions), list(served)
    return (
        "" in places or any(covers(own, place) for place in places) or any(covers(places, region) for region in own if region != EVERYWHERE)
    )
