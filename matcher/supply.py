"""What no rule reads of many households at once, as it is for one: who could help near, what people agreed to, what was applied for.

In: the tables of some households' neighbourhoods. Out: skills by household, consents by person, applications by item. Source: design
sections 8 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from graph.regions import within
from matcher.applications import standing
from matcher.slots import HELPERS, on_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from matcher.applications import Application, Item
    from matcher.stored import Tables


@dataclass(frozen=True, slots=True)
class OnFile:
    """`skills`: needs that somebody near can do, by household; `agreed`: to whom somebody's consents open the household, by person."""

    skills: dict[str, set[str]]
    agreed: dict[str, set[str]]
    applications: dict[Item, Application]


def on_file_of(tables: Tables, households: Sequence[str], as_of: dt.date) -> OnFile:
    """What is on file of some households on the day."""
    return OnFile(skills_near(tables, households, as_of), consents_of(tables, as_of), standing(tables, as_of))


def skills_near(tables: Tables, households: Sequence[str], as_of: dt.date) -> dict[str, set[str]]:
    """Needs that somebody near can do, by household: who covers a region that it lies in, or accompanies it."""
    found: dict[str, set[str]] = {household: set() for household in households}
    lives: dict[str, list[str]] = {}
    for home, region in on_day(tables["LIVES_IN"], as_of).select("src", "dst").iter_rows():
        if home in found:
            lives.setdefault(region, []).append(home)
    for kind in HELPERS.values():
        there = set(on_day(tables[kind], as_of).get_column("id").to_list())
        can_do: dict[str, set[str]] = {}
        for who, need in tables["CAN_DO"].filter(pl.col("src_kind") == kind).select("src", "dst").iter_rows():
            can_do.setdefault(who, set()).add(need.replace("-", "_"))
        covers: dict[str, set[str]] = {}
        for who, area in tables["COVERS_AREA"].filter(pl.col("src_kind") == kind).select("src", "dst").iter_rows():
            if who in there:
                covers.setdefault(area, set()).update(can_do.get(who, ()))
        for region, homes in lives.items():
            near = {skill for area, skills in covers.items() if within(region, area) for skill in skills}
            for home in homes:
                found[home] |= near
        company = on_day(tables["ACCOMPANIES"], as_of).filter(pl.col("src_kind") == kind)
        for who, home in company.select("src", "dst").iter_rows():
            if who in there and home in found:
                found[home] |= can_do.get(who, set())
    return found


def consents_of(tables: Tables, as_of: dt.date) -> dict[str, set[str]]:
    """To whom the consents in force open the household, by person who gave them: the one who is named, else the scopes."""
    taken_back = pl.col("withdrawn").is_not_null() & (pl.col("withdrawn") <= as_of)
    live = on_day(tables["Consent"], as_of).filter(~taken_back)
    found: dict[str, set[str]] = {}
    for who, scope, recipient in tables["GAVE"].join(live, left_on="dst", right_on="id").select("src", "scope", "recipient").iter_rows():
        found.setdefault(who, set()).update([recipient] if recipient else scope or ())
    return found
