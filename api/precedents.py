"""Precedents: decided discussions of the households that are nearest to one in the graph, the nearest first.

The store's own search gives households by distance; it is asked for more until enough of them have a decided discussion.
"""

from dataclasses import dataclass
from typing import Any

from api.referral_rows import Referral, referral_of, referrals_of, state_of
from graph.profiles import profile_now, stored_features, text_of
from graph.store import GraphStore
from matcher.referral import Referrals

MOST, FIRST = 5, 50


@dataclass(frozen=True, slots=True)
class Precedent:
    """A decided discussion; `distance` of its household: 0 is alike in every number of the profile."""

    referral: Referral
    distance: int


def nearest_decided(store: GraphStore, referrals: Referrals, household: str, *, most: int = MOST) -> list[Precedent] | None:
    """The nearest decided discussions of other households; None where no profiles have been made (`aidgraph graph profiles`)."""
    features = stored_features(store)
    if features is None:
        return None
    if not _any_decided(store, referrals):
        return []
    profile, limit = profile_now(store, household, features), FIRST
    while True:
        near = store.nearest(profile, but=household, limit=limit)
        found = [
            Precedent(one, distance)
            for home, distance in near.select("household", "distance").iter_rows()
            for one in referrals_of(store, home)
            if one.sort == "discussion" and one.decided_on is not None and state_of(referrals, one).decided
        ]
        if len(found) >= most or near.height < limit:
            return found[:most]
        limit *= 4


def profile_row(store: GraphStore, household: str) -> list[dict[str, Any]]:
    """The household's profile as it is now, for storing, so that it can be found as a precedent; nothing where there are no profiles."""
    features = stored_features(store)
    if features is None:
        return []
    return [{"id": household, "profile": text_of(profile_now(store, household, features))}]


def _any_decided(store: GraphStore, referrals: Referrals) -> bool:
    procedure = referrals.procedures["discussion"]
    states = [state.id for state in procedure.states.values() if state.decided]
    pages = (store.find("Referral", {"state": state, "sort": "discussion"}, limit=1) for state in states)
    return any(referral_of(row).decided_on for page in pages for row in page.rows)
