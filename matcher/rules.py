"""A whole catalogue compiled: verdicts, what they read of each other, amounts, needs and turns of payment, as one plan.

`compile_catalogue` does it once for the versions in force on a day; `Program.base` tells the facts stage what to provide.
Columns it leaves on the frames of each policy's unit: `c:<policy>:<version>:<n>` a clause, `v:<policy>` the verdict,
`ask:<policy>:lo/hi` what it would pay per period, `need:<need>:lo/hi`. The ledger in the run's scratch holds what is received
(`has`), what is paid and what is left. Money in fen, hours in hundredths. Null upper ends are open.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher import ledger, logic, payments
from matcher.catalogue import Clause, Group
from matcher.compile import Compiler
from matcher.language import ListCall, ListRef, Node, Read
from matcher.logic import Number, Ratio, Value, YesNo
from matcher.possible import combine
from matcher.reads import Job, payment_order, work_graph
from matcher.scope import HOUSEHOLD, PERSON, Scope, base, list_frame, within_list
from matcher.standards import in_force, version_at
from matcher.versions import HOME, Versions

if TYPE_CHECKING:
    import datetime as dt

    from matcher.catalogue import Benefit, Catalogue, Need, PolicyVersion, TermVersion
    from matcher.language import Expression
    from matcher.plan import Plan

ZERO = pl.lit(0, dtype=pl.Int64)
HUNDREDTHS = 100


@dataclass(slots=True)
class Program:
    """A compiled catalogue.

    policies: the versions in force somewhere on the day, by id; order: the turns of payment; turns: how each pays.
    clashes: policy -> those it cannot stand beside. tables: standards by place, as looked up before.
    """

    catalogue: Catalogue
    plan: Plan
    policies: dict[str, tuple[PolicyVersion, ...]]
    terms: Versions
    order: tuple[str, ...]
    turns: dict[str, ledger.Turn]
    clashes: dict[str, set[str]]
    compiler: Compiler
    places: dict[str, str] = field(default_factory=dict)
    tables: dict[object, pl.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Active:
    """The versions that matter on a day for some places: `settled` are items of which one version holds at all of them."""

    policies: dict[str, tuple[PolicyVersion, ...]]
    terms: dict[str, tuple[TermVersion, ...]]
    settled: frozenset[str]

    @property
    def key(self) -> object:
        """What tells one selection from another."""
        chosen = [(i, tuple(v.spot for v in vs)) for part in (self.policies, self.terms) for i, vs in part.items()]
        return tuple(chosen), self.settled


def versions_on(catalogue: Catalogue, day: dt.date, regions: frozenset[str] | None = None) -> Active:
    """What is in force on a day, anywhere or at some places."""
    policies = {i: tuple(v for v in vs if in_force(v, day)) for i, vs in catalogue.policies.items()}
    terms = {i: tuple(v for v in t.versions if in_force(v, day)) for i, t in catalogue.terms.items()}
    if regions is None:
        return Active(policies, terms, frozenset())
    settled: set[str] = set()
    return Active(_at(policies, regions, day, settled), _at(terms, regions, day, settled), frozenset(settled))


def _at(items: dict[str, tuple[Any, ...]], regions: frozenset[str], day: dt.date, settled: set[str]) -> dict[str, tuple[Any, ...]]:
    """The versions that hold at one of the regions."""
    kept = {}
    for name, versions in items.items():
        chosen = {version_at(versions, r, day) for r in regions}
        kept[name] = tuple(v for n, v in enumerate(versions) if n in chosen)
        if len(chosen) == 1:
            settled.add(name)
    return kept


def clashes_of(catalogue: Catalogue) -> dict[str, set[str]]:
    """Pairs that cannot stand together, both ways."""
    pairs: dict[str, set[str]] = {i: set() for i in catalogue.policies}
    for policy, versions in catalogue.policies.items():
        for other in {o for v in versions for o in (*v.precludes, *v.choose_one)}:
            pairs[policy].add(other)
            pairs[other].add(policy)
    return pairs


def compile_catalogue(
    catalogue: Catalogue, active: Active, *, wide: bool = False, payments_too: bool = True, set_terms: frozenset[str] = frozenset()
) -> Program:
    """Compile the rules of some versions into one plan; without payments, verdicts are all it makes."""
    return _Rules(catalogue, active, wide=wide, set_terms=set_terms).program(payments_too=payments_too)


class _Rules:
    """One compilation: supplies reads to the Compiler and puts verdicts, amounts and turns into its plan."""

    def __init__(self, catalogue: Catalogue, active: Active, *, wide: bool, set_terms: frozenset[str]) -> None:
        self.catalogue = catalogue
        self.policies, self.settled = active.policies, active.settled
        self.versions = Versions(catalogue, active.terms, active.settled)
        self.compiler = Compiler(catalogue, self.versions, wide=wide, set_terms=set_terms)
        self.compiler.read = self.read
        self.plan = self.compiler.plan
        self.order = payment_order(catalogue)
        self.clashes = clashes_of(catalogue)
        self.turns: dict[str, ledger.Turn] = {}
        self.places: dict[str, str] = {}
        self._busy: set[str] = set()
        self._graph: dict[Job, frozenset[Job]] = {}
        self._turned: set[str] = set()
        self._award_columns: dict[str, set[str]] = {}

    def program(self, *, payments_too: bool) -> Program:
        """The finished plan."""
        for unit in (HOUSEHOLD, PERSON):
            for name in ("inside", "confirmed", "as_of", "id"):
                self.plan.need(unit, name)
        for policy in self.order:
            self.verdict(policy)
            if payments_too:
                self.turn(policy)
        for need in self.catalogue.needs if payments_too else ():
            self._open_need(need)
        for column, condition in self.catalogue.difficulty.conditions():
            place = "registered" if "registered_in" in self.catalogue.facts else HOME
            self.plan.select(HOUSEHOLD, column, self.compiler.yesno(base(HOUSEHOLD, place), condition.node).e)
        return Program(
            self.catalogue, self.plan.plan(), self.policies, self.versions, self.order, self.turns, self.clashes, self.compiler, self.places
        )

    # --- verdicts -------------------------------------------------------------------------------------------------
    def unit(self, policy: str) -> str:
        """The unit of a policy."""
        return self.catalogue.policies[policy][0].unit

    def verdict(self, policy: str) -> YesNo:
        """The column `v:<policy>`: no where no version is in force."""
        unit, column = self.unit(policy), f"v:{policy}"
        if not self.plan.has(unit, column):
            if policy in self._busy:
                raise RecursionError(policy)
            self._busy.add(policy)
            versions = self.policies[policy]
            verdicts = [self._requires(v, number) for number, v in enumerate(versions)]
            e = self._by_version(policy, unit, verdicts).e if versions else pl.lit(value=False)
            self.plan.select(unit, column, e)
            self._busy.discard(policy)
        return YesNo(pl.col(column))

    def _place(self, policy: str) -> str:
        place = self.catalogue.policies[policy][0].place
        own = {"registered": "registered_in", "event": "event_in", "school": "school_in"}.get(place)
        name = place if own in self.catalogue.facts else HOME
        self.places[policy] = name
        return name

    def _scope(self, policy: str) -> Scope:
        return base(self.unit(policy), self._place(policy), policy)

    def _by_version(self, policy: str, unit: str, verdicts: list[YesNo]) -> YesNo:
        """The verdict of the version that holds at the place; no where none does."""
        index = self._version_index(policy, unit)
        if index is None:
            return verdicts[0]
        chain = pl.when(index.is_null()).then(statement=False)
        for number, verdict in enumerate(verdicts):
            chain = chain.when(index == number).then(verdict.e)  # type: ignore[assignment]
        return YesNo(chain.otherwise(logic.UNKNOWN))

    def _version_index(self, policy: str, unit: str) -> pl.Expr | None:
        """Which version holds, null for none; None where one version holds everywhere."""
        versions = self.policies[policy]
        if len(versions) == 1 and "" in versions[0].regions:
            return None
        column = f"pv:{policy}@{self._place(policy)}"
        self.plan.need(HOUSEHOLD, column)
        if policy in self.settled:
            return None
        return self.compiler.bring(unit, () if unit == HOUSEHOLD else ("ego",), HOUSEHOLD, column)

    def _requires(self, version: PolicyVersion, number: int) -> YesNo:
        """The clauses as columns, joined as `requires` says."""
        scope = self._scope(version.id)
        for index, clause in enumerate(version.clauses):
            e = self.compiler.yesno(scope, clause.when.node).e
            self.plan.select(version.unit, f"c:{version.id}:{number}:{index}", e)
        clauses = iter(range(len(version.clauses)))
        return self._group(version, number, version.requires, clauses)

    def _group(self, version: PolicyVersion, number: int, group: Group, clauses: object) -> YesNo:
        parts: list[YesNo] = []
        for part in group.of:
            if isinstance(part, Clause):
                parts.append(YesNo(pl.col(f"c:{version.id}:{number}:{next(clauses)}")))  # type: ignore[call-overload]
            else:
                parts.append(self._group(version, number, part, clauses))
        if group.op == "not":
            return YesNo(~parts[0].e)
        if not parts:
            return YesNo(pl.lit(value=group.op == "all"))
        return logic.both(parts) if group.op == "all" else logic.either(parts)

    # --- reads ----------------------------------------------------------------------------------------------------
    def read(self, scope: Scope, node: Read) -> Value:
        """`recognised.x` and its like on a household's or person's row."""
        make = {
            "recognised": self._recognised, "receives": self._receives, "eligible": self._eligible,
            "paid": self._paid_amount, "granted": self._granted, "left": self._left,
        }[node.read]  # fmt: skip
        return make(scope, node.target)

    def _recognised(self, scope: Scope, target: str) -> Value:
        unit, column = scope.unit, f"rec:{target}"
        if not self.plan.has(unit, column):
            granting = [i for i, vs in self.catalogue.policies.items() if target == i or any(v.recognition == target for v in vs)]
            names = {target} | {v.recognition for v in self.catalogue.policies.get(target, ()) if v.recognition}
            parts = [self._on_file(unit, "recognitions", "recognition", names, self._departments(granting))]
            for policy in granting:
                if self.unit(policy) == unit:
                    verdict = self.verdict(policy).e
                    parts.append(YesNo(verdict & pl.col("confirmed") & ~self.off(policy)))
            if unit == PERSON:
                household = self._recognised(base(HOUSEHOLD, HOME), target)
                parts.append(self._from_home(household))
            self.plan.select(unit, column, logic.either(parts).e)
        return YesNo(pl.col(column))

    def _from_home(self, value: Value) -> YesNo:
        moved = self.compiler.move(PERSON, ("home",), HOUSEHOLD, value)
        assert isinstance(moved, YesNo)
        return YesNo(pl.when(self._has_home()).then(moved.e).otherwise(statement=False))

    def _has_home(self) -> pl.Expr:
        """Whether a person's household is on file."""
        return self.compiler.bring(PERSON, ("home",), HOUSEHOLD, "as_of").is_not_null()

    def _departments(self, policies: list[str]) -> list[str]:
        return sorted({self.catalogue.policies[i][0].department for i in policies})

    def _whole(self, unit: str, name: str, departments: list[str]) -> str:
        """A column: the list is whole for these departments."""
        if not departments:
            self.plan.need(unit, f"whole:{name}")
            return f"whole:{name}"
        columns = [self.plan.need(unit, f"whole:{name}/{d}") for d in departments]
        if len(columns) == 1:
            return f"whole:{name}/{departments[0]}"
        column = f"whole:{name}/{'+'.join(departments)}"
        self.plan.select(unit, column, pl.all_horizontal(columns))
        return column

    def _on_file(self, unit: str, name: str, key: str, values: set[str], departments: list[str]) -> YesNo:
        """Whether the list has an entry in force with one of these values."""
        inner = self._file_scope(unit, name)
        live = self.plan.need(inner.frame, "live")
        self.plan.need(inner.frame, f"f:{key}")
        passes = YesNo(pl.col(f"f:{key}").cast(pl.String).is_in(sorted(values)) & live)
        value = self.compiler.lists.flags_over("any", inner, unit, self._whole(unit, name, departments), passes)
        assert isinstance(value, YesNo)
        return value

    def _file_scope(self, unit: str, name: str) -> Scope:
        inner = within_list(base(unit, HOME), name, unit, of_person=False)
        self.plan.base[inner.frame].update(())
        return inner

    def _receives(self, scope: Scope, target: str) -> Value:
        unit, column = scope.unit, f"receives:{target}"
        if not self.plan.has(unit, column):
            parts = []
            policy = self.catalogue.policies.get(target)
            granting = [i for i, vs in self.catalogue.policies.items() if any(v.recognition == target for v in vs)]
            if policy is not None:
                self._awards(unit, target)
                whole = pl.col(self._whole(unit, "awards", [policy[0].department])).fill_null(value=False)
                parts.append(logic.yes_if(pl.col(f"aw:{target}:sure") > 0, whole & (pl.col(f"aw:{target}:may") == 0)))
            if granting or policy is None:
                parts.append(self._on_file(unit, "recognitions", "recognition", {target}, self._departments(granting)))
            if unit == PERSON:
                parts.append(self._from_home(self._receives(base(HOUSEHOLD, HOME), target)))
            self.plan.select(unit, column, logic.either(parts).e)
        return YesNo(pl.col(column))

    def _eligible(self, scope: Scope, target: str) -> Value:
        unit = self.unit(target)
        verdict = self.verdict(target)
        if unit == scope.unit:
            return YesNo(pl.when(pl.col("inside")).then(verdict.e).otherwise(logic.UNKNOWN))
        if unit == HOUSEHOLD:
            moved = self.compiler.move(PERSON, ("home",), HOUSEHOLD, verdict)
            assert isinstance(moved, YesNo)
            return YesNo(pl.when(pl.col("inside")).then(moved.e).otherwise(logic.UNKNOWN))
        return self._any_member(scope, Read("yesno", (), PERSON, "eligible", target))

    def _any_member(self, scope: Scope, node: Node) -> Value:
        members = ListRef((), HOUSEHOLD, "members", of_person=True)
        return self.compiler.value(scope, ListCall("yesno", "any", members, node))

    def _file_amount(self, unit: str, policy: str) -> Number:
        """The sum of what the file says a policy pays on this row."""
        self._awards(unit, policy)
        whole = self._whole(unit, "awards", [self.catalogue.policies[policy][0].department])
        known = pl.col(whole).fill_null(value=False) & (pl.col(f"aw:{policy}:open") == 0)
        hi = self.plan.select(unit, f"file:{policy}:hi", pl.when(known).then(pl.col(f"aw:{policy}:hi")))
        top = logic.TOP_OF_FACT * 100
        return Number(logic.column(pl.col(f"aw:{policy}:lo"), 1, top), logic.column(hi, 1, top), Fraction(0), None)

    def _awards(self, unit: str, policy: str) -> None:
        """The columns `aw:<policy>:<part>` of what is on file."""
        self._need_awards(unit)
        wanted = self._award_columns.setdefault(unit, set())
        if not wanted:
            self.plan.do([(unit, "aw")], [self._ledger()], payments.show_awards(unit, wanted), f"awards of {unit}")
        if policy not in wanted:
            wanted.add(policy)
            self.plan.also([(unit, f"aw:{policy}:{part}") for part in ledger.AWARD_PARTS], (unit, "aw"))

    def _need_awards(self, unit: str) -> None:
        frame = list_frame("awards", unit)
        for name in ("live", "f:policy", "f:amount"):
            self.plan.need(frame, name)

    def _ledger(self) -> tuple[str, str]:
        """The token of the open ledger."""
        if not self.plan.has("#", "ledger"):
            self.plan.need(HOUSEHOLD, "whole:members")
            self.plan.do([("#", "ledger")], [], payments.begin(dict(self.catalogue.needs)), "ledger")
        return ("#", "ledger")

    def _paid_amount(self, scope: Scope, target: str) -> Value:
        return self._across(scope, target, self._file_amount(self.unit(target), target), "paid")

    def _granted(self, scope: Scope, target: str) -> Value:
        self.turn(target)
        if target not in self.turns or self.turns[target].hours:
            return logic.known(0)
        unit = self.unit(target)
        if not self.plan.has(unit, f"pay:{target}:lo"):
            outputs = [(unit, f"pay:{target}:{end}") for end in ("lo", "hi")]
            self.plan.do(outputs, [("#", f"paid:{target}")], payments.show_paid(target, unit), f"paid {target}")
        lo = Ratio(pl.col(f"pay:{target}:lo"), 1, logic.TOP_OF_FACT)
        hi = Ratio(pl.col(f"pay:{target}:hi"), 1, logic.TOP_OF_FACT)
        return self._across(scope, target, Number(lo, hi, Fraction(0), None), "granted")

    def _across(self, scope: Scope, policy: str, amount: Number, read: str) -> Value:
        """An amount on another unit's row: a household's as a person's share, persons' added up on the household."""
        unit = self.unit(policy)
        if unit == scope.unit:
            return amount
        if unit == PERSON:
            members = ListRef((), HOUSEHOLD, "members", of_person=True)
            node = Read("money", (), PERSON, read, policy)  # type: ignore[arg-type]
            return self.compiler.value(scope, ListCall("money", "sum", members, node))
        return self._share(policy, amount)

    def _share(self, policy: str, amount: Number) -> Value:
        """A person's equal share of a household's money; 0 for those who do not share."""
        shared = next((v.benefit.shared for v in self.policies[policy] if v.benefit and v.benefit.shared), None)
        members = ListRef((), HOUSEHOLD, "members", of_person=True)
        body = shared.node if shared is not None else None
        place = self._place(policy)
        count = self.compiler.number(base(HOUSEHOLD, place), ListCall("number", "count", members, body))
        if shared is None:
            return self._at_home(logic.divide(amount, logic.largest([logic.known(1), count])))
        in_it = self.compiler.settle(PERSON, self.compiler.yesno(base(PERSON, place), shared.node))
        assert isinstance(in_it, YesNo)
        sure, may = (in_it.e.fill_null(value=v) for v in (False, True))
        if_in_it = logic.divide(self._at_home(amount), self._sharers(self._at_home(count), sure, may))
        settled = self.compiler.settle(PERSON, if_in_it)
        return combine([(may, settled), (~sure, logic.known(0))])

    @staticmethod
    def _sharers(count: Number, sure: pl.Expr, may: pl.Expr) -> Number:
        """How many share if this person does: all who share, this person counted once."""
        lo, hi = (logic.plus(end, logic.column((~own).cast(pl.Int64), 1, 1)) for end, own in ((count.lo, sure), (count.hi, may)))
        return Number(lo, hi, Fraction(1), None)

    def _at_home(self, value: Number) -> Number:
        """A number of the household, on its persons' rows."""
        moved = self.compiler.move(PERSON, ("home",), HOUSEHOLD, value)
        assert isinstance(moved, Number)
        return moved

    def _left(self, scope: Scope, need: str) -> Value:
        assert scope.stage is not None, need
        last = self._last_before(scope.stage, need)
        names = (f"left:{need}:lo@{last}", f"left:{need}:hi@{last}")
        if not self.plan.has(scope.unit, names[0]):
            act = payments.show_left(need, last, scope.unit, names)
            self.plan.do([(scope.unit, n) for n in names], [self._settle_need(need, last), (scope.unit, "#rows")], act, names[0])
        d = HUNDREDTHS if self.catalogue.needs[need].type == "hours" else 1
        lo, hi = (pl.col(n) for n in names)
        if scope.unit == HOUSEHOLD and self.catalogue.needs[need].unit == PERSON:  # members that nobody has on file have needs too
            hi = pl.when(self.plan.need(HOUSEHOLD, "whole:members")).then(hi)
        return Number(logic.column(lo, d), logic.column(hi, d), Fraction(0), None)

    # --- needs and turns ------------------------------------------------------------------------------------------
    def _open_need(self, need: str) -> tuple[str, str]:
        """The need before anything is paid, in the ledger."""
        token = ("#", f"need:{need}")
        if not self.plan.has(*token):
            entry = self.catalogue.needs[need]
            self._need(entry)
            inputs = [self._ledger(), (entry.unit, f"need:{need}:lo"), (entry.unit, f"need:{need}:hi")]
            self.plan.do([token], inputs, payments.open_need(need), f"need {need}")
        return token

    def _last_before(self, policy: str, need: str) -> str | None:
        """The last item before this one's turn that covers the need."""
        earlier = self.order[: self.order.index(policy)]
        return next((p for p in reversed(earlier) if need in self._covers(p)), None)

    def _covers(self, policy: str) -> tuple[str, ...]:
        """The needs that an item pays for, those of its version in force before any other's."""
        versions = (*self.policies[policy], *self.catalogue.policies[policy])
        return next((v.benefit.covers for v in versions if v.benefit is not None), ())

    def _settle_need(self, need: str, last: str | None) -> tuple[str, str]:
        """What has to be done before the need stands as it is after `last`."""
        if last is None:
            return self._open_need(need)
        self.turn(last)
        return ("#", f"paid:{last}")

    def _need(self, need: Need) -> None:
        place = "registered" if "registered_in" in self.catalogue.facts else HOME
        scope = base(need.unit, place)
        amount = self._whole_units(self.compiler.number(scope, need.amount.node), hours=need.type == "hours")
        lo, hi = amount[0].fill_null(0).clip(0, ledger.OPEN), amount[1]
        if need.when is not None:
            holds = self.compiler.settle(need.unit, self.compiler.yesno(scope, need.when.node))
            assert isinstance(holds, YesNo)
            lo = pl.when(holds.e).then(lo).otherwise(ZERO)
            hi = pl.when(holds.e.fill_null(value=True)).then(hi).otherwise(ZERO)
        inside = pl.col("inside")
        self.plan.select(need.unit, f"need:{need.id}:lo", pl.when(inside).then(lo).otherwise(ZERO))
        top = pl.lit(ledger.OPEN, dtype=pl.Int64)
        self.plan.select(need.unit, f"need:{need.id}:hi", pl.when(inside).then(hi.fill_null(top).clip(0, ledger.OPEN)).otherwise(ZERO))

    @staticmethod
    def _whole_units(number: Number, *, hours: bool) -> tuple[pl.Expr, pl.Expr]:
        """Both ends as whole fen or hundredths of hours, half up."""
        if hours:
            number = logic.multiply(number, logic.known(HUNDREDTHS))
        return logic.to_fen(number.lo), logic.to_fen(number.hi)

    def turn(self, policy: str) -> None:
        """One item's verdict and payment, after those that cover the same needs before it."""
        if policy in self._turned:
            return
        self.verdict(policy)
        self._turned.add(policy)
        unit = self.unit(policy)
        benefits = [v.benefit for v in self.policies[policy]]
        elsewhere = [v.benefit for v in self.catalogue.policies[policy]]  # an award counts also where the item is not in force
        found = next((b for b in (*benefits, *elsewhere) if b is not None), None)
        self._need_awards(unit)
        department = self._departments([policy])[0]
        inputs = [self._ledger(), (unit, f"v:{policy}"), (unit, self._whole(unit, "awards", [department]))]
        names = {v.recognition for v in self.catalogue.policies[policy] if v.recognition}
        if names:
            own = self._on_file(unit, "recognitions", "recognition", {policy, *names}, [department])
            self.plan.select(unit, f"own:{policy}", own.e)
            inputs.append((unit, f"own:{policy}"))
        turn = ledger.Turn(policy, unit, department, own=bool(names), clashes=bool(self.clashes[policy]))
        if found is None:
            self.plan.do([("#", f"held:{policy}")], inputs, payments.hold(turn), f"hold {policy}")
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
        covers = tuple((n, self.catalogue.needs[n].unit) for n in found.covers)
        times = 1 if hours or found.per != "month" else min(12, found.months or 12)
        capped = found.pays != "entitlement" and bool(covers)
        turn = replace(turn, covers=covers, times=times, capped=capped, hours=hours, floor=floor, silent=silent(found))
        self.turns[policy] = turn
        for need in found.covers:
            inputs += [self._open_need(need), self._settle_need(need, self._last_before(policy, need))]
        self.plan.do([("#", f"paid:{policy}")], inputs, payments.pay(turn), f"turn {policy}")

    def _has(self, policy: str, unit: str) -> YesNo:
        """Whether the item is received: an award of it in force, or a recognition that it grants, on file for this row."""
        names = {policy} | {v.recognition for v in self.catalogue.policies[policy] if v.recognition}
        parts = [self._award_held(policy, unit)]
        if len(names) > 1 or any(v.recognition for v in self.catalogue.policies[policy]):
            parts.append(self._on_file(unit, "recognitions", "recognition", names, self._departments([policy])))
        return logic.either(parts)

    def _award_held(self, policy: str, unit: str) -> YesNo:
        """Whether an award of the policy is in force on this row."""
        self._awards(unit, policy)
        whole = pl.col(self._whole(unit, "awards", self._departments([policy]))).fill_null(value=False)
        return logic.yes_if(pl.col(f"aw:{policy}:sure") > 0, whole & (pl.col(f"aw:{policy}:may") == 0))

    def off(self, policy: str) -> pl.Expr:
        """Given up in this world for a better choice."""
        if not self.clashes[policy]:
            return pl.lit(value=False)
        return self.plan.need(self.unit(policy), f"drop:{policy}")

    def _doubt(self, policy: str, unit: str) -> None:
        """`doubt`: beside something undecided that it cannot stand with."""
        doubt = []
        self.off(policy)
        for other in sorted(self.clashes[policy]):
            verdict = logic.UNKNOWN if other in self._busy or self._waits(other, policy) else self.verdict(other).e
            has = self._has(other, self.unit(other)).e.fill_null(value=False)
            open_ = verdict.is_null() & ~has & ~self.off(other)
            doubt.append(self._beside(unit, self.unit(other), YesNo(open_)))
        self.plan.select(unit, f"doubt:{policy}", pl.any_horizontal(doubt))

    def _waits(self, other: str, policy: str) -> bool:
        """Whether the other's verdict rests, through whatever it reads, on what this item pays."""
        if not self._graph:
            self._graph = work_graph(self.catalogue)
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
            moved = self.compiler.move(PERSON, ("home",), HOUSEHOLD, flag)
            assert isinstance(moved, YesNo)
            return moved.e.fill_null(value=False) & pl.col("inside")
        inner = within_list(base(HOUSEHOLD, HOME), "members", HOUSEHOLD, of_person=True)
        self.plan.base[inner.frame].update(())
        moved = self.compiler.move(inner.frame, ("entry",), PERSON, YesNo(flag.e & pl.col("inside")))
        assert isinstance(moved, YesNo)
        self.plan.need(HOUSEHOLD, "whole:members")
        value = self.compiler.lists.flags_over("any", inner, HOUSEHOLD, "whole:members", moved)
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
        index = self._version_index(policy, unit)
        for name, columns in ((":lo", [r[0] for r in ranges]), (":hi", [r[1] for r in ranges])):
            self.plan.select(unit, f"ask:{policy}{name}", _by_index(index, columns))
        if any(b is not None and b.at_least is not None for b in benefits):
            for number, end in enumerate(("lo", "hi")):
                self.plan.select(unit, f"floor:{policy}:{end}", _by_index(index, [f[number] for f in floors]))
            return True
        return False

    def _amount(self, policy: str, benefit: Benefit) -> tuple[Number, Number | None]:
        """What a version pays per period, and its floor."""
        scope = self._scope(policy)

        def of(expression: Expression | None) -> Number | None:
            if expression is None:
                return None
            settled = self.compiler.settle(scope.unit, self.compiler.number(scope, expression.node))
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
        names = sorted({o for v in self.policies[policy] for o in v.tops_up})
        for other in names:
            theirs = next((v.benefit for v in self.policies[other] or self.catalogue.policies[other] if v.benefit), None)
            if theirs is None:
                continue
            given = self._granted(self._scope(policy), other)
            assert isinstance(given, Number)
            monthly = theirs.per == "month"  # what is paid once counts as for a year (docs/language-notes.md, 23)
            factor = Fraction(1) if monthly == (benefit.per == "month") else Fraction(12) if monthly else Fraction(1, 12)
            settled = self.compiler.settle(self.unit(policy), logic.multiply(given, logic.known(factor)))
            assert isinstance(settled, Number)
            amount = logic.subtract(amount, settled)
            settled = self.compiler.settle(self.unit(policy), amount)
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
