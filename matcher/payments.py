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
    from collections.abc import Callable

    from matcher.catalogue import Need
    from matcher.frames import Frames

    Action = Callable[[Frames, dict[str, Any]], None]

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


@dataclass(frozen=True, slots=True)
class Step:
    """What one item did to one need: what was left before and after, by rows of the need's unit."""

    policy: str
    need: str
    before: Range
    after: Range


def _minus(a: Array, b: Array) -> Array:
    """a - b, not below 0; an open end stays open whatever is taken."""
    return np.asarray(np.where(a >= OPEN, OPEN, np.maximum(a - b, 0)))


def _times(a: Array, factor: int) -> Array:
    """a times a factor, open ends kept."""
    return np.asarray(np.where(a >= OPEN, OPEN, np.minimum(a * factor, OPEN)))


class Ledger:
    """What is left of every need, and who belongs to whose household, during one run."""

    def __init__(self, frames: Frames, needs: dict[str, Need]) -> None:
        self.rows = np.flatnonzero(frames.live[PERSON].columns["inside"].to_numpy())
        ego = frames.hops[(PERSON, "ego")][1].to_numpy()[self.rows]
        self.starts = np.searchsorted(ego, np.arange(frames.height(HOUSEHOLD)), side="left")
        self.ends = np.searchsorted(ego, np.arange(frames.height(HOUSEHOLD)), side="right")
        self.ego = ego
        self.units = {n: need.unit for n, need in needs.items()}
        self.left: dict[str, Range] = {}
        self.asks: dict[str, Array] = {}
        self.paid: dict[str, Range] = {}
        self.steps: list[Step] = []
        self.after: dict[tuple[str, str | None], Range] = {}

    def open_need(self, need: str, frames: Frames) -> None:
        """Enter a need as it stands before anything is paid."""
        names = [f"need:{need}:lo", f"need:{need}:hi"]
        held = frames.live[self.units[need]].part(names).to_numpy()
        self.left[need] = self.after[(need, None)] = Range(held[:, 0].copy(), held[:, 1].copy())

    def ask(self, unit: str, column: str, frames: Frames) -> Array:
        """One of the `in:` columns; the first call for a unit takes over all that are ready."""
        if column not in self.asks:
            table = frames.live[unit]
            ready = [c for c in table.columns if c.startswith("in:") and c not in self.asks]
            held = table.part(ready).to_numpy()
            self.asks |= {name: held[:, i] for i, name in enumerate(ready)}
        return self.asks[column]

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
        """Use what an item asks on the needs it covers; returns what they can take of it, by row of the item's unit."""
        rest = Range(asked.lo.copy(), asked.hi.copy())
        room = Range(np.zeros_like(asked.lo), np.zeros_like(asked.hi))
        for need, unit in turn.covers:
            before = self.left[need]
            there = self._same(need, rest) if unit == turn.unit else (self._to_persons if unit == PERSON else self._to_household)(need, rest)
            self.after[(need, turn.policy)] = self.left[need]
            self.steps.append(Step(turn.policy, need, before, self.left[need]))
            room = Range(room.lo + there.lo, np.minimum(room.hi + there.hi, OPEN))
        return Range(np.minimum(asked.lo, room.lo), np.minimum(asked.hi, room.hi))

    def peek(self, turn: Turn, asked: Range) -> Range:
        """What an item would cover, with nothing used up."""
        left, steps, after = dict(self.left), len(self.steps), dict(self.after)
        covered = self.use(turn, asked)
        self.left, self.after = left, after
        del self.steps[steps:]
        return covered

    def _same(self, need: str, rest: Range) -> Range:
        """An item on its own row's need."""
        left = self.left[need]
        self.left[need] = Range(_minus(left.lo, rest.hi), _minus(left.hi, rest.lo))
        rest.lo, rest.hi = _minus(rest.lo, left.hi), _minus(rest.hi, left.lo)
        return left

    def _to_persons(self, need: str, rest: Range) -> Range:
        """A household's money over its persons' needs, person by person."""
        left, rows, height = self.left[need], self.rows, len(rest.lo)
        lo, hi = left.lo[rows], left.hi[rows]
        ask_lo = _minus(rest.lo[self.ego], self.before(hi))
        ask_hi = _minus(rest.hi[self.ego], self.before(lo))
        total_lo, total_hi = self.total(lo, height), self.total(hi, height)
        new = Range(left.lo.copy(), left.hi.copy())
        new.lo[rows], new.hi[rows] = _minus(lo, ask_hi), _minus(hi, ask_lo)
        self.left[need] = new
        rest.lo, rest.hi = _minus(rest.lo, total_hi), _minus(rest.hi, total_lo)
        return Range(total_lo, total_hi)

    def _to_household(self, need: str, rest: Range) -> Range:
        """Persons' money on their household's need, person by person."""
        left, rows = self.left[need], self.rows
        lo, hi = rest.lo[rows], rest.hi[rows]
        there_lo = _minus(left.lo[self.ego], self.before(hi))
        there_hi = _minus(left.hi[self.ego], self.before(lo))
        there = Range(np.zeros_like(rest.lo), np.zeros_like(rest.hi))
        there.lo[rows], there.hi[rows] = there_lo, there_hi
        height = len(left.lo)
        self.left[need] = Range(_minus(left.lo, self.total(hi, height)), _minus(left.hi, self.total(lo, height)))
        rest.lo[rows], rest.hi[rows] = _minus(lo, there_hi), _minus(hi, there_lo)
        return there

    def seen(self, need: str, unit: str, frames: Frames, left: Range | None = None) -> Range:
        """What is left of a need as a row of `unit` sees it: persons' add up on a household, a household's is its persons'."""
        left = left or self.left[need]
        if self.units[need] == unit:
            return left
        if unit == HOUSEHOLD:
            height = frames.height(HOUSEHOLD)
            return Range(self.total(left.lo[self.rows], height), self.total(left.hi[self.rows], height))
        ego = frames.hops[(PERSON, "ego")][1].to_numpy()
        inside = np.zeros(frames.height(PERSON), dtype=bool)
        inside[self.rows] = True
        return Range(np.where(inside, left.lo[ego], 0), np.where(inside, left.hi[ego], 0))


