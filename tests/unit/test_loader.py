"""Loading a catalogue: the language page's small one as a whole, and the values of facts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from matcher.catalogue import Band, Fact, Span
from matcher.errors import CatalogueError, FactValueError
from matcher.language import Known, NotFixed, Tiers, Words
from matcher.loader import parse_fact_value, with_standards
from matcher.reads import facts_of, payment_order, reads_of, strata, terms_of, unlocks, walk, work_order
from tests.unit.small_catalogue import FACTS, NEEDS, a_policy, a_term, load

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.catalogue import FactType


def test_the_small_catalogue_loads(tmp_path: Path) -> None:
    catalogue = load(tmp_path, {})
    assert set(catalogue.policies) == {"dibao", "fund"}
    assert set(catalogue.terms) == {"age", "income_per_head", "care_class"}
    assert catalogue.source_rank == ("register", "visit")
    wage = catalogue.facts["wage_month"]
    assert (wage.low, wage.per, wage.good_for, wage.needs_consent, wage.sensitive) == (Fraction(0), "month", Span(days=180), True, "high")
    (dibao,) = catalogue.policies["dibao"]
    assert (dibao.regions, dibao.from_, dibao.recognition, dibao.recognition_months) == (("37",), dt.date(2021, 7, 1), "dibao", 12)
    assert dibao.clauses[0].when.spot.line == 12
    assert dibao.procedure["working_days"] == 30
    (fund,) = catalogue.policies["fund"]
    assert fund.project is not None
    assert fund.project.budget_fen == 500_000_000
    assert fund.benefit is not None
    assert fund.benefit.cap is not None
    assert fund.benefit.cap.node == Known("money", Fraction(50_000_000))
    assert catalogue.terms["income_per_head"].versions[0].sources[0].article == "7"


def test_standards_become_rows_of_fen(tmp_path: Path) -> None:
    (value,) = load(tmp_path, {}).standards["allowance"].values
    low, three = Band(Fraction(1), Fraction(2)), Band(Fraction(3), Fraction(3))
    assert value.rows == (((low, "urban"), 19800), ((low, "rural"), 14900), ((three, "urban"), 12000), ((three, "rural"), 9000))
    assert (value.otherwise, value.has_otherwise, value.region, value.from_) == (0, True, "37", dt.date(2024, 1, 1))


def test_tiers_hold_bare_words_and_null(tmp_path: Path) -> None:
    tiers = (
        "- {id: grant, title: {zh: 甲, en: a}, unit: person, type: money, tiers: [{when: grade <= 2, is: null}, {otherwise: yuan(5)}]}\n"
    )
    catalogue = load(tmp_path, {"terms/more.yaml": tiers})
    expression = catalogue.terms["care_class"].versions[0].expression
    assert isinstance(expression.node, Tiers)
    assert [value for _, value in expression.node.cases] == [Known("text", "full"), Known("text", "partial")]
    assert expression.text.splitlines() == ["grade <= 2: full", "grade == 3: partial", "otherwise: none"]
    grant = catalogue.terms["grant"].versions[0].expression.node
    assert isinstance(grant, Tiers)
    assert grant.cases[0][1] == NotFixed("money")


def test_built_in_lists_are_there_undeclared_and_can_be_extended(tmp_path: Path) -> None:
    awards = "awards: {unit: [person, household], type: list, rows: {spent: {type: money}}, label: {zh: 待遇, en: awards}}\n"
    facts = load(tmp_path, {"facts.yaml": FACTS + awards}).facts
    assert isinstance(facts["recognitions"].rows, dict)
    assert set(facts["recognitions"].rows) == {"recognition", "from", "until", "department"}
    assert isinstance(facts["awards"].rows, dict)
    assert set(facts["awards"].rows) == {"policy", "paid_on", "until", "amount", "cause", "spent"}
    assert facts["supporters"].edge["duty"].values == ("spouse", "parent", "child")
    assert set(facts["members"].edge) == {"kin", "from", "until"}
    assert facts["region"].builtin


def test_a_fact_of_a_list_becomes_its_field(tmp_path: Path) -> None:
    more = "hospital: {unit: bills, type: text, label: {zh: 医院, en: hospital}}\n"
    more += "lives_in: {unit: [members, person], type: yesno, label: {zh: 同住, en: lives in}}\n"
    facts = load(tmp_path, {"facts.yaml": FACTS + more}).facts
    assert isinstance(facts["bills"].rows, dict)
    assert facts["bills"].rows["hospital"].units == ("bills",)
    assert "hospital" not in facts
    assert facts["lives_in"].units == ("person",)
    assert "lives_in" in facts["members"].edge


def test_local_versions_of_a_term_need_not_repeat_its_head(tmp_path: Path) -> None:
    more = a_term("other_case", "False") + '- {id: other_case, region: "3716", is: grade == 1}\n'
    term = load(tmp_path, {"terms/more.yaml": more}).terms["other_case"]
    assert [version.regions for version in term.versions] == [("",), ("3716",)]


def test_the_hash_names_the_content(tmp_path: Path) -> None:
    first = load(tmp_path / "a", {}).hash
    assert load(tmp_path / "b", {"facts.yaml": FACTS.replace("\n", "\r\n"), "cases/some.yaml": "- 1"}).hash == first
    assert load(tmp_path / "c", {"needs.yaml": NEEDS + "\n"}).hash != first


def test_a_case_replaces_standards(tmp_path: Path) -> None:
    catalogue = load(tmp_path, {})
    changed = with_standards(catalogue, {"dibao": {"urban": 1016, "rural": 800}, "allowance": 3, "permit_holders_may_apply": False})
    (value,) = changed.standards["dibao"].values
    assert (value.region, value.from_, value.rows) == ("", None, ((("urban",), 101600), (("rural",), 80000)))
    assert (changed.standards["allowance"].values[0].otherwise, changed.standards["allowance"].values[0].rows) == (300, ())
    assert changed.standards["permit_holders_may_apply"].values[0].rows == (((), False),)
    assert changed.hash != catalogue.hash
    assert with_standards(catalogue, {"dibao": [1, 2]}).standards["dibao"].values[0].rows == ((("urban",), 100), (("rural",), 200))
    for wrong in ({"nothing": 1}, {"dibao": {"town": 1}}, {"dibao": "x"}, {"dibao": Decimal("1.005")}):
        with pytest.raises(CatalogueError):
            with_standards(catalogue, wrong)


def test_who_reads_whom(tmp_path: Path) -> None:
    files = {
        "policies/a.yaml": a_policy("a-visit", "any(members, severe) and not receives.fund", layer="service"),
        "policies/b.yaml": a_policy("b", "not recognised.dibao", more="tops_up: c"),
        "policies/c.yaml": a_policy("c", "recognised.dibao"),
        "terms/more.yaml": a_term("severe", "grade <= 2 and age > 60 and household.eligible.c"),
    }
    catalogue = load(tmp_path, files)
    node = catalogue.policies["a-visit"][0].clauses[0].when.node
    assert facts_of(node, catalogue) == {("household", "members"), ("person", "grade"), ("person", "born")}
    assert terms_of(node, catalogue) == {"severe", "age"}
    assert reads_of(node, catalogue) == {("eligible", "c"), ("receives", "fund")}
    assert next(walk(node)) == node
    assert payment_order(catalogue) == ("dibao", "c", "b", "fund", "a-visit")
    assert unlocks(catalogue) == {("c", "a-visit"), ("dibao", "c")}
    assert strata(catalogue) == (("dibao",), ("b", "c", "fund"), ("a-visit",))
    stage = {job: n for n, jobs in enumerate(work_order(catalogue)) for job in jobs}
    assert stage["verdict", "dibao"] < stage["verdict", "c"] < stage["pays", "c"] < stage["pays", "b"]
    assert stage["need", "medical_in_scope"] < stage["verdict", "fund"]


def a_fact(type_: FactType, **more: object) -> Fact:
    return Fact("x", ("person",), type_, Words("甲", "a"), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("money", "8000.50", 800050), ("money", 12, 1200), ("money", Decimal("0.01"), 1), ("number", "0.1234", Fraction(1234, 10000)),
        ("int", " 3 ", 3), ("yesno", "是", True), ("yesno", "no", False), ("yesno", True, True),
        ("date", "2024-02-29", dt.date(2024, 2, 29)), ("date", dt.date(2024, 1, 1), dt.date(2024, 1, 1)),
        ("region", "371602", "371602"), ("text", "任意", "任意"), ("money", 0.1, 10),
    ],
)  # fmt: skip
def test_values_of_facts(type_: FactType, raw: object, value: object) -> None:
    assert parse_fact_value(a_fact(type_), raw) == value


@pytest.mark.parametrize(
    ("fact", "raw", "reason"),
    [
        (a_fact("money"), "1.005", "more than 2 digits"),
        (a_fact("money"), "lots", "is no number"),
        (a_fact("money"), True, "is no number"),
        (a_fact("money"), "NaN", "is no number"),
        (a_fact("money", low=Fraction(0)), -1, "is below the least value 0"),
        (a_fact("int", high=Fraction(4)), 5, "is above the greatest value 4"),
        (a_fact("int"), "1.5", "more than 0 digits"),
        (a_fact("number"), "0.12345", "more than 4 digits"),
        (a_fact("yesno"), 1, "must be yes or no"),
        (a_fact("text", values=("a", "b")), "c", "is none of a, b"),
        (a_fact("text"), 5, "must be text"),
        (a_fact("date"), "2024-02-30", "is no date"),
        (a_fact("date"), "20240101", "is no date"),
        (a_fact("region"), 371602, "quote it"),
        (a_fact("list"), [], "is a list"),
    ],
)
def test_values_that_a_fact_cannot_have(fact: Fact, raw: object, reason: str) -> None:
    with pytest.raises(FactValueError) as caught:
        parse_fact_value(fact, raw)
    assert reason in caught.value.en
    assert caught.value.zh
