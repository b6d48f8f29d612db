"""Why a household is or is not eligible for one policy: each condition in words, how it came out, and what that rests on."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from api import words
from api.catalogue_search import policies_matching
from api.errors import NotFound
from api.lines_reasons import TEXTS, Condition, Told, reasons_of
from api.page import Page
from api.settings import Lang
from api.terminal import heading, indented
from matcher.errors import like
from matcher.explain import explain
from matcher.items import Item

LINES = 10
"""So many grounds are shown under one thing; more are not read."""
REST = {"zh": "另有 {n} 条依据，见 --json", "en": "{n} more grounds: see --json"}


def subjects_of(page: Page, policy: str, who: str | None) -> list[tuple[str, str | None]]:
    """The items meant: one policy, for the household or for each member. Raises NotFound."""
    found = policies_matching(page.catalogue, policy)
    if not found:
        zh, en = like(policy, page.catalogue.policies)
        raise NotFound(
            f"没有政策“{policy}”{zh}",
            f"there is no policy {policy!r}{en}",
            hint=("查政策：aidgraph policies 关键词", "search: aidgraph policies WORD"),
        )
    targets = [(item.policy, item.who) for item in page.bundle.items if item.policy == found[0]]
    if who is None:
        return targets
    if who not in {*page.bundle.members, *map(page.who, page.bundle.members)}:
        names = [page.who(one) for one in page.bundle.members]
        raise NotFound(
            f"本户没有成员“{who}”，可写：{'、'.join(names) or '（没有成员）'}",
            f"{who!r} is no member of this household: {', '.join(names) or 'it has none'}",
        )
    return [target for target in targets if target[1] in (None, who) or page.who(target[1]) == who]


def explain_json(page: Page, policy: str, who: str | None) -> dict[str, object]:
    """One explanation as docs/json.md describes it."""
    return {"status": _item(page, policy, who).status, **explain(page.answers, policy, who).to_json()}


def _item(page: Page, policy: str, who: str | None) -> Item:
    return next(item for item in page.bundle.items if (item.policy, item.who) == (policy, who))


def explain_parts(page: Page, policy: str, who: str | None, lang: Lang) -> list[RenderableType]:
    """The parts of one explanation: title, amount, conditions, how the amount comes about, articles."""
    told, texts = reasons_of(page, policy, who, lang), TEXTS[lang]
    status = told.item.status
    title = Text.assemble((f"{words.MARK[status]} ", status), (told.name, "title"), f"  {words.of(words.STATUS, status, lang)}")
    parts: list[RenderableType] = [Text(""), title.append(f"  {told.amount}" if told.amount else "")]
    parts += [indented(one) for one in (*((told.first,) if told.first else ()), *told.notes)]
    if not told.heading:
        return parts
    parts += [heading(told.heading), *_conditions(told.conditions, 2, lang)]
    if told.amounts:
        parts.append(heading(str(texts["amount"])))
        for amount in told.amounts:
            parts += [indented(amount.text), *_grounds(amount.below, 4, lang)]
    return [*parts, heading(str(texts["source"])), *(indented(one) for one in told.sources)]


def _conditions(conditions: Iterable[Condition], by: int, lang: Lang) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for one in conditions:
        parts.append(indented(Text.assemble((f"{one.mark} ", one.status), one.text), by))
        parts += _grounds(one.grounds, by + 2, lang)
        parts += [indented(Text(note, style="ask"), by + 2) for note in one.notes]
        parts += _conditions(one.of, by + 2, lang)
    return parts


def _grounds(grounds: Iterable[Told], by: int, lang: Lang) -> list[RenderableType]:
    """What something rests on, line by line; the first lines of each."""
    shown: list[RenderableType] = []
    left_out = 0
    for ground in grounds:
        told = list(_lines(ground, by))
        shown += [indented(Text(text, style="ask" if open_ else "quiet"), at) for text, at, open_ in told[:LINES]]
        left_out += max(0, len(told) - LINES)
    return shown + ([indented(REST[lang].format(n=left_out), by)] if left_out else [])


def _lines(ground: Told, by: int) -> Iterable[tuple[str, int, bool]]:
    yield ground.text, by, ground.open
    for one in ground.below:
        yield from _lines(one, by + 2)
