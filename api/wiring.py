"""The one place where a command gets its store, its catalogue and its engine: each made when it is first asked for."""

import datetime as dt
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from api.audit import Chain
from api.errors import BadRequest, NotFound
from api.listed import Listings, in_force, read_listings, revision_of
from api.settings import Lang, Settings, key_file_of, language_of, neo4j_options
from api.terminal import Screen
from graph.identity import Identity, load_or_make_key
from graph.open import is_there, open_store
from graph.store import GraphStore
from matcher.catalogue import Catalogue
from matcher.loader import load_catalogue
from matcher.pipeline import Engine

OPENED = ("store", "store_for_identity", "chain", "shipped")
CHINA = dt.timezone(dt.timedelta(hours=8))
"""The day of a question is a day in China."""


@dataclass
class Desk:
    """What a command works with. The root command puts the global options into `settings` before any other command runs."""

    settings: Settings
    opened: list[GraphStore] = field(default_factory=list)

    @property
    def lang(self) -> Lang:
        """The language of everything that is shown."""
        return self.settings.lang

    @cached_property
    def screen(self) -> Screen:
        """Where results go."""
        return Screen(self.lang)

    @cached_property
    def shipped(self) -> Catalogue:
        """The checked catalogue of the folder. Raises CatalogueError, NotFound."""
        return load_catalogue(existing_folder(self.settings.catalogue))

    @cached_property
    def listings(self) -> Listings:
        """Projects of charities that were approved; none where there is no store yet."""
        return read_listings(self.store) if "store" in self.__dict__ or is_there(self.settings.store) else Listings()

    @cached_property
    def catalogue(self) -> Catalogue:
        """What holds: the folder's catalogue and the projects that were approved. Raises CatalogueError, NotFound."""
        return in_force(self.shipped, self.listings.projects)

    @cached_property
    def engine(self) -> Engine:
        """The catalogue ready to answer."""
        return Engine(self.catalogue)

    @cached_property
    def store(self) -> GraphStore:
        """The store, with the identity key if there is a file with one."""
        path = key_file_of(self.settings)
        return self._open(load_or_make_key(path) if path is not None and path.exists() else None)

    @cached_property
    def chain(self) -> Chain:
        """The audit of the store."""
        return Chain(self.store)

    @cached_property
    def store_for_identity(self) -> GraphStore:
        """The store with its identity key, which is made if there is none: for writing names, ID cards and phones."""
        path = key_file_of(self.settings)
        return self._open(load_or_make_key(path) if path is not None else None)

    @property
    def identity(self) -> Identity | None:
        """What decrypts names; None without a key file."""
        path = key_file_of(self.settings)
        return self.store.identity if path is not None and path.exists() else None

    def use(self, *, store: str | None, catalogue: Path | None, lang: str | None) -> None:
        """Take the global options over the environment."""
        self.settings = replace(
            self.settings,
            store=store or self.settings.store,
            catalogue=catalogue or self.settings.catalogue,
            lang=language_of(lang) if lang else self.settings.lang,
        )

    def speaking(self, lang: Lang) -> "Desk":
        """The same desk in another language: store, catalogue and engine are shared."""
        other = Desk(replace(self.settings, lang=lang), self.opened)
        other._take(self, *OPENED, "listings", "catalogue", "engine")
        return other

    def renewed(self) -> "Desk":
        """This desk, or one with the projects of now if any was approved, paused or withdrawn since this one was made."""
        if revision_of(self.store) == self.listings.revision:
            return self
        other = Desk(self.settings, self.opened)
        other._take(self, *OPENED)
        other.engine.program(other.today())
        return other

    def today(self) -> dt.date:
        """The day on which this is run."""
        return dt.datetime.now(CHINA).date()

    def now(self) -> dt.datetime:
        """This moment."""
        return dt.datetime.now(dt.UTC)

    def close(self) -> None:
        """Let go of every store that was opened."""
        for store in self.opened:
            store.close()

    def _take(self, other: "Desk", *names: str) -> None:
        """Share what another desk has made of these."""
        self.__dict__.update({name: other.__dict__[name] for name in names if name in other.__dict__})

    def _open(self, key: bytes | None) -> GraphStore:
        address = self.settings.store
        store = open_store(address, key=key, neo4j=neo4j_options(self.settings, address))
        self.opened.append(store)
        return store


def existing_folder(folder: Path) -> Path:
    """The folder itself. Raises NotFound where there is none."""
    if not folder.is_dir():
        raise NotFound(f"没有找到文件夹 {folder}", f"there is no folder {folder}")
    return folder


def day_of(text: str | None, default: dt.date) -> dt.date:
    """2026-08-01, 2026/8/1, 20260801 or 2026年8月1日. Raises BadRequest."""
    if text is None:
        return default
    plain = text.strip().replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-")
    try:
        parts = [int(part) for part in plain.split("-")]
        return dt.date(*parts) if len(parts) == 3 else dt.datetime.strptime(plain, "%Y%m%d").replace(tzinfo=CHINA).date()
    except (ValueError, TypeError):
        raise BadRequest(f"日期“{text}”看不懂，请写作 2026-08-01", f"{text!r} is no date: write 2026-08-01") from None


def end_of(day: dt.date) -> dt.datetime:
    """The last moment of a day in China: what was recorded on it counts."""
    return dt.datetime.combine(day, dt.time.max, CHINA)
