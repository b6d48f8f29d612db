"""A plan on few rows, row by row, gives column for column what polars gives: the catalogue, random rules, every operator on edges."""

from __future__ import annotations

import datetime as dt
import itertools
import operator
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from matcher.ahead import make_ready
from matcher.answers import Answers
from matcher.binding import places_of
from matcher.choices import World
from matcher.explain import explain
from matcher.few import FewPlan
from matcher.frames import Frames
from matcher.loader import load_catalogue
from matcher.pipeline import Engine, Question, run_worlds
from matcher.plan import WARM, Groups, Select
from seeds.synthetic import households
from tests.factories import tables_of
from tests.unit.test_agreement import a_batch, compiled

if TYPE_CHECKING:
    from matcher.program import Program

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
DAY = dt.date(2026, 8, 1)
THREADS = 6
WORLDS = [World(confirmed=False), World(confirmed=True)]


def differences(program: Program, base: Frames) -> list[str]:
    """Columns and payments that differ, on the run that translates and on the next."""
    found = []
    wanted, scratch = run_worlds(program, base, WORLDS, few=False)
    for _ in range(2):
        got, theirs = run_worlds(program, base, WORLDS, few=True)
        for frame, table in wanted.live.items():
            other = got.live[frame]
            found += [f"{frame}: {n}" for n in table.columns if table.series(n).to_list() != other.series(n).to_list()]
        for part in ("paid", "given", "left"):
            ours, ranges = (getattr(s["ledger"], part) for s in (scratch, theirs))
            found += [f"{part}: {n}" for n, r in ours.items() if (r.lo != ranges[n].lo).any() or (r.hi != ranges[n].hi).any()]
    return found


@pytest.mark.parametrize("wide", [False, True])
def test_the_catalogue_on_random_households(wide: bool) -> None:
    catalogue = load_catalogue(SEEDS)
    engine = Engine(catalogue)
    for record in households(catalogue, count=6, seed=11, as_of=DAY):
        tables, home = tables_of(record, catalogue, DAY), record.households[0].id
        question = Question(home, DAY)
        program = engine.program(DAY, regions=places_of(tables, home), wide=wide)
        assert differences(program, engine.frames(tables, [home], question, program)) == []


def test_what_is_asked_for_after_a_run_is_translated_when_the_program_was_made_ready() -> None:
    catalogue = load_catalogue(SEEDS)
    engine, asked = Engine(catalogue), 0
    for record in households(catalogue, count=6, seed=23, as_of=DAY):
        tables, home = tables_of(record, catalogue, DAY), record.households[0].id
        for _ in range(WARM + 1):
            run = engine.answer(tables, Question(home, DAY))
        make_ready(run.program)
        ready = translated(run.program)
        assert ready
        answers = Answers(run)
        asked += len(answers.asked_for)
        for policy in run.program.policies:
            for who in answers.subjects(policy):
                explain(answers, policy, who)
        assert translated(run.program) == ready
    assert asked


def translated(program: Program) -> int:
    """How many parts of rules are translated beside the plan itself."""
    assert program.plan._few is not None
    return sum(len(sheet.late) for sheet in program.plan._few.sheets.values())


@pytest.mark.parametrize("_", range(3))
def test_threads_that_ask_first_at_the_same_time_get_the_same_answers(_: int) -> None:
    catalogue = load_catalogue(SEEDS)
    engine = Engine(catalogue)
    (record,) = households(catalogue, count=1, seed=11, as_of=DAY)
    tables, question = tables_of(record, catalogue, DAY), Question(record.households[0].id, DAY)
    for _each in range(WARM + 1):
        alone = Answers(engine.answer(tables, question)).questions()
    fresh, together = Engine(catalogue), threading.Barrier(THREADS)
    for _each in range(WARM):
        fresh.answer(tables, question)

    def ask(_: int) -> object:
        together.wait()
        return Answers(fresh.answer(tables, question)).questions()

    with ThreadPoolExecutor(THREADS) as pool:
        for _each in range(2):  # the first ones translate, the others run what was translated
            assert list(pool.map(ask, range(THREADS))) == [alone] * THREADS


