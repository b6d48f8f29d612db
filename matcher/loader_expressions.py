"""YAML values to checked expressions: one line of text, a plain value, or tiers. Used by the loader of terms and items."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.errors import ExpressionError
from matcher.language import Expression, Kind, Known, Node, NotFixed, Tiers
from matcher.loader_fields import Faults, Fields
from matcher.parse import parse
from matcher.parse_kinds import fit
from matcher.parse_names import possible

if TYPE_CHECKING:
    from matcher.parse_names import Names
    from matcher.yaml_source import Item

_WORD = re.compile(r"[^\s'\"()]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an expression must be: the unit of its row, its kind, a text's values."""

    unit: str
    kind: Kind
    values: tuple[str, ...] = ()


def read_expression(item: Item, wanted: Wanted, names: Names, faults: Faults, *, tiers: bool = True) -> Expression | None:
    """The expression of an item, None where it is refused (the reason is noted).

    `tiers`: whether a list of tiers and `null` may stand here.
    """
    if isinstance(item.value, tuple) and tiers:
        return _tiers(item, wanted, names, faults)
    node = _one(item, wanted, names, faults, null=tiers)
    return None if node is None else Expression(node, " ".join(item.text.split()) or "null", item.spot)


def _tiers(item: Item, wanted: Wanted, names: Names, faults: Faults) -> Expression | None:
    """`[{when, is}, …, {otherwise}]`, one line of text per tier."""
    cases: list[tuple[Node, Node]] = []
    otherwise: Node | None = None
    lines: list[str] = []
    parts = item.value if isinstance(item.value, tuple) else ()
    before = len(faults.found)
    for i, part in enumerate(parts):
        fields = Fields(part, ("when", "is", "otherwise"), faults)
        if "otherwise" in fields:
            if i + 1 < len(parts) or "when" in fields or "is" in fields:
                faults.add(part.spot, "otherwise 单独写在最后", "otherwise stands alone and last")
            otherwise = _one(fields.items["otherwise"], wanted, names, faults, null=True)
            lines.append(f"otherwise: {fields.items['otherwise'].text or 'null'}")
            continue
        when, is_ = fields.need("when"), fields.need("is")
        condition = None if when is None else _one(when, Wanted(wanted.unit, "yesno"), names, faults, null=False)
        value = None if is_ is None else _one(is_, wanted, names, faults, null=True)
        if when is not None and is_ is not None and condition is not None and value is not None:
            cases.append((condition, value))
            lines.append(f"{when.text}: {is_.text or 'null'}")
    if not cases:
        faults.add(item.spot, "分档里没有 {when, is}", "tiers need at least one {when, is}")
    if len(faults.found) > before:
        return None
    return Expression(Tiers(wanted.kind, tuple(cases), otherwise), "\n".join(lines), item.spot)


def _one(item: Item, wanted: Wanted, names: Names, faults: Faults, *, null: bool) -> Node | None:
    """One expression or plain value."""
    try:
        return _node(item, wanted, names, null=null)
    except ExpressionError as error:
        faults.add(item.spot, error.zh, error.en)
        return None


def _node(item: Item, wanted: Wanted, names: Names, *, null: bool) -> Node:
    """The node of a scalar."""
    value = item.value
    if value is None:
        if null:
            return NotFixed(wanted.kind)
        raise ExpressionError("这里不能是空值", "null cannot stand here")
    if isinstance(value, bool):
        return fit(Known("yesno", value), wanted.kind)
    if isinstance(value, (int, Decimal)):
        return fit(Known("number", Fraction(value)), wanted.kind)
    if isinstance(value, dt.date):
        return fit(Known("date", value), wanted.kind)
    if not isinstance(value, str):
        raise ExpressionError("这里要写一个表达式", "an expression is wanted here")
    if wanted.kind == "text" and value in wanted.values:
        return Known("text", value)
    node = _parsed(value, wanted, names)
    can_be = {str(node.value)} if isinstance(node, Known) else set(possible(node, names))
    if wanted.values and wanted.kind == "text" and can_be - set(wanted.values):
        other, listed = min(can_be - set(wanted.values)), ", ".join(wanted.values)
        raise ExpressionError(f"可能是 {other}，不在 values 之中（{listed}）", f"it can be {other}, which is none of its values ({listed})")
    return node


def _parsed(text: str, wanted: Wanted, names: Names) -> Node:
    """Parse; a bare word that is no name is taken for a value that is not among them."""
    try:
        return parse(text, wanted.unit, wanted.kind, names)
    except ExpressionError:
        if wanted.kind == "text" and wanted.values and _WORD.fullmatch(text) and "." not in text:
            listed = ", ".join(wanted.values)
            raise ExpressionError(f"{text} 不在 values 之中（{listed}）", f"{text} is none of its values ({listed})") from None
        raise
