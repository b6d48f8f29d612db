"""A compiled catalogue, and which versions of its items matter on a day at some places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matcher.standards import in_force, version_at

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from matcher import ledger
    from matcher.catalogue import Catalogue, PolicyVersion, TermVersion
    from matcher.compile import Compiler
    from matcher.near import Search
    from matcher.plan import Plan
    from matcher.versions import Versions


@dataclass(slots=True)
class Program:
    """A compiled catalogue.

    policies: the versions in force somewhere on the day, by id; order: the turns of payment; turns: how each pays.
    clashes: policy -> those it cannot stand beside. tables: standards by place, as looked up before. named: the regions that anything
    is for. at_first: what the columns of worlds are in the file's own, by unit; pairs: the ends of number facts, by frame; search: for
    near misses; made when first asked for.
    """

    catalogue: Catalogue
    plan: Plan
    policies: dict[str, tuple[PolicyVersion, ...]]
    terms: Versions
    order: tuple[str, ...]
    turns: dict[str, ledger.Turn]
    clashes: dict[str, set[str]]
    compiler: Compiler
    places: dict[str, str] = field(default_factory=dict)
    tables: dict[object, pl.DataFrame] = field(default_factory=dict)
    at_first: dict[str, list[pl.Series]] = field(default_factory=dict)
    pairs: dict[str, list[pl.Expr]] = field(default_factory=dict)
    search: Search | None = None
    named: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.named = named_regions(self.catalogue)


@dataclass(frozen=True, slots=True)
class Active:
    """The versions that matter on a day for some places: `settled` are items of which one version holds at all of them."""

    policies: dict[str, tuple[PolicyVersion, ...]]
    terms: dict[str, tuple[TermVersion, ...]]
    settled: frozenset[str]

    @property
    def key(self) -> object:
        """What tells one selection from another."""
        chosen = [(i, tuple(v.spot for v in vs)) for part in (self.policies, self.terms) for i, vs in part.items()]
        return tuple(chosen), self.settled


def versions_on(catalogue: Catalogue, day: dt.date, regions: frozenset[str] | None = None) -> Active:
    """What is in force on a day, anywhere or at some places."""
    policies = {i: tuple(v for v in vs if in_force(v, day)) for i, vs in catalogue.policies.items()}
    terms = {i: tuple(v for v in t.versions if in_force(v, day)) for i, t in catalogue.terms.items()}
    if regions is None:
        return Active(policies, terms, frozenset())
    settled: set[str] = set()
    return Active(_at(policies, regions, day, settled), _at(terms, regions, day, settled), frozenset(settled))


def _at(items: dict[str, tuple[Any, ...]], regions: frozenset[str], day: dt.date, settled: set[str]) -> dict[str, tuple[Any, ...]]:
    """The versions that hold at one of the regions."""
    kept = {}
    for name, versions in items.items():
        chosen = {version_at(versions, r, day) for r in regions}
        kept[name] = tuple(v for n, v in enumerate(versions) if n in chosen)
        if len(chosen) == 1:
            settled.add(name)
    return kept


def named_regions(catalogue: Catalogue) -> frozenset[str]:
    """Every region that a version or a standard is for; places with the same of them above have the same rules and standards."""
    policies = (region for versions in catalogue.policies.values() for version in versions for region in version.regions)
    terms = (region for term in catalogue.terms.values() for version in term.versions for region in version.regions)
    standards = (value.region for standard in catalogue.standards.values() for value in standard.values)
    return frozenset({*policies, *terms, *standards})


def nearest_of(region: str, named: frozenset[str]) -> str:
    """The nearest region upwards that is named, or the one itself; \"\" if there is none."""
    return next((region[:length] for length in range(len(region), 0, -1) if region[:length] in named), "")


def clashes_of(catalogue: Catalogue) -> dict[str, set[str]]:
    """Pairs that cannot stand together, both ways."""
    pairs: dict[str, set[str]] = {i: set() for i in catalogue.policies}
    for policy, versions in catalogue.policies.items():
        for other in {o for v in versions for o in (*v.precludes, *v.choose_one)}:
            pairs[policy].add(other)
            pairs[other].add(policy)
    return pairs
