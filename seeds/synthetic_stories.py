"""The mixture of stories: who is in a household and what its story turns on. Each is a function of an empty scene.

A story sets only what makes it that story; ages, incomes and the rest are filled in afterwards. Stories aimed at one rule
(an orphan, a woman with one of two cancers, a vagrant) weigh far more than in life, so that each rule meets enough people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds import synthetic_stories_children as young
from seeds import synthetic_stories_events as events
from seeds import synthetic_stories_health as health
from seeds.synthetic_kin import children, pair

if TYPE_CHECKING:
    from collections.abc import Callable

    from seeds.synthetic_scene import Scene

    Story = Callable[[Scene], None]


def family(scene: Scene) -> None:
    """A couple with children, on wages."""
    children(scene, *pair(scene, 24, 50))


def three_generations(scene: Scene) -> None:
    """Grandparents, parents, children under one roof."""
    head, wife = pair(scene, 30, 46)
    children(scene, head, wife, most=2, oldest=18)
    elder = scene.member("parent", head.age + scene.dice.randint(22, 32))
    scene.child_of(head, elder)


def well_off(scene: Scene) -> None:
    """A household that no rule on means is for."""
    scene.level = scene.dice.uniform(4, 12)
    children(scene, *pair(scene, 28, 52), most=2)


STORIES: dict[Story, float] = {
    family: 5,
    three_generations: 3,
    well_off: 2,
    young.orphan: 9,
    young.unattended_child: 7,
    young.student_orphan: 13,
    young.students: 7,
    young.disabled_child: 8,
    health.elder_alone: 10,
    health.elder_couple: 4,
    health.frail_elders: 13,
    health.widow_with_patient: 6,
    health.patient: 17,
    health.two_cancers: 15,
    health.disabled_adult: 6,
    health.lost_only_child: 4,
    events.left_dibao_for_work: 7,
    events.post_candidate: 7,
    events.refuser: 1,
    events.disaster: 6,
    events.vagrant: 8,
    events.veteran: 2,
    events.religious: 1,
    events.renter: 6,
}
"""Weight of each story in the mixture."""

CITIES: dict[str, float] = {"3716": 50, "3703": 15, "3701": 12, "3714": 9, "3702": 2, "4107": 12}
"""Weight of each city where no region is asked for."""

AT_HOME: dict[Story, dict[str, float]] = {
    events.renter: {"3702": 4, "3716": 1},
    young.students: {"3716": 4, "4107": 1},
    health.patient: {"3716": 3, "3701": 1, "3703": 1},
    health.elder_alone: {"3716": 2, "3701": 3, "3703": 1, "4107": 1},
}
"""Stories that belong to rules of a few cities, and how these weigh where no region is asked for."""
