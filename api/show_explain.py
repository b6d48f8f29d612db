"""Why a household is or is not eligible for one policy: each condition in words, how it came out, and what that rests on.

What a condition rests on is shown where it matters: for conditions that fail or are open, and for everything with `--all`.
"""

import datetime as dt
from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from api import words
from api.catalogue_search import policies_matching
from api.errors import NotFound
from api.page import Page
from api.places import place_name, region_names
from api.settings import Lang
from api.show_household import amount_text, item_name
from api.terminal import day, heading, indented
from api.values import value_text
from matcher.bundle import Item
from matcher.catalogue import Source
from matcher.explain import AmountResult, ClauseResult, Explanation, GroupResult, explain
from matcher.grounds import Ground, Reason
from matcher.trace import Range, decided

RESULT = {True: ("✔", "can"), False: ("–", "no"), None: ("?", "ask")}
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
LINES, DEEPEST = 10, 14
"""So many grounds are shown under one condition; more are not read."""
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
        "rest": "另有 {n} 条依据，见 --json",
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
        "rest": "{n} more grounds: see --json",
    },
}


def subjects_of(page: Page, policy: str, who: str | None) -> list[tuple[str, str | None]]:
    """The items meant: one policy, for the household or for each member. Raises NotFound."""
    found = policies_matching(page.catalogue, policy)
    if not found:
        raise NotFound(
            f"没有政策“{policy}”",
            f"there is no policy {policy!r}",
            hint=("查政策：aidgraph policies 关键词", "search: aidgraph policies WORD"),
        )
    targets = [(item.policy, item.who) for item in page.bundle.items if item.policy == found[0]]
    if who is None:
        return targets
    ours = [target for target in targets if target[1] in (None, who) or page.who(target[1]) == who]
    if not ours:
        names = "、".join(page.people[one] for one in page.bundle.members)
        raise NotFound(f"本户没有成员“{who}”，可写：{names}", f"{who!r} is no member of this household: {', '.join(names.split('、'))}")
    return ours


def explain_json(page: Page, policy: str, who: str | None) -> dict[str, object]:
    """One explanation as docs/json.md describes it."""
    return {"status": _item(page, policy, who).status, **explain(page.answers, policy, who).to_json()}


def explain_parts(page: Page, policy: str, who: str | None, lang: Lang) -> list[RenderableType]:
    """The parts of one explanation."""
    return _Telling(page, lang).parts(_item(page, policy, who), explain(page.answers, policy, who))


def _item(page: Page, policy: str, who: str | None) -> Item:
    return next(item for item in page.bundle.items if (item.policy, item.who) == (policy, who))


class _Telling:
    """Tells one explanation in one language."""

    def __init__(self, page: Page, lang: Lang) -> None:
        self.page, self.lang, self.texts = page, lang, TEXTS[lang]
        self.between = "; " if lang == "en" else "；"

    def parts(self, item: Item, told: Explanation) -> list[RenderableType]:
        """Title, amount, conditions, how the amount comes about, articles."""
        status = words.of(words.STATUS, item.status, self.lang)
        title = Text.assemble((f"{words.MARK[item.status]} ", item.status), (item_name(self.page, item, self.lang), "title"), f"  {status}")
        amount = amount_text(item, self.lang)
        parts: list[RenderableType] = [Text(""), title.append(f"  {amount}" if amount else "")]
        if item.opened_by:
            titles = [words.say(self.page.title(one), self.lang) for one in item.opened_by]
            parts.append(indented(self._text("first").format(x=self.between.join(titles))))
        if told.version is None or told.requires is None:
            return [*parts, *(indented(words.say(reason.title, self.lang)) for reason in told.reasons)]
        parts += [heading(self._text(told.requires.op)), *self._group(told.requires, 2)]
        if told.amounts:
            parts += [heading(self._text("amount")), *(part for one in told.amounts for part in self._amount(one))]
        return [*parts, heading(self._text("source")), *(indented(self._source(one)) for one in told.version.sources)]

    def _source(self, source: Source) -> str:
        document = source.document if self.lang == "en" else f"《{source.document}》"
        return " · ".join([" ".join(one for one in (document, source.article) if one), words.of(words.SOURCE_MARK, source.mark, self.lang)])

    def _text(self, name: str) -> str:
        text = self.texts[name]
        assert isinstance(text, str)
        return text

    def _group(self, group: GroupResult, by: int) -> list[RenderableType]:
        parts: list[RenderableType] = []
        for one in group.of:
            mark, style = RESULT[one.result]
            if isinstance(one, ClauseResult):
                parts.append(indented(Text.assemble((f"{mark} ", style), words.say(one.says, self.lang)), by))
                parts += self._grounds(one.grounds, by + 2, whole=one.result is not True)
                parts += [
                    indented(Text(self._reason(reason), style="ask"), by + 2) for reason in one.reasons if reason.code == "no_standard"
                ]
            else:
                parts.append(indented(Text.assemble((f"{mark} ", style), f"{self._text(one.op)}{':' if self.lang == 'en' else '：'}"), by))
                parts += self._group(one, by + 2)
        return parts

    def _amount(self, amount: AmountResult) -> list[RenderableType]:
        names = self.texts["parts"]
        assert isinstance(names, dict)
        value, said = value_text(amount.value, amount.type, amount.part, self.page.folder, self.lang), words.say(amount.words, self.lang)
        text = f"{names[amount.part]} {value}" + (f" = {said}" if amount.grounds else "")
        return [indented(text), *self._grounds(amount.grounds, 4, whole=not decided(amount.value))]

    def _grounds(self, grounds: tuple[Ground, ...], by: int, *, whole: bool) -> list[RenderableType]:
        """What a condition rests on: by name where it is met, down to who said what where it is not (`whole`)."""
        lines: list[tuple[str, int, bool]] = []
        left_out = 0
        for ground in grounds:
            told = list(self._lines((ground,), by, whole=whole))
            lines += told[:LINES]
            left_out += max(0, len(told) - LINES)
        shown: list[RenderableType] = [indented(Text(text, style="ask" if open_ else "quiet"), at) for text, at, open_ in lines]
        return shown + ([indented(self._text("rest").format(n=left_out), by)] if left_out else [])

    def _lines(self, grounds: Iterable[Ground], by: int, *, whole: bool) -> Iterable[tuple[str, int, bool]]:
        for ground in grounds:
            if ground.kind == "case_by_case":
                yield words.of(words.REASON, "case_by_case", self.lang), by, True
                continue
            if (ground.kind == "list" and not whole) or (ground.kind == "entry" and _says_nothing(ground)):
                continue
            yield self._ground(ground), by, not decided(ground.value)
            if whole and by < DEEPEST:
                yield from self._lines(_telling(ground), by + 2, whole=True)

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
