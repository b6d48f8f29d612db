"""Somebody who comes back to a household: why that cannot be entered as a departure, and what is withdrawn instead."""

import datetime as dt
import re

import polars as pl

from graph.ingest_derived import TOLD
from graph.store import Tables
from matcher.slots import on_day

RECORD = re.compile("[0-9a-f]{16}")
"""The number of a request, under which an act is on file; a file that was loaded has a name."""


def member_before(tables: Tables, person: str, home: str, day: dt.date) -> tuple[str, str] | None:
    """Why somebody cannot join a household again, and what to do instead; None if they never were its member.

    There is one membership of a household, with one first and one last day. Withdrawing what ended it, and what was entered since,
    the newest first, makes the person its member again.
    """
    edges = tables["MEMBER_OF"].filter((pl.col("src") == person) & (pl.col("dst") == home))
    if edges.is_empty():
        return None
    if not on_day(edges, day).is_empty():
        return "此人已是该户成员：这一项不填", "is its member already: leave this blank"
    spoken = tables["Statement"].filter((pl.col("list") == "members") & (pl.col("key") == person) & pl.col("withdrawn_at").is_null())
    told = spoken.join(tables["ABOUT"].select(id="src", home="dst"), on="id").sort("recorded_at", descending=True).to_dicts()
    last = next((at for at, one in enumerate(told) if one["home"] == home and one.get(f"{TOLD}until") is not None), -1)
    records = list(dict.fromkeys(str(one["file"]) for one in told[: last + 1]))
    if not records or not all(RECORD.fullmatch(one) for one in records):
        return (
            "此人曾是该户成员，同一户不能登记两次；成员关系由导入的文件说明，请改正文件：先撤回，再重新载入",
            "was its member before, which is entered once; a file tells of it: withdraw that file, correct it and load it again",
        )
    return (
        f"此人曾是该户成员，同一户不能登记两次。要恢复为该户成员，请在“撤回导入”依次撤回记录号：{'、'.join(records)}",
        "was its member before, which is entered once. To make the person its member again, withdraw these records under"
        f" 'Withdraw an import', one after the other: {', '.join(records)}",
    )
