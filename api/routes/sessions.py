"""Signing in and out, and who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import accounts
from api.audit import Entry
from api.caller import Caller
from api.deps import COOKIE, Needs, Open, desk_of, same_site, service_of
from api.errors import SignedOut
from api.permissions import PERMISSIONS, ROLE_WORDS, may

routes = APIRouter(prefix="/api/session", tags=["session"])


class SignIn(BaseModel):
    """Account and password."""

    model_config = ConfigDict(extra="forbid")
    account: str = Field(max_length=40, examples=["li"])
    password: str = Field(max_length=accounts.LONGEST, examples=["three plain words"])


class Begun(BaseModel):
    """A session has begun; its cookie came along."""

    csrf: str = Field(description="to be sent as X-CSRF-Token with every write")


class Whoami(BaseModel):
    """The account that asks."""

    account: str = Field(examples=["li"])
    title: str = Field(examples=["李社工"])
    role: str = Field(examples=["worker"])
    role_title: dict[str, str] = Field(examples=[{"zh": "社工", "en": "social worker"}])
    regions: list[str] = Field(examples=[["371602001"]])
    permissions: list[str] = Field(examples=[["household.read", "catalogue.read"]])
    csrf: str = Field(description="blank for a key")


@routes.post("", dependencies=[Depends(Open("signing in is how one gets a permission")), Depends(same_site)])
def begin(request: Request, response: Response, given: SignIn) -> Begun:
    """Sign in. A wrong account and a wrong password are answered alike."""
    token = begin_session(request, given.account, given.password)
    set_cookie(request, response, token)
    return Begun(csrf=accounts.csrf_of(token))


@routes.get("")
def whoami(caller: Annotated[Caller, Depends(Needs("session.own"))]) -> Whoami:
    """Who asks, and what it may do."""
    one = caller.account
    words = ROLE_WORDS[one.role]
    allowed = [name for name in PERMISSIONS if may(one, name)]
    return Whoami(
        account=one.id,
        title=one.title,
        role=one.role,
        role_title={"zh": words.zh, "en": words.en},
        regions=list(one.regions),
        permissions=allowed,
        csrf=caller.csrf,
    )


@routes.delete("", status_code=204)
def end(request: Request, response: Response, caller: Annotated[Caller, Depends(Needs("session.own"))]) -> None:
    """Sign out."""
    end_session(request, caller)
    response.delete_cookie(COOKIE, path="/")


def begin_session(request: Request, account: str, password: str) -> str:
    """The token of a new session, noted in the audit. Raises SignedOut, TooMany."""
    service, desk = service_of(request), desk_of(request)
    address = request.client.host if request.client else ""
    service.attempts.check(account, address)
    token = accounts.sign_in(desk.store, account, password, desk.now())
    if token is None:
        service.attempts.failed(account, address)
        raise SignedOut("账号或密码不对", "account or password is wrong")
    service.attempts.succeeded(account, address)
    desk.chain.add([Entry(account, "sign-in", "session.own", request.state.id)], desk.now())
    return token


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the browser the session: no script reads it, no other site sends it with a write."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(accounts.SESSION.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def end_session(request: Request, caller: Caller) -> None:
    """End the session of this browser."""
    token = request.cookies.get(COOKIE)
    if token:
        accounts.sign_out(caller.desk.store, token)
    caller.desk.chain.add([caller.entry("", "sign-out")], caller.desk.now())
