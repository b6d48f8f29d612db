"""The picture of the model in the documentation is that of the model."""

import re
from pathlib import Path

from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind
from graph.picture import page, picture, table

DRAWN = Path(__file__).resolve().parents[2] / "docs" / "model.md"


def test_the_picture_in_the_documentation_is_not_stale() -> None:
    assert DRAWN.read_text(encoding="utf-8") == page(), "the model has changed: run make picture"


def test_every_edge_kind_leads_from_each_of_its_ends_to_each_other() -> None:
    boxes: dict[str, list[str]] = {}
    arrows: set[tuple[str, str, str]] = set()
    for line in picture()[1:]:
        if box := re.fullmatch(r'  (\w+)\["(.*)"\]', line):
            boxes[box[1]] = box[2].split("<br>")
        elif arrow := re.fullmatch(r'  (\w+) -- "(.*)" --> (\w+)', line):
            arrows |= {(src, name, dst) for name in arrow[2].split("<br>") for src in boxes[arrow[1]] for dst in boxes[arrow[3]]}
    assert arrows >= {(src, edge.name, dst) for edge in EDGE_KINDS.values() for src in edge.src for dst in edge.dst}


def test_every_kind_and_property_is_in_the_table() -> None:
    every, *lines = table()
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in lines}
    kinds: list[NodeKind | EdgeKind] = [*NODE_KINDS.values(), *EDGE_KINDS.values()]
    for kind in kinds:
        assert [name for name in kind.properties if f"`{name}`" not in every + rows[kind.name]] == [], kind.name
