"""What takes Neo4j one message each way: several nodes read together, and nodes put if another one still holds what was read of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from graph.model import Row, node_kind
from graph.neo4j_values import as_stored, projection, quoted
from graph.neo4j_writer import NOTE, note_of, noted
from graph.rows import check_node, without_open_names

_ONE = "OPTIONAL MATCH (n{n}:{kind} {{id: $ids[{n}]}})"
_PUT_IF = """
OPTIONAL MATCH (h:{kind} {{id: $id}}) SET h.updated_at = h.updated_at
WITH h IS NOT NULL AND all(name IN keys($holds) WHERE coalesce(h[name] = $holds[name], false)) AS fits
{puts}
CALL (fits) {{ WITH fits WHERE fits {note} }}
RETURN fits OR EXISTS {{ MATCH (:AidGraphChange {{unit: $unit}}) }} AS put"""
_PUT = """
CALL (fits) {{
    WITH fits WHERE fits UNWIND $rows[{n}] AS row MERGE (x:{kind} {{id: row.id}}) SET x += row.put, x.updated_at = coalesce(row.at, $now)
    RETURN count(x) AS put{n}
}}"""


def several(pairs: Sequence[tuple[str, str]]) -> tuple[str, dict[str, Any]]:
    """The statement that reads these nodes, and its values."""
    kinds = [node_kind(kind) for kind, _ in pairs]
    matches = [_ONE.format(n=n, kind=quoted(kind.name)) for n, kind in enumerate(kinds)]
    shown = [f"{projection(f'n{n}', kind)} AS n{n}" for n, kind in enumerate(kinds)]
    return f"{' '.join(matches)} RETURN {', '.join(shown)}", {"ids": [id for _, id in pairs]}


def as_asked(pairs: Sequence[tuple[str, str]], row: Mapping[str, Any]) -> list[dict[str, Any] | None]:
    """What `several` read, in the order of the question."""
    found = [row[f"n{n}"] for n in range(len(pairs))]
    return [None if one is None else as_stored(node_kind(kind), one) for (kind, _), one in zip(pairs, found, strict=True)]


def put_if(kind: str, id: str, holds: Row, rows: Mapping[str, Sequence[Row]], now: datetime, unit: str) -> tuple[str, dict[str, Any]]:
    """The statement behind GraphStore.put_if, and its values. Sent again because an answer was lost, it finds its `unit` in the outbox."""
    kinds = [without_open_names(node_kind(each)) for each in rows]
    checked = [[check_node(each, row) for row in rows[each.name]] for each in kinds]
    notes = [note_of(each.name, row.id) for each, those in zip(kinds, checked, strict=True) for row in those]
    puts = "".join(_PUT.format(n=n, kind=quoted(each.name)) for n, each in enumerate(kinds))
    sent = [[{"id": row.id, "at": row.properties.pop("updated_at", None), "put": row.properties} for row in those] for those in checked]
    values = {"id": id, "holds": check_node(node_kind(kind), {**holds, "id": id}).properties, "rows": sent, "now": now, "unit": unit}
    return _PUT_IF.format(kind=quoted(kind), puts=puts, note=NOTE), values | noted(notes)
