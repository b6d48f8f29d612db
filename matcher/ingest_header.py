"""The head of a table: which column holds which field, and what is wrong with the whole table before a row is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.errors import MatcherError
from matcher.ingest_cells import Cell, plain, text_of
from matcher.ingest_kinds import HOME, IDENTITY, NAMES, SHAPES, Kind, columns_of, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict
    from collections.abc import Sequence

    from matcher.catalogue import Catalogue, Fact
    from matcher.ingest_mapping import Mapping
    from matcher.language import Words


class TableRefused(MatcherError):  # noqa: N818 - named after what happened
    """A table that cannot be read as a whole: nothing of it is stored."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return self.en


@dataclass(frozen=True, slots=True)
class Column:
    """A field, the column where it stands (None: a constant), the fact that it is, and how its cells are read."""

    field: str
    at: int | None
    fact: Fact | None
    how: Cell
    constant: object = None
    fill_down: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """A table's columns by field, and the names that values have on our screens."""

    kind: Kind
    list: str | None
    columns: Dict[str, Column]
    words: Dict[str, Words]


def read_header(
    names: Sequence[object],
    kind: Kind,
    catalogue: Catalogue,
    mapping: Mapping,
    *,
    list_: str | None = None,
    words: Dict[str, Words] | None = None,
) -> Header:
    """Match the names of a table's columns with the fields of its kind.

    Args:
        names: the cells of the row of names.
        list_: the list that all rows are entries of, where the kind is statement.
        words: names that values have on our screens; a table may use them.

    Raises:
        TableRefused: a column that nobody knows, one that is there twice, or a field that is missing.
    """
    heads = [text_of(name) for name in names]
    entries = kind == "statement" and list_ is None and ("list" in heads or any(field == "list" for field, _ in mapping.columns.values()))
    known = columns_of(kind, catalogue, list_, entries=entries)
    found: dict[str, Column] = {}
    unknown: list[str] = []
    for at, head in enumerate(heads):
        field, how = _field_of(head, known, mapping)
        if field is None:
            continue
        if field not in known:
            unknown.append(field if head in mapping.columns else head)
        elif field in found:
            raise TableRefused(f"有两列都对应“{field}”，请只保留一列", f"two columns are {field}: keep one")
        else:
            found[field] = Column(field, at, known[field], with_words(known[field], how, words or {}), fill_down=head in mapping.fill_down)
    for field, value in mapping.constants.items():
        if field not in known:
            unknown.append(field)
        else:
            found[field] = Column(field, None, known[field], with_words(known[field], Cell(), words or {}), constant=value)
    if unknown:
        raise _unknown(unknown, known, kind)
    _refuse_missing(found, kind, heads, list_)
    return Header(kind, list_, found, words or {})


def _field_of(head: str, known: Dict[str, Fact | None], mapping: Mapping) -> tuple[str | None, Cell]:
    """Our field for their column; None for one that is left out."""
    if head in mapping.columns:
        return mapping.columns[head]
    if not head or head in mapping.skip:
        return None, Cell()
    name = plain(head)
    for field in (name, name.casefold().replace(" ", "_").replace("-", "_")):
        if field in known:
            return field, Cell()
    labelled = [field for field, fact in known.items() if fact is not None and fact.label.zh == name]
    if len(labelled) == 1:
        return labelled[0], Cell()
    return (None if mapping.skip_all else head), Cell()


def with_words(fact: Fact | None, how: Cell, words: Dict[str, Words]) -> Cell:
    """The words of a text fact's values, where they name one value each."""
    if fact is None or not fact.values:
        return how
    named = {value: words.get(f"{fact.name}.{value}") or words.get(value) for value in fact.values}
    table = {word: value for value, both in named.items() if both for word in (both.zh, both.en)}
    return Cell(how.unit, how.values, table)


def _unknown(unknown: list[str], known: Dict[str, Fact | None], kind: Kind) -> TableRefused:
    """Names each column that nobody knows with the nearest that are known."""
    zh, en = [], []
    for name in unknown:
        near = nearest(name, [field for field in known if not is_home(field) or is_home(name)])
        zh.append(f"“{name}”" + (f"（是否为 {'、'.join(near)}？）" if near else ""))
        en.append(f"“{name}”" + (f" (did you mean {', '.join(near)}?)" if near else ""))
    return TableRefused(
        f"{NAMES[kind].zh}表中有不认识的列：{'、'.join(zh)}。"
        "请改列名、在映射文件中指定，或用 --skip 列名 略过；表头不在第 1 行时在映射文件写 header: 行号",
        f"the table of {NAMES[kind].en} has columns that are not known: {', '.join(en)}. Rename them, name them in a mapping file, "
        "or leave them out with --skip NAME; where the names are not in row 1, say `header: ROW` in a mapping file",
    )


def _refuse_missing(found: Dict[str, Column], kind: Kind, heads: list[str], list_: str | None) -> None:
    """Every kind needs some columns; a list of entries needs its key."""
    needs = list(SHAPES[kind].needs)
    if kind == "statement" and (list_ or "list" in found):
        needs.append(("key",))
    if "fact" in found:
        needs.append(("value",))
    for options in needs:
        if not any(option in found for option in options):
            zh, en = "、".join(options), ", ".join(options)
            have = [head for head in heads[:12] if head]
            have_zh, have_en = "、".join(have) or "无", ", ".join(have) or "none"
            raise TableRefused(
                f"{NAMES[kind].zh}表缺少列：{zh}{'（其中之一）' if len(options) > 1 else ''}。现有列：{have_zh}",
                f"the table of {NAMES[kind].en} lacks a column: {'one of ' if len(options) > 1 else ''}{en}. It has: {have_en}",
            )


def identity_fields() -> frozenset[str]:
    """Fields whose cells are never shown."""
    return frozenset({*IDENTITY, "supporter_id_card", "parent_id_card", "address"})


def is_home(field: str) -> bool:
    """Whether a field of a table of people is a fact of the household."""
    return field.startswith(HOME)
