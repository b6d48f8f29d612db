"""Rows as they come in, checked against the model and cleaned, so that every store writes the same and none meets a surprise."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from graph.errors import BadValue, MissingEnd
from graph.model import EdgeKind, NodeKind, PropertyType, Row, Value, property_type

LARGEST_INT = 2**63 - 1
CHUNK = 1000  # rows a statement

T = TypeVar("T")

_TYPES: tuple[tuple[type, PropertyType], ...] = (
    (str, "str"),
    (int, "int"),
    (float, "float"),
    (bool, "bool"),
    (date, "date"),
    (datetime, "datetime"),
)


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A checked node: blanks are gone, times are UTC."""

    id: str
    properties: dict[str, Value]


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """A checked edge with both ends named by kind."""

    src_kind: str
    src: str
    dst_kind: str
    dst: str
    properties: dict[str, Value]

    @property
    def start(self) -> tuple[str, str]:
        """Kind and id of the node that it leads from."""
        return self.src_kind, self.src

    @property
    def end(self) -> tuple[str, str]:
        """Kind and id of the node that it leads to."""
        return self.dst_kind, self.dst


def check_node(kind: NodeKind, row: Row) -> NodeRow:
    """The row with its blanks (None, empty or only spaces) left out and every value checked.

    Raises:
        BadValue: no id, a nested map, a value of another type, a time without zone.
        UnknownProperty: a name that the kind does not declare.
    """
    return NodeRow(_key(kind.name, "id", row.get("id")), _properties(kind, row, ("id",)))


def without_open_names(kind: NodeKind) -> NodeKind:
    """The kind itself. Raises BadValue for one that has open properties, whose types would have to be settled."""
    if kind.open_names is not None:
        raise BadValue(f"{kind.name} 有开放属性，只能在 write 中写入", f"{kind.name} has open properties: put it in a unit of write")
    return kind


def check_edge(kind: EdgeKind, row: Row) -> EdgeRow:
    """The edge with both ends named by kind; `src_kind` and `dst_kind` must be given where the edge kind has several.

    Raises: as check_node, and BadValue where an end's kind is missing or not one of the edge kind's.
    """
    src_kind = _end(kind.name, "src_kind", kind.src, row.get("src_kind"))
    dst_kind = _end(kind.name, "dst_kind", kind.dst, row.get("dst_kind"))
    src, dst = _key(kind.name, "src", row.get("src")), _key(kind.name, "dst", row.get("dst"))
    return EdgeRow(src_kind, src, dst_kind, dst, _properties(kind, row, ("src", "dst", "src_kind", "dst_kind")))


def check_value(kind: NodeKind | EdgeKind, name: str, value: object) -> Value:
    """One value, as it would be stored. Raises UnknownProperty, BadValue."""
    return _checked(kind.name, name, property_type(kind, name), value)


def settled(name: str, known: PropertyType | None, value: Value) -> tuple[Value, PropertyType | None]:
    """An open value held to the type that its name was first stored with, so that a column has one dtype in every table.

    Returns:
        The value to store, and the type to keep from now on if that is another than `known`: a name's first one, or float for int.

    Raises: BadValue.
    """
    actual = type_of(value)
    if known == "float" and type(value) is int:
        return float(value), None
    if actual is not None and (known is None or (known, actual) == ("int", "float")):
        return value, actual
    if actual != known:
        raise BadValue(
            f"“{name}”已按 {known} 保存，这次收到 {actual}；请统一为同一类型",
            f"{name} is stored as {known} and came as {actual}: give it as one type",
        )
    return value, None


def missing_end(kind: EdgeKind, missing: Iterable[tuple[str, str]]) -> MissingEnd:
    """The error that names the first of the ends (kind, id) that are not stored."""
    ends = sorted(set(missing))
    missing_kind, id = ends[0]
    return MissingEnd(
        f"关系“{kind.name}”的一端 {missing_kind} {id} 不存在（共缺 {len(ends)} 个），请先写入该节点",
        f"{kind.name} leads to {missing_kind} {id}, which is not stored ({len(ends)} missing): put the nodes first",
    )


def to_remove(kind: NodeKind, stored: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether any of the properties is stored, so that there is something to remove. Raises UnknownProperty."""
    for key in keys:
        property_type(kind, key)
    return any(key in stored for key in keys)


def chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows, so many at a time as go into one statement."""
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def type_of(value: object) -> PropertyType | None:
    """The property type that a value has by itself, None where the model has no such values."""
    for kind, name in _TYPES:
        if type(value) is kind:
            return name
    return "list[str]" if isinstance(value, (list, tuple)) and all(type(entry) is str for entry in value) else None


def _properties(kind: NodeKind | EdgeKind, row: Row, keys: tuple[str, ...]) -> dict[str, Value]:
    cleaned: dict[str, Value] = {}
    for name, value in row.items():
        if name in keys:
            continue
        declared = kind.properties.get(name) or property_type(kind, name)
        if value is None or (type(value) is str and not value.strip()):
            continue
        cleaned[name] = _checked(kind.name, name, declared, value)
    return cleaned


def _checked(owner: str, name: str, declared: PropertyType | None, value: Any) -> Value:
    actual = type_of(value)
    if declared == "float" and actual == "int":
        value, actual = float(value), "float"
    if actual is None or actual != (declared or actual) or (declared is None and actual == "datetime"):
        wanted = declared or "str, int, float, bool, date, list[str]"
        raise BadValue(
            f"“{owner}.{name}”应为 {wanted}，收到 {type(value).__name__}；不接受嵌套结构",
            f"{owner}.{name} takes {wanted}, got {type(value).__name__}; nested maps are refused",
        )
    if actual == "float" and not math.isfinite(value):
        raise BadValue(f"“{owner}.{name}”不是有限的数", f"{owner}.{name} is not a finite number: leave it out if it is not known")
    if actual == "int" and abs(value) > LARGEST_INT:
        raise BadValue(f"“{owner}.{name}”超出 64 位整数", f"{owner}.{name} does not fit in 64 bits")
    if actual == "datetime":
        if value.tzinfo is None:
            raise BadValue(f"“{owner}.{name}”缺少时区，请给出 UTC 时间", f"{owner}.{name} has no time zone: give it in UTC")
        value = value.astimezone(UTC)
    if actual == "list[str]":
        value = list(value)
    for text in value if type(value) is list else (value,):
        if type(text) is str and not text.isascii():
            _whole_text(owner, name, text)
    checked: Value = value
    return checked


def _whole_text(owner: str, name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise BadValue(
            f"“{owner}.{name}”含有残缺的字符，请检查来源文件的编码",
            f"{owner}.{name} holds half a character: check the encoding of the file that it came from",
        ) from None


def _key(owner: str, name: str, value: object) -> str:
    if type(value) is not str or not value.strip():
        raise BadValue(f"“{owner}”的一行缺少“{name}”", f"a row of {owner} has no {name!r}: every row needs its key, as text")
    _whole_text(owner, name, value)
    return value


def _end(owner: str, name: str, kinds: tuple[str, ...], given: object) -> str:
    if given is None and len(kinds) == 1:
        return kinds[0]
    if given not in kinds:
        one_of = " | ".join(kinds)
        raise BadValue(f"“{owner}”的“{name}”应为 {one_of}", f"{name} of {owner} must be one of {one_of}")
    return str(given)
