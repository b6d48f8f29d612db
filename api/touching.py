"""Who in the store is touched by one policy: every household, some at a time, through the same engine as one household."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from graph.store import GraphStore
from matcher.choices import Block, World
from matcher.pipeline import Engine, Question, run_worlds

TOGETHER = 200
WORLDS = (False, True)
"""Today, and if what is found is confirmed; the second decides."""


@dataclass(frozen=True, slots=True)
class Touched:
    """How many of a household (or it as a whole: 1) are eligible, and how many not decided."""

    household: str
    eligible: int
    unknown: int


def touched(store: GraphStore, engine: Engine, policy: str, as_of: dt.date) -> Iterator[list[Touched]]:
    """Batches of all households, in the order of their ids, those that are not touched included."""
    program = engine.program(as_of)
    unit = engine.catalogue.policies[policy][0].unit
    for batch in store.scan_nodes("Household", batch=TOGETHER):
        ids = batch.get_column("id").to_list()
        base = engine.frames(store.neighbourhoods(ids), ids, Question(ids[0], as_of), program)
        frames, _ = run_worlds(program, base, [World(confirmed=confirmed) for confirmed in WORLDS])
        rows = Block(frames, unit, 1, len(WORLDS))
        height = frames.height(unit) // len(WORLDS)
        owners = list(range(height)) if unit == "household" else frames.hops[(unit, "ego")][1].to_list()[:height]
        counts = {place: [0, 0] for place in range(len(ids))}
        asked = Block(frames, "household", 0, len(WORLDS)).column("id").to_list()
        for owner, inside, verdict in zip(owners, rows.column("inside"), rows.column(f"v:{policy}"), strict=True):
            if inside and verdict is not False and owner < len(ids):
                counts[owner][0 if verdict else 1] += 1
        yield [Touched(asked[place], *count) for place, count in counts.items()]
