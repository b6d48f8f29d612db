"""What is missing, need by need, and who could help: two parts of the household's page in the terminal."""

from rich.console import RenderableType
from rich.text import Text

from api import words
from api.page import Page
from api.settings import Lang
from api.terminal import bar, columns, heading, hours_text, money, note
from matcher.catalogue import LAYERS
from matcher.needs import Waterfall
from matcher.slots import Helper, Slot

LAYER_STYLE = dict(zip(LAYERS, ("cyan", "bright_blue", "green", "bright_green", "yellow", "bright_cyan", "magenta", "blue"), strict=True))
TEXTS = {
    "zh": {
        "gaps": "缺口",
        "gap_key": "▇ 各层已补  ░ 还差",
        "left": "还差 {x}",
        "met": "已补足",
        "unsure": "有没有这些需求还要核实：{x}",
        "open": "待核实",
        "slots": "四个方面",
    },
    "en": {
        "gaps": "What is missing",
        "gap_key": "▇ covered, by layer  ░ missing",
        "left": "missing {x}",
        "met": "met",
        "unsure": "Whether there is any need of these is to be checked: {x}",
        "open": "to be checked",
        "slots": "Who can help",
    },
}


def gap_parts(page: Page, lang: Lang) -> list[RenderableType]:
    """A bar for each need: what each layer covers, what is left."""
    if not page.bundle.needs:
        return []
    texts = TEXTS[lang]
    table = columns(("left", 30), ("right", 18), ("left", 22), ("left", None))
    sure = sure_needs(page)
    for fall in sure:
        left, style = left_text(page, fall, lang)
        table.add_row(Text(need_name(page, fall, lang)), Text(before_text(page, fall, lang)), _bar(page, fall), Text(left, style=style))
    parts: list[RenderableType] = [heading(texts["gaps"]), *([table, note(texts["gap_key"])] if sure else [])]
    unsure = unsure_needs(page, lang)
    return [*parts, note(texts["unsure"].format(x=("; " if lang == "en" else "、").join(unsure)))] if unsure else parts


def sure_needs(page: Page) -> list[Waterfall]:
    """Needs that there surely are."""
    return [fall for fall in page.bundle.needs if fall.before_lo > 0 or any(step.covered_least for step in fall.steps)]


def unsure_needs(page: Page, lang: Lang) -> list[str]:
    """What there may be, each title once."""
    sure = sure_needs(page)
    return list(dict.fromkeys(words.say(page.catalogue.needs[fall.need].title, lang) for fall in page.bundle.needs if fall not in sure))


def need_name(page: Page, fall: Waterfall, lang: Lang) -> str:
    """政策范围内医疗（李○○）."""
    who = page.who(fall.who)
    return words.say(page.catalogue.needs[fall.need].title, lang) + ("" if not who else f" ({who})" if lang == "en" else f"（{who}）")


def before_text(page: Page, fall: Waterfall, lang: Lang) -> str:
    """¥12,400, 每周 6 小时."""
    return size_text(page, fall, fall.before_lo, fall.before_hi, lang)


def size_text(page: Page, fall: Waterfall, lo: int, hi: int | None, lang: Lang) -> str:
    """An amount of a need in its unit."""
    if page.catalogue.needs[fall.need].type != "hours":
        return money(lo, hi, lang)
    week, told = words.of(words.PER, "week", lang), hours_text(lo, hi, lang)
    return f"{told} {week}" if lang == "en" else f"{week} {told}"


def _bar(page: Page, fall: Waterfall) -> Text:
    """What is surely covered, layer by layer."""
    whole = fall.before_hi if fall.before_hi is not None else 0
    layers = page.catalogue.policies
    nobody = short_of_people(page)
    parts = [(step.covered_least or 0, LAYER_STYLE[layers[step.policy][0].layer]) for step in fall.steps if step.policy not in nobody]
    return bar(parts, whole, 22)


def left_text(page: Page, fall: Waterfall, lang: Lang) -> tuple[str, str]:
    """还差 ¥12,420, and how it is meant."""
    lo, hi = left_ends(page, fall)
    if hi == 0:
        return TEXTS[lang]["met"], "can"
    if hi is None and not lo:
        return TEXTS[lang]["open"], "ask"
    say = hours_text if page.catalogue.needs[fall.need].type == "hours" else money
    return TEXTS[lang]["left"].format(x=say(lo, hi, lang)), "gap" if lo else "ask"


def left_ends(page: Page, fall: Waterfall) -> tuple[int, int | None]:
    """What is left, with the hours that an item promises and nobody near can give."""
    nobody = short_of_people(page)
    promised = sum(step.covered_most for step in fall.steps if step.policy in nobody)
    return fall.left_lo + promised, None if fall.left_hi is None else fall.left_hi + promised


def short_of_people(page: Page) -> set[str]:
    """Policies whose hours nobody near can give."""
    return {item.policy for item in page.bundle.items if "no_supply_near" in item.caveats}


def slot_parts(page: Page, lang: Lang) -> list[RenderableType]:
    """The four slots: who or what fills each, or why it is empty."""
    table = columns(("left", 14 if lang == "en" else 8), ("left", None))
    for slot in page.bundle.slots:
        style = "" if slot.reason is None else "ask" if slot.reason == "fact_unknown" else "quiet"
        table.add_row(Text(words.of(words.SLOT, slot.slot, lang)), Text(slot_text(page, slot, lang), style=style))
    return [heading(TEXTS[lang]["slots"]), table]


def slot_text(page: Page, slot: Slot, lang: Lang) -> str:
    """Who or what fills a slot, or why it is empty."""
    if slot.reason is not None:
        return words.of(words.SLOT_REASON, slot.reason, lang)
    if slot.helpers:
        return _helpers(slot.helpers, lang)
    titles = dict.fromkeys(words.say(page.title(policy), lang) for policy, _ in slot.items)
    return ("; " if lang == "en" else "、").join(titles)


def _helpers(helpers: tuple[Helper, ...], lang: Lang) -> str:
    """How many could come, and whether one knows the household."""
    known = [one for one in helpers if one.accompanies]
    free = sum(one.hours_free or 0 for one in helpers)
    if lang == "en":
        return f"{len(helpers)} near, {free:g} hours a week free" + (", one knows the household" if known else "")
    return f"附近有 {len(helpers)} 人，每周共有 {free:g} 小时空闲" + ("，其中有人一直陪伴本户" if known else "")
