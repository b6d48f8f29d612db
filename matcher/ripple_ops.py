"""The operations of a plan, each on nothing but the registers that changed.

Comes in: registers that differ from those of a household as it stands. Goes out: the registers that differ because of them.
Each operation does it in two ways: `spread` for many changes side by side (value by change), `follow` for one number that moves
(value, and the stretch of distances in which it is that). Carried out in order by `matcher.ripple` and `matcher.walk`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matcher.moving import FAR
from matcher.translate import AND, OR, WHEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import polars as pl

    from matcher.frames import Frames
    from matcher.ripple import Wave
    from matcher.walk import Walk

NOTHING: dict[Any, Any] = {}
Held = tuple[Any, int, int]
"""A value, and the stretch in which it is that."""


def _both(a: Held, b: Held) -> Held:
    """And: a no lasts as long as any no behind it."""
    return _settled_by(-1, a, b, min(a[0], b[0]))


def _either(a: Held, b: Held) -> Held:
    """Or: a yes lasts as long as any yes behind it."""
    return _settled_by(1, a, b, max(a[0], b[0]))


def _settled_by(settles: int, a: Held, b: Held, value: int) -> Held:
    if value == settles:
        if a[0] == b[0]:  # both stretches hold the distance looked at, so that together they are one
            return value, min(a[1], b[1]), max(a[2], b[2])
        return a if a[0] == settles else b
    return value, max(a[1], b[1]), min(a[2], b[2])


def _chosen(p: Held, a: Held, b: Held) -> Held:
    """When: what is not chosen does not matter."""
    value, low, high = a if p[0] > 0 else b
    return value, max(p[1], low), min(p[2], high)


LASTING: dict[str, Callable[..., Held]] = {AND: _both, OR: _either, WHEN: _chosen}
"""Lines of which more is known than that the result lasts as long as everything it is made of."""


@dataclass(eq=False, slots=True, kw_only=True)
class Op(ABC):
    """What it reads and fills, as numbers of places. leads_to: the verdicts behind it, a bit each; moves: a fact is before it."""

    ins: tuple[int, ...]
    outs: tuple[int, ...]
    leads_to: int = 0
    moves: bool = False

    @abstractmethod
    def spread(self, wave: Wave) -> None:
        """Many changes side by side."""

    @abstractmethod
    def follow(self, walk: Walk) -> None:
        """One number that moves."""


@dataclass(eq=False, slots=True, kw_only=True)
class Line(Op):
    """A line of Python on one row: `every` for all changes of the row at once, `one` for plain values; ats, at: its registers.

    lasts: for some, how long the result lasts if that is longer than everything it is made of; shape: its inputs, as the number of a
    register among `ats`, or as a constant that always holds.
    """

    frame: str
    ats: tuple[int, ...]
    at: int
    every: Callable[..., dict[int, Any]]
    one: Callable[..., Any]
    lasts: Callable[..., Held] | None
    shape: tuple[int | Held, ...]

    def spread(self, wave: Wave) -> None:
        changed = wave.changed
        held = [changed.get(place, NOTHING) for place in self.ins]
        rows, before = wave.still.rows[self.frame], changed.get(self.outs[0], NOTHING)
        for r in held[0] if len(held) == 1 else set().union(*held):
            row, asked = rows[r], NOTHING
            given: list[Any] = []
            for changes, at in zip(held, self.ats, strict=True):
                here = changes.get(r, NOTHING)
                given += (here, row[at])
                if here and here is not asked:
                    asked = {**asked, **here} if asked else here
            found = self.every(asked, row[self.at], *given)
            if found or r in before:
                wave.put(self.outs[0], r, found)

    def follow(self, walk: Walk) -> None:
        changed = walk.changed
        held = [changed.get(place, NOTHING) for place in self.ins]
        rows, trace = walk.still.rows[self.frame], walk.trace
        for r in held[0] if len(held) == 1 else set().union(*held):
            row = rows[r]
            if self.lasts is not None:
                given = [changes.get(r) or (row[at], -FAR, FAR) for changes, at in zip(held, self.ats, strict=True)]
                value, low, high = self.lasts(*(given[n] if isinstance(n, int) else n for n in self.shape))
                walk.put(self.outs[0], r, row[self.at], value, low, high)
                continue
            low, high, values = -FAR, FAR, []
            for changes, at in zip(held, self.ats, strict=True):
                if r in changes:
                    value, first, last = changes[r]
                    values.append(value)
                    low, high = first if first > low else low, last if last < high else high
                else:
                    values.append(row[at])
            trace.low, trace.high = low, high
            value = self.one(*values)
            walk.put(self.outs[0], r, row[self.at], value, trace.low, trace.high)


@dataclass(eq=False, slots=True, kw_only=True)
class Bring(Op):
    """A register of another frame, brought along a hop."""

    frame: str
    hop: str

    def spread(self, wave: Wave) -> None:
        back = wave.still.back(self.frame, self.hop)
        for r, changes in list(wave.changed.get(self.ins[0], NOTHING).items()):
            for to in back.get(r, ()):
                wave.put(self.outs[0], to, changes)

    def follow(self, walk: Walk) -> None:
        back = walk.still.back(self.frame, self.hop)
        for r, held in list(walk.changed.get(self.ins[0], NOTHING).items()):
            for to in back.get(r, ()):
                walk.keep(self.outs[0], to, held)


@dataclass(eq=False, slots=True, kw_only=True)
class AddUp(Op):
    """The sum of a register over each owner's entries."""

    frame: str
    owner: str
    at: int
    to: int

    def spread(self, wave: Wave) -> None:
        rows, owners = wave.still.rows[self.frame], wave.still.owners(self.frame)
        sums: dict[int, dict[int, int]] = {}
        for r, changes in wave.changed.get(self.ins[0], NOTHING).items():
            was, added = rows[r][self.at], sums.setdefault(owners[r], {})
            for p, value in changes.items():
                added[p] = added.get(p, 0) + value - was
        for owner, added in sums.items():
            was = wave.still.rows[self.owner][owner][self.to]
            found = {p: was + more for p, more in added.items() if more}
            if found or owner in wave.changed.get(self.outs[0], NOTHING):
                wave.put(self.outs[0], owner, found)

    def follow(self, walk: Walk) -> None:
        rows, owners = walk.still.rows[self.frame], walk.still.owners(self.frame)
        sums: dict[int, Held] = {}
        for r, (value, low, high) in walk.changed.get(self.ins[0], NOTHING).items():
            more, least, most = sums.get(owners[r], (0, -FAR, FAR))
            sums[owners[r]] = (more + value - rows[r][self.at], max(least, low), min(most, high))
        for owner, (more, low, high) in sums.items():
            was = walk.still.rows[self.owner][owner][self.to]
            walk.put(self.outs[0], owner, was, was + more, low, high)


