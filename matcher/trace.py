"""A finished run walked down: what each part of a rule rests on, in the way the language decides it.

In: a run. Out: on top of the values of `matcher.readback`, the parts below a part: the term's version that holds at the place, the
entries that may be in, the tiers that can still be the first, the needs and payments behind what is left.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from matcher.catalogue import Clause
from matcher.language import FactRef, ListCall, Read, TermRef, Tiers
from matcher.readback import OPEN, Plain, Range, Readback, decided
from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.catalogue import Group, PolicyVersion, TermVersion
    from matcher.tree import Spot

__all__ = ["OPEN", "Part", "Plain", "Range", "Tracer", "decided", "three"]


class Part(NamedTuple):
    """A spot on a row; it counts unless the yes/no `unless` (on the same row) is a no."""

    spot: Spot
    row: int
    unless: Spot | None = None


def three(op: str, parts: list[bool | None]) -> bool | None:
    """all, any or not of yes, no and unknown."""
    if op == "not":
        return None if parts[0] is None else not parts[0]
    settles = op == "any"
    return settles if settles in parts else None if None in parts else not settles


class Tracer(Readback):
    """Walks one world of a run."""

    # --- policies -------------------------------------------------------------------------------------------------
    def version(self, policy: str, frame: str, row: int) -> int | None:
        """Which of the versions in force on the day holds for a row; None if none does."""
        versions = self.run.program.policies[policy]
        if not versions:
            return None
        if len(versions) == 1 and "" in versions[0].regions:
            return 0
        number = self.cell(HOUSEHOLD, f"pv:{policy}@{self.tree.places[policy]}", self.ego(frame, row))
        return number if isinstance(number, int) else None

    def clause(self, version: PolicyVersion, clause: Clause) -> Spot:
        """The spot of a clause's condition."""
        return self.tree.spot(self.tree.policy(version.unit, version.id), clause.when.node)

    def requires(self, version: PolicyVersion, number: int, row: int) -> dict[int, bool | None]:
        """Each clause and group of `requires`, by its identity: met, failed or unknown."""
        columns = (f"c:{version.id}:{number}:{n}" for n in count())
        results: dict[int, bool | None] = {}
        self._results(version.requires, version.unit, columns, row, results)
        return results

    def _results(self, part: Group | Clause, unit: str, columns: Iterator[str], row: int, results: dict[int, bool | None]) -> bool | None:
        """Note what a part comes to. columns: those of its clauses, in reading order."""
        if isinstance(part, Clause):
            found = self.cell(unit, next(columns), row)
            result = found if isinstance(found, bool) else None
        else:
            result = three(part.op, [self._results(each, unit, columns, row, results) for each in part.of])
        results[id(part)] = result
        return result

    # --- what lies below ------------------------------------------------------------------------------------------
    def below(self, spot: Spot, row: int) -> Iterator[Part]:
        """What a value rests on, one step down; nothing below a fact, a standard without keys, a recognition."""
        node = spot.node
        if isinstance(node, TermRef):
            found = self.term(spot, row)
            if found is not None:
                yield Part(found[1], found[2])
        elif isinstance(node, ListCall):
            yield from self._entries(spot, row)
        elif isinstance(node, Tiers):
            yield from self._tiers(spot, row)
        elif isinstance(node, Read):
            yield from self._read(spot, row)
        elif not isinstance(node, FactRef):
            yield from (Part(each, row) for each in spot.here)

    def term(self, spot: Spot, row: int) -> tuple[TermVersion, Spot, int] | None:
        """The version of a term that holds, and the row it is evaluated on; None where none holds or it was set by hand."""
        assert isinstance(spot.node, TermRef)
        term = spot.term
        at = self.at(spot.frame, term.hops, row)
        if at is None or not term.versions:
            return None
        if spot.node.name in self.tree.set_terms and self.cell(term.frame, f"given:{spot.node.name}", at):
            return None
        number: object = 0
        if term.by_place is not None:
            number = self.cell(HOUSEHOLD, term.by_place, self.ego(term.frame, at))
        return (*term.versions[number], at) if isinstance(number, int) else None

    def owner(self, spot: Spot, row: int) -> int | None:
        """The row of a list's owner."""
        return self.at(spot.frame, spot.list.hops, row)

    def entries(self, spot: Spot, row: int) -> list[int]:
        """The rows of a list's entries."""
        at = self.at(spot.frame, spot.list.span_hops, row)
        frame = spot.list.frame
        if at is None:
            return []
        starts, ends = self.run.frames.spans[frame]
        size, to = len(starts) // len(self.run.worlds), self.height(frame)
        at += self.world * size
        return [n - self.world * to for n in range(int(starts[at]), int(ends[at]))]

    def whole(self, unit: str, name: str, row: int | None) -> bool:
        """Whether a list is whole."""
        column = f"whole:{name}"
        return row is not None and self.has(unit, column) and bool(self.cell(unit, column, row))

    def entry_owner(self, spot: Spot, entry: int) -> tuple[str, str | None]:
        """Whose entry it is: (person, id), or (the owner's unit, the owner's id) for a dated one."""
        found = spot.list
        if found.entry:
            return PERSON, self.id(PERSON, self.at(found.frame, found.entry, entry))
        return found.owner, self.id(found.owner, self.at(found.frame, (*found.fields, "owner"), entry))

    def _entries(self, spot: Spot, row: int) -> Iterator[Part]:
        for entry in self.entries(spot, row):
            if spot.list.where is not None:
                yield Part(spot.list.where, entry)
            if spot.list.body is not None:
                yield Part(spot.list.body, entry, spot.list.where)
        yield from (Part(each, row) for each in spot.here)

    def _tiers(self, spot: Spot, row: int) -> Iterator[Part]:
        assert isinstance(spot.node, Tiers)
        parts = list(spot.here)
        for _ in spot.node.cases:
            when, result = parts.pop(0), parts.pop(0)
            holds = self.value(when, row)
            yield Part(when, row)
            if holds is not False:
                yield Part(result, row)
            if holds:
                return
        yield from (Part(each, row) for each in parts)

    def _read(self, spot: Spot, row: int) -> Iterator[Part]:
        """Behind money granted or a need's rest: the needs, and the amounts of items whose turn came before."""
        assert isinstance(spot.node, Read)
        read, target, program = spot.node.read, spot.node.target, self.run.program
        if read not in ("granted", "left") or spot.scope.stage is None:
            return
        policies = [target]
        if read == "left":
            need = self.catalogue.needs[target]
            policies = [p for p, turn in program.turns.items() if target in dict(turn.covers)]
            for expression in (need.when, need.amount):
                if expression is not None:
                    found = self.tree.spot(self.tree.need(need), expression.node)
                    yield from (Part(found, at) for at in self.subjects(need.unit))
        turn = program.order.index(spot.scope.stage)
        for policy in policies:
            if program.order.index(policy) < turn:
                yield from self.amounts(policy)

    def may_be_in(self, part: Part) -> bool:
        """Whether a part counts: it does not stand in an entry that surely is not in."""
        return part.unless is None or self.value(part.unless, part.row) is not False

    def warm(self, parts: list[tuple[Spot, int]], *, rounds: int) -> None:
        """Fetch all values below some parts, level by level, so that they are not computed one by one."""
        seen: set[tuple[Spot, int]] = set()
        for _ in range(rounds):
            self.fetch(each for spot, _ in parts for each in spot.around)
            lower = [part for node in parts if node not in seen for part in self.below(*node)]
            seen.update(parts)
            self.fetch(part.unless for part in lower if part.unless is not None)
            parts = list(dict.fromkeys((part.spot, part.row) for part in lower if self.may_be_in(part)))

    def amounts(self, policy: str, row: int | None = None) -> Iterator[Part]:
        """What says how much an item pays, on one row or on all where it may be paid."""
        unit = self.catalogue.policies[policy][0].unit
        for at in self.subjects(unit) if row is None else [row]:
            number = self.version(policy, unit, at)
            benefit = None if number is None else self.run.program.policies[policy][number].benefit
            if benefit is None or (row is None and self.cell(unit, f"v:{policy}", at) is False):
                continue
            for each in (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap, benefit.hours, benefit.shared):
                if each is not None:
                    on_members = each is benefit.shared and unit == HOUSEHOLD
                    found = self.tree.spot(self.tree.policy(PERSON if on_members else unit, policy), each.node)
                    yield from (Part(found, one) for one in (self.subjects(PERSON) if on_members else [at]))

    def subjects(self, unit: str) -> list[int]:
        """The rows of the question's household, or of its members."""
        return [row for row, inside in enumerate(self.column(unit, "inside")) if inside]
