"""What is missing, need by need, and who could help: two parts of the household's page in the terminal."""

from collections.abc import Callable

from rich.console import RenderableType
from rich.text import Text

from api import words
from api.page import Page
from api.settings import Lang
from api.terminal import bar, columns, heading, hours_text, money, note
from matcher.catalogue import LAYERS
from matcher.needs import Waterfall
from matcher.slots import Helper

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
    sure = [fall for fall in page.bundle.needs if fall.before_lo > 0 or any(step.covered_least for step in fall.steps)]
    table = columns(("left", 30), ("right", 18), ("left", 22), ("left", None))
    for fall in sure:
        need = page.catalogue.needs[fall.need]
        say, who = hours_text if need.type == "hours" else money, page.who(fall.who)
        name = words.say(need.title, lang) + ("" if not who else f" ({who})" if lang == "en" else f"（{who}）")
        per = f"{words.of(words.PER, 'week', lang)} " if need.type == "hours" and lang == "zh" else ""
        each = " a week" if need.type == "hours" and lang == "en" else ""
        table.add_row(Text(name), Text(per + say(fall.before_lo, fall.before_hi, lang) + each), _bar(page, fall), _left(fall, say, lang))
    parts: list[RenderableType] = [heading(texts["gaps"]), *([table, note(texts["gap_key"])] if sure else [])]
    unsure = dict.fromkeys(words.say(page.catalogue.needs[fall.need].title, lang) for fall in page.bundle.needs if fall not in sure)
    return [*parts, note(texts["unsure"].format(x=("; " if lang == "en" else "、").join(unsure)))] if unsure else parts


def _bar(page: Page, fall: Waterfall) -> Text:
    """What is surely covered, layer by layer."""
    whole = fall.before_hi if fall.before_hi is not None else 0
    layers = page.catalogue.policies
    parts = [(step.covered_least or 0, LAYER_STYLE[layers[step.policy][0].layer]) for step in fall.steps]
    return bar(parts, whole, 22)


def _left(fall: Waterfall, say: Callable[[int, int | None, Lang], str], lang: Lang) -> Text:
    if fall.left_hi == 0:
        return Text(TEXTS[lang]["met"], style="can")
    if fall.left_hi is None and not fall.left_lo:
        return Text(TEXTS[lang]["open"], style="ask")
    return Text(TEXTS[lang]["left"].format(x=say(fall.left_lo, fall.left_hi, lang)), style="gap" if fall.left_lo else "ask")


def slot_parts(page: Page, lang: Lang) -> list[RenderableType]:
    """The four slots: who or what fills each, or why it is empty."""
    table = columns(("left", 14 if lang == "en" else 8), ("left", None))
    for slot in page.bundle.slots:
        name = words.of(words.SLOT, slot.slot, lang)
        if slot.reason is not None:
            table.add_row(
                Text(name), Text(words.of(words.SLOT_REASON, slot.reason, lang), style="ask" if slot.reason == "fact_unknown" else "quiet")
            )
        elif slot.helpers:
            table.add_row(Text(name), Text(_helpers(slot.helpers, lang)))
        else:
            titles = dict.fromkeys(words.say(page.title(policy), lang) for policy, _ in slot.items)
            table.add_row(Text(name), Text(("; " if lang == "en" else "、").join(titles)))
    return [heading(TEXTS[lang]["slots"]), table]


def _helpers(helpers: tuple[Helper, ...], lang: Lang) -> str:
    """How many could come, and whether one knows the household."""
    known = [one for one in helpers if one.accompanies]
    free = sum(one.hours_free or 0 for one in helpers)
    if lang == "en":
        return f"{len(helpers)} near, {free:g} hours a week free" + (", one knows the household" if known else "")
    return f"附近有 {len(helpers)} 人，每周共有 {free:g} 小时空闲" + ("，其中有人一直陪伴本户" if known else "")
