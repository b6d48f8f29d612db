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
    from matcher.rules import Program

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
    """One world's rows of a unit."""

    frames: Frames
    unit: str
    block: int
    worlds: int

    @property
    def rows(self) -> slice:
        """Where they lie in the frame."""
        size = self.frames.height(self.unit) // self.worlds
        return slice(self.block * size, (self.block + 1) * size)

    def column(self, name: str) -> pl.Series:
        """Their part of a column."""
        rows = self.rows
        return self.frames.column(self.unit, name).slice(rows.start, rows.stop - rows.start)

    def yes(self, name: str) -> np.ndarray:
        """Where a yes/no is yes."""
        return np.asarray(self.frames.live[self.unit].flags(name)[self.rows] == 1)


def clashing(program: Program, frames: Frames, ledger: Ledger, block: int, worlds: int) -> list[tuple[Item, Item]]:
    """Pairs of items that clash and are both eligible or received and not given up, in one world."""
    taken: dict[str, list[str]] = {}
    household = ""
    for unit in (HOUSEHOLD, PERSON):
        policies = [p for p in program.clashes if program.clashes[p] and program.catalogue.policies[p][0].unit == unit]
        rows = Block(frames, unit, block, worlds)
        inside, ids = rows.yes("inside").tolist(), rows.column("id").to_list()
        household = ids[inside.index(True)] if unit == HOUSEHOLD else household
        for p in policies:
            stands = standing(program, rows, ledger, p)
            if stands.any():
                taken[p] = [i for i, there in zip(ids, stands, strict=True) if there]
    found = []
    for p, ids in taken.items():
        for other in sorted(program.clashes[p]):
            if other not in taken or other < p:
                continue
            found += [((p, i), (other, j)) for i in ids for j in taken[other] if i == j or household in (i, j)]
    return found


def standing(program: Program, rows: Block, ledger: Ledger, policy: str) -> np.ndarray:
    """Which rows of a world's block have the item: eligible or received, and not given up."""
    stands = (rows.yes(f"v:{policy}") | (ledger.has[policy][rows.rows] == 1)) & rows.yes("inside")
    if program.clashes[policy] and f"drop:{policy}" in rows.frames.live[rows.unit]:
        stands = stands & ~rows.yes(f"drop:{policy}")
    return np.asarray(stands)


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


def better(program: Program, frames: Frames, ledger: Ledger, blocks: list[int], worlds: int) -> int:
    """The block of the better choice."""
    return max(blocks, key=lambda b: (*score(program, frames, ledger, b, worlds), -b)) if len(blocks) > 1 else blocks[0]


def score(program: Program, frames: Frames, ledger: Ledger, block: int, worlds: int) -> tuple[int, int, tuple[bool, ...]]:
    """(certain fen over twelve months, items in kind, which items stand, in the legal order, person by person)."""
    fen, in_kind, early = 0, 0, list[bool]()
    blocks = {unit: Block(frames, unit, block, worlds) for unit in (HOUSEHOLD, PERSON)}
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
