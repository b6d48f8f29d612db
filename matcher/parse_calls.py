"""Calls of the language: functions, list calls, standards. Used by `matcher.parse`, which reads everything else."""

from __future__ import annotations

import ast
import datetime as dt
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.errors import ExpressionError
from matcher.language import Func, Kind, Known, ListCall, ListRef, Node, Path, StandardRef
from matcher.parse_kinds import KIND_WORDS, agree, check_values, fit, money
from matcher.parse_names import DURATIONS, FUNCTIONS, Names, Row, find_list, real, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.catalogue import Fact, Standard

KEYWORD_MARK = "__"
LIST_ONLY = ("any", "all", "count", "sum")


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading an expression needs at hand: all names, the text, and how to read a part on a row."""

    names: Names
    text: str
    part: Callable[[ast.expr, Row], Node]


def dotted(node: ast.expr) -> list[str] | None:
    """`a.b.c` as its words, None for anything else."""
    words: list[str] = []
    while isinstance(node, ast.Attribute):
        words.append(node.attr.removesuffix(KEYWORD_MARK))
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    words.append(node.id.removesuffix(KEYWORD_MARK))
    return words[::-1]


def walk_path(words: list[str], row: Row) -> tuple[Path, Row, list[str]]:
    """Take the steps `household` and `outer` off the front.

    Raises:
        ExpressionError: outer outside a list call, household on a household's row.
    """
    path: Path = ()
    while len(words) > 1 and words[0] in ("household", "outer"):
        if words[0] == "outer":
            if row.outer is None:
                raise ExpressionError("outer 只能写在清单函数里", "outer stands only inside a list call")
            path, row = (*path, "outer"), row.outer
        else:
            if row.subject == "household":
                raise ExpressionError(f"这里已是家庭，请直接写 {words[-1]}", f"this is the household's row already: write {words[-1]}")
            path, row = (*path, "household"), Row("household")
        words = words[1:]
    return path, row, words


def read_call(node: ast.Call, row: Row, reading: Reading) -> Node:
    """A call: `standard.x(…)`, a list call or a function.

    Raises:
        ExpressionError: unknown, or with arguments that it does not take.
    """
    words = dotted(node.func)
    if words and words[0] == "standard" and len(words) == 2:
        if node.keywords:
            raise ExpressionError("标准的键按顺序写，不写名字", "the keys of a standard stand in order, without names")
        return read_standard(words[1], node.args, row, reading)
    name = words[0] if words and len(words) == 1 else ast.unparse(node.func)
    if name in DURATIONS:
        raise ExpressionError(f"{name}(n) 只能写在日期的加减里", f"{name}(n) stands only in date + {name}(n) or date - {name}(n)")
    if name in LIST_ONLY:
        return _list_call(name, node, row, reading)
    if name in ("min", "max") and (list_at(node.args[:1], row, reading.names) or _keyword_names(node)):
        return _list_call(name, node, row, reading)
    if name not in FUNCTIONS:
        raise unknown("函数", "function", name, FUNCTIONS)
    if node.keywords:
        raise ExpressionError(f"{name} 不接受 {node.keywords[0].arg}=", f"{name} takes no {node.keywords[0].arg}=")
    return _function(name, node.args, row, reading)


def read_standard(name: str, args: list[ast.expr], row: Row, reading: Reading, *, codes: bool = False) -> StandardRef:
    """A standard with its keys.

    Raises:
        ExpressionError: unknown, wrong number or kind of keys, a code list outside `in`, or `in` something else.
    """
    key = real(reading.names.standards, name)
    if key is None:
        raise unknown("标准", "standard", name, reading.names.standards)
    standard = reading.names.standards[key]
    if codes != (standard.type == "codes"):
        if codes:
            raise ExpressionError(f"standard.{name} 不是代码清单", f"standard.{name} is no list of codes: `in` wants one")
        raise ExpressionError(
            f"standard.{name} 是代码清单，只能写 x in standard.{name}", f"standard.{name} is a list of codes: write x in standard.{name}"
        )
    if len(args) != len(standard.keys):
        listed = ", ".join(standard.keys)
        zh = f"standard.{name} 要 {len(standard.keys)} 个键（{listed}），写了 {len(args)} 个"
        raise ExpressionError(zh, f"standard.{name} takes {len(standard.keys)} keys ({listed}), {len(args)} given")
    kinds: dict[str, Kind] = {"int": "number", "codes": "text"}
    keys = tuple(_key(standard, i, reading.part(arg, row), reading.names) for i, arg in enumerate(args))
    return StandardRef(kinds.get(standard.type, standard.type), standard.id, keys)  # type: ignore[arg-type]


def _key(standard: Standard, index: int, node: Node, names: Names) -> Node:
    """One key of a standard, of the kind that the standard wants."""
    name, shape = list(standard.keys.items())[index]
    want: Kind = "number" if shape == "bands" else "text"
    if node.kind != want:
        have, wanted = KIND_WORDS[node.kind], KIND_WORDS[want]
        raise ExpressionError(
            f"standard.{standard.id} 的键 {name} 要{wanted[0]}，不是{have[0]}",
            f"the key {name} of standard.{standard.id} wants {wanted[1]}, not {have[1]}",
        )
    if isinstance(shape, tuple):
        for value in shape[:1]:
            _check_key(node, value, shape, names)
    return node


def _check_key(node: Node, first: str, shape: tuple[str, ...], names: Names) -> None:
    """Refuse a key that can be none of the values."""
    if isinstance(node, Known) and node.value not in shape:
        listed = ", ".join(shape)
        raise ExpressionError(f"'{node.value}' 不在键的值之中（{listed}）", f"'{node.value}' is none of the key's values ({listed})")
    if isinstance(node, Known):
        return
    try:
        check_values(node, Known("text", first), names)
    except ExpressionError:
        for value in shape[1:]:
            try:
                check_values(node, Known("text", value), names)
            except ExpressionError:
                continue
            return
        raise


def list_at(args: list[ast.expr], row: Row, names: Names) -> tuple[ListRef, Fact] | None:
    """The list that a first argument names, None where it names none."""
    words = dotted(args[0]) if args else None
    if not words:
        return None
    path, row, rest = walk_path(words, row)
    return find_list(rest[0], row, path, names) if len(rest) == 1 else None


def _keyword_names(node: ast.Call) -> set[str]:
    """The names of keyword arguments."""
    return {keyword.arg or "**" for keyword in node.keywords}


def _list_call(name: str, node: ast.Call, row: Row, reading: Reading) -> Node:
    """any all count sum min max over a list."""
    of, fact = _the_list(name, node, row, reading.names)
    extremes = name in ("min", "max")
    allowed = {"where", "none"} if extremes else {"where"}
    given = {keyword.arg or "**": keyword.value for keyword in node.keywords}
    if set(given) - allowed or len(given) < len(node.keywords):
        zh = f"{name} 只接受 {', '.join(sorted(allowed))}"
        raise ExpressionError(zh, f"{name} takes only {', '.join(f'{each}=' for each in sorted(allowed))}")
    if len(node.args) > 2 or (len(node.args) == 1 and name != "count"):
        raise ExpressionError(f"{name} 写成 {name}(清单, 表达式)", f"write {name}(list, expression)")
    entry = Row(of.name, fact, row)
    body = reading.part(node.args[1], entry) if len(node.args) == 2 else None
    where = fit(reading.part(given["where"], entry), "yesno") if "where" in given else None
    if extremes:
        return _extreme(name, of, body, where, given.get("none"), row, reading)
    kind: Kind = "number" if name == "count" else "yesno"
    if name == "sum":
        if body is None or body.kind not in ("number", "money"):
            raise ExpressionError("sum 只能加数或金额；数个数请用 count", "sum adds numbers or money; to count use count")
        return ListCall(body.kind, "sum", of, body, where)
    return ListCall(kind, name, of, fit(body, "yesno") if body else None, where)  # type: ignore[arg-type]


def _the_list(name: str, node: ast.Call, row: Row, names: Names) -> tuple[ListRef, Fact]:
    """The first argument of a list call."""
    found = list_at(node.args[:1], row, names)
    if found is not None:
        return found
    words = dotted(node.args[0]) if node.args else None
    if not words:
        raise ExpressionError(f"{name} 的第一个参数要是清单", f"the first argument of {name} must be a list")
    _, there, rest = walk_path(words, row)
    fact = names.facts.get(real(names.facts, rest[-1]) or "")
    if fact is None or fact.type != "list":
        raise unknown("清单", "list", ".".join(rest), [fact.name for fact in names.facts.values() if fact.type == "list"])
    if "household" in fact.units and there.subject != "household":
        raise ExpressionError(
            f"清单 {rest[-1]} 是家庭的，请写 household.{rest[-1]}", f"the list {rest[-1]} is the household's: write household.{rest[-1]}"
        )
    raise ExpressionError(
        f"清单 {rest[-1]} 是个人的，请写在 members 之内：{name}(members, …)",
        f"the list {rest[-1]} is a person's: go over members first, as in sum(members, …)",
    )


def _extreme(name: str, of: ListRef, body: Node | None, where: Node | None, none: ast.expr | None, row: Row, reading: Reading) -> Node:
    """min or max over a list, with what it is when the list is empty."""
    if body is None or body.kind not in ("number", "money", "date"):
        raise ExpressionError(f"{name} 只能比较数、金额或日期", f"{name} takes numbers, money or dates")
    if none is None:
        raise ExpressionError(f"{name}(清单, …) 要写 none=，即清单为空时的值", f"{name}(list, …) needs none=, its value for an empty list")
    return ListCall(body.kind, name, of, body, where, fit(reading.part(none, row), body.kind))  # type: ignore[arg-type]


def _function(name: str, args: list[ast.expr], row: Row, reading: Reading) -> Node:
    """A function that is not over a list."""
    counts = {"years_since": 1, "year": 1, "month": 1, "yuan": 1, "date": 3, "floor": 2, "ceil": 2, "within": 2}
    if len(args) != counts.get(name, max(2, len(args))):
        wants = counts.get(name, 2)
        raise ExpressionError(f"{name} 要 {wants} 个参数，写了 {len(args)} 个", f"{name} takes {wants} arguments, {len(args)} given")
    nodes = [reading.part(arg, row) for arg in args]
    if name == "yuan":
        return _yuan(nodes[0])
    if name == "date":
        return _date([fit(node, "number") for node in nodes])
    if name in ("years_since", "year", "month"):
        return Func("number", name, (fit(nodes[0], "date"),))  # type: ignore[arg-type]
    if name == "within":
        return Func("yesno", "within", tuple(fit(node, "region") for node in nodes))
    nodes = agree(nodes)
    if nodes[0].kind not in ("number", "money"):
        raise ExpressionError(f"{name} 只能用于数或金额", f"{name} takes numbers or money")
    if name in ("floor", "ceil") and not _positive(nodes[1]):
        raise ExpressionError(f"{name} 的步长要是大于零的常数或标准", f"the step of {name} must be a literal above 0 or a standard")
    return Func(nodes[0].kind, name, tuple(nodes))  # type: ignore[arg-type]


def _yuan(node: Node) -> Node:
    """`yuan(8000)`."""
    if not isinstance(node, Known) or node.kind != "number" or not isinstance(node.value, Fraction):
        raise ExpressionError("yuan 里只能写数，如 yuan(8000)", "yuan takes a literal, as in yuan(8000)")
    return replace(node, kind="money", value=money(node.value))


def _date(nodes: list[Node]) -> Node:
    """`date(y, m, d)`: a literal where all three are."""
    values = [node.value for node in nodes if isinstance(node, Known) and isinstance(node.value, Fraction)]
    if len(values) < 3:
        return Func("date", "date", tuple(nodes))
    try:
        if any(value.denominator != 1 for value in values):
            raise ValueError
        return Known("date", dt.date(*(int(value) for value in values)))
    except (ValueError, OverflowError):
        day = "-".join(str(value) for value in values)
        raise ExpressionError(f"没有 {day} 这一天", f"there is no day {day}") from None


def _positive(node: Node) -> bool:
    """Whether a step is surely above 0."""
    return isinstance(node, StandardRef) or (isinstance(node, Known) and isinstance(node.value, Fraction) and node.value > 0)
