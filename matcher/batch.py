"""Many households at once, each answered as it would be alone: the same compiled rules, the same choices.

In: the tables of some households' neighbourhoods. Out: their results. Households are grouped by the versions of rules that hold at
their places, so that each runs in the very plan that it would run in alone; those in which items clash run further worlds,
together with others of their kind. Source: design sections 6 and 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher import binding
from matcher.choices import World, clashes_by_question
from matcher.frames import part_of
from matcher.near import near_misses, search_of
from matcher.pipeline import Question, Settled, run_worlds, settle
from matcher.results import results_of
from matcher.supply import on_file_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from matcher.frames import Frames
    from matcher.kept import Result
    from matcher.pipeline import Engine
    from matcher.program import Program
    from matcher.stored import Tables
    from matcher.supply import OnFile

TOGETHER = 100
"""Households with choices that run at once: each may need many worlds, and all of them get as many rows as the one with most."""


def results_for(
    engine: Engine, tables: Tables, households: Sequence[str], as_of: dt.date, *, known_by: dt.datetime | None = None, near: bool = False
) -> list[Result]:
    """The results of the households, in their order.

    Args:
        tables: at least the neighbourhoods of all of them.
        near: near misses too, which takes far longer than all the rest.

    Raises:
        FrameError: a household is not in the tables.
    """
    if not households:
        return []
    found: dict[str, Result] = {}
    groups, question = _alike(engine, tables, households, as_of), Question(households[0], as_of, known_by)
    facts = engine.facts(tables, households, question, [alike.program for alike in groups])
    on_file = on_file_of(tables, households, as_of)
    for alike in groups:
        base = engine.bound(part_of(facts, alike.questions), tables, question, alike.program)
        for result in _of_one_program(base, alike.program, on_file, as_of):
            found[result.household] = result
            if near:
                result.near = _near(engine, tables, Question(result.household, as_of, known_by), alike.places)
    return [found[household] for household in households]


@dataclass(slots=True)
class Alike:
    """Households, by their numbers in the batch, at whose places the same versions hold, and one such set of places."""

    program: Program
    places: frozenset[str]
    questions: list[int]


def _alike(engine: Engine, tables: Tables, households: Sequence[str], as_of: dt.date) -> list[Alike]:
    """The households by the program that answers them."""
    groups: dict[int, Alike] = {}
    at = binding.places_by_household(tables, households)
    for number, home in enumerate(households):
        program = engine.program(as_of, regions=at[home])
        groups.setdefault(id(program), Alike(program, at[home], [])).questions.append(number)
    return list(groups.values())


def _of_one_program(base: Frames, program: Program, on_file: OnFile, as_of: dt.date) -> Iterator[Result]:
    """Two worlds for all; further ones for those with items that clash."""
    worlds = [World(confirmed=False), World(confirmed=True)]
    frames, scratch = run_worlds(program, base, worlds)
    choosing = clashes_by_question(program, frames, scratch["ledger"], 1, len(worlds))
    done = Settled(program, frames, scratch, len(worlds), [worlds] * base.questions, [1] * base.questions)
    yield from results_of(done, on_file, [q for q in range(base.questions) if q not in choosing], as_of=as_of)
    waiting = sorted(choosing)
    for first in range(0, len(waiting), TOGETHER):
        some = waiting[first : first + TOGETHER]
        settled = settle(program, part_of(base, some), clashes={at: choosing[q] for at, q in enumerate(some)})
        yield from results_of(settled, on_file, range(len(some)), as_of=as_of)


def _near(engine: Engine, tables: Tables, question: Question, places: frozenset[str]) -> list[dict[str, object]]:
    """The near misses of one household."""
    program = engine.program(question.as_of, regions=places)
    base = engine.frames(tables, [question.household], question, program)
    search = search_of(engine.program(question.as_of, regions=places, wide=True))
    return [miss.as_json() for miss in near_misses(search, base, engine.answer(tables, question))]
