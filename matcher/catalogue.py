"""What a catalogue holds once it is loaded and checked: facts, standards, terms, policies, projects, needs.

Data only. `matcher.loader` makes it from a folder of YAML; every other stage reads it and nobody changes it.
Money is a Fraction of fen in expressions and an int of fen in tables. Regions are codes whose ancestors are prefixes;
the empty region "" is everywhere. Source: the language page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from matcher.difficulty import Scale
from matcher.referral import Referrals

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from fractions import Fraction

    from matcher.language import Expression, Kind, Spot, Words

FactType = Literal["yesno", "int", "number", "money", "text", "date", "region", "list"]
TOP_OF_FACT = 10**13
"""No stored number is larger (refused where it is read): fen of money, ten-thousandths of a number, a whole number."""
Layer = Literal["recognition", "insurance", "basic", "special", "emergency", "other", "charity", "service"]
LAYERS: tuple[Layer, ...] = ("recognition", "insurance", "basic", "special", "emergency", "other", "charity", "service")
"""The legal order in which layers pay."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as written: `180 days`, `12 months`, `1 year`."""

    years: int = 0
    months: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry of facts.yaml, or a field of a list, or a fact of an edge.

    `low` / `high`: what an unknown can be (money in fen), None = open. `values`: all values of a text, in order.
    `good_for`: how long a statement holds; `for_good`: values that hold for ever once they are said, such as a death.
    `rows`: for a list, "person" or its fields by name; `edge`: for a list of persons, the facts of the edge.
    """

    name: str
    units: tuple[str, ...]
    type: FactType
    label: Words
    values: tuple[str, ...] = ()
    low: Fraction | None = None
    high: Fraction | None = None
    per: str | None = None
    ask: str | None = None
    sensitive: str | None = None
    good_for: Span | None = None
    for_good: tuple[str | bool, ...] = ()
    needs_consent: bool = False
    rows: Literal["person"] | Mapping[str, Fact] | None = None
    edge: Mapping[str, Fact] = field(default_factory=dict)
    builtin: bool = False
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The document and article that something rests on, and how far that was verified (`mark`)."""

    document: str
    article: str | None
    mark: str
    from_: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A key cell of a banded standard: low..high inclusive, high None = and above. Integer ends as written."""

    low: Fraction
    high: Fraction | None


Cell = Band | str


@dataclass(frozen=True, slots=True)
class StandardValue:
    """One dated value of a standard for one region.

    `rows`: (cells, answer), one cell per key in key order; a standard without keys has one row with no cells.
    `otherwise`: the answer where no row fits (`has_otherwise` tells a missing one from None). Answers: of money int fen, of number and int
    a Fraction, of yesno bool, of text str, of codes a tuple of str; None where there is no such row.
    """

    region: str
    from_: dt.date | None
    until: dt.date | None
    document: str
    mark: str
    rows: tuple[tuple[tuple[Cell, ...], object], ...]
    otherwise: object
    has_otherwise: bool
    spot: Spot


@dataclass(frozen=True, slots=True)
class Standard:
    """A dated, local table. `keys`: name -> "bands", "text" or the tuple of possible values."""

    id: str
    title: Words
    type: Literal["money", "number", "int", "yesno", "text", "codes"]
    per: str | None
    keys: Mapping[str, Literal["bands", "text"] | tuple[str, ...]]
    values: tuple[StandardValue, ...]
    spot: Spot


@dataclass(frozen=True, slots=True)
class TermVersion:
    """One version of a term: where and when it holds, and its expression."""

    regions: tuple[str, ...]
    from_: dt.date | None
    until: dt.date | None
    sources: tuple[Source, ...]
    expression: Expression
    spot: Spot


@dataclass(frozen=True, slots=True)
class Term:
    """What an article decides from facts. `unit`: household, person or the name of a list."""

    id: str
    title: Words
    unit: str
    type: FactType
    kind: Kind
    values: tuple[str, ...]
    per: str | None
    versions: tuple[TermVersion, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A leaf of `requires`."""

    id: str
    says: Words
    when: Expression


@dataclass(frozen=True, slots=True)
class Group:
    """`all`, `any` or `not` (then one member) over clauses and groups."""

    op: Literal["all", "any", "not"]
    of: tuple[Clause | Group, ...]


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a policy pays. Expressions are evaluated on the policy's unit row; `shared` on the members' rows.

    `amount` / `at_least` / `at_most` / `cap` are money per `per`; `hours` is a number per `per`.
    """

    kind: Literal["cash", "in_kind", "service", "fee_waiver", "insurance"]
    pays: Literal["entitlement", "reimbursement", "discretionary"]
    certainty: Literal["exact", "range", "case_by_case"]
    covers: tuple[str, ...]
    per: Literal["month", "year", "once"]
    amount: Expression | None = None
    at_least: Expression | None = None
    at_most: Expression | None = None
    cap: Expression | None = None
    hours: Expression | None = None
    skill: str | None = None
    shared: Expression | None = None
    starts: Literal["month_after_decision", "decision", "application", "event"] | None = None
    months: int | None = None


HOLD_DAYS = 30
"""Of a project that names no days."""


@dataclass(frozen=True, slots=True)
class Project:
    """The part that only charity projects have. Budget in fen.

    household_cap_fen: the most that one household holds of it at a time. smallest_fen: less is granted only to who wants less. hold_days:
    how long what is granted waits to be paid.
    """

    organisation: str
    budget_fen: int | None
    places: int | None
    open_from: dt.date | None
    open_until: dt.date | None
    consent: str | None
    household_cap_fen: int | None = None
    smallest_fen: int = 0
    hold_days: int = HOLD_DAYS


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version of a policy: the nearest region in force on the day is the one."""

    id: str
    title: Words
    layer: Layer
    department: str
    unit: Literal["household", "person"]
    place: Literal["registered", "living", "event", "school"]
    regions: tuple[str, ...]
    from_: dt.date | None
    until: dt.date | None
    sources: tuple[Source, ...]
    requires: Group
    precludes: tuple[str, ...]
    choose_one: tuple[str, ...]
    tops_up: tuple[str, ...]
    recognition: str | None
    recognition_months: int | None
    received: bool
    benefit: Benefit | None
    project: Project | None
    procedure: Mapping[str, object]
    documents: tuple[str, ...]
    spot: Spot

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All leaves of `requires`, in reading order."""
        return tuple(_leaves(self.requires))


@dataclass(frozen=True, slots=True)
class Need:
    """A need by formula. Money: fen over the window; hours: hours per week."""

    id: str
    title: Words
    unit: Literal["household", "person"]
    type: Literal["money", "hours"]
    window: Literal["past_12", "next_12"]
    sources: tuple[Source, ...]
    when: Expression | None
    amount: Expression
    skill: str | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A whole catalogue. `policies` holds projects too: id -> its versions in file order; `hash` names the content."""

    facts: Mapping[str, Fact]
    standards: Mapping[str, Standard]
    terms: Mapping[str, Term]
    policies: Mapping[str, tuple[PolicyVersion, ...]]
    needs: Mapping[str, Need]
    source_rank: tuple[str, ...]
    hash: str
    difficulty: Scale = field(default_factory=Scale)
    referrals: Referrals = field(default_factory=Referrals)


def _leaves(group: Group) -> list[Clause]:
    """The clauses of a group, depth first."""
    found: list[Clause] = []
    for part in group.of:
        found.extend(_leaves(part) if isinstance(part, Group) else [part])
    return found
