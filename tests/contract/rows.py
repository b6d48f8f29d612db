"""Small graphs that the contract tests put into a store."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from graph.model import EDGE_KINDS, NODE_KINDS
from graph.store import GraphStore, Tables


def put(store: GraphStore, kind: str, *rows: dict[str, Any]) -> int:
    return store.write(lambda writer: writer.upsert_nodes(kind, rows))


def link(store: GraphStore, kind: str, *rows: dict[str, Any]) -> int:
    return store.write(lambda writer: writer.upsert_edges(kind, rows))


def ids(store: GraphStore, kind: str, *names: str) -> None:
    put(store, kind, *({"id": name} for name in names))


def pairs(store: GraphStore, kind: str, ends: Iterable[tuple[str, str]], **more: Any) -> None:
    link(store, kind, *({"src": src, "dst": dst, **more} for src, dst in ends))


def whole_graph(store: GraphStore) -> Tables:
    """Every kind, scanned."""
    nodes = {kind: list(store.scan_nodes(kind)) for kind in NODE_KINDS}
    edges = {kind: list(store.scan_edges(kind)) for kind in EDGE_KINDS}
    return {kind: pl.concat(frames) for kind, frames in (nodes | edges).items() if frames}


def column(frame: pl.DataFrame, name: str) -> list[Any]:
    return frame[name].to_list()


def ends(frame: pl.DataFrame) -> set[tuple[str, str]]:
    return set(zip(column(frame, "src"), column(frame, "dst"), strict=True))


def three_generations(store: GraphStore) -> None:
    """A child and its mother at home in a village; her parents elsewhere; and the people around these.

    home: child, mother. away: grandmother, grandfather, lodger. far: brother, who supports the grandmother, and wife. farthest: cousin,
    who supports the brother. door: the neighbour, of no concern.
    """
    ids(store, "Region", "37", "3703", "370302", "370302001", "370302002", "3705")
    pairs(store, "PART_OF", [("3703", "37"), ("370302", "3703"), ("370302001", "370302"), ("370302002", "370302"), ("3705", "37")])
    ids(store, "Household", "home", "away", "far", "farthest", "door")
    pairs(store, "LIVES_IN", [("home", "370302001"), ("away", "3705"), ("far", "370302002"), ("farthest", "37"), ("door", "370302001")])
    members = {
        "home": ("child", "mother"),
        "away": ("grandmother", "grandfather", "lodger"),
        "far": ("brother", "wife"),
        "farthest": ("cousin",),
        "door": ("neighbour",),
    }
    for household, people in members.items():
        ids(store, "Person", *people)
        pairs(store, "MEMBER_OF", [(person, household) for person in people])
    supports = [("mother", "child"), ("grandmother", "mother"), ("brother", "grandmother"), ("cousin", "brother"), ("neighbour", "cousin")]
    pairs(store, "SUPPORTS", supports, duty="parent")
    pairs(store, "PARENT_OF", [("mother", "child"), ("grandfather", "mother"), ("grandmother", "brother")])
    _records(store, [person for people in members.values() for person in people], list(members))
    _helpers(store)


def _records(store: GraphStore, people: Sequence[str], households: Sequence[str]) -> None:
    subjects = [(person, "Person") for person in people] + [(household, "Household") for household in households]
    put(store, "Policy", {"id": "dibao", "text": "a long text"})
    put(store, "Statement", *({"id": f"said-{name}", "complete": ["members"], "fact_age": len(name)} for name, _ in subjects))
    link(store, "ABOUT", *({"src": f"said-{name}", "dst": name, "dst_kind": kind} for name, kind in subjects))
    for kind, edge in (("Award", "RECEIVES"), ("Recognition", "RECOGNISED_AS"), ("Application", "APPLIED_FOR"), ("Need", "HAS_NEED")):
        ids(store, kind, *(f"{kind}-{name}" for name, _ in subjects))
        link(store, edge, *({"src": name, "src_kind": of, "dst": f"{kind}-{name}"} for name, of in subjects))
    link(store, "UNDER", *({"src": f"Award-{name}", "dst": "dibao", "dst_kind": "Policy"} for name, _ in subjects))
    ids(store, "Consent", *(f"gave-{person}" for person in people))
    pairs(store, "GAVE", [(person, f"gave-{person}") for person in people])


def _helpers(store: GraphStore) -> None:
    ids(store, "NeedCategory", "care")
    ids(store, "Volunteer", "in-village", "in-city", "elsewhere", "friend")
    ids(store, "SocialWorker", "in-county", "of-far")
    areas = [("in-village", "370302001"), ("in-city", "3703"), ("elsewhere", "370302002"), ("friend", "3705")]
    pairs(store, "COVERS_AREA", areas, src_kind="Volunteer")
    pairs(store, "COVERS_AREA", [("in-county", "370302"), ("of-far", "370302002")], src_kind="SocialWorker")
    pairs(store, "CAN_DO", [(helper, "care") for helper, _ in areas], src_kind="Volunteer")
    pairs(store, "ACCOMPANIES", [("friend", "home")], src_kind="Volunteer")
    pairs(store, "ACCOMPANIES", [("of-far", "far")], src_kind="SocialWorker")
