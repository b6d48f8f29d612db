"""The reply to a project before an officer decides on it: what nobody can meet, whom it would reach by area, what it overlaps with.

At most some hundred households are looked at, spread evenly over those that live where the project serves; the reply says how many.
Small counts are hidden from charities. Source: design section 13; docs/json.md.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from api.batch import homes_in
from api.places import place_path, region_names
from api.wiring import Desk
from graph.regions import level as level_of
from graph.regions import within
from graph.store import GraphStore
from matcher.batch import results_for
from matcher.catalogue import Catalogue, PolicyVersion
from matcher.gap_views import without_small
from matcher.language import Words
from matcher.pipeline import Engine
from matcher.reply import Match, Never, clauses_met, match_of, never_met

MOST = 500
"""Households that are looked at: about two seconds."""
TOGETHER = 250
PLACES = 200
"""Counties whose standards are tried."""
FEW = 250
"""Households in which conditions are counted where nobody matches."""
Json = dict[str, Any]


def reply_to(desk: Desk, found: Catalogue, version: PolicyVersion, *, least: int | None, as_of: dt.date) -> Json:
    """The reply to one project.

    Args:
        found: the catalogue with the project in it.
        least: counts below it, but for none, are null; None: nothing is hidden.
    """
    engine, store = Engine(found), desk.store
    homes = _homes(store, version.regions, as_of)
    chosen = spread(sorted(homes), MOST)
    level = "township" if all(len(code) >= 6 for code in version.regions) else "county"
    results = []
    for first in range(0, len(chosen), TOGETHER):
        some = chosen[first : first + TOGETHER]
        tables = store.neighbourhoods(some)
        there = set(tables["Household"].get_column("id").to_list())
        results += results_for(engine, tables, [one for one in some if one in there], as_of)
    match = match_of(results, homes, version.id, found, level=level, as_of=as_of)
    never = never_met(engine, version.id, _places(store, version.regions), as_of)
    nobody = bool(results) and not match.households and not match.asking
    met = clauses_met(engine, store.neighbourhoods(chosen[:FEW]), chosen[:FEW], version.id, as_of) if nobody else []
    says = {clause.id: _both(clause.says) for clause in version.clauses}
    return {
        "project": version.id,
        "catalogue": found.hash,
        "as_of": as_of.isoformat(),
        "warnings": _warnings(never, match, version, of=len(homes)),
        "never": [{"clause": one.clause or None, "says": says.get(one.clause), **_place(desk, one.region)} for one in never],
        "looked_at": match.looked_at,
        "of": len(homes),
        "households": _shown(match.households, least),
        "asking": _shown(match.asking, least),
        "consent_first": _shown(match.consent_first, least),
        "fen": match.fen if _shown(match.households, least) is not None else None,
        "budget_fen": version.project.budget_fen if version.project else None,
        "places": version.project.places if version.project else None,
        "areas": _areas(desk, match, least),
        "overlaps": _overlaps(found, match, says, least),
        "conditions": [{"clause": one.clause, "says": says[one.clause], "households": _shown(one.households, least)} for one in met],
    }


def spread(ids: Sequence[str], most: int) -> list[str]:
    """At most so many of the ids, evenly spread, the same each time."""
    return list(ids) if len(ids) <= most else [ids[at * len(ids) // most] for at in range(most)]


def _homes(store: GraphStore, regions: Sequence[str], as_of: dt.date) -> dict[str, str]:
    """Households that live where a project serves, with the code of their place."""
    found: dict[str, str] = {}
    for region in regions:
        for some in homes_in(store, region, as_of):
            found |= some
    return found


def _places(store: GraphStore, regions: Sequence[str]) -> list[str]:
    """The places of a project and the counties in them: each may have standards of its own."""
    codes = [code for frame in store.scan_nodes("Region") for code in frame.get_column("id").to_list() if level_of(code) == "county"]
    inside = [code for code in codes if any(within(code, region) for region in regions)]
    return list(dict.fromkeys([*regions, *inside]))[:PLACES]


def _warnings(never: Sequence[Never], match: Match, version: PolicyVersion, *, of: int) -> list[str]:
    """Codes of what a charity should look at first."""
    budget = version.project.budget_fen if version.project else None
    told = {
        "nobody_can": bool(never),
        "nobody_lives_here": not of,
        "nobody_here": bool(match.looked_at) and not match.households and not match.asking,
        "budget_short": budget is not None and budget * match.looked_at < match.fen * of,
    }
    return [code for code, so in told.items() if so]


def _areas(desk: Desk, match: Match, least: int | None) -> list[Json]:
    rows: list[Json] = [
        {"region": one.region, "looked_at": one.looked_at, "households": one.households, "asking": one.asking, "fen": one.fen}
        for one in match.areas
    ]
    if least is not None:
        rows = without_small(rows, ("region", "looked_at"), (), least)
    return [row | _place(desk, row["region"]) for row in rows]


def _overlaps(found: Catalogue, match: Match, says: Json, least: int | None) -> list[Json]:
    told = []
    for one in match.overlaps:
        other, shown = found.policies[one.policy][-1], one.households
        rest = match.households - shown
        hidden = least is not None and (0 < shown < least or 0 < rest < least)
        row = {"policy": one.policy, "title": _both(other.title), "project": other.project is not None, "needs": list(one.needs)}
        told.append(row | {"same": [says[clause] for clause in one.clauses], "households": None if hidden else shown})
    return told


def _shown(count: int, least: int | None) -> int | None:
    """The count; None where it is too small to be told."""
    return None if least is not None and 0 < count < least else count


def _place(desk: Desk, code: str) -> Json:
    """A region with its name."""
    names, stored = region_names(desk.settings.catalogue), desk.store.get("Region", code) or {}
    if stored.get("name"):
        names = names | {code: (stored["name"], names.get(code, (stored["name"],) * 2)[1])}
    return {"region": code, "place": place_path(code, names, desk.lang)}


def _both(said: Words) -> Json:
    return {"zh": said.zh, "en": said.en}
