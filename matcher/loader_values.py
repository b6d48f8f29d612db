"""Plain values, as people write them, to the values of a fact: for cases and for tables of people."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.catalogue import TOP_OF_FACT
from matcher.errors import FactValueError
from matcher.loader_facts import MONEY_DIGITS, NUMBER_DIGITS
from matcher.loader_fields import REGION_CODE

if TYPE_CHECKING:
    from matcher.catalogue import Fact

_YES = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


def parse_fact_value(fact: Fact, raw: object) -> bool | int | Fraction | str | dt.date:
    """A value as people write it, as the value of a fact.

    Args:
        fact: not a list.
        raw: from YAML, or text from a table of people (`8000.50`, `是`, `2024-01-31`).

    Returns:
        yesno: bool. int: int. number: Fraction. money, written in yuan: int of fen. text, region: str. date: date.

    Raises:
        FactValueError: wrong type, outside `values`, below min or above max, too large; reason in zh and en.
    """
    if fact.type in ("int", "number", "money"):
        return _number_value(fact, raw)
    text = raw.strip() if isinstance(raw, str) else raw
    if fact.type == "yesno":
        return _yesno_value(fact, text)
    if fact.type == "date":
        return _date_value(fact, text)
    if fact.type == "region":
        if isinstance(text, str) and REGION_CODE.fullmatch(text):
            return text
        quote = ("，数字请加引号", ": quote it") if isinstance(text, int) else ("", "")
        raise FactValueError(f"{fact.name}：{text} 不是区划代码{quote[0]}", f"{fact.name}: {text} is no region code{quote[1]}")
    if fact.type == "list":
        raise FactValueError(f"{fact.name} 是清单", f"{fact.name} is a list")
    if not isinstance(text, str) or not text:
        raise FactValueError(f"{fact.name}：{text} 应为文字", f"{fact.name}: {text} must be text")
    if fact.values and text not in fact.values:
        listed = ", ".join(fact.values)
        raise FactValueError(f"{fact.name}：{text} 不在 {listed} 之中", f"{fact.name}: {text} is none of {listed}")
    return text


def _number_value(fact: Fact, raw: object) -> int | Fraction:
    """A number, a whole number, or yuan as fen."""
    value: Fraction | None = None
    if isinstance(raw, (int, Decimal, Fraction)) and not isinstance(raw, bool):
        value = Fraction(raw) if not isinstance(raw, Decimal) or raw.is_finite() else None
    elif isinstance(raw, (str, float)):
        try:
            decimal = Decimal(str(raw).strip())
        except InvalidOperation:
            decimal = Decimal("NaN")
        value = Fraction(decimal) if decimal.is_finite() else None
    if value is None:
        raise FactValueError(f"{fact.name}：{raw} 不是数", f"{fact.name}: {raw} is no number")
    digits = {"money": MONEY_DIGITS, "int": 0}.get(fact.type, NUMBER_DIGITS)
    if (value * 10**digits).denominator != 1:
        raise FactValueError(
            f"{fact.name}：{raw} 小数点后至多 {digits} 位", f"{fact.name}: {raw} has more than {digits} digits after the point"
        )
    if fact.type == "money":
        value *= 100
    if abs(value) * (10**NUMBER_DIGITS if fact.type == "number" else 1) > TOP_OF_FACT:
        raise FactValueError(f"{fact.name}：{raw} 的数值过大", f"{fact.name}: {raw} is too large")
    for bound, wrong, zh, en in ((fact.low, -1, "小于最小值", "is below the least"), (fact.high, 1, "大于最大值", "is above the greatest")):
        if bound is not None and (value - bound) * wrong > 0:
            shown = bound / 100 if fact.type == "money" else bound
            raise FactValueError(f"{fact.name}：{raw} {zh} {shown}", f"{fact.name}: {raw} {en} value {shown}")
    return value if fact.type == "number" else int(value)


def _yesno_value(fact: Fact, raw: object) -> bool:
    """true false, yes no, 是 否."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _YES:
        return _YES[raw.lower()]
    raise FactValueError(f"{fact.name}：{raw} 应为是或否", f"{fact.name}: {raw} must be yes or no")


def _date_value(fact: Fact, raw: object) -> dt.date:
    """A date, or an ISO date as text."""
    if isinstance(raw, dt.datetime):
        raw = raw.date()
    if isinstance(raw, dt.date):
        return raw
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        try:
            return dt.date.fromisoformat(raw)
        except ValueError:
            pass
    raise FactValueError(f"{fact.name}：{raw} 不是日期，如 2024-01-31", f"{fact.name}: {raw} is no date such as 2024-01-31")
