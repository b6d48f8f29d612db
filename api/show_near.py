"""Near misses for a worker: what lies a little beyond a line, or passes by itself soon. Never for the applicant: it would coach.

Of all that one fact could change only small moves are shown, the nearest of each policy; that somebody dies or falls ill is no advice.
"""

import datetime as dt
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from api.page import Page
from api.settings import Lang
from api.terminal import day, heading, indented
from matcher.bundle_json import yuan
from matcher.catalogue import Catalogue
from matcher.near import NearMiss

SMALL, SOON, MOST = 0.2, dt.timedelta(days=366), 5
TEXTS = {
    "zh": {
        "title": "差一点",
        "none": "没有只差一点的项目",
        "high": "{p}：{f}高 {x}",
        "low": "{p}：{f}低 {x}",
        "passes": "{p}：到 {d} 可以符合",
        "who": "（{w}）",
    },
    "en": {
        "title": "Near misses",
        "none": "Nothing is only a little short",
        "high": "{p}: {f} is {x} too high",
        "low": "{p}: {f} is {x} too low",
        "passes": "{p}: from {d} on",
        "who": " ({w})",
    },
}


def near_parts(page: Page, lang: Lang) -> list[RenderableType]:
    """The section, if near misses were sought."""
    if page.near is None:
        return []
    return [heading(TEXTS[lang]["title"]), *(indented(Text(line)) for line in near_lines(page, lang) or [TEXTS[lang]["none"]])]


def near_lines(page: Page, lang: Lang) -> list[str]:
    """What was found and is little, one line a policy."""
    told: dict[str, str] = {}
    for miss in page.near or []:
        small = miss.direction in ("up", "down") and miss.size <= SMALL
        soon = miss.passes_on is not None and miss.passes_on - page.as_of <= SOON
        if small or soon:
            told.setdefault(miss.policy, _line(page, miss, lang))
    return list(told.values())[:MOST]


def _line(page: Page, miss: NearMiss, lang: Lang) -> str:
    """低保边缘：人均月收入高 36 元."""
    texts, owner = TEXTS[lang], miss.subject.split("/")[0]
    policy = page.title(miss.policy)
    name = policy.en if lang == "en" else policy.zh
    name += texts["who"].format(w=page.people[miss.who]) if miss.who in page.people else ""
    if miss.passes_on is not None and miss.passes_on - page.as_of <= SOON:
        return texts["passes"].format(p=name, d=day(miss.passes_on, lang))
    fact = label_of(page.catalogue, miss.fact, miss.frame, lang)
    fact += texts["who"].format(w=page.people[owner]) if owner in page.people else ""
    return texts["high" if miss.direction == "down" else "low"].format(p=name, f=fact, x=_size(miss))


def label_of(catalogue: Catalogue, name: str, frame: str, lang: Lang) -> str:
    """The label of a fact, or of a field of a list's entries (`bills@person`)."""
    owner: Any = catalogue.facts.get(frame.partition("@")[0])
    fields = owner.rows if owner is not None and owner.rows and not isinstance(owner.rows, str) else {}
    fact = fields.get(name) or (owner.edge.get(name) if owner is not None else None) or catalogue.facts.get(name)
    if fact is None:
        return name
    return fact.label.en if lang == "en" else fact.label.zh


def _size(miss: NearMiss) -> str:
    step = abs(miss.to_value - miss.from_value)
    return yuan(int(step)) if miss.money else f"{float(step):g}"
