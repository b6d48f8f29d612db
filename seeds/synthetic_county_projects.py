"""Charity projects of a synthetic county, in the form of the catalogue: sixty of twenty themes, by invented foundations.

Variants of a theme differ in who runs them, where, from which burden on, up to which sum, and how much money there is: some are rich,
most run dry. All are marked illustrative. What a theme asks is in `synthetic_county_themes`.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from seeds.synthetic_county_themes import THEMES, Theme
from seeds.synthetic_scene import Dice

if TYPE_CHECKING:
    from seeds.synthetic_county_places import County

PROJECTS = 60
FOUNDATIONS = (
    ("wheat-ear", "麦穗", "Wheat Ear"),
    ("morning-lamp", "晨灯", "Morning Lamp"),
    ("stone-bridge", "石桥", "Stone Bridge"),
    ("warm-well", "暖井", "Warm Well"),
    ("green-slope", "青坡", "Green Slope"),
    ("paper-boat", "纸船", "Paper Boat"),
)
CAPS = (800, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 10_000, 20_000)
SHARES = (0.3, 0.4, 0.5)
"""Of what is left: a project never takes the whole, so that those after it have work too."""
BUDGETS = (20_000, 50_000, 80_000, 120_000, 200_000, 500_000, 1_500_000)
BEGUN, ENDS = dt.date(2025, 1, 1), dt.date(2027, 12, 31)
DOCUMENT = "合成县示例规则（虚构）"


def organisation(county: str, key: str) -> str:
    """The id of a foundation."""
    return f"syn-{county}-{key}"


def projects(county: County, *, count: int = PROJECTS) -> list[dict[str, Any]]:
    """Projects as plain mappings, to be written as YAML; the same for a county every time."""
    dice = Dice(f"projects/{county.code}")
    return [_project(dice, county, THEMES[number % len(THEMES)], number // len(THEMES) + 1) for number in range(count)]


def _project(dice: Dice, county: County, theme: Theme, variant: int) -> dict[str, Any]:
    """One variant of a theme."""
    key, zh, en = dice.choice(FOUNDATIONS)
    id_ = f"syn-{county.code}-{theme.key}-{variant}"
    areas = [county.code] if variant < 3 or dice.chance(0.4) else sorted(town.code for town in dice.sample(county.townships[:6], 3))
    least, money = dice.choice(theme.least), theme.skill is None
    clauses = [{"id": cid, "says": {"zh": czh, "en": cen}, "when": when} for cid, czh, cen, when in (*theme.who, theme.left(least))]
    budget = dice.choice(BUDGETS)
    rule = {
        **{"id": id_, "title": {"zh": f"{zh}{theme.zh}（{variant}）", "en": f"{en} {theme.en} ({variant})"}, "layer": "charity"},
        **{"department": "charity-federation", "unit": theme.unit, "region": areas, "place": "living"},
        **{"in_force": {"from": BEGUN}, "source": [{"document": DOCUMENT, "mark": "illustrative"}]},
        **{"requires": {"all": clauses}, "benefit": _benefit(dice, theme)},
    }
    project: dict[str, Any] = {
        "organisation": organisation(county.code, key),
        "consent": "required",
        "open": {"from": BEGUN, "until": ENDS},
    }
    project |= {"budget": budget, "places": max(10, budget // 2_000)} if money else {"places": dice.choice((20, 60, 150))}
    return rule | {"project": project, "procedure": {"accepts": "township", "decides": "charity-federation"}, "documents": ["consent"]}


def _benefit(dice: Dice, theme: Theme) -> dict[str, Any]:
    """A share of what is left: money up to a cap, or some hours a month."""
    left = " + ".join(f"left.{need}" for need in theme.covers)
    common = {"pays": "discretionary", "certainty": "exact", "covers": list(theme.covers)}
    share = dice.choice(SHARES)
    amount = f"{share} * ({left})" if len(theme.covers) > 1 else f"{share} * {left}"
    if theme.skill is not None:
        return {"kind": "service", **common, "hours": f"min({dice.choice((1, 2, 4))}, {amount})", "skill": theme.skill, "per": "month"}
    return {"kind": theme.kind, **common, "amount": amount, "cap": f"yuan({dice.choice(CAPS)})", "per": "once"}
