"""The rule language one row at a time: what the compiled engine must agree with, written on its own from the language page.

Comes in: a catalogue, a record, the day. Goes out: verdicts with clauses, amounts, what is left of each need, what to ask,
what has to be confirmed first. Nothing is shared with the engine but the typed nodes, the catalogue and the record.
`Oracle` answers for the best choice (note 18); `World` is one state of affairs in which everything is computed on demand.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from matcher.catalogue import Clause
from matcher.language import (
    FactRef,
    ListCall,
    Node,
    Read,
)
from tests.oracle_file import OnFile, Row
from tests.oracle_rules import Rules
from tests.oracle_world import World

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from matcher.catalogue import Catalogue, Group
    from matcher.records import Record
    from tests.oracle_expressions import Scene

    Item = tuple[str, str]


class Oracle:
    """The answers to one question, for the best choice in the world in which what is found is confirmed."""

    def __init__(
        self,
        catalogue: Catalogue,
        record: Record,
        as_of: dt.date,
        known_by: dt.date | None = None,
        terms: Mapping[str, object] | None = None,
    ) -> None:
        self.rules = Rules(catalogue, OnFile(catalogue, record, as_of, known_by))
        self.terms = terms or {}

    def world(self, *, confirmed: bool, left_out: frozenset[Item] = frozenset()) -> World:
        """One world."""
        return World(self.rules, self.terms, confirmed=confirmed, left_out=left_out)

    @cached_property
    def best(self) -> World:
        """The world if confirmed, with the best choice."""
        return min(self._choices(confirmed=True, left_out=frozenset()), key=World.rank)

    @cached_property
    def today(self) -> World:
        """The world of today's file, with its own best choice."""
        return min(self._choices(confirmed=False, left_out=frozenset()), key=World.rank)

    def _choices(self, *, confirmed: bool, left_out: frozenset[Item]) -> Iterator[World]:
        """Every world in which no two items of the bundle clash and no more can be taken in."""
        world = self.world(confirmed=confirmed, left_out=left_out)
        bundle = world.bundle
        rivals = {one: {other for other in bundle if self.rules.clash(one, other)} for one in bundle}
        rivals = {one: others for one, others in rivals.items() if others}
        if not rivals:
            yield world
            return
        for kept in maximal(rivals):
            yield from self._choices(confirmed=confirmed, left_out=left_out | (rivals.keys() - kept))

    def _row(self, unit: str, who: str | None) -> Row:
        return Row("household", self.rules.file.own) if unit == "household" else Row("person", who)

    def verdict(self, policy: str, who: str | None = None) -> str:
        """eligible, not eligible or unknown."""
        found = self.best.verdict(policy, self._row(self.rules.unit(policy), who))
        return {True: "eligible", False: "not eligible", None: "unknown"}[found]

    def clauses(self, policy: str, who: str | None = None) -> dict[str, bool | None]:
        """Each clause of a policy in force, by id."""
        version, row = self.rules.policies[policy], self._row(self.rules.unit(policy), who)
        return {one.id: self.best.truth(one.when.node, row, self.best.scene(policy)) for one in version.clauses}

    def amount(self, policy: str, who: str | None = None) -> tuple[int, int | None] | None:
        """What an item pays per its period, in fen; for one not chosen what it would ask. None if it pays no money."""
        row = self._row(self.rules.unit(policy), who)
        version = self.rules.policies.get(policy)
        if version is None or version.benefit is None:
            return None
        if self.best.verdict(policy, row) is False and not self.best.awarded(policy, row):
            return None
        payment = self.best.payments(policy).get(row.subject or "")
        money = payment.money if payment else self.best.award(policy, row) or self.best.asked(policy, row)[0]
        return None if money is None else (int(money.lo or 0), None if money.hi is None else int(money.hi))

    def left(self, need: str, who: str | None = None) -> tuple[Fraction, Fraction | None]:
        """What is left of a need in the end; a person's need without a person is the household's sum."""
        row = Row("household", self.rules.file.own) if who is None else Row("person", who)
        found = self.best.left(need, row, len(self.rules.order))
        return found.lo or Fraction(0), found.hi

    def chosen(self) -> set[tuple[str, str | None]]:
        """The items of the bundle."""
        return {(policy, self._name(subject)) for policy, subject in self.best.bundle}

    def _name(self, subject: str) -> str | None:
        return None if subject == self.rules.file.own else subject

    def questions(self) -> list[tuple[str, str | None]]:
        """Unknown facts, consents and incomplete lists on the undecided paths of undecided verdicts."""
        world, found, seen = self.best, set[tuple[str, str]](), set[object]()
        for policy, version in self.rules.policies.items():
            for row in world.subjects(version.unit):
                if world.verdict(policy, row) is None:
                    for clause in self._open(version.requires, row, world.scene(policy)):
                        found |= self._asked(clause.when.node, row, world.scene(policy), seen)
        return sorted(((name, self._name(subject)) for name, subject in found), key=lambda one: (one[0], one[1] or ""))

    def _open(self, group: Group | Clause, row: Row, scene: Scene) -> Iterator[Clause]:
        """The clauses on undecided paths."""
        if self.best.group(group, row, scene) is None:
            if isinstance(group, Clause):
                yield group
            else:
                for one in group.of:
                    yield from self._open(one, row, scene)

    def _asked(self, node: Node, row: Row, scene: Scene, seen: set[object]) -> set[tuple[str, str]]:
        file, found = self.rules.file, set[tuple[str, str]]()
        for one, at in self.best.behind(node, row, scene, seen, undecided=True):
            if isinstance(one, FactRef):
                found.update(file.missing(file.at(at, one.path), one))
            elif isinstance(one, ListCall):
                found.update(file.missing_list(at, one.of))
            elif isinstance(one, Read):
                found.update(self._asked_lists(one, file.at(at, one.path)))
        return found

    def _asked_lists(self, read: Read, row: Row) -> Iterator[tuple[str, str]]:
        names = {"recognised": ["recognitions"], "receives": ["recognitions", "awards"], "paid": ["awards"]}.get(read.read, [])
        departments = self.rules.departments(read.target)
        for one in self.best.circle(row):
            for name in names:
                if one.subject is not None and not self.rules.file.whole(one, name, departments):
                    yield name, one.subject

    def opened_by(self, policy: str, who: str | None = None) -> list[str]:
        """The policies whose finding has to be confirmed before this one, which is not eligible today, is."""
        row = self._row(self.rules.unit(policy), who)
        if policy not in self.rules.policies or self.today.verdict(policy, row) or not self.best.verdict(policy, row):
            return []
        found: set[str] = set()
        scene = self.best.scene(policy)
        for clause in self.rules.policies[policy].clauses:
            for node, at in self.best.behind(clause.when.node, row, scene, set(), undecided=False):
                if isinstance(node, Read) and node.read in ("recognised", "eligible"):
                    found |= self._opening(node, self.rules.file.at(at, node.path))
        return sorted(found)

    def _opening(self, read: Read, row: Row) -> set[str]:
        """The policies behind a yes that only confirmation gives."""
        found: set[str] = set()
        for one in self.best.circle(row):
            if read.read == "eligible":
                if self.rules.unit(read.target) == one.unit and one.subject is not None and self.best.ours(one):
                    found.update(self.opened_by(read.target, self._name(one.subject)))
            elif self.best.recognised(read.target, one) and not self.today.recognised(read.target, one):
                found.update(
                    name
                    for name, version in self.rules.policies.items()
                    if version.unit == one.unit and read.target in (name, version.recognition) and self.best.verdict(name, one)
                )
        return found


def maximal(rivals: Mapping[Item, set[Item]]) -> list[set[Item]]:
    """All maximal sets of items without two rivals."""
    found: list[set[Item]] = [set()]
    for item in sorted(rivals):
        grown = [(kept - rivals[item]) | {item} for kept in found]
        found += [one for one in grown if one not in found]
    return [one for one in found if not any(one < other for other in found)]
