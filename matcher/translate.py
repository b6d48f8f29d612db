"""Polars expressions as steps on numpy arrays, for few rows: every distinct node becomes one step of `matcher.kernels`.

The expressions stay the only definition of what is computed; what has no translation stays with polars.
`tests/unit/test_few.py` compares both on every column of the catalogue and of random rules.
"""

from __future__ import annotations

import json
import operator
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher import kernels
from matcher.frames import frame_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matcher.kernels import Array, Flag, Masked

YESNO, NUMBER, DATE, TEXT, CODES = "yesno", "number", "date", "text", "codes"
_NULL = "null"


def kind_of(dtype: pl.DataType) -> str | None:
    """How a polars column is held here; None: not at all."""
    if dtype == pl.Boolean:
        return YESNO
    if dtype == pl.Date:
        return DATE
    if dtype in (pl.String, pl.Enum, pl.Categorical):
        return TEXT
    if dtype == pl.List:
        return CODES
    return NUMBER if dtype.is_integer() else None


class Untranslated(Exception):  # noqa: N818 - not an error: polars does it then
    """A node that has no translation."""


def taken_over(columns: Iterable[pl.Series], kinds: dict[str, str]) -> dict[str, Flag | Masked]:
    """Columns as arrays."""
    found: dict[str, Flag | Masked] = {}
    held: dict[str, list[pl.Series]] = {YESNO: [], NUMBER: [], DATE: []}
    for column in columns:
        kind = kinds[column.name]
        if kind in held and column.dtype != pl.Int128:
            held[kind].append(column)
        else:
            found[column.name] = _objects(column)
    for kind, together in held.items():
        if together:
            values = _numbers(together, kind)
            found |= {c.name: v for c, v in zip(together, values, strict=True)}
    return found


def _numbers(columns: list[pl.Series], kind: str) -> list[Flag | Masked]:
    """Each column's values; a float in between holds every stored number (`logic.TOP_OF_FACT`), and no number for unknown."""
    if kind == YESNO:
        held = frame_of(columns).cast(pl.Int8).to_numpy().T
        flags = 2 * held - 1
        return list(np.where(np.isnan(held), 0, flags).astype(np.int8) if held.dtype.kind == "f" else np.ascontiguousarray(flags))
    held = frame_of([c.cast(pl.Int32) for c in columns] if kind == DATE else columns).to_numpy().T
    if held.dtype.kind != "f":
        return [(v, None) for v in np.ascontiguousarray(held, dtype=np.int64)]
    missing = np.isnan(held)
    values, some = np.where(missing, 0, held).astype(np.int64), missing.any(axis=1)
    return [(v, m if any_ else None) for v, m, any_ in zip(values, missing, some, strict=True)]


def _objects(column: pl.Series) -> Masked:
    """A column of texts, lists or long integers."""
    values = column.to_list()
    held = np.empty(len(values), dtype=object)
    if column.dtype == pl.Int128:
        held[:] = [0 if v is None else v for v in values]
    elif column.dtype == pl.List:
        held[:] = [None if v is None else tuple(v) for v in values]
    else:
        held[:] = values
    return held, column.is_null().to_numpy() if column.null_count() else None


def as_series(name: str, kind: str, value: Flag | Masked, height: int) -> pl.Series:
    """An array as a polars column."""
    if isinstance(value, np.ndarray):
        held = np.broadcast_to(value, (height,))
        made = pl.Series(name, held == 1)
        return made.set(pl.Series(held == 0), None) if (held == 0).any() else made
    values, mask = np.broadcast_to(value[0], (height,)), None if value[1] is None else np.broadcast_to(value[1], (height,))
    if kind == DATE:
        made = pl.Series(name, values.astype(np.int32)).cast(pl.Date)
    elif values.dtype == object:
        known = [None if mask is not None and mask[i] else v for i, v in enumerate(values)]
        dtype = {NUMBER: pl.Int128(), TEXT: pl.String()}.get(kind, pl.List(pl.String))
        return pl.Series(name, [None if v is None else list(v) for v in known] if kind == CODES else known, dtype=dtype)
    else:
        made = pl.Series(name, values)
    return made if mask is None or not mask.any() else made.set(pl.Series(mask), None)


