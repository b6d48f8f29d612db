"""The facts of few households, row by row, are those that polars makes: column for column, for random households and on the edges."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from matcher.binding import place_columns, places_of
from matcher.errors import FrameError
from matcher.fact_lists import paid_once
from matcher.facts import Stage, frames_of
from matcher.few_facts import FEW_STATEMENTS, FewStage, is_few
from matcher.scope import HOUSEHOLD, PERSON
from matcher.told import Unusual
from seeds.synthetic import households
from seeds.synthetic_tables import tables_of_records
from tests.factories import engine, shipped, tables_of

if TYPE_CHECKING:
    from matcher.frames import Frames
    from matcher.stored import Tables

DAY = dt.date(2026, 8, 1)
DAYS = (DAY, dt.date(2026, 1, 31), dt.date(2027, 2, 28), dt.date(2031, 8, 1))
SOME = 4
KEPT_ONLY_BY_POLARS = {"live", "q"}
"""Columns of lists that the one has of all and the other of some, and that nothing reads there."""


def base_of(tables: Tables, homes: list[str], *, wide: bool = False) -> dict[str, set[str]]:
    """The columns that a plan of the catalogue asks for."""
    regions = frozenset[str]().union(*(places_of(tables, home) for home in homes))
    base = {name: set(columns) for name, columns in engine().program(DAY, regions=regions, wide=wide).plan.base.items()}
    base.setdefault(HOUSEHOLD, set()).update(place_columns(shipped()))
    return base


def both(tables: Tables, homes: list[str], day: dt.date = DAY, known_by: dt.datetime | None = None, *, wide: bool = False) -> list[Frames]:
    """The frames by polars and row by row."""
    base = base_of(tables, homes, wide=wide)
    stages = (stage(tables, shipped(), day, known_by, {}) for stage in (Stage, FewStage))
    return [stage.build(homes, base) for stage in stages]


def differences(wanted: Frames, got: Frames) -> list[Any]:
    """Columns, hops and spans that differ."""
    found: list[Any] = [(set(wanted.tables) ^ set(got.tables)), set(wanted.hops) ^ set(got.hops)]
    for frame, table in wanted.tables.items():
        other = got.tables[frame]
        told = {n for n in table.columns if n in other.columns or n[:2] in ("f:", "e:") or n.startswith("whole:") or n == "needs_consent"}
        found += [
            (frame, n) for n in told if n not in other.columns or not table.get_column(n).equals(other.get_column(n), check_dtypes=True)
        ]
        found += [(frame, n) for n in set(other.columns) - set(table.columns) - KEPT_ONLY_BY_POLARS]
        assert table.height == other.height, frame
    for hop, (target, rows) in wanted.hops.items():
        found += [] if got.hops[hop][0] == target and rows.equals(got.hops[hop][1], check_dtypes=True) else [hop]
    for frame, spans in wanted.spans.items():
        found += [] if [s.tolist() for s in spans] == [s.tolist() for s in got.spans[frame]] else [frame]
    return [one for one in found if one]


@pytest.mark.parametrize("day", DAYS)
def test_random_households(day: dt.date) -> None:
    for number, record in enumerate(households(shipped(), count=12, seed=23, as_of=DAY)):
        tables = tables_of(record, shipped(), DAY)
        assert differences(*both(tables, [record.households[0].id], day, wide=number % 2 == 0)) == []


def test_several_households_at_once_with_others_beside_them_in_the_tables() -> None:
    records = list(households(shipped(), count=9, seed=29, as_of=DAY))
    tables = tables_of_records(records, shipped(), DAY)
    assert differences(*both(tables, [record.households[0].id for record in records[2:5]])) == []


def changed(tables: Tables, kind: str, **columns: pl.Expr) -> Tables:
    """The tables with other values in some columns of a kind."""
    return {**tables, kind: tables[kind].with_columns(**columns)}


def told_of_many() -> tuple[Tables, str]:
    """A household about which much is told."""
    found = list(households(shipped(), count=30, seed=31, as_of=DAY))
    record = max(found, key=lambda one: tables_of_records([one], shipped(), DAY)["Statement"].height)
    return tables_of(record, shipped(), DAY), record.households[0].id


def test_what_was_withdrawn_or_recorded_later_or_told_without_a_day_or_for_a_later_one() -> None:
    tables, home = told_of_many()
    number, moment = pl.int_range(pl.len()), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    tables = changed(
        tables,
        "Statement",
        withdrawn_at=pl.when(number % 5 == 1).then(moment).otherwise(pl.col("withdrawn_at")),
        recorded_at=pl.when(number % 7 == 2).then(None).when(number % 3 == 0).then(moment).otherwise(pl.col("recorded_at")),
        true_on=pl.when(number % 4 == 3).then(None).when(number % 11 == 5).then(dt.date(2027, 1, 1)).otherwise(pl.col("true_on")),
        source=pl.when(number % 6 == 0).then(None).otherwise(pl.col("source")),
    )
    for known_by in (None, moment, moment - dt.timedelta(days=1)):
        assert differences(*both(tables, [home], known_by=known_by)) == []


def some_with(edge: str, *, seed: int) -> list[tuple[Tables, str]]:
    """The tables of some households around which there are such edges."""
    found: list[tuple[Tables, str]] = []
    for record in households(shipped(), count=40, seed=seed, as_of=DAY):
        tables = tables_of_records([record], shipped(), DAY)
        if not tables[edge].is_empty():
            found.append((tables, record.households[0].id))
    assert len(found) >= SOME
    return found[:SOME]


def test_consents_that_ended_were_taken_back_or_name_nothing() -> None:
    for tables, home in some_with("GAVE", seed=37):
        for change in (
            {"until": pl.lit(DAY - dt.timedelta(days=1))},
            {"withdrawn": pl.lit(DAY)},
            {"scope": pl.lit([], dtype=pl.List(pl.String))},
            {"scope": pl.lit(None, dtype=pl.List(pl.String))},
            {"scope": pl.lit(["economy"])},
        ):
            assert differences(*both(changed(tables, "Consent", **change), [home])) == []


def test_awards_by_when_they_were_paid_and_how_long_they_run() -> None:
    for tables, home in some_with("RECEIVES", seed=41):
        paid = pl.lit(None, dtype=pl.Date), pl.lit(dt.date(2024, 2, 29)), pl.lit(dt.date(2025, 8, 1)), pl.lit(dt.date(2025, 8, 2))
        for until in (pl.lit(None, dtype=pl.Date), pl.lit(DAY), pl.lit(DAY - dt.timedelta(days=1))):
            for paid_on in paid:
                for policy in (min(paid_once(shipped())), "dibao"):
                    tried = changed(tables, "Award", until=until, paid_on=paid_on, policy=pl.lit(policy))
                    assert differences(*both(tried, [home])) == []


def test_a_number_that_no_column_may_hold_is_left_to_polars_which_refuses_it() -> None:
    tables, home = told_of_many()
    tables = changed(tables, "Statement", fact_deposits_fen=pl.lit(10**15))
    with pytest.raises(Unusual):
        FewStage(tables, shipped(), DAY, None, {})
    with pytest.raises(FrameError, match="deposits"):
        frames_of(tables, shipped(), [home], as_of=DAY, known_by=None, base=base_of(tables, [home]), kept={})


def test_a_value_of_another_type_than_its_facts_is_left_to_polars() -> None:
    tables, home = told_of_many()
    tables = changed(tables, "Statement", fact_deposits_fen=pl.lit(12.0))
    with pytest.raises(Unusual):
        FewStage(tables, shipped(), DAY, None, {}).build([home], base_of(tables, [home]))
    made = frames_of(tables, shipped(), [home], as_of=DAY, known_by=None, base=base_of(tables, [home]), kept={})
    assert 12 in made.tables[PERSON].get_column("f:deposits").to_list()


def test_many_statements_are_left_to_polars() -> None:
    tables, home = told_of_many()
    assert is_few(tables, [home])
    assert not is_few(tables, [home] * 5)
    assert not is_few({**tables, "Statement": pl.concat([tables["Statement"]] * FEW_STATEMENTS)}, [home])
