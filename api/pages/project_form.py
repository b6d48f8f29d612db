"""The form of a project: fields and rule texts to the project that the interface takes, and back; faults beside their fields."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from api import words
from api.errors import BadRequest, Place
from api.listing_text import pointer, yaml_of
from api.settings import Lang
from matcher.catalogue import Catalogue
from matcher.errors import CatalogueError
from matcher.loader_listed import MOST_VALUES
from matcher.yaml_source import read_yaml

PATHS: dict[str, tuple[str, ...]] = {
    "id": ("id",),
    "title_zh": ("title", "zh"),
    "title_en": ("title", "en"),
    "organisation": ("project", "organisation"),
    "document": ("source", "document"),
    "unit": ("unit",),
    "region": ("region",),
    "requires": ("requires",),
    "layer": ("layer",),
    "kind": ("benefit", "kind"),
    "pays": ("benefit", "pays"),
    "covers": ("benefit", "covers"),
    "amount": ("benefit", "amount"),
    "cap": ("benefit", "cap"),
    "per": ("benefit", "per"),
    "budget": ("project", "budget"),
    "places": ("project", "places"),
    "open_from": ("project", "open", "from"),
    "open_until": ("project", "open", "until"),
}
"""Where the value of a field stands in a project."""
FIXED: dict[str, Any] = {"department": "charity-federation", "benefit": {"certainty": "exact"}, "project": {"consent": "required"}}
"""What every form says unless `more` says otherwise."""
MARK = "local"
LISTS = ("region", "covers")
NUMBERS = ("budget", "places")
WHOLE = {"benefit": "amount", "project": "budget", "source": "document", "title": "title_zh"}
"""Where a fault of a whole part is told."""
BLANK = {
    "unit": "household",
    "layer": "charity",
    "kind": "cash",
    "pays": "discretionary",
    "per": "once",
    "requires": "all:\n  - id: \n    says: {zh: , en: }\n    when: \n",
}


def new_key() -> str:
    """What makes a form count once, however often it is sent."""
    return secrets.token_hex(16)


@dataclass(slots=True)
class ProjectForm:
    """What stands in the fields. faults: field -> what is wrong with it; `tag` and `key` as a write needs them."""

    values: dict[str, str]
    covers: tuple[str, ...] = ()
    more: str = ""
    faults: dict[str, list[str]] = field(default_factory=dict)
    tag: str = ""
    key: str = field(default_factory=new_key)


def blank_form(organisation: str) -> ProjectForm:
    """An empty form."""
    return ProjectForm(dict.fromkeys(PATHS, "") | BLANK | {"organisation": organisation})


def form_of(project: Mapping[str, Any], tag: str) -> ProjectForm:
    """The form of a project that is there: what has no field of its own stands in `more`."""
    rest: dict[str, Any] = dict(project)
    values = dict.fromkeys(PATHS, "")
    covers: tuple[str, ...] = ()
    if isinstance(project.get("source"), Mapping) and set(project["source"]) == {"document", "mark"} and project["source"]["mark"] == MARK:
        rest["source"] = {"document": project["source"]["document"]}
    for name, path in PATHS.items():
        taken = _take(rest, path)
        if name == "covers":
            covers = tuple([taken] if isinstance(taken, str) else taken or ())
        elif name == "requires":
            values[name] = yaml_of(taken)
        elif taken is not None and not isinstance(taken, list | dict):
            values[name] = str(taken)
        elif name == "region":
            values[name] = " ".join(taken or ())
        elif taken is not None:
            _put(rest, path, taken)
    for path in (("department",), ("benefit", "certainty"), ("project", "consent")):
        if _get(rest, path) == _get(FIXED, path):
            _take(rest, path)
    return ProjectForm(values, covers, yaml_of(rest) if rest else "", tag=tag)


def project_in(form: ProjectForm) -> dict[str, Any]:
    """The project that a filled form says. Raises BadRequest for texts that cannot be read."""
    more = _yaml("more", form.more)
    project: dict[str, Any] = {}
    for name, path in PATHS.items():
        value = _value(name, form)
        if value not in (None, "", []):
            _put(project, path, value)
    if "source" in project:
        project["source"]["mark"] = MARK
    for path in (("department",), ("benefit", "certainty"), ("project", "consent")):
        _put(project, path, _get(FIXED, path))
    return _merged(project, more if isinstance(more, dict) else {})


def with_faults(form: ProjectForm, places: Iterable[Place], lang: Lang) -> ProjectForm:
    """The form with what is wrong beside each field; what belongs to none stands under ""."""
    for place in places:
        said = place.en if lang == "en" else place.zh
        name, rest = field_of(place.path)
        form.faults.setdefault(name, []).append(f"{rest}: {said}" if rest else said)
    return form


def field_of(path: str) -> tuple[str, str]:
    """The field of a place of the body, and the place within it."""
    parts = tuple(part for part in path.split("/") if part)
    if parts[:1] == ("more",):
        return "more", ".".join(parts[1:])
    for name, own in PATHS.items():
        if parts[: len(own)] == own:
            return name, ".".join(parts[len(own) :])
    if parts[:1] and parts[0] in WHOLE and len(parts) == 1:
        return WHOLE[parts[0]], ""
    return ("more" if parts else "", ".".join(parts))


def _value(name: str, form: ProjectForm) -> Any:
    if name == "covers":
        return list(form.covers)
    text = form.values.get(name, "").strip()
    if name == "region":
        return text.split()
    if name == "requires":
        return _yaml(name, form.values.get(name, ""))
    if name in NUMBERS and text:
        try:
            number = Decimal(text.replace(",", ""))
            return int(number) if number == number.to_integral_value() else number
        except (InvalidOperation, OverflowError, ValueError):
            return text
    return text


def _yaml(name: str, text: str) -> Any:
    """The value of a text of the rule language. Raises BadRequest, by line."""
    try:
        documents = read_yaml(text.replace("\r\n", "\n"), name, most=MOST_VALUES)
    except CatalogueError as error:
        places = tuple(
            Place(f"/{name}{pointer(one.path).rstrip('/')}", f"第 {one.line} 行：{one.zh}", f"line {one.line}: {one.en}")
            for one in error.faults
        )
        raise BadRequest("规则看不懂，没有保存", "the rule cannot be read; nothing was kept", places=places) from None
    return documents[0].plain() if documents else None


def _get(project: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    for part in path:
        project = project.get(part, {}) if isinstance(project, Mapping) else {}
    return project


def _take(project: dict[str, Any], path: tuple[str, ...]) -> Any:
    """The value at a path, taken out with what is empty then."""
    if path[0] not in project:
        return None
    if len(path) == 1:
        return project.pop(path[0])
    inner = project[path[0]]
    if not isinstance(inner, dict):
        return None
    project[path[0]] = inner = dict(inner)
    found = _take(inner, path[1:])
    if not inner:
        project.pop(path[0])
    return found


def _put(project: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for part in path[:-1]:
        project = project.setdefault(part, {})
    project[path[-1]] = value


def _merged(project: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """The project with what else was written."""
    for key, value in more.items():
        inner = project.get(key)
        project[key] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, Mapping) else value
    return project


def rule_names(catalogue: Catalogue, lang: Lang) -> list[tuple[str, str, str, str]]:
    """What a condition may name, facts before terms: the name, what it is, whose, its type; of a choice the values too."""
    facts = [(one.name, one.label, one.units, one.type, one.values) for one in catalogue.facts.values()]
    terms = [(one.id.replace("-", "_"), one.title, (one.unit,), one.type, one.values) for one in catalogue.terms.values()]
    return [
        (
            name,
            words.say(label, lang),
            ("、" if lang == "zh" else ", ").join(_whose(catalogue, unit, lang) for unit in units),
            " ".join((words.of(words.FACT_TYPE, type_, lang), *values)),
        )
        for name, label, units, type_, values in [*facts, *terms]
    ]


def _whose(catalogue: Catalogue, unit: str, lang: Lang) -> str:
    if unit in words.UNIT or unit not in catalogue.facts:
        return words.of(words.UNIT, unit, lang)
    return words.say(catalogue.facts[unit].label, lang)
