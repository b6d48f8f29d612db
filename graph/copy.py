"""A graph moved from one store to another, kind after kind, in the order of the keys; what was copied before a stop is not copied again.

Where the copy stands is kept in the target itself, in the same unit as the rows: a kill at any moment loses nothing and doubles nothing.
At the end both stores are read once more and compared, kind by kind: how many rows, and a hash of what is in them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from graph.errors import CopyDiffers, TargetHolds
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.store import GraphStore, Writer

BATCH = 2_000
MARK = "copy"
"""The Meta node of the target that says whence it is copied and how far; gone when the copy is whole."""
KINDS = (*NODE_KINDS, *EDGE_KINDS)
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Content:
    """What a store holds of one kind: how many rows, and a hash of all of them."""

    rows: int
    hash: str


def rows_of(store: GraphStore) -> int:
    """All nodes and edges, the mark of a copy left out."""
    return sum(store.count(kind) for kind in KINDS) - (store.get("Meta", MARK) is not None)


def copy_graph(source: GraphStore, target: GraphStore, *, name: str, into_full: bool, advance: Advance) -> dict[str, Content]:
    """Copy everything, compare, and say what there is by kind.

    Args:
        name: of the source; a copy that was cut short goes on only from the same one.
        into_full: also into a target that holds something else; rows of the same key are written over, others stay.
        advance: hears how many more rows are there.

    Raises:
        TargetHolds: the target is not empty, and not asked for.
        CopyDiffers: the stores differ after the copy.
    """
    state = _begin(target, name, into_full=into_full)
    for place, kind in enumerate(KINDS):
        done = state["done"] if place == state["at"] else source.count(kind) if place < state["at"] else 0
        advance(done)
        if place >= state["at"]:
            _copy_kind(source, target, kind, _Mark(state, place, done), advance)
    target.index_profiles()
    found = {kind: content(source, kind) for kind in KINDS}
    if not state["full"]:
        _compare(found, {kind: content(target, kind) for kind in KINDS}, target, state)
    target.write(lambda writer: writer.delete("Meta", [MARK]))
    return found


def content(store: GraphStore, kind: str) -> Content:
    """What a store holds of a kind; the same in every store that holds the same."""
    total, rows = hashlib.sha256(), 0
    for frame in _scan(store, kind):
        kept = frame.filter(pl.col("id") != MARK) if kind == "Meta" else frame
        rows += kept.height
        for row in kept.iter_rows(named=True):
            told = {key: value for key, value in row.items() if value is not None}
            total.update(json.dumps(told, sort_keys=True, ensure_ascii=False, default=str).encode() + b"\n")
    return Content(rows, total.hexdigest())


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far the copy is: the kind by its place, and how many of its rows are there."""

    state: dict[str, Any]
    place: int
    done: int

    def after(self, more: int) -> dict[str, str]:
        """The row of the mark when so many more rows are there."""
        return {"id": MARK, "value": json.dumps({**self.state, "at": self.place, "done": self.done + more})}


def _begin(target: GraphStore, name: str, *, into_full: bool) -> dict[str, Any]:
    stored = target.get("Meta", MARK)
    state: dict[str, Any] = json.loads(stored["value"]) if stored else {}
    if state and state["from"] == name:
        return state
    full = rows_of(target) > 0
    if full and not into_full:
        raise TargetHolds(
            "目标图库里已有别的数据，没有复制；请换一个空图库，或加 --into-full 写进去",
            "the target holds something else, nothing was copied; choose an empty one, or write into it with --into-full",
        )
    state = {"from": name, "at": 0, "done": 0, "full": full}
    target.write(lambda writer: writer.upsert_nodes("Meta", [{"id": MARK, "value": json.dumps(state)}]))
    return state


def _copy_kind(source: GraphStore, target: GraphStore, kind: str, mark: _Mark, advance: Advance) -> None:
    seen = 0
    for frame in _scan(source, kind):
        new = frame.slice(max(0, mark.done - seen))
        seen += frame.height
        if new.height:
            rows = [row for row in new.to_dicts() if (kind, row.get("id")) != ("Meta", MARK)]
            told = mark.after(seen - mark.done)
            target.write(lambda writer, rows=rows, told=told: _put(writer, kind, rows, told))  # type: ignore[misc]  # bound now
            advance(new.height)


def _put(writer: Writer, kind: str, rows: list[dict[str, Any]], mark: dict[str, str]) -> None:
    (writer.upsert_nodes if kind in NODE_KINDS else writer.upsert_edges)(kind, rows)
    writer.upsert_nodes("Meta", [mark])


def _scan(store: GraphStore, kind: str) -> Iterator[pl.DataFrame]:
    return store.scan_nodes(kind, batch=BATCH) if kind in NODE_KINDS else store.scan_edges(kind, batch=BATCH)


def _compare(source: dict[str, Content], copied: dict[str, Content], target: GraphStore, state: dict[str, Any]) -> None:
    differ = [kind for kind in KINDS if source[kind] != copied[kind]]
    if differ:
        anew = json.dumps({**state, "at": 0, "done": 0})  # the next run begins again
        target.write(lambda writer: writer.upsert_nodes("Meta", [{"id": MARK, "value": anew}]))
        raise CopyDiffers(
            f"复制后两边不一致：{'、'.join(differ)}。复制期间可能有人写入，请停止写入后再运行一次",
            f"the two differ after the copy: {', '.join(differ)}. Somebody may have written meanwhile: stop that and run it again",
        )
