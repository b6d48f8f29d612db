"""A page of the households of somebody's area, by id or the hardest first, for the interface and for the pages; noted in the audit."""

from typing import Literal

from api.caller import Caller
from api.errors import BadRequest, Place
from api.finding import Listed, hardest_in, listed_in, narrowed
from api.paging import cursor_of, parts_of

Order = Literal["id", "difficulty"]


def listed(
    caller: Caller, region: str | None, circle: str | None, sort: Order, cursor: str | None, limit: int
) -> tuple[list[Listed], str | None]:
    """The households, and the cursor of the next page, None on the last. Raises BadRequest for a cursor of another order."""
    parts = parts_of(cursor, 3)
    if parts is not None and parts[0] != sort:
        zh, en = "换了排列方式，请从第一页开始", "the order is another one: begin with the first page"
        raise BadRequest(zh, en, places=(Place("?cursor", zh, en),))
    after = (parts[1], parts[2]) if parts else None
    seek = hardest_in if sort == "difficulty" else listed_in
    found, following = seek(caller.desk, narrowed(caller.account.regions, region), after, limit, circle)
    caller.seen([one.household for one in found], action="find")
    return found, cursor_of(sort, *following) if following else None
