"""Payments in the legal order, and what each leaves of the needs.

A need is an interval per row; every item in its turn asks for an interval (0 upwards while it is undecided) and uses it on
the needs it covers, in their order, person by person. Amounts are whole fen, hours whole hundredths; `OPEN` stands for "no
upper end". The same arrays serve one household and millions. Source: design section 8; docs/language-notes.md, 18 to 23.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    from matcher.catalogue import Need
    from matcher.frames import Frames

Array = np.ndarray
OPEN = 1 << 50
"""At or above this an end is open: about eleven million million yuan, more than any sum of needs."""


@dataclass(slots=True)
class Range:
    """An interval per row of a frame; `hi` is OPEN where there is no upper end."""

    lo: Array
    hi: Array


@dataclass(frozen=True, slots=True)
class Turn:
    """How one item pays: its unit, the needs it covers, and how often within the window of twelve months."""

    policy: str
    unit: str
    covers: tuple[tuple[str, str], ...]
    times: int
    capped: bool


def range_of(table: pl.DataFrame, lo: str, hi: str) -> Range:
    """Two columns as an interval; a null low end is 0, a null high end open."""
    low = table.get_column(lo).fill_null(0).to_numpy()
    high = table.get_column(hi).fill_null(OPEN).to_numpy()
    return Range(np.maximum(low, 0), np.clip(high, 0, OPEN))


def _minus(a: Array, b: Array) -> Array:
    """a - b, not below 0; an open end stays open whatever is taken."""
    return np.asarray(np.where(a >= OPEN, OPEN, np.maximum(a - b, 0)))


def _times(a: Array, factor: int) -> Array:
    """a times a factor, open ends kept."""
    return np.asarray(np.where(a >= OPEN, OPEN, np.minimum(a * factor, OPEN)))


class Ledger:
    """What is left of every need, and who belongs to whose household, during one run."""

    def __init__(self, frames: Frames, needs: dict[str, Need]) -> None:
        people = frames.tables[PERSON]
        self.rows = np.flatnonzero(people.get_column("inside").to_numpy())
        ego = frames.hops[(PERSON, "ego")][1].to_numpy()[self.rows]
        self.starts = np.searchsorted(ego, np.arange(frames.height(HOUSEHOLD)), side="left")
        self.ends = np.searchsorted(ego, np.arange(frames.height(HOUSEHOLD)), side="right")
        self.ego = ego
        self.left = {n: range_of(frames.tables[need.unit], f"need:{n}:lo", f"need:{n}:hi") for n, need in needs.items()}
        self.units = {n: need.unit for n, need in needs.items()}

    def before(self, values: Array) -> Array:
        """For each person of a question, the sum over the persons before: values and result by person in `rows`."""
        running = np.cumsum(np.minimum(values, OPEN))
        exclusive = running - values
        first = exclusive[np.minimum(self.starts[self.ego], max(len(values) - 1, 0))] if len(values) else exclusive
        return np.asarray(np.minimum(exclusive - first, OPEN))

    def total(self, values: Array, height: int) -> Array:
        """The sum over the persons of each question, by household row."""
        running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.minimum(values, OPEN))])
        return np.asarray(np.minimum(running[self.ends] - running[self.starts], OPEN))[:height]

    def use(self, turn: Turn, asked: Range) -> Range:
        """Use what an item asks on the needs it covers; returns what was covered, by row of the item's unit."""
        rest = Range(asked.lo.copy(), asked.hi.copy())
        covered = Range(np.zeros_like(asked.lo), np.zeros_like(asked.hi))
        for need, unit in turn.covers:
            got = self._same(need, rest) if unit == turn.unit else (self._to_persons if unit == PERSON else self._to_household)(need, rest)
            covered = Range(covered.lo + got.lo, np.minimum(covered.hi + got.hi, OPEN))
        return covered

    def _same(self, need: str, rest: Range) -> Range:
        """An item on its own row's need."""
        left = self.left[need]
        got = Range(np.minimum(rest.lo, left.lo), np.minimum(rest.hi, left.hi))
        self.left[need] = Range(_minus(left.lo, rest.hi), _minus(left.hi, rest.lo))
        rest.lo, rest.hi = _minus(rest.lo, left.hi), _minus(rest.hi, left.lo)
        return got

    def _to_persons(self, need: str, rest: Range) -> Range:
        """A household's money over its persons' needs, person by person."""
        left, rows, height = self.left[need], self.rows, len(rest.lo)
        lo, hi = left.lo[rows], left.hi[rows]
        ask_lo = _minus(rest.lo[self.ego], self.before(hi))
        ask_hi = _minus(rest.hi[self.ego], self.before(lo))
        total_lo, total_hi = self.total(lo, height), self.total(hi, height)
        got = Range(np.minimum(rest.lo, total_lo), np.minimum(rest.hi, total_hi))
        new = Range(left.lo.copy(), left.hi.copy())
        new.lo[rows], new.hi[rows] = _minus(lo, ask_hi), _minus(hi, ask_lo)
        self.left[need] = new
        rest.lo, rest.hi = _minus(rest.lo, total_hi), _minus(rest.hi, total_lo)
        return got

    def _to_household(self, need: str, rest: Range) -> Range:
        """Persons' money on their household's need, person by person."""
        left, rows = self.left[need], self.rows
        lo, hi = rest.lo[rows], rest.hi[rows]
        there_lo = _minus(left.lo[self.ego], self.before(hi))
        there_hi = _minus(left.hi[self.ego], self.before(lo))
        got = Range(np.zeros_like(rest.lo), np.zeros_like(rest.hi))
        got.lo[rows], got.hi[rows] = np.minimum(lo, there_lo), np.minimum(hi, there_hi)
        height = len(left.lo)
        self.left[need] = Range(_minus(left.lo, self.total(hi, height)), _minus(left.hi, self.total(lo, height)))
        rest.lo[rows], rest.hi[rows] = _minus(lo, there_hi), _minus(hi, there_lo)
        return got

    def seen(self, need: str, unit: str, frames: Frames) -> Range:
        """What is left of a need as a row of `unit` sees it: persons' add up on a household, a household's is its persons'."""
        left = self.left[need]
        if self.units[need] == unit:
            return left
        if unit == HOUSEHOLD:
            height = frames.height(HOUSEHOLD)
            return Range(self.total(left.lo[self.rows], height), self.total(left.hi[self.rows], height))
        ego = frames.hops[(PERSON, "ego")][1].to_numpy()
        inside = frames.tables[PERSON].get_column("inside").to_numpy()
        return Range(np.where(inside, left.lo[ego], 0), np.where(inside, left.hi[ego], 0))


