"""What a result rests on, as plain data: facts with who said them, terms with their articles, standards, lists, recognitions.

A tree of Ground: `to_json` gives it as plain dicts. Money stands under keys that end in `_fen`, whole fen; texts and yes/no as
they are; an unknown number as `lo` and `hi` (null: open), an unknown text as `possible`. `matcher.explain` makes them.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from matcher.trace import Plain, Range, decided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.catalogue import Source
    from matcher.evidence import Said
    from matcher.language import Words

Json = dict[str, object]
GroundKind = Literal["fact", "term", "standard", "list", "entry", "read", "case_by_case"]
Code = Literal["fact_unknown", "list_incomplete", "no_consent", "no_standard", "case_by_case", "stale", "not_in_force", "item_undecided"]
"""Why something is unknown; `item_undecided`: it waits for the verdict of another item."""


@dataclass(slots=True)
class Ground:
    """One thing that a result rests on.

    name, title: of the fact, term, standard, list or item; `type` is that of the value. who: whose (None: the household).
    code: why it is unknown. said: the statement that gave a fact. sources: a term's articles. standard: which dated value.
    entries, complete: of a list; counted: of an entry, whether it is in. since, found_by: of a recognition, on file since,
    or the policies of this engine behind it. below: what it rests on itself.
    """

    kind: GroundKind
    name: str
    title: Words
    type: str
    value: Plain = None
    who: str | None = None
    code: Code | None = None
    said: Said | None = None
    sources: tuple[Source, ...] = ()
    standard: Local | None = None
    call: str | None = None
    entries: int | None = None
    complete: bool | None = None
    counted: bool | None = None
    since: dt.date | None = None
    source: str | None = None
    found_by: tuple[str, ...] = ()
    below: tuple[Ground, ...] = field(default=())

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What tells it from others under the same clause."""
        return self.kind, self.name, self.who

    def to_json(self) -> Json:
        """As plain values, without what does not apply."""
        found: Json = {"kind": self.kind, "name": self.name, "title": both(self.title), "who": self.who, "type": self.type}
        if self.kind != "case_by_case":
            found |= value_json(self.value, self.type)
        given: Json = {
            "code": self.code,
            "said": said_json(self.said),
            "standard": self.standard.to_json() if self.standard else None,
            "call": self.call,
            "entries": self.entries,
            "complete": self.complete,
            "counted": self.counted,
            "since": day(self.since),
            "source": self.source,
        }
        found |= {key: value for key, value in given.items() if value is not None}
        if self.sources:
            found["sources"] = [source_json(source) for source in self.sources]
        if self.found_by:
            found["found_by"] = list(self.found_by)
        if self.below:
            found["grounds"] = [ground.to_json() for ground in self.below]
        return found


@dataclass(frozen=True, slots=True)
class Local:
    """Which dated value of a standard was used, or where and when there was none (then document and mark are None)."""

    region: str
    place: str
    day: dt.date
    keys: tuple[tuple[str, Plain], ...] = ()
    from_: dt.date | None = None
    document: str | None = None
    mark: str | None = None
    stale: bool = False

    def to_json(self) -> Json:
        """As plain values."""
        keys = {name: sorted(value) if isinstance(value, frozenset) else plain_number(value) for name, value in self.keys}
        return {
            "region": self.region, "place": self.place, "day": self.day.isoformat(), "keys": keys, "from": day(self.from_),
            "document": self.document, "mark": self.mark, "stale": self.stale,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a clause or amount is unknown: a code, and what it is about. Region, day and keys belong to `no_standard`."""

    code: Code
    name: str
    title: Words
    who: str | None
    standard: Local | None = None

    def to_json(self) -> Json:
        """As plain values."""
        found: Json = {"code": self.code, "name": self.name, "title": both(self.title), "who": self.who}
        return found if self.standard is None else found | {"standard": self.standard.to_json()}


def reasons_in(grounds: tuple[Ground, ...]) -> tuple[Reason, ...]:
    """The reasons for not knowing, along undecided grounds only; each once, in reading order."""
    return tuple(dict.fromkeys(_reasons(grounds)))


def _reasons(grounds: tuple[Ground, ...]) -> Iterator[Reason]:
    for ground in grounds:
        if not decided(ground.value):
            if ground.code is not None:
                yield Reason(ground.code, ground.name, ground.title, ground.who, ground.standard)
            yield from _reasons(ground.below)


def value_json(value: Plain, kind: str) -> Json:
    """A value under keys that tell its type: value, value_fen, lo and hi, lo_fen and hi_fen, possible."""
    if isinstance(value, Range):
        end = "_fen" if kind == "money" else ""
        lo, hi = (None if each is None else _fen(each) if kind == "money" else plain_number(each) for each in value)
        return {f"value{end}": lo} if decided(value) else {f"lo{end}": lo, f"hi{end}": hi}
    if isinstance(value, frozenset):
        return {"value": next(iter(value))} if len(value) == 1 else {"value": None, "possible": sorted(value)}
    return {"value": value.isoformat() if isinstance(value, dt.date) else value}


def _fen(amount: Fraction) -> int:
    """Whole fen, half up."""
    return math.floor(amount + Fraction(1, 2))


def plain_number(value: object) -> object:
    """A number for JSON: whole if it is, else decimal; ranges as pairs."""
    if isinstance(value, Range):
        return plain_number(value.lo) if decided(value) else [plain_number(each) for each in value]
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else round(float(value), 6)
    return value.isoformat() if isinstance(value, dt.date) else value


def both(words: Words) -> Json:
    """A label in both languages."""
    return {"zh": words.zh, "en": words.en}


def day(date: dt.date | None) -> str | None:
    """A date as text."""
    return None if date is None else date.isoformat()


def source_json(source: Source) -> Json:
    """A document with its article, and how far it was verified."""
    return {"document": source.document, "article": source.article, "mark": source.mark, "from": day(source.from_)}


def said_json(said: Said | None) -> Json | None:
    """Who said it, for which day, and whether it has gone stale."""
    return None if said is None else {"source": said.source, "true_on": day(said.true_on), "stale": said.stale}
