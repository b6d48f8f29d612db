"""Before a service says that it is ready, its rules were used: on whatever households there are, and nobody is shown any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.settings import read_settings
from api.warm import warm
from api.wiring import Desk
from matcher.binding import places_of
from matcher.logic import TOP_OF_LIST
from matcher.plan import WARM
from tests.service.test_page_cache import HOME, put_household

if TYPE_CHECKING:
    from pathlib import Path

    from graph.store import Writer


def put_more_members_than_a_list_holds(writer: Writer) -> None:
    people = [f"many-{n}" for n in range(TOP_OF_LIST + 1)]
    writer.upsert_nodes("Household", [{"id": "h-many"}])
    writer.upsert_nodes("Person", [{"id": person} for person in people])
    writer.upsert_edges("MEMBER_OF", [{"src": person, "dst": "h-many"} for person in people])


def test_the_first_caller_need_not_wait_for_a_translation_and_the_audit_knows_of_nobody_shown(tmp_path: Path) -> None:
    desk = Desk(replace(read_settings(), store=f"sqlite:///{tmp_path}/warm.sqlite", key_file=tmp_path / "warm.key"))
    desk.__dict__["store"] = desk.store_for_identity
    try:
        assert warm(desk) == 0
        desk.store.write(put_household)
        assert warm(desk) == desk.store.count("Household") == 2
        for home in (HOME, "h-2"):  # in other places, under other rules
            program = desk.engine.program(desk.today(), regions=places_of(desk.store.neighbourhood("Household", home), home))
            assert program.plan.runs > WARM
        assert desk.store.count("AuditEntry") == 0
        desk.store.write(put_more_members_than_a_list_holds)
        assert warm(desk) == 2  # the third cannot be answered
    finally:
        desk.close()
