"""Case files: how households are read, what is refused and where, and when a case passes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from matcher.case_people import HOUSEHOLD
from matcher.cases import load_cases, read_cases
from matcher.errors import CatalogueError
from matcher.judge import Expected, judge
from matcher.loader import load_catalogue
from matcher.records import Consent, Link, Told
from tests.unit.small_catalogue import FACTS, SMALL, a_policy, load

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.catalogue import Catalogue
    from matcher.judge import Case, Target

KIN = """members: {unit: household, type: list, rows: person, label: {zh: 家庭成员, en: members},
  edge: {kin: {type: text, values: [head, child], label: {zh: 关系, en: kin}}}}
"""


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The small catalogue with a person's policy."""
    folder = tmp_path_factory.mktemp("catalogue")
    facts = KIN + FACTS.split("\n", 1)[1]
    return load(folder, {"facts.yaml": facts, "policies/care-aid.yaml": a_policy("care-aid", unit="person")})


def read(catalogue: Catalogue, text: str) -> Case:
    """The last case of a text."""
    return read_cases(text, "case.yaml", catalogue)[-1]


def a_case(household: str = "members: [{as: mother}, {as: child}]", more: str = "") -> str:
    """A case of one household."""
    return f"- name: one\n  as_of: 2026-08-01\n  household: {{{household}}}\n{more}"


# --- households -------------------------------------------------------------------------------------------------------------


def test_values_are_typed_and_money_is_fen(catalogue: Catalogue) -> None:
    case = read(catalogue, a_case("residence: urban, members: [{as: mother, wage_month: 2030.5, born: 1982-03-05, grade: unknown}]"))
    home, mother = case.record.households[0], case.record.persons["mother"]
    assert (case.name, case.line, case.as_of, home.id) == ("one", 1, dt.date(2026, 8, 1), HOUSEHOLD)
    assert home.facts == {"residence": [Told("urban")]}
    assert mother.facts == {"wage_month": [Told(203_050)], "born": [Told(dt.date(1982, 3, 5))], "grade": []}
    assert home.links["members"] == [Link("mother")]
    assert home.complete == {"members"}


def test_a_key_of_the_case_wins_over_the_defaults(catalogue: Catalogue) -> None:
    defaults = "- defaults: {household: {residence: rural}, person: {wage_month: 1, bills: []}, outsider: {wage_month: 7}}\n"
    case = read(catalogue, defaults + a_case("members: [{as: mother, wage_month: 5}, {as: child}]", "  others: [{as: son}]\n"))
    people = case.record.persons
    assert case.record.households[0].facts["residence"] == [Told("rural")]
    assert [people[name].facts["wage_month"] for name in ("mother", "child", "son")] == [[Told(500)], [Told(100)], [Told(700)]]
    assert people["child"].complete == {"bills"}
    assert people["son"].complete == set()


def test_later_defaults_add_to_earlier_ones(catalogue: Catalogue) -> None:
    text = "- defaults: {person: {wage_month: 1, grade: 2}}\n" + a_case() + "- defaults: {person: {grade: 3}}\n" + a_case()
    first, second = read_cases(text, "case.yaml", catalogue)
    assert first.record.persons["child"].facts == {"wage_month": [Told(100)], "grade": [Told(2)]}
    assert second.record.persons["child"].facts == {"wage_month": [Told(100)], "grade": [Told(3)]}


def test_a_fact_may_say_its_day_or_a_member_dates_all(catalogue: Catalogue) -> None:
    day, other = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
    told = "{as: mother, on: 2026-05-01, grade: 1, wage_month: [{is: 2, on: 2026-06-01}, {is: 3}]}"
    facts = read(catalogue, a_case(f"members: [{told}]")).record.persons["mother"].facts
    assert facts == {"grade": [Told(1, day)], "wage_month": [Told(200, other), Told(300, day)]}


