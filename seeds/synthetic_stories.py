"""Archetypes: who is in a household and what its story turns on. Each is a function of an empty scene; the weights are at the end.

A story sets only what makes it that story; ages, incomes and the rest are filled in afterwards. Stories aimed at one rule
(an orphan, a woman with one of two cancers, a vagrant) weigh far more than in life, so that each rule meets enough people.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from seeds.synthetic_scene import YUAN, months_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from seeds.synthetic_scene import Figure, Scene

    Story = Callable[[Scene], None]

AWAY = ("370481", "371302", "410102", "371002", "370602")
SERIOUS = ("cancer", "leukaemia", "kidney_failure", "transplant", "haemophilia", "aplastic_anaemia", "heart_attack", "stroke", "severe_mental", "mds")
ABLE = ("eats_alone", "dresses_alone", "leaves_bed_alone", "uses_toilet_alone", "walks_indoors_alone", "bathes_alone")


def _pair(scene: Scene, low: int, high: int) -> tuple[Figure, Figure]:
    """A couple at the head of the household."""
    age = scene.dice.randint(low, high)
    head = scene.member("head", age, "male")
    wife = scene.member("spouse", max(20, age - scene.dice.randint(-2, 5)), "female")
    scene.couple(head, wife)
    return head, wife


def _children(scene: Scene, *parents: Figure, most: int = 3, oldest: int = 23) -> list[Figure]:
    """Their children at home."""
    top = min(oldest, min(parent.age for parent in parents) - 19)
    found = []
    for _ in range(scene.dice.randint(1, most)):
        found.append(scene.member("child", scene.dice.randint(0, max(0, top))))
        scene.child_of(found[-1], *parents)
    return found


def _grown_child(scene: Scene, parent: Figure) -> Figure:
    """A grown-up child who lives elsewhere, able or not to support the parent."""
    dice = scene.dice
    child = scene.person(max(20, parent.age - dice.randint(22, 34)))
    match dice.pick({"able": 2.0, "disabled": 1.0, "prison": 0.7, "missing": 0.5, "incapable": 0.4}):
        case "disabled":
            child.put(disability_certificate=True, disability_category=dice.choice(("mental", "intellectual", "limb")), disability_grade=dice.choice((1, 2, 2, 3)), wage_month=0)
        case "prison":
            child.put(custody="prison", custody_from=dice.ago(900, least=30), custody_until=months_on(scene.day, dice.randint(0, 40)))
        case "missing":
            child.put(declared_missing=True)
        case "incapable":
            child.put(civil_capacity="none")
    scene.home_of(child)
    scene.child_of(child, parent)
    return child


def _modest(scene: Scene, *, sure: float = 0.8) -> None:
    """Mostly nothing that a rule on property would stumble over."""
    if scene.dice.chance(sure):
        for one in scene.members:
            one.put(deposits=scene.dice.yuan(0, 3_000), securities=0, insurance_value=0, business_registered=False, business_employees=0, authorisation_signed=True)
            one.entries.setdefault("vehicles", [])
            one.entries.setdefault("buildings", [])


def frail_elder(scene: Scene) -> None:
    """A poor old person who cannot do everything alone, by themselves or with a grown-up child at home."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.3, 0.6, 0.8, 0.9, 1.0)))
    elder = scene.member("head", dice.choice((59, 60, 64, 70, 77, 80, 85, 91, 99, 100)))
    if dice.chance(0.1):
        scene.child_of(scene.member("child", elder.age - 25, disability_certificate=True, disability_grade=2, disability_category="mental"), elder)
    if dice.chance(0.92):
        able = scene.person(elder.age - dice.randint(22, 32), disability_certificate=False)
        scene.child_of(able, elder)
        scene.home_of(able)
    lost, disabled = dice.choice((0, 1, 2, 3, 4, 5, 6, 6)), dice.chance(0.85)
    elder.put(**dict.fromkeys(dice.sample(ABLE, lost), False), care_hours_week=3 * lost, wage_month=0)
    if disabled:
        elder.put(disability_certificate=True, disability_grade=dice.choice((1, 2, 2)), disability_category=dice.choice(("limb", "limb", "mental")))
    elder.put(ability_level=dice.choice((0, 1, 1, 1, min(4, lost))) if disabled else min(4, lost))
    elder.turns_on += ["ability_level"]
    _modest(scene)