@pytest.mark.parametrize("seed", range(0, 120, 3))
def test_random_rules(seed: int, tmp_path: Path) -> None:
    batch = a_batch(seed, 3, tmp_path)
    program = compiled(batch.catalogue)
    ids = [record.households[0].id for record in batch.records]
    base = Engine(batch.catalogue).frames(batch.tables, ids, Question(ids[0], DAY), program)
    assert differences(program, base) == []


FRAME = pl.DataFrame(
    [
        (p, q, a, b, d, s)
        for (p, q), (a, b), d, s in itertools.product(
            itertools.product([True, False, None], repeat=2),
            itertools.product([-7, 0, 3, None], repeat=2),
            [dt.date(2024, 2, 29), dt.date(1969, 12, 31), None],
            ["3716", "", None],
        )
    ],
    schema={"p": pl.Boolean, "q": pl.Boolean, "a": pl.Int64, "b": pl.Int64, "d": pl.Date, "s": pl.String},
    orient="row",
).with_columns(as_of=pl.lit(DAY), codes=pl.when(pl.col("p").is_not_null()).then(pl.lit(["3716", "b"])))
P, Q, A, B, D, S = (pl.col(n) for n in "pqabds")
BIG = A.cast(pl.Int128) * 10**14 * 10**14
COMPARED = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
EXPRESSIONS = [
    P & Q, P | Q, ~P, P == Q, P.is_null(), P.is_not_null(), P.fill_null(value=True), P.fill_null(value=False), P.fill_null(Q),
    pl.all_horizontal([P, Q, A > 0]), pl.any_horizontal([P, Q, A > 0]), pl.coalesce(P, Q), P.cast(pl.Int64), P.cast(pl.Int32),
    pl.when(P).then(Q).otherwise(A > 0), pl.when(P).then(True), pl.when(P).then(A).otherwise(B), pl.when(P).then(A),
    pl.when(P).then(None).otherwise(A),
    pl.when(P).then(1).when(Q).then(2).otherwise(B), A + B, A - B, A * B, A * 3 - 1, A // 2, A // B, A % B, A.fill_null(B), A.fill_null(5),
    A.is_null(), A.is_not_null(), pl.max_horizontal(A, B), pl.min_horizontal(A, B), A.clip(0, 2), A.sign(), A.cast(pl.Int128), BIG + B,
    BIG < B,
    pl.max_horizontal(BIG, B.cast(pl.Int128)), (BIG // 10**28).cast(pl.Int64), pl.coalesce(A, B), D.is_null(), pl.lit(DAY) > D, D == D,
    D.dt.year(), D.dt.month(), D.dt.day(), D.dt.is_leap_year(), D.dt.offset_by("12mo"), D.dt.offset_by("-3mo"), D.dt.offset_by("1mo"),
    D.dt.offset_by("-40d"), pl.when(P).then(D).otherwise(pl.lit(DAY)), S == "3716", pl.lit("x") != S, S.is_in(["3716", "x"]), S.is_null(),
    S.str.starts_with("37"), S.str.len_chars(), S.str.head(2), pl.when(P).then(S), S.cast(pl.Enum(["3716", ""])).cast(pl.String) == "3716",
    pl.col("codes").list.contains(S), pl.col("codes").list.contains(pl.lit("b")), pl.lit(None, dtype=pl.Int64) + A, pl.lit(3),
    pl.lit(value=True),
    pl.lit(None, dtype=pl.Boolean), A.is_between(0, 3), pl.lit(2) < A, A.cast(pl.Float64) / 2,
    *(op(A, B) for op in COMPARED), *(op(A, 3) for op in COMPARED),
]  # fmt: skip


@pytest.mark.parametrize("e", EXPRESSIONS, ids=str)
@pytest.mark.parametrize("table", [FRAME, FRAME.head(1), FRAME.clear(), FRAME.filter(pl.all_horizontal(pl.all().is_not_null()))], ids=len)
def test_every_operator(e: pl.Expr, table: pl.DataFrame) -> None:
    plan = FewPlan([Groups.of([Select("person", "x", e.alias("x"))])], {"person": set(table.columns)})
    wanted = table.select("as_of", e.alias("x")).get_column("x").to_list()
    for _ in range(2):
        frames = Frames({"person": table}, {}, {}, 1)
        plan.run(frames)
        assert frames.column("person", "x").to_list() == wanted
