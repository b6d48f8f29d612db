"""Random households for any catalogue, from a seed.

Unknown facts, lists that are not whole, people outside with and without consent, supporters of supporters, stale and later
statements, ties between sources. Values come from the few that random rules compare with.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.records import Consent, Entry, Link, Record, Subject, Told
from tests.random_facts import DAY, DAYS, NUMBERS, REGIONS, WORDS, YUAN

if TYPE_CHECKING:
    import random

    from matcher.catalogue import Catalogue, Fact
    from matcher.records import Value


@dataclass(slots=True)
class Teller:
    """Tells one household. `blank`: how often a fact is not told, an entry's field left out, a list not whole.

    homes: whether everybody outside has a household on file (else half of them).
    """

    rng: random.Random
    catalogue: Catalogue
    prefix: str
    blank: float
    homes: bool = True

    def missing(self) -> bool:
        return self.rng.random() < self.blank

    def value(self, fact: Fact, name: str = "") -> Value:
        """A value of a fact."""
        rng = self.rng
        if name == "policy":
            return rng.choice([*self.catalogue.policies])
        if name in ("recognition", "department"):
            found = [v.recognition for vs in self.catalogue.policies.values() for v in vs if v.recognition]
            return rng.choice([*found, *self.catalogue.policies]) if name == "recognition" else rng.choice(["one", "two"])
        if name == "amount":
            return int(Fraction(rng.choice(YUAN)) * 100)
        match fact.type:
            case "yesno":
                return rng.random() < 0.5
            case "date":
                return rng.choice(DAYS)
            case "region":
                return rng.choice(REGIONS)
            case "text":
                return rng.choice(fact.values or WORDS)
        if fact.type == "money":
            fen = [int(Fraction(y) * 100) for y in YUAN]
            options = [Fraction(x) for x in (*fen, *(-x for x in fen))]
        else:
            options = [Fraction(x) for x in (*NUMBERS, -1)]
        whole = [x for x in options if fact.type != "int" or x.denominator == 1]
        low, high = fact.low, fact.high
        chosen = rng.choice([x for x in whole if (low is None or x >= low) and (high is None or x <= high)] or [low or high or Fraction(0)])
        return int(chosen) if fact.type != "number" else chosen

    def told(self, fact: Fact) -> list[Told]:
        """What was told of a fact: nothing, one thing, or several on several days by several sources."""
        if self.missing():
            return []
        if self.rng.random() < 0.7 or fact.name in ("region", "registered_in", "event_in"):
            return [Told(self.value(fact), recorded_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), source="visit")]
        days = [None, None, DAY - dt.timedelta(200), DAY - dt.timedelta(180), DAY - dt.timedelta(400), DAY + dt.timedelta(1)]
        found = []
        for i in range(self.rng.randint(1, 4)):
            recorded = dt.datetime(2026, self.rng.randint(1, 2), 2 + i, tzinfo=dt.UTC)
            source = self.rng.choice(["register", "register/b", "visit", "visit:c", "other"])
            found.append(Told(self.value(fact), self.rng.choice(days), source, recorded))
        return found

    def subject(self, id_: str, unit: str) -> Subject:
        """A person or household with facts, lists of dated things and consents."""
        facts = {n: f for n, f in self.catalogue.facts.items() if unit in f.units and f.type != "list"}
        subject = Subject(id_, {n: told for n, f in facts.items() if (told := self.told(f))})
        for name, fact in self.catalogue.facts.items():
            if fact.type == "list" and unit in fact.units and isinstance(fact.rows, Mapping):
                subject.entries[name] = [
                    Entry(
                        f"{i}", {n: self.value(f, n) for n, f in fact.rows.items() if n in ("policy", "recognition") or not self.missing()}
                    )
                    for i in range(self.rng.choice([0, 0, 1, 1, 2, 3]))
                ]
                if not self.missing():
                    subject.complete.add(name)
                elif name in ("awards", "recognitions") and self.rng.random() < 0.5:
                    subject.complete.add(f"{name}/one")
        if unit == "person" and self.rng.random() < 0.5:
            scope = tuple(self.rng.sample(["wage", "savings", "economy", "all", "other"], 2))
            until = self.rng.choice([None, DAY, DAY - dt.timedelta(1)])
            withdrawn = self.rng.choice([None, None, DAY, DAY + dt.timedelta(1)])
            subject.consents.append(Consent(scope, until=until, withdrawn=withdrawn))
        return subject

    def link(self, name: str, person: str) -> Link:
        """Somebody in a list of persons, with the facts of the edge."""
        built_in = ("from", "until")
        edge = {n: self.value(f) for n, f in self.catalogue.facts[name].edge.items() if n not in built_in and not self.missing()}
        if name in ("parents", "children"):
            return Link(person)
        from_ = self.rng.choice([None, None, None, DAY, DAY + dt.timedelta(1)])
        return Link(person, edge, from_, self.rng.choice([None, None, None, DAY]))

    def record(self) -> Record:
        """A household, the people around it, and some of their households."""
        rng, p = self.rng, self.prefix
        members = [f"{p}m{i}" for i in range(rng.choice([0, 1, 1, 2, 3, 4]))]
        outside = [f"{p}x{i}" for i in range(rng.randint(0, 4))]
        persons = {id_: self.subject(id_, "person") for id_ in (*members, *outside)}
        own = self.subject(f"{p}h0", "household")
        own.links["members"] = [self.link("members", m) for m in members]
        households = [own]
        if not self.missing():
            own.complete.add("members")
        housed: set[str] = set()
        for i, id_ in enumerate(outside):
            if id_ not in housed and (self.homes or rng.random() < 0.5):
                other = self.subject(f"{p}h{i + 1}", "household")
                mates = [x for x in outside[i + 1 :] if x not in housed and rng.random() < 0.3]
                housed.update(mates)
                other.links["members"] = [replace(self.link("members", x), from_=None, until=None) for x in (id_, *mates)]
                if not self.missing():
                    other.complete.add("members")
                households.append(other)
        inside = [one.person for one in own.links["members"] if in_force(one)]
        near = self.supported(inside, [*inside, *outside], persons, set(inside))
        self.supported(near, outside, persons, {*inside, *near})
        for id_ in inside:
            for name in ("parents", "children"):
                persons[id_].links[name] = [Link(x) for x in (*inside, *outside) if x != id_ and rng.random() < 0.15]
                if not self.missing():
                    persons[id_].complete.add(name)
        return Record(households, persons)

    def supported(self, owners: list[str], pool: list[str], persons: dict[str, Subject], seen: set[str]) -> list[str]:
        """Give these people supporters; returns those who were not met before."""
        found: list[str] = []
        for id_ in owners:
            persons[id_].links["supporters"] = [self.link("supporters", x) for x in pool if x != id_ and self.rng.random() < 0.3]
            if not self.missing():
                persons[id_].complete.add("supporters")
            found += [one.person for one in persons[id_].links["supporters"] if in_force(one) and one.person not in {*seen, *found}]
        return found


def in_force(link: Link) -> bool:
    """Whether an edge holds on the day."""
    return (link.from_ or DAY) <= DAY <= (link.until or DAY)


def a_record(rng: random.Random, catalogue: Catalogue, prefix: str, *, blank: float | None = None, homes: bool = True) -> Record:
    """A random record; ids begin with `prefix`."""
    return Teller(rng, catalogue, prefix, rng.choice([0.0, 0.1, 0.3]) if blank is None else blank, homes).record()
