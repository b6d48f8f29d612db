"""Moving a referral: who may make which move in which state is data; what a move does beside that is in `api/referral_effects.py`.

A move is checked and prepared by reading alone, then made as one unit of writes in which the household is locked, so that it is made
whole or not at all, once, and never over somebody else's move.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from api.errors import BadRequest, Conflict, Forbidden, Place, Stale
from api.page import neighbourhood
from api.people_named import refuse_names
from api.referral_decision import decision
from api.referral_effects import Effected, Moving, Wanted, discuss, finish, hold, opinion, pay_hold, payment, release, rematch
from api.referral_open import Actor
from api.referral_rows import Referral, procedure_of, put, stored, urgent
from api.referral_shapes import Movement
from api.wiring import Desk
from graph.store import Writer
from matcher.referral import Effect, Move, Procedure

Also = Callable[[Writer, Referral, str | None], None]
"""What a caller adds to the unit: audit and receipt. Is given the referral as it is then, and the one that the move opened."""
PREPARE: dict[Effect, Callable[[Moving], Wanted]] = {
    "opinion": opinion,
    "decision": decision,
    "payment": payment,
    "finish": finish,
    "hold": hold,
    "pay_hold": pay_hold,
    "release": release,
    "rematch": rematch,
    "discuss": discuss,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """The referral after the move, and the id of the one that it opened."""

    referral: Referral
    next: str | None = None


def move(desk: Desk, id_: str, given: Movement, actor: Actor, *, match: str | None = None, also: Also = lambda *_: None) -> Moved:
    """Make a move.

    Args:
        match: the tag of the referral as it was read, if the caller says so.

    Raises:
        NotFound, Forbidden, BadRequest, Conflict, Stale: nothing was changed.
    """
    one = stored(desk.store, id_)
    if match is not None and match != one.tag:
        raise stale()
    procedure = procedure_of(desk.catalogue.referrals, one.sort)
    chosen = _allowed(procedure, one, given, actor)
    _complete(desk, chosen, given)
    refuse_names(desk, neighbourhood(desk.store, one.household), {"/text": given.text, **_written(given)})
    moving = Moving(desk, one, given, actor, desk.now(), desk.today())
    effect = PREPARE[chosen.does](moving) if chosen.does else _nothing(moving)
    moved = desk.store.write(lambda writer: _unit(writer, moving, chosen, procedure, effect, also))
    if chosen.does == "decision":
        desk.store.index_profiles()  # so that it is found as a precedent
    return moved


def open_moves(desk: Desk, one: Referral, actor: Actor) -> list[Move]:
    """What somebody may do with a referral now."""
    return procedure_of(desk.catalogue.referrals, one.sort).open_to(one.state, actor.role)


def stale() -> Stale:
    """Somebody moved it meanwhile."""
    return Stale("您读取之后，这件事项已被他人办理，请重新读取后再办", "somebody moved this referral after you read it: read it again")


def _unit(writer: Writer, moving: Moving, chosen: Move, procedure: Procedure, effect: Wanted, also: Also) -> Moved:
    one = moving.referral
    writer.get("Household", one.household)  # locked first, as whoever opens a referral does
    if stored(writer, one.id).version != one.version:
        raise stale()
    done = effect(writer)
    ends = procedure.states[chosen.to].final
    stays = chosen.to == one.state
    moved = replace(
        done.referral.with_event(_event(moving, chosen, done)),
        state=chosen.to,
        since=one.since if stays else moving.today,
        closed_on=moving.today if ends else one.closed_on,
        version=one.version + 1,
    )
    moved = urgent(moving.desk.catalogue.referrals, moved)
    put(writer, moved)
    also(writer, moved, done.next)
    return Moved(moved, done.next)


def _event(moving: Moving, chosen: Move, done: Effected) -> dict[str, object]:
    told = {"at": moving.now.astimezone(dt.UTC).isoformat(), "by": moving.actor.account, "role": moving.actor.role}
    return told | {"move": chosen.id, "to": chosen.to, "code": moving.given.code, "text": moving.given.text} | done.event


def _allowed(procedure: Procedure, one: Referral, given: Movement, actor: Actor) -> Move:
    """The move, if this actor may make it in this state."""
    chosen = procedure.moves.get(given.move)
    if chosen is None:
        zh, en = f"没有这一步，可用：{' '.join(procedure.moves)}", f"there is no such move, only {' '.join(procedure.moves)}"
        raise BadRequest(zh, en, places=(Place("/move", zh, en),))
    if actor.role not in chosen.by:
        raise Forbidden("您的角色不能办这一步", "your role may not make this move")
    if one.state not in chosen.from_:
        state = procedure.states.get(one.state)
        label = (one.state, one.state) if state is None else (state.label.zh, state.label.en)
        raise Conflict(f"现在是“{label[0]}”，不能{chosen.label.zh}", f"it is {label[1]} now, so nobody can {chosen.label.en}")
    return chosen


def _complete(desk: Desk, chosen: Move, given: Movement) -> None:
    """Refuse a move that lacks its code or its text."""
    faults = []
    codes = desk.catalogue.referrals.codes.get(chosen.codes or "", ())
    if chosen.codes and given.code not in [code.id for code in codes]:
        listed = " ".join(code.id for code in codes)
        faults.append(Place("/code", f"请写明原因代码：{listed}", f"name the reason: {listed}"))
    if not chosen.codes and given.code is not None:
        faults.append(Place("/code", "这一步没有原因代码", "this move has no coded reason"))
    if chosen.text and not given.text:
        faults.append(Place("/text", "请写明内容", "say it in words"))
    if faults:
        raise BadRequest("还缺内容，没有办理", "something is missing; nothing was done", places=tuple(faults))


def _written(given: Movement) -> dict[str, str]:
    """Texts of a decision's items by their place."""
    return {f"/items/{at}/{name}": getattr(item, name) for at, item in enumerate(given.items) for name in ("owner", "basis")}


def _nothing(moving: Moving) -> Wanted:
    """A move that only changes the state."""
    return lambda _: Effected(moving.referral)
