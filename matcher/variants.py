"""The base facts of some households that could be otherwise.

In: base frames. Out: the cells that hold known facts, and the frames of one household alone. Source: design section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.frames import Frames
from matcher.scope import HOUSEHOLD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matcher.catalogue import Catalogue, Fact
    from matcher.program import Program

Key = tuple[str, str]
"""(unit or list, name) of a fact."""
FILE_LISTS = ("awards", "recognitions")
"""What an authority found or paid is on file, not a fact that could be otherwise."""
EDGE_DATES = ("from", "until")


@dataclass(frozen=True, slots=True)
class Cell:
    """One known fact: where it lies, and what it says. `question`: the number of the household that is asked about."""

    frame: str
    row: int
    column: str
    fact: Fact
    key: Key
    question: int
    subject: str
    value: Any

    @property
    def is_number(self) -> bool:
        """Whether it has ends that can be moved by a smallest step."""
        return self.fact.type in ("int", "number", "money")


def fact_of(catalogue: Catalogue, frame: str, column: str) -> tuple[Key, Fact]:
    """The fact behind a base column, and its key."""
    if "@" not in frame:
        return (frame, column[2:]), catalogue.facts[column[2:]]
    name = frame.split("@")[0]
    owner = catalogue.facts[name]
    if column.startswith("e:"):
        return (name, column[2:]), owner.edge[column[2:]]
    assert owner.rows is not None
    assert not isinstance(owner.rows, str)
    return (name, column[2:]), owner.rows[column[2:]]


def questions_of(base: Frames, frame: str) -> np.ndarray:
    """The number of the question that each row of a frame belongs to."""
    asked = base.tables[HOUSEHOLD].get_column("q").to_numpy()
    return asked if frame == HOUSEHOLD else np.asarray(asked[base.hops[(frame, "ego")][1].to_numpy()])


def movable(program: Program, base: Frames) -> dict[tuple[str, str], tuple[Key, Fact]]:
    """The base columns whose cells can be moved: (frame, column) -> key and fact."""
    found = {}
    for frame, names in program.plan.base.items():
        if frame not in base.tables or frame.split("@")[0] in FILE_LISTS:
            continue
        for column in sorted({n.removesuffix(":lo").removesuffix(":hi") for n in names if n.startswith(("f:", "e:"))}):
            if column.startswith("e:") and column[2:] in EDGE_DATES:
                continue
            key, fact = fact_of(program.catalogue, frame, column)
            if fact.type not in ("region", "list") and (fact.type != "text" or fact.values):
                found[(frame, column)] = (key, fact)
    return found


def cells(base: Frames, columns: Mapping[tuple[str, str], tuple[Key, Fact]], wanted: Mapping[int, frozenset[Key] | None]) -> list[Cell]:
    """The known facts of each question that are wanted (None: all of them)."""
    found = []
    for (frame, column), (key, fact) in columns.items():
        if not any(keys is None or key in keys for keys in wanted.values()):
            continue
        table, asked = base.tables[frame], questions_of(base, frame)
        for row, value in enumerate(table.get_column(column).to_list()):
            question = int(asked[row])
            keys = wanted.get(question, frozenset())
            if value is not None and (keys is None or key in keys):
                found.append(Cell(frame, row, column, fact, key, question, _subject(table, frame, row), value))
    return found


def _subject(table: pl.DataFrame, frame: str, row: int) -> str:
    """The id of a person or household, or the key of an entry of a list: owner/list/entry."""
    owner = str(table.item(row, "id"))
    if "@" not in frame:
        return owner
    entry = table.item(row, "other" if "other" in table.columns else "key")
    return f"{owner}/{frame.split('@')[0]}/{entry}"


def alone(base: Frames, question: int) -> tuple[Frames, dict[str, dict[int, int]]]:
    """The base frames of one question among many, and by frame where each of its rows has gone."""
    kept = {name: np.flatnonzero(questions_of(base, name) == question) for name in base.tables}
    rows = {name: {int(was): now for now, was in enumerate(numbers)} for name, numbers in kept.items()}
    hops = {}
    for (name, hop), (target, numbers) in base.hops.items():
        own = numbers.to_list()
        hops[name, hop] = (target, pl.Series([rows[target].get(own[n]) for n in kept[name]], dtype=numbers.dtype))
    spans = {}
    for name, (starts, ends) in base.spans.items():
        owner = base.hops[name, "owner"][0]
        counts = (ends - starts)[kept[owner]]
        spans[name] = (np.cumsum(counts) - counts, np.cumsum(counts))
    return Frames({name: table[kept[name]] for name, table in base.tables.items()}, hops, spans, 1), rows
