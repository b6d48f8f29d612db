"""Why a need stays open: a household planted for each code, as a batch keeps it and as a gap report counts it."""

# ruff: noqa: E501  the texts stand as a clerk writes them

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from matcher.batch import results_for
from matcher.kept import REASONS
from matcher.pipeline import Engine
from tests.factories import case_of, load_small, tables_of
from tests.unit.small_catalogue import PROJECT, SMALL, a_policy
from tests.unit.test_applications import REFUSED, applied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

DAY = dt.date(2026, 8, 1)
FACTS = """\
owed:  {unit: household, type: money, min: 0, label: {zh: 欠款, en: owed}}
alone: {unit: household, type: yesno, label: {zh: 独居, en: alone}}
poor:  {unit: household, type: yesno, label: {zh: 困难, en: poor}}
"""
NEEDS = """\
- {id: debt, title: {zh: 债务, en: debt}, unit: household, kind: money, window: next_12, source: {document: rules, mark: derived}, amount: owed}
- {id: visits, title: {zh: 探访, en: visits}, unit: household, kind: hours, window: next_12, when: alone, amount: 40}
"""
FUND = (
    PROJECT.partition("requires:")[0]
    + """\
requires:
  all:
    - {id: alone, says: {zh: 独居, en: alone}, when: alone}
    - {id: poor, says: {zh: 困难, en: poor}, when: poor}
benefit: {kind: cash, pays: discretionary, certainty: exact, covers: [debt], amount: yuan(100), per: once}
project: {organisation: federation, budget: 1000, consent: none, open: {from: 2026-01-01, until: 2026-12-31}}
"""
)
VISITS = a_policy(
    "visiting",
    "alone",
    layer="service",
    more="benefit: {kind: service, pays: discretionary, certainty: exact, covers: [visits], hours: 10, skill: visits, per: month}",
)
HOME = "owed: 500, alone: true, poor: true"
REASON_BY_CHANGE: list[tuple[str, str, str, dict[str, pl.DataFrame], tuple[str, str]]] = [
    ("fact_unknown", "debt", HOME.replace("poor: true", "poor: unknown"), {}, ("", "")),
    ("refused", "debt", HOME, applied("fund", REFUSED), ("", "")),
    ("no_consent", "debt", HOME, {}, ("consent: none", "consent: required")),
    ("closed", "debt", HOME, {}, ("until: 2026-12-31", "until: 2026-07-31")),
    ("budget", "debt", HOME, {}, ("budget: 1000", "budget: 99")),
    ("no_supply_near", "visits", HOME, {}, ("", "")),
    ("one_clause_short", "debt", HOME.replace("poor: true", "poor: false"), {}, ("", "")),
    ("not_enough", "debt", HOME, {}, ("", "")),
    ("not_eligible", "debt", "owed: 500, alone: false, poor: false", {}, ("", "")),
    ("no_rule", "debt", HOME, {}, ('"3716"', '"3701"')),
]


def open_needs(folder: Path, facts: str, added: Mapping[str, pl.DataFrame], change: tuple[str, str]) -> dict[str, str | None]:
    """The reason by need of a household of one, with a fund that was changed."""
    more = {
        "facts.yaml": SMALL["facts.yaml"] + FACTS, "needs.yaml": SMALL["needs.yaml"] + NEEDS,
        "projects/fund.yaml": FUND.replace(*change) if change[0] else FUND, "policies/service/visiting.yaml": VISITS,
    }  # fmt: skip
    engine = Engine(load_small(folder, {**SMALL, **more}))
    case = case_of(
        "- name: x\n  as_of: 2026-08-01\n  expect: {}\n"
        f"  household: {{region: '371602', residence: urban, awards: [], recognitions: [], {facts}, members: [{{as: a, born: 1982-03-05}}]}}\n",
        engine.catalogue,
    )
    tables = {**tables_of(case.record, engine.catalogue, case.as_of), **added}
    (kept,) = results_for(engine, tables, ["household"], DAY)
    return {row.need: row.reason for row in kept.needs if row.open}


@pytest.mark.parametrize(("reason", "need", "facts", "added", "change"), REASON_BY_CHANGE, ids=[row[0] for row in REASON_BY_CHANGE])
def test_a_need_stays_open_for_the_reason_that_was_planted(
    tmp_path: Path, reason: str, need: str, facts: str, added: dict[str, pl.DataFrame], change: tuple[str, str]
) -> None:
    assert open_needs(tmp_path, facts, added, change)[need] == reason


def test_every_reason_has_its_household() -> None:
    assert sorted(row[0] for row in REASON_BY_CHANGE) == sorted(REASONS)
