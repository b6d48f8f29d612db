"""The tables that the named questions over the whole graph answer with; every store gives the same rows in the same order.

What the questions mean is said at `graph.store.GraphStore`; `neo4j_questions` and `sqlite_questions` find the rows.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

WORDS = pl.List(pl.String())
PAID_WITHIN = timedelta(days=365)
"""An award without a last day counts as received for so long after it was paid."""

UNMET = pl.Schema({"region": pl.String(), "category": pl.String(), "needs": pl.Int64(), "households": pl.Int64()})
ALONE = pl.Schema(
    {
        "region": pl.String(),
        "helper_kind": pl.String(),
        "helper": pl.String(),
        "can_do": WORDS,
        "households": pl.Int64(),
        "accompanied": pl.Int64(),
    }
)
OPENING = pl.Schema({"steps": pl.Int64(), "policy": pl.String(), "opens": WORDS, "excludes": WORDS, "run_by": WORDS})
SUPPORTERS = pl.Schema(
    {
        "step": pl.Int64(),
        "supporter": pl.String(),
        "supports": pl.String(),
        "duty": pl.String(),
        "parent": pl.Boolean(),
        "households": WORDS,
    }
)
SHARED = pl.Schema({"household": pl.String(), "other": pl.String(), "policy": pl.String(), "shared": pl.String(), "supporter": pl.String()})
NEAREST = pl.Schema({"household": pl.String(), "distance": pl.Int64()})


def answer(schema: pl.Schema, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """These rows as a table."""
    return pl.DataFrame([[row[name] for name in schema] for row in rows], schema=schema, orient="row")


def paid_since(on: date) -> date:
    """The first day of payment that still counts."""
    return on - PAID_WITHIN
