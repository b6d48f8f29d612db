"""The oracle against the language page: every operator with unknown in every place, then its whole small catalogue."""

from __future__ import annotations

import datetime as dt
import json
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from matcher.cases import read_cases
from matcher.judge import judge
from matcher.language import TermRef
from matcher.loader import with_standards
from tests.oracle import Oracle
from tests.oracle_expressions import Scene
from tests.oracle_file import Row
from tests.oracle_values import Interval
from tests.unit.small_catalogue import FACTS as SMALL_FACTS
from tests.unit.small_catalogue import a_policy, a_term, load

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.judge import Case
    from tests.oracle_values import Value

AS_OF = dt.date(2026, 8, 1)
NAMED = '{zh: "名", en: "name"}'
SOURCE = "{document: d, article: a, mark: derived}"


def span(lo: float | None, hi: float | None) -> Interval:
    """An interval, written short."""
    return Interval(*(None if end is None else Fraction(str(end)) for end in (lo, hi)))


def one(number: float) -> Interval:
    """A known number."""
    return span(number, number)


FACTS = """
sources: [police, village]
three: {unit: person, type: number}
some_number: {unit: person, type: number, min: 2, max: 5}
any_number: {unit: person, type: number}
at_least_zero: {unit: person, type: number, min: 0}
yes: {unit: person, type: yesno}
no: {unit: person, type: yesno}
perhaps: {unit: person, type: yesno}
letter: {unit: person, type: text, values: [a, b, c]}
some_letter: {unit: person, type: text, values: [a, b, c]}
word: {unit: person, type: text}
some_word: {unit: person, type: text}
born: {unit: person, type: date}
some_day: {unit: person, type: date}
leap: {unit: person, type: date}
town: {unit: person, type: region}
some_town: {unit: person, type: region}
stale: {unit: person, type: number, good_for: 30 days}
secret: {unit: person, type: number, min: 0, needs_consent: true}
whole: &bills {unit: person, type: list, rows: {size: {type: number, min: 0},
    change: {type: number}, day: {type: date}, kept: {type: yesno}}}
empty: *bills
partly: *bills
unheard: *bills
vague: *bills
""".replace("}\n", ", label: " + NAMED + "}\n")

