"""An application, a decision, a death, a move, a departure: from what is sent to rows of the graph, or every place that is at fault.

Each is a statement more, dated and signed with the account; nothing that was said before is overwritten. A worker's are said by
`visit/<account>`, an officer's by `civil-affairs/<account>`.
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import polars as pl

from api.act_shapes import Death, Decision, Departure, ForItem, Move, NewApplication
from api.caller import Caller
from api.referral_open import opened_by_appeal
from api.rejoining import member_before
from api.visits import Reading, Rows
from graph.ingest import Telling, Unit
from graph.ingest_derived import TOLD
from graph.store import Tables, Writer
from matcher.applications import standing
from matcher.evidence import Evidence
from matcher.slots import on_day

if TYPE_CHECKING:
    from matcher.catalogue import PolicyVersion

Read = Callable[[Tables], Rows]
DEAD = "dead"
"""The fact of facts.yaml that says so."""


def application_rows(caller: Caller, household: str, given: NewApplication) -> Read:
    """That an item was applied for, that the application which waits was taken back, or that the family objects to its refusal."""

    def read(tables: Tables) -> Rows:
        item = _Item(caller, household, given, tables, given.on)
        waiting = item.waiting()
        if given.state == "appealed":
            item.appeal(household)
        elif given.state == "withdrawn" and waiting is None:
            item.fault("/policy", "没有等候审核的申请可撤回", "no application of it waits for a decision")
        elif given.state == "applied" and waiting is not None:
            item.fault("/policy", "已有一份申请等候审核", "an application of it waits already")
        elif waiting is None:
            item.put(given.on, state="applied")
        else:
            item.put(waiting, state="withdrawn", decided_on=given.on)
        return item.rows()

    return read


def decision_rows(caller: Caller, household: str, given: Decision) -> Read:
    """What an officer decided: on the application that waits, or on one that is put on file with it."""

    def read(tables: Tables) -> Rows:
        item = _Item(caller, household, given, tables, given.decided_on)
        begins = given.begins or given.decided_on
        if given.outcome == "refused" and given.reason is None:
            item.fault("/reason", "不予办理要写明理由", "a refusal needs its reason")
        if given.outcome == "confirmed" and given.reason is not None:
            item.fault("/reason", "同意的不写不予办理的理由", "what is confirmed has no reason of refusal")
        if given.until is not None and given.until < begins:
            item.fault("/until", "止日早于起日", "it ends before it begins")
        if given.outcome == "refused" and (given.amount or given.until or given.begins):
            item.fault("/outcome", "不予办理的不写金额和起止日", "what is refused has neither amount nor days")
        item.check_basis([one.document for one in given.basis])
        basis = [" ".join(part for part in (one.document, one.article) if part) for one in given.basis]
        told = {"state": given.outcome, "decided_on": given.decided_on, "reason": given.reason, "basis": basis}
        item.put(item.waiting() or given.decided_on, **told)
        if given.outcome == "confirmed" and not item.reading.found.faults:
            item.grant(begins, given.until, given.amount)
        return item.rows()

    return read


def death_rows(caller: Caller, household: str, given: Death) -> Read:
    """That a member died: said of the person; from the day on neither member, nor anybody's supporter, nor supported."""

    def read(tables: Tables) -> Rows:
        reading = _Act(caller, given.died_on)
        reading.not_later(given.died_on, "/died_on")
        homes = on_day(tables["MEMBER_OF"], given.died_on).filter(pl.col("src") == given.person).get_column("dst").to_list()
        if household not in homes:
            reading.fault("/person", "此人在该日不是本户成员", "is no member of this household on that day")
            return reading.found.checked()
        last = given.died_on - dt.timedelta(days=1)
        if DEAD in reading.catalogue.facts:
            reading.say(Telling("Person", given.person, given.died_on, {f"fact_{DEAD}": True}))
        for home in homes:
            reading.say(_ended("Household", home, "members", given.person, given.died_on, last))
        supports = on_day(tables["SUPPORTS"], given.died_on).filter((pl.col("src") == given.person) | (pl.col("dst") == given.person))
        for supporter, supported in supports.select("src", "dst").rows():
            reading.say(_ended("Person", supported, "supporters", supporter, given.died_on, last))
        return reading.found.checked()

    return read


