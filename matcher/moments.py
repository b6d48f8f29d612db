"""The days on which the effect of a date can change.

In: a catalogue, read once. Out: for a date that is known, the days between which it makes no difference where exactly it lies, so
that one day of each stretch stands for all; and moving days by months. Source: design section 7.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from matcher.catalogue import Band
from matcher.language import Among, Arith, AsOf, Compare, FactRef, Func, Known, ListCall, Node, Shift, StandardRef, TermRef, Tiers
from matcher.reads import benefit_expressions, need_expressions, parts, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matcher.catalogue import Catalogue, Standard
    from matcher.variants import Cell, Key

OLDEST = 130
"""Years that are looked back for a birthday where any age could matter."""
SOME_YEARS = range(1880, 2201)
Move = tuple[int, int]
"""Months and days that a date is moved by inside an expression."""


@dataclass(frozen=True, slots=True)
class Root:
    """What a date in an expression starts from, and how it is moved from there."""

    kind: str
    what: Any
    months: int = 0
    days: int = 0


class Moments:
    """Where the effect of a date can change, read off the expressions of a catalogue once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.beside: dict[Key, set[tuple[Move, Root]]] = defaultdict(set)
        self.parts: dict[Key, set[tuple[Move, str]]] = defaultdict(set)
        nodes = list(_all_nodes(catalogue))
        self.ages = self._ages(nodes)
        for node in nodes:
            self._note(node)

    def starts(self, cell: Cell, as_of: dt.date, others: Mapping[Key, Sequence[dt.date]]) -> list[dt.date]:
        """Sorted days; between two of them the date's own value makes no difference. `others`: known dates by fact."""
        found: set[dt.date] = set()
        for (months, days), root in self.beside[cell.key]:
            for day in self._values(root, as_of, others):
                moved = shifted(shifted(day, root.months, root.days), 0, -days)
                around = range(2) if months == 0 else range(-4, 6)
                found.update(shifted(shifted(moved, -months, 0), 0, n) for n in around)
        for (months, days), part in self.parts[cell.key]:
            for day in self._steps(part, as_of):
                around = range(1) if months == 0 else range(-4, 5)
                found.update(shifted(shifted(shifted(day, 0, -days), -months, 0), 0, n) for n in around)
        return sorted(d for d in found if d.year in SOME_YEARS)

    def _steps(self, part: str, as_of: dt.date) -> list[dt.date]:
        """The days on which the years since a date, its year or its month begin to be others."""
        if part == "age":
            return [birth_limit(as_of, n) + dt.timedelta(days=1) for n in self.ages if as_of.year - n in SOME_YEARS]
        return [dt.date(y, m, 1) for y in SOME_YEARS for m in (range(1, 13) if part == "month" else (1,))]

    def _values(self, root: Root, as_of: dt.date, others: Mapping[Key, Sequence[dt.date]]) -> Sequence[dt.date]:
        if root.kind == "fact":
            return others.get(root.what, ())
        if root.kind == "made":
            day = _made(root.what, as_of)
            return [day] if day is not None else [d for y in SOME_YEARS for d in _days_of(y)]
        return [as_of] if root.kind == "as_of" else [root.what]

    def _note(self, node: Node) -> None:
        """What one node tells about the dates in it."""
        if isinstance(node, Compare) and node.left.kind == "date":
            self._pairs(self.roots(node.left), self.roots(node.right))
        elif isinstance(node, Among) and node.of.kind == "date":
            self._pairs(self.roots(node.of), {Root("known", k.value) for k in node.literals})
        elif isinstance(node, ListCall) and node.call in ("min", "max") and node.kind == "date":
            found = self.roots(node)
            self._pairs(found, found)
        elif isinstance(node, Func) and node.name in ("years_since", "year", "month"):
            for root in self.roots(node.args[0]):
                if root.kind == "fact":
                    self.parts[root.what].add(((root.months, root.days), "age" if node.name == "years_since" else node.name))

    def _pairs(self, left: set[Root], right: set[Root]) -> None:
        for one, other in [(a, b) for a in left for b in right] + [(b, a) for a in left for b in right]:
            if one.kind == "fact":
                self.beside[one.what].add(((one.months, one.days), other))

    def roots(self, node: Node) -> set[Root]:
        """All that a date can start from."""
        match node:
            case FactRef(unit=unit, name=name, edge=edge):
                return {Root("fact", (edge or unit, name))}
            case AsOf():
                return {Root("as_of", None)}
            case Known(value=value):
                return {Root("known", value)}
            case Shift(of=of, years=years, months=months, days=days):
                moved = 12 * years + months
                return {Root(r.kind, r.what, r.months + moved, r.days + days) for r in self.roots(of)}
            case TermRef(name=name):
                return {r for v in self.catalogue.terms[name].versions for r in self.roots(v.expression.node)}
            case Tiers(cases=cases, otherwise=otherwise):
                results = [result for _, result in cases] + ([otherwise] if otherwise is not None else [])
                return {r for result in results for r in self.roots(result)}
            case ListCall(body=body, none=none):
                return {r for part in (body, none) if part is not None for r in self.roots(part)}
            case Func(name="date"):
                return {Root("made", node)}
        return set()

    # --- ages -----------------------------------------------------------------------------------------------------
    def _ages(self, nodes: list[Node]) -> list[int]:
        """The ages that anything asks for; all of them where an age is used in a sum or a product."""
        found: set[Fraction] = set()
        for node in nodes:
            if isinstance(node, Func) and node.name == "years_since":
                continue
            for place, part in enumerate(parts(node)):
                if self._is_age(part):
                    asked = self._limits(node, part, place)
                    if asked is None:
                        return list(range(OLDEST + 1))
                    found |= asked
        return sorted({n for x in found for n in (int(x // 1), int(x // 1) + 1) if 0 <= n <= OLDEST})

    def _is_age(self, node: Node) -> bool:
        if isinstance(node, TermRef):
            versions = self.catalogue.terms[node.name].versions
            return node.kind == "number" and bool(versions) and any(self._is_age(v.expression.node) for v in versions)
        return isinstance(node, Func) and node.name == "years_since"

    def _limits(self, node: Node, part: Node, place: int) -> set[Fraction] | None:
        """What an age is compared with in a node; None where that is not a known number."""
        if isinstance(node, Compare):
            other = node.right if part is node.left else node.left
            if isinstance(other, Known):
                return {Fraction(other.value)} if isinstance(other.value, Fraction) else set()
            return _answers(self.catalogue.standards[other.name]) if isinstance(other, StandardRef) else None
        if isinstance(node, Among):
            return {Fraction(k.value) for k in node.literals if isinstance(k.value, Fraction)}
        if isinstance(node, StandardRef):
            bands = [row[0][place] for v in self.catalogue.standards[node.name].values for row in v.rows]
            ends = {end for b in bands if isinstance(b, Band) for end in (b.low, b.high)}
            return {end for end in ends if end is not None}
        return None


def _answers(standard: Standard) -> set[Fraction]:
    """The numbers that a standard can give."""
    answers = [answer for v in standard.values for answer in (*(row[1] for row in v.rows), v.otherwise)]
    return {Fraction(a) for a in answers if isinstance(a, (int, Fraction)) and not isinstance(a, bool)}


def _all_nodes(catalogue: Catalogue) -> Iterator[Node]:
    """Every node of every expression."""
    expressions = [v.expression for t in catalogue.terms.values() for v in t.versions]
    for versions in catalogue.policies.values():
        for version in versions:
            expressions += [c.when for c in version.clauses] + list(benefit_expressions(version.benefit))
    for need in catalogue.needs.values():
        expressions += need_expressions(need)
    for expression in expressions:
        yield from walk(expression.node)


def shifted(day: dt.date, months: int, days: int) -> dt.date:
    """A day moved by months (which stop at the month's last day) and days; held within the calendar."""
    months += day.year * 12 + day.month - 1
    year, month = min(max(months // 12, 1), 9998), months % 12 + 1
    last = (dt.date(year + (month == 12), month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date.fromordinal(min(max(dt.date(year, month, min(day.day, last)).toordinal() + days, 1), dt.date.max.toordinal()))


def birth_limit(as_of: dt.date, years: int) -> dt.date:
    """The last day of birth with which somebody is that old on a day; 29 February counts on 28 February in a common year."""
    day = shifted(as_of, -12 * years, 0)
    leap_day = shifted(day, 0, 1)
    common = shifted(dt.date(as_of.year, 3, 1), 0, -1).day == 28
    return leap_day if common and (as_of.month, as_of.day) == (2, 28) and (leap_day.month, leap_day.day) == (2, 29) else day


def _days_of(year: int) -> list[dt.date]:
    return [dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range(366)]


def _made(node: Func, as_of: dt.date) -> dt.date | None:
    """A date built of numbers, where these depend on the day of the question alone."""
    numbers = [_number(a, as_of) for a in node.args]
    try:
        return dt.date(*(int(n) for n in numbers if n is not None)) if None not in numbers else None
    except (ValueError, TypeError):
        return None


def _number(node: Node, as_of: dt.date) -> Fraction | None:
    if isinstance(node, Known) and isinstance(node.value, Fraction):
        return node.value
    if isinstance(node, Func) and node.name in ("year", "month") and isinstance(node.args[0], AsOf):
        return Fraction(as_of.year if node.name == "year" else as_of.month)
    if isinstance(node, Arith) and node.op in ("+", "-", "*"):
        left, right = _number(node.left, as_of), _number(node.right, as_of)
        if left is not None and right is not None:
            return left + right if node.op == "+" else left - right if node.op == "-" else left * right
    return None
