"""Bills, fees, training, shocks, debts, what is received and recognised, and the facts of the household itself."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from seeds.synthetic_kin import SERIOUS
from seeds.synthetic_scene import YUAN

if TYPE_CHECKING:
    from seeds.synthetic_scene import Figure, Scene

LINES = (0, 1_000, 3_000, 5_000, 10_000, 20_000)
"""Yuan: deductibles and thresholds that rules name."""
FEES = {
    "kindergarten": 3_000,
    "senior": 1_600,
    "vocational": 2_400,
    "junior_college": 6_000,
    "bachelor": 6_500,
    "master": 9_000,
    "primary": 600,
    "junior": 800,
}
PLACES_AWAY = ("370481", "371302", "110101", "410102", "371002")


def fill_lists(scene: Scene) -> None:
    """Every list of every person and of the household, then its own facts."""
    for person in scene.people:
        _bills(scene, person)
        _fees(scene, person)
        _training(scene, person)
    _home(scene, scene.household)
    _shocks_and_debts(scene)
    _received(scene)
    for home in scene.homes[1:]:
        _home(scene, home)


def _bills(scene: Scene, person: Figure) -> None:
    """Medical bills by illness, one time in four with what is left for oneself at a line or a fen beside it."""
    dice = scene.dice
    if "bills" in person.entries:
        return
    ill = person.facts.get("illness", "none")
    many = (
        dice.pick({0: 1.0, 1: 3.0, 2: 2.0, 3: 1.0})
        if ill in SERIOUS or ill in ("cervical_cancer", "breast_cancer")
        else int(dice.chance(0.4 if ill != "none" else 0.1))
    )
    for _ in range(many):
        lines = [
            *(line * YUAN for line in LINES),
            scene.place.disposable_year // 4,
            scene.place.disposable_year // 10,
            scene.place.disposable_year,
        ]
        own = dice.edge(dice.choice(lines)) if dice.chance(0.25) else dice.yuan(100, 60_000 if ill in SERIOUS else 6_000)
        kind = dice.pick({"inpatient": 6.0, "outpatient_chronic": 2.0, "outpatient": 1.0})
        basic, major = own * 3 // 2, own // 2 if dice.chance(0.35) else 0
        aid, commercial = own // 4 if dice.chance(0.25) else 0, own // 5 if dice.chance(0.2) else 0
        out = dice.choice((0, own // 10, own // 2))
        day = dice.ago(360, cuts=(12,)) if dice.chance(0.85) else dice.ago(700)
        insured, whole = person.facts.get("insured") != "none", out + basic + major + aid + commercial + own
        paid = {"basic_paid": basic if insured else 0, "major_paid": major, "aid_paid": aid, "commercial_paid": commercial}
        person.add("bills", billed_on=day, kind=kind, referred=dice.chance(0.75), total=whole, out_of_scope=out, **paid)


def _fees(scene: Scene, person: Figure) -> None:
    """School fees paid, at or above the public price."""
    dice, stage = scene.dice, person.facts.get("study_stage")
    price = FEES.get(str(stage))
    if "school_costs" in person.entries or price is None or not dice.chance(0.85 if stage not in ("primary", "junior") else 0.4):
        return
    paid = price * YUAN * dice.choice((10, 10, 10, 5, 25)) // 10
    person.add("school_costs", paid_on=dice.ago(360, cuts=(12,)), amount_paid=paid, public_price=price * YUAN)


def _training(scene: Scene, person: Figure) -> None:
    """Costs of rehabilitation."""
    dice = scene.dice
    if not person.facts.get("disability_certificate") or not dice.chance(0.35):
        return
    total = dice.yuan(500, 30_000)
    person.add(
        "rehab_costs", paid_on=dice.ago(400, cuts=(12,)), kind=dice.choice(("training", "device", "surgery")), total=total,
        subsidy=total // dice.choice((2, 3, 5)), insurance_paid=dice.choice((0, total // 4)),
    )  # fmt: skip


def _home(scene: Scene, home: Figure) -> None:
    """Place, dwelling, registers and spending of a household."""
    dice, place = scene.dice, scene.place
    away = dice.chance(0.05 if home.inside else 0.3)
    rural = home.facts.setdefault("residence", place.residence) == "rural"
    home.put(region=place.region if home.inside else dice.choice((place.region, dice.choice(PLACES_AWAY))))
    home.put(registered_in=dice.choice(PLACES_AWAY) if away and home.inside else home.facts["region"], school_in=place.region)
    home.put(event_in=dice.choice(PLACES_AWAY) if dice.chance(0.1) else home.facts["region"])
    home.put(dwelling_tenure=dice.pick({"own": 7.0, "rent_private": 1.2, "rent_public": 0.7, "lent": 0.8, "none": 0.2}))
    home.put(
        rent_month=dice.yuan(200, 1_200) if home.facts["dwelling_tenure"] == "rent_private" else 0,
        dwelling_area=Fraction(dice.randint(40, 1600), 10),
    )
    home.put(dwelling_danger=dice.pick({"A": 5.0, "B": 3.0, "C": 2.0, "D": 1.0}), dwelling_renovated=dice.chance(0.12))
    if home.facts["dwelling_renovated"]:
        home.put(dwelling_renovated_on=dice.ago(5000, least=400))
    home.put(monitored_kind=dice.pick({"none": 89.0, "unstable_ex_poor": 4.0, "marginal": 4.0, "sudden": 3.0}), ex_poor=dice.chance(0.12))
    home.put(
        land_mu=Fraction(dice.randint(5, 80), 10) if rural and dice.chance(0.8) else Fraction(0),
        heating_central=not rural and dice.chance(0.7),
    )
    home.put(living_cost_month=dice.yuan(600, 5_000), utility_cost_month=dice.yuan(60, 500), electricity_meter=dice.chance(0.93))
    home.put(cable_tv=dice.chance(0.5), basic_needs_unmet=dice.chance(0.08))


def _shocks_and_debts(scene: Scene) -> None:
    """A shock in the last year for one household in six, a debt for one in five."""
    dice, home = scene.dice, scene.household
    if "shocks" not in home.entries and dice.chance(0.17):
        loss = dice.yuan(200, 40_000, 100)
        kind = dice.choice(("fire", "traffic", "injury", "sudden_illness", "natural_disaster", "death", "job_loss", "other"))
        home.add(
            "shocks", happened_on=dice.ago(250, cuts=(3, 12)), kind=kind, loss=loss, compensated=dice.choice((0, 0, loss // 2, loss)),
            relocated=dice.chance(0.2), house=dice.choice(("none", "none", "minor", "severe")), rooms=dice.randint(0, 3),
        )  # fmt: skip
        if home.facts["basic_needs_unmet"] is False and dice.chance(0.35):
            home.facts["basic_needs_unmet"] = True
    if "debts" not in home.entries and dice.chance(0.2):
        home.add(
            "debts",
            owed_since=dice.ago(2500),
            cause=dice.choice(("medical", "school", "housing", "disaster", "other")),
            amount=dice.yuan(1_000, 150_000, 100),
        )


def _received(scene: Scene) -> None:
    """Recognitions and awards on file: mostly those that income suggests, some out of date, some paid and never recorded."""
    dice, home, place = scene.dice, scene.household, scene.place
    file = (
        {"dibao": 0.5}
        if scene.level < 1
        else {"dibao-margin": 0.4, "rigid-expenditure": 0.06}
        if scene.level < 1.5
        else {"rigid-expenditure": 0.2}
    )
    for name, share in file.items():
        if not dice.chance(share):
            continue
        since = dice.ago(900, least=10)
        end = {"until": max(since, dice.ago(200))} if dice.chance(0.08) else {}
        home.add("recognitions", recognition=name, **{"from": since}, **end)
        if name == "dibao" and "awards" not in home.entries:
            home.add("awards", policy="dibao", paid_on=since, amount=dice.edge(place.dibao * len(scene.members) // 2), **end)
    for person in scene.members:
        if person.age >= 60 and not person.links.get("supporters") and scene.level < 1 and dice.chance(0.4):
            person.add("recognitions", recognition="destitute", **{"from": dice.ago(2000, least=10)})
            person.add("awards", policy="destitute", paid_on=dice.ago(2000, least=10), amount=place.dibao * 13 // 10)
        if person.facts.get("disability_subsidies_month") and dice.chance(0.7):
            person.add("awards", policy="disability-living-subsidy", paid_on=dice.ago(700), amount=164 * YUAN)
        if person.entries.get("bills") and dice.chance(0.1):
            person.add("awards", policy="medical-aid", paid_on=dice.ago(300), amount=dice.yuan(500, 20_000))
    if home.entries.get("shocks") and dice.chance(0.15):
        home.add("awards", policy="temporary-aid-quick", paid_on=dice.ago(400, cuts=(12,)), amount=dice.yuan(500, 3_000))
