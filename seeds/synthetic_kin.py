"""What several stories need: couples, children at home and elsewhere, means that no rule on property stumbles over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds.synthetic_scene import months_on

if TYPE_CHECKING:
    from seeds.synthetic_scene import Figure, Scene

AWAY = ("370481", "371302", "410102", "371002", "370602")
SERIOUS = (
    "cancer",
    "leukaemia",
    "kidney_failure",
    "transplant",
    "haemophilia",
    "aplastic_anaemia",
    "heart_attack",
    "stroke",
    "severe_mental",
    "mds",
)
ABLE = ("eats_alone", "dresses_alone", "leaves_bed_alone", "uses_toilet_alone", "walks_indoors_alone", "bathes_alone")


def pair(scene: Scene, low: int, high: int) -> tuple[Figure, Figure]:
    """A couple at the head of the household."""
    age = scene.dice.randint(low, high)
    head = scene.member("head", age, "male")
    wife = scene.member("spouse", max(20, age - scene.dice.randint(-2, 5)), "female")
    scene.couple(head, wife)
    return head, wife


def children(scene: Scene, *parents: Figure, most: int = 3, oldest: int = 23) -> list[Figure]:
    """Their children at home."""
    top = min(oldest, min(parent.age for parent in parents) - 19)
    found = []
    for _ in range(scene.dice.randint(1, most)):
        found.append(scene.member("child", scene.dice.randint(0, max(0, top))))
        scene.child_of(found[-1], *parents)
    return found


def grown_child(scene: Scene, parent: Figure) -> Figure:
    """A grown-up child who lives elsewhere, able or not to support the parent."""
    dice = scene.dice
    child = scene.person(max(20, parent.age - dice.randint(22, 34)))
    match dice.pick({"able": 2.0, "disabled": 1.0, "prison": 0.7, "missing": 0.5, "incapable": 0.4}):
        case "disabled":
            child.put(
                disability_certificate=True,
                disability_category=dice.choice(("mental", "intellectual", "limb")),
                disability_grade=dice.choice((1, 2, 2, 3)),
                wage_month=0,
            )
        case "prison":
            child.put(custody="prison", custody_from=dice.ago(900, least=30), custody_until=months_on(scene.day, dice.randint(0, 40)))
        case "missing":
            child.put(declared_missing=True)
        case "incapable":
            child.put(civil_capacity="none")
    scene.home_of(child)
    scene.child_of(child, parent)
    return child


def modest(scene: Scene, *, sure: float = 0.8) -> None:
    """Mostly nothing that a rule on property would stumble over."""
    if scene.dice.chance(sure):
        for one in scene.members:
            one.put(
                deposits=scene.dice.yuan(0, 3_000),
                securities=0,
                insurance_value=0,
                business_registered=False,
                business_employees=0,
                authorisation_signed=True,
            )
            one.entries.setdefault("vehicles", [])
            one.entries.setdefault("buildings", [])


def elsewhere(scene: Scene) -> None:
    """The emergency happened far from where the household is registered."""
    scene.household.put(event_in=scene.dice.choice(AWAY))
