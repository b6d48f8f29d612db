"""A plan carried out row by row, for one household and its worlds: polars takes microseconds for each node of an expression,
whatever the rows, and a household has ten.

A plan that is used again is translated while it runs (`matcher.translate`): a sheet of registers for each frame, and for each
level functions that fill them. What has no translation is done by polars and taken over.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.days import of_date
from matcher.frames import Array, Table, frame_of
from matcher.moves import Moves, adding_up, bringing
from matcher.sheet import CODES, DATE, NUMBER, REAL, TEXT, YESNO, Line, Sheet, kind_of, written
from matcher.translate import Translator, Untranslated, reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from matcher.frames import Asked, Frames
    from matcher.plan import Groups

Rows = list[list[Any]]
ALWAYS = frozenset(("as_of", "inside", "confirmed"))
"""Columns that plans and payments read of every frame that has them."""
YES_NO = {True: 1, False: -1, None: 0}
TOLD = (None, True, False)
"""Unknown, yes, no by 0, 1, -1."""
DTYPES: dict[str, pl.DataType] = {DATE: pl.Int32(), TEXT: pl.String(), CODES: pl.List(pl.String), YESNO: pl.Boolean(), REAL: pl.Float64()}
LONG = 1 << 63


def values_of(column: pl.Series, kind: str) -> list[Any]:
    """A polars column as values of a kind."""
    values = (column.to_physical() if kind == DATE else column).to_list()
    return [YES_NO[v] for v in values] if kind == YESNO else values


class FewTable(Table):
    """A frame whose columns are registers of its rows."""

    __slots__ = ("rows", "sheet")

    def __init__(self, sheet: Sheet, frame: pl.DataFrame, wanted: list[str]) -> None:
        super().__init__(frame)
        self.sheet = sheet
        for name in wanted:
            if name not in sheet.columns and (kind := kind_of(self.columns[name].dtype)) is not None:
                sheet.column(name, kind)
                sheet.given.add(name)
        held = [(name, sheet.columns[name]) for name in wanted if name in sheet.columns]
        self.rows: Rows = [[None] * len(sheet.kinds) for _ in range(frame.height)]
        of_kind = {kind: [at for _, at in held if sheet.kinds[at] == kind] for kind in (YESNO, DATE)}
        told = frame_of([self.columns[name] for name, _ in held]).rows() if self.rows else ()
        for row, values in zip(self.rows, told, strict=True):
            for (_, at), value in zip(held, values, strict=True):
                row[at] = value
            for at in of_kind[YESNO]:
                row[at] = YES_NO[row[at]]
            for at in of_kind[DATE]:
                row[at] = None if row[at] is None else of_date(row[at])

    def _hold(self, column: pl.Series) -> None:
        """A polars column in its register; what has no kind here stays a polars column alone."""
        kind = kind_of(column.dtype)
        if kind is not None:
            self.fill(column.name, kind, values_of(column, kind))

    def fill(self, name: str, kind: str, values: Iterable[Any]) -> None:
        """Values in the register of a column."""
        at = self.sheet.column(name, kind)
        self.grow()
        for row, value in zip(self.rows, values, strict=True):
            row[at] = value

    def grow(self) -> None:
        """Registers that the sheet got since."""
        for row in self.rows:
            if len(row) < len(self.sheet.kinds):
                row += [None] * (len(self.sheet.kinds) - len(row))

    def values(self, name: str) -> list[Any]:
        """A column as it is held in its register."""
        at = self.sheet.columns[name]
        return [row[at] for row in self.rows]

    def __contains__(self, name: str) -> bool:
        return name in self.columns or (name in self.sheet.columns and name not in self.sheet.given)

    def told(self, name: str) -> list[Any]:
        if name not in self.sheet.columns:
            return super().told(name)
        kind, values = self.sheet.kinds[self.sheet.columns[name]], self.values(name)
        if kind == YESNO:
            return [TOLD[v] for v in values]
        return self.series(name).to_list() if kind == DATE else values

    def one(self, name: str, row: int) -> Any:
        at = self.sheet.columns.get(name)
        if at is None or self.sheet.kinds[at] == DATE:
            return super().one(name, row)
        value = self.rows[row][at]
        return TOLD[value] if self.sheet.kinds[at] == YESNO else value

    def series(self, name: str) -> pl.Series:
        if name not in self.columns:
            kind = self.sheet.kinds[self.sheet.columns[name]]
            values = self.values(name) if kind == DATE else self.told(name)
            dtype = DTYPES.get(kind) or (pl.Int128() if any(v is not None and not -LONG <= v < LONG for v in values) else pl.Int64())
            made_of = pl.Series(name, values, dtype=dtype)
            self.columns[name] = made_of.cast(pl.Date) if kind == DATE else made_of
        return self.columns[name]

    def part(self, names: Iterable[str]) -> pl.DataFrame:
        return frame_of([self.series(n) for n in names])

    def flags(self, name: str) -> Array:
        if name not in self._flags and name in self.sheet.columns:
            self._flags[name] = np.array(self.values(name), dtype=np.int8)
        return super().flags(name)

    def numbers(self, name: str, missing: int) -> Array:
        if name not in self.sheet.columns:
            return super().numbers(name, missing)
        values = [missing if v is None else v for v in self.values(name)]
        if self.sheet.kinds[self.sheet.columns[name]] == REAL:
            return np.array(values, dtype=np.float64)
        return np.array(values, dtype=np.int64 if all(-LONG <= v < LONG for v in values) else object)

    def worked_out(self, asked: Sequence[Asked], start: int, stop: int) -> list[list[Any]]:
        found = [reading(self.sheet, each, each.e) for each in asked]
        rest = [each for each, way in zip(asked, found, strict=True) if way is None]
        left = iter(super().worked_out(rest, start, stop) if rest else ())
        return [next(left) if each is None else self._plain(each[0], each[1](self.rows[start:stop])) for each in found]

    @staticmethod
    def _plain(kind: str, values: list[Any]) -> list[Any]:
        if kind == YESNO:
            return [TOLD[v] for v in values]
        return pl.Series(values, dtype=pl.Int32()).cast(pl.Date).to_list() if kind == DATE else values

    def add(self, columns: Iterable[pl.Series]) -> None:
        for column in columns:
            self.columns[column.name] = column
            self._hold(column)

    def put(self, name: str, values: Array, mask: Array | None = None) -> None:
        held = values.tolist()
        self.fill(name, NUMBER, held if mask is None else [None if absent else v for v, absent in zip(held, mask.tolist(), strict=True)])

    def bring(self, name: str, source: Table, column: str, rows: str) -> None:
        assert isinstance(source, FewTable)
        kind, given = source.sheet.kinds[source.sheet.columns[column]], source.values(column)
        self.fill(name, kind, [(0 if kind == YESNO else None) if at is None else given[at] for at in self.values(rows)])

    def whole(self) -> pl.DataFrame:
        return self.part(dict.fromkeys([*self.columns, *(n for n in self.sheet.columns if n in self)]))


@dataclass(slots=True)
class Level:
    """What one level does: brings columns along hops, adds up lists, fills registers, and what stays with polars."""

    gathers: list[tuple[str, str, str, list[tuple[int, str, int]]]] = field(default_factory=list)
    totals: list[tuple[str, str, list[tuple[int, int]]]] = field(default_factory=list)
    moves: list[Callable[[Any, Moves], None]] = field(default_factory=list)
    lines: list[tuple[str, list[Line]]] = field(default_factory=list)
    acts: list[tuple[str, Callable[[Rows], None]]] = field(default_factory=list)
    rest: list[tuple[str, list[str], list[pl.Expr]]] = field(default_factory=list)


class FewPlan:
    """The translation of a plan, made level by level during its first run."""

    def __init__(self, groups: list[Groups], base: dict[str, set[str]], *, whole: bool = False) -> None:
        """whole: every register stays on its row, and what levels do stays readable."""
        self.groups = groups
        self.base = base
        self.whole = whole
        self.sheets: dict[str, Sheet] = {}
        self.levels: list[Level] = []
        self._first = threading.Lock()
        self._settled = False

    def run(self, frames: Frames) -> dict[str, Any]:
        """Fill the frames; returns the scratch that payments leave behind."""
        if not self._settled:
            with self._first:
                if not self._settled:
                    done = self._run(frames)
                    if not self.whole:
                        self._settle()
                    self._settled = True
                    return done
        return self._run(frames)

    def make_ready(self, frame: str, asked: Iterable[Asked]) -> None:
        """Translate what will be asked for on a frame."""
        for each in asked if frame in self.sheets else ():
            reading(self.sheets[frame], each, each.e)

    def _run(self, frames: Frames) -> dict[str, Any]:
        frames.live = {name: self._table(name, table) for name, table in frames.tables.items()}
        scratch: dict[str, Any] = {}
        moves = Moves(frames)
        for number, groups in enumerate(self.groups):
            for operation in groups.first:
                operation.carry_out(frames, scratch, self._table)
            if number == len(self.levels):
                self.levels.append(self._translated(groups, frames))
            self._carry_out(self.levels[number], frames, moves)
        return scratch

    def _table(self, name: str, frame: pl.DataFrame) -> FewTable:
        read = self.base.get(name, frozenset()) | ALWAYS
        return FewTable(self.sheets.setdefault(name, Sheet()), frame, [c for c in frame.columns if c in read])

    def _carry_out(self, level: Level, frames: Frames, moves: Moves) -> None:
        live: Any = frames.live
        for move in level.moves:
            move(live, moves)
        for frame, act in level.acts:
            act(live[frame].rows)
        for frame, roots, exprs in level.rest:
            table = live[frame]
            table.add(table.part(roots).with_columns(exprs).drop(roots))

    def _translated(self, groups: Groups, frames: Frames) -> Level:
        level, live = Level(), frames.live
        for frame, hop, source, columns, names in groups.gathers:
            given, target = self.sheets[source], self.sheets[frame]
            kinds = [(given.columns[c], given.kinds[given.columns[c]], n) for c, n in zip(columns, names, strict=True)]
            registers = [(at, kind, target.column(name, kind)) for at, kind, name in kinds]
            level.gathers.append((frame, hop, source, registers))
            level.moves.append(bringing(frame, hop, source, registers))
        for frame, owner, columns, names in groups.totals:
            given, target = self.sheets[frame], self.sheets[owner]
            pairs = [(given.columns[c], target.column(n, NUMBER)) for c, n in zip(columns, names, strict=True)]
            level.totals.append((frame, owner, pairs))
            level.moves.append(adding_up(frame, owner, pairs))
        for frame, _, exprs, names in groups.selects:
            translator, rest = Translator(self.sheets[frame]), []
            for e, name in zip(exprs, names, strict=True):
                try:
                    translator.column(name, e)
                except Untranslated:
                    rest.append(e)
            level.lines.append((frame, translator.lines))
            self._write(level, frame, translator.lines, lambda _: True)
            if rest:
                roots = dict.fromkeys(["as_of", *(r for e in rest for r in e.meta.root_names())])
                level.rest.append((frame, list(roots), rest))
        for table in live.values():
            assert isinstance(table, FewTable)
            table.grow()
        return level

    def _write(self, level: Level, frame: str, lines: list[Line], kept: Callable[[int], bool]) -> None:
        act = written(lines, self.sheets[frame].names, kept)
        if act is not None:
            level.acts.append((frame, act))

    def _settle(self) -> None:
        """Write the lines once more, now that it is known which registers others read."""
        kept = {frame: set(sheet.columns.values()) for frame, sheet in self.sheets.items()}
        for level in self.levels:
            for frame, lines in level.lines:
                own = {out for out, _, _ in lines}
                kept[frame].update(i for _, _, inputs in lines for i in inputs if isinstance(i, int) and i not in own)
        for level in self.levels:
            level.acts = []
            for frame, lines in level.lines:
                self._write(level, frame, lines, kept[frame].__contains__)
            level.lines = []
