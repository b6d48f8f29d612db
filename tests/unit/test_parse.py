"""Expressions: what they become, and everything that the language refuses."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from matcher.errors import ExpressionError
from matcher.language import (
    Among,
    And,
    Arith,
    AsOf,
    Compare,
    FactRef,
    Func,
    Known,
    ListCall,
    ListRef,
    Not,
    Or,
    Place,
    Read,
    Shift,
    StandardRef,
    TermRef,
)  # fmt: skip
from matcher.loader_facts import read_facts
from matcher.loader_fields import Faults
from matcher.loader_standards import read_standard_entry
from matcher.parse import parse
from matcher.parse_names import Names, TermHead
from matcher.yaml_source import read_yaml

if TYPE_CHECKING:
    from matcher.language import Kind, Node

FACTS = """
supporters: {unit: person, type: list, rows: person, edge: {duty: {type: text, values: [spouse, parent, child]}}, label: {zh: 义, en: s}}
bills: {unit: person, type: list, label: {zh: 票, en: b}, rows: {billed_on: {type: date}, total: {type: money, min: 0}}}
vehicles: {unit: household, type: list, label: {zh: 车, en: v}, rows: {worth: {type: money}}}
residence: {unit: household, type: text, values: [urban, rural], label: {zh: 城乡, en: r}}
deposits: {unit: household, type: money, label: {zh: 存款, en: d}}
born: {unit: person, type: date, label: {zh: 生, en: b}}
wage: {unit: person, type: money, min: 0, per: month, label: {zh: 工资, en: w}}
grade: {unit: person, type: int, min: 1, max: 4, label: {zh: 级, en: g}}
share: {unit: person, type: number, label: {zh: 比, en: s}}
pupil: {unit: person, type: yesno, label: {zh: 学生, en: p}}
illness: {unit: person, type: text, label: {zh: 病, en: i}}
school_in: {unit: [person, household], type: region, label: {zh: 校, en: s}}
class: {unit: person, type: text, values: [A, B, C], label: {zh: 类, en: c}}
"""
STANDARDS = """
- {id: dibao, title: {zh: 低保, en: d}, type: money, keys: {residence: [urban, rural]},
   values: [{document: x, mark: text, rows: {urban: 1000, rural: 800}}]}
- {id: by-grade, title: {zh: 级, en: g}, type: number, keys: {grade: bands, residence: [urban, rural]},
   values: [{document: x, mark: text, rows: {1-2: [1, 2]}}]}
