"""Awards that exclude each other and are both on file: loaded as the registers tell them, and named to whoever loaded them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from api.load_results import Note
from graph.ingest import pages
from graph.store import GraphStore, Prefix
from matcher.catalogue import Catalogue

MOST = 50
Subject = tuple[str, str]


def clashes(store: GraphStore, catalogue: Catalogue, awarded: Iterable[Subject]) -> list[Note]:
    """A note for each pair that a person, or a household with its members, receives at the same time; at most MOST, then their number."""
    pairs = {
        frozenset((id_, other))
        for id_, versions in catalogue.policies.items()
        for version in versions
        for other in (*version.precludes, *version.choose_one)
    }
    subjects = set(awarded)
    if not pairs or not subjects:
        return []
    notes = []
    for household, members in _families(store, subjects).items():
        own = _awards(store, "Household", household) if not household.startswith("\0") else []
        held = {member: _awards(store, "Person", member) for member in sorted(members)}
        for group in (own, *(own + each for each in held.values())):
            notes += [
                _note(catalogue, household, one, other) for one, other in combinations(group, 2) if _clash(one, other, pairs, catalogue)
            ]
    distinct = list({note.en: note for note in notes}.values())
    beyond = len(distinct) - MOST
    if beyond > 0:
        distinct = [*distinct[:MOST], Note(f"另有 {beyond} 处互斥待遇同时在册", f"{beyond} more pairs that exclude each other are on file")]
    return distinct


def _families(store: GraphStore, subjects: set[Subject]) -> dict[str, set[str]]:
    """Each household concerned with its members; a person of no household stands alone, under a name that no household has."""
    home: dict[str, set[str]] = defaultdict(set)
    placed: set[str] = set()
    wanted = {id_ for kind, id_ in subjects if kind == "Person"}
    households = {id_ for kind, id_ in subjects if kind == "Household"}
    edges = [(e["src"], e["dst"]) for frame in store.scan_edges("MEMBER_OF") for e in frame.iter_rows(named=True) if e["until"] is None]
    households |= {household for person, household in edges if person in wanted}
    for person, household in edges:
        if household in households:
            home[household].add(person)
            placed.add(person)
    for household in households:
        home.setdefault(household, set())
    for person in wanted - placed:
        home[f"\0{person}"].add(person)
    return dict(sorted(home.items()))


def _awards(store: GraphStore, unit: str, subject: str) -> list[dict[str, Any]]:
    return [row for page in pages(store, "Award", {"id": Prefix(f"{unit.lower()}/{subject}/awards/")}) for row in page]


def _clash(one: dict[str, Any], other: dict[str, Any], pairs: set[frozenset[str]], catalogue: Catalogue) -> bool:
    """Whether two awards exclude each other and their times meet."""
    if frozenset((one.get("policy", ""), other.get("policy", ""))) not in pairs:
        return False
    (begun, ended), (from_, until) = _span(one, catalogue), _span(other, catalogue)
    return begun <= until and from_ <= ended


def _span(award: dict[str, Any], catalogue: Catalogue) -> tuple[dt.date, dt.date]:
    """From the first payment to the end; what is paid once counts for a year."""
    paid_on = award.get("paid_on") or dt.date.min
    versions = catalogue.policies.get(award.get("policy", ""), ())
    once = bool(versions) and versions[0].benefit is not None and versions[0].benefit.per == "once"
    open_end = paid_on + dt.timedelta(days=365) if once and paid_on != dt.date.min else dt.date.max
    return paid_on, award.get("until") or open_end


def _note(catalogue: Catalogue, household: str, one: dict[str, Any], other: dict[str, Any]) -> Note:
    titles = [catalogue.policies[award["policy"]][0].title for award in (one, other)]
    who = household.removeprefix("\0")
    return Note(
        f"{who}：同时享受互斥的“{titles[0].zh}”（{one['policy']}）和“{titles[1].zh}”（{other['policy']}），请核实应保留哪一项",
        f"{who}: receives both {titles[0].en} ({one['policy']}) and {titles[1].en} ({other['policy']}), which exclude each other: "
        "find out which holds",
    )
