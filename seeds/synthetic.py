"""Random households near the lines of the rules, seeded and flagged synthetic: for tests, for a county to try things on.

Household n of a seed is the same however many are asked for and in whatever order. Nobody in them exists. What is drawn, and
how: docs/synthetic.md. `python -m seeds.synthetic --report 10000` prints what the engine says about them, policy by policy.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seeds.synthetic_lists import fill_lists
from seeds.synthetic_means import fill_means, level
from seeds.synthetic_people import fill_person
from seeds.synthetic_scene import Dice, Figure, Place, Scene
from seeds.synthetic_stories import AT_HOME, CITIES, STORIES
from seeds.synthetic_telling import record_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from matcher.catalogue import Catalogue
    from matcher.records import Record

__all__ = ["EVERYWHERE", "household", "households"]

EVERYWHERE = ""
"""As `region`: counties of every city that has a lane of its own, so that each version of each rule is met."""
COUNTY_DIGITS = 6


def households(
    catalogue: Catalogue, *, count: int, seed: int, as_of: dt.date, region: str = "3716", unknown_share: float = 0.05, first: int = 0
) -> Iterator[Record]:
    """Draw households one after the other.

    Args:
        catalogue: its facts are told and its standards are the lines that values are drawn around.
        count, first: numbers first to first + count - 1 are drawn.
        as_of: the day of the question; ages and dates are drawn around it.
        region: a province, city or county; EVERYWHERE for a mixture of all cities with rules of their own.
        unknown_share: about which share of facts is left out; 0 tells all there is.

    Returns:
        Records in the order of their numbers; the household `syn-<seed>-<n>` comes first in each, with its people and those around.
    """
    for number in range(first, first + count):
        yield household(catalogue, number, seed=seed, as_of=as_of, region=region, unknown_share=unknown_share)


def household(catalogue: Catalogue, number: int, *, seed: int, as_of: dt.date, region: str = "3716", unknown_share: float = 0.05) -> Record:
    """Household `number` of a seed; see `households`."""
    dice = Dice(f"{seed}/{number}")
    dice.day = as_of
    story = dice.pick(STORIES)
    city = region or dice.pick(AT_HOME.get(story, CITIES))
    place = Place.of(catalogue, dice.choice(counties(city)), dice.choice(("urban", "rural")), as_of)
    scene = Scene(f"syn-{seed}-{number}", dice, as_of, place, level(dice))
    scene.homes.append(Figure(scene.id, "household", inside=True, links={"members": []}))
    story(scene)
    for person in scene.people:
        fill_person(scene, person)
    _homes_for_all(scene)
    fill_means(scene)
    fill_lists(scene)
    return record_of(scene, catalogue, unknown_share=unknown_share)


@cache
def counties(region: str) -> tuple[str, ...]:
    """The counties of seeds/regions that lie in a region; the region itself if none is listed."""
    found = [
        row["code"]
        for path in sorted((Path(__file__).parent / "regions").glob("*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        if len(row["code"]) == COUNTY_DIGITS and row["code"].startswith(region)
    ]
    return tuple(found) or (region,)


def _homes_for_all(scene: Scene) -> None:
    """Most people around live in a household that is on file too, some with somebody else of it."""
    housed = {person.id for home in scene.homes for person, _ in home.links["members"]}
    for person in list(scene.people):
        if person.id not in housed and person.facts.get("dead") is not True and scene.dice.chance(0.7):
            mate = [scene.person(max(18, person.age - 2))] if scene.dice.chance(0.4) else []
            for one in mate:
                fill_person(scene, one)
            scene.home_of(person, *mate)


if __name__ == "__main__":
    import sys

    from seeds.synthetic_report import main

    sys.exit(main(sys.argv[1:]))
