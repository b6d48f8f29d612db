"""What an act did, as a template reads it: the items that it changed, before and now, and under which number it can be withdrawn."""

from dataclasses import dataclass
from typing import Any

from api import words
from api.page import Page
from api.pages.act_texts import ACT_TEXTS
from api.pages.frame import Link
from api.pages.referral_view import referral_href
from api.settings import Lang
from api.terminal import hours_text, money

MOST = 40
"""More changes than these are not read."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item, before and now."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class DoneView:
    """The page. `changes`: what the rows are, or that nothing changed."""

    title: str
    done: str
    changes: str
    before: str
    after: str
    rows: tuple[Row, ...]
    record: str
    back: Link
    referral: Link | None = None


def done_view(act: str, body: dict[str, Any], page: Page, back: Link, lang: Lang) -> DoneView:
    """The page of one act that was kept. `page`: the household as it was, for what people are called."""
    texts, changes = ACT_TEXTS[lang], body.get("changes", [])[:MOST]
    rows = tuple(Row(_name(one, page, lang), _state(one["before"], lang), _state(one["after"], lang)) for one in changes)
    told = texts["changes" if rows else "no_changes"]
    record = texts["record"].format(x=body["record"])
    opened = body.get("referral")
    referral = Link(texts["referral"], referral_href(opened)) if opened else None
    return DoneView(texts[act], texts["done"], told, texts["before"], texts["after"], rows, record, back, referral)


def _name(one: dict[str, Any], page: Page, lang: Lang) -> str:
    who = page.who(one["who"])
    title = str(one["title"][lang])
    return title if not who else f"{title} ({who})" if lang == "en" else f"{title}（{who}）"


def _state(item: dict[str, Any] | None, lang: Lang) -> str:
    """可申请 ¥2,310 每月."""
    if item is None:
        return ACT_TEXTS[lang]["not_eligible"]
    known = [one for one in item["caveats"] if one in words.CAVEAT]
    state = words.of(words.CAVEAT, known[0], lang) if known else words.of(words.STATUS, item["status"], lang)
    amount = ""
    if item.get("lo_fen") is not None:
        amount = money(item["lo_fen"], item["hi_fen"], lang)
    elif item.get("lo_hours") is not None:
        most = item["hi_hours"]
        amount = hours_text(round(item["lo_hours"] * 100), None if most is None else round(most * 100), lang)
    per = words.of(words.PER, item["per"], lang) if amount and item["per"] else ""
    return " ".join(part for part in (state, amount, per) if part)
