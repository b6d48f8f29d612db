"""From a case or a record to answers, by the whole way: rows, a store in memory, its neighbourhood, the engine.

What tests of the matcher share. Ids are those of the record, so answers name people as the case does.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from graph.open import open_store
from graph.store import put_all
from matcher.answers import Answers
from matcher.cases import read_cases
from matcher.evidence import Evidence
from matcher.loader import load_catalogue, with_standards
from matcher.pipeline import Engine, Question
from matcher.records import rows

if TYPE_CHECKING:
    import polars as pl

    from matcher.catalogue import Catalogue
    from matcher.frames import Frames
    from matcher.judge import Case
    from matcher.records import Record
    from matcher.stored import Tables

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
KEY = b"0" * 32
RECORDED = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""When everything was recorded that does not say it: before any case's `known_by`."""


def load_small(folder: Path, files: dict[str, str]) -> Catalogue:
    """Write these files and load them as a catalogue."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def case_of(text: str, catalogue: Catalogue) -> Case:
    """The one case of a text (its defaults beside it)."""
    (case,) = read_cases(text, "case.yaml", catalogue)
    return case


def tables_of(record: Record, catalogue: Catalogue, as_of: dt.date, *, source: str = "case", recorded_at: dt.datetime = RECORDED) -> Tables:
    """The tables of the record's household, written to a store and read back as its neighbourhood."""
    found = rows(record, catalogue, source=source, true_on=as_of, recorded_at=recorded_at)

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder)}/store.sqlite", key=KEY)
        try:
            store.migrate()
            store.write(lambda writer: put_all(writer, found))
            return store.neighbourhood("Household", record.households[0].id)
        finally:
            store.close()


def engine_for(catalogue: Catalogue, case: Case) -> Engine:
    """An engine for the catalogue with the case's own standards."""
    return Engine(with_standards(catalogue, case.standards) if case.standards else catalogue)


def answer_case(catalogue: Catalogue, case: Case, *, engine: Engine | None = None) -> Answers:
    """The answers of the engine to a case. `engine`: one made before by `engine_for`, to compile once for several cases."""
    engine = engine or engine_for(catalogue, case)
    tables = tables_of(case.record, catalogue, case.as_of)
    known_by = None if case.known_by is None else dt.datetime.combine(case.known_by, dt.time.max, dt.UTC)
    by_id = {one.id: one.terms for one in (*case.record.households, *case.record.persons.values()) if one.terms}
    question = Question(case.record.households[0].id, case.as_of, known_by, case.terms, by_id)
    return Answers(engine.answer(tables, question), Evidence(tables, engine.catalogue, case.as_of, known_by))


@cache
def shipped() -> Catalogue:
    """The catalogue that comes along."""
    return load_catalogue(SEEDS)


@cache
def engine() -> Engine:
    """Its engine, compiled once for all tests of a process."""
    return Engine(shipped())


def block_of(frames: Frames, frame: str, block: int, worlds: int) -> pl.DataFrame:
    """One world's rows of a frame after a run."""
    size = frames.height(frame) // worlds
    return frames.whole(frame).slice(block * size, size)
