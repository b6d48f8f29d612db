"""A bundle as JSON values, and its one sentence in Chinese and English. Source: docs/json.md, docs of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.catalogue import LAYERS

if TYPE_CHECKING:
    from matcher.applications import Application
    from matcher.bundle import Bundle
    from matcher.catalogue import Catalogue
    from matcher.items import Item
    from matcher.language import Words
    from matcher.needs import Residual, Step, Waterfall
    from matcher.slots import Slot

Json = dict[str, object]
FEN = 100
FIRST = 3
"""So many questions are put first; more at once are not read."""


def plain(bundle: Bundle, catalogue: Catalogue, *, questions: int = 0) -> Json:
    """The bundle as `docs/json.md` describes it. Items that are not eligible are left out."""
    shown = [item for item in bundle.items if item.status != "no"]
    zh, en = sentence(bundle, catalogue, questions=questions)
    totals = bundle.totals
    return {
        "household": bundle.household,
        "members": list(bundle.members),
        "as_of": bundle.as_of.isoformat(),
        "catalogue": bundle.catalogue,
        "summary": {"zh": zh, "en": en},
        "totals": {
            "items": totals.items,
            "month_fen": totals.month,
            "year_fen": totals.year,
            "once_fen": totals.once,
            "twelve_months_fen": totals.twelve_months,
        },
        "recognised": [{"recognition": name, "who": who} for name, who in bundle.recognised],
        "layers": [{"layer": layer, "items": [item_json(item) for item in shown if item.layer == layer]} for layer in LAYERS],
        "needs": [_fall(fall, catalogue) for fall in bundle.needs],
        "residual": [_residual(one, catalogue) for one in bundle.residual],
        "slots": [_slot(slot) for slot in bundle.slots],
    }


def sentence(bundle: Bundle, catalogue: Catalogue, *, questions: int = 0) -> tuple[str, str]:
    """What can be applied for, what is still missing, what to ask first: in Chinese and in English."""
    zh, en = [_gains(bundle, "zh")], [_gains(bundle, "en")]
    missing = [one for one in bundle.residual if one.lo + one.unstaffed > 0]
    if missing:
        zh.append("还差" + "、".join(_gap(one, catalogue, "zh") for one in missing))
        en.append("still missing: " + "; ".join(_gap(one, catalogue, "en") for one in missing))
    elif bundle.residual:
        zh.append("缺口要核实后才能确定")
        en.append("what is missing is not settled yet")
    elif bundle.needs:
        zh.append("各项需求已补足")
        en.append("every need is met")
    first_zh, first_en = "；".join(zh) + "。", _capital("; ".join(en)) + "."
    if not questions:
        return first_zh, first_en
    first = min(questions, FIRST)
    more_zh, more_en = (f"共有 {questions} 件待核实，", f"{questions} things are to be checked: ask") if questions > first else ("", "Ask")
    return f"{first_zh}{more_zh}先问 {first} 件事。", f"{first_en} {more_en} {first} thing{'' if first == 1 else 's'} first."


def yuan(fen: int) -> str:
    """¥12,345.60; no fen, no decimals."""
    whole, rest = divmod(abs(fen), FEN)
    return f"{'-' if fen < 0 else ''}¥{whole:,}" + (f".{rest:02d}" if rest else "")


def hours(hundredths: int) -> str:
    """6 or 6.5."""
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")


def _gains(bundle: Bundle, lang: str) -> str:
    totals, english = bundle.totals, lang == "en"
    if not totals.items:
        held = bool(bundle.of("has"))
        if english:
            return "nothing more can be applied for on what is known" if held else "on what is known nothing can be applied for"
        return "按现有信息，没有还可再申请的项目" if held else "按现有信息，暂没有可申请的项目"
    sums = [(totals.month, "每月", "a month"), (totals.year, "每年", "a year"), (totals.once, "一次性", "once")]
    if english:
        parts = [
            f"{totals.items} more item{'' if totals.items == 1 else 's'} can be applied for",
            *(f"{yuan(n)} {w}" for n, _, w in sums if n),
        ]
        return ", ".join(parts)
    return "，".join([f"可再申请 {totals.items} 项", *(f"{w} {yuan(n)}" for n, w, _ in sums if n)])


def _gap(one: Residual, catalogue: Catalogue, lang: str) -> str:
    title = _title(catalogue.needs[one.need].title, lang)
    lo, hi = one.lo + one.unstaffed, None if one.hi is None else one.hi + one.unstaffed
    say = hours if one.hours else yuan
    text = (
        say(lo) if lo == hi else f"{say(lo)}–{say(hi)}" if hi is not None else (f"{say(lo)} 以上" if lang == "zh" else f"{say(lo)} or more")
    )
    if not one.hours:
        return f"{title} {text}"
    return f"{title}每周 {text} 小时" if lang == "zh" else f"{title} {text} hours a week"


def _title(words: Words, lang: str) -> str:
    return words.en if lang == "en" else words.zh


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def item_json(item: Item) -> Json:
    """One line of the bundle."""
    unit = "hours" if item.hours else "fen"
    scale = 100 if item.hours else 1
    return {
        "policy": item.policy,
        "who": item.who,
        "title": {"zh": item.title.zh, "en": item.title.en},
        "status": item.status,
        f"lo_{unit}": _scaled(item.lo, scale),
        f"hi_{unit}": _scaled(item.hi, scale),
        "per": "week" if item.hours else item.per,
        "kind": item.kind,
        "pays": item.pays,
        "certainty": item.certainty,
        "department": item.department,
        "accepts": item.accepts,
        "decides": item.decides,
        "working_days": item.working_days,
        "documents": list(item.documents),
        "grants": item.grants,
        "organisation": item.organisation,
        "illustrative": item.illustrative,
        "caveats": list(item.caveats),
        "opened_by": list(item.opened_by),
        "chosen_over": [_target(one) for one in item.chosen_over],
        "given_up_for": [_target(one) for one in item.given_up_for],
        "renew_on": item.renew_on and item.renew_on.isoformat(),
        "application": item.application and _application(item.application),
    }


def _application(one: Application) -> Json:
    days = {name: day and day.isoformat() for name, day in (("applied_on", one.applied_on), ("decided_on", one.decided_on))}
    return {"state": one.state, **days, "reason": one.reason, "basis": list(one.basis)}


def _target(target: tuple[str, str | None]) -> Json:
    return {"policy": target[0], "who": target[1]}


def _scaled(value: int | None, scale: int) -> int | float | None:
    """Fen as they are, hours in hours."""
    return None if value is None else value if scale == 1 else value / scale


def _fall(fall: Waterfall, catalogue: Catalogue) -> Json:
    need = catalogue.needs[fall.need]
    unit, scale = ("hours", 100) if need.type == "hours" else ("fen", 1)

    def step(one: Step) -> Json:
        ends = {"covered_least": one.covered_least, "covered_most": one.covered_most, "left_lo": one.left_lo, "left_hi": one.left_hi}
        return {"policy": one.policy} | {f"{name}_{unit}": _scaled(value, scale) for name, value in ends.items()}

    ends = {"before_lo": fall.before_lo, "before_hi": fall.before_hi, "left_lo": fall.left_lo, "left_hi": fall.left_hi}
    return {
        "need": fall.need,
        "who": fall.who,
        "title": {"zh": need.title.zh, "en": need.title.en},
        "window": need.window,
        **{f"{name}_{unit}": _scaled(value, scale) for name, value in ends.items()},
        "steps": [step(one) for one in fall.steps],
    }


def _residual(one: Residual, catalogue: Catalogue) -> Json:
    title = catalogue.needs[one.need].title
    unit, scale = ("hours", 100) if one.hours else ("fen", 1)
    ends = {f"lo_{unit}": _scaled(one.lo, scale), f"hi_{unit}": _scaled(one.hi, scale)}
    extra = {"unstaffed_hours": _scaled(one.unstaffed, scale)} if one.hours else {}
    return {"need": one.need, "title": {"zh": title.zh, "en": title.en}, **ends, **extra}


def _slot(slot: Slot) -> Json:
    return {
        "slot": slot.slot,
        "filled": slot.filled,
        "reason": slot.reason,
        "items": [_target(one) for one in slot.items],
        "helpers": [
            {
                "id": helper.id,
                "title": helper.title,
                "organization": helper.organization,
                "can_do": list(helper.can_do),
                "hours_free": helper.hours_free,
                "accompanies": helper.accompanies,
            }
            for helper in slot.helpers
        ],
        "needs": list(slot.needs),
    }
