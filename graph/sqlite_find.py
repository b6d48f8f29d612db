"""Finding nodes by their properties in the embedded store, page by page in the order of id."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import apsw

from graph.errors import BadValue
from graph.frames import micros
from graph.model import NodeKind, Value, property_type
from graph.rows import check_value, type_of
from graph.sqlite_layout import column
from graph.sqlite_rows import dumps_list, loads
from graph.store import Page, Prefix

LAST = 0x10FFFF  # the greatest character
SURROGATES = range(0xD800, 0xE000)  # no characters


def find_nodes(cursor: apsw.Cursor, kind: NodeKind, where: Mapping[str, Value | Prefix], limit: int, after: str | None) -> Page:
    """The page of nodes that fit `where`; the contract is at GraphStore.find."""
    tests, bound = _fitting(kind, where, limit)
    if after:
        tests.append("id > ?")
        bound.append(after)
    sql = f"SELECT id, props FROM node WHERE {' AND '.join(tests)} ORDER BY id LIMIT ?"  # noqa: S608 - names come from the model
    found: list[Any] = cursor.execute(sql, (*bound, limit + 1)).fetchall()
    rows = [{"id": id, **loads(props)} for id, props in found[:limit]]
    return Page(rows, found[limit - 1][0] if len(found) > limit else None)


def find_highest(
    cursor: apsw.Cursor, kind: NodeKind, by: str, where: Mapping[str, Value | Prefix], limit: int, after: tuple[str, str] | None
) -> list[dict[str, Any]]:
    """The page of nodes by a property; the contract is at GraphStore.find_highest."""
    property_type(kind, by)
    tests, bound = _fitting(kind, where, limit)
    place = f"coalesce({column(by, 'str')}, '')"
    if after is not None:
        tests.append(f"({place} < ? OR ({place} = ? AND id > ?))")
        bound += [after[0], *after]
    sql = f"SELECT id, props FROM node WHERE {' AND '.join(tests)} ORDER BY {place} DESC, id LIMIT ?"  # noqa: S608 - names come from the model
    return [{"id": id, **loads(props)} for id, props in cursor.execute(sql, (*bound, limit))]


Bound = list[str | int | float | bool]


def _fitting(kind: NodeKind, where: Mapping[str, Value | Prefix], limit: int) -> tuple[list[str], Bound]:
    """The conditions of a search and what is bound in them."""
    if limit < 1:
        raise BadValue("limit 至少为 1", "limit must be at least 1")
    tests = [f"kind = '{kind.name}'"]  # the kind as text, or its partial indexes are not used
    bound: Bound = []
    for name, wanted in where.items():
        if isinstance(wanted, Prefix):
            _begins_with(kind, name, wanted.text, tests, bound)
        else:
            _equals(kind, name, wanted, tests, bound)
    return tests, bound


def _equals(kind: NodeKind, name: str, wanted: Value, tests: list[str], bound: list[str | int | float | bool]) -> None:
    if name == "id":
        tests.append("id = ?")
        bound.append(str(wanted))
        return
    value = check_value(kind, name, wanted)
    tests.append(f"{column(name, type_of(value))} = ?")
    bound.append(_as_stored(value))


def _begins_with(kind: NodeKind, name: str, text: str, tests: list[str], bound: list[str | int | float | bool]) -> None:
    if name != "id":
        check_value(kind, name, text or "?")
    place = "id" if name == "id" else column(name, "str")
    tests.append(f"{place} >= ?")
    bound.append(text)
    if beyond := _beyond(text):
        tests.append(f"{place} < ?")
        bound.append(beyond)


def _as_stored(value: Value) -> str | int | float | bool:
    if isinstance(value, datetime):
        return micros(value)
    if isinstance(value, date):
        return value.isoformat()
    return dumps_list(value) if isinstance(value, list) else value


def _beyond(text: str) -> str | None:
    """The first text after all that begin with this one; None if there is none."""
    for end in range(len(text), 0, -1):
        following = ord(text[end - 1]) + 1
        if following <= LAST:
            return text[: end - 1] + chr(following if following not in SURROGATES else SURROGATES.stop)
    return None
