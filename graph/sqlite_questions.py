"""The named questions in the embedded store: SQL reads what matters of the graph, and what is left is put together here.

Every function is given a cursor inside a read transaction. What the answers hold is said at `graph.questions`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import apsw
import networkx as nx
import polars as pl

from graph.questions import ALONE, OPENING, SUPPORTERS, UNMET, answer

Row = dict[str, Any]


def holds(name: str, begins: str = "from", ends: str = "until") -> str:
    """The SQL test that a node or edge holds on the day."""
    return f"""coalesce({name}.props ->> '$.{begins}.d' <= :on, 1) AND coalesce({name}.props ->> '$.{ends}.d' >= :on, 1)"""


_OFFERED = f"""i.kind IN ('Policy', 'CharityProject') AND {holds("i")} AND {holds("i", "open_from", "open_until")}
    AND EXISTS (SELECT 1 FROM edge r WHERE r.src = i.nid AND r.kind = 'RUN_BY')"""
_PLACES = """SELECT v.nid, v.id FROM node v WHERE v.kind = 'Region' AND substr(v.id, 1, length(:within)) = :within
    AND EXISTS (SELECT 1 FROM edge l WHERE l.dst = v.nid AND l.kind = 'LIVES_IN')"""
_NEEDS = f"""
SELECT v.id AS region, n.props ->> '$.category' AS category, n.nid AS need, h.nid AS household
FROM node n CROSS JOIN edge g ON g.dst = n.nid AND g.kind = 'HAS_NEED' CROSS JOIN node s ON s.nid = g.src
LEFT JOIN edge m ON m.src = s.nid AND m.kind = 'MEMBER_OF' AND {holds("m")}
CROSS JOIN node h ON h.nid = CASE WHEN s.kind = 'Household' THEN s.nid ELSE m.dst END
CROSS JOIN edge l ON l.src = h.nid AND l.kind = 'LIVES_IN' AND {holds("l")} CROSS JOIN node v ON v.nid = l.dst
WHERE n.kind = 'Need' AND {holds("n")} AND category IS NOT NULL AND substr(v.id, 1, length(:within)) = :within"""
_CAN_DO = f"""
SELECT w.dst AS region, c.id AS category
FROM node c CROSS JOIN edge d ON d.dst = c.nid AND d.kind = 'CAN_DO' CROSS JOIN node a ON a.nid = d.src AND {holds("a")}
CROSS JOIN edge w ON w.src = a.nid AND w.kind = 'COVERS_AREA' WHERE c.kind = 'NeedCategory'
UNION
SELECT w.dst, c.id
FROM node c CROSS JOIN edge d ON d.dst = c.nid AND d.kind = 'COVERS' CROSS JOIN node i ON i.nid = d.src AND {_OFFERED}
CROSS JOIN edge w ON w.src = i.nid AND w.kind IN ('IN_FORCE_IN', 'SERVES') WHERE c.kind = 'NeedCategory'"""
_EVERYWHERE = f"""
SELECT DISTINCT c.id AS category
FROM node c CROSS JOIN edge d ON d.dst = c.nid AND d.kind = 'COVERS' CROSS JOIN node i ON i.nid = d.src AND {_OFFERED}
WHERE c.kind = 'NeedCategory' AND (i.props -> '$.region' IS NULL
    OR EXISTS (SELECT 1 FROM json_each(i.props, '$.region') p WHERE p.value = ''))"""
_ABOVE = "SELECT e.src, e.dst FROM node v CROSS JOIN edge e ON e.src = v.nid AND e.kind = 'PART_OF' WHERE v.kind = 'Region'"
_HELPERS = f"""
SELECT w.dst AS region, a.nid AS nid, a.kind AS kind, a.id AS id
FROM node a CROSS JOIN edge w ON w.src = a.nid AND w.kind = 'COVERS_AREA' WHERE a.kind IN ('SocialWorker', 'Volunteer') AND {holds("a")}"""
_SKILLS = "SELECT c.id AS category FROM edge d JOIN node c ON c.nid = d.dst WHERE d.src = :helper AND d.kind = 'CAN_DO' ORDER BY c.id"
_LIVING = f"SELECT count(*) AS homes FROM edge l WHERE l.dst = :region AND l.kind = 'LIVES_IN' AND {holds('l')}"
_COMPANY = f"""
SELECT count(*) AS homes FROM edge w CROSS JOIN edge l ON l.src = w.dst AND l.kind = 'LIVES_IN' AND l.dst = :region AND {holds("l")}
WHERE w.src = :helper AND w.kind = 'ACCOMPANIES' AND {holds("w")}"""
_ITEMS = f"SELECT i.nid AS nid, i.props ->> '$.policy' AS policy FROM node i WHERE i.kind IN ('Policy', 'CharityProject') AND {holds('i')}"
_AN_ITEM = "WHERE i.kind IN ('Policy', 'CharityProject')"
_BETWEEN = f"""
SELECT e.src AS src, e.kind AS kind, e.dst AS dst
FROM node i CROSS JOIN edge e ON e.src = i.nid AND e.kind IN ('UNLOCKS', 'PRECLUDES') {_AN_ITEM}"""
_RUN_BY = f"""
SELECT e.src AS src, o.id AS organization
FROM node i CROSS JOIN edge e ON e.src = i.nid AND e.kind = 'RUN_BY' CROSS JOIN node o ON o.nid = e.dst {_AN_ITEM}"""
_SUPPORTED = f"""
SELECT a.nid AS nid, a.id AS id, s.props ->> '$.duty' AS duty,
    EXISTS (SELECT 1 FROM edge p WHERE p.src = a.nid AND p.kind = 'PARENT_OF' AND p.dst = s.dst) AS parent
