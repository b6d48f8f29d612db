"""Which items can stand together, and which set is the better choice.

Items that clash (`precludes`, `choose_one`) are both eligible until one is given up: every maximal set without a clash is a
world of its own. The better one has more certain yuan over the next twelve months, then more items in kind, then the
earlier items in the legal order. Source: design section 6; docs/language-notes.md, 18.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np

from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    import polars as pl

    from matcher.frames import Frames
    from matcher.ledger import Ledger
    from matcher.program import Program

Item = tuple[str, str]
"""(policy, id of the household or person)."""


@dataclass(slots=True)
class World:
    """`confirmed`: recognitions found count. `drops`: policy -> ids for whom it is given up."""

    confirmed: bool
    drops: dict[str, set[str]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[bool, frozenset[Item]]:
        """What tells worlds apart."""
        return self.confirmed, frozenset((p, i) for p, ids in self.drops.items() for i in ids)


@dataclass(frozen=True, slots=True)
class Block:
    """One world's rows of a unit; `part`: of one question among several, first and past-the-last row within the block."""

    frames: Frames
    unit: str
    block: int
    worlds: int
    part: tuple[int, int] | None = None

    @property
    def rows(self) -> slice:
        """Where they lie in the frame."""
        size = self.frames.height(self.unit) // self.worlds
        first, after = self.part or (0, size)
        return slice(self.block * size + first, self.block * size + after)

    def column(self, name: str) -> pl.Series:
        """Their part of a column."""
        rows = self.rows
        return self.frames.column(self.unit, name).slice(rows.start, rows.stop - rows.start)

    def yes(self, name: str) -> np.ndarray:
        """Where a yes/no is yes."""
        return np.asarray(self.frames.live[self.unit].flags(name)[self.rows] == 1)


def clashing(program: Program, frames: Frames, ledger: Ledger, block: int, worlds: int) -> list[tuple[Item, Item]]:
    """Pairs of items that clash and are both eligible or received and not given up, in one world of the one question."""
    return clashes_by_question(program, frames, ledger, block, worlds).get(0, [])


def clashes_by_question(program: Program, frames: Frames, ledger: Ledger, block: int, worlds: int) -> dict[int, list[tuple[Item, Item]]]:
    """The same for each question that has any, by its number."""
    taken: dict[str, dict[int, list[str]]] = {}
    homes: dict[int, str] = {}
    for unit in (HOUSEHOLD, PERSON):
        policies = [p for p in program.clashes if program.clashes[p] and program.catalogue.policies[p][0].unit == unit]
        rows = Block(frames, unit, block, worlds)
        ids, asked = rows.column("id").to_list(), rows.column("q").to_list()
        if unit == HOUSEHOLD:
            homes = {asked[at]: ids[at] for at in np.flatnonzero(rows.yes("inside"))}
        for p in policies:
            for at in np.flatnonzero(standing(program, rows, ledger, p)):
                taken.setdefault(p, {}).setdefault(asked[at], []).append(ids[at])
    found: dict[int, list[tuple[Item, Item]]] = {}
    for p, holders in taken.items():
        for other in sorted(program.clashes[p]):
            if other not in taken or other < p:
                continue
            for q in holders.keys() & taken[other].keys():
                pairs = [((p, i), (other, j)) for i in holders[q] for j in taken[other][q] if i == j or homes[q] in (i, j)]
                if pairs:
                    found.setdefault(q, []).extend(pairs)
    return found


def standing(program: Program, rows: Block, ledger: Ledger, policy: str) -> np.ndarray:
    """Which rows of a world's block have the item: eligible or received, and not given up."""
    if policy not in ledger.standing:
        table = rows.frames.live[rows.unit]
        stands = ((table.flags(f"v:{policy}") == 1) | (ledger.has[policy] == 1)) & (table.flags("inside") == 1)
        for off in (f"drop:{policy}", f"refused:{policy}"):
            if program.clashes[policy] and off in table:
                stands = stands & (table.flags(off) != 1)
        ledger.standing[policy] = stands
    return ledger.standing[policy][rows.rows]


def ways_to_choose(world: World, clashes: list[tuple[Item, Item]]) -> list[World]:
    """The worlds in which some of the clashing items are given up so that no two clash and none is given up in vain."""
    if not clashes:
        return []
    free = nx.complement(nx.Graph(clashes))
    items = set(free.nodes)
    worlds = []
    for kept in sorted(sorted(c) for c in nx.find_cliques(free)):
        drops = {p: set(ids) for p, ids in world.drops.items()}
        for policy, who in items - set(kept):
            drops.setdefault(policy, set()).add(who)
        worlds.append(World(confirmed=True, drops=drops))
    return worlds


Parts = dict[str, tuple[int, int]]
"""The rows of one question within a block, by unit."""


def better(program: Program, frames: Frames, ledger: Ledger, blocks: list[int], worlds: int, *, parts: Parts | None = None) -> int:
    """The block of the better choice; `parts`: of one question among several."""
    return max(blocks, key=lambda b: (*score(program, frames, ledger, b, worlds, parts or {}), -b)) if len(blocks) > 1 else blocks[0]


def score(program: Program, frames: Frames, ledger: Ledger, block: int, worlds: int, parts: Parts) -> tuple[int, int, tuple[bool, ...]]:
    """(certain fen over twelve months, items in kind, which items stand, in the legal order, person by person)."""
    fen, in_kind, early = 0, 0, list[bool]()
    blocks = {unit: Block(frames, unit, block, worlds, parts.get(unit)) for unit in (HOUSEHOLD, PERSON)}
    for policy in program.order:
        turn, versions = program.turns.get(policy), program.catalogue.policies[policy]
        rows = blocks[versions[0].unit]
        taken = standing(program, rows, ledger, policy)
        early += taken.tolist()
        if turn is None:
            continue
        benefit = next(b for b in (v.benefit for v in versions) if b is not None)
        if benefit.hours is None:
            paid = ledger.paid[policy].lo[rows.rows]
            fen += int(paid[taken].sum()) * turn.times
        if benefit.kind in ("in_kind", "service", "fee_waiver"):
            in_kind += int(taken.sum())
    return fen, in_kind, tuple(early)
