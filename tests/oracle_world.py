"""One state of affairs: what is recognised, eligible, paid and left in it, each computed when it is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from matcher.catalogue import Clause
from matcher.reads import Job, work_graph
from tests.oracle_expressions import Expressions, Scene
from tests.oracle_file import Row, sum_of
from tests.oracle_rules import amounts
from tests.oracle_values import (
    OPEN,
    ZERO,
    Interval,
    add,
    between,
    divide,
    every,
    greatest,
    half_up,
    high,
    least,
    low,
    multiply,
    negate,
    not_negative,
    point,
    some,
    subtract,
    with_zero,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from matcher.catalogue import Group, Need
    from matcher.language import (
        Expression,
        Node,
        Read,
    )
    from tests.oracle_values import Value

    Item = tuple[str, str]
    Slot = tuple[str, str]


COUNTED = 12
"""Months that a need's window counts."""


@dataclass(slots=True)
class Payment:
    """What one item pays: money as shown and given as others read it, per its period; year: over the window; after: what it leaves."""

    given: Interval | None
    money: Interval | None
    year: Interval
    hours: Interval | None
    after: dict[Slot, Interval] = field(default_factory=dict)


class World(Expressions):
    """Today's file, or with found recognitions counted, some items left out by choice."""

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
        """A household itself, or a person and the person's household if there is one on file."""
        return [
            one for one in ([row.plain] if row.unit == "household" else [row.plain, self.file.household(row)]) if one.subject is not None
        ]

    def recognised(self, target: str, row: Row) -> bool | None:
        """On file, or found in this world for the question's own people and not left out by choice."""
        policies = self.catalogue.policies
        names = frozenset({target, *(one.recognition for one in policies.get(target, ()) if one.recognition)})
        on_file = self.file.recognised(row, names, self.rules.departments(target))
        if not self.confirmed or not self.ours(row):
            return on_file
        granting = [name for name, one in self.rules.policies.items() if one.unit == row.unit and target in (name, one.recognition)]
        found = some(self.verdict(name, row) for name in granting if (name, row.subject) not in self.left_out)
        return some([on_file, found])

    def receives(self, target: str, row: Row) -> bool | None:
        """An award for a policy, or a recognition that some policy grants, of this name in force on file."""
        departments, policies = self.rules.departments(target), self.catalogue.policies
        found: list[bool | None] = []
        if target in policies:
            found.append(self.file.awarded(row, target, departments, once=self.rules.pays_once(target)))
        if any(one.recognition == target for versions in policies.values() for one in versions):
            found.append(self.file.recognised(row, frozenset({target}), departments))
        return some(found)

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
        benefit = self.rules.policies[policy].benefit if at is not None else None
        if at is None or at >= turn or benefit is None or benefit.hours is not None:
            return ZERO
        if not (self.ours(row) or self.ours(self.file.household(row))):
            return ZERO
        payments = self.payments(policy)

        def gave(one: Row) -> Interval:
            payment = payments.get(one.subject or "")
            return (payment.given or ZERO) if payment else ZERO

        return self.spread(policy, row, gave)

    def spread(self, policy: str, row: Row, amount: Callable[[Row], Interval]) -> Interval:
        """An item's amount as another unit's row sees it: a person's share, or a household's sum."""
        if self.rules.unit(policy) == row.unit:
            return amount(row.plain)
        if row.unit == "person":
            household = self.file.household(row)
            whole = amount(household)
            return ZERO if whole == ZERO else multiply(whole, self.share(policy, row.plain, household))
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
            return half_up(amount) if need.type == "money" else in_hundredths(amount)

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
        for row in self.subjects(version.unit):
            item = (policy, row.subject or "")
            on_file = self.awarded(policy, row)
            if version.benefit is None or item in self.left_out or (on_file is False and self.verdict(policy, row) is False):
                continue
            made[item[1]] = self.pay(policy, row, on_file, so_far)
            so_far.update(made[item[1]].after)
        return made

    def awarded(self, policy: str, row: Row) -> bool | None:
        """Whether an award of this very item is in force on file."""
        return self.file.awarded(row, policy, self.rules.departments(policy), once=self.rules.pays_once(policy))

    def award(self, policy: str, row: Row) -> Interval | None:
        """What the awards that are surely in force pay; None if there is none."""
        return self.file.received(row, policy, once=self.rules.pays_once(policy))

    def received(self, policy: str, row: Row) -> bool:
        """Whether an item is received: an award in force, or a recognition that it grants, is surely on file (note 22)."""
        recognition = self.rules.policies[policy].recognition
        names = frozenset({policy, recognition}) if recognition else frozenset[str]()
        return bool(self.awarded(policy, row) or self.file.recognised(row, names, frozenset()))

    def contested(self, item: Item) -> bool:
        """Whether an item clashes with one that is undecided."""
        rivals = [
            (name, row)
            for name, version in self.rules.policies.items()
            for row in self.subjects(version.unit)
            if self.rules.clash(item, (name, row.subject or "")) and (name, row.subject) not in self.left_out
        ]
        return any(not self.received(name, row) and (self.waits(name, item[0]) or self.verdict(name, row) is None) for name, row in rivals)

    def waits(self, rival: str, policy: str) -> bool:
        """Whether a rival's verdict rests on what this item pays: then it is open while the item takes its turn."""

        def reached() -> bool:
            graph = work_graph(self.catalogue)
            waiting: list[Job] = [("verdict", rival)]
            seen: set[Job] = set()
            while waiting:
                job = waiting.pop()
                if job not in seen:
                    seen.add(job)
                    waiting.extend(graph.get(job, ()))
            return ("pays", policy) in seen

        return self.once(("waits", rival, policy), reached)

    def pay(self, policy: str, row: Row, on_file: bool | None, so_far: Mapping[Slot, Interval]) -> Payment:
        """One item's payment over its slots, in the order of covers.

        An award on file pays as it stands. Where one may be missing from the file, what is shown is what the item pays if there
        is none, while what is left allows for an award of any amount.
        """
        benefit = self.rules.policies[policy].benefit
        assert benefit is not None
        turn = self.scene(policy).turn
        verdict = self.verdict(policy, row)
        contested = self.contested((policy, row.subject or ""))
        sure = bool(verdict)
        before = {slot: so_far.get(slot, left) for slot, left in self.slots(policy, row, turn).items()}
        payment = Payment(None, None, ZERO, None)
        asked, floor = self.asked(policy, row) if verdict is not False else (ZERO, ZERO)
        if on_file and benefit.hours is None:
            asked, floor, sure = self.award(policy, row), ZERO, True
        limited = benefit.pays != "entitlement" and not on_file
        if asked is not None:
            asked = asked if sure else with_zero(asked)
            factor = point(self.times(policy))
            slots = {slot: left for slot, left in before.items() if self.catalogue.needs[slot[0]].type == "money"}
            whole = multiply(asked, factor)
            floor = multiply(floor if sure else with_zero(floor), factor)
            payment.year = within_left(whole, self.room(policy, row, slots), floor) if limited and benefit.covers else whole
            payment.money = half_up(divide(payment.year, factor)) if payment.year != whole else asked
            payment.given = payment.money
            if contested and not on_file:
                payment.given, whole = with_zero(payment.money), with_zero(whole)
            filed = self.file.paid(row, policy, self.rules.departments(policy), once=self.rules.pays_once(policy))
            if on_file:
                payment.given, whole = filed, multiply(filed, factor)
            if on_file is None:
                payment.given = between(Fraction(0), max(high(payment.money), high(filed)))
                whole = between(Fraction(0), max(high(whole), high(multiply(filed, factor))))
            payment.after |= use(whole, slots, self.behind_unseen(policy, row))
        if benefit.hours is not None and verdict is not False:
            slots = {slot: left for slot, left in before.items() if self.catalogue.needs[slot[0]].type == "hours"}
            hours = in_hundredths(not_negative(self.number(benefit.hours.node, row, self.scene(policy))))
            hours = hours if verdict else with_zero(hours)
            payment.hours = (
                within_left(hours, self.room(policy, row, slots), ZERO) if benefit.pays != "entitlement" and benefit.covers else hours
            )
            payment.after |= use(with_zero(hours) if contested else hours, slots, self.behind_unseen(policy, row))
        return payment

    def room(self, policy: str, row: Row, slots: Mapping[Slot, Interval]) -> Interval:
        """What is left of the slots together; open where members that nobody has on file may have needs too."""
        left = sum_of(list(slots.values()))
        return add(left, Interval(Fraction(0), None)) if self.unseen_needs(policy, row) else left

    def unseen_needs(self, policy: str, row: Row) -> frozenset[str]:
        """The needs of persons that a household's item covers, where not all its members are known."""
        benefit = self.rules.policies[policy].benefit
        if benefit is None or row.unit == "person" or self.members(row)[1]:
            return frozenset()
        return frozenset(name for name in benefit.covers if self.catalogue.needs[name].unit == "person")

    def behind_unseen(self, policy: str, row: Row) -> frozenset[str]:
        """The needs that an item covers after one of them."""
        unseen, benefit = self.unseen_needs(policy, row), self.rules.policies[policy].benefit
        covers = benefit.covers if benefit else ()
        return frozenset(name for place, name in enumerate(covers) if unseen & set(covers[:place]))

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
        least_of_all = low(at_least or ZERO)
        asked = amount if amount is not None else between(least_of_all, max(least_of_all, high(at_most or OPEN)))
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
        """The fen of the bundle that are certain over twelve months: what is paid by the month counts as it is paid, in whole fen."""
        paid = [
            (payment.money.lo or Fraction(0)) * self.times(policy)
            for policy in self.rules.order
            for payment in self.payments(policy).values()
            if payment.money is not None
        ]
        return sum(paid, Fraction(0))

    def times(self, policy: str) -> int:
        """How often an item's amount falls within twelve months."""
        benefit = self.rules.policies[policy].benefit
        return min(COUNTED, benefit.months or COUNTED) if benefit is not None and benefit.per == "month" else 1

    def rank(self) -> tuple[object, ...]:
        """Best first: most certain yuan, then more items in kind, then earlier in the legal order (note 18)."""
        benefits = [self.rules.policies[policy].benefit for policy, _ in self.bundle]
        in_kind = sum(1 for one in benefits if one and one.kind not in ("cash", "insurance"))
        last = (len(self.rules.turn), "")  # so that of two bundles that begin alike the one that goes on is the earlier
        return -self.certain_yuan(), -in_kind, [*((self.rules.turn[policy], subject) for policy, subject in self.bundle), last]

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


def in_hundredths(hours: Interval) -> Interval:
    """Hours rounded half up to hundredths."""
    return divide(half_up(multiply(hours, point(100))), point(100))


def within_left(asked: Interval, left: Interval, floor: Interval) -> Interval:
    """What is asked, not more than what is left, and not less than the floor."""
    paid = least([asked, left])
    return greatest([paid, least([asked, floor])])


def use(asked: Interval, slots: Mapping[Slot, Interval], behind: frozenset[str] = frozenset()) -> dict[Slot, Interval]:
    """What is left of each slot after money, or hours, went through them in order.

    behind: needs after one that people whom nobody has on file may have too; nothing may come through to them.
    """
    after: dict[Slot, Interval] = {}
    rest = asked
    for slot, left in slots.items():
        rest = with_zero(rest) if slot[0] in behind else rest
        after[slot] = not_negative(subtract(left, rest))
        rest = not_negative(subtract(rest, left))
    return after
