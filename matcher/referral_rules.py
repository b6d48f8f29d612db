"""What a household's result says about referrals: whether a discussion is due, who is invited, which project to try, what is excluded.

In: what is kept of a household (`matcher.kept.Result`), or the answers of its run. Out: plain values; nothing is written. Only money that
is surely left counts: what may be covered by an unknown is asked first. Source: design section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.claims import claims_of, gives_money, project_on
from matcher.explain import explain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from matcher.allocation_terms import Claim
    from matcher.answers import Answers
    from matcher.catalogue import Catalogue, Source
    from matcher.kept import Result
    from matcher.language import Words
    from matcher.referral import Opening, Refusal

PASSABLE = (None, "no_consent")
"""What may stand in the way of a claim that is referred all the same: whether there is a consent is asked of the store on the day."""


def left_of(result: Result, catalogue: Catalogue) -> dict[str, int]:
    """Fen that are surely left, by need; needs in hours and what is only perhaps left are not there."""
    found: dict[str, int] = {}
    for row in result.needs:
        if row.lo > 0 and catalogue.needs[row.need].type == "money":
            found[row.need] = found.get(row.need, 0) + row.lo
    return found


def departments_of(result: Result, catalogue: Catalogue) -> tuple[str, ...]:
    """Who is invited: the departments of the needs of which something is surely left, hours included."""
    needs = {row.need for row in result.needs if row.lo > 0} | set(result.unstaffed)
    return tuple(sorted({catalogue.referrals.departments[need] for need in needs if need in catalogue.referrals.departments}))


def openings_met(result: Result, catalogue: Catalogue) -> tuple[str, ...]:
    """The reasons for which a discussion is due, in the order of the file; none where there is no reason."""
    return tuple(one.id for one in catalogue.referrals.openings if not one.by_hand and _met(one, result, catalogue))


def _met(one: Opening, result: Result, catalogue: Catalogue) -> bool:
    left = left_of(result, catalogue)
    why = {row.reason for row in result.needs if row.need in left and row.lo > 0}
    return (
        (one.residual_over is None or sum(left.values()) > one.residual_over)
        and (one.departments is None or len(departments_of(result, catalogue)) >= one.departments)
        and (not one.reasons or bool(why & set(one.reasons)))
        and (one.status is None or any(item.status == one.status for item in result.items))
        and (one.difficulty is None or result.difficulty.lo >= one.difficulty)
    )


def claims_for(result: Result, region: str, catalogue: Catalogue, day: dt.date) -> list[Claim]:
    """What the household could be referred for: claims on open projects that surely give something, the largest first."""
    projects = [id_ for id_, versions in catalogue.policies.items() if versions[0].project and gives_money(project_on(catalogue, id_, day))]
    found = claims_of(result, region, projects, catalogue, day)
    return sorted((one for one in found if one.lo > 0 and one.barred in PASSABLE), key=lambda one: (-one.lo, one.project, one.who or ""))


@dataclass(frozen=True, slots=True)
class Excluded:
    """Why a decision may not grant an item: which refusal, the clauses that fail, and the articles."""

    refusal: Refusal
    clauses: tuple[Words, ...]
    sources: tuple[Source, ...]


def excluded(answers: Answers, policy: str, who: str | None) -> Excluded | None:
    """What the law says against granting an item to somebody; None where nothing does.

    An item that its rule refuses is excluded if the rule rests on a text of the kind that the refusal names; then the rule's own
    articles are given. What is unknown, received or eligible is not excluded.
    """
    version = answers.catalogue.policies[policy][-1]
    for one in answers.catalogue.referrals.refusals:
        if version.layer in one.layers:
            return Excluded(one, (), one.sources)
        if not one.marks or policy in one.unless or answers.decided(policy, who) is not False or answers.received(policy, who):
            continue
        told = explain(answers, policy, who)
        if told.version is None or told.requires is None:
            continue
        sources = tuple(source for source in told.version.sources if source.mark in one.marks)
        if sources:
            return Excluded(one, tuple(clause.says for clause in told.requires.clauses if clause.result is False), sources)
    return None


def invited(departments: tuple[str, ...], left: Mapping[str, int], catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Department -> the needs that it is invited for."""
    asked = catalogue.referrals.departments
    return {one: tuple(need for need in left if asked.get(need) == one) for one in departments}
