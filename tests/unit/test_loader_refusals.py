"""What the loader refuses: each thing with its file, line and reason."""

# ruff: noqa: E501  one refusal is one row of the table

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matcher.errors import CatalogueError
from matcher.loader import load_catalogue
from tests.unit.small_catalogue import FACTS, NEEDS, POLICY, PROJECT, STANDARDS, TERMS, a_policy, a_term, faults_of, load

if TYPE_CHECKING:
    from pathlib import Path

ALL_FAULTS: list[tuple[str, dict[str, str], str, int, str]] = [
    ("an unknown key", {"policies/x.yaml": a_policy("x", more="benefits: {}")}, "policies/x.yaml", 8, "unknown key benefits; did you mean benefit?"),
    ("an unknown name", {"policies/x.yaml": a_policy("x", "any(members, grad == 1)")}, "policies/x.yaml", 7, "unknown name grad; did you mean grade?"),
    ("a wrong unit", {"policies/x.yaml": a_policy("x", "grade == 1")}, "policies/x.yaml", 7, "any(members, …)"),
    ("a built-in name", {"facts.yaml": FACTS + "count: {unit: person, type: int, label: {zh: 数, en: n}}"}, "facts.yaml", 10, "built-in name"),
    ("a built-in field", {"facts.yaml": FACTS.replace("total:", "month:")}, "facts.yaml", 4, "month is a built-in name"),
    ("another type of a list", {"facts.yaml": FACTS + "awards: {unit: person, type: int, label: {zh: 数, en: n}}"}, "facts.yaml", 10, "built-in name"),
    ("a built-in term", {"terms/x.yaml": a_term("left", "True")}, "terms/x.yaml", 1, "left is a built-in name"),
    ("a built-in term with a dash", {"terms/x.yaml": a_term("as-of", "True")}, "terms/x.yaml", 1, "as-of is a built-in name"),
    ("a fact with a dash", {"facts.yaml": FACTS + "shoe-size: {unit: person, type: int, label: {zh: 数, en: n}}"}, "facts.yaml", 10, "shoe-size is no name: lower-case words joined by _"),
    ("a list of persons of one's own", {"facts.yaml": FACTS + "carers: {unit: person, type: list, rows: person, label: {zh: 人, en: carers}}"}, "facts.yaml", 10, "lists of persons are members"),
    ("a term like a fact", {"terms/x.yaml": a_term("grade", "1", type_="int")}, "terms/x.yaml", 1, "grade has the name of another"),
    ("written alike", {"terms/x.yaml": a_term("care-class", "True")}, "terms/x.yaml", 1, "has the name of another: care_class"),
    ("an unknown type", {"facts.yaml": FACTS.replace("type: date, label", "type: day, label")}, "facts.yaml", 6, "day is none of yesno | int"),
    ("an unknown unit", {"facts.yaml": FACTS.replace("{unit: person, type: date", "{unit: child, type: date")}, "facts.yaml", 6, "unknown unit child"),
    ("no label", {"facts.yaml": FACTS.replace("label: {zh: 出生日期, en: born}, ", "")}, "facts.yaml", 6, "label is missing"),
    ("min above max", {"facts.yaml": FACTS.replace("min: 1, max: 4", "min: 5, max: 4")}, "facts.yaml", 8, "min is above max"),
    ("a length of time", {"facts.yaml": FACTS.replace("180 days", "half a year")}, "facts.yaml", 7, "no length of time"),
    ("for good, and not what", {"facts.yaml": FACTS.replace("180 days", "180 days, for_good: [true]")}, "facts.yaml", 7, "outlast good_for"),
    ("for good and no end", {"facts.yaml": FACTS.replace("values: [urban, rural]", "values: [urban, rural], for_good: [urban]")}, "facts.yaml", 5, "outlast good_for"),
    ("no facts at all", {"facts.yaml": "- 1"}, "facts.yaml", 1, "facts.yaml is a mapping"),
    ("a region as a number", {"policies/basic/dibao.yaml": POLICY.replace('"37"', "37")}, "policies/basic/dibao.yaml", 6, "quote it"),
    ("no region code", {"policies/basic/dibao.yaml": POLICY.replace('"37"', '"37 1"')}, "policies/basic/dibao.yaml", 6, "no region code"),
    ("from after until", {"policies/x.yaml": a_policy("x", more="in_force: {from: 2026-01-02, until: 2026-01-01}")}, "policies/x.yaml", 8, "is after until"),
    ("cut at a comma", {"needs.yaml": NEEDS.replace('"12 * max(0, ', "12 * max(0, ").replace('members)"', "members)", 1)}, "needs.yaml", 1, "cut at its comma"),
    ("a list cut at a comma", {"terms/x.yaml": a_term("x", "max(0").replace("yesno", "int")}, "terms/x.yaml", 1, "cut at a comma"),
    ("bad YAML", {"terms/x.yaml": "- {id: x"}, "terms/x.yaml", 2, "not YAML"),
    ("money as a number", {"needs.yaml": NEEDS + NEEDS.splitlines()[2].replace("care", "x").replace("hours", "money")}, "needs.yaml", 4, "write yuan("),
    ("a bare number beside money", {"policies/x.yaml": a_policy("x", "income_per_head < 500")}, "policies/x.yaml", 7, "write yuan("),
    ("a literal outside values", {"policies/x.yaml": a_policy("x", "residence == 'town'")}, "policies/x.yaml", 7, "'town' is none of its values (urban, rural)"),
    ("a word outside values", {"terms/all.yaml": TERMS.replace("is: partial", "is: half")}, "terms/all.yaml", 14, "half is none of its values"),
    ("a text too wide", {"terms/x.yaml": a_term("x", "household.residence", type_="text", more=", values: [urban]")}, "terms/x.yaml", 1, "it can be rural"),
    ("a date by subtraction", {"policies/x.yaml": a_policy("x", "any(members, born < 2025-12-31)")}, "policies/x.yaml", 7, "date(2025, 12, 31)"),
    ("a missing none=", {"terms/x.yaml": a_term("x", "max(bills, total)", type_="money")}, "terms/x.yaml", 1, "needs none="),
    ("an unsafe division", {"terms/x.yaml": a_term("x", "wage_month / grade", type_="money")}, "terms/x.yaml", 1, "divide only by"),
    ("tiers without a case", {"terms/all.yaml": TERMS.replace("{when: grade <= 2, is: full}, {when: grade == 3, is: partial}, ", "")}, "terms/all.yaml", 14, "at least one {when, is}"),
    ("otherwise first", {"terms/all.yaml": TERMS.replace("[{when: grade <= 2, is: full}, ", "[{otherwise: full}, ")}, "terms/all.yaml", 14, "otherwise stands alone and last"),
    ("is and tiers", {"terms/all.yaml": TERMS + "  is: full\n"}, "terms/all.yaml", 9, "write is or tiers"),
    ("a circle of terms", {"terms/x.yaml": a_term("x", "any(supporters, y)") + a_term("y", "any(children, x)")}, "terms/x.yaml", 1, "terms read each other in a circle: x -> y -> x"),
    ("a circle of policies", {"policies/x.yaml": a_policy("x", "eligible.y"), "policies/y.yaml": a_policy("y", "recognised.z", more="grants: {recognition: w}"),
                              "policies/z.yaml": a_policy("z0", "recognised.w", more="grants: {recognition: z}")}, "policies/y.yaml", 7, "in a circle"),
    ("a policy that reads itself", {"policies/x.yaml": a_policy("x", "not eligible.x")}, "policies/x.yaml", 7, "in a circle: x"),
    ("a circle through what is left", {"policies/x.yaml": a_policy(
        "x", "recognised.y", layer="basic", more="benefit: {kind: cash, pays: entitlement, certainty: exact, covers: [living], amount: yuan(1), per: month}"),
        "policies/y.yaml": a_policy("y", "left.living > 0", layer="other")}, "policies/x.yaml", 7, "in a circle"),
    ("money of a later layer", {"policies/x.yaml": a_policy("x", "granted.fund > 0", layer="basic")}, "policies/x.yaml", 1, "which pays later"),
    ("a need that reads the bundle", {"needs.yaml": NEEDS.replace("amount: 4", "amount: 4, when: granted.fund > 0")}, "needs.yaml", 3, "a need cannot read granted.fund"),
    ("two versions alike", {"policies/x.yaml": POLICY}, "policies/x.yaml", 1, "two versions of dibao begin on the same day in 37"),
    ("two terms alike", {"terms/x.yaml": a_term("age", "years_since(born)", type_="int")}, "terms/x.yaml", 1, "two versions of age"),
    ("versions of two units", {"terms/x.yaml": a_term("age", "1", type_="int", unit="household")}, "terms/x.yaml", 1, "disagree on unit"),
    ("versions of two layers", {"policies/x.yaml": POLICY.replace("layer: basic", "layer: other").replace('"37"', '"3716"')}, "policies/x.yaml", 1, "disagree on layer"),
    ("what excludes itself", {"policies/x.yaml": a_policy("x", "residence == 'urban' and residence == 'rural'")}, "policies/x.yaml", 7, "exclude each other"),
    ("an unknown policy", {"policies/x.yaml": a_policy("x", more="precludes: [dibo]")}, "policies/x.yaml", 8, "unknown policy dibo; did you mean dibao?"),
    ("itself", {"policies/x.yaml": a_policy("x", more="tops_up: x")}, "policies/x.yaml", 8, "names itself"),
    ("no recognition", {"policies/x.yaml": a_policy("x", "recognised.poor")}, "policies/x.yaml", 7, "unknown recognition or policy poor"),
    ("a person's recognition", {"policies/x.yaml": a_policy("x", "recognised.y"), "policies/y.yaml": a_policy("y", unit="person")},
     "policies/x.yaml", 7, "write any(members, recognised.y)"),
    ("an unknown need", {"projects/fund.yaml": PROJECT.replace("covers: [medical_in_scope]", "covers: [food]")}, "projects/fund.yaml", 9, "unknown need food"),
    ("money for hours", {"projects/fund.yaml": PROJECT.replace("covers: [medical_in_scope]", "covers: [care]")}, "projects/fund.yaml", 9, "counted in hours"),
    ("hours for money", {"policies/x.yaml": a_policy("x", more="benefit: {kind: service, pays: discretionary, certainty: exact, covers: [living], hours: 2, per: month}")},
     "policies/x.yaml", 8, "counted in money"),
    ("cash without an amount", {"policies/x.yaml": a_policy("x", more="benefit: {kind: cash, pays: entitlement, certainty: exact}")}, "policies/x.yaml", 8, "needs an amount"),
    ("two kinds of amount", {"projects/fund.yaml": PROJECT.replace("cap:", "at_least:")}, "projects/fund.yaml", 9, "not both"),
    ("shared by a person", {"policies/x.yaml": a_policy("x", unit="person", more="benefit: {kind: in_kind, pays: entitlement, certainty: exact, shared: grade == 1}")},
     "policies/x.yaml", 8, "only a household's item has shared"),
    ("a project among policies", {"policies/x.yaml": PROJECT.replace("id: fund", "id: x")}, "policies/x.yaml", 1, "stands in projects/"),
    ("no source", {"policies/x.yaml": a_policy("x").replace("source: {document: d, mark: text}", "")}, "policies/x.yaml", 1, "source is missing"),
    ("no conditions", {"policies/x.yaml": a_policy("x").replace("requires:", "procedure:")}, "policies/x.yaml", 1, "requires is missing"),
    ("an article that is a list", {"policies/x.yaml": a_policy("x").replace("mark: text", "mark: text, article: [5]")}, "policies/x.yaml", 6, "article is a text"),
    ("a mark", {"policies/x.yaml": a_policy("x").replace("mark: text", "mark: sure")}, "policies/x.yaml", 6, "sure is none of text"),
    ("two conditions of one id", {"policies/x.yaml": a_policy("x").replace("]}", ", {id: one, says: {zh: 甲, en: a}, when: residence == 'urban'}]}")}, "policies/x.yaml", 7, "stands twice"),
    ("all and any", {"policies/x.yaml": a_policy("x").replace("requires: {", "requires: {any: [], ")}, "policies/x.yaml", 7, "write one of all, any, not"),
    ("a row of no key value", {"standards/all.yaml": STANDARDS.replace("rural: 838", "town: 838")}, "standards/all.yaml", 7, "town is none of the values"),
    ("too few in a row", {"standards/all.yaml": STANDARDS.replace("[198, 149]", "[198]")}, "standards/all.yaml", 14, "2 values are wanted (urban, rural)"),
    ("overlapping bands", {"standards/all.yaml": STANDARDS.replace("3: [120, 90]", "2+: [120, 90]")}, "standards/all.yaml", 14, "overlaps"),
    ("no band", {"standards/all.yaml": STANDARDS.replace("3: [120, 90]", "three: [120, 90]")}, "standards/all.yaml", 14, "three is no band"),
    ("rows missing a level", {"standards/all.yaml": STANDARDS.replace("3: [120, 90]", "3: 120")}, "standards/all.yaml", 14, "rows by the key residence"),
    ("is with keys", {"standards/all.yaml": STANDARDS.replace("rows: {urban: 1010, rural: 838}", "is: 3")}, "standards/all.yaml", 7, "has keys: write rows"),
    ("tenths of a fen", {"standards/all.yaml": STANDARDS.replace("1010", "10.105")}, "standards/all.yaml", 7, "at most 2 digits"),
    ("a text for yes", {"standards/all.yaml": STANDARDS.replace("is: true", "is: yes")}, "standards/all.yaml", 15, "true or false"),
    ("two values of a day", {"standards/all.yaml": STANDARDS.replace("rural: 838}}", 'rural: 838}}\n    - {region: "37", from: 2024-01-01, document: x, mark: text, rows: {urban: 1}}')},
     "standards/all.yaml", 8, "begin on one day"),
    ("two needs of one id", {"needs.yaml": NEEDS + NEEDS.splitlines()[2]}, "needs.yaml", 4, "the need care stands twice"),
    ("two standards of one id", {"standards/x.yaml": STANDARDS.splitlines()[14]}, "standards/x.yaml", 1, "stands twice"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "file", "line", "reason"), [row[1:] for row in ALL_FAULTS], ids=[row[0] for row in ALL_FAULTS])
