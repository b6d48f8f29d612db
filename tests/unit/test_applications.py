"""What was applied for waits and is not recommended again; what an officer refused pays nothing, opens nothing and leaves the need open."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from matcher.answers import Answers
from matcher.applications import standing
from matcher.batch import results_for
from matcher.bundle import bundle_of
from matcher.bundle_json import plain
from matcher.claims import claims_of
from matcher.gaps import gaps_of, tables_of
from matcher.pipeline import Engine, Question
from tests.factories import case_of, load_small
from tests.factories import tables_of as tables_of_record
from tests.unit.small_catalogue import SMALL, a_policy
from tests.unit.test_bundle import ALONE, ILL, case_text, one, rows_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from matcher.bundle import Bundle
    from matcher.kept import Result
    from matcher.stored import Tables

DAY = dt.date(2026, 8, 1)
OPENED = a_policy(
    "heating", "recognised.dibao", more="benefit: {kind: cash, pays: entitlement, certainty: exact, amount: yuan(5), per: year}"
)
BEFORE, LATER = DAY - dt.timedelta(days=10), DAY + dt.timedelta(days=1)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder: Path = tmp_path_factory.mktemp("applications")
    return Engine(load_small(folder, {**SMALL, "policies/other/heating.yaml": OPENED}))


def applied(policy: str, *rows: dict[str, object], who: str = "household", unit: str = "Household") -> dict[str, pl.DataFrame]:
    """Applications of one subject, in the order of the rows."""
    nodes = [{"id": f"a{n}", "policy": policy, **row} for n, row in enumerate(rows)]
    edges = [{"src": who, "src_kind": unit, "dst": row["id"]} for row in nodes]
    return {"Application": rows_of("Application", *nodes), "APPLIED_FOR": rows_of("APPLIED_FOR", *edges)}


WAITS = {"applied_on": BEFORE, "state": "applied"}
REFUSED = {"applied_on": BEFORE, "decided_on": DAY, "state": "refused", "reason": "income_over", "basis": ["rules 7"]}


def told(engine: Engine, added: Mapping[str, pl.DataFrame] = MappingProxyType({}), *, member: str = ALONE) -> tuple[Bundle, Result, Tables]:
    """The bundle of a household, and what a batch keeps of it."""
    case = case_of(case_text(member), engine.catalogue)
    tables = {**tables_of_record(case.record, engine.catalogue, case.as_of), **added}
    answers = Answers(engine.answer(tables, Question("household", DAY)))
    (kept,) = results_for(engine, tables, ["household"], DAY)
    bundle = bundle_of(answers, tables, as_of=DAY)
    items = [(i.policy, i.who, i.status, i.lo, i.hi, i.caveats) for i in bundle.items if i.status != "no"]
    assert [(i.policy, i.who, i.status, i.lo, i.hi, i.caveats) for i in kept.items] == items
    assert kept.ready_fen == bundle.totals.twelve_months
    return bundle, kept, tables


def test_what_was_applied_for_waits_and_is_not_recommended_again(engine: Engine) -> None:
    before, _, _ = told(engine)
    bundle, kept, _ = told(engine, applied("dibao", WAITS))
    assert one(before, "dibao").caveats == ()
    assert one(bundle, "dibao").caveats == ("applied",)
    assert one(bundle, "dibao").lo == one(before, "dibao").lo
    assert before.totals.month == 101_000
    assert bundle.totals.month == 0
    assert bundle.totals.items == before.totals.items - 1
    assert bundle.needs == before.needs
    assert bundle.slots[0].filled
    ready = {row["policy"] for row in tables_of(gaps_of([("371602", kept)], engine.catalogue, level="county"))["ready"]}
    assert ready == {"heating"}
    shown = next(item for layer in plain(bundle, engine.catalogue)["layers"] for item in layer["items"] if item["policy"] == "dibao")  # type: ignore[attr-defined]
    assert shown["application"] == {"state": "applied", "applied_on": "2026-07-22", "decided_on": None, "reason": None, "basis": []}


def test_what_was_refused_pays_nothing_opens_nothing_and_leaves_the_need_open(engine: Engine) -> None:
    before, _, _ = told(engine)
    bundle, kept, _ = told(engine, applied("dibao", REFUSED))
    assert one(before, "heating").status == "can"
    assert one(bundle, "heating").status == "no"
    assert one(bundle, "dibao").caveats == ("refused",)
    assert bundle.totals.items == 0
    assert [{left.need: left.lo for left in some.residual}.get("living") for some in (before, bundle)] == [None, 12 * 101_000]
    assert [(row.need, row.reason) for row in kept.needs if row.need == "living"] == [("living", "refused")]
    assert bundle.slots[0].reason == "not_eligible"


def test_a_project_that_was_refused_gets_no_claim_that_could_be_granted(engine: Engine) -> None:
    consent = {
        "Consent": rows_of("Consent", {"id": "c", "scope": ["charity"]}),
        "GAVE": rows_of("GAVE", {"src": "a", "dst": "c"}),
    }
    for row, barred in ((WAITS, None), (REFUSED, "refused")):
        _, kept, _ = told(engine, consent | applied("fund", row), member=ILL)
        (claim,) = claims_of(kept, "371602", {"fund"}, engine.catalogue, DAY)
        assert claim.barred == barred


def test_a_decision_counts_from_its_day_and_the_newest_application_stands(engine: Engine) -> None:
    for rows, state in (
        ((WAITS,), "applied"),
        (({**REFUSED, "decided_on": LATER},), "applied"),
        ((REFUSED,), "refused"),
        ((REFUSED, {"applied_on": DAY, "state": "applied"}), "applied"),
        (({"applied_on": LATER, "state": "applied"},), None),
        (({"applied_on": BEFORE, "decided_on": DAY, "state": "withdrawn"},), None),
        (({"applied_on": BEFORE, "decided_on": DAY, "state": "confirmed"},), None),
    ):
        _, _, tables = told(engine, applied("dibao", *rows))
        found = standing(tables, DAY).get(("dibao", "household"))
        assert (found.state if found else None) == state, rows


def test_what_somebody_else_was_refused_changes_nothing(engine: Engine) -> None:
    before, _, _ = told(engine)
    bundle, _, _ = told(engine, applied("dibao", REFUSED, who="elsewhere"))
    assert bundle == before
