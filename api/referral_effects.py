"""What a move does beside changing the state: an opinion is kept, money is held, paid or returned, the matter goes on elsewhere.

Each effect is prepared by reading alone and then done within the unit of the move. A decision is in `api/referral_decision.py`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from api import holds
from api.errors import BadRequest, Conflict, Place
from api.referral_open import Actor, Opened, Opening, by_hand, open_in, result_now, to_charity
from api.referral_rows import Referral, referrals_of
from api.referral_shapes import Movement, fen
from api.wiring import Desk
from graph.store import GraphStore, Writer
from matcher.allocation_terms import Claim, Grant
from matcher.claims import project_on
from matcher.referral_rules import claims_for
from matcher.workdays import deadline

DECIDED, RETURNED = "decided", "returned"
"""States of an award that a decision made: not carried out yet, given up."""


@dataclass(frozen=True, slots=True)
class Moving:
    """One move: of which referral, what was sent, by whom, when."""

    desk: Desk
    referral: Referral
    given: Movement
    actor: Actor
    now: dt.datetime
    today: dt.date

    @property
    def store(self) -> GraphStore:
        """The store."""
        return self.desk.store


@dataclass(frozen=True, slots=True)
class Effected:
    """The referral with what the effect brought, the id of the one that it opened, and what the event tells of it."""

    referral: Referral
    next: str | None = None
    event: dict[str, Any] = field(default_factory=dict)


Wanted = Callable[[Writer], Effected]


def refuse(path: str, zh: str, en: str) -> BadRequest:
    """Something at one place of the move."""
    return BadRequest("内容有误，没有办理", "this cannot be done as it was sent; nothing was", places=(Place(path, zh, en),))


def opinion(moving: Moving) -> Wanted:
    """A department, or whoever speaks, is for or against, or abstains; a later opinion of the same stands beside the earlier."""
    given, actor = moving.given, moving.actor
    if given.stance is None:
        raise refuse("/stance", "请写明赞成、反对或弃权", "say for, against or abstains")
    department = actor.department or ("civil-affairs" if actor.role != "department" else "")
    said = {"at": moving.today.isoformat(), "by": actor.account, "department": department, "stance": given.stance, "text": given.text}
    told = moving.referral.told | {"opinions": [*moving.referral.told["opinions"], said]}
    return lambda _: Effected(replace(moving.referral, told=told), event={"stance": given.stance})


# --- carrying out -----------------------------------------------------------------------------------------------------
def payment(moving: Moving) -> Wanted:
    """An item of the decision was carried out, for all or less; for nothing it is given up, and the text says why."""
    given, items = moving.given, moving.referral.told["items"]
    if given.item is None or given.item >= len(items):
        raise refuse("/item", "请写明决定中的第几项（从 0 起）", "name an item of the decision, from 0")
    item, day = items[given.item], given.day or moving.today
    paid = item["amount_fen"] if given.amount is None else fen(given.amount)
    if item["award"] is None:
        raise Conflict("这一项已转介给慈善组织，由其登记", "this item was referred to a charity, which reports it itself")
    if item["state"] != DECIDED:
        raise Conflict("这一项已登记过", "this item was reported already")
    if paid > item["amount_fen"]:
        raise refuse("/amount", "超过决定的金额", "more than was decided")
    if day > moving.today:
        raise refuse("/day", "还没有到这一天", "this day has not come yet")
    if not paid and not given.text:
        raise refuse("/text", "不再落实的，请写明原因", "say why it is given up")
    kept = item | {"state": "paid" if paid else RETURNED, "paid_fen": paid, "paid_on": day.isoformat()}
    told = moving.referral.told | {"items": [kept if at == given.item else one for at, one in enumerate(items)]}

    def unit(writer: Writer) -> Effected:
        if paid:
            writer.remove_keys("Award", item["award"], ["state"])
            writer.upsert_nodes("Award", [{"id": item["award"], "paid_on": day, "amount_fen": paid}])
        else:
            over = moving.referral.decided_on or day
            writer.upsert_nodes("Award", [{"id": item["award"], "state": RETURNED, "until": over - dt.timedelta(days=1)}])
        return Effected(replace(moving.referral, told=told), event={"item": given.item, "paid_fen": paid})

    return unit


def finish(moving: Moving) -> Wanted:
    """All items that a department pays were carried out or given up."""
    waiting = [str(at) for at, one in enumerate(moving.referral.told["items"]) if one["state"] == DECIDED]
    if waiting:
        listed = ", ".join(waiting)
        raise Conflict(f"还有没登记落实的项：{listed}", f"items that were not carried out yet: {listed}")
    return lambda _: Effected(moving.referral)


# --- a charity --------------------------------------------------------------------------------------------------------
def hold(moving: Moving) -> Wanted:
    """The organisation accepts: its project holds the money for the household, as far as its budget and what the household lacks go."""
    one, given = moving.referral, moving.given
    assert one.project is not None
    claim = _claim(moving)
    wanted = min(one.told["asked_fen"] or claim.lo, claim.lo) if given.amount is None else fen(given.amount)
    if not 0 < wanted <= claim.lo:
        most = f"{claim.lo / 100:,.2f}"
        raise refuse("/amount", f"应大于零，最多 {most} 元", f"more than nothing and at most {most} yuan")
    version = project_on(moving.desk.catalogue, one.project, moving.today)
    assert version.project is not None
    until = moving.today + dt.timedelta(days=version.project.hold_days)

    def unit(writer: Writer) -> Effected:
        award = holds.hold_one(writer, moving.store, version, Grant(claim, wanted), day=moving.today, until=until)
        return Effected(replace(one, award=award, decided_on=moving.today), event={"held_fen": wanted})

    return unit


def pay_hold(moving: Moving) -> Wanted:
    """What was held was paid; if that was reported with the project already, it stands as it was reported."""
    award, day = _award(moving), moving.given.day or moving.today
    if day > moving.today:
        raise refuse("/day", "还没有到这一天", "this day has not come yet")

    def unit(writer: Writer) -> Effected:
        there = writer.get("Award", award) or {}
        paid = int(there.get("amount_fen", 0)) if moving.given.amount is None else fen(moving.given.amount)
        if "state" in there or moving.given.amount is not None:
            holds.pay_in(writer, moving.store, award, day, paid)
        return Effected(moving.referral, event={"paid_fen": paid})

    return unit


def release(moving: Moving) -> Wanted:
    """What is held goes back to the project; what is over by itself has gone back already."""
    award = _award(moving)

    def unit(writer: Writer) -> Effected:
        if (writer.get("Award", award) or {}).get("state") == holds.HELD:
            holds.give_back_in(writer, moving.store, award, moving.today)
        return Effected(moving.referral)

    return unit


def rematch(moving: Moving) -> Wanted:
    """A charity declined: the next project that fits, or else a discussion."""
    one = moving.referral
    result, area = result_now(moving.desk, one.household, moving.today)
    try:
        following = to_charity(moving.desk, result, area, moving.today, but=_tired(moving), before=one.id)
    except Conflict:
        following = by_hand(moving.desk, result, area, "charity-declined", before=one.id)
    return _goes_on(moving, following)


def discuss(moving: Moving) -> Wanted:
    """What a charity sent back is discussed."""
    result, area = result_now(moving.desk, moving.referral.household, moving.today)
    return _goes_on(moving, by_hand(moving.desk, result, area, "charity-returned", moving.given.text, before=moving.referral.id))


def _goes_on(moving: Moving, following: Opening) -> Wanted:
    """Open the next referral within the unit of the move."""

    def unit(writer: Writer) -> Effected:
        opened: Opened = open_in(writer, moving.desk.catalogue.referrals, following, moving.actor, moving.now, moving.today)
        return Effected(moving.referral, opened.referral.id, {"next": opened.referral.id})

    return unit


def _claim(moving: Moving) -> Claim:
    """The claim as it is today. Raises Conflict where there is none any more."""
    one = moving.referral
    result, area = result_now(moving.desk, one.household, moving.today)
    found = [each for each in claims_for(result, area, moving.desk.catalogue, moving.today) if each.project == one.project]
    ours = [each for each in found if each.who == one.told["who"]]
    if not ours:
        raise Conflict(
            "情况已变：本户现在没有可由这个项目补足的缺口",
            "things have changed: there is nothing left that this project could pay",
            hint=("请谢绝并写明原因", "decline it, with the reason"),
        )
    return ours[0]


def _tired(moving: Moving) -> set[str]:
    """Projects that the household was referred to and that declined within their cool-off time, this one among them."""
    tired = {moving.referral.project or ""}
    for one in referrals_of(moving.store, moving.referral.household):
        code = moving.desk.catalogue.referrals.code("charity_decline", one.told["events"][-1]["code"] or "")
        if one.sort == "charity" and code is not None and moving.today <= deadline(one.closed_on or one.since, code.cool_off).day:
            tired.add(one.project or "")
    return tired


def _award(moving: Moving) -> str:
    if moving.referral.award is None:
        raise Conflict("这件转介还没有预留资金", "nothing is held for this referral")
    return moving.referral.award
