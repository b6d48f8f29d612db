"""What the rows of a file ask of the store: who has an ID card, which regions there are, which version of a policy an award is under."""

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graph.errors import RegionError
from graph.ingest import home_of, pages
from graph.regions import level, within
from graph.store import GraphStore

if TYPE_CHECKING:
    from graph.identity import Identity


class StoreLookup:
    """Answers from one store; regions and policies are read once, when they are first asked for.

    named: regions that a catalogue names which perhaps nobody has loaded.
    """

    def __init__(self, store: GraphStore, *, named: Iterable[str] = ()) -> None:
        self.store, self.named = store, named
        self.identity: Identity = store.identity

    @cached_property
    def regions(self) -> set[str]:
        """Those that a catalogue names."""
        return {row["id"] for page in pages(self.store, "Region", {}) for row in page if row.get("name")}.union(self.named)

    @cached_property
    def policies(self) -> dict[str, list[dict[str, Any]]]:
        """The stored versions of each policy and project."""
        found: dict[str, list[dict[str, Any]]] = {}
        for kind in ("Policy", "CharityProject"):
            for page in pages(self.store, kind, {}):
                for row in page:
                    found.setdefault(row.get("policy", row["id"]), []).append({**row, "kind": kind})
        return found

    def person_with(self, idcard_key: str) -> str | None:
        """The id of the person with this ID card, by its keyed hash."""
        found = self.store.find("Person", {"idcard_key": idcard_key}, limit=1).rows
        return str(found[0]["id"]) if found else None

    def knows_region(self, code: str) -> bool:
        """Whether a catalogue names the region, or the county that a township or village lies in; any code where none names regions."""
        if not self.regions or code in self.regions:
            return True
        try:
            return level(code) in ("township", "village") and code[:6] in self.regions
        except RegionError:
            return False

    def policy_node(self, policy: str, unit: str, subject: str, day: dt.date | None) -> str | None:
        """`Kind:id` of the version that an award is under: in force on the day, the nearest to where the household lives, the newest."""
        versions = [row for row in self.policies.get(policy, []) if day is None or _in_force(row, day)] or self.policies.get(policy, [])
        if len(versions) > 1 and unit == "Household" and (home := home_of(self.store, subject)):
            versions = [row for row in versions if any(within(home[1], one) for one in row.get("region", []) if one)] or versions
        if not versions:
            return None
        best = max(versions, key=lambda row: (max(map(len, row.get("region", [])), default=0), row.get("from") or dt.date.min, row["id"]))
        return f"{best['kind']}:{best['id']}"


def _in_force(row: dict[str, Any], day: dt.date) -> bool:
    return (row.get("from") or day) <= day <= (row.get("until") or day)
