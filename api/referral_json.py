"""A referral as plain values, as docs/json.md describes it: whole for an office, and for a charity no more than it needs to answer."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from api.places import place_path, region_names
from api.referral_moves import open_moves
from api.referral_open import Actor
from api.referral_rows import Referral, standing_of, state_of
from api.wiring import Desk
from matcher.language import Words
from matcher.referral import Move, Standing
from matcher.slots import on_day

Json = dict[str, Any]
COUNTY = 6
"""Digits of a county's code: a charity is told no place more exact."""
HIDDEN: Json = {
    "household": None,
    "reasons": [],
    "departments": [],
    "question": "",
    "before": None,
    "items": [],
    "opinions": [],
    "events": [],
}


def referrals_json(desk: Desk, some: Sequence[Referral], actor: Actor) -> list[Json]:
    """Several, in their order; the households are read at once."""
    tables = desk.store.neighbourhoods(sorted({one.household for one in some})) if some else None
    members = on_day(tables["MEMBER_OF"], desk.today()).get_column("dst").to_list() if tables is not None else []
    return [_json(desk, one, actor, members.count(one.household)) for one in some]


def referral_json(desk: Desk, one: Referral, actor: Actor) -> Json:
    """One."""
    return referrals_json(desk, [one], actor)[0]


def due_json(found: Standing) -> Json | None:
    """The clock; null where there is none."""
    if found.due is None or found.left is None:
        return None
    up_to = None if found.up_to is None else both(found.up_to)
    return {"day": found.due.day.isoformat(), "provisional": found.due.provisional, "left": found.left, "up_to": up_to}


def both(words: Words) -> Json:
    """In Chinese and English."""
    return {"zh": words.zh, "en": words.en}


def _json(desk: Desk, one: Referral, actor: Actor, people: int) -> Json:
    referrals, charity = desk.catalogue.referrals, actor.role == "foundation"
    place = one.area[:COUNTY] if charity else one.area
    award = desk.store.get("Award", one.award) if one.award else None
    kept = {
        "referral": one.id,
        "sort": one.sort,
        "household": one.household,
        "place": place_path(place, region_names(desk.settings.catalogue), desk.lang) if place else "",
        "people": people,
        "state": one.state,
        "label": both(state_of(referrals, one).label),
        "opened_on": one.opened_on.isoformat(),
        "since": one.since.isoformat(),
        "due": due_json(standing_of(referrals, one, desk.today())),
        "amount_fen": one.amount_fen,
        "left": one.told["left"],
        "project": one.project,
        "organization": one.organization,
        "asked_fen": one.told["asked_fen"],
        "granted_fen": award.get("amount_fen") if award else None,
        "reasons": list(one.reasons),
        "departments": list(one.departments),
        "question": one.told["question"],
        "before": one.before,
        "decided_on": _day(one.decided_on),
        "items": one.told["items"],
        "opinions": one.told["opinions"],
        "events": one.told["events"],
        "moves": [_can_do(desk, move) for move in open_moves(desk, one, actor)],
    }
    return kept | HIDDEN if charity else kept


def _can_do(desk: Desk, move: Move) -> Json:
    codes = desk.catalogue.referrals.codes.get(move.codes or "", ())
    return {"move": move.id, "label": both(move.label), "codes": [{"id": c.id, "label": both(c.label)} for c in codes], "text": move.text}


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
