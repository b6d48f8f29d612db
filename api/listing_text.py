"""A project between JSON, as programs and forms send it, and the YAML text that is kept and checked."""

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from api.errors import BadRequest, Place
from matcher.catalogue import Catalogue, PolicyVersion
from matcher.errors import CatalogueError, Fault
from matcher.loader_listed import Listed, with_projects
from matcher.yaml_source import read_yaml

FILE = "project.yaml"
"""What faults of a text that is not stored yet are named by."""
LONGEST = 20_000  # characters
DEEPEST = 40
MOST = 10**15
DAYS = ("from", "until")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
STEP = re.compile(r"\[(\d+)\]")


class _Dumper(yaml.SafeDumper):
    """Numbers stay exact, and nothing is an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        """Always."""
        return True


_Dumper.add_representer(Decimal, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}"))


def text_of(project: Mapping[str, Any]) -> str:
    """The text of a project in the one way in which it is kept. Raises BadRequest for what cannot stand in it."""
    text = yaml_of(_plain(project, "", "", 0))
    if len(text) > LONGEST:
        raise too_long()
    return text


def yaml_of(plain: object) -> str:
    """Plain values as YAML: keys in their order, a line as long as it is."""
    return str(yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000))


def project_of(text: str) -> dict[str, Any]:
    """The project as plain values: days as text, numbers as they are written. Raises CatalogueError."""
    documents = read_yaml(text, FILE)
    plain = documents[0].plain() if documents else {}
    told: dict[str, Any] = json.loads(json.dumps(plain, default=_json)) if isinstance(plain, dict) else {}
    return told


def version_of(catalogue: Catalogue, project: str, text: str, *, organization: str | None) -> PolicyVersion:
    """What a text says, checked against everything else that holds.

    Args:
        catalogue: without this project.
        project: the id that it must have, "" for a new one.
        organization: who must run it; None: whoever it names.

    Raises:
        BadRequest: with every fault, by its place in the body.
    """
    return read_listed(catalogue, project, text, organization=organization)[1]


def read_listed(catalogue: Catalogue, project: str, text: str, *, organization: str | None) -> tuple[Catalogue, PolicyVersion]:
    """The same, with the catalogue in which it stands."""
    try:
        found = with_projects(catalogue, [Listed(FILE, text)])
    except CatalogueError as error:
        raise refused(error.faults) from None
    version = next(found.policies[id_][0] for id_ in found.policies if id_ not in catalogue.policies)
    assert version.project is not None
    places = []
    if project and version.id != project:
        places.append(Place("/id", "编号不能改", "the id of a project does not change"))
    if organization is not None and version.project.organisation != organization:
        places.append(
            Place(
                "/project/organisation", f"只能登记本机构的项目：写 {organization}", f"only your own organisation's: write {organization}"
            )
        )
    if places:
        raise BadRequest(*_told(len(places)), places=tuple(places))
    return found, version


def refused(faults: tuple[Fault, ...]) -> BadRequest:
    """Faults of a text as places of the body."""
    return BadRequest(*_told(len(faults)), places=tuple(Place(pointer(fault.path), fault.zh, fault.en) for fault in faults))


def pointer(path: str) -> str:
    """A path of the catalogue as a JSON pointer: `requires.all[0].when` is /requires/all/0/when."""
    return "/" + STEP.sub(r".\1", path).replace(".", "/") if path else "/"


def too_long() -> BadRequest:
    """More than anybody needs."""
    return BadRequest(f"项目写得太长，至多 {LONGEST} 个字", f"the project is too long: at most {LONGEST} characters")


def _told(count: int) -> tuple[str, str]:
    return f"项目有 {count} 处错误，没有保存", f"the project has {count} fault{'s' * (count > 1)}; nothing was kept"


def _plain(value: Any, key: str, path: str, depth: int) -> Any:
    """Values as the loader reads them: days where days stand, numbers exact. Raises BadRequest."""
    if depth > DEEPEST:
        raise _cannot(path, "嵌套过深", "nested too deep")
    if isinstance(value, Mapping):
        for name in value:
            _printable(name, path)
        return {name: _plain(part, name, f"{path}/{name}", depth + 1) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, key, f"{path}/{at}", depth + 1) for at, part in enumerate(value)]
    if isinstance(value, str):
        _printable(value, path)
        return _day(value) if key in DAYS else value
    if isinstance(value, float) and math.isfinite(value):
        value = Decimal(repr(value))
    if value is None or isinstance(value, bool | dt.date):
        return value
    if isinstance(value, int | Decimal) and -MOST < value < MOST:
        return value
    raise _cannot(path, "这里不能写这个数", "this number cannot stand here")


def _day(text: str) -> dt.date | str:
    try:
        return dt.date.fromisoformat(text) if DAY.fullmatch(text) else text
    except ValueError:
        return text


def _printable(text: str, path: str) -> None:
    if not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        raise _cannot(path, "含有不可显示的字符", "it has characters that cannot be shown")


def _cannot(path: str, zh: str, en: str) -> BadRequest:
    return BadRequest(*_told(1), places=(Place(path or "/", zh, en),))


def _json(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    assert isinstance(value, Decimal)
    return int(value) if value == value.to_integral_value() else float(value)
