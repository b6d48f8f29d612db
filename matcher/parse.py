"""Expression text to typed nodes, checked: one line of Python syntax, of which only what the language page names.

Comes in: the text, the unit of the row that it is read on, the kind that is wanted, all names of the catalogue.
Goes out: a node of `matcher.language`, or an ExpressionError with the reason.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings

from matcher.errors import ExpressionError
from matcher.language import Among, And, AsOf, Kind, Known, Node, Not, Or, Place, Shift
from matcher.parse_calls import KEYWORD_MARK, Reading, dotted, read_call, read_standard, walk_path
from matcher.parse_kinds import agree, arith, chain, check_values, compare, fit, negative, number
from matcher.parse_names import DURATIONS, PLACES, READS, Names, Row, find_list, find_name, find_read, misplaced, row_of, written

LONGEST = 4000
"""Characters in one expression; a longer one wants terms."""
DEEPEST = 100
"""Parts inside parts; every later stage walks them."""

_STRINGS = re.compile(r"('[^']*'|\"[^\"]*\")")
_KEYWORDS = re.compile(rf"\b({'|'.join(word for word in keyword.kwlist if word not in ('and', 'or', 'not', 'in', 'True', 'False'))})\b")
_BARE_DAY = re.compile(r"(?<![\w.])[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![\w.])")
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS: dict[type[ast.cmpop], str] = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def parse(text: str, unit: str, kind: Kind | None, names: Names) -> Node:
    """Read one expression.

    Args:
        text: the expression as written.
        unit: `household`, `person` or the name of a list, whose entry the row then is.
        kind: what it must be; None where any kind is fine.

    Raises:
        ExpressionError: everything that the language page refuses, with the reason in zh and en.
    """
    prepared = _prepare(text)
    reading = Reading(names, prepared, lambda part, row: _node(part, row, reading))
    try:
        node = _node(_shallow(_tree(prepared)), row_of(unit, names), reading)
    except ExpressionError as error:
        raise _with_kebab(error, text, names) from None
    return node if kind is None else fit(node, kind)


def _prepare(text: str) -> str:
    """One line, in which words that Python keeps for itself (`from`, `class`) can be names."""
    line = " ".join(text.split())
    if len(line) > LONGEST:
        raise ExpressionError(f"表达式超过 {LONGEST} 字", f"longer than {LONGEST} characters: make terms of its parts")
    parts = _STRINGS.split(line)
    for i in range(0, len(parts), 2):
        day = _BARE_DAY.search(parts[i])
        if day:
            call = "date({}, {}, {})".format(*(int(part) for part in day.group().split("-")))
            raise ExpressionError(
                f"{day.group()} 会被当作减法，日期请写 {call}", f"{day.group()} is a subtraction; write the day as {call}"
            )
        if "\\" in parts[i] or "#" in parts[i] or "\0" in parts[i]:
            raise ExpressionError("表达式里不能有 \\ 或 #", "no \\ and no # in an expression")
        parts[i] = _KEYWORDS.sub(rf"\1{KEYWORD_MARK}", parts[i])
    return "".join(parts)


def _tree(text: str) -> ast.expr:
    """The syntax tree of an expression."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        if text.count("(") != text.count(")"):
            zh, en = (
                "括号不成对（多半在逗号处被截断，请给整个表达式加引号）",
                "brackets do not close (cut at a comma? then quote the whole expression)",
            )
            raise ExpressionError(f"{zh}：{text}", f"{en}: {text}") from None
        raise ExpressionError(f"不是一个表达式：{text}", f"not one expression: {text}") from None


def _shallow(tree: ast.expr) -> ast.expr:
    """The tree, if it is not too deep."""
    level: list[ast.AST] = [tree]
    for _ in range(DEEPEST):
        level = [part for node in level for part in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise ExpressionError("表达式套得太深", "the expression is nested too deeply")


def _node(node: ast.expr, row: Row, reading: Reading) -> Node:
    """Any expression on a row."""
    if isinstance(node, ast.Constant):
        return _literal(node, reading)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _name(node, row, reading)
    if isinstance(node, ast.Call):
        return read_call(node, row, reading)
    if isinstance(node, ast.BoolOp):
        parts = tuple(fit(_node(part, row, reading), "yesno") for part in node.values)
        return And("yesno", parts) if isinstance(node.op, ast.And) else Or("yesno", parts)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Invert):
        of = _node(node.operand, row, reading)
        if isinstance(node.op, ast.Not):
            return Not("yesno", fit(of, "yesno"))
        turned = negative(of)
        return turned if isinstance(node.op, ast.USub) else of
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _binary(node, row, reading)
    if isinstance(node, ast.Compare):
        return _comparison(node, row, reading)
    what = ast.unparse(node).replace(KEYWORD_MARK, "")
    raise ExpressionError(f"语言里没有这种写法：{what}", f"not in the language: {what}")


def _literal(node: ast.Constant, reading: Reading) -> Known:
    """True False 12 0.6 'text'."""
    if isinstance(node.value, bool):
        return Known("yesno", node.value)
    if isinstance(node.value, str):
        if "\\" in node.value:
            raise ExpressionError("文字里不能有 \\", "no \\ in a text")
        return Known("text", node.value)
    return Known("number", number(node, reading.text))


