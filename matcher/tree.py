"""Where the parts of a compiled rule stand: on which frame's rows each is evaluated, and which rows lie below it.

In: a program. Out: *spots* (a node in a scope, with the columns that hold its value) and how to walk from one to those below:
into terms, lists, reads, tiers. Made once per program and kept, so that reading a run back is only looking up rows. The values
themselves are in `matcher.trace`. Source: engine page; `matcher.compile` makes what is walked here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import polars as pl

from matcher.binding import PLACE_FACTS
from matcher.evidence import departments_of, lists_read
from matcher.language import Among, FactRef, Known, ListCall, Node, Read, TermRef, Tiers
from matcher.logic import Area, Day, Number, Text, YesNo
from matcher.reads import reads_of
from matcher.scope import HOUSEHOLD, PERSON, Scope, base, entry_scope, list_frame, locate, row_of, within_list
from matcher.versions import HOME, children, escapes

if TYPE_CHECKING:
    from matcher.catalogue import Need, TermVersion
    from matcher.compile import Compiler
    from matcher.logic import Value
    from matcher.program import Program

Hops = tuple[str, ...]


@dataclass(eq=False, slots=True)
class Column:
    """One column of a value: its name if it lies in the frame, its plain value if it is the same everywhere."""

    e: pl.Expr
    name: str | None
    roots: tuple[str, ...] = ()
    constant: object = None
    same: bool = False


@dataclass(eq=False)
class Spot:
    """A node on the rows of a scope. `value` is None where the plan did not need it."""

    tree: Tree
    scope: Scope
    node: Node
    value: Value | None
    columns: tuple[Column, ...]

    @property
    def frame(self) -> str:
        """The frame of its rows."""
        return self.scope.frame

    @cached_property
    def here(self) -> tuple[Spot, ...]:
        """The parts directly below on the same rows."""
        node, at = self.node, self.tree.spot
        if isinstance(node, ListCall):
            return () if node.none is None or isinstance(node.none, Known) else (at(self.scope, node.none),)
        if isinstance(node, Among) and node.codes is not None:
            return at(self.scope, node.of), *(at(self.scope, key) for key in node.codes.keys)
        return tuple(at(self.scope, each) for each in children(node))

    @cached_property
    def around(self) -> tuple[Spot, ...]:
        """Itself and everything below on the same rows."""
        return (self, *(each for part in self.here for each in part.around))

    @cached_property
    def on_its_row(self) -> bool:
        """Whether it rests on the parts directly below on the same row, all of them and nothing else."""
        return not isinstance(self.node, FactRef | TermRef | ListCall | Tiers | Read)

    @cached_property
    def first(self) -> tuple[Spot, ...]:
        """What tells which parts below count: which entries of a list are in, which tier is the first that holds."""
        if isinstance(self.node, Tiers):
            return self.here[: 2 * len(self.node.cases) : 2]
        return (self.list.where,) if isinstance(self.node, ListCall) and self.list.where is not None else ()

    @cached_property
    def term(self) -> TermSpots:
        """For a term: its versions on the rows that it is defined for."""
        assert isinstance(self.node, TermRef)
        return self.tree.term_spots(self.scope, self.node)

    @cached_property
    def list(self) -> ListSpots:
        """For a list call: where its owners and entries lie."""
        assert isinstance(self.node, ListCall)
        return self.tree.list_spots(self.scope, self.node)

    @cached_property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """For a read: the lists on file that it looks at, with the parts of each, by department, that must be whole."""
        assert isinstance(self.node, Read)
        departments = departments_of(self.tree.catalogue, self.node.target)
        return {name: tuple(f"{name}/{each}" for each in departments) or (name,) for name in lists_read(self.tree.catalogue, self.node)}

    @cached_property
    def target(self) -> tuple[str, Hops]:
        """For a fact or read: the frame that it is about, and the hops to it."""
        node = self.node
        assert isinstance(node, (FactRef, Read))
        found, hops = locate(self.scope, node.path)
        if isinstance(node, FactRef) and (node.edge is not None or node.unit not in (HOUSEHOLD, PERSON)):
            return found.fields_frame, hops + found.fields
        frame, more = row_of(found, node.unit)
        return frame, hops + more


@dataclass(frozen=True, slots=True)
class TermSpots:
    """The term's own rows, the hops to them, and its versions in force somewhere (`by_place`: the column that tells which)."""

    frame: str
    hops: Hops
    versions: tuple[tuple[TermVersion, Spot], ...]
    by_place: str | None


@dataclass(frozen=True, slots=True)
class ListSpots:
    """A list call's owner rows (`owner`, by `hops`), the rows that its spans count (`spans_of`, by `span_hops`), and its parts."""

    owner: str
    hops: Hops
    frame: str
    span_hops: Hops
    entry: Hops
    fields: Hops
    where: Spot | None
    body: Spot | None


_TREES: WeakKeyDictionary[Compiler, Tree] = WeakKeyDictionary()


