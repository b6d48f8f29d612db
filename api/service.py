"""What the running service holds: the desk in both languages, how often a sign-in failed, and its counters."""

import threading
import time
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from api.errors import TooMany
from api.listed import revision_of
from api.page_cache import PageCache
from api.settings import Lang
from api.tickets import Tickets
from api.wiring import Desk

WINDOW = 15 * 60  # seconds
MOST_FAILURES = 10
REMEMBERED = 10_000


class Attempts:
    """Failed sign-ins by (account, address): after ten in a quarter of an hour one waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: dict[tuple[str, str], list[float]] = {}

    def check(self, account: str, address: str) -> None:
        """Raises TooMany."""
        with self._lock:
            recent = self._recent((account, address))
            if len(recent) >= MOST_FAILURES:
                seconds = int(recent[0] + WINDOW - time.monotonic()) + 1
                raise TooMany(
                    f"登录失败次数过多，请在 {seconds // 60 + 1} 分钟后再试",
                    f"too many failed sign-ins: try again in {seconds // 60 + 1} minutes",
                    seconds=seconds,
                )

    def failed(self, account: str, address: str) -> None:
        """Remember one that failed."""
        with self._lock:
            if len(self._failed) >= REMEMBERED:
                self._failed = {who: self._recent(who) for who in list(self._failed) if self._recent(who)}
            self._failed.setdefault((account, address), []).append(time.monotonic())

    def succeeded(self, account: str, address: str) -> None:
        """Forget those that failed."""
        with self._lock:
            self._failed.pop((account, address), None)

    def _recent(self, who: tuple[str, str]) -> list[float]:
        since = time.monotonic() - WINDOW
        return [at for at in self._failed.get(who, ()) if at > since]


class Metrics:
    """Counters of one application; routes are named by their template, never by an address that was called."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter("aidgraph_requests", "Requests answered", ("method", "route", "status"), registry=self.registry)
        self.seconds = Histogram(
            "aidgraph_request_seconds",
            "Time to answer",
            ("method", "route"),
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )


@dataclass
class Service:
    """Made once for an application. `desk`: opened with its identity key."""

    opened: Desk
    attempts: Attempts = field(default_factory=Attempts)
    metrics: Metrics = field(default_factory=Metrics)
    _desks: dict[tuple[int, Lang], Desk] = field(default_factory=dict)
    _renewing: threading.Lock = field(default_factory=threading.Lock)
    pages: PageCache = field(default_factory=PageCache)
    tickets: Tickets = field(default_factory=Tickets)

    @property
    def lang(self) -> Lang:
        """The language where nobody asks for one."""
        return self.opened.lang

    def desk(self, lang: Lang, revision: int | None = None) -> Desk:
        """The desk in a language, with the projects that are approved at this moment; `revision`: of these, if it was read already."""
        if (revision_of(self.opened.store) if revision is None else revision) != self.opened.listings.revision:
            self._renew()
        opened = self.opened
        key = (opened.listings.revision, lang)
        if key not in self._desks:
            self._desks[key] = opened.speaking(lang)
        return self._desks[key]

    def _renew(self) -> None:
        """Compile anew; who asks meanwhile waits."""
        with self._renewing:
            self.opened = self.opened.renewed()
            self._desks = {key: desk for key, desk in self._desks.items() if key[0] == self.opened.listings.revision}