def test_edges_hold_kin_and_dates(catalogue: Catalogue) -> None:
    text = "- defaults: {person: {kin: child}}\n" + a_case("members: [{as: mother, kin: head}, {as: child, from: 2020-01-01}]")
    members = read(catalogue, text).record.households[0].links["members"]
    assert members == [Link("mother", {"kin": "head"}), Link("child", {"kin": "child"}, dt.date(2020, 1, 1))]


def test_supporters_are_named_or_told_anew(catalogue: Catalogue) -> None:
    supporters = "[{person: child, duty: child}, grandpa, {as: son, duty: child, wage_month: 1}, {duty: child, grade: 1}]"
    case = read(catalogue, a_case(f"members: [{{as: mother, supporters: {supporters}}}, {{as: child}}]", "  others: [{as: grandpa}]\n"))
    links = case.record.persons["mother"].links["supporters"]
    assert [(link.person, link.edge.get("duty")) for link in links] == [
        ("child", "child"), ("grandpa", None), ("son", "child"), ("mother.supporters[3]", "child"),
    ]  # fmt: skip
    assert case.record.persons["son"].facts == {"wage_month": [Told(100)]}


def test_people_outside_have_households_of_their_own(catalogue: Catalogue) -> None:
    outside = "  others: [{as: son, household: {residence: rural, recognitions: [dibao], members: [{as: wife, grade: 1}]}}]\n"
    case = read(catalogue, a_case(more=outside))
    theirs = case.record.households[1]
    assert (theirs.id, theirs.facts["residence"]) == ("son-household", [Told("rural")])
    assert [link.person for link in theirs.links["members"]] == ["son", "wife"]
    assert theirs.entries["recognitions"][0].fields == {"recognition": "dibao"}


def test_a_list_is_whole_unless_it_says_otherwise(catalogue: Catalogue) -> None:
    bills = "bills: [{billed_on: 2026-07-01, total: 3}]"
    members = f"{{as: a, {bills}}}, {{as: b, {bills}, incomplete: [bills]}}, {{as: c, bills: unknown}}"
    case = read(catalogue, a_case(f"members: [{members}]", "  incomplete: [members]\n"))
    people = case.record.persons
    assert [people[name].complete for name in "abc"] == [{"bills"}, set(), set()]
    assert case.record.households[0].complete == set()
    assert people["a"].entries["bills"][0].fields == {"billed_on": dt.date(2026, 7, 1), "total": 300}


def test_awards_consents_and_terms_are_read(catalogue: Catalogue) -> None:
    told = "awards: [{policy: care_aid, paid_on: 2026-01-01, amount: 5}], consents: [{scope: economy, until: 2026-12-31}], terms: {age: 70}"
    case = read(catalogue, a_case(f"members: [{{as: mother, {told}}}]", "  terms: {income_per_head: 12.5}\n  standards: {dibao: 900}\n"))
    mother = case.record.persons["mother"]
    assert mother.entries["awards"][0].fields == {"policy": "care-aid", "paid_on": dt.date(2026, 1, 1), "amount": 500}
    assert mother.consents == [Consent(("economy",), until=dt.date(2026, 12, 31))]
    assert (mother.terms, case.terms, case.standards) == ({"age": 70}, {"income_per_head": 1250}, {"dibao": 900})


# --- what is expected -------------------------------------------------------------------------------------------------------