def move_rows(caller: Caller, household: str, given: Move) -> Read:
    """That the household lives elsewhere from a day on; where it lived before stays on file."""

    def read(tables: Tables) -> Rows:
        reading = _Act(caller, given.moved_on)
        told = Evidence(tables, reading.catalogue, dt.date.max).told("household", household, reading.catalogue.facts["region"])
        if told is not None and told[1].true_on is not None and told[1].true_on > given.moved_on:
            later = told[1].true_on.isoformat()
            reading.fault("/moved_on", f"{later} 已有更晚的居住地记录", f"a later record, of {later}, says where it lives")
        elif reading.not_later(given.moved_on, "/moved_on"):
            reading.move(household, given.region, given.address)
        return reading.found.checked()

    return read


def departure_rows(caller: Caller, household: str, given: Departure) -> Read:
    """That a member left, and joined another household or none: from the day on counted there and no more here."""

    def read(tables: Tables) -> Rows:
        reading, day = _Act(caller, given.left_on), given.left_on
        reading.not_later(day, "/left_on")
        homes = on_day(tables["MEMBER_OF"], day).filter(pl.col("src") == given.person).get_column("dst").to_list()
        if household not in homes:
            reading.fault("/person", "此人在该日不是本户成员", "is no member of this household on that day")
        if given.to is not None:
            reading.may_join(given, household)
        elif given.kin is not None:
            reading.fault("/kin", "没有写明迁入哪一户", "says nothing without the household that is joined")
        reading.say(_ended("Household", household, "members", given.person, day, day - dt.timedelta(days=1)))
        if given.to is not None:
            joined: dict[str, Any] = {f"{TOLD}from": day} | ({f"{TOLD}kin": given.kin} if given.kin else {})
            reading.say(Telling("Household", given.to, day, joined, list="members", key=given.person))
            reading.found.also = _joined(caller, given.to)
        return reading.found.checked()

    return read


def _joined(caller: Caller, household: str) -> Callable[[Writer], dict[str, Any]]:
    """The household that somebody joined is changed too: its version, its audit."""

    def unit(writer: Writer) -> dict[str, Any]:
        version = int((writer.get("Household", household) or {}).get("version", 0))
        writer.upsert_nodes("Household", [{"id": household, "version": version + 1}])
        caller.note(writer, household, "change")
        return {}

    return unit


class _Act(Reading):
    """Reads one act on a household."""

    def say(self, telling: Telling) -> None:
        """One statement more."""
        self._add([telling])

    def fault(self, path: str, zh: str, en: str) -> None:
        """A place that is at fault."""
        self._fault(path, zh, en)

    def not_later(self, day: dt.date, path: str) -> bool:
        """Refuse a day that has not come."""
        come = day <= self.caller.desk.today()
        if not come:
            self._fault(path, "这一天还没有到", "this day has not come")
        return come

    def may_join(self, given: Departure, household: str) -> None:
        """Refuse a household that is not the caller's, and one that the person was ever a member of."""
        store, kins = self.caller.desk.store, self.catalogue.facts["members"].edge
        if given.to == household or given.to is None or store.get("Household", given.to) is None or not self.caller.among([given.to]):
            self.fault(
                "/to", "没有这个户号，或不在您负责的范围内，或就是本户", "there is no such household in your area, or it is this one"
            )
        elif (told := member_before(store.neighbourhood("Person", given.person), given.person, given.to, given.left_on)) is not None:
            self.fault("/to", *told)
        if given.kin is not None and "kin" in kins and given.kin not in kins["kin"].values:
            self.fault("/kin", "没有这种与户主关系", "is no relation to a head")

    def move(self, household: str, region: str, address: str | None) -> None:
        """Where it lives, and the address, encrypted."""
        code = self._region(region, "/region")
        if code is not None:
            self._row("household", {"id": household, "region": code, "address": address}, {"address": "/address"}, "/region")

    def entry(self, kind: Any, cells: dict[str, Any], where: dict[str, str]) -> None:
        """An award or a recognition, read as a row of a file is."""
        self._row(kind, cells, where, "/policy")


