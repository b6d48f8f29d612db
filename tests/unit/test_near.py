"""Near misses as a worker reads them; and the shipped catalogue against many values tried one by one."""

from __future__ import annotations

import datetime as dt
import json
import random
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from matcher.binding import in_world, places_of
from matcher.choices import World
from matcher.frames import copies
from matcher.loader import load_catalogue
from matcher.moments import shifted
from matcher.near import Search, near_misses
from matcher.pipeline import Engine, Question, Run, decide, run_worlds
from matcher.records import Link, Record, Subject, Told
from matcher.variants import Change, cells, movable, variants
from seeds.synthetic import household
from seeds.synthetic_tables import tables_of_records
from tests.unit.test_near_world import DAY, a_clause, a_policy, catalogue_of, near, tables_of

if TYPE_CHECKING:
    from matcher.frames import Frames
    from matcher.near import NearMiss
    from matcher.rules import Program
    from matcher.variants import Cell

SEEDS = Path(__file__).parents[2] / "seeds"
AS_OF = dt.date(2026, 8, 1)


def a_person(name: str = "ann", **facts: Any) -> Subject:
    """A person with facts."""
    return Subject(name, {n: [Told(v)] for n, v in facts.items()}, complete={"supporters", "bills", "awards", "recognitions"})


def a_home(*people: Subject, id_: str = "home", **facts: Any) -> Record:
    """A household of these people."""
    home = Subject(id_, {n: [Told(v)] for n, v in {"region": "371602", **facts}.items()}, complete={"members", "awards", "recognitions"})
    home.links["members"] = [Link(p.id) for p in people]
    return Record([home], {p.id: p for p in people})


def misses_of(folder: Path, record: Record, *clauses: str, unit: str = "person", op: str = "all", needs: str = "[]\n") -> list[NearMiss]:
    """The near misses under one policy of these conditions."""
    requires = f"{{{op}: [{', '.join(a_clause(n, c) for n, c in enumerate(clauses))}]}}"
    found = near(catalogue_of(folder, {"item": a_policy("item", unit, requires)}, needs=needs), record)
    assert (found.dropped, found.open) == (0, 0)
    return found.misses


def moves(found: list[NearMiss]) -> list[tuple[str, Any, str]]:
    """Fact, new value, direction."""
    return [(m.fact, m.to_value, m.direction) for m in found]


def test_a_wage_above_the_line_is_moved_to_the_fen_below_it(tmp_path: Path) -> None:
    [miss] = misses_of(tmp_path, a_home(a_person(wage=70)), "wage < yuan(0.5)")
    assert (miss.to_value, miss.from_value, miss.who, miss.failed, miss.direction) == (49, 70, "ann", ("c0",), "down")


def test_a_window_is_found_from_both_sides(tmp_path: Path) -> None:
    clause = "yuan(0.3) <= wage <= yuan(0.31)"
    assert moves(misses_of(tmp_path / "a", a_home(a_person(wage=10)), clause)) == [("wage", 30, "up")]
    assert moves(misses_of(tmp_path / "b", a_home(a_person(wage=90)), clause)) == [("wage", 31, "down")]


def test_two_windows_give_the_nearest_value_each_way(tmp_path: Path) -> None:
    found = misses_of(tmp_path, a_home(a_person(wage=50)), "wage == yuan(0.3)", "yuan(0.71) < wage < yuan(0.73)", op="any")
    assert sorted(moves(found)) == [("wage", 30, "down"), ("wage", 72, "up")]


def test_a_fact_that_is_not_known_is_a_question_and_no_near_miss(tmp_path: Path) -> None:
    assert misses_of(tmp_path, a_home(a_person(grade=5)), "wage < yuan(0.5)", "grade <= 9") == []


def test_where_two_facts_are_in_the_way_there_is_no_near_miss(tmp_path: Path) -> None:
    assert misses_of(tmp_path, a_home(a_person(wage=70, grade=5)), "wage < yuan(0.5)", "grade < 3") == []


