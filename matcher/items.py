"""The items of a bundle: every policy and project for the household or one person, with everything on its line.

In: the answers of a finished run and the tables they came from. Out: one Item of plain values after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from matcher.applications import standing
from matcher.caveats import asked_for, caveats_of
from matcher.days import as_date, of_date
from matcher.paths import TODAY
from matcher.plain_rows import in_force, rows_of
from matcher.scope import HOUSEHOLD
from matcher.slots import HELPERS, helpers_near

if TYPE_CHECKING:
    import datetime as dt

    from matcher.answers import Answers
    from matcher.applications import Application
    from matcher.catalogue import PolicyVersion
    from matcher.caveats import Caveat, Ends
    from matcher.language import Words
    from matcher.stored import Tables

Status = Literal["can", "has", "ask", "no", "choice"]
"""可申请, 已享受, 待核实, 不符合; and eligible, but given up for a better choice."""
Target = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One policy or project for one person (`who`) or the household (None).

    lo, hi: what it pays per `per`; fen, or hundredths of hours a week if `hours`; hi None: no upper end is known. Of something undecided
    what it would pay; of something given up what it would have paid. `opened_by`: to be confirmed first. `chosen_over`, `given_up_for`:
    the other side of a choice; what is received can be given up too. `renew_on`: the last day of what is received.
    `application`: that it waits for a decision, or was refused.
    """

    policy: str
    who: str | None
    title: Words
    layer: str
    department: str
    status: Status
    lo: int | None = None
    hi: int | None = None
    hours: bool = False
    per: str | None = None
    kind: str | None = None
    pays: str | None = None
    certainty: str | None = None
    accepts: str | None = None
    decides: str | None = None
    working_days: int | None = None
    documents: tuple[str, ...] = ()
    grants: str | None = None
    organisation: str | None = None
    illustrative: bool = False
    caveats: tuple[Caveat, ...] = ()
    opened_by: tuple[str, ...] = ()
    chosen_over: tuple[Target, ...] = ()
    given_up_for: tuple[Target, ...] = ()
    renew_on: dt.date | None = None
    application: Application | None = None