def test_it_is_refused_with_its_file_line_and_reason(tmp_path: Path, files: dict[str, str], file: str, line: int, reason: str) -> None:
    faults = faults_of(tmp_path, files)
    hits = [fault for fault in faults if reason in fault.en]
    assert hits, [str(fault) for fault in faults]
    assert (hits[0].file, hits[0].line) == (file, line)
    assert hits[0].zh


EXCLUSIVE = [
    ("age >= 60", "age < 18"),
    ("age > 60", "age <= 60"),
    ("age == 3", "age != 3"),
    ("age == 3", "4 < age < 6"),
    ("grade in (1, 2)", "grade in (3, 4)"),
    ("grade in (1, 2)", "grade > 2"),
    ("kind == 'a'", "kind == 'b'"),
    ("kind in ('a', 'b')", "kind not in ('a', 'b', 'c')"),
    ("pupil", "not pupil"),
    ("receives.dibao", "not receives.dibao"),
    ("wage_month < standard.line", "wage_month >= standard.line"),
    ("born < date(2000, 1, 1)", "born > date(2001, 1, 1)"),
    ("60 <= age", "not age > 50"),
]
TOGETHER = [
    ("age >= 18", "age <= 18"),
    ("age > 17", "age < 19"),
    ("kind == 'a'", "kind != 'b'"),
    ("kind in ('a', 'b')", "kind not in ('a',)"),
    ("age > 60", "household.recognised.dibao"),
    ("wage_month < standard.line", "wage_month != standard.line"),
]