def test_a_fact_that_one_other_condition_still_forbids_is_not_named(tmp_path: Path) -> None:
    assert misses_of(tmp_path, a_home(a_person(wage=70, cost=0)), "wage < yuan(0.5)", "wage + cost > yuan(0.6)") == []


def test_a_number_that_is_in_no_comparison_is_found_without_further_passes(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, {"item": a_policy("item", "person", f"{{all: [{a_clause(0, 'grade in (3, 4)')}]}}")}, needs="[]\n")
    found = near(catalogue, a_home(a_person(grade=7)))
    assert (moves(found.misses), found.passes) == ([("grade", 4, "down")], 2)


def test_every_other_value_of_a_text_is_named(tmp_path: Path) -> None:
    found = misses_of(tmp_path, a_home(a_person(illness="none")), "illness in ('cancer', 'hiv')")
    assert sorted(m.to_value for m in found) == ["cancer", "hiv"]


def test_a_birthday_is_told_with_the_day_on_which_it_comes(tmp_path: Path) -> None:
    [miss] = misses_of(tmp_path, a_home(a_person(born=dt.date(2024, 3, 5))), "age >= 2")
    assert miss.to_value == dt.date(2024, 2, 29)  # on 28 February of a common year those born on the 29th have turned two
    assert miss.passes_on == dt.date(2026, 3, 5)


def test_a_day_is_told_only_if_the_verdict_is_yes_on_it(tmp_path: Path) -> None:
    person = a_person(born=dt.date(2024, 3, 5), cared_on=DAY - dt.timedelta(days=2))
    [miss] = misses_of(tmp_path, a_home(person), "age >= 2", "cared_on > as_of - days(5)")
    assert (miss.fact, miss.passes_on) == ("born", None)


def test_a_date_that_was_too_lately_passes_in_time(tmp_path: Path) -> None:
    [miss] = misses_of(tmp_path, a_home(a_person(cared_on=dt.date(2025, 12, 31))), "cared_on + months(2) < as_of")
    assert (miss.to_value, miss.passes_on) == (dt.date(2025, 12, 27), dt.date(2026, 3, 1))


def test_hectares_and_hours_move_to_the_ten_thousandth(tmp_path: Path) -> None:
    [miss] = misses_of(tmp_path, a_home(a_person(), land=Fraction(12, 10_000)), "land > 0.0049", unit="household")
    assert miss.to_value == Fraction(50, 10_000)


def test_what_is_left_after_payments_counts_too(tmp_path: Path) -> None:
    needs = "- {id: living, title: {zh: 甲, en: a}, unit: household, kind: money, window: next_12, source: {document: d, mark: text}, "
    needs += 'amount: "max(yuan(0), yuan(1) - sum(members, wage))"}\n'
    pays = "benefit: {kind: cash, pays: reimbursement, certainty: exact, covers: [living], amount: yuan(0.3), per: once}"
    first = a_policy("aid", "household", "{all: [" + a_clause(0, "residence == 'rural'") + "]}", pays)
    then = a_policy("fund", "household", "{all: [" + a_clause(0, "left.living > yuan(0.2)") + "]}").replace(
        "layer: other", "layer: charity"
    )
    catalogue = catalogue_of(tmp_path, {"aid": first, "fund": then}, needs=needs)
    found = near(catalogue, a_home(a_person(wage=60), residence="rural"))
    assert {(m.policy, m.fact, m.to_value) for m in found.misses} == {("fund", "wage", 49), ("fund", "residence", "urban")}


def test_near_misses_are_plain_json_and_money_says_so(tmp_path: Path) -> None:
    [miss] = misses_of(tmp_path, a_home(a_person(wage=70)), "wage < yuan(0.5)")
    told = json.loads(json.dumps(miss.as_json()))
    assert (told["from_value_fen"], told["to_value_fen"], told["failed"], told["passes_on"]) == (70, 49, ["c0"], None)


