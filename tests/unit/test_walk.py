"""A number moved from look to look against the same values tried one by one, and against looks that know nothing of each other."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING

import pytest

from matcher.near import Found, search_of
from matcher.near_sides import ends_of
from matcher.near_trial import Probe, try_out
from matcher.pipeline import Question, decide
from matcher.walk import Walk
from seeds.synthetic import household
from seeds.synthetic_tables import tables_of_records
from tests.factories import engine, shipped

if TYPE_CHECKING:
    from matcher.near_reach import Target
    from matcher.ripple import Still
    from matcher.variants import Cell

DAY = dt.date(2026, 8, 1)
CELLS, LOOKS = 12, 6
"""Numbers of a household that are moved, and how often each."""
NEAR = 200_000
"""As far as that most distances lie."""


def standing(number: int) -> tuple[Still, list[tuple[Cell, list[Target]]]]:
    """A synthetic household as it stands, and its numbers with the verdicts that each may turn."""
    record = household(shipped(), number, seed=31, as_of=DAY, region="", unknown_share=0.03)
    id_ = record.households[0].id
    program = engine().program(DAY)
    base = engine().frames(tables_of_records([record], shipped(), DAY), [id_], Question(id_, DAY), program)
    run, search = decide(program, base), search_of(engine().program(DAY, wide=True))
    prepared = search._prepared(base, run)
    may = search.reach.may_turn(prepared, search.reach.targets(prepared, run)).values()
    return search.ripple.still(prepared), [(cell, ts) for cell, ts in may if ts and cell.is_number]


def distances(rng: random.Random, cell: Cell) -> list[int]:
    """Some distances both ways, far ones among them, in no order."""
    low, high = (end - cell.value for end in ends_of(cell))
    some = [rng.choice((1, rng.randint(1, 100), rng.randint(1, NEAR), high)) for _ in range(LOOKS)]
    return [d for n in some if low <= (d := n if rng.random() < 0.6 else -n) <= high and d]


@pytest.mark.parametrize("number", range(8))
def test_a_look_says_what_the_value_tried_says_all_along_its_stretch(number: int) -> None:
    rng = random.Random(number)
    still, may = standing(number)
    seen = 0
    for cell, targets in rng.sample(may, min(CELLS, len(may))):
        walk, spots = Walk(still, cell), [t.spot for t in targets]
        low, high = (end - cell.value for end in ends_of(cell))
        for distance in distances(rng, cell):
            walk.look(distance, still.wiring.wanted(spots))
            afresh = Walk(still, cell)
            afresh.look(distance, still.wiring.wanted(spots))
            for target in targets:
                verdict, first, last = walk.verdict(*target.spot)
                assert first <= distance <= last
                assert afresh.verdict(*target.spot)[0] == verdict
                where = {distance, max(first, low), min(last, high), rng.randint(max(first, low), min(last, high))}
                tried = [Probe(cell, cell.value + d, cell.value + d) for d in where]
                try_out(still, [(probe, [target.spot]) for probe in tried], Found([]))
                assert {probe.verdict(target) for probe in tried} == {verdict}, (target.spot, cell.column, distance, first, last)
                seen += 1
    assert seen > 10