@pytest.mark.parametrize(("first", "second", "clash"), [*((*pair, True) for pair in EXCLUSIVE), *((*pair, False) for pair in TOGETHER)])
def test_conditions_that_exclude_each_other(tmp_path: Path, first: str, second: str, clash: bool) -> None:
    says = "says: {zh: 甲, en: a}"
    requires = f'requires:\n  all:\n    - {{id: one, {says}, when: "{first}"}}\n    - all:\n      - {{id: two, {says}, when: "{second}"}}\n'
    files = {
        "facts.yaml": FACTS
        + "kind: {unit: person, type: text, values: [a, b, c], label: {zh: 甲, en: a}}\npupil: {unit: person, type: yesno, label: {zh: 甲, en: a}}\n",
        "standards/x.yaml": "{id: line, title: {zh: 线, en: line}, type: money, values: [{document: x, mark: text, is: 5}]}",
        "policies/x.yaml": "\n".join(line for line in a_policy("x", unit="person").splitlines() if "requires" not in line)
        + "\n"
        + requires,
    }
    if not clash:
        load(tmp_path, files)
        return
    (fault,) = faults_of(tmp_path, files)
    assert "the conditions one and two exclude each other" in fault.en
    assert fault.line == 12


def test_conditions_of_any_may_exclude_each_other(tmp_path: Path) -> None:
    parts = ", ".join(f"{{id: {name}, says: {{zh: 甲, en: a}}, when: residence == '{name}'}}" for name in ("urban", "rural"))
    load(tmp_path, {"policies/x.yaml": a_policy("x", more="").replace("{all: [", "{any: [" + parts + ", ")})


def test_all_faults_are_reported_together_one_per_line(tmp_path: Path) -> None:
    files = {"policies/x.yaml": a_policy("x", "wagee > 0", more="oops: 1"), "terms/x.yaml": a_term("x", "grade")}
    faults = faults_of(tmp_path, files)
    assert [(fault.file, fault.line) for fault in faults] == [("policies/x.yaml", 7), ("policies/x.yaml", 8), ("terms/x.yaml", 1)]
    assert str(CatalogueError(faults)).splitlines()[1] == "policies/x.yaml:8 oops: unknown key oops"


def test_a_folder_without_facts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"facts\.yaml is missing"):
        load_catalogue(tmp_path)
