"""The four slots of a bundle: government, charity, social worker, volunteer. Filled, or empty for a reason that has a code.

In: the items of the bundle, the waterfalls, and the tables of the neighbourhood (who covers the household's region, what they can do, how
many hours they have, whom they accompany). Out: four Slots. Nobody is assigned here; that is allocation's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from graph.regions import within
from matcher.days import of_date
from matcher.plain_rows import in_force, rows_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from matcher.answers import Answers
    from matcher.items import Item
    from matcher.needs import Waterfall
    from matcher.stored import Tables

SlotName = Literal["government", "charity", "social_worker", "volunteer"]
Reason = Literal[
    "no_rule",  # nothing of the kind is in force here
    "not_eligible",  # everything was tried and refused
    "fact_unknown",  # something must be found out first
    "no_need",  # nothing that the slot could meet
    "no_consent",  # personal data may not be passed on yet
    "closed",  # the project takes no applications on this day
    "budget",  # the project's budget does not reach
    "no_supply_near",  # nobody who covers the place can do it
    "no_hours",  # those who could have no hours left
]
HELPERS: dict[SlotName, str] = {"social_worker": "SocialWorker", "volunteer": "Volunteer"}
GOVERNMENT = ("recognition", "insurance", "basic", "special", "emergency", "other")


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who could come. `hours_free` a week, None if not known; `accompanies`: knows the household already."""

    id: str
    title: str | None
    organization: str | None
    can_do: tuple[str, ...]
    hours_free: float | None
    accompanies: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """`reason` is None where the slot is filled. `needs`: the needs in hours that a helper is wanted for."""

    slot: SlotName
    reason: Reason | None
    items: tuple[tuple[str, str | None], ...] = ()
    helpers: tuple[Helper, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def filled(self) -> bool:
        """Whether there is somebody or something."""
        return self.reason is None


def slots_of(
    answers: Answers, items: Sequence[Item], falls: Sequence[Waterfall], helpers: Mapping[str, Sequence[Helper]]
) -> tuple[Slot, ...]:
    """The four slots, in the order of the law: the state first, then charity, then people.

    Args:
        helpers: of each kind those near, as `helpers_near` gives them.
    """
    hours = [fall for fall in falls if answers.catalogue.needs[fall.need].type == "hours"]
    return (
        _of_items("government", GOVERNMENT, answers, items),
        _of_items("charity", ("charity",), answers, items),
        *(_of_people(slot, answers, helpers[kind], hours) for slot, kind in HELPERS.items()),
    )


def helpers_near(household: str, tables: Tables, kind: str, as_of: dt.date) -> list[Helper]:
    """Workers or volunteers on the day who accompany the household or cover a region that it lies in; those who know it first."""
    today = of_date(as_of)
    lives = [edge["dst"] for edge in in_force(rows_of(tables, "LIVES_IN"), today) if edge["src"] == household]
    company = in_force(rows_of(tables, "ACCOMPANIES"), today)
    known = {edge["src"] for edge in company if edge["dst"] == household and edge["src_kind"] == kind}
    areas, can_do = (
        [(edge["src"], edge["dst"]) for edge in rows_of(tables, of, ("src", "dst", "src_kind")) if edge["src_kind"] == kind]
        for of in ("COVERS_AREA", "CAN_DO")
    )
    near = {who for who, area in areas if any(within(region, area) for region in lives)} | known
    skills: dict[str, list[str]] = {}
    for who, need in sorted(can_do):
        skills.setdefault(who, []).append(need.replace("-", "_"))
    found = [
        Helper(row["id"], row["title"], row["organization"], tuple(skills.get(row["id"], ())), _free(row), row["id"] in known)
        for row in in_force(rows_of(tables, kind), today)
        if row["id"] in near
    ]
    return sorted(found, key=lambda one: (not one.accompanies, -(one.hours_free or 0.0), one.id))


def on_day(table: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """Rows whose dates include the day."""
    begun = pl.col("from").is_null() | (pl.col("from") <= day)
    return table.filter(begun & (pl.col("until").is_null() | (pl.col("until") >= day)))


def _free(row: dict[str, Any]) -> float | None:
    """Hours a week that are not taken yet."""
    return None if row["hours_week"] is None else max(0.0, row["hours_week"] - (row["hours_used"] or 0.0))


def _of_items(slot: SlotName, layers: tuple[str, ...], answers: Answers, items: Sequence[Item]) -> Slot:
    """A slot that policies or projects fill."""
    ours = [item for item in items if item.layer in layers]
    good = [item for item in ours if item.status == "has" or (item.status == "can" and not {*item.caveats} - {"applied"})]
    named = tuple((item.policy, item.who) for item in good)
    if good:
        return Slot(slot, None, named)
    ours = [item for item in ours if "refused" not in item.caveats]
    caveats = [caveat for item in ours if item.status == "can" for caveat in item.caveats]
    for reason in ("no_consent", "closed", "budget"):
        if reason in caveats:
            return Slot(slot, reason)
    if caveats or any(item.status == "ask" for item in ours):
        return Slot(slot, "fact_unknown")
    policies = [p for p, versions in answers.catalogue.policies.items() if versions[0].layer in layers]
    here = any(answers.version(p, who) is not None for p in policies for who in answers.subjects(p))
    return Slot(slot, "not_eligible" if here else "no_rule")


def _of_people(slot: SlotName, answers: Answers, helpers: Sequence[Helper], hours: list[Waterfall]) -> Slot:
    """A slot that somebody from near fills."""
    wanted = {fall.need for fall in hours if fall.before_lo > 0}
    needs = tuple(need for need in answers.catalogue.needs if need in wanted)
    if not needs:
        return Slot(slot, "fact_unknown" if hours else "no_need")
    able = [helper for helper in helpers if wanted & set(helper.can_do)]
    if not able:
        return Slot(slot, "no_supply_near", needs=needs)
    free = tuple(helper for helper in able if helper.hours_free != 0)
    return Slot(slot, None if free else "no_hours", helpers=free, needs=needs)
