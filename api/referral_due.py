"""Discussions that rules open in a region, some households at a time.

Where the region was matched on the day by the same catalogue, what was kept of a household says whether a rule opens one for it: only who
changed since, or was not there, is answered again.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from api.batch import Batch, homes_in, kept_results, newest_run
from api.ranking import changed_at
from api.referral_open import RULE, Actor, Opened, Opening, by_rule, open_in
from api.referral_rows import procedure_of
from api.wiring import Desk
from graph.store import Tables, Writer
from matcher.batch import results_for
from matcher.kept import Result

TOGETHER = 250
"""Households read at once, and discussions opened in one unit."""


def open_due(desk: Desk, region: str, told: Callable[[int], None] = lambda _: None) -> Iterator[Opened]:
    """Open a discussion for every household of a region for which a rule says so; `told` hears how many more households are done.

    Raises: NotFound if the catalogue says nothing of discussions.
    """
    procedure_of(desk.catalogue.referrals, "discussion")
    day = desk.today()
    run = newest_run(desk.store, region, day)
    kept = _Kept(desk, run) if run is not None and run.catalogue == desk.catalogue.hash else None
    for homes in homes_in(desk.store, region, day):
        ids = sorted(homes)
        for first in range(0, len(ids), TOGETHER):
            some = ids[first : first + TOGETHER]
            due = [
                one
                for result in _results(desk, some, day, kept)
                if (one := by_rule(desk.store, desk.catalogue, result, homes[result.household]))
            ]
            yield from _open(desk, due, day)
            told(len(some))


class _Kept:
    """What a run kept, read along in the order of ids."""

    def __init__(self, desk: Desk, run: Batch) -> None:
        self.since = run.begun_at
        self._results = kept_results(desk.store, run.id)
        self._next = next(self._results, None)

    def of(self, some: Sequence[str]) -> dict[str, Result]:
        """The results of these households, which come after those that were asked for before."""
        wanted, found = set(some), {}
        while self._next is not None and self._next[1].household <= some[-1]:
            if self._next[1].household in wanted:
                found[self._next[1].household] = self._next[1]
            self._next = next(self._results, None)
        return found


def _results(desk: Desk, some: Sequence[str], day: dt.date, kept: _Kept | None) -> list[Result]:
    """What each household can get and still lacks on the day."""
    tables = desk.store.neighbourhoods(list(some))
    there = set(tables["Household"].get_column("id").to_list())
    known = {} if kept is None else _unchanged(tables, kept.of(some), kept.since)
    asked = [home for home in some if home in there and home not in known]
    answered = {result.household: result for result in results_for(desk.engine, tables, asked, day)} if asked else {}
    return [one for home in some if (one := known.get(home) or answered.get(home)) is not None]


def _unchanged(tables: Tables, found: dict[str, Result], since: dt.datetime) -> dict[str, Result]:
    """Those of the results that still hold."""
    changed = changed_at(tables, list(found))
    return {home: result for home, result in found.items() if changed.get(home, since) <= since}


def _open(desk: Desk, due: Sequence[Opening], day: dt.date) -> list[Opened]:
    """Open them in one unit, each unless its matter is open or rests."""
    if not due:
        return []
    actor, now = Actor(RULE, "officer"), desk.now()

    def unit(writer: Writer) -> list[Opened]:
        return [open_in(writer, desk.catalogue.referrals, what, actor, now, day) for what in due]

    return desk.store.write(unit)
