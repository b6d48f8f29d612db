"""Which fact can turn which verdict, by what the rules read.

In: a catalogue and a finished run. Out: the verdicts that are no with the facts that could turn each, and the cells that hold them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.catalogue import Clause, Group
from matcher.choices import Block
from matcher.reads import facts_of, grantors, reads_of
from matcher.scope import HOUSEHOLD, PERSON
from matcher.variants import Cell, Key, cells, movable, questions_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matcher.catalogue import Catalogue
    from matcher.frames import Frames
    from matcher.pipeline import Run
    from matcher.program import Program
    from matcher.ripple_build import Spot

Keys = frozenset[Key] | None
"""Facts that something may depend on; None: perhaps all."""


@dataclass(eq=False, slots=True)
class Target:
    """A verdict that is no."""

    policy: str
    unit: str
    row: int
    question: int
    who: str
    failed: tuple[str, ...]
    wanted: Keys

    @property
    def spot(self) -> Spot:
        """Where its verdict stands."""
        return self.unit, self.row, self.policy


class Reach:
    """What a compiled catalogue says about who depends on what; kept beside its program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.catalogue = program.catalogue
        self.policies = {u: [p for p in program.order if self.catalogue.policies[p][0].unit == u] for u in (HOUSEHOLD, PERSON)}
        self._behind = Behind(self.catalogue)

    def targets(self, base: Frames, run: Run) -> list[Target]:
        """Every verdict that is no, with the facts that could turn it."""
        found = []
        for unit, policies in self.policies.items():
            table = Block(run.frames, unit, run.best, len(run.worlds))
            asked, inside = questions_of(base, unit), table.yes("inside").tolist()
            for policy in policies:
                for row, verdict in enumerate(run.frames.told(unit, f"v:{policy}")[table.rows]):
                    if verdict is False and inside[row]:
                        target = self._target(policy, table, row, int(asked[row]), base)
                        found += [target] if target is not None else []
        return found

    def _target(self, policy: str, table: Block, row: int, question: int, base: Frames) -> Target | None:
        versions, unit = self.program.policies[policy], self.catalogue.policies[policy][0].unit
        number: int | None = 0 if versions else None
        if versions and not (len(versions) == 1 and "" in versions[0].regions):
            ego = base.hops[(unit, "ego")][1][row]
            number = base.tables[HOUSEHOLD].item(int(ego), f"pv:{policy}@{self.program.places[policy]}")
        if number is None:
            return None
        clauses = versions[number].clauses
        at = table.rows.start + row
        truths = [table.frames.one(unit, f"c:{policy}:{number}:{i}", at) for i in range(len(clauses))]
        failed = tuple(c.id for c, truth in zip(clauses, truths, strict=True) if truth is False)
        wanted = self._behind.turning(versions[number].requires, iter(truths))[1]
        return Target(policy, unit, row, question, str(table.frames.one(unit, "id", at)), failed, wanted)

    def may_turn(self, base: Frames, targets: Sequence[Target]) -> dict[int, tuple[Cell, list[Target]]]:
        """The known facts, each with the verdicts that it could turn by what the rules read."""
        asked: dict[int, list[Target]] = defaultdict(list)
        for target in targets:
            asked[target.question].append(target)
        found = cells(base, movable(self.program, base), _by_question(targets))
        keys = {(c.question, c.key) for c in found}
        turned = {(q, key): [t for t in asked[q] if t.wanted is None or key in t.wanted] for q, key in keys}
        return {id(c): (c, turned[(c.question, c.key)]) for c in found}


class Behind:
    """The facts that clauses and verdicts rest on, found once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.givers = grantors(catalogue)
        self._verdicts: dict[str, Keys] = {}
        self._clauses: dict[int, tuple[Clause, Keys]] = {}

    def clause(self, clause: Clause) -> Keys:
        """All facts that a clause can depend on."""
        if id(clause) not in self._clauses:
            found: Keys = facts_of(clause.when.node, self.catalogue)
            for read, target in reads_of(clause.when.node, self.catalogue):
                if read in ("granted", "left"):
                    found = None
                elif read in ("recognised", "eligible"):
                    found = union([found, *(self.verdict(g) for g in (self.givers[target] if read == "recognised" else (target,)))])
            self._clauses[id(clause)] = (clause, found)
        return self._clauses[id(clause)][1]

    def verdict(self, policy: str) -> Keys:
        """All facts that a verdict can depend on."""
        if policy not in self._verdicts:
            clauses = [c for v in self.catalogue.policies[policy] for c in v.clauses]
            self._verdicts[policy] = union([self.clause(c) for c in clauses])
        return self._verdicts[policy]

    def turning(self, group: Group, truths: Iterator[bool | None]) -> tuple[bool | None, Keys]:
        """What a group is now, and the facts of which one must be moved for it to be yes: every part that is not yes has to change."""
        parts: list[tuple[bool | None, Keys]] = []
        everything: list[Keys] = []
        for part in group.of:
            parts.append((next(truths), self.clause(part)) if isinstance(part, Clause) else self.turning(part, truths))
            everything.append(self.clause(part) if isinstance(part, Clause) else union([self.clause(c) for c in _leaves(part)]))
        values = [value for value, _ in parts]
        if group.op == "not":
            return (None if values[0] is None else not values[0]), everything[0]
        if group.op == "any":
            return (True if True in values else None if None in values else False), union(everything)
        needed: Keys = None
        for value, keys in parts:
            if value is not True:
                needed = keys if needed is None else needed if keys is None else needed & keys
        return (False if False in values else None if None in values else True), needed


def _leaves(group: Group) -> list[Clause]:
    return [c for part in group.of for c in ([part] if isinstance(part, Clause) else _leaves(part))]


def union(parts: Iterable[Keys]) -> Keys:
    found: frozenset[Key] = frozenset()
    for keys in parts:
        if keys is None:
            return None
        found |= keys
    return found


def _by_question(targets: Sequence[Target]) -> dict[int, Keys]:
    """The facts that could turn any target of each question."""
    found: dict[int, Keys] = {}
    for target in targets:
        found[target.question] = union([found.get(target.question, frozenset()), target.wanted])
    return found
