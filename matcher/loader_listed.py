"""Projects that charities listed, read into a catalogue that stands: one text a project, in the form of a file of projects/.

What a charity may write is less than what a folder may hold: it pays what is left and changes nobody's standing. One that takes nobody
any more stays, refusing everybody, so that what was granted under it still counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matcher.catalogue import Catalogue, Clause, Group, PolicyVersion
from matcher.errors import CatalogueError
from matcher.language import Expression, Known, Spot, Words
from matcher.loader_checks import check_catalogue
from matcher.loader_fields import Faults
from matcher.loader_policies import policy_head, read_policy
from matcher.parse_names import Names, TermHead
from matcher.yaml_source import Item, read_yaml

LAYERS = ("charity", "service")
NOT_THEIRS = ("grants", "received", "precludes", "choose_one", "tops_up")
"""Keys that change what others give, or somebody's standing."""
CLOSED = Words("本项目已暂停或撤回，不再受理", "the project is paused or withdrawn and takes nobody")
CONSENT = "required"
MOST_VALUES = 2_000
"""In one project."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A project as its charity wrote it. file: what its faults are named by; closed: it takes nobody any more."""

    file: str
    text: str
    closed: bool = False


def with_projects(catalogue: Catalogue, listed: Sequence[Listed]) -> Catalogue:
    """The catalogue with these projects in it; its hash names them too.

    Raises:
        CatalogueError: every fault of the projects, and what they break in the catalogue.
    """
    if not listed:
        return catalogue
    faults = Faults()
    items = [(one, item) for one in listed if (item := _document(one, faults)) is not None]
    heads = [(one, head) for one, item in items if (head := policy_head(item, faults, project=True)) is not None]
    known = {head.id: head.unit for _, head in heads}
    names = _names(catalogue, known)
    policies = dict(catalogue.policies)
    for one, head in heads:
        if head.id in policies:
            faults.add(_at(head.item, "id"), f"编号 {head.id} 已被使用，请换一个", f"the id {head.id} is taken: choose another")
            continue
        version = read_policy(head, names, faults)
        _check(version, head.item, faults)
        policies[head.id] = (_closed(version) if one.closed else version,)
    found = replace(catalogue, policies=policies, hash=_hash(catalogue, listed))
    if not faults.found:
        check_catalogue(found, faults)
    if faults.found:
        raise CatalogueError(tuple(faults.found))
    return found


def _document(one: Listed, faults: Faults) -> Item | None:
    """The one mapping of a text."""
    try:
        documents = read_yaml(one.text, one.file, most=MOST_VALUES)
    except CatalogueError as error:
        faults.found.extend(error.faults)
        return None
    except RecursionError:
        faults.add(Spot(one.file, 1, ""), "嵌套过深", "nested too deep")
        return None
    if len(documents) != 1 or not isinstance(documents[0].value, Mapping):
        faults.add(Spot(one.file, 1, ""), "一份项目写一组“键: 值”", "a project is one mapping (key: value)")
        return None
    return documents[0]


def _names(catalogue: Catalogue, projects: Mapping[str, str]) -> Names:
    """What the expressions of a project may name: the whole catalogue, and one another."""
    units = {id_: frozenset(version.unit for version in versions) for id_, versions in catalogue.policies.items()}
    recognitions: dict[str, frozenset[str]] = {}
    for versions in catalogue.policies.values():
        for version in versions:
            if version.recognition:
                recognitions[version.recognition] = recognitions.get(version.recognition, frozenset()) | {version.unit}
    return Names(
        facts=catalogue.facts,
        terms={id_: TermHead(id_, term.unit, term.kind, term.values) for id_, term in catalogue.terms.items()},
        standards=catalogue.standards,
        policies=units | {id_: units.get(id_, frozenset()) | {unit} for id_, unit in projects.items()},
        recognitions=recognitions,
        needs={id_: need.type for id_, need in catalogue.needs.items()},
    )


def _check(version: PolicyVersion, item: Item, faults: Faults) -> None:
    """What only a listed project has to keep to."""
    assert isinstance(item.value, Mapping)
    if version.layer not in LAYERS:
        zh, en = "慈善项目的 layer 只能是 charity 或 service", "the layer of a charity's project is charity or service"
        faults.add(_at(item, "layer"), zh, en)
    for key in NOT_THEIRS:
        if key in item.value:
            faults.add(item.value[key].key_spot, f"慈善项目不能写 {key}", f"a charity's project cannot have {key}")
    if version.regions == ("",) and "region" not in item.value:
        faults.add(item.spot, "缺少 region：写明服务哪些地方", "region is missing: say which places it serves")
    if "benefit" not in item.value:
        faults.add(item.spot, "缺少 benefit：写明给什么、给多少", "benefit is missing: say what it gives, and how much")
    if version.project is not None and version.project.consent != CONSENT:
        zh, en = "个人信息须先取得同意：写 consent: required", "personal data need consent first: write consent: required"
        faults.add(_at(item, "project"), zh, en)


def _at(item: Item, key: str) -> Spot:
    """Where the value of a key stands, else the whole."""
    return item.value[key].spot if isinstance(item.value, Mapping) and key in item.value else item.spot


def _closed(version: PolicyVersion) -> PolicyVersion:
    """The version with one condition that nobody meets."""
    never = Expression(Known("yesno", value=False), "False", version.spot)
    return replace(version, requires=Group("all", (Clause("closed", CLOSED, never),)))


def _hash(catalogue: Catalogue, listed: Sequence[Listed]) -> str:
    """The name of the content."""
    parts = sorted(f"{one.file}\n{one.closed}\n{len(one.text)}\n{one.text}" for one in listed)
    return hashlib.sha256("\n".join([catalogue.hash, *parts]).encode()).hexdigest()
