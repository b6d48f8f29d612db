"""Moving numbers against plain ones: the same results at their distance, and every comparison the same all along the stretch."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from matcher.moving import FAR, Moving, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    Formula = Callable[[Any], Any]

COMPARED: tuple[Callable[[Any, Any], bool], ...] = (
    lambda a, b: a < b, lambda a, b: a <= b, lambda a, b: a > b, lambda a, b: a >= b, lambda a, b: a == b, lambda a, b: a != b,
)  # fmt: skip
WINDOW = 300
"""Distances each way that are tried."""


def a_formula(rng: random.Random, depth: int) -> Formula:
    """Sums, differences, multiples, rounding, and the larger of two, of a number."""
    if depth == 0:
        number = rng.randint(-50, 50)
        return (lambda x: x) if rng.random() < 0.6 else lambda _: number
    first, second, by = a_formula(rng, depth - 1), a_formula(rng, depth - 1), rng.randint(1, 9)
    return rng.choice([
        lambda x: first(x) + second(x), lambda x: first(x) - second(x), lambda x: first(x) * by, lambda x: -by * first(x),
        lambda x: first(x) // by, lambda x: first(x) % by, lambda x: max(first(x), second(x)), lambda x: first(x) * second(x),
    ])  # fmt: skip


def plain(value: Any) -> int:
    """What a number is at its distance."""
    return value.now if isinstance(value, Moving) else int(value)


@pytest.mark.parametrize("seed", range(300))
def test_a_comparison_is_the_same_all_along_its_stretch(seed: int) -> None:
    rng = random.Random(seed)
    left, right, compare = a_formula(rng, 3), a_formula(rng, 2), rng.choice(COMPARED)
    start, distance = rng.randint(-100, 100), rng.randint(-100, 100)
    trace = Trace(distance)
    x = Moving(trace, start, 1, {})
    a, b = left(x), right(x)
    assert (plain(a), plain(b)) == (left(start + distance), right(start + distance))
    said = compare(a, b)
    assert trace.low <= distance <= trace.high
    for d in range(max(trace.low, distance - WINDOW), min(trace.high, distance + WINDOW) + 1):
        assert compare(left(start + d), right(start + d)) == said, d


def test_a_sum_without_rounding_turns_exactly_where_it_does() -> None:
    trace = Trace(0)
    wage = Moving(trace, 70, 1, {})
    assert 3 * wage - wage > 99
    assert (trace.low, trace.high) == (-20, FAR)


def test_what_is_rounded_alike_is_gone_from_a_difference() -> None:
    trace = Trace(5)
    wage = Moving(trace, 70, 1, {})
    assert wage * 6 // 10 - (wage * 6 + 20) // 10 == -2
    assert (trace.low, trace.high) == (-FAR, FAR)


def test_a_rounded_number_is_followed_beyond_the_next_step() -> None:
    trace = Trace(0)
    wage = Moving(trace, 70, 1, {})
    assert wage * 6 // 10 < 600
    assert trace.high >= 920


def test_what_is_rounded_turns_exactly_where_it_does_also_beside_its_own_number() -> None:
    trace = Trace(1)
    paid = Moving(trace, 0, 1, {})
    monthly = (2 * paid * 11 + 12) // 24
    assert 12 * (monthly - paid) + 44040 > 0
    turns = next(d for d in range(1, 10**6) if 12 * ((22 * d + 12) // 24 - d) + 44040 <= 0)
    assert trace.high == turns - 1


def test_what_bounds_leave_open_is_tried_value_by_value() -> None:
    trace = Trace(1)
    bill = Moving(trace, 0, 1, {})
    assert 400 + bill - (7 * bill + 5) // 10 - (3 * bill + 2) // 5 > 0
    turns = next(d for d in range(1, 10**6) if 400 + d - (7 * d + 5) // 10 - (3 * d + 2) // 5 <= 0)
    assert trace.high == turns - 1
