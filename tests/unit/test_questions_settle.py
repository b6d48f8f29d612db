"""What is asked could settle something, and when all is told nothing is open.

Small random rules with a few unknown facts are tried whole, every value beside every other; synthetic households are asked until
nothing is left to ask.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from matcher import binding
from matcher.answers import Answers
from matcher.asks import Ask
from matcher.catalogue import Clause, Group
from matcher.evidence import Evidence
from matcher.explain import explain
from matcher.frames import copies
from matcher.pipeline import Engine, Question, decide
from matcher.reads import benefit_expressions, facts_of, grantors, need_expressions, reads_of
from matcher.records import Consent, Told
from matcher.trace import three
from matcher.variants import Cell, fact_of
from seeds.synthetic import household
from seeds.synthetic_tables import tables_of_records
from tests.changed_rows import Change, variants
from tests.factories import answer_case, case_of, engine, shipped
from tests.unit.near_world import DAY, random_catalogue, random_record, tables_of
from tests.unit.small_catalogue import a_policy, load
from tests.unit.test_questions import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.catalogue import Catalogue, Fact
    from matcher.frames import Frames
    from matcher.language import Node
    from matcher.pipeline import Run
    from matcher.questions import Question as Asked
    from matcher.records import Record

SEEDS = Path(__file__).parents[2] / "seeds"
AS_OF = dt.date(2026, 8, 1)
UNKNOWN = 6
"""Facts that are not known: all their values are tried together."""
MOST_ROUNDS = 12
Item = tuple[str, str | None]


def forget(record: Record, rng: random.Random) -> None:
    """Leave out a few facts of people and bills."""
    places: list[tuple[dict[str, Any], str]] = []
    for person in record.persons.values():
        places += [(person.facts, name) for name in person.facts]
        places += [(entry.fields, name) for entry in person.entries["bills"] for name in entry.fields]
    for holder, name in rng.sample(places, min(UNKNOWN, len(places))):
        del holder[name]


def some_values(cell: Cell, rng: random.Random) -> list[Any]:
    """A few values of a fact, as columns hold them."""
    if cell.fact.type == "yesno":
        return [True, False]
    if cell.fact.type == "text":
        return [cell.fact.values[0], *rng.sample(cell.fact.values[1:], min(2, len(cell.fact.values) - 1))]
    if cell.fact.type == "date":
        return [DAY - dt.timedelta(days=n) for n in (10, 400, rng.randint(700, 1200), 1300, -2_000)]
    assert cell.fact.low is not None
    assert cell.fact.high is not None
    low, high = (int(end * (10_000 if cell.fact.type == "number" else 1)) for end in (cell.fact.low, cell.fact.high))
    return [low, high, rng.randint(low, high), rng.randint(low, high)]


def unknown_cells(run: Run, base: Frames) -> Iterator[tuple[Ask, Cell]]:
    """Every unknown fact of a person or a bill that the plan reads, with its question."""
    for frame in ("person", "bills@person"):
        names = {n.removesuffix(":lo").removesuffix(":hi") for n in run.program.plan.base.get(frame, set()) if n.startswith("f:")}
        for column in sorted(names):
            key, fact = fact_of(run.program.catalogue, frame, column)
            table = base.tables[frame]
            for row, value in enumerate(table.get_column(column).to_list() if table.height else []):
                if value is None:
                    who = str(table.item(row, "id"))
                    name = fact.name if frame == "person" else f"bills.{fact.name}"
                    yield Ask(name, "person", who), Cell(frame, row, column, fact, key, 0, who, None)


def verdict(group: Group, values: Sequence[bool | None]) -> bool | None:
    """What a group comes to; values of its clauses in reading order."""
    left = iter(values)

    def of(part: Group | Clause) -> bool | None:
        return next(left) if isinstance(part, Clause) else three(part.op, [of(each) for each in part.of])

    return of(group)


def named_in(node: Node, catalogue: Catalogue) -> set[str]:
    """Facts that a condition rests on, as questions name them: also behind recognitions, items and what is left of needs."""
    found, seen, left = set[str](), set[tuple[str, str]](), [node]
    while left:
        part = left.pop()
        found |= {name if unit in ("household", "person") else f"{unit}.{name}" for unit, name in facts_of(part, catalogue)}
        for read, target in reads_of(part, catalogue) - seen:
            seen.add((read, target))
            need = catalogue.needs.get(target)
            paying = {id_ for id_, (first, *_) in catalogue.policies.items() if first.benefit and target in first.benefit.covers}
            left += [each.node for each in (need_expressions(need) if need else ())]
            for policy in grantors(catalogue).get(target, paying):
                version = catalogue.policies[policy][0]
                left += [clause.when.node for clause in version.clauses]
                left += [each.node for each in (benefit_expressions(version.benefit) if read not in ("recognised", "eligible") else ())]
    return found


class Whole:
    """A household with few unknown facts, and all their values together as rows."""

    def __init__(self, folder: Path, seed: int) -> None:
        rng = random.Random(seed)
        catalogue, record = random_catalogue(folder, rng), random_record(rng, 0.0)
        forget(record, rng)
        engine, tables = Engine(catalogue), tables_of(record, catalogue, DAY)
        program = engine.program(DAY)
        base = engine.frames(tables, ["home"], Question("home", DAY), program)
        self.run: Run = decide(program, base)
        self.answers = Answers(self.run, Evidence(tables, catalogue, DAY))
        world = self.run.worlds[self.run.best]
        self.base = copies(base, 1)
        binding.in_world(self.base, 0, 1, confirmed=True, drops=world.drops)
        self.cells = list(unknown_cells(self.run, self.base))
        own = [[None, *some_values(cell, rng)] for _, cell in self.cells]
        self.states = [s for s in itertools.product(*own) if s.count(None) <= 1 or s.count(None) >= len(s) - 1]
        own_cells = [cell for _, cell in self.cells]
        told = [(n, c, v) for n, state in enumerate(self.states) for c, v in zip(own_cells, state, strict=True) if v is not None]
        changes = [Change(n, c, v, v) for n, c, v in told]
        frames = variants(self.base, changes, times=len(self.states))
        program.plan.run(frames)
        self.truths: dict[Item, list[bool | None]] = {}
        self.clauses: dict[Item, list[list[bool | None]]] = {}
        for policy in program.order:
            version = catalogue.policies[policy][0]
            size, ids = self.base.height(version.unit), self.base.tables[version.unit].get_column("id").to_list()
            names = [f"v:{policy}", *(f"c:{policy}:0:{n}" for n in range(len(version.clauses)))]
            verdict, *clauses = (frames.column(version.unit, name).to_list() for name in names)
            for who in self.answers.subjects(policy):
                at, item = ids.index(who), (policy, None if who == "home" else who)
                self.truths[item], self.clauses[item] = verdict[at::size], [column[at::size] for column in clauses]

    def in_clauses_that_settle(self, item: Item) -> set[str]:
        """The names of facts that stand in an undecided clause which, decided as some answers decide it, would decide the open verdict."""
        catalogue, columns = self.answers.catalogue, self.clauses[item]
        version = catalogue.policies[item[0]][0]
        now, *told = zip(*columns, strict=True)
        assert self.states[0] == tuple([None] * len(self.cells))
        found = set[str]()
        for n, clause in enumerate(version.clauses):
            ends = ((others[:n], decided[n], others[n + 1 :]) for decided in told for others in (now, decided) if decided[n] is not None)
            if now[n] is None and any(
                verdict(version.requires, [*before, None, *after]) is None
                and verdict(version.requires, [*before, value, *after]) is not None
                for before, value, after in ends
            ):
                found |= named_in(clause.when.node, catalogue)
        return found

    def settles(self, truths: list[bool | None]) -> set[Ask]:
        """The questions of which an answer decides a verdict that is open without it."""
        numbers = {state: n for n, state in enumerate(self.states)}
        found = set()
        for state, truth in zip(self.states, truths, strict=True):
            for place, (ask, _) in enumerate(self.cells):
                open_state = (*state[:place], None, *state[place + 1 :])
                if state[place] is not None and truth is not None and open_state in numbers and truths[numbers[open_state]] is None:
                    found.add(ask)
        return found

    def by_itself(self, truths: list[bool | None]) -> set[Ask]:
        """Those of which an answer does so though all others are open."""
        alone = [n for n, s in enumerate(self.states) if s.count(None) == len(s) - 1 and truths[n] is not None]
        return {self.cells[next(i for i, v in enumerate(self.states[n]) if v is not None)][0] for n in alone}


def check(folder: Path, seed: int) -> tuple[int, int, int]:
    """One random catalogue and household: how many verdicts were open, for how many of them something was asked in vain, for how many
    something that stands in no clause that could settle it.
    """
    whole = Whole(folder, seed)
    nothing = whole.states.index(tuple([None] * len(whole.cells)))
    count = vain = astray = 0
    for item, truths in whole.truths.items():
        for state, truth in zip(whole.states, truths, strict=True):
            assert None in state or truth is not None, f"seed {seed}: {item} is open though all is known: {state}"
        asked = {(q.name, q.who) for q in whole.answers.asked_for if item in q.settles}
        if truths[nothing] is not None:
            assert not asked
            continue
        could = {(a.name, a.subject) for a in whole.settles(truths)}
        must = {(a.name, a.subject) for a in whole.by_itself(truths)}
        assert asked, f"seed {seed}: {item} is open and nothing is asked"
        assert must <= asked, f"seed {seed}: {item} is not asked {must - asked}"
        count, vain = count + 1, vain + bool(asked - could)
        astray += not {name for name, _ in asked} <= whole.in_clauses_that_settle(item)
    return count, vain, astray


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_what_is_asked_could_settle_and_all_known_leaves_nothing_open(tmp_path: Path, first: int) -> None:
    counts, vain, astray = zip(*[check(tmp_path / str(seed), seed) for seed in range(first, first + 10)], strict=True)
    assert sum(counts) > 5
    assert not sum(astray)
    assert sum(vain) <= 2  # in a clause that could settle it, where two conditions on one unknown fact leave no room for another


@pytest.mark.soak
@pytest.mark.parametrize("first", range(100, 1100, 50))
def test_the_same_for_many_more_rules(tmp_path: Path, first: int) -> None:
    counts, vain, astray = zip(*[check(tmp_path / str(seed), seed) for seed in range(first, first + 50)], strict=True)
    assert sum(astray) <= 1  # the language leaves the least of a list unknown while one entry is, though it can only be too small
    assert sum(vain) <= 0.1 * sum(counts)


# --- what stays open whatever is answered -------------------------------------------------------------------------------------
NOBODY = "{id: nowhere, title: {zh: 甲, en: a}, type: money, values: [{region: '11', from: 2024-01-01, document: d, mark: text, is: 5}]}"
HOUSEHOLD = "household: {members: [{as: mother, wage_month: unknown, grade: unknown}]}"


@pytest.mark.parametrize(
    ("when", "asked"),
    [
        ("wage_month < standard.nowhere", set()),
        ("wage_month + yuan(1) < 2 * standard.nowhere", set()),
        ("wage_month < standard.nowhere * count(household.members)", set()),
        ("min(wage_month, standard.nowhere) < yuan(5)", {("wage_month", "mother")}),
        ("wage_month < grade * standard.nowhere", set()),
        ("wage_month < standard.nowhere and grade == 2", {("grade", "mother")}),
        ("wage_month < standard.nowhere or grade == 2", {("grade", "mother")}),
    ],
)
def test_beside_a_standard_that_nobody_set_only_what_could_settle_is_asked(
    tmp_path: Path, when: str, asked: set[tuple[str, str | None]]
) -> None:
    files = {"standards/more.yaml": f"- {NOBODY}\n", "policies/basic/dibao.yaml": a_policy("one", when, unit="person")}
    catalogue = load(tmp_path, files | {"policies/other/two.yaml": a_policy("two", "False")})
    told = f"{DEFAULTS}- name: one\n  as_of: 2026-08-01\n  {HOUSEHOLD}\n"
    answers = answer_case(catalogue, case_of(told, catalogue))
    assert answers.verdict("one", "mother") == "unknown"
    assert {(q.name, q.who) for q in answers.asked_for if q.settles} == asked


# --- asked to the end -----------------------------------------------------------------------------------------------------------
def answer(record: Record, question: Asked, catalogue: Catalogue, dice: random.Random) -> None:
    """Tell what is asked: some value, a list as whole, a consent."""
    subjects = {one.id: one for one in (*record.households, *record.persons.values())}
    subject = subjects[question.who or record.households[0].id]
    if question.kind == "consent":
        people = [subject] if subject.id in record.persons else [record.persons[link.person] for link in subject.links["members"]]
        for person in people:
            person.consents.append(Consent(("all",)))
        return
    name, _, field = question.name.partition(".")
    if question.kind == "list":
        subject.complete.add(name)
    elif field:
        rows = catalogue.facts[name].rows
        assert rows is not None
        assert not isinstance(rows, str)
        for entry in subject.entries[name]:
            if entry.fields.get(field) is None:
                entry.fields[field] = a_value(rows[field], dice)
    elif name in catalogue.facts:
        subject.facts[name] = [Told(a_value(catalogue.facts[name], dice))]
    else:
        for owner in subjects.values():
            for listed, links in owner.links.items():
                for link in (one for one in links if one.person == subject.id and name in catalogue.facts[listed].edge):
                    if link.edge.get(name) is None:
                        link.edge[name] = a_value(catalogue.facts[listed].edge[name], dice)


def a_value(fact: Fact, dice: random.Random) -> Any:
    """Some value that a fact can have."""
    if fact.type == "yesno":
        return dice.random() < 0.5
    if fact.type == "text":
        return dice.choice(fact.values) if fact.values else "x"
    if fact.type == "date":
        return AS_OF - dt.timedelta(days=dice.choice([20, 300, 2_000, 9_000, 25_000]))
    if fact.type == "region":
        return "371602"
    low, high = (fact.low or 0), (fact.high if fact.high is not None else 1_000_000)
    return int(low) + dice.choice([0, int(high - low) // 2, int(high - low)])


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 60, 10))
def test_answering_all_that_is_asked_leaves_nothing_to_ask(first: int) -> None:
    asked = sum(ask_to_the_end(number) for number in range(first, first + 10))
    assert asked > 5


def ask_to_the_end(number: int) -> int:
    """Answer all questions of a household round by round; how many there were. What is open then, no answer can settle."""
    catalogue, dice = shipped(), random.Random(number)
    record = household(catalogue, number, seed=51, as_of=AS_OF, region="", unknown_share=0.08)
    id_, count, seen = record.households[0].id, 0, set[tuple[str, str | None]]()
    for _ in range(MOST_ROUNDS):
        answers = answers_to(record)
        if not answers.asked_for:
            break
        now = {(q.name, q.who) for q in answers.asked_for}
        assert not now & seen, f"{id_}: asked again: {now & seen}"
        seen |= now
        count += len(now)
        for question in answers.asked_for:
            answer(record, question, catalogue, dice)
    assert not answers.asked_for
    for policy in answers.program.order:
        for who in [None if one == id_ else one for one in answers.subjects(policy)]:
            if answers.verdict(policy, who) == "unknown":
                codes = {reason.code for reason in explain(answers, policy, who).reasons}
                assert codes & {"no_standard", "case_by_case", "not_in_force", "item_undecided"}, (policy, who, codes)
    return count


def answers_to(record: Record) -> Answers:
    """The answers to a record, from its tables on."""
    id_, tables = record.households[0].id, tables_of_records([record], shipped(), AS_OF)
    program = engine().program(AS_OF)
    base = engine().frames(tables, [id_], Question(id_, AS_OF), program)
    return Answers(decide(program, base), Evidence(tables, shipped(), AS_OF))
