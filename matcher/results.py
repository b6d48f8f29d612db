"""From questions settled together to what is kept of each household.

In: a settled run (`matcher.pipeline.settle`) and what is on file besides (`matcher.supply`). Out: one Result for each household,
read off the columns a whole policy at a time; items and residual are those of the household's bundle. Source: design sections 8 and 12.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matcher.bundle import TIMES
from matcher.catalogue import LAYERS
from matcher.caveats import IN_THE_WAY, asked_for, caveats_of
from matcher.difficulty import assess
from matcher.kept import KeptItem, Left, Result, Short
from matcher.ledger import OPEN
from matcher.scope import HOUSEHOLD, PERSON
from matcher.short import one_short

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from matcher.catalogue import PolicyVersion
    from matcher.difficulty import Difficulty
    from matcher.items import Status
    from matcher.kept import Reason
    from matcher.pipeline import Settled
    from matcher.supply import OnFile

Array = np.ndarray
Ends = tuple[int | None, int | None]
NOTHING: Ends = (None, None)
STANDS: dict[str, Reason] = {
    "refused": "refused",
    "no_consent": "no_consent",
    "closed": "closed",
    "budget": "budget",
    "no_supply_near": "no_supply_near",
}
"""Caveats of what one is eligible for, as reasons for a need that stays open."""


def results_of(done: Settled, on_file: OnFile, questions: Iterable[int], *, as_of: dt.date) -> list[Result]:
    """The results of some questions of a settled run, by number, in their order."""
    return _Reader(done, on_file, sorted(questions), as_of).results()


class Rows:
    """The rows of a unit in each question's best world: `at` in the frame, `asked` by whom, `ids` who they are."""

    def __init__(self, done: Settled, unit: str, questions: list[int]) -> None:
        size = done.frames.height(unit) // done.blocks
        table = done.frames.part(unit, ("q", "id", "inside")).head(size)
        wanted, best = np.zeros(len(done.best), dtype=bool), np.array(done.best, dtype=np.int64)
        wanted[questions] = True
        asked = table.get_column("q").to_numpy()
        kept = np.flatnonzero(table.get_column("inside").to_numpy() & wanted[asked])
        self.at = best[asked[kept]] * size + kept
        self.asked: list[int] = asked[kept].tolist()
        self.ids: list[str] = table.get_column("id").gather(kept).to_list()


