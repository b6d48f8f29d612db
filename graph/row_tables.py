"""The tables of a neighbourhood as the store read them: plain rows, made a frame when somebody asks for one.

What is asked about one household reads a few dozen rows of two dozen kinds, most of them one by one: a frame of each would take
longer to make than all of them to read.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import polars as pl

from graph.frames import Kind, OpenTypes, Reading, WideRow, columns_of, frame_of_many, numbers_in
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.tables import DTYPES, empty_frame

FEW = 3000
"""Rows; of more than these, all tables are made frames at once."""
Row = dict[str, Any]


class RowTables(Mapping[str, pl.DataFrame]):
    """Tables of at most FEW rows, by kind of node or edge, in the order of the model; a kind without rows has an empty frame.

    Threads may share one: what two of them make at a time is the same.
    """

    def __init__(self, groups: Sequence[tuple[Kind, Sequence[WideRow]]], types: OpenTypes, reading: Reading) -> None:
        self._groups = {kind.name: (kind, rows) for kind, rows in groups}
        self._types, self._reading = types, reading
        self._plain: dict[str, list[Row]] = {}
        self._frames: dict[str, pl.DataFrame] = {}

    def __getitem__(self, name: str) -> pl.DataFrame:
        if name not in self._frames:
            found = self._groups.get(name)
            self._frames[name] = empty_frame(name).clone() if found is None else frame_of_many(*found, self._types, self._reading)
        return self._frames[name]

    def __iter__(self) -> Iterator[str]:
        yield from NODE_KINDS
        yield from EDGE_KINDS

    def __len__(self) -> int:
        return len(NODE_KINDS) + len(EDGE_KINDS)

    def rows(self, name: str) -> list[Row]:
        """The rows of a kind, each with every column of its frame; days are days since 1970, moments microseconds. Not to be changed."""
        if name not in self._plain:
            found = self._groups.get(name)
            self._plain[name] = [] if found is None else self._as_plain(*found)
        return self._plain[name]

    def schema(self, name: str) -> dict[str, pl.DataType]:
        """The dtypes of the columns that the frame of a kind has, or would have."""
        found = self._groups.get(name)
        if found is None:
            return dict(empty_frame(name).schema)
        return {column: DTYPES[declared] for column, declared in columns_of(*found, self._types).items()}

    def digest(self) -> bytes:
        """The same for the same rows, and for no others."""
        digest = blake2b(digest_size=20)
        for name, (_, rows) in sorted(self._groups.items()):
            digest.update(repr((name, rows)).encode())
        return digest.digest()

    def _as_plain(self, kind: Kind, rows: Sequence[WideRow]) -> list[Row]:
        names = columns_of(kind, rows, self._types)
        return [{name: row.get(name) for name in names} for row in numbers_in(rows, names, self._reading)]
