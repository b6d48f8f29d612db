"""Grants committed to the store: a hold counts against the project's budget until it is paid, given back, or its days are over.

A hold is an award in the state `held`, in force from the day it was made to its last day, so the next bundle counts it as received. The
Budget node of a project counts what is held or paid; whatever changes it locks it first, and sees nobody else's half-done work.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from api.errors import Conflict, NotFound
from graph.ingest import pages
from graph.ingest_derived import entry_id
from graph.store import GraphStore, Writer
from matcher.allocation import share
from matcher.allocation_terms import Budget, Claim, Grant
from matcher.catalogue import PolicyVersion
from matcher.claims import budget_of

HELD, EXPIRED, RETURNED = "held", "expired", "returned"
SOURCE = "allocation"


@dataclass(frozen=True, slots=True)
class Account:
    """What is committed of a project: fen and grants, held or paid. `version` counts the changes."""

    committed_fen: int = 0
    places: int = 0
    version: int = 0


def account_of(store: GraphStore | Writer, project: str) -> Account:
    """What the store has of a project; inside a unit of writes it is locked until the unit ends."""
    row = store.get("Budget", project) or {}
    return Account(row.get("committed_fen", 0), row.get("places", 0), row.get("version", 0))


def hold_id(claim: Claim) -> str:
    """The id of a claim's hold: a household, or a person, has at most one of a project at a time."""
    subject = ("Household", claim.household) if claim.who is None else ("Person", claim.who)
    return entry_id(*subject, "awards", f"hold:{claim.project}")


def commit(
    store: GraphStore,
    version: PolicyVersion,
    claims: Sequence[Claim],
    seen: Account,
    *,
    day: dt.date,
    until: dt.date,
    also: Callable[[Writer], None] = lambda _: None,
) -> tuple[Budget, list[Grant]]:
    """Share out what the project has left and hold what is granted, as one unit of writes.

    Args:
        version: the project.
        claims: all on this project, in any order.
        seen: the account as it was before the claims were read. If it has changed since, claims that were granted meanwhile are left out.
        day, until: the first and the last day of the holds.
        also: what is written in the same unit.

    Returns:
        The budget as it was before, and a grant for each claim that still stands, hardest first.
    """
    under = _under(store, version)
    there = {row["id"] for page in pages(store, "Award", {"policy": version.id}) for row in page}
    ordered = sorted(claims, key=lambda claim: claim.order)

    def unit(writer: Writer) -> tuple[Budget, list[Grant]]:
        account = account_of(writer, version.id)
        asked = [hold_id(claim) for claim in ordered if account.version != seen.version or hold_id(claim) in there]
        earlier = {id_: row for id_ in asked if (row := writer.get("Award", id_)) is not None}
        standing = [claim for claim in ordered if earlier.get(hold_id(claim), {}).get("state") != HELD]
        budget = budget_of(version, account.committed_fen, account.places)
        grants = share(standing, budget)
        given = [grant for grant in grants if grant.fen]
        for grant in given:
            if hold_id(grant.claim) in earlier:
                _move(writer, grant.claim, earlier[hold_id(grant.claim)])
        _put(writer, given, version, day, until, under)
        if given:
            _book(writer, version.id, account, sum(grant.fen for grant in given), len(given))
        also(writer)
        return budget, grants

    return store.write(unit)


def hold_one(writer: Writer, store: GraphStore, version: PolicyVersion, grant: Grant, *, day: dt.date, until: dt.date) -> str:
    """Hold one grant within a unit of writes, and return its id.

    Raises: Conflict where the household holds something of the project already, or the budget or the places do not reach.
    """
    account, id_ = account_of(writer, version.id), hold_id(grant.claim)
    budget, before = budget_of(version, account.committed_fen, account.places), writer.get("Award", id_)
    if before is not None and before.get("state") == HELD:
        raise Conflict("本户在这个项目已有一笔预留", "something of this project is held for the household already")
    if budget.places == 0 or (budget.left is not None and budget.left < grant.fen):
        raise Conflict("项目余下的资金或名额不够", "what is left of the project's budget or places does not reach")
    if before is not None:
        _move(writer, grant.claim, before)
    _put(writer, [grant], version, day, until, _under(store, version))
    _book(writer, version.id, account, grant.fen, 1)
    return id_


def _put(writer: Writer, given: Sequence[Grant], version: PolicyVersion, day: dt.date, until: dt.date, under: str | None) -> None:
    """The holds with who has them, and under which project."""
    common = {"policy": version.id, "department": version.department, "paid_on": day, "until": until, "state": HELD, "source": SOURCE}
    own = [{"id": hold_id(grant.claim), "amount_fen": grant.fen, "household": grant.claim.household} for grant in given]
    writer.upsert_nodes("Award", [common | row for row in own])
    writer.upsert_edges("RECEIVES", [owner(grant.claim) | {"dst": hold_id(grant.claim)} for grant in given])
    if under is not None:
        edges = [{"src": hold_id(grant.claim), "dst": under, "dst_kind": "CharityProject", "source": SOURCE} for grant in given]
        writer.upsert_edges("UNDER", edges)


