"""The pages of referrals: the board (for a charity what was offered to it), one of them with a form for each move, its packet, opening one.

Each calls what the interface calls; a form that cannot be kept is shown again with what was typed and what is wrong.
"""

import secrets
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api.caller import Caller
from api.deps import Needs
from api.errors import BadRequest, Conflict, Place, ServiceError, Stale, told
from api.packet import packet_of
from api.packet_lines import sections_of
from api.page import neighbourhood
from api.pages.frame import Link, show
from api.pages.household_view import household_href
from api.pages.referral_view import ITEMS, board_of, opening_reasons, referral_href, referral_view
from api.pages.texts_referrals import REFERRALS
from api.paging import USUAL, Cursor
from api.people import household_name, members_on
from api.referral_access import actor_of, board_rows, opened_referral, seen_by
from api.referral_shapes import Movement, NewReferral
from api.referral_writing import moved, opened
from api.routes.households import Household
from api.routes.referrals import Id, Sort, State
from api.wiring import day_of

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Reader = Annotated[Caller, Depends(Needs("referral.read"))]
Opener = Annotated[Caller, Depends(Needs("referral.open"))]
Mover = Annotated[Caller, Depends(Needs("referral.move"))]
PacketReader = Annotated[Caller, Depends(Needs("referral.packet"))]
SEE_OTHER, LONGEST = 303, 2000
ACTIVE = "/referrals"
OF_ITEM = ("policy", "who", "amount", "payer", "owner", "due", "basis")


async def sent_form(request: Request) -> dict[str, str]:
    """The fields of a form, each once."""
    return {name: str(value)[:LONGEST].strip() for name, value in (await request.form()).items()}


Sent = Annotated[dict[str, str], Depends(sent_form)]


@routes.get("/referrals")
def board(
    request: Request,
    caller: Reader,
    *,
    ended: Annotated[bool, Query()] = False,
    sort: Sort = None,
    state: State = None,
    cursor: Cursor = None,
) -> Response:
    """The board: the most pressing of each state; or all of one state, page by page."""
    following, more = None, set[tuple[str, str]]()
    if state is None:
        found, more = board_rows(caller, ended=ended)
    else:
        found, following = seen_by(caller, sort=sort, state=state, ended=True, cursor=cursor, limit=USUAL)
    columns = board_of(caller.desk, found, actor_of(caller), more, part=bool(cursor or following))
    asked = {"sort": sort, "state": state, "cursor": following}
    pages = f"/referrals?{urlencode({name: value for name, value in asked.items() if value})}" if following else ""
    about: dict[str, Any] = {"ended": ended, "charity": caller.account.role == "foundation", "following": pages, "alone": state is not None}
    return _show(request, "referrals.html", caller, columns=columns, **about)


@routes.get("/referrals/{referral}")
def one(request: Request, caller: Reader, referral: Id, *, done: Annotated[str, Query(pattern="^(done|opened|there)?$")] = "") -> Response:
    """One referral, with a form for each move."""
    return _one(request, caller, referral, done=done)


@routes.post("/referrals/{referral}/moves")
def make(request: Request, caller: Mover, referral: Id, sent: Sent) -> Response:
    """Make a move; what is wrong with it is told beside the form."""
    opened_referral(caller, referral)
    faults: tuple[Link, ...] = ()
    try:
        moved(caller, referral, _movement(caller, sent), sent.get("key", ""), sent.get("tag", ""))
    except (BadRequest, Conflict, Stale) as error:
        faults = _faults(caller, error, f"{sent.get('move', '')}-")
    except ValidationError as error:
        form = f"{sent.get('move', '')}-"
        faults = tuple(Link(_plain(caller, one["type"]), _field("/".join(map(str, one["loc"])), form)) for one in error.errors())
    if faults:
        return _one(request, caller, referral, sent=sent, faults=faults)
    return RedirectResponse(f"{referral_href(referral)}?done=done", SEE_OTHER)


@routes.get("/referrals/{referral}/packet")
def packet(request: Request, caller: PacketReader, referral: Id) -> Response:
    """The packet, to be printed."""
    found = opened_referral(caller, referral)
    made = packet_of(caller.desk, found, actor_of(caller))
    return _show(request, "packet.html", caller, sections=sections_of(caller.desk, made), back=referral_href(referral))


@routes.get("/households/{household}/refer")
def refer_form(request: Request, caller: Opener, household: Household) -> Response:
    """The form for opening one by hand."""
    caller.open(household)
    return _refer(request, caller, household)


