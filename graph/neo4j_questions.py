"""The named questions in Neo4j: one statement each, answered inside the server, so that only the answer comes over the wire."""

from datetime import date
from typing import Any

import polars as pl
from neo4j import ManagedTransaction

from graph.neo4j_writer import run
from graph.questions import ALONE, OPENING, SHARED, SUPPORTERS, UNMET, answer, paid_since


def holds(name: str, begins: str = "from", ends: str = "until") -> str:
    """The Cypher test that a node or edge holds on the day."""
    return f"coalesce({name}.`{begins}` <= $on, true) AND coalesce({name}.`{ends}` >= $on, true)"


_OFFERED = f"{holds('i')} AND {holds('i', 'open_from', 'open_until')} AND EXISTS {{ (i)-[:RUN_BY]->(:Organization) }}"
LAST = chr(0x10FFFF)  # beyond every category
TOWNSHIP = 9  # digits of a code from which on there are few enough households to begin with them
_HOUSEHOLDS_THERE = "EXISTS { (v)<-[:LIVES_IN]-() }"

_UNMET = f"""
CALL () {{ MATCH (c:NeedCategory) WITH c.id AS id ORDER BY id RETURN collect(id) AS known }}
CALL (known) {{
    UNWIND range(0, size(known)) AS at
    MATCH (n:Need) WHERE n.category > CASE at WHEN 0 THEN '' ELSE known[at - 1] END
        AND n.category < coalesce(known[at], '{LAST}') AND n.id > ''
    RETURN collect(DISTINCT n.category) AS others
}}
WITH known + others AS needed
CALL () {{
    MATCH (c:NeedCategory) WHERE EXISTS {{ MATCH (c)<-[:COVERS]-(i) WHERE coalesce('' IN i.region, true) AND {_OFFERED} }}
    RETURN collect(c.id) AS everywhere
}}
CALL () {{
    MATCH (c:NeedCategory)<-[:CAN_DO]-(a)-[:COVERS_AREA]->(r) WHERE {holds("a")} RETURN r, c.id AS own
    UNION MATCH (c:NeedCategory)<-[:COVERS]-(i)-[:IN_FORCE_IN|SERVES]->(r) WHERE {_OFFERED} RETURN r, c.id AS own
    UNION MATCH (r:Region) WHERE r.id STARTS WITH $within AND EXISTS {{ (r)<-[:LIVES_IN]-() }} RETURN r, null AS own
}}
WITH needed, everywhere, r, collect(own) AS own
MATCH (r)<-[:PART_OF*0..]-(v:Region) WHERE v.id STARTS WITH $within AND {_HOUSEHOLDS_THERE}
WITH needed, everywhere, v, collect(own) AS met
UNWIND [one IN needed WHERE NOT one IN everywhere AND NOT any(own IN met WHERE one IN own)] AS category"""

_FROM_NEEDS = f"""
WITH category, collect(v) AS bare
MATCH (n:Need {{category: category}})<-[:HAS_NEED]-()-[m:MEMBER_OF*0..1]->(h:Household)-[l:LIVES_IN]->(v)
WHERE n.id > '' AND {holds("n")} AND {holds("l")} AND all(one IN m WHERE {holds("one")})
WITH category, bare, v, count(DISTINCT n) AS needs, count(DISTINCT h) AS households
WHERE v IN bare"""
_FROM_PLACES = f"""
WITH v, collect(category) AS open
MATCH (v)<-[l:LIVES_IN]-(h:Household) WHERE {holds("l")}
CALL (h) {{
    MATCH (h)-[:HAS_NEED]->(n) RETURN n
    UNION MATCH (h)<-[m:MEMBER_OF]-()-[:HAS_NEED]->(n) WHERE {holds("m")} RETURN n
}}
WITH v, h, n WHERE n.category IN open AND {holds("n")}
WITH v, n.category AS category, count(DISTINCT n) AS needs, count(DISTINCT h) AS households"""
_MOST_FIRST = "\nRETURN v.id AS region, category, needs, households ORDER BY households DESC, region, category LIMIT $limit"

_ALONE = f"""
MATCH (v:Region) WHERE v.id STARTS WITH $within AND {_HOUSEHOLDS_THERE}
CALL (v) {{
    MATCH (v)-[:PART_OF*0..]->()<-[:COVERS_AREA]-(a) WHERE {holds("a")}
    RETURN collect(DISTINCT a) AS helpers
}}
WITH v, helpers WHERE size(helpers) = 1
WITH v, helpers[0] AS a, COUNT {{ MATCH (v)<-[l:LIVES_IN]-() WHERE {holds("l")} }} AS households
WITH v, a, households WHERE households > 0 ORDER BY households DESC, v.id LIMIT $limit
RETURN v.id AS region, labels(a)[0] AS helper_kind, a.id AS helper,
    COLLECT {{ MATCH (a)-[:CAN_DO]->(c) RETURN c.id ORDER BY c.id }} AS can_do, households,
    COUNT {{ MATCH (a)-[w:ACCOMPANIES]->()-[l:LIVES_IN]->(v) WHERE {holds("w")} AND {holds("l")} }} AS accompanied
ORDER BY households DESC, region"""

