"""A mapping file: from a county's own table to our columns, so that nobody has to rework a ledger by hand.

In: YAML. Out: Mapping. Keys: `kind`, `header` (the row of the column names), `sheet`, `encoding`, `columns` (their name: our field, or
{field, unit, values}, or null to leave it out), `constants`, `values` (words for all columns), `fill_down`, `skip` (names, or all).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcher.errors import CatalogueError, Fault
from matcher.ingest_cells import UNITS, Cell
from matcher.ingest_kinds import KINDS, kind_of
from matcher.loader_fields import Faults, Fields
from matcher.yaml_source import Item, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict

KEYS = ("kind", "header", "sheet", "encoding", "columns", "constants", "values", "fill_down", "skip")
COLUMN_KEYS = ("field", "unit", "values")


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a table is read. The empty one takes a table whose columns have our names."""

    kind: str | None = None
    header: int = 1
    sheet: str | None = None
    encoding: str | None = None
    columns: Dict[str, tuple[str | None, Cell]] = field(default_factory=dict)
    constants: Dict[str, object] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    skip_all: bool = False


def read_mapping(text: str, file: str) -> Mapping:
    """The mapping of a file. Raises CatalogueError with every fault."""
    faults = Faults()
    items = read_yaml(text, file)
    if len(items) != 1:
        raise CatalogueError((_fault(file, "映射文件应为一个 YAML 文档", "a mapping file is one YAML document"),))
    fields = Fields(items[0], KEYS, faults)
    words = _words(fields.get("values"))
    columns = {name: _column(item, words, faults) for name, item in _pairs(fields.get("columns"), faults).items()}
    kind = fields.text("kind")
    if kind is not None and kind_of(kind) is None and not kind.replace("_", "").isalnum():
        faults.add(items[0].spot, f"kind 应为 {'、'.join(KINDS)} 之一", f"kind is one of {', '.join(KINDS)}")
    skip = fields.get("skip")
    skip_all = skip is not None and skip.text == "all"
    header = fields.get("header")
    constants = {name: item.plain() for name, item in _pairs(fields.get("constants"), faults).items()}
    if header is not None and (not isinstance(header.value, int) or header.value < 1):
        faults.add(header.spot, "header 是表头所在的行号，从 1 起", "header is the number of the row with the column names, from 1")
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return Mapping(
        kind=kind,
        header=header.value if header is not None and isinstance(header.value, int) else 1,
        sheet=fields.text("sheet"),
        encoding=fields.text("encoding"),
        columns=columns,
        constants=constants,
        fill_down=fields.texts("fill_down"),
        skip=() if skip_all else fields.texts("skip"),
        skip_all=skip_all,
    )


def _fault(file: str, zh: str, en: str) -> Fault:
    return Fault(file, 1, "", zh, en)


def _pairs(item: Item | None, faults: Faults) -> Dict[str, Item]:
    """A mapping from names to items, empty where there is none."""
    if item is None:
        return {}
    if isinstance(item.value, dict):
        return item.value
    faults.add(item.spot, "这里要写“名称: 值”", "a mapping (name: value) is wanted here")
    return {}


def _words(item: Item | None) -> dict[str, object]:
    """Their word to our value; `unknown` and null say nothing."""
    pairs = item.value if item is not None and isinstance(item.value, dict) else {}
    return {word: None if value.value in (None, "unknown") else value.plain() for word, value in pairs.items()}


def _column(item: Item, words: dict[str, object], faults: Faults) -> tuple[str | None, Cell]:
    """Our field and how its cells are read; no field: the column is left out."""
    if not isinstance(item.value, dict):
        return (None if item.value is None else item.text), Cell(values=words)
    fields = Fields(item, COLUMN_KEYS, faults)
    unit = fields.text("unit")
    if unit is not None and unit not in UNITS:
        faults.add(item.spot, f"unit 应为 {'、'.join(UNITS)} 之一", f"unit is one of {', '.join(UNITS)}")
    return fields.text("field", required=True), Cell(unit, {**words, **_words(fields.get("values"))})
