"""What is written to the embedded store and to Neo4j comes back the same to the byte: tables, and the bundles made of them."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import islice
from pathlib import Path

import polars as pl
import pytest

from api.case_run import CaseRun, case_files
from api.page import page_json, page_of
from api.settings import Settings
from api.wiring import Desk
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.row_tables import RowTables
from graph.store import GraphStore, Tables, Writer
from matcher.answers import Answers
from matcher.bundle import bundle_of
from matcher.bundle_json import plain
from matcher.catalogue import Catalogue
from matcher.evidence import Evidence
from matcher.judge import Case
from matcher.loader import load_catalogue
from matcher.pipeline import Engine, Question
from matcher.plain_rows import height_of, rows_of, schema_of
from matcher.records import Rows, rows
from seeds.synthetic import households

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DAY, MOMENT, SEED = date(2026, 8, 1), datetime(2026, 8, 1, 9, tzinfo=UTC), 4
TOWNSHIP = 2_000  # households whose tables and bundles are compared
PAGES = 40  # of them, whose whole page is compared too: with questions, names and difficulty
A_UNIT = 100  # households that are written as one unit
A_QUESTION = 250  # households whose tables are compared at a time


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SEEDS)


def bytes_of(tables: Tables) -> dict[str, bytes]:
    return {kind: _text(frame) for kind, frame in tables.items()}


def _text(frame: pl.DataFrame) -> bytes:
    return f"{frame.schema}\n{frame.write_ndjson()}".encode()


def test_a_township_reads_the_same_to_the_byte(both: tuple[GraphStore, GraphStore]) -> None:
    names = []
    for start in range(0, TOWNSHIP, A_UNIT):
        drawn = list(households(catalogue(), count=A_UNIT, seed=SEED, as_of=DAY, region="371602", first=start))
        names += [one.households[0].id for one in drawn]
        found: Rows = {}
        for record in drawn:
            for kind, some in rows(record, catalogue(), source="township", true_on=DAY, recorded_at=MOMENT).items():
                found.setdefault(kind, []).extend(some)
        for store in both:
            store.write(lambda writer, found=found: _put(writer, found))  # type: ignore[misc]
    assert len(set(names)) == TOWNSHIP
    for asked in _parts(names, A_QUESTION):
        sqlite, neo4j = (bytes_of(store.neighbourhoods(asked)) for store in both)
        assert [kind for kind in sqlite if sqlite[kind] != neo4j[kind]] == []
    for kind in (*NODE_KINDS, *EDGE_KINDS):
        sqlite_scan, neo4j_scan = ([_text(frame) for frame in _scan(store, kind)] for store in both)
        assert sqlite_scan == neo4j_scan, kind
    assert both[0].changes(limit=10**7).equals(both[1].changes(limit=10**7))
    bundles = set()
    for name in names:
        one, other = (_bundle(store, name) for store in both)
        assert one == other, name
        bundles.add(one)
    assert len(bundles) == TOWNSHIP
    for name in names[:: TOWNSHIP // PAGES]:
        page, same = (_page(store, name) for store in both)
        assert page == same
        for store in both:
            _same_as_frames(store.neighbourhood("Household", name))


def test_every_seed_case_comes_out_the_same(both: tuple[GraphStore, GraphStore]) -> None:
    cases = [case for file in case_files([SEEDS / "cases"], catalogue()) for case in file.cases]
    engines: dict[str, Engine] = {}  # of both, since they go in step
    sqlite, neo4j = (_Reading(store, catalogue(), token="same", engines=engines) for store in both)  # noqa: S106 - names the run
    for one, other in zip(sqlite.results(cases), neo4j.results(cases), strict=True):
        assert one == other
        assert sqlite.tables == neo4j.tables, one[1].name
        assert sqlite.bundle == neo4j.bundle, one[1].name
    assert sqlite.done == neo4j.done == len(cases)


class _Reading(CaseRun):
    """Cases that are read back from the store and answered: what was read of the last one, and its bundle."""

    done = 0
    tables: dict[str, bytes]
    bundle: str

    def answers(self, mark: str, case: Case) -> tuple[Tables, Answers]:
        tables, answers = super().answers(mark, case)
        bundle = bundle_of(answers, tables, as_of=case.as_of)
        self.tables, self.done = bytes_of(tables), self.done + 1
        self.bundle = json.dumps(plain(bundle, answers.catalogue), ensure_ascii=False)
        return tables, answers


def _put(writer: Writer, found: Rows) -> None:
    for kind in (*NODE_KINDS, *EDGE_KINDS):
        if found.get(kind):
            (writer.upsert_nodes if kind in NODE_KINDS else writer.upsert_edges)(kind, found[kind])


def _scan(store: GraphStore, kind: str) -> Iterator[pl.DataFrame]:
    return store.scan_nodes(kind, batch=5_000) if kind in NODE_KINDS else store.scan_edges(kind, batch=5_000)


def _bundle(store: GraphStore, household: str) -> str:
    tables = store.neighbourhood("Household", household)
    answers = Answers(_engine().answer(tables, Question(household, DAY)), Evidence(tables, catalogue(), DAY, None))
    return json.dumps(plain(bundle_of(answers, tables, as_of=DAY), catalogue()), ensure_ascii=False)


def _same_as_frames(tables: Tables) -> None:
    """Plain rows, dtypes and heights are those of the frames."""
    assert isinstance(tables, RowTables)
    framed = dict(tables)
    for kind in (*NODE_KINDS, *EDGE_KINDS):
        assert rows_of(tables, kind) == rows_of(framed, kind), kind
        assert schema_of(tables, kind) == schema_of(framed, kind), kind
        assert height_of(tables, kind) == height_of(framed, kind), kind


def _page(store: GraphStore, household: str) -> str:
    desk = Desk(Settings(catalogue=SEEDS, key_file=SEEDS / "no.key"))  # a key of this checkout would not be the store's
    desk.__dict__.update(store=store, catalogue=catalogue(), engine=_engine())
    return json.dumps(page_json(page_of(desk, household, DAY)), ensure_ascii=False, default=str)


@cache
def _engine() -> Engine:
    return Engine(catalogue())


def _parts(names: Sequence[str], size: int) -> Iterator[list[str]]:
    waiting = iter(names)
    while some := list(islice(waiting, size)):
        yield some
