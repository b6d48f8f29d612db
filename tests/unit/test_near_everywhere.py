"""Near misses of synthetic households under the shipped catalogue: none wrong, none missing, and each turns the verdict when it comes true.

Thousands of households against every breakpoint of their facts as engine rows; a hundred against the plain oracle; hundreds told anew
with the fact changed and run the whole way.
"""

from __future__ import annotations

import copy
import datetime as dt
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest

from matcher import binding
from matcher.answers import Answers
from matcher.choices import World
from matcher.frames import copies
from matcher.near import Search
from matcher.pipeline import Question, Run, decide, run_worlds
from matcher.records import Told
from seeds.synthetic import household
from seeds.synthetic_tables import tables_of_records
from tests.factories import engine, shipped
from tests.near_by_trying import Trying, answers, by_trying, places, some_of
from tests.oracle import Oracle
from tests.oracle_file import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from matcher.catalogue import Fact
    from matcher.near import Found, NearMiss
    from matcher.records import Record, Subject
    from matcher.variants import Cell

SEEDS = Path(__file__).parents[2] / "seeds"
DAY = dt.date(2026, 8, 1)
HOUSEHOLDS, BATCH = 2_000, 40
WIDE = 200
"""Households of which every fact is tried by `make soak`."""


@cache
def search() -> Search:
    """Its search, for every place."""
    return Search(engine().program(DAY, wide=True))


def told(number: int, seed: int) -> Record:
    """A household, every other one with some facts left out."""
    return household(shipped(), number, seed=seed, as_of=DAY, region="", unknown_share=0.03 if number % 2 else 0.0)


# --- every breakpoint as engine rows ----------------------------------------------------------------------------------------
def compare(numbers: Sequence[int], *, every_fact: bool = False) -> int:
    """Some households at once, in the world in which all is confirmed; how many near misses there were."""
    records = [told(n, 21) for n in numbers]
    ids = [r.households[0].id for r in records]
    program = engine().program(DAY)
    base = engine().frames(tables_of_records(records, shipped(), DAY), ids, Question(ids[0], DAY), program)
    worlds = [World(confirmed=True)]
    run = Run(program, *run_worlds(program, base, worlds), worlds, 0)
    confirmed = copies(base, 1)
    binding.in_world(confirmed, 0, 1, confirmed=True, drops={})
    trying = Trying(engine().program(DAY), confirmed)
    every = places(program, confirmed)
    chosen = every if every_fact else some_of(every)
    wanted = {(p.question, p.frame, p.row, p.column) for p in chosen}
    found = search().misses(base, run, only=lambda c: (c.question, c.frame, c.row, c.column) in wanted)
    assert found.open == 0
    expected, got = by_trying(trying, chosen, DAY), answers(found.misses)
    assert got - expected == set(), "wrong"
    assert expected - got == set(), "missing"
    return len(got)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, HOUSEHOLDS, BATCH))
def test_near_misses_are_those_that_every_breakpoint_of_some_facts_gives(first: int) -> None:
    assert compare(range(first, first + BATCH)) > 10


