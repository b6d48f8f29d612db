"""The registers of a frame's rows, and lines of Python on them as functions of rows.

A yes/no is 1, -1 for no, 0 for unknown, so that and, or, not are the smaller, the larger, minus. A number is an int, a date its
days since 1970, a text a str, a list of codes a list, a rank between fractions a float; None where unknown.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from matcher import days

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

YESNO, NUMBER, DATE, TEXT, CODES, REAL = "yesno", "number", "date", "text", "codes", "real"


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
    if dtype == pl.Float64:
        return REAL
    return NUMBER if dtype.is_integer() else None


Node = int | str
"""A register of the row, or a constant as it is written."""
Line = tuple[int, str, tuple[Node, ...]]
"""The register that gets the value, how it is written (`{0}`, `{1}` for its inputs), and its inputs."""


Reading = tuple[str, "Callable[[list[list[Any]]], list[Any]]"]
"""What is asked for once a plan has run: its kind, and a function of rows that gives it on each."""


@dataclass(slots=True)
class Sheet:
    """The registers of a frame's rows: which holds which column, what each node became. given: columns that come with the frame."""

    given: set[str] = field(default_factory=set)
    columns: dict[str, int] = field(default_factory=dict)
    kinds: list[str] = field(default_factory=list)
    nodes: dict[Any, int] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=lambda: {"parts": days.parts, "months_on": days.months_on, "is_leap": days.is_leap})
    """What lines may name besides registers: functions, sets of texts."""

    growing: threading.Lock = field(default_factory=threading.Lock)
    late: dict[object, Reading | None] = field(default_factory=dict)
    """What was asked for after a run, by who asks."""

    def register(self, kind: str) -> int:
        """A further register."""
        self.kinds.append(kind)
        return len(self.kinds) - 1

    def column(self, name: str, kind: str) -> int:
        """The register of a column that somebody else fills; threads may ask at once."""
        if name not in self.columns:
            with self.growing:
                if name not in self.columns:
                    self.columns[name] = self.register(kind)
        return self.columns[name]


def written(lines: list[Line], names: dict[str, Any], kept: Callable[[int], bool]) -> Callable[[list[list[Any]]], None] | None:
    """The lines as a function of rows. kept: whether a register is read by others, so that the row must hold it."""
    if not lines:
        return None
    return made("\n".join(["def act(rows):", " for row in rows:", *(f"  {line}" for line in _body(lines, kept))]), names)


def reading_out(lines: list[Line], names: dict[str, Any], out: int) -> Callable[[list[list[Any]]], list[Any]]:
    """The lines as a function of rows that changes nothing and gives one register of each."""
    here = any(out == made_here for made_here, _, _ in lines)
    body = [*_body(lines, lambda _: False), f"found.append({f'r{out}' if here else f'row[{out}]'})"]
    return made("\n".join(["def act(rows):", " found = []", " for row in rows:", *(f"  {line}" for line in body), " return found"]), names)


def _body(lines: list[Line], kept: Callable[[int], bool]) -> Iterator[str]:
    own = {out for out, _, _ in lines}
    yield from (
        f"r{i} = row[{i}]" for i in dict.fromkeys(i for _, _, inputs in lines for i in inputs if isinstance(i, int) and i not in own)
    )
    for out, text, inputs in lines:
        value = text.format(*(f"r{i}" if isinstance(i, int) else i for i in inputs))
        yield f"{f'row[{out}] = ' if kept(out) else ''}r{out} = {value}"


def made(source: str, names: dict[str, Any]) -> Callable[..., Any]:
    """The function `act` of a source text of our own."""
    found: dict[str, Any] = {}
    exec(compile(source, "<plan>", "exec"), dict(names), found)  # noqa: S102 - written above from nodes of expressions
    act: Callable[..., Any] = found["act"]
    return act
