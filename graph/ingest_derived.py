"""From what was told of an entry of a list to the node and the edges that stand for it: the one place where that is decided.

Loading puts them, withdrawing removes them or puts them again from what the other sources say.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from graph.model import EDGE_KINDS, NODE_KINDS

TOLD = "fact_told_"
"""The prefix of an entry's values on its statement: apart from facts, so that their types cannot clash."""
EDGES = {"members": "MEMBER_OF", "supporters": "SUPPORTS", "parents": "PARENT_OF"}
NODES = {
    "awards": ("Award", "RECEIVES"),
    "recognitions": ("Recognition", "RECOGNISED_AS"),
    "applications": ("Application", "APPLIED_FOR"),
    "consents": ("Consent", "GAVE"),
}


@dataclass(slots=True)
class Derived:
    """Rows by kind: at most one node, and its edges."""

    nodes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    edges: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def entry_id(unit: str, subject: str, list_: str, key: str) -> str:
    """The id of the node of an award, a recognition or a consent."""
    return f"{unit.lower()}/{subject}/{list_}/{quote(key, safe='@:+,')}"


def derived_from(unit: str, subject: str, list_: str, key: str, said: dict[str, Any]) -> Derived:
    """What follows from an entry; nothing for lists that live in statements alone (bills, vehicles).

    Args:
        said: the statement's properties; those that begin with TOLD are the entry's values.
    """
    values = {name.removeprefix(TOLD): value for name, value in said.items() if name.startswith(TOLD)}
    if list_ in EDGES:
        kind = EDGES[list_]
        known = EDGE_KINDS[kind].properties
        named = {name if name in known else f"edge_{name}": value for name, value in values.items()}
        return Derived(edges=[(kind, {"src": key, "dst": subject} | named)])
    if list_ not in NODES:
        return Derived()
    kind, edge = NODES[list_]
    id_ = entry_id(unit, subject, list_, key)
    own = {name: value for name, value in values.items() if name in NODE_KINDS[kind].properties}
    owner = {"src": subject, "dst": id_} | ({} if kind == "Consent" else {"src_kind": unit})
    edges: list[tuple[str, dict[str, Any]]] = [(edge, owner)]
    if "under" in values:
        under_kind, _, under = str(values["under"]).partition(":")
        edges.append(("UNDER", {"src": id_, "dst": under, "dst_kind": under_kind}))
    return Derived([(kind, {"id": id_} | own)], edges)
