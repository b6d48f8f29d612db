"""Households nearest to a profile, found inside the server: every profile that a household has is one node with its numbers."""

from collections.abc import Sequence

import polars as pl
from neo4j import ManagedTransaction

from graph.neo4j_writer import run
from graph.questions import NEAREST, answer

A_TIME = 5_000  # profiles a transaction

_NEW = """
MATCH (h:Household) WHERE h.profile IS NOT NULL WITH DISTINCT h.profile AS text
WHERE NOT EXISTS { (:AidGraphProfile {text: text}) } WITH text LIMIT $some
CREATE (p:AidGraphProfile {text: text, vector: [one IN split(text, ',') | toInteger(one)]}) RETURN count(p) AS made"""
_LEFT = """
MATCH (p:AidGraphProfile) WHERE NOT EXISTS { MATCH (h:Household {profile: p.text}) WHERE h.id > '' } WITH p LIMIT $some
DELETE p RETURN count(*) AS gone"""
_DISTANCE = "toInteger(round(1.0 / vector.similarity.euclidean(p.vector, $profile) - 1))"  # it is 1 / (1 + the sum of squares)
_NEAREST = f"""
CALL () {{
    MATCH (p:AidGraphProfile) WHERE size(p.vector) = size($profile)
    WITH {_DISTANCE} AS distance ORDER BY distance LIMIT $limit + 1 RETURN max(distance) AS farthest
}}
MATCH (p:AidGraphProfile) WHERE size(p.vector) = size($profile)
WITH p, farthest, {_DISTANCE} AS distance WHERE distance <= farthest
CALL (p) {{ MATCH (h:Household {{profile: p.text}}) WHERE h.id > '' RETURN h.id AS household ORDER BY household LIMIT $limit + 1 }}
WITH household, distance WHERE household <> $but
RETURN household, distance ORDER BY distance, household LIMIT $limit"""


def index_some(tx: ManagedTransaction) -> int:
    """Make nodes for some of the profiles that have none, and remove some that no household has; how many are done, 0 if all are."""
    return int(run(tx, _NEW, some=A_TIME)[0]["made"]) + int(run(tx, _LEFT, some=A_TIME)[0]["gone"])


def nearest(tx: ManagedTransaction, profile: Sequence[int], but: str, limit: int) -> pl.DataFrame:
    return answer(NEAREST, run(tx, _NEAREST, profile=list(profile), but=but, limit=limit))
