"""From what is kept of households to claims on charity projects: who could get how much of which.

In: results (`matcher.results`), each with where its household lives. Out: a claim for every item of a charity project that somebody is
eligible for and that pays money. Source: design section 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.allocation_terms import Budget, Claim
from matcher.bundle import TIMES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

    from matcher.allocation_terms import Reason
    from matcher.catalogue import Catalogue, PolicyVersion
    from matcher.caveats import Caveat
    from matcher.items import Status
    from matcher.kept import KeptItem, Result

BARS: dict[Caveat, Reason] = {
    "refused": "refused",
    "closed": "closed",
    "no_consent": "no_consent",
    "maybe_received": "maybe_received",
    "nothing_left": "need_met",
}
"""What stands in the way of an item, as the reason of its claim; what can be mended soonest stands last."""
WHOLE = ("in_kind", "service", "fee_waiver")
"""Kinds of benefit that are given whole or not at all."""


def project_on(catalogue: Catalogue, project: str, day: dt.date) -> PolicyVersion:
    """The version of a project that is in force on the day somewhere, the last if none is."""
    versions = catalogue.policies[project]
    live = [one for one in versions if (one.from_ is None or one.from_ <= day) and (one.until is None or day <= one.until)]
    return (live or list(versions))[-1]


def projects_of(catalogue: Catalogue, organization: str) -> set[str]:
    """The projects that an organisation runs."""
    return {
        id_ for id_, versions in catalogue.policies.items() if versions[-1].project and versions[-1].project.organisation == organization
    }


def gives_money(version: PolicyVersion) -> bool:
    """Whether it is a charity project with money, or money's worth, to share out."""
    benefit = version.benefit
    return version.project is not None and benefit is not None and benefit.hours is None and benefit.amount is not None


def claims_of(result: Result, region: str, projects: Collection[str], catalogue: Catalogue, day: dt.date) -> list[Claim]:
    """What one household claims of these projects: items that it is eligible for, over twelve months."""
    found = []
    for item in result.items:
        if item.policy not in projects or item.status != "can":
            continue
        version = project_on(catalogue, item.policy, day)
        assert version.benefit is not None
        times = TIMES[version.benefit.per]
        found.append(
            Claim(
                *(result.household, item.policy, times * (item.lo or 0), None if item.hi is None else times * item.hi),
                *(result.difficulty.lo, region, item.who, version.benefit.kind in WHOLE),
                had=_had(result.items, item.policy, times),
                barred=next((reason for caveat, reason in BARS.items() if caveat in item.caveats), None),
            )
        )
    return found


def households_with(results: Iterable[Result], project: str, status: Status) -> int:
    """How many households have an item of the project in this status."""
    return sum(any(item.policy == project and item.status == status for item in result.items) for result in results)


def budget_of(version: PolicyVersion, committed: int, places: int) -> Budget:
    """What a project can still give, with so much committed and so many places taken.

    Areas are left to the verdict where the project goes by another place than where the household lives.
    """
    project = version.project
    assert project is not None
    return Budget(
        version.id,
        None if project.budget_fen is None else max(0, project.budget_fen - committed),
        project.household_cap_fen,
        tuple(code for code in version.regions if code) if version.place == "living" else (),
        None if project.places is None else max(0, project.places - places),
        project.smallest_fen,
    )


def _had(items: Iterable[KeptItem], project: str, times: int) -> int:
    """What the household holds of the project already."""
    return sum(times * (item.lo or 0) for item in items if item.policy == project and item.status == "has")
