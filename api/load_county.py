"""A synthetic county into the store: its catalogue, then its people in batches, each with its mark of progress in the same write.

After kill -9 there are whole batches, and the mark says where to go on. What is there already is not drawn again.
"""

import datetime as dt
import importlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from api.errors import BadRequest
from api.load_catalogue import store_catalogue
from api.load_lookup import StoreLookup
from api.load_progress import CountyProgress
from api.settings import Settings
from api.wiring import Desk
from graph.ingest import pages
from graph.regions import within
from graph.store import GraphStore, Writer, put_all
from matcher.catalogue import Catalogue
from matcher.loader import load_catalogue
from matcher.records import Rows

BATCH = 400
"""Clusters written as one unit: about five hundred households."""
FLAGGED = ("SocialWorker", "Volunteer", "CharityProject")

Told = Callable[[int, int], None]
"""Households that are stored, people that are."""


@dataclass(frozen=True, slots=True)
class County:
    """What is asked for; `as_of` None is the day that the county has in the store, else today."""

    code: str
    seed: int
    households: int
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a county is: how large it is to be, the next cluster, households and people so far, and what it is drawn from."""

    as_of: dt.date
    catalogue: str
    asked: int
    cluster: int = 0
    households: int = 0
    people: int = 0


def mark_id(county: str, seed: int) -> str:
    """The id of the Meta node that holds the mark."""
    return f"synthetic/{county}/{seed}"


def read_mark(store: GraphStore, county: str, seed: int) -> Mark | None:
    """How far a county is, None if it was never begun."""
    node = store.get("Meta", mark_id(county, seed))
    if node is None:
        return None
    told = json.loads(node["value"])
    return Mark(**told | {"as_of": dt.date.fromisoformat(told["as_of"])})


def folder_of(settings: Settings, county: str) -> Path:
    """Where a county's catalogue is written unless told: beside the file of an embedded store, else in var/."""
    scheme, separator, rest = settings.store.partition("://")
    beside = Path(unquote(rest.partition("?")[0]).removeprefix("/")).parent if scheme == "sqlite" and separator else Path("var")
    return beside / f"county-{county}"


def load_county(desk: Desk, asked: County, out: Path, *, quiet: bool = False, batch: int = BATCH) -> Mark:
    """Write what the store lacks of a county: its catalogue, into `out` too, and its people. Returns how far it is then.

    Raises:
        BadRequest: no such county; the county in the store is of another day, or was begun with another catalogue.
    """
    store = desk.store_for_identity
    store.migrate()
    mark = read_mark(store, asked.code, asked.seed) or Mark(asked.as_of or desk.today(), desk.shipped.hash, 0)
    if asked.as_of not in (None, mark.as_of):
        raise BadRequest(
            f"这个合成县已按 {mark.as_of} 的情况生成，请去掉 --as-of 或换一个 --seed",
            f"this county is drawn as of {mark.as_of}: leave --as-of out, or take another --seed",
        )
    mark = replace(mark, asked=max(mark.asked, asked.households))
    if mark.cluster and mark.households < mark.asked and mark.catalogue != desk.shipped.hash:
        raise BadRequest(
            "这个合成县是用另一份目录开始生成的，请用同一个 --catalogue，或换一个 --seed",
            "this county was begun with another catalogue: take the same --catalogue, or another --seed",
        )
    store_county_catalogue(store, desk.shipped, desk.settings.catalogue, out, mark, county=asked.code)
    with CountyProgress(desk.lang, asked=mark.asked, stored=mark.households, quiet=quiet) as progress:
        return store_people(store, desk.shipped, mark, progress.stored, county=asked.code, seed=asked.seed, batch=batch)


