"""Case files: households as a social worker tells them, with what is expected of the rules.

Comes in: the YAML text of a case file and the catalogue. Goes out: typed cases, and for each with the answers of an engine
a CaseResult. Source: the language page, "A case", and section "Cases" of the notes to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from matcher.catalogue import Fact
from matcher.errors import CatalogueError, FactValueError, Fault
from matcher.language import Spot, Words
from matcher.loader import parse_fact_value, with_standards
from matcher.loader_fields import Faults, Fields, exact
from matcher.parse_names import real
from matcher.records import Consent, Entry, Link, Record, Subject, Told
from matcher.yaml_source import Item, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.catalogue import Catalogue
    from matcher.records import Value

    Target = tuple[str, str | None]

VERDICTS = ("eligible", "not eligible", "unknown")
HOUSEHOLD = "household"
"""The id of a case's household; persons have the names that `as` gives them."""

CASE_KEYS = (
    *("name", "as_of", "known_by", "household", "others", "assumed", "expect", "left", "ask_for", "opened_by", "choices"),
    *("standards", "terms", "incomplete"),
)
UNITS_OF_DEFAULTS = ("household", "person", "outsider")
SUBJECT_KEYS = ("on", "incomplete")
CONSENT_KEYS = ("scope", "purpose", "recipient", "from", "until", "withdrawn")


@dataclass(frozen=True, slots=True)
class Expected:
    """A number that is expected: fen, or hours. `ends`: exactly from lo to hi (None: open); else not below lo, not above hi."""

    lo: Fraction | None
    hi: Fraction | None
    ends: bool

    def met(self, got: tuple[Fraction | int, Fraction | int | None] | None) -> bool:
        """Whether an answer is as expected."""
        if got is None:
            return False
        if self.ends:
            return got == (self.lo, self.hi)
        return (self.lo is None or got[0] >= self.lo) and (self.hi is None or (got[1] is not None and got[1] <= self.hi))


@dataclass(slots=True)
class Case:
    """One case. Targets are (policy or need or fact, person or None); `over` names what a choice was taken over."""

    name: str
    file: str
    line: int
    as_of: dt.date
    known_by: dt.date | None
    record: Record
    assumed: str | None = None
    standards: dict[str, object] = field(default_factory=dict)
    terms: dict[str, Value] = field(default_factory=dict)
    verdicts: dict[Target, str] = field(default_factory=dict)
    amounts: dict[Target, Expected] = field(default_factory=dict)
    left: dict[Target, Expected] = field(default_factory=dict)
    hours: set[str] = field(default_factory=set)
    ask_for: tuple[Target, ...] = ()
    opened_by: dict[Target, tuple[str, ...]] = field(default_factory=dict)
    choices: tuple[Target, ...] = ()
    over: dict[Target, tuple[Target, ...]] = field(default_factory=dict)


class Answers(Protocol):
    """What an engine says about one case. `who` is the person's `as`, None for the household."""

    def verdict(self, policy: str, who: str | None, /) -> str:
        """eligible, not eligible or unknown."""

    def amount(self, policy: str, who: str | None, /) -> tuple[int, int | None] | None:
        """What the item pays per its period, from..to in fen (None: no upper end); None if it pays no money."""

    def left(self, need: str, who: str | None, /) -> tuple[Fraction | int, Fraction | int | None]:
        """What is left of a need in the end, in fen or hours; a person's need without a person: the household's sum."""

    def questions(self) -> list[Target]:
        """What should be asked: facts, lists, `consent`."""

    def opened_by(self, policy: str, who: str | None, /) -> list[str]:
        """The policies to be confirmed first."""

    def chosen(self) -> set[Target]:
        """The items of the bundle."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went. got and expected: plain JSON values under the same keys."""

    name: str
    file: str
    passed: bool
    got: dict[str, object]
    expected: dict[str, object]


