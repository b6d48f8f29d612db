"""What the tests of near misses share: a small catalogue, random policies of it, random households. Holds no test itself."""

# ruff: noqa: E501  the small catalogue stands as it would in its files

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import polars as pl

from graph.model import EDGE_KINDS, NODE_KINDS
from graph.tables import DTYPES, key_columns, whole
from matcher.errors import CatalogueError
from matcher.loader import load_catalogue
from matcher.near import Search
from matcher.pipeline import Engine, Question, decide
from matcher.records import Entry, Link, Record, Subject, Told, rows

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from matcher.catalogue import Catalogue
    from matcher.near import Found

DAY = dt.date(2026, 2, 28)
OPEN_TYPES = {bool: pl.Boolean(), int: pl.Int64(), float: pl.Float64(), str: pl.String(), dt.date: pl.Date()}

FACTS = """\
members:    {unit: household, type: list, rows: person, edge: {kin: {type: text, values: [head, spouse, child]}}, label: {zh: 甲, en: a}}
supporters: {unit: person, type: list, rows: person, edge: {duty: {type: text, values: [spouse, parent, child]}}, label: {zh: 甲, en: a}}
bills: {unit: person, type: list, label: {zh: 甲, en: a}, rows: {billed_on: {type: date}, total: {type: money, min: 0, max: 1}}}
residence:  {unit: household, type: text, values: [urban, rural], label: {zh: 甲, en: a}}
land:       {unit: household, type: number, min: 0, max: 0.01, label: {zh: 甲, en: a}}
born:       {unit: person, type: date, label: {zh: 甲, en: a}}
cared_on:   {unit: person, type: date, label: {zh: 甲, en: a}}
wage:       {unit: person, type: money, min: 0, max: 1.2, label: {zh: 甲, en: a}}
cost:       {unit: person, type: money, min: 0, max: 0.8, label: {zh: 甲, en: a}}
grade:      {unit: person, type: int, min: 1, max: 9, label: {zh: 甲, en: a}}
illness:    {unit: person, type: text, values: [none, cancer, stroke, hiv, burns, other], label: {zh: 甲, en: a}}
certified:  {unit: person, type: yesno, label: {zh: 甲, en: a}}
"""
STANDARDS = """\
- {id: line, title: {zh: 甲, en: a}, type: money, keys: {residence: [urban, rural]}, values: [{from: 2020-01-01, document: d, mark: text, rows: {urban: 0.5, rural: 0.31}}]}
- {id: allowance, title: {zh: 甲, en: a}, type: money, keys: {grade: bands}, values: [{from: 2020-01-01, document: d, mark: text, rows: {1-2: 0.9, 5: 0.4}, otherwise: 0}]}
"""
TERMS = """\
- {id: age, title: {zh: 甲, en: a}, unit: person, type: int, is: years_since(born)}
- {id: counted, title: {zh: 甲, en: a}, unit: person, type: money, is: "wage - min(cost, 0.4 * wage)"}
- id: tariff
  title: {zh: 甲, en: a}
  unit: person
  type: money
  tiers: [{when: grade <= 2, is: yuan(0.2)}, {when: "wage > yuan(0.6) and grade < 6", is: "max(yuan(0), yuan(0.9) - wage)"}, {otherwise: "wage - yuan(0.1)"}]
"""
NEEDS = """\
- {id: living, title: {zh: 甲, en: a}, unit: household, kind: money, window: next_12, source: {document: d, mark: text}, amount: "12 * max(yuan(0), standard.line(residence) - sum(members, wage))"}
"""
HOUSEHOLD_CLAUSES = [
    "sum(members, wage) < yuan({m}) * count(members)",
    "sum(members, counted) <= yuan({m})",
    "yuan({m}) <= sum(members, wage) <= yuan({m}) + yuan(0.11)",
    "max(members, wage, none=yuan(0)) < yuan({m})",
    "min(members, cost, none=yuan(0)) > yuan({m})",
    "floor(sum(members, wage), yuan(0.07)) == yuan(0.21)",
    "sum(members, wage) < standard.line(residence) * count(members)",
    "count(members, age >= {n}) >= 1",
    "any(members, illness in ('cancer', 'stroke') and age < {n})",
    "all(members, certified or grade <= {n})",
    "count(members, kin == 'child') >= 2",
    "sum(members, sum(bills, total, where=as_of - months({n}) < billed_on <= as_of)) > yuan({m})",
    "any(members, all(supporters, wage < yuan({m}), where=duty == 'child'))",
    "min(members, born, none=date(2025, 1, 1)) < as_of - years({n})",
    "land > 0.004 or residence == 'rural'",
    "sum(members, wage * {n} - cost) <= yuan({m})",
    "any(members, tariff > yuan({m}))",
    "any(members, recognised.poor) and sum(members, cost) > yuan({m})",
    "left.living > yuan({m})",
    "count(members, eligible.person_item) == 1",
]
PERSON_CLAUSES = [
    "age >= {n}",
    "{n} <= age < 3 or illness == 'hiv'",
    "tariff > yuan({m})",
    "standard.allowance(grade) > yuan({m})",
    "cared_on + months({n}) < as_of",
    "cared_on > born + years(1) + days(3)",
    "year(born) == 2025 and month(born) <= 6",
    "household.residence == 'rural' and wage >= yuan({m})",
    "any(household.members, outer.born < born) and grade > {n}",
    "max(bills, billed_on, none=date(2020, 1, 1)) >= as_of - days(20)",
    "any(supporters, duty == 'parent' and wage > yuan({m}))",
    "recognised.poor or certified",
    "not (wage < yuan({m})) and cost < 2 * wage",
    "wage * (grade - 4) > cost + yuan({m})",
    "grade * grade - 7 * grade + 3 * {n} < 0",
]