def start(needs: dict[str, Need]) -> Any:
    """The action that opens the ledger."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        scratch["ledger"] = Ledger(frames, needs)
        scratch["covered"] = {}

    return act


def pay(turn: Turn, *, floor: bool) -> Any:
    """The action of one item's turn. Reads `ask:`, `v:`, `has:`, `file:` columns, writes `pay:<policy>:lo/hi` per period.

    ask: what it would pay if eligible; v: verdict; has: already received; file: what the file says it pays; off: given up
    for a better choice, or beside something received; doubt: clashes with something undecided.
    """

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        ledger: Ledger = scratch["ledger"]
        table, p = frames.tables[turn.unit], turn.policy
        asked = range_of(table, f"ask:{p}:lo", f"ask:{p}:hi")
        least = range_of(table, f"floor:{p}", f"floor:{p}").lo if floor else np.zeros_like(asked.lo)
        inside = table.get_column("inside").to_numpy()
        verdict, has = table.get_column(f"v:{p}"), table.get_column(f"has:{p}")
        off, doubt = table.get_column(f"off:{p}").to_numpy(), table.get_column(f"doubt:{p}").to_numpy()
        yes, maybe = verdict.fill_null(value=False).to_numpy() & ~off, verdict.fill_null(value=True).to_numpy() & ~off
        held, may_hold = has.fill_null(value=False).to_numpy(), has.fill_null(value=True).to_numpy()
        file = range_of(table, f"file:{p}:lo", f"file:{p}:hi")
        new_lo = np.where(yes & ~may_hold & ~doubt, asked.lo, 0)
        new_hi = np.where(maybe, asked.hi, 0)
        lo = np.where(held, file.lo, new_lo)
        hi = np.where(held, file.hi, np.maximum(new_hi, np.where(may_hold, file.hi, 0)))
        want = Range(_times(np.where(inside, lo, 0), turn.times), _times(np.where(inside, hi, 0), turn.times))
        covered = ledger.use(turn, want)
        paid = want
        if turn.capped:
            low = np.maximum(covered.lo, np.where(lo > 0, np.minimum(least, lo) * turn.times, 0))
            high = np.maximum(covered.hi, np.where(hi > 0, np.minimum(least, hi) * turn.times, 0))
            paid = Range(np.where(held, want.lo, np.minimum(low, want.lo)), np.where(held, want.hi, np.minimum(high, want.hi)))
        scratch["covered"][p] = covered
        _write(frames, turn.unit, p, _per_period(paid, turn.times))

    return act


def _per_period(paid: Range, times: int) -> Range:
    """What is paid over the window, per period, half up."""
    if times == 1:
        return paid
    return Range((paid.lo * 2 + times) // (2 * times), np.where(paid.hi >= OPEN, OPEN, (paid.hi * 2 + times) // (2 * times)))


def _write(frames: Frames, unit: str, policy: str, paid: Range) -> None:
    """The two columns of what an item pays."""
    high = pl.Series(f"pay:{policy}:hi", paid.hi)
    open_ = pl.Series(paid.hi >= OPEN)
    high = high.set(open_, None) if open_.any() else high
    frames.tables[unit] = frames.tables[unit].hstack([pl.Series(f"pay:{policy}:lo", paid.lo), high])


def show_left(need: str, unit: str, names: tuple[str, str]) -> Any:
    """The action that writes what is left of a need as columns of `unit`."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        seen = scratch["ledger"].seen(need, unit, frames)
        high, open_ = pl.Series(names[1], seen.hi), pl.Series(seen.hi >= OPEN)
        high = high.set(open_, None) if open_.any() else high
        frames.tables[unit] = frames.tables[unit].hstack([pl.Series(names[0], seen.lo), high])

    return act
