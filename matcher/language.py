"""The rule language as typed nodes: what the loader hands to the engine, the explainer and the reader-back.

The loader (`matcher.loader`) parses and checks text; everything here is resolved and well-typed, so later stages never
meet an unknown name or a wrong unit. Source: the language page, section "Expressions".

A node is evaluated on a *row* of a unit: `household`, `person`, or the entries of a list (`bills`, `members`, ...).
`path` says how to walk from that row to the row a name belongs to: `()` this row, `("household",)` the row's household,
`("outer",)` the row one level up inside a list call; steps may be chained.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

Kind = Literal["yesno", "number", "money", "text", "date", "region"]
"""`int` and `number` facts are both `number` here; money is a number of fen with its own kind."""

Step = Literal["household", "outer"]
Path = tuple[Step, ...]
ReadKind = Literal["recognised", "receives", "eligible", "paid", "granted", "left"]


@dataclass(frozen=True, slots=True)
class Node:
    """Any expression. `kind` is its type."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Known(Node):
    """A literal: bool, Fraction (number), Fraction of fen (money), str (text, region) or date."""

    value: bool | Fraction | str | dt.date


@dataclass(frozen=True, slots=True)
class NotFixed(Node):
    """`null` inside tiers: case by case, nobody can compute it."""


@dataclass(frozen=True, slots=True)
class FactRef(Node):
    """A fact of the row that `path` reaches; `unit` is the unit of that row.

    `edge` is the name of the list whose edge holds the fact (kin, duty): then the row is that list's entry and `unit` is
    the list's name. For a field of a dated list (bills, awards, ...) `unit` is the list's name and `edge` is None.
    """

    path: Path
    unit: str
    name: str
    edge: str | None = None


@dataclass(frozen=True, slots=True)
class TermRef(Node):
    """A term of the row that `path` reaches; `unit` is the unit that the term is defined for."""

    path: Path
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class AsOf(Node):
    """The day of the question."""


@dataclass(frozen=True, slots=True)
class Place(Node):
    """`region` (the whole code) or its `county` (6), `city` (4), `province` (2): the place of the question."""

    level: Literal["region", "county", "city", "province"]


@dataclass(frozen=True, slots=True)
class StandardRef(Node):
    """A standard looked up at the place and day of the question; `keys` in the order of the standard's keys."""

    name: str
    keys: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Read(Node):
    """`recognised.x` and its like, on the row that `path` reaches (a household's or a person's row).

    `unit` is the unit of that row: household or person. `target` is the recognition, policy or need.
    """

    path: Path
    unit: str
    read: ReadKind
    target: str


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Negation."""

    of: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of them; also what a chained comparison becomes."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Any of them."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare(Node):
    """`left op right`, both of one kind (int literals 0 against money were turned into money)."""

    op: Literal["==", "!=", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among(Node):
    """`of in (…)` with literals, or `of in standard.x` with a code list. `not in` is Not(Among)."""

    of: Node
    literals: tuple[Known, ...] = ()
    codes: StandardRef | None = None


@dataclass(frozen=True, slots=True)
class Arith(Node):
    """`+ - * /` of numbers; a leading minus is `0 - x`. The divisor is a literal, a standard or max(1, …)."""

    op: Literal["+", "-", "*", "/"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Shift(Node):
    """A date moved by whole years, months and days (each may be negative)."""

    of: Node
    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Func(Node):
    """years_since year month date min max floor ceil within, with two or more numbers for min and max."""

    name: Literal["years_since", "year", "month", "date", "min", "max", "floor", "ceil", "within"]
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ListRef:
    """A list: `path` walks from the current row to the list's owner, `unit` is the owner's unit.

    `members` belongs to households, `supporters parents children` to persons, `awards recognitions` to both, the others
    to what facts.yaml says. `of_person`: entries are persons (over an edge), else rows of their own.
    """

    path: Path
    unit: str
    name: str
    of_person: bool


@dataclass(frozen=True, slots=True)
class ListCall(Node):
    """any all count sum min max over a list. Inside `body` and `where` the row is the entry, one `outer` deeper.

    `body` is None only for count(l). `none` is given for min and max only and is evaluated on the outer row.
    For entries that are persons, the entry's row is a person row that also knows the edge's facts.
    """

    call: Literal["any", "all", "count", "sum", "min", "max"]
    of: ListRef
    body: Node | None
    where: Node | None = None
    none: Node | None = None


@dataclass(frozen=True, slots=True)
class Tiers(Node):
    """The first case whose condition is yes; `otherwise` is None where the text gives none (then not fixed)."""

    cases: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


@dataclass(frozen=True, slots=True)
class Words:
    """A label in Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands in the catalogue: file relative to its root, line from 1, path inside the document."""

    file: str
    line: int
    path: str


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression with the text it came from (tiers: one line per tier) and where it stands."""

    node: Node
    text: str
    spot: Spot = field(compare=False)
