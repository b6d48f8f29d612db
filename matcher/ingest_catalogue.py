"""A catalogue as rows of the graph: items with what they cover, unlock and preclude, regions, organisations, workers and volunteers.

Pure: texts in, rows out. A version of an item is a node of its own, named by what it says, so that a changed one stands beside the old.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from graph.errors import RegionError
from graph.regions import ancestors, check_region, level, within
from matcher.errors import CatalogueError, Fault
from matcher.loader_fields import Faults, Fields
from matcher.reads import unlocks
from matcher.yaml_source import Item, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matcher.catalogue import Catalogue, PolicyVersion

Rows = dict[str, list[dict[str, Any]]]
HELPERS = (("social_workers", "SocialWorker"), ("volunteers", "Volunteer"))
HELPER_KEYS = ("id", "title", "organisation", "region", "skills", "languages", "hours_week", "hours_used", "in_force")
ORGANISATION_KEYS = ("id", "title", "kind", "department")


@dataclass(slots=True)
class CatalogueRows:
    """Rows by kind; `items` are the ids of all versions by kind."""

    nodes: Rows = field(default_factory=dict)
    edges: Rows = field(default_factory=dict)

    def node(self, kind_: str, **row: object) -> None:
        """Add a node of a kind."""
        self.nodes.setdefault(kind_, []).append({name: value for name, value in row.items() if value is not None})

    def edge(self, kind: str, src: str, dst: str, **ends: str) -> None:
        """Add an edge, once."""
        row = {"src": src, "dst": dst, **ends}
        if row not in self.edges.setdefault(kind, []):
            self.edges[kind].append(row)


def catalogue_rows(catalogue: Catalogue, files: Mapping[str, str]) -> CatalogueRows:
    """All rows of a catalogue.

    Args:
        catalogue: loaded and checked.
        files: the texts of its files by name from its root, those of `regions/` and `actors/` too.

    Raises:
        CatalogueError: faults of regions/*.csv and actors/*.yaml.
    """
    found, faults = CatalogueRows(), Faults()
    _regions(found, files, faults)
    for need in catalogue.needs.values():
        kind = "hours" if need.type == "hours" else "money"
        found.node("NeedCategory", id=need.id, title_zh=need.title.zh, title_en=need.title.en, unit=need.unit, kind=kind)
    _actors(found, files, catalogue, faults)
    _items(found, catalogue, files)
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return found


def _regions(found: CatalogueRows, files: Mapping[str, str], faults: Faults) -> None:
    """Region nodes and what they lie in."""
    named: dict[str, str] = {}
    for name, text in files.items():
        if not (name.startswith("regions/") and name.endswith(".csv")):
            continue
        for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
            code = (row.get("code") or "").strip()
            try:
                named[check_region(code)] = (row.get("name_zh") or row.get("name") or row.get("name_en") or code).strip()
            except RegionError as error:
                faults.found.append(Fault(name, number, "code", error.zh, error.en))
    known = dict(named)
    for code in named:
        known |= {above: known.get(above, "") for above in ancestors(code, named)}
    for code in sorted(known, key=lambda one: (len(one), one)):
        above = next(iter(ancestors(code, known)), None)
        found.node("Region", id=code, name=known[code] or None, level=level(code), parent=above)
        if above:
            found.edge("PART_OF", code, above)


def _actors(found: CatalogueRows, files: Mapping[str, str], catalogue: Catalogue, faults: Faults) -> None:
    """Organisations, social workers and volunteers; departments of policies are organisations too."""
    regions = {row["id"] for row in found.nodes.get("Region", [])}
    organisations: set[str] = set()
    for name, text in sorted(files.items()):
        for document in read_yaml(text, name) if name.startswith("actors/") else ():
            parts = Fields(document, ("organisations", *(part for part, _ in HELPERS)), faults)
            for item in _list(parts.get("organisations")):
                organisations.add(_organisation(found, item, faults))
            for part, kind in HELPERS:
                for item in _list(parts.get(part)):
                    _helper(found, item, kind, catalogue, regions, faults)
    departments = {version.department for versions in catalogue.policies.values() for version in versions}
    for department in sorted(departments - organisations):
        found.node("Organization", id=department, kind="department", department=department)
    for versions in catalogue.policies.values():
        for version in versions:
            if version.project and version.project.organisation not in organisations | departments:
                organisations.add(version.project.organisation)
                found.node("Organization", id=version.project.organisation, kind="charity", department=version.department)


def _list(item: Item | None) -> tuple[Item, ...]:
    return item.value if item is not None and isinstance(item.value, tuple) else ()


def _organisation(found: CatalogueRows, item: Item, faults: Faults) -> str:
    fields = Fields(item, ORGANISATION_KEYS, faults)
    id_, title = fields.text("id", required=True) or "", fields.words("title")
    found.node("Organization", id=id_, title_zh=title.zh, title_en=title.en, kind=fields.text("kind"), department=fields.text("department"))
    return id_


def _helper(found: CatalogueRows, item: Item, kind: str, catalogue: Catalogue, regions: set[str], faults: Faults) -> None:
    """One worker or volunteer: where, for what, how many hours."""
    fields = Fields(item, HELPER_KEYS, faults)
    id_, skills = fields.text("id", required=True) or "", fields.texts("skills")
    from_, until = fields.period("in_force")
    found.node(
        kind,
        **{"id": id_, "title": fields.text("title"), "organization": fields.text("organisation"), "skills": list(skills)},
        **{"languages": list(fields.texts("languages")) or None, "hours_week": _hours(fields, "hours_week")},
        **{"hours_used": _hours(fields, "hours_used"), "from": from_, "until": until},
    )
    for region in fields.regions("region"):
        if regions and region not in regions:
            faults.add(item.spot, f"regions/ 中没有区划 {region}", f"there is no region {region} in regions/")
        elif regions:
            found.edge("COVERS_AREA", id_, region, src_kind=kind)
    for skill in skills:
        if skill in catalogue.needs:
            found.edge("CAN_DO", id_, skill, src_kind=kind)
        else:
            faults.add(item.spot, f"needs.yaml 中没有需求 {skill}", f"there is no need {skill} in needs.yaml")


def _hours(fields: Fields, name: str) -> float | None:
    item = fields.get(name)
    try:
        return None if item is None else float(item.text)
    except ValueError:
        fields.faults.add(item.spot, f"{name} 应为数", f"{name} must be a number") if item else None
        return None


# --- items ---------------------------------------------------------------------------------------------------------------------


def _items(found: CatalogueRows, catalogue: Catalogue, files: Mapping[str, str]) -> None:
    """Policies and projects, version by version, with their edges."""
    texts = _texts(catalogue, files)
    named = {(id_, at): _node_id(id_, texts[id_, at]) for id_, versions in catalogue.policies.items() for at in range(len(versions))}
    regions = {row["id"] for row in found.nodes.get("Region", [])}
    for (id_, at), node in named.items():
        version = catalogue.policies[id_][at]
        kind = "CharityProject" if version.project else "Policy"
        _item(found, version, node, kind, texts[id_, at], catalogue.hash)
        for need in version.benefit.covers if version.benefit else ():
            found.edge("COVERS", node, need, src_kind=kind)
        runner = version.project.organisation if version.project else version.department
        found.edge("RUN_BY", node, runner, src_kind=kind)
        for region in version.regions:
            if region in regions:
                found.edge("SERVES" if version.project else "IN_FORCE_IN", node, region)
    precluded = {(id_, other) for id_, vs in catalogue.policies.items() for v in vs for other in (*v.precludes, *v.choose_one)}
    for edge, pairs in (("UNLOCKS", unlocks(catalogue)), ("PRECLUDES", precluded)):
        for first, second in sorted(pairs):
            for a, one in enumerate(catalogue.policies[first]):
                for b, other in enumerate(catalogue.policies[second]):
                    if _together(one, other):
                        ends = {"src_kind": _kind(one), "dst_kind": _kind(other)}
                        found.edge(edge, named[first, a], named[second, b], **ends)


def _kind(version: PolicyVersion) -> str:
    return "CharityProject" if version.project else "Policy"


def _item(found: CatalogueRows, version: PolicyVersion, node: str, kind: str, text: str, hash_: str) -> None:
    project = version.project
    own: dict[str, object] = {}
    if project:
        own = {
            **{"organization": project.organisation, "budget_fen": project.budget_fen, "places": project.places},
            **{"open_from": project.open_from, "open_until": project.open_until, "state": "listed"},
        }
    found.node(
        kind,
        **{"id": node, "policy": version.id, "title_zh": version.title.zh, "title_en": version.title.en, "layer": version.layer},
        **{"department": version.department, "unit": version.unit, "region": list(version.regions), "from": version.from_},
        **{"until": version.until, "mark": version.sources[0].mark if version.sources else None, "catalogue": hash_, "text": text},
        **own,
    )


def _node_id(id_: str, text: str) -> str:
    return f"{id_}@{sha256(text.encode()).hexdigest()[:12]}"


def _together(one: PolicyVersion, other: PolicyVersion) -> bool:
    """Whether two versions can meet: in one place, on one day."""
    near = any(not a or not b or within(a, b) or within(b, a) for a in one.regions or ("",) for b in other.regions or ("",))
    starts = max(one.from_ or dt.date.min, other.from_ or dt.date.min)
    return near and starts <= min(one.until or dt.date.max, other.until or dt.date.max)


def _texts(catalogue: Catalogue, files: Mapping[str, str]) -> dict[tuple[str, int], str]:
    """Each version as it was written: from its line to where the next entry of the file begins."""
    starts: dict[str, list[int]] = {}
    for versions in catalogue.policies.values():
        for version in versions:
            starts.setdefault(version.spot.file, []).append(version.spot.line)
    found: dict[tuple[str, int], str] = {}
    for id_, versions in catalogue.policies.items():
        for at, version in enumerate(versions):
            lines = files[version.spot.file].splitlines()
            later = [line for line in sorted(starts[version.spot.file]) if line > version.spot.line]
            first = 0 if len(starts[version.spot.file]) == 1 else version.spot.line - 1
            found[id_, at] = "\n".join(lines[first : later[0] - 1 if later else None]).strip() + "\n"
    return found
