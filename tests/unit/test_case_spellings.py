"""What case files may also write: defaults of one case, quoted dates, null, other spellings; and numbers that are too large."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from matcher.cases import read_cases
from matcher.errors import CatalogueError
from matcher.judge import Expected
from matcher.records import Told
from tests.unit.small_catalogue import a_policy, load
from tests.unit.test_cases import a_case, read

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The small catalogue with a person's policy."""
    return load(tmp_path_factory.mktemp("catalogue"), {"policies/care-aid.yaml": a_policy("care-aid", unit="person")})


def test_defaults_of_one_case_are_its_own(catalogue: Catalogue) -> None:
    text = a_case(more="  defaults: {person: {wage_month: 1}}\n") + a_case()
    first, second = read_cases(text, "case.yaml", catalogue)
    assert first.record.persons["child"].facts == {"wage_month": [Told(100)]}
    assert second.record.persons["child"].facts == {}


def test_null_is_unknown_for_a_fact_and_for_a_list(catalogue: Catalogue) -> None:
    mother = read(catalogue, a_case("members: [{as: mother, wage_month: null, bills: null}]")).record.persons["mother"]
    assert mother.facts == {"wage_month": []}
    assert mother.complete == set()


def test_dates_may_be_quoted(catalogue: Catalogue) -> None:
    text = a_case("members: [{as: mother, born: '1982-03-05', on: '2026-07-01'}]").replace("2026-08-01", "'2026-08-01'")
    case = read(catalogue, text)
    assert case.as_of == dt.date(2026, 8, 1)
    assert case.record.persons["mother"].facts["born"] == [Told(dt.date(1982, 3, 5), dt.date(2026, 7, 1))]


def test_assumed_is_a_text_a_list_or_a_mapping(catalogue: Catalogue) -> None:
    told = [read(catalogue, a_case(more=f"  assumed: {words}\n")).assumed for words in ("one day", "[one, {two: 2}]", "{one: [a, b]}")]
    assert told == ["one day", "one; two: 2", "one: a; b"]


def test_other_spellings_of_what_is_expected(catalogue: Catalogue) -> None:
    text = a_case(more="  expect: {dibao: not_eligible, care-aid@child: {verdict: not_eligible}, residuals: {living: 3}}\n")
    case = read(catalogue, text + "  opened_by: {care-aid@child: care-aid@mother}\n")
    assert set(case.verdicts.values()) == {"not eligible"}
    assert case.left == {("living", None): Expected(Fraction(300), Fraction(300), ends=True)}
    assert case.opened_by == {("care-aid", "child"): ("care-aid",)}


def test_a_number_too_large_for_sums_is_refused_at_its_line(catalogue: Catalogue) -> None:
    assert read(catalogue, a_case("members: [{as: mother, wage_month: 100000000000}]"))
    with pytest.raises(CatalogueError, match=r"case.yaml:3 .*wage_month: 100000000000.01 is too large"):
        read(catalogue, a_case("members: [{as: mother, wage_month: 100000000000.01}]"))
