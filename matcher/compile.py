"""From typed nodes to columns: how one expression is evaluated on the rows of a scope.

`Compiler.value` gives the polars expressions of a node; list calls, terms, standards and reads become columns of their own
in the plan. What unknown does is decided in `matcher.logic`; what is read from the file, from verdicts and from payments
comes through `Compiler.read`, which `matcher.rules` supplies.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from matcher import logic, reduce
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
from matcher.logic import Area, Day, Number, Ratio, Text, Value, YesNo
from matcher.lookup import code_lists, standard_value
from matcher.plan import PlanBuilder
from matcher.scope import HOUSEHOLD, PERSON, Scope, base, list_frame, locate, target_of, within_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.catalogue import Catalogue, Fact, Standard, Term, TermVersion
    from matcher.frames import Frames

TEN_THOUSAND = 10_000
"""Numbers that are neither money nor whole are held in ten-thousandths."""
_FLIPPED: dict[str, Literal["==", "!=", "<", "<=", ">", ">="]] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
HOME = "living"
"""The place that stands for all where it makes no difference."""


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
                return _literal(node)
            case NotFixed():
                return unknown_of(node.kind, ())
            case FactRef():
                return self._fact(scope, node)
            case TermRef(path=path, unit=unit, name=name):
                target, hops = locate(scope, path)
                frame, more = self._row_of(target, unit)
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
                frame, more = self._row_of(target, node.unit)
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
                return self._compare(scope, node)
            case Among():
                return self._among(scope, node)
            case Arith():
                return self._arith(scope, node)
            case Shift(of=of, years=years, months=months, days=days):
                day = self.value(scope, of)
                assert isinstance(day, Day)
                return logic.shift(day, years, months, days)
            case Func():
                return self._function(scope, node)
            case ListCall():
                return self._list_call(scope, node)
            case Tiers():
                return self.settle(scope.frame, self._tiers(scope, node))
        raise AssertionError(node)

    def _row_of(self, target: Scope, unit: str) -> tuple[str, tuple[str, ...]]:
        """The frame where facts of `unit` lie, and the hops to it from the target scope's rows."""
        if unit in (HOUSEHOLD, PERSON):
            if target.unit == unit:
                return unit, ()
            if unit == PERSON and target.of_person:
                return PERSON, target.entry
            owner_unit = target.fields_frame.rsplit("@", 1)[1]
            return owner_unit, (*target.fields, "owner")
        return target.fields_frame, target.fields

    def _fact(self, scope: Scope, node: FactRef) -> Value:
        target, hops = locate(scope, node.path)
        if node.edge is not None:
            frame, more, fact, column = target.fields_frame, target.fields, self._edge_fact(node.edge, node.name), f"e:{node.name}"
        elif node.unit in (HOUSEHOLD, PERSON):
            (frame, more), fact, column = self._row_of(target, node.unit), self.catalogue.facts[node.name], f"f:{node.name}"
        else:
            rows = self.catalogue.facts[node.unit].rows
            assert rows is not None
            assert not isinstance(rows, str)
            frame, more, fact, column = target.fields_frame, target.fields, rows[node.name], f"f:{node.name}"
        return self.move(scope.frame, hops + more, frame, self._base_fact(frame, column, fact))

    def _edge_fact(self, name: str, fact: str) -> Fact:
        return self.catalogue.facts[name].edge[fact]

    def _base_fact(self, frame: str, column: str, fact: Fact) -> Value:
        """A base column with what its nulls stand for."""
        match fact.type:
            case "yesno":
                return YesNo(self.plan.need(frame, column))
            case "date":
                return Day(self.plan.need(frame, column))
            case "region":
                return Area(self.plan.need(frame, column))
            case "text":
                return Text(fact.values, self.plan.need(frame, column))
        d = TEN_THOUSAND if fact.type == "number" else 1
        if self.wide:
            lo, hi = (logic.column(self.plan.need(frame, f"{column}:{end}"), d) for end in ("lo", "hi"))
            return Number(lo, hi, fact.low, fact.high)
        return logic.bare(self.plan.need(frame, column), d, fact.low, fact.high)

    def _place(self, scope: Scope) -> pl.Expr:
        column = f"region@{scope.place}"
        self.plan.need(HOUSEHOLD, column)
        hops = () if scope.frame == HOUSEHOLD else ("ego",)
        return self.bring(scope.frame, hops, HOUSEHOLD, column)

    # --- operators ------------------------------------------------------------------------------------------------
    def _compare(self, scope: Scope, node: Compare) -> YesNo:
        left, right = self.value(scope, node.left), self.value(scope, node.right)
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

    def _among(self, scope: Scope, node: Among) -> YesNo:
        value = self.value(scope, node.of)
        if node.codes is not None:
            assert isinstance(value, Text)
            if node.codes.keys:
                lists = code_lists(self, scope, self.catalogue.standards[node.codes.name], node.codes.keys)
                settled = self.settle(scope.frame, value)
                assert isinstance(settled, Text)
                options = [(may & codes.is_not_null(), _in_list(settled, codes)) for may, codes in lists]
                return logic.same_or_unknown(options) if options else YesNo(logic.UNKNOWN)
            return self._in_codes(scope, value, node.codes)
        if isinstance(value, Text):
            return logic.among(value, tuple(str(k.value) for k in node.literals))
        if isinstance(value, Number):
            return logic.either([logic.compare("==", value, self.number(scope, k)) for k in node.literals])
        plain = self._plain(value)
        return logic.either([YesNo(plain == self._plain(_literal(k))) for k in node.literals])

    def _in_codes(self, scope: Scope, value: Text, node: StandardRef) -> YesNo:
        """Whether a text is on a local list; unknown where there is no list.

        What depends on the list alone is found once per question.
        """
        listed = self.plan.need(HOUSEHOLD, f"s:{node.name}:0@{scope.place}")
        hops = () if scope.frame == HOUSEHOLD else ("ego",)

        def here(name: str, e: pl.Expr) -> pl.Expr:
            column = f"on:{node.name}:{name}@{scope.place}"
            self.put(HOUSEHOLD, column, e)
            return self.bring(scope.frame, hops, HOUSEHOLD, column)

        if value.may is not None:
            may = self.settle(scope.frame, value)
            assert isinstance(may, Text)
            on = {v: here(v, listed.list.contains(pl.lit(v))) for v in value.may if v != logic.OTHER}
            other = [e for v, e in (may.may or {}).items() if v == logic.OTHER]
            inside = pl.any_horizontal([*other, *(logic.possible(may, v) & e for v, e in on.items())])
            outside = pl.any_horizontal([*other, *(logic.possible(may, v) & ~e for v, e in on.items())])
            return logic.yes_if(inside & ~outside, outside & ~inside)
        assert value.known is not None
        codes = self.bring(scope.frame, hops, HOUSEHOLD, f"s:{node.name}:0@{scope.place}")
        known = value.known.cast(pl.String)
        found = pl.when(known.is_not_null()).then(codes.list.contains(known))
        if not value.values:
            return YesNo(found.otherwise(logic.UNKNOWN))
        every = here("*" + "|".join(value.values), pl.all_horizontal([listed.list.contains(pl.lit(v)) for v in value.values]))
        none = here("-" + "|".join(value.values), ~pl.any_horizontal([listed.list.contains(pl.lit(v)) for v in value.values]))
        return YesNo(found.when(every).then(True).when(none).then(False).otherwise(logic.UNKNOWN))

    def _arith(self, scope: Scope, node: Arith) -> Number:
        a, b = self.number(scope, node.left), self.number(scope, node.right)
        match node.op:
            case "+":
                return logic.add(a, b)
            case "-":
                return logic.subtract(a, b)
            case "*":
                if a.lo.const is not None or b.lo.const is not None:
                    return logic.multiply(a, b)
                return self._settled(scope, logic.multiply(self._settled(scope, a), self._settled(scope, b)))
        return self._settled(scope, logic.divide(self._settled(scope, a), self._settled(scope, b)))

    def _settled(self, scope: Scope, value: Number) -> Number:
        settled = self.settle(scope.frame, value)
        assert isinstance(settled, Number)
        return settled

    def _function(self, scope: Scope, node: Func) -> Value:
        values = [self.value(scope, a) for a in node.args]
        if node.name in ("min", "max"):
            numbers = [self._settled(scope, v) for v in values if isinstance(v, Number)]
            return self._settled(scope, logic.smallest(numbers) if node.name == "min" else logic.largest(numbers))
        if node.name in ("floor", "ceil"):
            x, step = values
            assert isinstance(x, Number)
            assert isinstance(step, Number)
            return logic.to_step(self._settled(scope, x), step, up=node.name == "ceil")
        if node.name == "within":
            return YesNo(self._plain(values[0]).str.starts_with(self._plain(values[1])))
        if node.name == "date":
            return logic.made_date(*(self._settled(scope, v) for v in values if isinstance(v, Number)))
        moment = values[0]
        assert isinstance(moment, Day)
        if node.name == "years_since":
            as_of = self.value(scope, AsOf("date"))
            assert isinstance(as_of, Day)
            return self._settled(scope, logic.years_since(moment, as_of.e))
        part = moment.e.dt.year() if node.name == "year" else moment.e.dt.month()
        return logic.point(Ratio(part.cast(pl.Int64), 1, 10_000))

    def _tiers(self, scope: Scope, node: Tiers) -> Value:
        """The hull of the cases that are still possible."""
        options: list[tuple[pl.Expr, Value]] = []
        open_before: list[pl.Expr] = []
        for when, result in node.cases:
            holds = self.settle(scope.frame, self.yesno(scope, when))
            assert isinstance(holds, YesNo)
            may = holds.e.fill_null(value=True)
            possible = pl.all_horizontal([*open_before, may]) if open_before else may
            options.append((possible, self.settle(scope.frame, self.value(scope, result))))
            open_before = [*open_before, ~holds.e.fill_null(value=False)]
        rest = pl.all_horizontal(open_before)
        otherwise = node.otherwise if node.otherwise is not None else NotFixed(node.kind)
        options.append((rest, self.settle(scope.frame, self.value(scope, otherwise))))
        settled = [(self.column(scope.frame, p, "p"), v) for p, v in options]
        return combine(settled)

    # --- lists ----------------------------------------------------------------------------------------------------
    def _list_call(self, scope: Scope, node: ListCall) -> Value:
        """Computed once on the owner's own rows where nothing outside the entry is named, else on expanded rows."""
        owner, hops = locate(scope, node.of.path)
        if node.of.unit == PERSON and owner.unit != PERSON:
            owner_frame, more = PERSON, owner.entry
        elif owner.unit == node.of.unit:
            owner_frame, more = owner.frame, ()
        else:
            owner_frame, more = self._row_of(owner, node.of.unit)
        own = list_frame(node.of.name, node.of.unit)
        self.plan.base[own].update(())
        looks_out = any(part is not None and escapes(part, 0) for part in (node.body, node.where)) or (
            node.none is not None and not isinstance(node.none, Known)
        )
        at_home = owner_frame == scope.frame and not hops and not more
        if at_home or not looks_out:
            parent = scope if at_home else base(owner_frame, scope.place, scope.stage)
            inner = within_list(parent, node.of.name, node.of.unit, of_person=node.of.of_person)
            result = self._reduce(node, inner, owner_frame, f"whole:{node.of.name}")
            return self.move(scope.frame, hops + more, owner_frame, result)
        frame = f"{scope.frame}>{own}:{'.'.join(hops + more)}"
        self.contexts[frame] = (scope.frame, own)
        self.plan.expand(frame, scope.frame, own, hops + more)
        inner = within_list(scope, node.of.name, node.of.unit, of_person=node.of.of_person, frame=frame)
        self.plan.need(owner_frame, f"whole:{node.of.name}")
        whole = self.bring(scope.frame, hops + more, owner_frame, f"whole:{node.of.name}").meta.output_name()
        return self._reduce(node, inner, scope.frame, whole)

    def _reduce(self, node: ListCall, inner: Scope, owner_frame: str, whole: str) -> Value:
        if whole.startswith("whole:"):
            self.plan.need(owner_frame, whole)
        where = None if node.where is None else self.yesno(inner, node.where)
        if node.call == "sum":
            assert node.body is not None
            return self.sum_over(inner, owner_frame, whole, self.number(inner, node.body), where)
        if node.call in ("min", "max"):
            assert node.body is not None
            return self._extreme(node, inner, owner_frame, whole, where)
        body = None if node.body is None else self.yesno(inner, node.body)
        if node.call == "all":
            parts = ([YesNo(~where.e)] if where else []) + ([body] if body else [])
            passes = logic.either(parts)
        else:
            parts = [p for p in (where, body) if p is not None]
            passes = logic.both(parts) if parts else YesNo(pl.lit(value=True))
        return self.flags_over(node.call, inner, owner_frame, whole, passes)

    def flags_over(self, call: str, inner: Scope, owner_frame: str, whole: str, passes: YesNo) -> Value:
        """any, all or count of a yes/no over the entries."""
        if call == "all":
            some = self.flags_over("any", inner, owner_frame, whole, YesNo(~passes.e))
            assert isinstance(some, YesNo)
            return YesNo(~some.e)
        sure = self.total(inner, owner_frame, passes.e.fill_null(value=False).cast(pl.Int64))
        may = self.total(inner, owner_frame, passes.e.fill_null(value=True).cast(pl.Int64))
        complete = pl.col(whole).fill_null(value=False)
        if call == "any":
            return YesNo(self.put(owner_frame, self.name("any"), logic.yes_if(sure > 0, complete & (may == 0)).e))
        hi = self.put(owner_frame, self.name("count"), pl.when(complete).then(may))
        top = logic.TOP_OF_LIST
        return Number(Ratio(sure, 1, top), Ratio(hi, 1, top), Fraction(0), None)

    def total(self, inner: Scope, owner_frame: str, e: pl.Expr) -> pl.Expr:
        """The sum over each owner's entries of a whole number that is never null."""
        column = e if e.meta.is_column() else self.put(inner.frame, self.name("l"), e)
        return self.plan.total(inner.frame, owner_frame, column.meta.output_name(), self.name("sum"))

    def sum_over(self, inner: Scope, owner_frame: str, whole: str, x: Number, where: YesNo | None) -> Number:
        """The sum of x over the entries where `where` holds."""
        x = self._settled(inner, x)
        if where is not None:
            sure = self.column(inner.frame, where.e.fill_null(value=False), "w")
            maybe = self.column(inner.frame, where.e.fill_null(value=True), "w")
            zero = logic.constant(0)
            lo = logic.pick([(sure, x.lo), (~maybe | (x.lo.n > 0), zero)], x.lo)
            hi = logic.pick([(sure, x.hi), (~maybe | (x.hi.n < 0), zero)], x.hi)
            never_negative = x.low is not None and x.low >= 0
            x = Number(lo, hi, Fraction(0) if never_negative else None, None)
        never_negative = x.low is not None and x.low >= 0
        if not (isinstance(x.lo.d, int) and isinstance(x.hi.d, int)):
            return self._sum_ratios(inner, owner_frame, whole, x, never_negative=never_negative)
        lo = self._sum_end(inner, owner_frame, x.lo, None if never_negative else whole)
        hi = self._sum_end(inner, owner_frame, x.hi, whole)
        return Number(lo, hi, Fraction(0) if never_negative else None, None)

    def _sum_end(self, inner: Scope, owner_frame: str, end: Ratio, whole: str | None) -> Ratio:
        """One end of a sum: infinite where an entry is, or where the list is incomplete."""
        total = self.total(inner, owner_frame, end.n.fill_null(0))
        nulls = self.total(inner, owner_frame, end.n.is_null().cast(pl.Int64))
        known = nulls == 0 if whole is None else (nulls == 0) & pl.col(whole).fill_null(value=False)
        e = self.put(owner_frame, self.name("sum"), pl.when(known).then(total))
        assert isinstance(end.d, int)
        return Ratio(e, end.d, end.top * logic.TOP_OF_LIST, end.d)

    def _sum_ratios(self, inner: Scope, owner_frame: str, whole: str, x: Number, *, never_negative: bool) -> Number:
        """A sum of fractions whose denominators differ by entry."""
        ends = []
        for end, open_ in ((x.lo, None if never_negative else whole), (x.hi, whole)):
            n, d, names = self._sized(inner, end.n), self._sized(inner, _as_column(end.d)), (self.name("n"), self.name("d"))
            act = _ratio_sum(inner.frame, owner_frame, n, d, names)
            self._do(inner.frame, [n, d], owner_frame, "#rows", list(names), act)
            e = pl.col(names[0]) if open_ is None else pl.when(pl.col(open_).fill_null(value=False)).then(pl.col(names[0]))
            ends.append(Ratio(e, pl.col(names[1]), end.top * logic.TOP_OF_LIST, end.top_d))
        return Number(ends[0], ends[1], Fraction(0) if never_negative else None, None)

    def _sized(self, inner: Scope, e: pl.Expr) -> str:
        """The name of a column that holds it, also of a literal."""
        return (e if e.meta.is_column() else self.put(inner.frame, self.name("s"), e)).meta.output_name()

    def _extreme(self, node: ListCall, inner: Scope, owner_frame: str, whole: str, where: YesNo | None) -> Value:
        """The least or greatest of the entries' values, `none` where the list is empty."""
        assert node.body is not None
        assert node.none is not None
        assert inner.parent is not None
        x = self.settle(inner.frame, self.value(inner, node.body))
        if isinstance(x, Number):
            point = x.lo.n.is_not_null() & x.hi.n.is_not_null()
            if not x.single:
                point = point & logic.less(x.hi, x.lo, or_equal=True)
            ratio = x.lo.n if isinstance(x.lo.d, int) else x.lo.n.cast(pl.Float64) / x.lo.d
            rank_e: pl.Expr = pl.when(point).then(ratio)
        else:
            assert isinstance(x, Day)
            rank_e = x.e
        entering = pl.lit(value=True) if where is None else where.e
        rank = self.put(inner.frame, self.name("rank"), rank_e).meta.output_name()
        sure_e = entering.fill_null(value=False)
        sure = self.put(inner.frame, self.name("in"), sure_e).meta.output_name()
        doubtful = self.total(inner, owner_frame, (entering.is_null() | (pl.col(sure) & pl.col(rank).is_null())).cast(pl.Int64))
        size = self.total(inner, owner_frame, pl.col(sure).cast(pl.Int64))
        usable = self.put(owner_frame, self.name("usable"), pl.col(whole).fill_null(value=False) & (doubtful == 0))
        best = self.name("best")
        act = _extreme_entry(inner.frame, owner_frame, rank, sure, usable.meta.output_name(), best, least=node.call == "min")
        self._do(inner.frame, [rank, sure], owner_frame, usable.meta.output_name(), [best], act)
        empty = self.put(owner_frame, self.name("empty"), usable & (size == 0)).meta.output_name()
        return self._chosen(node, inner, owner_frame, [best, empty], x)

    def _chosen(self, node: ListCall, inner: Scope, owner_frame: str, outputs: list[str], x: Value) -> Value:
        """The chosen entry's value on the owner's rows; null where unknown."""
        best, empty = outputs
        assert inner.parent is not None
        assert node.none is not None
        none = self.settle(owner_frame, self.value(inner.parent, node.none))

        def of_best(e: pl.Expr) -> pl.Expr:
            column, output = self._sized(inner, e), self.name("pick")

            def act(frames: Frames, _scratch: dict[str, Any]) -> None:
                frames.live[owner_frame].bring(output, frames.live[inner.frame], column, best)

            self.plan.do([(owner_frame, output)], [(inner.frame, column), (owner_frame, best)], act, "pick")
            return pl.col(output)

        if isinstance(x, Day):
            assert isinstance(none, Day)
            return Day(pl.when(pl.col(empty)).then(none.e).otherwise(of_best(x.e)))
        assert isinstance(x, Number)
        assert isinstance(none, Number)
        d = x.lo.d if isinstance(x.lo.d, int) else of_best(x.lo.d)
        found = Ratio(of_best(x.lo.n), d, x.lo.top, x.lo.top_d)
        lo = logic.pick([(pl.col(empty), none.lo)], found)
        hi = logic.pick([(pl.col(empty), none.hi)], found)
        return Number(lo, hi)

    def _do(self, frame: str, columns: list[str], owner_frame: str, whole: str, outputs: list[str], act: Callable[..., None]) -> None:
        inputs = [(frame, c) for c in columns] + [(owner_frame, whole), (frame, "#rows"), (owner_frame, "#rows")]
        self.plan.do([(owner_frame, o) for o in outputs], inputs, act, outputs[0])

    # --- terms ----------------------------------------------------------------------------------------------------
    def term(self, unit: str, name: str, frame: str, target: Scope) -> Value:
        """A term's columns on the frame of its unit."""
        term = self.catalogue.terms[name]
        local = self.versions.local(name)
        stage = target.stage if self.versions.staged(name) else None
        place = target.place if local else HOME
        scope = base(frame, target.place, stage) if unit in (HOUSEHOLD, PERSON) else replace(_entry_scope(target), stage=stage)
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
        return combine_set(value, self.plan.need(frame, f"set:{term.id}"), term)

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


