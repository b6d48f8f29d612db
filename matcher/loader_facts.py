"""facts.yaml to facts, with the built-in lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from matcher.catalogue import Fact, FactType, Span
from matcher.language import Words
from matcher.loader_fields import Faults, Fields, exact, text_of
from matcher.parse_names import LISTS, RESERVED

if TYPE_CHECKING:
    from fractions import Fraction

    from matcher.yaml_source import Item

TYPES = ("yesno", "int", "number", "money", "text", "date", "region", "list")
FIELD_KEYS = ("type", "values", "min", "max", "per", "label", "ask", "sensitive", "good_for", "for_good", "needs_consent")
FACT_KEYS = ("unit", *FIELD_KEYS, "rows", "edge")
NUMBER_DIGITS = 4
MONEY_DIGITS = 2

_OWN_PERSONS = (
    "人的清单只有 members、supporters、parents、children；其他清单请写 {字段: 条目}",
    "lists of persons are members, supporters, parents, children; the rows of another are {field: entry}",
)
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_SPAN = re.compile(r"([1-9][0-9]*) (day|month|year)s?")


_Field = tuple[str, FactType, str, str]
"""Name, type, label in Chinese and in English."""


def _built_in(name: str, type_: FactType, zh: str, en: str, units: tuple[str, ...]) -> Fact:
    return Fact(name, units, type_, Words(zh, en), builtin=True)


def _list(name: str, zh: str, en: str, units: tuple[str, ...], fields: tuple[_Field, ...], *, persons: bool) -> Fact:
    """A built-in list with the fields of its edge or of its rows."""
    inside = {field: _built_in(field, type_, label_zh, label_en, (name,)) for field, type_, label_zh, label_en in fields}
    fact = _built_in(name, "list", zh, en, units)
    return replace(fact, rows="person", edge=inside) if persons else replace(fact, rows=inside)


_FROM: _Field = ("from", "date", "起", "from")
_UNTIL: _Field = ("until", "date", "止", "until")
_RECOGNITION: tuple[_Field, ...] = (
    ("recognition", "text", "认定", "recognition"),
    _FROM,
    _UNTIL,
    ("department", "text", "部门", "department"),
)
_AWARD: tuple[_Field, ...] = (
    ("policy", "text", "政策", "policy"),
    ("paid_on", "date", "发放日", "paid on"),
    _UNTIL,
    ("amount", "money", "金额", "amount"),
    ("cause", "text", "事由", "cause"),
)
_BOTH = ("household", "person")

BUILT_IN: dict[str, Fact] = {
    fact.name: fact
    for fact in (
        _built_in("region", "region", "居住地区划", "region of residence", ("household",)),
        _list("members", "家庭成员", "members", ("household",), (("kin", "text", "关系", "kin"), _FROM, _UNTIL), persons=True),
        _list("supporters", "法定义务人", "supporters", ("person",), (("duty", "text", "义务", "duty"),), persons=True),
        _list("parents", "父母", "parents", ("person",), (), persons=True),
        _list("children", "子女", "children", ("person",), (), persons=True),
        _list("awards", "待遇发放记录", "awards", _BOTH, _AWARD, persons=False),
        _list("recognitions", "认定记录", "recognitions", _BOTH, _RECOGNITION, persons=False),
    )
}
"""What every catalogue has, declared or not."""


def read_facts(item: Item | None, faults: Faults) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """All facts by name, the built-in ones included, and the ranks of sources.

    Facts whose unit is a list become fields of its rows, or facts of its edge.
    """
    facts = dict(BUILT_IN)
    if item is None or not isinstance(item.value, Mapping):
        if item is not None:
            faults.add(item.spot, "facts.yaml 要写“名称: 条目”", "facts.yaml is a mapping: name to entry")
        return facts, ()
    rank: tuple[str, ...] = ()
    for name, entry in item.value.items():
        if name == "sources":
            rank = Fields(item, tuple(item.value), Faults()).texts("sources")
        elif _name_allowed(name, entry, faults):
            fact = _fact(name, entry, faults)
            facts[name] = _merged(BUILT_IN[name], fact, faults) if name in BUILT_IN else fact
    return _into_lists(facts, faults), rank


def _name_allowed(name: str, entry: Item, faults: Faults) -> bool:
    """Whether a fact may have this name; a built-in list and the household's region may be declared again."""
    if name in RESERVED and name not in (*LISTS, "region"):
        faults.add(entry.key_spot, f"{name} 是语言自带的名称", f"{name} is a built-in name")
        return False
    if not _NAME.fullmatch(name):
        faults.add(entry.key_spot, f"{name} 不是合法的名称：小写单词用 _ 连接", f"{name} is no name: lower-case words joined by _")
        return False
    return True


