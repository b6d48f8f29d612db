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
from graph.store import GraphStore, Tables, Writer
from matcher.batch import results_for
from matcher.catalogue import Catalogue
from matcher.judge import Case, CaseResult
from matcher.kept import as_text
from matcher.loader import load_catalogue
from matcher.pipeline import Engine
from matcher.records import Rows, rows
from seeds.synthetic import households
from tests.contract.opening import open_at

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DAY, MOMENT, SEED = date(2026, 8, 1), datetime(2026, 8, 1, 9, tzinfo=UTC), 4
TOWNSHIP = 2_000  # households whose tables are compared
EVERY = 10  # of the seed cases, the one whose bundle is made on each store; the tables of all are compared
PAGES = 40  # of them, whose whole page is compared too, with questions; the bundles of all are
A_UNIT = 100  # households that are written as one unit
A_QUESTION = 250  # households whose tables are compared at a time


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SEEDS)


@pytest.fixture
def both(empty_neo4j: str, tmp_path: Path) -> Iterator[tuple[GraphStore, GraphStore]]:
    stores = [open_at(url, clock=lambda: MOMENT) for url in (f"sqlite:///{tmp_path}/a.sqlite", empty_neo4j)]
    yield stores[0], stores[1]
    for store in stores:
        store.close()


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
    bundles: list[str] = []
    for asked in _parts(names, A_QUESTION):
        read = [store.neighbourhoods(asked) for store in both]
        sqlite, neo4j = (bytes_of(tables) for tables in read)
        assert [kind for kind in sqlite if sqlite[kind] != neo4j[kind]] == []
        one, other = ([as_text(result) for result in results_for(_engine(), tables, asked, DAY)] for tables in read)
        assert one == other
        bundles += one
    for kind in (*NODE_KINDS, *EDGE_KINDS):
        sqlite_scan, neo4j_scan = ([_text(frame) for frame in _scan(store, kind)] for store in both)
        assert sqlite_scan == neo4j_scan, kind
    assert both[0].changes(limit=10**7).equals(both[1].changes(limit=10**7))
    assert len(set(bundles)) == TOWNSHIP
    for name in names[:: TOWNSHIP // PAGES]:
        page, same = (_page(store, name) for store in both)
        assert page == same


def test_every_seed_case_comes_out_the_same(both: tuple[GraphStore, GraphStore]) -> None:
    cases = [case for file in case_files([SEEDS / "cases"], catalogue()) for case in file.cases]
    runs = [_Reading(store, catalogue(), token="same") for store in both]  # noqa: S106 - names the run
    done = [sorted(run.results(cases), key=lambda one: one[0]) for run in runs]
    assert len(done[0]) == len(cases)
    assert _told(done[0]) == _told(done[1])
    assert len(runs[0].read) >= len(cases) // 2
    assert runs[0].read == runs[1].read


class _Reading(CaseRun):
    """Cases that are read back from the store; one in EVERY is answered too."""

    read: list[dict[str, bytes]]

    def _judge(self, mark: str, case: Case) -> CaseResult:
        self.read = [*getattr(self, "read", []), self._bytes(mark, case)]
        return super()._judge(mark, case) if len(self.read) % EVERY == 0 else CaseResult(case.name, case.file, True, {}, {})

    def _bytes(self, mark: str, case: Case) -> dict[str, bytes]:
        tables = self.store.neighbourhood("Household", f"{mark}{case.record.households[0].id}")
        return bytes_of(tables)


def _put(writer: Writer, found: Rows) -> None:
    for kind in (*NODE_KINDS, *EDGE_KINDS):
        if found.get(kind):
            (writer.upsert_nodes if kind in NODE_KINDS else writer.upsert_edges)(kind, found[kind])


def _scan(store: GraphStore, kind: str) -> Iterator[pl.DataFrame]:
    return store.scan_nodes(kind, batch=5_000) if kind in NODE_KINDS else store.scan_edges(kind, batch=5_000)


def _page(store: GraphStore, household: str) -> str:
    desk = Desk(Settings(catalogue=SEEDS, key_file=SEEDS / "no.key"))  # a key of this checkout would not be the store's
    desk.__dict__.update(store=store, catalogue=catalogue(), engine=_engine())
    return json.dumps(page_json(page_of(desk, household, DAY)), ensure_ascii=False, default=str)


@cache
def _engine() -> Engine:
    return Engine(catalogue())


def _told(results: Sequence[tuple[int, CaseResult]]) -> list[str]:
    return [f"{place} {result!r}" for place, result in results]


def _parts(names: Sequence[str], size: int) -> Iterator[list[str]]:
    waiting = iter(names)
    while some := list(islice(waiting, size)):
        yield some
