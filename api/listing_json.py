"""Projects of charities as JSON: in a list, and as a whole."""

from typing import Any

from api.listing import ACTIONS, MOVES, Listing
from api.listing_text import project_of


def summary(listing: Listing) -> dict[str, Any]:
    """A project in a list."""
    last, live = listing.last, listing.live
    return {
        "project": listing.id,
        "title": {"zh": last["title_zh"], "en": last["title_en"]},
        "organization": listing.organization,
        "region": last["region"],
        "number": last["number"],
        "state": listing.state,
        "in_force": live["number"] if live is not None and live["state"] == "approved" else None,
    }


def described(listing: Listing) -> dict[str, Any]:
    """A project as a whole."""
    steps = [
        {"at": one.at.isoformat(), "account": one.account, "action": one.action, "number": one.number, "reason": one.reason}
        for one in listing.steps
    ]
    actions = [action for action in ACTIONS if listing.may(action)]
    ordered = sorted(actions, key=lambda action: MOVES[action].decides)
    return summary(listing) | {"says": project_of(listing.last["text"]), "history": steps, "actions": ordered}
