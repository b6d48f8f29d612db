"""What a project has left, what it holds and for whom, and that something was paid: reported once, never more than was held.

A charity is told only of households that agreed to be shared with it, others are counted; an officer of those in its area.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.caller import Caller
from api.errors import BadRequest, NotFound, Place
from api.holds import SOURCE, account_of, held, pay_in
from api.listing import no_project
from api.permissions import BY_CONSENT, touches
from api.receipts import Receipt, Written
from graph.ingest import pages
from graph.store import GraphStore, Writer
from matcher.catalogue import PolicyVersion
from matcher.claims import project_on
from matcher.gap_views import LEAST


class Payment(BaseModel):
    """What was paid of a hold."""

    model_config = ConfigDict(extra="forbid")
    hold: str = Field(max_length=300, examples=["household/c4-1/awards/hold:anxin-relief-fund"])
    amount: Annotated[Decimal, Field(gt=0, lt=10**12, decimal_places=2, description="yuan", examples=[1200.5])]
    paid_on: dt.date | None = Field(default=None, description="today unless told", examples=["2026-08-01"])

    @property
    def fen(self) -> int:
        """The amount in fen."""
        return int(self.amount * 100)


@dataclass(frozen=True, slots=True)
class Hold:
    """Money held for a household of whom the caller is told."""

    id: str
    household: str
    fen: int
    since: dt.date
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class Holds:
    """Those of whom the caller is told, and how many there are besides (None: too few to be told)."""

    shown: list[Hold]
    others: int | None


def project_for(caller: Caller, project: str) -> PolicyVersion:
    """A project that is in force, or was, whose money the caller may see. Raises NotFound."""
    catalogue = caller.desk.catalogue
    if project not in catalogue.policies:
        raise no_project()
    version = project_on(catalogue, project, caller.desk.today())
    if version.project is None or not _sees(caller, version):
        raise no_project()
    return version


def projects_for(caller: Caller) -> list[PolicyVersion]:
    """All of these, by id."""
    catalogue, day = caller.desk.catalogue, caller.desk.today()
    found = [project_on(catalogue, id_, day) for id_ in sorted(catalogue.policies) if catalogue.policies[id_][-1].project]
    return [one for one in found if _sees(caller, one)]


def account_json(store: GraphStore, version: PolicyVersion, *, least: int | None) -> dict[str, Any]:
    """Budget, what is held and paid of it, what is left; how many have it, unless they are few."""
    project, account, waiting = version.project, account_of(store, version.id), held(store, version.id)
    assert project is not None
    holding = sum(row["amount_fen"] for row in waiting)
    return {
        "project": version.id,
        "budget_fen": project.budget_fen,
        "held_fen": holding,
        "paid_fen": account.committed_fen - holding,
        "left_fen": None if project.budget_fen is None else project.budget_fen - account.committed_fen,
        "places": project.places,
        "places_left": None if project.places is None else project.places - account.places,
        "holds": _told(len(waiting), least),
        "payments": _told(account.places - len(waiting), least),
    }


def holds_for(caller: Caller, version: PolicyVersion, *, paid: bool = False) -> Holds:
    """What is held, or was paid, hold by hold; who is shown stands in the audit first."""
    store = caller.desk.store
    rows = _paid(store, version.id) if paid else held(store, version.id)
    seen = set(caller.among(sorted({row["household"] for row in rows if "household" in row})))
    caller.seen(sorted(seen))
    told = [row for row in rows if row.get("household") in seen]
    shown = [Hold(row["id"], row["household"], row["amount_fen"], row["paid_on"], row.get("until")) for row in told]
    return Holds(shown, _told(len(rows) - len(shown), least_for(caller)))


def _paid(store: GraphStore, project: str) -> list[dict[str, Any]]:
    """What became of holds that were paid, in the order of their ids."""
    return [row for page in pages(store, "Award", {"policy": project, "source": SOURCE}) for row in page if "state" not in row]


def enter_payment(caller: Caller, version: PolicyVersion, given: Payment, key: str) -> Written:
    """Report what was paid of a hold. Raises NotFound, BadRequest, Conflict if it was paid, given back or is over."""
    receipt = Receipt.of(caller, f"{version.id} {key}", given.model_dump_json())
    if (before := receipt.stored()) is not None:
        return before
    store, today = caller.desk.store, caller.desk.today()
    row = store.get("Award", given.hold) or {}
    household = str(row.get("household", ""))
    if row.get("policy") != version.id or not household:
        raise _no_hold()
    caller.open(household)
    day = given.paid_on or today
    _check(given, row, day, today)

    def unit(writer: Writer) -> Written:
        kept = writer.get("Receipt", receipt.id)
        if kept is not None:
            return receipt.answer(kept)
        pay_in(writer, store, given.hold, day, given.fen)
        caller.note(writer, household, "change")
        body = {"project": version.id, "hold": given.hold, "paid_fen": given.fen, "paid_on": day.isoformat()}
        writer.upsert_nodes("Receipt", [receipt.row(body)])
        return Written(body)

    return store.write(unit)


def least_for(caller: Caller) -> int | None:
    """Counts below this are hidden from the caller; None: none is."""
    return LEAST if caller.account.role in BY_CONSENT else None


def _check(given: Payment, row: dict[str, Any], day: dt.date, today: dt.date) -> None:
    """Raises BadRequest."""
    places = []
    if row.get("state") == "held" and given.fen > row["amount_fen"]:
        yuan = f"¥{row['amount_fen'] / 100:,.2f}"
        places.append(Place("/amount", f"超过预留金额 {yuan}", f"more than the {yuan} that are held"))
    if not row["paid_on"] <= day <= today:
        zh, en = "发放日期应在预留之后、不晚于今天", "the day lies between that of the hold and today"
        places.append(Place("/paid_on", zh, en))
    if places:
        raise BadRequest("发放没有登记", "the payment was not entered", places=tuple(places))


def _sees(caller: Caller, version: PolicyVersion) -> bool:
    """A charity its own; an officer those that serve a place of its area."""
    assert version.project is not None
    if caller.account.role in BY_CONSENT:
        return bool(caller.account.organization) and version.project.organisation == caller.account.organization
    return touches(caller.account.regions, version.regions)


def _told(count: int, least: int | None) -> int | None:
    return None if least is not None and 0 < count < least else count


def _no_hold() -> NotFound:
    return NotFound("本项目没有这笔预留", "the project has no such hold", hint=("请从项目的预算页进入", "begin with the project's budget"))