def _ratio_sum(frame: str, owner_frame: str, n: str, d: str, names: tuple[str, str]) -> Callable[[Frames, dict[str, Any]], None]:
    """The action of a sum of fractions."""

    def act(frames: Frames, _scratch: dict[str, Any]) -> None:
        table = frames.live[frame]
        top, bottom = reduce.sum_ratios(table.series(n), table.series(d), frames.spans[frame])
        frames.live[owner_frame].add([top.alias(names[0]), bottom.alias(names[1])])

    return act


def _extreme_entry(
    frame: str, owner_frame: str, rank: str, sure: str, usable: str, name: str, *, least: bool
) -> Callable[[Frames, dict[str, Any]], None]:
    """The action that finds the least or greatest entry."""

    def act(frames: Frames, _scratch: dict[str, Any]) -> None:
        table, owners = frames.live[frame], frames.live[owner_frame]
        counts, good = table.flags(sure) == 1, owners.flags(usable) == 1
        owners.put(name, *reduce.extreme(table.numbers(rank, 0), counts, frames.spans[frame], good, least=least))

    return act


def _entry_scope(target: Scope) -> Scope:
    """The list's own rows, with its owner's rows one level up."""
    owner_unit = target.fields_frame.rsplit("@", 1)[1]
    parent = base(owner_unit, target.place, target.stage)
    return within_list(parent, target.unit, owner_unit, of_person=target.of_person)


