"""Every operator and call with unknown in every place: the engine's columns against the page's expectations and the oracle.

The table of expectations is the oracle's own (`test_oracle`), written by hand from the language page; more rows stand here. Every
operator is then tried on all pairs of a known, a bounded, a half-open and an open value, where the oracle tells what is right.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from matcher.cases import read_cases
from matcher.choices import World
from matcher.language import TermRef
from matcher.pipeline import Engine, Question, run_worlds
from matcher.scope import PERSON, base
from tests.factories import block_of, tables_of
from tests.oracle import Oracle
from tests.oracle_expressions import Scene
from tests.oracle_file import Row
from tests.unit.small_catalogue import load
from tests.unit.test_agreement import compiled_on, held
from tests.unit.test_oracle import AS_OF, FACTS, NAMED, SOURCE, STANDARDS, TABLE, TIERS, one, span
from tests.unit.test_oracle import PERSON as TOLD

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from tests.oracle_values import Value

WIDTHS = "".join(
    f"{name}: {{unit: person, type: int, min: {least}, max: {most}, label: {NAMED}}}\n"
    for name, least, most in (("in_16_bits", -32767, 32767), ("in_32_bits", -32768, 32768))
)
AT_THE_EDGE = "\nin_16_bits: 32767\nin_32_bits: -32768\n"
MORE_STANDARDS = (
    STANDARDS
    + f"""
- {{id: word, title: {NAMED}, type: text, keys: {{letter: [a, b, c]}},
    values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{a: x, b: z}}}}]}}
- {{id: word_elsewhere, title: {NAMED}, type: text, values: [{{region: "3702", from: 2024-01-01, document: d, mark: derived, is: x}}]}}
- {{id: codes_by, title: {NAMED}, type: codes, keys: {{letter: [a, b, c]}},
    values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{a: [a, b], b: [a, c]}}}}]}}
- {{id: step_by, title: {NAMED}, type: number, keys: {{letter: [a, b, c]}},
    values: [{{region: "37", from: 2024-01-01, document: d, mark: derived, rows: {{a: 2, b: 4, c: 2}}}}]}}
