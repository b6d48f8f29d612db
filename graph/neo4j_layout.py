"""Constraints, indexes and bookkeeping of a graph in Neo4j, and the numbered steps that bring an older one up to this program.

Everything of ours that is no kind of the model has a label that begins with AidGraph, so that a reader of the graph can pass over it.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from neo4j import ManagedTransaction, Session
from neo4j.exceptions import Neo4jError

from graph.errors import StoreNewer, StoreUnavailable
from graph.model import NODE_KINDS

CHANGES, TYPES, PAIRS = "changes", "open types", "pairs"
"""The counters: of the outbox; of how often an open property got a type; of the outbox as far as pairs of households know it."""
BOOKKEEPING = {
    "AidGraphMigration": "number",
    "AidGraphCounter": "id",
    "AidGraphOpenType": "name",
    "AidGraphChange": "last",
    "AidGraphLease": "name",
    "AidGraphLock": "key",
    "AidGraphProfile": "text",
    "AidGraphPair": "key",
}
"""Label and key of our own nodes."""

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("counters", tuple(f"MERGE (c:AidGraphCounter {{id: '{name}'}}) ON CREATE SET c.value = 0" for name in (CHANGES, TYPES))),
    ("pairs of households", (f"MERGE (c:AidGraphCounter {{id: '{PAIRS}'}}) ON CREATE SET c.value = 0",)),
)
"""What each step is about, and its statements; the place in this list is its number, from 1. A step that was let out is never changed."""

EQUAL_ALREADY = (
    "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists",
    "Neo.ClientError.Schema.ConstraintAlreadyExists",
    "Neo.ClientError.Schema.IndexAlreadyExists",
    "Neo.ClientError.Schema.ConstraintWithNameAlreadyExists",
    "Neo.ClientError.Schema.IndexWithNameAlreadyExists",
)

_STATE = """
OPTIONAL MATCH (m:AidGraphMigration)
WITH max(m.number) AS number, collect(m.model) AS models
RETURN coalesce(number, 0) AS number, models, EXISTS { MATCH () } AS holds"""
_RECORD = """
MERGE (m:AidGraphMigration {number: $number})
ON CREATE SET m.about = $about, m.at = $now
SET m.model = $model"""

T = TypeVar("T")


def schema() -> list[str]:
    """A constraint for the key of each kind, an index for each property that a kind is found by, in the order of id."""
    keys = {**BOOKKEEPING, **dict.fromkeys(NODE_KINDS, "id")}
    rules = [
        f"CREATE CONSTRAINT `{label}_{key}` IF NOT EXISTS FOR (n:`{label}`) REQUIRE n.`{key}` IS UNIQUE" for label, key in keys.items()
    ]
    rules += [
        f"CREATE INDEX `{kind.name}_{name}` IF NOT EXISTS FOR (n:`{kind.name}`) ON (n.`{name}`, n.id)"
        for kind in NODE_KINDS.values()
        for name in kind.found_by
    ]
    ours = (("AidGraphChange", "unit"), ("AidGraphPair", "household"), ("AidGraphPair", "other"))
    return rules + [f"CREATE INDEX `{label}_{name}` IF NOT EXISTS FOR (n:`{label}`) ON (n.`{name}`)" for label, name in ours]


def migrate(session: Session, now: datetime) -> int:
    """Bring the graph up to this program and return the number of its layout. Doing it again, or twice at once, changes nothing more.

    Raises:
        StoreNewer: the graph has steps that this program does not know.
        StoreUnavailable: the graph belongs to another program.
    """
    model = hashlib.sha256("\n".join(schema()).encode()).hexdigest()
    number, models, holds = session.execute_read(_state)
    if number > len(STEPS):
        raise StoreNewer(
            f"Neo4j 中的图库版本是 {number}，本程序只支持到 {len(STEPS)}，请升级程序",
            f"the graph in Neo4j has layout {number} and this program knows {len(STEPS)}: upgrade the program",
        )
    if number == 0 and holds:
        raise StoreUnavailable(
            "这个 Neo4j 数据库里是其他程序的数据，请换一个空数据库",
            "this Neo4j database holds another program's graph: choose an empty one",
        )
    if number < len(STEPS) or model not in models:
        for rule in schema():
            _unless_equal(lambda rule=rule: session.execute_write(_run, rule))  # type: ignore[misc]
        session.execute_read(_run, "CALL db.awaitIndexes(300)")
        for place in range(min(number, len(STEPS) - 1), len(STEPS)):
            session.execute_write(_step, place, model, now)
    return len(STEPS)


def _state(tx: ManagedTransaction) -> tuple[int, list[str], bool]:
    found = tx.run(_STATE).single(strict=True)
    return int(found["number"]), found["models"], bool(found["holds"])


def _step(tx: ManagedTransaction, place: int, model: str, now: datetime) -> None:
    about, statements = STEPS[place]
    for statement in statements:
        tx.run(statement).consume()
    tx.run(_RECORD, number=place + 1, about=about, model=model, now=now).consume()


def _run(tx: ManagedTransaction, statement: Any) -> None:
    tx.run(statement).consume()


def _unless_equal(make: Callable[[], T]) -> None:
    """Two programs that open a new graph at once may both make a rule: the second finds its equal."""
    try:
        make()
    except Neo4jError as problem:
        if problem.code not in EQUAL_ALREADY:
            raise
