"""From a scene to a record: who told what, on which day, what was never told, and what was told twice.

Each household has a way of being told: whole, with gaps, with many gaps, or by one visit long ago. One time in five its story
is left undecided: something that it turns on is not told. Facts that no part of the story named get a value by their type.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.records import Consent, Entry, Link, Record, Subject, Told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matcher.catalogue import Catalogue, Fact
    from matcher.records import Value
    from seeds.synthetic_scene import Dice, Figure, Scene

MANNERS = {"whole": 0.6, "gaps": 0.27, "holes": 0.1, "long_ago": 0.03}
"""How a household is told, and how often."""
BLANK_OF_SHARE = {"whole": 0.0, "gaps": 0.9, "holes": 4.0, "long_ago": 1.0}
"""Multiples of `unknown_share` that are left out, by manner."""
UNDECIDED = 0.2
OLDER, TIED = 0.03, 0.006
"""Shares of facts that were also told long before, and that were told twice for one day (each of three ways)."""
RARELY_TOLD = {
    "ability_level": 0.12,
    "rehab_advised": 0.06,
    "only_child_event": 0.06,
    "cancer_stage": 0.06,
    "orphan_record": 0.04,
    "legal_matter": 0.04,
}
"""Further share left out of facts that few registers hold."""
SOURCES = ("visit", "township", "applicant", "check", "civil-affairs", "police", "tax", "import")
WEAKEST = "hearsay"
"""A source that no catalogue ranks: of two values told for one day the other one, of a ranked source, stands."""
EARLIER = dt.datetime(2015, 1, 1, tzinfo=dt.UTC)
"""Recorded long before: of two values told for one day by one source the other one stands."""
UNITS = ("household", "person")
KINDS: dict[str, frozenset[type]] = {
    "yesno": frozenset({bool}),
    "int": frozenset({int}),
    "number": frozenset({int, Fraction}),
    "money": frozenset({int}),
    "text": frozenset({str}),
    "region": frozenset({str}),
    "date": frozenset({dt.date}),
}
PEOPLE = ("members", "supporters", "parents", "children")
BUILT_IN = {"awards": ("policy", "paid_on", "until", "amount", "cause"), "recognitions": ("recognition", "from", "until", "department")}


def record_of(scene: Scene, catalogue: Catalogue, *, unknown_share: float) -> Record:
    """The scene as statements; values that the catalogue does not have are left out."""
    teller = _Teller(scene, catalogue, unknown_share)
    households = [teller.subject(home) for home in scene.homes]
    return Record(households, {person.id: teller.subject(person) for person in scene.people})


def any_value(dice: Dice, fact: Fact) -> Value:
    """Something that a fact can be, by its type, its values and its ends."""
    low, high = fact.low if fact.low is not None else Fraction(0), fact.high
    match fact.type:
        case "yesno":
            return dice.chance(0.3)
        case "int":
            return dice.randint(int(low), int(high if high is not None else low + 10))
        case "number":
            return low + Fraction(dice.randint(0, 1000), 1000) * ((high if high is not None else low + 100) - low)
        case "money":
            return dice.yuan(float(low) / 100, float(high) / 100 if high is not None else 5_000)
        case "text" if fact.values:
            return dice.choice(fact.values)
        case "date":
            return dice.ago(1500, cuts=(3, 6, 12))
    return None


class _Teller:
    """Tells the figures of one scene."""

    def __init__(self, scene: Scene, catalogue: Catalogue, unknown_share: float) -> None:
        self.scene, self.dice = scene, scene.dice
        self.facts = {unit: [(name, fact) for name, fact in catalogue.facts.items() if unit in fact.units] for unit in UNITS}
        self.manner = self.dice.pick(MANNERS) if unknown_share else "whole"
        self.blank = min(0.9, unknown_share * BLANK_OF_SHARE[self.manner])
        self.rare = min(1.0, unknown_share / 0.05)
        self.hidden = self._hidden() if unknown_share else None
        self.recorded = dt.datetime.combine(scene.day, dt.time(9), dt.UTC)
        self.visited = self.scene.day - dt.timedelta(days=self.dice.randint(100, 800)) if self.manner == "long_ago" else None

    def subject(self, figure: Figure) -> Subject:
        """All that is told of one figure."""
        told, before = Subject(figure.id), self.scene.day - dt.timedelta(days=self.dice.randint(810, 1500))
        for name, fact in self.facts[figure.unit]:
            if fact.type == "list":
                self._list(figure, fact, told)
                continue
            value = figure.facts.get(name)
            if value is None and name not in NAMED and name not in figure.facts and self.dice.random() < 0.9:
                value = any_value(self.dice, fact)
            if value is not None and not self._untold(figure, name) and _fits(fact, value):
                told.facts[name] = self._tellings(fact, value, before)
        told.consents = figure.consents or self._consents(figure)
        return told

    def _hidden(self) -> tuple[str, str] | None:
        """What the story turns on and nobody tells, where it is left undecided."""
        turning = [(figure.id, name) for figure in (*self.scene.people, *self.scene.homes) for name in figure.turns_on]
        return self.dice.choice(turning) if turning and self.dice.chance(UNDECIDED) else None

    def _untold(self, figure: Figure, name: str) -> bool:
        """Whether a fact or list stays unknown. Where a household lives is always known."""
        if self.dice.random() < self.blank + RARELY_TOLD.get(name, 0.0) * self.rare:
            return name != "region"
        return self.hidden is not None and self.hidden == (figure.id, name)

    def _tellings(self, fact: Fact, value: Value, before: dt.date) -> list[Told]:
        """One statement, and now and then another: an older value, a weaker source, a record made earlier, the same told again."""
        dice, day = self.dice, self.visited
        told = [Told(value, day, "visit" if day else None)]
        throw = dice.random()
        if throw >= OLDER + 3 * TIED or (other := any_value(dice, fact)) is None:
            return told
        if throw < OLDER:
            told.insert(0, Told(other, before, dice.choice(SOURCES)))
        elif throw < OLDER + TIED:
            told[0].source = "civil-affairs"
            told.append(Told(other, day, WEAKEST))
        elif throw < OLDER + 2 * TIED:
            told[0].source, told[0].recorded_at = "township", self.recorded
            told.append(Told(other, day, "township", EARLIER))
        else:
            told.append(Told(value, day, "check", self.recorded))
        return told

    def _list(self, figure: Figure, fact: Fact, told: Subject) -> None:
        """A list with its entries; whole unless it is left open."""
        name = fact.name
        open_ = self._untold(figure, name) and name != "members"
        if not open_ and (self.visited is None or name == "members" or self.dice.chance(0.3)):
            told.complete.add(name)
        missing = 0.5 if open_ else 0.0
        if name in PEOPLE:
            kept = [(who, edge) for who, edge in figure.links.get(name, []) if not self.dice.chance(missing)]
            lost = self.blank / 4
            told.links[name] = [Link(who.id, {k: v for k, v in edge.items() if not self.dice.chance(lost)}) for who, edge in kept]
            return
        entries = [entry for entry in figure.entries.get(name, []) if not self.dice.chance(missing)]
        told.entries[name] = [Entry(str(number), self._fields(fact, entry)) for number, entry in enumerate(entries)]

    def _fields(self, fact: Fact, entry: Mapping[str, Value]) -> dict[str, Value]:
        """The fields of an entry that the list has, some of them left out."""
        if fact.name in BUILT_IN:
            return {k: v for k, v in entry.items() if k in BUILT_IN[fact.name] and not (k == "amount" and self.dice.chance(self.blank))}
        assert fact.rows is not None
        assert not isinstance(fact.rows, str)
        told = {k: entry[k] if k in entry else any_value(self.dice, field) for k, field in fact.rows.items()}
        return {k: v for k, v in told.items() if v is not None and _fits(fact.rows[k], v) and not self.dice.chance(self.blank / 2)}

    def _consents(self, figure: Figure) -> list[Consent]:
        """Those of people: outside, most let their means be looked at; some gave none, took it back or let it run out."""
        if figure.unit != "person":
            return []
        dice, day = self.dice, self.scene.day
        given = dice.ago(500, least=1)
        match dice.pick({"given": 6.0, "none": 2.0, "withdrawn": 0.7, "ended": 0.5, "narrow": 0.6, "all": 0.8}):
            case "given":
                return [Consent(("economy",), "check", "civil-affairs", given)]
            case "withdrawn":
                ended = min(day, given + dt.timedelta(days=dice.randint(1, 400)))
                return [Consent(("economy",), "check", "civil-affairs", given, withdrawn=ended)]
            case "ended":
                return [Consent(("economy",), "check", "civil-affairs", given, given + dt.timedelta(days=90))]
            case "narrow":
                return [Consent(("wage_month", "deposits"), "check", "civil-affairs", given)]
            case "all":
                return [Consent(("all",), "charity", "charity-federation", given, day + dt.timedelta(days=dice.randint(0, 400)))]
        return []


def _fits(fact: Fact, value: Value) -> bool:
    """Whether a catalogue's fact can have this value: the same name may mean something else there."""
    if value is None:
        return False
    if type(value) not in KINDS[fact.type]:
        return False
    if isinstance(value, (int, Fraction)):
        return (fact.low is None or value >= fact.low) and (fact.high is None or value <= fact.high)
    return not (fact.values and fact.type == "text" and value not in fact.values)


NAMED = frozenset(
    {
        *("custody_from", "custody_until", "missing_since", "last_cared_on", "clergy_left_on", "orphan_recognised_on"),
        *("diagnosed_on", "cancer_stage", "disability_category", "disability_grade", "care_needed_since"),
        *("study_since", "study_year", "employed_since", "unemployed_since", "insured_in"),
        *("dwelling_renovated_on", "crime_compensated", "court_award", "crime_own_fault"),
        *("region", "registered_in", "event_in", "school_in"),
    }
)
"""Facts that are rightly absent where no story set them: no value is made up for them."""
