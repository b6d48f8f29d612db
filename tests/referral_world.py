"""The transplant case on a day of 2026, in a store with the catalogue: households alike, and a clock that tests turn."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.load_cases import load_case_file
from api.load_catalogue import store_catalogue
from api.referral_moves import Moved, move
from api.referral_open import Actor, Opened, Opening, by_rule, open_in, result_now, to_charity
from api.referral_shapes import Movement
from api.settings import Settings
from api.wiring import Desk
from tests.factories import SEEDS, engine, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from graph.store import GraphStore

DAY = dt.date(2026, 9, 2)
FIRST, LIKE = "c4-1", "c4-2"
FUND, CHARITY = "anxin-relief-fund", "binzhou-charity-federation"
OFFICER, WORKER = Actor("wang", "officer"), Actor("li", "worker")
DEPARTMENT, FOUNDATION = Actor("sun", "department", "medical-insurance"), Actor("hu", "foundation")
ACTORS = {one.role: one for one in (OFFICER, WORKER, DEPARTMENT, FOUNDATION)}
AID: dict[str, Any] = {
    "policy": "temporary-aid-expense",
    "amount": "20000",
    "payer": "civil-affairs",
    "owner": "滨城区民政局",
    "due": "2026-12-31",
    "basis": "关于改革完善社会救助制度的意见二（四）15",
}
OF_FUND = AID | {"policy": FUND, "amount": "150000", "payer": CHARITY, "owner": "慈善总会救助部", "basis": "社会救助法第五十七条"}


@dataclass
class On(Desk):
    """The program's desk on a day that a test sets."""

    day: dt.date = DAY

    def today(self) -> dt.date:
        """The day of the test."""
        return self.day


def c4_text(day: dt.date = DAY) -> str:
    """The case as if it were asked on this day: what happened in its last years as much later, births as they were."""
    text = (SEEDS / "cases" / "c4.yaml").read_text(encoding="utf-8")
    later = day - dt.date(2024, 9, 2)
    return re.sub(r"202[34]-\d\d-\d\d", lambda found: (dt.date.fromisoformat(found[0]) + later).isoformat(), text)


def a_desk(store: GraphStore, folder: Path, *, catalogue: bool = True) -> On:
    """A desk over a store with the case's households."""
    desk = On(Settings(catalogue=SEEDS, key_file=folder / "none.key"))
    desk.__dict__.update(store=store, store_for_identity=store, catalogue=shipped(), engine=engine())
    store.migrate()
    if catalogue:
        store_catalogue(store, shipped(), SEEDS, DAY)
    path = folder / "c4.yaml"
    path.write_text(c4_text(), encoding="utf-8")
    load_case_file(store, shipped(), path)
    return desk


def opening(desk: Desk, household: str = FIRST) -> Opening:
    """The discussion that a rule opens for a household."""
    found = by_rule(desk.store, desk.catalogue, *result_now(desk, household, desk.today()))
    assert found is not None
    return found


def opened(desk: Desk, what: Opening, actor: Actor = OFFICER) -> Opened:
    """Open it, as a unit of its own."""
    return desk.store.write(lambda writer: open_in(writer, desk.catalogue.referrals, what, actor, desk.now(), desk.today()))


def offered(desk: Desk, household: str = FIRST) -> Opened:
    """An offer to the charity."""
    return opened(desk, to_charity(desk, *result_now(desk, household, desk.today()), desk.today()))


def do(desk: Desk, id_: str, actor: Actor, name: str, **sent: Any) -> Moved:
    """Make a move as the interface is sent it."""
    return move(desk, id_, Movement.model_validate_json(json.dumps({"move": name, **sent})), actor)
