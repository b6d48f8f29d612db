"""Households nearest to a profile in the embedded store: the profiles are read off their index and compared all at once."""

from collections.abc import Sequence

import apsw
import numpy as np
import polars as pl

from graph.questions import NEAREST, answer
from graph.sqlite_layout import column

_PROFILES = f"SELECT DISTINCT {column('profile', 'str')} AS text FROM node WHERE kind = 'Household' AND text IS NOT NULL"
_WITH = f"SELECT id FROM node WHERE kind = 'Household' AND {column('profile', 'str')} = ? ORDER BY id LIMIT ?"


def nearest(cursor: apsw.Cursor, profile: Sequence[int], but: str, limit: int) -> pl.DataFrame:
    texts = [text for (text,) in cursor.execute(_PROFILES) if text.count(",") == len(profile) - 1]
    if not texts:
        return answer(NEAREST, [])
    numbers = np.array(",".join(texts).split(","), dtype=np.int64).reshape(len(texts), len(profile))
    distances = ((numbers - np.array(profile)) ** 2).sum(axis=1)
    farthest = np.sort(distances)[min(limit, len(texts) - 1)]
    found = [
        (int(distances[at]), household)
        for at in np.flatnonzero(distances <= farthest)
        for (household,) in cursor.execute(_WITH, (texts[at], limit + 1)).fetchall()
        if household != but
    ]
    return answer(NEAREST, ({"household": household, "distance": distance} for distance, household in sorted(found)[:limit]))
