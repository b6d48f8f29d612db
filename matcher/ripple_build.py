"""The operations of a plan wired up: which registers each reads and fills, who reads a register, which verdicts lie behind it.

Comes in: a plan that was carried out row by row once, every register kept. Goes out: its Wiring.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcher.moving import FAR
from matcher.plan import Do, Expand
from matcher.ripple_ops import LASTING, Act, AddUp, Bring, Line, Op, Rest
from matcher.sheet import made
from matcher.variants import FILE_LISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from matcher.few import FewPlan, Level
    from matcher.plan import Column
    from matcher.program import Program
    from matcher.sheet import Node, Sheet


Spot = tuple[str, int, str]
"""(unit, row, policy) of a verdict."""


@dataclass(slots=True)
class Wiring:
    """places: (frame, register) -> its number; tokens of payments have places too. told: by place, the operations that read it, as
    (number, what it leads to).

    verdicts: (unit, policy) -> register, place. bits: of a policy among the verdicts. ledger: the actions on payments, in order;
    tokens: their places; paid: the verdicts that hang on them. spots: what each place is; least: places that hold lower ends of what
    is paid or left. everything: the bits of all verdicts, and that of what leads to payments.
    """

    sheets: dict[str, Sheet]
    places: dict[tuple[str, int | str], int] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
    told: dict[int, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    verdicts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    bits: dict[str, int] = field(default_factory=dict)
    ledger: list[int] = field(default_factory=list)
    spots: list[tuple[str, int | str]] = field(default_factory=list)
    least: set[int] = field(default_factory=set)
    paid: int = 0
    tokens: set[int] = field(default_factory=set)
    everything: int = 0

    def register(self, frame: str, column: str) -> int | None:
        """The register of a column that anything reads."""
        at = self.sheets[frame].columns.get(column) if frame in self.sheets else None
        return at if (frame, at) in self.places else None

    def wanted(self, asked: Iterable[Spot]) -> int:
        """The bits of some verdicts."""
        found = 0
        for _, _, policy in asked:
            found |= self.bits[policy]
        return found

    def place(self, frame: str, at: int | str) -> int:
        """The number of a register's place."""
        return self.places.setdefault((frame, at), len(self.places))


def built(few: FewPlan, program: Program) -> Wiring:
    """Wire up a plan that has run."""
    wiring = Wiring(few.sheets)
    writer = _Writer()
    for groups, level in zip(few.groups, few.levels, strict=True):
        for operation in groups.first:
            _first(wiring, operation)
        _moves(wiring, level)
        for frame, lines in level.lines:
            for out, text, inputs in lines:
                if any(isinstance(i, int) for i in inputs):
                    wiring.ops.append(writer.line(wiring, frame, out, text, inputs))
        for frame, roots, exprs in level.rest:
            columns = wiring.sheets[frame].columns
            ins = tuple(wiring.place(frame, columns[r]) for r in roots if r in columns)
            outs = tuple(wiring.place(frame, columns[n]) for e in exprs if (n := e.meta.output_name()) in columns)
            wiring.ops.append(Rest(ins=ins, outs=outs, frame=frame, roots=roots, exprs=exprs))
    for policy in program.order:
        unit = program.catalogue.policies[policy][0].unit
        at = wiring.sheets[unit].columns[f"v:{policy}"]
        wiring.verdicts[unit, policy] = (at, wiring.place(unit, at))
        wiring.bits[policy] = 1 << len(wiring.bits)
        if f"drop:{policy}" in wiring.sheets[unit].columns:
            wiring.place(unit, wiring.sheets[unit].columns[f"drop:{policy}"])
    _connect(wiring)
    return wiring


def _first(wiring: Wiring, operation: Do | Expand) -> None:
    if isinstance(operation, Expand):
        ends = [wiring.place(frame, wiring.sheets[frame].columns["as_of"]) for frame in (operation.context, operation.name)]
        wiring.ops.append(Bring(ins=(ends[0],), outs=(ends[1],), frame=operation.name, hop="owner"))
        return
    ledger = any(frame == "#" for frame, _ in (*operation.reads, *operation.makes))
    ins, outs = (_places(wiring, columns) for columns in (operation.reads, operation.makes))
    wiring.ops.append(Act(ins=ins, outs=outs, act=operation.act, ledger=ledger))


