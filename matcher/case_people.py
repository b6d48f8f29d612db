"""Who is in a case: persons, households, facts, lists, consents, as a social worker tells them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from matcher.catalogue import Fact
from matcher.errors import CatalogueError, FactValueError, Fault, like
from matcher.language import Words
from matcher.loader import parse_fact_value, with_standards
from matcher.loader_fields import Faults, Fields
from matcher.parse_names import real
from matcher.records import Consent, Entry, Link, Record, Subject, Told
from matcher.yaml_source import day_of

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue
    from matcher.records import Value
    from matcher.yaml_source import Item

HOUSEHOLD = "household"
"""The id of a case's household; persons have the names that `as` gives them."""
SUBJECT_KEYS = ("on", "incomplete")
CONSENT_KEYS = ("scope", "purpose", "recipient", "from", "until", "withdrawn")


class People:
    """Reads everybody in one case, and the terms and standards that it sets."""

    def __init__(self, catalogue: Catalogue, defaults: Mapping[str, Mapping[str, Item]], faults: Faults) -> None:
        self.catalogue, self.defaults, self.faults = catalogue, defaults, faults
        self.home = Subject(HOUSEHOLD)
        self.record = Record([self.home], {})
        self.named: list[tuple[str, Item]] = []

    def read(self, fields: Fields) -> None:
        """The household, its members, and those outside."""
        household = fields.need("household")
        if household is not None:
            self._subject(self.home, "household", household, "household")
        for part in self.parts(fields.get("others")):
            self._person(part, "outsider")
        for person, item in self.named:
            if person not in self.record.persons:
                self.faults.add(item.spot, f"没有叫 {person} 的人", f"nobody here is called {person} (as: {person})")
        for part in self.parts(fields.get("incomplete")):
            listed, _, who = part.text.partition("@")
            subjects = [self.home, *self.record.persons.values()] if not who else [self.who(who, part)]
            self._not_whole([one for one in subjects if one], listed, part)

    def who(self, name: str, item: Item) -> Subject | None:
        """A person by name."""
        if name not in self.record.persons:
            self.faults.add(item.spot, f"没有叫 {name} 的人", f"nobody here is called {name} (as: {name})")
        return self.record.persons.get(name)

    def _person(self, item: Item, default: str, *, edge: str | None = None, spare: str | None = None) -> str | None:
        """A person told in full, perhaps as an entry of a list (`edge`); returns the name."""
        if not isinstance(item.value, Mapping):
            self.faults.add(item.spot, "这里要写一个人的“键: 值”", "a person's mapping (key: value) is wanted here")
            return None
        key = "as" if "as" in item.value else "person"
        name = item.value[key].text if key in item.value else spare
        if not name or name in self.record.persons or name == HOUSEHOLD:
            reason = ("缺少 as", "as is missing") if not name else (f"{name} 出现两次", f"{name} is told twice")
            self.faults.add(item.spot, *reason)
            return None
        subject = self.record.persons[name] = Subject(name)
        self._subject(subject, "person", item, default, edge=edge)
        return name

    def _subject(self, subject: Subject, unit: str, item: Item, default: str | None, *, edge: str | None = None) -> None:
        """All that is told of a household or person, on top of the defaults, if any."""
        if not isinstance(item.value, Mapping):
            self.faults.add(item.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")
            return
        own = {key: value for key, value in item.value.items() if key not in ("as", "person") or unit == "household"}
        if edge:
            own = {key: value for key, value in own.items() if key not in self._edge_keys(edge)}
        told = {**(self.defaults[default] if default else {}), **own}
        if edge:
            told = {key: value for key, value in told.items() if key not in self._edge_keys(edge) or key in self.catalogue.facts}
        on = day_of(told["on"].value) if "on" in told else None
        if on is None and "on" in told:
            self.faults.add(told["on"].spot, "on 应为日期", "on must be a date such as 2026-01-31")
        for key, value in told.items():
            self._key(subject, unit, key, value, on, outside=default in ("outsider", None))
        for part in self.parts(told.get("incomplete")):
            self._not_whole([subject], part.text, part)

    def _key(self, subject: Subject, unit: str, key: str, item: Item, on: dt.date | None, *, outside: bool) -> None:
        """One key of a household or person."""
        fact = self.catalogue.facts.get(key)
        if key == "terms":
            subject.terms = self.terms(item, unit)
        elif key == "consents" and unit == "person":
            subject.consents = [self._consent(part) for part in self.parts(item)]
        elif key == "household" and unit == "person" and outside:
            self._household_of(subject, item)
        elif key in SUBJECT_KEYS:
            return
        elif fact is None or unit not in fact.units:
            zh, en = like(key, [name for name, one in self.catalogue.facts.items() if unit in one.units])
            whose = "家庭" if unit == "household" else "人员"
            self.faults.add(item.key_spot, f"没有名为 {key} 的{whose}事实{zh}", f"{key} is no fact of a {unit}{en}")
        elif fact.type == "list":
            self._list(subject, fact, item, outside=outside)
        else:
            subject.facts[key] = self._told(fact, item, on)

    def _household_of(self, person: Subject, item: Item) -> None:
        """The household of somebody outside, with that person in it."""
        household = Subject(f"{person.id}-{HOUSEHOLD}")
        self.record.households.append(household)
        self._subject(household, "household", item, None)
        members = household.links.setdefault("members", [])
        if all(link.person != person.id for link in members):
            members.insert(0, Link(person.id))

    # --- facts and lists --------------------------------------------------------------------------------------------------

    def _told(self, fact: Fact, item: Item, on: dt.date | None) -> list[Told]:
        """A value, `unknown`, `{is: …, on: …}` or a list of such."""
        if isinstance(item.value, tuple):
            return [told for part in item.value for told in self._told(fact, part, on)]
        if not isinstance(item.value, Mapping):
            value = self._value(fact, item)
            return [] if value is None else [Told(value, on)]
        fields = Fields(item, ("is", "on", "source", "recorded"), self.faults)
        inner = fields.need("is")
        value = None if inner is None else self._value(fact, inner)
        recorded = fields.day("recorded")
        at = dt.datetime.combine(recorded, dt.time(), dt.UTC) if recorded else None
        return [] if value is None else [Told(value, fields.day("on") or on, fields.text("source"), at)]

    def _value(self, fact: Fact, item: Item) -> Value:
        """A typed value; None for `unknown` and for null."""
        if item.value is None or (item.text == "unknown" and "unknown" not in fact.values):
            return None
        try:
            return parse_fact_value(fact, item.value)
        except FactValueError as error:
            self.faults.add(item.spot, error.zh, error.en)
            return None

    def _list(self, subject: Subject, fact: Fact, item: Item, *, outside: bool) -> None:
        """A list of persons or of dated entries: whole, unless it is `unknown` or null."""
        if item.value is None or item.text == "unknown":
            return
        if fact.rows == "person":
            links = [self._link(subject, fact, part, place, outside=outside) for place, part in enumerate(self.parts(item))]
            subject.links[fact.name] = [link for link in links if link]
        else:
            subject.entries[fact.name] = [self._entry(fact, part, place) for place, part in enumerate(self.parts(item))]
        subject.complete.add(fact.name)

    def _link(self, owner: Subject, fact: Fact, item: Item, place: int, *, outside: bool) -> Link | None:
        """A person in a list: a name, {person: name, edge facts}, or a new person told in full."""
        if not isinstance(item.value, Mapping):
            self.named.append((item.text, item))
            return Link(item.text)
        values = item.value
        edges = self._edge_keys(fact.name)
        told = set(values) - edges - {"as", "person"}
        ours = fact.name == "members" and owner is self.home
        name = next((values[key].text for key in ("as", "person") if key in values), None)
        if ours or told or name is None:
            name = self._person(
                item, "person" if ours else "outsider", edge=fact.name, spare=None if ours else f"{owner.id}.{fact.name}[{place}]"
            )
            if name is None:
                return None
        else:
            self.named.append((name, item))
        defaults = {key: value for key, value in self.defaults["person"].items() if ours and key in edges}
        edge = {key: value for key, value in {**defaults, **values}.items() if key in edges}
        dates = {key: self._value(self._date(key), edge.pop(key)) for key in ("from", "until") if key in edge}
        facts = {key: self._value(fact.edge[key], value) for key, value in edge.items()}
        from_, until = dates.get("from"), dates.get("until")
        return Link(name, facts, from_ if isinstance(from_, dt.date) else None, until if isinstance(until, dt.date) else None)

    def _edge_keys(self, name: str) -> set[str]:
        """What an entry of a list of persons can say of the edge itself."""
        return {*self.catalogue.facts[name].edge, "from", "until"}

    def _date(self, name: str) -> Fact:
        return Fact(name, (), "date", Words(name, name))

    def _entry(self, fact: Fact, item: Item, place: int) -> Entry:
        """An entry of a dated list; a bare word is the recognition, or the first field."""
        rows = fact.rows if isinstance(fact.rows, Mapping) else {}
        first = next(iter(rows))
        if not isinstance(item.value, Mapping):
            return Entry(f"{place}", {first: self._value(rows[first], item)})
        fields = Fields(item, (*rows, "key"), self.faults)
        values = {key: self._value(rows[key], value) for key, value in fields.items.items() if key != "key"}
        if fact.name == "awards" and isinstance(values.get("policy"), str):
            values["policy"] = real(self.catalogue.policies, str(values["policy"])) or values["policy"]
        return Entry(fields.text("key") or f"{place}", values)

    def _consent(self, item: Item) -> Consent:
        fields = Fields(item, CONSENT_KEYS, self.faults)
        from_, until = fields.ends()
        return Consent(fields.texts("scope"), fields.text("purpose"), fields.text("recipient"), from_, until, fields.day("withdrawn"))

    def _not_whole(self, subjects: list[Subject], name: str, item: Item) -> None:
        """A list that was given and may have more entries."""
        fact = self.catalogue.facts.get(name)
        if fact is None or fact.type != "list":
            self.faults.add(item.spot, f"没有清单 {name}", f"unknown list {name}")
        for subject in subjects:
            subject.complete.discard(name)

    def parts(self, item: Item | None) -> tuple[Item, ...]:
        """The entries of a list that must be one."""
        if item is None:
            return ()
        if isinstance(item.value, tuple):
            return item.value
        self.faults.add(item.spot, "这里要写清单", "a list is wanted here")
        return ()

    # --- rules set by hand ------------------------------------------------------------------------------------------------

    def terms(self, item: Item | None, unit: str | None = None) -> dict[str, Value]:
        """Terms set by hand; `unknown` makes one unknown."""
        found: dict[str, Value] = {}
        for key, value in self.mapping(item).items():
            name = real(self.catalogue.terms, key)
            term = self.catalogue.terms.get(name or "")
            units = {unit, *(fact.name for fact in self.catalogue.facts.values() if fact.rows == unit)}
            if term is None or (unit is not None and term.unit not in units):
                self.faults.add(value.key_spot, f"没有术语 {key}", f"unknown term {key}" + (f" of a {unit}" if unit else ""))
            else:
                found[term.id] = self._value(Fact(term.id, (), term.type, term.title, term.values), value)
        return found

    def standards(self, item: Item | None) -> dict[str, object]:
        """Standards set for the case, as with_standards takes them."""
        found = {key: value.plain() for key, value in self.mapping(item).items()}
        for key, value in self.mapping(item).items():
            try:
                with_standards(self.catalogue, {key: value.plain()})
            except CatalogueError as error:
                self.faults.found.extend(
                    Fault(value.spot.file, value.spot.line, value.spot.path, fault.zh, fault.en) for fault in error.faults
                )
        return dict(found)

    def mapping(self, item: Item | None) -> Mapping[str, Item]:
        """A mapping that must be one."""
        if item is None:
            return {}
        if isinstance(item.value, Mapping):
            return item.value
        self.faults.add(item.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")
        return {}