class _Reader:
    """Reads one settled run."""

    def __init__(self, done: Settled, on_file: OnFile, questions: list[int], as_of: dt.date) -> None:
        self.done, self.questions, self.as_of = done, questions, as_of
        self.live, self.ledger, self.program = done.frames.live, done.scratch["ledger"], done.program
        self.catalogue = done.program.catalogue
        self.rows = {unit: Rows(done, unit, questions) for unit in (HOUSEHOLD, PERSON)}
        homes, people = self.rows[HOUSEHOLD], self.rows[PERSON]
        self.home = dict(zip(homes.asked, homes.ids, strict=True))
        self.place = {q: n for n, q in enumerate(homes.asked)}
        self.members: dict[int, list[str]] = {q: [] for q in questions}
        for q, who in zip(people.asked, people.ids, strict=True):
            self.members[q].append(who)
        self.skills = {q: on_file.skills[home] for q, home in self.home.items()}
        self.agreed = {q: {word for who in some for word in on_file.agreed.get(who, ())} for q, some in self.members.items()}
        self.applications = on_file.applications
        self.items: dict[int, list[KeptItem]] = {q: [] for q in questions}
        self.of_policy: dict[tuple[int, str], list[KeptItem]] = {}
        self.needs: dict[int, list[Left]] = {q: [] for q in questions}
        self.waiting: dict[str, set[tuple[int, str | None]]] = {need: set() for need in self.catalogue.needs}
        self.short: dict[int, list[Short]] = {q: [] for q in questions}
        self.ready = dict.fromkeys(questions, 0)
        self.versions: dict[str, Array] = {}
        self.payers: dict[str, list[str]] = {need: [] for need in self.catalogue.needs}
        for policy, turn in self.program.turns.items():
            for need, _ in turn.covers:
                self.payers[need].append(policy)

    def results(self) -> list[Result]:
        """Everything, household by household."""
        for policy in sorted(self.program.order, key=lambda policy: LAYERS.index(self.catalogue.policies[policy][0].layer)):
            self._items(policy)
        for need in self.catalogue.needs:
            self._need(need)
        for policy in self.program.order:
            self._short(policy)
        unstaffed, difficulty = self._unstaffed(), self._difficulty()
        found = []
        for q in self.questions:
            needs = tuple(self._with_reason(q, row) for row in self.needs[q])
            parts = (tuple(self.items[q]), tuple(self.short[q]), needs, unstaffed.get(q, {}), self.ready[q])
            found.append(Result(self.home[q], tuple(self.members[q]), difficulty[q], *parts))
        return found

    # --- items ----------------------------------------------------------------------------------------------------
    def _version(self, policy: str) -> Array:
        """Which version holds, by household; -1 for none."""
        if policy not in self.versions:
            versions, homes = self.program.policies[policy], self.rows[HOUSEHOLD].at
            if not versions or (len(versions) == 1 and "" in versions[0].regions):
                self.versions[policy] = np.full(len(homes), 0 if versions else -1)
            else:
                column = f"pv:{policy}@{self.program.places[policy]}"
                self.versions[policy] = self.live[HOUSEHOLD].numbers(column, -1)[homes]
        return self.versions[policy]

    def _items(self, policy: str) -> None:
        """Everybody's line of a policy, out of whole columns: what is done for each line is done a hundred times a household."""
        unit = self.catalogue.policies[policy][0].unit
        rows = self.rows[unit]
        verdict, has = self.live[unit].flags(f"v:{policy}")[rows.at], self.ledger.has[policy][rows.at]
        lines = np.flatnonzero((verdict != -1) | (has == 1))
        told = zip(lines.tolist(), verdict[lines].tolist(), has[lines].tolist(), self._amounts(policy, unit, lines), strict=True)
        numbers, asked, ids = self._version(policy).tolist(), rows.asked, rows.ids
        for n, found, received, (paid, would_be) in told:
            q, who = asked[n], ids[n]
            number = numbers[self.place[q]]
            versions = self.program.policies[policy] if number >= 0 else self.catalogue.policies[policy]
            status = self._status(policy, q, who, versions[number], found, received)
            if status != "no":
                ends = would_be if status == "ask" or (status == "can" and received == -1) else paid
                self._keep(policy, q, None if unit == HOUSEHOLD else who, versions[number], status, ends, maybe=received == -1)

    def _status(self, policy: str, q: int, who: str, version: PolicyVersion, verdict: int, has: int) -> Status:
        """As `matcher.bundle` tells it."""
        if has == 1 or (version.received and verdict == 1):
            return "has"
        if who in self.done.worlds[q][self.done.best[q]].drops.get(policy, ()):
            return "choice" if verdict == 1 else "no"
        if verdict == 0:
            return "ask"
        return "can" if verdict == 1 else "no"

    def _amounts(self, policy: str, unit: str, lines: Array) -> Iterable[tuple[Ends, Ends]]:
        """Of each line what is paid, and what something undecided would pay; from, to."""
        if policy not in self.program.turns:
            return [(NOTHING, NOTHING)] * len(lines)
        at, paid = self.rows[unit].at[lines], self.ledger.paid[policy]
        lo, hi = paid.lo[at], paid.hi[at]
        asked = [self.live[unit].numbers(f"ask:{policy}:{end}", missing)[at] for end, missing in (("lo", 0), ("hi", OPEN))]
        top = np.minimum(np.minimum(asked[1], OPEN), hi)
        bottom = np.minimum(np.maximum(asked[0], 0), top)
        return zip(_ends(lo, hi), _ends(bottom, top), strict=True)

    def _keep(
        self,
        policy: str,
        q: int,
        who: str | None,
        version: PolicyVersion,
        status: Status,
        ends: Ends,
        *,
        maybe: bool,
    ) -> None:
        applied = self.applications.get((policy, who or self.home[q])) if self.applications else None
        caveats = asked_for(applied) if applied is not None and status in ("can", "ask") else ()
        if status == "can":
            caveats += caveats_of(version, ends, self.as_of, self.agreed[q], self.skills[q], maybe=maybe)
        item = KeptItem(policy, who, status, *ends, caveats)
        self.items[q].append(item)
        self.of_policy.setdefault((q, policy), []).append(item)
        benefit = version.benefit
        if status == "can" and benefit is not None and benefit.hours is None and not {*IN_THE_WAY, "maybe_received"} & set(caveats):
            self.ready[q] += (ends[0] or 0) * TIMES.get(benefit.per, 0)

    # --- needs ----------------------------------------------------------------------------------------------------
    def _need(self, need: str) -> None:
        """The need of everybody who has or may have it."""
        unit = self.catalogue.needs[need].unit
        rows, left = self.rows[unit], self.ledger.left[need]
        before = [self.live[unit].numbers(f"need:{need}:{end}", OPEN)[rows.at] for end in ("lo", "hi")]
        after = (left.lo[rows.at], left.hi[rows.at])
        for n in np.flatnonzero(before[1] != 0).tolist():
            who = None if unit == HOUSEHOLD else rows.ids[n]
            row = Left(need, who, int(before[0][n]), _end(before[1][n]), int(after[0][n]), _end(after[1][n]))
            self.needs[rows.asked[n]].append(row)
            if row.open:
                self.waiting[need].add((rows.asked[n], who))

    def _short(self, policy: str) -> None:
        """Refusals by one clause alone, of those with an open need that the item pays for."""
        if policy not in self.program.turns or not self.program.turns[policy].covers:
            return
        unit, covers = self.program.turns[policy].unit, {need for need, _ in self.program.turns[policy].covers}
        rows, numbers = self.rows[unit], self._version(policy)
        waiting: set[tuple[int, str | None]] = set().union(*(self.waiting[need] for need in covers))
        refused = self.live[unit].flags(f"v:{policy}")[rows.at] == -1
        homes = {q for q, _ in waiting} if unit == HOUSEHOLD else {q for q, who in waiting if who is None}
        wanted = [n for n in np.flatnonzero(refused).tolist() if rows.asked[n] in homes or (rows.asked[n], rows.ids[n]) in waiting]
        for number, version in enumerate(self.program.policies[policy]):
            here = [n for n in wanted if numbers[self.place[rows.asked[n]]] == number]
            columns = [self.live[unit].flags(f"c:{policy}:{number}:{i}")[rows.at[here]] for i in range(len(version.clauses))]
            for clause, passes in one_short(version, columns) if here else ():
                for n in (here[at] for at in np.flatnonzero(passes)):
                    who = None if unit == HOUSEHOLD else rows.ids[n]
                    self.short[rows.asked[n]].append(Short(policy, who, version.clauses[clause].id))

    def _with_reason(self, q: int, row: Left) -> Left:
        if not row.open:
            return row
        return Left(row.need, row.who, row.before_lo, row.before_hi, row.lo, row.hi, self._reason(q, row))

    def _reason(self, q: int, row: Left) -> Reason:
        """Why it stays open; the codes stand in `matcher.kept`."""
        payers = self.payers[row.need]
        ours = [i for p in payers for i in self.of_policy.get((q, p), ()) if row.who is None or i.who in (None, row.who)]
        if row.before_lo == 0 or any(item.status == "ask" and "refused" not in item.caveats for item in ours):
            return "fact_unknown"
        caveats = {caveat for item in ours if item.status == "can" for caveat in item.caveats}
        for caveat, reason in STANDS.items():
            if caveat in caveats:
                return reason
        if any(s.policy in payers and (row.who is None or s.who in (None, row.who)) for s in self.short[q]):
            return "one_clause_short"
        if any(item.status in ("can", "has", "choice") for item in ours):
            return "not_enough"
        here = any(self._version(policy)[self.place[q]] >= 0 for policy in payers)
        return "not_eligible" if here else "no_rule"

    def _unstaffed(self) -> dict[int, dict[str, int]]:
        """Hours that items promise and nobody near can give."""
        lacking: dict[str, set[int]] = {}
        for q, items in self.items.items():
            for item in items:
                if "no_supply_near" in item.caveats:
                    lacking.setdefault(item.policy, set()).add(q)
        found: dict[int, dict[str, int]] = {}
        for step in self.ledger.steps:
            if step.policy in lacking and self.catalogue.needs[step.need].type == "hours":
                rows = self.rows[self.catalogue.needs[step.need].unit]
                covered = (step.before.lo - step.after.lo)[rows.at]
                for n in np.flatnonzero(covered).tolist():
                    q = rows.asked[n]
                    if q in lacking[step.policy]:
                        mine = found.setdefault(q, {})
                        mine[step.need] = mine.get(step.need, 0) + int(covered[n])
        return found

    def _difficulty(self) -> dict[int, Difficulty]:
        known = {1: True, -1: False, 0: None}
        columns: dict[str, list[bool | None]] = {}
        for name, _ in self.catalogue.difficulty.conditions():
            columns[name] = [known[flag] for flag in self.live[HOUSEHOLD].flags(name)[self.rows[HOUSEHOLD].at].tolist()]
        return {
            q: assess(self.catalogue.difficulty, lambda name, n=n: columns[name][n])  # type: ignore[misc]  # bound now
            for q, n in self.place.items()
        }


def _end(value: int) -> int | None:
    return None if value >= OPEN else int(value)


def _ends(lo: Array, hi: Array) -> Iterable[Ends]:
    """From, to."""
    return zip(lo.tolist(), (None if end >= OPEN else end for end in hi.tolist()), strict=True)