# (expression, type, what it is)
TABLE: list[tuple[str, str, Value]] = [
    # yes and no
    ("yes and perhaps", "yesno", None),
    ("no and perhaps", "yesno", False),
    ("perhaps and no", "yesno", False),
    ("yes or perhaps", "yesno", True),
    ("no or perhaps", "yesno", None),
    ("not perhaps", "yesno", None),
    ("not no", "yesno", True),
    # numbers
    ("three + some_number", "number", span(5, 8)),
    ("three - some_number", "number", span(-2, 1)),
    ("-some_number", "number", span(-5, -2)),
    ("three * some_number", "number", span(6, 15)),
    ("three - three * some_number", "number", span(-12, -3)),
    ("three * any_number", "number", span(None, None)),
    ("0 * any_number", "number", one(0)),
    ("at_least_zero * at_least_zero", "number", span(0, None)),
    ("(0 - at_least_zero) * three", "number", span(None, 0)),
    ("some_number / 2", "number", span(1, 2.5)),
    ("three / max(1, some_number)", "number", span(0.6, 1.5)),
    ("three / max(1, any_number)", "number", span(0, 3)),
    ("some_number / max(1, any_number)", "number", span(0, 5)),
    ("min(three, some_number)", "number", span(2, 3)),
    ("max(three, any_number)", "number", span(3, None)),
    ("min(three, any_number, 1)", "number", span(None, 1)),
    ("floor(some_number, 2)", "number", span(2, 4)),
    ("ceil(some_number, 2)", "number", span(2, 6)),
    ("floor(at_least_zero, 10)", "number", span(0, None)),
    ("some_number < 6", "yesno", True),
    ("some_number < 5", "yesno", None),
    ("some_number < 2", "yesno", False),
    ("some_number <= 5", "yesno", True),
    ("some_number >= 2", "yesno", True),
    ("some_number > 2", "yesno", None),
    ("some_number == 3", "yesno", None),
    ("some_number == 6", "yesno", False),
    ("some_number != 6", "yesno", True),
    ("three == 3", "yesno", True),
    ("any_number < 3", "yesno", None),
    ("at_least_zero >= 0", "yesno", True),
    ("1 < some_number <= 5", "yesno", True),
    ("some_number in (7, 8)", "yesno", False),
    ("some_number in (2, 3)", "yesno", None),
    ("three in (2, 3)", "yesno", True),
    # text
    ("letter == 'a'", "yesno", True),
    ("some_letter == 'a'", "yesno", None),
    ("some_letter in ('a', 'b', 'c')", "yesno", True),
    ("some_letter not in ('a', 'b')", "yesno", None),
    ("letter != some_letter", "yesno", None),
    ("some_letter == some_letter", "yesno", None),
    ("letter_or_not in ('a', 'b')", "yesno", True),
    ("letter_or_not == 'c'", "yesno", False),
    ("word == 'x'", "yesno", True),
    ("some_word == 'x'", "yesno", None),
    # dates and places
    ("years_since(born)", "int", one(17)),
    ("years_since(leap)", "int", one(22)),
    ("years_since(some_day)", "int", span(None, None)),
    ("year(born)", "int", one(2008)),
    ("month(some_day)", "int", span(None, None)),
    ("born + years(18)", "date", dt.date(2026, 8, 2)),
    ("leap + years(1)", "date", dt.date(2005, 2, 28)),
    ("date(2026, 1, 31) + months(1)", "date", dt.date(2026, 2, 28)),
    ("some_day + days(1)", "date", None),
    ("date(year(born), 12, 31)", "date", dt.date(2008, 12, 31)),
    ("date(year(some_day), 12, 31)", "date", None),
    ("born + years(18) > as_of", "yesno", True),
    ("some_day < as_of", "yesno", None),
    ("within(town, county)", "yesno", True),
    ("within(some_town, county)", "yesno", None),
    ("city == town", "yesno", False),
    # standards
    ("standard.by_grade(1)", "number", one(10)),
    ("standard.by_grade(some_number)", "number", span(0, 20)),
    ("standard.by_grade(any_number)", "number", span(0, 20)),
    ("standard.by_letter(some_letter)", "number", span(1, 3)),
    ("standard.by_letter(letter)", "number", one(1)),
    ("standard.elsewhere", "number", span(None, None)),
    ("standard.later", "number", one(2)),
    ("standard.local", "number", one(7)),
    ("letter in standard.codes", "yesno", True),
    ("some_letter in standard.codes", "yesno", None),
    ("three / max(1, standard.nothing)", "number", one(3)),
    ("1200000 / max(1, three)", "number", one(400000)),
    ("standard.word_by('c') == 'y'", "yesno", None),
    ("standard.word_by('c') in ('x', 'z')", "yesno", None),
    # lists: whole = 2 entries, empty, partly = 1 entry and perhaps more, unheard: nothing told, vague = one known, one not
    ("any(whole, kept)", "yesno", True),
    ("all(whole, kept)", "yesno", False),
    ("any(empty, kept)", "yesno", False),
    ("all(empty, kept)", "yesno", True),
    ("any(partly, kept)", "yesno", True),
    ("any(partly, not kept)", "yesno", None),
    ("all(partly, kept)", "yesno", None),
    ("all(partly, not kept)", "yesno", False),
    ("any(unheard, kept)", "yesno", None),
    ("any(vague, size > 4)", "yesno", True),
    ("any(vague, size < 4)", "yesno", None),
    ("all(vague, size >= 0)", "yesno", True),
    ("any(vague, size == 5, where=kept)", "yesno", None),
    ("all(vague, size == 5, where=kept)", "yesno", None),
    ("count(whole)", "int", one(2)),
    ("count(partly)", "int", span(1, None)),
    ("count(vague, kept)", "int", span(0, 2)),
    ("count(whole, kept)", "int", one(1)),
    ("sum(whole, size)", "number", one(3)),
    ("sum(whole, size, where=kept)", "number", one(1)),
    ("sum(empty, size)", "number", one(0)),
    ("sum(vague, size)", "number", span(5, None)),
    ("sum(vague, change, where=kept)", "number", span(None, None)),
    ("sum(partly, size)", "number", span(1, None)),
    ("sum(partly, change)", "number", span(None, None)),
    ("sum(partly, max(0, change))", "number", span(4, None)),
    ("sum(unheard, standard.only_a('b'))", "number", span(0, None)),
    ("sum(unheard, size / standard.nothing)", "number", span(None, None)),
    ("min(whole, size, none=9)", "number", one(1)),
    ("max(whole, size, none=9)", "number", one(2)),
    ("max(empty, size, none=9)", "number", one(9)),
    ("max(partly, size, none=9)", "number", span(None, None)),
    ("max(vague, size, none=9)", "number", span(None, None)),
    ("max(whole, size, where=size > 7, none=9)", "number", one(9)),
    ("min(whole, day, none=as_of)", "date", dt.date(2026, 1, 1)),
    ("any(whole, size == outer.three - 1)", "yesno", True),
    ("any(whole, any(outer.whole, size > outer.size))", "yesno", True),
    # statements
    ("stale", "number", span(None, None)),
]
TIERS: list[tuple[str, str, Value]] = [
    ("[{when: perhaps, is: 1}, {otherwise: 3}]", "number", span(1, 3)),
    ("[{when: yes, is: 1}, {otherwise: 3}]", "number", one(1)),
    ("[{when: no, is: 1}, {when: perhaps, is: 2}, {when: yes, is: 4}, {otherwise: 9}]", "number", span(2, 4)),
    ("[{when: no, is: 1}]", "number", span(None, None)),
    ("[{when: perhaps, is: 1}]", "number", span(None, None)),
    ("[{when: yes, is: null}, {otherwise: 3}]", "number", span(None, None)),
    ("[{when: perhaps, is: yes}, {otherwise: no}]", "yesno", None),
    ("[{when: perhaps, is: yes}, {otherwise: yes}]", "yesno", True),
    ("[{when: perhaps, is: born}, {otherwise: born}]", "date", dt.date(2008, 8, 2)),
]

