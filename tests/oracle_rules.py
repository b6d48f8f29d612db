"""What of a catalogue holds for one record on one day: versions in force, standards, places, the legal order."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

from matcher.catalogue import LAYERS, Group
from matcher.language import (
    FactRef,
    Node,
    Read,
    TermRef,
)
from tests.oracle_file import OnFile, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matcher.catalogue import Catalogue, PolicyVersion, Standard, StandardValue, TermVersion

    Item = tuple[str, str]


V = TypeVar("V", "PolicyVersion", "TermVersion")
PLACES = {"registered": "registered_in", "event": "event_in", "school": "school_in"}


class Rules:
    """What of a catalogue holds for one record on one day: versions in force, the legal order, places."""

    def __init__(self, catalogue: Catalogue, file: OnFile) -> None:
        self.catalogue, self.file, self.as_of = catalogue, file, file.as_of
        self.policies: dict[str, PolicyVersion] = {}
        for name, versions in sorted(catalogue.policies.items()):
            found = self._nearest([(one, self.place(one.place)) for one in versions])
            self.policies[name] = found or nowhere(versions)
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
        """Of the versions in force on the day, the one of the nearest region upwards of its place that began last."""
        best: tuple[tuple[int, dt.date], V] | None = None
        for one, place in versions:
            near = max((len(region) for region in one.regions or ("",) if place.startswith(region)), default=-1), one.from_ or dt.date.min
            in_force = (one.from_ or self.as_of) <= self.as_of <= (one.until or self.as_of)
            if near[0] >= 0 and in_force and (best is None or near > best[0]):
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
        before = {name: set().union(*map(self._paid_before, self.catalogue.policies[name])) for name in self.policies}
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
        reads = self.reads(expressions(policy), None)
        return {target for read, target in reads if read == "granted"} | set(policy.tops_up)

    def reads(self, roots: Iterable[Node], place: str | None) -> set[tuple[str, str]]:
        """All that some expressions read by `recognised.x` and its like, through terms too (at no place: any version of them)."""
        found: set[tuple[str, str]] = set()
        seen: set[str] = set()
        waiting = list(roots)
        while waiting:
            node = waiting.pop()
            if isinstance(node, Read):
                found.add((node.read, node.target))
            if isinstance(node, TermRef) and node.name not in seen:
                seen.add(node.name)
                found_here = None if place is None else self.term(node.name, place)
                versions = self.catalogue.terms[node.name].versions if place is None else (found_here,) if found_here else ()
                waiting.extend(one.expression.node for one in versions)
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


def nowhere(versions: tuple[PolicyVersion, ...]) -> PolicyVersion:
    """An item that is not in force here: nobody is eligible, but what is received of it counts all the same."""
    one = next((each for each in versions if each.benefit), versions[0])
    return replace(one, requires=Group("any", ()), tops_up=())


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