@dataclass(slots=True)
class Sheet:
    """The registers of one frame: which holds which column, what each node became, and constants."""

    columns: dict[str, int] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    constants: dict[int, Flag | Masked] = field(default_factory=dict)
    nodes: dict[Any, int] = field(default_factory=dict)

    def register(self, kind: str) -> int:
        """A further register."""
        self.kinds.append(kind)
        return len(self.kinds) - 1

    def blank(self) -> list[Any]:
        """The registers before a run: empty but for constants."""
        return [self.constants.get(r) for r in range(len(self.kinds))]

    def column(self, name: str, kind: str) -> int:
        """The register of a column that somebody else fills."""
        if name not in self.columns:
            self.columns[name] = self.register(kind)
        return self.columns[name]


Step = tuple[Any, int, tuple[int, ...]]


class Translator:
    """Expressions of one frame into steps; like nodes share their register."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.steps: list[Step] = []

    def expression(self, e: pl.Expr) -> int:
        """The register that holds the value, as long as the frame; raises Untranslated."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = json.loads(e.meta.serialize(format="json"))
        before = len(self.steps)
        try:
            found = self.node(tree)
            if e.meta.root_names():
                return found
            kind = self.sheet.kinds[found]
            return self.step(kind, kernels.spread_flag if kind == YESNO else kernels.spread, "spread", found, self.sheet.columns["as_of"])
        except Untranslated:
            self._forget(before)
            raise

    def _forget(self, before: int) -> None:
        """Take back the steps of a half-translated expression."""
        lost = {out for _, out, _ in self.steps[before:]}
        del self.steps[before:]
        self.sheet.nodes = {k: r for k, r in self.sheet.nodes.items() if r not in lost}

    def node(self, tree: Any) -> int:
        ((name, body),) = tree.items()
        match name:
            case "Column":
                if body not in self.sheet.columns:
                    raise Untranslated(body)
                return self.sheet.columns[body]
            case "Literal":
                return self.literal(body)
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

    def step(self, kind: str, act: Any, key: object, *inputs: int) -> int:
        """A step, unless its like is there already."""
        key = (key, inputs)
        if key not in self.sheet.nodes:
            out = self.sheet.register(kind)
            self.sheet.nodes[key] = out
            self.steps.append((act, out, inputs))
        return self.sheet.nodes[key]

    def constant(self, kind: str, value: Any) -> int:
        """A register that always holds the same."""
        key = ("constant", kind, value)
        if key not in self.sheet.nodes:
            out = self.sheet.register(kind)
            self.sheet.nodes[key] = out
            self.sheet.constants[out] = _constant(kind, value)
        return self.sheet.nodes[key]

    def literal(self, body: Any) -> int:
        ((name, value),) = body.items()
        if name == "Dyn":
            ((what, number),) = value.items()
            if what != "Int":
                raise Untranslated(what)
            return self.constant(NUMBER, number)
        if name != "Scalar":
            raise Untranslated(name)
        ((dtype, held),) = value.items()
        if dtype == "Null":
            kind = {"Boolean": YESNO, "Int64": NUMBER, "Int128": NUMBER, "Date": DATE, "String": TEXT, "Null": _NULL}.get(str(held))
            if kind is None:
                raise Untranslated(str(held))
            return self.constant(kind, None)
        kind = {"Boolean": YESNO, "Date": DATE, "String": TEXT}.get(dtype, NUMBER if dtype.startswith("Int") else None)
        if kind is None:
            raise Untranslated(dtype)
        return self.constant(kind, held)

    def cast(self, body: Any) -> int:
        of, dtype = self.node(body["expr"]), body["dtype"].get("Literal")
        kind = self.sheet.kinds[of]
        if kind == YESNO and dtype in ("Int64", "Int32", "Int8", "UInt32"):
            return self.step(NUMBER, kernels.as_number, "number", of)
        if kind == NUMBER and dtype == "Int128":
            return self.step(NUMBER, kernels.widened, "widened", of)
        if kind == NUMBER and dtype in ("Int64", "Int32", "Int8"):
            return self.step(NUMBER, kernels.narrowed, "narrowed", of)
        if kind == TEXT and dtype == "String":
            return of
        raise Untranslated(f"{kind} as {dtype}")

    def binary(self, op: str, a: int, b: int) -> int:
        kinds = {self.sheet.kinds[a], self.sheet.kinds[b]} - {_NULL}
        if kinds == {YESNO}:
            act = {"And": np.minimum, "Or": np.maximum, "Eq": np.multiply, "LogicalAnd": np.minimum, "LogicalOr": np.maximum}.get(op)
            if act is None:
                raise Untranslated(op)
            return self.step(YESNO, act, op, a, b)
        if len(kinds) == 1 and op in _COMPARED:
            return self.step(YESNO, _COMPARED[op], op, a, b)
        if kinds == {NUMBER} and op in _COMBINED:
            return self.step(NUMBER, _COMBINED[op], op, a, b)
        raise Untranslated(f"{op} of {kinds}")

    def ternary(self, p: int, a: int, b: int) -> int:
        kinds = {self.sheet.kinds[a], self.sheet.kinds[b]} - {_NULL}
        if len(kinds) != 1 or self.sheet.kinds[p] != YESNO:
            raise Untranslated(f"when of {kinds}")
        (kind,) = kinds
        a, b = (self.constant(kind, None) if self.sheet.kinds[r] == _NULL else r for r in (a, b))
        return self.step(kind, kernels.choose_flag if kind == YESNO else kernels.choose, "when", p, a, b)

    def function(self, what: Any, inputs: list[Any]) -> int:
        ((name, detail),) = what.items() if isinstance(what, dict) else ((what, None),)
        if name == "Boolean":
            return self.boolean(detail, inputs)
        if name == "TemporalExpr":
            return self.temporal(str(detail), inputs)
        if name == "StringExpr":
            return self.text(detail, inputs)
        if name == "ListExpr" and "Contains" in (detail or ()):
            return self.step(YESNO, kernels.on_list, "contains", *(self.node(i) for i in inputs))
        of = [self.node(i) for i in inputs]
        kind = self.sheet.kinds[of[0]]
        if name == "FillNull":
            return self.fill_null(kind, *of)
        if name in ("MaxHorizontal", "MinHorizontal") and kind == NUMBER:
            return self.chain(NUMBER, kernels.outer(np.maximum if name == "MaxHorizontal" else np.minimum), name, of)
        if name == "Clip" and detail == {"has_min": True, "has_max": True} and kind == NUMBER:
            return self.step(NUMBER, kernels.clip, name, *of)
        if name == "Coalesce":
            return self.chain(kind, kernels.first_flag if kind == YESNO else kernels.fill, name, of)
        if name == "Sign" and kind == NUMBER:
            return self.step(NUMBER, kernels.sign, name, *of)
        raise Untranslated(name)

    def chain(self, kind: str, act: Any, name: str, of: Iterable[int]) -> int:
        """An operation of two over many."""
        first, *rest = of
        for other in rest:
            first = self.step(kind, act, name, first, other)
        return first

    def fill_null(self, kind: str, of: int, by: int) -> int:
        if kind != YESNO:
            return self.step(kind, kernels.fill, "fill", of, by)
        value = self.sheet.constants.get(by)
        if value is None:
            return self.step(kind, kernels.first_flag, "fill", of, by)
        return self.step(kind, kernels.filled(bool(value[0] == 1)), ("filled", int(value[0])), of)

    def boolean(self, what: Any, inputs: list[Any]) -> int:
        name = what if isinstance(what, str) else next(iter(what))
        if name == "IsIn":
            text, values = self.node(inputs[0]), _strings(inputs[1])
            if self.sheet.kinds[text] != TEXT:
                raise Untranslated(name)
            return self.step(YESNO, kernels.one_of(values), (name, values), text)
        of = [self.node(i) for i in inputs]
        if name in ("AnyHorizontal", "AllHorizontal"):
            return self.chain(YESNO, np.maximum if name == "AnyHorizontal" else np.minimum, "Or" if name == "AnyHorizontal" else "And", of)
        is_flag = self.sheet.kinds[of[0]] == YESNO
        if name == "Not" and is_flag:
            return self.step(YESNO, np.negative, name, *of)
        if name in ("IsNull", "IsNotNull") and self.sheet.kinds[of[0]] != _NULL:
            kinds = (kernels.flag_is_null, kernels.flag_is_known) if is_flag else (kernels.is_null, kernels.is_known)
            return self.step(YESNO, kinds[name == "IsNotNull"], name, *of)
        raise Untranslated(name)

    def text(self, name: Any, inputs: list[Any]) -> int:
        of = [self.node(i) for i in inputs]
        if name == "StartsWith":
            return self.step(YESNO, kernels.starts_with, name, *of)
        if name == "LenChars":
            return self.step(NUMBER, kernels.length, name, *of)
        if name == "Head":
            return self.step(TEXT, kernels.head, name, *of)
        raise Untranslated(name)

    def temporal(self, name: str, inputs: list[Any]) -> int:
        of = self.node(inputs[0])
        if self.sheet.kinds[of] != DATE:
            raise Untranslated(name)
        if name == "OffsetBy":
            span = inputs[1].get("Literal", {}).get("Scalar", {}).get("String", "")
            if span.endswith("mo"):
                return self.step(DATE, kernels.months_on(int(span[:-2])), (name, span), of)
            if span.endswith("d"):
                return self.step(DATE, kernels.days_on(int(span[:-1])), (name, span), of)
        parts: dict[str, tuple[str, Callable[..., Any]]] = {
            "Year": (NUMBER, kernels.year), "Month": (NUMBER, kernels.month), "Day": (NUMBER, kernels.day),
            "IsLeapYear": (YESNO, kernels.is_leap_year),
        }  # fmt: skip
        if name not in parts:
            raise Untranslated(name)
        return self.step(parts[name][0], parts[name][1], name, of)


