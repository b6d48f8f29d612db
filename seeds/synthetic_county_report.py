"""What was made of a synthetic county, read back from its store: who is there, what the engine says, what is not known.

Counts are of everything in the store; shares are of a sample of its households, taken evenly from first to last and run as large frames.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from graph.regions import within
from graph.store import Prefix
from matcher.pipeline import Engine
from seeds.synthetic_report import WORDS, Shares, add_batch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from graph.store import GraphStore, Tables
    from matcher.catalogue import Catalogue

KINDS = (
    *("Household", "Person", "Statement", "Consent", "Need", "Award", "Recognition"),
    *("Policy", "CharityProject", "Organization", "SocialWorker", "Volunteer"),
)
SAMPLE, BATCH = 2_000, 500
AGES = (0, 18, 35, 60, 80)
PAGE = 5_000


@dataclass(slots=True)
class CountyReport:
    """Counts by kind; of the sample: households, members, sizes of households, ages, verdicts, unknown facts."""

    counts: dict[str, int] = field(default_factory=dict)
    households: int = 0
    members: int = 0
    sizes: Counter[int] = field(default_factory=Counter)
    ages: Counter[int] = field(default_factory=Counter)
    elsewhere: int = 0
    shares: Shares = field(default_factory=Shares)
    policies: list[str] = field(default_factory=list)

    @property
    def unknown(self) -> float:
        """Of the facts that members could have, those that are not known."""
        return self.shares.untold / max(1, self.shares.told)

    def one_sided(self) -> list[str]:
        """Policies in force here for which yes, no or unknown was never said."""
        return [p for p in self.policies if min(self.shares.verdicts[p][word] for word in WORDS.values()) == 0]

    def json(self) -> dict[str, Any]:
        """As docs/synthetic.md says."""
        shares = {p: {word: round(self.shares.share(p, word), 4) for word in WORDS.values()} for p in self.policies}
        return {
            "counts": self.counts,
            "sample": {"households": self.households, "members": self.members, "supporters_in_other_households": self.elsewhere},
            "sizes": {str(size): count for size, count in sorted(self.sizes.items())},
            "ages": {str(low): self.ages[low] for low in AGES},
            "unknown_facts": round(self.unknown, 4),
            "verdicts": shares,
            "one_sided": self.one_sided(),
        }


def report_on(
    store: GraphStore, catalogue: Catalogue, county: str, *, seed: int, as_of: dt.date, sample: int = SAMPLE, told: Callable[[int], None]
) -> CountyReport:
    """Read a sample of a county's households and run it.

    Args:
        catalogue: the county's own, with its projects.
        told: called with so many more households that are done.
    """
    found, engine = CountyReport({kind: store.count(kind) for kind in KINDS}), Engine(catalogue)
    ids = _households(store, f"syn-{county}-{seed}-")
    ids = ids[:: max(1, len(ids) // sample)][:sample]
    for first in range(0, len(ids), BATCH):
        batch = ids[first : first + BATCH]
        tables = store.neighbourhoods(batch)
        add_batch(found.shares, engine, tables, batch, as_of)
        _people(found, tables, batch, as_of)
        told(len(batch))
    found.policies = sorted(p for p in found.shares.verdicts if _here(catalogue, p, county))
    return found


def _households(store: GraphStore, prefix: str) -> list[str]:
    """The ids of the county's households."""
    found: list[str] = []
    after: str | None = prefix
    while after is not None:
        page = store.find("Household", {"id": Prefix(prefix)}, limit=PAGE, after=after)
        found += [row["id"] for row in page.rows]
        after = page.after
    return found


def _here(catalogue: Catalogue, policy: str, county: str) -> bool:
    """Whether a version of the policy is in force in the county or in a part of it."""
    regions = {region for version in catalogue.policies[policy] for region in version.regions or ("",)}
    return any(not region or within(county, region) or within(region, county) for region in regions)


def _people(found: CountyReport, tables: Tables, ids: list[str], as_of: dt.date) -> None:
    """Sizes, ages, and supporters who live in another household."""
    members = tables["MEMBER_OF"].filter(pl.col("dst").is_in(ids))
    found.households += len(ids)
    found.members += members.height
    found.sizes.update(members.group_by("dst").len().get_column("len").to_list())
    born = tables["Statement"].join(tables["ABOUT"], left_on="id", right_on="src").select("dst", "fact_born").drop_nulls()
    own = born.unique("dst", keep="last").filter(pl.col("dst").is_in(members.get_column("src").implode()))
    for day in own.get_column("fact_born"):
        found.ages[max(low for low in AGES if low <= max(0, (as_of - day).days // 365))] += 1
    homes = tables["MEMBER_OF"].select("src", "dst")
    owed = (
        tables["SUPPORTS"]
        .select("src", "dst")
        .join(members.select(dst="src", home="dst"), on="dst")
        .join(homes, on="src", suffix="_of_src")
    )
    found.elsewhere += owed.filter(pl.col("home") != pl.col("dst_of_src")).height
