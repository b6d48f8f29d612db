"""The model as a picture and a table, for people: docs/model.md is made of this, and a test fails where the two differ.

    python -m graph.picture > docs/model.md

The picture is a Mermaid flowchart, which GitHub, GitLab and many editors draw. Kinds that most edges treat
alike share a box; kinds without edges are only in the table.
"""

import sys
from itertools import product

from graph.model import EDGE_KINDS, EVERY_EDGE, EVERY_NODE, NODE_KINDS, EdgeKind, NodeKind, PropertyType

HEAD = """\
# The graph

Made from `graph/model.py` by `make picture`; a test fails where the two differ. Labels, relationship types and
properties in Neo4j are these.
"""


def page() -> str:
    """The whole of docs/model.md."""
    return "\n".join((HEAD, "```mermaid", *picture(), "```", "", *table()))


def picture() -> list[str]:
    """The flowchart, line by line: a box for each kind that has edges, an arrow for each pair of boxes with the kinds of edge between."""
    lines = ["flowchart LR"]
    boxes = _boxes()
    inside = {kind: box for box, kinds in boxes.items() for kind in kinds}
    for box, kinds in boxes.items():
        lines.append(f'  {box}["{"<br>".join(kinds)}"]')
    arrows: dict[tuple[str, str], dict[str, None]] = {}
    for edge in EDGE_KINDS.values():
        for src, dst in product(edge.src, edge.dst):
            arrows.setdefault((inside[src], inside[dst]), {})[edge.name] = None
    return [*lines, *(f'  {src} -- "{"<br>".join(names)}" --> {dst}' for (src, dst), names in arrows.items())]


def _boxes() -> dict[str, tuple[str, ...]]:
    """Kinds that most of their edges treat alike share a box."""
    roles: dict[str, set[tuple[str, str]]] = {kind: set() for kind in NODE_KINDS}
    for edge in EDGE_KINDS.values():
        for side, kinds in (("src", edge.src), ("dst", edge.dst)):
            for kind in kinds:
                roles[kind].add((edge.name, side))
    boxes: list[list[str]] = []
    for kind in filter(roles.get, NODE_KINDS):
        alike = (box for box in boxes if 2 * len(roles[kind] & roles[box[0]]) > len(roles[kind] | roles[box[0]]))
        box = next(alike, None)
        if box is None:
            boxes.append([kind])
        else:
            box.append(kind)
    return {"_".join(kinds): tuple(kinds) for kinds in boxes}


def table() -> list[str]:
    """What each kind holds, beside what every one does."""
    lines = [f"Every node has `id`, {_listed(EVERY_NODE)}; every edge {_listed(EVERY_EDGE)}. A star marks what is indexed.", ""]
    lines += ["| node | properties |", "|---|---|", *(f"| {kind.name} | {_properties(kind)} |" for kind in NODE_KINDS.values()), ""]
    lines += ["| edge | from | to | properties |", "|---|---|---|---|"]
    lines += [f"| {kind.name} | {_either(kind.src)} | {_either(kind.dst)} | {_properties(kind)} |" for kind in EDGE_KINDS.values()]
    return [*lines, ""]


def _properties(kind: NodeKind | EdgeKind) -> str:
    every = EVERY_NODE if isinstance(kind, NodeKind) else EVERY_EDGE
    found_by = kind.found_by if isinstance(kind, NodeKind) else ()
    own = {name: declared for name, declared in kind.properties.items() if name not in every}
    told = [f"`{name}` {declared}{' *' if name in found_by else ''}" for name, declared in own.items()]
    return ", ".join(
        [*told, *([f"`{kind.open_names.pattern.partition('_')[0].removeprefix('^')}_…` as stated"] if kind.open_names else [])]
    )


def _listed(properties: dict[str, PropertyType]) -> str:
    return ", ".join(f"`{name}` {declared}" for name, declared in properties.items())


def _either(kinds: tuple[str, ...]) -> str:
    return " or ".join(kinds)


if __name__ == "__main__":
    sys.stdout.write(page())
