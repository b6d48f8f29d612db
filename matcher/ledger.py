"""What is left of every need, and how an item's payment uses it: intervals per row, in whole fen or hundredths of hours.

`OPEN` stands for "no upper end". The same arrays serve one household and millions. Source: design section 8;
docs/language-notes.md, 18 to 23.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from matcher.scope import HOUSEHOLD, PERSON, list_frame

if TYPE_CHECKING:
    from matcher.catalogue import Need
    from matcher.frames import Frames

Array = np.ndarray
CODES = np.array([-1, 1, 0], dtype=np.int8)
"""Unknown, yes, no by 0, 1, -1."""
HUNDREDTHS = 100
"""Hours are held in hundredths."""
OPEN = 1 << 50
"""At or above this an end is open: about eleven million million yuan, more than any sum of needs."""


@dataclass(slots=True)
class Range:
    """An interval per row of a frame; `hi` is OPEN where there is no upper end."""

    lo: Array
    hi: Array


@dataclass(frozen=True, slots=True)
class Turn:
    """How one item pays: its unit, the needs it covers, and how often within the window of twelve months.

    behind: for each need that it covers the item whose turn at it was before, None for the first.
    capped: never more than what is left. hours: pays hundredths of hours, whatever award is on file. floor: it has one.
    clashes: it may be given up. own: it grants a recognition. department: whose awards have to be whole.
    silent: in kind or a service, with no amount of money in its text.
    """

    policy: str
    unit: str
    department: str
    covers: tuple[tuple[str, str], ...] = ()
    behind: tuple[str | None, ...] = ()
    times: int = 1
    capped: bool = False
    hours: bool = False
    floor: bool = False
    clashes: bool = False
    own: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one item did to one need: what was left before and after, by rows of the need's unit."""

    policy: str
    need: str
    before: Range
    after: Range


def minus(a: Array, b: Array) -> Array:
    """a - b, not below 0; an open end stays open whatever is taken."""
    return np.asarray(np.where(a >= OPEN, OPEN, np.maximum(a - b, 0)))


def times(a: Array, factor: int) -> Array:
    """a times a factor, open ends kept."""
    return np.asarray(np.where(a >= OPEN, OPEN, np.minimum(a * factor, OPEN)))