@dataclass(eq=False, slots=True, kw_only=True)
class Act(Op):
    """An action on frames. ledger: it is about payments, and works on what those before it left behind."""

    act: Callable[[Frames, dict[str, Any]], None]
    ledger: bool

    def spread(self, wave: Wave) -> None:
        if not self.ledger:
            for change in dict.fromkeys(self._changes(wave)):  # one by one: some keep row numbers, which are those of a block alone
                self.act(wave.view([change]), {})
        elif wave.paying is not None:
            self.act(wave.paying, wave.scratch)
        else:
            self._anything(wave)

    def _anything(self, wave: Wave) -> None:
        """For now what is paid or left may be anything: a verdict that is no even so needs no payments."""
        changes = [p for p in dict.fromkeys(self._changes(wave)) if wave.wanted_by[p] & self.leads_to]
        wave.pays.update(changes)
        for place in self.outs if changes else ():
            frame = wave.still.wiring.spots[place][0]
            if frame == "#":
                wave.put(place, 0, dict.fromkeys(changes))
            else:
                nothing = 0 if place in wave.still.wiring.least else None
                for row in range(len(wave.still.rows[frame])):
                    wave.put(place, row, dict.fromkeys(changes, nothing))

    def _changes(self, wave: Wave) -> Iterable[int]:
        return [p for place in (*self.ins, *self.outs) for changes in wave.changed.get(place, NOTHING).values() for p in changes]

    def follow(self, walk: Walk) -> None:
        if not self.ledger:
            walk.trace.start()
            walk.trace.pin()
            self.act(walk.view(plain=True), {})
        else:
            walk.pay(self)


@dataclass(eq=False, slots=True, kw_only=True)
class Rest(Op):
    """Expressions that have no lines; polars works them out."""

    frame: str
    roots: list[str]
    exprs: list[pl.Expr]

    def spread(self, wave: Wave) -> None:
        places = (*self.ins, *self.outs)
        pairs = {(r, p) for place in places for r, changes in wave.changed.get(place, NOTHING).items() for p in changes}
        self._work_out(wave.picked(self.frame, sorted(pairs)))

    def follow(self, walk: Walk) -> None:
        walk.trace.pin()
        self._work_out(walk.view(plain=True).live[self.frame])

    def _work_out(self, table: Any) -> None:
        table.add(table.part(self.roots).with_columns(self.exprs).drop(self.roots))
