"""Many households at once have the very answers that each has alone; what is kept adds up to the bundle; a run that stops goes on."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api import batch as runs
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.open import open_store
from matcher.answers import Answers
from matcher.batch import results_for
from matcher.bundle import bundle_of
from matcher.difficulty import difficulty_of
from matcher.kept import as_text, of_text
from matcher.pipeline import Question
from matcher.results import results_of
from matcher.supply import on_file_of
from seeds.synthetic import EVERYWHERE, households
from seeds.synthetic_tables import tables_of_records
from tests.factories import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.store import GraphStore, Writer
    from matcher.kept import Result

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DAY, NOW = dt.date(2026, 8, 1), dt.datetime(2026, 8, 2, tzinfo=dt.UTC)
COUNT = 150


@cache
def batch() -> dict[str, Result]:
    catalogue = engine().catalogue
    records = list(households(catalogue, count=COUNT, seed=5, as_of=DAY, region=EVERYWHERE))
    ids = [record.households[0].id for record in records]
    return {one.household: one for one in results_for(engine(), tables_of_records(records, catalogue, DAY), ids, DAY)}


@cache
def alone(number: int) -> tuple[Result, Result, str]:
    """(kept of the household alone, kept in the batch, what differs from its bundle)."""
    catalogue = engine().catalogue
    (record,) = households(catalogue, count=1, first=number, seed=5, as_of=DAY, region=EVERYWHERE)
    tables, home = tables_of_records([record], catalogue, DAY), record.households[0].id
    run = engine().answer(tables, Question(home, DAY))
    (own,) = results_of(run.settled(), on_file_of(tables, [home], DAY), [0], as_of=DAY)
    answers, many = Answers(run), batch()[home]
    bundle = bundle_of(answers, tables, as_of=DAY)
    pairs = {
        "items": (
            [(i.policy, i.who, i.status, i.lo, i.hi, i.caveats) for i in bundle.items if i.status != "no"],
            [(i.policy, i.who, i.status, i.lo, i.hi, i.caveats) for i in many.items],
        ),
        "needs": (
            [(f.need, f.who, f.before_lo, f.before_hi, f.left_lo, f.left_hi) for f in bundle.needs],
            [(n.need, n.who, n.before_lo, n.before_hi, n.lo, n.hi) for n in many.needs],
        ),
        "unstaffed": ({one.need: one.unstaffed for one in bundle.residual if one.unstaffed}, many.unstaffed),
        "ready": (bundle.totals.twelve_months, many.ready_fen),
        "difficulty": (difficulty_of(answers), many.difficulty),
        "members": (bundle.members, many.members),
    }
    return own, many, " ".join(name for name, (wanted, got) in pairs.items() if wanted != got)


@pytest.mark.parametrize("number", range(COUNT))
def test_a_household_among_many_has_the_bytes_it_has_alone(number: int) -> None:
    own, many, differs = alone(number)
    assert as_text(many) == as_text(own)
    assert not differs
    assert of_text(as_text(many)) == many


def test_the_households_of_this_test_choose_and_lack_and_wait() -> None:
    items = [item for one in batch().values() for item in one.items]
    assert sum(any(item.status == "choice" for item in one.items) for one in batch().values()) >= COUNT // 20
    assert {"can", "has", "ask", "choice"} <= {item.status for item in items}
    assert {"fact_unknown", "one_clause_short", "not_enough", "no_rule"} <= {row.reason for one in batch().values() for row in one.needs}


# --- runs ---------------------------------------------------------------------------------------------------------------
@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    catalogue = engine().catalogue
    records = list(households(catalogue, count=40, seed=6, as_of=DAY, region="371602"))
    tables = tables_of_records(records, catalogue, DAY)
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite", key=b"0" * 32)
    opened.migrate()
    for kinds, put in ((NODE_KINDS, "upsert_nodes"), (EDGE_KINDS, "upsert_edges")):
        for kind in kinds:
            rows = tables[kind].drop("updated_at").to_dicts()
            opened.write(lambda writer, put=put, kind=kind, rows=rows: getattr(writer, put)(kind, rows))  # type: ignore[misc]
    yield opened
    opened.close()


def whole(store: GraphStore, region: str = "3716") -> runs.Batch:
    """A run from beginning to end."""
    run = runs.begin(store, region, DAY, engine().catalogue.hash, near=False, now=NOW)
    return runs.finish(store, [run, *runs.go_on(store, engine(), run, together=9)][-1], NOW)


def kept(store: GraphStore, run: runs.Batch) -> list[str]:
    return [as_text(one) for _, one in runs.kept_results(store, run.id)]


def test_a_run_that_stops_goes_on_where_it_was(store: GraphStore) -> None:
    run = runs.begin(store, "3716", DAY, engine().catalogue.hash, near=False, now=NOW)
    going = runs.go_on(store, engine(), run, together=9)
    next(going)
    reached = next(going)
    del going
    again = runs.begin(store, "3716", DAY, engine().catalogue.hash, near=False, now=NOW)
    assert (again.id, again.after, again.households) == (run.id, reached.after, 18)
    done = whole(store)
    assert done.id == run.id
    assert done.households == done.total == len(kept(store, done)) >= 40
    other = whole(store)
    assert other.id != done.id
    assert kept(store, other) == kept(store, done)


def test_two_processes_on_one_run_share_it(store: GraphStore) -> None:
    run = runs.begin(store, "3716", DAY, engine().catalogue.hash, near=False, now=NOW)
    first, second = (runs.go_on(store, engine(), run, together=9) for _ in range(2))
    marks = []
    for turn in range(100):
        now = next((first, second)[turn % 2], None)
        if now is None:
            break
        marks.append(now.after)
    assert marks == sorted(marks)
    assert runs.runs_of(store, "3716")[0].households == run.total
    assert len(kept(store, run)) == run.total


def test_other_processes_give_the_same_results(store: GraphStore) -> None:
    here = whole(store)
    run = runs.begin(store, "3716", DAY, engine().catalogue.hash, near=False, now=NOW)
    spent = runs.Spent()
    marks = [step.after for step in runs.go_on(store, engine(), run, together=9, processes=2, spent=spent)]
    assert len(marks) == len(set(marks)) > 4
    assert kept(store, run) == kept(store, here)
    assert min(spent.reading, spent.rules, spent.writing) > 0
    assert spent.processes == 2


def test_neighbours_are_answered_together_and_a_run_goes_on_among_them(store: GraphStore) -> None:
    homes = sorted(next(runs.homes_in(store, "3716", DAY)))
    townships = [f"37160200{n % 4}" for n in range(len(homes))]

    def spread(writer: Writer) -> None:
        writer.upsert_nodes("Region", [{"id": one} for one in set(townships)])
        writer.delete_edges("LIVES_IN", [{"src": home, "dst": "371602"} for home in homes])
        writer.upsert_edges("LIVES_IN", [{"src": home, "dst": place} for home, place in zip(homes, townships, strict=True)])

    store.write(spread)
    run = runs.begin(store, "3716", DAY, engine().catalogue.hash, near=False, now=NOW)
    first = next(runs.go_on(store, engine(), run, together=9))
    assert {place for place, _ in runs.kept_results(store, run.id)} == {"371602000"}
    places = [step.after.split("/")[0] for step in (first, *runs.go_on(store, engine(), first, together=9))]
    assert places == [*sorted(townships)[8::9], *([] if len(homes) % 9 == 0 else ["371602003"])]
    assert [one.household for _, one in runs.kept_results(store, run.id)] == homes


def test_a_smaller_region_has_its_own_households_only(store: GraphStore) -> None:
    county, province = whole(store, "371602"), whole(store, "37")
    assert 40 <= county.households < province.households
    assert {one.household for _, one in runs.kept_results(store, county.id)} == set(next(runs.homes_in(store, "371602", DAY)))
    assert runs.begin(store, "3703", DAY, engine().catalogue.hash, near=False, now=NOW).total == 0


def test_results_of_old_runs_are_taken_away(store: GraphStore) -> None:
    done = [whole(store) for _ in range(3)]
    assert [run.state for run in runs.runs_of(store, "3716")] == ["done", "done", "dropped"]
    assert [bool(kept(store, run)) for run in done] == [False, True, True]
