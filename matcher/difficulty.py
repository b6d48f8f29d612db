"""How hard a household has it: an index from 0 to 100 with what makes it up, the circle and the category it belongs to.

In: columns `di:<entry>` that the plan left on a household's row, one for each condition of difficulty.yaml, in the best world.
Out: points from and to, because what is not known may add some. For the order of work; no verdict reads it. Source: design section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.scope import HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matcher.answers import Answers
    from matcher.language import Expression, Words

FULL = 100


@dataclass(frozen=True, slots=True)
class Level:
    """So many points if the condition holds and none of the levels above did."""

    points: int
    says: Words
    when: Expression


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that makes life hard. `why`: what it looks at."""

    id: str
    label: Words
    why: Words
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A circle or a category: the first that holds is the household's."""

    id: str
    label: Words
    when: Expression


@dataclass(frozen=True, slots=True)
class Scale:
    """difficulty.yaml. Empty where a catalogue has none: every household then stands at 0."""

    indicators: tuple[Indicator, ...] = ()
    circles: tuple[Group, ...] = ()
    categories: tuple[Group, ...] = ()

    def conditions(self) -> Iterator[tuple[str, Expression]]:
        """(column, condition) of everything that has to be known about a household."""
        for one in self.indicators:
            for number, level in enumerate(one.levels):
                yield f"di:{one.id}:{number}", level.when
        for kind, groups in (("circle", self.circles), ("category", self.categories)):
            for group in groups:
                yield f"di:{kind}:{group.id}", group.when


@dataclass(frozen=True, slots=True)
class Contribution:
    """Points of one indicator, from and to; `level`: which of its levels surely holds, None for none or not known."""

    indicator: str
    lo: int
    hi: int
    level: int | None


@dataclass(frozen=True, slots=True)
class Difficulty:
    """`lo` counts what is known, `hi` also what may be. `circle`, `category`: None for none, or where an earlier one is not settled.

    `unsettled`: kinds of these two that are not settled.
    """

    lo: int
    hi: int
    parts: tuple[Contribution, ...]
    circle: str | None
    category: str | None
    unsettled: tuple[str, ...] = field(default=())


def difficulty_of(answers: Answers) -> Difficulty:
    """The difficulty of one household in the best world."""
    return assess(answers.catalogue.difficulty, lambda column: answers.cell(HOUSEHOLD, None, column))


def assess(scale: Scale, holds: Callable[[str], bool | None]) -> Difficulty:
    """The same from yes, no or unknown by column."""
    parts = tuple(_contribution(one, holds) for one in scale.indicators)
    circle, category = (_first(kind, groups, holds) for kind, groups in (("circle", scale.circles), ("category", scale.categories)))
    unsettled = tuple(kind for kind, (_, settled) in (("circle", circle), ("category", category)) if not settled)
    lo, hi = (min(FULL, sum(getattr(part, end) for part in parts)) for end in ("lo", "hi"))
    return Difficulty(lo, hi, tuple(part for part in parts if part.hi), circle[0], category[0], unsettled)


def _contribution(one: Indicator, holds: Callable[[str], bool | None]) -> Contribution:
    """Points of the first level that holds; of every level that may be the first, the least and the most."""
    possible: list[int] = []
    for number, level in enumerate(one.levels):
        known = holds(f"di:{one.id}:{number}")
        if known is not False:
            possible.append(level.points)
        if known:
            return Contribution(one.id, min(possible), max(possible), number if len(possible) == 1 else None)
    possible.append(0)
    return Contribution(one.id, min(possible), max(possible), None)


def _first(kind: str, groups: tuple[Group, ...], holds: Callable[[str], bool | None]) -> tuple[str | None, bool]:
    """The first group that surely holds, and whether no earlier one may."""
    settled = True
    for group in groups:
        known = holds(f"di:{kind}:{group.id}")
        if known:
            return group.id, settled
        settled = settled and known is False
    return None, settled


def as_json(scale: Scale, found: Difficulty) -> dict[str, object]:
    """Plain values, as docs/json.md tells."""
    by_id = {one.id: one for one in scale.indicators}
    parts = [
        {
            "indicator": part.indicator,
            "label": _words(by_id[part.indicator].label),
            "lo": part.lo,
            "hi": part.hi,
            "says": None if part.level is None else _words(by_id[part.indicator].levels[part.level].says),
        }
        for part in found.parts
    ]
    return {
        "lo": found.lo,
        "hi": found.hi,
        "circle": found.circle,
        "category": found.category,
        "unsettled": list(found.unsettled),
        "parts": parts,
    }


def _words(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}
