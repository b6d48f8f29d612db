"""People around a household who are people of the county themselves: each gets a household of its own, with a family and means.

A grown child that owes support to an old couple is thus the head, or the spouse of the head, of another household in another village, and
what the couple can expect from it follows from what is known of that household.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds.synthetic_county_stories import county_level
from seeds.synthetic_scene import Figure, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seeds.synthetic_county_places import County

STAYED = 0.78
"""Of those who could have a household in the county; the others live elsewhere and are on no file but their kin's."""
NOT_AT_LARGE = ("dead", "declared_missing", "missing_reported", "deported")
YOUNGEST_HEAD, OLDEST_HEAD = 20, 80


def households_around(scene: Scene, county: County, number: int) -> Iterator[Scene]:
    """A scene for each household that people around this one have in the county; they leave the scene itself.

    Married people share one; those who are held, missing or dead have none.
    """
    del scene.homes[1:]
    placed: set[str] = set()
    for person in [one for one in scene.people if not one.inside and _at_large(one)]:
        if person.id in placed or not scene.dice.chance(STAYED):
            continue
        mate = next((one for one, edge in person.links.get("supporters", []) if edge["duty"] == "spouse" and not one.inside), None)
        own = [person] if mate is None or mate.id in placed or not _at_large(mate) else [person, mate]
        placed |= {one.id for one in own}
        yield _household(scene, own, county, number, at=len(placed))
    scene.people = [one for one in scene.people if one.id not in placed]


def _at_large(person: Figure) -> bool:
    """Whether somebody can be at the head of a household."""
    free = not any(person.facts.get(name) is True for name in NOT_AT_LARGE) and person.facts.get("custody", "none") == "none"
    return free and YOUNGEST_HEAD <= person.age <= OLDEST_HEAD and person.facts.get("civil_capacity") != "none"


def _household(main: Scene, own: list[Figure], county: County, number: int, *, at: int) -> Scene:
    """The household of somebody, or of a married couple, with those who live there."""
    dice = main.dice
    id_ = f"{main.id}-h{at}"
    scene = Scene(id_, dice, main.day, county.place(dice, number), county_level(dice))
    scene.homes.append(Figure(id_, "household", inside=True, links={"members": []}))
    for kin, person in zip(("head", "spouse"), own, strict=False):
        person.inside, person.kin = True, kin
        scene.people.append(person)
        scene.household.links["members"].append((person, {"kin": kin}))
    head = own[0]
    if len(own) == 1 and head.facts.get("married") is not False and head.age >= 23 and dice.chance(0.8):
        sex = "male" if head.facts["sex"] == "female" else "female"
        scene.couple(head, scene.member("spouse", max(20, head.age + dice.randint(-4, 4)), sex))
    parents = [one for one in scene.members if one.kin in ("head", "spouse")]
    for _ in range(_how_many(main, parents)):
        youngest = min(parent.age for parent in parents)
        low = max(0, youngest - 36)
        child = scene.member("child", dice.randint(low, max(low, min(22, youngest - 21))))
        scene.child_of(child, *parents)
    return scene


def _how_many(scene: Scene, parents: list[Figure]) -> int:
    """Children at home: fewer for one parent, none for the very young and the old."""
    youngest = min(parent.age for parent in parents)
    if youngest < 22 or youngest > 57:
        return 0
    weights = {0: 2.0, 1: 5.0, 2: 4.0, 3: 0.5} if len(parents) > 1 else {0: 7.0, 1: 2.0, 2: 1.0}
    return scene.dice.pick(weights)
