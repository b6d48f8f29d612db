"""What holds of every bundle: knowing more never contradicts what was said before, and choices are sound.

On random catalogues with random records (Hypothesis draws the seeds), and on the shipped catalogue with the records of its cases.
"""

from __future__ import annotations

import copy
import itertools
import random
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.answers import Answers
from matcher.cases import load_cases
from matcher.choices import World
from matcher.loader import load_catalogue
from matcher.payments import OPEN
from matcher.pipeline import Engine, Question, run_worlds
from matcher.scope import HOUSEHOLD, PERSON
from tests.factories import block_of, tables_of
from tests.oracle import Oracle
from tests.random_rules import DAY, a_catalogue, a_record
from tests.unit.test_agreement import compiled, tables_of_many

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from matcher.cases import Case
    from matcher.catalogue import Catalogue
    from matcher.frames import Frames
    from matcher.records import Record, Subject

pytestmark = pytest.mark.soak
SEEDS = Path(__file__).parents[2] / "seeds"
CATALOGUES = 25
PLACES = ("region", "registered_in", "event_in", "school_in")
"""Facts that are never blanked: without them another place's rules would hold."""
RELATIVES = {"parents": "children", "children": "parents"}
MOST_CANDIDATES = 12


# --- two tellings of one household --------------------------------------------------------------------------------------
def blanked(rng: random.Random, record: Record, *, often: float) -> Record:
    """The record with facts, fields, entries, lists and consents taken away; a list that lost something is not whole any more."""
    less = copy.deepcopy(record)
    for subject in (*less.households, *less.persons.values()):
        for name in sorted(subject.facts):
            if name not in PLACES and rng.random() < often:
                del subject.facts[name]
        for name, person in _blank_lists(rng, subject, often):
            if name in RELATIVES and person in less.persons:  # one edge holds both
                _open(less.persons[person], RELATIVES[name])
        subject.consents = [one for one in subject.consents if rng.random() >= often]
    return less


def _blank_lists(rng: random.Random, subject: Subject, often: float) -> list[tuple[str, str]]:
    """Take entries and links away; returns (list, person) of the links that are gone."""
    gone: list[tuple[str, str]] = []
    for name, entries in subject.entries.items():
        if rng.random() < often:
            _open(subject, name)
            subject.entries[name] = [one for one in entries if rng.random() < 0.5]
        elif name not in ("awards", "recognitions"):
            for one in entries:
                one.fields = {key: value for key, value in one.fields.items() if rng.random() >= often}
    for name, links in subject.links.items():
        if rng.random() < often / 2:
            _open(subject, name)
            if name != "members":
                subject.links[name] = [one for one in links if rng.random() < 0.5]
                kept = {one.person for one in subject.links[name]}
                gone += [(name, one.person) for one in links if one.person not in kept]
    return gone


def _open(subject: Subject, name: str) -> None:
    subject.complete = {one for one in subject.complete if one.split("/")[0] != name}


def renamed(record: Record, prefix: str) -> Record:
    """The same telling under other ids, so that both can stand in one run."""
    other = copy.deepcopy(record)
    for subject in (*other.households, *other.persons.values()):
        subject.id = prefix + subject.id
        for links in subject.links.values():
            for link in links:
                link.person = prefix + link.person
    other.persons = {prefix + id_: one for id_, one in other.persons.items()}
    return other


class Told:
    """What the engine says of one telling, in both worlds, with nothing given up; `prefix` tells its rows in the run."""

    def __init__(self, catalogue: Catalogue, frames: Frames, ledger: Any, prefix: str) -> None:
        self.catalogue, self.frames, self.ledger, self.prefix = catalogue, frames, ledger, prefix

    def items(self) -> Iterator[tuple[tuple[Any, ...], bool | None, bool | None, tuple[int, int] | None]]:
        """(world, policy, who), verdict, received, shown amount."""
        for policy, versions in self.catalogue.policies.items():
            unit = versions[0].unit
            for block, at, who in self._rows(unit):
                paid = self.ledger.paid.get(policy)
                has = int(self.ledger.has[policy][at])
                received = None if has < 0 else bool(has)
                verdict = self.frames.whole(unit).get_column(f"v:{policy}")[at]
                yield (block, policy, who), verdict, received, None if paid is None else (int(paid.lo[at]), int(paid.hi[at]))

    def needs(self) -> Iterator[tuple[tuple[Any, ...], tuple[int, int], tuple[int, int]]]:
        """(world, need, who), what there is before anything is paid, what is left."""
        for need in self.catalogue.needs.values():
            left, opened = self.ledger.left[need.id], self.ledger.after[(need.id, None)]
            for block, at, who in self._rows(need.unit):
                yield (block, need.id, who), (int(opened.lo[at]), int(opened.hi[at])), (int(left.lo[at]), int(left.hi[at]))

    def _rows(self, unit: str) -> Iterator[tuple[int, int, str]]:
        for block in range(2):
            table = block_of(self.frames, unit, block, 2)
            for i, (who, inside) in enumerate(table.select("id", "inside").iter_rows()):
                if inside and who.startswith(self.prefix):
                    yield block, block * table.height + i, who.removeprefix(self.prefix)


