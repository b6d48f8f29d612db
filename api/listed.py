"""The projects that charities listed and officers approved, as they stand in the store: what the shipped catalogue is completed with.

A number in the store changes with every approval, pause or withdrawal; whoever holds a catalogue compares it before answering, so that
no process answers by what held before.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.ingest import pages
from graph.store import GraphStore, Writer
from matcher.catalogue import Catalogue
from matcher.errors import CatalogueError
from matcher.loader_listed import Listed, with_projects

SOURCE = "listing"
REVISION = "listings"
"""The Meta node that counts the changes of what is in force."""
LOG = logging.getLogger("aidgraph.listed")


@dataclass(frozen=True, slots=True)
class Listings:
    """What was in force when the revision was read."""

    revision: int = 0
    projects: tuple[Listed, ...] = ()


def revision_of(store: GraphStore | Writer) -> int:
    """How often what is in force has changed."""
    return revision_in(store.get("Meta", REVISION))


def revision_in(stored: Mapping[str, Any] | None) -> int:
    """The same of its node as it is stored."""
    return int((stored or {}).get("value", 0))


def count_change(writer: Writer) -> None:
    """What is in force changes with this unit."""
    writer.upsert_nodes("Meta", [{"id": REVISION, "value": str(revision_of(writer) + 1)}])


def read_listings(store: GraphStore) -> Listings:
    """Projects that take part, and those closed since under which something may have been granted; in the order of their ids."""
    revision = revision_of(store)
    rows = [row for page in pages(store, "CharityProject", {"source": SOURCE}) for row in page if "assured_on" in row]
    found = [row for row in rows if row["state"] in ("approved", "paused", "withdrawn")]
    return Listings(revision, tuple(Listed(file_of(row["id"]), row["text"], row["state"] != "approved") for row in found))


def file_of(version: str) -> str:
    """The name under which faults of a version are told."""
    return f"listed/{version}.yaml"


def in_force(catalogue: Catalogue, projects: Sequence[Listed]) -> Catalogue:
    """The catalogue with these projects; one that no longer fits it, because a need or a fact is gone, is left out and named in the log."""
    left = list(projects)
    while left:
        try:
            return with_projects(catalogue, left)
        except CatalogueError as error:
            names = {fault.file for fault in error.faults}
            unfit = [one for one in left if one.file in names] or left
            for one in unfit:
                LOG.warning("left out, it does not fit the catalogue: %s", one.file)
            left = [one for one in left if one not in unfit]
    return catalogue
