"""The rules made ready before the first caller asks: a plan is translated while it runs, and parts of it when first asked about."""

from contextlib import suppress

from api.errors import ServiceError
from api.page import page_json, page_of
from api.wiring import Desk
from matcher.errors import MatcherError
from matcher.plan import WARM

AMONG, HOUSEHOLDS = 1_000, 25
"""So many are answered, taken from among so many; after that there is next to nothing new."""


def warm(desk: Desk) -> int:
    """Answer about some households of the store, showing nobody; how many. One that cannot be answered keeps no service from starting."""
    first = next(desk.store.scan_nodes("Household", batch=AMONG), None)
    ids: list[str] = [] if first is None else first.get_column("id").to_list()
    asked = ids[:: max(1, len(ids) // HOUSEHOLDS)][:HOUSEHOLDS]
    answered = set()
    for id_ in asked[:1] * WARM + asked:
        with suppress(MatcherError, ServiceError):
            page_json(page_of(desk, id_, desk.today()))
            answered.add(id_)
    return len(answered)
