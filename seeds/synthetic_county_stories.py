"""Who lives in a household of a synthetic county: ordinary households, and among them the stories that rules are for.

Ordinary ones carry the ages and sizes of a county; the others weigh more than in life, so that each rule meets people, but not as much as
where rules alone are tried. Grown children who left are people outside; `synthetic_county_kin` finds them a household of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds import synthetic_stories as trial
from seeds.synthetic_kin import children, pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from seeds.synthetic_scene import Dice, Figure, Scene

    Story = Callable[[Scene], None]

ORDINARY_SHARE = 0.66
"""Of the clusters; the others have a story of `synthetic_stories`."""
LEVELS = {"below": 0.2, "at": 0.05, "between": 0.13, "margin": 0.05, "above": 0.57}
RANGES = {"below": (0.0, 0.97), "at": (0.99, 1.01), "between": (1.01, 1.48), "margin": (1.48, 1.52), "above": (1.52, 7.0)}


def county_level(dice: Dice) -> float:
    """Income a head in dibao standards: more above the lines than where rules are tried, enough beside them."""
    return dice.uniform(*RANGES[dice.pick(LEVELS)])


def alone(scene: Scene) -> None:
    """One person on wages."""
    scene.member("head", scene.dice.randint(22, 59))


def couple(scene: Scene) -> None:
    """Two people without children at home; those past 46 mostly have grown children elsewhere."""
    head, wife = pair(scene, 24, 62)
    _grown(scene, head, wife)


def family(scene: Scene) -> None:
    """A couple with children."""
    _children(scene, *pair(scene, 25, 50))


def lone_parent(scene: Scene) -> None:
    """A mother or a father with children; the other parent lives elsewhere, or is dead."""
    dice = scene.dice
    parent = scene.member("head", dice.randint(27, 49))
    kids = _children(scene, parent)
    other = scene.person(parent.age + dice.randint(-3, 3), "male" if parent.facts["sex"] == "female" else "female", dead=dice.chance(0.3))
    for child in kids:
        scene.child_of(child, other)


def three_generations(scene: Scene) -> None:
    """Grandparents, parents, children under one roof."""
    dice = scene.dice
    head, wife = pair(scene, 30, 48)
    _children(scene, head, wife)
    age = head.age + dice.randint(22, 30)
    elder = scene.member("parent", age)
    scene.child_of(head, elder)
    if dice.chance(0.5):
        mate = scene.member("parent", max(head.age + 20, age - dice.randint(0, 4)), _other_sex(elder))
        scene.couple(elder, mate)
        scene.child_of(head, mate)


def elders(scene: Scene) -> None:
    """An old couple whose children have left."""
    head, wife = pair(scene, 60, 84)
    _grown(scene, head, wife)


def elder(scene: Scene) -> None:
    """An old person alone whose children have left."""
    one = scene.member("head", scene.dice.randint(62, 92), lives_alone=True)
    _grown(scene, one)


def raised_by_grandparents(scene: Scene) -> None:
    """Children with their grandparents, the parents at work elsewhere."""
    dice = scene.dice
    head, wife = pair(scene, 52, 68)
    parent = scene.person(min(head.age, wife.age) - dice.randint(21, 25))
    scene.child_of(parent, head, wife)
    for _ in range(dice.choice((1, 1, 2))):
        child = scene.member("grandchild", dice.randint(0, max(1, min(15, parent.age - 21))))
        scene.child_of(child, parent)


ORDINARY: dict[Story, float] = {
    alone: 9,
    couple: 20,
    family: 34,
    lone_parent: 4,
    three_generations: 15,
    elders: 14,
    elder: 8,
    raised_by_grandparents: 3,
}


def story_of(dice: Dice) -> tuple[Story, bool]:
    """A story, and whether it is an ordinary one."""
    ordinary = dice.chance(ORDINARY_SHARE)
    return dice.pick(ORDINARY if ordinary else trial.STORIES), ordinary


def _other_sex(person: Figure) -> str:
    return "male" if person.facts["sex"] == "female" else "female"


def _children(scene: Scene, *parents: Figure) -> list[Figure]:
    """One or two children at home, now and then three."""
    youngest = min(parent.age for parent in parents)
    if youngest < 20:
        return children(scene, *parents, most=1, oldest=1)
    found: list[Figure] = []
    for _ in range(scene.dice.pick({1: 5.0, 2: 5.0, 3: 0.8})):
        low = max(0, youngest - 38)
        found.append(scene.member("child", scene.dice.randint(min(low, 22), max(min(low, 22), min(23, youngest - 21)))))
        scene.child_of(found[-1], *parents)
    return found


def _grown(scene: Scene, *parents: Figure) -> None:
    """One to three grown children who live elsewhere."""
    dice, youngest = scene.dice, min(parent.age for parent in parents)
    if youngest < 45 or dice.chance(0.08):
        return
    for _ in range(dice.pick({1: 5.0, 2: 4.0, 3: 1.0})):
        child = scene.person(min(youngest - 20, max(22, youngest - dice.randint(22, 32))))
        scene.child_of(child, *parents)
