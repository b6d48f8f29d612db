"""Random expressions of the rule language: every operator, read and call, of every kind, over the names that are in reach of a row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tests.random_facts import DAYS, FIELDS, NUMBERS, OWNERS, REGIONS, SUBJECTS, TEXT_VALUES, WORDS, YUAN, kind_of, units_of

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from tests.random_facts import Entries

T = TypeVar("T")


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
class Expressions:
    """Writes expressions over the names of one catalogue.

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