"""
)
NUMBER = ("three", "some_number", "any_number", "at_least_zero", "(0 - at_least_zero)", "(some_number - three)", "standard.elsewhere", "0")
YESNO = ("yes", "no", "perhaps")
TEXT = (
    "letter",
    "some_letter",
    "word",
    "some_word",
    "letter_or_not",
    "standard.word(letter)",
    "standard.word(some_letter)",
    "standard.word_elsewhere",
)
DATE = ("born", "some_day", "leap", "as_of")
REGION = ("town", "some_town", "region", "county", "province")
LISTS = ("whole", "empty", "partly", "unheard", "vague")

MORE: list[tuple[str, str, Value]] = [
    ("at_least_zero / max(1, any_number)", "number", span(0, None)),
    ("(0 - at_least_zero) / max(1, any_number)", "number", span(None, 0)),
    ("0 * standard.elsewhere", "number", one(0)),
    ("count(empty) * standard.elsewhere", "number", one(0)),
    ("floor(three, standard.step_by(letter))", "number", one(2)),
    ("floor(three, standard.step_by(some_letter))", "number", span(None, None)),
    ("three / standard.nothing", "number", span(None, None)),
    ("letter in standard.codes_by(letter)", "yesno", True),
    ("'a' in standard.codes_by(some_letter)", "yesno", True),
    ("'b' in standard.codes_by(some_letter)", "yesno", None),
    ("'d' in standard.codes_by(some_letter)", "yesno", False),
    ("standard.word(letter) == 'x'", "yesno", True),
    ("standard.word(some_letter) == 'y'", "yesno", False),
    ("standard.word(some_letter) == 'x'", "yesno", None),
    ("standard.word_elsewhere == 'y'", "yesno", None),
    ("standard.word_elsewhere in ('x', 'y')", "yesno", None),
    ("word == letter", "yesno", False),
    ("word != some_letter", "yesno", True),
    ("word == some_word", "yesno", None),
    ("date(2026, three, 31) == date(2026, 3, 31)", "yesno", True),
    ("date(2026, three - 1, 29) == born", "yesno", None),
    ("date(2026, some_number, 1) == born", "yesno", None),
    ("within(town, county)", "yesno", True),
    ("standard.by_grade(2.5) ", "number", one(0)),
    ("in_16_bits >= 32767", "yesno", True),
    ("in_16_bits > 32767", "yesno", False),
    ("in_16_bits < 32768", "yesno", True),
    ("in_16_bits < 40000.5", "yesno", True),
    ("in_16_bits + 1 > 32767", "yesno", True),
    ("in_16_bits * in_16_bits", "number", one(32767**2)),
    ("in_32_bits < -32767", "yesno", True),
    ("in_32_bits <= -32768", "yesno", True),
    ("in_32_bits - in_16_bits", "number", one(-65535)),
]
"""What random rules found, by hand."""


def generated() -> list[tuple[str, str]]:
    """Every operator and call on every pair of values: (expression, type)."""
    found = [(f"{a} {op} {b}", "number") for a, b in itertools.product(NUMBER, repeat=2) for op in "+-*"]
    found += [(f"{a} / max(1, {b})", "number") for a, b in itertools.product(NUMBER, repeat=2)]
    found += [(f"{a} / {b}", "number") for a in NUMBER for b in ("3", "standard.local", "standard.elsewhere", "standard.nothing")]
    found += [(f"{call}({a}, {b})", "number") for a, b in itertools.product(NUMBER, repeat=2) for call in ("min", "max")]
    found += [
        (f"{call}({a}, {step})", "number")
        for a in NUMBER
        for call in ("floor", "ceil")
        for step in ("2", "0.7", "standard.local", "standard.elsewhere")
    ]
    operators = ("==", "!=", "<", "<=", ">", ">=")
    found += [(f"{a} {op} {b}", "yesno") for a, b in itertools.product((*NUMBER, "3", "5", "2"), repeat=2) for op in operators]
    found += [(f"{a} {op} {b}", "yesno") for a, b in itertools.product(DATE, repeat=2) for op in operators]
    found += [(f"{a} <= {b} < {c}", "yesno") for a, b, c in itertools.product(("three", "some_number", "any_number", "4"), repeat=3)]
    found += [(f"({a} {op} {b})", "yesno") for a, b in itertools.product(YESNO, repeat=2) for op in ("and", "or", "==", "!=")]
    found += [(f"not {a}", "yesno") for a in YESNO]
    found += [(f"{a} {op} {b}", "yesno") for a, b in itertools.product(TEXT, repeat=2) for op in ("==", "!=")]
    found += [
        (f"{a} {op} {b}", "yesno")
        for a in TEXT
        for b in ("('a', 'b')", "('a', 'b', 'c')", "('x',)", "standard.codes", "standard.codes_by(some_letter)")
        for op in ("in", "not in")
        if True
    ]
    found += [(f"{a} in (3, 4)", "yesno") for a in NUMBER]
    found += [(f"within({a}, {b})", "yesno") for a, b in itertools.product(REGION, repeat=2)]
    found += [(f"{a} == {b}", "yesno") for a, b in itertools.product(REGION, repeat=2)]
    found += [(f"{call}({a})", "number") for a in DATE for call in ("years_since", "year", "month")]
    found += [(f"{a} {op} {step}", "date") for a in DATE for op in "+-" for step in ("years(1)", "months(13)", "days(30)")]
    found += [(f"standard.{name}({a})", "number") for name, values in (("by_grade", NUMBER), ("by_letter", TEXT[:5])) for a in values]
    wheres = ("", ", where=kept", ", where=size > 1", ", where=outer.perhaps", ", where=outer.no")
    for name, where in itertools.product(LISTS, wheres):
        for body in ("size > 1", "kept", "change < 0", "size > outer.some_number", "any(outer.whole, size > outer.size)"):
            found += [(f"{call}({name}, {body}{where})", "yesno") for call in ("any", "all")] + [
                (f"count({name}, {body}{where})", "number")
            ]
        found += [(f"count({name}{where})", "number")]
        found += [
            (f"sum({name}, {body}{where})", "number")
            for body in ("size", "change", "size * outer.three", "size / max(1, change)", "outer.any_number")
        ]
        found += [
            (f"{call}({name}, {body}{where}, none={none})", "number")
            for call in ("min", "max")
            for body, none in (("size", "7"), ("change", "some_number"))
        ]
        found += [(f"{call}({name}, day{where}, none={none})", "date") for call in ("min", "max") for none in ("born", "some_day")]
    return [(text, type_) for text, type_ in found if not refused(text)]


def refused(text: str) -> bool:
    """What the loader refuses for good reasons: literals that no value can be."""
    return "('x',)" in text and text.startswith(("letter", "some_letter"))


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str]]:
    """All expressions with their types."""
    return [(text, type_) for text, type_, _ in (*TABLE, *MORE)] + generated()


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> Catalogue:
    """One term for each expression."""
    terms = [f"- {{id: letter_or_not, title: {NAMED}, unit: person, type: text, values: [a, b, c], "]
    terms[0] += f"source: {SOURCE}, tiers: [{{when: perhaps, is: a}}, {{otherwise: b}}]}}"
    for number, (text, type_) in enumerate(rows):
        terms.append(f"- {{id: t{number}, title: {NAMED}, unit: person, type: {type_}, source: {SOURCE}, is: {json.dumps(text)}}}")
    for number, (text, type_, _) in enumerate(TIERS):
        terms.append(f"- {{id: tier{number}, title: {NAMED}, unit: person, type: {type_}, source: {SOURCE}, tiers: {text}}}")
    empty = dict.fromkeys(("policies/basic/dibao.yaml", "projects/fund.yaml", "needs.yaml"), "")
    files = {**empty, "facts.yaml": FACTS + WIDTHS, "standards/all.yaml": MORE_STANDARDS, "terms/all.yaml": "\n".join(terms)}
    return load(tmp_path_factory.mktemp("operators"), files)


class Read:
    """The engine's and the oracle's values of every term of the only person."""

    def __init__(self, catalogue: Catalogue, *, wide: bool) -> None:
        told = "".join(f"          {line}\n" for line in (TOLD.strip() + AT_THE_EDGE).splitlines())
        text = f"- name: t\n  as_of: 2026-08-01\n  household:\n    region: '371602'\n    members:\n        -\n{told}"
        record = read_cases(text, "t.yaml", catalogue)[0].record
        self.oracle, self.program = Oracle(catalogue, record, AS_OF), compiled_on(catalogue, AS_OF, wide=wide)
        question = Question(record.households[0].id, AS_OF)
        frames = Engine(catalogue).frames(tables_of(record, catalogue, AS_OF), [question.household], question, self.program)
        run, _ = run_worlds(self.program, frames, [World(confirmed=True)])
        self.table, self.catalogue = block_of(run, PERSON, 0, 1), catalogue

    def engine(self, term: str) -> Any:
        """The engine's value of a term."""
        ref = TermRef(self.catalogue.terms[term].kind, (), PERSON, term)
        return held(self.program.compiler._values[base(PERSON, "living"), ref], self.table)[0]

    def expected(self, term: str) -> Any:
        """The oracle's."""
        ref = TermRef(self.catalogue.terms[term].kind, (), PERSON, term)
        return self.oracle.best.value(ref, Row(PERSON, str(self.table.item(0, "id"))), Scene(0, "371602"))


