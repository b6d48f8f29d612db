"""Cells of real ledgers: what is read, what says nothing, and what is refused because it could be read in two ways."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from matcher.catalogue import Fact
from matcher.errors import FactValueError
from matcher.ingest_cells import Cell, read_cell
from matcher.ingest_kinds import kind_of
from matcher.language import Words


def a_fact(type_: str, values: tuple[str, ...] = ()) -> Fact:
    return Fact("f", (), type_, Words("f", "f"), values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("raw", "fen"),
    [
        ("8000.50", 800_050),
        ("8,000", 800_000),
        ("１，２００", 120_000),
        ("0.18万元", 180_000),
        ("¥1200", 120_000),
        (1200.1, 120_010),
        ("'12", 1200),
    ],
)
def test_money_as_people_write_it(raw: object, fen: int) -> None:
    assert read_cell(a_fact("money"), raw) == fen


@pytest.mark.parametrize("raw", ["1.2E+05", "8.000,50", "12,34", "abc", "1.234"])
def test_money_that_is_not_certain_is_refused(raw: str) -> None:
    with pytest.raises(FactValueError):
        read_cell(a_fact("money"), raw)


DAYS: tuple[object, ...] = (
    *("2024-03-05", "2024.3.5", "2024/03/05", "2024年3月5日", "20240305", "45356", "２０２４-3-5", "2024-03-05 00:00:00"),
    *(20240305, 45356, dt.datetime(2024, 3, 5, tzinfo=dt.UTC), dt.date(2024, 3, 5)),
)


@pytest.mark.parametrize("raw", DAYS)
def test_days_as_people_and_spreadsheets_write_them(raw: object) -> None:
    assert read_cell(a_fact("date"), raw) == dt.date(2024, 3, 5)


@pytest.mark.parametrize("raw", ["24-3-5", "2024-02-30", "2024年3月", 2024.3, "5/3/2024", "3"])
def test_days_that_are_not_certain_are_refused(raw: object) -> None:
    with pytest.raises(FactValueError):
        read_cell(a_fact("date"), raw)


@pytest.mark.parametrize("raw", [None, "", "  ", "不详", "未知", "—", "/", "unknown"])
def test_a_blank_says_nothing(raw: object) -> None:
    assert read_cell(a_fact("yesno"), raw) is None
    assert read_cell(a_fact("money"), raw) is None


def test_a_value_that_is_called_like_a_blank_is_a_value() -> None:
    assert read_cell(a_fact("text", ("unknown", "a")), "unknown") == "unknown"


@pytest.mark.parametrize(("raw", "value"), [("是", True), ("否", False), ("√", True), (True, True), ("无", False), (0, False)])
def test_yes_and_no(raw: object, value: bool) -> None:
    assert read_cell(a_fact("yesno"), raw) is value


def test_a_column_has_its_own_words_and_units() -> None:
    assert read_cell(a_fact("text", ("urban", "rural")), "城", Cell(values={"城": "urban"})) == "urban"
    assert read_cell(a_fact("text", ("urban", "rural")), "城镇", Cell(words={"城镇": "urban"})) == "urban"
    assert read_cell(a_fact("yesno"), "待查", Cell(values={"待查": None})) is None
    assert read_cell(a_fact("money"), "1.5", Cell(unit="万元")) == 1_500_000
    assert read_cell(a_fact("number"), "1.5", Cell()) == Fraction(3, 2)


@pytest.mark.parametrize(
    ("raw", "code"), [(371602, "371602"), ("371602000000", "371602"), ("３７１６０２", "371602"), (371602.0, "371602")]
)
def test_region_codes(raw: object, code: str) -> None:
    assert read_cell(a_fact("region"), raw) == code


@pytest.mark.parametrize("raw", ["37160", "惠民县"])
def test_a_region_that_cannot_be_one_is_refused(raw: str) -> None:
    with pytest.raises(FactValueError):
        read_cell(a_fact("region"), raw)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("household.csv", "household"),
        ("persons-2026.csv", "person"),
        ("法定义务人", "supporter"),
        ("award_civil.xlsx", "award"),
        ("notes.csv", None),
    ],
)
def test_the_kind_is_in_the_name(name: str, kind: str | None) -> None:
    found = kind_of(name)
    assert (found[0] if found else None) == kind
