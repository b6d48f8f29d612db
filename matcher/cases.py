"""Case files: households as a social worker tells them, with what is expected of the rules.

Comes in: the YAML text of a case file and the catalogue. Goes out: typed cases. Source: the language page, "A case", and
section "Cases" of the notes to it. `matcher.case_people` reads who is in it, `matcher.case_expected` what is expected,
`matcher.judge` holds that against the answers of an engine.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from matcher.case_expected import Expectations
from matcher.case_people import People
from matcher.errors import CatalogueError, Fault
from matcher.judge import Case
from matcher.loader_fields import Faults, Fields
from matcher.yaml_source import Item, read_yaml, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.catalogue import Catalogue

CASE_KEYS = (
    *("name", "as_of", "known_by", "household", "others", "assumed", "expect", "left", "ask_for", "opened_by", "choices"),
    *("residuals", "defaults", "standards", "terms", "incomplete"),
)
SIGNS = {"name", "as_of", "household", "expect", "defaults"}
"""A case has one of these."""
UNITS_OF_DEFAULTS = ("household", "person", "outsider")


def load_cases(path: Path, catalogue: Catalogue, *, root: Path | None = None) -> list[Case]:
    """The cases of a file. `root`: the folder that file names are relative to.

    Raises:
        CatalogueError: every fault of the file, with line, path and reason.
    """
    name = path.relative_to(root).as_posix() if root else path.name
    return read_cases(text_of(path, name), name, catalogue)


def read_cases(text: str, file: str, catalogue: Catalogue) -> list[Case]:
    """The cases of a text; `file` is the name in messages. Raises CatalogueError as load_cases."""
    cases, refused = read_each(text, file, catalogue)
    if refused:
        raise CatalogueError(tuple(fault for faults in refused.values() for fault in faults))
    return cases


def read_each(text: str, file: str, catalogue: Catalogue) -> tuple[list[Case], dict[str, tuple[Fault, ...]]]:
    """The cases that can be read, and the faults of each that cannot, by its name.

    Raises:
        CatalogueError: the file as a whole, or its defaults, cannot be read.
    """
    cases: list[Case] = []
    refused: dict[str, tuple[Fault, ...]] = {}
    faults = Faults()
    defaults: dict[str, dict[str, Item]] = {unit: {} for unit in UNITS_OF_DEFAULTS}
    documents = read_yaml(text, file)
    _refuse_others(documents)
    for document in documents:
        for item in document.value if isinstance(document.value, tuple) else (document,):
            if isinstance(item.value, Mapping) and set(item.value) == {"defaults"}:
                _merge_defaults(item.value["defaults"], defaults, faults)
                continue
            own = Faults()
            case = _case(item, catalogue, defaults, own)
            if own.found:
                name = item.value.get("name") if isinstance(item.value, Mapping) else None
                refused[name.text if name is not None else f"{file}:{item.spot.line}"] = tuple(own.found)
            elif case is not None:
                cases.append(case)
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return cases, refused


def _refuse_others(documents: tuple[Item, ...]) -> None:
    """A file of a catalogue, or any other, is told as what it is and not key by key. Raises CatalogueError."""
    items = [item for one in documents for item in (one.value if isinstance(one.value, tuple) else (one,))]
    keys = [set(item.value) for item in items if isinstance(item.value, Mapping)]
    if keys and len(keys) == len(items) and not any(each & SIGNS for each in keys):
        faults = Faults()
        faults.add(
            items[0].spot,
            "这不是案例文件（没有 name、as_of、household）。政策、术语、标准等放在目录文件夹里：用 aidgraph check 文件夹 检查",
            "this is no case file (no name, as_of, household); policies, terms, standards and the like stand in the folder of a "
            "catalogue: aidgraph check FOLDER",
        )
        raise CatalogueError(tuple(faults.found))


def _merge_defaults(item: Item, defaults: dict[str, dict[str, Item]], faults: Faults) -> None:
    """Facts that every household, member or outsider of one case, or of all that follow, has, unless it says otherwise."""
    for unit, facts in Fields(item, UNITS_OF_DEFAULTS, faults).items.items():
        if isinstance(facts.value, Mapping):
            defaults[unit] = {**defaults[unit], **facts.value}
        else:
            faults.add(facts.spot, "这里要写“键: 值”", "a mapping (key: value) is wanted here")


def _case(item: Item, catalogue: Catalogue, defaults: dict[str, dict[str, Item]], faults: Faults) -> Case | None:
    """The whole case, None where even its head cannot be read."""
    fields = Fields(item, CASE_KEYS, faults)
    name, as_of = fields.text("name", required=True), fields.day("as_of")
    if "as_of" not in fields:
        faults.add(item.spot, "缺少 as_of", "as_of is missing")
    if (own := fields.get("defaults")) is not None:
        defaults = dict(defaults)
        _merge_defaults(own, defaults, faults)
    people = People(catalogue, defaults, faults)
    people.read(fields)
    case = Case(name or "", item.spot.file, item.spot.line, as_of or dt.date.min, fields.day("known_by"), people.record)
    case.assumed = _assumed(fields.get("assumed"))
    case.terms = people.terms(fields.get("terms"))
    case.standards = people.standards(fields.get("standards"))
    Expectations(people).read(case, fields)
    return case


def _assumed(item: Item | None) -> str | None:
    """What the source does not say: words for the reader, as a text, a list or a mapping."""
    if item is None or isinstance(item.value, str):
        return None if item is None else item.text
    if isinstance(item.value, tuple):
        return "; ".join(_assumed(part) or "" for part in item.value)
    if isinstance(item.value, Mapping):
        return "; ".join(f"{key}: {_assumed(part)}" for key, part in item.value.items())
    return item.text
