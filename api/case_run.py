"""Cases through the chosen store: written under ids of this run alone, read back by neighbourhood, judged by the engine, removed.

A run that was cut off leaves rows that the next one clears away; a lease keeps two runs on one store apart. Regions that the store
has already are left as they are; those that a case needs beyond them are taken away again.
"""

import datetime as dt
import json
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from api.errors import BadRequest, NotFound
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.store import GraphStore, Prefix, Tables, Writer
from matcher.answers import Answers
from matcher.cases import read_each
from matcher.catalogue import Catalogue
from matcher.errors import CatalogueError, FactValueError, FrameError
from matcher.evidence import Evidence
from matcher.judge import Case, CaseResult, judge
from matcher.loader import with_standards
from matcher.pipeline import Engine, Question
from matcher.records import Record, Rows, Subject, rows
from matcher.yaml_source import text_of

MARK = "aidgraph-case-"
RECORDED = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""When everything was recorded that a case does not date: before any `known_by`."""
LEASE, TTL, WAIT = "aidgraph-cases", dt.timedelta(minutes=2), 30
TOGETHER = 100
REGION_KINDS = ("Region", "PART_OF")
OWN_KINDS = ("Statement", "Award", "Recognition", "Consent", "Person", "Household")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of cases: what was read, the faults of cases that could not be, or why the whole file could not."""

    name: str
    cases: tuple[Case, ...] = ()
    refused: dict[str, CatalogueError] = field(default_factory=dict)
    problem: CatalogueError | None = None


def case_files(paths: Sequence[Path], catalogue: Catalogue) -> list[CaseFile]:
    """Every file that is named or lies in a folder that is, by name. Raises NotFound for a path that is not there."""
    found: list[CaseFile] = []
    for path in paths:
        if not path.exists():
            raise NotFound(f"没有找到 {path}", f"there is no {path}")
        inside = sorted(one for one in path.rglob("*") if one.suffix in (".yaml", ".yml")) if path.is_dir() else [path]
        found += [_read(one, catalogue) for one in inside]
    return found


def _read(path: Path, catalogue: Catalogue) -> CaseFile:
    name = path.as_posix()
    try:
        cases, refused = read_each(text_of(path, name), name, catalogue)
        if not cases and not refused:
            return CaseFile(name, problem=_one_fault(name, "文件中没有案例", "the file has no cases"))
        return CaseFile(name, tuple(cases), {case: CatalogueError(faults) for case, faults in refused.items()})
    except CatalogueError as error:
        return CaseFile(name, problem=error)
    except OSError as error:
        return CaseFile(
            name, problem=_one_fault(name, f"文件打不开（{type(error).__name__}）", f"the file cannot be opened ({type(error).__name__})")
        )


def _one_fault(name: str, zh: str, en: str) -> CatalogueError:
    from matcher.errors import Fault

    return CatalogueError((Fault(name, 1, "", zh, en),))


