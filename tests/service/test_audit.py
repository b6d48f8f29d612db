"""The audit knows of every read and write of a household, and shows when it was tampered with."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from api.audit import HEAD, Chain, Entry, verify
from api.settle import REPEATED, forget_ended, settle_places
from graph.ingest import pages
from graph.open import open_store
from tests.service.serving import fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.store import GraphStore, Writer
    from tests.service.serving import Served


def test_every_read_and_write_of_a_household_is_in_the_audit(served: Served) -> None:
    id_ = served.households["own"]
    before = entries(served.desk.store, id_)
    with served.client("officer") as client:
        read = client.get(f"/api/households/{id_}")
        for what in ("bundle", "ask", "needs", "graph", "explain/dibao"):
            client.get(f"/api/households/{id_}/{what}")
        client.post("/api/households/search", json={"by": "name", "text": "欧阳小明"})
        client.get("/api/households")
        visit = {"true_on": "2026-08-02", "facts": {"rent_month": 320}}
        client.post(f"/api/households/{id_}/visits", json=visit, headers=fresh() | {"If-Match": read.headers["ETag"]})
    with served.client("there") as client:
        client.get(f"/api/households/{id_}")
    after = entries(served.desk.store, id_)
    assert Counter((one["account"], one["action"]) for one in after[len(before) :]) == {
        ("officer", "read"): 7,
        ("officer", "find"): 2,
        ("officer", "change"): 1,
        ("there", "refused"): 1,
    }
    assert all(one["request"] and one["permission"] and one["api_key"] for one in after[len(before) :])
    assert verify(served.desk.store).broken is None


def entries(store: GraphStore, household: str) -> list[dict[str, str]]:
    return [row for page in pages(store, "AuditEntry", {"household": household}) for row in page]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    opened = open_store(f"sqlite:///{tmp_path}/audit.sqlite", key=b"k" * 32)
    yield opened
    opened.close()


def written(store: GraphStore, number: int = 5) -> None:
    for at in range(number):
        Chain(store).add([Entry("li", "read", "household.read", f"r{at}", f"h{at}")], datetime(2026, 8, 1, 9, at, tzinfo=UTC))


def test_what_was_written_is_whole(store: GraphStore) -> None:
    assert verify(store) == verify(store)
    written(store)
    assert (verify(store).entries, verify(store).broken) == (5, None)


def change(writer: Writer) -> None:
    writer.upsert_nodes("AuditEntry", [{"id": f"{3:016d}", "household": "h9"}])


def take_out(writer: Writer) -> None:
    writer.delete("AuditEntry", [f"{3:016d}"])


def cut_off(writer: Writer) -> None:
    writer.delete("AuditEntry", [f"{5:016d}"])


def cut_off_with_its_head(writer: Writer) -> None:
    last = writer.get("AuditEntry", f"{4:016d}")
    assert last is not None
    writer.delete("AuditEntry", [f"{5:016d}"])
    writer.upsert_nodes("Meta", [{"id": HEAD, "value": f"5:{last['hash']}"}])


def put_in(writer: Writer) -> None:
    last = writer.get("AuditEntry", f"{5:016d}")
    assert last is not None
    writer.upsert_nodes("AuditEntry", [{**last, "id": f"{6:016d}", "before": last["hash"]}])


@pytest.mark.parametrize("tamper", [change, take_out, cut_off, cut_off_with_its_head, put_in])
def test_what_was_tampered_with_is_seen(store: GraphStore, tamper: object) -> None:
    written(store)
    store.write(tamper)  # type: ignore[arg-type]
    assert verify(store).broken is not None


def test_households_of_an_earlier_program_are_given_their_place(store: GraphStore) -> None:
    def unit(writer: Writer) -> None:
        writer.upsert_nodes("Region", [{"id": "371602"}])
        writer.upsert_nodes("Household", [{"id": "a"}, {"id": "b", "lives_in": "370302"}, {"id": "c", "lives_in": "371602"}])
        writer.upsert_edges("LIVES_IN", [{"src": "a", "dst": "371602"}, {"src": "c", "dst": "371602"}])

    store.write(unit)
    assert settle_places(store) == 2
    assert [(store.get("Household", one) or {}).get("lives_in") for one in "abc"] == ["371602", None, "371602"]
    assert settle_places(store) == 0


def test_what_has_run_out_is_forgotten(store: GraphStore) -> None:
    now = datetime(2026, 8, 1, 9, tzinfo=UTC)
    hour = timedelta(hours=1)

    def unit(writer: Writer) -> None:
        writer.upsert_nodes("Session", [{"id": "over", "ends_at": now - hour}, {"id": "on", "ends_at": now + hour}])
        writer.upsert_nodes("Receipt", [{"id": "old", "begun_at": now - REPEATED - hour}, {"id": "new", "begun_at": now}])

    store.write(unit)
    assert forget_ended(store, now) == 2
    assert [store.get(*one) is None for one in (("Session", "over"), ("Session", "on"), ("Receipt", "old"), ("Receipt", "new"))] == [
        True,
        False,
        True,
        False,
    ]