_NAMED = "{policy: $policy}) WHERE g.id > '' RETURN g"  # an index of two properties is used only where both are tested
_OPENING = f"""
CALL () {{ MATCH (g:Policy {_NAMED} UNION MATCH (g:CharityProject {_NAMED} }}
WITH g WHERE {holds("g")}
CALL (g) {{
    RETURN g AS i, 0 AS steps
    UNION MATCH p = SHORTEST 1 (i)((a)-[:UNLOCKS]->(b) WHERE {holds("a")} AND {holds("b")})+(g) RETURN i, length(p) AS steps
}}
WITH i, min(steps) AS steps
WITH collect(i) AS items, collect({{item: i, steps: steps}}) AS found
UNWIND found AS one
WITH items, one.item AS i, one.steps AS steps
WITH i.policy AS policy, steps,
    COLLECT {{ MATCH (i)-[:UNLOCKS]->(o) WHERE o IN items RETURN o.policy }} AS opens,
    COLLECT {{ MATCH (i)-[:PRECLUDES]-(o) WHERE o IN items RETURN o.policy }} AS excludes,
    COLLECT {{ MATCH (i)-[:RUN_BY]->(o) RETURN o.id }} AS run_by
WITH policy, min(steps) AS steps, collect(opens) AS opens, collect(excludes) AS excludes, collect(run_by) AS run_by
RETURN steps, policy,
    COLLECT {{ UNWIND opens AS some UNWIND some AS one WITH DISTINCT one WHERE one <> policy RETURN one ORDER BY one }} AS opens,
    COLLECT {{ UNWIND excludes AS some UNWIND some AS one WITH DISTINCT one WHERE one <> policy RETURN one ORDER BY one }} AS excludes,
    COLLECT {{ UNWIND run_by AS some UNWIND some AS one WITH DISTINCT one RETURN one ORDER BY one }} AS run_by
ORDER BY steps DESC, policy"""

_SUPPORTERS = f"""
MATCH (x:Person {{id: $person}})
CALL (x) {{
    MATCH (x)<-[s:SUPPORTS]-(a) WHERE {holds("s")} RETURN 1 AS step, a, x AS b, s
    UNION
    MATCH (x)<-[t:SUPPORTS]-(b)<-[s:SUPPORTS]-(a) WHERE a <> x AND {holds("t")} AND {holds("s")} RETURN 2 AS step, a, b, s
}}
RETURN step, a.id AS supporter, b.id AS supports, s.duty AS duty, EXISTS {{ (a)-[:PARENT_OF]->(b) }} AS parent,
    COLLECT {{ MATCH (a)-[m:MEMBER_OF]->(h) WHERE {holds("m")} RETURN h.id ORDER BY h.id }} AS households
ORDER BY step, supporter, supports"""

_IN_AREA = "MATCH (v:Region)<-[l:LIVES_IN]-(h:Household) WHERE v.id STARTS WITH $within AND " + holds("l")
_ONE = "MATCH (h:Household {id: $household})"


def received(household: str, policies: str, *, ever: bool = False) -> str:
    """The Cypher step to what a household and its members have received, by policy: on the day, or on any."""
    on_the_day = f"""WHERE all(one IN m WHERE {holds("one")}) AND {holds("w", "paid_on")}
        AND (w.until IS NOT NULL OR coalesce(w.paid_on > $since, true))"""
    return f"""CALL ({household}) {{
    MATCH ({household})<-[m:MEMBER_OF*0..1]-()-[:RECEIVES]->(w:Award)
    {"" if ever else on_the_day}
    OPTIONAL MATCH (w)-[:UNDER]->(i)
    RETURN collect(DISTINCT coalesce(i.policy, w.policy)) AS {policies}
}}"""


BY_ADDRESS = """
MATCH (o:Household) USING INDEX SEEK o:Household(address_key, id)
WHERE o.address_key = h.address_key AND o.id > '' AND o <> h RETURN o, 'address' AS shared, null AS supporter"""
_SHARED = f"""
WITH DISTINCT h
{received("h", "got")}
WITH h, got WHERE size(got) > 0
CALL (h) {{
    MATCH (h)<-[m:MEMBER_OF]-()<-[s:SUPPORTS]-(x)
    MATCH (x)-[t:SUPPORTS]->()-[n:MEMBER_OF]->(o)  // apart, so that both edges may be the same: somebody is a member of both
    WHERE o <> h AND {holds("m")} AND {holds("s")} AND {holds("t")} AND {holds("n")}
    RETURN DISTINCT o, 'supporter' AS shared, x.id AS supporter
    UNION
    {BY_ADDRESS}
}}
{received("o", "also")}
UNWIND [one IN got WHERE one IN also] AS policy
WITH DISTINCT CASE WHEN h.id < o.id THEN [h.id, o.id] ELSE [o.id, h.id] END AS pair, policy, shared, supporter
RETURN pair[0] AS household, pair[1] AS other, policy, shared, supporter
ORDER BY household, other, policy, shared, supporter LIMIT $limit"""


def unmet_needs(tx: ManagedTransaction, on: date, within: str, limit: int) -> pl.DataFrame:
    counted = _FROM_PLACES if len(within) >= TOWNSHIP else _FROM_NEEDS
    return _asked(tx, UNMET, _UNMET + counted + _MOST_FIRST, on=on, within=within, limit=limit)


def single_helpers(tx: ManagedTransaction, on: date, within: str, limit: int) -> pl.DataFrame:
    return _asked(tx, ALONE, _ALONE, on=on, within=within, limit=limit)


def opening_items(tx: ManagedTransaction, policy: str, on: date) -> pl.DataFrame:
    return _asked(tx, OPENING, _OPENING, policy=policy, on=on)


def supporters(tx: ManagedTransaction, person: str, on: date) -> pl.DataFrame:
    return _asked(tx, SUPPORTERS, _SUPPORTERS, person=person, on=on)


def shared_awards(tx: ManagedTransaction, on: date, within: str, household: str | None, limit: int) -> pl.DataFrame:
    query = (_IN_AREA if household is None else _ONE) + _SHARED
    return _asked(tx, SHARED, query, on=on, since=paid_since(on), within=within, household=household, limit=limit)


def _asked(tx: ManagedTransaction, schema: pl.Schema, query: str, **values: Any) -> pl.DataFrame:
    return answer(schema, run(tx, query, **values))