@dataclass
class CaseRun:
    """Runs cases on one store with one catalogue; engines are compiled once for each set of standards."""

    store: GraphStore
    catalogue: Catalogue
    token: str = field(default_factory=lambda: secrets.token_hex(4))
    engines: dict[str, Engine] = field(default_factory=dict)
    regions: list[str] = field(default_factory=list)

    def results(self, cases: Sequence[Case]) -> Iterator[tuple[int, CaseResult]]:
        """Each case's place in `cases` and how it went, those with the same standards one after the other."""
        order = sorted(range(len(cases)), key=lambda at: (_standards_key(cases[at]), at))
        self._take_lease()
        try:
            self._clear()
            for first in range(0, len(order), TOGETHER):
                yield from self._batch(cases, order[first : first + TOGETHER])
        finally:
            self._clear()
            self.store.lease(LEASE, self.token, dt.timedelta(0))

    def _batch(self, cases: Sequence[Case], places: list[int]) -> Iterator[tuple[int, CaseResult]]:
        """Write some cases in one unit, judge each, take them away."""
        self.store.lease(LEASE, self.token, TTL)
        private: dict[int, tuple[str, Case]] = {}
        refused: dict[int, CaseResult] = {}
        found: Rows = {}
        for place in places:
            mark = f"{MARK}{self.token}-{place}/"
            case = cases[place]
            try:
                own = rows(_private(case.record, mark), self.catalogue, source="case", true_on=case.as_of, recorded_at=RECORDED)
            except (ValueError, FactValueError) as error:
                refused[place] = _refused(case, error)
                continue
            private[place] = (mark, case)
            for kind, some in own.items():
                found.setdefault(kind, []).extend(some)
        self._write(found)
        for place in places:
            yield place, refused[place] if place in refused else self._judged(*private[place])
        self._clear()

    def _judged(self, mark: str, case: Case) -> CaseResult:
        """One case; what the engine's columns cannot hold fails alone."""
        try:
            return self._judge(mark, case)
        except FrameError as error:
            return _refused(case, error)

    def _judge(self, mark: str, case: Case) -> CaseResult:
        return judge(case, _Named(self.answers(mark, case)[1], mark))

    def answers(self, mark: str, case: Case) -> tuple[Tables, Answers]:
        """One case, read back and answered; ids begin with the mark."""
        engine = self._engine(case)
        household = f"{mark}{case.record.households[0].id}"
        tables = self.store.neighbourhood("Household", household)
        known_by = None if case.known_by is None else dt.datetime.combine(case.known_by, dt.time.max, dt.UTC)
        subjects = (*case.record.households, *case.record.persons.values())
        by_id = {f"{mark}{one.id}": one.terms for one in subjects if one.terms}
        run = engine.answer(tables, Question(household, case.as_of, known_by, case.terms, by_id))
        return tables, Answers(run, Evidence(tables, engine.catalogue, case.as_of, known_by))

    def _engine(self, case: Case) -> Engine:
        key = _standards_key(case)
        if key not in self.engines:
            for other in self.engines.keys() - {""}:
                del self.engines[other]
            self.engines[key] = Engine(with_standards(self.catalogue, case.standards) if case.standards else self.catalogue)
        return self.engines[key]

    def _write(self, found: Rows) -> None:
        """Nodes before edges; of regions only those that the store has not."""
        codes = {str(row["id"]) for row in found.get("Region", [])}
        new = sorted(code for code in codes if self.store.get("Region", code) is None)
        self.regions += new
        told = {kind: some for kind, some in found.items() if kind not in REGION_KINDS}
        told["Region"] = [row for row in found.get("Region", []) if row["id"] in new]
        told["PART_OF"] = [row for row in found.get("PART_OF", []) if row["src"] in new]

        def unit(writer: Writer) -> None:
            for kind in (*NODE_KINDS, *EDGE_KINDS):
                if told.get(kind):
                    (writer.upsert_nodes if kind in NODE_KINDS else writer.upsert_edges)(kind, told[kind])

        self.store.write(unit)

    def _clear(self) -> None:
        """Take away what cases wrote, this run's and that of runs that were cut off."""
        marks = {"Household": MARK, "Person": MARK, "Award": "", "Recognition": "", "Consent": "", "Statement": ""}
        found: dict[str, list[str]] = {kind: [] for kind in OWN_KINDS}
        for kind in marks:
            for start in [MARK] if marks[kind] else [f"household/{MARK}", f"person/{MARK}"]:
                after: str | None = None
                while True:
                    page = self.store.find(kind, {"id": Prefix(start)}, limit=1000, after=after)
                    found[kind] += [row["id"] for row in page.rows]
                    after = page.after
                    if after is None:
                        break
        gone, self.regions = self.regions, []

        def unit(writer: Writer) -> None:
            for kind in OWN_KINDS:
                if found[kind]:
                    writer.delete(kind, found[kind])
            if gone:
                writer.delete("Region", gone)

        if gone or any(found.values()):
            self.store.write(unit)

    def _take_lease(self) -> None:
        """Wait for another run on this store. Raises BadRequest."""
        until = time.monotonic() + WAIT
        while not self.store.lease(LEASE, self.token, TTL):
            if time.monotonic() > until:
                raise BadRequest(
                    "另一处正在这个图库上运行案例，请稍后再试",
                    "cases are being run on this store by somebody else: try again later",
                )
            time.sleep(0.2)


class _Named:
    """Answers about ids of this run, under the names that the case uses."""

    def __init__(self, answers: Answers, mark: str) -> None:
        self.answers, self.mark = answers, mark

    def verdict(self, policy: str, who: str | None) -> str:
        return self.answers.verdict(policy, self._id(who))

    def amount(self, policy: str, who: str | None) -> tuple[int, int | None] | None:
        return self.answers.amount(policy, self._id(who))

    def left(self, need: str, who: str | None) -> tuple[int, int | None]:
        return self.answers.left(need, self._id(who))

    def questions(self) -> list[tuple[str, str | None]]:
        return [(name, self._name(who)) for name, who in self.answers.questions()]

    def opened_by(self, policy: str, who: str | None) -> list[str]:
        return self.answers.opened_by(policy, self._id(who))

    def chosen(self) -> set[tuple[str, str | None]]:
        return {(policy, self._name(who)) for policy, who in self.answers.chosen()}

    def _id(self, who: str | None) -> str | None:
        return None if who is None else f"{self.mark}{who}"

    def _name(self, who: str | None) -> str | None:
        return None if who is None else who.removeprefix(self.mark)


def _private(record: Record, mark: str) -> Record:
    """The record with every id of a person or household under the mark."""

    def moved(subject: Subject) -> Subject:
        links = {name: [replace(link, person=f"{mark}{link.person}") for link in some] for name, some in subject.links.items()}
        return replace(subject, id=f"{mark}{subject.id}", links=links)

    return Record([moved(one) for one in record.households], {f"{mark}{name}": moved(one) for name, one in record.persons.items()})


def _standards_key(case: Case) -> str:
    return json.dumps(case.standards, sort_keys=True, default=str) if case.standards else ""


def _refused(case: Case, error: Exception) -> CaseResult:
    """A case that the graph cannot hold."""
    return CaseResult(case.name, case.file, False, {"error": str(error.args[-1])}, {"error": None})