- {id: great_illnesses, title: {zh: 病, en: i}, type: codes, values: [{document: x, mark: text, is: [C50]}]}
- {id: floor_line, title: {zh: 线, en: l}, type: money, values: [{document: x, mark: text, is: 100}]}
- {id: takes_permits, title: {zh: 证, en: p}, type: yesno, values: [{document: x, mark: text, is: true}]}
"""


def a_catalogue() -> Names:
    """Names of a small catalogue."""
    faults = Faults()
    facts, _ = read_facts(read_yaml(FACTS, "facts.yaml")[0], faults)
    entries = read_yaml(STANDARDS, "s.yaml")[0].value
    assert isinstance(entries, tuple)
    standards = {each.id: each for entry in entries if (each := read_standard_entry(entry, faults))}
    assert not faults.found
    both, person, household = frozenset(["person", "household"]), frozenset(["person"]), frozenset(["household"])
    return Names(
        facts=facts,
        standards=standards,
        terms={
            "age": TermHead("age", "person", "number"),
            "destitute-like": TermHead("destitute-like", "person", "yesno"),
            "income_per_head": TermHead("income_per_head", "household", "money"),
            "care_class": TermHead("care_class", "person", "text", ("full", "none")),
            "counts": TermHead("counts", "members", "yesno"),
        },
        policies={"dibao": household, "single-person-dibao": person, "fund": both},
        recognitions={"dibao": household, "destitute": person},
        needs={"living": "money", "care": "hours"},
    )


NAMES = a_catalogue()


def read(text: str, unit: str = "person", kind: Kind | None = None) -> Node:
    """Parse on a row of `unit`."""
    return parse(text, unit, kind, NAMES)


def refusal(text: str, unit: str = "person", kind: Kind | None = None) -> str:
    """Why an expression is refused."""
    with pytest.raises(ExpressionError) as caught:
        read(text, unit, kind)
    assert caught.value.zh
    return caught.value.en


WAGE = FactRef("money", (), "person", "wage")
MEMBERS = ListRef((), "household", "members", of_person=True)


def number(value: str) -> Known:
    return Known("number", Fraction(value))


def test_literals_are_exact() -> None:
    assert read("0.6") == Known("number", Fraction(3, 5))
    assert read("yuan(8000.50)") == Known("money", Fraction(800050))
    assert read("date(2025, 12, 31)") == Known("date", dt.date(2025, 12, 31))
    assert read("-3") == number("-3")
    assert read("True") == Known("yesno", True)


def test_names_of_the_row_its_household_and_its_terms() -> None:
    assert read("wage") == WAGE
    assert read("household.deposits") == FactRef("money", ("household",), "household", "deposits")
    assert read("household.income_per_head") == TermRef("money", ("household",), "household", "income_per_head")
    assert read("destitute_like") == TermRef("yesno", (), "person", "destitute-like")


def test_words_that_python_keeps_for_itself_can_be_names() -> None:
    assert read("class == 'A'") == Compare("yesno", "==", FactRef("text", (), "person", "class"), Known("text", "A"))
    inside = read("any(members, from <= as_of)", "household")
    assert isinstance(inside, ListCall)
    assert inside.body == Compare("yesno", "<=", FactRef("date", (), "members", "from", "members"), AsOf("date"))


def test_day_and_place_of_the_question_are_everywhere() -> None:
    assert read("any(bills, region == '3716')") == ListCall(
        "yesno",
        "any",
        ListRef((), "person", "bills", of_person=False),
        Compare("yesno", "==", Place("region", "region"), Known("region", "3716")),
    )
    assert read("within(region, '3716')") == Func("yesno", "within", (Place("region", "region"), Known("region", "3716")))
    assert read("county == school_in", "household").kind == "yesno"
    assert read("household.region") == FactRef("region", ("household",), "household", "region")


def test_an_edge_field_shadows_the_persons_and_the_person_stays_in_reach() -> None:
    node = read("any(supporters, duty == 'spouse' and grade <= 2)")
    assert isinstance(node, ListCall)
    assert isinstance(node.body, And)
    assert node.of == ListRef((), "person", "supporters", of_person=True)
    assert [part.left for part in node.body.of if isinstance(part, Compare)] == [
        FactRef("text", (), "supporters", "duty", "supporters"),
        FactRef("number", (), "person", "grade"),
    ]


def test_outer_and_household_can_be_chained_inside_list_calls() -> None:
    node = read("any(members, any(bills, total > outer.outer.deposits and total > outer.wage))", "household")
    text = repr(node)
    assert "path=('outer', 'outer'), unit='household', name='deposits'" in text
    assert "path=('outer',), unit='person', name='wage'" in text
    assert "path=('outer', 'household')" in repr(read("any(supporters, wage > outer.household.deposits)"))
    assert read("count(household.members)") == ListCall(
        "number", "count", ListRef(("household",), "household", "members", of_person=True), None
    )
    assert "path=('outer',), unit='household', name='members'" in repr(read("all(members, count(outer.members) > 1)", "household"))


def test_terms_of_a_list_are_read_on_its_entries() -> None:
    node = read("count(members, counts)", "household")
    assert node == ListCall("number", "count", MEMBERS, TermRef("yesno", (), "members", "counts"))
    assert read("kin == 'x' and wage > 0 and not counts", "members").kind == "yesno"


def test_min_and_max_over_a_list_and_over_numbers() -> None:
    assert read("max(0, wage)") == Func("money", "max", (Known("money", Fraction(0)), WAGE))
    node = read("max(bills, billed_on, none=as_of, where=total > yuan(5))")
    assert isinstance(node, ListCall)
    assert (node.kind, node.none) == ("date", AsOf("date"))
    assert read("min(household.vehicles, worth, none=0)").kind == "money"


def test_chained_comparisons_are_all_of_them() -> None:
    node = read("1 <= grade < 3")
    grade = FactRef("number", (), "person", "grade")
    assert node == And("yesno", (Compare("yesno", "<=", number("1"), grade), Compare("yesno", "<", grade, number("3"))))


def test_in_takes_literals_or_a_list_of_codes() -> None:
    of = FactRef("text", (), "person", "class")
    assert read("class in ('A', 'B')") == Among("yesno", of, (Known("text", "A"), Known("text", "B")))
    assert read("class not in ('A',)") == Not("yesno", Among("yesno", of, (Known("text", "A"),)))
    codes = read("illness in standard.great_illnesses")
    assert isinstance(codes, Among)
    assert codes.codes == StandardRef("text", "great_illnesses", ())
    assert read("grade in (1, 2)").kind == "yesno"


def test_durations_move_dates() -> None:
    assert read("as_of - years(1)") == Shift("date", AsOf("date"), years=-1)
    assert read("born + (years(18) + months(2) - days(1))") == Shift("date", FactRef("date", (), "person", "born"), 18, 2, -1)


def test_money_numbers_and_ratios() -> None:
    assert read("wage * 12").kind == "money"
    assert read("wage / standard.floor_line").kind == "number"
    assert read("wage / max(1, grade)").kind == "money"
    assert read("-wage") == Arith("money", "-", Known("money", Fraction(0)), WAGE)
    assert read("floor(wage, yuan(10))").kind == "money"
    assert read("wage > 0") == Compare("yesno", ">", WAGE, Known("money", Fraction(0)))


def test_standards_take_their_keys_in_order() -> None:
    node = read("standard.by_grade(grade, household.residence)")
    assert isinstance(node, StandardRef)
    assert (node.kind, node.name, len(node.keys)) == ("number", "by-grade", 2)
    assert read("standard.dibao('urban')").kind == "money"
    assert read("standard.takes_permits").kind == "yesno"


def test_what_items_give_is_read_on_a_row() -> None:
    assert read("recognised.dibao") == Read("yesno", (), "person", "recognised", "dibao")
    assert read("eligible.single_person_dibao").kind == "yesno"
    assert read("granted.single_person_dibao", "household").kind == "money"
    assert read("left.care", "household") == Read("number", (), "household", "left", "care")
    assert read("any(members, recognised.destitute)", "household").kind == "yesno"
    assert read("any(bills, outer.receives.fund)").kind == "yesno"
    assert read("household.recognised.dibao or recognised.destitute") == Or(
        "yesno", (Read("yesno", ("household",), "household", "recognised", "dibao"), Read("yesno", (), "person", "recognised", "destitute"))
    )


REFUSED = [
    ("wagee > 0", "person", "unknown name wagee; did you mean wage?"),
    ("deposits > 0", "person", "write household.deposits"),
    ("wage > 0", "household", "on a household's row write any(members, …) or sum(members, wage)"),
    ("total > 0", "person", "stands in the list bills"),
    ("sum(bills, wage)", "person", "write outer.wage"),
    ("outer.wage > 0", "person", "outer stands only inside a list call"),
    ("household.deposits > 0", "household", "this is the household's row already"),
    ("members", "household", "members is a list"),
    ("household > 1", "person", "household wants a point"),
    ("wage > 500", "person", "write yuan("),
    ("wage * wage", "person", "money cannot be multiplied by money"),
    ("wage / grade", "person", "divide only by"),
    ("wage / 0", "person", "divide only by"),
    ("wage / (standard.floor_line * 12)", "person", "divide only by"),
    ("share / standard.floor_line", "person", "money"),
    ("wage + grade", "person", "money is wanted here, not number"),
    ("wage % 2", "person", "not in the language"),
    ("wage ** 2", "person", "not in the language"),
    ("pupil + 1", "person", "yes/no cannot stand beside +"),
    ("born - as_of", "person", "a date takes only + or - years(n)"),
    ("born < 2025-12-31", "person", "date(2025, 12, 31)"),
    ("born < 2025-01-05", "person", "date(2025, 1, 5)"),
    ("born < 2025", "person", "date is wanted here"),
    ("date(2025, 2, 30) < born", "person", "there is no day 2025-2-30"),
    ("years(1) > 2", "person", "years(n) stands only in date"),
    ("born + years(grade)", "person", "takes a whole number"),
    ("wage + years(1)", "person", "date is wanted here"),
    ("class == 'D'", "person", "'D' is none of its values (A, B, C)"),
    ("class in ('A', 'D')", "person", "'D' is none of its values"),
    ("class == household.residence", "person", "no value in common"),
    ("class < 'B'", "person", "has no order"),
    ("class == 1", "person", "number"),
    ("grade == 'A'", "person", "number"),
    ("class in (grade, 2)", "person", "after in stand literals"),
    ("class in standard.floor_line", "person", "is no list of codes"),
    ("standard.great_illnesses == 'C50'", "person", "write x in standard.great_illnesses"),
    ("grade in standard.great_illnesses", "person", "text is wanted"),
    ("standard.dibao > 0", "person", "takes 1 keys (residence), 0 given"),
    ("standard.dibao(1) > 0", "person", "the key residence of standard.dibao wants text, not number"),
    ("standard.dibao('town') > 0", "person", "'town' is none of the key's values"),
    ("standard.dibao(class) > 0", "person", "none of its values"),
    ("standard.by_grade(class, 'urban') > 0", "person", "the key grade of standard.by-grade wants number, not text"),
    ("standard.dibo('urban') > 0", "person", "unknown standard dibo; did you mean dibao?"),
    ("max(bills, total)", "person", "needs none="),
    ("max(bills, total, none=5)", "person", "yuan("),
    ("any(bills)", "person", "write any(list, expression)"),
    ("any(bills, total)", "person", "yes/no is wanted here, not money"),
    ("sum(bills, billed_on)", "person", "sum adds numbers or money"),
    ("sum(bills, total, where=total)", "person", "yes/no is wanted"),
    ("sum(bills, total, none=0)", "person", "sum takes only where="),
    ("count(members)", "person", "write household.members"),
    ("count(bills)", "household", "the list bills is a person's"),
    ("count(bilks)", "person", "unknown list bilks; did you mean bills?"),
    ("year_since(born)", "person", "unknown function year_since; did you mean years_since?"),
    ("years_since(born, 1)", "person", "takes 1 arguments, 2 given"),
    ("years_since(wage)", "person", "date is wanted"),
    ("floor(wage, wage)", "person", "the step of floor"),
    ("floor(wage, 10)", "person", "yuan("),
    ("yuan(grade)", "person", "yuan takes a literal"),
    ("yuan(1.005)", "person", "at most two digits"),
    ("1_000 < grade", "person", "write a number as 12 or 0.6"),
    ("1e3 < grade", "person", "write a number as 12 or 0.6"),
    ("recognised.dibo", "person", "unknown recognition or policy dibo; did you mean dibao?"),
    ("recognised.destitute", "household", "write any(members, recognised.destitute)"),
    ("eligible.destitute", "person", "unknown policy destitute"),
    ("left.food > 0", "person", "unknown need food"),
    ("any(bills, recognised.dibao)", "person", "write outer.recognised.dibao"),
    ("recognised.single-person-dibao", "person", "is written single_person_dibao in expressions"),
    ("region == 3716", "person", "quote a region code"),
    ("region == 'urban'", "person", "is no region code"),
    ("pupil == true", "person", "write True or False"),
    ("wage if pupil else 0", "person", "not one expression"),
    ("[1, 2]", "person", "not in the language: [1, 2]"),
    ("lambda x: x", "person", "not one expression"),
    ("max(0", "person", "cut at a comma"),
    ("", "person", "not one expression"),
    ("pupil.wage", "person", "pupil.wage means nothing"),
    ("'a'.b", "person", "only a name can stand before a point"),
    ("wage; wage", "person", "not one expression"),
    ("wage > 0 # always", "person", "no \\ and no #"),
    ("pupil or wage", "person", "yes/no is wanted here, not money"),
    ("(" * 300 + "1" + ")" * 300, "person", "not one expression"),
    ("not " * 900 + "pupil", "person", "nested too deeply"),
    ("pupil" + " and pupil" * 500, "person", "longer than 4000"),
]


@pytest.mark.parametrize(("text", "unit", "reason"), REFUSED, ids=[text[:40] or "empty" for text, _, _ in REFUSED])
def test_the_language_refuses(text: str, unit: str, reason: str) -> None:
    assert reason in refusal(text, unit)


def test_the_wanted_kind_is_checked() -> None:
    assert refusal("wage", kind="yesno") == "yes/no is wanted here, not money"
    assert read("0", kind="money") == Known("money", Fraction(0))
    assert "yuan(" in refusal("12", kind="money")
