"""Households by name, ID card or phone, and the list of those in an area: for `find`, the interface and the pages.

What is looked for is normalised and hashed under the store's key; it is never part of an address, a log line or a message.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from api.people import household_name, members_on
from api.permissions import EVERYWHERE, covers
from api.places import names_of, place_path
from api.ranking import Rank, changed_at, rank_now, rank_of
from api.wiring import Desk
from graph.identity import Part, mask_name
from graph.store import Prefix, Tables
from matcher.slots import on_day

MOST = 50


@dataclass(frozen=True, slots=True)
class Found:
    """A household, the person it was found by, where it lives."""

    household: str
    person: str
    name: str
    region: str
    place: str
    people: int

    def to_json(self) -> dict[str, object]:
        """As docs/json.md describes it."""
        return {"household": self.household, "person": self.person, "name": self.name, "place": self.place, "people": self.people}


@dataclass(frozen=True, slots=True)
class Listed:
    """A household of an area. `name`: 李○○ 户, after its head. `rank`: None where its index was not made yet."""

    household: str
    name: str
    region: str
    place: str
    people: int
    rank: Rank | None = None

    def to_json(self) -> dict[str, object]:
        """As docs/json.md describes it."""
        told = {"household": self.household, "name": self.name, "region": self.region, "place": self.place, "people": self.people}
        return told | {"difficulty": None if self.rank is None else self.rank.to_json()}


def found_by(desk: Desk, part: Part, typed: str, wanted: Callable[[str], bool] = lambda _: True) -> list[Found]:
    """The households of everybody who is found, in the order of their ids; MOST at most. Of somebody who belongs to none today, those
    that they belonged to.

    Args:
        wanted: whether a household that lives in a region ("": not known) is to be shown.
    """
    store, identity = desk.store, desk.store.identity
    found: dict[str, Found] = {}
    for person in _people(desk, part, typed):
        tables = store.neighbourhood("Person", person["id"])
        lives = _lives(tables)
        ever = tables["MEMBER_OF"].select("src", "dst").rows()
        edges = on_day(tables["MEMBER_OF"], desk.today()).select("src", "dst").rows()
        own = [home for src, home in edges if src == person["id"]] or [home for src, home in ever if src == person["id"]]
        label = mask_name(identity.decrypt("name", person["name_enc"])) if person.get("name_enc") else ""
        for household in own:
            region = lives.get(household, "")
            if wanted(region):
                people = sum(1 for _, dst in edges if dst == household)
                place = place_path(region, names_of(tables, desk.settings.catalogue), desk.lang) if region else ""
                found[household] = Found(household, person["id"], label, region, place, people)
        if len(found) >= MOST:
            break
    return [found[one] for one in sorted(found)]


def listed_in(
    desk: Desk, regions: list[str], after: tuple[str, str] | None, limit: int, circle: str | None = None
) -> tuple[list[Listed], tuple[str, str] | None]:
    """A page of the households of some regions, region by region, by id; and where the next one begins.

    Args:
        after: (region, household) that the page before ended with.
        circle: only those whose index has this circle.
    """
    rows, following = _page(desk, regions, after, limit, circle)
    return _shown(desk, regions, rows), following


def hardest_in(
    desk: Desk, regions: list[str], after: tuple[str, str] | None, limit: int, circle: str | None = None
) -> tuple[list[Listed], tuple[str, str] | None]:
    """The same, those with the highest index first, then those that have none, ties by id.

    Args:
        after: (rank, household) that the page before ended with.
    """
    found: list[dict[str, Any]] = []
    for region in regions:
        found += desk.store.find_highest("Household", "rank", _where(region, circle), limit=limit + 1, after=after)
    ordered = sorted(found, key=lambda row: row["id"])
    rows = sorted(ordered, key=lambda row: str(row.get("rank", "")), reverse=True)[: limit + 1]
    last = rows[limit - 1] if len(rows) > limit else None
    return _shown(desk, regions, rows[:limit]), None if last is None else (str(last.get("rank", "")), str(last["id"]))


def _shown(desk: Desk, regions: list[str], rows: list[dict[str, Any]]) -> list[Listed]:
    """Stored households as they are listed. The index of one that was changed since it was made is made anew."""
    if not rows:
        return []
    ids, read_at = [str(row["id"]) for row in rows], desk.now()
    tables = desk.store.neighbourhoods(ids)
    ranks = {str(row["id"]): rank for row in rows if (rank := rank_of(row)) is not None}
    changed = changed_at(tables, list(ranks))
    stale = [id_ for id_, rank in ranks.items() if changed.get(id_, rank.at) > rank.at or rank.by != desk.catalogue.hash]
    ranks |= rank_now(desk, stale, tables, read_at) if stale else {}
    return [one for one in _of_tables(desk, tables, ids, ranks) if covers(regions, one.region)]


def listed_of(desk: Desk, ids: list[str]) -> list[Listed]:
    """These households as a list shows them, without their index."""
    return _of_tables(desk, desk.store.neighbourhoods(ids), ids, {}) if ids else []


def _of_tables(desk: Desk, tables: Tables, ids: list[str], ranks: dict[str, Rank]) -> list[Listed]:
    lives, names = _lives(tables), names_of(tables, desk.settings.catalogue)
    return [_listed(desk, tables, id_, lives.get(id_, ""), names, ranks.get(id_)) for id_ in ids]


def narrowed(own: tuple[str, ...], asked: str | None) -> list[str]:
    """The regions to list: the account's, without those that lie in another of them, or those of them that lie in what is asked for."""
    if asked is not None and covers(own, asked):
        return [asked]
    kept = [one for one in own if asked is None or covers([asked], one)]
    return sorted(one for one in set(kept) if not covers([other for other in kept if other != one], one))


def _where(region: str, circle: str | None) -> dict[str, Any]:
    place: dict[str, Any] = {} if region == EVERYWHERE else {"lives_in": Prefix(region)}
    return place if circle is None else place | {"circle": circle}


def _page(
    desk: Desk, regions: list[str], after: tuple[str, str] | None, limit: int, circle: str | None
) -> tuple[list[dict[str, Any]], tuple[str, str] | None]:
    rows: list[dict[str, Any]] = []
    for region in regions:
        if after is not None and region < after[0]:
            continue
        begin = after[1] if after is not None and region == after[0] else None
        page = desk.store.find("Household", _where(region, circle), limit=limit - len(rows), after=begin)
        rows += page.rows
        if page.after is not None:
            return rows, (region, page.after)
        if len(rows) == limit:
            later = [one for one in regions if one > region]
            return rows, (later[0], "") if later else None
    return rows, None


def _people(desk: Desk, part: Part, typed: str) -> Iterator[dict[str, Any]]:
    where = {f"{part}_key": desk.store.identity.search_key(part, typed)}
    after = None
    while True:
        page = desk.store.find("Person", where, limit=MOST, after=after)
        yield from page.rows
        after = page.after
        if after is None:
            return


def _lives(tables: Tables) -> dict[str, str]:
    """Household -> region; of several the most exact."""
    return dict(tables["LIVES_IN"].select("src", "dst").sort(pl.col("dst").str.len_chars(), "dst").iter_rows())


def _listed(desk: Desk, tables: Tables, household: str, region: str, names: dict[str, tuple[str, str]], rank: Rank | None) -> Listed:
    members = members_on(tables, household, desk.today())
    name = household_name(tables, household, members, desk.identity, desk.lang)
    return Listed(household, name, region, place_path(region, names, desk.lang) if region else "", len(members), rank)
