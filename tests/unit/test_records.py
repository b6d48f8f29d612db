"""A record as rows of the graph: what each part becomes, and that a store takes them."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from graph.model import EDGE_KINDS, NODE_KINDS, edge_kind, node_kind, property_type
from graph.open import open_store
from matcher.records import Consent, Entry, Link, Record, Subject, Told, rows
from tests.unit.small_catalogue import FACTS, load

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from matcher.catalogue import Catalogue

AS_OF = dt.date(2026, 8, 1)
RECORDED = dt.datetime(2026, 8, 1, 9, tzinfo=dt.UTC)
MORE_FACTS = """
share: {unit: person, type: number, label: {zh: 份额, en: share}}
works: {unit: person, type: yesno, label: {zh: 在业, en: works}}
gives_month: {unit: supporters, type: money, min: 0, label: {zh: 每月给付, en: gives a month}}
"""


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """The small catalogue with a few more kinds of facts."""
    return load(tmp_path, {"facts.yaml": FACTS + MORE_FACTS})


def a_record() -> Record:
    """Two members, a supporter outside with a household of his own, and one of everything that can be told."""
    home = Subject(
        "h1",
        facts={"region": [Told("371602001")], "residence": [Told("urban")]},
        entries={
            "awards": [Entry("0", {"policy": "dibao", "paid_on": dt.date(2026, 1, 1), "amount": 5000, "until": None})],
            "recognitions": [Entry("0", {"recognition": "dibao", "from": dt.date(2026, 1, 1)})],
        },
        links={"members": [Link("p1", {"kin": "head"}), Link("p2", {}, dt.date(2020, 1, 1), dt.date(2026, 7, 1))]},
        complete={"awards", "members"},
    )
    mother = Subject(
        "p1",
        facts={
            "born": [Told(dt.date(1982, 3, 5))],
            "wage_month": [Told(200_000, dt.date(2026, 5, 1)), Told(210_050, dt.date(2026, 6, 1), "tax", RECORDED)],
            "share": [Told(Fraction(1, 4))],
            "works": [Told(True)],
            "grade": [Told(None)],
        },
        entries={"bills": [Entry("b1", {"billed_on": dt.date(2026, 7, 1), "total": 12_345, "out_of_scope": None})]},
        links={"supporters": [Link("p3", {"duty": "child", "gives_month": 300})], "children": [Link("p2")]},
        complete={"bills"},
    )
    child = Subject("p2", links={"parents": [Link("p1")]})
    son = Subject("p3", consents=[Consent(("economy",), purpose="check", until=dt.date(2026, 12, 31))])
    return Record([home, Subject("h2", links={"members": [Link("p3")]})], {one.id: one for one in (mother, child, son)})


def written(catalogue: Catalogue, record: Record | None = None) -> dict[str, dict[Any, dict[str, Any]]]:
    """The rows by kind and key."""
    found = rows(record or a_record(), catalogue, source="test", true_on=AS_OF, recorded_at=RECORDED)
    return {kind: {row.get("id") or (row["src"], row["dst"]): row for row in listed} for kind, listed in found.items()}


def test_what_was_told_on_one_day_is_one_statement(catalogue: Catalogue) -> None:
    statements = written(catalogue)["Statement"]
    told = statements["person/p1/2026-08-01"]
    assert told["fact_born"] == dt.date(1982, 3, 5)
    assert (told["fact_share"], told["fact_works"], told["complete"]) == (0.25, True, ["bills"])
    assert (told["true_on"], told["recorded_at"], told["source"]) == (AS_OF, RECORDED, "test")
    assert "fact_grade" not in told
    assert statements["person/p1/2026-05-01"]["fact_wage_month_fen"] == 200_000
    later = statements[f"person/p1/2026-06-01/tax/{RECORDED.isoformat()}"]
    assert (later["fact_wage_month_fen"], later["source"]) == (210_050, "tax")


def test_an_entry_of_a_list_is_a_statement_of_its_own(catalogue: Catalogue) -> None:
    bill = written(catalogue)["Statement"]["person/p1/bills/b1"]
    assert (bill["list"], bill["key"], bill["fact_total_fen"], bill["fact_billed_on"]) == ("bills", "b1", 12_345, dt.date(2026, 7, 1))
    assert "fact_out_of_scope_fen" not in bill


def test_awards_and_recognitions_are_nodes(catalogue: Catalogue) -> None:
    found = written(catalogue)
    award = found["Award"]["household/h1/awards/0"]
    assert (award["policy"], award["amount_fen"], award["paid_on"]) == ("dibao", 5000, dt.date(2026, 1, 1))
    assert found["RECEIVES"]["h1", "household/h1/awards/0"]["src_kind"] == "Household"
    assert found["Recognition"]["household/h1/recognitions/0"]["recognition"] == "dibao"
    assert found["RECOGNISED_AS"]["h1", "household/h1/recognitions/0"]["src_kind"] == "Household"


def test_links_are_edges_that_point_the_right_way(catalogue: Catalogue) -> None:
    found = written(catalogue)
    assert found["MEMBER_OF"]["p1", "h1"]["kin"] == "head"
    assert found["MEMBER_OF"]["p2", "h1"]["until"] == dt.date(2026, 7, 1)
    support = found["SUPPORTS"]["p3", "p1"]
    assert (support["duty"], support["edge_gives_month_fen"]) == ("child", 300)
    assert list(found["PARENT_OF"]) == [("p1", "p2")]


def test_a_household_lives_in_a_region_with_all_above(catalogue: Catalogue) -> None:
    found = written(catalogue)
    assert list(found["Region"]) == ["371602001", "371602", "3716", "37"]
    assert list(found["PART_OF"]) == [("371602001", "371602"), ("371602", "3716"), ("3716", "37")]
    assert list(found["LIVES_IN"]) == [("h1", "371602001")]
    assert found["Statement"]["household/h1/2026-08-01"]["fact_region"] == "371602001"


def test_a_consent_belongs_to_the_person_who_gave_it(catalogue: Catalogue) -> None:
    found = written(catalogue)
    consent = found["Consent"]["person/p3/consent/0"]
    assert (consent["scope"], consent["purpose"], consent["until"]) == (["economy"], "check", dt.date(2026, 12, 31))
    assert list(found["GAVE"]) == [("p3", "person/p3/consent/0")]


@pytest.mark.parametrize(
    "wrong",
    [
        Record([Subject("h1", consents=[Consent(("all",))])], {}),
        Record([Subject("h1")], {"p1": Subject("p1", links={"parents": [Link("p2", {}, AS_OF)]}), "p2": Subject("p2")}),
    ],
    ids=["a household's consent", "a parent until a day"],
)
def test_what_the_graph_cannot_hold_is_refused(catalogue: Catalogue, wrong: Record) -> None:
    with pytest.raises(ValueError, match=r"h1|p1"):
        written(catalogue, wrong)


def test_every_row_fits_the_model(catalogue: Catalogue) -> None:
    keys = {"id", "src", "dst", "src_kind", "dst_kind"}
    for kind, listed in written(catalogue).items():
        declared = node_kind(kind) if kind in NODE_KINDS else edge_kind(kind)
        for row in listed.values():
            for name in set(row) - keys:
                property_type(declared, name)


def test_a_store_takes_the_rows_and_gives_the_household_back(catalogue: Catalogue, tmp_path: Path) -> None:
    found = rows(a_record(), catalogue, source="test", true_on=AS_OF, recorded_at=RECORDED)
    store = open_store(f"sqlite:///{tmp_path}/graph.db")
    store.migrate()
    try:
        for _ in range(2):
            for kind, listed in found.items():
                put = "upsert_edges" if kind in EDGE_KINDS else "upsert_nodes"
                store.write(lambda writer, put=put, kind=kind, listed=listed: getattr(writer, put)(kind, listed))  # type: ignore[misc]
        tables = store.neighbourhood("Household", "h1")
        assert {kind: tables[kind].height for kind in found} == {kind: len(listed) for kind, listed in found.items()}
    finally:
        store.close()
