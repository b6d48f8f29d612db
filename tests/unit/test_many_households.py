"""What holds of ten thousand random households of the shipped catalogue: a thousand at a time, each thousand in one run of frames.

They are drawn by seed, so every run has the same. Where the choice or the oracle has to look at one household after the other,
some of each thousand are looked at.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from matcher.answers import Answers
from matcher.bundle import bundle_of
from matcher.cases import load_cases
from matcher.pipeline import Question, decide
from matcher.scope import HOUSEHOLD, PERSON
from seeds.synthetic import EVERYWHERE, households
from seeds.synthetic_tables import tables_of_records
from tests.bundle_rules import best_of_all_subsets, broken_rules
from tests.factories import engine
from tests.oracle import Oracle
from tests.oracle_values import ZERO
from tests.tellings import Told, blanked, contradictions, renamed, run_of, table_of, told
from tests.unit.test_agreement import fen, hundredths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.catalogue import Catalogue
    from matcher.frames import Frames
    from matcher.judge import Case
    from matcher.ledger import Ledger
    from matcher.program import Program
    from matcher.records import Record
    from matcher.stored import Tables
    from tests.oracle_file import Row
    from tests.oracle_values import Interval
    from tests.oracle_world import World

SEEDS = Path(__file__).parents[2] / "seeds"
DAY = dt.date(2026, 8, 1)
PARTS, SIZE = range(10), 1000
ALONE, CHOSEN, JUDGED = 5, 4, 8
"""Of each thousand: run alone as well; chosen for where items clash; compared with the oracle."""


class Part:
    """A thousand households (or fewer), told as they are, in one run."""

    def __init__(self, number: int, size: int = SIZE) -> None:
        self.catalogue: Catalogue = engine().catalogue
        self.program: Program = engine().program(DAY)
        drawn = households(self.catalogue, count=size, seed=7, as_of=DAY, region=EVERYWHERE, first=number * size)
        self.records: dict[str, Record] = {one.households[0].id: one for one in drawn}
        self.tables: Tables = tables_of_records(self.records.values(), self.catalogue, DAY)
        self.outcome = self.frames, self.ledger = self.run(list(self.records))
        self.said = Told(self.catalogue, self.frames, self.ledger)
        self.rng = random.Random(number)

    def run(self, ids: list[str]) -> tuple[Frames, Ledger]:
        """Some of the households in one run."""
        return run_of(engine(), self.tables, ids, DAY, self.program)

    def some(self, count: int) -> list[str]:
        """The ids of some households."""
        return self.rng.sample(sorted(self.records), count)

    def clashing(self) -> list[str]:
        """The households in which two items clash if what is found is confirmed."""
        homes = {link.person: household for household, one in self.records.items() for link in one.households[0].links["members"]}
        stands: dict[str, set[str]] = {policy: set() for policy in self.catalogue.policies}
        for (block, policy, who), verdict, received, _, _ in self.said.items():
            if block == 1 and (verdict or received):
                stands[policy].add(homes.get(who, who))
        pairs = [(policy, other) for policy, others in self.program.clashes.items() for other in others]
        return sorted({household for policy, other in pairs for household in stands[policy] & stands[other]})


@pytest.mark.slow
@pytest.mark.parametrize("number", PARTS)
def test_ten_thousand_households_are_told_nothing_that_must_not_be(number: int) -> None:
    part = Part(number)
    assert list(taken_back(part)) == []
    assert list(beyond_what_there_is(part)) == []
    assert bytes_of(part.run(list(part.records))) == bytes_of(part.outcome)
    assert list(otherwise_alone(part)) == []
    assert list(badly_chosen(part)) == []
    assert list(unlike_the_oracle(part)) == []


def taken_back(part: Part) -> Iterator[str]:
    """What a telling of less said otherwise than the full one."""
    less = [blanked(part.rng, record, often=part.rng.choice((0.02, 0.1, 0.3))) for record in part.records.values()]
    (short,) = told(engine(), {"": less}, DAY, part.program)
    yield from contradictions(short, part.said)


def beyond_what_there_is(part: Part) -> Iterator[str]:
    """Needs that grow by a payment or fall below nothing; items that pay more than they ask for."""
    for step in part.ledger.steps:
        before, after = step.before, step.after
        sound = (after.lo >= 0) & (after.lo <= before.lo) & (after.hi <= before.hi) & (after.lo <= after.hi)
        if not sound.all():
            yield f"{step.policy} leaves {step.need} unsound"
    for policy, turn in part.program.turns.items():
        table, paid = table_of(part.frames, turn.unit), part.ledger.paid[policy]
        asked = table.get_column(f"ask:{policy}:hi").fill_null(2**62).to_numpy()
        more = (paid.hi > asked) & (part.ledger.has[policy] == 0) & table.get_column("inside").to_numpy()
        if more.any():
            yield f"{policy} pays more than it asks for"


def bytes_of(run: tuple[Frames, Ledger]) -> list[bytes]:
    """All that a run left behind."""
    frames, ledger = run
    found = [table_of(frames, unit).write_ipc(None).getvalue() for unit in (HOUSEHOLD, PERSON)]
    return found + [end.tobytes() for part in (ledger.paid, ledger.given, ledger.left) for one in part.values() for end in (one.lo, one.hi)]


def fingerprint(count: int) -> str:
    """The first households' run in short."""
    return hashlib.sha256(b"".join(bytes_of(Part(0, count).outcome))).hexdigest()


