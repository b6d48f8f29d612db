"""What a charity is told of a project before anybody decides on it: whom it would reach, what it overlaps with, what nobody can meet.

In: a catalogue with the project in it, compiled, and results of households that were looked at. Out: plain counts, small ones not yet
hidden. Nothing is written and nobody is named. Source: design section 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from graph.model import EDGE_KINDS, NODE_KINDS
from graph.regions import within
from graph.tables import DTYPES, empty_frame, whole
from matcher.bundle import TIMES
from matcher.choices import World
from matcher.gaps import at_level
from matcher.pipeline import Question, run_worlds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from matcher.catalogue import Catalogue, PolicyVersion
    from matcher.frames import Frames
    from matcher.kept import KeptItem, Result
    from matcher.pipeline import Engine
    from matcher.program import Program
    from matcher.stored import Tables

BLANK = "nobody-knows"
"""The id of a household of which nothing is known, and of its one member."""


@dataclass(frozen=True, slots=True)
class Never:
    """A condition that nobody in a place can meet, whatever else is true of them; clause "": all of them together."""

    clause: str
    region: str


@dataclass(frozen=True, slots=True)
class Area:
    """Households looked at in a place: those that match, those still to be checked, certain fen of those that match over twelve months."""

    region: str
    looked_at: int
    households: int
    asking: int
    fen: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """An item for the same need in a shared place: the needs, conditions that are word for word the same, households of both."""

    policy: str
    needs: tuple[str, ...]
    clauses: tuple[str, ...]
    households: int


@dataclass(frozen=True, slots=True)
class Met:
    """Households looked at in which a condition is met, or may be."""

    clause: str
    households: int


@dataclass(frozen=True, slots=True)
class Match:
    """Everything counted over the households that were looked at. consent_first: of those that match, without a consent so far."""

    areas: tuple[Area, ...]
    overlaps: tuple[Overlap, ...]
    consent_first: int

    @property
    def looked_at(self) -> int:
        """Households."""
        return sum(area.looked_at for area in self.areas)

    @property
    def households(self) -> int:
        """Those that match."""
        return sum(area.households for area in self.areas)

    @property
    def asking(self) -> int:
        """Those that may."""
        return sum(area.asking for area in self.areas)

    @property
    def fen(self) -> int:
        """What they would be given over twelve months."""
        return sum(area.fen for area in self.areas)


def never_met(engine: Engine, project: str, places: Sequence[str], as_of: dt.date) -> list[Never]:
    """Conditions that fail even where nothing is known: then they fail for everybody, since what is unknown is never a no.

    Args:
        places: each is tried, since standards differ.
    """
    program, version = engine.program(as_of), engine.catalogue.policies[project][-1]
    if version not in program.policies.get(project, ()):
        return []
    ids = [f"{BLANK}/{code}" for code in places]
    base = engine.frames(_blank(ids, places), ids, Question(ids[0], as_of), program)
    frames, _ = run_worlds(program, base, [World(confirmed=True)])
    found = []
    for code, clause_flags, verdict in zip(places, *_by_household(frames, program, version), strict=True):
        failed = [clause.id for clause, flag in zip(version.clauses, clause_flags, strict=True) if flag == -1]
        if verdict == -1 and _serves(version, code):
            found += [Never(clause, code) for clause in failed] if version.requires.op == "all" and failed else [Never("", code)]
    return found


def match_of(
    results: Iterable[Result], homes: Mapping[str, str], project: str, catalogue: Catalogue, *, level: str, as_of: dt.date
) -> Match:
    """Whom a project would reach among some households.

    Args:
        homes: household -> where it lives.
        level: places are told at this level.
    """
    version = catalogue.policies[project][-1]
    areas: dict[str, list[int]] = {}
    rivals = _rivals(version, catalogue, as_of)
    both, consent_first = dict.fromkeys(rivals, 0), 0
    for result in results:
        area = areas.setdefault(at_level(homes[result.household], level), [0, 0, 0, 0])
        area[0] += 1
        ours = [item for item in result.items if item.policy == project and "nothing_left" not in item.caveats]
        matching = [item for item in ours if item.status == "can"]
        if matching:
            area[1] += 1
            area[3] += sum(_fen(item, version) for item in matching)
            consent_first += any("no_consent" in item.caveats for item in matching)
            for other in {item.policy for item in result.items if item.status in ("can", "has")} & rivals.keys():
                both[other] += 1
        elif any(item.status == "ask" for item in ours):
            area[2] += 1
    overlaps = [Overlap(other, *rivals[other], both[other]) for other in rivals]
    kept = [one for one in overlaps if one.households or one.clauses or catalogue.policies[one.policy][-1].project]
    kept.sort(key=lambda one: (-one.households, -len(one.clauses), one.policy))
    return Match(tuple(Area(code, *areas[code]) for code in sorted(areas)), tuple(kept), consent_first)


def clauses_met(engine: Engine, tables: Tables, households: Sequence[str], project: str, as_of: dt.date) -> list[Met]:
    """In how many of the households each condition is met, or may be, by anybody: where nobody matches, it says why."""
    program, version = engine.program(as_of), engine.catalogue.policies[project][-1]
    if version not in program.policies.get(project, ()):
        return []
    base = engine.frames(tables, households, Question(households[0], as_of), program)
    frames, _ = run_worlds(program, base, [World(confirmed=True)])
    flags, _ = _by_household(frames, program, version)
    return [Met(clause.id, sum(one[at] != -1 for one in flags)) for at, clause in enumerate(version.clauses)]


def _by_household(frames: Frames, program: Program, version: PolicyVersion) -> tuple[list[list[int]], list[int]]:
    """For each question the best of its rows: every clause, and the verdict; yes, unknown, no are 1, 0, -1."""
    unit, number = version.unit, program.policies[version.id].index(version)
    table = frames.part(unit, ("q", "inside"))
    asked, inside = table.get_column("q").to_numpy(), table.get_column("inside").to_numpy()
    live = frames.live[unit]
    columns = [live.flags(f"c:{version.id}:{number}:{at}") for at in range(len(version.clauses))] + [live.flags(f"v:{version.id}")]
    best = np.full((frames.questions, len(columns)), -1, dtype=np.int8)
    for at, column in enumerate(columns):
        np.maximum.at(best[:, at], asked[inside], np.asarray(column)[inside])
    rows: list[list[int]] = best.tolist()
    return [row[:-1] for row in rows], [row[-1] for row in rows]


def _blank(ids: Sequence[str], places: Sequence[str]) -> Tables:
    """Households of one member each, of which nothing is known but the place."""
    people = [f"{one}/member" for one in ids]
    given = {
        "Household": {"id": list(ids)},
        "Person": {"id": people},
        "Region": {"id": list(places)},
        "MEMBER_OF": {"src": people, "dst": list(ids)},
        "LIVES_IN": {"src": list(ids), "dst": list(places)},
    }
    return whole({kind: _table(kind, columns) for kind, columns in given.items()})


def _table(kind: str, columns: Mapping[str, list[str]]) -> pl.DataFrame:
    declared = (NODE_KINDS.get(kind) or EDGE_KINDS[kind]).properties
    more = [pl.lit(None, DTYPES[declared[name]]).alias(name) for name in empty_frame(kind).columns if name not in columns]
    return pl.DataFrame(columns).with_columns(more).select(empty_frame(kind).columns)


def _rivals(version: PolicyVersion, catalogue: Catalogue, as_of: dt.date) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Items for a need of the project's in a place that it serves: the needs, and the conditions that are the same."""
    ours = set(version.benefit.covers) if version.benefit else set()
    conditions = {clause.when.node: clause.id for clause in version.clauses}
    found = {}
    for id_, versions in catalogue.policies.items():
        live = [one for one in versions if (one.from_ or as_of) <= as_of <= (one.until or as_of) and _meet(one, version)]
        needs = sorted({need for one in live if one.benefit for need in one.benefit.covers} & ours)
        if id_ != version.id and needs:
            same = {conditions[clause.when.node] for one in live for clause in one.clauses if clause.when.node in conditions}
            found[id_] = (tuple(needs), tuple(clause.id for clause in version.clauses if clause.id in same))
    return found


def _meet(one: PolicyVersion, other: PolicyVersion) -> bool:
    """Whether two versions hold in a common place."""
    return any(_serves(other, code) or not code or _serves(one, mine) for code in one.regions for mine in other.regions)


def _serves(version: PolicyVersion, region: str) -> bool:
    return any(not code or within(region, code) for code in version.regions) if region else True


def _fen(item: KeptItem, version: PolicyVersion) -> int:
    """Certain money over twelve months."""
    if version.benefit is None or version.benefit.hours is not None:
        return 0
    return TIMES.get(version.benefit.per, 0) * (item.lo or 0)
