"""Budgets shared out: hardest first, within every limit, near the exact optimum, each with its reason."""

import random
from collections import defaultdict
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.allocation import allocate
from matcher.allocation_terms import REASONS, Budget, Claim, Grant, worth
from matcher.optimum import optimum, share_of_optimum

INSTANCES, NEAR = 100, 0.98


def a_claim(household: str, fen: int, difficulty: int, **told: object) -> Claim:
    return replace(Claim(household, "fund", fen, fen, difficulty, "371602001"), **told)  # type: ignore[arg-type]


def given_to(claims: list[Claim], budget: Budget) -> dict[str, tuple[int, str | None]]:
    return {grant.claim.household: (grant.fen, grant.reason) for grant in allocate(claims, [budget])}


def test_the_hardest_case_is_served_first_and_ties_go_by_id() -> None:
    claims = [a_claim("h2", 600, 50), a_claim("h1", 600, 50), a_claim("h3", 600, 80)]
    assert list(given_to(claims, Budget("fund", 1300)).items()) == [
        ("h3", (600, None)), ("h1", (600, None)), ("h2", (100, "budget_spent")),
    ]  # fmt: skip


def test_a_remainder_below_the_smallest_grant_goes_to_who_wants_no_more_than_that() -> None:
    claims = [a_claim("h1", 1000, 90), a_claim("h2", 500, 80), a_claim("h3", 50, 10)]
    assert given_to(claims, Budget("fund", 1100, smallest=200)) == {
        "h1": (1000, None), "h2": (0, "remainder"), "h3": (50, None),
    }  # fmt: skip


def test_the_remainder_goes_to_the_largest_it_reaches_for_where_that_does_more() -> None:
    claims = [a_claim("h1", 1000, 90), a_claim("h2", 950, 60), a_claim("h3", 200, 50), a_claim("h4", 900, 49)]
    got = given_to([replace(claim, whole=True) for claim in claims], Budget("fund", 1900))
    assert got == {"h1": (1000, None), "h2": (0, "remainder"), "h3": (0, "budget_spent"), "h4": (900, None)}


def test_a_household_stops_at_its_cap_with_what_it_holds() -> None:
    claims = [a_claim("h1", 600, 90, who="p1", had=200), a_claim("h1", 600, 90, who="p2", had=200), a_claim("h2", 100, 10)]
    grants = allocate(claims, [Budget("fund", 10_000, cap=1000)])
    assert [(g.fen, g.reason) for g in grants] == [(600, None), (200, "cap_reached"), (100, None)]


@pytest.mark.parametrize(
    ("told", "budget", "reason"),
    [
        ({"barred": "no_consent"}, {}, "no_consent"),
        ({"barred": "closed"}, {}, "closed"),
        ({"barred": "maybe_received"}, {}, "maybe_received"),
        ({"lo": 0, "hi": 0}, {}, "need_met"),
        ({"lo": 0, "hi": 500}, {}, "amount_unknown"),
        ({"lo": 0, "hi": None}, {}, "amount_unknown"),
        ({}, {"areas": ("3705", "371603")}, "outside_area"),
        ({"had": 1000}, {"cap": 1000}, "cap_reached"),
        ({}, {"places": 1}, "no_places"),
        ({}, {"left": 1000}, "budget_spent"),
        ({}, {"left": 1001, "smallest": 2}, "remainder"),
    ],
)
def test_each_reason_is_told(told: dict[str, object], budget: dict[str, object], reason: str) -> None:
    harder = a_claim("h0", 1000, 99, region="371603001")
    fund = replace(Budget("fund", 5000), **budget)  # type: ignore[arg-type]
    fund = replace(fund, areas=("371603",)) if reason == "outside_area" else fund
    grants = allocate([harder, a_claim("h1", 400, 10, **told)], [fund])
    assert [(g.claim.household, g.fen, g.reason) for g in grants] == [("h0", 1000, None), ("h1", 0, reason)]
    assert {"zh", "en"} <= {name for name in ("zh", "en") if getattr(REASONS[grants[1].reason or "closed"], name)}


def test_only_what_is_sure_is_granted() -> None:
    assert given_to([a_claim("h1", 300, 50, hi=900)], Budget("fund", 5000)) == {"h1": (300, None)}


def test_a_budget_without_a_limit_gives_everybody_all() -> None:
    assert given_to([a_claim("h1", 300, 50), a_claim("h2", 10**9, 5)], Budget("fund", None)) == {"h1": (300, None), "h2": (10**9, None)}


