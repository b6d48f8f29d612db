"""Where a household stands among those to be helped: its difficulty index, kept on the household, so that the hardest are found first.

A batch keeps it for a region; a change by hand makes it anew for its household at once, and one that came by a file when the household is
next listed. Who has none yet comes last. The index orders work; it never decides what anybody is eligible for.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from api.wiring import Desk
from graph.store import Tables, Writer
from matcher.batch import results_for
from matcher.errors import FrameError
from matcher.kept import Result

NONE = "none"
"""The circle or category of a household that is in none, or for which it is not settled."""
HELD = (
    ("ABOUT", "Statement"),
    ("RECEIVES", "Award"),
    ("RECOGNISED_AS", "Recognition"),
    ("APPLIED_FOR", "Application"),
    ("HAS_NEED", "Need"),
    ("GAVE", "Consent"),
)
"""Edges between people or households and what is on file of them."""


@dataclass(frozen=True, slots=True)
class Rank:
    """The index of one household: what is known counts `lo`, with what may be `hi`; on what day's facts, made when, by which catalogue."""

    lo: int
    hi: int
    circle: str
    category: str
    on: dt.date
    at: dt.datetime
    by: str

    def to_json(self) -> dict[str, Any]:
        """As docs/json.md describes it."""
        named = {name: None if value == NONE else value for name, value in (("circle", self.circle), ("category", self.category))}
        return {"lo": self.lo, "hi": self.hi, **named, "as_of": self.on.isoformat()}


def rank_of(row: Mapping[str, Any]) -> Rank | None:
    """The rank that a stored household has."""
    if not row.get("rank"):
        return None
    told = (row["circle"], row["category"], row["ranked_on"], row["ranked_at"], row["ranked_by"])
    return Rank(int(row["rank"]), row["rank_most"], *told)


def rank_rows(results: Iterable[Result], tables: Tables, as_of: dt.date, catalogue: str, at: dt.datetime) -> list[dict[str, Any]]:
    """Results as properties of their households; none for a household that has one of a later day.

    Args:
        at: a moment before the tables were read, so that whatever was written meanwhile is seen to be later.
    """
    there = {row["id"]: row for row in tables["Household"].select("id", "updated_at", "ranked_on").iter_rows(named=True)}
    rows = []
    for one in results:
        found, stored = one.difficulty, there.get(one.household)
        if stored is None or (stored["ranked_on"] is not None and stored["ranked_on"] > as_of):
            continue
        settled = {name: NONE if name in found.unsettled else getattr(found, name) or NONE for name in ("circle", "category")}
        made = {"ranked_on": as_of, "ranked_at": at, "ranked_by": catalogue}
        kept = {"id": one.household, "updated_at": stored["updated_at"]}  # the household itself is as it was
        rows.append({**kept, "rank": f"{found.lo:03}", "rank_most": found.hi, **settled, **made})
    return rows


def rank_now(desk: Desk, households: Sequence[str], tables: Tables, at: dt.datetime) -> dict[str, Rank]:
    """Make the ranks of some households anew from their tables, and keep them."""
    day = desk.today()
    try:
        results = results_for(desk.engine, tables, households, day)
    except FrameError:  # more of something than the columns hold: its own page says so
        return {}
    rows = rank_rows(results, tables, day, desk.catalogue.hash, at)

    def unit(writer: Writer) -> None:
        writer.upsert_nodes("Household", rows)

    if rows:
        desk.store.write(unit)
    return {row["id"]: rank for row in rows if (rank := rank_of(row)) is not None}


def changed_at(tables: Tables, households: Sequence[str]) -> dict[str, dt.datetime]:
    """When what is on file of each household, its members and who owes them support last changed."""
    homes = pl.DataFrame({"home": list(households)}, schema={"home": pl.String})
    members = tables["MEMBER_OF"].select(home="dst", id="src", at="updated_at").join(homes, on="home")
    supporters = tables["SUPPORTS"].select(id="dst", other="src", at="updated_at").join(members.select("home", "id"), on="id")
    lives = tables["LIVES_IN"].select(home="src", at="updated_at").join(homes, on="home")
    own = tables["Household"].select(home="id", at="updated_at").join(homes, on="home")
    people = pl.concat([members.select("home", "id"), supporters.select("home", id="other")]).unique()
    subjects = pl.concat([people.select("home", "id", kind=pl.lit("Person")), homes.select("home", id="home", kind=pl.lit("Household"))])
    found = [part.select("home", "at") for part in (members, supporters, lives, own)]
    for edge, node in HELD:
        found.append(_held(tables, edge, node, subjects))
    newest = pl.concat(found).group_by("home").agg(pl.col("at").max())
    return {home: at for home, at in newest.iter_rows() if at is not None}


def _held(tables: Tables, edge: str, node: str, subjects: pl.DataFrame) -> pl.DataFrame:
    """home, at: of the things on file that an edge of this kind leads to, or comes from."""
    about = edge == "ABOUT"
    who, what = ("dst", "src") if about else ("src", "dst")
    kind = pl.lit("Person") if f"{who}_kind" not in tables[edge].columns else pl.col(f"{who}_kind")
    ends = tables[edge].select(id=who, thing=what, kind=kind)
    things = tables[node].select(thing="id", at="updated_at")
    return ends.join(subjects, on=["id", "kind"]).join(things, on="thing").select("home", "at")
