"""The audit: who read or wrote which household, when, in which request; never a name, never a value.

Entries are numbered and chained: each carries a keyed hash over itself and the hash of the one before, and the last number and
hash stand apart. Whoever changes, takes out or puts in an entry without the key breaks the chain, and `verify` says where.
"""

import datetime as dt
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graph.identity import Identity
from graph.store import GraphStore, Writer

Action = Literal["find", "read", "create", "change", "withdraw", "refused", "sign-in", "sign-out"]
HEAD = "audit-head"
"""The Meta node with number and hash of the last entry."""
CHAINED = ("at", "account", "api_key", "action", "permission", "household", "request", "before")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that an account did. `household` is "" where it was about none."""

    account: str
    action: Action
    permission: str
    request: str
    household: str = ""
    api_key: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """How many entries there are, and the number of the first that is not as it was written (None: all are)."""

    entries: int
    broken: int | None


class Chain:
    """The chain's end as one process last saw it, so that an entry takes one question; where others have gone on, it is read anew."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._end: tuple[int, str] | None = None

    def add(self, entries: Sequence[Entry], now: dt.datetime) -> None:
        """Write entries as a unit of their own: for reads, before anything is shown."""
        if not entries:
            return
        store = self._store
        with self._lock:
            if self._end is None:
                self._end = _head(store.get("Meta", HEAD))
            rows, end = _chained(store.identity, self._end, entries, now)
            if not (self._end[0] and store.put_if("Meta", HEAD, _meta(self._end), {"AuditEntry": rows, "Meta": [_meta(end)]})):
                end = store.write(lambda writer: note(writer, store.identity, entries, now))
            self._end = end


def note(writer: Writer, identity: Identity, entries: Sequence[Entry], now: dt.datetime) -> tuple[int, str]:
    """Write entries within the unit that does what they tell of; number and hash of the last one."""
    end = _head(writer.get("Meta", HEAD))  # locked until the unit ends, so that numbers follow one another
    rows, end = _chained(identity, end, entries, now)
    writer.upsert_nodes("AuditEntry", rows)
    writer.upsert_nodes("Meta", [_meta(end)])
    return end


def _chained(
    identity: Identity, end: tuple[int, str], entries: Sequence[Entry], now: dt.datetime
) -> tuple[list[dict[str, Any]], tuple[int, str]]:
    """The rows of entries that follow on the end of the chain, and its end after them."""
    number, before = end
    rows: list[dict[str, Any]] = []
    for entry in entries:
        number += 1
        row = {"id": _id(number), "at": now, "before": before, **{name: getattr(entry, name) for name in Entry.__slots__}}
        before = row["hash"] = _hash(identity, row)
        rows.append(row)
    return rows, (number, before)


def verify(store: GraphStore) -> Verified:
    """Go through the whole chain."""
    identity, number, before = store.identity, 0, ""
    for frame in store.scan_nodes("AuditEntry"):
        for row in frame.iter_rows(named=True):
            number += 1
            stands = row["id"] == _id(number) and (row["before"] or "") == before and row["hash"] == _hash(identity, row)
            if not stands:
                return Verified(number, number)
            before = row["hash"]
    last, hash_ = _head(store.get("Meta", HEAD))
    return Verified(number, None if (last, hash_) == (number, before) else number + 1)


def _head(stored: dict[str, Any] | None) -> tuple[int, str]:
    if stored is None:
        return 0, ""
    number, _, hash_ = str(stored["value"]).partition(":")
    return int(number), hash_


def _meta(end: tuple[int, str]) -> dict[str, Any]:
    return {"id": HEAD, "value": f"{end[0]}:{end[1]}"}


def _id(number: int) -> str:
    return f"{number:016d}"


def _hash(identity: Identity, row: dict[str, Any]) -> str:
    """Over every part of an entry; blank and absent are the same, as they are in the store."""
    parts = [row["id"], row["at"].astimezone(dt.UTC).isoformat(), *(row.get(name) or "" for name in CHAINED[1:])]
    return identity.proof(json.dumps(parts, ensure_ascii=False))
