"""The household's page as a template reads it: words and figures in one language, in reading order; nothing is computed in a template."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from api import words
from api.lines import Line, choice_lines, header, listed, old_news, question_gain, question_text
from api.lines_reasons import Reasons, reasons_of
from api.page import Page
from api.pages.frame import Link
from api.pages.graph_picture import Picture, picture_of
from api.pages.texts import TEXTS
from api.pages.waterfall_view import Fall, falls_of
from api.settings import Lang
from api.show_difficulty import TEXTS as DIFFICULTY
from api.show_difficulty import closing_words, difficulty_words, part_words, sorted_parts
from api.show_gaps import slot_text, unsure_needs
from api.show_near import near_lines
from api.terminal import day, hours_text, money
from matcher.bundle_json import FIRST, sentence
from matcher.questions import Question

MOST_QUESTIONS = 30
"""More questions are not listed at once; answers bring the next ones up."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the bundle with the reasons of the first person, and links to those of the others."""

    layer: str
    mark: str
    status: str
    status_word: str
    name: str
    amount: str
    office: str
    state: str
    tone: str
    href: str
    item: str
    reasons: Reasons | None
    others: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: what, whom, what for, and where to enter the answer."""

    text: str
    office: str
    gain: str
    href: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the four: who or what fills it, or why it is empty."""

    name: str
    filled: bool
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of one need."""

    name: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Why:
    """What makes the difficulty index: indicator, points, reason and whether it is open, a row each; nothing without an index."""

    title: str
    rows: tuple[tuple[str, str, str, bool], ...]
    closing: str


@dataclass(frozen=True, slots=True)
class HouseholdView:
    """Everything on the page. `asked`: the day of the question as links carry it. `near`: None where near misses were not sought."""

    href: str
    asked: str
    place: str
    name: str
    tags: tuple[str, ...]
    difficulty: Why
    day: str
    summary: str
    old: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...]
    idle: tuple[str, ...]
    refused: tuple[Link, ...]
    asks: tuple[Ask, ...]
    asks_more: tuple[Ask, ...]
    asks_rest: int
    falls: tuple[Fall, ...]
    unsure: str
    residual: tuple[Left, ...]
    near: tuple[str, ...] | None
    choices: tuple[str, ...]
    slots: tuple[Slot, ...]
    discuss: bool
    picture: Picture


def household_href(household: str) -> str:
    """The address of a household's page."""
    return f"/households/{quote(household, safe='')}"


def household_view(page: Page, lang: Lang, asked_day: str = "") -> HouseholdView:
    """The page of one household in one language. `asked_day`: `as_of=…` where the question is not about today; links carry it on."""
    asked, told = page.answers.asked_for, listed(page, lang)
    zh, en = sentence(page.bundle, page.catalogue, questions=len(asked))
    name, *tags = header(page, lang)
    href = household_href(page.household)
    asks = tuple(_ask(page, one, href, lang) for one in asked[: FIRST + MOST_QUESTIONS])
    return HouseholdView(
        href,
        asked_day,
        page.place,
        name,
        (*tags[:1], *difficulty_words(page, lang), *tags[1:]),
        _difficulty(page, lang),
        TEXTS[lang]["as_of"].format(d=day(page.as_of, lang)),
        en if lang == "en" else zh,
        old_news(page, lang),
        tuple(_rows(page, told.lines, (href, asked_day), lang, reasons=True)),
        tuple(_rows(page, told.more, (href, asked_day), lang, reasons=False)),
        told.idle,
        tuple(Link(words.say(page.title(one), lang), why_href((href, asked_day), one)) for one in told.refused),
        asks[:FIRST],
        asks[FIRST:],
        max(0, len(asked) - len(asks)),
        falls_of(page, lang),
        ("; " if lang == "en" else "、").join(unsure_needs(page, lang)),
        tuple(_residual(page, lang)),
        None if page.near is None else tuple(near_lines(page, lang)),
        tuple(choice_lines(page, lang)),
        tuple(_slots(page, lang)),
        any(one.lo > 0 for one in page.bundle.residual),
        picture_of(page, lang),
    )


def why_href(where: tuple[str, str], policy: str, who: str | None = None) -> str:
    """The address of the reasons for one policy; `where`: the household's address and the day as links carry it."""
    household, asked = where
    query = "&".join(part for part in (asked, f"who={quote(who, safe='')}" if who else "") if part)
    return f"{household}/why/{quote(policy, safe='')}" + (f"?{query}" if query else "")


def _difficulty(page: Page, lang: Lang) -> Why:
    parts = sorted_parts(page.difficulty)
    rows = tuple((*part_words(page, one, lang), one.level is None) for one in parts)
    return Why(DIFFICULTY[lang]["title"], rows, closing_words(page, lang) if rows else "")


def _rows(page: Page, lines: Iterable[Line], where: tuple[str, str], lang: Lang, *, reasons: bool) -> Iterable[Row]:
    before = ""
    for line in lines:
        first, *others = line.items
        layer = "" if line.layer == before else words.of(words.LAYER, line.layer, lang)
        before = line.layer
        yield Row(
            layer,
            line.mark,
            line.status,
            words.of(words.STATUS, line.status, lang),
            line.name,
            line.amount,
            line.office,
            line.state,
            line.tone,
            why_href(where, first.policy),
            f"{first.policy}|{first.who or ''}",
            reasons_of(page, first.policy, first.who, lang) if reasons else None,
            tuple(Link(page.who(one.who), why_href(where, one.policy, one.who)) for one in others),
        )


def _ask(page: Page, question: Question, href: str, lang: Lang) -> Ask:
    where = ""
    if question.kind == "consent":
        where = f"{href}/consent" + (f"?who={quote(question.who, safe='')}" if question.who in page.bundle.members else "")
    elif question.kind == "fact" and "." not in question.name and (question.who is None or question.who in page.bundle.members):
        where = f"{href}/facts?fact={quote(question.name)}" + (f"&who={quote(question.who, safe='')}" if question.who else "")
    office = words.of(words.DEPARTMENT, question.ask, lang)
    return Ask(question_text(page, question, lang), office, question_gain(question, lang), where)


def _residual(page: Page, lang: Lang) -> Iterable[Left]:
    texts = TEXTS[lang]
    for one in page.bundle.residual:
        lo, hi = one.lo + one.unstaffed, None if one.hi is None else one.hi + one.unstaffed
        if lo <= 0:
            continue
        text = hours_text(lo, hi, lang) if one.hours else money(lo, hi, lang)
        week = words.of(words.PER, "week", lang)
        text = text if not one.hours else f"{text} {week}" if lang == "en" else f"{week} {text}"
        yield Left(words.say(page.catalogue.needs[one.need].title, lang), f"{texts['left_row']} {text}", "gap")


def _slots(page: Page, lang: Lang) -> Iterable[Slot]:
    for slot in page.bundle.slots:
        tone = "can" if slot.reason is None else "ask" if slot.reason == "fact_unknown" else "no" if slot.reason == "no_need" else "gap"
        yield Slot(words.of(words.SLOT, slot.slot, lang), slot.reason is None, slot_text(page, slot, lang), tone)