def a_policy(id_: str, unit: str, requires: str, more: str = "") -> str:
    """A policy with a whole group of conditions."""
    return f"id: {id_}\ntitle: {{zh: 甲, en: a}}\nlayer: other\ndepartment: d\nunit: {unit}\nsource: {{document: d, mark: text}}\nrequires: {requires}\n{more}\n"


def a_clause(number: int, when: str) -> str:
    """A clause on one line."""
    return f'{{id: c{number}, says: {{zh: 甲, en: a}}, when: "{when}"}}'


PAYS = "benefit: {kind: cash, pays: reimbursement, certainty: exact, covers: [living], amount: 'yuan(0.02) * count(members)', per: month}"
POOR = a_policy(
    "poor",
    "household",
    "{all: [" + a_clause(0, "sum(members, wage) < yuan(0.6)") + "]}",
    "grants: {recognition: poor, months: 12}\n" + PAYS,
)


def catalogue_of(folder: Path, policies: dict[str, str], *, needs: str = NEEDS) -> Catalogue:
    """The facts of this page with some policies."""
    files = {"facts.yaml": FACTS, "standards/all.yaml": STANDARDS, "terms/all.yaml": TERMS, "needs.yaml": needs}
    for name, text in {**files, **{f"policies/other/{n}.yaml": t for n, t in policies.items()}}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return load_catalogue(folder)


