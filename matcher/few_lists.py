"""The frames of lists for few households, from plain rows: the same entries as `matcher.fact_lists` makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from matcher.days import months_on
from matcher.fact_lists import EDGES, PERSONS, edge_properties, node_properties, paid_once
from matcher.frames import Frames, frame_of, spans_of
from matcher.logic import TOP_OF_LIST
from matcher.plain_rows import column_of, hold, row_numbers, rows_of, schema_of
from matcher.scope import HOUSEHOLD, PERSON
from matcher.told import KINDS, Unusual, held_as

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from graph.row_tables import Row
    from matcher.catalogue import Fact
    from matcher.few_facts import FewStage

Entries = dict[str, list[tuple[str | None, Any]]]
"""By their owner: key, and what is told of it."""
NODES = {"awards": "Award", "recognitions": "Recognition"}
"""The nodes that tell of these lists' entries."""
REACH = {"supporters": 4, "parents": 3, "children": 3}
"""Which part of a person's row says whether somebody has such a list here: `near`, `inside` (`matcher.around`)."""


class Entry(NamedTuple):
    """An entry of a list: the row and id of its owner, its key or the person that it is, and what is told of it."""

    owner: int
    id: str
    key: str | None
    told: Any


class FewLists:
    """The lists of one run of the facts stage on plain rows."""

    def __init__(self, stage: FewStage) -> None:
        self.stage = stage
        self.egos = {HOUSEHOLD: [row[4] for row in stage.households], PERSON: [row[6] for row in stage.persons]}
        self.at = {(row[1], row[2]): row[0] for row in stage.persons}

    def rows(self, frames: Frames, frame: str, wanted: set[str]) -> None:
        """The frame of a list: its entries, owner by owner."""
        name, unit = frame.split("@")
        found = sorted(self._found(name, unit), key=lambda one: (one.owner, one.key or ""))
        key = ("empty", frame, frozenset(wanted))
        if found or key not in self.stage.kept:
            columns = self._columns(name, unit, found, wanted)
            if not found:
                self.stage.kept[key] = columns
        else:
            columns = self.stage.kept[key]
        owners = [one.owner for one in found]
        frames.hops[(frame, "owner")] = (unit, columns["owner"])
        frames.hops[(frame, "ego")] = (HOUSEHOLD, row_numbers(self.egos[unit][owner] for owner in owners))
        if name in PERSONS:
            frames.hops[(frame, "entry")] = (PERSON, columns["entry"])
        frames.spans[frame] = spans_of(np.array(owners, dtype=np.int64), len(self.egos[unit]))
        frames.tables[frame] = frame_of(list(columns.values()))

    def _found(self, name: str, unit: str) -> Iterator[Entry]:
        """The entries of everybody whose list may be read. Raises Unusual for one that is too long for the columns."""
        of = self._others(name) if name in PERSONS else self._held(name, KINDS[unit])
        if not of:
            return
        may = self.stage.may_read(unit, name)
        reach = REACH.get(name)
        for row in self.stage.households if unit == HOUSEHOLD else self.stage.persons:
            at, q, id_ = row[:3]
            if (may is None or may[at]) and (reach is None or row[reach]):
                entries = [(key, told) for key, told in of.get(id_, ()) if name not in PERSONS or (q, key) in self.at]
                if len(entries) > TOP_OF_LIST:
                    raise Unusual(name)
                yield from (Entry(at, id_, key, told) for key, told in entries)

    # --- what there is: owner -> (key, what is told) ----------------------------------------------------------------
    def _others(self, name: str) -> Entries:
        """The edges of a list of persons."""
        edges = {"members": self.stage.member, "supporters": self.stage.supports}.get(name, self.stage.parent_of)
        owner, other = ("src", "dst") if name == "children" else ("dst", "src")
        return _grouped((edge[owner], edge[other], edge) for edge in edges)

    def _held(self, name: str, kind: str) -> Entries:
        """Awards and recognitions, or what statements told of a list."""
        if name == "awards":
            return _grouped(self._awards(kind))
        if name == "recognitions":
            live = {row["id"]: row | {"live": True} for row in self.stage.in_force("Recognition")}
            return _grouped((owner, id_, live[id_]) for owner, id_ in self._edges("RECOGNISED_AS", kind) if id_ in live)
        return _grouped((owner, key, told) for (owner, key), told in self.stage.told.entries.get((kind, name), {}).items())

    def _awards(self, kind: str) -> Iterator[tuple[str, str, Row]]:
        """Awards paid by the day, and whether each is in force (docs/language-notes.md, 14)."""
        held = list(self._edges("RECEIVES", kind))
        if not held:
            return
        once, today = paid_once(self.stage.catalogue), self.stage.today
        awards = {row["id"]: row for row in rows_of(self.stage.tables, "Award")}
        for owner, id_ in held:
            row = awards.get(id_)
            if row is not None and (row["paid_on"] is None or row["paid_on"] <= today):
                live: bool | None = True
                if row["until"] is not None:
                    live = row["until"] >= today
                elif row["policy"] in once:
                    live = None if row["paid_on"] is None else months_on(row["paid_on"], 12) > today
                yield owner, id_, row | {"live": live}

    def _edges(self, kind: str, of: str) -> Iterator[tuple[str, str]]:
        """The ends of edges from one kind of node."""
        rows = rows_of(self.stage.tables, kind, ("src", "dst", "src_kind"))
        return ((row["src"], row["dst"]) for row in rows if row["src_kind"] == of)

    # --- columns ----------------------------------------------------------------------------------------------------
    def _columns(self, name: str, unit: str, found: list[Entry], wanted: set[str]) -> dict[str, pl.Series]:
        """What the entries are, and what is told of them."""
        letter = "e" if name in PERSONS else "f"
        fields = self._fields(name)
        facts = {f"{letter}:{n}": fields[n] for n in sorted({w[2:].split(":")[0] for w in wanted if w.startswith(f"{letter}:")})}
        columns = self.stage.unknown(f"{name}@{unit}", facts, (), len(found))
        for column, fact in facts.items() if found else ():
            read = self._reader(name, fact)
            if read is not None:
                hold(columns, column, [read(one.told) for one in found], fact)
        columns["id"] = column_of("id", [one.id for one in found], pl.String())
        columns["owner"] = row_numbers((one.owner for one in found), "owner")
        columns["as_of"] = self.stage.days(len(found))
        if name in PERSONS:
            rows = self.stage.households if unit == HOUSEHOLD else self.stage.persons
            columns["other"] = column_of("other", [one.key for one in found], pl.String())
            columns["entry"] = row_numbers((self.at[(rows[one.owner][1], one.key or "")] for one in found), "entry")
        else:
            columns["key"] = column_of("key", [one.key for one in found], pl.String())
            columns["live"] = column_of("live", [one.told.get("live") for one in found], pl.Boolean())
        return columns

    def _fields(self, name: str) -> Mapping[str, Fact]:
        """The facts of an entry, or of the edge to it. Raises Unusual for a list of persons that the graph does not keep."""
        listed = self.stage.catalogue.facts.get(name)
        fields = {} if listed is None else listed.edge if name in PERSONS else listed.rows
        if not isinstance(fields, Mapping):
            raise Unusual(name)
        return fields

    def _reader(self, name: str, fact: Fact) -> Callable[[Any], Any] | None:
        """What reads a fact from what is told of an entry; None where nobody tells it."""
        if name in PERSONS:
            kind, properties = EDGES[name], edge_properties(fact)
        elif name in EDGES:
            kind, properties = NODES[name], node_properties(fact)
        else:
            return self.stage.told.newest(fact) if self.stage.told.stored(fact) else None
        types = {} if kind == "PARENT_OF" else schema_of(self.stage.tables, kind)
        stored = next((each for each in properties if each in types), None)
        if stored is None:
            return None
        held = held_as(fact, types[stored])
        return lambda row: None if row[stored] is None else held(row[stored])


def _grouped(entries: Iterable[tuple[str, str | None, Any]]) -> Entries:
    """Entries by their owner."""
    found: Entries = {}
    for owner, key, told in entries:
        found.setdefault(owner, []).append((key, told))
    return found