def judge(case: Case, result: Answers) -> CaseResult:
    """Compare a case with the answers of an engine.

    An exact amount passes only if both ends equal it; `ask_for`, `choices` pass if all that they name is among the answers,
    `opened_by` if it names the same policies.
    """
    got: dict[str, object] = {}
    expected: dict[str, object] = {}
    passed: list[bool] = []

    def note(key: str, wanted: object, found: object, good: bool) -> None:
        expected[key], got[key] = wanted, found
        passed.append(good)

    for target, verdict in case.verdicts.items():
        found = result.verdict(*target)
        note(_label(target), verdict, found, found == verdict)
    for target, wanted in case.amounts.items():
        amount = result.amount(*target)
        note(f"{_label(target)} amount_fen", _shown(wanted), _ends(amount), wanted.met(amount))
    for target, wanted in case.left.items():
        left = result.left(*target)
        unit = "hours" if target[0] in case.hours else "fen"
        note(f"left.{_label(target)} {unit}", _shown(wanted), _ends(left), wanted.met(left))
    if case.ask_for:
        asked = set(result.questions())
        note("ask_for", sorted(map(_label, case.ask_for)), sorted(map(_label, asked)), all(_is_asked(one, asked) for one in case.ask_for))
    for target, openers in case.opened_by.items():
        opened = result.opened_by(*target)
        note(f"{_label(target)} opened_by", sorted(openers), sorted(opened), set(opened) == set(openers))
    if case.choices or case.over:
        chosen = result.chosen()
        held = {*case.choices, *case.over}
        refused = {other for others in case.over.values() for other in others}
        wanted_choice = {"in": sorted(map(_label, held)), "out": sorted(map(_label, refused))}
        note("choices", wanted_choice, sorted(map(_label, chosen)), held <= chosen and not refused & chosen)
    return CaseResult(case.name, case.file, all(passed), got, expected)


def _is_asked(wanted: Target, asked: set[Target]) -> bool:
    """Whether a question is among those asked; a list stands for any field of its entries, a field for that of any list."""
    name, who = wanted
    return any(w == who and (n == name or n.startswith(f"{name}.") or n.endswith(f".{name}")) for n, w in asked)


def load_cases(path: Path, catalogue: Catalogue, *, root: Path | None = None) -> list[Case]:
    """The cases of a file. `root`: the folder that file names are relative to.

    Raises:
        CatalogueError: every fault of the file, with line, path and reason.
    """
    name = path.relative_to(root).as_posix() if root else path.name
    return read_cases(path.read_text(encoding="utf-8-sig"), name, catalogue)


def read_cases(text: str, file: str, catalogue: Catalogue) -> list[Case]:
    """The cases of a text; `file` is the name in messages. Raises CatalogueError as load_cases."""
    cases, refused = read_each(text, file, catalogue)
    if refused:
        raise CatalogueError(tuple(fault for faults in refused.values() for fault in faults))
    return cases


def read_each(text: str, file: str, catalogue: Catalogue) -> tuple[list[Case], dict[str, tuple[Fault, ...]]]:
    """The cases that can be read, and the faults of each that cannot, by its name.

    Raises:
        CatalogueError: the file as a whole, or its defaults, cannot be read.
    """
    cases: list[Case] = []
    refused: dict[str, tuple[Fault, ...]] = {}
    faults = Faults()
    defaults: dict[str, dict[str, Item]] = {unit: {} for unit in UNITS_OF_DEFAULTS}
    for document in read_yaml(text, file):
        for item in document.value if isinstance(document.value, tuple) else (document,):
            if isinstance(item.value, Mapping) and set(item.value) == {"defaults"}:
                _merge_defaults(item.value["defaults"], defaults, faults)
                continue
            own = Faults()
            case = _Reader(catalogue, defaults, own).case(item)
            if own.found:
                name = item.value.get("name") if isinstance(item.value, Mapping) else None
                refused[name.text if name is not None else f"{file}:{item.spot.line}"] = tuple(own.found)
            elif case is not None:
                cases.append(case)
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return cases, refused


