"""A synthetic county of any size: households with kin in other households, drawn one cluster after the other, flagged synthetic.

A cluster is a household and those of its kin who live elsewhere in the county. Cluster n of a county and a seed is the same whatever was
drawn before, so that a county can be drawn in parts and grown later. Nobody in it exists. What is drawn, and how: docs/synthetic.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.records import Consent
from seeds.synthetic_county_kin import households_around
from seeds.synthetic_county_names import card_of, name_all, phone_of
from seeds.synthetic_county_places import county_of
from seeds.synthetic_county_stories import county_level, story_of
from seeds.synthetic_lists import PLACES_AWAY, fill_lists
from seeds.synthetic_means import fill_means
from seeds.synthetic_people import fill_person
from seeds.synthetic_scene import Dice, Figure, Scene
from seeds.synthetic_telling import record_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.catalogue import Catalogue
    from matcher.records import Record
    from seeds.synthetic_county_places import County

HOUSEHOLDS = 30_000
"""What a county has unless told: about 80,000 people."""
SERIALS_EACH = 16
"""ID-card serials set aside for a cluster."""
UNKNOWN_SHARE = 0.05
DEAR_STAGES, DEAR_SCHOOL = ("senior", "vocational", "junior_college", "bachelor"), 0.3
"""Stages at which school may cost more than any grant gives, and how often it does."""
AGREES_TO_CHARITY = 0.5
"""Of the heads of households: charities may be told what they need to know."""
CHARITY = Consent(("charity",), "charity", "charity-federation", dt.date(2025, 1, 1))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a county is drawn from. The same four give the same county."""

    catalogue: Catalogue
    county: County
    seed: int
    as_of: dt.date


@dataclass(slots=True)
class Cluster:
    """Some households with everybody in and around them, told. `identity`: name, idcard and phone by person, in plain text."""

    number: int
    records: list[Record] = field(default_factory=list)
    identity: dict[str, dict[str, str | None]] = field(default_factory=dict)
    scenes: list[Scene] = field(default_factory=list)


def plan_of(catalogue: Catalogue, code: str, *, seed: int, as_of: dt.date) -> Plan:
    """What the county under this code is drawn from. Raises LookupError if seeds/regions has no such county."""
    return Plan(catalogue, county_of(catalogue, code, as_of), seed, as_of)


def clusters(plan: Plan, *, first: int = 0, households: int) -> Iterator[Cluster]:
    """Clusters from number `first` on until at least so many households are there: a cluster is never cut, so it may be one or two more."""
    number, left = first, households
    while left > 0:
        found = cluster(plan, number)
        left -= len(found.records)
        number += 1
        yield found


def cluster(plan: Plan, number: int) -> Cluster:
    """Cluster `number` of a county."""
    dice = Dice(f"{plan.county.code}/{plan.seed}/{number}")
    dice.day = plan.as_of
    story, ordinary = story_of(dice)
    id_ = f"syn-{plan.county.code}-{plan.seed}-{number}"
    main = Scene(id_, dice, plan.as_of, plan.county.place(dice, number), county_level(dice))
    main.homes.append(Figure(id_, "household", inside=True, links={"members": []}))
    story(main)
    scenes = [main, *households_around(main, plan.county, number)]
    for scene in scenes:
        _fill(scene, plan.county.code, ordinary=ordinary)
    names = name_all(dice, scenes)
    found = Cluster(number, scenes=scenes)
    for scene in scenes:
        found.records.append(record_of(scene, plan.catalogue, unknown_share=UNKNOWN_SHARE))
        if dice.chance(AGREES_TO_CHARITY):
            found.records[-1].persons[scene.members[0].id].consents.append(CHARITY)
    serial = number * SERIALS_EACH
    for at, person in enumerate(person for scene in scenes for person in scene.people):
        card = card_of(dice, person, plan.county.code[:2], serial + at)
        found.identity[person.id] = {"name": names[person.id], "idcard": card, "phone": phone_of(dice, person)}
    return found


def _fill(scene: Scene, county: str, *, ordinary: bool) -> None:
    """Everything that the story left open; registers name the county, not the village."""
    dice, home = scene.dice, scene.household
    home.put(region=scene.place.region, registered_in=county if dice.chance(0.96) else dice.choice(PLACES_AWAY), school_in=county)
    home.put(event_in=dice.choice(PLACES_AWAY) if dice.chance(0.05) else scene.place.region)
    if ordinary:
        home.put(monitored_kind="none" if dice.chance(0.96) else "marginal")
    for person in scene.people:
        born = person.facts["born"]
        if isinstance(born, dt.date) and born > scene.day:  # a birthday drawn beside today
            person.facts["born"] = scene.day
        fill_person(scene, person)
        if person.facts.get("insured_in") == scene.place.region:
            person.facts["insured_in"] = county
        if person.facts.get("study_stage") in DEAR_STAGES and dice.chance(DEAR_SCHOOL):
            price = dice.yuan(5_000, 24_000, 100)
            person.add("school_costs", paid_on=dice.ago(330), amount_paid=price, public_price=price)
    fill_means(scene)
    fill_lists(scene)