def _name(node: ast.Name | ast.Attribute, row: Row, reading: Reading) -> Node:
    """A name, or names joined by points."""
    words = dotted(node)
    if words is None:
        raise ExpressionError("点号前只能是名称", "only a name can stand before a point")
    if words == ["as_of"]:
        return AsOf("date")
    if len(words) == 1 and words[0] in PLACES:
        return Place("region", words[0])  # type: ignore[arg-type]
    if words[0] == "standard" and len(words) == 2:
        return read_standard(words[1], [], row, reading)
    if len(words) == 1 and words[0] in ("household", "outer", "standard", *READS):
        raise ExpressionError(f"{words[0]} 后面要有点号和名称", f"{words[0]} wants a point and a name behind it")
    path, there, rest = walk_path(words, row)
    if len(rest) == 2 and rest[0] in READS:
        return find_read(rest[0], rest[1], there, path, reading.names)
    if len(rest) > 1:
        raise ExpressionError(
            f"看不懂 {'.'.join(words)}",
            f"{'.'.join(words)} means nothing: before the point stand household, outer, standard or {', '.join(READS)}",
        )
    found = find_name(rest[0], there, path, reading.names)
    if found is not None:
        return found
    if find_list(rest[0], there, path, reading.names):
        raise ExpressionError(
            f"{rest[0]} 是清单，请写 count({rest[0]}) 等", f"{rest[0]} is a list: write count({rest[0]}) or another list call"
        )
    raise misplaced(rest[0], there, reading.names)


def _binary(node: ast.BinOp, row: Row, reading: Reading) -> Node:
    """Arithmetic, or a date moved by a duration."""
    op = _OPERATORS[type(node.op)]
    length = _duration(node.right)
    if length is not None and op in "+-":
        sign = 1 if op == "+" else -1
        years, months, days = (sign * part for part in length)
        return Shift("date", fit(_node(node.left, row, reading), "date"), years, months, days)
    return arith(op, _node(node.left, row, reading), _node(node.right, row, reading))


def _duration(node: ast.expr) -> tuple[int, int, int] | None:
    """years(n), months(n), days(n) and their sums, as years, months, days; None for anything else."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        left, right = _duration(node.left), _duration(node.right)
        if left is None or right is None:
            return None
        sign = 1 if isinstance(node.op, ast.Add) else -1
        return (left[0] + sign * right[0], left[1] + sign * right[1], left[2] + sign * right[2])
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in DURATIONS:
        return None
    n = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and not node.keywords else None
    if not isinstance(n, int) or isinstance(n, bool):
        raise ExpressionError(f"{node.func.id} 里只能写整数", f"{node.func.id} takes a whole number, as in {node.func.id}(3)")
    return tuple(n if node.func.id == word else 0 for word in DURATIONS)  # type: ignore[return-value]


def _comparison(node: ast.Compare, row: Row, reading: Reading) -> Node:
    """`a < b`, chains of them, `in` and `not in`."""
    parts: list[Node] = []
    left = node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(op, (ast.In, ast.NotIn)):
            among = _among(_node(left, row, reading), right, row, reading)
            parts.append(among if isinstance(op, ast.In) else Not("yesno", among))
        elif type(op) in _COMPARISONS:
            parts.append(compare(_COMPARISONS[type(op)], _node(left, row, reading), _node(right, row, reading), reading.names))
        left = right
    return chain(parts)


def _among(of: Node, right: ast.expr, row: Row, reading: Reading) -> Node:
    """`of in (…)` or `of in standard.x`."""
    words, args = dotted(right), []
    if isinstance(right, ast.Call):
        words, args = dotted(right.func), right.args
    if words and words[0] == "standard" and len(words) == 2:
        codes = read_standard(words[1], args, row, reading, codes=True)
        return Among("yesno", fit(of, "text"), codes=codes)
    elements = right.elts if isinstance(right, ast.Tuple) else [right] if isinstance(right, ast.Constant) else []
    literals = [_node(element, row, reading) for element in elements]
    if not literals or not all(isinstance(each, Known) for each in literals):
        raise ExpressionError("in 后面要写 ('甲', '乙') 或 standard.x", "after in stand literals, as in ('a', 'b'), or standard.x")
    if of.kind == "yesno":
        raise ExpressionError("是否不用 in", "yes/no takes no in")
    of, *fitted = agree([of, *literals])
    for literal in fitted:
        if of.kind == "text":
            check_values(of, literal, reading.names)
    return Among("yesno", of, tuple(each for each in fitted if isinstance(each, Known)))


def _with_kebab(error: ExpressionError, text: str, names: Names) -> ExpressionError:
    """Say how an id with `-` is written, where the text holds one as it stands in the files."""
    ids = [*names.facts, *names.terms, *names.standards, *names.policies, *names.recognitions, *names.needs]
    bare = "".join(_STRINGS.split(text)[::2])
    for each in sorted(ids, key=len, reverse=True):
        if "-" in each and re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", bare):
            zh = f"{error.zh}（{each} 在表达式里写 {written(each)}）"
            return ExpressionError(zh, f"{error.en} ({each} is written {written(each)} in expressions)")
    return error
