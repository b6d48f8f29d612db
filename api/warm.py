"""The rules made ready before the first caller asks: a plan is translated while it runs, and parts of it when first asked about."""

from api.page import page_json, page_of
from api.wiring import Desk
from matcher.plan import WARM

AMONG, HOUSEHOLDS = 1_000, 25
"""So many are answered, taken from among so many; after that there is next to nothing new."""


def warm(desk: Desk) -> int:
    """Answer about some households of the store, showing nobody; how many."""
    first = next(desk.store.scan_nodes("Household", batch=AMONG), None)
    ids: list[str] = [] if first is None else first.get_column("id").to_list()
    asked = ids[:: max(1, len(ids) // HOUSEHOLDS)][:HOUSEHOLDS]
    for id_ in asked[:1] * WARM + asked:
        page_json(page_of(desk, id_, desk.today()))
    return len(asked)
