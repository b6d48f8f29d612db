"""Calls over lists: any, all, count, sum, min, max of what an expression says of each entry, as columns of the owners.

An entry that may not be there, or a list that may not be whole, leaves what it could change undecided. Source: language
page, the table of calls.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher import logic, reduce
from matcher.language import Known, ListCall
from matcher.logic import Day, Number, Ratio, Value, YesNo
from matcher.scope import PERSON, Scope, base, list_frame, locate, row_of, within_list
from matcher.versions import escapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.compile import Compiler
    from matcher.frames import Frames


class Lists:
    """The list calls of one compilation."""

    def __init__(self, compiler: Compiler) -> None:
        self.compiler = compiler

    def call(self, scope: Scope, node: ListCall) -> Value:
        """Computed once on the owner's own rows where nothing outside the entry is named, else on expanded rows."""
        owner, hops = locate(scope, node.of.path)
        if node.of.unit == PERSON and owner.unit != PERSON:
            owner_frame, more = PERSON, owner.entry
        elif owner.unit == node.of.unit:
            owner_frame, more = owner.frame, ()
        else:
            owner_frame, more = row_of(owner, node.of.unit)
        own = list_frame(node.of.name, node.of.unit)
        self.compiler.plan.base[own].update(())
        looks_out = any(part is not None and escapes(part, 0) for part in (node.body, node.where)) or (
            node.none is not None and not isinstance(node.none, Known)
        )
        at_home = owner_frame == scope.frame and not hops and not more
        if at_home or not looks_out:
            parent = scope if at_home else base(owner_frame, scope.place, scope.stage)
            inner = within_list(parent, node.of.name, node.of.unit, of_person=node.of.of_person)
            result = self._reduce(node, inner, owner_frame, f"whole:{node.of.name}")
            return self.compiler.move(scope.frame, hops + more, owner_frame, result)
        frame = f"{scope.frame}>{own}:{'.'.join(hops + more)}"
        self.compiler.contexts[frame] = (scope.frame, own)
        self.compiler.plan.expand(frame, scope.frame, own, hops + more)
        inner = within_list(scope, node.of.name, node.of.unit, of_person=node.of.of_person, frame=frame)
        self.compiler.plan.need(owner_frame, f"whole:{node.of.name}")
        whole = self.compiler.bring(scope.frame, hops + more, owner_frame, f"whole:{node.of.name}").meta.output_name()
        return self._reduce(node, inner, scope.frame, whole)

    def _reduce(self, node: ListCall, inner: Scope, owner_frame: str, whole: str) -> Value:
        if whole.startswith("whole:"):
            self.compiler.plan.need(owner_frame, whole)
        where = None if node.where is None else self.compiler.yesno(inner, node.where)
        if node.call == "sum":
            assert node.body is not None
            return self.sum_over(inner, owner_frame, whole, self.compiler.number(inner, node.body), where)
        if node.call in ("min", "max"):
            assert node.body is not None
            return self._extreme(node, inner, owner_frame, whole, where)
        body = None if node.body is None else self.compiler.yesno(inner, node.body)
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
            return YesNo(self.compiler.put(owner_frame, self.compiler.name("any"), logic.yes_if(sure > 0, complete & (may == 0)).e))
        hi = self.compiler.put(owner_frame, self.compiler.name("count"), pl.when(complete).then(may))
        top = logic.TOP_OF_LIST
        return Number(Ratio(sure, 1, top), Ratio(hi, 1, top), Fraction(0), None)

    def total(self, inner: Scope, owner_frame: str, e: pl.Expr) -> pl.Expr:
        """The sum over each owner's entries of a whole number that is never null."""
        column = e if e.meta.is_column() else self.compiler.put(inner.frame, self.compiler.name("l"), e)
        return self.compiler.plan.total(inner.frame, owner_frame, column.meta.output_name(), self.compiler.name("sum"))

    def sum_over(self, inner: Scope, owner_frame: str, whole: str, x: Number, where: YesNo | None) -> Number:
        """The sum of x over the entries where `where` holds."""
        x = self.compiler.settled(inner, x)
        if where is not None:
            sure = self.compiler.column(inner.frame, where.e.fill_null(value=False), "w")
            maybe = self.compiler.column(inner.frame, where.e.fill_null(value=True), "w")
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
        e = self.compiler.put(owner_frame, self.compiler.name("sum"), pl.when(known).then(total))
        assert isinstance(end.d, int)
        return Ratio(e, end.d, end.top * logic.TOP_OF_LIST, end.d)

    def _sum_ratios(self, inner: Scope, owner_frame: str, whole: str, x: Number, *, never_negative: bool) -> Number:
        """A sum of fractions whose denominators differ by entry."""
        ends = []
        for end, open_ in ((x.lo, None if never_negative else whole), (x.hi, whole)):
            names = (self.compiler.name("n"), self.compiler.name("d"))
            n, d = self._sized(inner, end.n), self._sized(inner, _as_column(end.d))
            act = _ratio_sum(inner.frame, owner_frame, n, d, names)
            self._do(inner.frame, [n, d], owner_frame, "#rows", list(names), act)
            e = pl.col(names[0]) if open_ is None else pl.when(pl.col(open_).fill_null(value=False)).then(pl.col(names[0]))
            ends.append(Ratio(e, pl.col(names[1]), end.top * logic.TOP_OF_LIST, end.top_d))
        return Number(ends[0], ends[1], Fraction(0) if never_negative else None, None)

    def _sized(self, inner: Scope, e: pl.Expr) -> str:
        """The name of a column that holds it, also of a literal."""
        return (e if e.meta.is_column() else self.compiler.put(inner.frame, self.compiler.name("s"), e)).meta.output_name()

    def _extreme(self, node: ListCall, inner: Scope, owner_frame: str, whole: str, where: YesNo | None) -> Value:
        """The least or greatest of the entries' values, `none` where the list is empty."""
        assert node.body is not None
        assert node.none is not None
        assert inner.parent is not None
        x = self.compiler.settle(inner.frame, self.compiler.value(inner, node.body))
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
        rank = self.compiler.put(inner.frame, self.compiler.name("rank"), rank_e).meta.output_name()
        sure_e = entering.fill_null(value=False)
        sure = self.compiler.put(inner.frame, self.compiler.name("in"), sure_e).meta.output_name()
        doubtful = self.total(inner, owner_frame, (entering.is_null() | (pl.col(sure) & pl.col(rank).is_null())).cast(pl.Int64))
        size = self.total(inner, owner_frame, pl.col(sure).cast(pl.Int64))
        usable = self.compiler.put(owner_frame, self.compiler.name("usable"), pl.col(whole).fill_null(value=False) & (doubtful == 0))
        best = self.compiler.name("best")
        act = _extreme_entry(inner.frame, owner_frame, rank, sure, usable.meta.output_name(), best, least=node.call == "min")
        self._do(inner.frame, [rank, sure], owner_frame, usable.meta.output_name(), [best], act)
        empty = self.compiler.put(owner_frame, self.compiler.name("empty"), usable & (size == 0)).meta.output_name()
        return self._chosen(node, inner, owner_frame, [best, empty], x)

    def _chosen(self, node: ListCall, inner: Scope, owner_frame: str, outputs: list[str], x: Value) -> Value:
        """The chosen entry's value on the owner's rows; null where unknown."""
        best, empty = outputs
        assert inner.parent is not None
        assert node.none is not None
        none = self.compiler.settle(owner_frame, self.compiler.value(inner.parent, node.none))

        def of_best(e: pl.Expr) -> pl.Expr:
            column, output = self._sized(inner, e), self.compiler.name("pick")

            def act(frames: Frames, _scratch: dict[str, Any]) -> None:
                frames.live[owner_frame].bring(output, frames.live[inner.frame], column, best)

            self.compiler.plan.do([(owner_frame, output)], [(inner.frame, column), (owner_frame, best)], act, "pick")
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
        self.compiler.plan.do([(owner_frame, o) for o in outputs], inputs, act, outputs[0])


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


def _as_column(d: int | pl.Expr) -> pl.Expr:
    return pl.lit(d, dtype=pl.Int64) if isinstance(d, int) else d
