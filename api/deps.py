"""What a route is given: the caller, who must have the permission that the route names, in the language of the request.

`Annotated[Caller, Depends(Needs("household.read"))]` names it; a route that anybody may call says so, and why, with `Open`.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from api.accounts import csrf_of, key_of, key_ticket, session_of, session_ticket
from api.caller import Caller
from api.errors import Forbidden, SignedOut
from api.permissions import PERMISSIONS, Account, may
from api.service import Service
from api.settings import Lang, language_of
from api.wiring import Desk

COOKIE = "aidgraph_session"
LANGUAGE_COOKIE = "aidgraph_lang"
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
SAFE = ("GET", "HEAD", "OPTIONS")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_cookie = APIKeyCookie(name=COOKIE, scheme_name="session", description="Set by signing in; writes carry X-CSRF-Token.", auto_error=False)
_bearer = HTTPBearer(scheme_name="key", description="A key made by `aidgraph key add`.", auto_error=False)


def service_of(request: Request) -> Service:
    """What the application works with."""
    service: Service = request.app.state.service
    return service


def language(request: Request) -> Lang:
    """As the address says (`lang`), else as the reader chose, else as the browser asks for, else as the service is set."""
    said = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE) or request.headers.get("accept-language")
    return language_of(said) if said and said != "*" else service_of(request).lang


def desk_of(request: Request) -> Desk:
    """Store, catalogue and engine, in the language of the request: the same for the whole of it."""
    if not hasattr(request.state, "desk"):
        request.state.desk = service_of(request).desk(language(request))
    desk: Desk = request.state.desk
    return desk


async def sent_csrf(request: Request) -> str:
    """The token that a write carries, in its head or as a field of its form."""
    if request.method in SAFE:
        return ""
    if CSRF_HEADER in request.headers:
        return request.headers[CSRF_HEADER]
    if request.headers.get("content-type", "").startswith(FORMS):
        return str((await request.form()).get(CSRF_FIELD, ""))
    return ""


def same_site(request: Request) -> None:
    """Refuse a write that another site's page sends. Raises Forbidden."""
    origin = request.headers.get("origin")
    if request.method not in SAFE and origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden("请求来自其他网站，已拒绝", "this request comes from another site")


def current_account(
    request: Request,
    csrf: Annotated[str, Depends(sent_csrf)],
    session: Annotated[str | None, Depends(_cookie)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Account:
    """Who asks: by key, else by session, whose writes carry its token. Raises SignedOut, Forbidden."""
    service = service_of(request)
    ticket = key_ticket(bearer.credentials) if bearer is not None else session_ticket(session) if session else None
    if ticket is None:
        raise SignedOut("请先登录", "sign in first")
    looked = service.tickets.look(service.opened.store, ticket)
    desk = request.state.desk = service.desk(language(request), looked.revision)
    account = key_of(looked, bearer.credentials, desk.now()) if bearer is not None else session_of(looked, desk.now())
    if account is None:
        raise SignedOut("请先登录", "sign in first")
    if bearer is None and session and request.method not in SAFE:
        same_site(request)
        if not hmac.compare_digest(csrf.encode(), csrf_of(session).encode()):
            raise Forbidden("表单已过期，请刷新页面后重试", f"the form is out of date: reload the page (or send {CSRF_HEADER})")
    request.state.account = account
    return account


class Needs:
    """The permission that a route needs; gives the route its Caller. Raises Forbidden."""

    def __init__(self, permission: str) -> None:
        if permission not in PERMISSIONS:
            raise LookupError(f"there is no permission {permission!r}: add it to api/permissions.py")
        self.permission = permission

    async def __call__(self, request: Request, account: Annotated[Account, Depends(current_account)]) -> Caller:
        """The caller, if the account's role and key allow it. Waits for nothing: a thread of its own would only be one more to wait for."""
        if not may(account, self.permission):
            raise Forbidden("您的账号没有这项权限", "your account may not do this")
        session = "" if account.api_key else request.cookies.get(COOKIE, "")
        return Caller(
            account, desk_of(request), request.state.id, self.permission, csrf_of(session) if session else "", service_of(request).pages
        )


@dataclass(frozen=True, slots=True)
class Open:
    """A route that anybody may call, and why: `dependencies=[Depends(Open("..."))]`."""

    reason: str

    def __call__(self) -> None:
        """Nothing to check."""