def tables_of(record: Record, catalogue: Catalogue, day: dt.date) -> dict[str, pl.DataFrame]:
    """A record as the tables that a store would give."""
    found = {}
    told = rows(record, catalogue, source="visit", true_on=day, recorded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    for name, given in told.items():
        kind = NODE_KINDS.get(name) or EDGE_KINDS[name]
        schema = dict.fromkeys(key_columns(kind), pl.String()) | {n: DTYPES[t] for n, t in kind.properties.items()}
        for row in given:
            schema |= {n: OPEN_TYPES[type(v)] for n, v in row.items() if v is not None and n not in schema}
        found[name] = pl.DataFrame([{n: row.get(n) for n in schema} for row in given], schema=schema)
    return whole(found)


def near(catalogue: Catalogue, record: Record, day: dt.date = DAY) -> Found:
    """The near misses of a record."""
    engine = Engine(catalogue)
    program = engine.program(day)
    base = engine.frames(tables_of(record, catalogue, day), [record.households[0].id], Question(record.households[0].id, day), program)
    return Search(engine.program(day, wide=True)).misses(base, decide(program, base))


# --- random rules and households ------------------------------------------------------------------------------------------
def random_catalogue(folder: Path, rng: random.Random) -> Catalogue:
    """A catalogue of random policies; conditions that exclude each other are refused, and then others are taken."""
    while True:
        try:
            return catalogue_of(folder, random_policies(rng))
        except CatalogueError as error:
            if not all("exclude each other" in fault.en for fault in error.faults):
                raise


def random_policies(rng: random.Random) -> dict[str, str]:
    """Some policies of a few conditions each."""
    found = {"poor": POOR, "person_item": random_policy(rng, "person_item", "person")}
    for n in range(5):
        found[f"item_{n}"] = random_policy(rng, f"item_{n}", rng.choice(["household", "person"]))
    return found


def random_policy(rng: random.Random, id_: str, unit: str) -> str:
    """One policy."""
    pool = HOUSEHOLD_CLAUSES if unit == "household" else PERSON_CLAUSES
    clauses = [
        a_clause(n, rng.choice(pool).format(m=f"{rng.randint(0, 110) / 100:.2f}", n=rng.randint(1, 3)))
        for n in range(rng.choice([1, 1, 2, 3]))
    ]
    op = rng.choice(["all", "all", "all", "any", "not"])
    requires = (
        "{all: [{not: " + clauses[0] + "}" + "".join(", " + c for c in clauses[1:]) + "]}"
        if op == "not"
        else f"{{{op}: [{', '.join(clauses)}]}}"
    )
    return a_policy(id_, unit, requires)


def random_record(rng: random.Random, unknown: float) -> Record:
    """A household of up to three, with up to two people outside."""

    def or_none(value: Any) -> Any:
        return None if rng.random() < unknown else value

    def told(facts: dict[str, Any]) -> dict[str, list[Told]]:
        return {n: [Told(v)] for n, v in facts.items() if or_none(v) is not None}

    inside = [f"p{n}" for n in range(rng.randint(1, 3))]
    outside = [f"o{n}" for n in range(rng.randint(0, 2))]
    persons = {}
    for name in [*inside, *outside]:
        facts = {
            "born": DAY - dt.timedelta(days=rng.randint(0, 1500)), "cared_on": DAY - dt.timedelta(days=rng.randint(-30, 500)),
            "wage": rng.choice([0, rng.randint(0, 120)]), "cost": rng.randint(0, 80), "grade": rng.randint(1, 9),
            "illness": rng.choice(["none", "cancer", "hiv", "other"]), "certified": rng.random() < 0.5,
        }  # fmt: skip
        subject = persons[name] = Subject(name, told(facts), complete={"supporters", "bills", "awards", "recognitions"})
        bills = [
            {"billed_on": or_none(DAY - dt.timedelta(days=rng.randint(0, 100))), "total": or_none(rng.randint(0, 100))}
            for _ in range(rng.randint(0, 2))
        ]
        subject.entries["bills"] = [Entry(f"b{n}", b) for n, b in enumerate(bills)]
        if name in inside and outside:
            subject.links["supporters"] = [Link(o, {"duty": or_none(rng.choice(["parent", "child"]))}) for o in outside]
    home = Subject("home", told({"residence": rng.choice(["urban", "rural"]), "land": Fraction(rng.randint(0, 100), 10_000)}))
    home.facts["region"] = [Told("371602")]
    home.links["members"] = [Link(p, {"kin": or_none(rng.choice(["head", "spouse", "child"]))}) for p in inside]
    home.complete = {"members", "awards", "recognitions"}
    return Record([home], persons)
