"""Gap reports: made from the kept results of a run, stored whole in the graph, compared with the one before.

What a report says is one JSON value, `content`; files and pages are written from it (`api/report_files.py`, `api/report_page.py`).
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api.batch import KEPT, Batch, kept_results, newest_run, nodes
from api.errors import Conflict, NotFound
from api.places import region_names
from api.wiring import Desk
from graph.regions import LEVELS, level, within
from graph.store import GraphStore, Writer
from matcher.catalogue import Catalogue
from matcher.gap_views import change
from matcher.gaps import at_level, gaps_of, tables_of
from matcher.kept import Result
from matcher.slots import HELPERS, on_day

ORDER = tuple(LEVELS.values())


@dataclass(frozen=True, slots=True)
class Head:
    """What a list of reports tells of one. run, catalogue: what it was made from. before: the report that it was compared with."""

    id: str
    region: str
    level: str
    as_of: dt.date
    made_at: dt.datetime
    run: str
    catalogue: str
    before: str | None

    def to_json(self) -> dict[str, Any]:
        """As docs/json.md tells it."""
        plain = {name: getattr(self, name) for name in Head.__slots__}
        return plain | {"as_of": self.as_of.isoformat(), "made_at": self.made_at.isoformat()}


@dataclass(frozen=True, slots=True)
class Report:
    """A stored report; `content` as docs/json.md tells it."""

    id: str
    region: str
    level: str
    as_of: dt.date
    made_at: dt.datetime
    content: dict[str, Any]


def make_report(desk: Desk, region: str, level_name: str | None, as_of: dt.date | None, now: dt.datetime) -> Report:
    """Make and store the report of a region from its newest finished run, or that of a region around it.

    Raises: NotFound if there is no such run; what `report_from` raises.
    """
    return report_from(desk, _run_for(desk.store, region, as_of), region, level_name or below(region), now)


def report_from(desk: Desk, run: Batch, region: str, level_name: str, now: dt.datetime, *, id_: str | None = None) -> Report:
    """Make and store the report of a region from a run; one that is stored under this id already is given as it is.

    Raises: Conflict if results of the run were taken away.
    """
    store, id_ = desk.store, id_ or report_id(region, level_name, now)
    gaps = gaps_of(_inside(store, run.id, region), desk.catalogue, level=level_name)
    tables = tables_of(gaps)
    earlier = (one for one in heads_of(store, region) if one.level == level_name and one.as_of <= run.as_of and one.id != id_)
    before = next((report_of(store, one.id) for one in earlier), None)
    content: dict[str, Any] = {
        "id": id_,
        "region": region,
        "level": level_name,
        "as_of": run.as_of.isoformat(),
        "catalogue": run.catalogue,
        "run": run.id,
        "made_at": now.isoformat(),
        "names": _names(desk, tables, region),
        "names_en": _english(desk, tables, region),
        "tables": tables | {"supply": _supply(store, region, level_name, run.as_of), "projects": _projects(desk.catalogue, region)},
        "before": before and before.id,
        "change": before and change(tables, before.content["tables"]),
    }
    row = {name: content[name] for name in ("id", "level", "catalogue", "run", "before")}
    stored = row | {"area": region, "as_of": run.as_of, "made_at": now, "text": json.dumps(content, ensure_ascii=False)}

    def unit(writer: Writer) -> Report:
        there = writer.get("GapReport", id_)
        if there is None:
            writer.upsert_nodes("GapReport", [stored])
        return _report(there or stored)

    return store.write(unit)


def report_id(region: str, level_name: str, moment: dt.datetime) -> str:
    """371602.township.20260801T180000000000: one word that may stand in an address and is no path."""
    return f"{region}.{level_name}.{moment.astimezone(dt.UTC):%Y%m%dT%H%M%S%f}"


def heads_of(store: GraphStore, region: str = "") -> list[Head]:
    """The reports of a region (of all of them), the newest first."""
    found = [_head(row) for page in nodes(store, "GapReport", f"{region}." if region else "") for row in page]
    return sorted(found, key=lambda one: (one.made_at, one.id), reverse=True)


def report_of(store: GraphStore, name: str) -> Report:
    """A report by its id, or the newest of a region. Raises NotFound."""
    row = store.get("GapReport", name)
    if row is not None:
        return _report(row)
    for newest in heads_of(store, name) if name else ():
        return report_of(store, newest.id)
    raise NotFound(
        f"没有报告“{name}”", f"there is no report {name!r}", hint=("列出报告：aidgraph report list", "list them: aidgraph report list")
    )


def households_behind(store: GraphStore, report: Report, *, need: str | None, reason: str | None, place: str) -> list[dict[str, Any]]:
    """The households that figures of the report count within a place, hardest first: for those who may see them.

    Raises: Conflict if the results behind the report are kept no more.
    """
    found: list[tuple[tuple[int, int, str], dict[str, Any]]] = []
    for code, result in _inside(store, report.content["run"], place):
        rows = [row for row in result.needs if row.open and need in (None, row.need) and reason in (None, row.reason)]
        if rows:
            index = {"difficulty_lo": result.difficulty.lo, "difficulty_hi": result.difficulty.hi}
            left = [{"need": row.need, "who": row.who, "lo": row.lo, "hi": row.hi, "reason": row.reason} for row in rows]
            order = (-result.difficulty.lo, -result.difficulty.hi, result.household)
            found.append((order, {"household": result.household, "region": code, **index, "open": left}))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _head(row: dict[str, Any]) -> Head:
    told = {name: row.get(name) for name in ("id", "level", "as_of", "made_at", "run", "catalogue", "before")}
    return Head(region=row["area"], **told)  # type: ignore[arg-type]  # all but `before` are always stored


def _report(row: dict[str, Any]) -> Report:
    return Report(row["id"], row["area"], row["level"], row["as_of"], row["made_at"], json.loads(row["text"]))


def _inside(store: GraphStore, run: str, place: str) -> Iterator[tuple[str, Result]]:
    """The results of a run within a place. Raises Conflict if some of them are kept no more."""
    row, found = store.get("BatchRun", run), 0
    for code, result in kept_results(store, run):
        found += 1
        if within(code, place):
            yield code, result
    if row is None or row["state"] == "dropped" or found < row["households"]:
        raise Conflict(
            f"逐户结果只保留最近 {KEPT} 次，这一次的已清理；请重新匹配并汇总",
            f"only the results of the last {KEPT} runs are kept, and these are gone: match and report anew",
        )


def _run_for(store: GraphStore, region: str, as_of: dt.date | None) -> Batch:
    """The newest finished run of the region or of one around it. Raises NotFound."""
    run = newest_run(store, region, as_of)
    if run is not None:
        return run
    day = f" --as-of {as_of.isoformat()}" if as_of else ""
    hint = f"aidgraph batch --region {region}{day}"
    told = (f"先逐户匹配：{hint}", f"first match its households: {hint}")
    raise NotFound(f"还没有 {region} 的匹配结果", f"nothing is kept of {region} yet", hint=told)


def below(region: str) -> str:
    """The level under the region's own; villages have none under them."""
    own = level(region)
    return ORDER[min(ORDER.index(own) + 1, len(ORDER) - 1)] if own else ORDER[-1]


