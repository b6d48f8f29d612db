"""Synthetic households: the same for a seed, whole as records, near the lines, and met by every policy."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import typer

from api import commands_synthetic
from api.settings import read_settings
from api.wiring import Desk
from matcher.choices import World
from matcher.pipeline import Engine, Question, run_worlds
from matcher.records import Record, rows
from seeds.synthetic import EVERYWHERE, household, households
from seeds.synthetic_files import write_files
from seeds.synthetic_report import count_verdicts
from seeds.synthetic_scene import months_on
from seeds.synthetic_tables import RECORDED, tables_of_records
from seeds.synthetic_telling import NAMED
from tests.factories import block_of, load_small, shipped, tables_of

SEEDS = Path(__file__).parents[2] / "seeds"
DAY = dt.date(2026, 8, 1)


def some(count: int, *, region: str = EVERYWHERE, unknown_share: float = 0.05) -> list[Record]:
    """The first households of seed 1."""
    return list(households(shipped(), count=count, seed=1, as_of=DAY, region=region, unknown_share=unknown_share))


def test_a_household_is_the_same_however_many_are_asked_for() -> None:
    many = some(12, region="3716")
    assert household(shipped(), 7, seed=1, as_of=DAY) == many[7]
    assert list(households(shipped(), count=2, seed=1, as_of=DAY, first=10)) == many[10:]


def test_another_seed_gives_other_households() -> None:
    assert household(shipped(), 0, seed=1, as_of=DAY) != household(shipped(), 0, seed=2, as_of=DAY)


def test_ids_say_seed_and_number_and_nothing_else() -> None:
    record = household(shipped(), 5, seed=9, as_of=DAY)
    assert record.households[0].id == "syn-9-5"
    assert all(person.startswith("syn-9-5-p") for person in record.persons)
    assert all(home.id.startswith("syn-9-5-h") for home in record.households[1:])


def test_a_region_holds_only_its_own_counties() -> None:
    codes = {str(told.value) for record in some(40, region="3716") for told in record.households[0].facts["region"] if told.on is None}
    assert codes
    assert all(code.startswith("3716") and len(code) == 6 for code in codes)


def test_every_link_leads_to_somebody_in_the_record() -> None:
    for record in some(60):
        for subject in (*record.households, *record.persons.values()):
            assert all(link.person in record.persons for links in subject.links.values() for link in links)


def test_parents_are_older_than_their_children() -> None:
    for record in some(150, unknown_share=0.0):
        for person in record.persons.values():
            for link in person.links["parents"]:
                ages = [record.persons[one].facts["born"] for one in (person.id, link.person)]
                born, parent = (max(told, key=lambda one: one.on or DAY).value for told in ages)
                assert isinstance(born, dt.date)
                assert isinstance(parent, dt.date)
                assert (born - parent).days > 16 * 365


def test_everything_is_told_where_nothing_is_to_be_unknown() -> None:
    for record in some(30, unknown_share=0.0):
        for person in record.persons.values():
            expected = {
                n for n, f in shipped().facts.items() if "person" in f.units and f.type not in ("list", "region") and n not in NAMED
            }
            assert expected <= set(person.facts)
            assert {n for n, f in shipped().facts.items() if "person" in f.units and f.type == "list"} <= person.complete


def test_some_things_are_not_known() -> None:
    told, all_ = 0, 0
    for record in some(200):
        for person in record.persons.values():
            facts = [n for n, f in shipped().facts.items() if "person" in f.units and f.type not in ("list", "region") and n not in NAMED]
            told, all_ = told + sum(n in person.facts for n in facts), all_ + len(facts)
    assert 0.03 < 1 - told / all_ < 0.08


def test_records_fit_the_graph_and_are_flagged() -> None:
    tables = tables_of_records(some(20), shipped(), DAY)
    for kind in ("Household", "Person", "Statement", "Award", "Consent"):
        assert tables[kind].height
        assert tables[kind].get_column("synthetic").all()


def test_tables_in_memory_equal_those_of_a_store() -> None:
    for record in some(6):
        ours = tables_of_records([record], shipped(), DAY)
        stored = tables_of(record, shipped(), DAY, source="synthetic", recorded_at=RECORDED)
        for kind in ("Household", "Person", "Statement", "MEMBER_OF", "SUPPORTS", "ABOUT", "RECEIVES", "Award", "Recognition"):
            theirs = stored[kind]
            same = [name for name in theirs.columns if name not in ("updated_at", "synthetic")]
            mine = ours[kind].filter(ours[kind].get_column(same[0]).is_in(theirs.get_column(same[0]).implode()))
            assert mine.select(same).equals(theirs.select(same)), kind


def test_one_household_alone_has_the_verdicts_it_has_among_others() -> None:
    engine, records = Engine(shipped()), some(25)
    program = engine.program(DAY)

    def verdicts(of: list[Record]) -> dict[tuple[str, str], object]:
        ids = [record.households[0].id for record in of]
        base = engine.frames(tables_of_records(of, shipped(), DAY), ids, Question(ids[0], DAY), program)
        frames, _ = run_worlds(program, base, [World(confirmed=False), World(confirmed=True)])
        found: dict[tuple[str, str], object] = {}
        for unit in ("household", "person"):
            table = block_of(frames, unit, 1, 2)
            for row in table.filter(table.get_column("inside")).iter_rows(named=True):
                found |= {(row["id"], name): value for name, value in row.items() if name.startswith("v:")}
        return found

    together = verdicts(records)
    for record in records[:8]:
        alone = verdicts([record])
        assert alone == {key: together[key] for key in alone}


def test_a_catalogue_with_other_facts_gets_values_by_their_types(tmp_path: Path) -> None:
    facts = """
