"""Loading a catalogue: checked as a whole, then written as one unit, with its files kept so that any past answer can be replayed.

An item that changed stands beside its older version; what is no longer in the folder is ended on the day of the load, never deleted.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.ingest import pages
from graph.store import GraphStore, Writer
from matcher.catalogue import Catalogue
from matcher.ingest_catalogue import CatalogueRows, catalogue_rows
from matcher.yaml_source import text_of

FILES = ("facts.yaml", "needs.yaml", "difficulty.yaml", "referrals.yaml", "standards", "terms", "policies", "projects", "regions", "actors")
ENDED = ("Policy", "CharityProject", "SocialWorker", "Volunteer")
DERIVED = {"UNLOCKS": ("Policy", "CharityProject"), "PRECLUDES": ("Policy", "CharityProject"), "COVERS_AREA": (), "CAN_DO": ()}
ORDER = ("Region", "NeedCategory", "Organization", "Policy", "CharityProject", "SocialWorker", "Volunteer")


@dataclass(slots=True)
class CatalogueResult:
    """What loading a catalogue changed: nodes and edges by kind (there, new or changed), what was ended."""

    folder: str
    hash: str
    there: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        """As docs/import.md says."""
        return {"folder": self.folder, "hash": self.hash, "there": self.there, "changed": self.changed, "ended": self.ended}


def is_catalogue(folder: Path) -> bool:
    """Whether a folder holds a catalogue."""
    return folder.is_dir() and (folder / "facts.yaml").is_file()


def catalogue_files(folder: Path) -> dict[str, str]:
    """The texts of all files of a catalogue, by name from its root. Raises CatalogueError."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".yaml", ".yml", ".csv") and name.split("/")[0] in FILES and "/." not in f"/{name}":
            found[name] = text_of(path, name)
    return found


def store_catalogue(store: GraphStore, catalogue: Catalogue, folder: Path, today: dt.date) -> CatalogueResult:
    """Write a catalogue that was loaded from a folder; again changes nothing.

    Raises:
        CatalogueError: faults in its regions or actors. Nothing is written.
    """
    files = catalogue_files(folder)
    rows = catalogue_rows(catalogue, files)
    source = f"catalogue/{folder.resolve().name}"
    stored = {kind: {row["id"]: row for page in pages(store, kind, {}) for row in page} for kind in ENDED}
    gone = _edges_gone(store, rows, source)

    def unit(writer: Writer) -> CatalogueResult:
        result = CatalogueResult(folder.as_posix(), catalogue.hash)
        _put(writer, rows, source, stored, result)
        result.ended = _end(writer, rows, source, stored, today)
        for kind, pairs in gone.items():
            writer.delete_edges(kind, pairs)
        _keep_files(writer, catalogue.hash, files, rows)
        return result

    return store.write(unit)


def _put(writer: Writer, rows: CatalogueRows, source: str, stored: Mapping[str, Mapping[str, Any]], result: CatalogueResult) -> None:
    """Nodes in the order of who needs whom, then edges; a version that came back is no longer ended."""
    for kind in ORDER:
        nodes = rows.nodes.get(kind, [])
        for node in nodes:
            if kind in ENDED and "until" not in node and "until" in stored[kind].get(node["id"], {}):
                writer.remove_keys(kind, node["id"], ["until"])
        result.there[kind] = len(nodes)
        result.changed[kind] = writer.upsert_nodes(kind, [node | {"source": source} for node in nodes])
    for kind, edges in rows.edges.items():
        result.there[kind] = len(edges)
        result.changed[kind] = writer.upsert_edges(kind, [edge | {"source": source} for edge in edges])


def _end(writer: Writer, rows: CatalogueRows, source: str, stored: Mapping[str, Mapping[str, Any]], today: dt.date) -> list[str]:
    """What this catalogue once held and holds no more has its last day today."""
    ended: list[str] = []
    for kind in ENDED:
        now = {node["id"] for node in rows.nodes.get(kind, [])}
        for id_, row in stored[kind].items():
            if row.get("source") == source and id_ not in now and (row.get("until") or dt.date.max) > today:
                writer.upsert_nodes(kind, [{"id": id_, "until": today}])
                ended.append(id_)
    return sorted(ended)


def _edges_gone(store: GraphStore, rows: CatalogueRows, source: str) -> dict[str, list[dict[str, Any]]]:
    """Edges between what is there now that the rules, or the list of actors, give no more; those of ended versions stay."""
    now = {(kind, node["id"]) for kind, nodes in rows.nodes.items() for node in nodes}
    gone: dict[str, list[dict[str, Any]]] = {}
    for kind, ends in DERIVED.items():
        kept = {(edge["src"], edge["dst"]) for edge in rows.edges.get(kind, [])}
        for frame in store.scan_edges(kind):
            for edge in frame.iter_rows(named=True):
                both = {(edge["src_kind"], edge["src"])} | ({(edge["dst_kind"], edge["dst"])} if ends else set())
                if edge["source"] == source and (edge["src"], edge["dst"]) not in kept and both <= now:
                    names = ("src", "dst", "src_kind", "dst_kind") if ends else ("src", "dst", "src_kind")
                    gone.setdefault(kind, []).append({name: edge[name] for name in names})
    return gone


def _keep_files(writer: Writer, hash_: str, files: Mapping[str, str], rows: CatalogueRows) -> None:
    """The files under the catalogue's hash: with them a past answer is replayed."""
    items = sorted(node["id"] for kind in ("Policy", "CharityProject") for node in rows.nodes.get(kind, []))
    if writer.get("Meta", f"catalogue/{hash_}") is None:
        kept = [{"id": f"catalogue/{hash_}/{name}", "value": text} for name, text in files.items() if text.strip()]
        listed = {"id": f"catalogue/{hash_}", "value": json.dumps({"files": sorted(files), "items": items})}
        writer.upsert_nodes("Meta", [*kept, listed])
