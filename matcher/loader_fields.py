"""Typed reading of YAML mappings: each getter returns a value of the asked type and notes a fault where it cannot.

Used by every part of the loader, so that all faults of a catalogue are gathered before anything is raised.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from matcher.catalogue import Source
from matcher.errors import Fault, like
from matcher.language import Spot, Words
from matcher.yaml_source import day_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from matcher.yaml_source import Item

REGION_CODE = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
"""Codes whose ancestors are prefixes: statistical division codes, or those of another country."""

ID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
MARKS = ("text", "local", "secondary", "derived", "unchecked", "illustrative")


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        """Start with none."""
        self.found: list[Fault] = []

    def add(self, spot: Spot, zh: str, en: str) -> None:
        """Note one."""
        self.found.append(Fault(spot.file, spot.line, spot.path, zh, en))


class Fields:
    """One mapping of the catalogue, read key by key. Unknown keys are faults at once."""

    def __init__(self, item: Item, allowed: Collection[str], faults: Faults) -> None:
        """Take the mapping; anything else is a fault and reads as empty."""
        self.faults = faults
        self.spot = item.spot
        self.items: dict[str, Item] = {}
        if not isinstance(item.value, Mapping):
            faults.add(item.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")
            return
        for key, value in item.value.items():
            if key in allowed:
                self.items[key] = value
                continue
            zh, en = like(key, allowed)
            faults.add(value.key_spot, f"不认识的键 {key}{zh}", f"unknown key {key}{en}")

    def __contains__(self, key: str) -> bool:
        """Whether the key stands here."""
        return key in self.items

    def get(self, key: str) -> Item | None:
        """The item under a key, None where it is left out."""
        return self.items.get(key)

    def need(self, key: str) -> Item | None:
        """The item under a key that must stand here."""
        item = self.items.get(key)
        if item is None:
            self.faults.add(self.spot, f"缺少 {key}", f"{key} is missing")
        return item

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A text that is not empty."""
        item = self.need(key) if required else self.get(key)
        return None if item is None else text_of(item, self.faults)

    def words(self, key: str, default: str | None = None) -> Words:
        """`{zh, en}`; `default` in both where it may be left out."""
        item = self.get(key) if default is not None else self.need(key)
        if item is None:
            return Words(default or "", default or "")
        fields = Fields(item, ("zh", "en"), self.faults)
        return Words(fields.text("zh", required=True) or "", fields.text("en", required=True) or "")

    def choice(self, key: str, options: Collection[str], *, required: bool = False) -> str | None:
        """One of the words that are possible."""
        item = self.need(key) if required else self.get(key)
        if item is None:
            return None
        if isinstance(item.value, str) and item.value in options:
            return item.value
        listed = " | ".join(options)
        self.faults.add(item.spot, f"{item.text or key} 不在 {listed} 之中", f"{item.text or key} is none of {listed}")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """One text or a list of them, each once."""
        item = self.get(key)
        if item is None:
            return ()
        parts = item.value if isinstance(item.value, tuple) else (item,)
        found = tuple(text for part in parts if (text := text_of(part, self.faults)) is not None)
        if len(set(found)) < len(found):
            self.faults.add(item.spot, f"{key} 中有重复", f"{key} names something twice")
        return found

    def day(self, key: str) -> dt.date | None:
        """A date, quoted or not."""
        item = self.get(key)
        if item is None:
            return None
        day = day_of(item.value)
        if day is not None:
            return day
        self.faults.add(item.spot, f"{key} 应为日期，如 2026-01-31", f"{key} must be a date such as 2026-01-31")
        return None

    def whole(self, key: str) -> int | None:
        """A whole number, 0 or more."""
        item = self.get(key)
        if item is None:
            return None
        if isinstance(item.value, int) and not isinstance(item.value, bool) and item.value >= 0:
            return item.value
        self.faults.add(item.spot, f"{key} 应为整数", f"{key} must be a whole number")
        return None

    def flag(self, key: str) -> bool:
        """true or false; false where it is left out."""
        item = self.get(key)
        if item is None:
            return False
        if isinstance(item.value, bool):
            return item.value
        self.faults.add(item.spot, f"{key} 只能是 true 或 false", f"{key} must be true or false")
        return False

    def period(self, key: str) -> tuple[dt.date | None, dt.date | None]:
        """`{from, until}` under a key."""
        item = self.get(key)
        return (None, None) if item is None else Fields(item, ("from", "until"), self.faults).ends()

    def ends(self) -> tuple[dt.date | None, dt.date | None]:
        """The keys `from` and `until` of this mapping."""
        from_, until = self.day("from"), self.day("until")
        if from_ and until and from_ > until:
            self.faults.add(self.items["from"].spot, f"from {from_} 晚于 until {until}", f"from {from_} is after until {until}")
        return from_, until

    def regions(self, key: str) -> tuple[str, ...]:
        """A region code or a list of them; everywhere ("") where it is left out."""
        item = self.get(key)
        if item is None:
            return ("",)
        parts = item.value if isinstance(item.value, tuple) else (item,)
        found = tuple(code for part in parts if (code := region_of(part, self.faults)) is not None)
        if not parts or len(set(found)) < len(found):
            self.faults.add(item.spot, "区划代码为空或重复", "region codes are empty or repeat")
        return found or ("",)

    def sources(self, *, required: bool) -> tuple[Source, ...]:
        """The key `source`: one or a list."""
        item = self.need("source") if required else self.get("source")
        if item is None:
            return ()
        parts = item.value if isinstance(item.value, tuple) else (item,)
        return tuple(_source(part, self.faults) for part in parts)