def otherwise_alone(part: Part) -> Iterator[str]:
    """What a household is told alone but not among a thousand."""
    every: dict[Any, Any] = {one[0]: one[1:] for one in (*part.said.items(), *part.said.needs())}
    for household in part.some(ALONE):
        alone = Told(part.catalogue, *part.run([household]))
        yield from (
            f"{one[0]}: alone {one[1:]}, else {every[one[0]]}" for one in (*alone.items(), *alone.needs()) if one[1:] != every[one[0]]
        )


def badly_chosen(part: Part) -> Iterator[str]:
    """Bundles that break a rule or are not the best of all subsets, of households in which items clash."""
    clashing = part.clashing()
    assert len(clashing) >= CHOSEN
    for household in part.rng.sample(clashing, CHOSEN):
        run = decide(part.program, engine().frames(part.tables, [household], Question(household, DAY), part.program))
        answers, oracle = Answers(run), Oracle(part.catalogue, part.records[household], DAY)
        yield from broken_rules(answers, bundle_of(answers, part.tables, as_of=DAY), oracle)
        best = best_of_all_subsets(oracle)
        if best is not None and answers.chosen() != best:
            yield f"{household}: {sorted(answers.chosen() ^ best, key=str)}"


def unlike_the_oracle(part: Part) -> Iterator[str]:
    """Verdicts, what is received, amounts and needs on which the engine and the oracle differ."""
    items: dict[Any, Any] = {one[0]: one[1:] for one in part.said.items()}
    needs: dict[Any, Any] = {one[0]: one[1:] for one in part.said.needs()}
    for household in part.some(JUDGED):
        oracle = Oracle(part.catalogue, part.records[household], DAY)
        for block, world in enumerate(oracle.world(confirmed=confirmed) for confirmed in (False, True)):
            for policy in world.rules.order:
                for row in world.subjects(world.rules.unit(policy)):
                    verdict, received, _, paid = items[(block, policy, row.subject)]
                    got = verdict, bool(received), None if paid is None else fen(*paid)
                    wanted = world.verdict(policy, row), world.received(policy, row), shown(world, policy, row)
                    if got != wanted:
                        yield f"{row.subject} {policy}: engine {got}, oracle {wanted}"
            for need in part.catalogue.needs.values():
                scale = hundredths if need.type == "hours" else lambda x: x
                for row in world.subjects(need.unit):
                    sides = [fen(*one) for one in needs[(block, need.id, row.subject)]]
                    told_so = [scale(one) for one in (world.need(need, row), world.left(need.id, row, len(world.rules.order)))]
                    if sides != told_so:
                        yield f"{row.subject} {need.id}: engine {sides}, oracle {told_so}"


def shown(world: World, policy: str, row: Row) -> Interval | None:
    """The amount that the oracle shows of an item: fen, or hundredths of hours."""
    benefit = world.rules.policies[policy].benefit
    if benefit is None:
        return None
    payment = world.payments(policy).get(row.subject or "")
    if benefit.hours is not None:
        return hundredths((payment.hours if payment else None) or ZERO)
    return (payment.money if payment else None) or ZERO


def test_nobody_is_born_after_the_day() -> None:
    drawn = households(engine().catalogue, count=300, seed=7, as_of=DAY, first=3200)
    born = [told.value for one in drawn for person in one.persons.values() for told in person.facts.get("born", [])]
    assert all(isinstance(day, dt.date) and day <= DAY for day in born)


def test_another_process_gives_the_same_bytes() -> None:
    """Python orders sets otherwise in each process."""
    script = "from tests.unit.test_many_households import fingerprint; print(fingerprint(60))"
    printed = set()
    for order in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": order, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1


@pytest.mark.slow
def test_cases_told_with_gaps_say_nothing_that_the_whole_case_takes_back() -> None:
    rng = random.Random(0)
    cases: dict[dt.date, list[Record]] = defaultdict(list)
    for number, case in enumerate(plain_cases()):
        cases[case.as_of].append(renamed(case.record, f"{number}-"))
    for day, records in cases.items():
        program, tellings = engine().program(day), {"less-": [blanked(rng, one, often=0.15) for one in records], "more-": records}
        assert list(contradictions(*told(engine(), tellings, day, program))) == []
    assert sum(map(len, cases.values())) >= 100


def plain_cases() -> Iterator[Case]:
    """The shipped cases without standards or terms of their own."""
    for path in sorted((SEEDS / "cases").rglob("*.yaml")):
        for case in load_cases(path, engine().catalogue):
            own = any(one.terms for one in (*case.record.households, *case.record.persons.values()))
            if not (case.standards or case.terms or own):
                yield case
