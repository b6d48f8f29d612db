"""A number that hangs on how far one fact is moved, and how far its like can be moved before anything turns out otherwise.

Comes in: arithmetic and comparisons of rules, done on a Moving in place of an int at one distance. Goes out: the same results
as with the int, and in the Trace the stretch of distances around it in which every comparison made gives the same. Exact for
sums, multiples and rounding; a product of two that move is only known at its own distance. Used by `matcher.walk`.
"""

from __future__ import annotations

from math import gcd

FAR = 1 << 80
"""Farther than any fact can be moved."""


class Trace:
    """The stretch of distances low..high, around the distance that is looked at, in which nothing seen so far turns.

    loose: what is rounded is followed as if it were not. A stretch may then be wrong by some smallest steps at its ends, so whoever
    asks for this looks again where a verdict turns.
    """

    __slots__ = ("_rounded", "at", "high", "loose", "low")

    def __init__(self, at: int, *, loose: bool = False) -> None:
        self.at, self.loose = at, loose
        self.low, self.high = -FAR, FAR
        self._rounded: dict[object, Rounded] = {}

    def start(self, low: int = -FAR, high: int = FAR) -> None:
        """A new stretch."""
        self.low, self.high = low, high

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
        key = (number.start, number.slope, frozenset(number.parts.items()), by)
        if key not in self._rounded:
            low, high, slope, over = number.bounds()
            self._rounded[key] = Rounded(number.now // by, low - (by - 1) * over, high, slope, over * by)
        return self._rounded[key]

    def while_above(self, start: int, slope: int) -> None:
        """The stretch is no longer than where start + slope * distance is above 0."""
        if start + slope * self.at <= 0:
            self.pin()
        elif slope > 0:
            self.low = max(self.low, -((start - 1) // slope))
        elif slope < 0:
            self.high = min(self.high, (start - 1) // -slope)


class Rounded:
    """A whole number got by rounding down: somewhere from (low + slope * d) / over to (high + slope * d) / over at a distance d."""

    __slots__ = ("high", "low", "now", "over", "slope")

    def __init__(self, now: int, low: int, high: int, slope: int, over: int) -> None:
        self.now, self.low, self.high, self.slope, self.over = now, low, high, slope, over


class Moving:
    """A whole number that is start + slope * d, and so many times each of some Rounded, at a distance d; `now` at the trace's.

    What is rounded alike is the same Rounded, so that it is gone from a difference.
    """

    __slots__ = ("now", "parts", "slope", "start", "trace")

    def __init__(self, trace: Trace, now: int, start: int, slope: int, parts: dict[Rounded, int]) -> None:
        self.trace, self.now, self.start, self.slope, self.parts = trace, now, start, slope, parts

    def __repr__(self) -> str:
        return f"Moving({self.now}: {self.start} + {self.slope} * d and {len(self.parts)} rounded)"

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
            return Moving(self.trace, self.now + other, self.start + other, self.slope, self.parts)
        slope, parts = self.slope + other.slope, self.parts
        if other.parts:
            parts = {p: n for p in (*parts, *other.parts) if (n := self.parts.get(p, 0) + other.parts.get(p, 0))}
        now = self.now + other.now
        return Moving(self.trace, now, self.start + other.start, slope, parts) if slope or parts else now

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
        return Moving(self.trace, self.now * other, self.start * other, self.slope * other, parts)

    __rmul__ = __mul__

    def __floordiv__(self, other: Moving | int) -> Moving | int:
        if isinstance(other, Moving) or other <= 0:
            self.trace.pin()
            return self.now // (other.now if isinstance(other, Moving) else other)
        whole = {p: n // other for p, n in self.parts.items() if n // other}
        rest = {p: n % other for p, n in self.parts.items() if n % other}
        start, slope = self.start // other, self.slope // other
        if rest or self.slope % other:
            left = Moving(self.trace, self.now - other * (start + slope * self.trace.at), self.start % other, self.slope % other, rest)
            left.now -= other * sum(n * p.now for p, n in whole.items())
            part = self.trace.rounded(left, other)
            whole[part] = whole.get(part, 0) + 1
        return Moving(self.trace, self.now // other, start, slope, whole)

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
        """Whether self - other is at least `edge`, 0 or 1."""
        apart = self - other
        if not isinstance(apart, Moving):
            return apart >= edge
        low, high, slope, over = apart.bounds() if apart.parts else (apart.start, apart.start, apart.slope, 1)
        if apart.trace.loose:
            low = high = apart.now * over - slope * apart.trace.at
        if apart.now >= edge:
            apart.trace.while_above(low - (edge - 1) * over, slope)
            return True
        apart.trace.while_above(edge * over - high, -slope)
        return False

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