def owner(claim: Claim) -> dict[str, str]:
    """Who has what is granted."""
    return {"src": claim.who or claim.household, "src_kind": "Household" if claim.who is None else "Person", "source": SOURCE}


def _move(writer: Writer, claim: Claim, earlier: dict[str, Any]) -> None:
    """An award under the id of a new hold, over or paid by now, goes on under an id of its own: past days can still be answered."""
    own = f"{earlier['id']}@{earlier['paid_on'].isoformat()}"
    writer.delete("Award", [earlier["id"]])
    writer.upsert_nodes("Award", [earlier | {"id": own}])
    writer.upsert_edges("RECEIVES", [owner(claim) | {"dst": own}])


def expire(store: GraphStore, project: str, day: dt.date) -> int:
    """Give back to the budget what was held until before this day. Returns the fen."""
    overdue = [row["id"] for row in held(store, project) if row["until"] < day]

    def unit(writer: Writer) -> int:
        account = account_of(writer, project)
        rows = [
            row
            for row in (writer.get("Award", id_) for id_ in overdue)
            if row is not None and row.get("state") == HELD and row["until"] < day
        ]
        back: int = sum(row["amount_fen"] for row in rows)
        writer.upsert_nodes("Award", [{"id": row["id"], "state": EXPIRED} for row in rows])
        if rows:
            _book(writer, project, account, -back, -len(rows))
        return back

    return store.write(unit) if overdue else 0


def give_back(store: GraphStore, hold: str, day: dt.date) -> None:
    """End a hold on this day: its money returns to the budget. Raises NotFound, Conflict."""
    store.write(lambda writer: give_back_in(writer, store, hold, day))


def give_back_in(writer: Writer, store: GraphStore, hold: str, day: dt.date) -> None:
    """The same within a unit of writes."""
    row, account = _held_one(store, writer, hold)
    writer.upsert_nodes("Award", [{"id": hold, "state": RETURNED, "until": day - dt.timedelta(days=1)}])
    _book(writer, row["policy"], account, -row["amount_fen"], -1)


def pay(store: GraphStore, hold: str, day: dt.date, fen: int) -> None:
    """Turn a hold into an award paid on this day; what was held beyond it returns to the budget. Raises NotFound, Conflict."""
    store.write(lambda writer: pay_in(writer, store, hold, day, fen))


def pay_in(writer: Writer, store: GraphStore, hold: str, day: dt.date, fen: int) -> None:
    """The same within a unit of writes."""
    row, account = _held_one(store, writer, hold)
    if not 0 < fen <= row["amount_fen"]:
        raise Conflict("发放金额应大于零、不超过预留金额", "what is paid is more than nothing and at most what is held")
    writer.remove_keys("Award", hold, ["state", "until"])
    writer.upsert_nodes("Award", [{"id": hold, "paid_on": day, "amount_fen": fen}])
    _book(writer, row["policy"], account, fen - row["amount_fen"], 0)


def held(store: GraphStore, project: str) -> list[dict[str, Any]]:
    """The holds of a project that were neither paid nor given back, in the order of their ids."""
    return [row for page in pages(store, "Award", {"policy": project, "state": HELD}) for row in page]


def overdue_of(store: GraphStore, project: str, day: dt.date) -> tuple[int, int]:
    """(fen, holds) that `expire` would give back."""
    rows = [row for row in held(store, project) if row["until"] < day]
    return sum(row["amount_fen"] for row in rows), len(rows)


def _book(writer: Writer, project: str, account: Account, fen: int, places: int) -> None:
    """Put the account with so much more committed."""
    row = {"committed_fen": account.committed_fen + fen, "places": account.places + places, "version": account.version + 1}
    writer.upsert_nodes("Budget", [{"id": project, "source": SOURCE} | row])


def _held_one(store: GraphStore, writer: Writer, hold: str) -> tuple[dict[str, Any], Account]:
    """The hold and its project's account, both locked, the account first."""
    project = (store.get("Award", hold) or {}).get("policy")
    account = account_of(writer, str(project))
    row = writer.get("Award", hold)
    if row is None:
        raise NotFound(f"没有预留“{hold}”", f"there is no hold {hold!r}")
    if row.get("state") != HELD:
        raise Conflict("这笔预留已发放、退回或过期", "this hold was paid, given back, or is over")
    return row, account


def _under(store: GraphStore, version: PolicyVersion) -> str | None:
    """The node of the project in the store, if its catalogue was loaded."""
    rows = store.find("CharityProject", {"policy": version.id}, limit=1).rows
    return str(rows[0]["id"]) if rows else None
