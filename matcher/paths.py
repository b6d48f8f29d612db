"""What is eligible only if something is confirmed first: "first X, which opens Y".

In: a finished run with the world of today's file beside the world in which what was found is confirmed. Out: for an item that
is not eligible today but would be then, the findings behind it, and the order in which to go. Source: design section 7,
worlds; docs/language-notes.md, 19.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import networkx as nx

from matcher.language import Read
from matcher.reads import strata, unlocks
from matcher.scope import HOUSEHOLD, PERSON
from matcher.trace import Tracer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.answers import Answers
    from matcher.catalogue import Catalogue
    from matcher.tree import Spot

TODAY = 0
"""The world of today's file stands first."""


class Step(NamedTuple):
    """An item: a policy for a person, or for the household (`who` None)."""

    policy: str
    who: str | None


def opened_by(answers: Answers, policy: str, who: str | None) -> list[Step]:
    """The findings that have to be confirmed before an item, which is not eligible today, is; in the order of ids.

    Direct ones, and through `eligible.x` those behind x. Empty if the item is eligible today, or not even then.
    """
    return sorted(answers.paths.openers(Step(policy, who)), key=lambda step: (step.policy, step.who or ""))


def path_to(answers: Answers, policy: str, who: str | None) -> list[Step]:
    """All that has to be confirmed before an item, what comes first first, and the item itself last.

    `[Step("dibao", None), Step("medical-aid", "p1")]`: first dibao, which opens medical aid. Empty if nothing is needed.
    """
    paths, goal = answers.paths, Step(policy, who)
    edges: dict[Step, set[Step]] = {}
    waiting = [goal]
    while waiting:
        step = waiting.pop()
        if step not in edges:
            edges[step] = paths.openers(step) - {step}
            waiting += edges[step]
    graph = nx.DiGraph([(before, step) for step, befores in edges.items() for before in befores])
    if not graph:
        return []
    return list(nx.lexicographical_topological_sort(graph, key=lambda step: (step == goal, step.policy, step.who or "")))


def unlock_graph(catalogue: Catalogue) -> nx.DiGraph[str]:
    """Which policy opens which, by the rules alone: an edge (x, y) where being found x helps towards y's conditions."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for number, level in enumerate(strata(catalogue)):
        graph.add_nodes_from(level, stratum=number)
    graph.add_edges_from(sorted(unlocks(catalogue)))
    return graph


class Paths:
    """Looks for openers in one run, and remembers what it found."""

    def __init__(self, answers: Answers) -> None:
        self.answers, self.catalogue = answers, answers.catalogue
        self.best: Tracer = answers.tracer
        self.today = Tracer(answers.run, TODAY)
        self._found: dict[Step, set[Step]] = {}

    def openers(self, item: Step) -> set[Step]:
        """The findings directly behind an item that only confirmation makes eligible."""
        if item not in self._found:
            self._found[item] = set()
            self._found[item] = set(self._look(item))
        return self._found[item]

    def _look(self, item: Step) -> Iterator[Step]:
        answers, (policy, who) = self.answers, item
        if answers.decided(policy, who) is not True or answers.decided(policy, who, TODAY):
            return
        unit = answers.unit(policy)
        row = answers.row(unit, who, 0)
        number = self.best.version(policy, unit, row)
        if number is None:
            return
        version = answers.program.policies[policy][number]
        roots = [self.best.clause(version, clause) for clause in version.clauses]
        for spot, at in self._reads([(root, row) for root in roots]):
            yield from self._behind(spot, at)

    def _reads(self, level: list[tuple[Spot, int]]) -> Iterator[tuple[Spot, int]]:
        """Every recognition and verdict that stands behind some parts, on the rows that it is read for."""
        seen: set[tuple[Spot, int]] = set()
        while level:
            self.best.fetch(each for spot, _ in level for each in spot.around)
            following: list[tuple[Spot, int]] = []
            for node in level:
                spot, row = node
                if node in seen or not self.best.tree.reads(spot.node):
                    continue
                seen.add(node)
                if isinstance(spot.node, Read) and spot.node.read in ("recognised", "eligible"):
                    hops = spot.target[1]
                    at = self.best.at(spot.frame, hops, row)
                    if at is not None:
                        yield spot, at
                following += [(part.spot, part.row) for part in self.best.below(spot, row) if self.best.may_be_in(part)]
            level = following

    def _behind(self, spot: Spot, row: int) -> Iterator[Step]:
        """The findings that make a read yes in this world and not today."""
        node, (unit, _) = spot.node, spot.target
        assert isinstance(node, Read)
        if node.read == "eligible":
            if self.answers.unit(node.target) == unit and self.best.cell(unit, "inside", row):
                yield from self.openers(Step(node.target, self._who(unit, row)))
            return
        circle = [(unit, row)]
        home = self.best.at(PERSON, ("home",), row) if unit == PERSON else None
        if home is not None:
            circle.append((HOUSEHOLD, home))
        for one, at in circle:
            column = f"rec:{node.target}"
            if self.best.has(one, column) and self.best.cell(one, column, at) and not self.today.cell(one, column, at):
                yield from self._givers(node.target, one, at)

    def _givers(self, target: str, unit: str, row: int) -> Iterator[Step]:
        """The policies found for this very row that give a recognition."""
        for policy, versions in self.answers.program.policies.items():
            names = {policy, *(version.recognition for version in versions)}
            if versions and versions[0].unit == unit and target in names and self.best.cell(unit, f"v:{policy}", row):
                step = Step(policy, self._who(unit, row))
                if not self.answers.given_up(*step):
                    yield step

    def _who(self, unit: str, row: int) -> str | None:
        return None if unit == HOUSEHOLD else self.best.id(unit, row)