def begin(needs: dict[str, Need]) -> Action:
    """The action that opens the ledger."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        scratch["ledger"] = Ledger(frames, needs)

    return act


def open_need(need: str) -> Action:
    """The action that enters one need."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        scratch["ledger"].open_need(need, frames)

    return act


def pay(turn: Turn, *, floor: bool) -> Action:
    """The action of one item's turn.

    Reads `in:<policy>:lo/hi` (what it uses up per period, OPEN for no end, 0 for people outside and items given up),
    `offer_lo/hi` (what it gives if no award is on file), `held` (an award is: paid whole) and `floor` (the least it pays).
    """

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        ledger: Ledger = scratch["ledger"]
        parts = ("lo", "hi", "offer_lo", "offer_hi", "held", *(("floor",) if floor else ()))
        asked = {part: ledger.ask(turn.unit, f"in:{turn.policy}:{part}", frames) for part in parts}
        want = Range(_times(asked["lo"], turn.times), _times(asked["hi"], turn.times))
        offer = Range(_times(asked["offer_lo"], turn.times), _times(asked["offer_hi"], turn.times))
        given = offer
        if turn.capped:
            covered = ledger.peek(turn, offer)
            least = asked["floor"] * turn.times if floor else np.zeros_like(offer.lo)
            whole = asked["held"] > 0
            low, high = np.maximum(covered.lo, np.minimum(least, offer.lo)), np.maximum(covered.hi, np.minimum(least, offer.hi))
            given = Range(np.where(whole, offer.lo, low), np.where(whole, offer.hi, high))
        ledger.use(turn, want)
        ledger.paid[turn.policy] = _per_period(given, turn.times)

    return act


def _per_period(paid: Range, times: int) -> Range:
    """What is paid over the window, per period, half up."""
    if times == 1:
        return paid
    return Range((paid.lo * 2 + times) // (2 * times), np.where(paid.hi >= OPEN, OPEN, (paid.hi * 2 + times) // (2 * times)))


def show_paid(policy: str, unit: str) -> Action:
    """The action that writes what an item pays as columns `pay:<policy>:lo/hi`."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        _write(frames, unit, (f"pay:{policy}:lo", f"pay:{policy}:hi"), scratch["ledger"].paid[policy])

    return act


def show_left(need: str, last: str | None, unit: str, names: tuple[str, str]) -> Action:
    """The action that writes what is left of a need after an item's turn (None: before any) as columns of `unit`."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        ledger: Ledger = scratch["ledger"]
        _write(frames, unit, names, ledger.seen(need, unit, frames, ledger.after[(need, last)]))

    return act


def _write(frames: Frames, unit: str, names: tuple[str, str], values: Range) -> None:
    """Two columns of an interval; no upper end is null."""
    open_ = values.hi >= OPEN
    high = pl.Series(names[1], values.hi)
    if open_.any():
        high = high.set(pl.Series(open_), None)
    frames.live[unit].add([pl.Series(names[0], values.lo), high])