class Ledger:
    """What is left of every need, and who belongs to whose household, during one run."""

    def __init__(self, frames: Frames, needs: dict[str, Need]) -> None:
        self.inside = {unit: frames.live[unit].flags("inside") == 1 for unit in (HOUSEHOLD, PERSON)}
        self.rows = np.flatnonzero(self.inside[PERSON])
        self.all_known = frames.live[HOUSEHOLD].flags("whole:members") == 1
        ego = frames.hops[(PERSON, "ego")][1].to_numpy()[self.rows]
        self.starts = np.searchsorted(ego, np.arange(frames.height(HOUSEHOLD)), side="left")
        self.ends = np.searchsorted(ego, np.arange(frames.height(HOUSEHOLD)), side="right")
        self.ego = ego
        self.units = {n: need.unit for n, need in needs.items()}
        self.left: dict[str, Range] = {}
        self._held: dict[tuple[str, str], Array] = {}
        self._awards: dict[str, dict[tuple[str, str], Array]] = {}
        self._awarded: dict[tuple[str, str, str | None], tuple[Array, Range, Range]] = {}
        self._none: dict[str, Array] = {}
        self.has: dict[str, Array] = {}
        self.standing: dict[str, Array] = {}
        self.given: dict[str, Range] = {}
        self.paid: dict[str, Range] = {}
        self.steps: list[Step] = []
        self.after: dict[tuple[str, str | None], Range] = {}

    def of_any_numbers(self) -> Ledger:
        """The same, in arrays that numbers of any kind may come into."""
        other = copy(self)
        for kept in ("left", "given", "paid", "after"):
            setattr(other, kept, {key: Range(x.lo.astype(object), x.hi.astype(object)) for key, x in getattr(self, kept).items()})
        return other

    def again(self) -> Ledger:
        """Another one, in which single turns can be taken once more."""
        other = copy(self)
        other.left, other.given, other.paid, other.after = dict(self.left), dict(self.given), dict(self.paid), dict(self.after)
        other.has, other.standing, other.steps, other._held = dict(self.has), {}, [], {}
        return other

    def open_need(self, need: str, frames: Frames) -> None:
        """Enter a need as it stands before anything is paid."""
        lo, hi = (frames.live[self.units[need]].numbers(f"need:{need}:{end}", OPEN) for end in ("lo", "hi"))
        self.left[need] = self.after[(need, None)] = Range(lo.copy(), hi.copy())

    def forget(self) -> None:
        """Read yes/no columns anew from here on."""
        self._held.clear()

    def flag(self, unit: str, column: str, frames: Frames) -> Array:
        """A yes/no column as 1, 0, -1 for unknown."""
        if (unit, column) not in self._held:
            self._held[(unit, column)] = CODES.take(frames.live[unit].flags(column))
        return self._held[(unit, column)]

    def amount(self, unit: str, column: str, frames: Frames) -> Array:
        """A column of amounts: nothing known is 0 for a lower end and OPEN for an upper one."""
        held = frames.live[unit].numbers(column, OPEN if column.endswith(":hi") else 0)
        return np.asarray(np.minimum(np.maximum(held, 0), OPEN))

    def floor(self, turn: Turn, frames: Frames) -> Range:
        """The least that an item pays over the window."""
        lo, hi = (self.amount(turn.unit, f"floor:{turn.policy}:{end}", frames) for end in ("lo", "hi"))
        return Range(times(lo, turn.times), times(hi, turn.times))

    def award(self, turn: Turn, frames: Frames) -> tuple[Array, Range, Range]:
        """Whether an award is in force (1, 0, -1 unknown), what the file says it pays, and what it may pay if some are missing.

        Made once; of all the items that nobody receives once for each department.
        """
        on_file = self._on_file(turn.unit, frames)
        key = (turn.unit, turn.department, turn.policy if (turn.policy, AWARD_PARTS[0]) in on_file else None)
        if key not in self._awarded:
            sums = self.awards(turn.unit, turn.policy, frames)
            whole = self.flag(turn.unit, f"whole:awards/{turn.department}", frames) == 1
            held = np.where(sums["sure"] > 0, 1, np.where(whole & (sums["may"] == 0), 0, -1)).astype(np.int8)
            told = np.where(sums["open"] == 0, sums["hi"], OPEN)
            self._awarded[key] = held, Range(sums["lo"], told), Range(sums["lo"], np.where(whole, told, OPEN))
        return self._awarded[key]

    def awards(self, unit: str, policy: str, frames: Frames) -> dict[str, Array]:
        """What is on file of one policy, by row: see AWARD_PARTS."""
        on_file = self._on_file(unit, frames)
        return {part: on_file.get((policy, part), self._none[unit]) for part in AWARD_PARTS}

    def _on_file(self, unit: str, frames: Frames) -> dict[tuple[str, str], Array]:
        """Awards in force by (policy, part), for the policies that anybody receives."""
        if unit not in self._awards:
            self._awards[unit] = awards_on_file(frames, list_frame("awards", unit), unit)
            self._none[unit] = np.zeros(frames.height(unit), dtype=np.int64)
        return self._awards[unit]

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
        """Use what an item asks on the needs it covers; returns the room there was for it, by row of the item's unit."""
        rest = Range(asked.lo.copy(), asked.hi.copy())
        room = Range(np.zeros_like(asked.lo), np.zeros_like(asked.hi))
        for (need, unit), last in zip(turn.covers, turn.behind, strict=True):
            before = self.after[(need, last)]
            cover = self._same if unit == turn.unit else self._to_persons if unit == PERSON else self._to_household
            there, after = cover(before, rest)
            self.left[need] = self.after[(need, turn.policy)] = after
            self.steps.append(Step(turn.policy, need, before, after))
            room = Range(room.lo + there.lo, np.minimum(room.hi + there.hi, OPEN))
        return room

    def pass_over(self, turn: Turn) -> None:
        """A turn in which nobody is paid anything."""
        for (need, _), last in zip(turn.covers, turn.behind, strict=True):
            self.after[(need, turn.policy)] = self.after[(need, last)]

    def _same(self, left: Range, rest: Range) -> tuple[Range, Range]:
        """An item on its own row's need: the room there was, and what is left then. `rest`: what is not used yet."""
        after = Range(minus(left.lo, rest.hi), minus(left.hi, rest.lo))
        rest.lo, rest.hi = minus(rest.lo, left.hi), minus(rest.hi, left.lo)
        return left, after

    def _to_persons(self, left: Range, rest: Range) -> tuple[Range, Range]:
        """A household's money over its persons' needs, person by person."""
        rows, height = self.rows, len(rest.lo)
        lo, hi = left.lo[rows], left.hi[rows]
        ask_lo = minus(rest.lo[self.ego], self.before(hi))
        ask_hi = minus(rest.hi[self.ego], self.before(lo))
        total_lo, total_hi = self.total(lo, height), np.where(self.all_known, self.total(hi, height), OPEN)
        new = Range(left.lo.copy(), left.hi.copy())
        new.lo[rows], new.hi[rows] = minus(lo, ask_hi), minus(hi, ask_lo)
        rest.lo, rest.hi = minus(rest.lo, total_hi), minus(rest.hi, total_lo)
        return Range(total_lo, total_hi), new

    def _to_household(self, left: Range, rest: Range) -> tuple[Range, Range]:
        """Persons' money on their household's need, person by person."""
        rows = self.rows
        lo, hi = rest.lo[rows], rest.hi[rows]
        there_lo = minus(left.lo[self.ego], self.before(hi))
        there_hi = minus(left.hi[self.ego], self.before(lo))
        there = Range(np.zeros_like(rest.lo), np.zeros_like(rest.hi))
        there.lo[rows], there.hi[rows] = there_lo, there_hi
        height = len(left.lo)
        after = Range(minus(left.lo, self.total(hi, height)), minus(left.hi, self.total(lo, height)))
        rest.lo[rows], rest.hi[rows] = minus(lo, there_hi), minus(hi, there_lo)
        return there, after

    def seen(self, need: str, unit: str, frames: Frames, left: Range | None = None) -> Range:
        """What is left of a need as a row of `unit` sees it: persons' add up on a household, a household's is its persons'."""
        left = left or self.left[need]
        if self.units[need] == unit:
            return left
        if unit == HOUSEHOLD:
            height = frames.height(HOUSEHOLD)
            return Range(self.total(left.lo[self.rows], height), np.where(self.all_known, self.total(left.hi[self.rows], height), OPEN))
        ego = frames.hops[(PERSON, "ego")][1].to_numpy()
        inside = self.inside[PERSON]
        return Range(np.where(inside, left.lo[ego], 0), np.where(inside, left.hi[ego], 0))


