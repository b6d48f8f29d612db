"""What the engine says about many synthetic households: the share of yes, no and unknown of every policy, and how fast it went.

A policy for households is counted by households, one for persons by their members. World: recognitions that are found count.
"""
# ruff: noqa: T201 - a script for the terminal: printing is its work

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from matcher.choices import Block, World
from matcher.loader import load_catalogue
from matcher.pipeline import Engine, Question, run_worlds
from matcher.scope import HOUSEHOLD, PERSON
from seeds.synthetic import EVERYWHERE, households
from seeds.synthetic_tables import tables_of_records
from seeds.synthetic_telling import NAMED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matcher.catalogue import Catalogue
    from matcher.stored import Tables

DAY = dt.date(2026, 8, 1)
LEAST = 0.01
WORDS = {True: "yes", False: "no", None: "unknown"}


@dataclass(slots=True)
class Shares:
    """Verdicts counted: policy -> yes, no, unknown -> how many; unknown facts among all that a member could have; seconds by stage."""

    verdicts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    rows: Counter[str] = field(default_factory=Counter)
    untold: int = 0
    told: int = 0

    def share(self, policy: str, word: str) -> float:
        """Of all verdicts of a policy, those that are yes, no or unknown."""
        counted = self.verdicts[policy]
        return counted[word] / max(1, counted.total())

    def short(self, least: float = LEAST) -> list[str]:
        """Policies with less than the least share of any."""
        return sorted(p for p in self.verdicts if min(self.share(p, word) for word in WORDS.values()) < least)


def count_verdicts(
    catalogue: Catalogue, count: int, *, seed: int = 1, as_of: dt.date = DAY, region: str = EVERYWHERE, batch: int = 1000
) -> Shares:
    """Draw households, run them as frames in both worlds, and count what comes out if found recognitions count."""
    engine, shares = Engine(catalogue), Shares()
    for first in range(0, count, batch):
        size = min(batch, count - first)
        start = time.perf_counter()
        records = list(households(catalogue, count=size, seed=seed, as_of=as_of, region=region, first=first))
        drawn = time.perf_counter()
        tables = tables_of_records(records, catalogue, as_of)
        shares.seconds["drawn"] += drawn - start
        shares.seconds["tables"] += time.perf_counter() - drawn
        add_batch(shares, engine, tables, [record.households[0].id for record in records], as_of)
    return shares


def add_batch(shares: Shares, engine: Engine, tables: Tables, ids: Sequence[str], as_of: dt.date) -> None:
    """Run some households as frames in both worlds, and add what comes out if found recognitions count."""
    program = engine.program(as_of)
    worlds = [World(confirmed=False), World(confirmed=True)]
    start = time.perf_counter()
    base = engine.frames(tables, ids, Question(ids[0], as_of), program)
    framed = time.perf_counter()
    frames, _ = run_worlds(program, base, worlds)
    shares.seconds["facts"] += framed - start
    shares.seconds["run"] += time.perf_counter() - framed
    for unit in (HOUSEHOLD, PERSON):
        shares.rows[unit] += base.height(unit)
        policies = [p for p in program.order if engine.catalogue.policies[p][0].unit == unit]
        _count(shares, Block(frames, unit, 1, len(worlds)), policies)
    _count_facts(shares, base.tables[PERSON].filter(pl.col("inside")))


def _count(shares: Shares, rows: Block, policies: list[str]) -> None:
    """Add the verdicts of the question's own rows."""
    inside = rows.column("inside")
    for policy in policies:
        shares.verdicts[policy].update(WORDS[value] for value in rows.column(f"v:{policy}").filter(inside))


def _count_facts(shares: Shares, members: pl.DataFrame) -> None:
    """Add how many facts of members that rules read are not known (dates of what never happened left out)."""
    facts = members.select(column for column in members.columns if column.startswith("f:") and column[2:] not in NAMED)
    shares.untold += sum(facts.null_count().row(0))
    shares.told += facts.height * facts.width


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if a policy has less than 1 % of yes, no or unknown."""
    parser = argparse.ArgumentParser(prog="python -m seeds.synthetic", description="Synthetic households through the engine.")
    parser.add_argument("--report", type=int, default=10_000, metavar="N", help="how many households")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--region", default=EVERYWHERE, help="a province, city or county; all cities with rules of their own unless told")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, default=DAY)
    parser.add_argument("--catalogue", type=Path, default=Path(__file__).parent)
    parser.add_argument("--batch", type=int, default=1000)
    told = parser.parse_args(arguments)
    catalogue = load_catalogue(told.catalogue)
    shares = count_verdicts(catalogue, told.report, seed=told.seed, as_of=told.as_of, region=told.region, batch=told.batch)
    print_shares(shares, told.report)
    return 1 if shares.short() else 0


def print_shares(shares: Shares, count: int) -> None:
    """The table, what is short, and the speed."""
    print(f"{'policy':36}{'yes':>8}{'no':>8}{'unknown':>9}   of")
    short = shares.short()
    for policy in sorted(shares.verdicts):
        values = "".join(f"{shares.share(policy, word):>{width}.1%}" for word, width in (("yes", 8), ("no", 8), ("unknown", 9)))
        print(f"{policy:36}{values}{shares.verdicts[policy].total():>8}{'   < 1 %' if policy in short else ''}")
    print(f"facts of members not known: {shares.untold / max(1, shares.told):.1%}")
    spent = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in shares.seconds.items())
    people, run = shares.rows[PERSON], shares.seconds["run"]
    print(f"{count} households, {people} rows of persons: {spent}")
    print(f"drawn {count / shares.seconds['drawn']:.0f} households/s, run {2 * people / run:.0f} rows of persons/s (two worlds)")
    print(f"{len(short)} of {len(shares.verdicts)} policies short of {LEAST:.0%}" + (f": {', '.join(short)}" if short else ""))
