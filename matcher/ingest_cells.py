"""A cell of a county's table to the value of a fact: full-width digits, thousands, 万元, 是/否/不详, Excel's days, 2024年3月5日.

Nothing is guessed: what can be read in two ways, or has lost digits on its way through a spreadsheet, is refused with the reason.
A blank, and a word that says "not known", is None.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from graph.errors import RegionError
from graph.regions import shorten
from matcher.errors import FactValueError
from matcher.loader_values import parse_fact_value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from matcher.catalogue import Fact

    Value = bool | int | Fraction | str | dt.date | None

UNITS = {"元": 1, "yuan": 1, "百元": 100, "千元": 1000, "万元": 10_000, "万": 10_000, "10k yuan": 10_000, "亿元": 100_000_000}
BLANKS = frozenset({"", "不详", "未知", "不清楚", "不明", "未填", "-", "--", "—", "——", "/", "\\", "n/a", "na", "null", "unknown"})
YES = frozenset({"是", "有", "√", "✓", "✔", "y", "yes", "true", "1"})
NO = frozenset({"否", "无", "×", "✗", "✘", "n", "no", "false", "0"})
EXCEL_ZERO = dt.date(1899, 12, 30)
EXCEL_DAYS = range(7_000, 60_000)
"""Excel's day numbers from 1919 to 2064; others are more likely something else."""

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.0+)?)?)?")
_PACKED = re.compile(r"(\d{4})(\d{2})(\d{2})")
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_SHORTENED = re.compile(r"-?\d+(\.\d+)?e\+?\d+", re.IGNORECASE)
_UNIT = re.compile(r"(-?[\d,.]+)\s*(亿元|万元|千元|百元|元|万)")


@dataclass(frozen=True, slots=True)
class Cell:
    """How a column is to be read: `unit` of its money, `values` its own words (None: says nothing), `words` those of the program."""

    unit: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def text_of(raw: object) -> str:
    """A cell as text: no apostrophe in front, whole numbers without `.0`, at most the 15 digits that a spreadsheet keeps."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, float):
        return format(Decimal(format(raw, ".15g")), "f")
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat()
    return str(raw).replace("\u200b", "").replace("\ufeff", "").strip().lstrip("'’‘`").strip()


def plain(raw: object) -> str:
    """As text_of, with full-width forms made plain."""
    return unicodedata.normalize("NFKC", text_of(raw)).strip()


def is_blank(raw: object) -> bool:
    """Whether a cell says nothing."""
    return raw is None or plain(raw).casefold() in BLANKS


def read_cell(fact: Fact, raw: object, how: Cell | None = None) -> Value:
    """The value of a cell, None for one that says nothing.

    Raises:
        FactValueError: it cannot be read, or can be read in two ways.
    """
    how = how or Cell()
    text = text_of(raw)
    if text in how.values:
        given = how.values[text]
        return None if given is None or given == "" else parse_fact_value(fact, given)
    if is_blank(raw) and plain(raw).casefold() not in {value.casefold() for value in fact.values}:
        return None
    if fact.type in ("int", "number", "money"):
        return parse_fact_value(fact, _number(fact, raw, how.unit))
    if fact.type == "date":
        return _day(fact, raw)
    if fact.type == "yesno":
        return _yesno(fact, plain(raw))
    if fact.type == "region":
        return _region(fact, plain(raw))
    if fact.type == "text" and fact.values:
        return _word(fact, plain(raw), how)
    return parse_fact_value(fact, text)


def read_day(name: str, raw: object) -> dt.date | None:
    """A day under a name. Raises FactValueError."""
    from matcher.catalogue import Fact
    from matcher.language import Words

    return _day(Fact(name, (), "date", Words(name, name)), raw) if not is_blank(raw) else None


def _number(fact: Fact, raw: object, unit: str | None) -> object:
    """A number with its separators gone and its unit counted in."""
    text = plain(raw).lstrip("¥￥ ").replace(" ", "")
    if _SHORTENED.fullmatch(text):
        raise FactValueError(
            f"{fact.name}：{text} 已被电子表格缩写，数字可能已丢失，请把该列设为文本后重填",
            f"{fact.name}: {text} was shortened by a spreadsheet and may have lost digits: make the column text and type it again",
        )
    if fact.type == "money" and (found := _UNIT.fullmatch(text)):
        text, unit = found[1], found[2]
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    factor = UNITS.get(unit or "元", 1)
    try:
        return Decimal(text) * factor
    except InvalidOperation:
        return text


def _day(fact: Fact, raw: object) -> dt.date:
    """A day as people and spreadsheets write it."""
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    text = plain(raw)
    found = _DAY.fullmatch(text) or _PACKED.fullmatch(text)
    if found:
        try:
            return dt.date(*map(int, found.groups()))
        except ValueError:
            raise FactValueError(f"{fact.name}：日历上没有 {text} 这一天", f"{fact.name}: there is no such day as {text}") from None
    if text.isascii() and text.isdigit() and int(text) in EXCEL_DAYS:
        return EXCEL_ZERO + dt.timedelta(days=int(text))
    raise FactValueError(
        f"{fact.name}：{text} 不是完整日期，请写作 2024-03-05", f"{fact.name}: {text} is no whole date: write it as 2024-03-05"
    )


def _word(fact: Fact, word: str, how: Cell) -> str:
    """One of a text's values, under its code or its word on our screens."""
    found = word if word in fact.values else how.words.get(word)
    if found is None:
        shown = [next((each for each, value in how.words.items() if value == one), one) for one in fact.values]
        zh, en = "、".join(shown), ", ".join(fact.values)
        raise FactValueError(f"{fact.name}：{word} 不在 {zh} 之中", f"{fact.name}: {word} is none of {en}")
    return found


def _yesno(fact: Fact, text: str) -> bool:
    if text.casefold() in YES:
        return True
    if text.casefold() in NO:
        return False
    raise FactValueError(f"{fact.name}：{text} 应为是、否或不详", f"{fact.name}: {text} should be yes, no or unknown")


def _region(fact: Fact, text: str) -> str:
    """A region code as long as its level."""
    try:
        return shorten(text)
    except RegionError as error:
        raise FactValueError(f"{fact.name}：{error.zh}", f"{fact.name}: {error.en}") from None