def told(engine: Engine, records: dict[str, Record], day: dt.date, program: Any) -> list[Told]:
    """What the engine says of some tellings, by the prefix of their ids, all in one run."""
    named = [renamed(record, prefix) for prefix, record in records.items()]
    tables = tables_of_many(named, engine.catalogue, day)
    ids = [one.households[0].id for one in named]
    base = engine.frames(tables, ids, Question(ids[0], day), program)
    frames, scratch = run_worlds(program, base, [World(confirmed=False), World(confirmed=True)])
    return [Told(engine.catalogue, frames, scratch["ledger"], prefix) for prefix in records]


def contradictions(less: Told, full: Told) -> Iterator[str]:
    """Where the fuller telling leaves what the shorter one allowed."""
    known = {key: (verdict, received, paid) for key, verdict, received, paid in full.items()}
    for key, verdict, received, paid in less.items():
        if key not in known:
            continue
        later = known[key]
        if verdict is not None and later[0] is not verdict:
            yield f"{key}: said {verdict}, then {later[0]}"
        if paid and later[2] and received == later[1] and not _inside(later[2], paid):
            yield f"{key}: said {paid}, then {later[2]}"
    needs = {key: (opened, left) for key, opened, left in full.needs()}
    for key, opened, left in less.needs():
        if key in needs and not (_inside(needs[key][0], opened) and _inside(needs[key][1], left)):
            yield f"{key}: said {opened} {left}, then {needs[key]}"


def _inside(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and (outer[1] >= OPEN or inner[1] <= outer[1])


# --- random catalogues --------------------------------------------------------------------------------------------------
@cache
def ready(number: int) -> tuple[Engine, Any]:
    """A random catalogue's engine and program. Its tables have no holes: a key that turns out to stand in one is no contradiction."""
    rng = random.Random(7000 + number)
    for attempt in range(20):
        catalogue = a_catalogue(rng, Path(mkdtemp()) / str(attempt), holes=False)
        try:
            return Engine(catalogue), compiled(catalogue)
        except RecursionError:
            continue
    raise AssertionError(number)


@settings(max_examples=500, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    number=st.integers(0, CATALOGUES - 1),
    seed=st.integers(0, 10**6),
    before=st.sampled_from([0.0, 0.15]),
    often=st.sampled_from([0.1, 0.4]),
)
def test_knowing_more_never_contradicts_what_was_said(number: int, seed: int, before: float, often: float) -> None:
    engine, program = ready(number)
    rng = random.Random(seed)
    record = a_record(rng, engine.catalogue, "q", blank=before)
    less = blanked(rng, record, often=often)
    assert list(contradictions(*told(engine, {"less-": less, "more-": record}, DAY, program))) == []


@settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, CATALOGUES - 1), seed=st.integers(0, 10**6))
def test_a_bundle_keeps_its_rules(number: int, seed: int) -> None:
    engine, _ = ready(number)
    record = a_record(random.Random(seed), engine.catalogue, "q")
    run = engine.answer(tables_of(record, engine.catalogue, DAY), Question(record.households[0].id, DAY))
    answers = Answers(run)
    chosen = answers.chosen()
    for (a, who_a), (b, who_b) in itertools.combinations(sorted(chosen, key=str), 2):
        assert not (b in run.program.clashes[a] and (who_a == who_b or None in (who_a, who_b))), (a, b)
    for policy, who in chosen:
        _keeps_its_cap(answers, policy, who)
    _never_beyond_what_is_left(answers)


