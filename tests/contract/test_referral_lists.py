"""Lists of some hundred referrals, page by page in the order of the store: the same as sorting them all, for whoever may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.caller import Caller
from api.errors import BadRequest
from api.permissions import Account
from api.referral_access import ON_BOARD, board_rows, list_of, seen_by
from api.referral_rows import NOTHING, Referral, matter, put, standing_of, state_of, urgent
from tests.referral_world import DAY, On, a_desk

if TYPE_CHECKING:
    from pathlib import Path

    from graph.store import GraphStore

PLACES = ("371602", "371621", "370302")
HOMES, EACH, CHARITY = 60, 6, "warm-hands"
NO_CLOCK = dt.date.max


@pytest.fixture
def desk(store: GraphStore, tmp_path: Path) -> On:
    """Sixty households, each with six referrals in one state or another, entered on days of three months."""
    desk = a_desk(store, tmp_path, catalogue=False)
    made = [one for home in range(HOMES) for one in referrals_at(desk, home)]

    def unit(writer: Any) -> None:
        for home in range(HOMES):
            writer.upsert_nodes("Household", [{"id": f"h{home:02}", "lives_in": PLACES[home % 3]}])
            writer.upsert_nodes("Person", [{"id": f"p{home:02}"}])
            writer.upsert_edges("MEMBER_OF", [{"src": f"p{home:02}", "dst": f"h{home:02}"}])
            if home % 2:
                writer.upsert_nodes("Consent", [{"id": f"c{home:02}", "scope": ["charity"], "recipient": CHARITY}])
                writer.upsert_edges("GAVE", [{"src": f"p{home:02}", "dst": f"c{home:02}"}])
        for one in made:
            put(writer, urgent(desk.catalogue.referrals, one))

    store.write(unit)
    return desk


def referrals_at(desk: On, home: int) -> list[Referral]:
    found, procedures = [], desk.catalogue.referrals.procedures
    for number in range(EACH):
        sort = ("discussion", "charity")[number % 2]
        states = list(procedures[sort].states)
        state, subject = states[(home + number) % len(states)], "" if sort == "discussion" else f"fund{number}"
        since = DAY - dt.timedelta(days=(7 * home + 11 * number) % 90)
        id_ = matter(f"h{home:02}", sort, subject, number + 1)  # type: ignore[arg-type]
        told = NOTHING | {"events": [{"move": "open", "code": None}]}
        base = Referral(id_, sort, f"h{home:02}", PLACES[home % 3], state, since, since, told=told)  # type: ignore[arg-type]
        guests = ("medical-insurance",) if home % 4 == 0 else ("education",)
        found.append(replace(base, departments=guests) if sort == "discussion" else replace(base, organization=CHARITY))
    return found


def expected(desk: On, wanted: Any) -> list[str]:
    """The ids of those that fit, by the day of their deadline; without one after that, ended ones last."""
    every = [one for home in range(HOMES) for one in referrals_at(desk, home) if wanted(one)]
    referrals = desk.catalogue.referrals

    def place(one: Referral) -> tuple[bool, dt.date, str]:
        due = standing_of(referrals, one, DAY).due
        return state_of(referrals, one).final, NO_CLOCK if due is None else due.day, one.id

    return [one.id for one in sorted(every, key=place)]


def asked(desk: On, account: Account, limit: int, **more: Any) -> list[str]:
    """All that somebody is shown, page by page."""
    caller, cursor, found = Caller(account, desk, "test", "referral.read"), None, list[str]()
    while True:
        page, cursor = seen_by(caller, cursor=cursor, limit=limit, **more)
        assert len(page) == limit or cursor is None
        found += [one.id for one in page]
        if cursor is None:
            return found


def final(desk: On, one: Referral) -> bool:
    return state_of(desk.catalogue.referrals, one).final


COUNTY = Account("wang", "officer", regions=(PLACES[0],))
CITY = Account("zhao", "officer", regions=("3716", "370302"))
EVERYBODY = Account("all", "officer", regions=("*",))
DEPARTMENT = Account("sun", "department", regions=("37",), department="medical-insurance")
FUND = Account("hu", "foundation", organization=CHARITY)


@pytest.mark.parametrize("limit", [7, 50])
def test_pages_follow_the_deadline_in_one_area_or_several(desk: On, limit: int) -> None:
    assert asked(desk, COUNTY, limit, ended=True) == expected(desk, lambda one: one.area == PLACES[0])
    assert asked(desk, CITY, limit, ended=True) == expected(desk, lambda one: one.area in PLACES)
    assert asked(desk, EVERYBODY, limit, ended=True) == expected(desk, lambda _: True)
    still = asked(desk, CITY, limit, ended=False)
    assert still == expected(desk, lambda one: not final(desk, one))
    assert 100 < len(still) < HOMES * EACH


def test_a_list_is_narrowed_to_a_sort_and_a_state(desk: On) -> None:
    found = asked(desk, CITY, 10, sort="charity", state="offered", ended=True)
    assert found == expected(desk, lambda one: (one.sort, one.state) == ("charity", "offered"))
    assert found
    assert asked(desk, CITY, 10, state="closed", ended=True) == expected(desk, lambda one: one.state == "closed")


def test_whoever_is_not_invited_or_not_agreed_to_is_skipped_and_pages_stay_full(desk: On) -> None:
    theirs = expected(desk, lambda one: one.sort == "discussion" and "medical-insurance" in one.departments)
    assert asked(desk, DEPARTMENT, 9, ended=True) == theirs
    offers = expected(desk, lambda one: one.sort == "charity" and int(one.household[1:]) % 2 == 1)
    assert asked(desk, FUND, 9, ended=True) == offers
    assert asked(desk, Account("lone", "foundation"), 9, ended=True) == []


def test_the_board_shows_the_most_urgent_of_each_state_and_where_there_are_more(desk: On) -> None:
    rows, more = board_rows(Caller(EVERYBODY, desk, "test", "referral.read"), ended=False)
    for sort, procedure in desk.catalogue.referrals.procedures.items():
        for state in procedure.states.values():
            ours = [one.id for one in rows if (one.sort, one.state) == (sort, state.id)]
            all_ = expected(desk, lambda one, key=(sort, state.id): (one.sort, one.state) == key)
            assert ours == ([] if state.final else all_[:ON_BOARD])
            assert ((sort, state.id) in more) == (not state.final and len(all_) > ON_BOARD)
    assert more


def test_what_is_moved_takes_its_place_anew_and_a_page_is_a_page_of_json(desk: On) -> None:
    caller = Caller(COUNTY, desk, "test", "referral.read")
    first, cursor = list_of(caller, None, None, None, 5, ended=False)
    last = next(one for one in referrals_at(desk, 0) if not final(desk, one))
    moved = urgent(desk.catalogue.referrals, replace(last, since=DAY - dt.timedelta(days=400)))
    desk.store.write(lambda writer: put(writer, moved))
    again, _ = list_of(caller, None, None, None, 5, ended=False)
    assert again[0]["referral"] == last.id
    assert [one["referral"] for one in first if one["referral"] != last.id][:4] == [one["referral"] for one in again[1:5]]
    with pytest.raises(BadRequest):
        list_of(caller, None, None, "b3Blbg", 5, ended=False)
    assert cursor is not None
