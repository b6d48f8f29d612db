"""What is asked where a part of a rule is undecided: the fact, the list that may have more entries, or the consent to read it.

In: a spot on a row of a finished run, and the evidence behind the run. Out: Asks, which `matcher.questions` gathers and ranks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from matcher.language import FactRef, ListCall, Read
from matcher.scope import HOUSEHOLD, PERSON
from matcher.stored import declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.answers import Answers
    from matcher.catalogue import Fact
    from matcher.evidence import Evidence
    from matcher.tree import Spot

CONSENT = "consent"


class Ask(NamedTuple):
    """What is asked of whom: the name of a fact (`bills.total`: a field of a list), a list, or `consent`."""

    name: str
    unit: str
    subject: str


class Asking:
    """Finds what is asked in one run."""

    def __init__(self, answers: Answers, evidence: Evidence | None) -> None:
        self.answers, self.evidence = answers, evidence
        self.tracer, self.catalogue = answers.tracer, answers.catalogue

    def of(self, spot: Spot, row: int) -> Iterator[Ask]:
        """What is asked at a part that is undecided: a fact, a list that may have more entries, or a consent to either."""
        if isinstance(spot.node, FactRef):
            yield from self._fact(spot, row)
        elif isinstance(spot.node, ListCall):
            unit, name = spot.list.owner, spot.node.of.name
            at = self.tracer.owner(spot, row)
            if at is not None and not self.tracer.whole(unit, name, at):
                yield from self._or_consent(Ask(name, unit, self.tracer.id(unit, at) or ""), at, self.catalogue.facts.get(name))
        elif isinstance(spot.node, Read):
            yield from self._lists(spot, row)

    def _fact(self, spot: Spot, row: int) -> Iterator[Ask]:
        node = spot.node
        assert isinstance(node, FactRef)
        frame, hops = spot.target
        at = self.tracer.at(spot.frame, hops, row)
        fact = declared(self.catalogue, node)
        if node.edge is not None:
            owner, name = PERSON, node.name
            at = self.tracer.at(frame, ("entry",), at)
        elif node.unit in (HOUSEHOLD, PERSON):
            owner, name = node.unit, node.name
        else:
            owner, name = frame.rsplit("@", 1)[1], f"{node.unit}.{node.name}"
            at = self.tracer.at(frame, ("owner",), at)
        subject = self.tracer.id(owner, at)
        if subject is not None and at is not None:
            yield from self._or_consent(Ask(name, owner, subject), at, fact if node.edge is None else None)

    def _or_consent(self, ask: Ask, at: int, fact: Fact | None) -> Iterator[Ask]:
        """The question, or the consent that has to come first; both if nothing was told either."""
        inside = bool(self.tracer.cell(ask.unit, "inside", at))
        if fact is None or not fact.needs_consent or inside:
            yield ask
        elif self.evidence is None:
            noted = self.tracer.has(ask.unit, "needs_consent") and self.tracer.cell(ask.unit, "needs_consent", at)
            yield from (Ask(CONSENT, ask.unit, ask.subject), ask) if noted else (ask,)
        elif self.evidence.allowed(ask.unit, ask.subject, fact, inside=inside):
            yield ask
        else:
            yield Ask(CONSENT, ask.unit, ask.subject)
            whole = self.evidence.whole if fact.type == "list" else None
            said = whole(ask.unit, ask.subject, fact.name) if whole else self.evidence.fact(ask.unit, ask.subject, fact)
            if said is None or said.stale:
                yield ask

    def _lists(self, spot: Spot, row: int) -> Iterator[Ask]:
        """The lists that a recognition, an award or an amount on file is read from."""
        node = spot.node
        assert isinstance(node, Read)
        unit, hops = spot.target
        at = self.tracer.at(spot.frame, hops, row)
        circle = [(unit, at)]
        if unit == PERSON:
            circle.append((HOUSEHOLD, self.tracer.at(PERSON, ("home",), at)))
        if unit == HOUSEHOLD and at is not None and self._adds_up(node) and not self.tracer.whole(HOUSEHOLD, "members", at):
            yield Ask("members", HOUSEHOLD, self.tracer.id(HOUSEHOLD, at) or "")
        for one, number in circle:
            for name, parts in spot.lists.items():
                if number is not None and not all(self.tracer.whole(one, each, number) for each in parts):
                    yield Ask(name, one, self.tracer.id(one, number) or "")

    def _adds_up(self, node: Read) -> bool:
        """Whether a household reads the sum over its members."""
        if node.read not in ("left", "granted", "paid"):
            return False
        need = self.catalogue.needs.get(node.target)
        return (self._unit_of(node.target) if need is None else need.unit) == PERSON

    def _unit_of(self, policy: str) -> str | None:
        return self.answers.unit(policy) if policy in self.catalogue.policies else None