class Items:
    """Makes the items of one bundle."""

    def __init__(self, answers: Answers, tables: Tables, as_of: dt.date) -> None:
        self.answers, self.tables, self.as_of, self.today = answers, tables, as_of, of_date(as_of)
        self.helpers = {kind: helpers_near(answers.household, tables, kind, as_of) for kind in HELPERS.values()}
        self.can_do = {need for helpers in self.helpers.values() for helper in helpers for need in helper.can_do}
        self._edges: dict[str, dict[str, list[str]]] = {}
        self._nodes: dict[str, dict[str, dict[str, Any]]] = {}
        self._same: dict[int, dict[str, Any]] = {}
        self.consents = self._consents()
        self.applications = standing(tables, as_of)

    def item(self, policy: str, subject: str) -> Item:
        """One item with everything on its line."""
        version = self._version(policy, subject)
        who = None if self.answers.unit(policy) == HOUSEHOLD else subject
        status = self._status(policy, subject, version)
        lo, hi = self._amount(policy, subject, status)
        held = self._beside(policy, subject) if status in ("can", "has", "choice") else ()
        given_up = self.answers.given_up(policy, subject)
        return Item(
            policy, who, version.title, version.layer, version.department, status, lo, hi, **self._fixed(version),
            caveats=self._caveats(policy, subject, version, status, (lo, hi)),
            opened_by=self._openers(policy, who) if status == "can" else (),
            chosen_over=() if given_up else held, given_up_for=held if given_up else (),
            renew_on=self._renew(policy, subject, version.recognition) if status == "has" else None,
            application=self.applications.get((policy, subject)) if status in ("can", "ask") else None,
        )  # fmt: skip

    def _fixed(self, version: PolicyVersion) -> dict[str, Any]:
        """What is the same for everybody."""
        if id(version) not in self._same:
            self._same[id(version)] = _benefit(version) | _told(version)
        return self._same[id(version)]

    def _version(self, policy: str, who: str) -> PolicyVersion:
        """The version that holds, or else the one that would be shown: the last."""
        number = self.answers.version(policy, who)
        if number is not None:
            return self.answers.program.policies[policy][number]
        return self.answers.catalogue.policies[policy][-1]

    def _status(self, policy: str, who: str, version: PolicyVersion) -> Status:
        decided, received = self.answers.decided(policy, who), self.answers.received(policy, who)
        if received or (version.received and decided):
            return "has"
        if self.answers.given_up(policy, who):
            return "choice" if decided else "no"
        if decided is None:
            return "ask"
        return "can" if decided else "no"

    def _amount(self, policy: str, who: str, status: Status) -> tuple[int | None, int | None]:
        """From, to; of something undecided what it would pay, of something given up what it would have paid."""
        if status == "no":
            return None, None
        paid, asked = self.answers.paid(policy, who), self.answers.asked(policy, who)
        if paid is None or asked is None:
            return None, None
        unsure = status == "ask" or (status == "can" and self.answers.received(policy, who) is None)
        if unsure:
            top = asked.hi if paid.hi is None else paid.hi if asked.hi is None else min(asked.hi, paid.hi)
            return asked.lo if top is None else min(asked.lo, top), top
        return paid.lo, paid.hi

    def _openers(self, policy: str, who: str | None) -> tuple[str, ...]:
        """What has to be confirmed first, for an item that one is not eligible for on what is on file."""
        return () if self.answers.decided(policy, who, TODAY) else tuple(self.answers.opened_by(policy, who))

    def _beside(self, policy: str, who: str) -> tuple[Target, ...]:
        """The items on the other side of a choice: what this one was taken over, or what it gave way to."""
        mine = self.answers.given_up(policy, who)
        found: list[Target] = []
        for other in sorted(self.answers.program.clashes[policy]):
            for subject in self.answers.subjects(other):
                same = subject == who or self.answers.household in (subject, who)
                theirs = self.answers.given_up(other, subject) and self.answers.decided(other, subject) is True
                if same and (self.answers.chosen_one(other, subject) if mine else theirs):
                    found.append((other, None if self.answers.unit(other) == HOUSEHOLD else subject))
        return tuple(found)

    def _caveats(self, policy: str, who: str, version: PolicyVersion, status: Status, ends: Ends) -> tuple[Caveat, ...]:
        """What stands in the way of something one is or may be eligible for."""
        asked = asked_for(self.applications.get((policy, who))) if status in ("can", "ask") else ()
        if status != "can":
            return asked
        maybe = self.answers.received(policy, who) is None
        return (*asked, *caveats_of(version, ends, self.as_of, self.consents, self.can_do, maybe=maybe))

    def _consents(self) -> set[str]:
        """Scopes and recipients of the members' consents in force."""
        members, today = set(self.answers.members), self.today
        ours = {edge["dst"] for edge in rows_of(self.tables, "GAVE", ("src", "dst")) if edge["src"] in members}
        rows = in_force(rows_of(self.tables, "Consent"), today) if ours else []
        held = [row for row in rows if row["id"] in ours and (row["withdrawn"] is None or row["withdrawn"] > today)]
        return {word for row in held for word in (*(row["scope"] or ()), row["recipient"]) if word}

    def _renew(self, policy: str, who: str, recognition: str | None) -> dt.date | None:
        """The last day of the award or the recognition on file."""
        days = self._last_days("RECEIVES", "Award", "policy", {policy, policy.replace("-", "_")}, who)
        days += self._last_days("RECOGNISED_AS", "Recognition", "recognition", {recognition or policy}, who)
        return as_date(max(days, default=None))

    def _last_days(self, edge: str, kind: str, key: str, values: set[str], who: str) -> list[int]:
        nodes = self._on_file(kind)
        rows = (nodes[id_] for id_ in dict.fromkeys(self._held(edge, who)) if id_ in nodes)
        return [row["until"] for row in rows if row[key] in values and row["until"] is not None and row["until"] >= self.today]

    def recognised(self) -> tuple[tuple[str, str | None], ...]:
        """Recognitions in force on file, of the household and of its members."""
        found: list[tuple[str, str | None]] = []
        live = {row["id"]: row["recognition"] for row in in_force(rows_of(self.tables, "Recognition"), self.today)}
        for who in (self.answers.household, *self.answers.members):
            found += [
                (live[id_], None if who == self.answers.household else who) for id_ in self._held("RECOGNISED_AS", who) if id_ in live
            ]
        return tuple(dict.fromkeys(found))

    def _held(self, edge: str, who: str) -> list[str]:
        """What edges of a kind from somebody lead to."""
        if edge not in self._edges:
            self._edges[edge] = {}
            for row in rows_of(self.tables, edge, ("src", "dst")):
                self._edges[edge].setdefault(row["src"], []).append(row["dst"])
        return self._edges[edge].get(who, [])

    def _on_file(self, kind: str) -> dict[str, dict[str, Any]]:
        """The nodes of a kind by id."""
        if kind not in self._nodes:
            self._nodes[kind] = {row["id"]: row for row in rows_of(self.tables, kind)}
        return self._nodes[kind]


def _benefit(version: PolicyVersion) -> dict[str, Any]:
    """What kind of thing an item gives; nothing for one that only recognises."""
    benefit = version.benefit
    if benefit is None:
        return {}
    kinds = {"per": benefit.per, "kind": benefit.kind, "pays": benefit.pays, "certainty": benefit.certainty}
    return {"hours": benefit.hours is not None, **kinds}


def _told(version: PolicyVersion) -> dict[str, Any]:
    """What its text says besides: to whom to go, how long it takes, what to bring."""
    procedure, days = version.procedure, version.procedure.get("working_days")
    return {
        "accepts": _text(procedure.get("accepts")),
        "decides": _text(procedure.get("decides")),
        "working_days": days if isinstance(days, int) else None,
        "documents": version.documents,
        "grants": version.recognition,
        "organisation": version.project.organisation if version.project else None,
        "illustrative": any(source.mark == "illustrative" for source in version.sources),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
