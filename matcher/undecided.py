"""The walk behind the questions: from undecided parts of rules down to what could still be told.

In: parts of rules on rows of a finished run. Out: for each the questions below it whose answer may change it, as bits of one number. The
walk goes through undecided parts alone, and level by level, so that the values of a level are read back together.
"""

from __future__ import annotations

from functools import reduce
from itertools import count, permutations
from operator import or_
from typing import TYPE_CHECKING

from matcher.asks import Ask, Asking
from matcher.catalogue import Clause
from matcher.language import Arith, Compare, Read
from matcher.reads import grantors
from matcher.scope import HOUSEHOLD, PERSON
from matcher.trace import OPEN, Range, three

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.answers import Answers
    from matcher.catalogue import Catalogue, Group, PolicyVersion
    from matcher.evidence import Evidence
    from matcher.trace import Tracer
    from matcher.tree import Spot

Node = tuple["Spot", int]


class Undecided:
    """What lies below undecided parts of one run."""

    def __init__(self, answers: Answers, evidence: Evidence | None) -> None:
        self.tracer: Tracer = answers.tracer
        self.catalogue: Catalogue = answers.catalogue
        self.asking = Asking(answers, evidence)
        self.asks: dict[Ask, int] = {}
        """Every question met, with its bit."""
        self._givers = grantors(self.catalogue)
        self._below: dict[Node, list[Node]] = {}
        self._asked: dict[Node, int] = {}
        self._reached: dict[Node, int] = {}
        self._never: dict[Node, bool] = {}
        self._open: dict[tuple[str, int], list[Node]] = {}

    def reach(self, node: Node) -> int:
        """Every question below a node whose answer may change it; `walk` went through it before."""
        found = self._reached.get(node)
        if found is None:
            found = 0
            if not self._fixed(node):
                found = reduce(or_, map(self.reach, self._below[node]), self._asked.get(node, 0))
            self._reached[node] = found
        return found

    def clauses(self, policy: str, unit: str, row: int) -> list[Node]:
        """The open clauses of an undecided verdict, below groups that are open themselves."""
        found = self._open.get((policy, row))
        if found is None:
            number = self.tracer.version(policy, unit, row)
            found = []
            if number is not None:
                version = self.tracer.run.program.policies[policy][number]
                columns = (f"c:{policy}:{number}:{n}" for n in count())
                found = self._of_group(version, version.requires, columns, row)[1]
            self._open[policy, row] = found
        return found

    def _of_group(self, version: PolicyVersion, group: Group, columns: Iterator[str], row: int) -> tuple[bool | None, list[Node]]:
        """What a group comes to, and its open clauses if that is open. columns: those of its clauses, in reading order."""
        results: list[bool | None] = []
        found: list[Node] = []
        for part in group.of:
            if isinstance(part, Clause):
                told = self.tracer.cell(version.unit, next(columns), row)
                results.append(told if isinstance(told, bool) else None)
                below = [(self.tracer.clause(version, part), row)]
            else:
                result, below = self._of_group(version, part, columns, row)
                results.append(result)
            if results[-1] is None:
                found += below
        result = three(group.op, results)
        return result, found if result is None else []

    # --- down, level by level ---------------------------------------------------------------------------------------
    def walk(self, roots: list[Node]) -> None:
        """Note what lies below every undecided part."""
        tracer, level = self.tracer, list(dict.fromkeys(roots))
        while level:
            tracer.fetch(spot for spot, _ in level)
            level = [node for node in level if tracer.undecided(*node)]
            tracer.fetch(each for spot, _ in level for each in spot.first)
            for node in level:
                self._look(node)
            level = list(dict.fromkeys(each for node in level for each in self._below[node] if each not in self._below))

    def _look(self, node: Node) -> None:
        """Note what is asked at an undecided part, and what lies below it."""
        spot, row = node
        if spot.on_its_row:
            self._below[node] = [(each, row) for each in spot.here]
            return
        asked = 0
        for ask in self.asking.of(spot, row):
            asked |= self.asks.setdefault(ask, 1 << len(self.asks))
        self._asked[node] = asked
        below = [(part.spot, part.row) for part in self.tracer.below(spot, row) if self.tracer.may_be_in(part)]
        self._below[node] = [*below, *self._waited_for(spot, row)]

    def _waited_for(self, spot: Spot, row: int) -> Iterator[Node]:
        """Behind `recognised` and `eligible`: the open clauses of the items that are not decided themselves."""
        read = spot.node
        if not isinstance(read, Read) or read.read not in ("recognised", "eligible"):
            return
        unit, hops = spot.target
        at = self.tracer.at(spot.frame, hops, row)
        rows = {unit: at} if unit == HOUSEHOLD else {unit: at, HOUSEHOLD: self.tracer.at(PERSON, ("home",), at)}
        givers = sorted(self._givers.get(read.target, ())) if read.read == "recognised" else [read.target]
        for policy in givers:
            giver = self.catalogue.policies[policy][0].unit
            where = rows.get(giver)
            if where is not None and self.tracer.cell(giver, "inside", where) and self.tracer.cell(giver, f"v:{policy}", where) is None:
                yield from self.clauses(policy, giver, where)

    # --- what no answer can change --------------------------------------------------------------------------------------
    def _fixed(self, node: Node) -> bool:
        """Whether no answer can change a value: it is decided, or open for want of a standard or by a text that fixes nothing."""
        never = self._never.get(node)
        if never is None and node not in self._below:
            return True
        if never is None:
            spot, row = node
            kind, never = spot.node, False
            if isinstance(kind, Compare) or (isinstance(kind, Arith) and kind.op != "*"):
                never = any(self._stays_open(each, row) for each in spot.here)
            elif isinstance(kind, Arith):
                never = any(self._stays_open(a, row) and self._not_zero(b, row) for a, b in permutations(spot.here, 2))
            if not never and not self._asked.get(node) and not isinstance(kind, Read):
                never = all(self._fixed(each) for each in self._below[node])
            self._never[node] = never
        return never

    def _stays_open(self, spot: Spot, row: int) -> bool:
        """Whether a value is open altogether and stays so."""
        return (spot, row) in self._below and self.tracer.value(spot, row) in (None, OPEN) and self._fixed((spot, row))

    def _not_zero(self, spot: Spot, row: int) -> bool:
        value = self.tracer.value(spot, row)
        return isinstance(value, Range) and ((value.lo is not None and value.lo > 0) or (value.hi is not None and value.hi < 0))
