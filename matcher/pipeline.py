"""The whole way for some households: facts, verdicts in every world, the choice, payments, what is left.

`Engine.answer` runs one household, `Engine.run` any frames; both carry out the same compiled plan. Worlds are blocks of
rows: the first is *today* (what is on file), the others *if confirmed*, one for each way to choose where items clash.
Source: design sections 2, 7, 8.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcher import binding
from matcher.applications import refused
from matcher.choices import World, better, clashes_by_question, ways_to_choose
from matcher.facts import frames_of
from matcher.frames import Frames, copies
from matcher.program import Program, named_regions, nearest_of, versions_on
from matcher.rules import compile_catalogue
from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from matcher.catalogue import Catalogue
    from matcher.choices import Item, Parts
    from matcher.stored import Tables

MOST_WORLDS = 64
"""More ways to choose than this are not tried; the best of those tried is kept and the answer says so."""

MOST_MOMENTS = 2_000
"""So many (day, places) are remembered: a service runs for years."""


@dataclass(slots=True)
class Run:
    """A finished run: frames with every column, and what payments left behind, for `worlds` blocks of rows."""

    program: Program
    frames: Frames
    scratch: dict[str, Any]
    worlds: list[World]
    best: int

    def settled(self) -> Settled:
        """The same as a run of one question."""
        return Settled(self.program, self.frames, self.scratch, len(self.worlds), [self.worlds], [self.best])


@dataclass(slots=True)
class Question:
    """What is asked: whose household, on which day, by what was recorded when; terms set by hand are for cases."""

    household: str
    as_of: dt.date
    known_by: dt.datetime | None = None
    terms: Mapping[str, Any] = field(default_factory=dict)
    terms_by_id: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Engine:
    """A catalogue ready to answer. Compiles once for each set of versions in force; threads may share one."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._named = named_regions(catalogue)
        self._programs: dict[object, Program] = {}
        self._asked: dict[object, Program] = {}
        self._compiling = threading.Lock()
        self._kept: dict[object, Any] = {}

    def program(
        self, day: dt.date, *, regions: frozenset[str] | None = None, wide: bool = False, set_terms: frozenset[str] = frozenset()
    ) -> Program:
        """The compiled catalogue for a day: everywhere, or for questions at some places only (less to compute)."""
        if regions is not None:
            regions = frozenset(nearest_of(region, self._named) for region in regions)
        asked = (day, regions, wide, set_terms)
        program = self._asked.get(asked)
        if program is None:
            active = versions_on(self.catalogue, day, regions)
            key = (active.key, wide, set_terms)
            with self._compiling:
                if key not in self._programs:
                    self._programs[key] = compile_catalogue(self.catalogue, active, wide=wide, set_terms=set_terms)
                program = self._programs[key]
            if len(self._asked) >= MOST_MOMENTS:
                self._asked = {}
            self._asked[asked] = program
        return program

    def frames(self, tables: Tables, households: Sequence[str], question: Question, program: Program) -> Frames:
        """The base frames of some households for a program."""
        return self.bound(self.facts(tables, households, question, [program]), tables, question, program)

    def facts(self, tables: Tables, households: Sequence[str], question: Question, programs: Iterable[Program]) -> Frames:
        """What is known of some households, as far as any of the programs reads it."""
        if len(self._kept) >= MOST_MOMENTS:
            self._kept = {}
        base = {HOUSEHOLD: binding.place_columns(self.catalogue)}
        for program in programs:
            for frame, columns in program.plan.base.items():
                base[frame] = base.get(frame, set()) | columns
        return frames_of(tables, self.catalogue, households, as_of=question.as_of, known_by=question.known_by, base=base, kept=self._kept)

    def bound(self, frames: Frames, tables: Tables, question: Question, program: Program) -> Frames:
        """The same frames with all that a program reads besides: places, standards, refusals, terms set by hand."""
        binding.bind(frames, program, question.as_of)
        binding.refuse(frames, refused(tables, question.as_of))
        binding.widen(frames, program)
        if question.terms or question.terms_by_id:
            binding.set_terms(frames, self.catalogue, question.terms, question.terms_by_id)
        return frames

    def answer(self, tables: Tables, question: Question, *, wide: bool = False) -> Run:
        """Everything about one household."""
        by_hand = frozenset({*question.terms, *(t for ts in question.terms_by_id.values() for t in ts)})
        program = self.program(question.as_of, regions=binding.places_of(tables, question.household), wide=wide, set_terms=by_hand)
        base = self.frames(tables, [question.household], question, program)
        return decide(program, base)


