"""One shape for every list: `items` and `next`, the cursor of the following page; null on the last one."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from api.errors import BadRequest, Place

T = TypeVar("T")
LARGEST, USUAL = 200, 50
Limit = Annotated[int, Query(ge=1, le=LARGEST, description="how many items at most")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next` of the page before")]


class Paged(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    next: str | None = Field(default=None, description="cursor of the following page; null on the last")


def cursor_of(*parts: str) -> str:
    """Where the next page begins, as one opaque word."""
    return base64.urlsafe_b64encode(json.dumps(parts, ensure_ascii=False).encode()).decode().rstrip("=")


def parts_of(cursor: str | None, count: int) -> list[str] | None:
    """The parts of a cursor; None without one. Raises BadRequest."""
    if cursor is None:
        return None
    try:
        parts: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(parts, list) and len(parts) == count and all(isinstance(part, str) and part.isprintable() for part in parts):
            return parts
    except (ValueError, binascii.Error, RecursionError):
        pass
    zh, en = "这不是上一页给出的 next，请从第一页开始", "this is no `next` of a page before: begin with the first"
    raise BadRequest(zh, en, places=(Place("?cursor", zh, en),))


def page_of_list(items: Sequence[tuple[str, T]], cursor: str | None, limit: int) -> tuple[list[T], str | None]:
    """A page of a list that is held whole; each item has a key that no other has."""
    after = parts_of(cursor, 1)
    keys = [key for key, _ in items]
    begin = keys.index(after[0]) + 1 if after and after[0] in keys else 0 if after is None else len(keys)
    shown = items[begin : begin + limit]
    more = begin + limit < len(items)
    return [item for _, item in shown], cursor_of(shown[-1][0]) if more and shown else None
