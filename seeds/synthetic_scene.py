"""What a synthetic household is drawn on: seeded dice, the lines of its place, and the figures of its story.

A scene holds one household, the people in it, the people around it and their households, before anything is told of them.
An archetype sets the facts that its story turns on; everything else is filled in later by whoever finds a fact still open.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from matcher.standards import find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matcher.catalogue import Catalogue
    from matcher.records import Consent, Value

T = TypeVar("T")

YUAN = 100
"""Fen."""


class Dice(random.Random):
    """Seeded chance, with the draws that this trade needs. `day` is the day of the question."""

    day: dt.date

    def chance(self, share: float) -> bool:
        """True in this share of throws."""
        return self.random() < share

    def pick(self, weights: Mapping[T, float]) -> T:
        """One of several, by weight."""
        return self.choices(list(weights), list(weights.values()))[0]

    def yuan(self, low: float, high: float, step: int = 10) -> int:
        """Money between two amounts of yuan in round steps, as fen."""
        return round(self.uniform(low, high) / step) * step * YUAN

    def edge(self, line: int) -> int:
        """A line itself, a fen beside it, or some yuan beside it, never below 0."""
        return max(0, line + self.choice((-1, 0, 1, -YUAN, YUAN, -50 * YUAN, 50 * YUAN)))

    def ago(self, most: int, *, least: int = 0, cuts: Sequence[int] = ()) -> dt.date:
        """A day some days back; one time in six a cut-off given in months, or a day beside it."""
        if cuts and self.chance(0.16):
            return months_on(self.day, -self.choice(cuts)) + dt.timedelta(days=self.choice((-1, 0, 0, 1)))
        return self.day - dt.timedelta(days=self.randint(least, max(least, most)))

    def born(self, age: int) -> dt.date:
        """A birthday of somebody of that age; one time in seven today, tomorrow or yesterday. Nobody is born after the day."""
        if self.chance(0.14):
            return min(self.day, months_on(self.day, -12 * age) + dt.timedelta(days=self.choice((-1, 0, 1))))
        return months_on(self.day, -12 * age) - dt.timedelta(days=self.randint(0, 364))


def months_on(day: dt.date, months: int) -> dt.date:
    """The day some months on; it stops at the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


@dataclass(frozen=True, slots=True)
class Place:
    """A county, town or village, and the lines that hold there, in fen; a catalogue without such a standard has stand-ins."""

    region: str
    residence: str
    dibao: int
    disposable_year: int
    minimum_wage: int

    @classmethod
    def of(cls, catalogue: Catalogue, region: str, residence: str, day: dt.date) -> Place:
        """The lines of a county on a day."""

        def line(name: str, otherwise: int, *cells: str) -> int:
            standard = catalogue.standards.get(name)
            found = find(standard, region, day) if standard is not None else None
            answer = dict(found.value.rows).get(cells) if found is not None else None
            return int(answer) if isinstance(answer, (int, Fraction)) else otherwise

        lines = line("dibao", 900 * YUAN, residence), line("disposable-income", 36_000 * YUAN), line("minimum-wage", 2_000 * YUAN)
        return cls(region, residence, *lines)


@dataclass(eq=False, slots=True)
class Figure:
    """A person or a household of the story.

    facts: what is true. entries: dated lists. links: lists of persons with the facts of the edge. turns_on: the facts and lists
    that the archetype's story hangs on: they are the ones left open when the story is to be undecided.
    """

    id: str
    unit: str
    inside: bool
    age: int = 0
    kin: str = ""
    facts: dict[str, Value] = field(default_factory=dict)
    entries: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    links: dict[str, list[tuple[Figure, dict[str, Value]]]] = field(default_factory=dict)
    consents: list[Consent] = field(default_factory=list)
    turns_on: list[str] = field(default_factory=list)

    def put(self, **facts: Value) -> None:
        """Set facts that are still open; what was set before stands."""
        for name, value in facts.items():
            self.facts.setdefault(name, value)

    def add(self, name: str, **fields: Value) -> None:
        """An entry of a dated list."""
        self.entries.setdefault(name, []).append(fields)


@dataclass(slots=True)
class Scene:
    """One household and all around it. `level`: income a head in dibao standards; `homes[0]` is the household itself."""

    id: str
    dice: Dice
    day: dt.date
    place: Place
    level: float
    homes: list[Figure] = field(default_factory=list)
    people: list[Figure] = field(default_factory=list)

    @property
    def household(self) -> Figure:
        """The household that the question is about."""
        return self.homes[0]

    @property
    def members(self) -> list[Figure]:
        """Its people."""
        return [person for person, _ in self.household.links["members"]]

    def person(self, age: int, sex: str | None = None, *, inside: bool = False, **facts: Value) -> Figure:
        """Somebody new, in no household yet."""
        found = Figure(f"{self.id}-p{len(self.people) + 1}", "person", inside, age)
        found.put(born=self.dice.born(age), sex=sex or self.dice.choice(("female", "male")), **facts)
        self.people.append(found)
        return found

    def member(self, kin: str, age: int, sex: str | None = None, **facts: Value) -> Figure:
        """Somebody in the household."""
        found = self.person(age, sex, inside=True, **facts)
        found.kin = kin
        self.household.links.setdefault("members", []).append((found, {"kin": kin}))
        return found

    def home_of(self, *people: Figure) -> Figure:
        """A household elsewhere for people around, the first its head."""
        home = Figure(f"{self.id}-h{len(self.homes)}", "household", inside=False)
        home.links["members"] = [(person, {"kin": "other" if number else "head"}) for number, person in enumerate(people)]
        self.homes.append(home)
        return home

    def support(self, who: Figure, by: Figure, duty: str) -> None:
        """`by` owes `who` support, being their `duty`."""
        who.links.setdefault("supporters", []).append((by, {"duty": duty}))

    def child_of(self, child: Figure, *parents: Figure) -> None:
        """Parents and child, and what they owe each other."""
        for parent in parents:
            child.links.setdefault("parents", []).append((parent, {}))
            parent.links.setdefault("children", []).append((child, {}))
            if child.age < 18 and parent.facts.get("dead") is not True:
                self.support(child, parent, "parent")
            if parent.age >= 60 and child.age >= 18:
                self.support(parent, child, "child")

    def couple(self, one: Figure, other: Figure) -> None:
        """Married to each other."""
        for who, by in ((one, other), (other, one)):
            who.facts["married"] = True
            self.support(who, by, "spouse")