@pytest.mark.soak
@pytest.mark.parametrize("first", range(0, WIDE, BATCH // 2))
def test_near_misses_are_those_that_every_breakpoint_of_every_fact_gives(first: int) -> None:
    assert compare(range(first, first + BATCH // 2), every_fact=True) > BATCH


# --- the plain oracle -------------------------------------------------------------------------------------------------------
class Known:
    """A fact in a record that the oracle knows: where it is told, and how to tell another value."""

    def __init__(self, frame: str, subject: str, name: str, fact: Fact, value: Any, put: Callable[[Any], None]) -> None:
        self.frame, self.subject, self.name, self.fact, self.value, self.put = frame, subject, name, fact, value, put

    @property
    def spot(self) -> tuple[str, str, str]:
        """As a near miss names it."""
        return self.frame, self.subject, self.name

    @property
    def number(self) -> bool:
        """Whether it is moved by smallest steps."""
        return self.fact.type in ("int", "money", "number")

    @property
    def step(self) -> Any:
        """The smallest step."""
        return dt.timedelta(days=1) if self.fact.type == "date" else Fraction(1, 10_000) if self.fact.type == "number" else 1


def known_facts(record: Record, oracle: Oracle) -> Iterator[Known]:
    """Every fact that can be otherwise."""
    file = oracle.rules.file
    for unit, subjects in (("household", record.households), ("person", list(record.persons.values()))):
        for subject in subjects:
            for name in subject.facts:
                fact = shipped().facts[name]
                value = file.newest(subject.facts[name], fact)
                if value is not None and fact.type != "region" and (fact.type != "text" or fact.values):
                    yield Known(unit, subject.id, name, fact, value, fact_of(subject, name))
            for name, entries in subject.entries.items():
                fields = shipped().facts[name].rows
                assert fields is not None
                assert not isinstance(fields, str)
                if name not in ("awards", "recognitions"):
                    for entry in entries:
                        for field, value in entry.fields.items():
                            if value is not None:
                                where = f"{name}@{unit}", f"{subject.id}/{name}/{entry.key}", field
                                yield Known(*where, fields[field], value, item(entry.fields, field))
            for name, links in subject.links.items():
                for link in links:
                    for field, value in link.edge.items():
                        if value is not None:
                            where = f"{name}@{unit}", f"{subject.id}/{name}/{link.person}", field
                            yield Known(*where, shipped().facts[name].edge[field], value, item(link.edge, field))


def fact_of(subject: Subject, name: str) -> Callable[[Any], None]:
    """Tells a fact of a person or household anew, today."""

    def put(value: Any) -> None:
        subject.facts[name] = [Told(value)]

    return put


def item(fields: dict[str, Any], name: str) -> Callable[[Any], None]:
    """Puts a field of an entry or an edge."""

    def put(value: Any) -> None:
        fields[name] = value

    return put


def values(one: Known, found: set[Any]) -> list[Any]:
    """Values to begin with; `found` are those that the engine says."""
    if one.fact.type == "yesno":
        return [not one.value]
    if one.fact.type == "text":
        return [v for v in one.fact.values if v != one.value]
    near = {v + s for v in (*found, one.value) for s in (-one.step, one.step)} | found | {one.value}
    if one.fact.type == "date":
        near |= {DAY + dt.timedelta(days=n) for n in (-400, -366, -200, -100, -31, -8, -1, 0, 1, 40)}
        return sorted(near | {dt.date(DAY.year - n, 7, 15) for n in (2, 4, 7, 12, 15, 17, 19, 25, 40, 52, 57, 62, 67, 75, 85, 95)})
    low = -(10**10) if one.fact.low is None else Fraction(one.fact.low)
    high = 10**10 if one.fact.high is None else Fraction(one.fact.high)
    near |= {0, 1, 50, *(10**n for n in range(2, 11))}
    return sorted(v for v in near if low <= v <= high)


def halfway(a: Any, b: Any, step: Any) -> Any:
    """A value between two, none between neighbours."""
    steps = (b - a) // step
    return a + steps // 2 * step if steps > 1 else None


def by_oracle(one: Known, items: Sequence[tuple[str, Row]], oracle: Oracle, begin: set[Any]) -> set[tuple[str, str, Any]]:
    """(policy, who, value): the nearest each way that makes a verdict yes."""

    def verdicts(value: Any) -> list[bool | None]:
        one.put(value)
        now = oracle.world(confirmed=True, left_out=oracle.best.left_out)
        return [now.verdict(policy, row) for policy, row in items]

    seen = {v: verdicts(v) for v in values(one, begin)}
    for a, b in pairwise(sorted(seen)) if one.number or one.fact.type == "date" else ():
        while seen[a] != seen[b] and (middle := halfway(a, b, one.step)) is not None:
            seen[middle] = verdicts(middle)
            a, b = (middle, b) if seen[a] == seen[middle] else (a, middle)
    one.put(one.value)
    best: dict[tuple[str, str, Any], Any] = {}
    for value, truths in seen.items():
        for (policy, row), truth in zip(items, truths, strict=True):
            if truth and value != one.value:
                way = value > one.value if one.number or one.fact.type == "date" else value
                key = policy, row.subject or "", way
                if key not in best or abs(value - one.value) < abs(best[key] - one.value):
                    best[key] = value
    return {(policy, who, value) for (policy, who, _), value in best.items()}


def turn(text: str) -> int:
    """A number that is always the same for a text."""
    return crc32(text.encode())


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 100, 10))
def test_the_oracle_finds_the_same_near_misses(first: int) -> None:
    assert sum(check_by_oracle(number) for number in range(first, first + 10)) > 10


def check_by_oracle(number: int) -> int:
    """Two facts of which the engine says something, and another; a few policies each. How many near misses there were."""
    record = told(number, 22)
    found, _ = near(record, only=lambda c: turn(f"{c.frame}/{c.subject}/{c.column[2:]}") % 6 == 0)
    oracle = Oracle(shipped(), record, DAY)
    no = [
        (p, row) for p, v in oracle.rules.policies.items() for row in oracle.best.subjects(v.unit) if oracle.best.verdict(p, row) is False
    ]
    said: dict[tuple[str, str, str], set[tuple[str, str, Any]]] = {}
    for miss in found.misses:
        said.setdefault((miss.frame, miss.subject, miss.fact), set()).add((miss.policy, miss.who, miss.to_value))
    every = [one for one in known_facts(record, oracle) if turn("/".join(one.spot)) % 6 == 0]
    every.sort(key=lambda one: turn("/".join(one.spot)))
    assert said.keys() <= {one.spot for one in every}
    hits = [one for one in every if one.spot in said]
    count = 0
    for one in [*[h for h in hits if h.number or h.fact.type == "date"][:1], *hits[:1], *[o for o in every if o.spot not in said][:1]]:
        told_of = said.get(one.spot, set())
        named = sorted({(p, who) for p, who, _ in told_of}, key=lambda x: turn(f"{x}"))[:2]
        items = [(p, row) for p, row in no if (p, row.subject) in named]
        items += sorted(
            ((p, row) for p, row in no if (p, row.subject) not in named), key=lambda x: turn(f"{x[0]} {x[1].subject} {one.spot}")
        )[:3]
        asked = {(p, row.subject or "") for p, row in items}
        wanted = {(p, who, v) for p, who, v in told_of if (p, who) in asked}
        got = by_oracle(one, items, oracle, {v for _, _, v in wanted})
        assert wanted <= got, (record.households[0].id, one.spot, one.value)
        for policy, who, value in got - wanted:
            assert not chosen_anew(one, value, record, policy, who), (record.households[0].id, one.spot, value, policy)
        count += len(wanted)
    return count


def chosen_anew(one: Known, value: Any, record: Record, policy: str, who: str) -> bool:
    """Whether the verdict is yes with the better choice of the oracle when the fact is otherwise."""
    one.put(value)
    oracle = Oracle(shipped(), record, DAY)
    row = Row(oracle.rules.unit(policy), who)
    found = oracle.best.verdict(policy, row) is True
    one.put(one.value)
    return found


def near(record: Record, only: Callable[[Cell], bool] | None = None) -> tuple[Found, Run]:
    """The near misses of one household with its best choice."""
    id_ = record.households[0].id
    program = engine().program(DAY)
    base = engine().frames(tables_of_records([record], shipped(), DAY), [id_], Question(id_, DAY), program)
    run = decide(program, base)
    return search().misses(base, run, only=only), run


# --- told anew --------------------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 200, 20))
def test_a_near_miss_that_comes_true_turns_the_verdict(first: int) -> None:
    assert sum(check_told_anew(number) for number in range(first, first + 20)) > 20


def check_told_anew(number: int) -> int:
    """Up to two near misses of a household, each told in a household of its own, run the whole way; how many there were."""
    record = told(number, 23)
    found, run = near(record, only=lambda c: turn(f"{c.subject} {c.column}") % 8 == 0)
    before = Answers(run)
    chosen = sorted(found.misses, key=lambda m: turn(f"{m.policy} {m.who} {m.subject} {m.fact}"))[:2]
    for miss in chosen:
        who = None if miss.who == before.household else miss.who
        assert before.verdict(miss.policy, who) == "not eligible"
        after = answered(changed(record, miss))
        assert after.verdict(miss.policy, who) == "eligible", miss
    return len(chosen)


def changed(record: Record, miss: NearMiss) -> Record:
    """The record with a near miss come true."""
    other = copy.deepcopy(record)
    facts = {one.spot: one for one in known_facts(other, Oracle(shipped(), other, DAY))}
    facts[miss.frame, miss.subject, miss.fact].put(miss.to_value)
    return other


def answered(record: Record) -> Answers:
    """The answers to a record, from its tables on."""
    id_ = record.households[0].id
    program = engine().program(DAY)
    base = engine().frames(tables_of_records([record], shipped(), DAY), [id_], Question(id_, DAY), program)
    return Answers(decide(program, base))
