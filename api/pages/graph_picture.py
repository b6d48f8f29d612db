"""The household's graph as a picture: place and helpers, the household, its people, what they have and who stands outside.

In: the page's tables. Out: boxes and lines with places in pixels, the same for the same household. Columns from left to right are
those of networkx' multipartite layout; the boxes of a column stand in the order of those they belong to.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import networkx as nx

from api import words
from api.page import Page
from api.places import names_of, place_name
from api.settings import Lang
from graph.store import Tables
from matcher.plain_rows import rows_of

WIDE, HIGH, BETWEEN, DOWN, EDGE = 168, 34, 60, 12, 8
"""Of a box, of the space between columns and between rows, and of the margin; pixels."""
LETTERS = 21
"""Half-widths of a letter that a box has room for; a Chinese character takes two."""
MOST = 12
"""More boxes of one column are not read; the rest is counted."""
TEXTS: dict[str, dict[Lang, str]] = {
    "lives": {"zh": "居住", "en": "lives in"},
    "accompanies": {"zh": "陪伴", "en": "accompanies"},
    "near": {"zh": "附近", "en": "near"},
    "member": {"zh": "成员", "en": "member"},
    "supports": {"zh": "赡养抚养", "en": "supports"},
    "recognised": {"zh": "认定", "en": "recognised"},
    "receives": {"zh": "已享受", "en": "receives"},
    "gave": {"zh": "同意书", "en": "consent"},
    "worker": {"zh": "社工", "en": "social worker"},
    "volunteer": {"zh": "志愿者", "en": "volunteer"},
    "rest": {"zh": "还有 {n} 个", "en": "{n} more"},
    "says": {"zh": "{a}：{w} {b}", "en": "{a}: {w} {b}"},
}


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its upper left corner, what kind it is, and what it is called; `title` in full."""

    x: int
    y: int
    kind: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """An edge from one box to another, with its word."""

    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of so many pixels, and the same as sentences."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    sentences: tuple[str, ...]
    box_width: int = WIDE
    box_height: int = HIGH


def picture_of(page: Page, lang: Lang) -> Picture:
    """The picture of one household."""
    graph = _graph(page, lang)
    at = nx.multipartite_layout(graph, subset_key="column", align="vertical")
    columns: dict[int, list[str]] = {}
    for node in sorted(graph, key=lambda one: (round(float(at[one][0]), 6), float(at[one][1]))):
        columns.setdefault(int(graph.nodes[node]["column"]), []).append(node)
    tallest = max(len(nodes) for nodes in columns.values())
    height = tallest * (HIGH + DOWN) - DOWN + 2 * EDGE
    corner: dict[str, tuple[int, int]] = {}
    for number, column in enumerate(sorted(columns)):
        nodes = columns[column]
        top = (height - len(nodes) * (HIGH + DOWN) + DOWN) // 2
        corner.update({node: (EDGE + number * (WIDE + BETWEEN), top + row * (HIGH + DOWN)) for row, node in enumerate(nodes)})
    boxes = tuple(
        Box(*corner[node], str(data["kind"]), _short(str(data["label"])), str(data["label"])) for node, data in graph.nodes(data=True)
    )
    lines = tuple(Line(_path(corner[a], corner[b]), str(data["kind"])) for a, b, data in graph.edges(data=True))
    said = TEXTS["says"][lang]
    sentences = tuple(
        said.format(a=graph.nodes[a]["label"], w=TEXTS[str(data["kind"])][lang], b=graph.nodes[b]["label"])
        for a, b, data in graph.edges(data=True)
    )
    return Picture(2 * EDGE + len(columns) * (WIDE + BETWEEN) - BETWEEN, height, boxes, lines, sentences)


