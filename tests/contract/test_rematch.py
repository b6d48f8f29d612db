"""A charity declines with a code: the household is offered to the next project that fits, and only then put up for discussion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.referral_rows import stored
from matcher.loader_listed import Listed, with_projects
from matcher.pipeline import Engine
from tests.factories import SEEDS, shipped
from tests.referral_world import FOUNDATION, FUND, a_desk, do, offered

if TYPE_CHECKING:
    from pathlib import Path

    from graph.store import GraphStore
    from tests.referral_world import On

SECOND = "second-relief-fund"


@pytest.fixture
def desk(store: GraphStore, tmp_path: Path) -> On:
    """The transplant case with two funds of one charity that both would pay, the second less."""
    desk = a_desk(store, tmp_path)
    text = (SEEDS / "projects" / f"{FUND}.yaml").read_text(encoding="utf-8").replace(f"id: {FUND}", f"id: {SECOND}")
    both = with_projects(shipped(), [Listed("second.yaml", text.replace("yuan(500000)", "yuan(40000)"))])
    desk.__dict__.update(catalogue=both, engine=Engine(both))
    return desk


def test_each_coded_decline_goes_to_the_next_project_and_then_to_a_discussion(desk: On) -> None:
    first = offered(desk).referral
    second = stored(desk.store, do(desk, first.id, FOUNDATION, "decline", code="budget-spent").next or "")
    assert {first.project, second.project} == {FUND, SECOND}
    assert (second.sort, second.state, second.before) == ("charity", "offered", first.id)
    third = stored(desk.store, do(desk, second.id, FOUNDATION, "decline", code="outside-purpose").next or "")
    assert (third.sort, third.before, third.reasons[0]) == ("discussion", second.id, "charity-declined")
    assert third.household == first.household
