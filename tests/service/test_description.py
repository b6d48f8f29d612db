"""The service keeps to its own description, whatever is sent to it, whoever sends it: requests made from the OpenAPI document."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from api.deps import Needs, Open
from api.permissions import PERMISSIONS, ROLES
from tests.service.listing import with_a_project
from tests.service.referring import referral_for, with_referrals
from tests.service.reporting import REPORT, with_reports
from tests.service.serving import a_desk, serving, with_households
from tests.service.test_permissions import FILLED, routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import httpx

    from tests.service.serving import Served

SIZES = [pytest.param(20, marks=pytest.mark.slow), pytest.param(500, marks=pytest.mark.soak)]
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
ONE_S_OWN = "/api/session"
"""Trying passwords makes the server wait, and signing out ends the session that asks."""
TAGGED = ("household", "project", "referral")
"""What is changed only by who names the version that was read."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of its own: what is sent here may pass, and then a household moves away, or a project ends."""
    with serving(a_desk(tmp_path_factory.mktemp("described"))) as one:
        yield with_reports(with_a_project(with_referrals(with_households(one))))


@pytest.mark.parametrize("examples", SIZES)
@pytest.mark.parametrize("role", [*ROLES, None])
def test_whatever_is_sent_is_answered_as_described(served: Served, role: str | None, examples: int) -> None:
    with served.client(role) as client:
        described: dict[str, Any] = client.get("/api/openapi.json").json()
        schema = schemathesis.openapi.from_dict(described)
        heads = {"Authorization": client.headers["Authorization"]} if role else {}
        tried, seen, passed = 0, Counter[int](), set[str]()

        def send(case: Any) -> None:
            _fill(served, client, role, case)
            said = case.call_and_validate(base_url=served.url, headers=heads, checks=CHECKS, timeout=60).status_code
            seen[said] += 1
            if said < 300:
                passed.add(f"{case.operation.method.upper()} {case.operation.path}")

        for result in schema.get_all_operations():
            assert isinstance(result, Ok)
            operation = result.ok()
            if operation.path != ONE_S_OWN:
                tried += 1
                for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                    _each(operation, mode, send, examples)
    assert tried > 50
    assert seen[401 if role is None else 422] > 20
    assert seen[200] > 20 or role is None
    assert _readable(served, role) <= passed


def _readable(served: Served, role: str | None) -> set[str]:
    """What a role may read: each of it was read."""
    found = {path for method, path, guard in routes(served) if method == "GET" and path.startswith("/api/") and _may(guard, role)}
    return {f"GET {path}" for path in found - {ONE_S_OWN, "/api/openapi.json"}}


def _may(guard: Needs | Open, role: str | None) -> bool:
    return isinstance(guard, Open) or role in PERMISSIONS[guard.permission].roles


def _fill(served: Served, client: httpx.Client, role: str | None, case: Any) -> None:
    """Every second time the name of something that there is, and half of those times its version, so that more than 404 is seen."""
    given = case.path_parameters or {}
    own = {"household": served.households["own"], "referral": referral_for(served, role or "", "own"), "report": REPORT, "other": REPORT}
    there = FILLED | own
    known = {name: there[name] for name, drawn in given.items() if name in there and crc32(str(drawn).encode()) % 2}
    case.path_parameters = given | known
    key = str((case.headers or {}).get("Idempotency-Key", ""))
    for name in TAGGED:
        if name in known and crc32(key.encode()) % 2:
            case.headers["If-Match"] = client.get(f"/api/{name}s/{known[name]}").headers.get("ETag", '"-"')


def _each(operation: Any, mode: GenerationMode, send: Callable[[Any], None], examples: int) -> None:
    """Some requests that fit the description, or do not."""
    quiet = settings(max_examples=examples // 2, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    tried: Callable[[], None] = quiet(given(operation.as_strategy(generation_mode=mode))(send))  # type: ignore[no-untyped-call]
    with contextlib.suppress(Unsatisfiable):  # nothing can be wrong about a request without parameters
        tried()