def _graph(page: Page, lang: Lang) -> "nx.DiGraph[str]":
    """Everything that is drawn, in columns 0 to 3."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    tables, home = page.tables, page.household
    places = names_of(tables, page.folder)
    for code in _reached(tables, "LIVES_IN", home):
        graph.add_node(f"region {code}", column=0, kind="place", label=place_name(code, places, lang))
    _helpers(graph, page, lang)
    graph.add_node(home, column=1, kind="household", label=page.name)
    for node in [one for one, data in graph.nodes(data=True) if data["column"] == 0]:
        graph.add_edge(node, home, kind="lives" if node.startswith("region ") else str(graph.nodes[node]["edge"]))
    for member in page.bundle.members:
        graph.add_node(member, column=2, kind="person", label=page.who(member))
        graph.add_edge(home, member, kind="member")
    for owner in (home, *page.bundle.members):
        _holdings(graph, page, owner, lang)
    return graph


def _helpers(graph: Any, page: Page, lang: Lang) -> None:
    """Who accompanies the household, by name of the post; those who are only near, as a number."""
    for kind, word in (("SocialWorker", "worker"), ("Volunteer", "volunteer")):
        company = rows_of(page.tables, "ACCOMPANIES", ("src", "dst", "src_kind"))
        close = {edge["src"] for edge in company if edge["dst"] == page.household and edge["src_kind"] == kind}
        for one in rows_of(page.tables, kind, ("id", "title")):
            if one["id"] in close:
                graph.add_node(f"helper {one['id']}", column=0, kind="helper", label=one["title"] or TEXTS[word][lang], edge="accompanies")
        others = page.tables[kind].height - len(close)
        if others:
            graph.add_node(f"helpers {kind}", column=0, kind="helper", label=f"{TEXTS[word][lang]} × {others}", edge="near")


def _holdings(graph: Any, page: Page, owner: str, lang: Lang) -> None:
    """What somebody is recognised as, receives and agreed to, and who owes him or her support; the rest beyond MOST is counted."""
    tables = page.tables
    found: list[tuple[str, str, str]] = []
    for edge, kind, key, word in (
        ("RECOGNISED_AS", "Recognition", "recognition", "recognised"),
        ("RECEIVES", "Award", "policy", "receives"),
    ):
        held = set(_reached(tables, edge, owner))
        names = [row[key] for row in rows_of(tables, kind, ("id", key)) if row["id"] in held and row[key] is not None]
        found += [
            (word, _title(page, name, lang) + (f" × {n}" if n > 1 else ""), f"{word} {name}") for name, n in sorted(Counter(names).items())
        ]
    given = len(_reached(tables, "GAVE", owner))
    found += [("gave", TEXTS["gave"][lang] + (f" × {given}" if given > 1 else ""), "gave")] if given else []
    supports = rows_of(tables, "SUPPORTS", ("src", "dst"))
    outside = [edge["src"] for edge in supports if edge["dst"] == owner and edge["src"] not in page.bundle.members]
    found += [("supports", page.who(one), f"person {one}") for one in outside]
    for word, label, name in found[:MOST]:
        node = name if word == "supports" else f"{owner} {name}"
        graph.add_node(node, column=3, kind=word, label=label)
        graph.add_edge(owner, node, kind=word)
    if len(found) > MOST:
        graph.add_node(f"{owner} rest", column=3, kind="rest", label=TEXTS["rest"][lang].format(n=len(found) - MOST))
        graph.add_edge(owner, f"{owner} rest", kind="receives")


def _reached(tables: Tables, edge: str, src: str) -> list[str]:
    """What edges of a kind from somebody lead to."""
    return [row["dst"] for row in rows_of(tables, edge, ("src", "dst")) if row["src"] == src]


def _title(page: Page, name: str, lang: Lang) -> str:
    """The title of a policy or of a recognition."""
    versions = page.catalogue.policies.get(name) or page.catalogue.policies.get(name.replace("_", "-"))
    if versions:
        return words.say(versions[-1].title, lang)
    granting = [one for each in page.catalogue.policies.values() for one in each if one.recognition == name]
    return words.say(granting[-1].title, lang) if granting else words.of(words.RECOGNITION, name, lang)


def _short(label: str) -> str:
    """A label that fits into a box."""
    used = 0
    for at, letter in enumerate(label):
        used += 2 if ord(letter) > 0x2E7F else 1
        if used > LETTERS:
            return label[:at].rstrip() + "…"
    return label


def _path(a: tuple[int, int], b: tuple[int, int]) -> str:
    """A curve from the right of one box to the left of the other."""
    x1, y1, x2, y2 = a[0] + WIDE, a[1] + HIGH // 2, b[0], b[1] + HIGH // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
