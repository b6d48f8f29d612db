"""Region codes: levels, ancestors, what lies in what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import RegionError
from graph.regions import ancestors, check_region, level, shorten, within

VILLAGE = "370302001007"


def test_ancestors_are_prefixes_nearest_first() -> None:
    assert ancestors(VILLAGE) == ["370302001", "370302", "3703", "37"]
    assert ancestors("37") == []


@pytest.mark.parametrize("code", ["", "37 03", "37_03", "-37", "GB-", "山东"])
def test_a_code_that_cannot_be_one_is_refused(code: str) -> None:
    with pytest.raises(RegionError):
        check_region(code)


@pytest.mark.parametrize(("code", "name"), [("37", "province"), ("3703", "city"), (VILLAGE, "village"), ("GB-ENG", None), ("DE11", None)])
def test_levels_are_those_of_the_length(code: str, name: str | None) -> None:
    assert level(code) == name


@pytest.mark.parametrize(
    ("code", "short"),
    [("370000", "37"), ("370300000000", "3703"), ("370302000", "370302"), (VILLAGE, VILLAGE), ("3710", "3710"), ("GB00", "GB00")],
)
def test_zeros_at_the_end_of_a_code_fall_away(code: str, short: str) -> None:
    assert shorten(code) == short


@pytest.mark.parametrize(
    ("inner", "outer", "lies"),
    [
        (VILLAGE, "37", True),
        ("37", "37", True),
        ("37", "3703", False),
        ("3705", "3703", False),
        ("GB-ENG", "GB", True),
        ("GB-ENG-LND", "GB-ENG", True),
        ("NZ-10", "NZ-1", False),
        ("DE111", "DE1", True),
        ("GB", "GB-ENG", False),
        ("37A", "37", False),
    ],
)
def test_what_lies_in_what(inner: str, outer: str, lies: bool) -> None:
    assert within(inner, outer) is lies


def test_ancestors_of_other_codes_are_the_known_ones_that_begin_them() -> None:
    assert ancestors("GB-ENG-LND", {"GB", "GB-ENG", "GB-WLS", "GB-ENG-LND", "FR"}) == ["GB-ENG", "GB"]
    assert ancestors("DE111", ["DE", "DE1", "DE2"]) == ["DE1", "DE"]
    assert ancestors("GB-ENG") == []


@given(st.from_regex(r"37[0-9]{10}", fullmatch=True).filter(str.isascii), st.sampled_from([2, 4, 6, 9]))
def test_a_region_lies_in_each_of_its_ancestors(code: str, length: int) -> None:
    assert within(code, code[:length])
    assert code[:length] in ancestors(code)
