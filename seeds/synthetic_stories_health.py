"""Stories of old age, illness and disability."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds.synthetic_kin import ABLE, SERIOUS, children, grown_child, modest, pair
from seeds.synthetic_scene import YUAN

if TYPE_CHECKING:
    from seeds.synthetic_scene import Figure, Scene


def frail_elders(scene: Scene) -> None:
    """Poor old people who cannot do everything alone, with a child elsewhere who could pay, or none."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.3, 0.6, 0.8, 0.9, 1.0)))
    elders = [scene.member("head", dice.choice((59, 60, 64, 70, 77, 80, 85, 91, 99, 100)))]
    if dice.chance(0.6):
        elders.append(scene.member("spouse", max(58, elders[0].age - dice.randint(0, 6))))
        scene.couple(*elders)
    if dice.chance(0.92):
        child = scene.person(max(30, elders[0].age - dice.randint(24, 34)), disability_certificate=False)
        scene.child_of(child, *elders)
        scene.home_of(child)
    for elder in elders:
        _frail(scene, elder)
    modest(scene, sure=0.95)


def _frail(scene: Scene, elder: Figure) -> None:
    """What an old person cannot do; most hold a certificate, and the assessment may come out lower than the visit saw."""
    dice = scene.dice
    lost, disabled = dice.choice((0, 1, 2, 3, 4, 5, 6, 6)), dice.chance(0.85)
    elder.put(**dict.fromkeys(dice.sample(ABLE, lost), False), care_hours_week=3 * lost, wage_month=0)
    if disabled:
        kind = dice.choice(("limb", "limb", "mental"))
        elder.put(disability_certificate=True, disability_grade=dice.choice((1, 2, 2)), disability_category=kind)
    elder.put(ability_level=dice.choice((0, 1, 1, 1, min(4, lost))) if disabled else min(4, lost))
    elder.turns_on += ["ability_level"]


def elder_alone(scene: Scene) -> None:
    """An old person alone, near 60, 70 or 80; children elsewhere or none; the grandchildren owe support in the second step."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.2, 0.5, 0.9, 1.0, 1.2, 2.0)))
    elder = scene.member("head", dice.choice((58, 59, 60, 60, 61, 66, 70, 74, 79, 80, 80, 88)))
    elder.put(lives_alone=True)
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        child = grown_child(scene, elder)
        if dice.chance(0.3):
            spouse = scene.person(child.age)
            scene.couple(child, spouse)
            scene.home_of(spouse)
    elder.turns_on += ["supporters", "deposits", "authorisation_signed"]
    modest(scene, sure=0.6)


def elder_couple(scene: Scene) -> None:
    """Two old people, children elsewhere."""
    for one in pair(scene, 58, 84):
        one.turns_on.append("ability_level")
    if scene.dice.chance(0.6):
        grown_child(scene, scene.members[0])


def widow_with_patient(scene: Scene) -> None:
    """A widow with children, one of the house gravely ill."""
    mother = scene.member("head", scene.dice.randint(32, 55), "female")
    father = scene.person(mother.age + 3, "male", dead=True)
    kids = children(scene, mother, most=2)
    for child in kids:
        scene.child_of(child, father)
    patient = scene.dice.choice([mother, *kids])
    patient.put(illness=scene.dice.choice(SERIOUS))
    patient.turns_on += ["illness", "bills"]


def patient(scene: Scene) -> None:
    """Wages above the margin and bills above a year's disposable income: impoverished by illness, or nearly."""
    dice = scene.dice
    scene.level = dice.uniform(1.5, 2.7)
    ill = dice.choice(pair(scene, 30, 56))
    if dice.chance(0.3):
        ill = children(scene, *scene.members, most=1)[0]
    ill.put(illness=dice.choice(SERIOUS) if dice.chance(0.3) else "other", insured="residents", disability_certificate=False)
    own = dice.edge(scene.place.disposable_year) if dice.chance(0.3) else dice.yuan(38_000, 110_000, 100)
    out, share = dice.yuan(0, 60_000, 100), dice.choice((0, 0, 1))
    basic, major = dice.yuan(30_000, 200_000, 100), dice.yuan(0, 80_000, 100)
    ill.add(
        "bills", billed_on=dice.ago(330), kind="inpatient", referred=dice.chance(0.8), total=own + out + basic + major, out_of_scope=out,
        basic_paid=basic, major_paid=major * share, aid_paid=0, commercial_paid=major * (1 - share),
    )  # fmt: skip
    ill.turns_on += ["bills", "insured", "insured_in"]
    ill.put(emergency_care=dice.chance(0.15))
    scene.household.put(monitored_kind="none" if dice.chance(0.95) else "sudden")
    modest(scene, sure=0.92)
    if dice.chance(0.6):
        ill.add("recognitions", recognition="impoverished-by-illness", **{"from": dice.ago(300)})


def two_cancers(scene: Scene) -> None:
    """A woman with cervical or breast cancer."""
    dice = scene.dice
    woman = scene.member("head", dice.randint(30, 68), "female")
    illness = dice.pick({"cervical_cancer": 1.0, "breast_cancer": 1.0, "cancer": 0.2})
    woman.put(illness=illness, cancer_stage=dice.choice(("in_situ", "I", "IIA", "IIB", "IIB", "III", "III", "IV")))
    woman.turns_on += ["illness", "cancer_stage", "awards"]
    if dice.chance(0.5):
        children(scene, woman, most=1)
    if dice.chance(0.2):
        woman.add("awards", policy="two-cancer-aid", paid_on=dice.ago(800, cuts=(12,)), amount=10_000 * YUAN)
    scene.household.put(monitored_kind=dice.choice(("none", "marginal", "sudden", "unstable_ex_poor")))
    scene.level = min(scene.level, 1.2)
    modest(scene)


def disabled_adult(scene: Scene) -> None:
    """A grown-up with a severe disability who lives with parents near the margin line."""
    dice = scene.dice
    adult_age = dice.randint(18, 45)
    parent = scene.member("head", adult_age + dice.randint(22, 34))
    adult = scene.member("child", adult_age)
    adult.put(
        disability_certificate=True,
        disability_category=dice.choice(("mental", "intellectual", "limb", "sight", "multiple")),
        disability_grade=dice.choice((1, 2, 2, 3)),
    )
    adult.put(employment="none", wage_month=0, care_hours_week=dice.randint(0, 40), care_needed_since=dice.ago(2000, cuts=(6,)))
    scene.child_of(adult, parent)
    adult.turns_on += ["disability_grade", "care_needed_since", "authorisation_signed"]


def lost_only_child(scene: Scene) -> None:
    """A couple past 49 whose only child died or is disabled."""
    event = scene.dice.choice(("died", "disabled"))
    for one in pair(scene, 47, 66):
        one.put(only_child_event=event)
        one.turns_on += ["only_child_event"]
