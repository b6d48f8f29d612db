"""What to check next: the unknown facts, incomplete lists and missing consents that could still settle something.

In: a finished run and the evidence behind it. Out: questions, those that can do most first. A question is asked only if it
stands on a path of undecided values: from an undecided verdict through its undecided groups and clauses, or from an amount
that is not fixed of an item that is eligible, down through undecided parts alone, and on through items that are waited for. What
only feeds a part that stays open whatever is answered (a standard is missing, the text fixes nothing) is not asked.
Source: design section 7.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations
from typing import TYPE_CHECKING, Literal, NamedTuple

from matcher.asks import CONSENT, Ask, Asking
from matcher.catalogue import Clause
from matcher.language import Arith, Compare, ListCall, Read, Tiers, Words
from matcher.reads import grantors
from matcher.scope import HOUSEHOLD, PERSON
from matcher.trace import OPEN, Range, Tracer, decided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.answers import Answers
    from matcher.catalogue import Catalogue, Group, PolicyVersion
    from matcher.evidence import Evidence
    from matcher.tree import Spot

Node = tuple["Spot", int]


class Item(NamedTuple):
    """A policy for a person or the household (`who` None)."""

    policy: str
    who: str | None


@dataclass(slots=True)
class Question:
    """One thing to check. `who` None: the household.

    settles: the undecided verdicts that it stands in; prices: eligible items whose amount it stands in. fen: what these would
    pay over twelve months at most, as far as that has an end (`open_ended` counts those that have none). slots: the kinds of
    help (government, charity, service) that nobody gives yet.
    """

    kind: Literal["fact", "list", "consent"]
    name: str
    who: str | None
    label: Words
    ask: str | None
    settles: tuple[Item, ...] = ()
    prices: tuple[Item, ...] = ()
    fen: int = 0
    open_ended: int = 0
    slots: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, object]:
        """As plain values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "who": self.who,
            "label": {"zh": self.label.zh, "en": self.label.en},
            "ask": self.ask,
            "settles": [{"policy": policy, "who": who} for policy, who in self.settles],
            "prices": [{"policy": policy, "who": who} for policy, who in self.prices],
            "up_to_fen": self.fen,
            "open_ended": self.open_ended,
            "slots": list(self.slots),
        }


def questions(answers: Answers, evidence: Evidence | None = None) -> list[Question]:
    """All questions about one household, those that could settle most first.

    Ranked by: stands in an undecided verdict, yuan over the next twelve months, slots that are empty, name and person.
    Without `evidence` a consent is asked for where the facts stage noted that none was given, and the fact is asked as well.
    """
    return _Round(answers, evidence).ranked()