def students(scene: Scene) -> None:
    """A poor family with children in senior school and college, fees above any grant."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.6, 0.8, 0.9, 1.2)))
    parent = scene.member("head", dice.randint(40, 55))
    for _ in range(dice.choice((1, 2, 2))):
        age = dice.randint(16, 22)
        child = scene.member("child", age, study_full_time=True, study_stage=dice.choice(("junior_college", "bachelor")) if age >= 18 else "senior")
        scene.child_of(child, parent)
        price = dice.yuan(3_000, 12_000, 100)
        child.add("school_costs", paid_on=dice.ago(340, cuts=(12,)), amount_paid=price + dice.yuan(0, 8_000), public_price=price)
        child.turns_on += ["school_costs", "study_stage"]
    _modest(scene)


def elder_alone(scene: Scene) -> None:
    """An old person alone, near 60, 70 or 80; children elsewhere or none; the grandchildren owe support in the second step."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.2, 0.5, 0.9, 1.0, 1.2, 2.0)))
    elder = scene.member("head", dice.choice((58, 59, 60, 60, 61, 66, 70, 74, 79, 80, 80, 88)))
    elder.put(lives_alone=True)
    for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
        child = _grown_child(scene, elder)
        if dice.chance(0.3):
            spouse = scene.person(child.age)
            scene.couple(child, spouse)
            scene.home_of(spouse)
    elder.turns_on += ["supporters", "deposits", "authorisation_signed"]
    _modest(scene, sure=0.6)


def elder_couple(scene: Scene) -> None:
    """Two old people, children elsewhere."""
    for one in _pair(scene, 58, 84):
        one.turns_on.append("ability_level")
    if scene.dice.chance(0.6):
        _grown_child(scene, scene.members[0])


def family(scene: Scene) -> None:
    """A couple with children, on wages."""
    _children(scene, *_pair(scene, 24, 50))


def three_generations(scene: Scene) -> None:
    """Grandparents, parents, children under one roof."""
    head, wife = _pair(scene, 30, 46)
    _children(scene, head, wife, most=2, oldest=18)
    elder = scene.member("parent", head.age + scene.dice.randint(22, 32))
    scene.child_of(head, elder)


def widow_with_patient(scene: Scene) -> None:
    """A widow with children, one of the house gravely ill."""
    mother = scene.member("head", scene.dice.randint(32, 55), "female")
    father = scene.person(mother.age + 3, "male", dead=True)
    children = _children(scene, mother, most=2)
    for child in children:
        scene.child_of(child, father)
    patient = scene.dice.choice([mother, *children])
    patient.put(illness=scene.dice.choice(SERIOUS))
    patient.turns_on += ["illness", "bills"]


def patient(scene: Scene) -> None:
    """Wages above the margin and bills above a year's disposable income: impoverished by illness, or nearly."""
    dice = scene.dice
    scene.level = dice.uniform(1.5, 2.9)
    ill = dice.choice(_pair(scene, 30, 56))
    if dice.chance(0.3):
        ill = _children(scene, *scene.members, most=1)[0]
    ill.put(illness=dice.choice(SERIOUS) if dice.chance(0.3) else "other", insured="residents", disability_certificate=False)
    own = dice.edge(scene.place.disposable_year) if dice.chance(0.3) else dice.yuan(38_000, 110_000, 100)
    out, share = dice.yuan(0, 60_000, 100), dice.choice((0, 0, 1))
    basic, major = dice.yuan(30_000, 200_000, 100), dice.yuan(0, 80_000, 100)
    bill = {"billed_on": dice.ago(330), "kind": "inpatient", "referred": dice.chance(0.8), "total": own + out + basic + major}
    ill.add("bills", **bill, out_of_scope=out, basic_paid=basic, major_paid=major * share, aid_paid=0, commercial_paid=major * (1 - share))
    ill.turns_on += ["bills", "insured", "insured_in"]
    ill.put(emergency_care=dice.chance(0.15))
    scene.household.put(monitored_kind="none" if dice.chance(0.95) else "sudden")
    _modest(scene)
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
        _children(scene, woman, most=1)
    if dice.chance(0.2):
        woman.add("awards", policy="two-cancer-aid", paid_on=dice.ago(800, cuts=(12,)), amount=10_000 * YUAN)
    scene.household.put(monitored_kind=dice.choice(("none", "marginal", "sudden", "unstable_ex_poor")))
    scene.level = min(scene.level, 1.2)
    _modest(scene)


