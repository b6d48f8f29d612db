"""Why, or why not: a verdict with its clauses, what each rests on, and how the amount came about.

In: the answers of a finished run. Out: an Explanation, whose `to_json` is plain dicts (money under keys ending in `_fen`):

    {policy, who, title, verdict, received, code?, version {regions, region, from, until, sources [{document, article, mark}]},
     requires {op, result, of: [group, or {id, says, result, words, grounds, reasons}]},
     amounts [{part, result, words, grounds, reasons}], reasons [{code, name, title, who, standard?}]}

Source: design section 7; `matcher.grounds` for the shape of grounds and codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.catalogue import Clause
from matcher.grounding import Grounding
from matcher.grounds import Ground, Reason, both, day, reasons_in, source_json, value_json
from matcher.language import Words
from matcher.trace import decided
from matcher.words import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.answers import Answers
    from matcher.catalogue import Group, PolicyVersion
    from matcher.grounds import Json
    from matcher.language import Expression
    from matcher.trace import Plain
    from matcher.tree import Spot

DEEP = 4
"""Levels of terms and lists that are opened unless told otherwise."""
NOT_IN_FORCE = Words("当地当日没有生效的规定", "no rule is in force at the place on the day")
PARTS = ("amount", "at_least", "at_most", "cap", "hours")


@dataclass(frozen=True, slots=True)
class ClauseResult:
    """One condition: met (True), failed (False) or unknown (None), in the words of the policy and read back from the rule."""

    id: str
    says: Words
    result: bool | None
    words: Words
    grounds: tuple[Ground, ...]
    reasons: tuple[Reason, ...]

    def to_json(self) -> Json:
        """As plain values."""
        return {
            "id": self.id,
            "says": both(self.says),
            "result": self.result,
            "words": both(self.words),
            "grounds": [ground.to_json() for ground in self.grounds],
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class GroupResult:
    """`all`, `any` or `not` over clauses and groups."""

    op: str
    result: bool | None
    of: tuple[ClauseResult | GroupResult, ...]

    @property
    def clauses(self) -> list[ClauseResult]:
        """All clauses, in reading order."""
        return [each for part in self.of for each in (part.clauses if isinstance(part, GroupResult) else [part])]

    def to_json(self) -> Json:
        """As plain values."""
        return {"op": self.op, "result": self.result, "of": [part.to_json() for part in self.of]}


@dataclass(frozen=True, slots=True)
class AmountResult:
    """One part of what an item pays, by its text: amount, at_least (a floor), at_most, cap, or hours."""

    part: str
    type: str
    value: Plain
    words: Words
    grounds: tuple[Ground, ...]
    reasons: tuple[Reason, ...]

    def to_json(self) -> Json:
        """As plain values."""
        return {
            "part": self.part,
            **value_json(self.value, self.type),
            "words": both(self.words),
            "grounds": [ground.to_json() for ground in self.grounds],
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """A policy for a person or the household (`who` None).

    version: the one that holds, None (with a reason `not_in_force`) where none does; region: of its regions, the one above the
    place. received: whether it is on file already, None if that is not known.
    """

    policy: str
    who: str | None
    title: Words
    verdict: str
    received: bool | None
    version: PolicyVersion | None
    region: str | None
    requires: GroupResult | None
    amounts: tuple[AmountResult, ...]
    reasons: tuple[Reason, ...]

    def to_json(self) -> Json:
        """As plain values."""
        return {
            "policy": self.policy,
            "who": self.who,
            "title": both(self.title),
            "verdict": self.verdict,
            "received": self.received,
            "version": None if self.version is None else _version_json(self.version, self.region),
            "requires": None if self.requires is None else self.requires.to_json(),
            "amounts": [amount.to_json() for amount in self.amounts],
            "reasons": [reason.to_json() for reason in self.reasons],
        }


def explain(answers: Answers, policy: str, who: str | None, *, deep: int = DEEP) -> Explanation:
    """Why a policy is eligible, not eligible or unknown for somebody, with the better choice, if what is found is confirmed.

    Args:
        who: a person's id; None for the household.
        deep: levels of terms and lists that are opened; 0 gives the clauses with what they name directly. What is undecided is
            opened down to its reasons whatever the level.
    """
    return _Explainer(answers, deep).explain(policy, who)


def reasons_of(answers: Answers, items: Sequence[tuple[str, str | None]]) -> list[tuple[Reason, ...]]:
    """Why each of some open items (policy, who) is open: the reasons of `explain`, without the rest of it."""
    return _Explainer(answers, 0).reasons(items)


class _Explainer:
    """Explains items of one run."""

    def __init__(self, answers: Answers, deep: int) -> None:
        self.answers, self.tracer, self.catalogue = answers, answers.tracer, answers.catalogue
        self.grounding = Grounding(answers, deep)

    def reasons(self, items: Sequence[tuple[str, str | None]]) -> list[tuple[Reason, ...]]:
        """Why each of some open items is open."""
        open_parts = [self._open_parts(*item) for item in items]
        self.tracer.warm([part for parts in open_parts for part in parts or ()], rounds=2)
        return [
            (Reason("not_in_force", policy, NOT_IN_FORCE, who),)
            if parts is None
            else tuple(dict.fromkeys(reason for part in parts for reason in reasons_in(self.grounding.of(*part))))
            for (policy, who), parts in zip(items, open_parts, strict=True)
        ]

    def _open_parts(self, policy: str, who: str | None) -> list[tuple[Spot, int]] | None:
        """The clauses that are open, or the amounts if the verdict is not; None where no version holds."""
        unit = self.answers.unit(policy)
        row = self.answers.row(unit, who, 0)
        number = self.tracer.version(policy, unit, row)
        if number is None:
            return None
        version = self.answers.program.policies[policy][number]
        results = self.tracer.requires(version, number, row)
        if results[id(version.requires)] is None:
            return [(self.tracer.clause(version, clause), row) for clause in version.clauses if results[id(clause)] is None]
        return [(spot, row) for _, spot in self._expressions(version) if not decided(self.tracer.value(spot, row))]

    def explain(self, policy: str, who: str | None) -> Explanation:
        """One item."""
        unit = self.answers.unit(policy)
        row = self.answers.row(unit, who, 0)
        number = self.tracer.version(policy, unit, row)
        verdict, received = self.answers.verdict(policy, who), self.answers.received(policy, who)
        if number is None:
            title = self.catalogue.policies[policy][0].title
            reason = Reason("not_in_force", policy, NOT_IN_FORCE, who)
            return Explanation(policy, who, title, verdict, received, None, None, None, (), (reason,))
        version = self.answers.program.policies[policy][number]
        self._warm(version, row)
        requires = self._group(version.requires, version, self.tracer.requires(version, number, row), row)
        amounts = () if verdict == "not eligible" and not received else self._amounts(version, row)
        reasons = [reason for clause in requires.clauses if clause.result is None for reason in clause.reasons]
        reasons += [] if requires.result is None else [reason for amount in amounts for reason in amount.reasons]
        region = self._region(version, unit, row)
        return Explanation(policy, who, version.title, verdict, received, version, region, requires, amounts, tuple(dict.fromkeys(reasons)))

    def _warm(self, version: PolicyVersion, row: int) -> None:
        spots = [self.tracer.clause(version, clause) for clause in version.clauses]
        spots += [spot for _, spot in self._expressions(version)]
        self.tracer.warm([(spot, row) for spot in spots], rounds=2 * self.grounding.deep + 2)

    def _group(self, group: Group, version: PolicyVersion, results: dict[int, bool | None], row: int) -> GroupResult:
        parts: list[ClauseResult | GroupResult] = []
        for part in group.of:
            if isinstance(part, Clause):
                parts.append(self._clause(part, version, results[id(part)], row))
            else:
                parts.append(self._group(part, version, results, row))
        return GroupResult(group.op, results[id(group)], tuple(parts))

    def _clause(self, clause: Clause, version: PolicyVersion, result: bool | None, row: int) -> ClauseResult:
        grounds = self.grounding.of(self.tracer.clause(version, clause), row)
        reasons = reasons_in(grounds) if result is None else ()
        return ClauseResult(clause.id, clause.says, result, self._words(clause.when), grounds, reasons)

    def _amounts(self, version: PolicyVersion, row: int) -> tuple[AmountResult, ...]:
        """How the amount came about: what the text pays, before what is left of the needs limits it."""
        found = []
        for (part, expression), (_, spot) in zip(_parts(version), self._expressions(version), strict=True):
            value, grounds = self.tracer.value(spot, row), self.grounding.of(spot, row)
            reasons = () if decided(value) else reasons_in(grounds)
            found.append(AmountResult(part, spot.node.kind, value, self._words(expression), grounds, reasons))
        return tuple(found)

    def _expressions(self, version: PolicyVersion) -> list[tuple[str, Spot]]:
        scope = self.tracer.tree.policy(version.unit, version.id)
        return [(part, self.tracer.tree.spot(scope, expression.node)) for part, expression in _parts(version)]

    def _words(self, expression: Expression) -> Words:
        return Words(*(in_words(expression.node, self.catalogue, lang) for lang in ("zh", "en")))

    def _region(self, version: PolicyVersion, unit: str, row: int) -> str:
        """Of a version's regions the nearest one above the place."""
        place = self.grounding.place(self.tracer.tree.places.get(version.id, "living"), self.tracer.ego(unit, row))
        return max((region for region in version.regions if place.startswith(region)), key=len, default="")


def _parts(version: PolicyVersion) -> list[tuple[str, Expression]]:
    """The parts of a benefit that are given."""
    found = [] if version.benefit is None else [(part, getattr(version.benefit, part)) for part in PARTS]
    return [(part, expression) for part, expression in found if expression is not None]


def _version_json(version: PolicyVersion, region: str | None) -> Json:
    return {
        "regions": list(version.regions),
        "region": region,
        "from": day(version.from_),
        "until": day(version.until),
        "sources": [source_json(source) for source in version.sources],
    }
