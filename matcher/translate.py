"""Polars expressions as lines of Python on the values of one row, for few rows: every distinct node becomes one line.

The expressions stay the only definition of what is computed; what has no translation stays with polars. `tests/unit/test_few.py`
compares both on the catalogue and on random rules.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher.sheet import DATE, NUMBER, TEXT, YESNO, Line, Node, Reading, Sheet, reading_out

if TYPE_CHECKING:
    from collections.abc import Iterable

_NULL = "null"


class Untranslated(Exception):  # noqa: N818 - not an error: polars does it then
    """A node that has no translation."""


class Translator:
    """Expressions of one frame into lines; like nodes share their register."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.lines: list[Line] = []

    def column(self, name: str, e: pl.Expr) -> None:
        """The lines that compute a column; raises Untranslated."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = json.loads(e.meta.serialize(format="json"))
        before = len(self.lines)
        try:
            kind, found = self.node(tree)
        except Untranslated:
            self._forget(before)
            raise
        if kind == _NULL:
            self._forget(before)
            raise Untranslated(name)
        self.sheet.columns[name] = found if isinstance(found, int) else self.line(kind, "{0}", found)[1]  # type: ignore[assignment]

    def _forget(self, before: int) -> None:
        """Take back the lines of a half-translated expression."""
        lost = {out for out, _, _ in self.lines[before:]}
        del self.lines[before:]
        self.sheet.nodes = {k: r for k, r in self.sheet.nodes.items() if r not in lost}

    def node(self, tree: Any) -> tuple[str, Node]:
        """(kind, register or constant) of a node."""
        ((name, body),) = tree.items()
        match name:
            case "Column":
                if body not in self.sheet.columns:
                    raise Untranslated(body)
                return self.sheet.kinds[self.sheet.columns[body]], self.sheet.columns[body]
            case "Literal":
                return _literal(body)
            case "Alias":
                return self.node(body[0])
            case "Cast":
                return self.cast(body)
            case "BinaryExpr":
                return self.binary(body["op"], self.node(body["left"]), self.node(body["right"]))
            case "Ternary":
                return self.ternary(*(self.node(body[part]) for part in ("predicate", "truthy", "falsy")))
            case "Function":
                return self.function(body["function"], body["input"])
        raise Untranslated(name)

    def line(self, kind: str, text: str, *inputs: Node) -> tuple[str, Node]:
        """A line, unless its like is there already. Of a constant it is known here whether it is unknown."""
        for n, of in enumerate(inputs):
            if isinstance(of, str):
                text = text.replace(f"{{{n}}} is None", str(of == "None")).replace(f"{{{n}}} is not None", str(of != "None"))
        key = (text, inputs)
        if key not in self.sheet.nodes:
            self.sheet.nodes[key] = self.sheet.register(kind)
            self.lines.append((self.sheet.nodes[key], text, inputs))
        return kind, self.sheet.nodes[key]

    def known(self, kind: str, text: str, *inputs: Node) -> tuple[str, Node]:
        """A line that is unknown where one of its inputs is."""
        unknown = "0" if kind == YESNO else "None"
        if "None" in inputs:
            return kind, unknown
        unsure = [f"{{{n}}} is None" for n, of in enumerate(inputs) if isinstance(of, int)]
        return self.line(kind, f"{unknown} if {' or '.join(unsure)} else {text}" if unsure else text, *inputs)

    def cast(self, body: Any) -> tuple[str, Node]:
        (kind, of), dtype = self.node(body["expr"]), body["dtype"].get("Literal")
        if kind == YESNO and dtype in ("Int64", "Int32", "Int16", "Int8", "UInt32"):
            return self.line(NUMBER, "(None, 1, 0)[{0}]", of)
        if (kind == NUMBER and dtype in ("Int128", "Int64", "Int32", "Int16", "Int8")) or (kind == TEXT and dtype == "String"):
            return kind, of
        raise Untranslated(f"{kind} as {dtype}")

    def binary(self, op: str, a: tuple[str, Node], b: tuple[str, Node]) -> tuple[str, Node]:
        kinds = {a[0], b[0]} - {_NULL}
        of = [_as_flag(x) if kinds == {YESNO} else x[1] for x in (a, b)]
        if kinds == {YESNO} and op in _OF_FLAGS:
            return self.line(YESNO, _OF_FLAGS[op], *of)
        if len(kinds) == 1 and kinds != {YESNO} and op in _COMPARED:
            return self.known(YESNO, f"1 if {{0}} {_COMPARED[op]} {{1}} else -1", *of)
        if kinds == {NUMBER} and op in _COMBINED:
            return self.known(NUMBER, f"{{0}} {_COMBINED[op]} {{1}}", *of)
        if kinds == {NUMBER} and op in _DIVIDED:
            return self.known(NUMBER, f"{{0}} {_DIVIDED[op]} {{1}} if {{1}} else None", *of)
        raise Untranslated(f"{op} of {kinds}")

    def ternary(self, p: tuple[str, Node], a: tuple[str, Node], b: tuple[str, Node]) -> tuple[str, Node]:
        kinds = {a[0], b[0]} - {_NULL}
        if len(kinds) != 1 or p[0] != YESNO:
            raise Untranslated(f"when of {kinds}")
        (kind,) = kinds
        return self.line(kind, WHEN, p[1], *(_as_flag(x) if kind == YESNO else x[1] for x in (a, b)))

    def function(self, what: Any, inputs: list[Any]) -> tuple[str, Node]:
        ((name, detail),) = what.items() if isinstance(what, dict) else ((what, None),)
        if name == "Boolean":
            return self.boolean(detail, inputs)
        if name == "TemporalExpr":
            return self.temporal(str(detail), inputs)
        of = [self.node(i) for i in inputs]
        if name == "StringExpr":
            return self.text(detail, [node for _, node in of])
        if name == "ListExpr" and "Contains" in (detail or ()):
            return self.line(YESNO, "0 if {0} is None else 1 if {1} in {0} else -1", *(node for _, node in of))
        kind = of[0][0]
        if name in ("FillNull", "Coalesce"):
            kind = next((k for k, _ in of if k != _NULL), _NULL)
            return self.chain(kind, "{0} or {1}" if kind == YESNO else "{1} if {0} is None else {0}", of)
        if name in ("MaxHorizontal", "MinHorizontal") and kind == NUMBER:
            than = ">" if name == "MaxHorizontal" else "<"
            return self.chain(kind, f"{{0}} if {{1}} is None or ({{0}} is not None and {{0}} {than} {{1}}) else {{1}}", of)
        if name == "Clip" and detail == {"has_min": True, "has_max": True} and kind == NUMBER:
            return self.line(NUMBER, "None if {0} is None else min(max({0}, {1}), {2})", *(node for _, node in of))
        if name == "Sign" and kind == NUMBER:
            return self.known(NUMBER, "({0} > 0) - ({0} < 0)", of[0][1])
        raise Untranslated(name)

    def chain(self, kind: str, text: str, of: Iterable[tuple[str, Node]]) -> tuple[str, Node]:
        """An operation of two over many."""
        first, *rest = [_as_flag(x) if kind == YESNO else x[1] for x in of]
        for other in rest:
            first = self.line(kind, text, first, other)[1]
        return kind, first

    def boolean(self, what: Any, inputs: list[Any]) -> tuple[str, Node]:
        name = what if isinstance(what, str) else next(iter(what))
        if name == "IsIn":
            return self.is_in(self.node(inputs[0]), _strings(inputs[1]))
        of = [self.node(i) for i in inputs]
        if name in ("AnyHorizontal", "AllHorizontal"):
            return self.chain(YESNO, OR if name == "AnyHorizontal" else AND, of)
        kind, node = of[0]
        if name == "Not" and kind == YESNO:
            return self.line(YESNO, "-{0}", node)
        if name in ("IsNull", "IsNotNull") and kind != _NULL:
            yes, no = (1, -1) if name == "IsNull" else (-1, 1)
            return self.line(YESNO, f"{no} if {{0}} else {yes}" if kind == YESNO else f"{yes} if {{0}} is None else {no}", node)
        raise Untranslated(name)

    def is_in(self, of: tuple[str, Node], values: frozenset[str]) -> tuple[str, Node]:
        """Whether a text is one of these."""
        if of[0] != TEXT:
            raise Untranslated("in")
        name = next((n for n, held in self.sheet.names.items() if held == values), f"texts{len(self.sheet.names)}")
        self.sheet.names[name] = values
        return self.known(YESNO, f"1 if {{0}} in {name} else -1", of[1])

    def text(self, name: Any, of: list[Node]) -> tuple[str, Node]:
        if name == "StartsWith":
            return self.known(YESNO, "1 if {0}.startswith({1}) else -1", *of)
        if name == "LenChars":
            return self.known(NUMBER, "len({0})", *of)
        if name == "Head":
            return self.known(TEXT, "{0}[:{1}]", *of)
        raise Untranslated(name)

    def temporal(self, name: str, inputs: list[Any]) -> tuple[str, Node]:
        kind, of = self.node(inputs[0])
        if kind != DATE:
            raise Untranslated(name)
        if name == "OffsetBy":
            span = inputs[1].get("Literal", {}).get("Scalar", {}).get("String", "")
            if span.endswith("mo"):
                return self.known(DATE, f"months_on({{0}}, {int(span[:-2])})", of)
            if span.endswith("d"):
                return self.known(DATE, f"{{0}} + {int(span[:-1])}", of)
        parts = {"Year": 0, "Month": 1, "Day": 2}
        if name in parts:
            return self.known(NUMBER, f"parts({{0}})[{parts[name]}]", of)
        if name == "IsLeapYear":
            return self.known(YESNO, "1 if is_leap(parts({0})[0]) else -1", of)
        raise Untranslated(name)


AND, OR = "{0} if {0} < {1} else {1}", "{0} if {0} > {1} else {1}"
WHEN = "{1} if {0} > 0 else {2}"
_OF_FLAGS = {"And": AND, "LogicalAnd": AND, "Or": OR, "LogicalOr": OR, "Eq": "{0} * {1}"}
_COMPARED = {"Eq": "==", "NotEq": "!=", "Lt": "<", "LtEq": "<=", "Gt": ">", "GtEq": ">="}
_COMBINED = {"Plus": "+", "Minus": "-", "Multiply": "*"}
_DIVIDED = {"FloorDivide": "//", "Modulus": "%"}


def _as_flag(x: tuple[str, Node]) -> Node:
    """A yes/no; a bare null is unknown."""
    return "0" if x[0] == _NULL else x[1]


def _literal(body: Any) -> tuple[str, Node]:
    """A constant: its kind, and how it is written."""
    ((name, value),) = body.items()
    if name == "Dyn":
        ((what, number),) = value.items()
        if what != "Int":
            raise Untranslated(what)
        return NUMBER, f"({number})"
    if name != "Scalar":
        raise Untranslated(name)
    ((dtype, held),) = value.items()
    if dtype == "Null":
        kind = {"Boolean": YESNO, "Int64": NUMBER, "Int128": NUMBER, "Date": DATE, "String": TEXT, "Null": _NULL}.get(str(held))
        if kind is None:
            raise Untranslated(str(held))
        return kind, "0" if kind == YESNO else "None"
    if dtype == "Boolean":
        return YESNO, "1" if held else "(-1)"
    kind = {"Date": DATE, "String": TEXT}.get(dtype, NUMBER if dtype.startswith("Int") else None)
    if kind is None:
        raise Untranslated(dtype)
    return kind, repr(held) if kind == TEXT else f"({held})"


def _strings(tree: Any) -> frozenset[str]:
    """The texts of a literal list, which polars writes as a stream of bytes."""
    held = tree.get("Literal", {}).get("Scalar", {}).get("List")
    if held is None:
        raise Untranslated("in")
    values = pl.read_ipc_stream(bytes(held)).to_series().to_list()
    return frozenset(values[0] if values and isinstance(values[0], list) else values)


def reading(sheet: Sheet, key: object, e: pl.Expr) -> Reading | None:
    """An expression on the columns of a sheet as a function of rows, with the kind of its values; None: not translated."""
    if key not in sheet.late:
        with sheet.growing:  # what lines name is shared
            if key not in sheet.late:
                sheet.late[key] = _reading(sheet, e)
    return sheet.late[key]


def _reading(sheet: Sheet, e: pl.Expr) -> Reading | None:
    after = Sheet(set(), dict(sheet.columns), list(sheet.kinds), {}, sheet.names)
    translator = Translator(after)
    try:
        translator.column("", e)
    except Untranslated:
        return None
    out = after.columns[""]
    return after.kinds[out], reading_out(translator.lines, sheet.names, out)