def _fact(name: str, item: Item, faults: Faults, *, list_name: str | None = None) -> Fact:
    """One entry; with `list_name` a field of that list."""
    fields = Fields(item, FIELD_KEYS if list_name else FACT_KEYS, faults)
    units = (list_name,) if list_name else fields.texts("unit")
    if not units:
        fields.need("unit")
    type_: FactType = fields.choice("type", TYPES[:-1] if list_name else TYPES, required=True) or "text"  # type: ignore[assignment]
    low, high = _bounds(fields, type_)
    fact = Fact(
        name=name, units=units, type=type_, label=fields.words("label", default=name if list_name else None), values=_values(fields, type_),
        low=low, high=high, per=fields.choice("per", ("month", "year")), ask=fields.text("ask"), sensitive=fields.text("sensitive"),
        good_for=_span(fields), for_good=_for_good(fields, type_), needs_consent=fields.flag("needs_consent"), spot=item.key_spot,
    )  # fmt: skip
    return _with_rows(fact, fields) if type_ == "list" else _without_rows(fact, fields)


def _without_rows(fact: Fact, fields: Fields) -> Fact:
    """A fact that is no list has neither rows nor an edge."""
    for key in ("rows", "edge"):
        if key in fields:
            fields.faults.add(fields.items[key].key_spot, f"只有清单才有 {key}", f"only a list has {key}")
    return fact


def _with_rows(fact: Fact, fields: Fields) -> Fact:
    """A list with what its entries hold."""
    rows = fields.get("rows")
    edge = _inner(fact.name, fields.get("edge"), fields.faults)
    if rows is None:
        if fact.name not in LISTS:
            fields.need("rows")
        return replace(fact, edge=edge)
    if rows.value == "person":
        if fact.name not in LISTS:
            fields.faults.add(rows.spot, *_OWN_PERSONS)
        return replace(fact, rows="person", edge=edge)
    if edge:
        fields.faults.add(fields.items["edge"].key_spot, "只有人的清单才有 edge", "only a list of persons has an edge")
    return replace(fact, rows=_inner(fact.name, rows, fields.faults))


def _inner(list_name: str, item: Item | None, faults: Faults) -> dict[str, Fact]:
    """The fields of a list's rows or edge."""
    if item is None:
        return {}
    if not isinstance(item.value, Mapping):
        faults.add(item.spot, "要写 person 或 {字段: 条目}", "write person, or {field: entry}")
        return {}
    found: dict[str, Fact] = {}
    for name, entry in item.value.items():
        if name in RESERVED or not _NAME.fullmatch(name):
            faults.add(entry.key_spot, f"{name} 不能作字段名", f"{name} is a built-in name, or no name: lower-case words joined by _")
            continue
        found[name] = _fact(name, entry, faults, list_name=list_name)
    return found


def _merged(built_in: Fact, declared: Fact, faults: Faults) -> Fact:
    """A built-in list or the household's region as declared: more fields, narrower values, the same types and units."""
    spot = declared.spot
    assert spot is not None
    if declared.type != built_in.type or not set(declared.units) <= set(built_in.units):
        faults.add(spot, f"{built_in.name} 是语言自带的，类型和单位不能改", f"{built_in.name} is a built-in name: its type and unit stay")
        return built_in
    if built_in.type != "list":
        return replace(declared, builtin=True)
    persons = built_in.rows == "person"
    if declared.rows is not None and (declared.rows == "person") != persons:
        faults.add(spot, f"{built_in.name} 的 rows 不能改", f"the rows of {built_in.name} stay as they are built in")
        return built_in
    old: Mapping[str, Fact] = built_in.edge if persons else built_in.rows  # type: ignore[assignment]
    new: Mapping[str, Fact] = declared.edge if persons else (declared.rows or {})  # type: ignore[assignment]
    for name, field in new.items():
        if name in old and old[name].type != field.type and field.spot is not None:
            faults.add(field.spot, f"{name} 的类型是 {old[name].type}", f"{name} is built in with the type {old[name].type}")
    inside = {**old, **{name: replace(field, builtin=name in old) for name, field in new.items()}}
    fact = replace(declared, units=built_in.units, builtin=True, rows=built_in.rows)
    return replace(fact, edge=inside) if persons else replace(fact, rows=inside)