STANDARDS = f"""
- {{id: by_grade, title: {NAMED}, type: number, keys: {{grade: bands}},
    values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{1-2: 10, 4-5: 20}}, otherwise: 0}}]}}
- {{id: by_letter, title: {NAMED}, type: number, keys: {{letter: [a, b, c]}},
    values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{a: 1, b: 2, c: 3}}}}]}}
- {{id: elsewhere, title: {NAMED}, type: number, values: [{{region: "3702", from: 2024-01-01, document: d, mark: derived, is: 1}}]}}
- {{id: later, title: {NAMED}, type: number, values: [
    {{region: "37", from: 2024-01-01, until: 2024-12-31, document: d, mark: derived, is: 2}},
    {{region: "3716", from: 2027-01-01, document: d, mark: derived, is: 3}}]}}
- {{id: local, title: {NAMED}, type: number, values: [
    {{region: "37", from: 2026-01-01, document: d, mark: derived, is: 6}},
    {{region: "371602", from: 2024-01-01, document: d, mark: derived, is: 7}}]}}
- {{id: nothing, title: {NAMED}, type: number, values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, is: 0}}]}}
- {{id: only_a, title: {NAMED}, type: number, keys: {{letter: [a, b, c]}},
    values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{a: 2}}}}]}}
- {{id: word_by, title: {NAMED}, type: text, keys: {{letter: [a, b, c]}}, values: [
    {{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{a: x}}}},
    {{region: "3702", from: 2024-01-01, document: d, mark: derived, rows: {{c: z}}}}]}}
- {{id: codes, title: {NAMED}, type: codes, values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, is: [a, b]}}]}}
"""

