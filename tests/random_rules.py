"""Random small catalogues and random records for them, from a seed: what the engine and the oracle must agree on.

`a_catalogue` writes YAML that the loader accepts (what it refuses is written anew); `a_record` tells a household for any
catalogue: unknown facts, lists that are not whole, people outside with and without consent, supporters of supporters,
stale and later statements, ties between sources. Literals and facts come from the same few values, so thresholds are met.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from matcher.catalogue import LAYERS
from matcher.errors import CatalogueError
from matcher.loader import load_catalogue
from matcher.records import Consent, Entry, Link, Record, Subject, Told

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matcher.catalogue import Catalogue, Fact
    from matcher.records import Value

    Entries = dict[str, dict[str, Any]]

T = TypeVar("T")
DAY = dt.date(2026, 2, 28)
"""The day of every random question; birthdays on 29 February fall on it."""
KNOWN_BY = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
REGIONS = ("37", "3701", "370102", "3702", "410000")
YUAN = ("0", "0.01", "1", "99.99", "100", "250.5", "1000", "12000")
NUMBERS = ("0", "0.5", "1", "2", "2.25", "3", "7")
WORDS = ("a", "b", "c", "d")
DAYS = (
    dt.date(1966, 2, 28), dt.date(2008, 2, 29), dt.date(2008, 3, 1), dt.date(2020, 2, 29), dt.date(2025, 2, 28),
    dt.date(2025, 12, 31), dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31),
)  # fmt: skip
TITLE = {"zh": "甲", "en": "a"}
TEXT_VALUES = {"residence": WORDS[:2], "job": WORDS[:3], "kind": WORDS[1:], "kin": WORDS[:3], "duty": WORDS[:2]}
FACTS: Entries = {
    "region": {"unit": "household", "type": "region"},
    "registered_in": {"unit": "household", "type": "region"},
    "event_in": {"unit": "household", "type": "region"},
    "residence": {"unit": "household", "type": "text", "values": list(WORDS[:2])},
    "savings": {"unit": "household", "type": "money", "min": 0, "needs_consent": True},
    "balance": {"unit": "household", "type": "money"},
    "rooms": {"unit": "household", "type": "int", "min": 0, "max": 7},
    "moved": {"unit": "household", "type": "date"},
    "flag": {"unit": ["household", "person"], "type": "yesno"},
    "born": {"unit": "person", "type": "date"},
    "wage": {"unit": "person", "type": "money", "min": 0, "good_for": "180 days", "needs_consent": True},
    "debt": {"unit": "person", "type": "money"},
    "grade": {"unit": "person", "type": "int", "min": 1, "max": 4},
    "score": {"unit": "person", "type": "number", "min": 0, "max": 7},
    "shift": {"unit": "person", "type": "number"},
    "ill": {"unit": "person", "type": "yesno", "good_for": "12 months", "for_good": [True]},
    "job": {"unit": "person", "type": "text", "values": list(WORDS[:3])},
    "note": {"unit": "person", "type": "text"},
    "studies_in": {"unit": "person", "type": "region"},
    "members": {"unit": "household", "type": "list", "rows": "person",
                "edge": {"kin": {"type": "text", "values": list(WORDS[:3])}, "counts": {"type": "yesno"}}},
    "supporters": {"unit": "person", "type": "list", "rows": "person",
                   "edge": {"duty": {"type": "text", "values": list(WORDS[:2])}, "gives": {"type": "money", "min": 0}}},
    "bills": {"unit": "person", "type": "list", "rows": {
        "billed": {"type": "date"}, "total": {"type": "money", "min": 0}, "excluded": {"type": "money"},
        "kind": {"type": "text", "values": list(WORDS[1:])}, "part": {"type": "number", "min": 0, "max": 1}, "urgent": {"type": "yesno"}}},
    "incomes": {"unit": ["household", "person"], "type": "list", "rows": {
        "earned": {"type": "money", "min": 0}, "times": {"type": "int", "min": 0, "max": 7}, "until": {"type": "date"},
        "place": {"type": "region"}}},
    "code": {"unit": "bills", "type": "text"},
}  # fmt: skip
SUBJECTS = {
    "household": "household",
    "person": "person",
    "members": "person",
    "supporters": "person",
    "parents": "person",
    "children": "person",
}
OWNERS = {"members": ["household"], "supporters": ["person"], "parents": ["person"], "children": ["person"], "bills": ["person"],
          "incomes": ["household", "person"], "awards": ["household", "person"], "recognitions": ["household", "person"]}  # fmt: skip
FIELDS: dict[str, dict[str, str]] = {
    "members": {"kin": "text", "counts": "yesno", "from": "date"}, "supporters": {"duty": "text", "gives": "money"},
    "bills": {"billed": "date", "total": "money", "excluded": "money", "kind": "text", "part": "number", "urgent": "yesno", "code": "text"},
    "incomes": {"earned": "money", "times": "number", "until": "date", "place": "region"},
    "awards": {"policy": "text", "paid_on": "date", "amount": "money", "until": "date", "cause": "text"},
    "recognitions": {"recognition": "text", "from": "date", "department": "text"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class At:
    """The row that an expression is written for: its unit, whose row it is (None: a dated entry), and the row one level up.

    own: surely the question's household or one of its members.
    """

    unit: str
    subject: str | None
    outer: At | None = None
    own: bool = False
    supporters: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """A term or a standard as it can be named."""

    id: str
    unit: str
    kind: str
    values: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    staged: bool = False


@dataclass(slots=True)
class Maker:
    """Writes one catalogue: every file is a function that writes it anew, plainer on request.

    holes: whether tables may leave out rows and have no `otherwise`.
    """

    rng: random.Random
    facts: Entries = field(default_factory=dict)
    standards: list[Name] = field(default_factory=list)
    terms: list[Name] = field(default_factory=list)
    policies: list[tuple[str, str, str | None]] = field(default_factory=list)
    needs: list[tuple[str, str]] = field(default_factory=list)
    reads_turns: bool = False
    used_turns: bool = False
    holes: bool = True

    # --- names ------------------------------------------------------------------------------------------------------
    def names(self, at: At, kind: str) -> list[str]:
        """Everything of a kind that a row, its household and the rows above it know by name."""
        found = [n for n, k in FIELDS.get(at.unit, {}).items() if k == kind and self.has_field(at.unit, n)]
        found += [n for n, f in self.facts.items() if at.subject in units_of(f) and kind_of(f) == kind]
        terms = [t for t in self.terms if t.kind == kind and t.unit in (at.unit, at.subject) and (self.reads_turns or not t.staged)]
        found += [t.id for t in terms if at.own or not t.staged]
        found += [t.id for t in terms if at.own or not t.staged]
        if at.subject != "household":
            found += [f"household.{n}" for n in self.names(At("household", "household", own=at.own), kind)]
        if at.outer is not None:
            found += [f"outer.{n}" for n in self.names(at.outer, kind)]
        return found

    def has_field(self, name: str, of: str) -> bool:
        """Whether the catalogue has the list (and a field that is declared on its own)."""
        return (name in self.facts or name in ("members", "supporters", "awards", "recognitions")) and (
            of != "code" or "code" in self.facts
        )

    def values_of(self, name: str) -> tuple[str, ...]:
        """The values of a text by its name."""
        last = name.rsplit(".", 1)[-1]
        return next((t.values for t in self.terms if t.id == last), TEXT_VALUES.get(last, ()))

    def lists(self, at: At) -> list[tuple[str, str, At]]:
        """(as written, name, row of its owner) of every list in reach."""
        names = [
            *(n for n in OWNERS if n in self.facts),
            *(n for n in ("members", "supporters", "awards", "recognitions") if n not in self.facts),
        ]
        names += ["parents", "children"] if at.own else []
        found = [(n, n, at) for n in names if at.subject in OWNERS[n] and (n != "supporters" or at.supporters < 2)]
        if at.subject != "household":
            house = At("household", "household", own=at.own)
            found += [(f"household.{w}", n, a) for w, n, a in self.lists(house)]
        if at.outer is not None:
            found += [(f"outer.{w}", n, a) for w, n, a in self.lists(at.outer)]
        return found

    def pick(self, options: Sequence[T]) -> T:
        return self.rng.choice(options)

    # --- expressions ------------------------------------------------------------------------------------------------
    def expression(self, at: At, kind: str, depth: int) -> str:
        """An expression of a kind for a row."""
        return str(getattr(self, f"a_{kind}")(at, depth))

    def a_yesno(self, at: At, depth: int) -> str:
        """yes/no."""
        names = self.names(at, "yesno")
        if depth <= 0:
            return self.pick(names) if names and self.rng.random() < 0.6 else self.simple_comparison(at)
        d, roll = depth - 1, self.rng.random()
        if roll < 0.24:
            return self.comparison(at, d)
        if roll < 0.34:
            return f"({self.a_yesno(at, d)} {self.pick(['and', 'or'])} {self.a_yesno(at, d)})"
        if roll < 0.41:
            return f"(not {self.a_yesno(at, d)})"
        if roll < 0.51:
            return self.among(at, d)
        if roll < 0.55 and self.names(at, "region"):
            return f"within({self.a_region(at, d)}, {self.a_region(at, d)})"
        if roll < 0.78:
            return self.flags(at, d)
        if roll < 0.92:
            return self.read_yesno(at)
        yesnos = [s for s in self.standards if s.kind == "yesno"]
        if roll < 0.96 and yesnos:
            return self.standard(self.pick(yesnos), at, d)
        return self.pick(names) if names else self.simple_comparison(at)

    def simple_comparison(self, at: At) -> str:
        """A name against a literal."""
        kind = self.pick(["number", "money", "date", "text"])
        names = self.names(at, kind)
        if not names:
            return self.pick(["as_of > date(2026, 2, 27)", "year(as_of) == 2026", "True"])
        name = self.pick(names)
        if kind == "text":
            return f"{name} {self.pick(['==', '!='])} '{self.pick(list(self.values_of(name) or WORDS))}'"
        return f"{name} {self.operator()} {self.literal(kind)}"

    def operator(self) -> str:
        return str(self.pick(["<", "<=", ">", ">=", "==", "!="]))

    def literal(self, kind: str) -> str:
        """A literal of a kind with an order."""
        day = self.pick(list(DAYS))
        options = {
            "number": self.pick(list(NUMBERS)),
            "money": f"yuan({self.pick(list(YUAN))})",
            "date": f"date({day.year}, {day.month}, {day.day})",
        }
        return options[kind]

    def comparison(self, at: At, d: int) -> str:
        """Two sides of one kind, or a chain."""
        kind = self.pick(["number", "money", "money", "date", "text", "region", "yesno"])
        if kind == "text":
            left, right = self.text(at, d), self.text(at, d)
            if left[1] and right[1] and not set(left[1]) & set(right[1]):
                right = (f"'{self.pick(list(left[1]))}'", ())
            return f"{left[0]} {self.pick(['==', '!='])} {right[0]}"
        first, second = self.expression(at, kind, d), self.expression(at, kind, d)
        if kind in ("region", "yesno"):
            return f"({first} {self.pick(['==', '!='])} {second})"
        if self.rng.random() < 0.25:
            return f"{first} {self.pick(['<', '<='])} {self.expression(at, kind, 0)} {self.pick(['<', '<='])} {second}"
        return f"{first} {self.operator()} {second}"

    def among(self, at: At, d: int) -> str:
        """in (…), not in, in standard.x."""
        text, values = self.text(at, d, literals=False)
        codes = [s for s in self.standards if s.kind == "codes"]
        how = self.pick(["in", "in", "not in"])
        if self.rng.random() < 0.35 or not text:
            names = self.names(at, "number")
            if names:
                chosen = self.rng.sample(NUMBERS, 2)
                return f"{self.pick(names)} {how} ({', '.join(chosen)})"
        if not text:
            return "True"
        if codes and self.rng.random() < 0.4:
            return f"{text} {how} {self.standard(self.pick(codes), at, d)}"
        chosen = self.rng.sample(values or WORDS, self.rng.randint(1, 2))
        return f"{text} {how} ({', '.join(repr(w) for w in chosen)}{',' if len(chosen) == 1 else ''})"

    def text(self, at: At, d: int, *, literals: bool = True) -> tuple[str, tuple[str, ...]]:
        """A text with its values."""
        names = self.names(at, "text")
        tables = [s for s in self.standards if s.kind == "text"]
        if tables and self.rng.random() < 0.1 and literals:
            return self.standard(self.pick(tables), at, d), ()
        if names and (not literals or self.rng.random() < 0.8):
            name = self.pick(names)
            return name, self.values_of(name)
        word = self.pick(list(WORDS))
        return (f"'{word}'", (word,)) if literals else ("", ())

    def a_text(self, at: At, depth: int) -> str:
        """A text, for terms."""
        return self.text(at, depth)[0]

    def a_region(self, at: At, depth: int) -> str:
        """A region."""
        names = [*self.names(at, "region"), "region", "county", "city", "province"]
        return f"'{self.pick(list(REGIONS))}'" if self.rng.random() < 0.25 else str(self.pick(names))

    def a_date(self, at: At, depth: int) -> str:
        """A date."""
        names, roll = [*self.names(at, "date"), "as_of"], self.rng.random()
        if depth <= 0 or roll < 0.4:
            return self.pick(names) if roll < 0.3 else self.literal("date")
        if roll < 0.6:
            length = self.pick(["years(1)", "years(18)", "months(1)", "months(13)", "days(30)", "days(1)"])
            return f"({self.a_date(at, depth - 1)} {self.pick(['+', '-'])} {length})"
        if roll < 0.7:
            return f"date({self.pick([2024, 2026])}, {self.whole(at)}, {self.pick([1, 28, 31])})"
        found = self.extreme(at, "date", depth - 1)
        return found or self.pick(names)

    def whole(self, at: At) -> str:
        """A whole number that may be unknown."""
        names = [n for n in self.names(at, "number") if n.endswith(("rooms", "grade", "times"))]
        return str(self.pick([*names, "2", "3"]))

    def a_number(self, at: At, depth: int) -> str:
        """A number."""
        names, roll = self.names(at, "number"), self.rng.random()
        if depth <= 0:
            return self.pick(names) if names and roll < 0.7 else self.pick(list(NUMBERS))
        d = depth - 1
        if roll < 0.15:
            return f"count({self.called(at, d, body=self.rng.random() < 0.6)})"
        if roll < 0.25:
            dates = self.names(at, "date")
            return f"{self.pick(['years_since', 'year', 'month'])}({self.pick(dates)})" if dates else self.a_number(at, 0)
        if roll < 0.32:
            return f"({self.a_money(at, d)} / {self.divisor_money(at, d)})"
        return self.arithmetic(at, "number", d)

    def a_money(self, at: At, depth: int) -> str:
        """Money."""
        names, roll = self.names(at, "money"), self.rng.random()
        if depth <= 0:
            return self.pick(names) if names and roll < 0.7 else f"yuan({self.pick(list(YUAN))})"
        if roll < 0.12:
            return self.read_money(at) or self.a_money(at, 0)
        return self.arithmetic(at, "money", depth - 1)

    def divisor_money(self, at: At, d: int) -> str:
        """Something surely not zero, in money."""
        tables = [s for s in self.standards if s.kind == "money"]
        if tables and self.rng.random() < 0.5:
            return self.standard(self.pick(tables), at, d)
        return "yuan(250.5)"

    def divisor(self, at: At, d: int) -> str:
        """Something surely not zero, a number."""
        tables, roll = [s for s in self.standards if s.kind == "number"], self.rng.random()
        if tables and roll < 0.3:
            return self.standard(self.pick(tables), at, d)
        return str(self.pick(["3", "0.3", "12"])) if roll < 0.5 else f"max(1, {self.a_number(at, d)})"

    def arithmetic(self, at: At, kind: str, d: int) -> str:
        """What numbers and money have in common."""

        def one() -> str:
            return self.expression(at, kind, d)

        roll = self.rng.random()
        if roll < 0.2:
            return f"({one()} {self.pick(['+', '-'])} {one()})"
        if roll < 0.32:
            return f"({self.a_number(at, d)} * {one()})"
        if roll < 0.42:
            return f"({one()} / {self.divisor(at, d)})"
        if roll < 0.55:
            return f"{self.pick(['min', 'max'])}({one()}, {one()}{', ' + one() if self.rng.random() < 0.2 else ''})"
        if roll < 0.62:
            step = self.pick(["0.5", "2"] if kind == "number" else ["yuan(100)", "yuan(0.3)"])
            tables = [s for s in self.standards if s.kind == kind]
            step = self.standard(self.pick(tables), at, d) if tables and self.rng.random() < 0.3 else step
            return f"{self.pick(['floor', 'ceil'])}({one()}, {step})"
        if roll < 0.66:
            return f"(-{one()})"
        if roll < 0.8:
            return self.total(at, kind, d) or one()
        if roll < 0.88:
            return self.extreme(at, kind, d) or one()
        tables = [s for s in self.standards if s.kind == kind]
        return self.standard(self.pick(tables), at, d) if tables else one()

    def standard(self, name: Name, at: At, d: int) -> str:
        """A standard with its keys."""
        if not name.keys:
            return f"standard.{name.id}"
        keys = []
        for key in name.keys:
            text, values = self.text(at, 0)
            fits = not values or set(values) & set(WORDS[:2])
            keys.append(self.whole(at) if key == "bands" else text if fits or key == "text" else "'a'")
        return f"standard.{name.id}({', '.join(keys)})"

    # --- lists ------------------------------------------------------------------------------------------------------
    def called(self, at: At, d: int, *, body: str | bool, more: str = "") -> str:
        """`list, body, where=…` with a body of a kind, a yes/no one for True, or none."""
        written, name, owner = self.pick(self.lists(at) or [("household.awards", "awards", at)])
        near = owner.supporters + 1 if name == "supporters" else owner.supporters
        inside = At(name, SUBJECTS.get(name), at, own=name == "members" and owner.own, supporters=near)
        kind = "yesno" if body is True else body
        parts = [written, *([self.expression(inside, kind, min(d, 2))] if kind else [])]
        if self.rng.random() < 0.4:
            parts.append(f"where={self.a_yesno(inside, min(d, 1))}")
        return ", ".join(parts) + more

    def flags(self, at: At, d: int) -> str:
        """any or all."""
        if not self.lists(at):
            return self.simple_comparison(at)
        return f"{self.pick(['any', 'all'])}({self.called(at, d, body=True)})"

    def total(self, at: At, kind: str, d: int) -> str:
        """A sum."""
        return f"sum({self.called(at, d, body=kind)})" if self.lists(at) else ""

    def extreme(self, at: At, kind: str, d: int) -> str:
        """min or max of a list."""
        if not self.lists(at):
            return ""
        return f"{self.pick(['min', 'max'])}({self.called(at, d, body=kind, more=f', none={self.expression(at, kind, 0)}')})"

    # --- reads ------------------------------------------------------------------------------------------------------
    def place_to_read(self, at: At) -> tuple[str, At] | None:
        """A row with a household or person behind it, and the way there."""
        if at.subject is not None:
            if at.subject == "person" and self.rng.random() < 0.2:
                return "household.", At("household", "household", own=at.own)
            return "", at
        if at.outer is not None:
            found = self.place_to_read(at.outer)
            return None if found is None else (f"outer.{found[0]}", found[1])
        return None

    def read_yesno(self, at: At) -> str:
        """recognised, receives, eligible."""
        found = self.place_to_read(at)
        policies = [p for p in self.policies if found and (p[1] == "household" or found[1].subject == "person")]
        if not found or not policies:
            return self.simple_comparison(at)
        id_, _, recognition = self.pick(policies)
        read = self.pick(["recognised", "receives", *(["eligible"] if found[1].own else [])])
        target = recognition if recognition and read != "eligible" and self.rng.random() < 0.5 else id_
        return f"{found[0]}{read}.{target}"

    def read_money(self, at: At) -> str:
        """paid, granted, left."""
        found = self.place_to_read(at)
        if not found:
            return ""
        options = [f"paid.{p[0]}" for p in self.policies]
        if self.reads_turns and found[1].own:
            turns = [f"granted.{p[0]}" for p in self.policies] + [f"left.{n}" for n, kind in self.needs if kind == "money"] * 2
            if turns and self.rng.random() < 0.7:
                self.used_turns = True
                options = turns
        return f"{found[0]}{self.pick(options)}" if options else ""

    # --- entries ----------------------------------------------------------------------------------------------------
    def a_standard(self, id_: str, *, plain: bool) -> dict[str, Any]:
        """A standard with keys, holes, two regions, dates."""
        kind = self.pick(["money", "money", "number", "yesno", "text", "codes"])
        shapes = {"none": [], "text": ["text"], "values": ["values"], "bands": ["bands"], "two": ["bands", "values"]}
        keys = [] if plain else shapes[self.pick(list(shapes))]
        shown = {"text": "text", "values": list(WORDS[:2]), "bands": "bands"}
        values = []
        for region, from_ in self.rng.sample(
            [
                ("37", dt.date(2024, 1, 1)),
                ("3701", dt.date(2025, 1, 1)),
                ("3701", dt.date(2027, 1, 1)),
                (None, dt.date(2020, 1, 1)),
                ("37", dt.date(2026, 2, 28)),
            ],
            self.rng.randint(1, 3),
        ):
            value: dict[str, Any] = {"from": from_, "document": "d", "mark": "text"}
            value |= {"region": region} if region else {}
            value |= {"until": dt.date(2025, 6, 30)} if self.rng.random() < 0.2 else {}
            value["rows" if keys else "is"] = self.rows(kind, keys)
            if keys and (self.rng.random() < 0.4 or not self.holes):
                value["otherwise"] = self.answer(kind)
            values.append(value)
        self.standards.append(Name(id_, "", kind, keys=tuple(keys)))
        entry = {"id": id_, "title": TITLE, "type": kind, "values": values}
        return entry | ({"keys": {f"k{i}": shown[k] for i, k in enumerate(keys)}} if keys else {})

    def rows(self, kind: str, keys: list[str]) -> Any:
        """Rows nested by key, some missing."""
        if not keys:
            return self.answer(kind)
        cells = {"bands": ["0-1", "2", "3-4", "6+"], "text": list(WORDS[:3]), "values": list(WORDS[:2])}[keys[0]]
        chosen = sorted(self.rng.sample(cells, self.rng.randint(1, len(cells))))
        return {c: self.rows(kind, keys[1:]) for c in chosen}

    def answer(self, kind: str) -> Any:
        """One cell's value."""
        if kind == "yesno":
            return self.rng.random() < 0.5
        if kind == "codes":
            return self.rng.sample(WORDS, 2)
        if kind == "text":
            return self.pick(list(WORDS))
        return float(self.pick(list(YUAN if kind == "money" else NUMBERS)))

    def a_term(self, id_: str, *, plain: bool) -> list[dict[str, Any]]:
        """A term: one expression or tiers, everywhere or by region."""
        units = ["household", "person", *(n for n in ("members", "supporters", "bills", "incomes") if n in self.facts)]
        weights = [3, 3, *(1 for _ in units[2:])]
        unit, kind = self.rng.choices(units, weights)[0], self.pick(["yesno", "number", "money", "money", "text", "date", "region"])
        values = tuple(self.rng.sample(WORDS, 3)) if kind == "text" else ()
        self.reads_turns, self.used_turns = unit in ("household", "person") and kind in ("money", "yesno", "number") and not plain, False
        own = self.reads_turns and self.rng.random() < 0.3
        self.reads_turns = own
        at = At(unit, SUBJECTS.get(unit), own=own)
        versions = []
        spots: list[dict[str, Any]] = [{}]
        if self.rng.random() < 0.25 and not plain:
            places: list[dict[str, Any]] = [
                {"region": "37"},
                {"region": "3701", "in_force": {"from": dt.date(2025, 1, 1)}},
                {"in_force": {"from": dt.date(2026, 2, 28)}},
            ]
            spots = places[: self.rng.randint(1, 3)]
        staged = False
        for spot in spots:
            entry = {"id": id_, "title": TITLE, "unit": unit, "type": kind} | ({"values": list(values)} if values else {}) | spot
            versions.append(entry | self.content(at, kind, values, plain=plain))
            staged = staged or self.used_turns
        self.terms.append(Name(id_, unit, kind, values, staged=staged or own))
        self.reads_turns = False
        return versions

    def content(self, at: At, kind: str, values: tuple[str, ...], *, plain: bool) -> dict[str, Any]:
        """`is` or `tiers`."""

        def result() -> Any:
            return self.pick(list(values)) if values else self.expression(at, kind, 1)

        if plain:
            return {"tiers": [{"otherwise": values[0]}]} if values else {"is": self.expression(at, kind, 0)}
        if not values and self.rng.random() < 0.65:
            return {"is": self.expression(at, kind, 3)}
        tiers: list[dict[str, Any]] = [{"when": self.a_yesno(at, 2), "is": result()} for _ in range(self.rng.randint(1, 3))]
        if self.rng.random() < 0.1:
            tiers[-1]["is"] = None
        return {"tiers": [*tiers, *([{"otherwise": result()}] if self.rng.random() < 0.7 else [])]}

    def a_need(self, id_: str, *, plain: bool) -> dict[str, Any]:
        """A need of a household or a person."""
        unit = self.pick(["household", "person"])
        kind = "hours" if self.rng.random() < 0.2 else "money"
        at = At(unit, unit, own=True)
        amount = ("yuan(1000)" if kind == "money" else "4") if plain else self.expression(at, "number" if kind == "hours" else "money", 2)
        if kind == "hours" and not plain:
            amount = f"min(20, {amount})"
        entry = {"id": id_, "title": TITLE, "unit": unit, "kind": kind, "window": self.pick(["past_12", "next_12"]), "amount": amount}
        self.needs.append((id_, kind))
        return entry | ({"when": self.a_yesno(at, 1)} if self.rng.random() < 0.3 and not plain else {})

    def group(self, at: At, depth: int, made: list[int], *, plain: bool) -> dict[str, Any]:
        """all, any, not over clauses and groups."""
        op = self.pick(["all", "all", "any", "not"]) if not plain else "all"
        parts: list[Any] = []
        for _ in range(1 if op == "not" or plain else self.rng.randint(1, 3)):
            if depth and self.rng.random() < 0.3 and not plain:
                parts.append(self.group(at, depth - 1, made, plain=plain))
                continue
            made.append(1)
            when = "True" if plain else self.a_yesno(at, self.rng.randint(1, 3))
            parts.append({"id": f"c{len(made)}", "says": TITLE, "when": when})
        return {op: parts[0] if op == "not" else parts}

    def a_policy(self, id_: str, layer: str, *, plain: bool) -> list[dict[str, Any]]:
        """A policy: conditions, relations, a benefit; sometimes by region."""
        unit = self.pick(["household", "person"])
        at = At(unit, unit, own=True)
        self.reads_turns = True
        recognition = self.pick([None, None, f"r{id_[1:]}"])
        head: dict[str, Any] = {
            "id": id_, "title": TITLE, "layer": layer, "department": self.pick(["one", "two"]), "unit": unit,
            "place": self.pick(["registered", "living", "event"]), "source": {"document": "d", "mark": "text"},
        }  # fmt: skip
        if recognition:
            head["grants"] = {"recognition": recognition}
        others = [p[0] for p in self.policies]
        if others and not plain:
            for key in ("precludes", "choose_one", "tops_up"):
                if self.rng.random() < 0.25:
                    head[key] = [self.pick(others)]
        spots: list[dict[str, Any]] = [{}]
        if self.rng.random() < 0.25 and not plain:
            places: list[dict[str, Any]] = [{"region": ["37"]}, {"region": ["3701", "3702"]}, {"in_force": {"from": dt.date(2026, 2, 28)}}]
            spots = places[: self.rng.randint(1, 3)]
        versions = []
        for spot in spots:
            version = head | spot | {"requires": self.group(at, 2, [], plain=plain)}
            if self.rng.random() < 0.9:
                version["benefit"] = self.a_benefit(at, plain=plain)
            versions.append(version)
        for version in versions:  # what an item is stays the same everywhere
            if "benefit" in version and "benefit" in versions[0] and version is not versions[0]:
                for key in ("kind", "pays", "per", "covers", "months", "shared"):
                    version["benefit"].pop(key, None)
                    version["benefit"] |= {key: versions[0]["benefit"][key]} if key in versions[0]["benefit"] else {}
                if "hours" in versions[0]["benefit"] or "hours" in version["benefit"]:
                    version["benefit"] = versions[0]["benefit"]
            elif version is not versions[0]:
                version.pop("benefit", None)
                version |= {"benefit": versions[0]["benefit"]} if "benefit" in versions[0] else {}
        self.policies.append((id_, unit, recognition))
        self.reads_turns = False
        return versions

    def a_benefit(self, at: At, *, plain: bool) -> dict[str, Any]:
        """What an item pays."""

        def money(depth: int = 2) -> str:
            if self.rng.random() < 0.3:
                return f"yuan({self.pick(list(YUAN))})"
            return self.expression(at, "money", depth)

        pays = self.pick(["entitlement", "reimbursement", "discretionary"])
        hours = [n for n, k in self.needs if k == "hours"]
        if self.rng.random() < 0.12 and not plain:
            covers = self.rng.sample(hours, 1) if hours else []
            return {"kind": "service", "pays": pays, "certainty": "exact", "per": "once", "covers": covers, "hours": self.a_number(at, 1)}
        found = [n for n, k in self.needs if k == "money"]
        benefit: dict[str, Any] = {
            "kind": self.pick(["cash", "cash", "fee_waiver", "in_kind"]), "pays": pays, "per": self.pick(["month", "year", "once"]),
            "covers": self.rng.sample(found, self.rng.randint(0, min(3, len(found)))), "certainty": "exact",
        }  # fmt: skip
        if self.rng.random() < 0.7 or plain:
            benefit["amount"] = "yuan(100)" if plain else money()
        else:
            benefit["certainty"] = "range"
            for key in self.rng.sample(["at_least", "at_most"], self.rng.randint(1, 2)):
                benefit[key] = money(1) if key == "at_most" else f"yuan({self.pick(list(YUAN))})"
        if self.rng.random() < 0.25 and not plain:
            benefit["cap"] = money(1)
        if at.unit == "household" and self.rng.random() < 0.3 and not plain:
            benefit["shared"] = self.a_yesno(At("person", "person"), 1)
        if benefit["per"] == "month" and self.rng.random() < 0.3:
            benefit["months"] = self.pick([3, 12, 24])
        return benefit