def _names(desk: Desk, tables: dict[str, list[dict[str, Any]]], region: str) -> dict[str, str]:
    """What the places of the report are called, as far as it is known."""
    codes = {region, *(row["region"] for row in tables["heads"])}
    known = region_names(desk.settings.catalogue)
    stored = {code: desk.store.get("Region", code) or {} for code in sorted(codes)}
    return {code: str(stored[code].get("name") or known.get(code, (code,))[0]) for code in sorted(codes)}


def _english(desk: Desk, tables: dict[str, list[dict[str, Any]]], region: str) -> dict[str, str]:
    """The same in English, of those that the catalogue names."""
    known = region_names(desk.settings.catalogue)
    return {code: known[code][1] for code in sorted({region, *(row["region"] for row in tables["heads"])}) if code in known}


def _supply(store: GraphStore, region: str, level_name: str, as_of: dt.date) -> list[dict[str, Any]]:
    """Who can do what, where: helpers and their free hours a week (hundredths). One with several skills stands under each."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for kind in HELPERS.values():
        free = {}
        for page in store.scan_nodes(kind):
            for one in on_day(page, as_of).to_dicts():
                hours = one["hours_week"]
                free[one["id"]] = None if hours is None else max(0, round(100 * (hours - (one["hours_used"] or 0.0))))
        areas = _edges(store, "COVERS_AREA", kind)
        for who, needs in _edges(store, "CAN_DO", kind).items():
            near = [area for area in areas.get(who, ()) if who in free and (within(area, region) or within(region, area))]
            for place in {at_level(area, level_name) if within(area, region) else region for area in near}:
                for need in needs:
                    key = (place, need.replace("-", "_"))
                    row = found.setdefault(key, {"region": key[0], "need": key[1], "helpers": 0, "hours_free": 0, "hours_unknown": 0})
                    row["helpers"] += 1
                    row["hours_free"] += free[who] or 0
                    row["hours_unknown"] += free[who] is None
    return [row for _, row in sorted(found.items())]


def _edges(store: GraphStore, kind: str, src_kind: str) -> dict[str, list[str]]:
    """Ends by beginning."""
    found: dict[str, list[str]] = {}
    for page in store.scan_edges(kind):
        for own, src, dst in page.select("src_kind", "src", "dst").iter_rows():
            if own == src_kind:
                found.setdefault(src, []).append(dst)
    return found


def _projects(catalogue: Catalogue, region: str) -> list[dict[str, Any]]:
    """Charity projects that serve the region, with their budgets."""
    found = []
    for policy, versions in sorted(catalogue.policies.items()):
        for version in versions[-1:]:
            serves = any(not code or within(code, region) or within(region, code) for code in version.regions)
            if version.project is not None and serves:
                covers = version.benefit.covers if version.benefit else ()
                found.append({"policy": policy, "needs": list(covers), "budget_fen": version.project.budget_fen})
    return found
