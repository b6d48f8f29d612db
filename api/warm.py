"""The rules made ready before the first caller asks: a plan is translated while it runs, and parts of it when first asked about."""

from contextlib import suppress

from api.errors import ServiceError
from api.page import page_json, page_of
from api.wiring import Desk
from matcher.ahead import make_ready
from matcher.binding import places_by_household
from matcher.errors import MatcherError
from matcher.plan import WARM

AMONG, LOOKED_AT = 1_000, 250
"""From among so many households so many are looked at: for those who are registered elsewhere other rules hold, which one in forty is."""
RUNS = 12
"""After so many runs of a plan there is next to nothing new in it."""


def warm(desk: Desk) -> int:
    """Answer about some households of the store, showing nobody; how many. One that cannot be answered keeps no service from starting."""
    first = next(desk.store.scan_nodes("Household", batch=AMONG), None)
    ids: list[str] = [] if first is None else first.get_column("id").to_list()
    some = ids[:: max(1, len(ids) // LOOKED_AT)]
    answered = set()
    programs = {}
    for id_, regions in places_by_household(desk.store.neighbourhoods(some), some).items():
        program = programs[id_] = desk.engine.program(desk.today(), regions=regions)
        for _ in range(0 if program.plan.runs > RUNS else 1 if program.plan.runs else WARM + 1):
            with suppress(MatcherError, ServiceError):
                page_json(page_of(desk, id_, desk.today()))
                answered.add(id_)
    for program in {id(program): program for program in programs.values()}.values():
        make_ready(program)
    return len(answered)
