"""difficulty.yaml: indicators with points, circles, categories; their conditions are read like those of policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.difficulty import FULL, Group, Indicator, Level, Scale
from matcher.loader_expressions import Wanted, read_expression
from matcher.loader_fields import Faults, Fields, id_of
from matcher.scope import HOUSEHOLD

if TYPE_CHECKING:
    from matcher.language import Expression
    from matcher.parse_names import Names
    from matcher.yaml_source import Item

HOLDS = Wanted(HOUSEHOLD, "yesno")


def read_difficulty(items: list[Item], names: Names, faults: Faults) -> Scale:
    """The one document of difficulty.yaml; an empty scale where there is none."""
    for extra in items[1:]:
        faults.add(extra.spot, "difficulty.yaml 只能有一个文档", "difficulty.yaml is one document")
    if not items:
        return Scale()
    fields = Fields(items[0], ("indicators", "circles", "categories"), faults)
    indicators = [one for item in _entries(fields, "indicators") if (one := _indicator(item, names, faults)) is not None]
    circles, categories = (_groups(fields, key, names, faults) for key in ("circles", "categories"))
    for key, some in (("indicators", indicators), ("circles", circles), ("categories", categories)):
        ids = [one.id for one in some]
        if len(set(ids)) < len(ids):
            faults.add(fields.items[key].spot, f"{key} 中有重复的 id", f"{key} names an id twice")
    most = sum(max((level.points for level in one.levels), default=0) for one in indicators)
    if most > FULL:
        faults.add(fields.items["indicators"].spot, f"最高可得 {most} 分，超过 {FULL}", f"{most} points can be reached, more than {FULL}")
    return Scale(tuple(indicators), circles, categories)


def _entries(fields: Fields, key: str) -> tuple[Item, ...]:
    """The list under a key."""
    item = fields.get(key)
    if item is None:
        return ()
    if isinstance(item.value, tuple):
        return item.value
    fields.faults.add(item.spot, f"{key} 要写清单", f"{key} is a list")
    return ()


def _indicator(item: Item, names: Names, faults: Faults) -> Indicator | None:
    fields = Fields(item, ("id", "label", "why", "levels"), faults)
    id_, label, why = id_of(fields), fields.words("label"), fields.words("why")
    levels = [one for entry in _entries(fields, "levels") if (one := _level(entry, names, faults)) is not None]
    if not levels:
        faults.add(item.spot, "指标至少要有一级", "an indicator needs at least one level")
    return None if id_ is None else Indicator(id_, label, why, tuple(levels))


def _level(item: Item, names: Names, faults: Faults) -> Level | None:
    fields = Fields(item, ("points", "says", "when"), faults)
    if fields.need("points") is None:
        return None
    points, says, when = fields.whole("points"), fields.words("says"), _condition(fields, names, faults)
    return None if points is None or when is None else Level(points, says, when)


def _groups(fields: Fields, key: str, names: Names, faults: Faults) -> tuple[Group, ...]:
    return tuple(one for item in _entries(fields, key) if (one := _group(item, names, faults)) is not None)


def _group(item: Item, names: Names, faults: Faults) -> Group | None:
    fields = Fields(item, ("id", "label", "when"), faults)
    id_, label, when = id_of(fields), fields.words("label"), _condition(fields, names, faults)
    return None if id_ is None or when is None else Group(id_, label, when)


def _condition(fields: Fields, names: Names, faults: Faults) -> Expression | None:
    """A condition on the household."""
    item = fields.need("when")
    return None if item is None else read_expression(item, HOLDS, names, faults, tiers=False)