FROM edge s CROSS JOIN node a ON a.nid = s.src WHERE s.dst = :person AND s.kind = 'SUPPORTS' AND {holds("s")}"""
_HOMES_OF = f"""
SELECT h.id AS household FROM edge m JOIN node h ON h.nid = m.dst
WHERE m.src = :person AND m.kind = 'MEMBER_OF' AND {holds("m")} ORDER BY h.id"""


def unmet_needs(cursor: apsw.Cursor, on: date, within: str, limit: int) -> pl.DataFrame:
    day = {"on": on.isoformat(), "within": within}
    everywhere = {row["category"] for row in _rows(cursor, _EVERYWHERE, **day)}
    met: dict[int, set[str]] = {}
    for row in _rows(cursor, _CAN_DO, **day):
        met.setdefault(row["region"], set()).add(row["category"])
    chains = _Chains(cursor)
    there = {row["id"]: set().union(*(met.get(one, ()) for one in chains.of(row["nid"]))) for row in _rows(cursor, _PLACES, **day)}
    found: dict[tuple[str, str], tuple[set[int], set[int]]] = {}
    for row in _rows(cursor, _NEEDS, **day):
        if row["category"] not in everywhere and row["category"] not in there[row["region"]]:
            needs, homes = found.setdefault((row["region"], row["category"]), (set(), set()))
            needs.add(row["need"])
            homes.add(row["household"])
    rows: list[Row] = [
        {"region": region, "category": category, "needs": len(needs), "households": len(homes)}
        for (region, category), (needs, homes) in found.items()
    ]
    return answer(UNMET, sorted(rows, key=lambda row: (-row["households"], row["region"], row["category"]))[:limit])


def single_helpers(cursor: apsw.Cursor, on: date, within: str, limit: int) -> pl.DataFrame:
    day = {"on": on.isoformat(), "within": within}
    helpers: dict[int, dict[int, Row]] = {}
    for row in _rows(cursor, _HELPERS, **day):
        helpers.setdefault(row["region"], {})[row["nid"]] = row
    chains = _Chains(cursor)
    alone = []
    for place in list(_rows(cursor, _PLACES, **day)):
        near = {nid: row for one in chains.of(place["nid"]) for nid, row in helpers.get(one, {}).items()}
        if len(near) == 1:
            (helper,) = near.values()
            homes = _number(cursor, _LIVING, region=place["nid"], **day)
            alone.append({"region": place["id"], "at": place["nid"], "who": helper, "households": homes})
    alone = sorted((one for one in alone if one["households"]), key=lambda one: (-one["households"], one["region"]))[:limit]
    for one in alone:
        who = one["who"]
        one |= {"helper_kind": who["kind"], "helper": who["id"]}
        one["can_do"] = [row["category"] for row in _rows(cursor, _SKILLS, helper=who["nid"])]
        one["accompanied"] = _number(cursor, _COMPANY, helper=who["nid"], region=one["at"], **day)
    return answer(ALONE, alone)


def opening_items(cursor: apsw.Cursor, policy: str, on: date) -> pl.DataFrame:
    named = {row["nid"]: row["policy"] for row in _rows(cursor, _ITEMS, on=on.isoformat())}
    between = [row for row in _rows(cursor, _BETWEEN) if row["src"] in named and row["dst"] in named]
    opens = nx.DiGraph([(row["dst"], row["src"]) for row in between if row["kind"] == "UNLOCKS"])
    steps: dict[int, int] = {}
    for goal in (nid for nid, name in named.items() if name == policy):
        reached = nx.single_source_shortest_path_length(opens, goal) if goal in opens else {goal: 0}
        for nid, length in reached.items():
            steps[nid] = min(length, steps.get(nid, length))
    rows: dict[str, dict[str, Any]] = {}
    for nid, length in steps.items():
        row = rows.setdefault(named[nid], {"steps": length, "policy": named[nid], "opens": set(), "excludes": set(), "run_by": set()})
        row["steps"] = min(row["steps"], length)
    for row in _rows(cursor, _RUN_BY):
        if row["src"] in steps:
            rows[named[row["src"]]]["run_by"].add(row["organization"])
    for row in between:
        one, other = row["src"], row["dst"]
        if one in steps and other in steps and named[one] != named[other]:
            rows[named[one]]["opens" if row["kind"] == "UNLOCKS" else "excludes"].add(named[other])
            if row["kind"] == "PRECLUDES":
                rows[named[other]]["excludes"].add(named[one])
    lists = ("opens", "excludes", "run_by")
    told = [row | {name: sorted(row[name]) for name in lists} for row in rows.values()]
    return answer(OPENING, sorted(told, key=lambda row: (-row["steps"], row["policy"])))


def supporters(cursor: apsw.Cursor, person: str, on: date) -> pl.DataFrame:
    day = on.isoformat()
    rows: list[Row] = []
    for start in list(_rows(cursor, "SELECT nid, id FROM node WHERE kind = 'Person' AND id = :id", id=person)):
        near = list(_rows(cursor, _SUPPORTED, person=start["nid"], on=day))
        rows += [one | {"step": 1, "supports": start["id"]} for one in near]
        for via in near:
            behind = _rows(cursor, _SUPPORTED, person=via["nid"], on=day)
            rows += [one | {"step": 2, "supports": via["id"]} for one in behind if one["nid"] != start["nid"]]
    for row in rows:
        homes = [home["household"] for home in _rows(cursor, _HOMES_OF, person=row["nid"], on=day)]
        row |= {"supporter": row["id"], "parent": bool(row["parent"]), "households": homes}
    return answer(SUPPORTERS, sorted(rows, key=lambda row: (row["step"], row["supporter"], row["supports"])))


class _Chains:
    """Every region with all that it lies in, read once."""

    def __init__(self, cursor: apsw.Cursor) -> None:
        self._above: dict[int, list[int]] = {}
        for row in _rows(cursor, _ABOVE):
            self._above.setdefault(row["src"], []).append(row["dst"])

    def of(self, region: int) -> set[int]:
        """The region and all above it."""
        chain, latest = {region}, [region]
        while latest:
            latest = [above for one in latest for above in self._above.get(one, ()) if above not in chain]
            chain.update(latest)
        return chain


def _rows(cursor: apsw.Cursor, sql: str, **values: Any) -> Iterator[Row]:
    found = cursor.connection.execute(sql, {name: value for name, value in values.items() if f":{name}" in sql})
    names: list[str] | None = None
    for row in found:
        names = names or [column[0] for column in found.get_description()]
        yield dict(zip(names, row, strict=True))


def _number(cursor: apsw.Cursor, sql: str, **values: Any) -> int:
    return int(next(_rows(cursor, sql, **values))["homes"])
