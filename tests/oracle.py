"""The rule language one row at a time: what the compiled engine must agree with, written on its own from the language page.

Comes in: a catalogue, a record, the day. Goes out: verdicts with clauses, amounts, what is left of each need, what to ask,
what has to be confirmed first. Nothing is shared with the engine but the typed nodes, the catalogue and the record.
`Oracle` answers for the best choice (note 18); `World` is one state of affairs in which everything is computed on demand.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from matcher.catalogue import LAYERS, Band, Clause
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
from tests.oracle_file import OnFile, Row, sum_of
from tests.oracle_values import (
    NUMBERS,
    OPEN,
    ZERO,
    Interval,
    add,
    between,
    compare,
    decided,
    divide,
    every,
    greatest,
    half_up,
    high,
    hull,
    least,
    low,
    made_date,
    multiply,
    negate,
    not_negative,
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

    from matcher.catalogue import Catalogue, Cell, Group, Need, PolicyVersion, Standard, StandardValue, TermVersion
    from matcher.language import Expression, Kind, ListRef
    from matcher.records import Record
    from tests.oracle_values import Value

    Item = tuple[str, str]
    Slot = tuple[str, str]

T = TypeVar("T")
V = TypeVar("V", "PolicyVersion", "TermVersion")
PLACES = {"registered": "registered_in", "event": "event_in", "school": "school_in"}
LEVELS = {"county": 6, "city": 4, "province": 2}
COUNTED = 12
"""Months that a need's window counts."""


class Scene(NamedTuple):
    """From where something is read: the reader's turn in the legal order, and the place of its question."""

    turn: int
    place: str


@dataclass(slots=True)
class Payment:
    """What one item asks and pays. asked and money are per the item's period, year over the window; after: what it leaves."""

    asked: Interval | None
    money: Interval | None
    year: Interval
    hours: Interval | None
    after: dict[Slot, Interval] = field(default_factory=dict)


class Rules:
    """What of a catalogue holds for one record on one day: versions in force, the legal order, places."""

    def __init__(self, catalogue: Catalogue, file: OnFile) -> None:
        self.catalogue, self.file, self.as_of = catalogue, file, file.as_of
        self.policies: dict[str, PolicyVersion] = {}
        for name, versions in sorted(catalogue.policies.items()):
            if found := self._nearest([(one, self.place(one.place)) for one in versions]):
                self.policies[name] = found
        self.order = self._legal_order()
        self.turn = {name: place for place, name in enumerate(self.order)}

    def place(self, kind: str) -> str:
        """The region code of a question of this kind; "" where nobody knows it."""
        region = self._region(PLACES[kind]) if kind in PLACES and PLACES[kind] in self.catalogue.facts else None
        return region or self._region("region") or ""

    def _region(self, fact: str) -> str | None:
        value = self.file.fact(Row("household", self.file.own), FactRef("region", (), "household", fact))
        return value if isinstance(value, str) else None

    def _nearest(self, versions: list[tuple[V, str]]) -> V | None:
        """Of the versions in force on the day, the one of the nearest region upwards of its place."""
        best: tuple[int, V] | None = None
        for one, place in versions:
            near = max((len(region) for region in one.regions or ("",) if place.startswith(region)), default=-1)
            in_force = (one.from_ or self.as_of) <= self.as_of <= (one.until or self.as_of)
            if near >= 0 and in_force and (best is None or near > best[0]):
                best = near, one
        return best[1] if best else None

    def term(self, name: str, place: str) -> TermVersion | None:
        """The version of a term for a place."""
        return self._nearest([(one, place) for one in self.catalogue.terms[name].versions])

    def standard(self, standard: Standard, place: str) -> StandardValue | None:
        """The dated value of a standard for a place: nearest region, newest on the day, carried forward."""
        started = [one for one in standard.values if place.startswith(one.region) and (one.from_ or self.as_of) <= self.as_of]
        return max(started, key=lambda one: (len(one.region), one.from_ or dt.date.min), default=None)

    def departments(self, target: str) -> frozenset[str]:
        """The departments whose lists tell of a policy or recognition."""
        every_version = (one for versions in self.catalogue.policies.values() for one in versions)
        return frozenset(one.department for one in every_version if target in (one.id, one.recognition))

    def unit(self, policy: str) -> str:
        """Whether a policy is a household's or a person's."""
        return self.catalogue.policies[policy][0].unit

    def pays_once(self, policy: str) -> bool:
        """Whether awards of a policy run out after a year by themselves."""
        versions = self.catalogue.policies.get(policy, ())
        one = self.policies.get(policy) or (versions[-1] if versions else None)
        return one is not None and one.benefit is not None and one.benefit.per == "once"

    def _legal_order(self) -> list[str]:
        """Layer, then after what an item reads by granted or tops_up, then id."""
        before = {name: self._paid_before(one) for name, one in self.policies.items()}
        waiting = sorted(self.policies, key=lambda name: (LAYERS.index(self.policies[name].layer), name))
        order: list[str] = []
        while waiting:
            layer = self.policies[waiting[0]].layer
            same = [name for name in waiting if self.policies[name].layer == layer]
            ready = [name for name in same if not before[name] & (set(same) - {name})]
            order.append((ready or same)[0])
            waiting.remove(order[-1])
        return order

    def _paid_before(self, policy: PolicyVersion) -> set[str]:
        reads = self.reads(expressions(policy), self.place(policy.place))
        return {target for read, target in reads if read == "granted"} | set(policy.tops_up)

    def reads(self, roots: Iterable[Node], place: str) -> set[tuple[str, str]]:
        """All that some expressions read by `recognised.x` and its like, through terms too."""
        found: set[tuple[str, str]] = set()
        seen: set[str] = set()
        waiting = list(roots)
        while waiting:
            node = waiting.pop()
            if isinstance(node, Read):
                found.add((node.read, node.target))
            if isinstance(node, TermRef) and node.name not in seen:
                seen.add(node.name)
                if version := self.term(node.name, place):
                    waiting.append(version.expression.node)
            waiting.extend(parts(node))
        return found

    def clash(self, one: Item, other: Item) -> bool:
        """Whether two items cannot stand together (note 18)."""
        (policy, subject), (second, subject_2) = one, other
        if policy == second:
            return False
        a, b = self.policies[policy], self.policies[second]
        named = second in (*a.precludes, *a.choose_one) or policy in (*b.precludes, *b.choose_one)
        return named and (a.unit != b.unit or subject == subject_2)