def tree_of(program: Program) -> Tree:
    """The program's tree, made when it is first asked for."""
    found = _TREES.get(program.compiler)
    if found is None:
        found = _TREES[program.compiler] = Tree(program.compiler, dict(program.places))
    return found


class Tree:
    """All spots of one program."""

    def __init__(self, compiler: Compiler, places: dict[str, str]) -> None:
        self.catalogue, self.versions, self.places = compiler.catalogue, compiler.versions, places
        self.set_terms = compiler.set_terms
        self._values = compiler._values  # made while compiling, never changed later
        self._spots: dict[tuple[Scope, int], Spot] = {}
        self._reads: dict[int, bool] = {}

    def spot(self, scope: Scope, node: Node) -> Spot:
        """The spot of a node; like nodes may share columns."""
        key = (scope, id(node))
        found = self._spots.get(key)
        if found is None:
            fitted = self.versions.fitting(scope, node)
            found = self._spots.get((fitted, id(node)))
            if found is None:
                value = self._values.get((fitted, node))
                found = Spot(self, fitted, node, value, () if value is None else tuple(map(_column, _expressions(value))))
                self._spots[(fitted, id(node))] = found
            self._spots[key] = found
        return found

    def reads(self, node: Node) -> bool:
        """Whether anything in a node, or in its terms, is read from verdicts, payments or the file's lists of them."""
        if id(node) not in self._reads:
            self._reads[id(node)] = bool(reads_of(node, self.catalogue))
        return self._reads[id(node)]

    def policy(self, unit: str, policy: str) -> Scope:
        """The scope of a policy's expressions."""
        return base(unit, self.places.get(policy, HOME), policy)

    def need(self, need: Need) -> Scope:
        """The scope of a need's expressions."""
        return base(need.unit, "registered" if PLACE_FACTS["registered"] in self.catalogue.facts else HOME)

    def term_spots(self, scope: Scope, node: TermRef) -> TermSpots:
        """Where the versions of a term are evaluated: the same as when it was compiled."""
        target, hops = locate(scope, node.path)
        frame, more = row_of(target, node.unit)
        stage = target.stage if self.versions.staged(node.name) else None
        own = base(frame, target.place, stage) if node.unit in (HOUSEHOLD, PERSON) else replace(entry_scope(target), stage=stage)
        versions = self.versions.terms[node.name]
        everywhere = len(versions) == 1 and "" in versions[0].regions
        spots = tuple((version, self.spot(own, version.expression.node)) for version in versions)
        return TermSpots(frame, hops + more, spots, None if everywhere or not versions else f"tv:{node.name}@{own.place}")

    def list_spots(self, scope: Scope, node: ListCall) -> ListSpots:
        """Where a list call is evaluated: on the owner's own list, or on entries expanded for the rows that read it."""
        owner, hops = locate(scope, node.of.path)
        if node.of.unit == PERSON and owner.unit != PERSON and owner.of_person:
            owner_frame, more = PERSON, owner.entry
        elif owner.unit == node.of.unit:
            owner_frame, more = owner.frame, ()
        else:
            owner_frame, more = row_of(owner, node.of.unit)
        reach, own = hops + more, list_frame(node.of.name, node.of.unit)
        looks_out = any(part is not None and escapes(part, 0) for part in (node.body, node.where)) or not isinstance(
            node.none, Known | None
        )
        at_home = owner_frame == scope.frame and not reach
        if at_home or not looks_out:
            parent = scope if at_home else base(owner_frame, scope.place, scope.stage)
            inner, span_hops = within_list(parent, node.of.name, node.of.unit, of_person=node.of.of_person), reach
        else:
            frame = f"{scope.frame}>{own}:{'.'.join(reach)}"
            inner, span_hops = within_list(scope, node.of.name, node.of.unit, of_person=node.of.of_person, frame=frame), ()
        where = None if node.where is None else self.spot(inner, node.where)
        body = None if node.body is None else self.spot(inner, node.body)
        return ListSpots(owner_frame, reach, inner.frame, span_hops, inner.entry, inner.fields, where, body)


def _column(e: pl.Expr) -> Column:
    """A column with what is known of it before any run."""
    if e.meta.is_column():
        return Column(e, e.meta.output_name())
    if not e.meta.root_names():
        return Column(e, None, (), pl.select(e).item(), same=True)
    return Column(e, None, tuple(e.meta.root_names()))


def _expressions(value: Value) -> list[pl.Expr]:
    """The columns that hold a value: the order is that in which `matcher.trace` reads them."""
    match value:
        case YesNo(e) | Day(e) | Area(e):
            return [e]
        case Text(_, known, may):
            return [known] if known is not None else list((may or {}).values())
        case Number():
            ends = [value.lo] if value.single else [value.lo, value.hi]
            return [e for end in ends for e in ([end.n] if isinstance(end.d, int) else [end.n, end.d])]
    raise AssertionError(value)