def test_the_smallest_move_comes_first(tmp_path: Path) -> None:
    record = a_home(a_person(wage=70, cost=1, certified=False))
    found = misses_of(tmp_path, record, "wage <= yuan(0.69)", "certified", "cost > yuan(0.6)", op="any")
    assert [m.fact for m in found] == ["wage", "cost", "certified"]


def test_many_households_at_once_give_what_each_gives_alone(tmp_path: Path) -> None:
    requires = "{all: [" + a_clause(0, "wage < yuan(0.5)") + ", " + a_clause(1, "age >= 2") + "]}"
    catalogue = catalogue_of(tmp_path, {"item": a_policy("item", "person", requires)})
    records = [
        a_home(a_person(f"p{n}", wage=10 + 20 * n, born=DAY - dt.timedelta(days=700 + 30 * n)), a_person(f"q{n}", wage=n), id_=f"h{n}")
        for n in range(4)
    ]
    tables: dict[str, list[Any]] = {}
    for record in records:
        for name, table in tables_of(record, catalogue, DAY).items():
            tables.setdefault(name, []).append(table)
    together = {name: pl.concat(parts, how="diagonal").unique(maintain_order=True) for name, parts in tables.items()}
    engine = Engine(catalogue)
    program = engine.program(DAY)
    base = engine.frames(together, [f"h{n}" for n in range(4)], Question("h0", DAY), program)
    worlds = [World(confirmed=True)]
    frames, scratch = run_worlds(program, base, worlds)
    found = near_misses(Search(engine.program(DAY, wide=True)), base, Run(program, frames, scratch, worlds, 0))
    alone = [m for record in records for m in near(catalogue, record).misses]
    assert alone
    assert {repr(m) for m in found} == {repr(m) for m in alone}


# --- the shipped catalogue ------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_no_value_that_was_tried_is_nearer_in_the_shipped_catalogue(number: int) -> None:
    catalogue = load_catalogue(SEEDS)
    record = household(catalogue, number, seed=11, as_of=AS_OF, region="", unknown_share=0.02 if number % 2 else 0.0)
    id_ = record.households[0].id
    tables, engine = tables_of_records([record], catalogue, AS_OF), Engine(catalogue)
    regions = places_of(tables, id_)
    program = engine.program(AS_OF, regions=regions)
    base = engine.frames(tables, [id_], Question(id_, AS_OF), program)
    run = decide(program, base)
    found = Search(engine.program(AS_OF, regions=regions, wide=True)).misses(base, run)
    got = {(m.policy, m.who, m.frame, m.subject, m.fact, m.direction, m.to_value) for m in found.misses}
    assert (found.dropped, found.open) == (0, 0)
    assert got == tried_one_by_one(program, base, run, found.misses)


def tried_one_by_one(program: Program, base: Frames, run: Run, hints: list[NearMiss]) -> set[tuple[Any, ...]]:
    """The nearest of many values of every fact that turn a verdict, as points in the plain program; `hints` and their neighbours too."""
    base = copies(base, 1)
    in_world(base, 0, 1, confirmed=True, drops=run.worlds[run.best].drops)
    rng = random.Random(1)
    tried = []
    for cell in cells(base, movable(program, base), {0: None}):
        hinted = [m.to_value for m in hints if (m.frame, m.subject, m.fact) == (cell.frame, cell.subject, cell.key[1])]
        tried += [(cell, value) for value in candidates(cell, hinted, rng)]
    best: dict[tuple[Any, ...], Any] = {}
    for start in range(0, len(tried), 1500):
        part = tried[start : start + 1500]
        frames = variants(base, [Change(n + 1, c, v, v) for n, (c, v) in enumerate(part)], times=len(part) + 1)
        program.plan.run(frames)
        for policy, who, yes in turned(program, base, frames, len(part) + 1):
            for cell, value in (part[n - 1] for n in yes):
                way = direction(cell, value)
                key = (policy, who, cell.frame, cell.subject, cell.key[1], *((way, value) if way == "other" else (way,)))
                if way == "other" or key not in best or abs(value - cell.value) < abs(best[key] - cell.value):
                    best[key] = value
    scaled = {(c.frame, c.subject, c.key[1]) for c, _ in tried if c.fact.type == "number"}
    return {(*key[:6], Fraction(v, 10_000) if key[2:5] in scaled else v) for key, v in best.items()}