def orphan(scene: Scene) -> None:
    """A child whose parents are dead, declared missing or never found, with grandparents or alone."""
    dice = scene.dice
    if dice.chance(0.35):
        scene.member("head", dice.randint(58, 78))
    child = scene.member("grandchild" if scene.members[:1] and scene.household.links["members"] else "head", dice.choice((3, 6, 9, 12, 15, 15, 17, 17, 18)))
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
        parent = scene.person(child.age + dice.randint(20, 36), sex)
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
            parent.put(custody=dice.choice(("prison", "compulsory_detox")), custody_from=begun, custody_until=max(day, months_on(begun, months)))
            parent.turns_on += ["custody", "custody_until"]
        case "away":
            since = dice.ago(900, least=150, cuts=(6,))
            parent.put(missing_reported=True, missing_since=since, last_cared_on=since)
            parent.turns_on += ["missing_reported", "last_cared_on"]
        case "disabled":
            parent.put(disability_certificate=True, disability_category=dice.choice(("mental", "limb")), disability_grade=dice.choice((1, 2, 3)))
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
    student.put(study_stage=dice.choice(("senior", "vocational", "junior_college", "bachelor", "bachelor", "senior", "vocational", "master", "doctor")), study_full_time=dice.chance(0.92))
    student.put(study_since=months_on(eighteen, dice.choice((-40, -20, -10, -2, -1, 0, 0, 3))), adopted=dice.chance(0.07))
    student.turns_on += ["orphan_record", "study_since", "study_full_time"]
    scene.level = min(scene.level, 1.0)


def disabled_adult(scene: Scene) -> None:
    """A grown-up with a severe disability who lives with parents near the margin line."""
    dice = scene.dice
    adult_age = dice.randint(18, 45)
    parent = scene.member("head", adult_age + dice.randint(22, 34))
    adult = scene.member("child", adult_age)
    adult.put(disability_certificate=True, disability_category=dice.choice(("mental", "intellectual", "limb", "sight", "multiple")), disability_grade=dice.choice((1, 2, 2, 3)))
    adult.put(employment="none", wage_month=0, care_hours_week=dice.randint(0, 40), care_needed_since=dice.ago(2000, cuts=(6,)))
    scene.child_of(adult, parent)
    adult.turns_on += ["disability_grade", "care_needed_since", "authorisation_signed"]


def disabled_child(scene: Scene) -> None:
    """A family with a disabled child in training."""
    dice = scene.dice
    child = _children(scene, *_pair(scene, 25, 45), most=2, oldest=17)[0]
    child.put(disability_certificate=dice.chance(0.92), rehab_advised=dice.chance(0.85), disability_grade=dice.randint(1, 4))
    child.turns_on += ["rehab_advised", "disability_certificate"]


def left_dibao_for_work(scene: Scene) -> None:
    """On dibao, and somebody has found work: income is now above the line, or just below."""
    dice = scene.dice
    scene.level = dice.choice((0.9, 1.05, 1.1, 1.2, 1.4, 1.6, 2.0))
    head, wife = _pair(scene, 26, 54)
    _children(scene, head, wife, most=2, oldest=17)
    worker = dice.choice((head, wife))
    worker.put(employment=dice.choice(("employed", "casual", "flexible")), employed_since=dice.ago(170, least=5, cuts=(6,)), work_ability="full")
    scene.household.add("awards", policy="dibao", paid_on=dice.ago(700, least=200), amount=dice.yuan(200, 1500))
    scene.household.turns_on += ["awards"]
    (head if worker is wife else wife).put(wage_month=0)
    _modest(scene)
    worker.turns_on += ["employed_since", "wage_month"]


