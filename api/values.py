"""The value of a fact, term or standard in words: what is not known said so, a range by its ends, a code by its word."""

import datetime as dt
from fractions import Fraction
from pathlib import Path

from api import words
from api.places import place_name, region_names
from api.settings import Lang
from api.terminal import day, money
from matcher.trace import Plain, Range

MOST = 4
"""More texts that are still possible are not listed: then it is not known."""
TEXTS = {
    "zh": {"unknown": "不详", "or": "或", "more": "{x} 以上", "upto": "{x} 以内"},
    "en": {"unknown": "not known", "or": " or ", "more": "{x} or more", "upto": "up to {x}"},
}


def value_text(value: Plain, kind: str, name: str, folder: Path, lang: Lang) -> str:
    """A value in words. `name`: the fact or term, since its codes may have words of their own; `folder`: where regions are named."""
    texts = TEXTS[lang]
    if isinstance(value, bool):
        return words.yes_no(value, lang)
    if isinstance(value, Range):
        return _money(value, lang) if kind == "money" else _range(value, lang)
    if isinstance(value, frozenset) and len(value) <= MOST:
        return texts["or"].join(words.value_word(name.replace("-", "_"), one, lang) for one in sorted(value))
    if isinstance(value, str):
        return place_name(value, region_names(folder), lang) if kind == "region" else value
    return day(value, lang) if isinstance(value, dt.date) else texts["unknown"]


def _money(value: Range, lang: Lang) -> str:
    lo, hi = (None if end is None else round(end) for end in value)
    if not lo and hi is None:
        return TEXTS[lang]["unknown"]
    return money(lo, hi, lang) if lo is not None else TEXTS[lang]["upto"].format(x=money(hi, hi, lang))


def _range(value: Range, lang: Lang) -> str:
    texts, (lo, hi) = TEXTS[lang], (None if end is None else _number(end) for end in value)
    if lo is None and hi is None:
        return texts["unknown"]
    if lo == hi:
        return str(lo)
    if hi is None:
        return texts["more"].format(x=lo)
    return texts["upto"].format(x=hi) if not value.lo else f"{lo}–{hi}"


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.2f}".rstrip("0").rstrip(".")
