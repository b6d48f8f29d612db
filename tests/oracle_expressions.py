"""Expressions of the rule language on one row, in one world. What `recognised.x` and its like mean is left to the world."""

from __future__ import annotations

import datetime as dt
import math
from abc import ABC, abstractmethod
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from matcher.catalogue import Band
from matcher.language import (
    Among,
    And,
    Arith,
    AsOf,
    Compare,
    FactRef,
    Func,
    Known,
    ListCall,
    Node,
    Not,
    NotFixed,
    Or,
    Place,
    Read,
    Shift,
    StandardRef,
    TermRef,
    Tiers,
)
from tests.oracle_file import Row, sum_of
from tests.oracle_rules import Rules, parts
from tests.oracle_values import (
    NUMBERS,
    OPEN,
    Interval,
    add,
    between,
    compare,
    decided,
    divide,
    every,
    greatest,
    high,
    hull,
    least,
    low,
    made_date,
    multiply,
    negate,
    point,
    shifted,
    some,
    stepped,
    subtract,
    unknown,
    with_zero,
    years_between,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from matcher.catalogue import Cell, TermVersion
    from matcher.language import Kind
    from tests.oracle_values import Value

    Item = tuple[str, str]


T = TypeVar("T")
LEVELS = {"county": 6, "city": 4, "province": 2}
MISSING = object()
ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {"+": add, "-": subtract, "*": multiply, "/": divide}


class Scene(NamedTuple):
    """From where something is read: the reader's turn in the legal order, and the place of its question."""

    turn: int
    place: str


class Expressions(ABC):
    """Evaluates nodes; remembers terms."""

    def __init__(self, rules: Rules, terms: Mapping[str, object], *, confirmed: bool, left_out: frozenset[Item] = frozenset()) -> None:
        self.rules, self.file, self.catalogue, self.as_of = rules, rules.file, rules.catalogue, rules.as_of
        self.fixed, self.confirmed, self.left_out = terms, confirmed, left_out
        self.memo: dict[tuple[object, ...], object] = {}
        self.needs_scene = Scene(0, rules.place("registered"))

    def once(self, key: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Compute something the first time only; a circle is an error of the catalogue."""
        if key not in self.memo:
            self.memo[key] = MISSING
            try:
                self.memo[key] = compute()
            except BaseException:
                del self.memo[key]
                raise
        if self.memo[key] is MISSING:
            raise RecursionError(f"a circle through {key[:3]}")
        return cast("T", self.memo[key])

    @abstractmethod
    def read(self, node: Read, row: Row, scene: Scene) -> Value:
        """recognised receives eligible paid granted left, on a household's or a person's row."""

    @abstractmethod
    def inner_read(self, node: Read, row: Row, scene: Scene) -> Iterator[tuple[Node, Row, Scene]]:
        """The expressions that a read rests on."""

    # --- expressions ------------------------------------------------------------------------------------------------

    def value(self, node: Node, row: Row, scene: Scene) -> Value:
        """The value of an expression on a row."""
        match node:
            case Known(kind, value):
                return known(kind, value)
            case NotFixed(kind):
                return unknown(kind)
            case FactRef():
                return self.file.fact(self.file.at(row, node.path), node)
            case TermRef():
                return self.term(node, row, scene)
            case AsOf():
                return self.as_of
            case Place():
                return place_at(scene.place, node.level)
            case StandardRef():
                return self.standard(node, row, scene)
            case Read():
                return self.read(node, self.file.at(row, node.path), scene)
            case Not():
                return negate(self.truth(node.of, row, scene))
            case And():
                return every(self.truth(one, row, scene) for one in node.of)
            case Or():
                return some(self.truth(one, row, scene) for one in node.of)
            case Compare():
                return compare(node.op, self.value(node.left, row, scene), self.value(node.right, row, scene))
            case Among():
                return self.among(node, row, scene)
            case Arith():
                return ARITHMETIC[node.op](self.number(node.left, row, scene), self.number(node.right, row, scene))
            case Shift():
                day = self.value(node.of, row, scene)
                moved = {"years": node.years, "months": node.months, "days": node.days}
                return shifted(day, **moved) if isinstance(day, dt.date) else None
            case Func():
                return self.call(node, [self.value(one, row, scene) for one in node.args])
            case ListCall():
                return self.list_call(node, row, scene)
            case Tiers():
                return hull(node.kind, [self.value(one, row, scene) for one in self.possible(node, row, scene)])
        raise TypeError(type(node).__name__)

    def truth(self, node: Node, row: Row, scene: Scene) -> bool | None:
        """The value of a yes/no expression."""
        value = self.value(node, row, scene)
        assert value is None or isinstance(value, bool), node
        return value

    def number(self, node: Node, row: Row, scene: Scene) -> Interval:
        """The value of a number or money expression."""
        value = self.value(node, row, scene)
        assert isinstance(value, Interval), node
        return value

    def term(self, ref: TermRef, row: Row, scene: Scene) -> Value:
        """A term on the row it is defined for; set by hand in a case, or by its version for the place."""
        at = self.file.at(row, ref.path).as_unit(ref.unit)
        term = self.catalogue.terms[ref.name]
        by_hand = self.by_hand(ref, at)
        if by_hand is not MISSING:
            told = unknown(term.kind) if by_hand is None else known(term.kind, by_hand)
        else:
            version = self.rules.term(ref.name, scene.place)
            seen_from = scene if self.moves(ref.name, scene.place) else Scene(0, scene.place)
            told = self.once(
                ("term", ref.name, at, seen_from),
                lambda: unknown(term.kind) if version is None else self.value(version.expression.node, at, seen_from),
            )
        return frozenset(term.values) if told is None and term.kind == "text" and term.values else told

    def by_hand(self, ref: TermRef, at: Row) -> object:
        """What a case sets a term to, on this subject or everywhere."""
        own = self.file.subject(at).terms if at.unit in ("household", "person") else {}
        return own[ref.name] if ref.name in own else self.fixed.get(ref.name, MISSING)

    def moves(self, term: str, place: str) -> bool:
        """Whether a term reads what is left or granted, so that it depends on the reader's turn."""

        def reads() -> bool:
            version = self.rules.term(term, place)
            read = self.rules.reads([version.expression.node], place) if version else set()
            return any(kind in ("left", "granted") for kind, _ in read)

        return self.once(("moves", term, place), reads)

    def among(self, node: Among, row: Row, scene: Scene) -> bool | None:
        """`in`: yes or no where all possible values agree."""
        value = self.value(node.of, row, scene)
        if node.codes:
            codes = self.codes(node.codes, row, scene)
            if not isinstance(value, frozenset) or not codes:
                return None
            return agreed(one in listed for one in value for listed in codes)
        if isinstance(value, frozenset):
            literals = {literal.value for literal in node.literals}
            return agreed(one in literals for one in value)
        return some(compare("==", value, known(literal.kind, literal.value)) for literal in node.literals)

    def call(self, node: Func, args: list[Value]) -> Value:
        """The functions that take no list."""
        first = args[0]
        if node.name in ("years_since", "year", "month"):
            if not isinstance(first, dt.date):
                return OPEN
            return point({"years_since": years_between(first, self.as_of), "year": first.year, "month": first.month}[node.name])
        if node.name == "within":
            return first.startswith(args[1]) if isinstance(first, str) and isinstance(args[1], str) else None
        numbers = [one for one in args if isinstance(one, Interval)]
        if node.name == "date":
            return made_date(*numbers)
        if node.name in ("min", "max"):
            return least(numbers) if node.name == "min" else greatest(numbers)
        return stepped(numbers[0], numbers[1], math.floor if node.name == "floor" else math.ceil)

    def possible(self, node: Tiers, row: Row, scene: Scene) -> Iterator[Node]:
        """The results of tiers that can still be the first to hold."""
        for when, result in node.cases:
            holds = self.truth(when, row, scene)
            if holds is not False:
                yield result
            if holds:
                return
        yield NotFixed(node.kind) if node.otherwise is None else node.otherwise

    # --- standards --------------------------------------------------------------------------------------------------

    def standard(self, ref: StandardRef, row: Row, scene: Scene) -> Value:
        """A standard at the place: the hull of all rows that the keys may mean."""
        found = self.answers(ref, row, scene)
        return hull(ref.kind, [known(ref.kind, one) for one in found])

    def codes(self, ref: StandardRef, row: Row, scene: Scene) -> list[tuple[str, ...]]:
        """The code lists that a standard may mean."""
        return [one for one in self.answers(ref, row, scene) if isinstance(one, tuple)]

    def answers(self, ref: StandardRef, row: Row, scene: Scene) -> list[object]:
        """All answers that a standard may give; none where it has no value or no row."""
        found = self.rules.standard(self.catalogue.standards[ref.name], scene.place)
        if found is None:
            return []
        columns = [[cells[place] for cells, _ in found.rows] for place in range(len(ref.keys))]
        keys = [candidates(self.value(key, row, scene), column) for key, column in zip(ref.keys, columns, strict=True)]
        last = found.otherwise if found.has_otherwise else None
        looked_up = [
            next((answer for cells, answer in found.rows if all(map(fits, cells, combination))), last) for combination in product(*keys)
        ]
        return [one for one in looked_up if one is not None]

    # --- lists ------------------------------------------------------------------------------------------------------

    def list_call(self, node: ListCall, row: Row, scene: Scene) -> Value:
        """any all count sum min max over the entries that are, or may be, in."""
        rows, whole = self.file.entries(row, node.of)
        inside = [(one, True if node.where is None else self.truth(node.where, one, scene)) for one in rows]
        inside = [(one, sure) for one, sure in inside if sure is not False]
        if node.call in ("any", "all", "count"):
            body = node.body
            passes = [(sure, True if body is None else self.truth(body, one, scene)) for one, sure in inside]
            if node.call == "any":
                return some([*(every(one) for one in passes), False if whole else None])
            if node.call == "all":
                return every([*(some([negate(sure), good]) for sure, good in passes), True if whole else None])
            counts = [every(one) for one in passes]
            return between(Fraction(counts.count(True)), Fraction(len(counts) - counts.count(False)) if whole else math.inf)
        assert node.body is not None
        values = [(sure, self.value(node.body, one, scene)) for one, sure in inside]
        if node.call == "sum":
            total = sum_of([one if sure else with_zero(one) for sure, one in values if isinstance(one, Interval)])
            return total if whole else add(total, self.unseen(node.body))
        if not whole or not all(sure and decided(one) for sure, one in values):
            return unknown(node.kind)
        if not values:
            assert node.none is not None
            return self.value(node.none, row, scene)
        known_ends = [one for _, one in values]
        if node.kind in NUMBERS:
            return (least if node.call == "min" else greatest)(cast("list[Interval]", known_ends))
        return (min if node.call == "min" else max)(cast("list[dt.date]", known_ends))

    def unseen(self, body: Node) -> Interval:
        """What entries that nobody has seen can add: nothing negative if the body never is."""
        lowest = self.bounds(body).lo
        return Interval(Fraction(0), None) if lowest is not None and lowest >= 0 else OPEN

    def bounds(self, node: Node) -> Interval:
        """Where a number lies whatever the facts are, as far as the rules alone tell."""
        match node:
            case Known(value=Fraction() as value):
                return point(value)
            case FactRef():
                declared = self.file.declared(node)
                return Interval(declared.low, declared.high) if declared else OPEN
            case TermRef(name=name):
                versions = [one for one in self.catalogue.terms[name].versions if in_force(one, self.as_of)]
                everywhere = len(versions) == 1 and "" in versions[0].regions
                return self.once(("bounds", name), lambda: self.bounds(versions[0].expression.node)) if everywhere else OPEN
            case StandardRef(name=name):
                values = self.catalogue.standards[name].values
                answers = [one for value in values for one in (*(answer for _, answer in value.rows), value.otherwise) if one is not None]
                return cast("Interval", hull(node.kind, [known(node.kind, one) for one in answers]))
            case Arith():
                return ARITHMETIC[node.op](self.bounds(node.left), self.bounds(node.right))
            case Func(name="min" | "max"):
                return (least if node.name == "min" else greatest)(self.bounds(one) for one in node.args)
            case Func(name="floor" | "ceil"):
                return stepped(self.bounds(node.args[0]), self.bounds(node.args[1]), math.floor if node.name == "floor" else math.ceil)
            case Tiers():
                results = [self.bounds(result) for _, result in node.cases]
                return cast("Interval", hull(node.kind, [*results, OPEN if node.otherwise is None else self.bounds(node.otherwise)]))
            case Read(read="paid" | "granted" | "left") | ListCall(call="count"):
                return Interval(Fraction(0), None)
            case ListCall(call="sum") if node.body is not None:
                return self.unseen(node.body)
        return OPEN

    # --- what lies behind a value -----------------------------------------------------------------------------------

    def behind(self, node: Node, row: Row, scene: Scene, seen: set[object], *, undecided: bool) -> Iterator[tuple[Node, Row]]:
        """All facts, lists and reads that an expression rests on, through terms, entries, items and needs.

        With `undecided`, only those on a path of undecided values.
        """
        key = (id(node), row, scene)
        if key in seen or (undecided and decided(self.value(node, row, scene))):
            return
        seen.add(key)
        if isinstance(node, FactRef | Read | ListCall):
            yield node, row
        for inner, at, from_where in self.inner(node, row, scene):
            yield from self.behind(inner, at, from_where, seen, undecided=undecided)

    def inner(self, node: Node, row: Row, scene: Scene) -> Iterator[tuple[Node, Row, Scene]]:
        """The expressions directly below one."""
        if isinstance(node, TermRef):
            at = self.file.at(row, node.path).as_unit(node.unit)
            version = self.rules.term(node.name, scene.place)
            if version and self.by_hand(node, at) is MISSING:
                yield version.expression.node, at, scene
        elif isinstance(node, Read):
            yield from self.inner_read(node, self.file.at(row, node.path), scene)
        elif isinstance(node, ListCall):
            for entry in self.file.entries(row, node.of)[0]:
                inside = True if node.where is None else self.truth(node.where, entry, scene)
                yield from ((one, entry, scene) for one in (node.where, node.body if inside is not False else None) if one)
            if node.none:
                yield node.none, row, scene
        elif isinstance(node, Tiers):
            for when, result in node.cases:
                holds = self.truth(when, row, scene)
                yield from ((one, row, scene) for one in (when, result if holds is not False else None) if one)
                if holds:
                    return
            yield from ((one, row, scene) for one in (node.otherwise,) if one)
        else:
            yield from ((one, row, scene) for one in parts(node))


def in_force(version: TermVersion, day: dt.date) -> bool:
    """Whether a version holds on a day somewhere."""
    return (version.from_ or day) <= day <= (version.until or day)


def known(kind: Kind, value: object) -> Value:
    """A plain value as a value of the language."""
    if kind in NUMBERS:
        assert isinstance(value, int | Fraction), value
        return point(value)
    if kind == "text":
        return frozenset({str(value)})
    assert isinstance(value, bool | str | dt.date), value
    return value


def agreed(answers: Iterable[bool]) -> bool | None:
    """The common answer, None where they differ."""
    seen = set(answers)
    return seen.pop() if len(seen) == 1 else None


def place_at(code: str, level: str) -> str | None:
    """A region code, or its county, city or province."""
    length = LEVELS.get(level, len(code))
    return code[:length] if code and len(code) >= length else None


def candidates(key: Value, column: list[Cell]) -> list[Fraction | str | None]:
    """Enough possible values of a key to meet every row of a column, and the gaps between them (at whole numbers)."""
    if isinstance(key, frozenset):
        return [*sorted(key)]
    if not isinstance(key, Interval):
        return [*sorted({cell for cell in column if isinstance(cell, str)}), None]
    if key.known:
        return [key.lo]
    ends = [end for cell in column if isinstance(cell, Band) for end in (cell.low, cell.high) if end is not None]
    ends += [Fraction(rounded(end)) for end, rounded in ((key.lo, math.ceil), (key.hi, math.floor)) if end is not None]
    near = {end + step for end in ends for step in (-1, 0, 1) if low(key) <= end + step <= high(key)}
    return [*sorted(near)] or [end for end in key if end is not None] or [None]


def fits(cell: Cell, key: Fraction | str | None) -> bool:
    """Whether a key's value lies in a cell of a standard."""
    if isinstance(cell, Band):
        return isinstance(key, Fraction) and cell.low <= key and (cell.high is None or key <= cell.high)
    return cell == key
