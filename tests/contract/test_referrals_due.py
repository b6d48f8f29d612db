"""Discussions opened by rule in a region: the same by the kept results of the day as by answering every household again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from api import batch
from api.referral_due import open_due
from api.referral_open import by_rule, result_now
from api.referral_rows import referrals_of
from matcher.kept import as_text, of_text
from tests.referral_world import DAY, a_desk

if TYPE_CHECKING:
    from pathlib import Path

    from graph.store import GraphStore
    from tests.contract.conftest import Clock
    from tests.referral_world import On

REGION = "371602"
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def desk(store: GraphStore, tmp_path: Path) -> On:
    return a_desk(store, tmp_path)


def matched(desk: On, clock: Clock) -> str:
    """Match the region; the id of the run."""
    clock.forward(MINUTE)
    run = batch.begin(desk.store, REGION, DAY, desk.catalogue.hash, near=False, now=clock())
    *_, run = batch.go_on(desk.store, desk.engine, run, processes=0)
    clock.forward(MINUTE)
    return batch.finish(desk.store, run, clock()).id


def households(desk: On) -> list[str]:
    return [home for homes in batch.homes_in(desk.store, REGION, DAY) for home in homes]


def due(desk: On) -> dict[str, tuple[str, ...]]:
    """What rules open, each household answered alone."""
    found = {home: by_rule(desk.store, desk.catalogue, *result_now(desk, home, DAY)) for home in households(desk)}
    return {home: what.reasons for home, what in found.items() if what is not None}


def opened(desk: On) -> dict[str, tuple[str, ...]]:
    """What is opened for the region, every time the same."""
    found = {one.referral.household: one.referral.reasons for one in open_due(desk, REGION) if one.new}
    assert not [one for one in open_due(desk, REGION) if one.new]
    assert {home for home in households(desk) if referrals_of(desk.store, home)} == set(found)
    return found


def altered(desk: On, run: str, household: str) -> None:
    """The kept result of a household as if nothing were left to it."""
    id_ = f"{run}/{household}"
    kept = of_text((desk.store.get("Result", id_) or {})["text"])
    desk.store.write(lambda writer: writer.upsert_nodes("Result", [{"id": id_, "text": as_text(replace(kept, needs=(), items=()))}]))


@pytest.mark.parametrize("first_matched", [False, True])
def test_all_that_rules_open_is_opened_once(desk: On, clock: Clock, *, first_matched: bool) -> None:
    wanted = due(desk)
    assert 3 < len(wanted) <= len(households(desk))
    if first_matched:
        matched(desk, clock)
    assert opened(desk) == wanted


def test_what_was_kept_is_used_but_for_whom_it_no_longer_holds(desk: On, clock: Clock) -> None:
    run, wanted = matched(desk, clock), due(desk)
    untouched, changed, lost, new = sorted(wanted)[:4]
    for home in (untouched, changed):
        altered(desk, run, home)
    desk.store.write(lambda writer: writer.delete("Result", [f"{run}/{lost}"]))
    said = desk.store.neighbourhood("Household", changed)["Statement"].get_column("id").to_list()[0]
    desk.store.write(lambda writer: writer.upsert_nodes("Statement", [{"id": said, "source": "visit/li"}]))
    assert opened(desk) == {home: why for home, why in wanted.items() if home != untouched}
    assert referrals_of(desk.store, new)


def test_what_was_kept_on_another_day_is_not_used(desk: On, clock: Clock) -> None:
    run = matched(desk, clock)
    wanted = due(desk)
    for home in wanted:
        altered(desk, run, home)
    desk.store.write(lambda writer: writer.upsert_nodes("BatchRun", [{"id": run, "as_of": DAY - dt.timedelta(days=1)}]))
    assert opened(desk) == wanted
