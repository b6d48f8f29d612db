"""What every row of a table has in common: its cells and typed values, whom it is about, identity, and why it is refused."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from graph.errors import BadIdCard, IdentityError
from graph.identity import IdCard, Identity, check_idcard, mask_idcard, mask_name, mask_phone, normalise_idcard
from matcher.errors import FactValueError
from matcher.ingest_cells import is_blank, plain, read_cell, read_day, text_of
from matcher.ingest_header import identity_fields

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graph.ingest import Unit
    from matcher.catalogue import Catalogue
    from matcher.ingest_cells import Value
    from matcher.ingest_header import Column, Header

_IDENTITY_LIKE = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
_SHORTENED = re.compile(r"\d(\.\d{1,2})?E\+?\d+", re.IGNORECASE)
_OPAQUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,79}")


class Lookup(Protocol):
    """What a row may ask about the store."""

    identity: Identity

    def person_with(self, idcard_key: str) -> str | None:
        """The id of the person with this ID card, by its keyed hash."""

    def knows_region(self, code: str) -> bool:
        """Whether there is such a region."""

    def policy_node(self, policy: str, unit: str, subject: str, day: dt.date | None) -> str | None:
        """`Kind:id` of the version of a policy that an award is under, None where none is stored."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a row was not kept: the field, its value (identity masked), and the reason."""

    row: int
    field: str
    value: str
    zh: str
    en: str


@dataclass(slots=True)
class Told:
    """What holds for a whole load."""

    catalogue: Catalogue
    lookup: Lookup
    today: dt.date
    true_on: dt.date | None = None
    seen: set[bytes] = field(default_factory=set)


