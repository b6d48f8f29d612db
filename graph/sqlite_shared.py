"""Households that share a supporter or an address and have received the same: this question in the embedded store, hop by hop."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

import apsw
import polars as pl

from graph.questions import SHARED, answer, paid_since
from graph.sqlite_questions import holds

_START = f"""
SELECT DISTINCT h.nid FROM node v CROSS JOIN edge l ON l.dst = v.nid AND l.kind = 'LIVES_IN' AND {holds("l")}
CROSS JOIN node h ON h.nid = l.src WHERE v.kind = 'Region' AND substr(v.id, 1, length(:within)) = :within"""
_ONE = "SELECT nid FROM node WHERE kind = 'Household' AND id = :household"
_NAMES = "SELECT n.nid, n.id FROM json_each(?) f CROSS JOIN node n ON n.nid = f.value"
_GOT = f"""
WITH home (nid) AS (SELECT value FROM json_each(:homes)),
subject (home, nid) AS (
    SELECT nid, nid FROM home
    UNION ALL SELECT f.nid, m.src FROM home f CROSS JOIN edge m ON m.dst = f.nid AND m.kind = 'MEMBER_OF' AND {holds("m")}
)
SELECT s.home, coalesce(i.props ->> '$.policy', w.props ->> '$.policy') AS policy
FROM subject s CROSS JOIN edge g ON g.src = s.nid AND g.kind = 'RECEIVES' CROSS JOIN node w ON w.nid = g.dst
LEFT JOIN edge u ON u.src = w.nid AND u.kind = 'UNDER' LEFT JOIN node i ON i.nid = u.dst
WHERE policy IS NOT NULL AND {holds("w", "paid_on")}
    AND (w.props -> '$.until' IS NOT NULL OR coalesce(w.props ->> '$.paid_on.d' > :since, 1))"""
_SHARING = f"""
WITH home (nid) AS (SELECT value FROM json_each(:homes))
SELECT DISTINCT f.nid, n.dst, 'supporter', x.id
FROM home f CROSS JOIN edge m ON m.dst = f.nid AND m.kind = 'MEMBER_OF' AND {holds("m")}
CROSS JOIN edge s ON s.dst = m.src AND s.kind = 'SUPPORTS' AND {holds("s")} CROSS JOIN node x ON x.nid = s.src
CROSS JOIN edge t ON t.src = x.nid AND t.kind = 'SUPPORTS' AND {holds("t")}
CROSS JOIN edge n ON n.src = t.dst AND n.kind = 'MEMBER_OF' AND {holds("n")} AND n.dst <> f.nid
UNION ALL
SELECT f.nid, o.nid, 'address', NULL
FROM home f CROSS JOIN node h ON h.nid = f.nid
CROSS JOIN node o ON o.kind = 'Household' AND o.props ->> '$.address_key' = h.props ->> '$.address_key' AND o.nid <> h.nid"""


def shared_awards(cursor: apsw.Cursor, on: date, within: str, household: str | None, limit: int) -> pl.DataFrame:
    day = {"on": on.isoformat(), "since": paid_since(on).isoformat()}
    start: Any = (
        cursor.execute(_ONE, {"household": household}) if household else cursor.execute(_START, {"on": day["on"], "within": within})
    )
    got = _got(cursor, [row[0] for row in start], day)
    sharing: list[Any] = cursor.execute(_SHARING, {"on": day["on"], "homes": json.dumps(sorted(got))}).fetchall()
    got |= _got(cursor, {row[1] for row in sharing} - got.keys(), day)
    names: dict[int, str] = dict(cursor.execute(_NAMES, (json.dumps(sorted(got)),)))
    rows = {
        (*sorted((names[one], names[other])), policy, shared, supporter)
        for one, other, shared, supporter in sharing
        for policy in got[one] & got.get(other, set())
    }
    ordered = sorted(rows, key=lambda row: (*row[:4], row[4] or ""))[:limit]
    return answer(SHARED, (dict(zip(SHARED, row, strict=True)) for row in ordered))


def _got(cursor: apsw.Cursor, homes: Iterable[int], day: dict[str, str]) -> dict[int, set[str]]:
    """What these households and their members have received, by policy; those that have nothing are left out."""
    found: dict[int, set[str]] = {}
    wanted: Any = {**day, "homes": json.dumps(sorted(homes))}
    for home, policy in cursor.execute(_GOT, wanted):
        found.setdefault(home, set()).add(policy)
    return found
