"""The application: routes, errors and what is around every request. Made by `make_app` from a desk; served by `aidgraph serve`.

A route that names neither a permission (`Needs`) nor why anybody may call it (`Open`) is refused here, before anything is served.
"""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from api import problems
from api.deps import Needs, Open
from api.garbage import seldom
from api.middleware import Around
from api.pages.problem_page import problem_page
from api.problems import Problem
from api.routes import (
    acts,
    audit,
    catalogue,
    health,
    households,
    page_acts,
    page_forms,
    page_imports,
    page_projects,
    page_referrals,
    pages,
    projects,
    referrals,
    report_pages,
    reports,
    sessions,
)
from api.service import Service
from api.wiring import Desk

ROUTES = (
    health,
    sessions,
    households,
    acts,
    catalogue,
    projects,
    reports,
    audit,
    referrals,
    pages,
    page_forms,
    page_imports,
    page_acts,
    page_projects,
    page_referrals,
    report_pages,
)
VERSION = "1"
STATIC = Path(__file__).parent / "static"
THREADS = 8
"""Requests worked on at a time: the engine needs a processor, so more would only wait for one another."""
ABOUT = """
For a household in difficulty: everything that government and charity can do for it, in order and with reasons, and what is still missing.
Bodies are those that `--json` prints; see docs/json.md and docs/api.md.
"""
FAILURES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "An error",
        "model": Problem,
        "content": {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}


class Unguarded(Exception):  # noqa: N818 - named after what is wrong
    """A route that names no permission."""


def make_app(desk: Desk) -> FastAPI:
    """The application over one store and one catalogue.

    Args:
        desk: what it works with; its store is opened with the identity key, its catalogue read and compiled.

    Raises:
        Unguarded: a route names no permission.
        CatalogueError, StoreUnavailable, KeyMissing: as reading and opening do.
    """
    service = Service(_ready(desk))
    app = FastAPI(
        title="AidGraph",
        version=VERSION,
        description=ABOUT,
        docs_url=None,  # its pages would be fetched from elsewhere
        redoc_url=None,
        openapi_url=None,
        responses=FAILURES,
        lifespan=_lifespan,
    )
    app.state.service = service
    problems.register(app)
    for module in ROUTES:
        app.include_router(module.routes)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.state.error_page = problem_page
    check_guarded(app)
    app.add_middleware(Around, service=service)
    return app


def check_guarded(app: FastAPI) -> None:
    """Refuse an application with a route that names no permission. Raises Unguarded."""
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, APIRoute):
            if guard_of(route) is None:
                raise Unguarded(f"{sorted(route.methods or ())} {route.path} names no permission: give it Needs(...) or Open(...)")
        elif not _harmless(route.original_route):
            raise Unguarded(f"{route.path} cannot be guarded: make it a route with Needs(...) or Open(...)")


def guard_of(route: RouteContext) -> Needs | Open | None:
    """What a route names."""
    guards = [one for one in _calls(route.dependant) if isinstance(one, Needs | Open)]
    return guards[0] if len(guards) == 1 else None


def _calls(dependant: Dependant) -> Iterator[object]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)


def _harmless(route: BaseRoute) -> bool:
    """Files of the program itself: styles and pictures, mounted under /static."""
    return isinstance(route, Mount) and route.path == "/static"


def _ready(desk: Desk) -> Desk:
    """The desk with everything opened and compiled, so that the first caller does not wait."""
    desk.__dict__["store"] = desk.store_for_identity
    _ = desk.store.identity  # KeyMissing now, not at the first request
    desk.engine.program(desk.today())
    seldom()
    return desk


@asynccontextmanager
async def _lifespan(app: FastAPI) -> Any:
    anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield
