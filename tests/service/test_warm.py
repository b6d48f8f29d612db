"""Before a service says that it is ready, its rules were used: on whatever households there are, and nobody is shown any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.settings import read_settings
from api.warm import warm
from api.wiring import Desk
from matcher.binding import places_of
from matcher.plan import WARM
from tests.service.test_page_cache import HOME, put_household

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_caller_need_not_wait_for_a_translation_and_the_audit_knows_of_nobody_shown(tmp_path: Path) -> None:
    desk = Desk(replace(read_settings(), store=f"sqlite:///{tmp_path}/warm.sqlite", key_file=tmp_path / "warm.key"))
    desk.__dict__["store"] = desk.store_for_identity
    try:
        assert warm(desk) == 0
        desk.store.write(put_household)
        assert warm(desk) == desk.store.count("Household") == 2
        program = desk.engine.program(desk.today(), regions=places_of(desk.store.neighbourhood("Household", HOME), HOME))
        assert program.plan.runs > WARM
        assert desk.store.count("AuditEntry") == 0
    finally:
        desk.close()
