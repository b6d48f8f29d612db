"""What no bundle may break, told by the record and the rules alone; and the best choice, found by trying every subset."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle_file import Row
from tests.oracle_values import half_up, low, not_negative, point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.answers import Answers
    from matcher.bundle import Bundle
    from matcher.catalogue import PolicyVersion
    from matcher.items import Item
    from tests.oracle import Oracle
    from tests.oracle_world import World

MOST_CANDIDATES = 12
Chosen = set[tuple[str, str | None]]


def broken_rules(answers: Answers, bundle: Bundle, oracle: Oracle) -> Iterator[str]:
    """A precluded pair, something received that is put forward again, a breach of a cap, more than is left."""
    home = answers.household
    drops = answers.run.worlds[answers.run.best].drops
    world = oracle.world(confirmed=True, left_out=frozenset((policy, who) for policy, ids in drops.items() for who in ids))
    standing = [item for item in bundle.of("can", "has") if not item.given_up_for]
    for one, other in itertools.combinations(standing, 2):
        if oracle.rules.clash((one.policy, one.who or home), (other.policy, other.who or home)):
            yield f"{one.policy} beside {other.policy}"
    for item in bundle.of("can"):
        row = Row("household", home) if item.who is None else Row("person", item.who)
        version = oracle.rules.policies[item.policy]
        if version.received or world.received(item.policy, row):
            yield f"{item.policy} is received already"
        if version.benefit is not None and not item.hours:
            yield from _too_much(item, version, row, world)


def _too_much(item: Item, version: PolicyVersion, row: Row, world: World) -> Iterator[str]:
    """More than the cap; of a reimbursement without a floor more than was left of its needs at its turn."""
    benefit, top = version.benefit, None if item.hi is None else Fraction(item.hi)
    assert benefit is not None
    if benefit.cap is not None:
        cap = half_up(not_negative(world.number(benefit.cap.node, row, world.scene(item.policy)))).hi
        if cap is not None and (top is None or top > cap):
            yield f"{item.policy} pays {top}, its cap is {cap}"
    if benefit.pays == "reimbursement" and benefit.covers and benefit.at_least is None:
        left = world.room(item.policy, row, world.slots(item.policy, row, world.scene(item.policy).turn)).hi
        times = min(12, benefit.months or 12) if benefit.per == "month" else 1
        if left is not None and (top is None or top > low(half_up(point(left / times)))):
            yield f"{item.policy} pays {top} {times} times, {left} was left"


def best_of_all_subsets(oracle: Oracle) -> Chosen | None:
    """The best bundle of all that the subsets of the rivals give.

    None where there is nothing to choose, where there are too many to try, or where giving one up opens another that clashes: then
    the choice goes on, as the agreement tests follow it.
    """
    world = oracle.world(confirmed=True)
    rivals = sorted({item for item in world.bundle for other in world.bundle if oracle.rules.clash(item, other)})
    if not rivals or len(rivals) > MOST_CANDIDATES:
        return None
    every = (set(kept) for size in range(len(rivals) + 1) for kept in itertools.combinations(rivals, size))
    free = [kept for kept in every if not any(oracle.rules.clash(a, b) for a, b in itertools.combinations(kept, 2))]
    largest = [kept for kept in free if not any(kept < other for other in free)]
    worlds = [oracle.world(confirmed=True, left_out=frozenset(set(rivals) - kept)) for kept in largest]
    if any(oracle.rules.clash(a, b) for one in worlds for a, b in itertools.combinations(one.bundle, 2)):
        return None
    home = oracle.rules.file.own
    return {(policy, None if who == home else who) for policy, who in min(worlds, key=lambda one: one.rank()).bundle}
