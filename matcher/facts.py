"""From the tables of the graph to the frames that rules run on: what was known, on one day, about whom.

In: the tables that `neighbourhood` and the scans give. Out: Frames with the base columns that a plan asks for. For every
question (a household) there are rows for its members, for the people around them (supporters to two steps, parents,
children) and for these people's households with their members; somebody around two households has a row for each.

The value of a fact is that of the newest statement not later than the day, recorded by `known_by`; ties go to the stronger
source, then to the later record; a stale one is unknown. Source: design section 3; docs/language-notes.md, 10, 13, 14, 17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from matcher import days
from matcher.around import Around, in_force
from matcher.errors import FrameError
from matcher.fact_lists import FactLists
from matcher.few_facts import FewStage, is_few
from matcher.frames import Frames
from matcher.logic import TOP_OF_FACT
from matcher.scope import HOUSEHOLD, PERSON, list_frame
from matcher.stored import after, dtype_of, property_of, typed
from matcher.told import Unusual

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from matcher.catalogue import Catalogue, Fact
    from matcher.stored import Tables


def frames_of(
    tables: Tables,
    catalogue: Catalogue,
    questions: Sequence[str],
    *,
    as_of: dt.date,
    known_by: dt.datetime | None,
    base: Mapping[str, set[str]],
    kept: dict[object, Any],
) -> Frames:
    """Build the frames for the questions.

    Args:
        tables: the graph's tables, at least the neighbourhoods of the questions.
        questions: household ids, each once.
        base: frame -> base columns that the plan reads (`f:`, `e:`, `whole:`; the others are added elsewhere).
        kept: what is made once for all questions to a catalogue; the caller's to keep.

    Raises:
        FrameError: a question is not in the tables; a number or a list is beyond what the columns can hold.
    """
    if is_few(tables, questions):
        try:
            return FewStage(tables, catalogue, as_of, known_by, kept).build(list(questions), base)
        except Unusual:
            pass
    return Stage(tables, catalogue, as_of, known_by, kept).build(list(questions), base)


class Stage:
    """One run of the facts stage."""

    def __init__(self, tables: Tables, catalogue: Catalogue, as_of: dt.date, known_by: dt.datetime | None, kept: dict[object, Any]) -> None:
        self.kept = kept
        self.tables = tables
        self.catalogue = catalogue
        self.as_of = as_of
        self.allowed: dict[str, pl.DataFrame | None] = {}
        said = tables["Statement"].filter(pl.col("withdrawn_at").is_null() & (pl.col("true_on").is_null() | (pl.col("true_on") <= as_of)))
        if known_by is not None:
            said = said.filter(pl.col("recorded_at").is_null() | (pl.col("recorded_at") <= known_by))
        about = tables["ABOUT"].select(id="src", subject="dst", subject_kind="dst_kind")
        ranks = {name: -number for number, name in enumerate(catalogue.source_rank)}
        kind = pl.col("source").str.split("/").list.first().str.split(":").list.first()
        self.said = (
            said.with_columns(rank=kind.replace_strict(ranks, default=-len(ranks) - 1, return_dtype=pl.Int32))
            .join(about, on="id")
            .sort("true_on", "rank", "recorded_at", "id", nulls_last=False)
        )

        lists = self.said.filter(pl.col("list").is_not_null()).partition_by("subject_kind", "list", as_dict=True)
        self.told_lists = {(str(kind), str(name)): part for (kind, name), part in lists.items()}

    # --- rows -----------------------------------------------------------------------------------------------------
    def build(self, questions: list[str], base: Mapping[str, set[str]]) -> Frames:
        if not set(questions) <= set(self.tables["Household"].get_column("id").to_list()):
            raise FrameError("库中没有这一户", "no such household in the store")
        self.around = Around(self.tables, self.as_of, questions)
        frames = Frames({}, {}, {}, len(questions))
        self._household_rows(frames, base.get(HOUSEHOLD, set()))
        self._person_rows(frames, base.get(PERSON, set()))
        self.owners = {
            HOUSEHOLD: self.around.households.select("row", "q", id="household"),
            PERSON: self.around.persons.select("row", "q", "near", "inside", id="person"),
        }
        wanted = {name for name in base if "@" in name} | {list_frame("members", HOUSEHOLD)}
        lists = FactLists(self)
        for frame in sorted(wanted):
            lists.rows(frames, frame, base.get(frame, set()))
        return frames

    def _household_rows(self, frames: Frames, wanted: set[str]) -> None:
        rows = self.around.households
        frames.hops[(HOUSEHOLD, "ego")] = (HOUSEHOLD, rows.get_column("at"))
        table = rows.select("q", id="household", inside="ego", as_of=pl.lit(self.as_of))
        lives = self.tables["LIVES_IN"].select(id="src", lives_in="dst").unique("id", keep="first")
        table = table.join(lives, on="id", how="left", maintain_order="left")
        frames.tables[HOUSEHOLD] = self._with_facts(table, HOUSEHOLD, wanted)

    def _person_rows(self, frames: Frames, wanted: set[str]) -> None:
        rows = self.around.persons
        frames.hops[(PERSON, "ego")] = (HOUSEHOLD, rows.get_column("at"))
        frames.hops[(PERSON, "home")] = (HOUSEHOLD, rows.get_column("home"))
        table = rows.select("q", id="person", inside="inside", near="near", as_of=pl.lit(self.as_of))
        frames.tables[PERSON] = self._with_facts(table, PERSON, wanted)

    # --- what -----------------------------------------------------------------------------------------------------
    def _with_facts(self, table: pl.DataFrame, unit: str, wanted: set[str]) -> pl.DataFrame:
        """The rows with the value of every wanted fact, and which lists are whole."""
        kind = "Household" if unit == HOUSEHOLD else "Person"
        said = self.said.filter((pl.col("subject_kind") == kind) & pl.col("list").is_null())
        names = sorted({w[2:].split(":")[0] for w in wanted if w.startswith("f:")})
        values = self.newest(said, ["subject"], {f"f:{n}": self.catalogue.facts[n] for n in names})
        table = table.join(values, left_on="id", right_on="subject", how="left", maintain_order="left")
        if unit == HOUSEHOLD and "region" in self.catalogue.facts and "f:region" in table.columns:
            table = table.with_columns(pl.coalesce("f:region", "lives_in").alias("f:region"))
        table = self._with_consent(table, unit, names)
        lists = sorted(w.removeprefix("whole:") for w in wanted if w.startswith("whole:"))
        return self._with_whole(table, said, lists)

    def newest(self, said: pl.DataFrame, keys: list[str], facts: Mapping[str, Fact]) -> pl.DataFrame:
        """For each key the newest value of each fact; unknown where that is stale. Statements come oldest first."""
        key = (tuple(keys), tuple(facts), tuple(said.columns), self.as_of)
        if key not in self.kept:
            self.kept[key] = self._columns(facts, said.columns)
        found, absent = self.kept[key]
        if not found:
            return said.select(keys).unique(maintain_order=True).with_columns(absent)
        table = said.group_by(keys, maintain_order=True).agg(found).with_columns(absent)
        _check_range(table)
        return table

    def _columns(self, facts: Mapping[str, Fact], stored: Sequence[str]) -> tuple[list[pl.Expr], list[pl.Expr]]:
        """The newest value of each fact, and unknown for those of which nothing is stored at all."""
        found, absent = [], []
        for column, fact in facts.items():
            name = property_of(fact)
            value = pl.col(name)
            if name not in stored:
                absent.append(pl.lit(None, dtype=dtype_of(fact)).alias(column))
            elif fact.good_for is None:
                found.append(typed(value.drop_nulls().last(), fact).alias(column))
            else:
                holds = after(pl.col("true_on"), fact.good_for) >= self.as_of
                fresh = pl.when(holds | value.is_in(list(fact.for_good)) if fact.for_good else holds).then(value)
                found.append(typed(fresh.filter(value.is_not_null()).last(), fact).alias(column))
        return found, absent

    def _with_consent(self, table: pl.DataFrame, unit: str, names: list[str]) -> pl.DataFrame:
        """Facts of people outside that need a consent are unknown without one; `needs_consent` tells that some are hidden."""
        guarded = [n for n in names if self.catalogue.facts[n].needs_consent]
        self.allowed[unit] = None
        if table.get_column("inside").all():
            return table
        if self.tables["GAVE"].is_empty():
            table = table.with_columns(scope=pl.lit([], dtype=pl.List(pl.String)))
        else:
            table = table.join(self._scopes(unit), on="id", how="left", maintain_order="left")
        scope = pl.col("scope").fill_null([])
        broad = pl.col("inside") | scope.list.contains("all") | scope.list.contains("economy")
        self.allowed[unit] = table.select("inside", scope.alias("scope"), broad=broad)
        kept = [pl.when(broad | scope.list.contains(n)).then(pl.col(f"f:{n}")).alias(f"f:{n}") for n in guarded]
        return table.with_columns(*kept, (~broad & (scope.list.len() == 0)).alias("needs_consent")).drop("scope")

    def _scopes(self, unit: str) -> pl.DataFrame:
        """What each person, or any member of each household, allows on the day: id, scope."""
        consents = in_force(self.tables["Consent"], self.as_of).filter(pl.col("withdrawn").is_null() | (pl.col("withdrawn") > self.as_of))
        given = self.tables["GAVE"].join(consents, left_on="dst", right_on="id").select(id="src", scope="scope")
        if unit == HOUSEHOLD:
            given = given.join(self.around.member.select("person", "household"), left_on="id", right_on="person").select(
                id="household", scope="scope"
            )
        return given.explode("scope").group_by("id", maintain_order=True).agg("scope")

    def may_read(self, unit: str, name: str) -> pl.Series | None:
        """Whether the list of each row may be read; None where every row's may."""
        fact, allowed = self.catalogue.facts.get(name), self.allowed[unit]
        if fact is None or not fact.needs_consent or allowed is None:
            return None
        return allowed.select(pl.col("broad") | pl.col("scope").list.contains(name)).to_series()

    def _with_whole(self, table: pl.DataFrame, said: pl.DataFrame, lists: list[str]) -> pl.DataFrame:
        """A column `whole:<list>` for each list: a statement that gives it whole still holds."""
        whole, ids = self._given_whole(said), table.get_column("id").to_list()
        reach = {"supporters": "near", "parents": "inside", "children": "inside"} if "near" in table.columns else {}
        columns = []
        for name in lists:
            root = name.partition("/")[0]
            subjects = whole.get(root, frozenset()) | whole.get(name, frozenset())
            held = pl.Series(f"whole:{name}", [id_ in subjects for id_ in ids] if subjects else [False] * len(ids), dtype=pl.Boolean)
            readable = self.may_read(PERSON if "near" in table.columns else HOUSEHOLD, root)
            for limit in (readable, table.get_column(reach[name]) if name in reach else None):
                held = held if limit is None or not subjects else held & limit
            columns.append(held)
        return table.hstack(columns) if columns else table

    def _given_whole(self, said: pl.DataFrame) -> dict[str, frozenset[str]]:
        """For each list the subjects for whom it is still whole: list -> ids."""
        newest: dict[str, dict[str, dt.date | None]] = {}
        for subject, day, names in said.filter(pl.col("complete").list.len() > 0).select("subject", "true_on", "complete").iter_rows():
            for name in names:  # statements come oldest first
                newest.setdefault(name, {})[subject] = day
        found, today = {}, days.of_date(self.as_of)
        for name, by_subject in newest.items():
            fact = self.catalogue.facts.get(name.partition("/")[0])
            if fact is None or fact.good_for is None:
                found[name] = frozenset(by_subject)
            else:
                fresh = {day for day in set(by_subject.values()) if day is not None and days.after(day, fact.good_for) >= today}
                found[name] = frozenset(subject for subject, day in by_subject.items() if day in fresh)
        return found


def _check_range(table: pl.DataFrame) -> None:
    """Refuse numbers that sums and products could not hold."""
    numbers = table.select(pl.col(pl.Int64))
    if numbers.width and not numbers.select(pl.all_horizontal(pl.all().is_between(-TOP_OF_FACT, TOP_OF_FACT).all())).item():
        name = next(c.name for c in numbers if not c.is_between(-TOP_OF_FACT, TOP_OF_FACT).all())
        raise FrameError(f"“{name[2:]}”的数值过大", f"a value of {name[2:]} is too large")