def post_candidate(scene: Scene) -> None:
    """Somebody able to work whom no offer has suited."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.5, 0.9, 1.2)))
    one = scene.member("head", dice.choice((35, 45, 52, 58, 59, 60, 64, 65)))
    one.put(work_ability=dice.choice(("full", "partial")), employment="none", wage_month=0, hard_to_employ_record=dice.chance(0.8), wants_work=True)
    for _ in range(dice.randint(1, 4)):
        suits = dice.chance(0.25)
        answer = dice.pick({"refused": 8.0, "accepted": 0.5, "pending": 0.5})
        one.add("job_offers", offered_on=dice.ago(340, cuts=(12,)), suits=suits, answer=answer, reason=dice.choice(("none", "illness", "too_far", "care_of_kin", "other")))
    one.turns_on += ["job_offers", "work_ability"]


def refuser(scene: Scene) -> None:
    """Suitable work refused three times running, or twice."""
    dice = scene.dice
    one = scene.member("head", dice.randint(20, 58), employment="none", work_ability="full", wage_month=0)
    for _ in range(dice.choice((2, 3, 3, 4))):
        one.add("job_offers", offered_on=dice.ago(340), suits=True, answer="refused", reason=dice.choice(("none", "other")))


def disaster(scene: Scene) -> None:
    """A house hit by flood, quake or fire, within three or twelve months or just before."""
    dice = scene.dice
    _children(scene, *_pair(scene, 28, 55), most=2)
    scene.household.put(dwelling_tenure=dice.pick({"own": 5.0, "rent_private": 1.0}), basic_needs_unmet=dice.chance(0.6))
    kind = dice.pick({"natural_disaster": 3.0, "fire": 1.0})
    loss = dice.yuan(500, 80_000, 100)
    scene.household.add(
        "shocks", happened_on=dice.ago(120, cuts=(3, 12)), kind=kind, loss=loss, compensated=dice.choice((0, 0, loss // 3, loss)),
        relocated=dice.chance(0.4), house=dice.choice(("none", "minor", "severe", "collapsed")), rooms=dice.randint(0, 5),
    )  # fmt: skip
    if dice.chance(0.15):
        _elsewhere(scene)
    scene.household.turns_on += ["shocks", "basic_needs_unmet"]


def _elsewhere(scene: Scene) -> None:
    """The emergency happened far from where the household is registered."""
    scene.household.put(event_in=scene.dice.choice(AWAY))


def vagrant(scene: Scene) -> None:
    """Somebody without a place to stay, or found ill in the street."""
    dice = scene.dice
    one = scene.member("head", dice.randint(16, 75), shelter=dice.chance(0.15), identity_known=dice.chance(0.5), emergency_care=dice.chance(0.7))
    scene.household.put(basic_needs_unmet=dice.chance(0.88), dwelling_tenure="none")
    if dice.chance(0.55):
        _elsewhere(scene)
        scene.household.add("shocks", happened_on=dice.ago(95, cuts=(3,)), kind=dice.choice(("traffic", "injury", "sudden_illness", "other")), loss=dice.yuan(0, 20_000), compensated=0)
    one.turns_on += ["shelter", "emergency_care"]


def veteran(scene: Scene) -> None:
    """A veteran, or kin of the fallen, with a matter of law."""
    one = scene.member("head", scene.dice.randint(40, 85), veteran=scene.dice.choice(("veteran", "martyr_kin")))
    one.put(legal_matter=scene.dice.choice(("none", "pension", "labour", "injury")))
    scene.household.turns_on += ["registered_in"]


def lost_only_child(scene: Scene) -> None:
    """A couple past 49 whose only child died or is disabled."""
    event = scene.dice.choice(("died", "disabled"))
    for one in _pair(scene, 47, 66):
        one.put(only_child_event=event)
        one.turns_on += ["only_child_event"]


def religious(scene: Scene) -> None:
    """Somebody of a religious site, away from home for about three years."""
    one = scene.member("head", scene.dice.randint(25, 70), clergy=True, clergy_left_on=scene.dice.ago(2000, cuts=(36,)))
    one.turns_on += ["clergy_left_on"]
    scene.member("sibling", scene.dice.randint(25, 70))


def renter(scene: Scene) -> None:
    """A poor family in town that rents from a private owner."""
    scene.level = min(scene.level, scene.dice.choice((0.6, 0.9, 1.3)))
    _children(scene, *_pair(scene, 25, 45), most=2)
    scene.household.put(dwelling_tenure="rent_private", residence="urban", rent_month=scene.dice.yuan(400, 1500))
    scene.household.turns_on += ["dwelling_tenure", "residence"]
    _modest(scene)


def well_off(scene: Scene) -> None:
    """A household that no rule on means is for."""
    scene.level = scene.dice.uniform(4, 12)
    _children(scene, *_pair(scene, 28, 52), most=2)


STORIES: dict[Story, float] = {
    elder_alone: 10, frail_elder: 9, students: 6, elder_couple: 5, family: 7, three_generations: 4, widow_with_patient: 6, patient: 12, two_cancers: 8, orphan: 8,
    unattended_child: 7, student_orphan: 11, disabled_adult: 6, disabled_child: 6, left_dibao_for_work: 6, post_candidate: 6, refuser: 1,
    disaster: 7, vagrant: 8, veteran: 2, lost_only_child: 4, religious: 1, renter: 5, well_off: 3,
}  # fmt: skip
"""Weight of each story in the mixture."""

CITIES: dict[str, float] = {"3716": 50, "3703": 15, "3701": 12, "3714": 9, "3702": 2, "4107": 12}
"""Weight of each city where no region is asked for."""

AT_HOME: dict[Story, dict[str, float]] = {
    renter: {"3702": 4, "3716": 1},
    students: {"3716": 4, "4107": 1},
    patient: {"3716": 3, "3701": 1, "3703": 1},
    elder_alone: {"3716": 2, "3701": 3, "3703": 1, "4107": 1},
}
"""Stories that belong to rules of a few cities, and how these weigh where no region is asked for."""
