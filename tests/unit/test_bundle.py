"""The bundle: statuses, amounts, waterfalls that add up to the fen, choices, slots, the sentence."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

from graph.tables import empty_frame
from matcher.answers import Answers
from matcher.bundle import Bundle, bundle_of
from matcher.bundle_json import hours, plain, sentence, yuan
from matcher.evidence import Evidence
from matcher.needs import waterfalls
from matcher.pipeline import Engine, Question
from tests.factories import case_of, load_small, tables_of
from tests.unit.small_catalogue import SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from matcher.catalogue import Catalogue
    from matcher.items import Item
    from matcher.stored import Tables

DAY = dt.date(2026, 8, 1)
PENSION = """\
id: pension
title: {zh: 抚恤补助, en: Pension}
layer: basic
department: civil-affairs
unit: household
source: {document: rules, mark: text}
requires: {all: [{id: rural, says: {zh: 农村, en: in a village}, when: residence == 'urban'}]}
precludes: [dibao]
benefit: {kind: cash, pays: entitlement, certainty: exact, covers: [living], amount: yuan(1), per: month}
"""
ESCORT = """\
id: escort
title: {zh: 陪诊, en: Escort}
layer: service
department: civil-affairs
unit: person
source: {document: rules, mark: text}
requires: {all: [{id: need, says: {zh: 需要照料, en: needs care}, when: left.care > 0}]}
benefit: {kind: service, pays: discretionary, certainty: exact, covers: [care], hours: "min(3, left.care)", skill: care, per: month}
"""
ALONE = "{as: a, born: 1982-03-05, wage_month: 0, supporters: [], bills: [], awards: [], recognitions: []}"
ILL = (
    "{as: a, born: 1982-03-05, wage_month: 0, supporters: [], awards: [], recognitions: [], "
    "bills: [{billed_on: 2026-05-01, total: 40000.01, out_of_scope: 0}]}"
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder: Path = tmp_path_factory.mktemp("bundle")
    files = {
        **SMALL,
        "policies/basic/pension.yaml": PENSION,
        "policies/service/escort.yaml": ESCORT,
    }
    return load_small(folder, files)


@pytest.fixture(scope="module")
def engine(catalogue: Catalogue) -> Engine:
    return Engine(catalogue)


def case_text(*members: str, household: str = "awards: []") -> str:
    """A case of a household in town with these members."""
    people = "".join(f"      - {member}\n" for member in members)
    head = "- name: x\n  as_of: 2026-08-01\n  expect: {}\n  household:\n    region: '371602'\n    residence: urban\n    recognitions: []\n"
    return f"{head}    {household}\n    members:\n{people}"


def bundle_for(engine: Engine, text: str, **added: pl.DataFrame) -> tuple[Bundle, Answers, Tables]:
    """The bundle of a case, with tables of workers or volunteers added."""
    case = case_of(text, engine.catalogue)
    tables = {**tables_of(case.record, engine.catalogue, case.as_of), **added}
    answers = Answers(engine.answer(tables, Question("household", case.as_of)), Evidence(tables, engine.catalogue, case.as_of))
    return bundle_of(answers, tables, as_of=case.as_of), answers, tables


def one(bundle: Bundle, policy: str) -> Item:
    (found,) = [item for item in bundle.items if item.policy == policy]
    return found


def rows_of(kind: str, *rows: Mapping[str, object]) -> pl.DataFrame:
    frame = empty_frame(kind)
    return pl.DataFrame([{name: row.get(name) for name in frame.columns} for row in rows], schema=frame.schema)


def volunteer(free: float = 5.0, area: str = "3716", can: str = "care") -> dict[str, pl.DataFrame]:
    return {
        "Volunteer": rows_of("Volunteer", {"id": "v", "hours_week": free, "hours_used": 0.0}),
        "COVERS_AREA": rows_of("COVERS_AREA", {"src": "v", "dst": area, "src_kind": "Volunteer"}),
        "CAN_DO": rows_of("CAN_DO", {"src": "v", "dst": can, "src_kind": "Volunteer"}),
    }


def test_every_waterfall_adds_up_to_the_fen(engine: Engine) -> None:
    bundle, answers, _ = bundle_for(
        engine, case_text(ILL, "{as: b, born: 2017-01-20, wage_month: 300.01, supporters: [], bills: [], awards: [], recognitions: []}")
    )
    assert bundle.needs
    for fall in waterfalls(answers):
        assert fall.before_hi is not None
        assert fall.left_hi is not None
        assert fall.before_hi == fall.left_hi + sum(step.covered_least or 0 for step in fall.steps)
        assert fall.before_lo == fall.left_lo + sum(step.covered_most for step in fall.steps)
        assert answers.left(fall.need, fall.who)[0] * (100 if fall.need == "care" else 1) == fall.left_lo


def test_an_unknown_wage_leaves_two_readings_that_each_add_up(engine: Engine) -> None:
    bundle, answers, _ = bundle_for(
        engine, case_text("{as: a, born: 1982-03-05, wage_month: unknown, supporters: [], bills: [], awards: [], recognitions: []}")
    )
    (living,) = [fall for fall in waterfalls(answers) if fall.need == "living"]
    assert living.before_hi == living.left_hi + sum(step.covered_least or 0 for step in living.steps)  # type: ignore[operator]
    assert living.before_lo == living.left_lo + sum(step.covered_most for step in living.steps)
    assert one(bundle, "dibao").status == "ask"
    assert bundle.totals.month == 100, "the pension alone is sure"


def test_the_better_choice_stands_and_the_other_is_shown_with_its_amount(engine: Engine) -> None:
    bundle, _, _ = bundle_for(engine, case_text(ALONE))
    dibao, pension = one(bundle, "dibao"), one(bundle, "pension")
    assert (dibao.status, dibao.lo, dibao.hi, dibao.per) == ("can", 101000, 101000, "month")
    assert dibao.chosen_over == (("pension", None),)
    assert (pension.status, pension.lo, pension.given_up_for) == ("choice", 100, (("dibao", None),))
    assert bundle.totals.month == 101000
    assert bundle.totals.twelve_months == 12 * 101000 + bundle.totals.year + bundle.totals.once


def test_what_is_received_is_not_recommended_again_and_shows_its_last_day(engine: Engine) -> None:
    text = case_text(ALONE, household="awards: [{policy: dibao, paid_on: 2026-01-01, amount: 1000, until: 2026-12-31}]")
    bundle, _, _ = bundle_for(engine, text)
    dibao = one(bundle, "dibao")
    assert (dibao.status, dibao.lo, dibao.renew_on) == ("has", 100000, dt.date(2026, 12, 31))
    assert bundle.totals.month == 0


def test_what_is_received_can_be_given_up_for_what_is_better(engine: Engine) -> None:
    text = case_text(ALONE, household="awards: [{policy: pension, paid_on: 2026-01-01, amount: 1, until: 2026-12-31}]")
    bundle, _, _ = bundle_for(engine, text)
    dibao, pension = one(bundle, "dibao"), one(bundle, "pension")
    assert (dibao.status, dibao.chosen_over) == ("can", (("pension", None),))
    assert (pension.status, pension.chosen_over, pension.given_up_for) == ("has", (), (("dibao", None),))


def test_charity_waits_for_a_consent(engine: Engine) -> None:
    bundle, _, _ = bundle_for(engine, case_text(ILL))
    assert one(bundle, "fund").caveats == ("no_consent",)
    assert {slot.slot: slot.reason for slot in bundle.slots}["charity"] == "no_consent"
    agreed = ILL.replace("supporters: []", "supporters: [], consents: [{scope: [charity], from: 2026-01-01}]")
    bundle, _, _ = bundle_for(engine, case_text(agreed))
    assert one(bundle, "fund").caveats == ()
    assert {slot.slot: slot.reason for slot in bundle.slots}["charity"] is None


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ({}, "no_supply_near"),
        (volunteer(), None),
        (volunteer(area="3701"), "no_supply_near"),
        (volunteer(can="tutoring"), "no_supply_near"),
        (volunteer(free=0.0), "no_hours"),
    ],
)
def test_the_volunteer_slot_is_filled_from_near_or_says_why_not(
    engine: Engine, tables: dict[str, pl.DataFrame], reason: str | None
) -> None:
    bundle, _, _ = bundle_for(engine, case_text(ALONE), **tables)
    slots = {slot.slot: slot for slot in bundle.slots}
    assert slots["volunteer"].reason == reason
    assert slots["social_worker"].reason == "no_supply_near"
    assert slots["volunteer"].needs == ("care",)


def test_somebody_who_knows_the_household_comes_first(engine: Engine) -> None:
    tables = volunteer() | {
        "Volunteer": rows_of("Volunteer", {"id": "u", "hours_week": 40.0}, {"id": "v", "hours_week": 2.0}),
        "ACCOMPANIES": rows_of("ACCOMPANIES", {"src": "v", "dst": "household", "src_kind": "Volunteer"}),
        "COVERS_AREA": rows_of("COVERS_AREA", *({"src": who, "dst": "371602", "src_kind": "Volunteer"} for who in "uv")),
        "CAN_DO": rows_of("CAN_DO", *({"src": who, "dst": "care", "src_kind": "Volunteer"} for who in "uv")),
    }
    bundle, _, _ = bundle_for(engine, case_text(ALONE), **tables)
    (slot,) = [slot for slot in bundle.slots if slot.slot == "volunteer"]
    assert [(helper.id, helper.accompanies) for helper in slot.helpers] == [("v", True), ("u", False)]


def test_hours_that_nobody_near_can_give_stay_missing(engine: Engine) -> None:
    bundle, _, _ = bundle_for(engine, case_text(ALONE))
    assert one(bundle, "escort").caveats == ("no_supply_near",)
    (care,) = [residual for residual in bundle.residual if residual.need == "care"]
    assert (care.lo, care.unstaffed) == (100, 300)
    assert "照护每周 4 小时" in sentence(bundle, engine.catalogue)[0]


def test_the_sentence_says_what_can_be_had_what_is_missing_and_how_much_to_ask(engine: Engine) -> None:
    bundle, _, _ = bundle_for(engine, case_text(ALONE), **volunteer())
    zh, en = sentence(bundle, engine.catalogue, questions=2)
    assert zh == "可再申请 2 项，每月 ¥1,010；还差照护每周 1 小时。先问 2 件事。"
    assert en == "2 more items can be applied for, ¥1,010 a month; still missing: care 1 hours a week. Ask 2 things first."
    assert sentence(bundle, engine.catalogue, questions=9)[0].endswith("共有 9 件待核实，先问 3 件事。")


def test_a_bundle_is_json_and_the_same_each_time(engine: Engine) -> None:
    text = case_text(ILL)
    first, second = (json.dumps(plain(bundle_for(engine, text)[0], engine.catalogue), ensure_ascii=False) for _ in range(2))
    assert first == second
    assert [layer["layer"] for layer in json.loads(first)["layers"]][:3] == ["recognition", "insurance", "basic"]


@pytest.mark.parametrize(("fen", "text"), [(0, "¥0"), (118000, "¥1,180"), (1234560, "¥12,345.60"), (1, "¥0.01"), (-250, "-¥2.50")])
def test_money_is_written_in_yuan_with_two_digits_only_if_there_are_fen(fen: int, text: str) -> None:
    assert yuan(fen) == text


def test_hours_are_written_without_noughts() -> None:
    assert [hours(600), hours(650), hours(25)] == ["6", "6.5", "0.25"]
