"""The consent gate: which households a charity may be told of. The one place that decides it, for every route, page and command.

A household is shared with an organisation while one of its members agrees to it on the day: for every recipient, for charity, or for this
organisation or a project of it by name. A consent that names another recipient is none. Source: design sections 1 and 3.
"""

import datetime as dt
from collections.abc import Collection, Sequence

import polars as pl

from graph.store import GraphStore
from matcher.slots import on_day

BROAD = ("all", "charity")
"""Scopes that name no recipient of their own."""


def shared_with(
    store: GraphStore, households: Sequence[str], organization: str, day: dt.date, *, projects: Collection[str] = ()
) -> set[str]:
    """Those of the households that an organisation may be told of on the day; none for one without a name.

    Args:
        projects: those of the organisation.
    """
    if not households or not organization:
        return set()
    tables = store.neighbourhoods(list(households))
    taken_back = pl.col("withdrawn").is_not_null() & (pl.col("withdrawn") <= day)
    to_all = pl.col("recipient").is_null() & pl.col("scope").list.eval(pl.element().is_in([*BROAD, organization, *projects])).list.any()
    live = on_day(tables["Consent"], day).filter(~taken_back & ((pl.col("recipient") == organization) | to_all))
    given = tables["GAVE"].join(live, left_on="dst", right_on="id", how="semi").get_column("src")
    homes = on_day(tables["MEMBER_OF"], day).filter(pl.col("src").is_in(given.implode())).get_column("dst").to_list()
    return set(homes) & set(households)
