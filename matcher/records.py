"""A household told in full: the plain form in which cases, random households and files reach the store.

A record holds statements, not conclusions: what was told, on which day. `rows` turns it into rows of the graph, written
through any store; reading them back gives the same answers. Values are already typed by facts.yaml: bool, int fen for
money, Fraction for numbers, str for text and regions, date. A value of None says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from fractions import Fraction

    Value = bool | int | Fraction | str | dt.date | None


@dataclass(slots=True)
class Told:
    """One value told on one day; `on` None means the day of the question.

    `source` and `recorded_at` are those of the whole record where they are None.
    """

    value: Value
    on: dt.date | None = None
    source: str | None = None
    recorded_at: dt.datetime | None = None


@dataclass(slots=True)
class Entry:
    """An entry of a dated list (a bill, an award, a recognition): its key within the list and its fields."""

    key: str
    fields: dict[str, Value]


@dataclass(slots=True)
class Link:
    """A person in a list of persons (a member, a supporter, a parent, a child), with the facts of the edge."""

    person: str
    edge: dict[str, Value] = field(default_factory=dict)
    from_: dt.date | None = None
    until: dt.date | None = None


@dataclass(slots=True)
class Consent:
    """What a person allows: scope holds names of facts, `economy`, `all` or others."""

    scope: tuple[str, ...]
    purpose: str | None = None
    recipient: str | None = None
    from_: dt.date | None = None
    until: dt.date | None = None
    withdrawn: dt.date | None = None


@dataclass(slots=True)
class Subject:
    """A person or a household.

    facts: name -> what was told, in any order. entries: dated lists by name (bills, awards, recognitions, ...).
    links: lists of persons by name (members on a household; supporters, parents, children on a person).
    complete: names of the lists that are whole (`awards`, or `awards/<department>`), as of the question's day.
    terms: terms set by hand on this subject (cases only).
    """

    id: str
    facts: dict[str, list[Told]] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    complete: set[str] = field(default_factory=set)
    terms: dict[str, Value] = field(default_factory=dict)
    consents: list[Consent] = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """The question's household, everybody in it and around it, and the households of those around.

    `households[0]` is the question's; every person linked from anywhere is in `persons`; `home` tells each person's own
    household where there is one on file. `region` of a household is an ordinary fact named `region`.
    """

    households: list[Subject]
    persons: dict[str, Subject]
