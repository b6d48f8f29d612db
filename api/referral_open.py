"""Opening a referral: a discussion where a rule says so or somebody asks for it, an offer to a charity where the household agreed.

What is to be opened is prepared by reading alone; `open_in` then opens it within a unit of writes that locks the household, so that one
matter is opened once however many ask at the same time.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from api.consent import shared_with
from api.errors import BadRequest, Conflict, Place
from api.page import neighbourhood
from api.referral_rows import NOTHING, Referral, earlier, ends_of, matter, procedure_of, put, state_of, urgent
from api.wiring import Desk
from graph.store import GraphStore, Writer
from matcher.allocation_terms import Claim
from matcher.batch import results_for
from matcher.catalogue import Catalogue
from matcher.claims import project_on, projects_of
from matcher.kept import Result
from matcher.referral import Referrals, Sort
from matcher.referral_rules import claims_for, departments_of, left_of, openings_met
from matcher.workdays import Deadline, deadline

RULE = "rule"
"""Who opens what no person opens."""
APPEAL = "appeal"
"""The reason in referrals.yaml for which an objection to a refusal opens a discussion."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `role` decides which moves there are; `department`: for whom an officer of one speaks."""

    account: str
    role: str
    department: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """A referral to be opened. `subject`: the project, "" for a discussion. `firm`: not held back by a cool-off time."""

    household: str
    area: str
    sort: Sort
    subject: str
    reasons: tuple[str, ...]
    departments: tuple[str, ...]
    told: dict[str, Any]
    ends: dict[str, Any]
    organization: str | None = None
    before: str | None = None
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The referral of a matter; `new`: opened now. `rests`: it ended, and is not opened again up to this day."""

    referral: Referral
    new: bool
    rests: Deadline | None = None


def result_now(desk: Desk, household: str, day: dt.date) -> tuple[Result, str]:
    """What a household can get and still lacks on a day, and where it lives. Raises NotFound."""
    tables = neighbourhood(desk.store, household)
    area = str((desk.store.get("Household", household) or {}).get("lives_in", ""))
    return results_for(desk.engine, tables, [household], day)[0], area


def by_rule(store: GraphStore, catalogue: Catalogue, result: Result, area: str) -> Opening | None:
    """The discussion that a rule opens for a household; None where no rule does."""
    procedure_of(catalogue.referrals, "discussion")
    reasons = openings_met(result, catalogue)
    return _discussion(store, catalogue, result, area, reasons, "") if reasons else None


def by_hand(
    desk: Desk, result: Result, area: str, reason: str, question: str = "", *, before: str | None = None, about: Iterable[str] = ()
) -> Opening:
    """The discussion that somebody asks for. Raises BadRequest for a reason that there is not.

    Args:
        about: policies at issue besides those that its results name.
    """
    referrals = desk.catalogue.referrals
    procedure_of(referrals, "discussion")
    known = [one.id for one in referrals.openings]
    if reason not in known:
        listed = " ".join(known)
        zh, en = f"没有这个提请原因，可用：{listed}", f"there is no such reason to open it, only {listed}"
        raise BadRequest(zh, en, places=(Place("/reason", zh, en),))
    met = openings_met(result, desk.catalogue)
    reasons = tuple(dict.fromkeys((reason, *met)))
    return _discussion(desk.store, desk.catalogue, result, area, reasons, question, before=before, about=about, firm=True)


def opened_by_appeal(desk: Desk, household: str, policy: str) -> Callable[[Writer], dict[str, Any]]:
    """What opens a discussion when the family objects to the refusal of an item, within a unit; nothing without referrals.yaml."""
    if "discussion" not in desk.catalogue.referrals.procedures:
        return lambda _: {}
    day = desk.today()
    result, area = result_now(desk, household, day)
    what = by_hand(desk, result, area, APPEAL, about=(policy,))

    def opening(writer: Writer) -> dict[str, Any]:
        found = open_in(writer, desk.catalogue.referrals, what, Actor(RULE, "officer"), desk.now(), day)
        return {"referral": found.referral.id}

    return opening


def to_charity(
    desk: Desk, result: Result, area: str, day: dt.date, *, project: str | None = None, but: Iterable[str] = (), before: str | None = None
) -> Opening:
    """The offer of a household to the charity whose project gives it most, or to this project's.

    Args:
        but: projects that are not tried.

    Raises:
        Conflict: nothing can be claimed, or the household agreed to none of those who could help.
    """
    procedure_of(desk.catalogue.referrals, "charity")
    claims = [one for one in claims_for(result, area, desk.catalogue, day) if one.project not in but and project in (None, one.project)]
    if not claims:
        raise Conflict(
            "没有可转介的慈善项目：本户不符合，或需求已满足，或项目未开放",
            "there is no project to refer to: none fits, nothing is left to meet, or none is open",
            hint=("看本户能得到什么：aidgraph match 户号", "see what the household can get: aidgraph match HOUSEHOLD"),
        )
    agreed = [one for one in claims if agrees(desk, result.household, one.project, day)]
    if not agreed:
        raise Conflict(
            "本户没有同意把情况告诉这家慈善组织，不能转介",
            "the household has not agreed that this charity be told of it",
            hint=("先登记同意书（范围：慈善）", "enter a consent first (scope: charity)"),
        )
    return offer(desk, result, area, agreed[0], agreed[0].lo, day, before=before)


def agrees(desk: Desk, household: str, project: str, day: dt.date) -> bool:
    """Whether the organisation of a project may be told of a household."""
    organization = organisation_of(desk.catalogue, project, day)
    return bool(shared_with(desk.store, [household], organization, day, projects=projects_of(desk.catalogue, organization)))


def organisation_of(catalogue: Catalogue, project: str, day: dt.date) -> str:
    """Who runs a project."""
    found = project_on(catalogue, project, day).project
    assert found is not None
    return found.organisation


def offer(desk: Desk, result: Result, area: str, claim: Claim, fen: int, day: dt.date, *, before: str | None = None) -> Opening:
    """The offer that a claim makes."""
    left, organization = left_of(result, desk.catalogue), organisation_of(desk.catalogue, claim.project, day)
    told = NOTHING | {"left": left, "asked_fen": fen, "who": claim.who}
    ends = ends_of(desk.store, claim.household, left, {claim.project: "CharityProject"}, (organization,))
    return Opening(claim.household, area, "charity", claim.project, (), (), told, ends, organization, before)


def open_in(writer: Writer, referrals: Referrals, what: Opening, actor: Actor, now: dt.datetime, day: dt.date) -> Opened:
    """Open a referral, unless one of the same matter is open or rests; the household is locked until the unit ends."""
    writer.get("Household", what.household)
    before = earlier(writer, what.household, what.sort, what.subject)
    if before and not state_of(referrals, before[-1]).final:
        return Opened(before[-1], new=False)
    rests = _rests(referrals, before[-1], day) if before and not what.firm else None
    if rests is not None:
        return Opened(before[-1], new=False, rests=rests)
    first = procedure_of(referrals, what.sort).first
    event = {"at": now.isoformat(), "by": actor.account, "role": actor.role, "move": "open", "to": first, "code": None, "text": ""}
    made = Referral(
        matter(what.household, what.sort, what.subject, len(before) + 1),
        *(what.sort, what.household, what.area, first, day, day, what.reasons, what.departments, sum(what.told["left"].values())),
        project=what.subject or None,
        organization=what.organization,
        before=what.before,
        told=what.told | {"events": [event]},
    )
    opened = urgent(referrals, made)
    put(writer, opened, what.ends)
    return Opened(opened, new=True)


def _discussion(
    store: GraphStore,
    catalogue: Catalogue,
    result: Result,
    area: str,
    reasons: tuple[str, ...],
    question: str,
    *,
    before: str | None = None,
    about: Iterable[str] = (),
    firm: bool = False,
) -> Opening:
    """A discussion: at issue are the items that one clause alone refused, those given up for others, and those it is asked for."""
    left, guests = left_of(result, catalogue), departments_of(result, catalogue)
    issue = {one.policy for one in result.short} | {item.policy for item in result.items if item.status == "choice"} | set(about)
    kinds = {policy: "CharityProject" if catalogue.policies[policy][0].project else "Policy" for policy in sorted(issue)}
    ends = ends_of(store, result.household, left, kinds, guests)
    told = NOTHING | {"left": left, "question": question}
    return Opening(result.household, area, "discussion", "", reasons, guests, told, ends, before=before, firm=firm)


def _rests(referrals: Referrals, last: Referral, day: dt.date) -> Deadline | None:
    """Until when an ended matter is not opened again; None if it may be."""
    procedure = procedure_of(referrals, last.sort)
    event = last.told["events"][-1]
    move = procedure.moves.get(event["move"])
    code = referrals.code(move.codes, event["code"]) if move is not None and move.codes and event["code"] else None
    days = procedure.cool_off if code is None else code.cool_off
    until = deadline(last.closed_on or last.since, days)
    return until if days and day <= until.day else None
