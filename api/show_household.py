"""The household's page in the terminal: the answer first, then what can be done, what to ask, and what is missing."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api import words
from api.page import Page
from api.settings import Lang
from api.show_gaps import gap_parts, slot_parts
from api.show_near import near_parts
from api.terminal import columns, day, heading, hours_text, indented, line, money, month, note
from matcher.bundle import IN_THE_WAY, Item
from matcher.bundle_json import FIRST, sentence
from matcher.language import Words
from matcher.questions import Question

MOST_OPEN, MOST_ROWS = 6, 18
"""At least so many open items are shown, and more as long as the page stays short."""
TEXTS = {
    "zh": {
        "now": "现在能做",
        "people": "人",
        "none": "没有符合或待核实的项目。",
        "no": "另有 {n} 项政策不符合。看原因：aidgraph explain {h} 政策",
        "open_more": "还有 {n} 项待核实：先问下面几件，再看 aidgraph ask {h}",
        "ask": "先问这 {n} 件",
        "more": "还有 {n} 件：aidgraph ask {h}",
        "choice": "选择",
        "over": "选了{a}，没有选{b}（{x}）",
        "received": "已在享受{a}，因此不能再享受{b}（{x}）",
        "first": "先经{x}",
        "first_of": "先经{x}等 {n} 项",
        "renew": "{d}复核",
        "discuss": "一事一议",
        "residual": "仍有缺口。各项政策用尽后可提请“一事一议”会商。",
        "settles": "可定 {n} 项",
        "worth": "一年最多 {x}",
        "day": "按 {d} 的情况",
        "idle": "另有 {n} 项符合但眼下无须再补：{x}",
    },
    "en": {
        "now": "What can be done now",
        "people": "people",
        "none": "Nothing is eligible or open.",
        "no": "{n} more policies: not eligible. Why: aidgraph explain {h} POLICY",
        "open_more": "{n} more are open: ask the questions below first, then aidgraph ask {h}",
        "ask": "Ask first ({n})",
        "more": "{n} more: aidgraph ask {h}",
        "choice": "Choices",
        "over": "{a} was chosen, not {b} ({x})",
        "received": "{a} is received, so {b} cannot be ({x})",
        "first": "after {x}",
        "first_of": "after {x} and others ({n})",
        "renew": "review {d}",
        "discuss": "One matter, one discussion",
        "residual": "Something is still missing. When every policy is used up, the case can be put up for a joint discussion.",
        "settles": "settles {n}",
        "worth": "up to {x} a year",
        "day": "as of {d}",
        "idle": "{n} more are eligible but have nothing left to pay now: {x}",
    },
}


def household_page(page: Page, lang: Lang) -> list[RenderableType]:
    """The parts of the page, in reading order."""
    asked = page.answers.asked_for
    zh, en = sentence(page.bundle, page.catalogue, questions=len(asked))
    parts: list[RenderableType] = [*_header(page, lang), line(), Text(en if lang == "en" else zh, style="title")]
    parts += _items(page, lang)
    parts += _questions(page, asked, lang)
    parts += gap_parts(page, lang)
    parts += near_parts(page, lang)
    parts += _choices(page, lang)
    parts += slot_parts(page, lang)
    if any(one.lo > 0 for one in page.bundle.residual):
        parts += [heading(TEXTS[lang]["discuss"]), indented(TEXTS[lang]["residual"])]
    return parts


def amount_text(item: Item, lang: Lang) -> str:
    """¥2,310 每月, 6 小时 每周; a case-by-case amount is said so."""
    if item.per is None:
        return ""
    if (item.lo is None and item.hi is None) or (item.status == "ask" and item.hi == 0):
        return ""
    if item.certainty == "case_by_case" and item.hi is None and not item.lo:
        return "set case by case" if lang == "en" else "个案确定"
    if item.hours:
        text, week = hours_text(item.lo, item.hi, lang), words.of(words.PER, "week", lang)
        return f"{text} {week}" if lang == "en" else f"{week} {text}"
    return f"{money(item.lo, item.hi, lang)} {words.of(words.PER, item.per, lang)}"


def item_name(page: Page, item: Item, lang: Lang) -> str:
    """医疗救助（李○○）."""
    title, who = words.say(item.title, lang), page.who(item.who)
    return title if not who else (f"{title} ({who})" if lang == "en" else f"{title}（{who}）")


def _header(page: Page, lang: Lang) -> list[RenderableType]:
    texts, table = TEXTS[lang], columns(("left", None), ("right", 40))
    table.add_row(Text(page.place, style="quiet"), Text(texts["day"].format(d=day(page.as_of, lang)), style="quiet"))
    names = [
        words.of(words.RECOGNITION, name, lang) if name not in _titles(page) else words.say(_titles(page)[name], lang)
        for name, _ in page.bundle.recognised
    ]
    parts = [page.name, f"{len(page.bundle.members)} {texts['people']}", *dict.fromkeys(names)]
    return [table, Text(" · ".join(parts), style="title")]


def _titles(page: Page) -> dict[str, Words]:
    """The title of the policy that grants each recognition."""
    found = {}
    for policy, versions in page.catalogue.policies.items():
        found[policy] = versions[-1].title
        for version in versions:
            if version.recognition and version.recognition not in page.catalogue.policies:
                found[version.recognition] = version.title
    return found


def _items(page: Page, lang: Lang) -> list[RenderableType]:
    texts = TEXTS[lang]
    shown = [item for item in page.bundle.of("can", "has", "ask") if "nothing_left" not in item.caveats]
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in shown:
        key = (
            item.policy,
            item.status,
            amount_text(item, lang),
            *item.caveats,
            str(item.renew_on),
            page.stuck.get((item.policy, item.who), ""),
        )
        groups.setdefault(key, []).append(item)
    rows = [group for group in groups.values() if group[0].status != "ask"]
    room = max(MOST_OPEN, MOST_ROWS - len(rows))
    kept = {id(group) for group in [group for group in groups.values() if group[0].status == "ask"][:room]} | {id(group) for group in rows}
    english = lang == "en"
    table = columns(
        ("left", 11 if english else 4), ("left", 1), ("left", None), ("right", 23), ("left", 13 if english else 12), ("left", 15)
    )
    before = ""
    for group in groups.values():
        if id(group) in kept:
            item = group[0]
            layer = "" if item.layer == before else words.of(words.LAYER, item.layer, lang)
            table.add_row(Text(layer, style="quiet"), *_row(page, group, lang))
            before = item.layer
    parts: list[RenderableType] = [heading(texts["now"]), table if shown else indented(texts["none"])]
    if len(kept) < len(groups):
        parts.append(note(texts["open_more"].format(n=len(groups) - len(kept), h=page.household)))
    idle = [item for item in page.bundle.of("can") if "nothing_left" in item.caveats]
    if idle:
        names = dict.fromkeys(words.say(item.title, lang) for item in idle)
        parts.append(note(texts["idle"].format(n=len(names), x=_joined(list(names), lang))))
    refused = len({item.policy for item in page.bundle.of("no")} - {item.policy for item in (*shown, *idle, *page.bundle.of("choice"))})
    return [*parts, note(texts["no"].format(n=refused, h=page.household))] if refused else parts


def _row(page: Page, group: list[Item], lang: Lang) -> tuple[Text, ...]:
    """Mark, name, amount, where to go, what is next."""
    item = group[0]
    office = words.of(words.DEPARTMENT, item.accepts or item.department, lang)
    name, amount = _group_name(page, group, lang), amount_text(item, lang)
    return Text(words.MARK[item.status], style=item.status), Text(name), Text(amount), Text(office), _state(page, item, lang)


def _joined(parts: list[str], lang: Lang) -> str:
    return ("; " if lang == "en" else "、").join(parts)


def _group_name(page: Page, group: list[Item], lang: Lang) -> str:
    """医疗救助（李○○、王○○）: one line for all to whom the same applies."""
    title = words.say(group[0].title, lang)
    who = [page.who(item.who) for item in group if item.who]
    if not who:
        return title
    told = ", ".join(who) if lang == "en" else "、".join(who)
    if len(who) > 1 and len(who) == len(page.bundle.members):
        told = f"all {len(who)}" if lang == "en" else f"全部 {len(who)} 人"
    return f"{title} ({told})" if lang == "en" else f"{title}（{told}）"


def _state(page: Page, item: Item, lang: Lang) -> Text:
    """The last column: what is next for this item."""
    texts, status = TEXTS[lang], words.of(words.STATUS, item.status, lang)
    if item.status == "has":
        return Text(texts["renew"].format(d=month(item.renew_on, lang)) if item.renew_on else status, style="has")
    if item.status == "can" and item.caveats:
        return Text(words.of(words.CAVEAT, item.caveats[0], lang), style="ask" if item.caveats[0] not in IN_THE_WAY else "no")
    if item.opened_by:
        title = words.say(page.title(item.opened_by[0]), lang)
        return Text(texts["first" if len(item.opened_by) == 1 else "first_of"].format(x=title, n=len(item.opened_by)), style="can")
    stuck = page.stuck.get((item.policy, item.who))
    return Text(words.of(words.REASON, stuck, lang) if stuck else status, style=item.status)


def question_text(page: Page, question: Question, lang: Lang) -> str:
    """残疾等级（李○○）？"""
    label, who = words.say(question.label, lang), page.who(question.who)
    if lang == "en":
        return f"{label[:1].upper()}{label[1:]}{f' ({who})' if who else ''}?"
    return f"{label}{f'（{who}）' if who else ''}？"


def question_row(page: Page, number: int, question: Question, lang: Lang) -> tuple[Text, Text, Text, Text]:
    """Number, question, who can tell, what it could settle."""
    texts, told = TEXTS[lang], []
    if question.settles:
        told.append(texts["settles"].format(n=len(question.settles)))
    if question.fen:
        told.append(texts["worth"].format(x=money(question.fen, question.fen, lang)))
    asker = words.of(words.DEPARTMENT, question.ask, lang)
    return (
        Text(str(number)),
        Text(question_text(page, question, lang)),
        Text(asker, style="title"),
        Text(("; " if lang == "en" else "，").join(told), style="quiet"),
    )


def questions_table(page: Page, asked: list[Question], lang: Lang) -> Table:
    """Questions in the order of what they can settle."""
    table = columns(("right", 2), ("left", None), ("left", 22 if lang == "en" else 14), ("left", 36 if lang == "en" else 32))
    for number, question in enumerate(asked, 1):
        table.add_row(*question_row(page, number, question, lang))
    return table


def _questions(page: Page, asked: list[Question], lang: Lang) -> list[RenderableType]:
    if not asked:
        return []
    texts, first = TEXTS[lang], asked[:FIRST]
    parts: list[RenderableType] = [heading(texts["ask"].format(n=len(first))), questions_table(page, first, lang)]
    if len(asked) > len(first):
        parts.append(note(texts["more"].format(n=len(asked) - len(first), h=page.household)))
    return parts


def _choices(page: Page, lang: Lang) -> list[RenderableType]:
    """What was given up, and for what."""
    texts, lines = TEXTS[lang], []
    by_target = {(item.policy, item.who): item for item in page.bundle.items}
    for item in page.bundle.of("choice"):
        amount = amount_text(item, lang) or words.of(words.STATUS, "can", lang)
        better = [by_target[target] for target in item.given_up_for]
        held = any(one.status == "has" for one in better)
        names = _joined([item_name(page, one, lang) for one in better], lang)
        lines.append(indented(texts["received" if held else "over"].format(a=names, b=item_name(page, item, lang), x=amount)))
    return [heading(texts["choice"]), *lines] if lines else []
