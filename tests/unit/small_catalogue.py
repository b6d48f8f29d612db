"""The language page's small catalogue as files, and short ways to change it."""

# ruff: noqa: E501  the texts stand as on the page

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matcher.errors import CatalogueError
from matcher.loader import load_catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.catalogue import Catalogue
    from matcher.errors import Fault

FACTS = """\
members:    {unit: household, type: list, rows: person, label: {zh: 家庭成员, en: members}}
supporters: {unit: person, type: list, rows: person, edge: {duty: {type: text, values: [spouse, parent, child]}}, label: {zh: 法定义务人, en: supporters}}
bills:      {unit: person, type: list, label: {zh: 医疗票据, en: medical bills}, ask: medical-insurance,
             rows: {billed_on: {type: date}, total: {type: money, min: 0}, out_of_scope: {type: money, min: 0}}}
residence:  {unit: household, type: text, values: [urban, rural], label: {zh: 城乡, en: town or village}}
born:       {unit: person, type: date, label: {zh: 出生日期, en: born}, ask: police}
wage_month: {unit: person, type: money, min: 0, per: month, label: {zh: 月工资, en: monthly wage}, ask: human-resources, sensitive: high, good_for: 180 days, needs_consent: true}
grade:      {unit: person, type: int, min: 1, max: 4, label: {zh: 残疾等级, en: grade}, ask: disabled-persons-federation}
sources: [register, visit]
"""
STANDARDS = """\
- id: dibao
  title: {zh: 低保标准, en: dibao standard}
  type: money
  per: month
  keys: {residence: [urban, rural]}
  values:
    - {region: "37", from: 2024-01-01, document: notice, mark: secondary, rows: {urban: 1010, rural: 838}}
- id: allowance
  title: {zh: 补贴, en: allowance}
  type: money
  per: month
  keys: {grade: bands, residence: [urban, rural]}
  values:
    - {region: "37", from: 2024-01-01, document: notice, mark: illustrative, rows: {1-2: [198, 149], 3: [120, 90]}, otherwise: 0}
- {id: permit_holders_may_apply, title: {zh: 受理居住证, en: takes permit holders}, type: yesno, values: [{region: "3701", from: 2024-01-01, document: notice, mark: local, is: true}]}
"""
TERMS = """\
- {id: age, title: {zh: 周岁, en: age}, unit: person, type: int, is: years_since(born)}
- id: income_per_head
  title: {zh: 人均月收入, en: income a head}
  unit: household
  type: money
  per: month
  source: {document: rules, article: 7, mark: text}
  is: "sum(members, wage_month) / max(1, count(members))"
- id: care_class
  title: {zh: 护理档次, en: class of care}
  unit: person
  type: text
  values: [full, partial, none]
  tiers: [{when: grade <= 2, is: full}, {when: grade == 3, is: partial}, {otherwise: none}]
"""
POLICY = """\
id: dibao
title: {zh: 最低生活保障, en: Minimum living guarantee}
layer: basic
department: civil-affairs
unit: household
region: "37"
place: registered
in_force: {from: 2021-07-01}
source: [{document: rules, article: 第十八条, mark: text, from: 2026-07-01}, {document: rules, article: 第五条, mark: text}]
requires:
  all:
    - {id: income, says: {zh: 人均收入低于标准, en: income a head below the standard}, when: "sum(members, wage_month) < standard.dibao(residence) * count(members)"}
grants: {recognition: dibao, months: 12}
benefit: {kind: cash, pays: entitlement, certainty: exact, covers: [living], amount: "max(0, standard.dibao(residence) - income_per_head) * count(members)", per: month, starts: month_after_decision}
procedure: {accepts: township, decides: county, working_days: 30, publicity_days: 7}
documents: [authorisation]
"""
NEEDS = """\
- {id: living, title: {zh: 基本生活, en: living}, unit: household, kind: money, window: next_12, source: {document: rules, mark: derived}, amount: "12 * max(0, standard.dibao(residence) - income_per_head) * count(members)"}
- {id: medical_in_scope, title: {zh: 政策范围内医疗, en: medical in scope}, unit: person, kind: money, window: past_12, source: {document: rules, mark: derived}, amount: "sum(bills, total - out_of_scope, where=billed_on > as_of - years(1))"}
- {id: care, title: {zh: 照护, en: care}, unit: person, kind: hours, window: next_12, amount: 4}
"""
PROJECT = """\
id: fund
title: {zh: 慈善基金, en: Relief fund}
layer: charity
department: charity-federation
unit: household
region: ["3716"]
source: {document: plan, mark: illustrative}
requires: {all: [{id: left, says: {zh: 仍有大额医疗支出, en: great medical cost left}, when: left.medical_in_scope > yuan(10000)}]}
benefit: {kind: cash, pays: discretionary, certainty: exact, covers: [medical_in_scope], amount: 0.6 * left.medical_in_scope, cap: yuan(500000), per: once}
project: {organisation: city-charity-federation, budget: 5000000, places: 200, consent: required, open: {from: 2026-01-01, until: 2026-12-31}}
"""
SMALL = {
    "facts.yaml": FACTS,
    "standards/all.yaml": STANDARDS,
    "terms/all.yaml": TERMS,
    "policies/basic/dibao.yaml": POLICY,
    "needs.yaml": NEEDS,
    "projects/fund.yaml": PROJECT,
    "cases/some.yaml": "- {not: read}",
}


def load(folder: Path, files: dict[str, str]) -> Catalogue:
    """Write the small catalogue with these files added or replaced, and load it."""
    for name, text in {**SMALL, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def faults_of(folder: Path, files: dict[str, str]) -> tuple[Fault, ...]:
    """What is refused."""
    with pytest.raises(CatalogueError) as caught:
        load(folder, files)
    return caught.value.faults


def a_policy(id_: str, when: str = "True", *, layer: str = "other", unit: str = "household", more: str = "") -> str:
    """A policy of one condition, on line 7."""
    return f"""\
id: {id_}
title: {{zh: 甲, en: a}}
layer: {layer}
department: civil-affairs
unit: {unit}
source: {{document: d, mark: text}}
requires: {{all: [{{id: one, says: {{zh: 甲, en: a}}, when: "{when}"}}]}}
{more}
"""


def a_term(id_: str, is_: str, *, unit: str = "person", type_: str = "yesno", more: str = "") -> str:
    """A term on one line."""
    return f'- {{id: {id_}, title: {{zh: 甲, en: a}}, unit: {unit}, type: {type_}, is: "{is_}"{more}}}\n'
