"""YAML text to plain values that know where they stand. First step of reading a catalogue or a file of cases.

A strict part of YAML: only `true` and `false` are booleans (`on`, `yes`, `no` stay text, as keys too), keys are text and
stand once, numbers are exact, tags are refused. Several documents may stand in one text; anchors and aliases work.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import yaml

from matcher.errors import CatalogueError, Fault
from matcher.language import Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # libyaml is not everywhere; the slow one reads the same
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Scalar = None | bool | int | Decimal | dt.date | str
Plain = Scalar | list["Plain"] | dict[str, "Plain"]

MOST_ITEMS = 1_000_000
"""Values in one text, aliases counted as often as they stand; more is taken for a mistake."""

_WHOLE = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DEFAULT_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}


@dataclass(frozen=True, slots=True)
class Item:
    """One value and its place.

    `value`: a scalar, a tuple of items, or a mapping from key to item. `spot`: where the value begins.
    `key_line`: the line of the key that it stands under (its own, where there is none). `text`: a scalar as written.
    """

    value: Scalar | tuple[Item, ...] | Mapping[str, Item]
    spot: Spot
    key_line: int
    text: str = ""

    @property
    def key_spot(self) -> Spot:
        """Where its key stands."""
        return Spot(self.spot.file, self.key_line, self.spot.path)

    def plain(self) -> Plain:
        """The value without places: scalars, lists and dicts."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value  # type: ignore[return-value]


def text_of(path: Path, name: str) -> str:
    """The text of a file; `name` is its name in messages. Raises CatalogueError where it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        fault = Fault(name, 1, "", "文件不是 UTF-8 编码，请另存为 UTF-8", "the file is not UTF-8: save it as UTF-8")
        raise CatalogueError((fault,)) from None


def read_yaml(text: str, file: str, *, most: int = MOST_ITEMS) -> tuple[Item, ...]:
    """All documents of a text, empty ones left out.

    Args:
        text: YAML.
        file: the name that places and messages carry.
        most: values that may stand in the text.

    Raises:
        CatalogueError: every fault of the text: syntax, keys that repeat, keys without a value in `{…}` (what is left of
            an expression cut at a comma), tags, circles of aliases.
    """
    builder = _Builder(file, most)
    items = [builder.item(node, "", node.start_mark.line + 1) for node in _nodes(text, builder)]
    if builder.faults:
        raise CatalogueError(tuple(builder.faults))
    return tuple(item for item in items if item.value is not None)


def item_of(plain: object, spot: Spot) -> Item:
    """A plain value as an item that stands as a whole at `spot`."""
    value: Scalar | tuple[Item, ...] | Mapping[str, Item]
    if isinstance(plain, (list, tuple)):
        value = tuple(item_of(part, Spot(spot.file, spot.line, f"{spot.path}[{i}]")) for i, part in enumerate(plain))
        return Item(value, spot, spot.line)
    if isinstance(plain, dict):
        value = {str(key): item_of(part, Spot(spot.file, spot.line, join(spot.path, str(key)))) for key, part in plain.items()}
        return Item(value, spot, spot.line)
    if plain is not None and not isinstance(plain, (bool, int, Decimal, dt.date, str)):
        plain = str(plain)
    return Item(plain, spot, spot.line, "" if plain is None else str(plain))


def join(path: str, key: str) -> str:
    """The path of `key` below `path`."""
    return f"{path}.{key}" if path else key


def day_of(value: object) -> dt.date | None:
    """A date, or one written as 2026-01-31; None for anything else."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, dt.date) else None


def _nodes(text: str, builder: _Builder) -> Iterator[yaml.Node]:
    """The documents as nodes; a syntax error ends them and becomes a fault."""
    try:
        loader = _Loader(text)
    except yaml.YAMLError as error:
        builder.syntax(error)
        return
    loader.yaml_implicit_resolvers = {}
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                yield node
    except yaml.YAMLError as error:
        builder.syntax(error)
    finally:
        loader.dispose()


class _Builder:
    """Turns the nodes of one file into items and gathers what is wrong with them."""

    def __init__(self, file: str, most: int) -> None:
        self.file, self.most = file, most
        self.faults: list[Fault] = []
        self.open: set[int] = set()
        self.count = 0

    def item(self, node: yaml.Node, path: str, key_line: int) -> Item:
        """The item of a node, or an empty one where the node is refused."""
        spot = Spot(self.file, node.start_mark.line + 1, path)
        self.count += 1
        if node.tag not in _DEFAULT_TAGS:
            self.fault(spot, f"不接受标签 {node.tag}", f"tags are refused: {node.tag}")
        elif id(node) in self.open:
            self.fault(spot, "别名指向了包含它自己的值", "an alias stands inside what it names")
        elif self.count > self.most:
            if self.count == self.most + 1:
                self.fault(spot, f"值超过 {self.most} 个", f"more than {self.most} values")
        elif isinstance(node, yaml.ScalarNode):
            return Item(_scalar(node), spot, key_line, node.value)
        else:
            self.open.add(id(node))
            value = self.mapping(node, path) if isinstance(node, yaml.MappingNode) else self.sequence(node, path)
            self.open.discard(id(node))
            return Item(value, spot, key_line)
        return Item(None, spot, key_line)

    def sequence(self, node: yaml.Node, path: str) -> tuple[Item, ...]:
        """The items of a list, in order."""
        return tuple(self.item(part, f"{path}[{i}]", part.start_mark.line + 1) for i, part in enumerate(node.value))

    def mapping(self, node: yaml.MappingNode, path: str) -> dict[str, Item]:
        """Key to item; refused keys are left out."""
        found: dict[str, Item] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            spot = Spot(self.file, line, join(path, key.value if isinstance(key, yaml.ScalarNode) else "?"))
            if not isinstance(key, yaml.ScalarNode) or key.tag not in _DEFAULT_TAGS:
                self.fault(spot, "键必须是一个词", "a key must be one word")
            elif key.value in found:
                self.fault(spot, f"键 {key.value} 出现两次", f"the key {key.value} stands twice")
            elif node.flow_style and isinstance(value, yaml.ScalarNode) and not value.style and value.value == "":
                self.fault(spot, *_cut(key.value))
            else:
                found[key.value] = self.item(value, spot.path, line)
        return found

    def fault(self, spot: Spot, zh: str, en: str) -> None:
        """Note one fault."""
        self.faults.append(Fault(spot.file, spot.line, spot.path, zh, en))

    def syntax(self, error: yaml.YAMLError) -> None:
        """Note a syntax error with its line and what the reader of YAML says."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        reason = " ".join(part for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part)
        reason = reason or str(error).replace("\n", " ")
        self.fault(
            Spot(self.file, mark.line + 1 if mark else 1, ""),
            f"不是合法的 YAML：{reason}（含逗号、冒号或 # 的内容请加引号）",
            f"not YAML: {reason} (quote what holds a comma, a colon or a #)",
        )


def _cut(key: str) -> tuple[str, str]:
    """Reasons for a key that has no value inside `{…}`."""
    return (
        f"“{key}”没有值：多半是表达式在逗号处被截断，请给整个表达式加引号",
        f"`{key}` has no value: an expression was cut at its comma, quote the whole expression",
    )


def _scalar(node: yaml.ScalarNode) -> Scalar:
    """What a scalar means; quoted and block text is text."""
    text: str = node.value
    if node.style:
        return text
    if text in ("true", "false"):
        return text == "true"
    if text in ("", "~", "null"):
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return day_of(text) or text