def _keeps_its_cap(answers: Answers, policy: str, who: str | None) -> None:
    asked, paid = answers.asked(policy, who), answers.paid(policy, who)
    if asked is not None and paid is not None and not answers.received(policy, who) and asked.hi is not None:
        assert paid.hi is not None
        assert paid.hi <= asked.hi, policy


def _never_beyond_what_is_left(answers: Answers) -> None:
    """Covered and left add up to the need, turn by turn, and nothing falls below 0."""
    for step in answers.run.scratch["ledger"].steps:
        assert (step.after.lo >= 0).all()
        assert (step.after.lo <= step.before.lo).all()
        assert (step.after.hi <= step.before.hi).all()
        assert (step.after.lo <= step.after.hi).all()


@settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, CATALOGUES - 1), seed=st.integers(0, 10**6))
def test_the_chosen_set_is_the_best_of_all_subsets(number: int, seed: int) -> None:
    engine, _ = ready(number)
    record = a_record(random.Random(seed), engine.catalogue, "q", blank=0.05)
    oracle = Oracle(engine.catalogue, record, DAY)
    world = oracle.world(confirmed=True)
    rivals = sorted({item for item in world.bundle for other in world.bundle if oracle.rules.clash(item, other)})
    if not rivals or len(rivals) > MOST_CANDIDATES:
        return
    free = [set(kept) for size in range(len(rivals) + 1) for kept in itertools.combinations(rivals, size) if _free(oracle, kept)]
    largest = [kept for kept in free if not any(kept < other for other in free)]
    worlds = [oracle.world(confirmed=True, left_out=frozenset(set(rivals) - kept)) for kept in largest]
    if any(oracle.rules.clash(a, b) for one in worlds for a, b in itertools.combinations(one.bundle, 2)):
        return  # giving one up opened another: the choice goes on, as the agreement tests follow it
    best = min(worlds, key=lambda one: one.rank())
    answers = Answers(engine.answer(tables_of(record, engine.catalogue, DAY), Question(record.households[0].id, DAY)))
    assert answers.chosen() == {(policy, None if who == record.households[0].id else who) for policy, who in best.bundle}


def _free(oracle: Oracle, kept: tuple[tuple[str, str], ...]) -> bool:
    return not any(oracle.rules.clash(a, b) for a, b in itertools.combinations(kept, 2))


@pytest.mark.parametrize("number", range(0, CATALOGUES, 5))
def test_the_same_input_gives_the_same_bytes(number: int) -> None:
    engine, program = ready(number)
    record = a_record(random.Random(number), engine.catalogue, "q")
    (first,) = told(engine, {"": record}, DAY, program)
    (second,) = told(Engine(engine.catalogue), {"": record}, DAY, compiled(engine.catalogue))
    for unit in (HOUSEHOLD, PERSON):
        one, other = first.frames.whole(unit), second.frames.whole(unit)
        assert one.write_json().encode() == other.select(one.columns).write_json().encode()
    for policy, paid in first.ledger.paid.items():
        assert paid.lo.tobytes() == second.ledger.paid[policy].lo.tobytes()
        assert paid.hi.tobytes() == second.ledger.paid[policy].hi.tobytes()


# --- the shipped catalogue ----------------------------------------------------------------------------------------------
@cache
def shipped() -> Engine:
    """The catalogue of seeds/."""
    return Engine(load_catalogue(SEEDS))


def _cases(catalogue: Catalogue) -> list[Case]:
    """Cases without standards or terms of their own, a few of each file."""
    found = []
    for path in sorted((SEEDS / "cases").rglob("*.yaml")):
        plain = [one for one in load_cases(path, catalogue) if not one.standards and not one.terms and not _sets_terms(one)]
        found += plain[:1]
    return found


def _sets_terms(case: Case) -> bool:
    return any(one.terms for one in (*case.record.households, *case.record.persons.values()))


@pytest.mark.parametrize("often", [0.05, 0.2])
def test_the_shipped_catalogue_never_contradicts_itself_when_it_learns_more(often: float) -> None:
    engine, rng = shipped(), random.Random(int(often * 100))
    checked = 0
    for case in _cases(engine.catalogue):
        program = engine.program(case.as_of)
        tellings = {"less-": blanked(rng, case.record, often=often), "more-": case.record}
        found = list(contradictions(*told(engine, tellings, case.as_of, program)))
        assert found == [], (case.file, case.name)
        checked += 1
    assert checked >= 30