def instance(seed: int) -> tuple[list[Claim], list[Budget]]:
    """Three to eight projects, ten to eighty households, money for a tenth to all of what is wanted, caps, areas, smallest grants."""
    dice = random.Random(seed)
    places = ["371602001", "371602002", "371603001", "370502001"]
    homes = {f"h{n:03}": (dice.randrange(0, 101), dice.choice(places)) for n in range(dice.randrange(10, 81))}
    claims, budgets = [], []
    for number in range(dice.randrange(3, 9)):
        project, wanted = f"p{number}", 0
        for home, (difficulty, region) in homes.items():
            for who in dice.sample(["a", "b", "c"], dice.choice([0, 1, 1, 2])):
                lo = dice.choice([dice.randrange(1, 1_000_000), dice.randrange(10_000, 5_000_000), 60_000])
                hi = dice.choice([lo, lo, lo * 2, None])
                claims.append(Claim(home, project, lo, hi, difficulty, region, who=who, whole=dice.random() < 0.2))
                wanted += lo
        areas = tuple(dice.choice([[], ["37"], ["3716"], ["371602", "3705"]]))
        cap = dice.choice([None, 300_000, 2_000_000])
        budgets.append(Budget(project, round(wanted * dice.uniform(0.1, 1.0)), cap, areas, smallest=dice.choice([0, 20_000, 50_000])))
    return claims, budgets


def within_limits(grants: list[Grant], budgets: list[Budget]) -> None:
    for budget in budgets:
        ours = [grant for grant in grants if grant.claim.project == budget.project and grant.fen]
        assert budget.left is None or sum(grant.fen for grant in ours) <= budget.left
        assert budget.places is None or len(ours) <= budget.places
        homes: dict[str, int] = defaultdict(int)
        for grant in ours:
            homes[grant.claim.household] += grant.fen
            assert grant.fen <= grant.claim.lo
            assert not budget.areas or any(grant.claim.region.startswith(area) for area in budget.areas)
            assert grant.fen == grant.claim.lo or not grant.claim.whole
            assert grant.fen >= min(budget.smallest, grant.claim.lo)
        assert budget.cap is None or all(fen <= budget.cap for fen in homes.values())


@pytest.mark.parametrize("seed", range(INSTANCES))
def test_within_two_percent_of_the_exact_optimum(seed: int) -> None:
    claims, budgets = instance(seed)
    grants = allocate(claims, budgets)
    within_limits(grants, budgets)
    assert len(grants) == len(claims)
    assert share_of_optimum(grants, budgets) >= NEAR


def test_the_optimum_is_what_trying_everything_finds() -> None:
    for seed in range(30):
        dice = random.Random(seed)
        claims = [a_claim(f"h{n}", dice.randrange(100, 2000), dice.randrange(1, 100), whole=True) for n in range(8)]
        budget = Budget("fund", 4000, places=dice.choice([None, 3]))
        best = 0
        for taken in product([0, 1], repeat=len(claims)):
            chosen = [claim for claim, one in zip(claims, taken, strict=True) if one]
            if sum(claim.lo for claim in chosen) <= 4000 and len(chosen) <= (budget.places or 8):
                best = max(best, sum(claim.lo * claim.difficulty for claim in chosen))
        assert optimum(claims, budget) == pytest.approx(best, rel=1e-5)
        assert worth(allocate(claims, [budget])) <= best


@given(
    claims=st.lists(
        st.builds(
            Claim, st.sampled_from("abcdef"), st.just("fund"), st.integers(0, 500), st.none() | st.integers(0, 900), st.integers(0, 100),
            st.sampled_from(["371602001", "370502001"]), st.sampled_from(["p", "q", None]), st.booleans(),
        ),
        max_size=12, unique_by=lambda claim: (claim.household, claim.who),
    ),
    budget=st.builds(
        Budget, st.just("fund"), st.none() | st.integers(0, 2000), st.none() | st.integers(0, 600), st.sampled_from([(), ("3716",)]),
        st.none() | st.integers(0, 5), st.integers(0, 100),
    ),
)  # fmt: skip
def test_nobody_waits_who_could_have_been_served_with_what_is_left(claims: list[Claim], budget: Budget) -> None:
    grants = allocate(claims, [budget])
    within_limits(grants, [budget])
    assert grants == allocate(list(reversed(claims)), [budget])
    assert all((grant.reason is None) == (grant.fen == grant.claim.lo and grant.fen > 0) for grant in grants)
    left = None if budget.left is None else budget.left - sum(grant.fen for grant in grants)
    for grant in grants:
        if grant.reason in ("budget_spent", "remainder") and left is not None and not grant.fen:
            assert left < (grant.claim.lo if grant.claim.whole else max(1, min(grant.claim.lo, budget.smallest)))
