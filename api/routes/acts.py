"""What is done to a household beside visits: an application marked, a decision, a death, a move, a departure; and an import taken back."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from api.act_shapes import Death, Decision, Departure, Kept, Move, NewApplication, Withdrawal, Withdrawn
from api.acts import Read, application_rows, death_rows, decision_rows, departure_rows, move_rows
from api.caller import Caller
from api.deps import Needs
from api.routes.households import Household, Key, Match, answered
from api.withdrawing import withdraw_import
from api.writing import Act, enter_act

routes = APIRouter(prefix="/api", tags=["households"])

Applier = Annotated[Caller, Depends(Needs("household.apply"))]
Decider = Annotated[Caller, Depends(Needs("household.decide"))]
Recorder = Annotated[Caller, Depends(Needs("household.record"))]
Withdrawer = Annotated[Caller, Depends(Needs("household.withdraw"))]


def act_of(caller: Caller, household: str, given: BaseModel, rows: Callable[..., Read]) -> Act:
    """Something sent, as it is written; an officer speaks for civil affairs."""
    source = "civil-affairs" if caller.account.role == "officer" else "visit"
    return Act(given.model_dump_json(), rows(caller, household, given), source)


@routes.post("/households/{household}/applications")
def apply(caller: Applier, household: Household, given: NewApplication, key: Key, response: Response, match: Match = None) -> Kept:
    """Mark an item as applied for, or such an application as taken back. It is not recommended again while it waits."""
    return answered(Kept, enter_act(caller, household, act_of(caller, household, given, application_rows), key, match), response)


@routes.post("/households/{household}/decisions")
def decide(caller: Decider, household: Household, given: Decision, key: Key, response: Response, match: Match = None) -> Kept:
    """Confirm an item, which puts its recognition or award on file, or refuse it."""
    return answered(Kept, enter_act(caller, household, act_of(caller, household, given, decision_rows), key, match), response)


@routes.post("/households/{household}/deaths")
def death(caller: Recorder, household: Household, given: Death, key: Key, response: Response, match: Match = None) -> Kept:
    """Record that a member died."""
    return answered(Kept, enter_act(caller, household, act_of(caller, household, given, death_rows), key, match), response)


@routes.post("/households/{household}/moves")
def move(caller: Recorder, household: Household, given: Move, key: Key, response: Response, match: Match = None) -> Kept:
    """Record where the household lives from a day on. Whoever is for the new place sees it from then on."""
    return answered(Kept, enter_act(caller, household, act_of(caller, household, given, move_rows), key, match), response)


@routes.post("/households/{household}/departures")
def departure(caller: Recorder, household: Household, given: Departure, key: Key, response: Response, match: Match = None) -> Kept:
    """Record that one member left, and which household it joined."""
    return answered(Kept, enter_act(caller, household, act_of(caller, household, given, departure_rows), key, match), response)


@routes.post("/imports/withdrawals")
def withdraw(caller: Withdrawer, given: Withdrawal) -> Withdrawn:
    """Take back all that an import told, or say with `dry_run` what that would do. Doing it again changes nothing."""
    return Withdrawn.model_validate(withdraw_import(caller, given))