@pytest.fixture(scope="module", params=["narrow", "wide"])
def read(request: pytest.FixtureRequest, catalogue: Catalogue) -> Read:
    """Both plans."""
    return Read(catalogue, wide=request.param == "wide")


def test_the_page_s_expectations_hold_in_the_columns(read: Read) -> None:
    wrong = [(text, read.engine(f"t{n}"), wanted) for n, (text, _, wanted) in enumerate((*TABLE, *MORE)) if read.engine(f"t{n}") != wanted]
    assert wrong == []


def test_tiers_hold_in_the_columns(read: Read) -> None:
    wrong = [(text, read.engine(f"tier{n}"), wanted) for n, (text, _, wanted) in enumerate(TIERS) if read.engine(f"tier{n}") != wanted]
    assert wrong == []


def test_the_oracle_meets_the_page_too(read: Read) -> None:
    wrong = [
        (text, read.expected(f"t{n}"), wanted) for n, (text, _, wanted) in enumerate(MORE, len(TABLE)) if read.expected(f"t{n}") != wanted
    ]
    assert wrong == []


def test_every_operator_agrees_with_the_oracle_on_every_pair(read: Read, rows: list[tuple[str, str]]) -> None:
    wrong = [
        (text, read.engine(f"t{n}"), read.expected(f"t{n}"))
        for n, (text, _) in enumerate(rows)
        if read.engine(f"t{n}") != read.expected(f"t{n}")
    ]
    assert len(rows) > 1500
    assert wrong[:20] == []
