"""Trying other values: a probe is a cell with another value, or with all that it could be; a wave tries many side by side.

Comes in: a household as it stands, and probes. Goes out: each probe knows where its verdicts are to be read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matcher.days import of_date
from matcher.few import YES_NO
from matcher.ripple import Wave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matcher.near import Found
    from matcher.near_reach import Target
    from matcher.ripple import Put, Still
    from matcher.ripple_build import Spot
    from matcher.variants import Cell


@dataclass(eq=False, slots=True)
class Probe:
    """A cell with other values (and perhaps another day), and where it was tried."""

    cell: Cell
    low: Any
    high: Any = None
    day: dt.date | None = None
    number: int = 0
    wave: Wave | None = None

    @property
    def stands_for_all(self) -> bool:
        """Whether it is no value but all that there can be."""
        return self.low is None or self.low != (self.low if self.high is None else self.high)

    def verdict(self, target: Target) -> int:
        """1 yes, -1 no, 0 unknown."""
        assert self.wave is not None
        return self.wave.verdict(self.number, *target.spot)


def try_out(still: Still, probes: Sequence[tuple[Probe, Sequence[Spot]]], found: Found) -> None:
    """Try probes, each for some verdicts."""
    wave = Wave(still, [list(puts(still, probe)) for probe, _ in probes], [asked for _, asked in probes])
    found.passes += 1
    found.rows += len(probes)
    for number, (probe, _) in enumerate(probes):
        probe.number, probe.wave = number, wave


def puts(still: Still, probe: Probe) -> Iterator[Put]:
    """The registers that a probe changes, as `matcher.variants` does it in frames."""
    cell = probe.cell
    if cell.is_number:
        yield cell.frame, cell.row, cell.column, probe.low if probe.low == probe.high else None
        yield cell.frame, cell.row, f"{cell.column}:lo", probe.low
        yield cell.frame, cell.row, f"{cell.column}:hi", probe.high
    else:
        yield cell.frame, cell.row, cell.column, _held(cell, probe.low)
    if probe.day is not None:
        for frame, table in still.frames.tables.items():
            yield from ((frame, row, "as_of", of_date(probe.day)) for row in range(table.height))


def _held(cell: Cell, value: Any) -> Any:
    """A value as a register holds it."""
    if cell.fact.type == "yesno":
        return YES_NO[value]
    return of_date(value) if isinstance(value, dt.date) else value