class World:
    """One state of affairs: today's file, or with found recognitions counted, some items left out by choice."""

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
        if node.otherwise is not None:
            yield node.otherwise

    # --- standards --------------------------------------------------------------------------------------------------

    def standard(self, ref: StandardRef, row: Row, scene: Scene) -> Value:
        """A standard at the place: the hull of all rows that the keys may mean."""
        return hull(ref.kind, [known(ref.kind, one) for one in self.answers(ref, row, scene)])

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
            return total if whole else add(total, self.unseen(node.of, node.body, row, scene))
        if not whole or not all(sure and decided(one) for sure, one in values):
            return unknown(node.kind)
        if not values:
            assert node.none is not None
            return self.value(node.none, row, scene)
        known_ends = [one for _, one in values]
        if node.kind in NUMBERS:
            return (least if node.call == "min" else greatest)(cast("list[Interval]", known_ends))
        return (min if node.call == "min" else max)(cast("list[dt.date]", known_ends))

    def unseen(self, of: ListRef, body: Node, row: Row, scene: Scene) -> Interval:
        """What entries that nobody has seen can add: nothing negative if the body never is."""
        lowest = self.number(body, self.file.unseen(row, of), scene).lo
        return Interval(Fraction(0), None) if lowest is not None and lowest >= 0 else OPEN

    # --- what is on file, found, paid, left --------------------------------------------------------------------------

    def read(self, node: Read, row: Row, scene: Scene) -> Value:
        """recognised receives eligible paid granted left, on a household's or a person's row."""
        match node.read:
            case "recognised":
                return some(self.recognised(node.target, one) for one in self.circle(row))
            case "receives":
                return some(self.receives(node.target, one) for one in self.circle(row))
            case "eligible":
                household = self.rules.unit(node.target) == "household"
                return self.verdict(node.target, self.file.household(row) if household else row.plain)
            case "paid":
                return self.paid(node.target, row)
            case "granted":
                return self.granted(node.target, row, scene.turn)
            case _:
                return self.left(node.target, row, scene.turn)

    def circle(self, row: Row) -> list[Row]:
        """A household itself, or a person and the person's household."""
        return [row.plain] if row.unit == "household" else [row.plain, self.file.household(row)]

    def recognised(self, target: str, row: Row) -> bool | None:
        """On file, or found in this world for the question's own people; not what was left out by choice."""
        policies = self.catalogue.policies
        names = frozenset({target, *(one.recognition for one in policies.get(target, ()) if one.recognition)})
        on_file = self.file.recognised(row, names, self.rules.departments(target))
        if not self.confirmed or not self.ours(row):
            return on_file
        granting = [name for name, one in self.rules.policies.items() if one.unit == row.unit and target in (name, one.recognition)]
        dropped = [name for name in granting if (name, row.subject) in self.left_out]
        found = some(self.verdict(name, row) for name in granting if name not in dropped)
        return found if dropped else some([on_file, found])

    def receives(self, target: str, row: Row) -> bool | None:
        """An award or recognition of this name in force on file."""
        departments = self.rules.departments(target)
        awarded = self.file.awarded(row, target, departments, once=self.rules.pays_once(target))
        return some([awarded, self.file.recognised(row, frozenset({target}), departments)])

    def ours(self, row: Row) -> bool:
        """Whether a row is the question's household or one of its members."""
        return row.subject == self.file.own if row.unit == "household" else row.subject in self.file.members

    def members(self, row: Row) -> tuple[list[Row], bool]:
        """The members of a household, and whether they are all."""
        return self.file.member_rows(row), "members" in self.file.subject(row).complete

    def paid(self, policy: str, row: Row) -> Interval:
        """What the file says is paid, on this row."""
        departments, once = self.rules.departments(policy), self.rules.pays_once(policy)
        return self.spread(policy, row, lambda one: self.file.paid(one, policy, departments, once=once))

    def granted(self, policy: str, row: Row, turn: int) -> Interval:
        """What an item gave in this bundle before this turn, on this row."""
        at = self.rules.turn.get(policy)
        if at is None or at >= turn or not (self.ours(row) or self.ours(self.file.household(row))):
            return ZERO
        payments = self.payments(policy)

        def gave(one: Row) -> Interval:
            payment = payments.get(one.subject or "")
            return payment.money or ZERO if payment else ZERO

        return self.spread(policy, row, gave)

    def spread(self, policy: str, row: Row, amount: Callable[[Row], Interval]) -> Interval:
        """An item's amount as another unit's row sees it: a person's share, or a household's sum."""
        if self.rules.unit(policy) == row.unit:
            return amount(row.plain)
        if row.unit == "person":
            household = self.file.household(row)
            whole = amount(household)
            return ZERO if whole == ZERO else half_up(multiply(whole, self.share(policy, row.plain, household)))
        return self.total(row, amount)

    def total(self, row: Row, amount: Callable[[Row], Interval]) -> Interval:
        """Over a household's members; without an upper end where there may be more."""
        members, whole = self.members(row)
        known_ones = sum_of([amount(one.plain) for one in members])
        return known_ones if whole else add(known_ones, Interval(Fraction(0), None))

    def share(self, policy: str, person: Row, household: Row) -> Interval:
        """Which part of a household's money is this person's."""
        version = self.rules.policies.get(policy)
        shared = version.benefit.shared if version and version.benefit else None
        members, whole = self.members(household)

        def shares(one: Row) -> bool | None:
            if shared is None or version is None:
                return True
            return self.truth(shared.node, one, self.scene(policy))

        others = [shares(one) for one in members if one.subject != person.subject]
        sharers = between(Fraction(1 + others.count(True)), Fraction(1 + len(others) - others.count(False)) if whole else math.inf)
        part = divide(point(1), sharers)
        own = next((shares(one) for one in members if one.subject == person.subject), False)
        return part if own else ZERO if own is False else with_zero(part)

    # --- verdicts ---------------------------------------------------------------------------------------------------

    def scene(self, policy: str) -> Scene:
        """From where an item reads."""
        return Scene(self.rules.turn[policy], self.rules.place(self.rules.policies[policy].place))

    def verdict(self, policy: str, row: Row) -> bool | None:
        """Whether a policy's requirements hold; a policy that is not in force here is surely not."""
        version = self.rules.policies.get(policy)
        if version is None:
            return False
        return self.once(("verdict", policy, row), lambda: self.group(version.requires, row, self.scene(policy)))

    def group(self, group: Group | Clause, row: Row, scene: Scene) -> bool | None:
        """A clause, or all, any, not of clauses and groups."""
        if isinstance(group, Clause):
            return self.truth(group.when.node, row, scene)
        inner = [self.group(one, row, scene) for one in group.of]
        return every(inner) if group.op == "all" else some(inner) if group.op == "any" else negate(inner[0])

    def subjects(self, unit: str) -> list[Row]:
        """The question's household, or its members by id."""
        return [Row("household", self.file.own)] if unit == "household" else [Row("person", one) for one in self.file.members]

    @cached_property
    def items(self) -> dict[Item, bool | None]:
        """Every item of the question with its verdict; yes also for what is received already."""
        return {
            (name, row.subject or ""): True if self.received(name, row) else self.verdict(name, row)
            for name in self.rules.order
            for row in self.subjects(self.rules.policies[name].unit)
        }

    @property
    def bundle(self) -> list[Item]:
        """The items that stand, in the legal order."""
        return [item for item, stands in self.items.items() if stands and item not in self.left_out]

    # --- needs and payments -----------------------------------------------------------------------------------------

    def need(self, need: Need, row: Row) -> Interval:
        """A need before anything is paid."""

        def compute() -> Interval:
            there = True if need.when is None else self.truth(need.when.node, row, self.needs_scene)
            amount = ZERO if there is False else not_negative(self.number(need.amount.node, row, self.needs_scene))
            amount = amount if there else with_zero(amount)
            return half_up(amount) if need.type == "money" else amount

        return self.once(("need", need.id, row), compute)

    def left(self, name: str, row: Row, turn: int) -> Interval:
        """What is left of a need when a turn comes, on this row."""
        need = self.catalogue.needs[name]
        if need.unit == "household":
            return self.left_of(need, self.file.household(row), turn)
        if row.unit == "person":
            return self.left_of(need, row.plain, turn)
        return self.total(row, lambda one: self.left_of(need, one, turn))

    def left_of(self, need: Need, row: Row, turn: int) -> Interval:
        """What is left of one subject's need before a turn."""
        remains = self.need(need, row)
        if self.ours(row):
            for policy in self.rules.order[:turn]:
                benefit = self.rules.policies[policy].benefit
                if benefit and need.id in benefit.covers:
                    for payment in self.payments(policy).values():
                        remains = payment.after.get((need.id, row.subject or ""), remains)
        return remains

    def payments(self, policy: str) -> dict[str, Payment]:
        """What all items of one policy pay at its turn, by subject."""
        return self.once(("payments", policy), lambda: self._payments(policy))

    def _payments(self, policy: str) -> dict[str, Payment]:
        version = self.rules.policies[policy]
        made: dict[str, Payment] = {}
        so_far: dict[Slot, Interval] = {}
        rows = sorted(self.subjects(version.unit), key=lambda row: (self.received(policy, row) is None, row.subject))
        for row in rows:
            item = (policy, row.subject or "")
            received = self.received(policy, row)
            stands = True if received else self.verdict(policy, row)
            if version.benefit is None or item in self.left_out or stands is False:
                continue
            made[item[1]] = self.pay(policy, row, received, so_far, sure=bool(received or (stands and not self.contested(item))))
            so_far.update(made[item[1]].after)
        return made

    def received(self, policy: str, row: Row) -> Interval | None:
        """What the file says this very item pays already."""
        return self.file.received(row, policy, once=self.rules.pays_once(policy))

    def contested(self, item: Item) -> bool:
        """Whether an item clashes with one that is undecided."""
        rivals = [
            (name, row)
            for name, version in self.rules.policies.items()
            for row in self.subjects(version.unit)
            if self.rules.clash(item, (name, row.subject or "")) and (name, row.subject) not in self.left_out
        ]
        return any(not self.received(name, row) and self.verdict(name, row) is None for name, row in rivals)

    def pay(self, policy: str, row: Row, received: Interval | None, so_far: Mapping[Slot, Interval], *, sure: bool) -> Payment:
        """One item's payment over its slots, in the order of covers."""
        benefit = self.rules.policies[policy].benefit
        assert benefit is not None
        scene = self.scene(policy)
        limited = benefit.pays != "entitlement" and not received
        asked, floor = (received, ZERO) if received else self.asked(policy, row)
        asked = asked if sure or asked is None else with_zero(asked)
        factor = point(min(COUNTED, benefit.months or COUNTED) if benefit.per == "month" else 1)
        before = {slot: so_far.get(slot, left) for slot, left in self.slots(policy, row, scene.turn).items()}
        payment = Payment(asked, asked, ZERO, None)
        if asked is not None:
            slots = {slot: left for slot, left in before.items() if self.catalogue.needs[slot[0]].type == "money"}
            whole = multiply(asked, factor)
            payment.year = within_left(whole, slots, multiply(floor if sure else ZERO, factor)) if limited and slots else whole
            payment.money = half_up(divide(payment.year, factor)) if payment.year != whole else asked
            payment.after |= use(whole, slots)
        if benefit.hours is not None:
            slots = {slot: left for slot, left in before.items() if self.catalogue.needs[slot[0]].type == "hours"}
            hours = not_negative(self.number(benefit.hours.node, row, scene))
            hours = hours if sure else with_zero(hours)
            payment.hours = within_left(hours, slots, ZERO) if limited and slots else hours
            payment.after |= use(hours, slots)
        return payment

    def slots(self, policy: str, row: Row, turn: int) -> dict[Slot, Interval]:
        """The needs that an item covers, in order, with what is left of each."""
        benefit = self.rules.policies[policy].benefit
        found: dict[Slot, Interval] = {}
        for name in benefit.covers if benefit else ():
            need = self.catalogue.needs[name]
            rows = [row] if need.unit == row.unit else self.subjects(need.unit)
            found |= {(name, one.subject or ""): self.left_of(need, one, turn) for one in rows}
        return found

    def asked(self, policy: str, row: Row) -> tuple[Interval | None, Interval]:
        """What an item pays by its text, per its period, before what is left is looked at; and its floor."""
        version = self.rules.policies[policy]
        benefit, scene = version.benefit, self.scene(policy)
        assert benefit is not None

        def number(of: Expression | None) -> Interval | None:
            return None if of is None else self.number(of.node, row, scene)

        amount, at_least, at_most, cap = map(number, (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap))
        if amount is None and at_least is None and at_most is None:
            open_ended = benefit.certainty == "case_by_case" and benefit.hours is None and benefit.kind not in ("in_kind", "service")
            if not open_ended:
                return None, ZERO
        asked = amount if amount is not None else between(low(at_least or ZERO), high(at_most or OPEN))
        if amount is not None and at_least is not None:
            asked = greatest([asked, at_least])
        asked = least([asked, *(one for one in (at_most if amount is not None else None, cap) if one is not None)])
        for other in version.tops_up:
            if other in self.rules.policies:
                asked = subtract(asked, self.in_period(other, self.granted(other, row, scene.turn), benefit.per))
        asked = half_up(not_negative(asked))
        return asked, least([half_up(not_negative(at_least)), asked]) if at_least else ZERO

    def in_period(self, policy: str, amount: Interval, per: str) -> Interval:
        """An item's amount as another period counts it."""
        benefit = self.rules.policies[policy].benefit
        monthly = benefit is not None and benefit.per == "month"
        if monthly == (per == "month"):
            return amount
        return multiply(amount, point(Fraction(12) if monthly else Fraction(1, 12)))

    def certain_yuan(self) -> Fraction:
        """The fen of the bundle that are certain over twelve months."""
        paid = [payment.year.lo or Fraction(0) for policy in self.rules.order for payment in self.payments(policy).values()]
        return sum(paid, Fraction(0))

    def rank(self) -> tuple[object, ...]:
        """Best first: most certain yuan, then more items in kind, then earlier in the legal order (note 18)."""
        benefits = [self.rules.policies[policy].benefit for policy, _ in self.bundle]
        in_kind = sum(1 for one in benefits if one and one.kind != "cash")
        return -self.certain_yuan(), -in_kind, [(self.rules.turn[policy], subject) for policy, subject in self.bundle]

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

    def inner_read(self, node: Read, row: Row, scene: Scene) -> Iterator[tuple[Node, Row, Scene]]:
        """What a read of an amount or a need rests on; verdicts are looked at by themselves."""
        if node.read == "granted":
            policies, needs = [node.target], []
        elif node.read == "left":
            needs = [self.catalogue.needs[node.target]]
            policies = [name for name, one in self.rules.policies.items() if one.benefit and node.target in one.benefit.covers]
        else:
            return
        for need in needs:
            for at in self.subjects(need.unit):
                yield from ((one.node, at, self.needs_scene) for one in (need.when, need.amount) if one)
        for policy in policies:
            version = self.rules.policies.get(policy)
            if version and version.benefit and self.rules.turn[policy] < scene.turn:
                for at in self.subjects(version.unit):
                    if self.verdict(policy, at) is not False:
                        yield from ((one, at, self.scene(policy)) for one in amounts(version))


