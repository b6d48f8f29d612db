"""Possible duplicates of a whole county in Neo4j: pairs of households kept ready, so that the question does not go through all of them.

A pair that shares a supporter or an address, and an item that both ever received, is an AidGraphPair, whatever the days. The pairs
follow the outbox: before the question is answered, `follow` looks again at the households at which something changed since. The
question goes through the pairs in the order of its answer, tests each against the graph on its day, and stops at `limit`.
"""

from datetime import date

import polars as pl
from neo4j import ManagedTransaction

from graph.neo4j_layout import CHANGES, PAIRS
from graph.neo4j_questions import BY_ADDRESS, holds, received
from graph.neo4j_writer import run
from graph.questions import SHARED, answer, paid_since

PORTIONS = 5  # of the outbox at a time; each holds up to a thousand changes
SOME = 2_000  # households at a time, where all are gone through
FAR = 50_000  # changes that are followed; beyond it is quicker to go through all households
GAP = "\x01"  # below all that a name holds, so that keys are in the order of their parts

_COUNTER = f"MATCH (k:AidGraphCounter {{id: '{PAIRS}'}})"
_LATEST = f"MATCH (c:AidGraphCounter {{id: '{CHANGES}'}})"
_BEHIND = f"""
{_COUNTER} {_LATEST}
RETURN CASE WHEN k.after IS NOT NULL OR c.value - k.value > $far THEN 'far' WHEN k.value < c.value THEN 'near' ELSE '' END AS behind"""
_BEHIND_AN_AWARD = "<-[:RECEIVES]-()-[:MEMBER_OF*0..1]->(h:Household) RETURN h.id AS home"
_COLLECT = f"""
{_COUNTER} SET k.at = datetime()
WITH k, k.value AS since
CALL (since) {{
    MATCH (c:AidGraphChange) WHERE c.last > since WITH c ORDER BY c.last LIMIT $portions
    WITH c.last AS last, c.kinds AS kinds, c.ids AS ids, c.src_kinds AS src_kinds, c.dsts AS dsts
    RETURN max(last) AS last, collect([at IN range(0, size(kinds) - 1)
        WHERE kinds[at] IN ['MEMBER_OF', 'SUPPORTS', 'RECEIVES', 'UNDER', 'Award', 'Household', 'Policy', 'CharityProject'] |
        [kinds[at], src_kinds[at], CASE WHEN kinds[at] IN ['MEMBER_OF', 'SUPPORTS'] THEN dsts[at] ELSE ids[at] END]]) AS changed
}}
SET k.value = coalesce(last, since), k.homes = COLLECT {{
    UNWIND changed AS some UNWIND some AS c WITH c WHERE c[0] = 'MEMBER_OF' OR (c[0] = 'RECEIVES' AND c[1] = 'Household')
        RETURN c[2] AS home
    UNION UNWIND changed AS some UNWIND some AS c WITH c WHERE c[0] = 'SUPPORTS' OR (c[0] = 'RECEIVES' AND c[1] = 'Person')
        MATCH (:Person {{id: c[2]}})-[:MEMBER_OF]->(h) RETURN h.id AS home
    UNION UNWIND changed AS some UNWIND some AS c WITH c WHERE c[0] IN ['UNDER', 'Award']
        MATCH (:Award {{id: c[2]}}){_BEHIND_AN_AWARD}
    UNION UNWIND changed AS some UNWIND some AS c WITH c WHERE c[0] = 'Policy'
        MATCH (:Policy {{id: c[2]}})<-[:UNDER]-(){_BEHIND_AN_AWARD}
    UNION UNWIND changed AS some UNWIND some AS c WITH c WHERE c[0] = 'CharityProject'
        MATCH (:CharityProject {{id: c[2]}})<-[:UNDER]-(){_BEHIND_AN_AWARD}
}}, k.doors = COLLECT {{ UNWIND changed AS some UNWIND some AS c WITH c WHERE c[0] = 'Household' RETURN DISTINCT c[2] AS home }}"""
"""Note at the counter the households at which something changed that makes a pair, and those that were written themselves: their
address may be another."""


_NEXT = f"""
{_COUNTER} SET k.at = datetime()
WITH k {_LATEST}
SET k.value = CASE WHEN k.after IS NULL THEN c.value ELSE k.value END
SET k.doors = [], k.homes = COLLECT {{ MATCH (h:Household) WHERE h.id > coalesce(k.after, '') RETURN h.id ORDER BY h.id LIMIT $some }}
SET k.after = k.homes[-1]"""
"""The same with the next of all households; `after` is the last of them until all are done. What changes meanwhile is followed later."""


