"""Near misses as a worker reads them."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher.choices import World
from matcher.near import Search, near_misses
from matcher.pipeline import Engine, Question, Run, run_worlds
from matcher.records import Link, Record, Subject, Told
from matcher.variants import cells, movable
from tests.changed_rows import Change, variants
from tests.unit.near_world import DAY, a_clause, a_policy, catalogue_of, near, tables_of

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.near import NearMiss


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
    assert found.open == 0
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


def test_a_number_that_is_in_no_comparison_is_found_with_the_two_passes_that_free_it(tmp_path: Path) -> None:
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


def test_what_the_better_choice_gives_up_again_is_no_near_miss(tmp_path: Path) -> None:
    grants = "grants: {recognition: %s, months: 12}\nbenefit: {kind: cash, pays: entitlement, certainty: exact, amount: %s, per: month}\n"
    little = a_policy("little", "person", "{all: [" + a_clause(0, "wage < yuan(0.5)") + "]}", grants % ("little", "yuan(1)"))
    much = a_policy(
        "much", "person", "{all: [" + a_clause(0, "wage < yuan(0.4)") + "]}", grants % ("much", "yuan(9)") + "choose_one: [little]\n"
    )
    beside = a_policy("beside", "person", "{all: [" + a_clause(0, "recognised.little") + ", " + a_clause(1, "wage < yuan(0.3)") + "]}")
    catalogue = catalogue_of(tmp_path, {"little": little, "much": much, "beside": beside}, needs="[]\n")
    found = near(catalogue, a_home(a_person(wage=70)))
    assert [(m.policy, m.to_value) for m in found.misses] == [("little", 49), ("much", 39)]


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
