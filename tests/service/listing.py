"""Projects for tests of the service: one that a charity listed and an officer approved, with money held for a household that agreed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from api.project_shapes import EXAMPLE
from tests.service.serving import CHARITY, OWN, fresh

if TYPE_CHECKING:
    import httpx

    from graph.store import GraphStore, Writer
    from tests.service.serving import Served

PROJECT = "winter-coal-fund"
SHARED, SILENT = "h-shared", "h-silent"
HOLD, HIDDEN = f"household/{SHARED}/awards/hold:{PROJECT}", f"household/{SILENT}/awards/hold:{PROJECT}"


def a_project(id_: str = PROJECT, **more: Any) -> dict[str, Any]:
    """The body of a project that serves the area of the tests; `more` over its keys."""
    return {**EXAMPLE, "id": id_, **more}


def tag(client: httpx.Client, project: str) -> dict[str, str]:
    """The heads of a change of a project as it is now."""
    return fresh() | {"If-Match": client.get(f"/api/projects/{project}").headers["ETag"]}


def act(client: httpx.Client, project: str, action: str, reason: str = "") -> httpx.Response:
    """Take an action on a project as it is now; approving and refusing are decisions."""
    where, name = ("decision", "decision") if action in ("approve", "refuse") else ("actions", "action")
    return client.post(f"/api/projects/{project}/{where}", json={name: action, "reason": reason}, headers=tag(client, project))


def approved(served: Served, project: dict[str, Any], *, officer: str = "officer") -> None:
    """List a project as the charity, and approve it."""
    with served.client("foundation") as theirs, served.client(officer) as ours:
        made = theirs.post("/api/projects", json=project, headers=fresh())
        assert made.status_code == 201, made.text
        for client, action in ((theirs, "submit"), (ours, "approve")):
            done = act(client, project["id"], action)
            assert done.status_code == 200, done.text


def put_home(writer: Writer, household: str, region: str, *, agreed: bool) -> None:
    """A household of one person at a place, who agreed to be shared with the charity, or did not."""
    writer.upsert_nodes("Region", [{"id": region}])
    writer.upsert_nodes("Household", [{"id": household, "lives_in": region}])
    writer.upsert_nodes("Person", [{"id": f"{household}-1"}])
    writer.upsert_edges("MEMBER_OF", [{"src": f"{household}-1", "dst": household}])
    writer.upsert_edges("LIVES_IN", [{"src": household, "dst": region}])
    if agreed:
        writer.upsert_nodes("Consent", [{"id": f"{household}-consent", "scope": ["charity"], "recipient": CHARITY}])
        writer.upsert_edges("GAVE", [{"src": f"{household}-1", "dst": f"{household}-consent"}])


def put_holds(store: GraphStore, project: str, holds: dict[str, int], day: dt.date) -> list[str]:
    """Money held for households, by fen, as sharing out leaves it; the ids of the holds."""
    ids = {one: f"household/{one}/awards/hold:{project}" for one in holds}
    until = day + dt.timedelta(days=30)

    def unit(writer: Writer) -> None:
        common = {"policy": project, "paid_on": day, "until": until, "state": "held", "source": "allocation"}
        writer.upsert_nodes("Award", [common | {"id": ids[one], "household": one, "amount_fen": fen} for one, fen in holds.items()])
        writer.upsert_edges("RECEIVES", [{"src": one, "src_kind": "Household", "dst": ids[one]} for one in holds])
        account = writer.get("Budget", project) or {}
        committed, places = account.get("committed_fen", 0) + sum(holds.values()), account.get("places", 0) + len(holds)
        writer.upsert_nodes("Budget", [{"id": project, "committed_fen": committed, "places": places, "version": 1}])

    store.write(unit)
    return list(ids.values())


def with_a_project(served: Served) -> Served:
    """One project of the charity, money held for a household that agreed to be shared and for one that did not."""
    approved(served, a_project())

    def unit(writer: Writer) -> None:
        put_home(writer, SHARED, OWN, agreed=True)
        put_home(writer, SILENT, OWN, agreed=False)

    served.desk.store.write(unit)
    put_holds(served.desk.store, PROJECT, {SHARED: 80_000, SILENT: 60_000}, served.desk.today())
    return served
