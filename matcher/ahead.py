"""What questions and explanations read of a finished run beside the plan's columns, translated before anybody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.language import ListCall, TermRef
from matcher.scope import PERSON
from matcher.tree import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.program import Program
    from matcher.tree import Spot, Tree


def make_ready(program: Program) -> None:
    """Translate every part of every rule of a program whose plan was translated itself."""
    for spot in _spots(program):
        program.plan.make_ready(spot.frame, [column for column in spot.columns if column.name is None and not column.same])


def _spots(program: Program) -> list[Spot]:
    """Every part of the rules, into terms and lists."""
    found: dict[Spot, None] = {}
    left = list(_roots(program, tree_of(program)))
    while left:
        spot = left.pop()
        if spot not in found:
            found[spot] = None
            left += spot.here
            if isinstance(spot.node, TermRef):
                left += [version for _, version in spot.term.versions]
            elif isinstance(spot.node, ListCall):
                left += [part for part in (spot.list.where, spot.list.body) if part is not None]
    return list(found)


def _roots(program: Program, tree: Tree) -> Iterator[Spot]:
    """The clauses and amounts of all items, and the needs."""
    for version in (version for versions in program.policies.values() for version in versions):
        scope, benefit = tree.policy(version.unit, version.id), version.benefit
        yield from (tree.spot(scope, clause.when.node) for clause in version.clauses)
        if benefit is not None:
            amounts = (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap, benefit.hours)
            yield from (tree.spot(scope, each.node) for each in amounts if each is not None)
            if benefit.shared is not None:
                yield tree.spot(tree.policy(PERSON, version.id), benefit.shared.node)
    for need in program.catalogue.needs.values():
        yield from (tree.spot(tree.need(need), each.node) for each in (need.when, need.amount) if each is not None)