def units_of(fact: Mapping[str, Any]) -> list[str]:
    """The units of an entry of facts.yaml."""
    unit = fact["unit"]
    return [] if fact["type"] == "list" else [unit] if isinstance(unit, str) else list(unit)


def kind_of(fact: Mapping[str, Any]) -> str:
    """The kind of an entry of facts.yaml."""
    return "number" if fact["type"] == "int" else str(fact["type"])


def written(content: object) -> str:
    """YAML."""
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100_000))


def files_of(rng: random.Random, *, holes: bool = True) -> tuple[dict[str, str], dict[str, Callable[[bool], str]]]:
    """The files of a catalogue, and how to write one of them anew (plainer for True)."""
    facts = {n: dict(f) for n, f in FACTS.items() if n in ("members", "born", "wage", "region") or rng.random() < 0.75}
    if "bills" not in facts:
        facts.pop("code", None)
    for fact in facts.values():
        if fact["type"] in ("money", "int", "number") and rng.random() < 0.2:
            fact.pop("min", None)
    maker = Maker(rng, facts, holes=holes)
    labelled = {n: f | {"label": TITLE} for n, f in facts.items()}
    files = {"facts.yaml": written(labelled | {"sources": ["register", "visit"]})}
    again: dict[str, Callable[[bool], str]] = {}

    def needs(*, plain: bool) -> list[dict[str, Any]]:
        return [maker.a_need(f"n{i}", plain=plain) for i in range(3)]

    def add(name: str, kind: list[Any], write: Callable[..., Any]) -> None:
        place = len(kind)
        files[name] = written(write(plain=False))

        def anew(plain: bool) -> str:
            later, kind[place:] = kind[place + 1 :], []
            text = written(write(plain=plain))
            kind.extend(later)
            return text

        again[name] = anew

    for i in range(rng.randint(1, 4)):
        add(f"standards/s{i}.yaml", maker.standards, partial(maker.a_standard, f"s{i}"))
    for i in range(rng.randint(1, 4)):
        add(f"terms/t{i}.yaml", maker.terms, partial(maker.a_term, f"t{i}"))
    add("needs.yaml", maker.needs, needs)
    layers = sorted((rng.choice(LAYERS) for _ in range(rng.randint(3, 8))), key=LAYERS.index)
    letters = rng.sample("abcdefgh", len(layers))
    for i, (layer, letter) in enumerate(zip(layers, letters, strict=True)):
        add(f"policies/p{i}.yaml", maker.policies, partial(maker.a_policy, f"p{letter}", layer))
        if rng.random() < 0.4:
            add(f"terms/u{i}.yaml", maker.terms, partial(maker.a_term, f"u{i}"))
    return files, again


def a_catalogue(rng: random.Random, folder: Path, *, holes: bool = True) -> Catalogue:
    """A random catalogue, written to the folder; what the loader refuses is written anew."""
    files, again = files_of(rng, holes=holes)
    last: Exception | None = None
    for attempt in range(40):
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            return load_catalogue(folder)
        except CatalogueError as error:
            refused, last = sorted({fault.file for fault in error.faults}), error
        except IndexError:
            refused = [name for name in files if name.startswith("policies")]
        for name in refused:
            files[name] = again[name](attempt >= 4)
    raise AssertionError("no catalogue after 40 tries") from last


# --- records ----------------------------------------------------------------------------------------------------------
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