@routes.post("/households/{household}/refer")
def refer(request: Request, caller: Opener, household: Household, sent: Sent) -> Response:
    """Open one by hand."""
    caller.open(household)
    try:
        wanted = {name: value for name, value in sent.items() if name in ("sort", "reason", "question") and value}
        written = opened(caller, NewReferral.model_validate({"household": household, **wanted}), sent.get("key", ""))
    except (BadRequest, Conflict) as error:
        return _refer(request, caller, household, sent=sent, faults=_faults(caller, error))
    except ValidationError as error:
        faults = tuple(Link(_plain(caller, one["type"]), f"#{one['loc'][0]}" if one["loc"] else "") for one in error.errors())
        return _refer(request, caller, household, sent=sent, faults=faults)
    how = "opened" if written.body["new"] else "there"
    return RedirectResponse(f"{referral_href(written.body['referral'])}?done={how}", SEE_OTHER)


def _one(
    request: Request, caller: Caller, id_: str, *, done: str = "", sent: Mapping[str, str] | None = None, faults: tuple[Link, ...] = ()
) -> Response:
    view = referral_view(caller.desk, opened_referral(caller, id_), actor_of(caller), sent)
    told: dict[str, Any] = {"done": done, "faults": faults, "rooms": range(ITEMS), "charity": caller.account.role == "foundation"}
    return _show(request, "referral.html", caller, status=422 if faults else 200, view=view, **told)


def _refer(
    request: Request, caller: Caller, household: str, *, sent: Mapping[str, str] | None = None, faults: tuple[Link, ...] = ()
) -> Response:
    desk, tables = caller.desk, neighbourhood(caller.desk.store, household)
    members = members_on(tables, household, desk.today())
    back = Link(household_name(tables, household, members, desk.identity, desk.lang), household_href(household))
    key = secrets.token_urlsafe(16)
    told: dict[str, Any] = {"sent": sent or {}, "faults": faults, "reasons": opening_reasons(desk), "household": back, "key": key}
    return _show(request, "refer.html", caller, status=422 if faults else 200, **told)


def _show(request: Request, template: str, caller: Caller, *, status: int = 200, **told: Any) -> Response:
    texts = REFERRALS[caller.desk.lang]
    home = Link(texts["offers"] if caller.account.role == "foundation" else texts["title"], ACTIVE)
    return show(request, template, caller, active=ACTIVE, status=status, r=texts, home=home, **told)


def _movement(caller: Caller, sent: Mapping[str, str]) -> Movement:
    """What a filled form says, as the interface is told. Raises BadRequest, ValidationError."""
    today, body = caller.desk.today(), {name: sent[name] for name in ("move", "code", "text", "stance", "item") if sent.get(name)}
    given: dict[str, Any] = dict(body)
    if sent.get("amount"):
        given["amount"] = _money(sent["amount"])
    if sent.get("day"):
        given["day"] = day_of(sent["day"], today)
    items = []
    for at in range(ITEMS):
        fields = {name: sent[f"{name}-{at}"] for name in OF_ITEM if sent.get(f"{name}-{at}")}
        if fields.get("policy"):
            money = {"amount": _money(fields["amount"])} if "amount" in fields else {}
            items.append(fields | money | ({"due": day_of(fields["due"], today)} if "due" in fields else {}))
    return Movement.model_validate(given | ({"items": items} if items else {}))


def _money(text: str) -> Decimal:
    """12,345.60 or ¥500. Raises BadRequest."""
    try:
        return Decimal(text.replace(",", "").replace("，", "").lstrip("¥￥ "))
    except InvalidOperation:
        zh, en = "金额应为数字，如 12000 或 12000.50", "an amount is a number, such as 12000 or 12000.50"
        raise BadRequest(zh, en, places=(Place("/amount", zh, en),)) from None


def _faults(caller: Caller, error: ServiceError, form: str = "") -> tuple[Link, ...]:
    """What is wrong, each with a link to its field; `form`: what the ids of the form's fields begin with."""
    english = caller.desk.lang == "en"
    places = error.places if isinstance(error, BadRequest) else ()
    known = told(error, caller.desk.lang)
    listed = tuple(Link(one.en if english else one.zh, _field(one.path.lstrip("/"), form)) for one in places)
    return listed or (Link(known.text if known else "", ""),)


def _field(path: str, form: str) -> str:
    """The field of the form that a place of the body was made of."""
    parts = path.split("/")
    if parts[0] == "items":
        return f"#{form}{parts[2]}-{parts[1]}" if len(parts) > 2 else f"#{form}policy-0"
    return f"#{form}{parts[0]}" if parts[0] else ""


def _plain(caller: Caller, kind: str) -> str:
    """What is wrong with a field, without what was typed."""
    missing = kind == "missing"
    if caller.desk.lang == "en":
        return "is missing" if missing else "does not fit"
    return "还没有填写" if missing else "填写的内容不符合要求"
