"""Referrals on every kind of store: every move by every role in every state, one matter opened once, and from opened to closed."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api import holds
from api.errors import BadRequest, Conflict, Forbidden, NotFound, Stale
from api.precedents import nearest_decided
from api.referral_effects import DECIDED
from api.referral_open import by_hand, open_in, result_now, to_charity
from api.referral_rows import Referral, put, referrals_of, stored, urgent
from graph.profiles import refresh_profiles
from matcher.allocation_terms import Grant
from matcher.claims import project_on
from matcher.referral import ACTORS as ROLES
from matcher.referral import SORTS, Move
from matcher.referral_rules import claims_for
from tests.contract.opening import open_at
from tests.factories import shipped
from tests.referral_world import (
    ACTORS,
    AID,
    CHARITY,
    DAY,
    FIRST,
    FOUNDATION,
    FUND,
    LIKE,
    OF_FUND,
    OFFICER,
    a_desk,
    do,
    offered,
    opened,
    opening,
)

if TYPE_CHECKING:
    from pathlib import Path

    from graph.store import GraphStore
    from tests.referral_world import On

OPENERS = 50
ROUNDS = {"sqlite": 20, "neo4j": 3}


@pytest.fixture
def desk(store: GraphStore, tmp_path: Path) -> On:
    return a_desk(store, tmp_path)


def lacking(desk: On, household: str) -> dict[str, int]:
    """What is surely left, by need."""
    return {row.need: row.lo for row in result_now(desk, household, desk.today())[0].needs}


def received(desk: On, household: str) -> dict[str, int | None]:
    return {item.policy: item.lo for item in result_now(desk, household, desk.today())[0].items if item.status == "has"}


# --- every move ---------------------------------------------------------------------------------------------------------
SENT: dict[str | None, dict[str, Any]] = {
    "opinion": {"stance": "against"},
    "decision": {"items": [AID]},
    "payment": {"item": 0},
}
"""What a move needs beside a code and a text."""


def standing_in(desk: On, sort: Any, state: str) -> Referral:
    """A referral in a state, as those before have left it."""
    base = opened(desk, opening(desk)).referral if sort == "discussion" else offered(desk).referral
    awarded = {"policy": AID["policy"], "award": "a1", "state": DECIDED if state == "executing" else "paid", "amount_fen": 100}
    one = replace(base, state=state, decided_on=DAY, told=base.told | {"items": [awarded]})

    def unit(writer: Any) -> Referral:
        writer.upsert_nodes("Award", [{"id": "a1", "policy": AID["policy"], "state": DECIDED, "paid_on": DAY, "amount_fen": 100}])
        kept = replace(one, award=held_for(desk, writer)) if sort == "charity" and state in ("accepted", "paid") else one
        kept = urgent(desk.catalogue.referrals, kept)
        put(writer, kept)
        return kept

    return desk.store.write(unit)


def held_for(desk: On, writer: Any) -> str:
    result, area = result_now(desk, FIRST, DAY)
    claim = next(one for one in claims_for(result, area, desk.catalogue, DAY) if one.project == FUND)
    until = DAY + dt.timedelta(days=30)
    return holds.hold_one(writer, desk.store, project_on(desk.catalogue, FUND, DAY), Grant(claim, 500), day=DAY, until=until)


def sent_with(move: Move, state: str) -> dict[str, Any]:
    """A whole body for a move."""
    codes = shipped().referrals.codes.get(move.codes or "", ())
    code = {"code": codes[0].id} if codes else {}
    text = {"text": "如实说明"} if move.text or (move.does == "payment" and state == "executing") else {}
    return code | text | SENT.get(move.does, {})


@pytest.mark.parametrize("kind_of_store", ["sqlite"])
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("sort", SORTS)
def test_every_move_in_every_state_is_made_by_who_may_and_by_nobody_else(desk: On, sort: Any, role: str) -> None:
    procedure, tried = shipped().referrals.procedures[sort], 0
    for state in procedure.states:
        for move in procedure.moves.values():
            tried += 1
            sent = sent_with(move, state)
            one = standing_in(desk, sort, state)
            may, fits = role in move.by, state in move.from_
            if may and fits:
                if move.does == "finish":
                    do(desk, one.id, ACTORS["officer"], "pay", item=0)
                moved = do(desk, one.id, ACTORS[role], move.id, **sent).referral
                assert (moved.state, moved.told["events"][-1]["role"]) == (move.to, role), (state, move.id)
                assert stored(desk.store, one.id) == moved
            else:
                with pytest.raises(Conflict if may else Forbidden):
                    do(desk, one.id, ACTORS[role], move.id, **sent)
                assert stored(desk.store, one.id) == one, (state, move.id)
            forget(desk)
    assert tried == len(procedure.states) * len(procedure.moves)


def forget(desk: On) -> None:
    """Take away what a try left behind."""

    def unit(writer: Any) -> None:
        for kind, ids in {
            "Referral": [one.id for one in referrals_of(desk.store, FIRST)],
            "Award": [
                row["id"] for row in desk.store.find("Award", {}, limit=2000).rows if row.get("source") != "case" and FIRST in row["id"]
            ],
            "Budget": [FUND],
        }.items():
            kept = [id_ for id_ in ids if "medical-aid" not in str((desk.store.get(kind, id_) or {}).get("policy", ""))]
            writer.delete(kind, [*kept, *(["a1"] if kind == "Award" else [])])

    desk.store.write(unit)


# --- opened once --------------------------------------------------------------------------------------------------------
def test_fifty_who_open_one_matter_at_once_open_it_once(desk: On, url: str, kind_of_store: str) -> None:
    what, own = opening(desk), [open_at(url) for _ in range(OPENERS)]
    for turn in range(ROUNDS[kind_of_store]):
        start, one = threading.Barrier(OPENERS), replace(what, subject=f"matter{turn}")

        def ask(number: int, one: Any = one, start: threading.Barrier = start) -> tuple[str, bool]:
            start.wait(timeout=120)
            found = own[number].write(lambda writer: open_in(writer, shipped().referrals, one, OFFICER, desk.now(), DAY))
            return found.referral.id, found.new

        with ThreadPoolExecutor(OPENERS) as pool:
            answers = list(pool.map(ask, range(OPENERS)))
        assert len({id_ for id_, _ in answers}) == 1
        assert sum(new for _, new in answers) == 1
    assert len(referrals_of(desk.store, FIRST)) == ROUNDS[kind_of_store]
    for each in own:
        each.close()


def test_fifty_moves_of_one_referral_at_once_make_one(desk: On, url: str, tmp_path: Path) -> None:
    one = opened(desk, opening(desk)).referral
    start = threading.Barrier(OPENERS)
    desks = []
    for _ in range(OPENERS):
        other = type(desk)(desk.settings)
        other.__dict__.update(desk.__dict__ | {"store": open_at(url), "opened": []})
        desks.append(other)

    def convene(number: int) -> bool:
        start.wait(timeout=120)
        try:
            do(desks[number], one.id, OFFICER, "convene")
        except (Stale, Conflict):
            return False
        return True

    with ThreadPoolExecutor(OPENERS) as pool:
        made = list(pool.map(convene, range(OPENERS)))
    after = stored(desk.store, one.id)
    assert sum(made) == 1
    assert (after.state, after.version, len(after.told["events"])) == ("hearing", 2, 2)
    for each in desks:
        each.store.close()


def test_a_matter_is_opened_again_only_after_its_time_of_rest_or_by_hand(desk: On) -> None:
    what = opening(desk)
    first = opened(desk, what).referral
    assert not opened(desk, what).new
    do(desk, first.id, OFFICER, "decline", code="policy-fits", text="按政策办理")  # 20 working days, over the National Day
    resting = opened(desk, what)
    assert (resting.new, resting.referral.id, resting.rests and resting.rests.day) == (False, first.id, dt.date(2026, 9, 30))
    result, area = result_now(desk, FIRST, DAY)
    second = opened(desk, by_hand(desk, result, area, "appeal"))
    assert second.new
    assert second.referral.id != first.id
    assert second.referral.reasons[0] == "appeal"
    do(desk, second.referral.id, OFFICER, "withdraw", code="settled")
    desk.day = dt.date(2026, 10, 1)
    assert opened(desk, opening(desk)).new


def test_a_reason_that_there_is_not_opens_nothing(desk: On) -> None:
    with pytest.raises(BadRequest, match="there is no such reason"):
        by_hand(desk, *result_now(desk, FIRST, DAY), "weather")
    with pytest.raises(NotFound):
        result_now(desk, "nobody", DAY)


def ends(desk: On, kind: str, referral: str) -> set[str]:
    """Where the edges of a referral lead; without any such kind of edge this test fails."""
    return {dst for frame in desk.store.scan_edges(kind) for src, dst in frame.select("src", "dst").rows() if src == referral}


# --- the whole way ------------------------------------------------------------------------------------------------------
def test_c4_goes_from_opened_by_rule_to_closed_and_the_next_like_it_finds_it(desk: On) -> None:
    refresh_profiles(desk.store, DAY)
    found = opened(desk, opening(desk)).referral
    assert found.reasons == ("residual", "departments", "gap")
    assert found.departments == ("civil-affairs", "medical-insurance")
    before = lacking(desk, FIRST)
    assert ends(desk, "INVITES", found.id) >= set(found.departments)
    assert ends(desk, "CONCERNS", found.id) >= {FIRST, *(need for need, fen in before.items() if fen)}
    assert found.amount_fen == before["living"] + before["medical_out_of_scope"]
    assert nearest_decided(desk.store, desk.catalogue.referrals, FIRST) == []
    do(desk, found.id, OFFICER, "convene")
    do(desk, found.id, ACTORS["department"], "opinion", stance="against", text="医保已按规定支付")
    do(desk, found.id, OFFICER, "opinion", stance="for", text="家庭确有困难")
    do(desk, found.id, OFFICER, "put")
    decided = do(desk, found.id, OFFICER, "decide", text="给予临时救助，余额转介慈善", items=[AID, OF_FUND]).referral
    assert decided.told["events"][-1]["against"] == 1
    assert received(desk, FIRST)["temporary-aid-expense"] == 2_000_000  # the next bundle counts it
    share = result_now(desk, FIRST, DAY)[0]
    assert {item.policy: item.lo for item in share.items}[FUND] == (before["medical_out_of_scope"] * 5 // 2 - 2_000_000) * 3 // 5
    offer = stored(desk.store, decided.told["items"][1]["referral"])
    assert (offer.sort, offer.organization, offer.before, offer.told["asked_fen"]) == ("charity", CHARITY, found.id, 15_000_000)
    do(desk, offer.id, FOUNDATION, "accept")
    assert received(desk, FIRST)[FUND] == 15_000_000  # held, and counted
    assert holds.account_of(desk.store, FUND).committed_fen == 15_000_000
    do(desk, offer.id, FOUNDATION, "pay", amount="140000")
    assert received(desk, FIRST)[FUND] == 14_000_000
    assert holds.account_of(desk.store, FUND).committed_fen == 14_000_000
    with pytest.raises(Conflict, match="not carried out yet: 0"):
        do(desk, found.id, OFFICER, "finish")
    do(desk, found.id, ACTORS["department"], "pay", item=0, amount="18000")
    assert received(desk, FIRST)["temporary-aid-expense"] == 1_800_000
    do(desk, found.id, OFFICER, "finish")
    closed = do(desk, found.id, ACTORS["worker"], "close", text="已告知家庭").referral
    assert (closed.state, closed.closed_on) == ("closed", DAY)
    assert do(desk, offer.id, FOUNDATION, "close", text="已回访").referral.state == "closed"
    precedents = nearest_decided(desk.store, desk.catalogue.referrals, LIKE)
    assert precedents is not None
    assert [one.referral.id for one in precedents] == [found.id]
    following = opened(desk, opening(desk, LIKE)).referral
    for name in ("convene", "put"):
        do(desk, following.id, OFFICER, name)
    do(desk, following.id, OFFICER, "decide", text="参照先例", items=[AID])
    assert ends(desk, "LIKE", following.id) == {found.id}


@pytest.mark.parametrize("kind_of_store", ["sqlite"])
@pytest.mark.parametrize(
    ("item", "place", "said"),
    [
        (AID | {"policy": "dibao"}, "/items/0/policy", "社会救助法》第十八条"),
        (AID | {"policy": "dibao-margin"}, "/items/0/policy", "兜底工作的通知》一（一）"),
        (AID | {"policy": "medical-aid", "who": "c4-1-patient"}, "/items/0/policy", "社会救助法》第二十四条"),
        (AID | {"policy": "basic-medical-insurance", "who": "c4-1-patient"}, "/items/0/policy", "保险待遇"),
        (AID | {"policy": "no-such"}, "/items/0/policy", "没有这项政策"),
        (AID | {"who": "c4-1-patient"}, "/items/0/who", "给全户"),
        (AID | {"policy": "medical-aid-on-application"}, "/items/0/who", "哪位成员"),
        (AID | {"policy": "medical-aid-on-application", "who": "c4-2-patient"}, "/items/0/who", "哪位成员"),
        (AID | {"amount": "0"}, "/items/0/amount", "大于零"),
        (AID | {"due": "2026-09-01"}, "/items/0/due", "期限已过"),
        (OF_FUND | {"payer": "civil-affairs"}, "/items/0/payer", CHARITY),
        (AID | {"owner": "联系 13900001234"}, "/items/0/owner", "不要写姓名"),
    ],
    ids=lambda one: one.get("policy") if isinstance(one, dict) else None,
)
def test_what_the_law_excludes_or_cannot_be_is_refused_at_its_place(desk: On, item: dict[str, Any], place: str, said: str) -> None:
    one = standing_in(desk, "discussion", "deciding")
    with pytest.raises(BadRequest) as refused:
        do(desk, one.id, OFFICER, "decide", text="试", items=[item])
    assert [(each.path, said in each.zh) for each in refused.value.places] == [(place, True)]
    assert stored(desk.store, one.id) == one


@pytest.mark.parametrize("kind_of_store", ["sqlite"])
def test_an_item_given_up_counts_no_more(desk: On) -> None:
    one = opened(desk, opening(desk)).referral
    for name in ("convene", "put"):
        do(desk, one.id, OFFICER, name)
    before = lacking(desk, FIRST)
    do(desk, one.id, OFFICER, "decide", text="给予临时救助", items=[AID])
    with pytest.raises(BadRequest, match="not"):
        do(desk, one.id, OFFICER, "pay", item=0, amount="0")
    with pytest.raises(BadRequest):
        do(desk, one.id, OFFICER, "pay", item=0, amount="20000.01")
    do(desk, one.id, OFFICER, "pay", item=0, amount="0", text="家庭放弃")
    assert lacking(desk, FIRST) == before
    with pytest.raises(Conflict):
        do(desk, one.id, OFFICER, "pay", item=0)
    assert do(desk, one.id, OFFICER, "finish").referral.state == "feedback"


# --- charity ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", [code.id for code in shipped().referrals.codes["charity_decline"]])
def test_a_coded_decline_opens_the_next_way_and_the_project_rests(desk: On, code: str) -> None:
    one = offered(desk).referral
    done = do(desk, one.id, FOUNDATION, "decline", code=code)
    assert done.referral.state == "declined"
    assert done.next is not None
    following = stored(desk.store, done.next)
    assert (following.sort, following.before, following.reasons[0]) == ("discussion", one.id, "charity-declined")
    again = offered(desk)
    assert (again.new, again.referral.id) == (False, one.id)
    rest = shipped().referrals.code("charity_decline", code)
    assert rest is not None
    assert again.rests is not None
    desk.day = again.rests.day + dt.timedelta(days=1)
    if rest.cool_off <= 10:  # later what is known has gone stale
        assert offered(desk).new


def test_without_consent_nothing_is_offered(desk: On) -> None:
    consents = [row["id"] for row in desk.store.find("Consent", {}, limit=100).rows]
    desk.store.write(lambda writer: writer.upsert_nodes("Consent", [{"id": id_, "withdrawn": DAY} for id_ in consents]))
    with pytest.raises(Conflict, match="has not agreed"):
        to_charity(desk, *result_now(desk, FIRST, DAY), DAY)
    one = standing_in(desk, "discussion", "deciding")
    with pytest.raises(BadRequest) as refused:
        do(desk, one.id, OFFICER, "decide", text="试", items=[OF_FUND])
    assert [(each.path, "has not agreed" in each.en) for each in refused.value.places] == [("/items/0/policy", True)]


def test_a_charity_sends_back_and_government_goes_on(desk: On) -> None:
    one = offered(desk).referral
    do(desk, one.id, FOUNDATION, "accept", amount="1000")
    assert received(desk, FIRST)[FUND] == 100_000
    assert do(desk, one.id, FOUNDATION, "hand_back", code="beyond-means").referral.state == "returned"
    assert FUND not in received(desk, FIRST)
    assert holds.account_of(desk.store, FUND).committed_fen == 0
    done = do(desk, one.id, OFFICER, "discuss")
    assert done.next is not None
    assert stored(desk.store, done.next).reasons[0] == "charity-returned"


def test_more_than_the_budget_or_the_gap_is_not_accepted(desk: On) -> None:
    one = offered(desk).referral
    with pytest.raises(BadRequest):
        do(desk, one.id, FOUNDATION, "accept", amount="231480.01")
    budget = project_on(desk.catalogue, FUND, DAY).project
    assert budget is not None
    assert budget.budget_fen is not None
    spent = {"id": FUND, "committed_fen": budget.budget_fen - 100, "places": 1, "version": 1}
    desk.store.write(lambda writer: writer.upsert_nodes("Budget", [spent]))
    with pytest.raises(Conflict, match="does not reach"):
        do(desk, one.id, FOUNDATION, "accept")
    assert stored(desk.store, one.id).state == "offered"
    do(desk, one.id, FOUNDATION, "accept", amount="1")
    assert holds.account_of(desk.store, FUND).committed_fen == budget.budget_fen
