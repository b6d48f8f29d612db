"""The neighbourhoods of households, read from the embedded store hop by hop.

Every hop starts from a set of nodes handed over as JSON and is one statement; CROSS JOIN pins its plan to one index look-up a node,
whatever the planner learns from ANALYZE. The same hops serve one household and thousands.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import apsw

from graph.errors import UnknownKind
from graph.frames import OpenTypes
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.sqlite_rows import Rows, tables_of
from graph.store import Tables
from graph.tables import key_columns

NOT_REPEATED = frozenset({"Policy", "CharityProject", "Organization", "NeedCategory"})

_OUT = """SELECT e.src, e.kind, e.dst, e.props FROM json_each(?1) f CROSS JOIN edge e ON e.src = f.value AND e.kind IN ({kinds})"""
_IN = """SELECT e.src, e.kind, e.dst, e.props FROM json_each(?1) f CROSS JOIN edge e ON e.dst = f.value AND e.kind IN ({kinds})"""
_UP = """
WITH RECURSIVE up (nid) AS (
    SELECT value FROM json_each(?) UNION SELECT e.dst FROM up CROSS JOIN edge e ON e.src = up.nid AND e.kind = 'PART_OF'
)
SELECT e.src, e.kind, e.dst, e.props FROM up CROSS JOIN edge e ON e.src = up.nid AND e.kind = 'PART_OF'"""
_FIND = """SELECT n.nid FROM json_each(?) f CROSS JOIN node n ON n.kind = ? AND n.id = f.value"""
_READ = """SELECT n.nid, n.kind, n.id, n.props FROM json_each(?) f CROSS JOIN node n ON n.nid = f.value ORDER BY n.kind, n.id"""

Nodes = set[int]
Edge = tuple[int, str, int]


@dataclass(slots=True)
class _Walk:
    cursor: apsw.Cursor
    edges: dict[Edge, str] = field(default_factory=dict)

    def into(self, nodes: Nodes, *kinds: str) -> Nodes:
        """The other ends of edges that lead into these nodes; the edges are kept."""
        return {src for src, _, _ in self._kept(_sql(_IN, kinds), nodes)}

    def around(self, nodes: Nodes, *, into: tuple[str, ...], out_of: tuple[str, ...]) -> list[Edge]:
        """The edges of some kinds that lead into these nodes, and of some that lead out of them; they are kept."""
        return self._kept(f"{_sql(_IN, into)} UNION ALL {_sql(_OUT, out_of)}", nodes)

    def out_of(self, nodes: Nodes, *kinds: str) -> Nodes:
        """The other ends of edges that lead out of these nodes; the edges are kept."""
        return {dst for _, _, dst in self._kept(_sql(_OUT, kinds), nodes)}

    def up_from(self, regions: Nodes) -> Nodes:
        """These regions and all above; the edges are kept."""
        return regions | {dst for _, _, dst in self._kept(_UP, regions)}

    def look(self, nodes: Nodes, kind: str) -> Nodes:
        """As out_of, but the edges are not kept."""
        return {row[2] for row in self.cursor.execute(_sql(_OUT, (kind,)), (_array(nodes),))} if nodes else set()

    def _kept(self, sql: str, nodes: Nodes) -> list[Edge]:
        if not nodes:
            return []
        found: list[Any] = self.cursor.execute(sql, (_array(nodes),)).fetchall()
        self.edges.update({row[:3]: row[3] for row in found})
        return [row[:3] for row in found]


def neighbourhoods(cursor: apsw.Cursor, kind: str, ids: Sequence[str], types: OpenTypes) -> Tables:
    """The union of the neighbourhoods of these households, or of these persons' households; the contract is at GraphStore.neighbourhood.

    Args:
        cursor: inside a read transaction.
        kind: Household or Person.
        ids: of that kind; those not stored are passed over.
        types: of the open properties.
    """
    if kind not in ("Household", "Person"):
        raise UnknownKind(
            f"只能查询家庭（Household）或人员（Person）的邻域，不能查询“{kind}”",
            f"a neighbourhood is that of a Household or a Person, not of {kind!r}",
        )
    start: Nodes = {row[0] for row in cursor.execute(_FIND, (json.dumps(ids, ensure_ascii=False), kind))}
    walk = _Walk(cursor)
    homes, people = (start, set[int]()) if kind == "Household" else (walk.look(start, "MEMBER_OF"), start)
    reached = start | _walk_from(walk, homes, people)
    return _read_tables(cursor, reached, walk.edges, types)


def _walk_from(walk: _Walk, homes: Nodes, people: Nodes) -> Nodes:
    """All nodes that are reached. What leads into or out of nodes of two kinds by edges that only one of them can have is one hop."""
    members = people | walk.into(homes, "MEMBER_OF")
    near = walk.around(members, into=("SUPPORTS", "PARENT_OF"), out_of=("PARENT_OF",))
    supporters = {src for src, kind, _ in near if kind == "SUPPORTS"}
    kin = {end for src, _, dst in near for end in (src, dst)}
    people = members | kin | walk.into(supporters, "SUPPORTS")
    households = homes | walk.look(people, "MEMBER_OF")
    subjects = households | people | walk.into(households, "MEMBER_OF")
    regions = walk.up_from(walk.out_of(households, "LIVES_IN"))
    helpers = walk.into(_regions_of(homes, walk.edges) | homes, "COVERS_AREA", "ACCOMPANIES")
    held = walk.around(subjects, into=("ABOUT",), out_of=("RECEIVES", "RECOGNISED_AS", "APPLIED_FOR", "HAS_NEED", "GAVE"))
    records = {src if kind == "ABOUT" else dst for src, kind, dst in held}
    ends = walk.out_of(records | helpers, "UNDER", "CAN_DO")
    return subjects | regions | helpers | records | ends


def _regions_of(homes: Nodes, edges: Iterable[Edge]) -> Nodes:
    """Where these households live and all regions above, from edges already read."""
    above: dict[int, Nodes] = {}
    for src, kind, dst in edges:
        if kind == "PART_OF" or (kind == "LIVES_IN" and src in homes):
            above.setdefault(src, set()).add(dst)
    reached, latest = Nodes(), homes
    while latest:
        latest = {region for place in latest for region in above.get(place, ())} - reached
        reached |= latest
    return reached


def _read_tables(cursor: apsw.Cursor, nodes: Nodes, edges: dict[Edge, str], types: OpenTypes) -> Tables:
    stored: dict[int, tuple[str, str]] = {}
    node_rows: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for nid, kind, id, props in cursor.execute(_READ, (_array(nodes),)):
        stored[nid] = (kind, id)
        if kind not in NOT_REPEATED:
            node_rows.setdefault(kind, []).append(((id,), props))
    edge_rows: dict[str, list[tuple[str, str, str, str, str]]] = {}
    for (src, kind, dst), props in edges.items():
        edge_rows.setdefault(kind, []).append((*stored[src], *stored[dst], props))
    groups = [Rows(NODE_KINDS[kind], [row[0] for row in rows], [row[1] for row in rows]) for kind, rows in node_rows.items()]
    groups.extend(edge_rows_of(kind, sorted(ends)) for kind, ends in edge_rows.items())
    return tables_of(groups, types)


def edge_rows_of(kind: str, rows: Sequence[tuple[str, str, str, str, str]]) -> Rows:
    """These edges, each (src_kind, src, dst_kind, dst, JSON text), as rows of a table."""
    edge_kind = EDGE_KINDS[kind]
    places = [_PLACES[name] for name in key_columns(edge_kind)]
    return Rows(edge_kind, [[row[place] for place in places] for row in rows], [row[4] for row in rows])


_PLACES = {"src_kind": 0, "src": 1, "dst_kind": 2, "dst": 3}


def _array(nodes: Iterable[int]) -> str:
    return f"[{','.join(map(str, sorted(nodes)))}]"


@cache
def _sql(template: str, kinds: tuple[str, ...]) -> str:
    return template.format(kinds=", ".join(f"'{EDGE_KINDS[kind].name}'" for kind in kinds))