class _Round:
    """One round of questions."""

    def __init__(self, answers: Answers, evidence: Evidence | None) -> None:
        self.answers = answers
        self.tracer: Tracer = answers.tracer
        self.catalogue: Catalogue = answers.catalogue
        self.asking = Asking(answers, evidence)
        self.below: dict[Node, list[Node]] = {}
        self.asks: dict[Node, list[Ask]] = {}
        self._reached: dict[Node, frozenset[Ask]] = {}
        self._never: dict[Node, bool] = {}
        self._givers = grantors(self.catalogue)

    def ranked(self) -> list[Question]:
        """The questions in order."""
        verdicts, amounts = self._roots()
        self._walk([node for nodes in (*verdicts.values(), *amounts.values()) for node in nodes])
        settled, priced = self._asked_by(verdicts), self._asked_by(amounts)
        found = []
        for ask in dict.fromkeys((*settled, *priced)):
            question = self._question(ask)
            question.settles, question.prices = tuple(settled.get(ask, ())), tuple(priced.get(ask, ()))
            found.append(question)
        self._weigh(found)
        return sorted(found, key=lambda q: (not q.settles, -q.fen, -len(q.slots), q.name, q.who or ""))

    def _asked_by(self, roots: dict[Item, list[Node]]) -> dict[Ask, list[Item]]:
        """For each question the items that it stands in."""
        found: dict[Ask, list[Item]] = {}
        for item, nodes in roots.items():
            for ask in frozenset[Ask]().union(*(self._reach(node) for node in nodes)):
                found.setdefault(ask, []).append(item)
        return found

    # --- where to begin -------------------------------------------------------------------------------------------
    def _roots(self) -> tuple[dict[Item, list[Node]], dict[Item, list[Node]]]:
        """The undecided clauses of undecided verdicts, and the amounts of eligible items that are not fixed."""
        verdicts: dict[Item, list[Node]] = {}
        amounts: dict[Item, list[Node]] = {}
        for policy, versions in self.tracer.run.program.policies.items():
            if not versions:
                continue
            unit = versions[0].unit
            for row in self.tracer.subjects(unit):
                verdict = self.tracer.cell(unit, f"v:{policy}", row)
                item = Item(policy, None if unit == HOUSEHOLD else self.tracer.id(unit, row))
                if verdict is None:
                    number = self.tracer.version(policy, unit, row)
                    if number is not None:
                        verdicts[item] = list(self._open_clauses(versions[number], number, row))
                elif verdict and self._unfixed(policy, unit, row):
                    amounts[item] = [(part.spot, part.row) for part in self.tracer.amounts(policy, row)]
        return verdicts, amounts

    def _unfixed(self, policy: str, unit: str, row: int) -> bool:
        """Whether what an item would pay is not one figure."""
        if policy not in self.tracer.run.program.turns:
            return False
        return self.tracer.cell(unit, f"ask:{policy}:lo", row) != self.tracer.cell(unit, f"ask:{policy}:hi", row)

    def _open_clauses(self, version: PolicyVersion, number: int, row: int) -> Iterator[Node]:
        results = self.tracer.requires(version, number, row)

        def look(part: Group | Clause) -> Iterator[Node]:
            if results[id(part)] is None:
                if isinstance(part, Clause):
                    yield self.tracer.clause(version, part), row
                else:
                    for each in part.of:
                        yield from look(each)

        return look(version.requires)

    # --- down through what is undecided -----------------------------------------------------------------------------
    def _walk(self, roots: list[Node]) -> None:
        """Note what lies below every undecided part. Values that must be computed first are put off and fetched together."""
        ready = list(dict.fromkeys(roots))
        waiting: dict[Node, list[Spot]] = {}
        while ready or waiting:
            if not ready:
                self.tracer.fetch(spot for spots in waiting.values() for spot in spots)
                ready, waiting = list(waiting), {}
            node = ready.pop()
            if node in self.below or node in waiting:
                continue
            missing = self._missing(*node)
            if missing:
                waiting[node] = missing
            elif not decided(self.tracer.value(*node)):
                self.asks[node] = list(self.asking.of(*node))
                self.below[node] = [(part.spot, part.row) for part in self.tracer.below(*node) if self.tracer.may_be_in(part)]
                self.below[node] += self._waited_for(*node)
                ready += self.below[node]

    def _waited_for(self, spot: Spot, row: int) -> Iterator[Node]:
        """Behind `recognised` and `eligible`: the open clauses of the items that are not decided themselves."""
        read = spot.node
        if not isinstance(read, Read) or read.read not in ("recognised", "eligible"):
            return
        unit, hops = spot.target
        at = self.tracer.at(spot.frame, hops, row)
        rows = {unit: at} if unit == HOUSEHOLD else {unit: at, HOUSEHOLD: self.tracer.at(PERSON, ("home",), at)}
        givers = sorted(self._givers.get(read.target, ())) if read.read == "recognised" else [read.target]
        for policy in givers:
            giver = self.catalogue.policies[policy][0].unit
            where = rows.get(giver)
            if where is not None and self.tracer.cell(giver, "inside", where) and self.tracer.cell(giver, f"v:{policy}", where) is None:
                number = self.tracer.version(policy, giver, where)
                if number is not None:
                    yield from self._open_clauses(self.tracer.run.program.policies[policy][number], number, where)

    def _missing(self, spot: Spot, row: int) -> list[Spot]:
        """What has to be computed before one can look below a part."""
        if not self.tracer.ready(spot):
            return list(spot.around)
        if decided(self.tracer.value(spot, row)):
            return []
        wanted: tuple[Spot, ...] = ()
        if isinstance(spot.node, Tiers):
            wanted = spot.around
        elif isinstance(spot.node, ListCall) and spot.list.where is not None:
            wanted = spot.list.where.around
        return [each for each in wanted if not self.tracer.ready(each)]

    def _fixed(self, node: Node) -> bool:
        """Whether no answer can change a value: it is decided, or open for want of a standard or by a text that fixes nothing."""
        if node not in self.below:
            return True
        if node not in self._never:
            spot, row = node
            kind = spot.node
            if isinstance(kind, Compare) or (isinstance(kind, Arith) and kind.op != "*"):
                never = any(self._open(each, row) for each in spot.here)
            elif isinstance(kind, Arith):
                never = any(self._open(a, row) and self._not_zero(b, row) for a, b in permutations(spot.here, 2))
            else:
                never = False
            nothing = not self.asks[node] and not isinstance(kind, Read) and all(self._fixed(each) for each in self.below[node])
            self._never[node] = never or nothing
        return self._never[node]

    def _open(self, spot: Spot, row: int) -> bool:
        """Whether a value is open altogether and stays so."""
        return (spot, row) in self.below and self.tracer.value(spot, row) in (None, OPEN) and self._fixed((spot, row))

    def _not_zero(self, spot: Spot, row: int) -> bool:
        value = self.tracer.value(spot, row)
        return isinstance(value, Range) and ((value.lo is not None and value.lo > 0) or (value.hi is not None and value.hi < 0))

    def _reach(self, node: Node) -> frozenset[Ask]:
        """Every question below a node whose answer may change it."""
        if self._fixed(node):
            return frozenset()
        if node not in self._reached:
            self._reached[node] = frozenset(self.asks[node]).union(*(self._reach(each) for each in self.below[node]))
        return self._reached[node]

    # --- in words ---------------------------------------------------------------------------------------------------
    def _question(self, ask: Ask) -> Question:
        """The question in words: its label and who can tell."""
        who = None if ask.subject == self.answers.household else ask.subject
        if ask.name == CONSENT:
            return Question("consent", CONSENT, who, Words("同意书", "consent"), None)
        name, _, inner = ask.name.partition(".")
        listed = self.catalogue.facts.get(name)
        rows = listed.rows if listed is not None else None
        fact = rows[inner] if inner and rows is not None and not isinstance(rows, str) else listed
        if fact is None:
            fact = next(one.edge[name] for one in self.catalogue.facts.values() if name in one.edge)
        asked = fact.ask or (listed.ask if listed is not None else None)
        return Question("list" if fact.type == "list" else "fact", ask.name, who, fact.label, asked)

    # --- how much it could settle -------------------------------------------------------------------------------------
    def _weigh(self, found: list[Question]) -> None:
        """What the items behind each question could pay, and which kinds of help are missing."""
        taken = self._taken()
        most = {item: self._most(item) for item in {item for question in found for item in (*question.settles, *question.prices)}}
        for question in found:
            items = dict.fromkeys((*question.settles, *question.prices))
            question.fen = sum(most[item] or 0 for item in items)
            question.open_ended = sum(most[item] is None for item in items)
            slots = {slot_of(self.catalogue.policies[item.policy][0]) for item in question.settles}
            question.slots = tuple(sorted(slots - taken))

    def _taken(self) -> set[str]:
        """The kinds of help that somebody has, or would get."""
        taken: set[str] = set()
        for policy in self.tracer.run.program.turns:
            slot = slot_of(self.catalogue.policies[policy][0])
            if slot not in taken and any(self.answers.chosen_one(policy, who) for who in self.answers.subjects(policy)):
                taken.add(slot)
        return taken

    def _most(self, item: Item) -> int | None:
        """What an item pays at most over twelve months; None without an end, 0 for hours."""
        turn = self.tracer.run.program.turns.get(item.policy)
        money = self.answers.paid(item.policy, item.who)
        if turn is None or money is None or self.answers.is_hours(item.policy):
            return 0
        return None if money.hi is None else money.hi * turn.times


def slot_of(version: PolicyVersion) -> str:
    """Which kind of help an item is: government, charity, or service (of a social worker or volunteer)."""
    return version.layer if version.layer in ("charity", "service") else "government"