members: {unit: household, type: list, rows: person, label: {zh: 成员, en: members}}
height: {unit: person, type: number, min: 40, max: 220, label: {zh: 身高, en: height}}
employment: {unit: person, type: text, values: [works, rests], label: {zh: 工作, en: work}}
has_well: {unit: household, type: yesno, label: {zh: 有井, en: has a well}}
"""
    catalogue = load_small(tmp_path, {"facts.yaml": facts})
    record = household(catalogue, 3, seed=1, as_of=DAY, unknown_share=0.0)
    head = record.persons["syn-1-3-p1"]
    assert "employment" not in head.facts
    assert set(head.facts) <= {"height", "employment"}
    assert rows(record, catalogue, source="synthetic", true_on=DAY, recorded_at=RECORDED)["Person"]


def test_files_hold_every_household_once(tmp_path: Path) -> None:
    assert write_files(iter(some(8)), shipped(), tmp_path, DAY) == 8
    lines = (tmp_path / "household.csv").read_text(encoding="utf-8-sig").splitlines()
    ids = [line.split(",")[0] for line in lines[1:]]
    assert len(ids) == len(set(ids))
    assert {f"syn-1-{n}" for n in range(8)} <= set(ids)


def test_the_command_writes_the_same_household_once(tmp_path: Path) -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands_synthetic.register(app)
    desk = Desk(read_settings())
    desk.use(store=f"sqlite:///{tmp_path}/s.sqlite", catalogue=SEEDS, lang="en")
    words = ["synthetic", "3", "--seed", "4", "--as-of", "2026-08-01"]
    try:
        for _ in range(2):
            typer.main.get_command(app).main(words, standalone_mode=False, obj=desk)
        own = [f"syn-4-{number}" for number in range(3)]
        assert all(desk.store.get("Household", one) is not None for one in own)
        changes = desk.store.changes(limit=1_000_000)
        assert changes.height == changes.select("kind", "id", "dst").n_unique()
    finally:
        desk.close()


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (dt.date(2026, 8, 31), -6, dt.date(2026, 2, 28)),
        (dt.date(2026, 1, 15), -1, dt.date(2025, 12, 15)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2026, 11, 30), 1, dt.date(2026, 12, 30)),
        (dt.date(2026, 10, 31), 1, dt.date(2026, 11, 30)),
        (dt.date(2026, 10, 31), 2, dt.date(2026, 12, 31)),
    ],
)
def test_months_stop_at_the_last_day(day: dt.date, months: int, then: dt.date) -> None:
    assert months_on(day, months) == then


@pytest.mark.slow
def test_each_policy_says_yes_no_and_unknown_to_one_in_a_hundred() -> None:
    shares = count_verdicts(shipped(), 10_000, seed=1, as_of=DAY)
    assert shares.short() == []
