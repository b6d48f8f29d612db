"""standards/ to dated, local tables; and the values that a case puts in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.catalogue import Band, Cell, Standard, StandardValue
from matcher.loader_facts import MONEY_DIGITS, NUMBER_DIGITS
from matcher.loader_fields import MARKS, Faults, Fields, exact, id_of, text_of
from matcher.yaml_source import Item, item_of

if TYPE_CHECKING:
    from typing import Literal

TYPES = ("money", "number", "int", "yesno", "text", "codes")
KEYS = ("id", "title", "type", "per", "keys", "values")
VALUE_KEYS = ("region", "from", "until", "document", "mark", "is", "rows", "otherwise")

_BAND = re.compile(r"(0|[1-9][0-9]*)(?:-(0|[1-9][0-9]*)|(\+))?")
Rows = list[tuple[tuple[Cell, ...], object]]


def read_standard_entry(item: Item, faults: Faults) -> Standard | None:
    """One standard; None where not even its id can be read."""
    fields = Fields(item, KEYS, faults)
    id_ = id_of(fields)
    type_ = fields.choice("type", TYPES, required=True) or "number"
    per = fields.choice("per", ("month", "year", "once"))
    head = Standard(id_ or "", fields.words("title"), type_, per, _keys(fields), (), item.spot)  # type: ignore[arg-type]
    listed = fields.need("values")
    if listed is None or id_ is None:
        return head if id_ else None
    if not isinstance(listed.value, tuple) or not listed.value:
        faults.add(listed.spot, "values 要写清单", "values is a list")
        return head
    values = tuple(value for part in listed.value for value in _dated(part, head, faults))
    _refuse_alike(values, head, faults)
    return replace(head, values=values)


def replaced(standard: Standard, raw: object, faults: Faults) -> Standard:
    """The standard with one value in place of all, in force everywhere and always.

    `raw`: a value (of a standard with keys: for every key), rows nested as in the file, or {is | rows, otherwise}.
    """
    item = item_of(raw, standard.spot)
    rows: Rows = []
    otherwise, has_otherwise = None, False
    if isinstance(item.value, Mapping) and item.value and set(item.value) <= {"is", "rows", "otherwise"}:
        rows, otherwise, has_otherwise = _answers(Fields(item, VALUE_KEYS, faults), standard)
    elif standard.keys and (isinstance(item.value, Mapping) or (isinstance(item.value, tuple) and standard.type != "codes")):
        rows = _rows(item, standard, 0, faults)
    elif standard.keys:
        otherwise, has_otherwise = _answer(item, standard, faults), True
    else:
        rows = [((), _answer(item, standard, faults))]
    value = StandardValue("", None, None, "", "illustrative", tuple(rows), otherwise, has_otherwise, standard.spot)
    return replace(standard, values=(value,))


def _keys(fields: Fields) -> dict[str, Literal["bands", "text"] | tuple[str, ...]]:
    """Key name to bands, text or its values."""
    item = fields.get("keys")
    if item is None:
        return {}
    if not isinstance(item.value, Mapping) or not item.value:
        fields.faults.add(item.spot, "keys 要写 {名称: bands、text 或 [值]}", "keys is {name: bands, text or [values]}")
        return {}
    found: dict[str, Literal["bands", "text"] | tuple[str, ...]] = {}
    inner = Fields(item, tuple(item.value), fields.faults)
    for name, shape in item.value.items():
        if isinstance(shape.value, tuple) and shape.value:
            found[name] = inner.texts(name)
        elif shape.value in ("bands", "text"):
            found[name] = shape.value  # type: ignore[assignment]
        else:
            fields.faults.add(shape.spot, f"键 {name} 要写 bands、text 或 [值]", f"the key {name} is bands, text or [values]")
            found[name] = "text"
    return found


def _dated(item: Item, standard: Standard, faults: Faults) -> list[StandardValue]:
    """One entry of `values`, once per region that it names."""
    fields = Fields(item, VALUE_KEYS, faults)
    from_, until = fields.ends()
    document, mark = fields.text("document", required=True) or "", fields.choice("mark", MARKS, required=True) or "unchecked"
    rows, otherwise, has_otherwise = _answers(fields, standard)
    return [
        StandardValue(region, from_, until, document, mark, tuple(rows), otherwise, has_otherwise, item.spot)
        for region in fields.regions("region")
    ]


def _answers(fields: Fields, standard: Standard) -> tuple[Rows, object, bool]:
    """`is` or `rows`, and `otherwise`."""
    faults, single, table = fields.faults, fields.get("is"), fields.get("rows")
    rows: Rows = []
    if standard.keys:
        if table is not None:
            rows = _rows(table, standard, 0, faults)
        if single is not None or table is None:
            faults.add(fields.spot, f"标准 {standard.id} 有键，请写 rows", f"{standard.id} has keys: write rows")
    else:
        if single is not None:
            rows = [((), _answer(single, standard, faults))]
        if table is not None or single is None:
            faults.add(fields.spot, f"标准 {standard.id} 没有键，请写 is", f"{standard.id} has no keys: write is")
    otherwise = fields.get("otherwise")
    return rows, None if otherwise is None else _answer(otherwise, standard, faults), otherwise is not None


def _rows(item: Item, standard: Standard, depth: int, faults: Faults) -> Rows:
    """Rows nested by key; the last key's may be a list in the order of its values."""
    if depth == len(standard.keys):
        return [((), _answer(item, standard, faults))]
    name, shape = list(standard.keys.items())[depth]
    if isinstance(item.value, tuple) and isinstance(shape, tuple) and depth == len(standard.keys) - 1:
        if len(item.value) != len(shape):
            faults.add(item.spot, f"要写 {len(shape)} 个值（{', '.join(shape)}）", f"{len(shape)} values are wanted ({', '.join(shape)})")
            return []
        return [((cell,), _answer(part, standard, faults)) for cell, part in zip(shape, item.value, strict=True)]
    if not isinstance(item.value, Mapping):
        faults.add(item.spot, f"这里要按键 {name} 写各行", f"rows by the key {name} are wanted here")
        return []
    found: Rows = []
    cells: list[Cell] = []
    for key, part in item.value.items():
        cell = _cell(key, name, shape, part, faults)
        if cell is None:
            continue
        _refuse_overlap(cell, cells, part, faults)
        cells.append(cell)
        found.extend(((cell, *rest), answer) for rest, answer in _rows(part, standard, depth + 1, faults))
    return found


