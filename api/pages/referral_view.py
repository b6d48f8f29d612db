"""The board of referrals and one of them, as templates read them: columns by state, the matter, what was done, a form for each move."""

import secrets
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api import words
from api.pages.frame import Link
from api.pages.household_view import household_href
from api.pages.texts_referrals import REFERRALS
from api.people import household_name, labels, members_on
from api.places import place_path, region_names
from api.referral_json import COUNTY
from api.referral_lines import (
    Clock,
    Happened,
    clock_of,
    departments_text,
    happened,
    item_cells,
    need_word,
    opinion_cells,
    payer_word,
    policy_word,
    reasons_text,
    sort_word,
    state_word,
)
from api.referral_moves import open_moves
from api.referral_open import Actor
from api.referral_rows import Referral
from api.referral_words import PACKET
from api.wiring import Desk
from matcher.bundle_json import yuan
from matcher.referral import Move
from matcher.standards import version_at

ITEMS = 3
"""Items of a decision that its form has room for."""
NAMED = ("worker", "officer")
"""Roles that are told whose matter it is."""
UNGIVEN = ("recognition", "insurance", "service")
"""Layers of which no decision grants anything."""


@dataclass(frozen=True, slots=True)
class Row:
    """One referral on the board."""

    href: str
    title: str
    note: str
    place: str
    amount: str
    guests: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Column:
    """Those of one sort and state. more: where the rest are."""

    caption: str
    amount: str
    nearest: str
    rows: tuple[Row, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One move: which fields it has is told by `does`; `codes`, `items`, `people`, `payers`, `policies`: choices."""

    move: str
    label: str
    does: str
    text: bool
    codes: tuple[Link, ...] = ()
    items: tuple[Link, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What a decision's form offers: policies by layer, members, who pays."""

    policies: tuple[tuple[str, tuple[Link, ...]], ...] = ()
    people: tuple[Link, ...] = ()
    payers: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralView:
    """One referral. `sent`: what a form held that could not be kept, by the name of its field."""

    href: str
    title: str
    about: str
    state: str
    clock: Clock
    tags: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    left: tuple[tuple[str, str], ...]
    items: tuple[tuple[str, ...], ...]
    item_heads: tuple[str, ...]
    opinions: tuple[tuple[str, ...], ...]
    opinion_heads: tuple[str, ...]
    history: tuple[Happened, ...]
    forms: tuple[Form, ...]
    choices: Choices
    household: str
    packet: str
    before: str
    tag: str
    sent: Mapping[str, str]
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))


def referral_href(id_: str) -> str:
    """The address of a referral's page."""
    return f"/referrals/{id_}"


def board_of(
    desk: Desk, some: Sequence[Referral], actor: Actor, more: Container[tuple[str, str]] = (), *, part: bool = False
) -> list[Column]:
    """Columns by sort and state, in the order of the procedures; those without a row are left out.

    Args:
        more: (sort, state) of which there are more than these.
        part: these are one page of more, so how many there are is not said.
    """
    texts, names, found = REFERRALS[desk.lang], _names(desk, some, actor), []
    for sort, procedure in desk.catalogue.referrals.procedures.items():
        for state in procedure.states.values():
            ours = [one for one in some if (one.sort, one.state) == (sort, state.id)]
            if ours:
                label = f"{words.say(procedure.label, desk.lang)} · {words.say(state.label, desk.lang)}"
                rows = tuple(_row(desk, one, actor, names) for one in ours)
                amount = texts["asked_of" if sort == "charity" else "amount"]
                beyond = f"/referrals?sort={sort}&state={state.id}" if (sort, state.id) in more else ""
                caption = label if part else texts["caption_more" if beyond else "caption"].format(x=label, n=len(rows))
                found.append(Column(caption, amount, rows[0].clock.text, rows, beyond))
    return found


def referral_view(desk: Desk, one: Referral, actor: Actor, sent: Mapping[str, str] | None = None) -> ReferralView:
    """One referral for whoever reads it; a charity is shown no more than it needs."""
    texts, lang, charity = REFERRALS[desk.lang], desk.lang, actor.role == "foundation"
    sent = sent or {}
    tables = desk.store.neighbourhood("Household", one.household)
    members = members_on(tables, one.household, desk.today())
    people = labels(tables, one.household, members, None if actor.role == "department" else desk.identity, lang)
    after = texts["left_after"] if one.sort == "charity" else "{x}"
    left = tuple((after.format(x=need_word(desk.catalogue, need, lang)), yuan(fen)) for need, fen in one.told["left"].items())
    moves = open_moves(desk, one, actor)
    deciding = any(move.does == "decision" for move in moves)
    return ReferralView(
        referral_href(one.id),
        _names(desk, [one], actor).get(one.household) or _about(desk, one),
        _about(desk, one),
        state_word(desk, one),
        clock_of(desk, one),
        tuple(each for each in (sort_word(desk, one), texts["people"].format(n=len(members)), _place(desk, one, charity=charity)) if each),
        tuple(_facts(desk, one, charity=charity)),
        left,
        () if charity else tuple(item_cells(desk, item, people) for item in one.told["items"]),
        PACKET[lang]["heads"]["decision"],
        () if charity else tuple(opinion_cells(desk, said) for said in one.told["opinions"]),
        PACKET[lang]["heads"]["opinions"],
        () if charity else tuple(happened(desk, one)),
        tuple(_form(desk, one, move, sent) for move in moves),
        _choices(desk, {who: people[who] for who in members}, one.area) if deciding else Choices(),
        household_href(one.household) if actor.role in ("worker", "officer") else "",
        "" if charity else f"{referral_href(one.id)}/packet",
        referral_href(one.before) if one.before and not charity else "",
        one.tag,
        sent,
    )


