"""A charity is told of a household while one of its members agrees to it, and not a day longer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from api.consent import shared_with

if TYPE_CHECKING:
    from graph.store import GraphStore

DAY = dt.date(2026, 8, 1)
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
CONSENTS: list[tuple[dict[str, Any], bool]] = [
    ({"scope": ["charity"]}, True),
    ({"scope": ["all"]}, True),
    ({"scope": ["warm-hands"]}, True),
    ({"scope": ["coal"]}, True),
    ({"scope": ["another-project"]}, False),
    ({"scope": ["wage_month"], "recipient": "warm-hands"}, True),
    ({"scope": ["charity"], "from": DAY, "until": DAY}, True),
    ({"scope": ["economy"]}, False),
    ({"scope": ["charity"], "recipient": "another"}, False),
    ({"scope": ["charity"], "from": AFTER}, False),
    ({"scope": ["charity"], "until": BEFORE}, False),
    ({"scope": ["charity"], "withdrawn": DAY}, False),
    ({"scope": ["charity"], "withdrawn": AFTER}, True),
    ({"recipient": "another"}, False),
    ({}, False),
]


def put(store: GraphStore, consent: dict[str, Any], **member: Any) -> None:
    """A household of two, one of whom gave this consent, and one of which nobody gave any."""

    def unit(writer: Any) -> None:
        writer.upsert_nodes("Household", [{"id": "h"}, {"id": "quiet"}])
        writer.upsert_nodes("Person", [{"id": "p"}, {"id": "q"}, {"id": "r"}])
        writer.upsert_edges("MEMBER_OF", [{"src": "p", "dst": "h", **member}, {"src": "q", "dst": "h"}, {"src": "r", "dst": "quiet"}])
        writer.upsert_nodes("Consent", [{"id": "c", **consent}])
        writer.upsert_edges("GAVE", [{"src": "p", "dst": "c"}])

    store.write(unit)


@pytest.mark.parametrize(("consent", "agreed"), CONSENTS)
def test_a_consent_opens_the_household_to_whom_it_names(store: GraphStore, consent: dict[str, Any], *, agreed: bool) -> None:
    put(store, consent)
    assert shared_with(store, ["h", "quiet", "gone"], "warm-hands", DAY, projects={"coal"}) == ({"h"} if agreed else set())


def test_the_consent_of_somebody_who_left_opens_nothing(store: GraphStore) -> None:
    put(store, {"scope": ["charity"]}, until=BEFORE)
    assert shared_with(store, ["h"], "warm-hands", DAY) == set()


def test_an_account_without_an_organisation_is_told_of_nobody(store: GraphStore) -> None:
    put(store, {"scope": ["charity"]})
    assert shared_with(store, ["h"], "", DAY) == set()
