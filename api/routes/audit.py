"""The audit, for those who answer for the service: who read or wrote which household, and whether the record is whole."""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.audit import CHAINED, verify
from api.caller import Caller
from api.deps import Needs
from api.paging import USUAL, Cursor, Limit, Paged, cursor_of, parts_of
from api.shapes import Shape

routes = APIRouter(prefix="/api/audit", tags=["audit"])

Auditor = Annotated[Caller, Depends(Needs("audit.read"))]
SHOWN = [name for name in CHAINED if name != "before"]


class AuditShown(Shape):
    """One thing that an account did; no name, no value."""

    number: int
    at: dt.datetime
    account: str = Field(examples=["li"])
    api_key: str | None = Field(description="number of the key, where it was a program")
    action: str = Field(examples=["read"])
    permission: str = Field(examples=["household.read"])
    household: str | None = Field(examples=["h-0417"])
    request: str


class Whole(Shape):
    """Whether the chain is as it was written."""

    entries: int
    broken: int | None = Field(description="the first entry that was changed, taken out or put in; null if none was")


@routes.get("")
def listing(
    caller: Auditor,
    household: Annotated[str | None, Query(max_length=80, description="of this household only")] = None,
    account: Annotated[str | None, Query(max_length=40, description="of this account only")] = None,
    limit: Limit = USUAL,
    cursor: Cursor = None,
) -> Paged[AuditShown]:
    """Entries, the oldest first."""
    after = parts_of(cursor, 1)
    where: dict[str, Any] = {name: value for name, value in (("household", household), ("account", account)) if value}
    page = caller.desk.store.find("AuditEntry", where, limit=limit, after=after[0] if after else None)
    items = [AuditShown.model_validate({"number": int(row["id"])} | {name: row.get(name) for name in SHOWN}) for row in page.rows]
    return Paged(items=items, next=cursor_of(page.after) if page.after else None)


@routes.get("/verify")
def check(caller: Auditor) -> Whole:
    """Go through the whole chain."""
    found = verify(caller.desk.store)
    return Whole(entries=found.entries, broken=found.broken)