def _as_column(d: int | pl.Expr) -> pl.Expr:
    return pl.lit(d, dtype=pl.Int64) if isinstance(d, int) else d


def _upwards(code: pl.Expr, digits: int) -> pl.Expr:
    """The region above a code; unknown where the code itself stands above that."""
    return pl.when(code.str.len_chars() >= digits).then(code.str.head(digits))


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


def _literal(node: Known) -> Value:
    """A literal of the language."""
    value = node.value
    if isinstance(value, bool):
        return YesNo(pl.lit(value))
    if isinstance(value, Fraction):
        return logic.known(value)
    if isinstance(value, str):
        return Text((value,), pl.lit(value)) if node.kind == "text" else Area(pl.lit(value))
    return Day(pl.lit(value))


def unknown_of(kind: str, values: tuple[str, ...]) -> Value:
    """Nothing known."""
    match kind:
        case "yesno":
            return YesNo(logic.UNKNOWN)
        case "text":
            if values:
                return Text(values, may={v: pl.lit(value=True) for v in values})
            return Text((), pl.lit(None, dtype=pl.String))
        case "date":
            return Day(pl.lit(None, dtype=pl.Date))
        case "region":
            return Area(pl.lit(None, dtype=pl.String))
    end = logic.nothing()
    return Number(end, end)


