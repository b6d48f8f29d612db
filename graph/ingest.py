"""What a file told, written to the graph so that it can be told again, corrected and taken back.

In: rows of a file, already read and typed. Out: statements, and the nodes and edges that follow from them, one atomic unit per batch.
Each row becomes statements of its own source; an edge, an award, a recognition or a consent has a statement behind it too (`list`,
`key`, values as `fact_told_…`), so that it is known who said so, and what is left when one source is withdrawn.
What a source said before and says again changes nothing; what it says anew is one more version, and the older one stays for replay.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import quote

from graph.ingest_derived import Derived, derived_from
from graph.model import Value
from graph.regions import ancestors
from graph.store import GraphStore, Prefix, Writer

Unit = Literal["Household", "Person"]
Homes = dict[str, tuple[date, str] | None]
"""Household -> day and region of the newest statement on where it lives."""


@dataclass(frozen=True, slots=True)
class Import:
    """What all rows of one load share. `source` is `<who>/<file>`; its part before the slash ranks it (facts.yaml, `sources`)."""

    source: str
    file: str
    recorded_at: datetime


@dataclass(slots=True)
class Telling:
    """One thing told about one subject.

    Facts of a day (`day`, `values` under `fact_…`), an entry of a list (`list`, `key`), or lists that are whole (`complete`).
    """

    unit: Unit
    subject: str
    day: date | None = None
    values: dict[str, Value] = field(default_factory=dict)
    list: str | None = None
    key: str | None = None
    complete: tuple[str, ...] = ()


@dataclass(slots=True)
class FileRow:
    """One row of a file, kept whole or not at all.

    `nodes`: Household and Person rows that must be there; `needs`: (column, kind, id) that have to be stored already.
    """

    number: int
    tellings: list[Telling] = field(default_factory=list)
    nodes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    needs: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row; `missing` is the (column, kind, id) that is not stored."""

    number: int
    state: Literal["stored", "unchanged", "rejected"]
    missing: tuple[str, str, str] | None = None


def store_rows(store: GraphStore, rows: Sequence[FileRow], imported: Import) -> list[Outcome]:
    """Write a batch as one unit: after a crash it is there whole or not at all.

    Returns:
        One outcome per row, in order. A row with a missing end is left out, the others are kept.
    """
    homes = homes_before(store, rows)
    return store.write(lambda writer: put_rows(writer, rows, imported, homes))


def homes_before(store: GraphStore, rows: Sequence[FileRow]) -> Homes:
    """Where the households that rows say have moved live so far; to be read before the unit of `put_rows`."""
    moved = {told.subject for row in rows for told in row.tellings if told.unit == "Household" and "fact_region" in told.values}
    return {household: home_of(store, household) for household in sorted(moved)}


def put_rows(writer: Writer, rows: Sequence[FileRow], imported: Import, homes: Homes) -> list[Outcome]:
    """As store_rows, within a unit that writes more."""
    return _Batch(writer, imported, dict(homes)).put(rows)


def part(text: str) -> str:
    """A piece of a statement's id: what would read as a separator is escaped."""
    return quote(text, safe="@:+,")


def base_id(told: Telling, source: str) -> str:
    """The id of the first version of what a source told: subject first, so that all about a subject are found by prefix."""
    if told.list is not None:
        return f"{told.unit.lower()}/{part(told.subject)}/{told.list}/{part(told.key or '-')}/{part(source)}"
    whole = f"/whole/{part(','.join(told.complete))}" if told.complete else ""
    return f"{told.unit.lower()}/{part(told.subject)}/{told.day or '-'}/{part(source)}{whole}"


def about(unit: str, subject: str) -> Prefix:
    """All statements about a subject."""
    return Prefix(f"{unit.lower()}/{part(subject)}/")


def pages(store: GraphStore, kind: str, where: dict[str, Value | Prefix]) -> Iterable[list[dict[str, Any]]]:
    """All nodes that fit, page by page."""
    begins = where.get("id")
    after = begins.text if isinstance(begins, Prefix) else None  # no id is the prefix alone, and a search begins there at once
    while True:
        page = store.find(kind, where, limit=2000, after=after)
        if page.rows:
            yield page.rows
        after = page.after
        if after is None:
            return


def home_of(store: GraphStore, household: str, *, but_not: frozenset[str] = frozenset()) -> tuple[date, str] | None:
    """The day and region of the newest statement on where a household lives; statements named in `but_not` do not count."""
    told: list[tuple[date, datetime, str]] = []
    for rows in pages(store, "Statement", {"id": about("Household", household)}):
        standing = [row for row in rows if "fact_region" in row and "withdrawn_at" not in row and row["id"] not in but_not]
        told += [(row.get("true_on") or date.min, row["recorded_at"], str(row["fact_region"])) for row in standing]
    return (max(told)[0], max(told)[2]) if told else None