def turned(program: Program, base: Frames, frames: Frames, times: int) -> list[tuple[str, str, list[int]]]:
    """(policy, who, blocks in which it is yes) for every verdict that is no in block 0."""
    found = []
    for policy in program.order:
        unit = program.catalogue.policies[policy][0].unit
        column, size = frames.whole(unit).get_column(f"v:{policy}").to_list(), base.height(unit)
        for row in range(size):
            if column[row] is False and base.tables[unit].item(row, "inside"):
                who = str(base.tables[unit].item(row, "id"))
                found.append((policy, who, [n for n in range(times) if column[n * size + row]]))
    return found


def direction(cell: Cell, value: Any) -> str:
    """Which way a value lies."""
    if isinstance(value, dt.date):
        return "later" if value > cell.value else "earlier"
    return "other" if not cell.is_number else "up" if value > cell.value else "down"


def candidates(cell: Cell, hinted: list[Any], rng: random.Random) -> list[Any]:
    """Values to try: all of a text, and of numbers and dates those near, those far, birthdays, hints and their neighbours."""
    if cell.fact.type == "yesno":
        return [not cell.value]
    if cell.fact.type == "text":
        return [v for v in cell.fact.values if v != cell.value]
    found: set[Any] = set()
    if isinstance(cell.value, dt.date):
        found |= {shifted(cell.value, 0, n) for n in range(-60, 61)}
        found |= {shifted(AS_OF, -m, n) for m in [*range(-24, 73), *range(72, 1320, 12)] for n in (-1, 0, 1)}
        found |= {shifted(h, 0, n) for h in hinted for n in (-2, -1, 0, 1, 2)}
        return sorted(found - {cell.value})
    scale = 10_000 if cell.fact.type == "number" else 1
    far = [int(2 ** rng.uniform(0, 34)) for _ in range(40)] + [10**n for n in range(10)]
    far += [step * n for step in {1, scale} for n in range(1, 31)]
    found |= {cell.value + sign * d for sign in (-1, 1) for d in far} | {0}
    found |= {int(h * scale) + n for h in hinted for n in range(-2, 3)}
    low = -(10**12) if cell.fact.low is None else int(cell.fact.low * scale)
    high = 10**12 if cell.fact.high is None else int(cell.fact.high * scale)
    return sorted(v for v in found if low <= v <= high and v != cell.value)


def test_a_batch_of_changes_leaves_the_other_blocks_as_they_are(tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path, {"item": a_policy("item", "person", "{all: [" + a_clause(0, "wage < yuan(0.5)") + "]}")})
    record, engine = a_home(a_person(wage=70)), Engine(catalogue)
    program = engine.program(DAY, wide=True)
    base = engine.frames(tables_of(record, catalogue, DAY), ["home"], Question("home", DAY), program)
    [cell] = [c for c in cells(base, movable(program, base), {0: None}) if c.column == "f:wage"]
    frames = variants(base, [Change(1, cell, 10, 20), Change(2, cell, 5, 5)], times=4)
    table = frames.whole("person")
    ends = table.select("f:wage:lo", "f:wage:hi", "f:wage").rows()
    assert [k for k, _ in groupby(ends)] == [(70, 70, 70), (10, 20, None), (5, 5, 5), (70, 70, 70)]