def _cell(key: str, name: str, shape: str | tuple[str, ...], part: Item, faults: Faults) -> Cell | None:
    """A row's key."""
    if isinstance(shape, tuple):
        if key in shape:
            return key
        faults.add(part.key_spot, f"{key} 不在键 {name} 的值之中", f"{key} is none of the values of the key {name} ({', '.join(shape)})")
        return None
    if shape == "text":
        return key
    match = _BAND.fullmatch(key)
    low = Fraction(match[1]) if match else Fraction(0)
    high = None if match and match[3] else Fraction(match[2] or match[1]) if match else Fraction(-1)
    if high is not None and high < low:
        faults.add(part.key_spot, f"{key} 不是区间，如 0-2、3、75+", f"{key} is no band such as 0-2, 3 or 75+")
        return None
    return Band(low, high)


def _refuse_overlap(cell: Cell, others: list[Cell], part: Item, faults: Faults) -> None:
    """Bands of one key share no number."""
    for other in others:
        if not isinstance(cell, Band) or not isinstance(other, Band):
            continue
        if (cell.high is None or other.low <= cell.high) and (other.high is None or cell.low <= other.high):
            faults.add(part.key_spot, "区间重叠", "this band overlaps another")
            return


def _answer(item: Item, standard: Standard, faults: Faults) -> object:
    """One cell's value, of the standard's type; null is no row."""
    if item.value is None:
        return None
    if standard.type == "yesno":
        if not isinstance(item.value, bool):
            faults.add(item.spot, "这里只能是 true 或 false", "true or false is wanted here")
        return item.value
    if standard.type == "text":
        return text_of(item, faults)
    if standard.type == "codes":
        if not isinstance(item.value, tuple):
            faults.add(item.spot, "代码清单要写成 [甲, 乙]", "a list of codes is wanted here")
            return ()
        return tuple(text for part in item.value if (text := text_of(part, faults)) is not None)
    digits = {"money": MONEY_DIGITS, "int": 0}.get(standard.type, NUMBER_DIGITS)
    value = exact(item, faults, digits=digits)
    return int(value * 100) if value is not None and standard.type == "money" else value


def _refuse_alike(values: tuple[StandardValue, ...], standard: Standard, faults: Faults) -> None:
    """Two values of one region that begin on one day."""
    seen: set[tuple[str, object]] = set()
    for value in values:
        if (value.region, value.from_) in seen:
            region = value.region or "everywhere"
            faults.add(
                value.spot, f"{standard.id} 在 {region} 有两个同日起的值", f"two values of {standard.id} for {region} begin on one day"
            )
        seen.add((value.region, value.from_))
