"""YAML as the project reads it: exact, strict, and knowing where each value stands."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from matcher.errors import CatalogueError
from matcher.language import Spot
from matcher.yaml_source import Item, item_of, read_yaml

if TYPE_CHECKING:
    from matcher.errors import Fault


def plain(text: str) -> object:
    """The one document of a text, without places."""
    return read_yaml(text, "x.yaml")[0].plain()


def faults_of(text: str) -> tuple[Fault, ...]:
    """What is wrong with a text."""
    with pytest.raises(CatalogueError) as caught:
        read_yaml(text, "x.yaml")
    return caught.value.faults


def test_only_true_and_false_are_booleans() -> None:
    assert plain("{a: true, b: false, c: yes, d: on, e: True}") == {"a": True, "b": False, "c": "yes", "d": "on", "e": "True"}


def test_keys_are_text_also_where_yaml_has_booleans_and_numbers() -> None:
    assert plain("on: 1\nyes: 2\n1-2: 3\n3: 4\ntrue: 5") == {"on": 1, "yes": 2, "1-2": 3, "3": 4, "true": 5}


def test_numbers_are_exact_and_dates_are_dates() -> None:
    assert plain("[12, -3, 0.60, 2026-08-01, null, ~]") == [12, -3, Decimal("0.60"), dt.date(2026, 8, 1), None, None]
    assert isinstance(plain("0.1"), Decimal)


@pytest.mark.parametrize("text", ["'12'", '"12"', "012", "1e3", "1_000", "0x1f", "1:30", ".5", "2026-13-01", "2026-8-1", ".inf"])
def test_what_is_quoted_or_odd_stays_text(text: str) -> None:
    assert isinstance(plain(text), str)


def test_several_documents_and_empty_ones() -> None:
    assert [item.plain() for item in read_yaml("a: 1\n---\n---\n- 2\n", "x.yaml")] == [{"a": 1}, [2]]
    assert read_yaml("", "x.yaml") == ()


def test_every_value_knows_its_file_line_and_path() -> None:
    (item,) = read_yaml("- a: 1\n  b:\n    - x\n    - c: >\n        long\n", "f.yaml")
    assert isinstance(item.value, tuple)
    entry = item.value[0].value
    assert isinstance(entry, dict)
    listed = entry["b"]
    assert isinstance(listed, Item)
    assert (listed.spot, listed.key_line) == (Spot("f.yaml", 3, "[0].b"), 2)
    assert isinstance(listed.value, tuple)
    assert listed.value[1].value["c"].spot == Spot("f.yaml", 4, "[0].b[1].c")  # type: ignore[index,call-overload,union-attr]


def test_anchors_may_be_used_twice() -> None:
    assert plain("a: &x [1]\nb: *x") == {"a": [1], "b": [1]}


def test_plain_values_become_items_and_back() -> None:
    raw = {"a": [1, Decimal("0.5"), None], "b": {"c": "x"}}
    assert item_of(raw, Spot("", 1, "")).plain() == raw


def test_a_key_that_stands_twice_is_refused() -> None:
    (fault,) = faults_of("a: 1\nb: 2\na: 3")
    assert (fault.line, fault.path, fault.en) == (3, "a", "the key a stands twice")


def test_an_expression_cut_at_its_comma_is_recognised() -> None:
    (fault,) = faults_of("- {id: x,\n   when: max(0, wage) > 3}")
    assert fault.line == 2
    assert "`wage) > 3` has no value" in fault.en
    assert "quote the whole expression" in fault.en
    assert "加引号" in fault.zh


@pytest.mark.parametrize("text", ["a: !!int 3", "a: !thing {b: 1}", "a: !!python/object:os.system x"])
def test_tags_are_refused(text: str) -> None:
    (fault,) = faults_of(text)
    assert "tags are refused" in fault.en


def test_an_alias_inside_what_it_names_is_refused() -> None:
    (fault,) = faults_of("a: &x [1, *x]")
    assert "alias" in fault.en


def test_a_key_that_is_no_word_is_refused() -> None:
    (fault,) = faults_of("? [a, b]\n: 1")
    assert fault.en == "a key must be one word"


@pytest.mark.parametrize(("text", "line"), [("a: 1\nb: [", 2), ("a: 1\nb: c: d", 2), ("a: 'x\n", 2), ("a: 1\n\tb: 2", 2), ("a: *none", 1)])
def test_a_syntax_error_gives_its_line_and_a_reason(text: str, line: int) -> None:
    (fault,) = faults_of(text)
    assert abs(fault.line - line) <= 1
    assert fault.en.startswith("not YAML: ")


def test_all_faults_of_a_text_come_together_in_reading_order() -> None:
    faults = faults_of("a: 1\na: 2\nb: !!int 3\nc: {x}")
    assert [fault.line for fault in faults] == [2, 3, 4]
    assert str(CatalogueError(faults)).splitlines()[0] == "x.yaml:2 a: the key a stands twice"
