"""Taking a file back: its statements are marked withdrawn, and what rested on it alone goes.

Nothing that somebody else told is lost: an edge, an award or a person that another live statement speaks of stays, as that one tells it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from graph.ingest import about, home_of, pages, part
from graph.ingest_derived import EDGES, NODES, TOLD, Derived, derived_from, entry_id
from graph.model import EDGE_KINDS
from graph.store import GraphStore, Prefix, Writer

BATCH = 1000
_LISTS = {*EDGES, *NODES}
_HOLDING = ("MEMBER_OF", "SUPPORTS", "PARENT_OF", "ACCOMPANIES")
"""Edges that keep a person or household when no statement speaks of it."""

Subject = tuple[str, str]


@dataclass(slots=True)
class Withdrawn:
    """What was done, or with a dry run would be: statements withdrawn, rows removed by kind, rows that another source still tells."""

    source: str
    statements: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Touched:
    """What the statements of the source spoke of."""

    ids: set[str] = field(default_factory=set)
    entries: set[tuple[str, str, str, str]] = field(default_factory=set)
    subjects: set[Subject] = field(default_factory=set)
    homes: dict[str, str] = field(default_factory=dict)


def withdraw(store: GraphStore, name: str, *, at: datetime, dry_run: bool = False) -> Withdrawn:
    """Withdraw all that one import told.

    Args:
        name: the file (`awards.csv`) or the source (`civil-affairs/awards.csv`) that a load printed.
        at: the time that goes into `withdrawn_at`.

    Returns:
        What was done. Withdrawing again changes nothing.
    """
    done = Withdrawn(name)
    touched = _touched(store, name)
    done.statements = len(touched.ids)
    steps = [*_entries(store, touched, done), *_moves(store, touched, done)]
    _run(store, steps, dry_run=dry_run)
    again = {(kind, edge["src"], edge["dst"]) for step in steps if step.put for kind, edge in step.put.edges}
    gone = {(step.kind, step.src, step.dst) for step in steps if step.op == "edge"} - again
    _run(store, [*_own_entries(store, name, touched, done), *_subjects(store, touched, gone, done)], dry_run=dry_run)
    for ids in () if dry_run else _batches(sorted(touched.ids)):  # last, so that a run that is cut off can simply be repeated
        marks = [{"id": id_, "withdrawn_at": at} for id_ in ids]
        store.write(lambda writer, marks=marks: writer.upsert_nodes("Statement", marks))  # type: ignore[misc]
    return done


def households_of(store: GraphStore, name: str) -> dict[str, str] | None:
    """The households that an import told of, each with where it lives ("": nobody knows); None if nothing ever came from it.

    Of a person they are those that the person is or was a member of; somebody who belongs to none counts as one without a place.
    """
    found: set[str] = set()
    any_ = False
    for rows in pages(store, "Statement", {"file": name.rpartition("/")[2]}):
        for row in rows:
            if _of(name, row):
                any_ = True
                unit, subject = _subject_of(row["id"])
                homes = {subject} if unit == "Household" else _homes_of(store, subject)
                found |= homes or {subject}
    return {one: str((store.get("Household", one) or {}).get("lives_in", "")) for one in found} if any_ else None


def _homes_of(store: GraphStore, person: str) -> set[str]:
    edges = store.neighbourhood("Person", person)["MEMBER_OF"]
    return {dst for src, dst in edges.select("src", "dst").iter_rows() if src == person}


@dataclass(slots=True)
class _Step:
    """One change: an edge or node that goes, or rows that are put."""

    op: str  # edge | node | put
    kind: str
    src: str
    dst: str = ""
    ends: dict[str, str] = field(default_factory=dict)
    put: Derived | None = None


def _run(store: GraphStore, steps: list[_Step], *, dry_run: bool) -> None:
    for batch in () if dry_run else _batches(steps):
        store.write(lambda writer, batch=batch: _apply(writer, batch))  # type: ignore[misc]


def _apply(writer: Writer, steps: list[_Step]) -> None:
    """The steps in order; what is put again begins from nothing."""
    for step in steps:
        if step.op == "edge":
            writer.delete_edges(step.kind, [{"src": step.src, "dst": step.dst} | step.ends])
            if step.kind == "LIVES_IN":
                writer.remove_keys("Household", step.src, ["lives_in"])
        elif step.op == "node":
            writer.delete(step.kind, [step.src])
    for step in steps:
        if step.put is not None:
            for kind, node in step.put.nodes:
                writer.upsert_nodes(kind, [node])
            for kind, edge in step.put.edges:
                writer.upsert_edges(kind, [edge])


def _of(name: str, row: dict[str, Any]) -> bool:
    return name in (row.get("file"), row.get("source"))


def _touched(store: GraphStore, name: str) -> _Touched:
    """All live statements of the import, with what they spoke of."""
    touched = _Touched()
    for rows in pages(store, "Statement", {"file": name.rpartition("/")[2]}):
        for row in rows:
            if not _of(name, row) or "withdrawn_at" in row:
                continue
            unit, subject = _subject_of(row["id"])
            touched.ids.add(row["id"])
            touched.subjects.add((unit, subject))
            if row.get("list") in _LISTS:
                key = str(row.get("key", "-"))
                touched.entries.add((unit, subject, row["list"], key))
                if row["list"] in EDGES:
                    touched.subjects.add(("Person", key))
            if "fact_region" in row:
                touched.homes.setdefault(subject, str(row["fact_region"]))
    return touched


def _subject_of(id_: str) -> Subject:
    """Whom a statement speaks of, from its id."""
    unit, subject = id_.split("/")[:2]
    return unit.capitalize(), unquote(subject)


def _live(store: GraphStore, prefix: Prefix, touched: _Touched) -> list[dict[str, Any]]:
    """The statements with this prefix that stand, the oldest first."""
    rows = [row for page in pages(store, "Statement", {"id": prefix}) for row in page]
    live = [row for row in rows if "withdrawn_at" not in row and row["id"] not in touched.ids]
    return sorted(live, key=lambda row: row["recorded_at"])


def _entries(store: GraphStore, touched: _Touched, done: Withdrawn) -> Iterator[_Step]:
    """Edges, awards, recognitions and consents: gone, or as the others tell them."""
    for unit, subject, list_, key in sorted(touched.entries):
        own = derived_from(unit, subject, list_, key, {})
        kind = NODES[list_][0] if list_ in NODES else EDGES[list_]
        others = _live(store, Prefix(f"{unit.lower()}/{part(subject)}/{list_}/{part(key)}/"), touched)
        for node_kind, node in own.nodes:
            yield _Step("node", node_kind, node["id"])
        for edge_kind, edge in own.edges if not own.nodes else ():
            yield _Step("edge", edge_kind, edge["src"], edge["dst"])
        if others:
            said = {name: value for row in others for name, value in row.items() if name.startswith(TOLD)}
            again = derived_from(unit, subject, list_, key, said)
            for _, row in (*again.nodes, *again.edges):
                row["source"] = others[-1]["source"]
            yield _Step("put", kind, subject, put=again)
        (done.kept if others else done.removed)[kind] += 1


def _moves(store: GraphStore, touched: _Touched, done: Withdrawn) -> Iterator[_Step]:
    """Where households lived by this source alone."""
    for household, region in sorted(touched.homes.items()):
        home = home_of(store, household, but_not=frozenset(touched.ids))
        if home is None or home[1] != region:
            yield _Step("edge", "LIVES_IN", household, region)
            done.removed["LIVES_IN"] += 1
        if home is not None:
            lives = ("Household", {"id": household, "lives_in": home[1]})
            put = Derived([lives], [("LIVES_IN", {"src": household, "dst": home[1]})])
            yield _Step("put", "LIVES_IN", household, put=put)


def _own_entries(store: GraphStore, name: str, touched: _Touched, done: Withdrawn) -> Iterator[_Step]:
    """Awards, recognitions and consents that stand without a statement (cases, synthetic households) and came from this source."""
    entries = {entry_id(*entry) for entry in touched.entries}
    for unit, subject in sorted(touched.subjects):
        for list_, (kind, _) in NODES.items():
            list_name = "consent" if list_ == "consents" else list_
            for page in pages(store, kind, {"id": Prefix(f"{unit.lower()}/{subject}/{list_name}/")}):
                for row in page:
                    if str(row.get("source", "")).rpartition("/")[2] == name.rpartition("/")[2] and row["id"] not in entries:
                        yield _Step("node", kind, row["id"])
                        done.removed[kind] += 1


def _subjects(store: GraphStore, touched: _Touched, gone: set[tuple[str, str, str]], done: Withdrawn) -> Iterator[_Step]:
    """People and households that nobody else speaks of and nothing else holds."""
    alone = {subject for subject in touched.subjects if not _live(store, about(*subject), touched)}
    ours = {subject for subject in alone if _made_here(store, subject)}
    going = ours - _held(store, ours, gone)
    for kind, id_ in sorted(going):
        yield _Step("node", kind, id_)
        done.removed[kind] += 1
    for kind, _ in touched.subjects - going:
        done.kept[kind] += 1


def _made_here(store: GraphStore, subject: Subject) -> bool:
    """Whether the node came with a file whose statements are known: what another program made stays."""
    node = store.get(*subject)
    if node is None:
        return False
    told = {row.get("source") for page in pages(store, "Statement", {"id": about(*subject)}) for row in page}
    return node.get("source") in told or not told


def _held(store: GraphStore, subjects: set[Subject], gone: set[tuple[str, str, str]]) -> set[Subject]:
    """Which of the subjects an edge to somebody who stays still holds."""
    held: set[Subject] = set()
    for kind in _HOLDING if subjects else ():
        declared = EDGE_KINDS[kind]
        for frame in store.scan_edges(kind):
            for edge in frame.iter_rows(named=True):
                ends = {(edge.get("src_kind") or declared.src[0], edge["src"]), (edge.get("dst_kind") or declared.dst[0], edge["dst"])}
                if (kind, edge["src"], edge["dst"]) not in gone and len(ends & subjects) == 1:
                    held |= ends & subjects
    return held


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    rows = list(items)
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
