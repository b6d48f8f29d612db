"""By which rule a discussion is opened: each at its threshold and just beyond, and each met by some household of a drawn county."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graph.open import open_store
from graph.store import put_all
from matcher.batch import results_for
from matcher.difficulty import Difficulty
from matcher.kept import KeptItem, Left, Result
from matcher.records import rows
from matcher.referral_rules import openings_met
from seeds.synthetic_county import clusters, plan_of
from tests.factories import KEY, engine, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.kept import Reason

DAY = dt.date(2026, 8, 1)
CALM = Difficulty(69, 69, (), None, None)
YUAN = 100


def left(yuan: float, need: str = "living", reason: Reason = "closed") -> Left:
    fen = round(yuan * YUAN)
    return Left(need, None, fen, fen, fen, fen, reason)


def met(*needs: Left, items: tuple[KeptItem, ...] = (), difficulty: int = 69, unstaffed: dict[str, int] | None = None) -> tuple[str, ...]:
    """The openings that hold for a household of which this is kept."""
    result = Result("h", ("p",), replace(CALM, lo=difficulty, hi=difficulty), items, (), needs, unstaffed or {})
    return openings_met(result, shipped())


GIVEN_UP = (KeptItem("dibao", None, "choice", None, None),)


def test_what_is_left_counts_beyond_its_threshold() -> None:
    assert met(left(20_000)) == ()
    assert met(left(20_000.01)) == ("residual",)
    assert met(left(10_000), left(10_000.01)) == ("residual",)
    perhaps = replace(left(50_000), lo=0)
    assert met(perhaps) == ()  # what an unknown may cover is asked first


def test_two_departments_are_enough_and_one_with_two_needs_is_not() -> None:
    assert met(left(2_500), left(2_500.01, "education")) == ("departments",)
    assert met(left(2_500), left(2_500, "education")) == ()
    assert met(left(2_500), left(2_500.01, "debt")) == ()  # both are civil affairs'
    assert met(left(5_000.01), unstaffed={"tutoring": 100}) == ("departments",)


@pytest.mark.parametrize("reason", ["no_rule", "not_eligible", "one_clause_short"])
def test_a_need_that_no_rule_fits_is_discussed(reason: Reason) -> None:
    assert met(left(5_000.01, reason=reason)) == ("gap",)
    assert met(left(5_000, reason=reason)) == ()


def test_items_that_exclude_each_other_are_discussed_where_something_is_left() -> None:
    assert met(left(5_000.01), items=GIVEN_UP) == ("clash",)
    assert met(left(5_000), items=GIVEN_UP) == ()
    assert met(items=GIVEN_UP) == ()


def test_what_goes_beyond_the_normal_cap_is_discussed() -> None:
    assert met(left(5_000.01, reason="not_enough")) == ("over-cap",)
    assert met(left(5_000, reason="not_enough")) == ()


def test_a_very_hard_case_is_discussed_for_less() -> None:
    assert met(left(2_000.01), difficulty=70) == ("high-risk",)
    assert met(left(2_000.01), difficulty=69) == ()
    assert met(left(2_000), difficulty=100) == ()


def test_every_rule_is_met_by_some_household_of_a_drawn_county(tmp_path: Path) -> None:
    records = [record for one in clusters(plan_of(shipped(), "371621", seed=1, as_of=DAY), households=300) for record in one.records]
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite", key=KEY)
    store.migrate()
    recorded = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    found = [rows(record, shipped(), source="case", true_on=DAY, recorded_at=recorded) for record in records]
    store.write(lambda writer: put_all(writer, *found))
    homes = [home.id for record in records for home in record.households]
    results = results_for(engine(), store.neighbourhoods(homes), homes, DAY)
    store.close()
    reasons = {reason for result in results for reason in openings_met(result, shipped())}
    assert reasons == {one.id for one in shipped().referrals.openings if not one.by_hand}
