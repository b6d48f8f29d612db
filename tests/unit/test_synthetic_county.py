"""A synthetic county: the same for a seed, kin in other households, plausible, nobody's numbers, a catalogue that passes the check."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from graph.identity import check_idcard, check_phone
from matcher.loader import load_catalogue
from seeds.synthetic_county import Cluster, Plan, cluster, clusters, plan_of
from seeds.synthetic_county_folder import helpers, write_folder
from seeds.synthetic_county_places import FIRST_VILLAGES, county_of
from seeds.synthetic_county_projects import PROJECTS
from tests.factories import shipped

SEEDS = Path(__file__).parents[2] / "seeds"
DAY = dt.date(2026, 8, 1)
COUNTY = "371621"


@cache
def plan(seed: int = 1) -> Plan:
    """What the county of the tests is drawn from."""
    return plan_of(shipped(), COUNTY, seed=seed, as_of=DAY)


@cache
def county(households: int = 700) -> list[Cluster]:
    """The first households of seed 1."""
    return list(clusters(plan(), households=households))


def test_a_cluster_is_the_same_whatever_was_drawn_before() -> None:
    again = cluster(plan(), 9)
    assert (again.records, again.identity) == (county()[9].records, county()[9].identity)


def test_another_seed_gives_another_county() -> None:
    assert cluster(plan(2), 0).records != county()[0].records


def test_a_county_has_as_many_households_as_were_asked_for_or_a_few_more() -> None:
    found = [home.id for one in county() for record in one.records for home in record.households]
    assert 700 <= len(found) < 706
    assert len(set(found)) == len(found)


def test_drawing_goes_on_where_it_stopped() -> None:
    first = list(clusters(plan(), households=30))
    had = sum(len(one.records) for one in first)
    rest = clusters(plan(), first=len(first), households=60 - had)
    assert [one.records for one in (*first, *rest)] == [one.records for one in clusters(plan(), households=60)]


def test_a_county_that_is_not_listed_is_refused() -> None:
    with pytest.raises(LookupError):
        plan_of(shipped(), "379999", seed=1, as_of=DAY)


def test_supporters_who_live_elsewhere_are_people_of_other_households() -> None:
    across = 0
    for one in county():
        home = {link.person: record.households[0].id for record in one.records for link in record.households[0].links["members"]}
        people = {id_: subject for record in one.records for id_, subject in record.persons.items()}
        for subject in people.values():
            assert all(link.person in people for links in subject.links.values() for link in links)
            kin = [link.person for link in subject.links["supporters"] if link.person in home]
            across += sum(home[who] != home.get(subject.id) for who in kin)
    assert across > 100


def test_everybody_is_told_of_once() -> None:
    told = Counter(id_ for one in county() for record in one.records for id_ in record.persons)
    assert set(told.values()) == {1}


def test_sizes_and_ages_are_those_of_a_county() -> None:
    homes = [scene.members for one in county() for scene in one.scenes]
    ages = [member.age for members in homes for member in members]
    assert 2.4 < len(ages) / len(homes) < 2.9
    assert max(map(len, homes)) <= 8
    assert 0.15 < sum(age < 15 for age in ages) / len(ages) < 0.3
    assert 0.12 < sum(age >= 60 for age in ages) / len(ages) < 0.28


def test_parents_are_older_than_their_children() -> None:
    for one in county():
        for scene in one.scenes:
            for person in scene.people:
                assert all(parent.age >= person.age + 15 for parent, _ in person.links.get("parents", []))


def test_households_live_in_villages_of_the_county_and_the_first_ones_in_the_first_villages() -> None:
    lived = {str(scene.household.facts["region"]) for one in county() for scene in one.scenes}
    villages = [village.code for village in plan().county.villages]
    assert lived <= set(villages[: FIRST_VILLAGES + 700 // 60])
    assert len({code[:9] for code in lived}) >= 4
    assert {len(code) for code in villages} == {12}
    assert len(set(villages)) == len(villages)


def test_identity_is_in_the_form_of_real_ones_and_nobodys() -> None:
    cards, names = [], Counter[str]()
    for one in county():
        ages = {person.id: person for scene in one.scenes for person in scene.people}
        for id_, identity in one.identity.items():
            card, phone = identity["idcard"], identity["phone"]
            names[str(identity["name"])] += 1
            if card is not None:
                read = check_idcard(card, as_of=DAY)
                assert (read.born, read.sex) == (ages[id_].facts["born"], ages[id_].facts["sex"])
                assert card[:3] == "379"
                cards.append(card)
            if phone is not None:
                assert check_phone(phone).startswith("0261")
    assert len(set(cards)) == len(cards) > 1_500
    assert all(2 <= len(name) <= 3 for name in names)
    assert len(names) > 1_000


def test_the_catalogue_of_a_county_passes_the_check_and_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_folder(SEEDS, tmp_path / name, shipped(), COUNTY, households=3_000, as_of=DAY)
    loaded = load_catalogue(tmp_path / "a")
    assert len(loaded.policies) == len(shipped().policies) + PROJECTS
    assert sum(id_.startswith("syn-") for id_ in loaded.policies) == PROJECTS
    assert loaded.hash == load_catalogue(tmp_path / "b").hash
    for part in ("facts", "terms", "needs", "difficulty", "referrals"):
        assert str(getattr(loaded, part)) == str(getattr(shipped(), part)), part
    actors = [(tmp_path / name / "actors" / f"syn-{COUNTY}.yaml").read_text(encoding="utf-8") for name in ("a", "b")]
    assert actors[0] == actors[1]


def test_a_larger_county_keeps_the_helpers_of_the_smaller_one() -> None:
    place = county_of(shipped(), COUNTY, DAY)
    small, large = helpers(place, households=300), helpers(place, households=30_000)
    assert set(small) < set(large)
    assert {one.kind for one in small} == {"worker", "volunteer"}
