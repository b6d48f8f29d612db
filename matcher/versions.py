"""Which versions of terms are in force on a day, and which expressions depend on the place of a question or on whose turn it is.

Made by `matcher.rules`; asked by `matcher.compile`, so that like expressions share their columns.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from matcher.language import (
    Among,
    And,
    Arith,
    Compare,
    Func,
    ListCall,
    Node,
    Not,
    Or,
    Place,
    Read,
    Shift,
    StandardRef,
    TermRef,
    Tiers,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.catalogue import Catalogue, TermVersion
    from matcher.scope import Scope

HOME = "living"
"""The place that stands for all where it makes no difference."""


def escapes(node: Node, depth: int) -> bool:
    """Whether a node inside a list call names a row outside the entry (`outer` beyond its own nesting)."""
    path = getattr(node, "path", ())
    if sum(step == "outer" for step in path) > depth:
        return True
    if isinstance(node, ListCall):
        if sum(step == "outer" for step in node.of.path) > depth:
            return True
        return any(
            part is not None and escapes(part, d) for part, d in ((node.body, depth + 1), (node.where, depth + 1), (node.none, depth))
        )
    return any(escapes(child, depth) for child in children(node))


def children(node: Node) -> list[Node]:
    """The parts of a node, list calls' parts included."""
    match node:
        case Not(of=of) | Shift(of=of):
            return [of]
        case And(of=parts) | Or(of=parts):
            return list(parts)
        case Compare(left=a, right=b) | Arith(left=a, right=b):
            return [a, b]
        case Among(of=of, codes=codes):
            return [of, *([codes] if codes else [])]
        case Func(args=args):
            return list(args)
        case StandardRef(keys=keys):
            return list(keys)
        case ListCall(body=body, where=where, none=none):
            return [part for part in (body, where, none) if part is not None]
        case Tiers(cases=cases, otherwise=otherwise):
            return [part for case in cases for part in case] + ([otherwise] if otherwise else [])
    return []


class Versions:
    """Which versions of terms and policies are in force on a day, and what depends on place or turn. Made by `matcher.rules`."""

    def __init__(self, catalogue: Catalogue, terms: dict[str, tuple[TermVersion, ...]], settled: frozenset[str] = frozenset()) -> None:
        self.catalogue = catalogue
        self.terms = terms
        self.settled = settled
        self._local: dict[str, bool] = {}
        self._staged: dict[str, bool] = {}
        self._nodes: dict[tuple[int, str], tuple[bool, Node]] = {}

    def fitting(self, scope: Scope, node: Node) -> Scope:
        """The scope without a place or turn that the node does not depend on, so that like nodes share their columns."""
        if scope.stage is not None and not self.reads_turn(node):
            scope = _without_stage(scope)
        return scope if scope.place == HOME or self._any(node, self._is_local) else _at_home(scope)

    def everywhere(self, term: str) -> bool:
        """Whether one version holds wherever the question may be."""
        return len(self.terms[term]) == 1 and (term in self.settled or "" in self.terms[term][0].regions)

    def local(self, term: str) -> bool:
        """Whether the term's value depends on the place of the question."""
        if term not in self._local:
            self._local[term] = False
            by_place = not self.everywhere(term) or "" not in self.terms[term][0].regions
            self._local[term] = by_place or any(self._any(v.expression.node, self._is_local) for v in self.terms[term])
        return self._local[term]

    def staged(self, term: str) -> bool:
        """Whether it reads what is left or granted, and so depends on whose turn it is."""
        if term not in self._staged:
            self._staged[term] = False
            self._staged[term] = any(self._any(v.expression.node, self._is_staged) for v in self.terms[term])
        return self._staged[term]

    def reads_turn(self, node: Node) -> bool:
        """The same for an expression."""
        return self._any(node, self._is_staged)

    def _is_local(self, node: Node) -> bool:
        return isinstance(node, (StandardRef, Place)) or (isinstance(node, TermRef) and self.local(node.name))

    def _is_staged(self, node: Node) -> bool:
        return (isinstance(node, Read) and node.read in ("left", "granted")) or (isinstance(node, TermRef) and self.staged(node.name))

    def _any(self, node: Node, test: Callable[[Node], bool]) -> bool:
        key = (id(node), test.__name__)
        if key not in self._nodes:  # the node is kept beside its answer, so that its identity stays its own
            self._nodes[key] = (test(node) or any(self._any(child, test) for child in children(node)), node)
        return self._nodes[key][0]


def _without_stage(scope: Scope) -> Scope:
    return replace(scope, stage=None, parent=None if scope.parent is None else _without_stage(scope.parent))


def _at_home(scope: Scope) -> Scope:
    return replace(scope, place=HOME, parent=None if scope.parent is None else _at_home(scope.parent))
