"""What to check next: the unknown facts, incomplete lists and missing consents that could still settle something.

In: a finished run and the evidence behind it. Out: questions, those that can do most first. A question is asked only if it
stands on a path of undecided values: from an undecided verdict through its undecided groups and clauses, or from an amount
that is not fixed of an item that is eligible, down through undecided parts alone, and on through items that are waited for. What
only feeds a part that stays open whatever is answered (a standard is missing, the text fixes nothing) is not asked.
Source: design section 7.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal, NamedTuple

from matcher.asks import CONSENT
from matcher.language import Words
from matcher.scope import HOUSEHOLD
from matcher.undecided import Undecided

if TYPE_CHECKING:
    from matcher.answers import Answers
    from matcher.asks import Ask
    from matcher.catalogue import Catalogue, PolicyVersion
    from matcher.evidence import Evidence
    from matcher.trace import Tracer
    from matcher.undecided import Node


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
        self.undecided = Undecided(answers, evidence)

    def ranked(self) -> list[Question]:
        """The questions in order."""
        verdicts, amounts = self._roots()
        self.undecided.walk([node for nodes in (*verdicts.values(), *amounts.values()) for node in nodes])
        settled, priced = self._reached(verdicts), self._reached(amounts)
        found = []
        for ask, bit in self.undecided.asks.items():
            settles = tuple([item for item, bits in settled if bits & bit])
            prices = tuple([item for item, bits in priced if bits & bit])
            if settles or prices:
                question = self._question(ask)
                question.settles, question.prices = settles, prices
                found.append(question)
        self._weigh(found)
        return sorted(found, key=lambda q: (not q.settles, -q.fen, -len(q.slots), q.name, q.who or ""))

    def _reached(self, roots: dict[Item, list[Node]]) -> list[tuple[Item, int]]:
        """For each item the questions that it stands in, as bits."""
        return [(item, reduce(or_, map(self.undecided.reach, nodes), 0)) for item, nodes in roots.items()]

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
                    verdicts[item] = self.undecided.clauses(policy, unit, row)
                elif verdict and self._unfixed(policy, unit, row):
                    amounts[item] = [(part.spot, part.row) for part in self.tracer.amounts(policy, row)]
        return verdicts, amounts

    def _unfixed(self, policy: str, unit: str, row: int) -> bool:
        """Whether what an item would pay is not one figure."""
        if policy not in self.tracer.run.program.turns:
            return False
        return self.tracer.cell(unit, f"ask:{policy}:lo", row) != self.tracer.cell(unit, f"ask:{policy}:hi", row)

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
        items = {item for question in found for item in (*question.settles, *question.prices)}
        most = {item: self._most(item) for item in items}
        slot = {item: slot_of(self.catalogue.policies[item.policy][0]) for item in items}
        for question in found:
            pays = [most[item] for item in (*question.settles, *question.prices)]
            question.fen = sum(fen for fen in pays if fen is not None)
            question.open_ended = pays.count(None)
            question.slots = tuple(sorted({slot[item] for item in question.settles} - taken))

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
