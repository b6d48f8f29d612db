"""Work, income and property of the people of a scene, around the lines of its place.

The household's income a head is drawn as a multiple of the dibao standard, often at or beside a line, and shared out among
those who can earn; assets are drawn around the months of the standard and the values that rules on property name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds.synthetic_scene import YUAN

if TYPE_CHECKING:
    from seeds.synthetic_scene import Dice, Figure, Place, Scene

ZERO = (
    *("wage_month", "work_cost_month", "business_net_year", "property_net_year", "pension_month", "basic_pension_month"),
    *("unemployment_benefit_month", "support_received_month", "support_from_siblings_or_old_month", "other_transfers_month"),
    *("transfers_paid_month", "old_age_allowance_month", "disability_subsidies_month", "preferential_month"),
    *("family_planning_month", "scholarship_year", "government_aid_month", "own_social_insurance_year"),
)
ASSET_MONTHS = (12, 18, 24, 36)
VEHICLE_VALUES = (20_000, 30_000, 50_000)
WORKING = {"employed": 4.0, "casual": 3.0, "self_employed": 1.0, "flexible": 1.5}


def level(dice: Dice) -> float:
    """Income a head in dibao standards; the lines 1, 1.5 and that of disposable income have their own share."""
    kind = dice.pick({"below": 0.34, "at": 0.12, "between": 0.16, "margin": 0.1, "above": 0.28})
    low, high = {"below": (0.0, 0.95), "at": (0.99, 1.01), "between": (1.01, 1.48), "margin": (1.48, 1.52), "above": (1.52, 4.5)}[kind]
    return dice.uniform(low, high)


def fill_means(scene: Scene) -> None:
    """Income and property of everybody, inside and around."""
    for person in scene.people:
        _transfers(scene, person)
    earners = [m for m in scene.members if _can_earn(m)]
    target = round(scene.level * scene.place.dibao * max(1, len(scene.members)))
    if scene.dice.chance(0.25):
        target = scene.dice.edge(target // YUAN * YUAN)
    had = sum(_month(person) for person in scene.members)
    _share_out(scene, earners, max(0, target - had))
    for person in scene.people:
        if not person.inside and _can_earn(person):
            _earn(scene, person, scene.dice.yuan(0, 6_000))
        _work(scene, person)
        _property(scene.dice, scene.place, person)
        person.put(**dict.fromkeys(ZERO, 0))


def _can_earn(person: Figure) -> bool:
    """Of an age to work, not a student, not severely disabled, no wage set by the story."""
    grade = person.facts.get("disability_grade")
    studies = person.facts.get("study_full_time") is True
    return 18 <= person.age < 62 and not studies and not (isinstance(grade, int) and grade <= 2) and "wage_month" not in person.facts


def _month(person: Figure) -> int:
    """What a person gets a month so far."""
    names = (
        "wage_month",
        "pension_month",
        "basic_pension_month",
        "other_transfers_month",
        "support_received_month",
        "unemployment_benefit_month",
    )
    return sum(value for name in names if isinstance(value := person.facts.get(name), int))


def _transfers(scene: Scene, person: Figure) -> None:
    """Pensions and allowances by age and status."""
    dice, place = scene.dice, scene.place
    rich = scene.level > 1.6 and person.inside
    if person.age >= 60:
        worker = person.facts.get("pension_insured") == "workers" or (rich and dice.chance(0.6))
        person.put(
            pension_month=dice.yuan(1_800, 4_500) if worker else dice.yuan(0, 120),
            basic_pension_month=0 if worker else dice.choice((163, 183, 200)) * YUAN,
        )
    if person.age >= 80:
        person.put(old_age_allowance_month=dice.choice((100, 150, 200)) * YUAN)
    if person.facts.get("disability_certificate") and dice.chance(0.4):
        person.put(disability_subsidies_month=dice.choice((164, 172, 336)) * YUAN)
    if dice.chance(0.04):
        person.put(other_transfers_month=dice.edge(place.dibao // 3))
    if person.facts.get("veteran") != "none" and dice.chance(0.6):
        person.put(preferential_month=dice.yuan(300, 1_500))
    if person.facts.get("only_child_event") != "none" and dice.chance(0.3):
        person.put(family_planning_month=dice.choice((550, 690)) * YUAN)


def _share_out(scene: Scene, earners: list[Figure], rest: int) -> None:
    """The household's income beyond what transfers bring, among those who can earn; without any, as support from outside."""
    dice = scene.dice
    if not earners:
        scene.members[0].put(support_received_month=rest)
        if rest and dice.chance(0.3):
            scene.members[0].put(support_from_siblings_or_old_month=rest // 2)
        return
    main = dice.choice(earners)
    for person in earners:
        if person is main:
            continue
        part = min(rest, dice.choice((0, rest // 3, rest // 2)))
        _earn(scene, person, part)
        rest -= part
    _earn(scene, main, rest)


def _earn(scene: Scene, person: Figure, month: int) -> None:
    """A person's own earnings: a wage, or farm and business income that comes to the same over a year."""
    if month and person.facts.get("employment") in (None, "self_employed") and scene.dice.chance(0.2):
        person.put(business_net_year=12 * month, wage_month=0, employment="self_employed")
        return
    person.put(wage_month=month)
    if month and scene.dice.chance(0.3):
        person.put(work_cost_month=min(month, scene.dice.yuan(50, 600)))


def _work(scene: Scene, person: Figure) -> None:
    """Status of work that fits the wage; offers and registers for those out of work."""
    dice, wage = scene.dice, person.facts.get("wage_month", 0)
    if person.facts.get("study_full_time") or person.age < 16:
        person.put(employment="none", work_ability="full")
    elif wage:
        person.put(employment=dice.pick(WORKING))
    else:
        person.put(employment="retired" if person.age >= 60 and person.facts.get("pension_insured") == "workers" else "none")
    if person.facts["employment"] not in ("none", "retired"):
        person.put(
            employed_since=dice.ago(3000, cuts=(6, 12)), own_social_insurance_year=dice.yuan(4_000, 9_000) if dice.chance(0.1) else 0
        )
    idle = person.facts["employment"] == "none" and 16 <= person.age < 66
    grade = person.facts.get("disability_grade")
    person.put(work_ability=dice.pick({"full": 5.0, "partial": 2.0, "none": 1.0 if grade is None else 4.0}))
    person.put(wants_work=idle and dice.chance(0.5), hard_to_employ_record=idle and dice.chance(0.4), public_post=dice.chance(0.02))
    person.put(unemployed_registered=idle and dice.chance(0.3))
    if person.facts["unemployed_registered"]:
        person.put(
            unemployed_since=dice.ago(900, cuts=(6, 12)), unemployment_benefit_month=dice.yuan(1_200, 1_800) if dice.chance(0.1) else 0
        )
    if idle and "job_offers" not in person.entries and dice.chance(0.25):
        for _ in range(dice.randint(1, 3)):
            answer = dice.pick({"refused": 5.0, "accepted": 1.0, "pending": 1.0})
            reason = dice.choice(("none", "illness", "care_of_kin", "study", "too_far", "other"))
            person.add("job_offers", offered_on=dice.ago(500, cuts=(12,)), suits=dice.chance(0.5), answer=answer, reason=reason)


def _property(dice: Dice, place: Place, person: Figure) -> None:
    """Assets around the months of the standard; a house, a vehicle, a business now and then."""
    limit = dice.choice(ASSET_MONTHS) * place.dibao
    assets = dice.pick({"none": 3.0, "little": 5.0, "at": 1.0, "much": 0.8})
    person.put(deposits={"none": 0, "little": dice.yuan(0, 6_000), "at": dice.edge(limit), "much": dice.yuan(30_000, 200_000)}[assets])
    person.put(
        securities=dice.yuan(100, 20_000) if dice.chance(0.04) else 0, insurance_value=dice.yuan(500, 10_000) if dice.chance(0.06) else 0
    )
    if person.age >= 22 and "buildings" not in person.entries:
        for _ in range(dice.pick({0: 11.0, 1: 7.0, 2: 0.6})):
            person.add("buildings", kind="dwelling", area=dice.randint(30, 140), bought_on=dice.ago(6000, least=200, cuts=(12,)))
        if dice.chance(0.03):
            person.add("buildings", kind=dice.choice(("shop", "garage", "other")), area=dice.randint(10, 60), bought_on=dice.ago(3000))
    if person.age >= 20 and dice.chance(0.25):
        kind = dice.pick({"electric_bike": 5.0, "motorcycle": 1.5, "car": 2.0, "truck": 0.5, "machine": 0.6, "disability_scooter": 0.4})
        value = (
            dice.edge(dice.choice(VEHICLE_VALUES) * YUAN)
            if kind == "car" and dice.chance(0.4)
            else dice.yuan(500, 80_000 if kind in ("car", "truck") else 5_000)
        )
        person.add("vehicles", kind=kind, value=value, earns=kind in ("truck", "machine") or dice.chance(0.05))
    runs = person.age >= 20 and dice.chance(0.03)
    person.put(business_registered=runs, business_employees=dice.randint(0, 9) if runs else 0)
