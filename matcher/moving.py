"""A number that hangs on how far one fact is moved, and how far its like can be moved before anything turns out otherwise.

Comes in: arithmetic and comparisons of rules, done on a Moving in place of an int at one distance. Goes out: the same results
as with the int, and in the Trace the stretch of distances around it in which every comparison made gives the same. Exact for
sums, multiples and rounding; a product of two that move is only known at its own distance. Used by `matcher.walk`.
"""

from __future__ import annotations

from math import gcd

FAR = 1 << 80
"""Farther than any fact can be moved."""
VALUES = 50
"""So many values are tried one by one where it is open between which two of them a comparison turns."""


class Trace:
    """The stretch of distances low..high, around the distance that is looked at, in which nothing seen so far turns.

    loose: what is rounded is followed as if it were not. A stretch may then be wrong by some smallest steps at its ends, so whoever
    asks for this looks again where a verdict turns.
    """

    __slots__ = ("_rounded", "at", "high", "loose", "low")

    def __init__(self, at: int = 0, *, loose: bool = False) -> None:
        self.at, self.loose = at, loose
        self.low, self.high = -FAR, FAR
        self._rounded: dict[object, Rounded] = {}

    def start(self) -> None:
        """A new stretch."""
        self.low, self.high = -FAR, FAR

    def within(self, low: int, high: int) -> None:
        """The stretch is no longer than this."""
        if low > self.low:
            self.low = low
        if high < self.high:
            self.high = high

    def pin(self) -> None:
        """Nothing is known of any other distance."""
        self.low = self.high = self.at

    def rounded(self, number: Moving, by: int) -> Rounded:
        """The number divided and rounded down; the same one for the same number."""
        shared = gcd(by, number.slope, *number.parts.values())
        if shared > 1:
            parts = {p: n // shared for p, n in number.parts.items()}
            number, by = Moving(self, number.start // shared, number.slope // shared, parts), by // shared
        key = (number.start, number.slope, frozenset(number.parts.items()), by)
        if key not in self._rounded:
            self._rounded[key] = Rounded(number, by)
        return self._rounded[key]


class Rounded:
    """A whole number got by rounding down a number divided; lies from (low + slope * d) / over to (high + slope * d) / over."""

    __slots__ = ("_last", "_value", "by", "high", "low", "number", "over", "slope")

    def __init__(self, number: Moving, by: int) -> None:
        self.number, self.by = number, by
        low, self.high, self.slope, over = number.bounds()
        self.low, self.over = low - (by - 1) * over, over * by
        self._last, self._value = FAR, 0

    def at(self, distance: int) -> int:
        """What it is at a distance."""
        if distance != self._last:
            self._last, self._value = distance, self.number.at(distance) // self.by
        return self._value


class Moving:
    """A whole number that is start + slope * d, and so many times each of some Rounded, at a distance d.

    What is rounded alike is the same Rounded, so that it is gone from a difference.
    """

    __slots__ = ("parts", "slope", "start", "trace")

    def __init__(self, trace: Trace, start: int, slope: int, parts: dict[Rounded, int]) -> None:
        self.trace, self.start, self.slope, self.parts = trace, start, slope, parts

    def __repr__(self) -> str:
        return f"Moving({self.now}: {self.start} + {self.slope} * d and {len(self.parts)} rounded)"

    @property
    def now(self) -> int:
        """What it is at the trace's distance."""
        return self.at(self.trace.at)

    def at(self, distance: int) -> int:
        """What it is at a distance."""
        found = self.start + self.slope * distance
        for part, count in self.parts.items():
            found += count * part.at(distance)
        return found

    def bounds(self) -> tuple[int, int, int, int]:
        """(low, high, slope, over), as of a Rounded."""
        low = high = self.start
        slope, over = self.slope, 1
        for part, count in self.parts.items():
            shared = gcd(over, part.over)
            own, other = part.over // shared, count * (over // shared)
            low, high = (x * own + other * y for x, y in zip((low, high), (part.low, part.high)[:: 1 if count > 0 else -1], strict=True))
            slope, over = slope * own + other * part.slope, over * own
        return low, high, slope, over

    # --- arithmetic -----------------------------------------------------------------------------------------------
    def __add__(self, other: Moving | int) -> Moving | int:
        if not isinstance(other, Moving):
            return Moving(self.trace, self.start + other, self.slope, self.parts)
        slope, parts = self.slope + other.slope, self.parts
        if other.parts:
            parts = {p: n for p in (*parts, *other.parts) if (n := self.parts.get(p, 0) + other.parts.get(p, 0))}
        start = self.start + other.start
        return Moving(self.trace, start, slope, parts) if slope or parts else start

    __radd__ = __add__

    def __neg__(self) -> Moving | int:
        return self * -1

    def __sub__(self, other: Moving | int) -> Moving | int:
        return self + -other

    def __rsub__(self, other: int) -> Moving | int:
        return self * -1 + other

    def __mul__(self, other: Moving | int) -> Moving | int:
        if isinstance(other, Moving):
            self.trace.pin()
            return self.now * other.now
        if other == 0:
            return 0
        parts = {p: n * other for p, n in self.parts.items()}
        return Moving(self.trace, self.start * other, self.slope * other, parts)

    __rmul__ = __mul__

    def __floordiv__(self, other: Moving | int) -> Moving | int:
        if isinstance(other, Moving) or other <= 0:
            self.trace.pin()
            return self.now // (other.now if isinstance(other, Moving) else other)
        whole = {p: n // other for p, n in self.parts.items() if n // other}
        rest = {p: n % other for p, n in self.parts.items() if n % other}
        if rest or self.slope % other:
            part = self.trace.rounded(Moving(self.trace, self.start % other, self.slope % other, rest), other)
            whole[part] = whole.get(part, 0) + 1
        return Moving(self.trace, self.start // other, self.slope // other, whole)

    def __rfloordiv__(self, other: int) -> int:
        self.trace.pin()
        return other // self.now

    def __mod__(self, other: Moving | int) -> Moving | int:
        return self - self // other * other

    def __rmod__(self, other: int) -> int:
        self.trace.pin()
        return other % self.now

    # --- comparisons: the same as of `now`, and how long it stays so ----------------------------------------------
    def _above(self, other: Moving | int, edge: int) -> bool:
        """Whether self - other is at least `edge`."""
        apart = self - other
        return _at_least(apart, edge) if isinstance(apart, Moving) else apart >= edge

    def __gt__(self, other: Moving | int) -> bool:
        return self._above(other, 1)

    def __ge__(self, other: Moving | int) -> bool:
        return self._above(other, 0)

    def __lt__(self, other: Moving | int) -> bool:
        return not self._above(other, 0)

    def __le__(self, other: Moving | int) -> bool:
        return not self._above(other, 1)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Moving, int)):
            return False
        if not self._above(other, 0):
            return False
        return not self._above(other, 1)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __bool__(self) -> bool:
        return self != 0

    __hash__ = None  # type: ignore[assignment]


def _at_least(number: Moving, edge: int) -> bool:
    """Whether a number is at least `edge`, and in its trace how long."""
    trace, slope = number.trace, number.slope
    if len(number.parts) == 1 and not trace.loose:
        ((part, count),) = number.parts.items()
        if slope % count == 0:  # start + count * (part + n * d): as the number before it was rounded, which is exact
            steps, over = (number.start - edge) // abs(count), part.by * (slope // count)
            inner = part.number + Moving(trace, 0, over, {}) if over else part.number
            return inner >= -steps * part.by if count > 0 else inner < (steps + 1) * part.by
    now = number.now
    low, high, slope, over = number.bounds() if number.parts else (number.start, number.start, slope, 1)
    if trace.loose:
        low = high = now * over - slope * trace.at
    said = now >= edge
    line = (low - (edge - 1) * over, slope) if said else (edge * over - high, -slope)
    first, last = _above_zero(*line, trace.at)
    ahead = trace.at >= 0
    for _ in range(VALUES if number.parts and slope and not trace.loose else 0):  # where the bounds leave it open, value by value
        beyond = last + 1 if ahead else first - 1
        if not trace.low <= beyond <= trace.high or (number.at(beyond) >= edge) != said:
            break
        reach = _above_zero(*line, beyond)
        first, last = min(first, reach[0]), max(last, reach[1])
    trace.within(first, last)
    return said


def _above_zero(start: int, slope: int, at: int) -> tuple[int, int]:
    """The stretch around a distance in which start + slope * d is above 0; that distance alone if it is not."""
    if start + slope * at <= 0:
        return at, at
    if slope > 0:
        return -((start - 1) // slope), FAR
    return -FAR, (start - 1) // -slope if slope else FAR
