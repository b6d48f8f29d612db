"""The neighbourhoods of households, read from Neo4j in one round trip: every hop is a step of one statement, run inside the server.

The hops are those of `sqlite_walk`, one for one; the contract suite holds both to the same tables.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graph.errors import UnknownKind
from graph.frames import Kind, OpenTypes, frame_of_many
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.neo4j_layout import TYPES
from graph.neo4j_values import READING, projection
from graph.row_tables import FEW, RowTables
from graph.store import Tables
from graph.tables import key_columns, whole

TOGETHER = 250  # households a round trip
NODES = (
    *("Household", "Person", "Statement", "Consent", "Need", "Award", "Application", "Recognition"),
    *("Region", "SocialWorker", "Volunteer"),
)
"""Kinds whose nodes are read. Each of them costs the server a look for every time that another has."""

_START = {
    "Household": "OPTIONAL MATCH (x:Household) WHERE x.id IN $ids WITH collect(x) AS homes, [] AS people",
    "Person": """OPTIONAL MATCH (x:Person) WHERE x.id IN $ids WITH collect(x) AS people
CALL (people) { UNWIND people AS x MATCH (x)-[:MEMBER_OF]->(n) RETURN collect(DISTINCT n) AS homes }""",
}


def _hop(starts: str, pattern: str, nodes: str, edges: str = "") -> str:
    """One step: from every `x` of some lists along a pattern to the nodes `n` at its end, and the edges `r`, where they are kept."""
    lists = sorted({word for word in starts.replace("+", " ").split() if word.isidentifier()})
    kept = f", collect(DISTINCT r) AS {edges}" if edges else ""
    return f"CALL ({', '.join(lists)}) {{ UNWIND {starts} AS x MATCH {pattern} RETURN collect(DISTINCT n) AS {nodes}{kept} }}"


_HOPS = "\n".join(
    (
        _hop("homes", "(x)<-[r:MEMBER_OF]-(n)", "residents", "e1"),
        _hop("people + residents", "(x)<-[r:SUPPORTS]-(n)", "supporters", "e2"),
        _hop("people + residents", "(x)-[r:PARENT_OF]-(n)", "kin", "e3"),
        _hop("supporters", "(x)<-[r:SUPPORTS]-(n)", "further", "e4"),
        _hop("people + residents + supporters + further + kin", "(x)-[:MEMBER_OF]->(n)", "others"),
        _hop("homes + others", "(x)<-[r:MEMBER_OF]-(n)", "mates", "e5"),
        "WITH *, homes + others + people + residents + supporters + further + kin + mates AS listed",
        "CALL (listed) { UNWIND listed AS x RETURN collect(DISTINCT x) AS subjects }",
        _hop("homes + others", "(x)-[r:LIVES_IN]->(n)", "places", "e6"),
        _hop("places", "(x)-[:PART_OF*0..]->(n)", "regions"),
        _hop("regions", "(x)-[r:PART_OF]->(n)", "above", "e7"),
        _hop("homes", "(x)-[:LIVES_IN]->(n)", "near"),
        _hop("near", "(x)-[:PART_OF*0..]->(n)", "own"),
        _hop("own", "(x)<-[r:COVERS_AREA]-(n)", "coverers", "e8"),
        _hop("homes", "(x)<-[r:ACCOMPANIES]-(n)", "companions", "e9"),
        _hop("subjects", "(x)-[r:RECEIVES|RECOGNISED_AS|APPLIED_FOR|HAS_NEED|GAVE]->(n)", "records", "e10"),
        _hop("subjects", "(x)<-[r:ABOUT]-(n)", "statements", "e11"),
        _hop("records", "(x)-[r:UNDER]->(n)", "items", "e12"),
        _hop("coverers + companions", "(x)-[r:CAN_DO]->(n)", "skills", "e13"),
    )
)
_NODE = projection("n", *(NODE_KINDS[kind] for kind in NODES))
_EDGE = f"type(r), labels(startNode(r))[0], startNode(r).id, labels(endNode(r))[0], endNode(r).id, {projection('r', *EDGE_KINDS.values())}"
_READ = f"""
WITH subjects + regions + coverers + companions + records + statements AS nodes,
    {" + ".join(f"e{n}" for n in range(1, 14))} AS edges
CALL (nodes) {{ UNWIND nodes AS x WITH DISTINCT x AS n RETURN collect([labels(n)[0], {_NODE}]) AS node_rows }}
CALL (edges) {{ UNWIND edges AS x WITH DISTINCT x AS r RETURN collect([{_EDGE}]) AS edge_rows }}
MATCH (c:AidGraphCounter {{id: '{TYPES}'}}) RETURN c.value AS types, node_rows, edge_rows"""

QUERIES = {kind: f"{start}\n{_HOPS}{_READ}" for kind, start in _START.items()}


class Walked:
    """What was read of neighbourhoods: rows by kind and key, each once, and the number of the open types that were in force."""

    def __init__(self) -> None:
        self.types = -1
        self.nodes: dict[str, dict[str, dict[str, Any]]] = {}
        self.edges: dict[str, dict[tuple[str, str, str, str], dict[str, Any]]] = {}

    def take(self, found: Mapping[str, Any]) -> None:
        """Add what one of QUERIES found."""
        self.types = max(self.types, found["types"])
        for label, node in found["node_rows"]:
            self.nodes.setdefault(label, {})[node["id"]] = node
        for name, src_kind, src, dst_kind, dst, properties in found["edge_rows"]:
            self.edges.setdefault(name, {})[src_kind, src, dst_kind, dst] = properties

    def tables(self, types: OpenTypes) -> Tables:
        """The rows as tables."""
        groups: list[tuple[Kind, Sequence[dict[str, Any]]]] = [
            (NODE_KINDS[kind], [found[id] for id in sorted(found)]) for kind, found in self.nodes.items()
        ]
        groups += [(EDGE_KINDS[kind], edge_rows(kind, sorted(found.items()))) for kind, found in self.edges.items()]
        if sum(len(rows) for _, rows in groups) <= FEW:
            return RowTables(groups, types, READING)
        return whole({kind.name: frame_of_many(kind, rows, types, READING) for kind, rows in groups})


def check_kind(kind: str) -> None:
    """Raises UnknownKind for a kind that has no neighbourhood."""
    if kind not in QUERIES:
        raise UnknownKind(
            f"只能查询家庭（Household）或人员（Person）的邻域，不能查询“{kind}”",
            f"a neighbourhood is that of a Household or a Person, not of {kind!r}",
        )


def edge_rows(kind: str, rows: Sequence[tuple[Sequence[str], dict[str, Any]]]) -> list[dict[str, Any]]:
    """Edges, each ((src_kind, src, dst_kind, dst), properties), as rows of a table."""
    names = key_columns(EDGE_KINDS[kind])
    made = []
    for (src_kind, src, dst_kind, dst), properties in rows:
        keys = {"src_kind": src_kind, "src": src, "dst_kind": dst_kind, "dst": dst}
        made.append({**properties, **{name: keys[name] for name in names}})
    return made
