"""Stories of work found or refused, of disasters, the street, the services, religion and rent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seeds.synthetic_kin import children, elsewhere, modest, pair

if TYPE_CHECKING:
    from seeds.synthetic_scene import Scene


def left_dibao_for_work(scene: Scene) -> None:
    """On dibao, and somebody has found work: income is now above the line, or just below."""
    dice = scene.dice
    scene.level = dice.choice((0.9, 1.05, 1.1, 1.2, 1.4, 1.6, 2.0))
    head, wife = pair(scene, 26, 54)
    children(scene, head, wife, most=2, oldest=17)
    worker = dice.choice((head, wife))
    worker.put(
        employment=dice.choice(("employed", "casual", "flexible")), employed_since=dice.ago(170, least=5, cuts=(6,)), work_ability="full"
    )
    scene.household.add("awards", policy="dibao", paid_on=dice.ago(700, least=200), amount=dice.yuan(200, 1500))
    scene.household.turns_on += ["awards"]
    (head if worker is wife else wife).put(wage_month=0)
    modest(scene)
    worker.turns_on += ["employed_since", "wage_month"]


def post_candidate(scene: Scene) -> None:
    """Somebody able to work whom no offer has suited."""
    dice = scene.dice
    scene.level = min(scene.level, dice.choice((0.5, 0.9, 1.2)))
    one = scene.member("head", dice.choice((35, 45, 52, 58, 59, 60, 64, 65)))
    one.put(
        work_ability=dice.choice(("full", "partial")),
        employment="none",
        wage_month=0,
        hard_to_employ_record=dice.chance(0.8),
        wants_work=True,
    )
    for _ in range(dice.randint(1, 4)):
        suits = dice.chance(0.25)
        answer = dice.pick({"refused": 8.0, "accepted": 0.5, "pending": 0.5})
        one.add(
            "job_offers",
            offered_on=dice.ago(340, cuts=(12,)),
            suits=suits,
            answer=answer,
            reason=dice.choice(("none", "illness", "too_far", "care_of_kin", "other")),
        )
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
    children(scene, *pair(scene, 28, 55), most=2)
    scene.household.put(dwelling_tenure=dice.pick({"own": 5.0, "rent_private": 1.0}), basic_needs_unmet=dice.chance(0.6))
    kind = dice.pick({"natural_disaster": 3.0, "fire": 1.0})
    loss = dice.yuan(500, 80_000, 100)
    scene.household.add(
        "shocks", happened_on=dice.ago(120, cuts=(3, 12)), kind=kind, loss=loss, compensated=dice.choice((0, 0, loss // 3, loss)),
        relocated=dice.chance(0.4), house=dice.choice(("none", "minor", "severe", "collapsed")), rooms=dice.randint(0, 5),
    )  # fmt: skip
    if dice.chance(0.15):
        elsewhere(scene)
    scene.household.turns_on += ["shocks", "basic_needs_unmet"]


def vagrant(scene: Scene) -> None:
    """Somebody without a place to stay, or found ill in the street."""
    dice = scene.dice
    one = scene.member(
        "head", dice.randint(16, 75), shelter=dice.chance(0.15), identity_known=dice.chance(0.5), emergency_care=dice.chance(0.7)
    )
    scene.household.put(basic_needs_unmet=dice.chance(0.88), dwelling_tenure="none")
    if dice.chance(0.55):
        elsewhere(scene)
        scene.household.add(
            "shocks",
            happened_on=dice.ago(95, cuts=(3,)),
            kind=dice.choice(("traffic", "injury", "sudden_illness", "other")),
            loss=dice.yuan(0, 20_000),
            compensated=0,
        )
    one.turns_on += ["shelter", "emergency_care"]


def veteran(scene: Scene) -> None:
    """A veteran, or kin of the fallen, with a matter of law."""
    one = scene.member("head", scene.dice.randint(40, 85), veteran=scene.dice.choice(("veteran", "martyr_kin")))
    one.put(legal_matter=scene.dice.choice(("none", "pension", "labour", "injury")))
    scene.household.turns_on += ["registered_in"]


def religious(scene: Scene) -> None:
    """Somebody of a religious site, away from home for about three years."""
    one = scene.member("head", scene.dice.randint(25, 70), clergy=True, clergy_left_on=scene.dice.ago(2000, cuts=(36,)))
    one.turns_on += ["clergy_left_on"]
    scene.member("sibling", scene.dice.randint(25, 70))


def renter(scene: Scene) -> None:
    """A poor family in town that rents from a private owner."""
    scene.level = min(scene.level, scene.dice.choice((0.6, 0.9, 1.3)))
    children(scene, *pair(scene, 25, 45), most=2)
    scene.household.put(dwelling_tenure="rent_private", residence="urban", rent_month=scene.dice.yuan(400, 1500))
    scene.household.turns_on += ["dwelling_tenure", "residence"]
    modest(scene)
