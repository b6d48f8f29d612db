"""Projects of charities: listed, changed, replied to, decided on, paused, withdrawn; their budgets, and what was paid."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Response
from fastapi.responses import JSONResponse

from api import project_shapes as shapes
from api.caller import Caller
from api.deps import Needs
from api.listing import State
from api.listing_json import described, summary
from api.listing_text import read_listed, text_of
from api.listing_writes import change_project, enter_project, open_project, open_projects, organization_of, tag_of, take_action, without
from api.paging import USUAL, Cursor, Limit, Paged, page_of_list
from api.payments import Payment, account_json, enter_payment, holds_for, least_for, project_for
from api.project_reply import reply_to
from api.receipts import Written
from api.routes.households import Key

routes = APIRouter(prefix="/api/projects", tags=["projects"])

Reader = Annotated[Caller, Depends(Needs("project.read"))]
Writer = Annotated[Caller, Depends(Needs("project.write"))]
Moderator = Annotated[Caller, Depends(Needs("project.moderate"))]
Payer = Annotated[Caller, Depends(Needs("project.pay"))]
Project = Annotated[str, Path(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=80, examples=["winter-coal-fund"])]
Match = Annotated[str | None, Header(alias="If-Match", max_length=100, description="`ETag` of the project as it was read; 428 without")]
Form = Annotated[dict[str, Any], Body(description="a project in the form of the rule language", examples=[shapes.EXAMPLE])]


@routes.get("", response_model=Paged[shapes.ListedProject])
def projects(caller: Reader, state: State | None = None, limit: Limit = USUAL, cursor: Cursor = None) -> Response:
    """The projects of one's organisation; for an officer those that serve a place of its area."""
    found = [(one.id, summary(one)) for one in open_projects(caller) if state in (None, one.state)]
    shown, following = page_of_list(found, cursor, limit)
    return JSONResponse({"items": shown, "next": following})


@routes.post("", status_code=201)
def create(caller: Writer, given: Form, key: Key, response: Response) -> shapes.Entered:
    """Enter a new project, as a draft."""
    written = enter_project(caller, given, key)
    response.headers["Location"] = f"{routes.prefix}/{written.body['project']}"
    return _entered(written, response)


@routes.post("/check", response_model=shapes.Reply)
def check(caller: Writer, given: Form) -> Response:
    """The reply to a project without keeping anything: faults by path, or whom it would reach and what it overlaps with."""
    return JSONResponse(reply_for(caller, text_of(given)))


@routes.get("/{project}", response_model=shapes.Project)
def read(caller: Reader, project: Project) -> Response:
    """What a project says, its state and its history. `ETag` is what a change has to name as `If-Match`."""
    found = open_project(caller, project)
    return JSONResponse(described(found), headers={"ETag": tag_of(found)})


@routes.put("/{project}")
def change(caller: Writer, project: Project, given: Form, key: Key, response: Response, match: Match = None) -> shapes.Entered:
    """Change a draft; of what was decided, begin a new version: the one before holds until that one is approved."""
    return _entered(change_project(caller, project, given, key, match), response)


@routes.post("/{project}/actions")
def act(caller: Writer, project: Project, given: shapes.Deed, key: Key, response: Response, match: Match = None) -> shapes.Entered:
    """Send it for review, pause it, take it up again, withdraw it. What was granted stays."""
    return _entered(take_action(caller, project, given.action, given.reason, key, match), response)


@routes.post("/{project}/decision")
def decide(
    caller: Moderator, project: Project, given: shapes.Decision, key: Key, response: Response, match: Match = None
) -> shapes.Entered:
    """Approve or refuse what waits for review. Whoever wrote it does not decide on it."""
    return _entered(take_action(caller, project, given.decision, given.reason, key, match), response)


@routes.get("/{project}/reply", response_model=shapes.Reply)
def reply(caller: Reader, project: Project) -> Response:
    """The reply to the newest version."""
    return JSONResponse(reply_for(caller, open_project(caller, project).last["text"], project))


@routes.get("/{project}/account", response_model=shapes.Account)
def account(caller: Reader, project: Project) -> Response:
    """What is left of the budget, held and paid."""
    return JSONResponse(account_json(caller.desk.store, project_for(caller, project), least=least_for(caller)))


@routes.get("/{project}/holds")
def holds(
    caller: Payer, project: Project, *, paid: Annotated[bool, Query(description="what was paid, not what is held")] = False
) -> shapes.HoldList:
    """What is held for households of whom the caller may be told: for a charity those that agreed to be shared with it."""
    found = holds_for(caller, project_for(caller, project), paid=paid)
    items = [shapes.HoldShape(id=one.id, household=one.household, fen=one.fen, since=one.since, until=one.until) for one in found.shown]
    return shapes.HoldList(items=items, others=found.others)


@routes.post("/{project}/payments", status_code=201)
def pay(caller: Payer, project: Project, given: Payment, key: Key, response: Response) -> shapes.Paid:
    """Report what was paid of a hold; what was held beyond it returns to the budget."""
    written = enter_payment(caller, project_for(caller, project), given, key)
    if written.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return shapes.Paid.model_validate(written.body)


def reply_for(caller: Caller, text: str, project: str = "") -> dict[str, Any]:
    """The reply to a text; `project` is set aside if it is in force. Raises BadRequest with every fault."""
    desk = caller.desk
    kept = without(desk.catalogue, project) if project else desk.catalogue
    found, version = read_listed(kept, project, text, organization=organization_of(caller))
    return reply_to(desk, found, version, least=least_for(caller), as_of=desk.today())


def _entered(written: Written, response: Response) -> shapes.Entered:
    if written.etag:
        response.headers["ETag"] = written.etag
    if written.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return shapes.Entered.model_validate(written.body)
