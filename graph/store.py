"""The one way to the graph: what every store does, without a word of any query language or driver.

Rows go in as dicts and are identified by (kind, id), or (src, kind, dst); tables come out as polars frames, the same from a
neighbourhood and from a scan. The named questions over the whole graph answer with the tables of `graph.questions`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

import polars as pl

from graph.identity import Identity
from graph.model import EDGE_KINDS, NODE_KINDS, Row, Value

Tables = Mapping[str, pl.DataFrame]
"""One frame per node kind (`id`, the declared properties, then those open ones that occur, by name) in the order of `id`, and one per
edge kind (`src`, `dst`, then `src_kind` and `dst_kind` where the model allows several, then properties) in the order of (`src_kind`,
`src`, `dst_kind`, `dst`). Every kind of the model is there; one without rows is an empty frame with the same dtypes. What is not stored
is null."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Prefix:
    """In a `where` of find: the text begins with this."""

    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of `id`, each with its `id` and what is stored; `after` goes into the next call and is None on the last page."""

    rows: list[dict[str, Any]]
    after: str | None


class Writer(Protocol):
    """What a function given to `write` may do. Every call can be repeated without changing anything."""

    def upsert_nodes(self, kind: str, rows: Sequence[Row]) -> int:
        """Put nodes; each row has an `id`. What is None or blank, or left out, leaves what is stored; an empty list is a value.

        `updated_at` may be given, else it is the time of the transaction; a row that brings nothing else new changes nothing. An open
        property keeps the type it was first stored with (a whole number may become a fraction).

        Returns:
            How many nodes are new or changed.

        Raises:
            UnknownKind, UnknownProperty, BadValue: the row does not fit the model. Nothing of the unit is kept.
        """

    def upsert_edges(self, kind: str, rows: Sequence[Row]) -> int:
        """Put edges; each row has `src` and `dst`, and `src_kind`, `dst_kind` where the edge kind has several. Otherwise as upsert_nodes.

        Raises:
            MissingEnd: an end is not stored. Nothing of the unit is kept.
        """

    def delete(self, kind: str, ids: Sequence[str]) -> int:
        """Remove nodes and every edge at them. Returns how many nodes there were."""

    def delete_edges(self, kind: str, pairs: Sequence[Row]) -> int:
        """Remove edges, given as to upsert_edges. Returns how many there were."""

    def remove_keys(self, kind: str, id: str, keys: Sequence[str]) -> bool:
        """Forget properties of a node. Returns whether any was stored."""

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        """The node as this unit sees it, locked until the unit ends: what a write is decided by is read here."""


def put_all(writer: Writer, *found: Mapping[str, Sequence[Row]]) -> None:
    """Rows by kind: all nodes, then all edges, so that no edge comes before its ends."""
    for kinds, put in ((NODE_KINDS, writer.upsert_nodes), (EDGE_KINDS, writer.upsert_edges)):
        for kind in kinds:
            for rows in found:
                if rows.get(kind):
                    put(kind, rows[kind])


class GraphStore(Protocol):
    """A graph that keeps what it acknowledged. Threads may share one object, and several processes may work on one store."""

    @property
    def identity(self) -> Identity:
        """What encrypts identity under the key that the store was opened with. Raises KeyMissing if there was none."""

    def migrate(self) -> int:
        """Bring the store's layout up to this program and return its number. Raises StoreNewer if it is beyond."""

    def write(self, unit: Callable[[Writer], T]) -> T:
        """Run `unit` as one atomic, durable piece of work and return what it returns. It may be run again, so it must do nothing else.

        Raises: what `unit` raises, with nothing kept; StoreUnavailable if the store stays locked.
        """

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        """The stored properties of a node with its `id`, or None. Absent properties are absent."""

    def get_all(self, pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any] | None]:
        """As `get` for each (kind, id), in one question."""

    def put_if(self, kind: str, id: str, holds: Row, rows: Mapping[str, Sequence[Row]]) -> bool:
        """Put nodes, each as upsert_nodes does, in one atomic, durable piece if a stored node has these properties; whether they were put.

        One question, where `write` asks the store for each thing that the unit does. A row that brings nothing new may be noted too.

        Raises: BadValue for a row of a kind with open properties, and as upsert_nodes does.
        """

    def neighbourhood(self, kind: str, id: str) -> Tables:
        """All that a decision about one household reads. `kind` is Household, or Person for the households that the person is a member of.

        It holds the household; its members; who owes them support, to two steps; their parents and children; the households of all
        of these with every member; statements, recognitions, awards, applications, consents and needs of all these persons and households;
        the regions they live in with all regions above; workers and volunteers who accompany the household, or cover a region that it
        lies in, and what they can do. Edges of SUPPORTS are those into members and into their supporters; of PARENT_OF those at
        members. Policies, projects, organisations and need categories are not repeated: edges to them give their ids. All frames
        are empty if there is no such node.

        Raises: UnknownKind for another kind.
        """

    def neighbourhoods(self, ids: Sequence[str]) -> Tables:
        """The union of the neighbourhoods of these households, each row once."""

    def find(self, kind: str, where: Mapping[str, Value | Prefix], *, limit: int = 50, after: str | None = None) -> Page:
        """Nodes whose properties (or `id`) equal, or begin with, what `where` says, in the order of id, from beyond `after`."""

    def find_highest(
        self, kind: str, by: str, where: Mapping[str, Value | Prefix], *, limit: int = 50, after: tuple[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Nodes that fit `where` as for find, those with the highest text of the property `by` first, those without it last, ties by id.

        Args:
            after: (`by`, id) of the last row of the page before; "" for one without it.
        """

    def scan_nodes(self, kind: str, *, batch: int = 50_000) -> Iterator[pl.DataFrame]:
        """All nodes of a kind in the order of id, in frames of at most `batch` rows; no frame if there are none.

        All frames have the same columns: every open property that was ever stored is there. What is written meanwhile may be seen or not.
        """

    def scan_edges(self, kind: str, *, batch: int = 50_000) -> Iterator[pl.DataFrame]:
        """All edges of a kind in the order of (src_kind, src, dst_kind, dst), otherwise as scan_nodes."""

    def count(self, kind: str) -> int:
        """How many nodes or edges of a kind there are."""

    def unmet_needs(self, on: date, *, within: str = "", limit: int = 50) -> pl.DataFrame:
        """Where assessed needs meet nobody: UNMET, one row per region and category, most households first.

        Somebody who could meet a need on the day: a worker or volunteer who can do the category and covers the household's region or one
        that it lies in, or an organisation that runs a policy or project covering the category and in force, or serving, there.

        Args:
            within: a region code; households that live in it or below. "" is everywhere.
        """

    def single_helpers(self, on: date, *, within: str = "", limit: int = 50) -> pl.DataFrame:
        """Regions with households in which exactly one worker or volunteer helps: ALONE, most households first.

        Who helps in a region covers it or one that it lies in. `accompanied`: the households there whom this one accompanies.
        """

    def opening_items(self, policy: str, on: date) -> pl.DataFrame:
        """What opens an item, and what opens that: OPENING, farthest first, the item itself (0 steps) last; empty if it is not in force.

        `opens` and `excludes` name items of the same answer; `run_by` is who to go to.
        """

    def supporters(self, person: str, on: date) -> pl.DataFrame:
        """Who owes a person support by law, and who owes these: SUPPORTERS, to two steps, the person itself left out."""

    def shared_awards(self, on: date, *, within: str = "", household: str | None = None, limit: int = 50) -> pl.DataFrame:
        """Pairs of households that share a supporter or an address and have received the same item, perhaps twice over: SHARED.

        Received: an award of the household or a member that has not ended, or without an end was paid in the last twelve months.

        Args:
            within: one of the pair lives in this region or below.
            household: one of the pair; then `within` is not looked at.
        """

    def index_profiles(self) -> None:
        """Make the profiles that households have now known to `nearest`; `graph.profiles.refresh_profiles` calls it."""

    def nearest(self, profile: Sequence[int], *, but: str = "", limit: int = 10) -> pl.DataFrame:
        """The households whose stored profile is nearest to this one: NEAREST, by (distance, id); `but` is left out.

        The order is exact: that of a search through all households.
        """

    def changes(self, after: int = 0, *, limit: int = 10_000) -> pl.DataFrame:
        """What was written beyond `after`, in order: `seq, kind, id, op, at, src_kind, dst_kind, dst`.

        `op` is put or delete. For an edge `id` is its src; the last three columns are null for a node. Written in the same
        transaction as the change itself, one row per node or edge that really changed.
        """

    def lease(self, name: str, holder: str, ttl: timedelta) -> bool:
        """Take or renew the lease `name` for `ttl`. True if `holder` has it now, False if somebody else still does.

        A ttl of zero gives it back.
        """

    def backup(self, path: Path) -> None:
        """Write a whole, consistent copy that open_store can open, while others go on working. Raises StoreUnavailable if `path` exists."""

    def close(self) -> None:
        """Let go of the store. Closing twice is harmless."""