def text_of(item: Item, faults: Faults) -> str | None:
    """A text; a number or a boolean must be quoted."""
    if isinstance(item.value, str) and item.value.strip():
        return item.value
    if isinstance(item.value, (bool, int, Decimal, dt.date)):
        faults.add(item.spot, f"{item.text} 应为文字，请加引号", f"{item.text} must be text: quote it")
    else:
        faults.add(item.spot, "这里要写文字", "a text is wanted here")
    return None


def region_of(item: Item, faults: Faults) -> str | None:
    """A region code, quoted."""
    if isinstance(item.value, str) and REGION_CODE.fullmatch(item.value):
        return item.value
    if isinstance(item.value, int) and not isinstance(item.value, bool):
        faults.add(item.spot, f"区划代码 {item.text} 要加引号", f'the region code {item.text} became a number: quote it ("{item.text}")')
    else:
        zh = f"{item.text} 不是区划代码（只含字母、数字和连字符）"
        faults.add(item.spot, zh, f"{item.text} is no region code (letters, digits and hyphens)")
    return None


def id_of(fields: Fields) -> str | None:
    """The key `id`: lower-case words joined by `-` (or `_`)."""
    name = fields.text("id", required=True)
    if name is not None and not ID.fullmatch(name):
        fields.faults.add(fields.items["id"].spot, f"{name} 不是合法的 id", f"{name} is no id: lower-case words joined by -")
        return None
    return name


def exact(item: Item, faults: Faults, *, digits: int) -> Fraction | None:
    """A number with at most `digits` digits after the point."""
    if isinstance(item.value, bool) or not isinstance(item.value, (int, Decimal)):
        faults.add(item.spot, "这里要写数", "a number is wanted here")
        return None
    value = Fraction(item.value)
    if (value * 10**digits).denominator != 1:
        faults.add(item.spot, f"小数点后至多 {digits} 位", f"at most {digits} digits after the point")
        return None
    return value


def _source(item: Item, faults: Faults) -> Source:
    """One source; `article` may be a plain number."""
    fields = Fields(item, ("document", "article", "mark", "from", "until"), faults)
    document = fields.text("document", required=True) or ""
    article = fields.get("article")
    if article is not None and not article.text:
        faults.add(article.spot, "article 要写条款", "article is a text such as 第五条")
    from_, _ = fields.ends()
    mark = fields.choice("mark", MARKS, required=True) or "unchecked"
    return Source(document, article.text if article is not None else None, mark, from_)
