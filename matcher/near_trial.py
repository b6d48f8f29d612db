"""Trying other values: probes as blocks of rows, one run of the plan for all of them, and what it showed.

In: base frames and probes. Out: each probe knows where its verdicts and the margins of its comparisons are to be read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.ledger import CODES
from matcher.near_reach import with_margins
from matcher.scope import HOUSEHOLD, PERSON
from matcher.variants import Cell, Change, questions_of, variants

if TYPE_CHECKING:
    import datetime as dt

    from matcher.frames import Frames
    from matcher.near import Found
    from matcher.near_reach import Reach, Target
    from matcher.program import Program

ROWS_AT_ONCE = 400_000


@dataclass(eq=False, slots=True)
class Probe:
    """A cell with other values (and perhaps another day), and where it was tried."""

    cell: Cell
    low: Any
    high: Any = None
    day: dt.date | None = None
    block: int = 0
    seen: Seen | None = None

    def verdict(self, target: Target) -> int:
        """1 yes, 0 no, -1 unknown."""
        assert self.seen is not None
        return self.seen.verdict(self.block, target)


@dataclass(eq=False, slots=True)
class Seen:
    """What one pass left: verdicts by unit as [block, row, policy], and the differences in comparisons by frame.

    flat: these differences by question as [block, difference], once asked for.
    """

    verdicts: dict[str, np.ndarray]
    numbers: dict[str, int]
    margins: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    flat: dict[int, np.ndarray] = field(default_factory=dict)

    def verdict(self, block: int, target: Target) -> int:
        return int(self.verdicts[target.unit][block, target.row, self.numbers[target.policy]])

    def differences(self, block: int, question: int) -> np.ndarray:
        """All differences of one question in one block, always in the same order."""
        if question not in self.flat:
            parts = [values[:, asked == question].reshape(len(values), -1) for asked, values, _ in self.margins]
            self.flat[question] = np.concatenate(parts, axis=1)
        found: np.ndarray = self.flat[question][block]
        return found

    def comparisons(self, question: int) -> np.ndarray:
        """The number of the comparison of each of these."""
        return np.concatenate([np.tile(which, int((asked == question).sum())) for asked, _, which in self.margins])


class Trials:
    """The plans that probes run through: the plain one, and the one that leaves margins too."""

    def __init__(self, program: Program, reach: Reach) -> None:
        self.program, self.reach = program, reach
        self.with_margins, self._margins, self.compared = with_margins(program)

    def run(self, base: Frames, probes: list[Probe], found: Found, *, margins: bool = False) -> None:
        """Try the probes, one block of rows for each of a question's; block 0 stays as it is."""
        height = sum(base.tables[u].height for u in (HOUSEHOLD, PERSON))
        most = max(1, ROWS_AT_ONCE // height)
        chunks: dict[int, list[Probe]] = defaultdict(list)
        count: dict[int, int] = defaultdict(int)
        for probe in probes:
            n = count[probe.cell.question]
            count[probe.cell.question] += 1
            probe.block = n % most + 1
            chunks[n // most].append(probe)
        for chunk in chunks.values():
            times = 1 + max(p.block for p in chunk)
            changes = [Change(p.block, p.cell, p.low, p.high) for p in chunk]
            days = {(p.block, p.cell.question): p.day for p in chunk if p.day is not None}
            frames = variants(base, changes, times=times, days=days)
            (self.with_margins if margins else self.program.plan).run(frames)
            seen = self.seen(base, frames, times, margins=margins)
            found.passes += 1
            found.rows += times
            for probe in chunk:
                probe.seen = seen

    def seen(self, base: Frames, frames: Frames, times: int, *, margins: bool) -> Seen:
        """What a run of some blocks of rows left."""
        verdicts: dict[str, np.ndarray] = {}
        numbers: dict[str, int] = {}
        sides: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for unit, policies in self.reach.policies.items():
            numbers |= {p: n for n, p in enumerate(policies)}
            flags = [CODES.take(frames.live[unit].flags(f"v:{p}")) for p in policies]
            verdicts[unit] = np.array(flags).T.reshape(times, base.height(unit), len(policies)) if policies else np.empty((times, 0, 0))
        for frame, columns in self._margins.items() if margins else ():
            height = frames.height(frame) // times
            values = frames.part(frame, columns.keys()).to_numpy().reshape(times, height, len(columns))
            sides.append((questions_of(frames, frame)[:height], values, np.array(list(columns.values()))))
        return Seen(verdicts, numbers, sides)