def _renew(homes: str, which: str, *sharing: str) -> tuple[str, str]:
    """Statements that forget the pairs of some households, and find them anew."""
    forget = f"""
{_COUNTER} UNWIND k.{homes} AS home
CALL (home) {{
    MATCH (p:AidGraphPair {{household: home}}) WHERE {which} RETURN p UNION MATCH (p:AidGraphPair {{other: home}}) WHERE {which} RETURN p
}}
DELETE p"""
    find = f"""
{_COUNTER} UNWIND k.{homes} AS home MATCH (h:Household {{id: home}})
CALL (h) {{ {" UNION ".join(sharing)} }}
WITH h, collect([o, shared, supporter]) AS shares
{received("h", "mine", ever=True)}
WITH h, shares, mine WHERE size(mine) > 0
UNWIND shares AS one
WITH h, mine, one[0] AS o, one[1] AS shared, one[2] AS supporter
{received("o", "theirs", ever=True)}
UNWIND [one IN mine WHERE one IN theirs] AS policy
WITH CASE WHEN h.id < o.id THEN [h.id, o.id] ELSE [o.id, h.id] END AS pair, policy, shared, supporter
MERGE (p:AidGraphPair {{key: pair[0] + $gap + pair[1] + $gap + policy + $gap + shared + $gap + coalesce(supporter, '')}})
SET p.household = pair[0], p.other = pair[1], p.policy = policy, p.shared = shared, p.supporter = supporter"""
    return forget, find


_BY_SUPPORTER = """
MATCH (h)<-[:MEMBER_OF]-()<-[:SUPPORTS]-(x) MATCH (x)-[:SUPPORTS]->()-[:MEMBER_OF]->(o) WHERE o <> h
RETURN DISTINCT o, 'supporter' AS shared, x.id AS supporter"""
_RENEW = (
    *_renew("homes", "true", _BY_SUPPORTER, BY_ADDRESS),
    *_renew("doors", "p.shared = 'address'", BY_ADDRESS),
    f"{_COUNTER} REMOVE k.homes, k.doors",
)
_NOTE = {"near": _COLLECT, "far": _NEXT}

_LIVES = f"MATCH ({{who}})-[l:LIVES_IN]->(v:Region) WHERE v.id STARTS WITH $within AND {holds('l')}"
_READY = f"""
MATCH (p:AidGraphPair) WHERE p.key > ''
MATCH (h:Household {{id: p.household}}) MATCH (o:Household {{id: p.other}})
WHERE EXISTS {{ {_LIVES.format(who="h")} }} OR EXISTS {{ {_LIVES.format(who="o")} }}
{received("h", "mine")}
WITH p, h, o, mine WHERE p.policy IN mine
{received("o", "theirs")}
WITH p, h, o, theirs WHERE p.policy IN theirs AND (
    (p.shared = 'address' AND h.address_key = o.address_key)
    OR (p.shared = 'supporter' AND EXISTS {{
        MATCH (h)<-[m:MEMBER_OF]-()<-[s:SUPPORTS]-(x:Person {{id: p.supporter}})
        MATCH (x)-[t:SUPPORTS]->()-[n:MEMBER_OF]->(o)
        WHERE {holds("m")} AND {holds("s")} AND {holds("t")} AND {holds("n")}
    }}))
RETURN p.household AS household, p.other AS other, p.policy AS policy, p.shared AS shared, p.supporter AS supporter
ORDER BY p.key LIMIT $limit"""


def behind(tx: ManagedTransaction) -> str:
    """Whether anything was written since the pairs were looked at: near, far, or nothing."""
    return str(run(tx, _BEHIND, far=FAR)[0]["behind"])


def follow(tx: ManagedTransaction, how: str) -> None:
    """Look again at what changed, or where that is far too much at all households: some at a time."""
    for statement in (_NOTE[how], *_RENEW):
        run(tx, statement, portions=PORTIONS, some=SOME, gap=GAP)


def shared_awards(tx: ManagedTransaction, on: date, within: str, limit: int) -> pl.DataFrame:
    """Possible duplicates of a large area, out of the pairs; the contract is at GraphStore.shared_awards."""
    return answer(SHARED, run(tx, _READY, on=on, since=paid_since(on), within=within, limit=limit))