def store_county_catalogue(store: GraphStore, catalogue: Catalogue, base: Path, out: Path, mark: Mark, *, county: str) -> None:
    """Write the county's catalogue into `out` and into the store.

    Raises:
        BadRequest: no such county.
        CatalogueError: what was added does not go with the catalogue in `base`.
    """
    seeds = _seeds("synthetic_county_folder")
    try:
        seeds.write_folder(base, out, catalogue, county, households=mark.asked, as_of=mark.as_of)
    except LookupError:
        raise BadRequest(
            f"目录中没有县级代码 {county}",
            f"no county {county} in the catalogue",
            hint=("可用的代码见 seeds/regions/，例如 371621", "seeds/regions/ lists them, 371621 for example"),
        ) from None
    store_catalogue(store, load_catalogue(out), out, mark.as_of)
    added = _added(store, out)
    store.write(lambda writer: [writer.upsert_nodes(kind, rows) for kind, rows in added.items()])


def store_people(store: GraphStore, catalogue: Catalogue, mark: Mark, told: Told, *, county: str, seed: int, batch: int = BATCH) -> Mark:
    """Draw and write what is missing of the county's people; returns the new mark.

    Args:
        told: called after each batch that is stored.
    """
    plan = _seeds("synthetic_county").plan_of(catalogue, county, seed=seed, as_of=mark.as_of)
    drawn = _seeds("synthetic_county").clusters(plan, first=mark.cluster, households=mark.asked - mark.households)
    rows_of, helpers = _seeds("synthetic_county_rows").rows_of, _helpers(plan, mark.asked)
    identity, under = store.identity, _Versions(StoreLookup(store), county)
    while unit := list(islice(drawn, batch)):
        found = merged(rows_of(one, plan, helpers, seal=lambda plain: identity.person(**plain), under=under.node) for one in unit)
        mark = replace(
            mark,
            cluster=unit[-1].number + 1,
            households=mark.households + len(found["Household"]),
            people=mark.people + len(found["Person"]),
        )
        store.write(lambda writer, found=found, mark=mark: _put(writer, found, mark_id(county, seed), mark))  # type: ignore[misc]
        told(mark.households, mark.people)
    return mark


def merged(parts: Iterable[Rows]) -> Rows:
    """The rows of many clusters by kind."""
    found: Rows = {}
    for part in parts:
        for kind, rows in part.items():
            found.setdefault(kind, []).extend(rows)
    return found


def _seeds(name: str) -> Any:
    """A script of the data folder, which no package imports: it is looked up by name when the command runs."""
    return importlib.import_module(f"seeds.{name}")


def _helpers(plan: Any, households: int) -> dict[str, list[Any]]:
    """Workers and volunteers by the region that they cover."""
    found: dict[str, list[Any]] = {}
    for one in _seeds("synthetic_county_folder").helpers(plan.county, households=households):
        found.setdefault(one.region, []).append(one)
    return found


def _added(store: GraphStore, out: Path) -> dict[str, list[dict[str, Any]]]:
    """What the county's catalogue added, as rows that mark it as synthetic."""
    source, found = f"catalogue/{out.resolve().name}", dict[str, list[dict[str, Any]]]()
    for kind in FLAGGED:
        ids = [row["id"] for page in pages(store, kind, {}) for row in page if row.get("source") == source]
        found[kind] = [{"id": id_, "synthetic": True} for id_ in ids if id_.startswith("syn-")]
    return found


def _put(writer: Writer, found: Rows, id_: str, mark: Mark) -> None:
    """All nodes, then all edges, then how far it is."""
    put_all(writer, found)
    writer.upsert_nodes("Meta", [{"id": id_, "value": json.dumps(asdict(mark), default=str)}])


class _Versions:
    """Which stored version an award of the county is under; each policy and day is looked for once."""

    def __init__(self, lookup: StoreLookup, county: str) -> None:
        self._known: dict[tuple[str, dt.date | None], str | None] = {}
        self._lookup = lookup
        near = lookup.policies.items()
        lookup.policies = {id_: [row for row in rows if _reaches(row, county)] or rows for id_, rows in near}

    def node(self, policy: str, day: dt.date | None) -> str | None:
        """`Kind:id`, None where none is stored."""
        if (policy, day) not in self._known:
            self._known[policy, day] = self._lookup.policy_node(policy, "Person", "", day)
        return self._known[policy, day]


def _reaches(row: dict[str, Any], county: str) -> bool:
    return not row.get("region") or any(not region or within(county, region) for region in row["region"])
