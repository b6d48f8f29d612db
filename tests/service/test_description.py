"""The service keeps to its own description, whatever is sent to it, whoever sends it: requests made from the OpenAPI document."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from api.permissions import ROLES
from tests.service.reporting import REPORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.service.serving import Served

EXAMPLES = 20
CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
ONE_S_OWN = "/api/session"
"""Trying passwords makes the server wait, and signing out ends the session that asks."""


@pytest.mark.slow
@pytest.mark.parametrize("role", [*ROLES, None])
def test_whatever_is_sent_is_answered_as_described(served: Served, role: str | None) -> None:
    with served.client() as client:
        described: dict[str, Any] = client.get("/api/openapi.json").json()
    schema = schemathesis.openapi.from_dict(described)
    heads = {"Authorization": f"Bearer {served.keys[role]}"} if role else {}
    tried, seen = 0, Counter[int]()

    def send(case: Any) -> None:
        case.path_parameters = (case.path_parameters or {}) | _known(served, case.path_parameters or {})
        seen[case.call_and_validate(base_url=served.url, headers=heads, checks=CHECKS, timeout=60).status_code] += 1

    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if operation.path != ONE_S_OWN:
            tried += 1
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                _each(operation, mode, send)
    assert tried > 15
    assert seen[401 if role is None else 422] > 20
    assert seen[200] > 20 or role is None


def _known(served: Served, given: dict[str, Any]) -> dict[str, Any]:
    """Every second time a household or a report that there is, so that more than 404 is seen."""
    known = {"household": served.households["own"], "report": REPORT}
    return {name: id_ for name, id_ in known.items() if name in given and len(str(given[name])) % 2}


def _each(operation: Any, mode: GenerationMode, send: Callable[[Any], None]) -> None:
    """Some requests that fit the description, or do not."""
    quiet = settings(max_examples=EXAMPLES // 2, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    tried: Callable[[], None] = quiet(given(operation.as_strategy(generation_mode=mode))(send))  # type: ignore[no-untyped-call]
    with contextlib.suppress(Unsatisfiable):  # nothing can be wrong about a request without parameters
        tried()
