"""One household's page line by line, in words of one language: what can be done, what was chosen, what to ask.

The terminal and the web page set these lines in type; what they say is decided here alone.
"""

from dataclasses import dataclass

from api import words
from api.page import Page
from api.settings import Lang
from api.terminal import day, hours_text, money, month
from matcher.applications import Application
from matcher.caveats import IN_THE_WAY
from matcher.items import Item
from matcher.language import Words
from matcher.questions import Question

MOST_OPEN, MOST_ROWS = 6, 18
"""At least so many open items are shown, and more as long as the page stays short."""
TEXTS = {
    "zh": {
        "over": "选了{a}，没有选{b}（{x}）",
        "received": "已在享受{a}，因此不能再享受{b}（{x}）",
        "first": "先经{x}",
        "first_of": "先经{x}等 {n} 项",
        "renew": "{d}复核",
        "on": "{x}（{d}）",
        "because": "{x}：{y}",
        "settles": "可定 {n} 项",
        "worth": "一年最多 {x}",
        "all": "全部 {n} 人",
        "case": "个案确定",
        "name": "{t}（{w}）",
        "question": "{t}{w}？",
        "who": "（{w}）",
        "and": "、",
        "comma": "，",
        "people": "人",
        "old": "最近的情况是 {d}的，过了有效期的都按未知算；补上新情况再看更准。",
    },
    "en": {
        "over": "{a} was chosen, not {b} ({x})",
        "received": "{a} is received, so {b} cannot be ({x})",
        "first": "after {x}",
        "first_of": "after {x} and others ({n})",
        "renew": "review {d}",
        "on": "{x} ({d})",
        "because": "{x}: {y}",
        "settles": "settles {n}",
        "worth": "up to {x} a year",
        "all": "all {n}",
        "case": "set case by case",
        "name": "{t} ({w})",
        "question": "{t}{w}?",
        "who": " ({w})",
        "and": "; ",
        "comma": "; ",
        "people": "people",
        "old": "The newest facts are of {d}; what has run out counts as unknown, so enter newer ones first.",
    },
}
OLD = 365
"""Days after which it is said that nothing newer is known."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what can be done, for all to whom the same applies. `tone` is a status of its own: how the last column is meant."""

    items: tuple[Item, ...]
    name: str
    amount: str
    office: str
    state: str
    tone: str

    @property
    def layer(self) -> str:
        """The layer's code."""
        return self.items[0].layer

    @property
    def status(self) -> str:
        """The status's code."""
        return self.items[0].status

    @property
    def mark(self) -> str:
        """✔ ● ? –."""
        return words.MARK[self.status]


@dataclass(frozen=True, slots=True)
class Listed:
    """`lines` to be shown and `more` open ones, in the legal order; `idle`: titles of what has nothing left to pay; `refused`: policies."""

    lines: tuple[Line, ...]
    more: tuple[Line, ...]
    idle: tuple[str, ...]
    refused: tuple[str, ...]


def listed(page: Page, lang: Lang) -> Listed:
    """What can be done, is received or is open; no more open items than are read."""
    shown = [item for item in page.bundle.of("can", "has", "ask") if "nothing_left" not in item.caveats]
    lines = [_line(page, group, lang) for group in _groups(page, shown, lang)]
    sure = [line for line in lines if line.status != "ask" or line.items[0].application is not None]
    room = max(MOST_OPEN, MOST_ROWS - len(sure))
    kept = {id(line) for line in (*sure, *[line for line in lines if line not in sure][:room])}
    idle = [item for item in page.bundle.of("can") if "nothing_left" in item.caveats]
    told = {item.policy for item in (*shown, *idle, *page.bundle.of("choice"))}
    return Listed(
        tuple(line for line in lines if id(line) in kept),
        tuple(line for line in lines if id(line) not in kept),
        tuple(dict.fromkeys(words.say(item.title, lang) for item in idle)),
        tuple(dict.fromkeys(item.policy for item in page.bundle.of("no") if item.policy not in told)),
    )


