"""A household's surroundings as a graph in the node-link form of networkx: for a picture, or another program.

Nodes are named `Kind/id`. Statements and what is encrypted are left out; people carry masked names.
"""

import datetime as dt
from typing import Any

import networkx as nx

from api.people import household_name, labels, members_on
from api.places import names_of, place_name
from api.wiring import Desk
from graph.model import EDGE_KINDS
from graph.store import Tables

SHOWN = ("Household", "Person", "Region", "Award", "Recognition", "Need", "Consent", "SocialWorker", "Volunteer")
PROPERTIES = ("kin", "duty", "from", "until", "recognition", "policy", "amount_fen", "category", "window", "hours")


def graph_json(desk: Desk, tables: Tables, household: str) -> dict[str, Any]:
    """Nodes `{id, kind, label, …}` and edges `{source, target, kind, …}`."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(household=household)
    named = _labels(desk, tables, household)
    for kind in SHOWN:
        for row in tables[kind].to_dicts():
            graph.add_node(f"{kind}/{row['id']}", kind=kind, label=named.get((kind, row["id"]), row.get("title") or ""), **_plain(row))
    for name, declared in EDGE_KINDS.items():
        for row in tables[name].to_dicts():
            src, dst = (f"{row.get(f'{end}_kind') or getattr(declared, end)[0]}/{row[end]}" for end in ("src", "dst"))
            if src in graph and dst in graph:
                graph.add_edge(src, dst, key=name, kind=name, **_plain(row))
    found: dict[str, Any] = nx.node_link_data(graph, edges="edges")
    return found


def _labels(desk: Desk, tables: Tables, household: str) -> dict[tuple[str, str], str]:
    members = members_on(tables, household, desk.today())
    people = labels(tables, household, members, desk.identity, desk.lang)
    places = names_of(tables, desk.settings.catalogue)
    titles = {id_: versions[0].title for id_, versions in desk.catalogue.policies.items()}
    found = {("Person", id_): label for id_, label in people.items()}
    found |= {("Region", row["id"]): place_name(row["id"], places, desk.lang) for row in tables["Region"].to_dicts()}
    for kind, name in (("Award", "policy"), ("Recognition", "recognition")):
        for row in tables[kind].to_dicts():
            if row[name] in titles:
                found[kind, row["id"]] = titles[row[name]].en if desk.lang == "en" else titles[row[name]].zh
    found["Household", household] = household_name(tables, household, members, desk.identity, desk.lang)
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """The properties that are shown, those that are there."""
    kept = {name: row[name] for name in PROPERTIES if row.get(name) is not None}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in kept.items()}
