"""From facts that an expression names to the base columns that hold them, on the rows of a scope.

A narrow fact (`matcher.stored.narrow`) is a column of 16 or 32 bits: comparisons with a constant read it as it is held, everything
else widens it, since its sums and products may not fit.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from matcher import logic
from matcher.language import FactRef, Known, Node
from matcher.logic import Area, Day, Number, Text, Value, YesNo
from matcher.possible import TEN_THOUSAND
from matcher.scope import HOUSEHOLD, PERSON, Scope, locate, row_of
from matcher.stored import declared, narrow

if TYPE_CHECKING:
    from matcher.catalogue import Fact
    from matcher.compile import Compiler


class FactColumns:
    """The facts of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler

    def value(self, scope: Scope, node: FactRef, *, as_held: bool = False) -> Value:
        """A fact on the scope's rows; a narrow one is widened unless `as_held`."""
        target, hops = locate(scope, node.path)
        if node.edge is not None:
            frame, more, column = target.fields_frame, target.fields, f"e:{node.name}"
        elif node.unit in (HOUSEHOLD, PERSON):
            (frame, more), column = row_of(target, node.unit), f"f:{node.name}"
        else:
            frame, more, column = target.fields_frame, target.fields, f"f:{node.name}"
        return self.compiler.move(
            scope.frame, hops + more, frame, self._base(frame, column, declared(self.compiler.catalogue, node), as_held=as_held)
        )

    def compared(self, scope: Scope, node: Node, other: Node) -> Value:
        """One side of a comparison: a narrow fact as it is held beside a whole number that fits, anything else as everywhere."""
        everywhere = self.compiler.value(scope, node)  # what reasons and questions read
        if not (isinstance(node, FactRef) and isinstance(other, Known) and isinstance(other.value, Fraction)):
            return everywhere
        if narrow(declared(self.compiler.catalogue, node), other.value) is None:
            return everywhere
        return self.value(self.compiler.versions.fitting(scope, node), node, as_held=True)

    def _base(self, frame: str, column: str, fact: Fact, *, as_held: bool) -> Value:
        """A base column with what its nulls stand for."""
        need = self.compiler.plan.need
        match fact.type:
            case "yesno":
                return YesNo(need(frame, column))
            case "date":
                return Day(need(frame, column))
            case "region":
                return Area(need(frame, column))
            case "text":
                return Text(fact.values, need(frame, column))
        d = TEN_THOUSAND if fact.type == "number" else 1
        widened = narrow(fact) is not None and not as_held

        def held(name: str) -> pl.Expr:
            e = need(frame, name)
            return e.cast(pl.Int64) if widened else e

        if self.compiler.wide:
            lo, hi = (logic.column(held(f"{column}:{end}"), d) for end in ("lo", "hi"))
            return Number(lo, hi, fact.low, fact.high)
        return logic.bare(held(column), d, fact.low, fact.high)
