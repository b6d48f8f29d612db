"""A gap report as it is read: its tables added up one way or another, compared with the one before, without small counts.

In: tables of `matcher.gaps`. Out: plain rows. Counts so small that they point at somebody are hidden from those who see no
households. Source: design sections 12 and 13.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matcher.gaps import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Table = list[dict[str, Any]]
LEAST = 5
"""Counts below this are hidden."""
COUNTS = ("households", "persons", "people", "lacking", "may_lack", "may_households", "may_persons", "ready", "asking")
VIEWS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "places": ("heads", ("region",), ()),
    "circles": ("heads", ("circle",), ()),
    "categories": ("heads", ("category",), ()),
    "needs": ("cells", ("need",), ()),
    "regions": ("cells", ("region", "need"), ("need",)),
    "groups": ("cells", ("circle", "category", "need"), ("need",)),
    "reasons": ("reasons", ("reason", "need"), ("need",)),
    "reasons_by_region": ("reasons", ("region", "need", "reason"), ("need", "reason")),
    "ready": ("ready", ("policy",), ()),
    "ready_by_region": ("ready", ("region", "policy"), ("policy",)),
    "clauses": ("clauses", ("policy", "clause"), ("policy",)),
    "misses": ("misses", ("policy", "fact"), ("policy",)),
    "asked": ("asked", ("policy",), ()),
}
"""View -> the table, the keys that stay, those within which the rows add up to a figure of another view."""


def views(tables: Mapping[str, Table], *, least: int | None = None) -> dict[str, Table]:
    """Every view of a report; with `least`, rows that count more than none and fewer than that are hidden."""
    found = {}
    for name, (table, keys, within) in VIEWS.items():
        rows = folded(tables[table], *keys)
        found[name] = rows if least is None else without_small(rows, keys, within, least)
    return found


def without_small(rows: Table, keys: Sequence[str], within: Sequence[str], least: int) -> Table:
    """The rows with the figures of small ones null.

    Where one row alone of those that agree in `within` would be hidden, the smallest other one is hidden with it: else it
    could be had by subtraction.
    """
    small = {n for n, row in enumerate(rows) if any(0 < (row.get(name) or 0) < least for name in COUNTS)}
    groups: dict[tuple[Any, ...], list[int]] = {}
    for n, row in enumerate(rows):
        groups.setdefault(tuple(row[name] for name in within), []).append(n)
    for members in groups.values():
        others = [n for n in members if n not in small and rows[n]["households"]]
        if len(members) - len(others) and sum(n in small for n in members) == 1 and others:
            small.add(min(others, key=lambda n: (rows[n]["households"], n)))
    return [{name: value if name in keys or n not in small else None for name, value in row.items()} for n, row in enumerate(rows)]


def change(now: Mapping[str, Table], before: Mapping[str, Table]) -> dict[str, Table]:
    """What is more (or less, below 0) than before: `heads` as a whole, `needs`, `reasons`."""
    wanted = (("heads", "heads", ()), ("needs", "cells", ("need",)), ("reasons", "reasons", ("reason",)))
    return {name: _differences(now[table], before[table], keys) for name, table, keys in wanted}


def _differences(now: Table, before: Table, keys: tuple[str, ...]) -> Table:
    new, old = ({tuple(row[key] for key in keys): row for row in folded(rows, *keys)} for rows in (now, before))
    found = []
    for key in dict.fromkeys([*new, *old]):
        mine, theirs = new.get(key, {}), old.get(key, {})
        figures = [name for name in (mine or theirs) if name not in keys]
        found.append(dict(zip(keys, key, strict=True)) | {name: mine.get(name, 0) - theirs.get(name, 0) for name in figures})
    return found
