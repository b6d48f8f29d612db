"""A referral in words of one language: its title, its state, how long there is, what was said, decided and done; for terminal and pages."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from api import words
from api.referral_rows import Referral, procedure_of, standing_of, state_of
from api.referral_words import LINES as TEXTS
from api.settings import Lang
from api.terminal import day
from api.wiring import CHINA, Desk
from matcher.bundle_json import yuan
from matcher.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Clock:
    """How long there is, in words; `tone`: how it is meant."""

    text: str
    due: str
    up_to: str
    tone: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One event."""

    day: str
    who: str
    text: str
    note: str


def sort_word(desk: Desk, one: Referral) -> str:
    """一事一议, 慈善转介."""
    return words.say(procedure_of(desk.catalogue.referrals, one.sort).label, desk.lang)


def state_word(desk: Desk, one: Referral) -> str:
    """征求意见."""
    return words.say(state_of(desk.catalogue.referrals, one).label, desk.lang)


def clock_of(desk: Desk, one: Referral) -> Clock:
    """还有 3 个工作日; overdue, whom it has gone up to."""
    texts, found = TEXTS[desk.lang], standing_of(desk.catalogue.referrals, one, desk.today())
    if found.due is None or found.left is None:
        return Clock("", "", "", "no")
    due = texts["due"].format(d=day(found.due.day, desk.lang)) + (texts["provisional"] if found.due.provisional else "")
    up_to = texts["up"].format(x=words.say(found.up_to, desk.lang)) if found.up_to else ""
    if found.overdue:
        return Clock(_days(texts["late"], -found.left, desk.lang), due, up_to, "gap")
    text = _days(texts["left"], found.left, desk.lang) if found.left else texts["today"]
    return Clock(text, due, up_to, "ask" if found.left <= 1 else "no")


def left_text(catalogue: Catalogue, one: Referral, lang: Lang) -> str:
    """基本生活 ¥12,420、医疗 ¥154,320."""
    left = one.told["left"].items()
    return TEXTS[lang]["between"].join(f"{need_word(catalogue, need, lang)} {yuan(fen)}" for need, fen in left)


def need_word(catalogue: Catalogue, need: str, lang: Lang) -> str:
    """The title of a need."""
    return words.say(catalogue.needs[need].title, lang) if need in catalogue.needs else words.of({}, need, lang)


def reasons_text(catalogue: Catalogue, one: Referral, lang: Lang) -> str:
    """Why it was opened."""
    known = {each.id: each.label for each in catalogue.referrals.openings}
    return TEXTS[lang]["between"].join(words.of(known, reason, lang) for reason in one.reasons)


def departments_text(departments: Any, lang: Lang) -> str:
    """民政、医保."""
    return TEXTS[lang]["between"].join(words.of(words.DEPARTMENT, each, lang) for each in departments)


def policy_word(catalogue: Catalogue, policy: str | None, lang: Lang) -> str:
    """The title of a policy or project."""
    if policy is None:
        return ""
    return words.say(catalogue.policies[policy][-1].title, lang) if policy in catalogue.policies else words.of({}, policy, lang)


def payer_word(desk: Desk, payer: str) -> str:
    """A department, or an organisation of the store."""
    if payer in words.DEPARTMENT:
        return words.of(words.DEPARTMENT, payer, desk.lang)
    row = desk.store.get("Organization", payer) or {}
    return str(row.get("title_en" if desk.lang == "en" else "title_zh") or words.of({}, payer, desk.lang))


def item_cells(desk: Desk, item: dict[str, Any], people: dict[str, str]) -> tuple[str, ...]:
    """Of an item of a decision: what for whom, amount, who pays, who sees to it, by when, by which rule, how it stands."""
    texts, lang = TEXTS[desk.lang], desk.lang
    who = people.get(item["who"] or "", "")
    name = policy_word(desk.catalogue, item["policy"], lang) + (texts["who"].format(w=who) if who else "")
    stands = texts.get(item["state"], item["state"])
    if item["paid_fen"]:
        stands = texts["paid_on"].format(d=day(dt.date.fromisoformat(item["paid_on"]), lang), x=yuan(item["paid_fen"]))
    due = day(dt.date.fromisoformat(item["due"]), lang)
    return name, yuan(item["amount_fen"]), payer_word(desk, item["payer"]), item["owner"], due, item["basis"], stands


def opinion_cells(desk: Desk, said: dict[str, Any]) -> tuple[str, ...]:
    """Of an opinion: who, for or against, in words, when."""
    texts, lang = TEXTS[desk.lang], desk.lang
    return (
        words.of(words.DEPARTMENT, said["department"] or None, lang),
        texts[said["stance"]],
        said["text"],
        day(dt.date.fromisoformat(said["at"]), lang),
    )


def happened(desk: Desk, one: Referral) -> list[Happened]:
    """What was done, in order."""
    return [_happened(desk, one, event) for event in one.told["events"]]


def _happened(desk: Desk, one: Referral, event: dict[str, Any]) -> Happened:
    texts, lang, procedure = TEXTS[desk.lang], desk.lang, procedure_of(desk.catalogue.referrals, one.sort)
    move = procedure.moves.get(event["move"])
    told = [texts["open"] if move is None else words.say(move.label, lang)]
    if move is not None and move.codes and event["code"]:
        code = desk.catalogue.referrals.code(move.codes, event["code"])
        told.append(texts["reason"].format(x=words.say(code.label, lang) if code else event["code"]))
    told += [texts[name].format(x=yuan(event[key])) for name, key in (("hold", "held_fen"), ("paid_fen", "paid_fen")) if event.get(key)]
    told += [texts[event["stance"]]] if event.get("stance") else []
    told += [texts["against_n"].format(n=event["against"])] if event.get("against") else []
    when = dt.datetime.fromisoformat(event["at"]).astimezone(CHINA).date()
    who = texts.get(event["by"], event["by"]) if event["by"] in ("rule", "terminal") else event["by"]
    return Happened(day(when, lang), who, texts["comma"].join(told), event["text"])


def _days(text: str, count: int, lang: Lang) -> str:
    told = text.format(n=count)
    return told.replace("1 working days", "1 working day") if lang == "en" and count == 1 else told
