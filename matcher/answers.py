"""A finished run as answers about one household: verdicts, amounts, what is left, what was chosen, what opens what.

Reads the columns that the plan left; computes nothing anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from matcher.ledger import OPEN
from matcher.paths import Paths, opened_by
from matcher.questions import questions
from matcher.scope import HOUSEHOLD, PERSON
from matcher.trace import Tracer

if TYPE_CHECKING:
    from matcher.evidence import Evidence
    from matcher.judge import Target
    from matcher.pipeline import Run
    from matcher.questions import Question

WORDS = {True: "eligible", False: "not eligible", None: "unknown"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount from lo to hi (None: no upper end), in fen or hundredths of hours."""

    lo: int
    hi: int | None

    @property
    def exact(self) -> bool:
        """One figure."""
        return self.lo == self.hi


class Answers:
    """What one run says. `who` is a person's id, None for the household; `world` a block number, the best by default.

    `evidence`: the statements behind the run; with it, questions tell a missing consent from a missing fact.
    """

    def __init__(self, run: Run, evidence: Evidence | None = None) -> None:
        self.run = run
        self.evidence = evidence
        self.program = run.program
        self.catalogue = run.program.catalogue
        self.household = str(run.frames.column(HOUSEHOLD, "id")[0])

    @cached_property
    def _row_numbers(self) -> dict[tuple[str, str], int]:
        """(unit, id) -> row within a block, the question's own people and household only."""
        found = {}
        for unit in (HOUSEHOLD, PERSON):
            size = self.run.frames.height(unit) // len(self.run.worlds)
            table = self.run.frames.part(unit, ("id", "inside")).head(size)
            for number, (id_, inside) in enumerate(table.iter_rows()):
                if inside:
                    found[(unit, str(id_))] = number
        return found

    @property
    def members(self) -> list[str]:
        """Ids of the household's members, in order."""
        return [i for unit, i in self._row_numbers if unit == PERSON]

    def unit(self, policy: str) -> str:
        """The unit of a policy."""
        return self.catalogue.policies[policy][0].unit

    def subjects(self, policy: str) -> list[str]:
        """Who gets a verdict: the household, or each member."""
        return [self.household] if self.unit(policy) == HOUSEHOLD else self.members

    def row(self, unit: str, who: str | None, world: int) -> int:
        """The row of a subject in the whole frame."""
        size = self.run.frames.height(unit) // len(self.run.worlds)
        return world * size + self._row_numbers[(unit, who or self.household)]

    def cell(self, unit: str, who: str | None, column: str, world: int | None = None) -> Any:
        """One value of a column."""
        at = self.row(unit, who, self.run.best if world is None else world)
        return self.run.frames.one(unit, column, at)

    @cached_property
    def tracer(self) -> Tracer:
        """Reads the better choice back, part by part."""
        return Tracer(self.run)

    @cached_property
    def paths(self) -> Paths:
        """What opens what in this run."""
        return Paths(self)

    @cached_property
    def asked_for(self) -> list[Question]:
        """What to check next, what could settle most first."""
        return questions(self, self.evidence)

    def questions(self) -> list[Target]:
        """The same by name and person: facts, lists, `consent`."""
        return [(question.name, question.who) for question in self.asked_for]

    def opened_by(self, policy: str, who: str | None) -> list[str]:
        """The policies to be confirmed first, for an item that is eligible only then."""
        return sorted({opener.policy for opener in opened_by(self, policy, who)})

    # --- verdicts -------------------------------------------------------------------------------------------------
    def decided(self, policy: str, who: str | None, world: int | None = None) -> bool | None:
        """The verdict as yes, no or unknown."""
        value: bool | None = self.cell(self.unit(policy), who, f"v:{policy}", world)
        return value

    def verdict(self, policy: str, who: str | None) -> str:
        """eligible, not eligible or unknown, if confirmed and with the better choice."""
        return WORDS[self.decided(policy, who)]

    def received(self, policy: str, who: str | None) -> bool | None:
        """Whether it is on file already."""
        held = int(self.run.scratch["ledger"].has[policy][self.row(self.unit(policy), who, self.run.best)])
        return None if held < 0 else held == 1

    def version(self, policy: str, who: str | None) -> int | None:
        """Which of the versions in force on the day holds at the place; None if none does."""
        versions = self.program.policies[policy]
        if not versions:
            return None
        if len(versions) == 1 and "" in versions[0].regions:
            return 0
        number: int | None = self.cell(HOUSEHOLD, None, f"pv:{policy}@{self.program.places[policy]}")
        del who
        return number

    def clauses(self, policy: str, who: str | None, world: int | None = None) -> list[bool | None]:
        """Each clause of the version that holds, in reading order."""
        number = self.version(policy, who)
        if number is None:
            return []
        count = len(self.program.policies[policy][number].clauses)
        return [self.cell(self.unit(policy), who, f"c:{policy}:{number}:{i}", world) for i in range(count)]

    # --- amounts --------------------------------------------------------------------------------------------------
    def asked(self, policy: str, who: str | None) -> Money | None:
        """What it would pay per period if eligible, before what is left caps it."""
        if policy not in self.program.turns:
            return None
        lo, hi = (self.cell(self.unit(policy), who, f"ask:{policy}:{end}") for end in ("lo", "hi"))
        return Money(max(0, lo or 0), None if hi is None or hi >= OPEN else hi)

    def paid(self, policy: str, who: str | None, world: int | None = None) -> Money | None:
        """What it pays per period, received or recommended; of one given up what it would pay at its turn."""
        if policy not in self.program.turns:
            return None
        paid = self.run.scratch["ledger"].paid[policy]
        at = self.row(self.unit(policy), who, self.run.best if world is None else world)
        return Money(int(paid.lo[at]), None if paid.hi[at] >= OPEN else int(paid.hi[at]))

    def chosen_one(self, policy: str, who: str | None) -> bool:
        """Whether the item stands in the bundle: eligible or received, and not given up for a better choice."""
        return bool(self.received(policy, who) or self.decided(policy, who)) and not self.given_up(policy, who)

    def given_up(self, policy: str, who: str | None) -> bool:
        """Eligible or received, but clashes with a better choice."""
        return (who or self.household) in self.run.worlds[self.run.best].drops.get(policy, set())

    def amount(self, policy: str, who: str | None) -> tuple[int, int | None] | None:
        """What the item pays per its period; of one given up what it would pay. None if it pays no money."""
        if self.decided(policy, who) is False and not self.received(policy, who):
            return None
        money = self.paid(policy, who)
        if money is None or self.is_hours(policy) or (self.program.turns[policy].silent and not self.received(policy, who)):
            return None
        return money.lo, money.hi

    def is_hours(self, policy: str) -> bool:
        """Whether it gives hours, not money."""
        return any(v.benefit is not None and v.benefit.hours is not None for v in self.catalogue.policies[policy])

    def chosen(self) -> set[tuple[str, str | None]]:
        """The items of the bundle."""
        return {
            (p, None if self.unit(p) == HOUSEHOLD else who)
            for p in self.program.order
            for who in self.subjects(p)
            if self.chosen_one(p, who)
        }

    # --- needs ----------------------------------------------------------------------------------------------------
    def need(self, need: str, who: str | None) -> Money:
        """A need before anything is paid."""
        lo, hi = (self.cell(self.catalogue.needs[need].unit, who, f"need:{need}:{end}") for end in ("lo", "hi"))
        return Money(lo, None if hi >= OPEN else hi)

    def left_money(self, need: str, who: str | None) -> Money:
        """What is left of it in the end; of a person's need without a person the household's sum."""
        ledger, unit = self.run.scratch["ledger"], PERSON if who is not None and who != self.household else HOUSEHOLD
        seen = ledger.seen(need, unit, self.run.frames)
        at = self.row(unit, who, self.run.best)
        lo, hi = int(seen.lo[at]), int(seen.hi[at])
        return Money(lo, None if hi >= OPEN else hi)

    def left(self, need: str, who: str | None) -> tuple[Any, Any]:
        """The same as a pair, hours in hours."""
        money = self.left_money(need, who)
        if self.catalogue.needs[need].type == "hours":
            from fractions import Fraction

            return Fraction(money.lo, 100), None if money.hi is None else Fraction(money.hi, 100)
        return money.lo, money.hi