NOT_SAID = -(1 << 60)
AWARD_PARTS = ("sure", "may", "lo", "hi", "open")
"""Awards in force, surely and possibly; their money surely and possibly; how many have no amount."""


def awards_on_file(frames: Frames, frame: str, unit: str) -> dict[tuple[str, str], Array]:
    """Awards in force added up per row: (policy, part) -> sums, for the policies that anybody receives."""
    table = frames.live[frame]
    made: dict[tuple[str, str], Array] = {}
    if not table.height:
        return made
    owner = frames.hops[(frame, "owner")][1].to_numpy()
    policies = table.series("f:policy").cast(pl.String).to_numpy()
    live, amount = table.flags("live"), table.numbers("f:amount", NOT_SAID)
    sure, may, missing = live == 1, live != -1, (amount == NOT_SAID).astype(np.int64)
    value = np.where(amount == NOT_SAID, 0, amount)
    one = np.ones(table.height, dtype=np.int64)
    weights = {"sure": (one, sure), "may": (one, may), "lo": (value, sure), "hi": (value, may), "open": (missing, may)}
    for policy in sorted({p for p in policies if p is not None}):
        for part, (weight, chosen) in weights.items():
            rows = chosen & (policies == policy)
            made[(policy, part)] = np.zeros(frames.height(unit), dtype=np.int64)
            np.add.at(made[(policy, part)], owner[rows], weight[rows])
    return made
