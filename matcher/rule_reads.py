"""What a rule reads beside facts: the file (recognitions, awards), verdicts, payments and what is left, as columns."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import polars as pl

from matcher import ledger, logic, payments
from matcher.language import ListCall, ListRef, Node, Read
from matcher.logic import Number, Ratio, Value, YesNo
from matcher.possible import combine
from matcher.scope import HOUSEHOLD, PERSON, Scope, base, list_frame, within_list
from matcher.versions import HOME

if TYPE_CHECKING:
    from matcher.rules import Rules


class Reads:
    """`recognised.x`, `receives.x`, `eligible.x`, `paid.x`, `granted.x`, `left.x` in one compilation."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._award_columns: dict[str, set[str]] = {}

    def read(self, scope: Scope, node: Read) -> Value:
        """`recognised.x` and its like on a household's or person's row."""
        make = {
            "recognised": self._recognised, "receives": self._receives, "eligible": self._eligible,
            "paid": self._paid_amount, "granted": self.granted, "left": self._left,
        }[node.read]  # fmt: skip
        return make(scope, node.target)

    def _recognised(self, scope: Scope, target: str) -> Value:
        unit, column = scope.unit, f"rec:{target}"
        if not self.rules.plan.has(unit, column):
            granting = [i for i, vs in self.rules.catalogue.policies.items() if target == i or any(v.recognition == target for v in vs)]
            names = {target} | {v.recognition for v in self.rules.catalogue.policies.get(target, ()) if v.recognition}
            parts = [self.on_file(unit, "recognitions", "recognition", names, self.departments(granting))]
            for policy in granting:
                if self.rules.unit(policy) == unit:
                    verdict = self.rules.verdict(policy).e
                    parts.append(YesNo(verdict & pl.col("confirmed") & ~self.rules.payments.off(policy)))
            if unit == PERSON:
                household = self._recognised(base(HOUSEHOLD, HOME), target)
                parts.append(self._from_home(household))
            self.rules.plan.select(unit, column, logic.either(parts).e)
        return YesNo(pl.col(column))

    def _from_home(self, value: Value) -> YesNo:
        moved = self.rules.compiler.move(PERSON, ("home",), HOUSEHOLD, value)
        assert isinstance(moved, YesNo)
        return YesNo(pl.when(self._has_home()).then(moved.e).otherwise(statement=False))

    def _has_home(self) -> pl.Expr:
        """Whether a person's household is on file."""
        return self.rules.compiler.bring(PERSON, ("home",), HOUSEHOLD, "as_of").is_not_null()

    def departments(self, policies: list[str]) -> list[str]:
        return sorted({self.rules.catalogue.policies[i][0].department for i in policies})

    def whole(self, unit: str, name: str, departments: list[str]) -> str:
        """A column: the list is whole for these departments."""
        if not departments:
            self.rules.plan.need(unit, f"whole:{name}")
            return f"whole:{name}"
        columns = [self.rules.plan.need(unit, f"whole:{name}/{d}") for d in departments]
        if len(columns) == 1:
            return f"whole:{name}/{departments[0]}"
        column = f"whole:{name}/{'+'.join(departments)}"
        self.rules.plan.select(unit, column, pl.all_horizontal(columns))
        return column

    def on_file(self, unit: str, name: str, key: str, values: set[str], departments: list[str]) -> YesNo:
        """Whether the list has an entry in force with one of these values."""
        inner = self._file_scope(unit, name)
        live = self.rules.plan.need(inner.frame, "live")
        self.rules.plan.need(inner.frame, f"f:{key}")
        passes = YesNo(pl.col(f"f:{key}").cast(pl.String).is_in(sorted(values)) & live)
        value = self.rules.compiler.lists.flags_over("any", inner, unit, self.whole(unit, name, departments), passes)
        assert isinstance(value, YesNo)
        return value

    def _file_scope(self, unit: str, name: str) -> Scope:
        inner = within_list(base(unit, HOME), name, unit, of_person=False)
        self.rules.plan.base[inner.frame].update(())
        return inner

    def _receives(self, scope: Scope, target: str) -> Value:
        unit, column = scope.unit, f"receives:{target}"
        if not self.rules.plan.has(unit, column):
            parts = []
            policy = self.rules.catalogue.policies.get(target)
            granting = [i for i, vs in self.rules.catalogue.policies.items() if any(v.recognition == target for v in vs)]
            if policy is not None:
                self.awards(unit, target)
                whole = pl.col(self.whole(unit, "awards", [policy[0].department])).fill_null(value=False)
                parts.append(logic.yes_if(pl.col(f"aw:{target}:sure") > 0, whole & (pl.col(f"aw:{target}:may") == 0)))
            if granting or policy is None:
                parts.append(self.on_file(unit, "recognitions", "recognition", {target}, self.departments(granting)))
            if unit == PERSON:
                parts.append(self._from_home(self._receives(base(HOUSEHOLD, HOME), target)))
            self.rules.plan.select(unit, column, logic.either(parts).e)
        return YesNo(pl.col(column))

    def _eligible(self, scope: Scope, target: str) -> Value:
        unit = self.rules.unit(target)
        verdict = self.rules.verdict(target)
        if unit == scope.unit:
            return YesNo(pl.when(pl.col("inside")).then(verdict.e).otherwise(logic.UNKNOWN))
        if unit == HOUSEHOLD:
            moved = self.rules.compiler.move(PERSON, ("home",), HOUSEHOLD, verdict)
            assert isinstance(moved, YesNo)
            return YesNo(pl.when(pl.col("inside")).then(moved.e).otherwise(logic.UNKNOWN))
        return self._any_member(scope, Read("yesno", (), PERSON, "eligible", target))

    def _any_member(self, scope: Scope, node: Node) -> Value:
        members = ListRef((), HOUSEHOLD, "members", of_person=True)
        return self.rules.compiler.value(scope, ListCall("yesno", "any", members, node))

    def _file_amount(self, unit: str, policy: str) -> Number:
        """The sum of what the file says a policy pays on this row."""
        self.awards(unit, policy)
        whole = self.whole(unit, "awards", [self.rules.catalogue.policies[policy][0].department])
        known = pl.col(whole).fill_null(value=False) & (pl.col(f"aw:{policy}:open") == 0)
        hi = self.rules.plan.select(unit, f"file:{policy}:hi", pl.when(known).then(pl.col(f"aw:{policy}:hi")))
        top = logic.TOP_OF_FACT * 100
        return Number(logic.column(pl.col(f"aw:{policy}:lo"), 1, top), logic.column(hi, 1, top), Fraction(0), None)

    def awards(self, unit: str, policy: str) -> None:
        """The columns `aw:<policy>:<part>` of what is on file."""
        self.need_awards(unit)
        wanted = self._award_columns.setdefault(unit, set())
        if not wanted:
            self.rules.plan.do([(unit, "aw")], [self.ledger()], payments.show_awards(unit, wanted), f"awards of {unit}")
        if policy not in wanted:
            wanted.add(policy)
            self.rules.plan.also([(unit, f"aw:{policy}:{part}") for part in ledger.AWARD_PARTS], (unit, "aw"))

    def need_awards(self, unit: str) -> None:
        frame = list_frame("awards", unit)
        for name in ("live", "f:policy", "f:amount"):
            self.rules.plan.need(frame, name)

    def ledger(self) -> tuple[str, str]:
        """The token of the open ledger."""
        if not self.rules.plan.has("#", "ledger"):
            self.rules.plan.need(HOUSEHOLD, "whole:members")
            self.rules.plan.do([("#", "ledger")], [], payments.begin(dict(self.rules.catalogue.needs)), "ledger")
        return ("#", "ledger")

    def _paid_amount(self, scope: Scope, target: str) -> Value:
        return self._across(scope, target, self._file_amount(self.rules.unit(target), target), "paid")

    def granted(self, scope: Scope, target: str) -> Value:
        self.rules.payments.turn(target)
        if target not in self.rules.turns or self.rules.turns[target].hours:
            return logic.known(0)
        unit = self.rules.unit(target)
        if not self.rules.plan.has(unit, f"pay:{target}:lo"):
            outputs = [(unit, f"pay:{target}:{end}") for end in ("lo", "hi")]
            self.rules.plan.do(outputs, [("#", f"paid:{target}")], payments.show_paid(target, unit), f"paid {target}")
        lo = Ratio(pl.col(f"pay:{target}:lo"), 1, logic.TOP_OF_FACT)
        hi = Ratio(pl.col(f"pay:{target}:hi"), 1, logic.TOP_OF_FACT)
        return self._across(scope, target, Number(lo, hi, Fraction(0), None), "granted")

    def _across(self, scope: Scope, policy: str, amount: Number, read: str) -> Value:
        """An amount on another unit's row: a household's as a person's share, persons' added up on the household."""
        unit = self.rules.unit(policy)
        if unit == scope.unit:
            return amount
        if unit == PERSON:
            members = ListRef((), HOUSEHOLD, "members", of_person=True)
            node = Read("money", (), PERSON, read, policy)  # type: ignore[arg-type]
            return self.rules.compiler.value(scope, ListCall("money", "sum", members, node))
        return self._share(policy, amount)

    def _share(self, policy: str, amount: Number) -> Value:
        """A person's equal share of a household's money; 0 for those who do not share."""
        shared = next((v.benefit.shared for v in self.rules.policies[policy] if v.benefit and v.benefit.shared), None)
        members = ListRef((), HOUSEHOLD, "members", of_person=True)
        body = shared.node if shared is not None else None
        place = self.rules.place(policy)
        count = self.rules.compiler.number(base(HOUSEHOLD, place), ListCall("number", "count", members, body))
        if shared is None:
            return self._at_home(logic.divide(amount, logic.largest([logic.known(1), count])))
        in_it = self.rules.compiler.settle(PERSON, self.rules.compiler.yesno(base(PERSON, place), shared.node))
        assert isinstance(in_it, YesNo)
        sure, may = (in_it.e.fill_null(value=v) for v in (False, True))
        if_in_it = logic.divide(self._at_home(amount), self._sharers(self._at_home(count), sure, may))
        settled = self.rules.compiler.settle(PERSON, if_in_it)
        return combine([(may, settled), (~sure, logic.known(0))])

    @staticmethod
    def _sharers(count: Number, sure: pl.Expr, may: pl.Expr) -> Number:
        """How many share if this person does: all who share, this person counted once."""
        lo, hi = (logic.plus(end, logic.column((~own).cast(pl.Int64), 1, 1)) for end, own in ((count.lo, sure), (count.hi, may)))
        return Number(lo, hi, Fraction(1), None)

    def _at_home(self, value: Number) -> Number:
        """A number of the household, on its persons' rows."""
        moved = self.rules.compiler.move(PERSON, ("home",), HOUSEHOLD, value)
        assert isinstance(moved, Number)
        return moved

    def _left(self, scope: Scope, need: str) -> Value:
        assert scope.stage is not None, need
        last = self.rules.payments.last_before(scope.stage, need)
        names = (f"left:{need}:lo@{last}", f"left:{need}:hi@{last}")
        if not self.rules.plan.has(scope.unit, names[0]):
            act = payments.show_left(need, last, scope.unit, names)
            self.rules.plan.do(
                [(scope.unit, n) for n in names], [self.rules.payments.settle_need(need, last), (scope.unit, "#rows")], act, names[0]
            )
        d = ledger.HUNDREDTHS if self.rules.catalogue.needs[need].type == "hours" else 1
        lo, hi = (pl.col(n) for n in names)
        if scope.unit == HOUSEHOLD and self.rules.catalogue.needs[need].unit == PERSON:  # members that nobody has on file have needs too
            hi = pl.when(self.rules.plan.need(HOUSEHOLD, "whole:members")).then(hi)
        return Number(logic.column(lo, d), logic.column(hi, d), Fraction(0), None)
