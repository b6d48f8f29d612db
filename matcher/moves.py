"""Registers brought along hops and added up over lists, row by row: what the gathers and totals of a plan are for few rows.

Comes from `matcher.few`; the functions are written once for each level and called in every run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matcher.sheet import YESNO, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.frames import Frames


class Moves:
    """Row numbers of a run's hops and spans, as plain numbers, once each."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self._hops: dict[tuple[str, str], list[int | None]] = {}
        self._spans: dict[str, list[tuple[int, int]]] = {}

    def hop(self, frame: str, hop: str) -> list[int | None]:
        """The row that each row leads to, None where there is none."""
        if (frame, hop) not in self._hops:
            self._hops[(frame, hop)] = self.frames.hops[(frame, hop)][1].to_list()
        return self._hops[(frame, hop)]

    def span(self, frame: str) -> list[tuple[int, int]]:
        """First and past-the-last entry of each owner."""
        if frame not in self._spans:
            starts, ends = self.frames.spans[frame]
            self._spans[frame] = list(zip(starts.tolist(), ends.tolist(), strict=True))
        return self._spans[frame]


def bringing(frame: str, hop: str, source: str, columns: list[tuple[int, str, int]]) -> Callable[[Any, Moves], None]:
    """A function that brings registers along a hop: (from, kind, to) each."""
    nowhere = [f"row[{out}] = {0 if kind == YESNO else None}" for _, kind, out in columns]
    there = [f"row[{out}] = given[{at}]" for at, _, out in columns]
    lines = ["def act(rows, source, hop):", " for row, at in zip(rows, hop):", "  if at is None:", *(f"   {x}" for x in nowhere)]
    act = made("\n".join([*lines, "  else:", "   given = source[at]", *(f"   {x}" for x in there)]), {})
    return lambda live, moves: act(live[frame].rows, live[source].rows, moves.hop(frame, hop))


def adding_up(frame: str, owner: str, pairs: list[tuple[int, int]]) -> Callable[[Any, Moves], None]:
    """A function that adds up registers over each owner's entries: (from, to) each."""
    none = [f"owner[{out}] = 0" for _, out in pairs]
    some = [f"owner[{out}] = sum([row[{at}] for row in own])" for at, out in pairs]
    lines = ["def act(owners, rows, spans):", " for owner, (start, end) in zip(owners, spans):", "  if start == end:"]
    act = made("\n".join([*lines, *(f"   {x}" for x in none), "  else:", "   own = rows[start:end]", *(f"   {x}" for x in some)]), {})
    return lambda live, moves: act(live[owner].rows, live[frame].rows, moves.span(frame))