PERSON = """
as: me
three: 3
yes: true
no: false
letter: a
word: x
born: 2008-08-02
leap: 2004-02-29
town: "371602001"
stale: {is: 4, on: 2026-07-01}
whole: [{size: 1, change: 1, day: 2026-02-01, kept: true}, {size: 2, change: -1, day: 2026-01-01, kept: false}]
empty: []
partly: [{size: 1, change: 4, day: 2026-02-01, kept: true}]
vague: [{size: 5}, {}]
incomplete: [partly]
"""


@pytest.fixture(scope="module")
def tabled(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    """An oracle whose terms are the table's expressions, by number."""
    folder = tmp_path_factory.mktemp("table")
    terms = [f"- {{id: letter_or_not, title: {NAMED}, unit: person, type: text, values: [a, b, c], "]
    terms[0] += f"source: {SOURCE}, tiers: [{{when: perhaps, is: a}}, {{otherwise: b}}]}}"
    for number, (text, type_, _) in enumerate(TABLE):
        terms.append(f"- {{id: t{number}, title: {NAMED}, unit: person, type: {type_}, source: {SOURCE}, is: {json.dumps(text)}}}")
    for number, (text, type_, _) in enumerate(TIERS):
        terms.append(f"- {{id: tier{number}, title: {NAMED}, unit: person, type: {type_}, source: {SOURCE}, tiers: {text}}}")
    empty = dict.fromkeys(("policies/basic/dibao.yaml", "projects/fund.yaml", "needs.yaml"), "")
    catalogue = load(folder, {**empty, "facts.yaml": FACTS, "standards/all.yaml": STANDARDS, "terms/all.yaml": "\n".join(terms)})
    person = "".join(f"          {line}\n" for line in PERSON.strip().splitlines())
    case = f"- name: t\n  as_of: 2026-08-01\n  household:\n    region: '371602'\n    members:\n        -\n{person}"
    return Oracle(catalogue, read_cases(case, "t.yaml", catalogue)[0].record, AS_OF)


def value_of(oracle: Oracle, term: str) -> Value:
    """A term of the only person."""
    kind = oracle.rules.catalogue.terms[term].kind
    return oracle.best.value(TermRef(kind, (), "person", term), Row("person", "me"), Scene(0, "371602"))


@pytest.mark.parametrize("number", range(len(TABLE)), ids=[text for text, _, _ in TABLE])
def test_an_expression_is_what_the_page_says(tabled: Oracle, number: int) -> None:
    assert value_of(tabled, f"t{number}") == TABLE[number][2]


@pytest.mark.parametrize("number", range(len(TIERS)), ids=[text for text, _, _ in TIERS])
def test_tiers_are_the_hull_of_what_is_possible(tabled: Oracle, number: int) -> None:
    assert value_of(tabled, f"tier{number}") == TIERS[number][2]


def test_a_text_term_is_the_set_of_what_it_can_be(tabled: Oracle) -> None:
    assert value_of(tabled, "letter_or_not") == frozenset({"a", "b"})


# --- a small catalogue, its cases, and what stands beside them ----------------------------------------------------------

DEFAULTS = """
- defaults:
    household: {region: "371602", residence: urban, awards: [], recognitions: []}
    person: {wage_month: 0, bills: [], supporters: [], awards: [], recognitions: []}
"""
TWO = "members: [{as: mother, born: 1982-03-05, WAGE}, {as: child, born: 2017-01-20}]"


def benefit(amount: str, *, pays: str = "entitlement", covers: str = "[]", per: str = "month", more: str = "") -> str:
    """The benefit of a policy."""
    return f'benefit: {{kind: cash, pays: {pays}, certainty: exact, covers: {covers}, amount: "{amount}", per: {per}{more}}}'


def household(text: str, more: str = "") -> str:
    """A case of one household in July's prices, `text` being its keys."""
    return f"{DEFAULTS}- name: case\n  as_of: 2026-08-01\n  standards: {{dibao: 1000}}\n  household: {{{text}}}\n{more}"


def passes(folder: Path, case: str, **files: str) -> Case:
    """Run the only case of a text with the small catalogue and these items; every expectation must hold."""
    named = {f"policies/{name}.yaml": text for name, text in files.items() if name not in ("facts", "terms", "needs")}
    named |= {"facts.yaml": files["facts"]} if "facts" in files else {}
    named |= {"terms/more.yaml": files["terms"]} if "terms" in files else {}
    catalogue = load(folder, named)
    (read,) = read_cases(case, "case.yaml", catalogue)
    oracle = Oracle(with_standards(catalogue, read.standards), read.record, read.as_of, read.known_by, read.terms)
    result = judge(read, oracle)
    assert result.passed, (result.got, result.expected)
    return read


def test_one_yuan_a_head_below_the_standard_is_paid(tmp_path: Path) -> None:
    passes(
        tmp_path, household(TWO.replace("WAGE", "wage_month: 1998"), "  expect: {dibao: {verdict: eligible, amount: 2}, left.living: 0}")
    )


def test_an_unknown_wage_is_asked_for(tmp_path: Path) -> None:
    more = "  expect: {dibao: {verdict: unknown, amount: [0, 2000]}, left.living: [0, 24000]}\n  ask_for: [wage_month@mother]"
    passes(tmp_path, household(TWO.replace("WAGE", "wage_month: unknown"), more))


def test_one_known_wage_settles_though_another_is_unknown(tmp_path: Path) -> None:
    text = "members: [{as: mother, wage_month: 9000}, {as: father, wage_month: unknown}]"
    passes(tmp_path, household(text, "  expect: {dibao: not eligible}"))


def test_a_wage_told_too_long_ago_is_unknown_even_beside_an_older_one(tmp_path: Path) -> None:
    told = "wage_month: [{is: 100, on: 2026-01-01}, {is: 90, on: 2026-02-01}]"
    passes(tmp_path, household(TWO.replace("WAGE", told), "  expect: {dibao: unknown}\n  ask_for: [wage_month@mother]"))


def test_of_two_on_one_day_the_stronger_source_decides_then_the_later_record(tmp_path: Path) -> None:
    told = "wage_month: [{is: 1998, on: 2026-07-01, source: register:tax}, {is: 9000, on: 2026-07-01, source: visit}]"
    passes(tmp_path, household(TWO.replace("WAGE", told), "  expect: {dibao: {amount: 2}}"))
    told = "wage_month: [{is: 1998, on: 2026-07-01, recorded: 2026-07-03}, {is: 9000, on: 2026-07-01, recorded: 2026-07-02}]"
    passes(tmp_path, household(TWO.replace("WAGE", told), "  expect: {dibao: {amount: 2}}"))


def test_what_was_recorded_later_was_not_known(tmp_path: Path) -> None:
    told = "wage_month: [{is: 1998, on: 2026-05-01}, {is: 9000, on: 2026-06-01, recorded: 2026-07-20}]"
    more = "  known_by: 2026-07-19\n  expect: {dibao: {amount: 2}}"
    passes(tmp_path, household(TWO.replace("WAGE", told), more))


def test_a_relative_outside_is_read_only_with_consent(tmp_path: Path) -> None:
    term = a_term("help", "any(supporters, wage_month > yuan(100))", more="")
    policy = a_policy("aid", "help", unit="person")
    text = "members: [{as: mother, supporters: [{as: son, wage_month: 500, duty: child}]}]"
    passes(tmp_path, household(text, "  expect: {aid: unknown}\n  ask_for: [consent@son]"), terms=term, aid=policy)
    agreed = text.replace("duty: child", "duty: child, consents: [{scope: [economy], until: 2026-08-01}]")
    passes(tmp_path, household(agreed, "  expect: {aid: eligible}"), terms=term, aid=policy)
    withdrawn = agreed.replace("until: 2026-08-01", "withdrawn: 2026-07-31")
    passes(tmp_path, household(withdrawn, "  expect: {aid: unknown}"), terms=term, aid=policy)


def test_an_edge_that_has_ended_is_not_there(tmp_path: Path) -> None:
    text = "members: [{as: mother, wage_month: 998}, {as: father, wage_month: 9000, until: 2026-07-31}]"
    passes(tmp_path, household(text, "  expect: {dibao: {amount: 2}}"))


def test_parents_are_also_those_who_name_their_child(tmp_path: Path) -> None:
    policy = a_policy("aid", "any(parents, wage_month > yuan(100))", unit="person")
    text = "members: [{as: mother, wage_month: 500, children: [child]}, {as: child, parents: []}]"
    passes(tmp_path, household(text, "  expect: {aid@child: eligible}"), aid=policy)


# --- worlds and choices ---------------------------------------------------------------------------------------------------


def test_what_a_finding_opens_says_what_to_confirm_first(tmp_path: Path) -> None:
    policy = a_policy("coal", "on_dibao", unit="person")
    term = a_term("on_dibao", "recognised.dibao")
    text = "members: [{as: mother, wage_month: 0}]"
    more = "  expect: {coal: eligible}\n  opened_by: {coal: dibao, dibao: []}"
    passes(tmp_path, household(text, more), coal=policy, terms=term)
    on_file = text + ", recognitions: [dibao]"
    passes(tmp_path, household(on_file, "  expect: {coal: eligible}\n  opened_by: {coal: []}"), coal=policy, terms=term)


def test_people_outside_are_recognised_by_the_file_alone(tmp_path: Path) -> None:
    policy = a_policy("aid", "any(supporters, recognised.dibao)", unit="person")
    outside = "{as: son, wage_month: 0, recognitions: [], household: {residence: urban, recognitions: LIST}, duty: child}"
    text = f"members: [{{as: mother, supporters: [{outside}]}}]"
    passes(tmp_path, household(text.replace("LIST", "[]"), "  expect: {aid: not eligible}"), aid=policy)
    passes(tmp_path, household(text.replace("LIST", "[dibao]"), "  expect: {aid: eligible}"), aid=policy)
    passes(
        tmp_path,
        household(text.replace("LIST", "unknown"), "  expect: {aid: unknown}\n  ask_for: [recognitions@son-household]"),
        aid=policy,
    )


def test_the_choice_holds_the_most_certain_yuan(tmp_path: Path) -> None:
    one_ = a_policy("a-one", unit="person", more="choose_one: [b-two]\n" + benefit("yuan(10)"))
    two = a_policy("b-two", unit="person", more=benefit("yuan(11)"))
    text = "members: [{as: mother, wage_month: 5000}, {as: father, wage_month: 5000}]"
    more = (
        "  expect: {a-one@mother: {verdict: eligible, amount: 10}}\n  choices: {b-two@mother: [a-one@mother], b-two@father: a-one@father}"
    )
    passes(tmp_path, household(text, more), one=one_, two=two)
    even = two.replace("yuan(11)", "yuan(10)")
    passes(tmp_path, household(text, "  expect: {}\n  choices: {a-one@mother: [b-two@mother]}"), one=one_, two=even)
    once = two.replace("yuan(11)", "yuan(119)").replace("per: month", "per: once")
    passes(tmp_path, household(text, "  expect: {}\n  choices: [a-one@mother, a-one@father]"), one=one_, two=once)


def test_what_was_not_chosen_opens_nothing(tmp_path: Path) -> None:
    poor = a_policy("poor", more="choose_one: [rich]\ngrants: {recognition: poor}\n" + benefit("yuan(10)"))
    rich = a_policy("rich", more=benefit("yuan(11)"))
    follow = a_policy("z-follow", "recognised.poor")
    text = "members: [{as: mother, wage_month: 5000}]"
    passes(tmp_path, household(text, "  expect: {z-follow: not eligible}\n  choices: [rich]"), poor=poor, rich=rich, follow=follow)


def test_an_item_that_clashes_with_an_undecided_one_shows_its_whole_amount(tmp_path: Path) -> None:
    one_ = a_policy("a-one", unit="person", more="choose_one: [b-two]\n" + benefit("yuan(10)"))
    two = a_policy("b-two", "wage_month > yuan(100)", unit="person", more=benefit("yuan(11)"))
    text = "members: [{as: mother, wage_month: unknown}]"
    more = "  expect: {a-one: {verdict: eligible, amount: 10}, b-two: {verdict: unknown, amount: [0, 11]}}"
    passes(tmp_path, household(text, more), one=one_, two=two)


# --- payments -------------------------------------------------------------------------------------------------------------

BILLS = "bills: [{billed_on: 2026-07-01, total: TOTAL, out_of_scope: 0}]"


def ill(*totals: str) -> str:
    """A household of people with one bill each."""
    names = ("anna", "berta", "carla")
    people = [f"{{as: {name}, wage_month: 5000, {BILLS.replace('TOTAL', total)}}}" for name, total in zip(names, totals, strict=False)]
    return f"members: [{', '.join(people)}]"


def test_aid_never_pays_more_than_is_left_and_goes_person_by_person(tmp_path: Path) -> None:
    aid = a_policy("aid", more=benefit("yuan(1500)", pays="reimbursement", covers="[medical_in_scope]", per="once"))
    more = "  expect: {aid: {amount: 1500}, left: {medical_in_scope: 500, medical_in_scope@anna: 0, medical_in_scope@berta: 500}}"
    passes(tmp_path, household(ill("1000", "1000"), more), aid=aid)
    passes(tmp_path, household(ill("100", "200"), "  expect: {aid: {amount: 300}, left.medical_in_scope: 0}"), aid=aid)


def test_an_entitlement_is_paid_beyond_the_need(tmp_path: Path) -> None:
    aid = a_policy("aid", more=benefit("yuan(1500)", covers="[medical_in_scope]", per="once"))
    passes(tmp_path, household(ill("100"), "  expect: {aid: {amount: 1500}, left.medical_in_scope: 0}"), aid=aid)


def test_a_floor_is_not_lowered_by_what_is_left(tmp_path: Path) -> None:
    bare = "{kind: cash, pays: discretionary, certainty: range, covers: [medical_in_scope], per: once, AMOUNT}"
    bare = bare.replace("AMOUNT", "at_least: yuan(200), at_most: yuan(900)")
    aid = a_policy("aid", more=f"benefit: {bare}")
    passes(tmp_path, household(ill("100"), "  expect: {aid: {amount: 200}}"), aid=aid)
    passes(tmp_path, household(ill("500"), "  expect: {aid: {amount: [200, 500]}, left.medical_in_scope: [0, 300]}"), aid=aid)


def test_an_unknown_bill_keeps_what_is_left_open(tmp_path: Path) -> None:
    aid = a_policy("aid", more=benefit("yuan(1500)", pays="reimbursement", covers="[medical_in_scope]", per="once"))
    more = "  expect: {aid: {amount: [0, 1500]}, left.medical_in_scope: [0, null], fund: unknown}\n  ask_for: [bills.total@anna]"
    passes(tmp_path, household(ill("unknown"), more), aid=aid)


def test_the_fund_sees_what_is_left_at_its_turn(tmp_path: Path) -> None:
    passes(tmp_path, household(ill("20000"), "  expect: {fund: {verdict: eligible, amount: 12000}, left.medical_in_scope: 8000}"))
    aid = a_policy("aid", more=benefit("yuan(10000)", pays="reimbursement", covers="[medical_in_scope]", per="once"))
    passes(tmp_path, household(ill("20000"), "  expect: {fund: not eligible, left.medical_in_scope: 10000}"), aid=aid)


def test_money_of_a_month_counts_twelve_times_or_as_often_as_it_is_paid(tmp_path: Path) -> None:
    aid = a_policy("aid", more=benefit("yuan(100)", covers="[living]", more=", months: 3"))
    text = "members: [{as: mother, wage_month: 0}]"
    files = {"aid": aid.replace("layer: other", "layer: insurance")}
    passes(tmp_path, household(text, "  expect: {aid: {amount: 100}, dibao: {amount: 1000}, left.living: 0}"), **files)
    dear = household(text, "  terms: {income_per_head: 1000}\n  expect: {left.living: 0, dibao: {amount: 0}}")
    passes(tmp_path, dear, **files)


def test_a_share_is_a_part_of_the_households_money(tmp_path: Path) -> None:
    aid = a_policy("aid", more=benefit("yuan(100)", more=", shared: born < as_of"))
    top = a_policy("top", unit="person", more="tops_up: [aid]\n" + benefit("yuan(60)"))
    text = "members: [{as: a, wage_month: 5000, born: 2000-01-01}, {as: b, born: 2000-01-01}, {as: c, born: 2026-09-01}]"
    more = "  expect: {top@a: {amount: 10}, top@b: {amount: 10}, top@c: {amount: 60}}"
    passes(tmp_path, household(text, more), aid=aid, top=top)
    vague = text.replace("2026-09-01", "unknown")
    passes(tmp_path, household(vague, "  expect: {top@a: {amount: [10, 26.67]}, top@c: {amount: [26.67, 60]}}"), aid=aid, top=top)


def test_what_is_received_counts_with_its_own_amount(tmp_path: Path) -> None:
    aid = a_policy("aid", "False", more=benefit("yuan(100)", covers="[living]"))
    text = "awards: [{policy: aid, paid_on: 2026-01-01, amount: 50}], members: [{as: mother, wage_month: 0}]"
    more = "  terms: {income_per_head: 900}\n  expect: {aid: {verdict: not eligible, amount: 50}}"
    passes(tmp_path, household(text, more), aid=aid)
    silent = text.replace(", amount: 50", "")
    passes(tmp_path, household(silent, "  expect: {aid: {verdict: not eligible, amount: [0, null]}}"), aid=aid)
    over = text.replace("paid_on: 2026-01-01", "paid_on: 2026-01-01, until: 2026-07-31")
    passes(
        tmp_path,
        household(over, "  expect: {aid: {verdict: not eligible, amount: {at_least: 0}}}".replace(", amount: {at_least: 0}", "")),
        aid=aid,
    )


def test_an_award_that_may_be_missing_from_the_file_opens_what_is_left(tmp_path: Path) -> None:
    aid = a_policy("aid", more=benefit("yuan(100)", covers="[medical_in_scope]", per="once"))
    text = "awards: unknown, " + ill("1000")
    passes(tmp_path, household(text, "  expect: {aid: {verdict: eligible, amount: 100}, left.medical_in_scope: [0, 1000]}"), aid=aid)
    never = aid.replace("True", "False")
    passes(tmp_path, household(text, "  expect: {aid: not eligible, left.medical_in_scope: [0, 1000]}"), aid=never)


def test_what_is_recognised_on_file_without_an_award_pays_what_its_rule_says(tmp_path: Path) -> None:
    text = "recognitions: [dibao], members: [{as: mother, wage_month: 998}]"
    passes(tmp_path, household(text, "  expect: {dibao: {amount: 2}}\n  choices: [dibao]"))


def test_hours_cover_hours(tmp_path: Path) -> None:
    bare = "{kind: service, pays: discretionary, certainty: exact, covers: [care], hours: HOURS, per: month}"
    help_ = a_policy("help", unit="person", more=f"benefit: {bare.replace('HOURS', '3')}")
    more_help = a_policy("more-help", unit="person", more=f"benefit: {bare.replace('HOURS', '3')}")
    text = "members: [{as: mother, wage_month: 5000}]"
    passes(tmp_path, household(text, "  expect: {left.care: 1}"), help=help_)
    passes(tmp_path, household(text, "  expect: {left.care@mother: 0}"), help=help_, more=more_help)


def test_a_policy_not_in_force_here_is_not_eligible(tmp_path: Path) -> None:
    elsewhere = a_policy("aid", more='region: "3702"')
    passes(tmp_path, household("members: [{as: mother}]", "  expect: {aid: not eligible}"), aid=elsewhere)


def test_the_place_of_registration_decides_where_it_is_known(tmp_path: Path) -> None:
    facts = SMALL_FACTS + "registered_in: {unit: household, type: region, label: {zh: 户籍, en: registered}}\n"
    files = {"facts": facts, "aid": a_policy("aid", more='region: "3702"'), "here": a_policy("here", more='region: "3702"\nplace: living')}
    text = 'registered_in: "370201", members: [{as: mother, wage_month: 5000}]'
    passes(tmp_path, household(text, "  expect: {aid: eligible, here: not eligible}"), **files)