_COMPARED = {
    "Eq": kernels.compare(operator.eq), "NotEq": kernels.compare(operator.ne), "Lt": kernels.compare(operator.lt),
    "LtEq": kernels.compare(operator.le), "Gt": kernels.compare(operator.gt), "GtEq": kernels.compare(operator.ge),
}  # fmt: skip
_COMBINED = {
    "Plus": kernels.combine(operator.add), "Minus": kernels.combine(operator.sub), "Multiply": kernels.combine(operator.mul),
    "FloorDivide": kernels.divide(operator.floordiv), "Modulus": kernels.divide(operator.mod),
}  # fmt: skip


def _constant(kind: str, value: Any) -> Flag | Masked:
    """A constant as an array of one."""
    if kind == YESNO:
        return kernels.UNKNOWN if value is None else kernels.YES if value else kernels.NO
    empty: Any = None if kind == TEXT else 0
    held = np.empty(1, dtype=object if kind == TEXT or abs(value or 0) >= 1 << 62 else np.int64)
    held[0] = empty if value is None else value
    return held, np.ones(1, dtype=bool) if value is None else None


def _strings(tree: Any) -> frozenset[str]:
    """The texts of a literal list, which polars writes as a stream of bytes."""
    held = tree.get("Literal", {}).get("Scalar", {}).get("List")
    if held is None:
        raise Untranslated("in")
    values = pl.read_ipc_stream(bytes(held)).to_series().to_list()
    return frozenset(values[0] if values and isinstance(values[0], list) else values)


def totals(values: list[Array], spans: tuple[Array, Array]) -> list[Array]:
    """The sum of each column over each owner's entries (see `matcher.reduce`)."""
    starts, ends = spans
    running = np.zeros((len(values), len(values[0]) + 1), dtype=values[0].dtype)
    np.cumsum(np.array(values), axis=1, out=running[:, 1:])
    return list(running[:, ends] - running[:, starts])


def rows_at(value: Flag | Masked, kind: str, rows: Array, absent: Array | None) -> Flag | Masked:
    """A column at row numbers, unknown where `absent`."""
    if kind == YESNO:
        assert isinstance(value, np.ndarray)
        if not len(value):
            return np.zeros(len(rows), dtype=np.int8)
        brought = value.take(rows)
        if absent is not None:
            brought[absent] = 0
        return brought
    assert isinstance(value, tuple)
    values, mask = value
    if not len(values):
        return np.zeros(len(rows), dtype=values.dtype), np.ones(len(rows), dtype=bool)
    brought_mask = absent if mask is None else mask.take(rows) if absent is None else mask.take(rows) | absent
    return values.take(rows), brought_mask