class _Item:
    """One policy for the household or a member, and what is on file of its applications."""

    def __init__(self, caller: Caller, household: str, given: ForItem, tables: Tables, day: dt.date) -> None:
        self.reading, self.tables, self.policy = _Act(caller, day), tables, given.policy
        self.reading.not_later(day, "/decided_on" if hasattr(given, "decided_on") else "/on")
        self.subject, self.unit = given.person or household, "Person" if given.person else "Household"
        versions = self.reading.catalogue.policies.get(given.policy)
        self.version: PolicyVersion | None = versions[-1] if versions else None
        members = on_day(tables["MEMBER_OF"], day).filter(pl.col("dst") == household).get_column("src").to_list()
        if self.version is None:
            self.fault("/policy", "没有这项政策或项目", "there is no such policy or project")
        elif self.version.unit != self.unit.lower():
            told = ("这一项按人办理，请写明是哪位成员", "this is an item of a person: say whose")
            self.fault("/person", *(told if given.person is None else ("这一项按户办理", "this is an item of the household")))
        elif given.person is not None and given.person not in members:
            self.fault("/person", "此人在该日不是本户成员", "is no member of this household on that day")

    def fault(self, path: str, zh: str, en: str) -> None:
        """A place that is at fault."""
        self.reading.fault(path, zh, en)

    def rows(self) -> Rows:
        """What is to be written. Raises BadRequest."""
        return self.reading.found.checked()

    def waiting(self) -> dt.date | None:
        """The day of the application that waits for a decision."""
        own = self.tables["APPLIED_FOR"].filter(pl.col("src") == self.subject).get_column("dst").implode()
        live = self.tables["Application"].filter(
            pl.col("id").is_in(own) & (pl.col("policy") == self.policy) & (pl.col("state") == "applied")
        )
        return live.get_column("applied_on").max()  # type: ignore[return-value]

    def appeal(self, household: str) -> None:
        """The refusal that stands is objected to: a discussion is opened with it, unless one is open."""
        reading, today = self.reading, self.reading.caller.desk.today()
        refusal = standing(self.tables, today).get((self.policy, self.subject))
        if refusal is None or refusal.state != "refused":
            self.fault("/policy", "没有不予办理的决定可提异议", "there is no refusal of it to object to")
        elif refusal.decided_on is not None and reading.day < refusal.decided_on:
            self.fault("/on", "早于不予办理的决定", "is before the refusal")
        elif refusal.applied_on is not None and not reading.found.faults:
            self.put(refusal.applied_on, appealed_on=reading.day)
            reading.found.also = opened_by_appeal(reading.caller.desk, household, self.policy)

    def check_basis(self, documents: list[str]) -> None:
        """Every document must be one that the rule names."""
        named = {source.document for version in self.reading.catalogue.policies.get(self.policy, ()) for source in version.sources}
        for at, document in enumerate(documents if named else ()):
            if document not in named:
                self.fault(f"/basis/{at}/document", "这项政策没有引用此文件", "is no document that this policy rests on")

    def put(self, applied_on: dt.date, **told: Any) -> None:
        """The application of that day, with what is said of it now."""
        values = {f"{TOLD}{name}": value for name, value in told.items() if value is not None}
        values |= {f"{TOLD}policy": self.policy, f"{TOLD}applied_on": applied_on}
        unit: Unit = "Person" if self.unit == "Person" else "Household"
        key = f"{self.policy}-{applied_on.isoformat()}"
        self.reading.say(Telling(unit, self.subject, self.reading.day, values, list="applications", key=key))

    def grant(self, begins: dt.date, until: dt.date | None, amount: str | None) -> None:
        """The recognition that the policy grants; an award too where it has an amount, or grants nothing else."""
        assert self.version is not None  # one without a version is at fault
        recognition = self.version.recognition
        owner = {self.unit.lower(): self.subject, "until": until}
        where = {"until": "/until", "amount": "/amount"}
        if recognition is not None:
            self.reading.entry(
                "recognition",
                {**owner, "recognition": recognition, "from": begins, "department": self.version.department},
                where | {"from": "/begins"},
            )
        if recognition is None or amount is not None:
            self.reading.entry(
                "award", {**owner, "policy": self.policy, "paid_on": begins, "amount": amount}, where | {"paid_on": "/begins"}
            )


def _ended(unit: Unit, subject: str, list_: str, key: str, day: dt.date, last: dt.date) -> Telling:
    """An entry of a list of persons whose last day is known."""
    return Telling(unit, subject, day, {f"{TOLD}until": last}, list=list_, key=key)