def _into_lists(facts: dict[str, Fact], faults: Faults) -> dict[str, Fact]:
    """Move facts whose unit is a list into that list."""
    for fact in list(facts.values()):
        inside = [unit for unit in fact.units if unit not in _BOTH]
        for unit in inside:
            owner = facts.get(unit)
            if fact.spot is None or owner is None or owner.type != "list" or fact.type == "list":
                if fact.spot is not None:
                    faults.add(fact.spot, f"没有单位 {unit}", f"unknown unit {unit}: person, household or the name of a list")
                continue
            field = replace(fact, units=(unit,))
            if isinstance(owner.rows, Mapping):
                facts[unit] = replace(owner, rows={**owner.rows, fact.name: field})
            else:
                facts[unit] = replace(owner, edge={**owner.edge, fact.name: field})
        if inside and fact.type != "list":
            units = tuple(unit for unit in fact.units if unit in _BOTH)
            if units:
                facts[fact.name] = replace(fact, units=units)
            else:
                del facts[fact.name]
    return facts


def _values(fields: Fields, type_: FactType) -> tuple[str, ...]:
    """The values of a text."""
    item = fields.get("values")
    if item is None:
        return ()
    if type_ != "text" or not isinstance(item.value, tuple) or not item.value:
        fields.faults.add(item.spot, "values 是文字型的清单", "values is a list, for type text")
        return ()
    return fields.texts("values")


def _bounds(fields: Fields, type_: FactType) -> tuple[Fraction | None, Fraction | None]:
    """min and max; of money in fen."""
    found: list[Fraction | None] = []
    for key in ("min", "max"):
        item = fields.get(key)
        if item is not None and type_ not in ("int", "number", "money"):
            fields.faults.add(item.spot, f"{key} 只用于数和金额", f"{key} is for numbers and money")
            item = None
        digits = {"money": MONEY_DIGITS, "int": 0}.get(type_, NUMBER_DIGITS)
        value = None if item is None else exact(item, fields.faults, digits=digits)
        found.append(value * 100 if value is not None and type_ == "money" else value)
    low, high = found
    if low is not None and high is not None and low > high:
        fields.faults.add(fields.items["min"].spot, "min 大于 max", "min is above max")
    return low, high


def _for_good(fields: Fields, type_: FactType) -> tuple[str | bool, ...]:
    """Values that do not grow stale: of a text, or yes or no."""
    item = fields.get("for_good")
    if item is None:
        return ()
    known = fields.texts("values") if type_ == "text" else (True, False) if type_ == "yesno" else ()
    found = tuple(part.value for part in item.value) if isinstance(item.value, tuple) else ()
    if "good_for" not in fields or not found or any(value not in known for value in found):
        fields.faults.add(item.spot, "for_good 是清单，写在 good_for 之外不会过期的值", "for_good lists values that outlast good_for")
        return ()
    return found  # type: ignore[return-value]  # texts or booleans: they are among the known ones


def _span(fields: Fields) -> Span | None:
    """`180 days`, `12 months`, `1 year`."""
    item = fields.get("good_for")
    text = None if item is None else text_of(item, fields.faults)
    if item is None or text is None:
        return None
    match = _SPAN.fullmatch(text)
    if match is None:
        fields.faults.add(item.spot, f"{text} 不是时长，如 180 days", f"{text} is no length of time such as 180 days")
        return None
    n = int(match[1])
    return Span(**{f"{match[2]}s": n})
