"""A household in short: a few small numbers about who lives there, what they earn and spend, what they need and are recognised as.

Two households are near where the numbers are: their distance is the sum of the squares of the differences. What one number may say
is bounded, so that many households share one profile and a search over profiles is exact and quick. The profile is stored with the
household as text; `refresh_profiles` makes it anew from the graph.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from graph.model import NODE_KINDS
from graph.store import GraphStore, Tables

TOGETHER = 250
META = "profiles"
"""The Meta node that says which numbers a profile has, of which day, and up to which change of the graph."""
HOME = ("members", "children", "elders", "disabled", "earning", "spending", "rural")
NAMED = 2  # what a need or a recognition counts for
CHILD, ELDER = 18, 60  # years
MOST = {"members": 6, "children": 3, "elders": 3, "disabled": 2}
STEPS_FEN = (0, 50_000, 100_000, 200_000, 400_000, 1_000_000)  # a head and month, or in bills
_FACTS = {
    "fact_born": pl.Date(),
    "fact_disability_grade": pl.Int64(),
    "fact_wage_month_fen": pl.Int64(),
    "fact_total_fen": pl.Int64(),
    "fact_residence": pl.String(),
}


@dataclass(frozen=True, slots=True)
class Features:
    """What the numbers of a profile stand for, in their order; `on` is the day, `changes` the last change that was seen."""

    needs: tuple[str, ...]
    recognitions: tuple[str, ...]
    on: date
    changes: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """One name a number."""
        return (*HOME, *(f"need/{one}" for one in self.needs), *(f"recognised/{one}" for one in self.recognitions))


def stored_features(store: GraphStore) -> Features | None:
    """Those of the profiles that are stored; None if there are none yet."""
    stored = store.get("Meta", META)
    if stored is None:
        return None
    told = json.loads(stored["value"])
    return Features(tuple(told["needs"]), tuple(told["recognitions"]), date.fromisoformat(told["on"]), told["changes"])


def refresh_profiles(store: GraphStore, on: date, advance: Callable[[int], None] = lambda _: None) -> Features:
    """Make the profile of every household anew; `advance` hears how many more are done.

    Cut short, what is done stays, and the next run does all again and writes only what differs.
    """
    seen = last_change(store)
    features = Features(_words(store, "NeedCategory", "id"), _words(store, "Recognition", "recognition"), on)
    for batch in store.scan_nodes("Household", batch=TOGETHER):
        ids = batch["id"].to_list()
        made = profiles_of(store.neighbourhoods(ids), ids, features)
        changed = [{"id": id, "profile": text_of(made[id])} for id in ids]
        known = dict(zip(ids, batch["profile"].to_list(), strict=True))
        news = [row for row in changed if known[row["id"]] != row["profile"]]
        if news:
            seen += store.write(lambda writer, news=news: writer.upsert_nodes("Household", news))  # type: ignore[misc]  # bound now
        advance(len(ids))
    store.index_profiles()
    told = {"needs": features.needs, "recognitions": features.recognitions, "on": on.isoformat(), "changes": seen + 1}
    store.write(lambda writer: writer.upsert_nodes("Meta", [{"id": META, "value": json.dumps(told)}]))
    return features


def profile_now(store: GraphStore, household: str, features: Features) -> list[int]:
    """The profile of a household as the graph is at this moment."""
    return profiles_of(store.neighbourhood("Household", household), [household], features)[household]


def text_of(profile: Sequence[int]) -> str:
    """The profile as it is stored."""
    return ",".join(map(str, profile))


def profiles_of(tables: Tables, ids: Sequence[str], features: Features) -> dict[str, list[int]]:
    """The profiles of these households, made of their neighbourhoods."""
    members = _holding(tables["MEMBER_OF"], features.on).filter(pl.col("dst").is_in(list(ids))).select(person="src", home="dst")
    homes = pl.DataFrame({"home": list(ids)}, schema={"home": pl.String()})
    subjects = pl.concat(
        [members.select("home", kind=pl.lit("Person"), id="person"), homes.select("home", kind=pl.lit("Household"), id="home")]
    )
    found = {id: dict.fromkeys(features.names, 0) for id in ids}
    _count_people(found, members, _told(tables, features.on), features.on)
    for edge, node, name, prefix in (
        ("HAS_NEED", "Need", "category", "need"),
        ("RECOGNISED_AS", "Recognition", "recognition", "recognised"),
    ):
        held = _holding(tables[node], features.on).select(dst="id", name=name)
        joined = tables[edge].join(held, on="dst").join(subjects, left_on=["src_kind", "src"], right_on=["kind", "id"])
        for home, word in joined.select("home", "name").unique().iter_rows():
            if f"{prefix}/{word}" in found[home]:
                found[home][f"{prefix}/{word}"] = NAMED
    return {id: list(numbers.values()) for id, numbers in found.items()}


def _count_people(found: dict[str, dict[str, int]], members: pl.DataFrame, told: dict[tuple[str, str], dict[str, Any]], on: date) -> None:
    money: dict[str, list[int]] = {}
    for person, home in members.iter_rows():
        facts, numbers = told.get(("Person", person), {}), found[home]
        born = facts.get("fact_born")
        years = None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        marks = {
            "members": True,
            "children": years is not None and years < CHILD,
            "elders": years is not None and years >= ELDER,
            "disabled": facts.get("fact_disability_grade") is not None and facts["fact_disability_grade"] > 0,
        }
        for name, mark in marks.items():
            numbers[name] = min(MOST[name], numbers[name] + mark)
        sums = money.setdefault(home, [0, 0, 0])
        for at, value in enumerate((1, facts.get("fact_wage_month_fen"), facts.get("fact_total_fen"))):
            sums[at] += value or 0
    for home, (heads, wages, bills) in money.items():
        found[home] |= {"earning": _step(wages // heads), "spending": _step(bills // 12)}
    for home, numbers in found.items():
        numbers["rural"] = int(told.get(("Household", home), {}).get("fact_residence") == "rural")


def _told(tables: Tables, on: date) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest value of each fact that counts here, by subject; entries of lists are summed up."""
    statements = tables["Statement"]
    names = [name for name in _FACTS if name in statements.columns]
    said = statements.filter(pl.col("withdrawn_at").is_null() & (pl.col("true_on").is_null() | (pl.col("true_on") <= on)))
    rows = said.select("id", "list", "true_on", "recorded_at", *names).join(
        tables["ABOUT"].select("src", "dst", "dst_kind"), left_on="id", right_on="src"
    )
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows.sort("true_on", "recorded_at", "id", nulls_last=False).iter_rows(named=True):
        facts = found.setdefault((row["dst_kind"], row["dst"]), {})
        for name in names:
            if row[name] is not None:
                facts[name] = row[name] + (facts.get(name) or 0) if name == "fact_total_fen" else row[name]
    return found


def _holding(table: pl.DataFrame, on: date) -> pl.DataFrame:
    begun = pl.col("from").is_null() | (pl.col("from") <= on)
    return table.filter(begun & (pl.col("until").is_null() | (pl.col("until") >= on)))


def _step(fen: int) -> int:
    return sum(1 for step in STEPS_FEN if fen > step)


def _words(store: GraphStore, kind: str, name: str) -> tuple[str, ...]:
    assert name == "id" or name in NODE_KINDS[kind].properties
    found = {word for frame in store.scan_nodes(kind) for word in frame[name].drop_nulls().to_list()}
    return tuple(sorted(found))


def last_change(store: GraphStore) -> int:
    """The number of the newest change of the graph, found by halving."""
    low, high = 0, 1
    while not store.changes(high - 1, limit=1).is_empty():
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if store.changes(middle - 1, limit=1).is_empty() else (middle, high)
    return low