def test_expectations_in_all_their_spellings(catalogue: Catalogue) -> None:
    more = """  expect:
    dibao: {verdict: eligible, amount: 2}
    fund: {amount: [1, null], verdict: unknown}
    care_aid@mother: not eligible
    care-aid@child: {verdict: eligible, at_least: 2}
    left.living: {at_least: 0, at_most: 5}
    left: {care@child: 1.5}
  ask_for: [wage_month@mother, residence, bills.total@child, consent@mother]
  opened_by: {care-aid@child: dibao, fund: []}
  choices: {dibao: [care-aid@child]}
"""
    case = read(catalogue, a_case(more=more))
    assert case.verdicts == {
        ("dibao", None): "eligible", ("fund", None): "unknown", ("care-aid", "mother"): "not eligible", ("care-aid", "child"): "eligible",
    }  # fmt: skip
    assert case.amounts == {
        ("dibao", None): Expected(Fraction(200), Fraction(200), ends=True),
        ("fund", None): Expected(Fraction(100), None, ends=True),
        ("care-aid", "child"): Expected(Fraction(200), None, ends=False),
    }
    assert case.left == {
        ("living", None): Expected(Fraction(0), Fraction(500), ends=False),
        ("care", "child"): Expected(Fraction(3, 2), Fraction(3, 2), ends=True),
    }
    assert case.ask_for == (("wage_month", "mother"), ("residence", None), ("bills.total", "child"), ("consent", "mother"))
    assert case.opened_by == {("care-aid", "child"): ("dibao",), ("fund", None): ()}
    assert case.over == {("dibao", None): (("care-aid", "child"),)}


def test_one_member_need_not_be_named(catalogue: Catalogue) -> None:
    case = read(catalogue, a_case("members: [{as: mother}]", "  expect: {care-aid: eligible}\n  choices: [care-aid]\n"))
    assert case.verdicts == {("care-aid", "mother"): "eligible"}
    assert case.choices == (("care-aid", "mother"),)


@pytest.mark.parametrize(
    ("case", "line", "path", "reason"),
    [
        (a_case("size: 3"), 3, "[0].household.size", "size is no fact of a household"),
        (a_case("members: [{as: a, residence: urban}]"), 3, "[0].household.members[0].residence", "residence is no fact of a person"),
        (a_case("members: [{as: a, grade: 9}]"), 3, "[0].household.members[0].grade", "is above the greatest value 4"),
        (a_case("residence: town"), 3, "[0].household.residence", "town is none of urban, rural"),
        (a_case("region: 371602"), 3, "[0].household.region", "quote it"),
        (a_case("members: [{born: 2000-01-01}]"), 3, "[0].household.members[0]", "as is missing"),
        (a_case("members: [{as: a}, {as: a}]"), 3, "[0].household.members[1]", "a is told twice"),
        (a_case("members: [{as: a, supporters: [b]}]"), 3, "[0].household.members[0].supporters[0]", "nobody here is called b"),
        (a_case("incomplete: [size]"), 3, "[0].household.incomplete[0]", "unknown list size"),
        (a_case("consents: [{scope: all}]"), 3, "[0].household.consents", "consents is no fact of a household"),
        (a_case(more="  expect: {orphan: eligible}"), 4, "[0].expect.orphan", "unknown policy orphan"),
        (a_case(more="  expect: {dibao: yes}"), 4, "[0].expect.dibao", "yes is none of eligible"),
        (a_case(more="  expect: {dibao@mother: eligible}"), 4, "[0].expect.dibao@mother", "is the household's"),
        (a_case(more="  expect: {care-aid: eligible}"), 4, "[0].expect.care-aid", "write care-aid@as"),
        (a_case(more="  expect: {care-aid@son: eligible}"), 4, "[0].expect.care-aid@son", "son is no member"),
        (a_case(more="  expect: {left.food: 1}"), 4, "[0].expect.left.food", "unknown need food"),
        (a_case(more="  expect: {dibao: {amount: [1]}}"), 4, "[0].expect.dibao.amount", "a range is"),
        (a_case(more="  ask_for: [income@mother]"), 4, "[0].ask_for[0]", "unknown fact income"),
        (a_case(more="  ask_for: [wage_month]"), 4, "[0].ask_for[0]", "write wage_month@as"),
        (a_case(more="  terms: {ages: 1}"), 4, "[0].terms.ages", "unknown term ages"),
        (a_case(more="  standards: {dibaos: 1}"), 4, "[0].standards.dibaos", "unknown standard dibaos"),
        (a_case(more="  wage: 1"), 4, "[0].wage", "unknown key wage"),
        ("- name: one\n  household: {}", 1, "[0]", "as_of is missing"),
    ],
)
def test_a_fault_names_line_path_and_reason(catalogue: Catalogue, case: str, line: int, path: str, reason: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_cases(case, "case.yaml", catalogue)
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.path) == ("case.yaml", line, path)
    assert reason in fault.en
    assert fault.zh


