"""What a write may do in Neo4j.

Rows are checked here and sent many at a time; the server writes those that bring something new, under the lock of each. What changed is
noted in the outbox by the last statement of the unit: it takes the lock of the counter, so that numbers come in the order of commits.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from neo4j import ManagedTransaction, Result

from graph.errors import BadValue
from graph.frames import Kind
from graph.model import EdgeKind, NodeKind, PropertyType, Row, Value, edge_kind, node_kind
from graph.neo4j_layout import CHANGES, TYPES
from graph.neo4j_values import as_stored, projection, quoted
from graph.rows import CHUNK, EdgeRow, NodeRow, check_edge, check_node, chunks, missing_end, settled, to_remove

_CHANGED = "any(name IN keys(row.put) WHERE coalesce(x[name] <> row.put[name], true))"
_PUT_NODES = f"""
UNWIND $rows AS row MERGE (x:{{kind}} {{{{id: row.id}}}})
WITH x, row WHERE x.updated_at IS NULL OR {_CHANGED}
SET x += row.put, x.updated_at = coalesce(row.at, $now)
RETURN row.n AS n"""
_PUT_EDGES = f"""
UNWIND $rows AS row MATCH (a:{{src}} {{{{id: row.src}}}}) MATCH (b:{{dst}} {{{{id: row.dst}}}})
MERGE (a)-[x:{{kind}}]->(b)
WITH x, row, x.updated_at IS NULL OR {_CHANGED} AS changed
FOREACH (_ IN CASE WHEN changed THEN [1] ELSE [] END | SET x += row.put, x.updated_at = coalesce(row.at, $now))
RETURN row.n AS n, changed"""
_STORED = "UNWIND $ids AS id MATCH (n:{kind} {{id: id}}) RETURN n.id AS id"
_LOCKED = "MATCH (n:{kind} {{id: $id}}) SET n.updated_at = n.updated_at WITH n RETURN {properties} AS stored"
_LOCK_ABSENT = "MERGE (l:AidGraphLock {key: $key}) DELETE l"
_EDGES_AT = """
UNWIND $ids AS id MATCH (n:{kind} {{id: id}}) SET n.updated_at = n.updated_at
WITH n OPTIONAL MATCH (n)-[r]-()
RETURN n.id AS id, collect([labels(startNode(r))[0], startNode(r).id, type(r), labels(endNode(r))[0], endNode(r).id]) AS edges"""
_DELETE = "UNWIND $ids AS id MATCH (n:{kind} {{id: id}}) DETACH DELETE n"
_DELETE_EDGES = """
UNWIND $rows AS row MATCH (:{src} {{id: row.src}})-[x:{kind}]->(:{dst} {{id: row.dst}})
DELETE x RETURN row.n AS n"""
NOTE = f"""
MATCH (c:AidGraphCounter {{id: '{CHANGES}'}}) SET c.at = $now
WITH c SET c.value = c.value + $count WITH c.value - $count AS before
UNWIND $portions AS p
CREATE (:AidGraphChange {{first: before + p.first, last: before + p.last, at: $now, unit: $unit, ops: p.ops, kinds: p.kinds, ids: p.ids,
    src_kinds: p.src_kinds, dst_kinds: p.dst_kinds, dsts: p.dsts}})"""
_ALREADY = f"""
MATCH (c:AidGraphCounter {{id: '{CHANGES}'}}) SET c.at = c.at
WITH c RETURN EXISTS {{ MATCH (:AidGraphChange {{unit: $unit}}) }} AS written"""
_TYPES = f"""
MATCH (c:AidGraphCounter {{id: '{TYPES}'}}) OPTIONAL MATCH (t:AidGraphOpenType)
RETURN c.value AS number, [one IN collect(t) | [one.name, one.type]] AS types"""
_TYPES_NUMBER = f"MATCH (c:AidGraphCounter {{id: '{TYPES}'}}) RETURN c.value AS number"
_LOCK_TYPES = f"MATCH (c:AidGraphCounter {{id: '{TYPES}'}}) SET c.value = c.value + 1"
_PUT_TYPE = "MERGE (t:AidGraphOpenType {name: $name}) SET t.type = $type"

Types = dict[str, PropertyType]
Note = tuple[str, str, str, str, str, str]
"""Kind, id or src, op, src_kind, dst_kind, dst; the last three are empty for a node."""


class Neo4jWriter:
    """The Writer of one transaction; the contract is at graph.store.Writer. `unit` names the unit, also when it is tried again."""

    def __init__(self, tx: ManagedTransaction, now: datetime, unit: str, known: tuple[int, Types]) -> None:
        self._tx = tx
        self._now = now
        self._unit = unit
        self._known = known
        self._types: Types | None = None
        self._notes: list[Note] = []

    def upsert_nodes(self, kind: str, rows: Sequence[Row]) -> int:
        declared = node_kind(kind)
        return sum(self._put_nodes(declared, chunk) for chunk in chunks(rows))

    def upsert_edges(self, kind: str, rows: Sequence[Row]) -> int:
        declared = edge_kind(kind)
        return sum(self._put_edges(declared, chunk) for chunk in chunks(rows))

    def delete(self, kind: str, ids: Sequence[str]) -> int:
        declared = node_kind(kind)
        return sum(self._delete(declared, chunk) for chunk in chunks(list(dict.fromkeys(ids))))

    def delete_edges(self, kind: str, pairs: Sequence[Row]) -> int:
        declared = edge_kind(kind)
        gone = 0
        for chunk in chunks(pairs):
            edges = list({(edge.start, edge.end): edge for edge in (check_edge(declared, row) for row in chunk)}.values())
            found = sorted(row["n"] for _, rows in self._by_ends(_DELETE_EDGES, declared, edges) for row in rows)
            self._notes += [_noted("delete", kind, edges[n]) for n in found]
            gone += len(found)
        return gone

    def remove_keys(self, kind: str, id: str, keys: Sequence[str]) -> bool:
        if not to_remove(node_kind(kind), self.get(kind, id) or {}, keys):
            return False
        removed = ", ".join(f"n.{quoted(key)}" for key in keys)
        self._run(f"MATCH (n:{quoted(kind)} {{id: $id}}) REMOVE {removed} SET n.updated_at = $now", id=id, now=self._now)
        self._notes.append(note_of(kind, id))
        return True

    def get(self, kind: str, id: str) -> dict[str, Any] | None:
        declared = node_kind(kind)
        stored = self._locked(declared, id)
        if stored is None:  # nobody else may make it either, from here to the end of the unit
            self._run(_LOCK_ABSENT, key=f"{kind}/{id}")
            stored = self._locked(declared, id)
        return None if stored is None else as_stored(declared, stored)

    def flush(self) -> bool:
        """Note what was changed; the last statement of a unit. Returns whether anything was."""
        if self._notes:
            self._run(NOTE, **noted(self._notes), now=self._now, unit=self._unit)
        return bool(self._notes)

    def _put_nodes(self, kind: NodeKind, rows: Sequence[Row]) -> int:
        checked = [check_node(kind, row) for row in rows]
        query = _PUT_NODES.format(kind=quoted(kind.name))
        changed: dict[str, int] = {}
        for turn in _in_turns(checked, lambda row: row.id):
            sent = [{"n": n, "id": row.id, **self._sent(kind, row.properties)} for n, row in turn]
            for row in self._run(query, rows=sent, now=self._now):
                changed.setdefault(checked[row["n"]].id, row["n"])
        self._notes += [note_of(kind.name, id) for id, _ in _in_order(changed)]
        return len(changed)

    def _put_edges(self, kind: EdgeKind, rows: Sequence[Row]) -> int:
        edges = [check_edge(kind, row) for row in rows]
        changed: dict[tuple[tuple[str, str], tuple[str, str]], int] = {}
        for turn in _in_turns(edges, lambda edge: (edge.start, edge.end)):
            for sent, found in self._by_ends(_PUT_EDGES, kind, [edge for _, edge in turn], put=True):
                if len(found) != len(sent):
                    raise missing_end(kind, self._absent(sent))
                for row in found:
                    if row["changed"]:
                        place, edge = turn[row["n"]]
                        changed.setdefault((edge.start, edge.end), place)
        self._notes += [_noted("put", kind.name, edges[place]) for _, place in _in_order(changed)]
        return len(changed)

    def _by_ends(
        self, query: str, kind: EdgeKind, edges: Sequence[EdgeRow], *, put: bool = False
    ) -> list[tuple[list[EdgeRow], list[dict[str, Any]]]]:
        """Run a statement about edges, for each pair of kinds that they join; the edges, and the rows that came back."""
        groups: dict[tuple[str, str], list[int]] = {}
        for n, edge in enumerate(edges):
            groups.setdefault((edge.src_kind, edge.dst_kind), []).append(n)
        done = []
        for (src, dst), places in groups.items():
            text = query.format(kind=quoted(kind.name), src=quoted(src), dst=quoted(dst))
            rows = [{"n": n, "src": edges[n].src, "dst": edges[n].dst} for n in places]
            if put:
                rows = [{**row, **self._sent(kind, edges[n].properties)} for n, row in zip(places, rows, strict=True)]
            done.append(([edges[n] for n in places], self._run(text, rows=rows, now=self._now)))
        return done

    def _absent(self, edges: Sequence[EdgeRow]) -> list[tuple[str, str]]:
        ends: dict[str, set[str]] = {}
        for kind, id in (end for edge in edges for end in (edge.start, edge.end)):
            ends.setdefault(kind, set()).add(id)
        stored = {(kind, row["id"]) for kind, ids in ends.items() for row in self._run(_STORED.format(kind=quoted(kind)), ids=sorted(ids))}
        return [(kind, id) for kind, ids in ends.items() for id in ids if (kind, id) not in stored]

    def _delete(self, kind: NodeKind, ids: Sequence[str]) -> int:
        found = self._run(_EDGES_AT.format(kind=quoted(kind.name)), ids=list(ids))
        told: set[tuple[str, ...]] = set()
        for row in found:
            edges = sorted({tuple(edge) for edge in row["edges"] if edge[2] is not None} - told)
            told.update(edges)
            self._notes += [(name, src, "delete", src_kind, dst_kind, dst) for src_kind, src, name, dst_kind, dst in edges]
            self._notes.append((kind.name, row["id"], "delete", "", "", ""))
        self._run(_DELETE.format(kind=quoted(kind.name)), ids=[row["id"] for row in found])
        return len(found)

    def _locked(self, kind: NodeKind, id: str) -> Mapping[str, Any] | None:
        found = self._run(_LOCKED.format(kind=quoted(kind.name), properties=projection("n", kind)), id=id)
        return found[0]["stored"] if found else None

    def _sent(self, kind: Kind, properties: dict[str, Value]) -> dict[str, Any]:
        at = properties.pop("updated_at", None)
        if kind.open_names is not None:
            for name in properties.keys() - kind.properties.keys():
                properties[name] = self._settle(name, properties[name])
        return {"put": properties, "at": at}

    def _settle(self, name: str, value: Value) -> Value:
        if self._types is None:
            self._types = self._read_types()
        try:
            stored, kept = settled(name, self._types.get(name), value)
        except BadValue:
            kept = "str"  # perhaps its type has changed meanwhile: look again, alone
        if kept is not None:
            self._run(_LOCK_TYPES)
            self._types = read_types(self._tx)[1]
            stored, kept = settled(name, self._types.get(name), value)
            if kept is not None:
                self._types[name] = kept
                self._run(_PUT_TYPE, name=name, type=kept)
        return stored

    def _read_types(self) -> Types:
        number, types = self._known
        return dict(types) if types_number(self._tx) == number else read_types(self._tx)[1]

    def _run(self, query: str, **values: Any) -> list[dict[str, Any]]:
        return run(self._tx, query, **values)


def run(tx: ManagedTransaction, query: str, **values: Any) -> list[dict[str, Any]]:
    """Run a statement whose every name comes from the model or this package, and take all that it returns."""
    return taken(tx.run(query, values))


def taken(result: Result) -> list[dict[str, Any]]:
    """All that a statement returns."""
    names = result.keys()
    return [dict(zip(names, record.values(), strict=True)) for record in result]


def written_already(tx: ManagedTransaction, unit: str) -> bool:
    """Whether a unit was kept. Waits for its transaction to end, if that is still at work on the server."""
    return bool(run(tx, _ALREADY, unit=unit)[0]["written"])


def read_types(tx: ManagedTransaction) -> tuple[int, Types]:
    """The types of the open properties that were ever stored, by name, and the number that grows with every new one."""
    found = run(tx, _TYPES)[0]
    return int(found["number"]), dict(found["types"])


def types_number(tx: ManagedTransaction) -> int:
    """The number that grows with every new type of an open property."""
    return int(run(tx, _TYPES_NUMBER)[0]["number"])


def _in_turns(rows: Sequence[Any], key: Callable[[Any], Any]) -> list[list[tuple[int, Any]]]:
    """The rows with their places, so parted that none of a part share a key: rows of one key are written one after the other."""
    turns: list[list[tuple[int, NodeRow | EdgeRow]]] = []
    seen: dict[Any, int] = {}
    for place, row in enumerate(rows):
        turn = seen[key(row)] = seen.get(key(row), -1) + 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append((place, row))
    return turns


def _in_order(changed: Mapping[Any, int]) -> list[tuple[Any, int]]:
    return sorted(changed.items(), key=lambda one: one[1])


def noted(notes: Sequence[Note]) -> dict[str, Any]:
    """Changes as `NOTE` takes them."""
    return {"count": len(notes), "portions": [_portion(at, notes[at : at + CHUNK]) for at in range(0, len(notes), CHUNK)]}


def note_of(kind: str, id: str) -> Note:
    """That a node was put."""
    return kind, id, "put", "", "", ""


def _noted(op: str, kind: str, edge: EdgeRow) -> Note:
    return kind, edge.src, op, edge.src_kind, edge.dst_kind, edge.dst


def _portion(before: int, notes: Sequence[Note]) -> dict[str, Any]:
    kinds, ids, ops, src_kinds, dst_kinds, dsts = (list(column) for column in zip(*notes, strict=True))
    ends = {"src_kinds": src_kinds, "dst_kinds": dst_kinds, "dsts": dsts}
    return {"first": before + 1, "last": before + len(notes), "ops": ops, "kinds": kinds, "ids": ids, **ends}