def _groups(page: Page, shown: list[Item], lang: Lang) -> list[list[Item]]:
    """Items that say the same of several people, together."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in shown:
        stuck = page.stuck.get((item.policy, item.who), "")
        key = (item.policy, item.status, amount_text(item, lang), *item.caveats, str(item.application), str(item.renew_on), stuck)
        groups.setdefault(key, []).append(item)
    return list(groups.values())


def _line(page: Page, group: list[Item], lang: Lang) -> Line:
    """Name, amount, where to go, what is next."""
    item = group[0]
    office = words.of(words.DEPARTMENT, item.accepts or item.department, lang)
    return Line(tuple(group), _group_name(page, group, lang), amount_text(item, lang), office, *_state(page, item, lang))


def amount_text(item: Item, lang: Lang) -> str:
    """¥2,310 每月, 6 小时 每周; a case-by-case amount is said so."""
    if item.per is None:
        return ""
    if (item.lo is None and item.hi is None) or (item.status == "ask" and item.hi == 0):
        return ""
    if item.certainty == "case_by_case" and item.hi is None and not item.lo:
        return TEXTS[lang]["case"]
    if item.hours:
        text, week = hours_text(item.lo, item.hi, lang), words.of(words.PER, "week", lang)
        return f"{text} {week}" if lang == "en" else f"{week} {text}"
    return f"{money(item.lo, item.hi, lang)} {words.of(words.PER, item.per, lang)}"


def item_name(page: Page, item: Item, lang: Lang) -> str:
    """医疗救助（李○○）."""
    title, who = words.say(item.title, lang), page.who(item.who)
    return TEXTS[lang]["name"].format(t=title, w=who) if who else title


def _group_name(page: Page, group: list[Item], lang: Lang) -> str:
    """医疗救助（李○○、王○○）: one line for all to whom the same applies."""
    title = words.say(group[0].title, lang)
    who = [page.who(item.who) for item in group if item.who]
    if not who:
        return title
    told = ", ".join(who) if lang == "en" else "、".join(who)
    if len(who) > 1 and len(who) == len(page.bundle.members):
        told = TEXTS[lang]["all"].format(n=len(who))
    return TEXTS[lang]["name"].format(t=title, w=told)


def _state(page: Page, item: Item, lang: Lang) -> tuple[str, str]:
    """The last column, what is next for this item, and how it is meant."""
    texts, status = TEXTS[lang], words.of(words.STATUS, item.status, lang)
    if item.status == "has":
        return (texts["renew"].format(d=month(item.renew_on, lang)) if item.renew_on else status), "has"
    if item.application is not None:
        return _application(item.application, lang), "has" if item.application.state == "applied" else "no"
    if item.status == "can" and item.caveats:
        return words.of(words.CAVEAT, item.caveats[0], lang), "ask" if item.caveats[0] not in IN_THE_WAY else "no"
    if item.opened_by:
        title = words.say(page.title(item.opened_by[0]), lang)
        return texts["first" if len(item.opened_by) == 1 else "first_of"].format(x=title, n=len(item.opened_by)), "can"
    stuck = page.stuck.get((item.policy, item.who))
    return (words.of(words.REASON, stuck, lang) if stuck else status), item.status


def _application(one: Application, lang: Lang) -> str:
    """已申请，等候审核（2026年8月1日）; 不予办理（2026年9月1日）：人均收入超过标准."""
    told = TEXTS[lang]["on"].format(x=words.of(words.CAVEAT, one.state, lang), d=day(one.decided_on or one.applied_on, lang))
    return told if one.reason is None else TEXTS[lang]["because"].format(x=told, y=words.of(words.REFUSAL, one.reason, lang))


def header(page: Page, lang: Lang) -> list[str]:
    """李○○ 户, 4 人, and what the household and its members are recognised as."""
    titles = _titles(page)
    names = [
        words.say(titles[name], lang) if name in titles else words.of(words.RECOGNITION, name, lang) for name, _ in page.bundle.recognised
    ]
    return [page.name, f"{len(page.bundle.members)} {TEXTS[lang]['people']}", *dict.fromkeys(names)]


def _titles(page: Page) -> dict[str, Words]:
    """The title of the policy that grants each recognition."""
    found = {}
    for policy, versions in page.catalogue.policies.items():
        found[policy] = versions[-1].title
        for version in versions:
            if version.recognition and version.recognition not in page.catalogue.policies:
                found[version.recognition] = version.title
    return found


def question_text(page: Page, question: Question, lang: Lang) -> str:
    """残疾等级（李○○）？"""
    label, who = words.say(question.label, lang), page.who(question.who)
    told = label[:1].upper() + label[1:] if lang == "en" else label
    return TEXTS[lang]["question"].format(t=told, w=TEXTS[lang]["who"].format(w=who) if who else "")


def question_gain(question: Question, lang: Lang) -> str:
    """可定 3 项，一年最多 ¥2,520: what an answer could settle."""
    texts, told = TEXTS[lang], []
    if question.settles:
        told.append(texts["settles"].format(n=len(question.settles)))
    if question.fen:
        told.append(texts["worth"].format(x=money(question.fen, question.fen, lang)))
    return texts["comma"].join(told)


def old_news(page: Page, lang: Lang) -> str:
    """That nothing newer than a year is known of the household and its members; else nothing."""
    evidence = page.answers.evidence
    newest = None if evidence is None else evidence.newest({page.household, *page.bundle.members})
    if newest is None or (page.as_of - newest).days <= OLD:
        return ""
    return TEXTS[lang]["old"].format(d=day(newest, lang))


def choice_lines(page: Page, lang: Lang) -> list[str]:
    """What was given up, and for what."""
    texts, lines = TEXTS[lang], []
    by_target = {(item.policy, item.who): item for item in page.bundle.items}
    for item in page.bundle.of("choice"):
        amount = amount_text(item, lang) or words.of(words.STATUS, "can", lang)
        better = [by_target[target] for target in item.given_up_for]
        held = any(one.status == "has" for one in better)
        names = texts["and"].join(item_name(page, one, lang) for one in better)
        lines.append(texts["received" if held else "over"].format(a=names, b=item_name(page, item, lang), x=amount))
    return lines
