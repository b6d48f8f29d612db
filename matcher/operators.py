"""Operators and functions of the language on the columns of a scope: comparisons, `in`, arithmetic, min, floor, dates, tiers.

What unknown does is decided in `matcher.logic`. Source: language page, "Operators" and "Functions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from matcher import logic
from matcher.language import Among, Arith, AsOf, Compare, Func, Known, NotFixed, StandardRef, Tiers
from matcher.logic import Area, Day, Number, Ratio, Text, Value, YesNo
from matcher.lookup import code_lists
from matcher.possible import combine, literal
from matcher.scope import HOUSEHOLD, Scope

if TYPE_CHECKING:
    from matcher.compile import Compiler

_FLIPPED: dict[str, Literal["==", "!=", "<", "<=", ">", ">="]] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Operators:
    """The operators of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler

    def compare(self, scope: Scope, node: Compare) -> YesNo:
        compared = self.compiler.facts.compared
        left, right = compared(scope, node.left, node.right), compared(scope, node.right, node.left)
        if isinstance(left, Number) and isinstance(right, Number):
            return logic.compare(node.op, left, right)
        if isinstance(left, Text) and isinstance(right, Text):
            if isinstance(node.right, Known):
                same = logic.among(left, (str(node.right.value),))
            elif isinstance(node.left, Known):
                same = logic.among(right, (str(node.left.value),))
            else:
                same = logic.same_text(left, right)
            return same if node.op == "==" else YesNo(~same.e)
        a, b = self._plain(left), self._plain(right)
        op = node.op
        if not a.meta.root_names():  # polars 2.1 compares a literal on the left with a column held as a scalar into one row
            a, b, op = b, a, _FLIPPED[op]
        operators = {"==": a.eq, "!=": a.ne, "<": a.lt, "<=": a.le, ">": a.gt, ">=": a.ge}
        return YesNo(operators[op](b))

    @staticmethod
    def _plain(value: Value) -> pl.Expr:
        """The one column of a yes/no, date or region (or of a text beside a region)."""
        if isinstance(value, (YesNo, Day, Area)):
            return value.e
        assert isinstance(value, Text)
        assert value.known is not None
        return value.known.cast(pl.String)

    def among(self, scope: Scope, node: Among) -> YesNo:
        value = self.compiler.value(scope, node.of)
        if node.codes is not None:
            assert isinstance(value, Text)
            if node.codes.keys:
                lists = code_lists(self.compiler, scope, self.compiler.catalogue.standards[node.codes.name], node.codes.keys)
                settled = self.compiler.settle(scope.frame, value)
                assert isinstance(settled, Text)
                options = [(may & codes.is_not_null(), _in_list(settled, codes)) for may, codes in lists]
                return logic.same_or_unknown(options) if options else YesNo(logic.UNKNOWN)
            return self._in_codes(scope, value, node.codes)
        if isinstance(value, Text):
            return logic.among(value, tuple(str(k.value) for k in node.literals))
        if isinstance(value, Number):
            return logic.either([logic.compare("==", value, self.compiler.number(scope, k)) for k in node.literals])
        plain = self._plain(value)
        return logic.either([YesNo(plain == self._plain(literal(k))) for k in node.literals])

    def _in_codes(self, scope: Scope, value: Text, node: StandardRef) -> YesNo:
        """Whether a text is on a local list; unknown where there is no list.

        What depends on the list alone is found once per question.
        """
        listed = self.compiler.plan.need(HOUSEHOLD, f"s:{node.name}:0@{scope.place}")
        hops = () if scope.frame == HOUSEHOLD else ("ego",)

        def here(name: str, e: pl.Expr) -> pl.Expr:
            column = f"on:{node.name}:{name}@{scope.place}"
            self.compiler.put(HOUSEHOLD, column, e)
            return self.compiler.bring(scope.frame, hops, HOUSEHOLD, column)

        if value.may is not None:
            may = self.compiler.settle(scope.frame, value)
            assert isinstance(may, Text)
            on = {v: here(v, listed.list.contains(pl.lit(v))) for v in value.may if v != logic.OTHER}
            other = [e for v, e in (may.may or {}).items() if v == logic.OTHER]
            inside = pl.any_horizontal([*other, *(logic.possible(may, v) & e for v, e in on.items())])
            outside = pl.any_horizontal([*other, *(logic.possible(may, v) & ~e for v, e in on.items())])
            return logic.yes_if(inside & ~outside, outside & ~inside)
        assert value.known is not None
        codes = self.compiler.bring(scope.frame, hops, HOUSEHOLD, f"s:{node.name}:0@{scope.place}")
        known = value.known.cast(pl.String)
        found = pl.when(known.is_not_null()).then(codes.list.contains(known))
        if not value.values:
            return YesNo(found.otherwise(logic.UNKNOWN))
        every = here("*" + "|".join(value.values), pl.all_horizontal([listed.list.contains(pl.lit(v)) for v in value.values]))
        none = here("-" + "|".join(value.values), ~pl.any_horizontal([listed.list.contains(pl.lit(v)) for v in value.values]))
        return YesNo(found.when(every).then(True).when(none).then(False).otherwise(logic.UNKNOWN))

    def arith(self, scope: Scope, node: Arith) -> Number:
        a, b = self.compiler.number(scope, node.left), self.compiler.number(scope, node.right)
        match node.op:
            case "+":
                return logic.add(a, b)
            case "-":
                return logic.subtract(a, b)
            case "*":
                if a.lo.const is not None or b.lo.const is not None:
                    return logic.multiply(a, b)
                return self.compiler.settled(scope, logic.multiply(self.compiler.settled(scope, a), self.compiler.settled(scope, b)))
        return self.compiler.settled(scope, logic.divide(self.compiler.settled(scope, a), self.compiler.settled(scope, b)))

    def function(self, scope: Scope, node: Func) -> Value:
        values = [self.compiler.value(scope, a) for a in node.args]
        if node.name in ("min", "max"):
            numbers = [self.compiler.settled(scope, v) for v in values if isinstance(v, Number)]
            return self.compiler.settled(scope, logic.smallest(numbers) if node.name == "min" else logic.largest(numbers))
        if node.name in ("floor", "ceil"):
            x, step = values
            assert isinstance(x, Number)
            assert isinstance(step, Number)
            return logic.to_step(self.compiler.settled(scope, x), step, up=node.name == "ceil")
        if node.name == "within":
            return YesNo(self._plain(values[0]).str.starts_with(self._plain(values[1])))
        if node.name == "date":
            return logic.made_date(*(self.compiler.settled(scope, v) for v in values if isinstance(v, Number)))
        moment = values[0]
        assert isinstance(moment, Day)
        if node.name == "years_since":
            as_of = self.compiler.value(scope, AsOf("date"))
            assert isinstance(as_of, Day)
            return self.compiler.settled(scope, logic.years_since(moment, as_of.e))
        part = moment.e.dt.year() if node.name == "year" else moment.e.dt.month()
        return logic.point(Ratio(part.cast(pl.Int64), 1, 10_000))

    def tiers(self, scope: Scope, node: Tiers) -> Value:
        """The hull of the cases that are still possible."""
        options: list[tuple[pl.Expr, Value]] = []
        open_before: list[pl.Expr] = []
        for when, result in node.cases:
            holds = self.compiler.settle(scope.frame, self.compiler.yesno(scope, when))
            assert isinstance(holds, YesNo)
            may = holds.e.fill_null(value=True)
            possible = pl.all_horizontal([*open_before, may]) if open_before else may
            options.append((possible, self.compiler.settle(scope.frame, self.compiler.value(scope, result))))
            open_before = [*open_before, ~holds.e.fill_null(value=False)]
        rest = pl.all_horizontal(open_before)
        otherwise = node.otherwise if node.otherwise is not None else NotFixed(node.kind)
        options.append((rest, self.compiler.settle(scope.frame, self.compiler.value(scope, otherwise))))
        settled = [(self.compiler.column(scope.frame, p, "p"), v) for p, v in options]
        return combine(settled)


def _in_list(value: Text, codes: pl.Expr) -> YesNo:
    """Whether a text is on a list; unknown where there is none."""
    if value.known is not None and not value.values:
        known = value.known.cast(pl.String)
        return YesNo(pl.when(known.is_not_null()).then(codes.list.contains(known)))
    listed = {v: codes.list.contains(pl.lit(v)) for v in (value.may or value.values) if v != logic.OTHER}
    other = [e for v, e in (value.may or {}).items() if v == logic.OTHER]
    inside = pl.any_horizontal([*other, *(logic.possible(value, v) & e for v, e in listed.items())])
    outside = pl.any_horizontal([*other, *(logic.possible(value, v) & ~e for v, e in listed.items())])
    return logic.yes_if(inside & ~outside, outside & ~inside)
