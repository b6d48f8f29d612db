"""Stories of children without care, of students, and of parents who cannot care."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from seeds.synthetic_kin import SERIOUS, children, modest, pair
from seeds.synthetic_scene import months_on

if TYPE_CHECKING:
    from seeds.synthetic_scene import Figure, Scene


def students(scene: Scene) -> None:
    """A poor family with children in senior school and college, fees above any grant."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.6, 0.8, 0.9, 1.2)))
    parent = scene.member("head", dice.randint(40, 55))
    for _ in range(dice.choice((1, 2, 2))):
        age = dice.randint(16, 22)
        child = scene.member(
            "child", age, study_full_time=True, study_stage=dice.choice(("junior_college", "bachelor")) if age >= 18 else "senior"
        )
        scene.child_of(child, parent)
        price = dice.yuan(3_000, 12_000, 100)
        child.add("school_costs", paid_on=dice.ago(340, cuts=(12,)), amount_paid=price + dice.yuan(0, 8_000), public_price=price)
        child.turns_on += ["school_costs", "study_stage"]
    modest(scene)


def orphan(scene: Scene) -> None:
    """A child whose parents are dead, declared missing or never found, with grandparents or alone."""
    dice = scene.dice
    if dice.chance(0.35):
        scene.member("head", dice.randint(58, 78))
    child = scene.member(
        "grandchild" if scene.members[:1] and scene.household.links["members"] else "head", dice.choice((3, 6, 9, 12, 15, 15, 17, 17, 18))
    )
    if dice.chance(0.15):
        child.put(foundling_record=True)
    else:
        for sex in ("male", "female"):
            gone = {"dead": True} if dice.chance(0.75) else {"declared_missing": True}
            parent = scene.person(child.age + dice.randint(22, 35), sex, **(gone if dice.chance(0.9) else {"dead": False}))
            scene.child_of(child, parent)
            parent.turns_on += ["dead"]
    child.put(adopted=dice.chance(0.08))
    child.turns_on += ["parents", "adopted", "foundling_record"]
    if dice.chance(0.4):
        child.add("recognitions", recognition="orphan", **{"from": dice.ago(1500)})


def unattended_child(scene: Scene) -> None:
    """A child whose parents are there and cannot care: held, out of contact, gravely disabled or ill."""
    dice = scene.dice
    guardian = scene.member("head", dice.randint(55, 76))
    child = scene.member("grandchild", dice.choice((2, 5, 8, 11, 14, 16, 17, 17)))
    for sex in ("male", "female"):
        parent = scene.person(min(child.age + dice.randint(20, 36), guardian.age - 19), sex)
        _unable_parent(scene, parent)
        scene.child_of(child, parent)
    scene.child_of(child.links["parents"][0][0], guardian)
    child.turns_on += ["parents"]
    if dice.chance(0.3):
        child.add("recognitions", recognition="unattended-child", **{"from": dice.ago(900)})


def _unable_parent(scene: Scene, parent: Figure) -> None:
    """Why a parent cannot care, or nearly; what it turns on."""
    dice, day = scene.dice, scene.day
    match dice.choice(("held", "away", "disabled", "ill", "dead", "revoked", "held", "away", "well")):
        case "held":
            begun = dice.ago(150, least=10, cuts=(1, 2))
            months = dice.choice((5, 6, 6, 18, 36))
            parent.put(
                custody=dice.choice(("prison", "compulsory_detox")), custody_from=begun, custody_until=max(day, months_on(begun, months))
            )
            parent.turns_on += ["custody", "custody_until"]
        case "away":
            since = dice.ago(900, least=150, cuts=(6,))
            parent.put(missing_reported=True, missing_since=since, last_cared_on=since)
            parent.turns_on += ["missing_reported", "last_cared_on"]
        case "disabled":
            parent.put(
                disability_certificate=True, disability_category=dice.choice(("mental", "limb")), disability_grade=dice.choice((1, 2, 3))
            )
            parent.turns_on += ["disability_grade"]
        case "ill":
            parent.put(illness=dice.choice(SERIOUS))
            parent.turns_on += ["illness"]
        case "dead":
            parent.put(dead=True)
        case "revoked":
            parent.put(guardianship_revoked=True)
            parent.turns_on += ["guardianship_revoked"]


def student_orphan(scene: Scene) -> None:
    """A grown-up orphan who studies on."""
    dice = scene.dice
    student = scene.member("head", dice.choice((17, 18, 18, 18, 19, 19, 20, 20, 21, 21, 22, 24)))
    eighteen = months_on(student.facts["born"], 12 * 18)  # type: ignore[arg-type]  # a date, set when the person was made
    before = dice.pick({dice.randint(300, 5000): 8.0, 1: 1.0, 0: 0.5, -60: 0.3})
    student.put(orphan_record=dice.chance(0.95), orphan_recognised_on=eighteen - dt.timedelta(days=before))
    student.put(
        study_stage=dice.choice(
            ("senior", "vocational", "junior_college", "bachelor", "bachelor", "senior", "vocational", "master", "doctor")
        ),
        study_full_time=dice.chance(0.92),
    )
    student.put(study_since=months_on(eighteen, dice.choice((-40, -20, -10, -2, -1, 0, 0, 3))), adopted=dice.chance(0.07))
    student.turns_on += ["orphan_record", "study_since", "study_full_time"]
    scene.level = min(scene.level, 1.0)


def disabled_child(scene: Scene) -> None:
    """A family with a disabled child in training."""
    dice = scene.dice
    child = children(scene, *pair(scene, 25, 45), most=2, oldest=17)[0]
    child.put(disability_certificate=dice.chance(0.92), rehab_advised=dice.chance(0.85), disability_grade=dice.randint(1, 4))
    child.turns_on += ["rehab_advised", "disability_certificate"]
