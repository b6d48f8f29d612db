"""The waterfall as bars: for each need what there is, what each item covers in the legal order, and what is left.

Bars are drawn on a line of 1,000 units from left (nothing) to right (the whole need), so that a page draws them at any width.
Two readings stand in one bar: what is surely covered or missing, and, hatched, what is so only if something open turns out so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from api import words
from api.page import Page
from api.pages.texts import TEXTS
from api.settings import Lang
from api.show_gaps import before_text, left_ends, left_text, need_name, short_of_people, size_text, sure_needs
from matcher.needs import Step, Waterfall

UNITS = 1000
THIN = 4
"""Whatever is not nothing is drawn at least so wide."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: from `x`, so wide, drawn as `look` (need, a layer, gap), hatched where it is not sure."""

    x: int
    width: int
    look: str
    hatched: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a waterfall."""

    label: str
    layer: str
    amount: str
    parts: tuple[Part, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Fall:
    """One need: its finding as a title, then its rows."""

    name: str
    before: str
    left: str
    tone: str
    bars: tuple[Bar, ...]


def falls_of(page: Page, lang: Lang) -> tuple[Fall, ...]:
    """The waterfalls of the needs that there surely are."""
    return tuple(_fall(page, fall, lang) for fall in sure_needs(page))


def _fall(page: Page, fall: Waterfall, lang: Lang) -> Fall:
    whole = fall.before_hi if fall.before_hi is not None else max(fall.before_lo, sum(step.covered_most for step in fall.steps))
    texts, before = TEXTS[lang], before_text(page, fall, lang)
    left, tone = left_text(page, fall, lang)
    top = Bar(texts["need"], "", before, _parts(whole, "need", (0, fall.before_lo), (fall.before_lo, whole)))
    lo, hi = left_ends(page, fall)
    amount = texts["met"] if hi == 0 else size_text(page, fall, lo, hi, lang)
    last = Bar(texts["left_row"], "", amount, _parts(whole, "gap", (0, lo), (lo, whole if hi is None else hi)), tone)
    return Fall(need_name(page, fall, lang), before, left, tone, (top, *_steps(page, fall, whole, lang), last))


def _steps(page: Page, fall: Waterfall, whole: int, lang: Lang) -> Iterable[Bar]:
    right, nobody = whole, short_of_people(page)
    for step in fall.steps:
        layer = page.catalogue.policies[step.policy][-1].layer
        sure = step.covered_least or 0
        end = right - sure
        maybe = max(0, min(step.covered_most, right) - sure)
        yield Bar(
            words.say(page.title(step.policy), lang),
            words.of(words.LAYER, layer, lang),
            _covered(page, fall, step, lang),
            _parts(whole, f"l-{layer}", *(((end, right), (end - maybe, end)) if step.policy not in nobody else ((0, 0), (end, right)))),
        )
        right = max(0, end)


def _covered(page: Page, fall: Waterfall, step: Step, lang: Lang) -> str:
    """− ¥30,000; from and to where it is not settled."""
    lo, hi = sorted((step.covered_least or 0, step.covered_most))
    return f"− {size_text(page, fall, lo, hi, lang)}"


def _parts(whole: int, look: str, sure: tuple[int, int], maybe: tuple[int, int]) -> tuple[Part, ...]:
    """The pieces of one bar, in units."""
    found = []
    for (begin, end), hatched in ((sure, False), (maybe, True)):
        if end > begin and whole > 0:
            x, right = max(0, begin) * UNITS // whole, min(whole, end) * UNITS // whole
            width = max(THIN, right - x)
            found.append(Part(min(x, UNITS - width), width, look, hatched))
    return tuple(found)
