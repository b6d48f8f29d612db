"""Many households at once, each answered as it would be alone: the same compiled rules, the same choices.

In: the tables of some households' neighbourhoods. Out: their results. Households are grouped by the versions of rules that hold at
their places, so that each runs in the very plan that it would run in alone; those in which items clash run further worlds,
together with others of their kind. Source: design sections 6 and 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher import binding
from matcher.choices import World, clashes_by_question
from matcher.near import near_misses, search_of
from matcher.pipeline import Question, Settled, run_worlds, settle
from matcher.results import results_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from matcher.kept import Result
    from matcher.pipeline import Engine
    from matcher.program import Program
    from matcher.stored import Tables

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
    found: dict[str, Result] = {}
    for places, homes in _alike(engine, tables, households, as_of):
        program = engine.program(as_of, regions=places)
        for result in _of_one_program(engine, tables, homes, Question(homes[0], as_of, known_by), program):
            found[result.household] = result
            if near:
                result.near = _near(engine, tables, Question(result.household, as_of, known_by), places)
    return [found[household] for household in households]


def _alike(engine: Engine, tables: Tables, households: Sequence[str], as_of: dt.date) -> Iterator[tuple[frozenset[str], list[str]]]:
    """Households with places at which the same versions hold, and one such set of places."""
    groups: dict[int, tuple[frozenset[str], list[str]]] = {}
    for home, places in binding.places_by_household(tables, households).items():
        program = engine.program(as_of, regions=places)
        groups.setdefault(id(program), (places, []))[1].append(home)
    yield from groups.values()


def _of_one_program(engine: Engine, tables: Tables, homes: list[str], question: Question, program: Program) -> Iterator[Result]:
    """Two worlds for all; further ones for those with items that clash."""
    worlds = [World(confirmed=False), World(confirmed=True)]
    base = engine.frames(tables, homes, question, program)
    frames, scratch = run_worlds(program, base, worlds)
    choosing = clashes_by_question(program, frames, scratch["ledger"], 1, len(worlds))
    done = Settled(program, frames, scratch, len(worlds), [worlds] * len(homes), [1] * len(homes))
    yield from results_of(done, tables, [q for q in range(len(homes)) if q not in choosing], as_of=question.as_of)
    waiting = [homes[q] for q in sorted(choosing)]
    for first in range(0, len(waiting), TOGETHER):
        some = waiting[first : first + TOGETHER]
        settled = settle(program, engine.frames(tables, some, question, program))
        yield from results_of(settled, tables, range(len(some)), as_of=question.as_of)


def _near(engine: Engine, tables: Tables, question: Question, places: frozenset[str]) -> list[dict[str, object]]:
    """The near misses of one household."""
    program = engine.program(question.as_of, regions=places)
    base = engine.frames(tables, [question.household], question, program)
    search = search_of(engine.program(question.as_of, regions=places, wide=True))
    return [miss.as_json() for miss in near_misses(search, base, engine.answer(tables, question))]