def test_a_file_is_read_with_its_name(tmp_path: Path) -> None:
    load(tmp_path, {"cases/some.yaml": a_case()})
    assert "cases/some.yaml" in SMALL
    (case,) = load_cases(tmp_path / "cases" / "some.yaml", load_catalogue(tmp_path), root=tmp_path)
    assert case.file == "cases/some.yaml"


# --- judging ----------------------------------------------------------------------------------------------------------------


@dataclass
class Said:
    """Answers as they stand."""

    verdicts: dict[Target, str] = field(default_factory=dict)
    amounts: dict[Target, tuple[int, int | None]] = field(default_factory=dict)
    remains: tuple[int, int | None] = (0, 0)
    asked: list[Target] = field(default_factory=list)
    openers: list[str] = field(default_factory=list)
    bundle: set[Target] = field(default_factory=set)

    def verdict(self, policy: str, who: str | None) -> str:
        return self.verdicts[policy, who]

    def amount(self, policy: str, who: str | None) -> tuple[int, int | None] | None:
        return self.amounts.get((policy, who))

    def left(self, need: str, who: str | None) -> tuple[int, int | None]:
        return self.remains

    def questions(self) -> list[Target]:
        return self.asked

    def opened_by(self, policy: str, who: str | None) -> list[str]:
        return self.openers

    def chosen(self) -> set[Target]:
        return self.bundle


DIBAO: Target = ("dibao", None)


@pytest.mark.parametrize(
    ("expect", "said", "passed"),
    [
        ("expect: {dibao: eligible}", Said({DIBAO: "eligible"}), True),
        ("expect: {dibao: eligible}", Said({DIBAO: "unknown"}), False),
        ("expect: {dibao: {amount: 2}}", Said(amounts={DIBAO: (200, 200)}), True),
        ("expect: {dibao: {amount: 2}}", Said(amounts={DIBAO: (0, 200)}), False),
        ("expect: {dibao: {amount: 2}}", Said(), False),
        ("expect: {dibao: {amount: [0, 2]}}", Said(amounts={DIBAO: (0, 200)}), True),
        ("expect: {dibao: {amount: [0, null]}}", Said(amounts={DIBAO: (0, 200)}), False),
        ("expect: {dibao: {amount: {at_least: 1, at_most: 2}}}", Said(amounts={DIBAO: (150, 200)}), True),
        ("expect: {dibao: {amount: {at_least: 1, at_most: 2}}}", Said(amounts={DIBAO: (150, None)}), False),
        ("expect: {left.living: 5}", Said(remains=(500, 500)), True),
        ("expect: {left.care: 5}", Said(remains=(5, 5)), True),
        ("ask_for: [residence]", Said(asked=[("residence", None), ("grade", "mother")]), True),
        ("ask_for: [residence]", Said(asked=[("grade", "mother")]), False),
        ("opened_by: {dibao: fund}", Said(openers=["fund"]), True),
        ("opened_by: {dibao: []}", Said(openers=["fund"]), False),
        ("choices: [dibao]", Said(bundle={DIBAO}), True),
        ("choices: {dibao: fund}", Said(bundle={DIBAO, ("fund", None)}), False),
    ],
)
def test_a_case_passes_if_the_answers_are_as_expected(catalogue: Catalogue, expect: str, said: Said, passed: bool) -> None:
    result = judge(read(catalogue, a_case(more=f"  {expect}\n")), said)
    assert result.passed is passed
    assert set(result.got) == set(result.expected)
    assert (result.name, result.file) == ("one", "case.yaml")
