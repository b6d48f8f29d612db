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
from matcher.frames import Frames, at_rows, spans_of
from matcher.logic import TOP_OF_FACT, TOP_OF_LIST
from matcher.scope import HOUSEHOLD, PERSON, list_frame
from matcher.stored import after, dtype_of, property_of, typed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from matcher.catalogue import Catalogue, Fact
    from matcher.stored import Tables

EDGES = {
    "members": "MEMBER_OF", "supporters": "SUPPORTS", "parents": "PARENT_OF", "children": "PARENT_OF",
    "awards": "RECEIVES", "recognitions": "RECOGNISED_AS",
}  # fmt: skip
"""The lists that the graph keeps as edges."""
PERSONS = ("members", "supporters", "parents", "children")
"""Those whose entries are persons."""


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
    stage = _Stage(tables, catalogue, as_of, known_by, kept)
    return stage.build(list(questions), base)


class _Stage:
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
        for frame in sorted(wanted):
            self._list_rows(frames, frame, base.get(frame, set()))
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
        values = self._newest(said, ["subject"], {f"f:{n}": self.catalogue.facts[n] for n in names})
        table = table.join(values, left_on="id", right_on="subject", how="left", maintain_order="left")
        if unit == HOUSEHOLD and "region" in self.catalogue.facts and "f:region" in table.columns:
            table = table.with_columns(pl.coalesce("f:region", "lives_in").alias("f:region"))
        table = self._with_consent(table, unit, names)
        lists = sorted(w.removeprefix("whole:") for w in wanted if w.startswith("whole:"))
        return self._with_whole(table, said, lists)

    def _newest(self, said: pl.DataFrame, keys: list[str], facts: Mapping[str, Fact]) -> pl.DataFrame:
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
                fresh = pl.when(after(pl.col("true_on"), fact.good_for) >= self.as_of).then(value)
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

    def _may_read(self, unit: str, name: str) -> pl.Series | None:
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
            readable = self._may_read(PERSON if "near" in table.columns else HOUSEHOLD, root)
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

    # --- lists ----------------------------------------------------------------------------------------------------
    def _list_rows(self, frames: Frames, frame: str, wanted: set[str]) -> None:
        """The frame of a list: its entries, owner by owner."""
        name, unit = frame.split("@")
        fact = self.catalogue.facts.get(name)
        of_person = name in PERSONS or (fact is not None and fact.rows == "person")
        if self._nobody_has(name, unit):
            table = self._no_entries(name, wanted, of_person=of_person)
        else:
            readable = self._may_read(unit, name)
            owners = self.owners[unit] if readable is None else self.owners[unit].filter(readable)
            table = self._people(name, owners, wanted) if of_person else self._entries(name, unit, owners, wanted)
        owner = table.get_column("owner")
        frames.hops[(frame, "owner")] = (unit, owner)
        frames.hops[(frame, "ego")] = (HOUSEHOLD, at_rows(frames.hops[(unit, "ego")][1], owner))
        if of_person:
            frames.hops[(frame, "entry")] = (PERSON, table.get_column("entry"))
        frames.spans[frame] = spans_of(owner.to_numpy(), frames.height(unit))
        if len(owner) and (frames.spans[frame][1] - frames.spans[frame][0]).max() > TOP_OF_LIST:
            raise FrameError(f"清单“{name}”超过 {TOP_OF_LIST} 条", f"the list {name} has more than {TOP_OF_LIST} entries")
        frames.tables[frame] = table.hstack([pl.Series("as_of", [self.as_of]).new_from_index(0, table.height)])

    def _nobody_has(self, name: str, unit: str) -> bool:
        """Whether no entry of the list is in the tables at all."""
        if name in EDGES:
            return self.tables[EDGES[name]].is_empty()
        return ("Household" if unit == HOUSEHOLD else "Person", name) not in self.told_lists

    def _no_entries(self, name: str, wanted: set[str], *, of_person: bool) -> pl.DataFrame:
        """The frame of a list that nobody has an entry of."""
        key = (name, frozenset(wanted))
        if key not in self.kept:
            self.kept[key] = self._empty(name, wanted, of_person=of_person)
        empty: pl.DataFrame = self.kept[key]
        return empty

    def _empty(self, name: str, wanted: set[str], *, of_person: bool) -> pl.DataFrame:
        named = sorted({w[2:].split(":")[0] for w in wanted if w.startswith(("f:", "e:"))})
        fact = self.catalogue.facts.get(name)
        fields = {} if fact is None else fact.edge if of_person else fact.rows
        assert isinstance(fields, dict)
        columns = {f"{'e' if of_person else 'f'}:{n}": dtype_of(fields[n]) for n in named}
        rest = {"other": pl.String(), "entry": pl.UInt32()} if of_person else {"key": pl.String(), "live": pl.Boolean()}
        return pl.DataFrame(schema={"id": pl.String(), "owner": pl.UInt32(), **rest, **columns})

    def _people(self, name: str, owners: pl.DataFrame, wanted: set[str]) -> pl.DataFrame:
        """A list of persons: edges of the owner, with the entry's row in the same question."""
        if name == "members":
            edges = self.around.member.select(
                pl.col("household").alias("id"), pl.col("person").alias("other"), pl.exclude("household", "person", "source", "updated_at")
            )
        elif name == "supporters":
            owners = owners.filter("near")
            edges = self.around.supports.select(
                pl.col("person").alias("id"), pl.col("entry").alias("other"), pl.exclude("person", "entry", "source", "updated_at")
            )
        else:
            owners = owners.filter("inside")
            owner, other = ("child", "parent") if name == "parents" else ("parent", "child")
            edges = self.around.parent_of.select(id=owner, other=other)
        at = self.around.persons.select("q", other="person", entry="row")
        table = owners.select("q", "id", owner="row").join(edges, on="id").join(at, on=["q", "other"])
        return self._edge_facts(table.sort("owner", "other"), name, wanted)

    def _edge_facts(self, table: pl.DataFrame, name: str, wanted: set[str]) -> pl.DataFrame:
        """The facts of the edge as `e:` columns."""
        declared = self.catalogue.facts[name].edge
        columns = []
        for field in sorted({w[2:].split(":")[0] for w in wanted if w.startswith("e:")}):
            fact = declared[field]
            stored = next((c for c in (fact.name, f"edge_{fact.name}", f"edge_{fact.name}_fen") if c in table.columns), None)
            e = pl.lit(None, dtype=dtype_of(fact)) if stored is None else typed(pl.col(stored), fact)
            columns.append(e.alias(f"e:{fact.name}"))
        return table.with_columns(columns) if columns else table

    def _entries(self, name: str, unit: str, owners: pl.DataFrame, wanted: set[str]) -> pl.DataFrame:
        """A list of dated things: awards and recognitions from their nodes, the others from statements."""
        fields = self.catalogue.facts[name].rows
        assert fields is not None
        assert not isinstance(fields, str)
        names = sorted({w[2:].split(":")[0] for w in wanted if w.startswith("f:")})
        kind = "Household" if unit == HOUSEHOLD else "Person"
        if name == "awards":
            entries = self._awards(kind)
        elif name == "recognitions":
            entries = self._recognitions(kind)
        else:
            entries = self._newest(self.told_lists[(kind, name)], ["subject", "key"], {f"f:{n}": fields[n] for n in names})
        if name in ("awards", "recognitions"):
            entries = entries.with_columns([_field(entries, fields[n]).alias(f"f:{n}") for n in names])
        table = owners.select("id", owner="row").join(entries, left_on="id", right_on="subject")
        return table.sort("owner", "key")

    def _awards(self, kind: str) -> pl.DataFrame:
        """Awards paid by the day, and whether each is in force (docs/language-notes.md, 14)."""
        held = self.tables["RECEIVES"].filter(pl.col("src_kind") == kind)
        awards = held.select(subject="src", key="dst").join(self.tables["Award"], left_on="key", right_on="id")
        awards = awards.filter(pl.col("paid_on").is_null() | (pl.col("paid_on") <= self.as_of))
        once = [
            i for i, versions in self.catalogue.policies.items() if versions[0].benefit is not None and versions[0].benefit.per == "once"
        ]
        year_on = pl.col("paid_on").dt.offset_by("1y") > self.as_of
        live = (
            pl.when(pl.col("until").is_not_null())
            .then(pl.col("until") >= self.as_of)
            .when(pl.col("policy").is_in(once))
            .then(year_on)
            .otherwise(pl.lit(value=True))
        )
        return awards.with_columns(live=live)

    def _recognitions(self, kind: str) -> pl.DataFrame:
        """Recognitions in force."""
        held = self.tables["RECOGNISED_AS"].filter(pl.col("src_kind") == kind)
        found = held.select(subject="src", key="dst").join(in_force(self.tables["Recognition"], self.as_of), left_on="key", right_on="id")
        return found.with_columns(live=pl.lit(value=True))


def _field(table: pl.DataFrame, fact: Fact) -> pl.Expr:
    """A field of an award or recognition, from whichever property holds it."""
    name = fact.name
    stored = next((c for c in (name, f"{name}_fen", f"fact_{name}", f"fact_{name}_fen") if c in table.columns), None)
    return pl.lit(None, dtype=dtype_of(fact)) if stored is None else typed(pl.col(stored), fact)


def _check_range(table: pl.DataFrame) -> None:
    """Refuse numbers that sums and products could not hold."""
    numbers = table.select(pl.col(pl.Int64))
    if numbers.width and not numbers.select(pl.all_horizontal(pl.all().is_between(-TOP_OF_FACT, TOP_OF_FACT).all())).item():
        name = next(c.name for c in numbers if not c.is_between(-TOP_OF_FACT, TOP_OF_FACT).all())
        raise FrameError(f"“{name[2:]}”的数值过大", f"a value of {name[2:]} is too large")