def combine(options: list[tuple[pl.Expr, Value]]) -> Value:
    """What remains where several results are possible: hull, union, or the common value."""
    first = options[0][1]
    if isinstance(first, Number):
        return logic.hull([(p, v) for p, v in options if isinstance(v, Number)])
    if isinstance(first, YesNo):
        return logic.same_or_unknown([(p, v) for p, v in options if isinstance(v, YesNo)])
    if isinstance(first, Text):
        texts = [(p, v) for p, v in options if isinstance(v, Text)]
        values = tuple(dict.fromkeys(v for _, t in texts for v in (t.may or t.values)))
        return logic.union(texts, values)
    plain = [(p, v.e) for p, v in options if isinstance(v, (Day, Area))]
    chosen = [pl.when(p).then(e).otherwise(None) for p, e in plain]
    unknown = pl.any_horizontal([p & e.is_null() for p, e in plain])
    least: pl.Expr = pl.min_horizontal(chosen)
    only = pl.when(~unknown & (least == pl.max_horizontal(chosen))).then(least).otherwise(None)
    return Day(only) if isinstance(first, Day) else Area(only)


def combine_set(value: Value, by_hand: pl.Expr, term: Term) -> Value:
    """The value that a case sets by hand, else the computed one."""
    given = by_hand.is_not_null()
    match value:
        case YesNo(e):
            return YesNo(pl.coalesce(by_hand, e))
        case Day(e):
            return Day(pl.coalesce(by_hand, e))
        case Area(e):
            return Area(pl.coalesce(by_hand, e))
        case Text() as text:
            either = logic.union([(given, Text(term.values, by_hand)), (~given, text)], term.values or tuple(text.may or text.values))
            return logic.narrowed(either, term.values) if term.values else either
        case Number() as number:
            d = TEN_THOUSAND if term.type == "number" else 1
            hand = Ratio(by_hand, d, logic.TOP_OF_FACT, d)
            return Number(logic.pick([(given, hand)], number.lo), logic.pick([(given, hand)], number.hi))
    raise AssertionError(value)


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
