"""A register's full extract: for every household and person of a region a statement that a list is whole on a day."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from api.errors import BadRequest
from api.load_lookup import StoreLookup
from graph.errors import RegionError
from graph.ingest import FileRow, Import, Telling, Unit, store_rows
from graph.regions import shorten, within
from graph.store import GraphStore
from matcher.catalogue import Catalogue
from matcher.ingest_kinds import nearest

BATCH = 2000
BY_DEPARTMENT = ("awards", "recognitions")


def check_list(catalogue: Catalogue, name: str, department: str | None) -> str:
    """The list as statements name it: `awards/civil-affairs`, `bills`. Raises BadRequest."""
    fact = catalogue.facts.get(name.replace("-", "_"))
    if fact is None or fact.type != "list":
        near = nearest(name, [one for one, each in catalogue.facts.items() if each.type == "list"])
        zh, en = (f"，是否为 {'、'.join(near)}？", f"; did you mean {', '.join(near)}?") if near else ("", "")
        raise BadRequest(f"没有清单 {name}{zh}", f"there is no list {name}{en}")
    if fact.name in BY_DEPARTMENT and department is None:
        raise BadRequest(
            f"{name} 分部门登记，请用 --department 说明是哪个部门的全量",
            f"{name} are kept by department: say whose whole register this is with --department",
        )
    if fact.name not in BY_DEPARTMENT or department is None:
        return fact.name
    known = {version.department for versions in catalogue.policies.values() for version in versions}
    if known and department not in known:
        near = nearest(department, known) or sorted(known)
        raise BadRequest(
            f"目录中没有由 {department} 负责的政策，是否为 {'、'.join(near)}？",
            f"the catalogue has no policy of {department}; did you mean {', '.join(near)}?",
        )
    return f"{fact.name}/{department}"


def check_region(lookup: StoreLookup, region: str) -> str:
    """The region's code as long as its level. Raises BadRequest where there is none such."""
    try:
        code = shorten(region)
    except RegionError as error:
        raise BadRequest(f"--region：{error.zh}", f"--region: {error.en}") from None
    if not lookup.knows_region(code):
        raise BadRequest(f"--region：没有区划 {code}，请核对代码", f"--region: there is no region {code}: check the code")
    return code


def state_complete(store: GraphStore, catalogue: Catalogue, lists: list[str], region: str, day: dt.date, imported: Import) -> int:
    """State for everybody of the region that the lists are whole on the day; how many statements are new."""
    subjects = _subjects(store, catalogue, lists, region)
    number = new = 0
    while batch := list(islice(subjects, BATCH)):
        rows = []
        for unit, subject, whole in batch:
            number += 1
            rows.append(FileRow(number, [Telling(unit, subject, day, complete=(whole,))]))
        new += sum(outcome.state == "stored" for outcome in store_rows(store, rows, imported))
    return new


def _subjects(store: GraphStore, catalogue: Catalogue, lists: list[str], region: str) -> Iterator[tuple[Unit, str, str]]:
    """(kind, id, list) for each household that lives in the region and each of its members."""
    households = {
        str(edge["src"]) for frame in store.scan_edges("LIVES_IN") for edge in frame.iter_rows(named=True) if within(edge["dst"], region)
    }
    by_unit = {unit: [one for one in lists if unit in catalogue.facts[one.partition("/")[0]].units] for unit in ("household", "person")}
    yield from (("Household", one, name) for one in sorted(households) for name in by_unit["household"])
    for frame in store.scan_edges("MEMBER_OF") if by_unit["person"] else ():
        for edge in frame.iter_rows(named=True):
            if edge["dst"] in households and edge["until"] is None:
                yield from (("Person", edge["src"], name) for name in by_unit["person"])
