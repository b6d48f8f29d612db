"""The layered bundle: what a household gets and could get, in the legal order, and what is left.

In: the answers of a finished run and the tables they came from. Out: one Bundle of plain values, which `plain` of
`matcher.bundle_json` turns into JSON. Everything here is a proposal; an officer decides. Source: design section 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.catalogue import LAYERS
from matcher.caveats import IN_THE_WAY
from matcher.items import Items
from matcher.needs import Residual, Waterfall, residuals, waterfalls
from matcher.slots import slots_of

if TYPE_CHECKING:
    import datetime as dt

    from matcher.answers import Answers
    from matcher.items import Item, Status
    from matcher.slots import Slot
    from matcher.stored import Tables

TIMES = {"month": 12, "year": 1, "once": 1}


@dataclass(frozen=True, slots=True)
class Totals:
    """`items`: how many policies can be applied for; certain money of them in fen. `year` and `once` fall within twelve months."""

    items: int
    month: int
    year: int
    once: int

    @property
    def twelve_months(self) -> int:
        """All of it over the next twelve months."""
        return 12 * self.month + self.year + self.once


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything on one household's page. `items` in the legal order, those not eligible included."""

    household: str
    members: tuple[str, ...]
    as_of: dt.date
    catalogue: str
    items: tuple[Item, ...]
    needs: tuple[Waterfall, ...]
    residual: tuple[Residual, ...]
    slots: tuple[Slot, ...]
    totals: Totals
    recognised: tuple[tuple[str, str | None], ...] = field(default=())

    def of(self, *statuses: Status) -> list[Item]:
        """Items of these statuses."""
        return [item for item in self.items if item.status in statuses]


def bundle_of(answers: Answers, tables: Tables, *, as_of: dt.date) -> Bundle:
    """The bundle of one household.

    Args:
        answers: the finished run.
        tables: the neighbourhood that the run was made from: awards, recognitions, consents, helpers.
        as_of: the day of the question.

    Returns:
        Items of every policy and member, in the legal order, with status `no` where not eligible; sums are of certain money only.
    """
    makers = Items(answers, tables, as_of)
    items = tuple(makers.item(policy, who) for policy in _legal_order(answers) for who in answers.subjects(policy))
    falls = tuple(waterfalls(answers))
    return Bundle(
        answers.household,
        tuple(answers.members),
        as_of,
        answers.catalogue.hash,
        items,
        falls,
        residuals(answers, falls, short={item.policy for item in items if "no_supply_near" in item.caveats}),
        slots_of(answers, items, falls, makers.helpers),
        _totals(items),
        makers.recognised(),
    )


def _legal_order(answers: Answers) -> list[str]:
    """Policies by layer, within one in the order of their turns."""
    return sorted(answers.program.order, key=lambda policy: LAYERS.index(answers.catalogue.policies[policy][0].layer))


def _totals(items: tuple[Item, ...]) -> Totals:
    """Certain money of what can be applied for."""
    sums = dict.fromkeys(TIMES, 0)
    ready = [item for item in items if item.status == "can" and not IN_THE_WAY & set(item.caveats)]
    for item in ready:
        if item.per in sums and not item.hours and "maybe_received" not in item.caveats:
            sums[item.per] += item.lo or 0
    return Totals(len({item.policy for item in ready}), sums["month"], sums["year"], sums["once"])
