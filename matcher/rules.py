"""A whole catalogue compiled: verdicts, what they read of each other, amounts, needs and turns of payment, as one plan.

`compile_catalogue` does it once for the versions in force on a day; `Program.base` tells the facts stage what to provide.
Columns it leaves on the frames of each policy's unit: `c:<policy>:<version>:<n>` a clause, `v:<policy>` the verdict,
`ask:<policy>:lo/hi` what it would pay per period, `need:<need>:lo/hi`. The ledger in the run's scratch holds what is received
(`has`), what is paid and what is left. Money in fen, hours in hundredths. Null upper ends are open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from matcher import ledger, logic
from matcher.catalogue import Clause, Group
from matcher.compile import Compiler
from matcher.logic import YesNo
from matcher.program import Active, Program, clashes_of
from matcher.reads import payment_order
from matcher.rule_reads import Reads
from matcher.scope import HOUSEHOLD, PERSON, Scope, base
from matcher.turns import Turns
from matcher.versions import HOME, Versions

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue, PolicyVersion


def compile_catalogue(
    catalogue: Catalogue, active: Active, *, wide: bool = False, payments_too: bool = True, set_terms: frozenset[str] = frozenset()
) -> Program:
    """Compile the rules of some versions into one plan; without payments, verdicts are all it makes."""
    return Rules(catalogue, active, wide=wide, set_terms=set_terms).program(payments_too=payments_too)


class Rules:
    """One compilation: supplies reads to the Compiler and puts verdicts, amounts and turns into its plan."""

    def __init__(self, catalogue: Catalogue, active: Active, *, wide: bool, set_terms: frozenset[str]) -> None:
        self.catalogue = catalogue
        self.policies, self.settled = active.policies, active.settled
        self.versions = Versions(catalogue, active.terms, active.settled)
        self.compiler = Compiler(catalogue, self.versions, wide=wide, set_terms=set_terms)
        self.plan = self.compiler.plan
        self.order = payment_order(catalogue)
        self.clashes = clashes_of(catalogue)
        self.turns: dict[str, ledger.Turn] = {}
        self.places: dict[str, str] = {}
        self.busy: set[str] = set()
        self.reads = Reads(self)
        self.payments = Turns(self)
        self.compiler.read = self.reads.read

    def program(self, *, payments_too: bool) -> Program:
        """The finished plan."""
        for unit in (HOUSEHOLD, PERSON):
            for name in ("inside", "confirmed", "as_of", "id"):
                self.plan.need(unit, name)
        for policy in self.order:
            self.verdict(policy)
            if payments_too:
                self.payments.turn(policy)
        for need in self.catalogue.needs if payments_too else ():
            self.payments.open_need(need)
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
            if policy in self.busy:
                raise RecursionError(policy)
            self.busy.add(policy)
            versions = self.policies[policy]
            verdicts = [self._requires(v, number) for number, v in enumerate(versions)]
            e = self._by_version(policy, unit, verdicts).e if versions else pl.lit(value=False)
            self.plan.select(unit, column, e)
            self.busy.discard(policy)
        return YesNo(pl.col(column))

    def place(self, policy: str) -> str:
        place = self.catalogue.policies[policy][0].place
        own = {"registered": "registered_in", "event": "event_in", "school": "school_in"}.get(place)
        name = place if own in self.catalogue.facts else HOME
        self.places[policy] = name
        return name

    def scope(self, policy: str) -> Scope:
        return base(self.unit(policy), self.place(policy), policy)

    def _by_version(self, policy: str, unit: str, verdicts: list[YesNo]) -> YesNo:
        """The verdict of the version that holds at the place; no where none does."""
        index = self.version_index(policy, unit)
        if index is None:
            return verdicts[0]
        chain = pl.when(index.is_null()).then(statement=False)
        for number, verdict in enumerate(verdicts):
            chain = chain.when(index == number).then(verdict.e)  # type: ignore[assignment]
        return YesNo(chain.otherwise(logic.UNKNOWN))

    def version_index(self, policy: str, unit: str) -> pl.Expr | None:
        """Which version holds, null for none; None where one version holds everywhere."""
        versions = self.policies[policy]
        if len(versions) == 1 and "" in versions[0].regions:
            return None
        column = f"pv:{policy}@{self.place(policy)}"
        self.plan.need(HOUSEHOLD, column)
        if policy in self.settled:
            return None
        return self.compiler.bring(unit, () if unit == HOUSEHOLD else ("ego",), HOUSEHOLD, column)

    def _requires(self, version: PolicyVersion, number: int) -> YesNo:
        """The clauses as columns, joined as `requires` says."""
        scope = self.scope(version.id)
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
