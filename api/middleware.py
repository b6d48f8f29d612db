"""Around every request: its number, a limit to its size, heads that keep it out of caches, a line in the log, a count.

The log line names the route's template, the account and the request; never an address with its query, a body or a message.
"""

import logging
import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import answer
from api.service import Service

LOG = logging.getLogger("aidgraph.http")
LARGEST = 1 << 20  # bytes of a body
REQUEST_HEADER = "X-Request-ID"
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
}


class Around:
    """The outermost layer; what goes wrong anywhere inside is answered here at the latest."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.id = secrets.token_hex(8)
        began, status, size = time.perf_counter(), 0, 0

        async def sized() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST:
                raise HTTPException(413)
            return message

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                heads = MutableHeaders(scope=message)
                heads[REQUEST_HEADER] = request.state.id
                for name, value in HEADERS.items():
                    heads.setdefault(name, value)
            await send(message)

        try:
            if int(request.headers.get("content-length") or 0) > LARGEST:
                raise HTTPException(413)
            await self.app(scope, sized, sent)
        except Exception as error:
            if status:  # half of an answer is out already
                raise ConnectionError from None
            await answer(request, error)(scope, receive, sent)
        finally:
            self._count(request, status, time.perf_counter() - began)

    def _count(self, request: Request, status: int, seconds: float) -> None:
        route = getattr(request.scope.get("route"), "path", None) or "-"
        account = getattr(request.state, "account", None)
        self.service.metrics.requests.labels(request.method, route, str(status)).inc()
        self.service.metrics.seconds.labels(request.method, route).observe(seconds)
        LOG.info(
            "%s %s %d %.0fms request=%s account=%s",
            request.method,
            route,
            status,
            seconds * 1000,
            request.state.id,
            account.id if account else "-",
        )
