"""Why, in words of one language, as a tree: each condition, how it came out, and what that rests on, down to who said what.

What a condition rests on is told where it matters: for conditions that fail or are open, and for amounts that are not fixed.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from api import words
from api.lines import amount_text, item_name
from api.page import Page
from api.places import place_name, region_names
from api.reading import QUOTED
from api.settings import Lang
from api.terminal import day
from api.values import value_text
from api.words_values import VALUES
from matcher.catalogue import Source
from matcher.explain import AmountResult, ClauseResult, Explanation, GroupResult, explain
from matcher.grounds import Ground, Reason
from matcher.items import Item
from matcher.trace import Range, decided

RESULT = {True: "can", False: "no", None: "ask"}
READ = {
    "zh": {
        "left": "{x}剩余",
        "granted": "{x}所给",
        "paid": "已领取的{x}",
        "receives": "正在享受{x}",
        "recognised": "已认定：{x}",
        "eligible": "符合{x}",
    },
    "en": {
        "left": "what is left of {x}",
        "granted": "what {x} gives",
        "paid": "{x}, already paid",
        "receives": "receives {x}",
        "recognised": "recognised: {x}",
        "eligible": "eligible: {x}",
    },
}
DEEPEST = 6
"""Levels of grounds that are told."""
TEXTS = {
    "zh": {
        "all": "须同时满足",
        "any": "满足其中之一",
        "not": "不得",
        "amount": "金额怎样算出",
        "source": "依据",
        "entries": "{n} 条",
        "partial": "{n} 条，清单可能不全",
        "standard": "{d}《{x}》",
        "stale": "沿用旧标准",
        "nostandard": "{p}在 {d} 没有标准",
        "first": "先经{x}",
        "since": "{d}起",
        "found": "据现有信息可认定",
        "parts": {"amount": "金额", "at_least": "至少", "at_most": "至多", "cap": "最高", "hours": "工时"},
    },
    "en": {
        "all": "All of these",
        "any": "One of these",
        "not": "Not",
        "amount": "How the amount comes about",
        "source": "By",
        "entries": "{n} entries",
        "partial": "{n} entries, there may be more",
        "standard": "{d} {x}",
        "stale": "an older standard, carried forward",
        "nostandard": "no standard for {p} on {d}",
        "first": "after {x}",
        "since": "since {d}",
        "found": "found on what is known",
        "parts": {"amount": "amount", "at_least": "at least", "at_most": "at most", "cap": "not above", "hours": "hours"},
    },
}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a condition rests on, with what it rests on itself; `open`: it is not known."""

    text: str
    open: bool
    below: tuple["Told", ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition (`status`: can, no, ask), or a group of them under its own word."""

    status: str
    text: str
    grounds: tuple[Told, ...] = ()
    notes: tuple[str, ...] = ()
    of: tuple["Condition", ...] = ()

    @property
    def mark(self) -> str:
        """✔ – ?."""
        return words.MARK[self.status]


@dataclass(frozen=True, slots=True)
class Reasons:
    """One explanation. `heading` stands over `conditions`; both are empty where nothing is in force, then `notes` say so."""

    item: Item
    name: str
    amount: str
    first: str
    heading: str
    conditions: tuple[Condition, ...]
    amounts: tuple[Told, ...]
    sources: tuple[str, ...]
    notes: tuple[str, ...] = ()


def reasons_of(page: Page, policy: str, who: str | None, lang: Lang) -> Reasons:
    """Why an item is as it is."""
    item = next(one for one in page.bundle.items if (one.policy, one.who) == (policy, who))
    return _Telling(page, lang).reasons(item, explain(page.answers, policy, who))


class _Telling:
    """Tells one explanation in one language."""

    def __init__(self, page: Page, lang: Lang) -> None:
        self.page, self.lang, self.texts = page, lang, TEXTS[lang]
        self.between = "; " if lang == "en" else "；"

    def reasons(self, item: Item, told: Explanation) -> Reasons:
        """Title, amount, conditions, how the amount comes about, articles."""
        titles = [words.say(self.page.title(one), self.lang) for one in item.opened_by]
        first = self._text("first").format(x=self.between.join(titles)) if titles else ""
        name, amount = item_name(self.page, item, self.lang), amount_text(item, self.lang)
        if told.version is None or told.requires is None:
            notes = tuple(words.say(reason.title, self.lang) for reason in told.reasons)
            return Reasons(item, name, amount, first, "", (), (), (), notes)
        return Reasons(
            item,
            name,
            amount,
            first,
            self._text(told.requires.op),
            self._conditions(told.requires),
            tuple(self._amount(one) for one in told.amounts),
            tuple(self._source(one) for one in told.version.sources),
        )

    def _source(self, source: Source) -> str:
        document = source.document if self.lang == "en" else f"《{source.document}》"
        return " · ".join([" ".join(one for one in (document, source.article) if one), words.of(words.SOURCE_MARK, source.mark, self.lang)])

    def _text(self, name: str) -> str:
        text = self.texts[name]
        assert isinstance(text, str)
        return text

    def _conditions(self, group: GroupResult) -> tuple[Condition, ...]:
        return tuple(
            self._condition(one)
            if isinstance(one, ClauseResult)
            else Condition(RESULT[one.result], f"{self._text(one.op)}{':' if self.lang == 'en' else '：'}", of=self._conditions(one))
            for one in group.of
        )

    def _condition(self, one: ClauseResult) -> Condition:
        notes = tuple(self._reason(reason) for reason in one.reasons if reason.code == "no_standard")
        return Condition(
            RESULT[one.result], words.say(one.says, self.lang), self._told(one.grounds, 0, whole=one.result is not True), notes
        )

    def _amount(self, amount: AmountResult) -> Told:
        names = self.texts["parts"]
        assert isinstance(names, dict)
        value = value_text(amount.value, amount.type, amount.part, self.page.folder, self.lang)
        said = self._spoken(words.say(amount.words, self.lang), amount.grounds)
        text = f"{names[amount.part]} {value}" + (f" = {said}" if amount.grounds else "")
        known = decided(amount.value)
        return Told(text, not known, self._told(amount.grounds, 0, whole=not known))

    def _spoken(self, said: str, grounds: Iterable[Ground]) -> str:
        """A formula with a word for each code in it, which is a value of something that the amount rests on."""
        named = [ground.name.replace("-", "_") for ground in grounds]

        def word(found: re.Match[str]) -> str:
            of = next((name for name in named if f"{name}.{found[1]}" in VALUES), "")
            return words.value_word(of, found[1], self.lang)

        return QUOTED[self.lang].sub(word, said)

    def _told(self, grounds: Iterable[Ground], level: int, *, whole: bool) -> tuple[Told, ...]:
        """What a condition rests on: by name where it is met, down to who said what where it is not (`whole`)."""
        found: list[Told] = []
        for ground in grounds:
            if ground.kind == "case_by_case":
                found.append(Told(words.of(words.REASON, "case_by_case", self.lang), open=True))
            elif not ((ground.kind == "list" and not whole) or (ground.kind == "entry" and _says_nothing(ground))):
                below = self._told(_telling(ground), level + 1, whole=True) if whole and level + 1 < DEEPEST else ()
                found.append(Told(self._ground(ground), not decided(ground.value), below))
        return tuple(found)

    def _ground(self, ground: Ground) -> str:
        """人均月收入：¥820（入户走访，2026年7月1日）."""
        who = self.page.who(ground.who)
        name = self._named(ground)
        if ground.kind == "entry" and who:
            name, who = who, ""
        if who:
            name = f"{name} ({who})" if self.lang == "en" else f"{name}（{who}）"
        told = [text for text in (self._said(ground), self._standard(ground), self._listed(ground)) if text]
        value = value_text(ground.value, ground.type, ground.name, self.page.folder, self.lang)
        tail = "" if not told else f" ({self.between.join(told)})" if self.lang == "en" else f"（{self.between.join(told)}）"
        return f"{name}: {value}{tail}" if self.lang == "en" else f"{name}：{value}{tail}"

    def _named(self, ground: Ground) -> str:
        """The title; of what is read of another item or need, what of it."""
        title, shape = (
            words.say(ground.title, self.lang),
            READ[self.lang].get(ground.name.partition(".")[0]) if ground.kind == "read" else None,
        )
        return shape.format(x=title) if shape else title

    def _said(self, ground: Ground) -> str:
        """By whom and for which day; of what is not known why."""
        if ground.said is not None and ground.said.source:
            source = words.of(words.DEPARTMENT, ground.said.source.split("/")[0].split(":")[0], self.lang)
            stale = words.of(words.REASON, "stale", self.lang) if ground.said.stale else ""
            return (", " if self.lang == "en" else "，").join(one for one in (source, day(ground.said.true_on, self.lang), stale) if one)
        if ground.since is not None:
            return self._text("since").format(d=day(ground.since, self.lang))
        if ground.found_by:
            return self._text("found")
        code = ground.code if ground.code not in (None, "fact_unknown", "no_standard") else None
        return words.of(words.REASON, code, self.lang)

    def _standard(self, ground: Ground) -> str:
        local = ground.standard
        if local is None:
            return ""
        place = place_name(local.region or local.place, region_names(self.page.folder), self.lang)
        if local.document is None:
            return self._text("nostandard").format(
                p=place_name(local.place, region_names(self.page.folder), self.lang), d=day(local.day, self.lang)
            )
        told = [self._text("standard").format(d=place if local.region else "", x=local.document).strip()]
        told += [words.of(words.SOURCE_MARK, local.mark, self.lang)] if local.mark in ("illustrative", "unchecked") else []
        return ("; " if self.lang == "en" else "，").join(told + ([self._text("stale")] if local.stale else []))

    def _listed(self, ground: Ground) -> str:
        if ground.entries is None:
            return ""
        return self._text("entries" if ground.complete else "partial").format(n=ground.entries)

    def _reason(self, reason: Reason) -> str:
        code, title = words.of(words.REASON, reason.code, self.lang), words.say(reason.title, self.lang)
        return f"{title}: {code}" if self.lang == "en" else f"{title}：{code}"


def _says_nothing(ground: Ground) -> bool:
    """An entry that adds 0, or is as a list wants it."""
    value = ground.value
    return ground.counted is False or (isinstance(value, Range) and decided(value) and value.lo == 0)


def _telling(ground: Ground) -> tuple[Ground, ...]:
    """What a ground rests on; of what adds up only what adds something, and no yes or no that is settled."""
    if not isinstance(ground.value, Range):
        return ground.below
    return tuple(one for one in ground.below if not (_says_nothing(one) or (isinstance(one.value, bool | dt.date) and one.kind != "read")))