class _Batch:
    """One unit of work: gathers what changes and puts it, nodes before edges."""

    def __init__(self, writer: Writer, imported: Import, homes: Homes) -> None:
        self.writer, self.imported, self.homes = writer, imported, homes
        self.nodes: dict[str, dict[str, dict[str, Any]]] = {}
        self.edges: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
        self.gone: list[dict[str, Any]] = []
        self.there: dict[tuple[str, str], bool] = {}

    def put(self, rows: Sequence[FileRow]) -> list[Outcome]:
        """All rows; the outcome of each."""
        outcomes = [self._row(row) for row in rows]
        for kind, nodes in self.nodes.items():
            self.writer.upsert_nodes(kind, list(nodes.values()))
        if self.gone:
            self.writer.delete_edges("LIVES_IN", self.gone)
        for kind, edges in self.edges.items():
            self.writer.upsert_edges(kind, list(edges.values()))
        return outcomes

    def _row(self, row: FileRow) -> Outcome:
        own = {(kind, node["id"]) for kind, node in row.nodes}
        for need in row.needs:
            if need[1:] not in own and not self._stored(*need[1:]):
                return Outcome(row.number, "rejected", need)
        changed = [self._node(kind, node) for kind, node in row.nodes]
        changed += [self._telling(told) for told in row.tellings]
        return Outcome(row.number, "stored" if any(changed) else "unchanged")

    def _stored(self, kind: str, id_: str) -> bool:
        if (kind, id_) not in self.there:
            self.there[kind, id_] = id_ in self.nodes.get(kind, {}) or self.writer.get(kind, id_) is not None
        return self.there[kind, id_]

    def _current(self, kind: str, id_: str) -> dict[str, Any] | None:
        """A node as it will be after the unit."""
        stored = self.writer.get(kind, id_)
        waiting = self.nodes.get(kind, {}).get(id_)
        return stored if waiting is None else {**(stored or {}), **waiting}

    def _node(self, kind: str, node: dict[str, Any]) -> bool:
        """Put a node only where it brings something new, so that its source stays that of who told it."""
        current = self._current(kind, node["id"])
        told = {name: value for name, value in node.items() if value is not None}
        if current is not None and all(current.get(name) == value for name, value in told.items()):
            return False
        waiting = self.nodes.setdefault(kind, {}).setdefault(node["id"], {})
        waiting.update(told | {"source": self.imported.source})
        self.there[kind, node["id"]] = True
        return True

    def _telling(self, told: Telling) -> bool:
        """A statement, if it says anything new, and what follows from it."""
        base = base_id(told, self.imported.source)
        said, versions, own = self._said(base)
        news = {name: value for name, value in told.values.items() if value is not None and said.get(name) != value}
        if set(told.complete) - set(said.get("complete", ())):
            news["complete"] = list(told.complete)
        if said and not news:
            return False
        id_ = own or (base if versions == 0 else f"{base}#{versions + 1}")
        row = self.nodes.setdefault("Statement", {}).setdefault(
            id_, {"id": id_, "source": self.imported.source, "file": self.imported.file}
        )
        row.update(news | {"true_on": told.day, "recorded_at": self.imported.recorded_at, "list": told.list, "key": told.key})
        self._edge("ABOUT", {"src": id_, "dst": told.subject, "dst_kind": told.unit})
        if told.list is not None:
            self._follow(derived_from(told.unit, told.subject, told.list, told.key or "-", {**said, **news}))
        if told.unit == "Household" and "fact_region" in news:
            self._move(told.subject, told.day or date.min, str(news["fact_region"]))
        return True

    def _said(self, base: str) -> tuple[dict[str, Any], int, str | None]:
        """What the source says so far (withdrawn versions left out), how many versions there are, and the one of this very load."""
        said: dict[str, Any] = {}
        versions, own = 0, None
        while (row := self._current("Statement", base if versions == 0 else f"{base}#{versions + 1}")) is not None:
            versions += 1
            if "withdrawn_at" not in row:
                said |= row
                own = row["id"] if row.get("recorded_at") == self.imported.recorded_at else None
        return said, versions, own

    def _follow(self, derived: Derived) -> None:
        for kind, node in derived.nodes:
            self.nodes.setdefault(kind, {}).setdefault(node["id"], {}).update(node | {"source": self.imported.source})
        for kind, edge in derived.edges:
            self._edge(kind, edge)

    def _edge(self, kind: str, edge: dict[str, Any]) -> None:
        put = self.edges.setdefault(kind, {}).setdefault((edge["src"], edge["dst"]), {"source": self.imported.source})
        put.update(edge)

    def _move(self, household: str, day: date, region: str) -> None:
        """The household lives where the newest statement says."""
        home = self.homes.get(household)
        if home is not None and home[0] > day:
            return
        if home is not None and home[1] != region:
            self.gone.append({"src": household, "dst": home[1]})
            self.edges.get("LIVES_IN", {}).pop((household, home[1]), None)
        self.homes[household] = (day, region)
        self.gone = [edge for edge in self.gone if edge != {"src": household, "dst": region}]
        chain = [region, *ancestors(region)]
        for code, above in zip(chain, [*chain[1:], None], strict=True):
            if not self._stored("Region", code):
                self._node("Region", {"id": code, "parent": above})
                if above:
                    self._edge("PART_OF", {"src": code, "dst": above})
        self._edge("LIVES_IN", {"src": household, "dst": region})
        self.nodes.setdefault("Household", {}).setdefault(household, {"id": household})["lives_in"] = region
