"""What was applied for and not decided yet, and what an officer refused: on one day, by item and by whom.

In: the tables of some households' neighbourhoods. Out: what stands of each item. A refusal stands until somebody applies anew; what
was confirmed or taken back stands no more, since an award or a recognition on file says more. Source: design section 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from matcher.plain_rows import height_of

if TYPE_CHECKING:
    import datetime as dt

    from matcher.stored import Tables

Item = tuple[str, str]
"""(policy, id of the person or household)."""
State = Literal["applied", "refused"]


@dataclass(frozen=True, slots=True)
class Application:
    """`applied`: waiting since `applied_on`. `refused` on `decided_on`, for the reason with this code, by these articles."""

    state: State
    applied_on: dt.date | None
    decided_on: dt.date | None = None
    reason: str | None = None
    basis: tuple[str, ...] = ()


def standing(tables: Tables, as_of: dt.date) -> dict[Item, Application]:
    """The newest application of each item by the day, if it waits or was refused."""
    if not height_of(tables, "Application"):
        return {}
    rows = {row["id"]: row for row in tables["Application"].to_dicts()}
    newest: dict[Item, dict[str, Any]] = {}
    for who, id_ in tables["APPLIED_FOR"].select("src", "dst").sort("dst").iter_rows():
        row = rows[id_]
        if _day(row) > as_of:
            continue
        item = (row["policy"], who)
        if item not in newest or (_day(newest[item]), newest[item]["id"]) < (_day(row), id_):
            newest[item] = row
    found = {item: _state(row, as_of) for item, row in newest.items()}
    return {item: state for item, state in found.items() if state is not None}


def refused(tables: Tables, as_of: dt.date) -> dict[str, set[str]]:
    """policy -> ids for whom an officer refused it."""
    found: dict[str, set[str]] = {}
    for (policy, who), one in standing(tables, as_of).items():
        if one.state == "refused":
            found.setdefault(policy, set()).add(who)
    return found


def _day(row: dict[str, Any]) -> dt.date:
    """The day on which it begins to count."""
    day: dt.date = row["applied_on"]
    return day


def _state(row: dict[str, Any], as_of: dt.date) -> Application | None:
    if row["state"] == "applied" or row["decided_on"] > as_of:
        return Application("applied", row["applied_on"])
    if row["state"] != "refused":
        return None
    return Application("refused", row["applied_on"], row["decided_on"], row["reason"], tuple(row["basis"] or ()))
