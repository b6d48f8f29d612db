"""Needs as they stand before anything is paid, what each item asks for, and its turn in the legal order, put into the plan."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from matcher import ledger, logic, payments
from matcher.logic import Number, YesNo
from matcher.reads import Job, work_graph
from matcher.scope import HOUSEHOLD, PERSON, base, within_list
from matcher.versions import HOME

if TYPE_CHECKING:
    from matcher.catalogue import Benefit, Need
    from matcher.language import Expression
    from matcher.rules import Rules


ZERO = pl.lit(0, dtype=pl.Int64)


class Turns:
    """The needs and turns of payment of one compilation."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._graph: dict[Job, frozenset[Job]] = {}
        self._turned: set[str] = set()

    def open_need(self, need: str) -> tuple[str, str]:
        """The need before anything is paid, in the ledger."""
        token = ("#", f"need:{need}")
        if not self.rules.plan.has(*token):
            entry = self.rules.catalogue.needs[need]
            self._need(entry)
            inputs = [self.rules.reads.ledger(), (entry.unit, f"need:{need}:lo"), (entry.unit, f"need:{need}:hi")]
            self.rules.plan.do([token], inputs, payments.open_need(need), f"need {need}")
        return token

    def last_before(self, policy: str, need: str) -> str | None:
        """The last item before this one's turn that covers the need."""
        earlier = self.rules.order[: self.rules.order.index(policy)]
        return next((p for p in reversed(earlier) if need in self._covers(p)), None)

    def _covers(self, policy: str) -> tuple[str, ...]:
        """The needs that an item pays for, those of its version in force before any other's."""
        versions = (*self.rules.policies[policy], *self.rules.catalogue.policies[policy])
        return next((v.benefit.covers for v in versions if v.benefit is not None), ())

    def settle_need(self, need: str, last: str | None) -> tuple[str, str]:
        """What has to be done before the need stands as it is after `last`."""
        if last is None:
            return self.open_need(need)
        self.turn(last)
        return ("#", f"paid:{last}")

    def _need(self, need: Need) -> None:
        place = "registered" if "registered_in" in self.rules.catalogue.facts else HOME
        scope = base(need.unit, place)
        amount = self._whole_units(self.rules.compiler.number(scope, need.amount.node), hours=need.type == "hours")
        lo, hi = amount[0].fill_null(0).clip(0, ledger.OPEN), amount[1]
        if need.when is not None:
            holds = self.rules.compiler.settle(need.unit, self.rules.compiler.yesno(scope, need.when.node))
            assert isinstance(holds, YesNo)
            lo = pl.when(holds.e).then(lo).otherwise(ZERO)
            hi = pl.when(holds.e.fill_null(value=True)).then(hi).otherwise(ZERO)
        inside = pl.col("inside")
        self.rules.plan.select(need.unit, f"need:{need.id}:lo", pl.when(inside).then(lo).otherwise(ZERO))
        top = pl.lit(ledger.OPEN, dtype=pl.Int64)
        self.rules.plan.select(
            need.unit, f"need:{need.id}:hi", pl.when(inside).then(hi.fill_null(top).clip(0, ledger.OPEN)).otherwise(ZERO)
        )

    @staticmethod
    def _whole_units(number: Number, *, hours: bool) -> tuple[pl.Expr, pl.Expr]:
        """Both ends as whole fen or hundredths of hours, half up."""
        if hours:
            number = logic.multiply(number, logic.known(ledger.HUNDREDTHS))
        return logic.to_fen(number.lo), logic.to_fen(number.hi)

    def turn(self, policy: str) -> None:
        """One item's verdict and payment, after those that cover the same needs before it."""
        if policy in self._turned:
            return
        self.rules.verdict(policy)
        self._turned.add(policy)
        unit = self.rules.unit(policy)
        benefits = [v.benefit for v in self.rules.policies[policy]]
        elsewhere = [v.benefit for v in self.rules.catalogue.policies[policy]]  # an award counts also where the item is not in force
        found = next((b for b in (*benefits, *elsewhere) if b is not None), None)
        self.rules.reads.need_awards(unit)
        department = self.rules.reads.departments([policy])[0]
        inputs = [self.rules.reads.ledger(), (unit, f"v:{policy}"), (unit, self.rules.reads.whole(unit, "awards", [department]))]
        names = {v.recognition for v in self.rules.catalogue.policies[policy] if v.recognition}
        if names:
            own = self.rules.reads.on_file(unit, "recognitions", "recognition", {policy, *names}, [department])
            self.rules.plan.select(unit, f"own:{policy}", own.e)
            inputs.append((unit, f"own:{policy}"))
        turn = ledger.Turn(policy, unit, department, own=bool(names), clashes=bool(self.rules.clashes[policy]))
        if found is None:
            self.rules.plan.do([("#", f"held:{policy}")], inputs, payments.hold(turn), f"hold {policy}")
            return
        floor = self._amounts(policy, unit, benefits)
        inputs += [
            (unit, f"ask:{policy}:lo"),
            (unit, f"ask:{policy}:hi"),
            *([(unit, f"floor:{policy}:{e}") for e in ("lo", "hi")] if floor else []),
        ]
        if turn.clashes:
            self._doubt(policy, unit)
            inputs.append((unit, f"doubt:{policy}"))
        hours = found.hours is not None
        covers = tuple((n, self.rules.catalogue.needs[n].unit) for n in found.covers)
        times = 1 if hours or found.per != "month" else min(12, found.months or 12)
        capped = found.pays != "entitlement" and bool(covers)
        behind = tuple(self.last_before(policy, n) for n in found.covers)
        turn = replace(turn, covers=covers, behind=behind, times=times, capped=capped, hours=hours, floor=floor, silent=silent(found))
        self.rules.turns[policy] = turn
        inputs += [token for n, last in zip(found.covers, behind, strict=True) for token in (self.open_need(n), self.settle_need(n, last))]
        self.rules.plan.do([("#", f"paid:{policy}")], inputs, payments.pay(turn), f"turn {policy}")

    def _has(self, policy: str, unit: str) -> YesNo:
        """Whether the item is received: an award of it in force, or a recognition that it grants, on file for this row."""
        names = {policy} | {v.recognition for v in self.rules.catalogue.policies[policy] if v.recognition}
        parts = [self._award_held(policy, unit)]
        if len(names) > 1 or any(v.recognition for v in self.rules.catalogue.policies[policy]):
            parts.append(self.rules.reads.on_file(unit, "recognitions", "recognition", names, self.rules.reads.departments([policy])))
        return logic.either(parts)

    def _award_held(self, policy: str, unit: str) -> YesNo:
        """Whether an award of the policy is in force on this row."""
        self.rules.reads.awards(unit, policy)
        whole = pl.col(self.rules.reads.whole(unit, "awards", self.rules.reads.departments([policy]))).fill_null(value=False)
        return logic.yes_if(pl.col(f"aw:{policy}:sure") > 0, whole & (pl.col(f"aw:{policy}:may") == 0))

    def off(self, policy: str) -> pl.Expr:
        """Given up in this world for a better choice; or a recognition that an officer refused, which opens nothing."""
        unit, off = self.rules.unit(policy), pl.lit(value=False)
        if self.rules.clashes[policy]:
            off = self.rules.plan.need(unit, f"drop:{policy}")
        if any(version.recognition for version in self.rules.catalogue.policies[policy]):
            off = off | self.rules.plan.need(unit, f"refused:{policy}")
        return off

    def _doubt(self, policy: str, unit: str) -> None:
        """`doubt`: beside something undecided that it cannot stand with."""
        doubt = []
        self.off(policy)
        for other in sorted(self.rules.clashes[policy]):
            verdict = logic.UNKNOWN if other in self.rules.busy or self._waits(other, policy) else self.rules.verdict(other).e
            has = self._has(other, self.rules.unit(other)).e.fill_null(value=False)
            open_ = verdict.is_null() & ~has & ~self.off(other)
            doubt.append(self._beside(unit, self.rules.unit(other), YesNo(open_)))
        self.rules.plan.select(unit, f"doubt:{policy}", pl.any_horizontal(doubt))

    def _waits(self, other: str, policy: str) -> bool:
        """Whether the other's verdict rests, through whatever it reads, on what this item pays."""
        if not self._graph:
            self._graph = work_graph(self.rules.catalogue)
        waiting: list[Job] = [("verdict", other)]
        seen: set[Job] = set()
        while waiting:
            job = waiting.pop()
            if job == ("pays", policy):
                return True
            if job not in seen:
                seen.add(job)
                waiting.extend(self._graph.get(job, ()))
        return False

    def _beside(self, unit: str, other: str, flag: YesNo) -> pl.Expr:
        """A flag of the other's rows on this policy's rows: the same row, the household, or any member."""
        if unit == other:
            return flag.e
        if unit == PERSON:
            moved = self.rules.compiler.move(PERSON, ("home",), HOUSEHOLD, flag)
            assert isinstance(moved, YesNo)
            return moved.e.fill_null(value=False) & pl.col("inside")
        inner = within_list(base(HOUSEHOLD, HOME), "members", HOUSEHOLD, of_person=True)
        self.rules.plan.base[inner.frame].update(())
        moved = self.rules.compiler.move(inner.frame, ("entry",), PERSON, YesNo(flag.e & pl.col("inside")))
        assert isinstance(moved, YesNo)
        self.rules.plan.need(HOUSEHOLD, "whole:members")
        value = self.rules.compiler.lists.flags_over("any", inner, HOUSEHOLD, "whole:members", moved)
        assert isinstance(value, YesNo)
        return value.e.fill_null(value=False)

    def _amounts(self, policy: str, unit: str, benefits: list[Benefit | None]) -> bool:
        """`ask:<policy>:lo/hi` per period, and `floor:<policy>` where the text states one. Returns whether it does."""
        ranges, floors = [], []
        for benefit in benefits:
            if benefit is None:
                ranges.append((ZERO, ZERO))
                floors.append((ZERO, ZERO))
                continue
            amount, floor = self._amount(policy, benefit)
            ranges.append(self._whole_units(amount, hours=benefit.hours is not None))
            floors.append((ZERO, ZERO) if floor is None else self._whole_units(floor, hours=False))
        index = self.rules.version_index(policy, unit)
        for name, columns in ((":lo", [r[0] for r in ranges]), (":hi", [r[1] for r in ranges])):
            self.rules.plan.select(unit, f"ask:{policy}{name}", _by_index(index, columns))
        if any(b is not None and b.at_least is not None for b in benefits):
            for number, end in enumerate(("lo", "hi")):
                self.rules.plan.select(unit, f"floor:{policy}:{end}", _by_index(index, [f[number] for f in floors]))
            return True
        return False

    def _amount(self, policy: str, benefit: Benefit) -> tuple[Number, Number | None]:
        """What a version pays per period, and its floor."""
        scope = self.rules.scope(policy)

        def of(expression: Expression | None) -> Number | None:
            if expression is None:
                return None
            settled = self.rules.compiler.settle(scope.unit, self.rules.compiler.number(scope, expression.node))
            assert isinstance(settled, Number)
            return settled

        if benefit.hours is not None:
            hours = of(benefit.hours)
            assert hours is not None
            return logic.largest([logic.known(0), hours]), None
        amount, floor, most, cap = of(benefit.amount), of(benefit.at_least), of(benefit.at_most), of(benefit.cap)
        if amount is None and silent(benefit):
            return logic.known(0), None
        if amount is None:
            lo = floor.lo if floor is not None else logic.constant(0)
            amount = Number(lo, logic.nothing())
            if most is not None:  # a floor is not lowered, not even by a ceiling below it
                above = logic.largest([Number(lo, lo), Number(most.hi, most.hi)])
                amount = Number(lo, logic.pick([(lo.n.is_null(), most.hi)], above.hi))
        else:
            amount = logic.largest([amount, floor]) if floor is not None else amount
            amount = logic.smallest([amount, most]) if most is not None else amount
        if cap is not None:
            amount = logic.smallest([amount, cap])
        amount = self._less_topped(policy, amount, benefit)
        return logic.largest([logic.known(0), amount]), floor

    def _less_topped(self, policy: str, amount: Number, benefit: Benefit) -> Number:
        """Less the share that the items give which this one tops up."""
        names = sorted({o for v in self.rules.policies[policy] for o in v.tops_up})
        for other in names:
            theirs = next((v.benefit for v in self.rules.policies[other] or self.rules.catalogue.policies[other] if v.benefit), None)
            if theirs is None:
                continue
            given = self.rules.reads.granted(self.rules.scope(policy), other)
            assert isinstance(given, Number)
            monthly = theirs.per == "month"  # what is paid once counts as for a year (docs/language-notes.md, 23)
            factor = Fraction(1) if monthly == (benefit.per == "month") else Fraction(12) if monthly else Fraction(1, 12)
            settled = self.rules.compiler.settle(self.rules.unit(policy), logic.multiply(given, logic.known(factor)))
            assert isinstance(settled, Number)
            amount = logic.subtract(amount, settled)
            settled = self.rules.compiler.settle(self.rules.unit(policy), amount)
            assert isinstance(settled, Number)
            amount = settled
        return amount


def silent(benefit: Benefit) -> bool:
    """Whether the text names no money: then none is counted, unless it is cash that is fixed case by case."""
    if any(e is not None for e in (benefit.amount, benefit.at_least, benefit.at_most, benefit.hours)):
        return False
    return benefit.certainty != "case_by_case" or benefit.kind in ("in_kind", "service")


def _by_index(index: pl.Expr | None, columns: list[pl.Expr]) -> pl.Expr:
    """The column of the version that holds; 0 where none does."""
    if not columns:
        return ZERO
    if index is None:
        return columns[0]
    chain = pl.when(index.is_null()).then(ZERO)
    for number, column in enumerate(columns):
        chain = chain.when(index == number).then(column)  # type: ignore[assignment]
    return chain.otherwise(None)
