"""What a discussion is given: facts with their sources, what is unknown, everything tested with result and article, near misses, what is
left by need, who could help, precedents, and the question to settle.

Made anew whenever it is read, as of the day. A department that is invited is shown what the matter is, and never who the people are.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from api.known import household_json
from api.page import Page, page_json, page_of
from api.people import household_name, labels
from api.precedents import Precedent, nearest_decided
from api.referral_json import both, referral_json
from api.referral_open import Actor, agrees, organisation_of, result_now
from api.referral_rows import Referral
from api.wiring import Desk
from matcher.bundle_json import yuan
from matcher.explain import Explanation, explain
from matcher.items import Item
from matcher.language import Words
from matcher.referral_rules import claims_for, departments_of

Json = dict[str, Any]
UNNAMED = ("department",)
"""Roles that are told of a household without who its people are."""
PASSED_ON = ("place", "difficulty", "residual", "needs", "questions", "stuck", "slots", "near_misses", "recognised", "summary")
"""Parts of the bundle's JSON that a packet holds too."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One policy or project tested for somebody: `clauses` that failed, or are open where nothing failed; `sources`: its articles."""

    item: Item
    told: Explanation
    clauses: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """A charity that could pay: so many fen of its project; `agreed`: the household may be named to it."""

    project: str
    who: str | None
    organization: str
    fen: int
    agreed: bool


@dataclass(frozen=True, slots=True)
class Packet:
    """Everything about one matter on a day. precedents: None where no profiles have been made."""

    referral: Referral
    actor: Actor
    page: Page
    known: Json
    tested: tuple[Tested, ...]
    chances: tuple[Chance, ...]
    departments: tuple[str, ...]
    precedents: tuple[Precedent, ...] | None
    question: Words


def packet_of(desk: Desk, one: Referral, actor: Actor, *, near: bool = True) -> Packet:
    """The packet of a referral as things are today. `near`: near misses too, which take longest. Raises NotFound."""
    day = desk.today()
    page = page_of(desk, one.household, day, near=near)
    known = household_json(desk, page.tables, one.household, day)
    if actor.role in UNNAMED:
        page, known = _unnamed(page, known, desk)
    result, area = result_now(desk, one.household, day)
    chances = []
    for claim in claims_for(result, area, desk.catalogue, day):
        organization, agreed = organisation_of(desk.catalogue, claim.project, day), agrees(desk, one.household, claim.project, day)
        chances.append(Chance(claim.project, claim.who, organization, claim.lo, agreed))
    precedents = nearest_decided(desk.store, desk.catalogue.referrals, one.household)
    return Packet(
        *(one, actor, page, known, tuple(_tested(page)), tuple(chances), departments_of(result, desk.catalogue)),
        None if precedents is None else tuple(precedents),
        question_of(page, one),
    )


def packet_json(desk: Desk, packet: Packet) -> Json:
    """The packet as docs/json.md describes it."""
    whole = page_json(packet.page)
    precedents = None if packet.precedents is None else [_precedent_json(one) for one in packet.precedents]
    return {
        "referral": referral_json(desk, packet.referral, packet.actor),
        "as_of": packet.page.as_of.isoformat(),
        "question": both(packet.question),
        "household": packet.known,
        **{name: whole[name] for name in PASSED_ON if name in whole},
        "tested": [_tested_json(one) for one in packet.tested],
        "charities": [{name: getattr(one, name) for name in Chance.__slots__} for one in packet.chances],
        "departments": list(packet.departments),
        "precedents": precedents,
    }


def question_of(page: Page, one: Referral) -> Words:
    """What is to be settled: as somebody wrote it, else what is left and who is to pay it."""
    if one.told["question"]:
        return Words(one.told["question"], one.told["question"])
    needs = page.catalogue.needs
    zh = "、".join(f"{needs[need].title.zh} {yuan(fen)}" for need, fen in one.told["left"].items() if need in needs)
    en = ", ".join(f"{needs[need].title.en} {yuan(fen)}" for need, fen in one.told["left"].items() if need in needs)
    return Words(
        f"政策用尽后仍缺{zh or '金额待核实'}：由谁出、出多少、依据什么、何时落实？",
        f"After every policy there is still missing: {en or 'an amount to be found out'}. Who pays how much, by which rule, and by when?",
    )


def _unnamed(page: Page, known: Json, desk: Desk) -> tuple[Page, Json]:
    """The same without names, cards and phones."""
    people = labels(page.tables, page.household, page.bundle.members, None, desk.lang)
    name = household_name(page.tables, page.household, page.bundle.members, None, desk.lang)
    members = [one | {"name": people[one["person"]], "id_card": None, "phone": None} for one in known["members"]]
    return replace(page, people=people, name=name), known | {"members": members}


def _tested(page: Page) -> Iterator[Tested]:
    """Every policy and project for everybody it is for, in the legal order."""
    for item in page.bundle.items:
        told = explain(page.answers, item.policy, item.who, deep=0)
        clauses = told.requires.clauses if told.requires is not None else []
        failed = tuple(one.says for one in clauses if one.result is False) if told.verdict == "not eligible" else ()
        yield Tested(item, told, failed or tuple(one.says for one in clauses if one.result is None))


def _tested_json(one: Tested) -> Json:
    told = one.told
    sources = [] if told.version is None else told.version.sources
    return {
        "policy": told.policy,
        "who": told.who,
        "title": both(told.title),
        "layer": one.item.layer,
        "status": one.item.status,
        "verdict": told.verdict,
        "in_force": told.version is not None,
        "clauses": [both(says) for says in one.clauses],
        "sources": [{"document": each.document, "article": each.article, "mark": each.mark} for each in sources],
    }


def _precedent_json(one: Precedent) -> Json:
    """A precedent without its household: what was at stake and what was decided."""
    referral = one.referral
    names = ("policy", "amount_fen", "payer", "basis", "state", "paid_fen")
    return {
        "referral": referral.id,
        "distance": one.distance,
        "decided_on": _day(referral.decided_on),
        "reasons": list(referral.reasons),
        "amount_fen": referral.amount_fen,
        "left": referral.told["left"],
        "items": [{name: item[name] for name in names} for item in referral.told["items"]],
    }


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
