"""A plan carried out on few rows with numpy, one household and its variants: polars takes microseconds for each node of an
expression, whatever the rows, and a household has ten.

A plan that is used again is translated while it runs (`matcher.translate`): a sheet of registers for each frame, and for each
level the steps that fill them. What has no translation is done by polars and taken over.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.frames import Table, frame_of
from matcher.translate import NUMBER, Sheet, Step, Translator, Untranslated, as_series, kind_of, rows_at, taken_over, totals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from matcher.frames import Frames
    from matcher.kernels import Array
    from matcher.plan import Groups


ALWAYS = frozenset(("as_of", "inside", "confirmed"))
"""Columns that plans and payments read of every frame that has them."""


class FewTable(Table):
    """A frame whose columns are registers of its sheet."""

    __slots__ = ("registers", "sheet")

    def __init__(self, sheet: Sheet, frame: pl.DataFrame, wanted: list[str]) -> None:
        super().__init__(frame)
        self.sheet = sheet
        self.registers: list[Any] = sheet.blank()
        self.take_over(frame.select(wanted))

    def take_over(self, frame: pl.DataFrame) -> None:
        """Polars columns as registers; what has no kind here stays a polars column."""
        sheet, held = self.sheet, []
        for column in frame.get_columns():
            if column.name in sheet.columns:
                held.append(column)
            elif (kind := kind_of(column.dtype)) is None:
                self.columns[column.name] = column
            else:
                sheet.column(column.name, kind)
                held.append(column)
        self.grow()
        for name, value in taken_over(held, {c.name: sheet.kinds[sheet.columns[c.name]] for c in held}).items():
            self.registers[sheet.columns[name]] = value

    def grow(self) -> None:
        """Registers that the sheet got since."""
        if len(self.registers) < len(self.sheet.kinds):
            self.registers += [self.sheet.constants.get(r) for r in range(len(self.registers), len(self.sheet.kinds))]

    def __contains__(self, name: str) -> bool:
        return name in self.columns or (name in self.sheet.columns and self.registers[self.sheet.columns[name]] is not None)

    def series(self, name: str) -> pl.Series:
        if name not in self.columns:
            at = self.sheet.columns[name]
            self.columns[name] = as_series(name, self.sheet.kinds[at], self.registers[at], self.height)
        return self.columns[name]

    def part(self, names: Iterable[str]) -> pl.DataFrame:
        return frame_of([self.series(n) for n in names])

    def flags(self, name: str) -> Array:
        if name not in self.sheet.columns:
            return super().flags(name)
        return np.asarray(self.registers[self.sheet.columns[name]])

    def numbers(self, name: str, missing: int) -> Array:
        if name not in self.sheet.columns:
            return super().numbers(name, missing)
        values, mask = self.registers[self.sheet.columns[name]]
        return np.asarray(values if mask is None else np.where(mask, missing, values))

    def add(self, columns: Iterable[pl.Series]) -> None:
        made = list(columns)
        super().add(made)
        self.take_over(frame_of(made))

    def put(self, name: str, values: Array, mask: Array | None = None) -> None:
        at = self.sheet.column(name, NUMBER)
        self.grow()
        self.registers[at] = (values, mask)

    def bring(self, name: str, source: Table, column: str, rows: str) -> None:
        assert isinstance(source, FewTable)
        kind = source.sheet.kinds[source.sheet.columns[column]]
        at = self.sheet.column(name, kind)
        self.grow()
        values, absent = self.registers[self.sheet.columns[rows]]
        self.registers[at] = rows_at(source.registers[source.sheet.columns[column]], kind, values, absent)

    def whole(self) -> pl.DataFrame:
        return self.part(dict.fromkeys([*self.columns, *(n for n in self.sheet.columns if n in self)]))


@dataclass(slots=True)
class Level:
    """What one level does to the registers: frame -> steps; and what stays with polars."""

    steps: list[tuple[str, list[Step]]] = field(default_factory=list)
    gathers: list[tuple[str, str, str, list[tuple[int, str, int]]]] = field(default_factory=list)
    totals: list[tuple[str, str, list[tuple[int, int]]]] = field(default_factory=list)
    rest: list[tuple[str, list[str], list[pl.Expr]]] = field(default_factory=list)


class FewPlan:
    """The translation of a plan, made level by level during its first run."""

    def __init__(self, groups: list[Groups], base: dict[str, set[str]]) -> None:
        self.groups = groups
        self.base = base
        self.sheets: dict[str, Sheet] = {}
        self.levels: list[Level] = []
        self._first = threading.Lock()

    def run(self, frames: Frames) -> dict[str, Any]:
        """Fill the frames; returns the scratch that payments leave behind."""
        if len(self.levels) < len(self.groups):
            with self._first:
                return self._run(frames)
        return self._run(frames)

    def _run(self, frames: Frames) -> dict[str, Any]:
        frames.live = {name: self._table(name, table) for name, table in frames.tables.items()}
        scratch: dict[str, Any] = {}
        rows: dict[tuple[str, str], tuple[Array, Array | None]] = {}
        for number, groups in enumerate(self.groups):
            for operation in groups.first:
                operation.carry_out(frames, scratch, self._table)
            if number == len(self.levels):
                self.levels.append(self._translated(groups, frames))
            self._carry_out(self.levels[number], frames, rows)
        return scratch

    def _table(self, name: str, frame: pl.DataFrame) -> FewTable:
        read = self.base.get(name, frozenset()) | ALWAYS
        return FewTable(self.sheets.setdefault(name, Sheet()), frame, [c for c in frame.columns if c in read])

    def _carry_out(self, level: Level, frames: Frames, rows: dict[tuple[str, str], tuple[Array, Array | None]]) -> None:
        live: Any = frames.live
        for frame, hop, source, columns in level.gathers:
            if (frame, hop) not in rows:
                rows[(frame, hop)] = _rows(frames.hops[(frame, hop)][1])
            at, absent = rows[(frame, hop)]
            target, given = live[frame].registers, live[source].registers
            for origin, kind, out in columns:
                target[out] = rows_at(given[origin], kind, at, absent)
        for frame, owner, pairs in level.totals:
            given, target = live[frame].registers, live[owner].registers
            sums = totals([given[origin][0] for origin, _ in pairs], frames.spans[frame])
            for (_, out), values in zip(pairs, sums, strict=True):
                target[out] = (values, None)
        for frame, steps in level.steps:
            registers = live[frame].registers
            for act, out, inputs in steps:
                registers[out] = act(*[registers[i] for i in inputs])
        for frame, roots, exprs in level.rest:
            table = live[frame]
            table.take_over(table.part(roots).with_columns(exprs).drop(roots))

    def _translated(self, groups: Groups, frames: Frames) -> Level:
        level, live = Level(), frames.live
        for frame, hop, source, columns, names in groups.gathers:
            given, target = self.sheets[source], self.sheets[frame]
            kinds = [(given.columns[c], given.kinds[given.columns[c]], n) for c, n in zip(columns, names, strict=True)]
            level.gathers.append((frame, hop, source, [(at, kind, target.column(name, kind)) for at, kind, name in kinds]))
        for frame, owner, columns, names in groups.totals:
            given, target = self.sheets[frame], self.sheets[owner]
            pairs = [(given.columns[c], target.column(n, NUMBER)) for c, n in zip(columns, names, strict=True)]
            long = [p for p in pairs if _is_long(live[frame], p[0])]
            level.totals += [(frame, owner, part) for part in (long, [p for p in pairs if p not in long]) if part]
        for frame, _, exprs, names in groups.selects:
            sheet = self.sheets[frame]
            translator = Translator(sheet)
            rest = []
            for e, name in zip(exprs, names, strict=True):
                try:
                    sheet.columns[name] = translator.expression(e)
                except Untranslated:
                    rest.append(e)
            level.steps.append((frame, translator.steps))
            if rest:
                roots = dict.fromkeys(["as_of", *(r for e in rest for r in e.meta.root_names())])
                level.rest.append((frame, list(roots), rest))
        for table in live.values():
            assert isinstance(table, FewTable)
            table.grow()
        return level


def _rows(rows: pl.Series) -> tuple[Array, Array | None]:
    """A hop as numbers, and where it leads nowhere."""
    absent = rows.is_null().to_numpy() if rows.null_count() else None
    return rows.fill_null(0).cast(pl.Int64).to_numpy(), absent


def _is_long(table: Table, register: int) -> bool:
    assert isinstance(table, FewTable)
    return bool(table.registers[register][0].dtype == object)
