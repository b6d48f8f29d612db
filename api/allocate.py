"""Charity projects shared out among the households of a region, one project after the other in the legal order, each as one unit of writes.

A run that is cut off leaves whole projects, and a note of which had their turn: the same run, asked for again, goes on with those that had
not, and ends as if it had not been cut off. Who was granted something is read again after each, so that it claims only what is then left.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from api import holds
from api.errors import NotFound
from api.holds import Account, account_of
from graph.regions import within
from graph.store import GraphStore, Tables, Writer
from matcher.allocation import share
from matcher.allocation_terms import Claim, Grant
from matcher.batch import results_for
from matcher.catalogue import PolicyVersion
from matcher.claims import budget_of, claims_of, gives_money, households_with, project_on
from matcher.kept import Result
from matcher.optimum import share_of_optimum
from matcher.pipeline import Engine
from matcher.slots import on_day

TOGETHER = 500
"""Households answered at once."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What became of one project.

    before, after: fen left, None without a limit. share: of the exact optimum. undecided: households with an item of it that is still to be
    checked. holding: households that had something of it before. returned: fen of holds that were over.
    """

    version: PolicyVersion
    grants: list[Grant]
    before: int | None
    share: float
    undecided: int
    holding: int
    returned: int
    until: dt.date

    @property
    def granted(self) -> int:
        """Fen granted to all."""
        return sum(grant.fen for grant in self.grants)

    @property
    def after(self) -> int | None:
        """Fen left."""
        return None if self.before is None else self.before - self.granted


@dataclass(frozen=True, slots=True)
class Turns:
    """Which projects had their turn in a run that is not over: kept in the store, with each project's holds as one unit.

    of: what is shared out, project and region. when: the day, and the catalogue by which. A run of another day begins anew.
    """

    of: str
    when: str

    def before(self, store: GraphStore | Writer) -> set[str]:
        """The projects that had theirs in the run that was cut off."""
        row = store.get("Meta", self._id)
        when, *had = str(row["value"]).split("\n") if row else [""]
        return set(had) if when == self.when else set()

    def note(self, project: str) -> Callable[[Writer], None]:
        """A project had its turn."""

        def unit(writer: Writer) -> None:
            had = sorted(self.before(writer) | {project})
            writer.upsert_nodes("Meta", [{"id": self._id, "value": "\n".join([self.when, *had])}])

        return unit

    def over(self, writer: Writer) -> None:
        """All had theirs."""
        writer.delete("Meta", [self._id])

    @property
    def _id(self) -> str:
        return f"allocating/{self.of}"


@dataclass(slots=True)
class Sharing:
    """One run: begin, read, then take what `shared` yields.

    `today` is the day by which holds are over: a look at another day ends none that still stand. `resumed`: how many projects had their
    turn before the run was cut off; they are not among those that `shared` yields.
    """

    store: GraphStore
    engine: Engine
    as_of: dt.date
    today: dt.date
    dry_run: bool
    versions: list[PolicyVersion] = field(default_factory=list)
    seen: dict[str, Account] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    planned: list[tuple[Grant, PolicyVersion]] = field(default_factory=list)
    over: dict[str, tuple[int, int]] = field(default_factory=dict)
    turns: Turns | None = None
    resumed: int = 0

    def projects(self, project: str | None, region: str | None) -> list[PolicyVersion]:
        """Projects with money to share out, in the order in which they pay. Raises NotFound."""
        catalogue = self.engine.catalogue
        if project is not None and (project not in catalogue.policies or not gives_money(project_on(catalogue, project, self.as_of))):
            zh, en = f"没有可分配资金的慈善项目“{project}”", f"there is no charity project {project!r} with money to share out"
            raise NotFound(zh, en, hint=("列出全部：aidgraph policies 慈善", "all of them: aidgraph policies charity"))
        found = [project_on(catalogue, one, self.as_of) for one in self.engine.program(self.as_of).order if project in (None, one)]
        return [one for one in found if gives_money(one) and (region is None or _serves(one, region))]

    def begin(self, project: str | None, region: str | None) -> None:
        """Find projects and households, and take what is over back into the budgets; a dry run only counts it. Raises NotFound."""
        self.versions = self.projects(project, region)
        if not self.dry_run:
            self.turns = Turns(f"{project or ''}@{region or ''}", f"{self.as_of}@{self.engine.catalogue.hash}")
            had = self.turns.before(self.store)
            self.resumed = sum(one.id in had for one in self.versions)
            self.versions = [one for one in self.versions if one.id not in had]
        day = min(self.as_of, self.today)
        for version in self.versions:
            self.over[version.id] = holds.overdue_of(self.store, version.id, day)
            if not self.dry_run:
                holds.expire(self.store, version.id, day)
            self.seen[version.id] = account_of(self.store, version.id)
        living = all(one.place == "living" and "" not in one.regions for one in self.versions)
        areas = [region] if region else sorted({code for one in self.versions for code in one.regions}) if living else []
        self.homes = dict(sorted(_homes(self.store, areas, self.as_of).items())) if self.versions else {}

    def read(self, told: Callable[[int], None]) -> None:
        """Answer every household that may claim. `told` hears how many more are done."""
        ids = list(self.homes)
        for first in range(0, len(ids), TOGETHER):
            some = ids[first : first + TOGETHER]
            self._answer(some)
            told(len(some))

    def shared(self) -> Iterator[Shared]:
        """Share out one project after the other."""
        for at, version in enumerate(self.versions):
            yield self._share(version, self.seen[version.id], last=at == len(self.versions) - 1)
        if self.turns is not None:
            self.store.write(self.turns.over)

    def _share(self, version: PolicyVersion, seen: Account, *, last: bool) -> Shared:
        """Share out one project; who was granted something is answered again: what it holds may open or close later ones."""
        assert version.project is not None
        until = max(self.as_of, self.today) + dt.timedelta(days=version.project.hold_days)
        claims = self._claims(version.id)
        waiting, holding = (households_with(self.results.values(), version.id, status) for status in ("ask", "has"))
        fen, places = self.over[version.id]
        if self.turns is None:
            budget = budget_of(version, seen.committed_fen - fen, seen.places - places)
            grants = share(sorted(claims, key=lambda claim: claim.order), budget)
        else:
            budget, grants = holds.commit(self.store, version, claims, seen, day=self.as_of, until=until, also=self.turns.note(version.id))
        granted = [grant for grant in grants if grant.fen]
        self.planned += [(grant, version) for grant in granted]
        self._answer([] if last else sorted({grant.claim.household for grant in granted}))
        return Shared(version, grants, budget.left, share_of_optimum(grants, [budget]), waiting, holding, fen, until)

    def _claims(self, project: str) -> list[Claim]:
        catalogue = self.engine.catalogue
        rows = self.results.values()
        return [claim for one in rows for claim in claims_of(one, self.homes[one.household], {project}, catalogue, self.as_of)]

    def _answer(self, ids: list[str]) -> None:
        """The results of some households, with what was granted in this run on file."""
        if not ids:
            return
        tables = self.store.neighbourhoods(ids)
        there = set(tables["Household"].get_column("id").to_list())
        tables = self._with_planned(tables, set(ids)) if self.dry_run else tables
        found = results_for(self.engine, tables, [id_ for id_ in ids if id_ in there], self.as_of)
        self.results |= {result.household: result for result in found}

    def _with_planned(self, tables: Tables, homes: set[str]) -> Tables:
        """The tables with the holds that a dry run does not commit."""
        ours = [(grant, version) for grant, version in self.planned if grant.claim.household in homes]
        if not ours:
            return tables
        nodes = [
            {"id": holds.hold_id(grant.claim), "policy": version.id, "paid_on": self.as_of, "amount_fen": grant.fen}
            for grant, version in ours
        ]
        edges = [holds.owner(grant.claim) | {"dst": holds.hold_id(grant.claim)} for grant, _ in ours]
        return {**tables, "Award": _more(tables["Award"], nodes, "id"), "RECEIVES": _more(tables["RECEIVES"], edges, "dst")}


def _more(table: pl.DataFrame, rows: Sequence[Mapping[str, object]], key: str) -> pl.DataFrame:
    """The table with these rows instead of those of the same key; what they leave out is null."""
    more = pl.DataFrame(rows, schema_overrides={name: table.schema[name] for name in rows[0]})
    return pl.concat([table.join(more, on=key, how="anti"), more], how="diagonal")


def _serves(version: PolicyVersion, region: str) -> bool:
    """Whether somebody in the region can get something of a project."""
    return any(not code or within(region, code) or within(code, region) for code in version.regions)


def _homes(store: GraphStore, areas: Sequence[str], as_of: dt.date) -> dict[str, str]:
    """Households that live in one of the areas on the day (none: anywhere), with the code of their place."""
    found: dict[str, str] = {}
    for edges in store.scan_edges("LIVES_IN"):
        rows = on_day(edges, as_of).select("src", "dst").unique("src", keep="first", maintain_order=True)
        codes = rows.get_column("dst").unique().to_list()
        inside = [code for code in codes if not areas or any(within(code, area) for area in areas)]
        found |= dict(rows.filter(pl.col("dst").is_in(inside)).iter_rows())
    return found
