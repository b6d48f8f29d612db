"""The gap report: what is still lacking after every rule and project, where, for whom, and why.

In: kept results of a region, each with the code of its place. Out: one Report of plain tables. Every amount is an interval; of those
without an upper end the number is told beside it. Rows of `cells` add up to the region, to the fen and the hundredth of an
hour; so do those of `reasons`. A household stands in one circle and one category. Source: design section 12; docs/json.md, report.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from graph.regions import LEVELS
from graph.regions import level as level_of
from matcher.kept import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matcher.catalogue import Catalogue
    from matcher.kept import Left, Result

NONE = "none"
"""The circle or category of households that belong to none, or for which it is not settled."""
LENGTHS = {name: length for length, name in LEVELS.items()}
Key = tuple[str, ...]


@dataclass(slots=True)
class Sums:
    """What is left of needs, added up. Fen, or hundredths of hours a week.

    households, persons: those with something left for certain (of a household's need all its members). may_…: those with something left
    perhaps. before_…: the needs themselves. lo, hi: what is left; of the `open_ended` ones, which have no upper end, lo counts in hi too.
    unstaffed: hours that items promise and nobody near can give; they count as lacking but are not in lo and hi.
    """

    households: int = 0
    persons: int = 0
    may_households: int = 0
    may_persons: int = 0
    before_lo: int = 0
    before_hi: int = 0
    before_open: int = 0
    lo: int = 0
    hi: int = 0
    open_ended: int = 0
    unstaffed: int = 0

    def add(self, rows: list[Left], people: int, unstaffed: int = 0) -> None:
        """One household's rows of one need."""
        sure = [row for row in rows if row.lo > 0]
        persons = people if any(row.who is None for row in sure) else len(sure)
        may = [row for row in rows if row.open]
        if sure or unstaffed:
            self.households += 1
            self.persons += max(persons, 1)
        elif may:
            self.may_households += 1
            self.may_persons += people if any(row.who is None for row in may) else len(may)
        for row in rows:
            self.before_lo += row.before_lo
            self.before_hi += row.before_lo if row.before_hi is None else row.before_hi
            self.before_open += row.before_hi is None
            self.lo += row.lo
            self.hi += row.lo if row.hi is None else row.hi
            self.open_ended += row.hi is None
        self.unstaffed += unstaffed


@dataclass(slots=True)
class Heads:
    """Households: all, those that lack something for certain, perhaps, can apply for something, have something to be checked."""

    households: int = 0
    people: int = 0
    lacking: int = 0
    may_lack: int = 0
    ready: int = 0
    asking: int = 0
    ready_fen: int = 0

    def add(self, result: Result) -> None:
        """One household."""
        lacks = any(row.lo > 0 for row in result.needs) or bool(result.unstaffed)
        self.households += 1
        self.people += len(result.members)
        self.lacking += lacks
        self.may_lack += not lacks and any(row.open for row in result.needs)
        self.ready += any(item.ready for item in result.items)
        self.asking += any(item.status == "ask" for item in result.items)
        self.ready_fen += result.ready_fen


@dataclass(slots=True)
class Counted:
    """How many households and people something is about; fen where it is about money."""

    households: int = 0
    persons: int = 0
    fen: int = 0


@dataclass(slots=True)
class Gaps:
    """Tables by key.

    heads: (region, circle, category). cells: (region, need, circle, category). reasons: (region, need, reason).
    ready: (region, policy), what could be applied for and is not. clauses: (policy, clause), refusals by that clause alone.
    misses: (policy, fact), near misses where they were kept. asked: (policy,), what projects were found to pay.
    """

    heads: dict[Key, Heads] = field(default_factory=dict)
    cells: dict[Key, Sums] = field(default_factory=dict)
    reasons: dict[Key, Sums] = field(default_factory=dict)
    ready: dict[Key, Counted] = field(default_factory=dict)
    clauses: dict[Key, Counted] = field(default_factory=dict)
    misses: dict[Key, Counted] = field(default_factory=dict)
    asked: dict[Key, Counted] = field(default_factory=dict)


def gaps_of(results: Iterable[tuple[str, Result]], catalogue: Catalogue, *, level: str) -> Gaps:
    """Add up the results of a region.

    Args:
        results: (code of the place, result) of every household, each once.
        level: province, city, county, township, village: places are told at this level, those known less exactly as they are.
    """
    gaps = Gaps()
    for code, result in results:
        region = at_level(code, level)
        found, unsettled = result.difficulty, result.difficulty.unsettled
        circle = NONE if "circle" in unsettled else found.circle or NONE
        category = NONE if "category" in unsettled else found.category or NONE
        gaps.heads.setdefault((region, circle, category), Heads()).add(result)
        _needs(gaps, result, region, (circle, category))
        _items(gaps, result, region, catalogue)
    return gaps


def at_level(code: str, level: str) -> str:
    """The region of that level that a place lies in; the place itself where it is known less exactly."""
    return code[: LENGTHS[level]] if level_of(code) else code


def _needs(gaps: Gaps, result: Result, region: str, group: Key) -> None:
    by_need: dict[str, list[Left]] = {need: [] for need in result.unstaffed}
    for row in result.needs:
        by_need.setdefault(row.need, []).append(row)
    people = len(result.members)
    for need, rows in by_need.items():
        unstaffed = result.unstaffed.get(need, 0)
        gaps.cells.setdefault((region, need, *group), Sums()).add(rows, people, unstaffed)
        by_reason: dict[str, list[Left]] = {"no_supply_near": []} if unstaffed else {}
        for row in rows:
            if row.reason is not None:
                by_reason.setdefault(row.reason, []).append(row)
        for reason, some in by_reason.items():
            gaps.reasons.setdefault((region, need, reason), Sums()).add(some, people, unstaffed if reason == "no_supply_near" else 0)


def _items(gaps: Gaps, result: Result, region: str, catalogue: Catalogue) -> None:
    """What could be applied for, which clauses refuse alone, what is nearly met; a household counts once under each key."""
    found: dict[tuple[str, Key], list[int]] = {}
    for item in result.items:
        if item.ready:
            found.setdefault(("ready", (region, item.policy)), []).append(0)
            if catalogue.policies[item.policy][-1].project is not None:
                found.setdefault(("asked", (item.policy,)), []).append(item.lo or 0)
    for one in result.short:
        found.setdefault(("clauses", (one.policy, one.clause)), []).append(0)
    for miss in result.near or ():
        found.setdefault(("misses", (miss["policy"], miss["fact"])), []).append(0)
    for (table, key), amounts in found.items():
        counted = getattr(gaps, table).setdefault(key, Counted())
        counted.households += 1
        counted.persons += len(amounts)
        counted.fen += sum(amounts)


NAMES: dict[str, tuple[str, ...]] = {
    "heads": ("region", "circle", "category"),
    "cells": ("region", "need", "circle", "category"),
    "reasons": ("region", "need", "reason"),
    "ready": ("region", "policy"),
    "clauses": ("policy", "clause"),
    "misses": ("policy", "fact"),
    "asked": ("policy",),
}
"""The key columns of each table."""


def tables_of(gaps: Gaps) -> dict[str, list[dict[str, Any]]]:
    """The tables as rows of plain values, in the order of their keys; reasons in the order of `matcher.kept.REASONS`."""
    found = {}
    for table, names in NAMES.items():
        rows = [dict(zip(names, key, strict=True)) | asdict(value) for key, value in sorted(getattr(gaps, table).items())]
        found[table] = sorted(rows, key=lambda row: REASONS.index(row["reason"])) if table == "reasons" else rows
    return found


def folded(rows: Iterable[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """The rows added up over everything but the named keys, in the order in which these first come; what is suppressed stays out."""
    sums: dict[Key, dict[str, Any]] = {}
    for row in rows:
        key = tuple(str(row[name]) for name in names)
        mine = sums.setdefault(key, dict(zip(names, key, strict=True)))
        for name, value in row.items():
            if isinstance(value, int) and not isinstance(value, bool):
                mine[name] = mine.get(name, 0) + value
    return list(sums.values())