def run_worlds(program: Program, base: Frames, worlds: list[World], *, few: bool | None = None) -> tuple[Frames, dict[str, Any]]:
    """One run with a block of rows for each world; `few` as for `Plan.run`."""
    frames = copies(base, len(worlds))
    for block, world in enumerate(worlds):
        if world.confirmed:
            binding.in_world(frames, block, len(worlds), confirmed=True, drops=world.drops)
    return frames, program.plan.run(frames, few=few)


@dataclass(slots=True)
class Settled:
    """A finished run of many questions: for each its worlds (block n is its world n) and which of them is the best."""

    program: Program
    frames: Frames
    scratch: dict[str, Any]
    blocks: int
    worlds: list[list[World]]
    best: list[int]


def decide(program: Program, base: Frames) -> Run:
    """Run the worlds of one household, more of them as long as items that clash are both eligible; keep the best."""
    done = settle(program, base)
    return Run(program, done.frames, done.scratch, done.worlds[0], done.best[0])


def settle(program: Program, base: Frames, *, clashes: Mapping[int, list[tuple[Item, Item]]] | None = None) -> Settled:
    """The same for every question of the frames, each with its own worlds; one question has the very same answer among many.

    clashes: of every question if recognitions found count, where a run has found them before: two worlds need not be tried again.
    """
    worlds = [[World(confirmed=False), World(confirmed=True)] for _ in range(base.questions)]
    tried = [{world.key for world in own} for own in worlds]
    best: list[int | None] = [None] * base.questions
    for q, own in enumerate(worlds if clashes else ()):
        more, _ = _further(own, [(clashes or {})[q]], tried[q])
        worlds[q] = [own[0], *more] if len(more) < MOST_WORLDS else own
    while True:
        blocks = max(len(own) for own in worlds)
        frames = copies(base, blocks)
        for block in range(1, blocks):
            binding.in_worlds(frames, block, blocks, [own[block].drops if block < len(own) else {} for own in worlds])
        scratch = program.plan.run(frames)
        found = [clashes_by_question(program, frames, scratch["ledger"], block, blocks) for block in range(1, blocks)]
        for q, own in enumerate(worlds):
            if best[q] is None:
                pairs = [by_question.get(q, []) for by_question in found[: len(own) - 1]]
                more, settled = _further(own, pairs, tried[q])
                kept = [own[0], *(own[block] for block in settled)]
                if not more or len(kept) + len(more) > MOST_WORLDS:
                    candidates = settled or list(range(1, len(own)))
                    best[q] = better(program, frames, scratch["ledger"], candidates, blocks, parts=_parts(base, q))
                else:
                    worlds[q] = kept + more
        if all(number is not None for number in best):
            return Settled(program, frames, scratch, blocks, worlds, [number or 0 for number in best])


def _further(
    own: list[World], clashes: list[list[tuple[Item, Item]]], tried: set[tuple[bool, frozenset[Item]]]
) -> tuple[list[World], list[int]]:
    """Worlds of a question that are still to be tried, and the blocks in which nothing clashes."""
    settled: list[int] = []
    more: list[World] = []
    for block, pairs in enumerate(clashes, 1):
        if not pairs:
            settled.append(block)
        for world in ways_to_choose(own[block], pairs):
            if world.key not in tried:
                tried.add(world.key)
                more.append(world)
    return more, settled


def _parts(base: Frames, question: int) -> Parts | None:
    """The rows of a question in the base frames; None if it is the only one."""
    if base.questions == 1:
        return None
    found = {}
    for unit in (HOUSEHOLD, PERSON):
        asked = base.tables[unit].get_column("q")
        found[unit] = (int(asked.search_sorted(question, "left")), int(asked.search_sorted(question, "right")))
    return found