def _places(wiring: Wiring, columns: tuple[Column, ...] | list[Column]) -> tuple[int, ...]:
    found = []
    for frame, name in columns:
        if frame == "#":
            found.append(wiring.place("#", name))
        elif name in wiring.sheets[frame].columns:
            found.append(wiring.place(frame, wiring.sheets[frame].columns[name]))
    return tuple(found)


def _moves(wiring: Wiring, level: Level) -> None:
    for frame, hop, source, registers in level.gathers:
        for at, _, out in registers:
            wiring.ops.append(Bring(ins=(wiring.place(source, at),), outs=(wiring.place(frame, out),), frame=frame, hop=hop))
    for frame, owner, pairs in level.totals:
        for at, out in pairs:
            ins, outs = (wiring.place(frame, at),), (wiring.place(owner, out),)
            wiring.ops.append(AddUp(ins=ins, outs=outs, frame=frame, owner=owner, at=at, to=out))


def _connect(wiring: Wiring) -> None:
    """Who reads what, what leads to which verdict, what facts are before."""
    moved = {
        place
        for frame, sheet in wiring.sheets.items()
        for name, at in sheet.columns.items()
        if (name == "as_of" or (name.startswith(("f:", "e:")) and frame.split("@")[0] not in FILE_LISTS))
        and (place := wiring.places.get((frame, at))) is not None
    }
    for op in wiring.ops:
        op.moves = not moved.isdisjoint(op.ins)
        if op.moves:
            moved.update(op.outs)
    behind = {place: wiring.bits[policy] for (_, policy), (_, place) in wiring.verdicts.items()}
    paying = 1 << len(wiring.bits)
    tokens = wiring.tokens = {place for (frame, _), place in wiring.places.items() if frame == "#"}
    for n, op in reversed(list(enumerate(wiring.ops))):
        ledger = isinstance(op, Act) and op.ledger
        for place in op.outs:
            op.leads_to |= behind.get(place, 0) | (paying if ledger else 0)
        for place in op.ins:
            behind[place] = behind.get(place, 0) | op.leads_to
        if ledger and (op.moves or not tokens.isdisjoint(op.outs)):
            wiring.ledger.append(n)
            wiring.paid |= op.leads_to
    wiring.ledger.reverse()
    for n, op in enumerate(wiring.ops):
        for place in dict.fromkeys(op.ins):
            wiring.told[place].append((n, op.leads_to))
    wiring.everything = (paying << 1) - 1
    wiring.spots = list(wiring.places)
    for frame, sheet in wiring.sheets.items():
        ends = [at for name, at in sheet.columns.items() if name.startswith(("left:", "pay:")) and ":lo" in name]
        wiring.least.update(wiring.places[frame, at] for at in ends if (frame, at) in wiring.places)


class _Writer:
    """Lines as functions; those that say the same share one."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], tuple[Callable[..., Any], Callable[..., Any]]] = {}

    def line(self, wiring: Wiring, frame: str, out: int, text: str, inputs: tuple[Node, ...]) -> Line:
        """A line of a plan as an operation."""
        registers = list(dict.fromkeys(i for i in inputs if isinstance(i, int)))
        said = text.format(*(f"x{registers.index(i)}" if isinstance(i, int) else i for i in inputs))
        names = wiring.sheets[frame].names
        key = (said, len(registers), id(names) if "texts" in said else 0)
        if key not in self._made:
            self._made[key] = _functions(said, len(registers), names)
        every, one = self._made[key]
        lasts = LASTING.get(text)
        shape = tuple(registers.index(i) if isinstance(i, int) else (eval(i), -FAR, FAR) for i in inputs) if lasts else ()  # noqa: S307 - a constant written by the translator
        ins = tuple(wiring.place(frame, i) for i in registers)
        outs = (wiring.place(frame, out),)
        return Line(ins=ins, outs=outs, frame=frame, ats=tuple(registers), at=out, every=every, one=one, lasts=lasts, shape=shape)


def _functions(said: str, count: int, names: dict[str, Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A line on all changes of a row, those that make a difference; and on plain values."""
    given = "".join(f", h{n}, x{n}_" for n in range(count))
    each = "".join(f" for x{n} in (h{n}.get(p, x{n}_),)" for n in range(count))
    every = made(f"def act(asked, was{given}):\n return {{p: v for p in asked{each} if (v := {said}) != was}}", names)
    one = made(f"def act({', '.join(f'x{n}' for n in range(count))}):\n return {said}", names)
    return every, one
