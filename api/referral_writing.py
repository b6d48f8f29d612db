"""Referrals written through the interface: one unit with its audit entry and its receipt, so that a write sent again is answered again."""

from typing import Any

from api.caller import Caller
from api.errors import BadRequest, Conflict, Place, Stale
from api.page import neighbourhood
from api.people_named import refuse_names
from api.receipts import Receipt, Written
from api.referral_access import actor_of
from api.referral_moves import move
from api.referral_open import Opening, by_hand, open_in, result_now, to_charity
from api.referral_rows import Referral
from api.referral_shapes import Movement, NewReferral
from graph.store import Writer


def opened(caller: Caller, given: NewReferral, key: str) -> Written:
    """Open a matter by hand. Raises NotFound, BadRequest, Conflict."""
    caller.open(given.household)
    receipt = Receipt.of(caller, key, given.model_dump_json())
    if (before := receipt.stored()) is not None:
        return before
    desk = caller.desk
    refuse_names(desk, neighbourhood(desk.store, given.household), {"/question": given.question})
    what = _wanted(caller, given)

    def unit(writer: Writer) -> Written:
        kept = writer.get("Receipt", receipt.id)
        if kept is not None:
            return receipt.answer(kept)
        found = open_in(writer, desk.catalogue.referrals, what, actor_of(caller), desk.now(), desk.today())
        body = {"referral": found.referral.id, "new": found.new}
        caller.note(writer, given.household, "create" if found.new else "read")
        writer.upsert_nodes("Receipt", [receipt.row(body)])
        return Written(body)

    return desk.store.write(unit)


def moved(caller: Caller, id_: str, given: Movement, key: str, match: str) -> Written:
    """Make a move. Raises what `api.referral_moves.move` does."""
    receipt = Receipt.of(caller, f"{id_} {key}", given.model_dump_json())
    if (before := receipt.stored()) is not None:
        return before
    body: dict[str, Any] = {}

    def also(writer: Writer, one: Referral, following: str | None) -> None:
        body.update(referral=one.id, state=one.state, next=following)
        caller.note(writer, one.household, "change")
        writer.upsert_nodes("Receipt", [receipt.row(body)])

    try:
        done = move(caller.desk, id_, given, actor_of(caller), match=match, also=also)
    except (Stale, Conflict):
        if (before := receipt.stored()) is not None:  # the same request came in twice at once
            return before
        raise
    return Written(body, done.referral.tag)


def _wanted(caller: Caller, given: NewReferral) -> Opening:
    desk = caller.desk
    result, area = result_now(desk, given.household, desk.today())
    if given.sort == "charity":
        for name in ("reason", "question"):
            if getattr(given, name):
                zh, en = "转介慈善组织不写这一项", "an offer to a charity has none"
                raise BadRequest(zh, en, places=(Place(f"/{name}", zh, en),))
        return to_charity(desk, result, area, desk.today(), project=given.project)
    if given.project is not None or given.reason is None:
        path = "/project" if given.project is not None else "/reason"
        zh, en = ("会商不写项目", "a discussion has no project") if given.project else ("请写明提请原因", "say why it is opened")
        raise BadRequest(zh, en, places=(Place(path, zh, en),))
    return by_hand(desk, result, area, given.reason, given.question)
