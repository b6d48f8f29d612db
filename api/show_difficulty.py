"""The difficulty index at the terminal: the figure and the circle in the heading, what makes it up below."""

from rich.console import RenderableType
from rich.text import Text

from api import words
from api.page import Page
from api.settings import Lang
from api.terminal import bar, columns, heading, note
from matcher.difficulty import Contribution, Difficulty

TEXTS = {
    "zh": {
        "index": "困难指数 {x}",
        "title": "困难指数因何",
        "points": "{x} 分",
        "open": "待核实",
        "use": "指数只用于排列工作先后，不决定能否享受任何一项。",
        "unsettled": "圈层和类别要核实后才能确定",
    },
    "en": {
        "index": "difficulty {x}",
        "title": "What makes the difficulty index",
        "points": "{x}",
        "open": "to be checked",
        "use": "The index orders work; it never decides what anybody is eligible for.",
        "unsettled": "circle and category are not settled yet",
    },
}
WIDE = 20


def points(lo: int, hi: int) -> str:
    """37 or 37–62."""
    return str(lo) if lo == hi else f"{lo}–{hi}"


def difficulty_words(page: Page, lang: Lang) -> list[str]:
    """困难指数 37–62, 核心圈; nothing where the catalogue has no index."""
    scale, found = page.catalogue.difficulty, page.difficulty
    if not scale.indicators:
        return []
    circle = [words.say(one.label, lang) for one in scale.circles if one.id == found.circle and "circle" not in found.unsettled]
    return [TEXTS[lang]["index"].format(x=points(found.lo, found.hi)), *circle]


def difficulty_parts(page: Page, lang: Lang) -> list[RenderableType]:
    """A line for each indicator that adds something or may."""
    found = page.difficulty
    if not found.parts:
        return []
    most = max(level.points for one in page.catalogue.difficulty.indicators for level in one.levels)
    table = columns(("left", 30), ("right", 8), ("left", WIDE), ("left", None))
    for part in sorted_parts(found):
        label, figure, reason = part_words(page, part, lang)
        shown = bar([(part.lo, "title")], most, WIDE) if part.lo else Text("")
        table.add_row(Text(label), Text(figure), shown, Text(reason, style="ask" if part.level is None else ""))
    return [heading(TEXTS[lang]["title"]), table, note(closing_words(page, lang))]


def sorted_parts(found: Difficulty) -> list[Contribution]:
    """What adds most comes first."""
    return sorted(found.parts, key=lambda part: (-part.lo, -part.hi))


def part_words(page: Page, part: Contribution, lang: Lang) -> tuple[str, str, str]:
    """Indicator, points, and what they are given for."""
    indicator = next(one for one in page.catalogue.difficulty.indicators if one.id == part.indicator)
    reason = TEXTS[lang]["open"] if part.level is None else words.say(indicator.levels[part.level].says, lang)
    return words.say(indicator.label, lang), TEXTS[lang]["points"].format(x=points(part.lo, part.hi)), reason


def closing_words(page: Page, lang: Lang) -> str:
    """The category, and what the index is for."""
    closing, use = _categories(page, page.difficulty, lang), TEXTS[lang]["use"]
    return closing + ("；" if lang == "zh" else "; ") + use if closing else use


def _categories(page: Page, found: Difficulty, lang: Lang) -> str:
    """The category, or that it is not settled."""
    if found.unsettled:
        return TEXTS[lang]["unsettled"]
    named = [words.say(one.label, lang) for one in page.catalogue.difficulty.categories if one.id == found.category]
    return "、".join(named)