def opening_reasons(desk: Desk) -> tuple[Link, ...]:
    """Why a discussion may be asked for by hand."""
    return tuple(Link(words.say(one.label, desk.lang), one.id) for one in desk.catalogue.referrals.openings if one.id != "charity-declined")


def _row(desk: Desk, one: Referral, actor: Actor, names: Mapping[str, str]) -> Row:
    charity, name = actor.role == "foundation", names.get(one.household, "")
    guests = "" if charity else departments_text(one.departments, desk.lang) or payer_word(desk, one.organization or "")
    amount = one.told["asked_fen"] if one.told["asked_fen"] is not None else one.amount_fen
    about, place = _about(desk, one), _place(desk, one, charity=charity)
    return Row(referral_href(one.id), name or about, about if name else "", place, yuan(amount), guests, clock_of(desk, one))


def _names(desk: Desk, some: Sequence[Referral], actor: Actor) -> dict[str, str]:
    """What the households are called, for those who may know; masked."""
    if actor.role not in NAMED or not some:
        return {}
    tables = desk.store.neighbourhoods(sorted({one.household for one in some}))
    homes, today = {one.household for one in some}, desk.today()
    return {home: household_name(tables, home, members_on(tables, home, today), desk.identity, desk.lang) for home in homes}


def _about(desk: Desk, one: Referral) -> str:
    """The project, or why it is discussed."""
    told = policy_word(desk.catalogue, one.project, desk.lang) if one.project else reasons_text(desk.catalogue, one, desk.lang)
    return told or sort_word(desk, one)


def _place(desk: Desk, one: Referral, *, charity: bool) -> str:
    code = one.area[:COUNTY] if charity else one.area
    return place_path(code, region_names(desk.settings.catalogue), desk.lang) if code else ""


def _facts(desk: Desk, one: Referral, *, charity: bool) -> Iterable[tuple[str, str]]:
    texts, lang = REFERRALS[desk.lang], desk.lang
    if one.project:
        yield texts["project"], policy_word(desk.catalogue, one.project, lang)
    if one.told["asked_fen"] is not None:
        yield texts["asked"], yuan(one.told["asked_fen"])
    award = desk.store.get("Award", one.award) if one.award else None
    if award and award.get("amount_fen"):
        yield texts["granted"], yuan(award["amount_fen"])
    if one.departments and not charity:
        yield texts["guests"], departments_text(one.departments, lang)
    if one.told["question"] and not charity:
        yield texts["question"], one.told["question"]


def _form(desk: Desk, one: Referral, move: Move, sent: Mapping[str, str]) -> Form:
    codes = desk.catalogue.referrals.codes.get(move.codes or "", ())
    waiting = [(at, item) for at, item in enumerate(one.told["items"]) if item["award"] and item["state"] == "decided"]
    items = tuple(
        Link(f"{policy_word(desk.catalogue, item['policy'], desk.lang)} {yuan(item['amount_fen'])}", str(at)) for at, item in waiting
    )
    choices = tuple(Link(words.say(code.label, desk.lang), code.id) for code in codes)
    return Form(move.id, words.say(move.label, desk.lang), move.does or "", move.text, choices, items, sent.get("move") == move.id)


def _choices(desk: Desk, people: Mapping[str, str], area: str) -> Choices:
    """Policies and projects by layer, called as in the area, members, departments and the organisations of projects."""
    layers: dict[str, list[Link]] = {}
    payers: dict[str, Any] = {}
    for policy, versions in desk.catalogue.policies.items():
        at = version_at(versions, area, desk.today())
        version = versions[-1 if at is None else at]
        if version.layer in UNGIVEN:
            continue
        layers.setdefault(version.layer, []).append(Link(words.say(version.title, desk.lang), policy))
        payer = version.project.organisation if version.project else version.department
        payers.setdefault(payer, payer_word(desk, payer))
    ordered = [(words.of(words.LAYER, layer, desk.lang), tuple(layers[layer])) for layer in words.LAYER if layer in layers]
    given = tuple(Link(text, payer) for payer, text in sorted(payers.items(), key=lambda each: each[1]))
    return Choices(tuple(ordered), tuple(Link(text, who) for who, text in people.items()), given)
