"""A cluster of a synthetic county as rows of the graph: what was told, sealed identity, assessed needs, who comes to see them.

Townships and villages are in the county's catalogue, so no row here brings a region.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from matcher.records import rows
from seeds.synthetic_scene import Dice
from seeds.synthetic_tables import SOURCE, flagged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from matcher.records import Rows
    from seeds.synthetic_county import Cluster, Plan
    from seeds.synthetic_county_folder import Helper
    from seeds.synthetic_scene import Figure, Scene

    Seal = Callable[[Mapping[str, str | None]], dict[str, str]]
    Under = Callable[[str, dt.date | None], str | None]

LEFT_OUT = ("Region", "PART_OF")
ASSESSED = 0.6
"""Of those who have such a need, the share whose need a worker has written down."""
ACCOMPANIED = {"old": 0.2, "disabled": 0.15, "other": 0.01}
FACTS_OF_NEEDS = {
    "care_hours": ("care_hours_week", "care_hours_kin_week"),
    "housing": ("rent_month",),
    "utilities": ("utility_cost_month",),
}
HOURS = {"counselling": "asks_counselling", "tutoring": "asks_tutoring", "company": "lives_alone"}


def rows_of(cluster: Cluster, plan: Plan, helpers: Mapping[str, list[Helper]], *, seal: Seal, under: Under) -> Rows:
    """All rows of a cluster, nodes and edges by kind.

    Args:
        helpers: workers and volunteers by the region that they cover.
        seal: name, idcard and phone in plain text to the properties of a person.
        under: a policy and a day to `Kind:id` of the version that an award is under, None where none is stored.
    """
    found: Rows = {}
    at = dt.datetime.combine(plan.as_of, dt.time(), dt.UTC)
    for record in cluster.records:
        for kind, part in flagged(rows(record, plan.catalogue, source=SOURCE, true_on=plan.as_of, recorded_at=at)).items():
            if kind not in LEFT_OUT:
                found.setdefault(kind, []).extend(part)
    for person in found["Person"]:
        person |= seal(cluster.identity[person["id"]])
    dice = Dice(f"{cluster.number}/rows/{plan.county.code}/{plan.seed}")
    dice.day = plan.as_of
    for scene in cluster.scenes:
        _needs(found, scene, plan, dice)
        _company(found, scene, helpers, dice)
    for award in found.get("Award", ()):
        if node := under(award["policy"], award.get("paid_on")):
            kind, _, version = node.partition(":")
            _add(found, "UNDER", src=award["id"], dst=version, dst_kind=kind)
    return found


def _add(found: Rows, kind: str, **row: Any) -> None:
    found.setdefault(kind, []).append(row | {"source": SOURCE})


def _needs(found: Rows, scene: Scene, plan: Plan, dice: Dice) -> None:
    """What a worker wrote down on a visit, following what is true of the household."""
    for unit, figures in (("Household", [scene.household]), ("Person", scene.members)):
        for figure in figures:
            for category, measure in _true_needs(figure):
                need = plan.catalogue.needs.get(category)
                if need is None or not dice.chance(ASSESSED):
                    continue
                id_, day = f"{unit.lower()}/{figure.id}/need/{category}", dice.ago(300)
                row = {"category": category, "window": need.window, "from": day, "text": "入户评估（合成）", **measure}
                _add(found, "Need", id=id_, synthetic=True, **row)
                _add(found, "HAS_NEED", src=figure.id, dst=id_, src_kind=unit)


def _true_needs(figure: Figure) -> list[tuple[str, dict[str, Any]]]:
    """Needs of a person or a household with fen over the window or hours a week."""
    facts, needs = figure.facts, list[tuple[str, dict[str, Any]]]()
    for category, (name, *less) in FACTS_OF_NEEDS.items():
        value = facts.get(name)
        other = facts.get(less[0]) if less else None
        if isinstance(value, Fraction) and value > (other if isinstance(other, Fraction) else 0):
            needs.append((category, {"hours": float(value - (other if isinstance(other, Fraction) else 0))}))
        elif type(value) is int and value > 0:
            needs.append((category, {"amount_fen": 12 * value}))
    needs += [(category, {"hours": 1.0}) for category, name in HOURS.items() if facts.get(name) is True]
    for name, category, field in (("debts", "debt", "amount"), ("shocks", "disaster", "loss")):
        total = sum(amount for entry in figure.entries.get(name, ()) if isinstance(amount := entry.get(field), int))
        needs += [(category, {"amount_fen": total})] if total else []
    return needs


def _company(found: Rows, scene: Scene, helpers: Mapping[str, list[Helper]], dice: Dice) -> None:
    """A volunteer of the village or a worker of the township who comes regularly, mostly to the old and the disabled."""
    members, region = scene.members, scene.place.region
    old = any(member.age >= 75 for member in members)
    kind = "old" if old else "disabled" if any(m.facts.get("disability_certificate") is True for m in members) else "other"
    near = [*helpers.get(region, ()), *helpers.get(region[:9], ())]
    if near and dice.chance(ACCOMPANIED[kind]):
        who = dice.choice(near)
        src_kind = "SocialWorker" if who.kind == "worker" else "Volunteer"
        _add(found, "ACCOMPANIES", src=who.id, dst=scene.household.id, src_kind=src_kind, **{"from": dice.ago(900)})