class Oracle:
    """The answers to one question, for the best choice in the world in which what is found is confirmed."""

    def __init__(
        self,
        catalogue: Catalogue,
        record: Record,
        as_of: dt.date,
        known_by: dt.date | None = None,
        terms: Mapping[str, object] | None = None,
    ) -> None:
        self.rules = Rules(catalogue, OnFile(catalogue, record, as_of, known_by))
        self.terms = terms or {}

    def world(self, *, confirmed: bool, left_out: frozenset[Item] = frozenset()) -> World:
        """One world."""
        return World(self.rules, self.terms, confirmed=confirmed, left_out=left_out)

    @cached_property
    def best(self) -> World:
        """The world if confirmed, with the best choice."""
        return min(self._choices(confirmed=True, left_out=frozenset()), key=World.rank)

    @cached_property
    def today(self) -> World:
        """The world of today's file, with its own best choice."""
        return min(self._choices(confirmed=False, left_out=frozenset()), key=World.rank)

    def _choices(self, *, confirmed: bool, left_out: frozenset[Item]) -> Iterator[World]:
        """Every world in which no two items of the bundle clash and no more can be taken in."""
        world = self.world(confirmed=confirmed, left_out=left_out)
        bundle = world.bundle
        rivals = {one: {other for other in bundle if self.rules.clash(one, other)} for one in bundle}
        rivals = {one: others for one, others in rivals.items() if others}
        if not rivals:
            yield world
            return
        for kept in maximal(rivals):
            yield from self._choices(confirmed=confirmed, left_out=left_out | (rivals.keys() - kept))

    def _row(self, unit: str, who: str | None) -> Row:
        return Row("household", self.rules.file.own) if unit == "household" else Row("person", who)

    def verdict(self, policy: str, who: str | None = None) -> str:
        """eligible, not eligible or unknown."""
        found = self.best.verdict(policy, self._row(self.rules.unit(policy), who))
        return {True: "eligible", False: "not eligible", None: "unknown"}[found]

    def clauses(self, policy: str, who: str | None = None) -> dict[str, bool | None]:
        """Each clause of a policy in force, by id."""
        version, row = self.rules.policies[policy], self._row(self.rules.unit(policy), who)
        return {one.id: self.best.truth(one.when.node, row, self.best.scene(policy)) for one in version.clauses}

    def amount(self, policy: str, who: str | None = None) -> tuple[int, int | None] | None:
        """What an item pays per its period, in fen; for one not chosen what it would ask. None if it pays no money."""
        row = self._row(self.rules.unit(policy), who)
        version = self.rules.policies.get(policy)
        if version is None or version.benefit is None or self.best.items[(policy, row.subject or "")] is False:
            return None
        payment = self.best.payments(policy).get(row.subject or "")
        money = payment.money if payment else self.best.asked(policy, row)[0]
        return None if money is None else (int(money.lo or 0), None if money.hi is None else int(money.hi))

    def left(self, need: str, who: str | None = None) -> tuple[Fraction, Fraction | None]:
        """What is left of a need in the end; a person's need without a person is the household's sum."""
        row = Row("household", self.rules.file.own) if who is None else Row("person", who)
        found = self.best.left(need, row, len(self.rules.order))
        return found.lo or Fraction(0), found.hi

    def chosen(self) -> set[tuple[str, str | None]]:
        """The items of the bundle."""
        return {(policy, self._name(subject)) for policy, subject in self.best.bundle}

    def _name(self, subject: str) -> str | None:
        return None if subject == self.rules.file.own else subject

    def questions(self) -> list[tuple[str, str | None]]:
        """Unknown facts, consents and incomplete lists on the undecided paths of undecided verdicts."""
        world, found, seen = self.best, set[tuple[str, str]](), set[object]()
        for policy, version in self.rules.policies.items():
            for row in world.subjects(version.unit):
                if world.verdict(policy, row) is None:
                    for clause in self._open(version.requires, row, world.scene(policy)):
                        found |= self._asked(clause.when.node, row, world.scene(policy), seen)
        return sorted(((name, self._name(subject)) for name, subject in found), key=lambda one: (one[0], one[1] or ""))

    def _open(self, group: Group | Clause, row: Row, scene: Scene) -> Iterator[Clause]:
        """The clauses on undecided paths."""
        if self.best.group(group, row, scene) is None:
            if isinstance(group, Clause):
                yield group
            else:
                for one in group.of:
                    yield from self._open(one, row, scene)

    def _asked(self, node: Node, row: Row, scene: Scene, seen: set[object]) -> set[tuple[str, str]]:
        file, found = self.rules.file, set[tuple[str, str]]()
        for one, at in self.best.behind(node, row, scene, seen, undecided=True):
            if isinstance(one, FactRef):
                found.update(file.missing(file.at(at, one.path), one))
            elif isinstance(one, ListCall):
                found.update(file.missing_list(at, one.of))
            elif isinstance(one, Read):
                found.update(self._asked_lists(one, file.at(at, one.path)))
        return found

    def _asked_lists(self, read: Read, row: Row) -> Iterator[tuple[str, str]]:
        names = {"recognised": ["recognitions"], "receives": ["recognitions", "awards"], "paid": ["awards"]}.get(read.read, [])
        departments = self.rules.departments(read.target)
        for one in self.best.circle(row):
            for name in names:
                if one.subject is not None and not self.rules.file.whole(one, name, departments):
                    yield name, one.subject

    def opened_by(self, policy: str, who: str | None = None) -> list[str]:
        """The policies whose finding has to be confirmed before this one, which is not eligible today, is."""
        row = self._row(self.rules.unit(policy), who)
        if policy not in self.rules.policies or self.today.verdict(policy, row) or not self.best.verdict(policy, row):
            return []
        found: set[str] = set()
        scene = self.best.scene(policy)
        for clause in self.rules.policies[policy].clauses:
            for node, at in self.best.behind(clause.when.node, row, scene, set(), undecided=False):
                if isinstance(node, Read) and node.read in ("recognised", "eligible"):
                    found |= self._opening(node, self.rules.file.at(at, node.path))
        return sorted(found)

    def _opening(self, read: Read, row: Row) -> set[str]:
        """The policies behind a yes that only confirmation gives."""
        found: set[str] = set()
        for one in self.best.circle(row):
            if read.read == "eligible":
                if self.rules.unit(read.target) == one.unit and one.subject is not None and self.best.ours(one):
                    found.update(self.opened_by(read.target, self._name(one.subject)))
            elif self.best.recognised(read.target, one) and not self.today.recognised(read.target, one):
                found.update(
                    name
                    for name, version in self.rules.policies.items()
                    if version.unit == one.unit and read.target in (name, version.recognition) and self.best.verdict(name, one)
                )
        return found


