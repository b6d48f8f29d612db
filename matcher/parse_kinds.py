"""Kinds of typed nodes: making two sides agree, reading literals, refusing what cannot stand together.

Used by `matcher.parse` and `matcher.parse_calls`; knows nothing of names or rows.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.errors import ExpressionError
from matcher.language import And, Arith, Compare, Func, Kind, Known, Node, NotFixed, StandardRef
from matcher.loader_fields import REGION_CODE
from matcher.parse_names import possible

if TYPE_CHECKING:
    from matcher.parse_names import Names

KIND_WORDS: dict[str, tuple[str, str]] = {
    "yesno": ("是否", "yes/no"),
    "number": ("数", "number"),
    "money": ("金额", "money"),
    "text": ("文字", "text"),
    "date": ("日期", "date"),
    "region": ("区划", "region"),
}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")


def fit(node: Node, kind: Kind) -> Node:
    """The node as `kind`: 0 becomes money, quoted text becomes a region's code; anything else must have it already.

    Raises:
        ExpressionError: another kind.
    """
    if node.kind == kind:
        return node
    if isinstance(node, NotFixed):
        return NotFixed(kind)
    if isinstance(node, Known) and kind == "money" and node.kind == "number":
        if node.value == 0:
            return Known("money", Fraction(0))
        raise ExpressionError("金额不能用裸数，请写 yuan(…)", "a bare number cannot be money: write yuan(…)")
    if isinstance(node, Known) and kind == "region" and node.kind == "text":
        if not REGION_CODE.fullmatch(str(node.value)):
            raise ExpressionError(f"'{node.value}' 不是区划代码", f"'{node.value}' is no region code (2, 4, 6, 9 or 12 digits)")
        return replace(node, kind="region")
    if kind == "region" and node.kind == "number":
        raise ExpressionError("区划代码要加引号，如 '3716'", "quote a region code: '3716'")
    hint = ("；日期请写 date(2025, 12, 31)", "; write a day as date(2025, 12, 31)") if "date" in (kind, node.kind) else ("", "")
    want, have = KIND_WORDS[kind], KIND_WORDS[node.kind]
    raise ExpressionError(f"这里要{want[0]}，不是{have[0]}{hint[0]}", f"{want[1]} is wanted here, not {have[1]}{hint[1]}")


def agree(nodes: list[Node]) -> list[Node]:
    """All nodes in one kind, money and region winning over literals that can become them.

    Raises:
        ExpressionError: they cannot be of one kind.
    """
    kinds = {node.kind for node in nodes}
    firm = next((kind for kind in ("money", "region") if kind in kinds), None)
    fixed = [node for node in nodes if not isinstance(node, Known)] or nodes
    kind = firm or fixed[0].kind
    return [fit(node, kind) for node in nodes]


def compare(op: str, left: Node, right: Node, names: Names) -> Compare:
    """`left op right`, checked.

    Raises:
        ExpressionError: kinds differ, order among what has none, texts that can never be equal.
    """
    left, right = agree([left, right])
    if op not in ("==", "!=") and left.kind not in ("number", "money", "date"):
        words = KIND_WORDS[left.kind]
        raise ExpressionError(f"{words[0]}没有大小，只能用 == 或 !=", f"{words[1]} has no order: only == and != compare it")
    if left.kind == "text":
        check_values(left, right, names)
    return Compare("yesno", op, left, right)  # type: ignore[arg-type]


def check_values(left: Node, right: Node, names: Names) -> None:
    """Refuse two texts that share no possible value.

    Raises:
        ExpressionError: a literal outside the other side's values, or two sides with none in common.
    """
    values = [(str(node.value),) if isinstance(node, Known) else possible(node, names) for node in (left, right)]
    if not values[0] or not values[1] or set(values[0]) & set(values[1]):
        return
    literal, others = (values[0], values[1]) if isinstance(left, Known) else (values[1], values[0])
    listed = ", ".join(others)
    if isinstance(left, Known) or isinstance(right, Known):
        raise ExpressionError(f"'{literal[0]}' 不在可能的值之中（{listed}）", f"'{literal[0]}' is none of its values ({listed})")
    raise ExpressionError("两边没有共同的值", "the two texts have no value in common")


def arith(op: str, left: Node, right: Node) -> Node:
    """`+ - * /` of numbers and money, checked.

    Raises:
        ExpressionError: wrong kinds, money times money, an unsafe divisor.
    """
    for node in (left, right):
        if node.kind not in ("number", "money"):
            words = KIND_WORDS[node.kind]
            date_zh, date_en = ("，日期只能加减 years(n)、months(n)、days(n)", "; a date takes only + or - years(n), months(n), days(n)")
            more = (date_zh, date_en) if node.kind == "date" else ("", "")
            raise ExpressionError(f"{words[0]}不能做 {op} 运算{more[0]}", f"{words[1]} cannot stand beside {op}{more[1]}")
    if op in "+-":
        left, right = agree([left, right])
        return Arith(left.kind, op, left, right)  # type: ignore[arg-type]
    if op == "*":
        if left.kind == right.kind == "money":
            raise ExpressionError("金额不能乘金额", "money cannot be multiplied by money")
        return Arith("money" if "money" in (left.kind, right.kind) else "number", "*", left, right)
    return _divide(left, right)


def _divide(left: Node, right: Node) -> Node:
    """A division by something that is surely not zero."""
    if not _safe(right):
        raise ExpressionError(
            "只能除以非零常数、标准或 max(1, …)；条件请写成乘积",
            "divide only by a literal that is not 0, a standard or max(1, …); write conditions as products",
        )
    if right.kind == "money" and left.kind != "money":
        left = fit(left, "money")
    return Arith("number" if left.kind == right.kind else "money", "/", left, right)


def _safe(node: Node) -> bool:
    """Whether a divisor is a literal, a standard or at least 1."""
    if isinstance(node, Known):
        return node.value != 0
    if isinstance(node, Func) and node.name == "max":
        return any(isinstance(arg, Known) and isinstance(arg.value, Fraction) and arg.value >= 1 for arg in node.args)
    return isinstance(node, StandardRef)


def negative(node: Node) -> Node:
    """A leading minus."""
    if node.kind not in ("number", "money"):
        raise ExpressionError(f"{KIND_WORDS[node.kind][0]}不能取负", f"{KIND_WORDS[node.kind][1]} has no minus")
    if isinstance(node, Known) and isinstance(node.value, Fraction):
        return replace(node, value=-node.value)
    return Arith(node.kind, "-", Known(node.kind, Fraction(0)), node)


def chain(parts: list[Node]) -> Node:
    """What a chained comparison becomes."""
    return parts[0] if len(parts) == 1 else And("yesno", tuple(parts))


def number(node: ast.Constant, text: str) -> Fraction:
    """A number literal exactly as written.

    Raises:
        ExpressionError: written in another way than digits and one point.
    """
    source = ast.get_source_segment(text, node) or ""
    if not _NUMBER.fullmatch(source):
        raise ExpressionError(f"数要写成 12 或 0.6，不能写 {source}", f"write a number as 12 or 0.6, not {source}")
    return Fraction(source)


def money(value: Fraction) -> Fraction:
    """Yuan as fen.

    Raises:
        ExpressionError: more than two digits after the point.
    """
    fen = value * 100
    if fen.denominator != 1:
        raise ExpressionError("金额小数点后至多两位", "money has at most two digits after the point")
    return fen
