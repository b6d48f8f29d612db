"""A folder of YAML to a checked catalogue: the first stage, and the only one of the matcher that reads files.

Layout: facts.yaml, needs.yaml, difficulty.yaml, referrals.yaml, standards/, terms/, policies/, projects/ (each with folders inside, if one
likes). A file holds one entry or a list, and may hold several documents. Everything else in the folder is left alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from matcher.catalogue import Catalogue, PolicyVersion, Standard, Term
from matcher.errors import CatalogueError
from matcher.language import Spot
from matcher.loader_checks import check_catalogue
from matcher.loader_difficulty import read_difficulty
from matcher.loader_facts import read_facts
from matcher.loader_fields import Faults
from matcher.loader_policies import policy_head, read_policy
from matcher.loader_referrals import read_referrals
from matcher.loader_standards import read_standard_entry, replaced
from matcher.loader_terms import need_types, read_need, term_heads, term_version
from matcher.loader_values import parse_fact_value
from matcher.parse_names import Names, TermHead, real
from matcher.yaml_source import Item, read_yaml, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from matcher.catalogue import Fact

__all__ = ["load_catalogue", "parse_fact_value", "with_standards"]

FOLDERS = ("standards", "terms", "policies", "projects")
FILES = ("facts", "needs", "difficulty", "referrals")
ENDINGS = (".yaml", ".yml")


@dataclass(slots=True)
class _Source:
    """The entries of all files by the part of the catalogue that they belong to."""

    entries: dict[str, list[Item]] = field(default_factory=lambda: {part: [] for part in (*FOLDERS, *FILES)})
    hash: str = ""


def load_catalogue(folder: Path) -> Catalogue:
    """Read and check a whole catalogue.

    Args:
        folder: see the layout above.

    Returns:
        The catalogue; `hash` names its content (the same text gives the same hash, whatever the line ends).

    Raises:
        CatalogueError: every fault found, each with file, line, path and reason.
    """
    faults = Faults()
    source = _read_files(folder, faults)
    catalogue = _build(source, faults)
    check_catalogue(catalogue, faults)
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return catalogue


def with_standards(catalogue: Catalogue, values: Mapping[str, object]) -> Catalogue:
    """The catalogue with some standards replaced, in force everywhere and always: for cases and for "what if".

    Args:
        catalogue: as loaded.
        values: id of a standard to a value (of a standard with keys: for every key), to rows nested as in the file, or to
            {is | rows, otherwise}. Money in yuan.

    Raises:
        CatalogueError: an unknown standard, rows that do not fit its keys, a value of another type.
    """
    faults = Faults()
    standards = dict(catalogue.standards)
    for name, raw in values.items():
        key = real(standards, name)
        if key is None:
            faults.add(Spot("", 1, f"standards.{name}"), f"没有标准 {name}", f"unknown standard {name}")
        else:
            standards[key] = replaced(standards[key], raw, faults)
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    text = json.dumps(values, default=str, sort_keys=True, ensure_ascii=False)
    mixed = hashlib.sha256(f"{catalogue.hash}\n{text}".encode()).hexdigest() if values else catalogue.hash
    return replace(catalogue, standards=standards, hash=mixed)


def _read_files(folder: Path, faults: Faults) -> _Source:
    """All entries, in the order of the files' names, and the hash of the files."""
    source, digest = _Source(), hashlib.sha256()
    if not (folder / "facts.yaml").is_file():
        faults.add(Spot("facts.yaml", 1, ""), "缺少 facts.yaml", "facts.yaml is missing")
    for name, path in sorted((each.relative_to(folder).as_posix(), each) for each in folder.rglob("*") if each.suffix in ENDINGS):
        part = name.split("/")[0] if "/" in name else name.rsplit(".", 1)[0]
        if part not in (FOLDERS if "/" in name else FILES) or any(word.startswith(".") for word in name.split("/")):
            continue
        try:
            text = text_of(path, name)
            digest.update(f"{name}\n{len(text)}\n{text}".encode())
            documents = read_yaml(text, name)
        except CatalogueError as error:
            faults.found.extend(error.faults)
            continue
        for document in documents:
            split = isinstance(document.value, tuple) and part != "facts"
            source.entries[part].extend(document.value if split else (document,))  # type: ignore[arg-type]
    source.hash = digest.hexdigest()
    return source


def _build(source: _Source, faults: Faults) -> Catalogue:
    """The catalogue of all entries, as far as it could be read."""
    entries = source.entries
    facts, rank = _facts(entries["facts"], faults)
    standards = _standards(entries["standards"], faults)
    terms = term_heads(entries["terms"], facts, faults)
    heads = [(policy_head(item, faults, project=part == "projects")) for part in ("policies", "projects") for item in entries[part]]
    found = [head for head in heads if head is not None]
    names = Names(
        facts=facts, standards=standards, needs=need_types(entries["needs"], faults), policies=_units((head.id, head) for head in found),
        terms={id_: TermHead(id_, term.unit, term.kind, term.values) for id_, term in terms.items()},
        recognitions=_units((head.recognition, head) for head in found if head.recognition),
    )  # fmt: skip
    needs = [need for item in entries["needs"] if (need := read_need(item, names, faults)) is not None]
    policies: dict[str, tuple[PolicyVersion, ...]] = {}
    for head in found:
        policies[head.id] = (*policies.get(head.id, ()), read_policy(head, names, faults))
    return Catalogue(
        facts=facts, standards=standards, terms=_terms(entries["terms"], terms, names, faults), policies=policies,
        needs={need.id: need for need in needs}, source_rank=rank, hash=source.hash,
        difficulty=read_difficulty(entries["difficulty"], names, faults), referrals=read_referrals(entries["referrals"], names, faults),
    )  # fmt: skip


def _facts(items: list[Item], faults: Faults) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """The facts of facts.yaml, which is one document."""
    for extra in items[1:]:
        faults.add(extra.spot, "facts.yaml 只能有一个文档", "facts.yaml is one document")
    return read_facts(items[0] if items else None, faults)


def _standards(items: list[Item], faults: Faults) -> dict[str, Standard]:
    """All standards by id."""
    found: dict[str, Standard] = {}
    for item in items:
        standard = read_standard_entry(item, faults)
        if standard is not None and standard.id in found:
            faults.add(item.spot, f"标准 {standard.id} 出现两次", f"the standard {standard.id} stands twice")
        elif standard is not None:
            found[standard.id] = standard
    return found


def _units(pairs: object) -> dict[str, frozenset[str]]:
    """Id to the units of the versions that have it."""
    found: dict[str, frozenset[str]] = {}
    for id_, head in pairs:  # type: ignore[attr-defined]
        found[id_] = found.get(id_, frozenset()) | {head.unit}
    return found


def _terms(items: list[Item], heads: dict[str, Term], names: Names, faults: Faults) -> dict[str, Term]:
    """The terms with their versions."""
    for item in items:
        id_ = item.value["id"].value if isinstance(item.value, Mapping) and "id" in item.value else None
        if not isinstance(id_, str) or id_ not in heads:
            continue
        version = term_version(item, heads[id_], names, faults)
        if version is not None:
            heads[id_] = replace(heads[id_], versions=(*heads[id_].versions, version))
    return heads