# --- small parts ------------------------------------------------------------------------------------------------------

MISSING = object()
ARITHMETIC: dict[str, Callable[[Interval, Interval], Interval]] = {"+": add, "-": subtract, "*": multiply, "/": divide}


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


def parts(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node."""
    waiting: list[object] = [getattr(node, one.name) for one in fields(node)]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            waiting[:0] = value


def amounts(policy: PolicyVersion) -> list[Node]:
    """The expressions that say what a policy pays."""
    benefit = policy.benefit
    every_one = (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap, benefit.hours, benefit.shared) if benefit else ()
    return [one.node for one in every_one if one is not None]


def expressions(policy: PolicyVersion) -> list[Node]:
    """All expressions of a policy."""
    return [clause.when.node for clause in policy.clauses] + amounts(policy)


def within_left(asked: Interval, slots: Mapping[Slot, Interval], floor: Interval) -> Interval:
    """What is asked, not more than what is left of the slots, and not less than the floor."""
    left = sum_of(list(slots.values()))
    paid = least([asked, left])
    return greatest([paid, least([asked, floor])])


def use(asked: Interval, slots: Mapping[Slot, Interval]) -> dict[Slot, Interval]:
    """What is left of each slot after money, or hours, went through them in order."""
    after: dict[Slot, Interval] = {}
    rest = asked
    for slot, left in slots.items():
        after[slot] = not_negative(subtract(left, rest))
        rest = not_negative(subtract(rest, left))
    return after


def maximal(rivals: Mapping[Item, set[Item]]) -> list[set[Item]]:
    """All maximal sets of items without two rivals."""
    found: list[set[Item]] = [set()]
    for item in sorted(rivals):
        grown = [(kept - rivals[item]) | {item} for kept in found]
        found += [one for one in grown if one not in found]
    return [one for one in found if not any(one < other for other in found)]