def _merge_defaults(item: Item, defaults: dict[str, dict[str, Item]], faults: Faults) -> None:
    """Facts that every following household, member or outsider of the file has, unless it says otherwise."""
    for unit, facts in Fields(item, UNITS_OF_DEFAULTS, faults).items.items():
        if isinstance(facts.value, Mapping):
            defaults[unit] = {**defaults[unit], **facts.value}
        else:
            faults.add(facts.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")


class _Reader:
    """Reads one case: first everybody in it, then what is expected."""

    def __init__(self, catalogue: Catalogue, defaults: Mapping[str, Mapping[str, Item]], faults: Faults) -> None:
        self.catalogue, self.defaults, self.faults = catalogue, defaults, faults
        self.home = Subject(HOUSEHOLD)
        self.record = Record([self.home], {})
        self.named: list[tuple[str, Item]] = []

    def case(self, item: Item) -> Case | None:
        """The whole case, None where even its head cannot be read."""
        fields = Fields(item, CASE_KEYS, self.faults)
        name, as_of = fields.text("name", required=True), fields.day("as_of")
        if "as_of" not in fields:
            self.faults.add(item.spot, "缺少 as_of", "as_of is missing")
        self._people(fields)
        case = Case(name or "", item.spot.file, item.spot.line, as_of or dt.date.min, fields.day("known_by"), self.record)
        case.assumed = fields.text("assumed")
        case.terms = self._terms(fields.get("terms"))
        case.standards = self._standards(fields.get("standards"))
        self._expectations(case, fields)
        return case

    # --- people ---------------------------------------------------------------------------------------------------------

    def _people(self, fields: Fields) -> None:
        """The household, its members, and those outside."""
        household = fields.need("household")
        if household is not None:
            self._subject(self.home, "household", household, "household")
        for part in self._parts(fields.get("others")):
            self._person(part, "outsider")
        for person, item in self.named:
            if person not in self.record.persons:
                self.faults.add(item.spot, f"没有叫 {person} 的人", f"nobody here is called {person} (as: {person})")
        for part in self._parts(fields.get("incomplete")):
            listed, _, who = part.text.partition("@")
            subjects = [self.home, *self.record.persons.values()] if not who else [self._who(who, part)]
            self._not_whole([one for one in subjects if one], listed, part)

    def _who(self, name: str, item: Item) -> Subject | None:
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
        on = told["on"].value if "on" in told else None
        if on is not None and not isinstance(on, dt.date):
            self.faults.add(told["on"].spot, "on 应为日期", "on must be a date such as 2026-01-31")
        for key, value in told.items():
            self._key(subject, unit, key, value, on if isinstance(on, dt.date) else None, outside=default in ("outsider", None))
        for part in self._parts(told.get("incomplete")):
            self._not_whole([subject], part.text, part)

    def _key(self, subject: Subject, unit: str, key: str, item: Item, on: dt.date | None, *, outside: bool) -> None:
        """One key of a household or person."""
        fact = self.catalogue.facts.get(key)
        if key == "terms":
            subject.terms = self._terms(item, unit)
        elif key == "consents" and unit == "person":
            subject.consents = [self._consent(part) for part in self._parts(item)]
        elif key == "household" and unit == "person" and outside:
            self._household_of(subject, item)
        elif key in SUBJECT_KEYS:
            return
        elif fact is None or unit not in fact.units:
            self.faults.add(item.key_spot, f"{key} 不是{unit}的事实", f"{key} is no fact of a {unit}")
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
        """A typed value; None for `unknown`."""
        if item.text == "unknown" and "unknown" not in fact.values:
            return None
        try:
            return parse_fact_value(fact, item.value)
        except FactValueError as error:
            self.faults.add(item.spot, error.zh, error.en)
            return None

    def _list(self, subject: Subject, fact: Fact, item: Item, *, outside: bool) -> None:
        """A list of persons or of dated entries: whole, unless it is `unknown`."""
        if item.text == "unknown":
            return
        if fact.rows == "person":
            links = [self._link(subject, fact, part, place, outside=outside) for place, part in enumerate(self._parts(item))]
            subject.links[fact.name] = [link for link in links if link]
        else:
            subject.entries[fact.name] = [self._entry(fact, part, place) for place, part in enumerate(self._parts(item))]
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

    def _parts(self, item: Item | None) -> tuple[Item, ...]:
        """The entries of a list that must be one."""
        if item is None:
            return ()
        if isinstance(item.value, tuple):
            return item.value
        self.faults.add(item.spot, "这里要写清单", "a list is wanted here")
        return ()

    # --- rules set by hand ------------------------------------------------------------------------------------------------

    def _terms(self, item: Item | None, unit: str | None = None) -> dict[str, Value]:
        """Terms set by hand; `unknown` makes one unknown."""
        found: dict[str, Value] = {}
        for key, value in self._mapping(item).items():
            name = real(self.catalogue.terms, key)
            term = self.catalogue.terms.get(name or "")
            units = {unit, *(fact.name for fact in self.catalogue.facts.values() if fact.rows == unit)}
            if term is None or (unit is not None and term.unit not in units):
                self.faults.add(value.key_spot, f"没有术语 {key}", f"unknown term {key}" + (f" of a {unit}" if unit else ""))
            else:
                found[term.id] = self._value(Fact(term.id, (), term.type, term.title, term.values), value)
        return found

    def _standards(self, item: Item | None) -> dict[str, object]:
        """Standards set for the case, as with_standards takes them."""
        found = {key: value.plain() for key, value in self._mapping(item).items()}
        for key, value in self._mapping(item).items():
            try:
                with_standards(self.catalogue, {key: value.plain()})
            except CatalogueError as error:
                self.faults.found.extend(
                    Fault(value.spot.file, value.spot.line, value.spot.path, fault.zh, fault.en) for fault in error.faults
                )
        return dict(found)

    def _mapping(self, item: Item | None) -> Mapping[str, Item]:
        """A mapping that must be one."""
        if item is None:
            return {}
        if isinstance(item.value, Mapping):
            return item.value
        self.faults.add(item.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")
        return {}

    # --- what is expected ---------------------------------------------------------------------------------------------------

    def _expectations(self, case: Case, fields: Fields) -> None:
        """expect, left, ask_for, opened_by, choices."""
        case.hours = {need.id for need in self.catalogue.needs.values() if need.type == "hours"}
        for key, item in self._mapping(fields.get("expect")).items():
            if key == "left":
                self._all_left(case, item)
            elif key.startswith("left."):
                self._left(case, key.removeprefix("left."), item)
            elif target := self._policy(key, item.key_spot):
                self._expect(case, target, item)
        self._all_left(case, fields.get("left"))
        case.ask_for = tuple(target for part in self._parts(fields.get("ask_for")) if (target := self._question(part)))
        for key, item in self._mapping(fields.get("opened_by")).items():
            openers = item.value if isinstance(item.value, tuple) else (item,)
            if target := self._policy(key, item.key_spot):
                case.opened_by[target] = tuple(name for part in openers if (name := self._policy_id(part.text, part.spot)))
        choices = fields.get("choices")
        if choices is not None and isinstance(choices.value, Mapping):
            for key, item in choices.value.items():
                others = item.value if isinstance(item.value, tuple) else (item,)
                if target := self._policy(key, item.key_spot):
                    case.over[target] = tuple(other for part in others if (other := self._policy(part.text, part.spot)))
        else:
            case.choices = tuple(target for part in self._parts(choices) if (target := self._policy(part.text, part.spot)))

    def _expect(self, case: Case, target: Target, item: Item) -> None:
        """A verdict, or {verdict, amount, at_least, at_most}."""
        if isinstance(item.value, Mapping):
            fields = Fields(item, ("verdict", "amount", "at_least", "at_most"), self.faults)
            verdict = fields.choice("verdict", VERDICTS)
            amount = fields.get("amount") or (item if {"at_least", "at_most"} & set(fields.items) else None)
            if amount is not None and (wanted := self._number(amount, fields if amount is item else None, money=True)):
                case.amounts[target] = wanted
        else:
            verdict = item.text if item.text in VERDICTS else None
            if verdict is None:
                listed = " | ".join(VERDICTS)
                self.faults.add(item.spot, f"{item.text} 不在 {listed} 之中", f"{item.text} is none of {listed}")
        if verdict:
            case.verdicts[target] = verdict

    def _all_left(self, case: Case, item: Item | None) -> None:
        for key, value in self._mapping(item).items():
            self._left(case, key, value)

    def _left(self, case: Case, key: str, item: Item) -> None:
        """What is left of a need."""
        name, _, who = key.partition("@")
        need = self.catalogue.needs.get(real(self.catalogue.needs, name) or "")
        if need is None:
            self.faults.add(item.key_spot, f"没有需求 {name}", f"unknown need {name}")
            return
        if who and (not self._who(who, item) or need.unit == "household"):
            self.faults.add(item.key_spot, f"{name} 是家庭的需求", f"{name} is a need of the household: leave out @{who}")
            return
        if wanted := self._number(item, None, money=need.type == "money"):
            case.left[need.id, who or None] = wanted

    def _number(self, item: Item, fields: Fields | None, *, money: bool) -> Expected | None:
        """`2`, `[1, 3]` or `{at_least: 2, at_most: 5}`; yuan to fen."""

        def read(part: Item | None) -> Fraction | None:
            if part is None or part.value is None:
                return None
            value = exact(part, self.faults, digits=2 if money else 4)
            return None if value is None else value * (100 if money else 1)

        if isinstance(item.value, Mapping):
            fields = fields or Fields(item, ("at_least", "at_most"), self.faults)
            return Expected(read(fields.get("at_least")), read(fields.get("at_most")), ends=False)
        if isinstance(item.value, tuple):
            if len(item.value) != 2:
                self.faults.add(item.spot, "范围应为 [最低, 最高]", "a range is [least, most]")
                return None
            return Expected(read(item.value[0]), read(item.value[1]), ends=True)
        value = read(item)
        if value is None:
            self.faults.add(item.spot, "应为金额或小时数", "an amount is wanted here")
            return None
        return Expected(value, value, ends=True)

    def _policy_id(self, name: str, spot: Spot) -> str | None:
        found = real(self.catalogue.policies, name)
        if found is None:
            self.faults.add(spot, f"没有政策 {name}", f"unknown policy {name}")
        return found

    def _policy(self, text: str, spot: Spot) -> Target | None:
        """`policy` or `policy@as`; a person's policy may leave out the name where the household has one member."""
        name, _, who = text.partition("@")
        policy = self._policy_id(name, spot)
        if policy is None:
            return None
        return self._target(policy, self.catalogue.policies[policy][0].unit, who, spot)

    def _target(self, name: str, unit: str, who: str, spot: Spot) -> Target | None:
        members = [link.person for link in self.home.links.get("members", [])]
        if unit == "household":
            if who:
                self.faults.add(spot, f"{name} 属于家庭", f"{name} is the household's: leave out @{who}")
            return None if who else (name, None)
        if not who and len(members) == 1:
            return name, members[0]
        if who not in members:
            self.faults.add(
                spot, f"{name}@{who}：没有这名家庭成员", f"{name} is a person's and {who or 'nobody'} is no member: write {name}@as"
            )
            return None
        return name, who

    def _question(self, item: Item) -> Target | None:
        """A fact, list or consent to be asked for, with the person."""
        name, _, who = item.text.partition("@")
        fact = self.catalogue.facts.get(name.split(".")[0])
        edges = {key for one in self.catalogue.facts.values() if one.rows == "person" for key in one.edge}
        if fact is None and name not in edges and name != "consent":
            self.faults.add(item.spot, f"没有事实 {name}", f"unknown fact {name}")
            return None
        if who and who not in {one.id for one in self.record.households} and not self._who(who, item):
            return None
        if not who and fact is not None and "household" not in fact.units:
            self.faults.add(item.spot, f"{name} 属于个人", f"{name} is a person's: write {name}@as")
            return None
        return name, who or None


def _label(target: Target) -> str:
    """`policy` or `policy@as`."""
    return target[0] if target[1] is None else f"{target[0]}@{target[1]}"


def _plain(value: Fraction | int | None) -> int | float | None:
    """A number for JSON."""
    return None if value is None else int(value) if Fraction(value).denominator == 1 else float(value)


def _shown(wanted: Expected) -> object:
    """An expected number for JSON."""
    if wanted.ends:
        return [_plain(wanted.lo), _plain(wanted.hi)]
    return {"at_least": _plain(wanted.lo), "at_most": _plain(wanted.hi)}


def _ends(got: tuple[Fraction | int, Fraction | int | None] | None) -> object:
    """A number that was found, for JSON."""
    return None if got is None else [_plain(got[0]), _plain(got[1])]
