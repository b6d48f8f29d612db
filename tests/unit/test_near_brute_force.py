"""Near misses against brute force: every value that a fact could have, one after the other, through the plain oracle."""

from __future__ import annotations

import copy
import datetime as dt
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from matcher.records import Record, Told
from tests.oracle import Oracle
from tests.unit.near_world import DAY, near, random_catalogue, random_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matcher.catalogue import Catalogue, Fact
    from matcher.near import Found

    Spot = tuple[str, str, str]
    """(frame, subject, fact) as a near miss names them."""
    Answer = tuple[str, str, str, str, str, Any, str]
    """(policy, who, frame, subject, fact, value, direction)."""

WINDOW = 120
"""Days each way that are tried for a date."""


def spots(catalogue: Catalogue, record: Record) -> Iterator[tuple[Spot, Fact, Any]]:
    """Every known fact."""
    for unit, subjects in (("household", record.households), ("person", list(record.persons.values()))):
        for subject in subjects:
            for name, told in subject.facts.items():
                if told[0].value is not None and name != "region":
                    yield (unit, subject.id, name), catalogue.facts[name], told[0].value
            for listed, entries in subject.entries.items():
                fields = catalogue.facts[listed].rows
                assert isinstance(fields, dict)
                for entry in entries:
                    for name, value in entry.fields.items():
                        if value is not None and listed not in ("awards", "recognitions"):
                            yield (f"{listed}@{unit}", f"{subject.id}/{listed}/{entry.key}", name), fields[name], value
            for listed, links in subject.links.items():
                for link in links:
                    for name, value in link.edge.items():
                        if value is not None:
                            yield (
                                (f"{listed}@{unit}", f"{subject.id}/{listed}/{link.person}", name),
                                catalogue.facts[listed].edge[name],
                                value,
                            )


def put(record: Record, spot: Spot, value: Any) -> Record:
    """The record with one fact changed."""
    changed = copy.deepcopy(record)
    frame, subject_id, name = spot
    owner, _, rest = subject_id.partition("/")
    unit = frame.split("@")[-1]
    subject = next(s for s in (changed.households if unit == "household" else changed.persons.values()) if s.id == owner)
    if not rest:
        subject.facts[name] = [Told(value)]
        return changed
    listed, key = rest.split("/")
    for entry in subject.entries.get(listed, []):
        if entry.key == key:
            entry.fields[name] = value
    for link in subject.links.get(listed, []):
        if link.person == key:
            link.edge[name] = value
    return changed


def values(fact: Fact, value: Any) -> list[Any]:
    """All that a fact could be, dates within the window."""
    if fact.type == "yesno":
        return [not value]
    if fact.type == "text":
        return [v for v in fact.values if v != value]
    if fact.type == "date":
        return [value + dt.timedelta(days=n) for n in range(-WINDOW, WINDOW + 1) if n]
    assert fact.low is not None
    assert fact.high is not None
    scale = 10_000 if fact.type == "number" else 1
    every = range(int(fact.low * scale), int(fact.high * scale) + 1)
    return [v for n in every if (v := Fraction(n, scale) if scale > 1 else n) != value]


def brute_force(catalogue: Catalogue, record: Record, day: dt.date = DAY) -> set[Answer]:
    """The near misses by trying everything."""
    now = Oracle(catalogue, record, day).best
    no = [(p, row) for p, v in now.rules.policies.items() for row in now.subjects(v.unit) if now.verdict(p, row) is False]
    found: dict[tuple[str, str, Spot, Any], Any] = {}
    for spot, fact, was in spots(catalogue, record):
        for value in values(fact, was):
            world = Oracle(catalogue, put(record, spot, value), day).world(confirmed=True, left_out=now.left_out)
            for policy, row in no:
                if world.verdict(policy, row) is True:
                    key = (policy, row.subject or "", spot, _way(fact, was, value))
                    if key not in found or abs(value - was) < abs(found[key] - was):
                        found[key] = value
    return {(p, w, *spot[:2], spot[2], v, way if isinstance(way, str) else way[0]) for (p, w, spot, way), v in found.items()}


def _way(fact: Fact, was: Any, value: Any) -> Any:
    if fact.type in ("yesno", "text"):
        return ("other", value)
    if fact.type == "date":
        return "later" if value > was else "earlier"
    return "up" if value > was else "down"


def answers(found: Found) -> set[Answer]:
    """What the engine found, dates within the window."""
    near_ones = [m for m in found.misses if not isinstance(m.from_value, dt.date) or abs((m.to_value - m.from_value).days) <= WINDOW]
    return {(m.policy, m.who, m.frame, m.subject, m.fact, m.to_value, m.direction) for m in near_ones}


def check(folder: Path, seed: int, unknown: float) -> int:
    """One random catalogue and household, both ways; how many near misses there were."""
    rng = random.Random(seed)
    catalogue = random_catalogue(folder, rng)
    record = random_record(rng, unknown)
    found = near(catalogue, record)
    expected = brute_force(catalogue, record)
    got = answers(found)
    assert found.open == 0
    assert got - expected == set(), f"seed {seed}: wrong"
    assert expected - got == set(), f"seed {seed}: missing"
    return len(expected)


@pytest.mark.parametrize("seed", [3])
def test_near_misses_are_those_that_trying_everything_finds(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 0.0)


@pytest.mark.parametrize("seed", [101])
def test_they_are_also_where_some_facts_are_not_known(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 0.12)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(100, 103), *range(200, 260)])
def test_many_random_rules_and_households(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed, 0.0 if seed % 2 and seed > 103 else 0.1)


@pytest.mark.slow
def test_the_brute_force_finds_something(tmp_path: Path) -> None:
    assert sum(check(tmp_path / str(seed), seed, 0.0) for seed in (0, 1, 2)) > 0
