"""Payments in the legal order: every item in its turn asks for an interval (0 upwards while it is undecided) and uses it on
the needs it covers, in their order, person by person.

The actions here are put into a plan by `matcher.rules`; `matcher.ledger` keeps what is left. Source: design section 8;
docs/language-notes.md, 18 to 23.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from matcher.ledger import OPEN, Ledger, Range, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.catalogue import Need
    from matcher.frames import Frames
    from matcher.ledger import Array, Turn

    Action = Callable[[Frames, dict[str, Any]], None]


def begin(needs: dict[str, Need]) -> Action:
    """The action that opens the ledger."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        scratch["ledger"] = Ledger(frames, needs)

    return act


def show_awards(unit: str, wanted: set[str]) -> Action:
    """The action that writes the awards on file of some policies as columns `aw:<policy>:<part>`."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        for policy in sorted(wanted):
            sums = scratch["ledger"].awards(unit, policy, frames)
            for part, values in sums.items():
                frames.live[unit].put(f"aw:{policy}:{part}", values)

    return act


def open_need(need: str) -> Action:
    """The action that enters one need."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        scratch["ledger"].open_need(need, frames)

    return act


def hold(turn: Turn) -> Action:
    """The action that finds who receives an item already: an award of it, or a recognition that it grants, on file."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        ledger: Ledger = scratch["ledger"]
        ledger.has[turn.policy] = _has(ledger, turn, ledger.award(turn, frames)[0], frames)

    return act


def _has(ledger: Ledger, turn: Turn, held: Array, frames: Frames) -> Array:
    """Kleene or of an award and a recognition of its own."""
    if not turn.own:
        return held
    own = ledger.flag(turn.unit, f"own:{turn.policy}", frames)
    return np.where((held == 1) | (own == 1), 1, np.where((held == 0) & (own == 0), 0, -1)).astype(np.int8)


def pay(turn: Turn) -> Action:
    """The action of one item's turn: what it pays (`paid`, `given`), and what it uses of the needs.

    `paid` is the amount that is shown: what the item pays, or would pay if no award is on file that may be there. `given` is
    what others can count on: it allows for such an award. An award on file pays as it stands.
    """

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        ledger: Ledger = scratch["ledger"]
        held, told, file = ledger.award(turn, frames)
        ledger.has[turn.policy] = _has(ledger, turn, held, frames)
        if not (held.any() or (ledger.flag(turn.unit, f"v:{turn.policy}", frames) & ledger.inside[turn.unit]).any()):
            ledger.pass_over(turn)
            ledger.paid[turn.policy] = ledger.given[turn.policy] = Range(np.zeros_like(told.lo), np.zeros_like(told.lo))
            return
        offer = _offer(ledger, turn, frames)
        inside = ledger.inside[turn.unit]
        stays = inside if not turn.clashes else inside & (ledger.flag(turn.unit, f"drop:{turn.policy}", frames) != 1)
        if f"refused:{turn.policy}" in frames.live[turn.unit]:
            stays = stays & (ledger.flag(turn.unit, f"refused:{turn.policy}", frames) != 1)
        sure = np.ones_like(inside) if not turn.clashes else ledger.flag(turn.unit, f"doubt:{turn.policy}", frames) != 1
        awarded, maybe = (held == 1, held == -1) if not turn.hours else (np.zeros_like(inside), np.zeros_like(inside))
        least = ledger.floor(turn, frames) if turn.floor else None
        whole = Range(times(file.lo, turn.times), times(file.hi, turn.times))
        lo = np.where(awarded, whole.lo, np.where(sure & ~maybe, offer.lo, 0))
        hi = np.where(awarded, whole.hi, np.where(maybe, np.maximum(offer.hi, whole.hi), offer.hi))
        want = Range(np.where(stays, lo, 0), np.where(stays, hi, 0))
        if not want.hi.any() and not offer.hi.any():
            ledger.pass_over(turn)
            ledger.paid[turn.policy] = ledger.given[turn.policy] = offer
            return
        room = ledger.use(turn, want)
        shown = _within(room, offer, least) if turn.capped else offer
        given = _within(room, want, least) if turn.capped else want
        given = Range(np.where(awarded, want.lo, given.lo), np.where(awarded | maybe, want.hi, given.hi))
        shown = Range(np.where(awarded, whole.lo, shown.lo), np.where(awarded, times(told.hi, turn.times), shown.hi))
        ledger.paid[turn.policy], ledger.given[turn.policy] = _per_period(shown, turn.times), _per_period(given, turn.times)

    return act


def _offer(ledger: Ledger, turn: Turn, frames: Frames) -> Range:
    """What the item pays over the window by its own text: from 0 while it is undecided, nothing where it is refused."""
    verdict = ledger.flag(turn.unit, f"v:{turn.policy}", frames)
    lo, hi = (ledger.amount(turn.unit, f"ask:{turn.policy}:{end}", frames) for end in ("lo", "hi"))
    inside = ledger.inside[turn.unit]
    return Range(times(np.where(inside & (verdict == 1), lo, 0), turn.times), times(np.where(inside & (verdict != 0), hi, 0), turn.times))


def _within(room: Range, asked: Range, least: Range | None) -> Range:
    """What is asked, within the room there is; a floor is not lowered by it."""
    lo, hi = np.minimum(asked.lo, room.lo), np.minimum(asked.hi, room.hi)
    if least is None:
        return Range(lo, hi)
    return Range(np.maximum(lo, np.minimum(least.lo, asked.lo)), np.maximum(hi, np.minimum(least.hi, asked.hi)))


def _per_period(paid: Range, times: int) -> Range:
    """What is paid over the window, per period, half up."""
    if times == 1:
        return paid
    return Range((paid.lo * 2 + times) // (2 * times), np.where(paid.hi >= OPEN, OPEN, (paid.hi * 2 + times) // (2 * times)))


def show_paid(policy: str, unit: str) -> Action:
    """The action that writes what an item gives as columns `pay:<policy>:lo/hi`."""

    def act(frames: Frames, scratch: dict[str, Any]) -> None:
        _write(frames, unit, (f"pay:{policy}:lo", f"pay:{policy}:hi"), scratch["ledger"].given[policy])

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
    frames.live[unit].put(names[0], values.lo)
    frames.live[unit].put(names[1], values.hi, open_ if open_.any() else None)