class Refused(Exception):  # noqa: N818 - named after what happened
    """A row, or a cell, that is refused."""

    def __init__(self, field_: str, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.field, self.zh, self.en = field_, zh, en


class RowBase:
    """The cells of one row at a time, and what is asked of them."""

    def __init__(self, header: Header, told: Told) -> None:
        self.header, self.told = header, told
        self.above: dict[str, object] = {}
        self.cells: dict[str, object] = {}
        self.values: dict[str, Value] = {}
        self.rejects: list[Reject] = []
        self.number = 0

    def _raw(self, column: Column, cells: Sequence[object]) -> object:
        if column.at is None:
            return column.constant
        raw = cells[column.at] if column.at < len(cells) else None
        if column.fill_down:
            raw = self.above.get(column.field) if is_blank(raw) else raw
            self.above[column.field] = raw
        return raw

    def _try(self, name: str, step: Any) -> None:
        try:
            step()
        except Refused as no:
            self._reject(no.field, no.zh, no.en)
        except (FactValueError, IdentityError) as error:
            self._reject(name, error.zh, error.en)

    def _reject(self, name: str, zh: str, en: str) -> None:
        shown = self.shown(name)
        raw = plain(self.cells.get(name))
        if len(raw) > 1 and raw != shown and name not in identity_fields():  # what is said of identity never holds it
            zh, en = zh.replace(raw, shown), en.replace(raw, shown)
        self.rejects.append(Reject(self.number, name, shown, hide(zh), hide(en)))

    def shown(self, name: str) -> str:
        """A cell as a reject file may hold it: identity is masked wherever it stands."""
        raw = plain(self.cells.get(name))
        if name == "name":
            return mask_name(raw)
        if name.endswith("id_card"):
            if _SHORTENED.fullmatch(raw):
                return raw
            return mask_idcard(normalise_idcard(raw))
        if name == "phone":
            return mask_phone(raw)
        if raw and raw in {plain(self.cells[one]) for one in identity_fields() & self.cells.keys()}:
            return mask_name(raw)
        if name in ("id", "person", "household", "supporter", "parent", "key") and not raw.isascii():
            return mask_name(raw)
        return hide(raw)

    def _value(self, name: str, column: Column) -> None:
        """A typed cell: its value, checked against what a day or a place can be."""
        assert column.fact is not None
        value = read_cell(column.fact, self.cells[name], column.how)
        if value is None:
            return
        if name == "born" and isinstance(value, dt.date) and value > self.told.today:
            raise Refused(name, f"出生日期 {value} 在将来", f"the birthday {value} is in the future")
        if column.fact.type == "region" and isinstance(value, str) and not self.told.lookup.knows_region(value):
            raise Refused(
                name,
                f"没有区划 {value}，请核对代码，或先载入含该区划的目录",
                f"there is no region {value}: check the code, or load its catalogue first",
            )
        self.values[name] = value

    def _day(self, facts: Mapping[str, Value], spare: tuple[str, ...] = ()) -> dt.date | None:
        """The day on which the row holds; facts need one, but those in `spare`."""
        raw = self.cells.get("true_on")
        day = read_day("true_on", raw) if not is_blank(raw) else self.told.true_on
        if day is None and set(facts) - set(spare):
            raise Refused(
                "true_on",
                "没有写明这些情况是哪一天的：请加 true_on 列，或用 --true-on 日期",
                "it is not said on which day this held: add a column true_on, or say --true-on DAY",
            )
        if day is not None and day > self.told.today:
            raise Refused("true_on", f"true_on {day} 在将来", f"true_on {day} is in the future")
        return day

    def _id(self, name: str) -> str:
        """An opaque id."""
        text = plain(self.cells.get(name))
        if not text:
            raise Refused(name, f"{name} 为空", f"{name} is blank")
        if _IDENTITY_LIKE.fullmatch(text) or not _OPAQUE.fullmatch(text):
            raise Refused(
                name,
                "编号应为字母、数字和 . _ : @ -，且不能是姓名、证件号或电话",
                "an id is letters, digits and . _ : @ -, and never a name, an ID-card or a phone number",
            )
        return text

    def _subject(self, name: str, card: str, *, household: bool = False) -> tuple[Unit, str]:
        """Whom a row is about: a person by id or ID card, or a household."""
        if not is_blank(self.cells.get(name)):
            if household and not is_blank(self.cells.get("household")):
                raise Refused("household", "一行只能写人员或家庭之一", "a row is about a person or a household, not both")
            return "Person", self._id(name)
        found = self._card(card)
        if found is not None:
            key = self.told.lookup.identity.hash("idcard", found.number)
            id_ = self.told.lookup.person_with(key)
            if id_ is None:
                raise Refused(card, "库中没有持此证件号的人，请先载入人员", "nobody in the store has this ID card: load the people first")
            return "Person", id_
        if household and not is_blank(self.cells.get("household")):
            return "Household", self._id("household")
        raise Refused(name, "没有写明是谁", "it is not said whom this is about")

    def _card(self, name: str) -> IdCard | None:
        raw = self.cells.get(name)
        if is_blank(raw):
            return None
        try:
            text = format(raw, "g") if isinstance(raw, float) else text_of(raw)
            return check_idcard(text, as_of=self.told.today)
        except BadIdCard as error:
            raise Refused(name, error.zh, error.en) from None

    def _sealed(self, card: IdCard | None) -> dict[str, Any]:
        """Name, ID card and phone, encrypted."""
        sealed: dict[str, Any] = {}
        parts = {"name": text_of(self.cells.get("name")), "phone": text_of(self.cells.get("phone"))}
        for part, text in parts.items():
            if not is_blank(text):
                try:
                    sealed |= self.told.lookup.identity.person(**{part: text})
                except IdentityError as error:
                    raise Refused(part, error.zh, error.en) from None
        return sealed | (self.told.lookup.identity.person(idcard=card.number) if card else {})

    def _once(self, *parts: str) -> None:
        """The same thing twice in one load is refused: which of the two holds cannot be known."""
        mark = blake2b("\0".join(parts).encode(), digest_size=10).digest()
        if mark in self.told.seen:
            raise Refused(
                self._key_field(),
                "同一文件中重复：前面已有一行写同一件事，请只保留一行",
                "twice in one file: an earlier row tells the same, keep one of them",
            )
        if not self.rejects:
            self.told.seen.add(mark)

    def _key_field(self) -> str:
        columns = self.header.columns
        return next(
            (name for name in ("key", "fact", "id", "person", "household", "id_card") if name in columns and self.cells.get(name)), "id"
        )

    def _synthetic(self) -> dict[str, Any]:
        return {"synthetic": True} if plain(self.cells.get("synthetic")).casefold() in ("true", "1", "是", "yes") else {}


def hide(text: str) -> str:
    """Any ID-card or phone number in a text, masked."""
    return _IDENTITY_LIKE.sub(lambda found: mask_idcard(found[0]) if len(found[0]) > 11 else mask_phone(found[0]), text)
