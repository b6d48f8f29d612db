"""The facts of a person that a story left open: who one is, school, health, care, work ability, insurance, company, law.

Each function sets what is still open, by name; names that a catalogue does not have are dropped later. Shares are chosen so
that rules for few meet enough people, not to match a census.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from seeds.synthetic_kin import ABLE, SERIOUS
from seeds.synthetic_scene import months_on

if TYPE_CHECKING:
    from seeds.synthetic_scene import Figure, Scene

MINOR_ILLS = ("other", "congenital_heart", "nephrotic_syndrome", "hiv")
LEGAL = (
    "state_compensation",
    "social_insurance",
    "pension",
    "support",
    "labour",
    "injury",
    "capacity",
    "domestic_violence",
    "criminal_defence",
    "other",
)
NEVER = (
    "dead",
    "declared_missing",
    "missing_reported",
    "guardianship_revoked",
    "deported",
    "clergy",
    "foundling_record",
    "adopted",
    "emergency_care",
)


def fill_person(scene: Scene, person: Figure) -> None:
    """All facts of a person but work, income and property."""
    for part in (_who, _school, _health, _care, _insurance, _company, _law):
        part(scene, person)


def _who(scene: Scene, person: Figure) -> None:
    """Status on the registers; nothing out of the ordinary unless the story says so."""
    dice = scene.dice
    if person.facts.get("custody", "none") == "none":
        person.put(custody="none")
    person.put(**{name: dice.chance(0.002) for name in NEVER})
    person.put(
        civil_capacity="full",
        lives_here=dice.chance(0.96),
        married=20 < person.age < 70 and dice.chance(0.4),
        identity_known=True,
        shelter=True,
    )
    if person.facts["missing_reported"]:
        person.put(missing_since=dice.ago(900, cuts=(6,)), last_cared_on=dice.ago(900, cuts=(6,)))
    person.put(care_place="institution" if dice.chance(0.05) else "home", authorisation_signed=dice.chance(0.95))
    person.put(party_member=person.age > 25 and dice.chance(0.08), union_member=20 < person.age < 60 and dice.chance(0.15))
    person.put(
        veteran=dice.pick({"none": 96.0, "veteran": 3.0, "martyr_kin": 1.0}) if person.age > 20 else "none",
        residence_permit=dice.chance(0.04),
    )
    event = dice.pick({"none": 92.0, "died": 4.0, "disabled": 4.0}) if person.age >= 47 else "none"
    person.put(only_child_event=event, orphan_record=dice.chance(0.004))
    if person.facts["orphan_record"]:
        person.put(orphan_recognised_on=dice.ago(4000, least=100))


def _school(scene: Scene, person: Figure) -> None:
    """A stage that fits the age; a few are ahead, behind or out."""
    dice, age = scene.dice, person.age + scene.dice.pick({0: 8.0, -1: 1.0, 1: 1.0})
    if age < 3 or age > 28:
        stage = "none"
    elif age < 6:
        stage = dice.pick({"kindergarten": 8.0, "none": 1.0})
    elif age < 15:
        stage = "primary" if age < 12 else "junior"
    elif age < 18:
        stage = dice.pick({"senior": 5.0, "vocational": 3.0, "none": 1.0})
    else:
        stages = (
            {"junior_college": 3.0, "bachelor": 3.0, "senior": 0.7, "vocational": 0.7, "none": 4.0}
            if age < 24
            else {"none": 8.0, "master": 1.0, "doctor": 0.3}
        )
        stage = dice.pick(stages)
    person.put(study_stage=stage)
    studies = person.facts["study_stage"] != "none"
    person.put(
        study_full_time=studies and dice.chance(0.94), boards_at_school=studies and dice.chance(0.35), school_public=dice.chance(0.85)
    )
    person.put(
        school_major_agriculture=person.facts["study_stage"] == "vocational" and dice.chance(0.3),
        asks_tutoring=studies and dice.chance(0.15),
    )
    if studies:
        person.put(study_since=dice.ago(1500, least=30), study_year=dice.randint(1, 4))


def _health(scene: Scene, person: Figure) -> None:
    """Illness and disability; a certificate brings category and grade."""
    dice, old = scene.dice, person.age >= 60
    open_end = dice.random()
    illness = dice.choice(SERIOUS) if open_end < (0.1 if old else 0.04) else dice.choice(MINOR_ILLS) if open_end < 0.12 else "none"
    if illness == "cancer" and person.facts["sex"] == "female":
        illness = dice.choice(("cervical_cancer", "breast_cancer", "cancer"))
    person.put(illness=illness)
    if person.facts["illness"] != "none":
        person.put(diagnosed_on=dice.ago(1200), cancer_stage=dice.choice(("in_situ", "I", "IIA", "IIB", "III", "IV")))
    certificate = dice.chance(0.16 if old else 0.06)
    person.put(disability_certificate=certificate)
    if person.facts["disability_certificate"]:
        person.put(
            disability_category=dice.pick(
                {"limb": 5.0, "sight": 1.5, "hearing": 2.0, "speech": 0.5, "intellectual": 1.5, "mental": 1.5, "multiple": 1.0}
            )
        )
        person.put(disability_grade=dice.pick({1: 2.0, 2: 3.0, 3: 3.0, 4: 3.0}), rehab_advised=dice.chance(0.4))
    person.put(rehab_advised=dice.chance(0.01))


def _severe(person: Figure) -> bool:
    """Grade 1 or 2 on the certificate."""
    grade = person.facts.get("disability_grade")
    return isinstance(grade, int) and grade <= 2


def _care(scene: Scene, person: Figure) -> None:
    """What one can do alone, as a visit or an assessment says, and hours of care."""
    dice, severe = scene.dice, _severe(person)
    weak = dice.chance(0.7 if severe else 0.35 if person.age >= 75 else 0.2 if person.age >= 60 else 0.02)
    lost = dice.pick({1: 3.0, 2: 2.0, 3: 2.0, 4: 2.0, 6: 1.0}) if weak else 0
    for name in dice.sample(ABLE, lost):
        person.put(**{name: False})
    person.put(**dict.fromkeys(ABLE, True))
    level = min(4, max(0, lost + dice.choice((-1, 0, 0)))) if person.age >= 55 else 0
    hours = dice.choice((4, 7, 10, 14, 28, 40)) if weak else 0
    person.put(ability_level=level, care_hours_week=hours)
    if person.facts["care_hours_week"]:
        person.put(care_needed_since=dice.ago(1500, cuts=(6,)))
    need = person.facts["care_hours_week"]
    assert isinstance(need, (int, Fraction))
    person.facts["care_hours_week"] = Fraction(need)
    person.put(care_hours_kin_week=Fraction(dice.randint(0, int(need)) if need and dice.chance(0.6) else 0))
    escort = (
        Fraction(dice.choice((1, 2, 3, 5, 8)), 2)
        if dice.chance(0.3 if weak or person.facts["illness"] != "none" else 0.03)
        else Fraction(0)
    )
    person.put(escort_hours_week=escort, escort_hours_kin_week=dice.choice((Fraction(0), escort / 2, escort)))
    person.put(work_injury_care_month=dice.yuan(300, 2000) if person.age > 18 and dice.chance(0.01) else 0)


def _insurance(scene: Scene, person: Figure) -> None:
    """Medical and pension insurance, and where."""
    dice = scene.dice
    worker = 20 < person.age < 62 and dice.chance(0.2)
    person.put(insured="workers" if worker else dice.pick({"residents": 95.0, "none": 5.0}))
    person.put(pension_insured="workers" if worker else dice.pick({"residents": 80.0, "none": 20.0}) if person.age >= 16 else "none")
    if person.facts["insured"] != "none":
        away = dice.chance(0.05)
        person.put(insured_in=dice.choice(("3702", "110101", "410102")) if away else scene.place.region)


def _company(scene: Scene, person: Figure) -> None:
    """Company and mood, as a visit notes them."""
    dice = scene.dice
    alone = len(scene.members) == 1 and person.inside
    person.put(
        lives_alone=alone,
        asks_counselling=dice.chance(0.14),
        visits_month=dice.choice((0, 1, 2, 3, 4, 5, 8)) if alone else dice.randint(0, 12),
    )
    person.put(asks_tutoring=False)


def _law(scene: Scene, person: Figure) -> None:
    """Matters of law, crimes, custody that has ended."""
    dice = scene.dice
    person.put(legal_matter=dice.choice(LEGAL) if person.age >= 14 and dice.chance(0.12) else "none")
    harmed = dice.chance(0.02)
    person.put(crime_harm=dice.choice(("minor", "serious", "death_of_kin")) if harmed else "none")
    if harmed:
        person.put(
            court_award=dice.yuan(2_000, 200_000),
            crime_compensated=dice.yuan(0, 20_000),
            crime_own_fault=dice.choice(("none", "partial", "main")),
        )
    if person.facts["custody"] != "none":
        person.put(custody_from=dice.ago(600, least=20), custody_until=months_on(scene.day, dice.randint(-1, 30)))
