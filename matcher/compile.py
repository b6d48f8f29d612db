"""From typed nodes to columns: how one expression is evaluated on the rows of a scope.

`Compiler.value` gives the polars expressions of a node; list calls, terms, standards and reads become columns of their own
in the plan. What unknown does is decided in `matcher.logic`; what is read from the file, from verdicts and from payments
comes through `Compiler.read`, which `matcher.rules` supplies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from matcher import logic
from matcher.fact_columns import FactColumns
from matcher.language import (
    Among,
    And,
    Arith,
    AsOf,
    Compare,
    FactRef,
    Func,
    Known,
    ListCall,
    Node,
    Not,
    NotFixed,
    Or,
    Place,
    Read,
    Shift,
    StandardRef,
    TermRef,
    Tiers,
)  # fmt: skip
from matcher.lists import Lists
from matcher.logic import Area, Day, Number, Ratio, Text, Value, YesNo
from matcher.lookup import standard_value
from matcher.operators import Operators
from matcher.plan import PlanBuilder
from matcher.possible import combine, combine_set, literal, unknown_of
from matcher.scope import HOUSEHOLD, PERSON, Scope, base, entry_scope, locate, row_of, target_of
from matcher.versions import HOME

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.catalogue import Catalogue, Standard, Term, TermVersion
    from matcher.versions import Versions


class Compiler:
    """Compiles expressions into a PlanBuilder. `wide`: number facts come as pairs of columns, so that a variant may hold a range."""

    def __init__(self, catalogue: Catalogue, versions: Versions, *, wide: bool = False, set_terms: frozenset[str] = frozenset()) -> None:
        self.catalogue = catalogue
        self.versions = versions
        self.wide = wide
        self.set_terms = set_terms
        self.plan = PlanBuilder()
        self.contexts: dict[str, tuple[str, str]] = {}
        self.read: Callable[[Scope, Read], Value]
        self._values: dict[tuple[Scope, Node], Value] = {}
        self._counter = 0
        self.operators = Operators(self)
        self.lists = Lists(self)
        self.facts = FactColumns(self)

    # --- columns --------------------------------------------------------------------------------------------------
    def name(self, prefix: str) -> str:
        """A fresh column name."""
        self._counter += 1
        return f"{prefix}#{self._counter}"

    def bring(self, frame: str, hops: tuple[str, ...], target: str, column: str) -> pl.Expr:
        """A column of `target` on the rows of `frame`, along hops."""
        if not hops:
            return pl.col(column)
        nearer = target_of(frame, hops[0], self.contexts)
        inner = self.bring(nearer, hops[1:], target, column).meta.output_name()
        return self.plan.gather(frame, hops[0], nearer, inner)

    def settle(self, frame: str, value: Value, prefix: str = "x") -> Value:
        """The same value as columns of the frame, so that it can be used often or gathered."""
        match value:
            case YesNo(e):
                return YesNo(self.column(frame, e, prefix))
            case Day(e):
                return Day(self.column(frame, e, prefix))
            case Area(e):
                return Area(self.column(frame, e, prefix))
            case Text(values, known, may):
                if known is not None:
                    return Text(values, self.column(frame, known, prefix))
                assert may is not None
                return Text(values, may={v: self.column(frame, e, prefix) for v, e in may.items()})
            case Number():
                lo = self._ratio(frame, value.lo, prefix)
                hi = lo if value.single else self._ratio(frame, value.hi, prefix)
                bare = None if value.bare is None else self._ratio(frame, value.bare, prefix)
                return Number(lo, hi, value.low, value.high, bare)
        raise AssertionError(value)

    def _ratio(self, frame: str, end: Ratio, prefix: str) -> Ratio:
        if end.const is not None:
            return end
        d = end.d if isinstance(end.d, int) else self.column(frame, end.d, prefix)
        return replace(end, n=self.column(frame, end.n, prefix), d=d)

    def put(self, frame: str, name: str, e: pl.Expr) -> pl.Expr:
        """Define a column of a frame; one of no other column gets its height, and its time, from a column that is always there."""
        tied = e if e.meta.root_names() or frame not in self.contexts else pl.when(pl.col("as_of").is_not_null()).then(e)
        return self.plan.select(frame, name, tied)

    def column(self, frame: str, e: pl.Expr, prefix: str) -> pl.Expr:
        if e.meta.is_column() or e.meta.is_literal():
            return e
        return self.put(frame, self.name(prefix), e)

    def move(self, frame: str, hops: tuple[str, ...], target: str, value: Value) -> Value:
        """A value of rows of `target`, on the rows of `frame` that hops lead from."""
        if not hops:
            return value

        def over(e: pl.Expr) -> pl.Expr:
            return e if e.meta.is_literal() else self.bring(frame, hops, target, e.meta.output_name())

        match self.settle(target, value):
            case YesNo(e):
                return YesNo(over(e))
            case Day(e):
                return Day(over(e))
            case Area(e):
                return Area(over(e))
            case Text(values, known, may):
                if known is not None:
                    return Text(values, over(known))
                assert may is not None
                return Text(values, may={v: over(e).fill_null(value=True) for v, e in may.items()})
            case Number() as number:

                def end(r: Ratio) -> Ratio:
                    return r if r.const is not None else replace(r, n=over(r.n), d=r.d if isinstance(r.d, int) else over(r.d))

                lo = end(number.lo)
                hi = lo if number.single else end(number.hi)
                return Number(lo, hi, number.low, number.high, None if number.bare is None or "home" in hops else end(number.bare))
        raise AssertionError(value)

    @staticmethod
    def join(options: list[tuple[pl.Expr, Value]]) -> Value:
        """What remains of several possible results (see `combine`)."""
        return combine(options)

    @staticmethod
    def unknown(standard: Standard) -> Value:
        """A standard that has no row for what was asked."""
        kind = {"yesno": "yesno", "text": "text"}.get(standard.type, "number")
        return unknown_of(kind, ())

    # --- nodes ----------------------------------------------------------------------------------------------------
    def value(self, scope: Scope, node: Node) -> Value:
        """The value of a node on the scope's rows."""
        scope = self.versions.fitting(scope, node)
        key = (scope, node)
        if key not in self._values:
            self._values[key] = self._evaluate(scope, node)
        return self._values[key]

    def number(self, scope: Scope, node: Node) -> Number:
        """A node that is a number or money."""
        value = self.value(scope, node)
        assert isinstance(value, Number), node
        return value

    def yesno(self, scope: Scope, node: Node) -> YesNo:
        """A node that is yes or no."""
        value = self.value(scope, node)
        assert isinstance(value, YesNo), node
        return value

    def _evaluate(self, scope: Scope, node: Node) -> Value:
        match node:
            case Known():
                return literal(node)
            case NotFixed():
                return unknown_of(node.kind, ())
            case FactRef():
                return self.facts.value(scope, node)
            case TermRef(path=path, unit=unit, name=name):
                target, hops = locate(scope, path)
                frame, more = row_of(target, unit)
                return self.move(scope.frame, hops + more, frame, self.term(unit, name, frame, target))
            case AsOf():
                return Day(self.plan.need(scope.frame, "as_of") if scope.frame not in self.contexts else pl.col("as_of"))
            case Place(level=level):
                code = self._place(scope)
                return Area(code if level == "region" else _upwards(code, {"county": 6, "city": 4, "province": 2}[level]))
            case StandardRef(name=name, keys=keys):
                return self.settle(scope.frame, standard_value(self, scope, self.catalogue.standards[name], keys))
            case Read(path=path):
                target, hops = locate(scope, path)
                frame, more = row_of(target, node.unit)
                return self.move(
                    scope.frame, hops + more, frame, self.read(base(node.unit, scope.place, scope.stage), replace(node, path=()))
                )
            case Not(of=of):
                return YesNo(~self.yesno(scope, of).e)
            case And(of=parts):
                return logic.both([self.yesno(scope, p) for p in parts])
            case Or(of=parts):
                return logic.either([self.yesno(scope, p) for p in parts])
            case Compare():
                return self.operators.compare(scope, node)
            case Among():
                return self.operators.among(scope, node)
            case Arith():
                return self.operators.arith(scope, node)
            case Shift(of=of, years=years, months=months, days=days):
                day = self.value(scope, of)
                assert isinstance(day, Day)
                return logic.shift(day, years, months, days)
            case Func():
                return self.operators.function(scope, node)
            case ListCall():
                return self.lists.call(scope, node)
            case Tiers():
                return self.settle(scope.frame, self.operators.tiers(scope, node))
        raise AssertionError(node)

    def _place(self, scope: Scope) -> pl.Expr:
        column = f"region@{scope.place}"
        self.plan.need(HOUSEHOLD, column)
        hops = () if scope.frame == HOUSEHOLD else ("ego",)
        return self.bring(scope.frame, hops, HOUSEHOLD, column)

    def settled(self, scope: Scope, value: Number) -> Number:
        settled = self.settle(scope.frame, value)
        assert isinstance(settled, Number)
        return settled

    # --- terms ----------------------------------------------------------------------------------------------------
    def term(self, unit: str, name: str, frame: str, target: Scope) -> Value:
        """A term's columns on the frame of its unit."""
        term = self.catalogue.terms[name]
        local = self.versions.local(name)
        stage = target.stage if self.versions.staged(name) else None
        place = target.place if local else HOME
        scope = base(frame, target.place, stage) if unit in (HOUSEHOLD, PERSON) else replace(entry_scope(target), stage=stage)
        key = (replace(scope, place=place), TermRef(term.kind, (), unit, name))
        if key not in self._values:
            self._values[key] = self.settle(frame, self._term(term, scope, frame), f"t:{name}")
        return self._values[key]

    def _term(self, term: Term, scope: Scope, frame: str) -> Value:
        versions = self.versions.terms[term.id]
        if not versions:
            value = unknown_of(term.kind, term.values)
        elif self.versions.everywhere(term.id):
            value = self._version(term, versions[0], scope)
            if "" not in versions[0].regions:
                self.plan.need(HOUSEHOLD, f"tv:{term.id}@{scope.place}")
        else:
            value = self._by_place(term, versions, scope, frame)
        if term.id not in self.set_terms:
            return value
        given = self.plan.need(frame, f"given:{term.id}")
        return combine_set(value, given, self.plan.need(frame, f"set:{term.id}"), term)

    def _version(self, term: Term, version: TermVersion, scope: Scope) -> Value:
        value = self.value(scope, version.expression.node)
        return logic.narrowed(value, term.values) if isinstance(value, Text) and term.values else value

    def _by_place(self, term: Term, versions: tuple[TermVersion, ...], scope: Scope, frame: str) -> Value:
        """The version of the nearest region; unknown where there is none."""
        column = f"tv:{term.id}@{scope.place}"
        self.plan.need(HOUSEHOLD, column)
        index = self.bring(frame, () if frame == HOUSEHOLD else ("ego",), HOUSEHOLD, column)
        options: list[tuple[pl.Expr, Value]] = []
        for number, version in enumerate(versions):
            value = self.settle(frame, self._version(term, version, scope))
            options.append(((index == number).fill_null(value=False), value))
        options.append((index.is_null(), unknown_of(term.kind, term.values)))
        value = combine(options)
        return logic.narrowed(value, term.values) if isinstance(value, Text) and term.values else value


def _upwards(code: pl.Expr, digits: int) -> pl.Expr:
    """The region above a code; unknown where the code itself stands above that."""
    return pl.when(code.str.len_chars() >= digits).then(code.str.head(digits))
