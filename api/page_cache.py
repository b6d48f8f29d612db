"""Pages of households that were asked for before, given again as long as nothing that they were made of has changed.

The tables of the neighbourhood are read anew for every request and compared in full, so that a change of the household, of anybody in it,
of who owes them support or of helpers near is never missed; the catalogue, the day and the language
are part of what a page is kept under. What is saved is the engine's work, and `bundle`, `explain`, `ask` and `needs` share it.
"""

import datetime as dt
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b

from api.page import Page, neighbourhood, page_of
from api.wiring import Desk
from graph.row_tables import RowTables
from graph.store import Tables

KEPT = 64
"""Pages at most, those asked for last; each takes a megabyte or two."""
Key = tuple[str, dt.date, dt.date | None, bool, str, str]


@dataclass(slots=True)
class _Entry:
    """One page, and the mark of what it was made of. The lock lets one thread make it while others wait for it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    mark: bytes = b""
    page: Page | None = None


class PageCache:
    """The pages that one service keeps; threads share it. `kept`: at most so many, 0 for none."""

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept
        self.hits = self.misses = 0
        self._entries: OrderedDict[Key, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def page(
        self,
        desk: Desk,
        household: str,
        as_of: dt.date,
        known_by: dt.date | None = None,
        *,
        near: bool = False,
        tables: Tables | None = None,
    ) -> Page:
        """The page, made anew unless the same one was made of the same. Raises NotFound.

        Args:
            tables: its neighbourhood, if it was read already.
        """
        tables = neighbourhood(desk.store, household) if tables is None else tables
        mark = mark_of(tables)
        entry = self._entry((household, as_of, known_by, near, desk.lang, desk.catalogue.hash))
        with entry.lock:
            if entry.page is None or entry.mark != mark:
                self.misses += 1
                entry.page, entry.mark = page_of(desk, household, as_of, known_by, near=near, tables=tables), mark
            else:
                self.hits += 1
            return entry.page

    def _entry(self, key: Key) -> _Entry:
        """The entry under this key, a new one that nobody keeps where none are kept."""
        with self._lock:
            entry = self._entries.pop(key, None) or _Entry()
            if self.kept:
                self._entries[key] = entry
            while len(self._entries) > self.kept:
                self._entries.popitem(last=False)
            return entry


def mark_of(tables: Tables) -> bytes:
    """A digest of every row of the tables."""
    if isinstance(tables, RowTables):
        return tables.digest()
    digest = blake2b(digest_size=20)
    for kind, frame in tables.items():
        if frame.height:
            digest.update(repr((kind, frame.columns, frame.rows())).encode())
    return digest.digest()
