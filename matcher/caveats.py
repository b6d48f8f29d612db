"""What stands in the way of an item: a decision that is awaited or was no, a closed project, a consent that is missing.

In: the version of the item, what it pays, what the household agreed to, who could help near it. Out: codes, as the bundle and kept
results carry them. Source: design section 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt

    from matcher.applications import Application
    from matcher.catalogue import PolicyVersion

Ends = tuple[int | None, int | None]
Caveat = Literal["refused", "applied", "closed", "budget", "no_consent", "no_supply_near", "maybe_received", "nothing_left"]
"""What stands in the way of something one is eligible for, or may be: refused, or applied for and not decided yet, are told of both."""
DECIDING = frozenset({"refused", "applied"})
"""With an officer, or back from one: not to be applied for again."""
IN_THE_WAY = DECIDING | {"closed", "budget", "nothing_left"}


def asked_for(application: Application | None) -> tuple[Caveat, ...]:
    """That an item waits for a decision, or was refused."""
    return () if application is None else (application.state,)


def caveats_of(
    version: PolicyVersion, ends: Ends, as_of: dt.date, consents: set[str], can_do: set[str], *, maybe: bool
) -> tuple[Caveat, ...]:
    """What stands in the way of something one is eligible for.

    Args:
        ends: what it pays, from and to.
        consents: scopes and recipients that the household agreed to; can_do: needs that somebody near can do.
        maybe: it is not known whether it is received already.
    """
    found: list[Caveat] = []
    project, benefit, (lo, hi) = version.project, version.benefit, ends
    if project is not None:
        shut = (project.open_from and as_of < project.open_from) or (project.open_until and as_of > project.open_until)
        found += ["closed"] if shut else []
        found += ["budget"] if project.budget_fen is not None and project.budget_fen < max(1, lo or 0) else []
        agreed = consents & {"all", "charity", project.organisation, version.department, version.id}
        found += ["no_consent"] if project.consent == "required" and not agreed else []
    if benefit is not None and benefit.hours is not None and not set(benefit.covers) & can_do:
        found.append("no_supply_near")
    if benefit is not None and hi == 0:
        found.append("nothing_left")
    if maybe and not version.received:
        found.append("maybe_received")
    return tuple(found)
