"""The frames of lists: members, supporters, parents, children, awards, recognitions, and what statements tell entry by entry.

In: the facts stage with its rows of households and persons (`matcher.facts`). Out: a frame for each list, its entries owner by
owner. Source: design section 3; docs/language-notes.md, 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from matcher.around import in_force
from matcher.errors import FrameError
from matcher.frames import Frames, at_rows, spans_of
from matcher.logic import TOP_OF_LIST
from matcher.scope import HOUSEHOLD, PERSON
from matcher.stored import dtype_of, typed

if TYPE_CHECKING:
    from matcher.catalogue import Catalogue, Fact
    from matcher.facts import Stage

EDGES = {
    "members": "MEMBER_OF", "supporters": "SUPPORTS", "parents": "PARENT_OF", "children": "PARENT_OF",
    "awards": "RECEIVES", "recognitions": "RECOGNISED_AS",
}  # fmt: skip
"""The lists that the graph keeps as edges."""
PERSONS = ("members", "supporters", "parents", "children")
"""Those whose entries are persons."""


class FactLists:
    """The lists of one run of the facts stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def rows(self, frames: Frames, frame: str, wanted: set[str]) -> None:
        """The frame of a list: its entries, owner by owner."""
        name, unit = frame.split("@")
        fact = self.stage.catalogue.facts.get(name)
        of_person = name in PERSONS or (fact is not None and fact.rows == "person")
        if self._nobody_has(name, unit):
            table = self._no_entries(name, wanted, of_person=of_person)
        else:
            readable = self.stage.may_read(unit, name)
            owners = self.stage.owners[unit] if readable is None else self.stage.owners[unit].filter(readable)
            table = self._people(name, owners, wanted) if of_person else self._entries(name, unit, owners, wanted)
        owner = table.get_column("owner")
        frames.hops[(frame, "owner")] = (unit, owner)
        frames.hops[(frame, "ego")] = (HOUSEHOLD, at_rows(frames.hops[(unit, "ego")][1], owner))
        if of_person:
            frames.hops[(frame, "entry")] = (PERSON, table.get_column("entry"))
        frames.spans[frame] = spans_of(owner.to_numpy(), frames.height(unit))
        if len(owner) and (frames.spans[frame][1] - frames.spans[frame][0]).max() > TOP_OF_LIST:
            raise FrameError(f"清单“{name}”超过 {TOP_OF_LIST} 条", f"the list {name} has more than {TOP_OF_LIST} entries")
        frames.tables[frame] = table.hstack([pl.Series("as_of", [self.stage.as_of]).new_from_index(0, table.height)])

    def _nobody_has(self, name: str, unit: str) -> bool:
        """Whether no entry of the list is in the tables at all."""
        if name in EDGES:
            return self.stage.tables[EDGES[name]].is_empty()
        return ("Household" if unit == HOUSEHOLD else "Person", name) not in self.stage.told_lists

    def _no_entries(self, name: str, wanted: set[str], *, of_person: bool) -> pl.DataFrame:
        """The frame of a list that nobody has an entry of."""
        key = (name, frozenset(wanted))
        if key not in self.stage.kept:
            self.stage.kept[key] = self._empty(name, wanted, of_person=of_person)
        empty: pl.DataFrame = self.stage.kept[key]
        return empty

    def _empty(self, name: str, wanted: set[str], *, of_person: bool) -> pl.DataFrame:
        named = sorted({w[2:].split(":")[0] for w in wanted if w.startswith(("f:", "e:"))})
        fact = self.stage.catalogue.facts.get(name)
        fields = {} if fact is None else fact.edge if of_person else fact.rows
        assert isinstance(fields, dict)
        columns = {f"{'e' if of_person else 'f'}:{n}": dtype_of(fields[n]) for n in named}
        rest = {"other": pl.String(), "entry": pl.UInt32()} if of_person else {"key": pl.String(), "live": pl.Boolean()}
        return pl.DataFrame(schema={"id": pl.String(), "owner": pl.UInt32(), **rest, **columns})

    def _people(self, name: str, owners: pl.DataFrame, wanted: set[str]) -> pl.DataFrame:
        """A list of persons: edges of the owner, with the entry's row in the same question."""
        if name == "members":
            edges = self.stage.around.member.select(
                pl.col("household").alias("id"), pl.col("person").alias("other"), pl.exclude("household", "person", "source", "updated_at")
            )
        elif name == "supporters":
            owners = owners.filter("near")
            edges = self.stage.around.supports.select(
                pl.col("person").alias("id"), pl.col("entry").alias("other"), pl.exclude("person", "entry", "source", "updated_at")
            )
        else:
            owners = owners.filter("inside")
            owner, other = ("child", "parent") if name == "parents" else ("parent", "child")
            edges = self.stage.around.parent_of.select(id=owner, other=other)
        at = self.stage.around.persons.select("q", other="person", entry="row")
        table = owners.select("q", "id", owner="row").join(edges, on="id").join(at, on=["q", "other"])
        return self._edge_facts(table.sort("owner", "other"), name, wanted)

    def _edge_facts(self, table: pl.DataFrame, name: str, wanted: set[str]) -> pl.DataFrame:
        """The facts of the edge as `e:` columns."""
        declared = self.stage.catalogue.facts[name].edge
        columns = []
        for field in sorted({w[2:].split(":")[0] for w in wanted if w.startswith("e:")}):
            fact = declared[field]
            stored = next((c for c in edge_properties(fact) if c in table.columns), None)
            e = pl.lit(None, dtype=dtype_of(fact)) if stored is None else typed(pl.col(stored), fact)
            columns.append(e.alias(f"e:{fact.name}"))
        return table.with_columns(columns) if columns else table

    def _entries(self, name: str, unit: str, owners: pl.DataFrame, wanted: set[str]) -> pl.DataFrame:
        """A list of dated things: awards and recognitions from their nodes, the others from statements."""
        fields = self.stage.catalogue.facts[name].rows
        assert fields is not None
        assert not isinstance(fields, str)
        names = sorted({w[2:].split(":")[0] for w in wanted if w.startswith("f:")})
        kind = "Household" if unit == HOUSEHOLD else "Person"
        if name == "awards":
            entries = self._awards(kind)
        elif name == "recognitions":
            entries = self._recognitions(kind)
        else:
            entries = self.stage.newest(self.stage.told_lists[(kind, name)], ["subject", "key"], {f"f:{n}": fields[n] for n in names})
        if name in ("awards", "recognitions"):
            entries = entries.with_columns([_field(entries, fields[n]).alias(f"f:{n}") for n in names])
        table = owners.select("id", owner="row").join(entries, left_on="id", right_on="subject")
        return table.sort("owner", "key")

    def _awards(self, kind: str) -> pl.DataFrame:
        """Awards paid by the day, and whether each is in force (docs/language-notes.md, 14)."""
        held = self.stage.tables["RECEIVES"].filter(pl.col("src_kind") == kind)
        awards = held.select(subject="src", key="dst").join(self.stage.tables["Award"], left_on="key", right_on="id")
        awards = awards.filter(pl.col("paid_on").is_null() | (pl.col("paid_on") <= self.stage.as_of))
        year_on = pl.col("paid_on").dt.offset_by("1y") > self.stage.as_of
        live = (
            pl.when(pl.col("until").is_not_null())
            .then(pl.col("until") >= self.stage.as_of)
            .when(pl.col("policy").is_in(sorted(paid_once(self.stage.catalogue))))
            .then(year_on)
            .otherwise(pl.lit(value=True))
        )
        return awards.with_columns(live=live)

    def _recognitions(self, kind: str) -> pl.DataFrame:
        """Recognitions in force."""
        held = self.stage.tables["RECOGNISED_AS"].filter(pl.col("src_kind") == kind)
        found = held.select(subject="src", key="dst").join(
            in_force(self.stage.tables["Recognition"], self.stage.as_of), left_on="key", right_on="id"
        )
        return found.with_columns(live=pl.lit(value=True))


def _field(table: pl.DataFrame, fact: Fact) -> pl.Expr:
    """A field of an award or recognition, from whichever property holds it."""
    stored = next((c for c in node_properties(fact) if c in table.columns), None)
    return pl.lit(None, dtype=dtype_of(fact)) if stored is None else typed(pl.col(stored), fact)


def node_properties(fact: Fact) -> tuple[str, ...]:
    """The properties that may hold a field of an award or recognition; the first that there is does."""
    return fact.name, f"{fact.name}_fen", f"fact_{fact.name}", f"fact_{fact.name}_fen"


def edge_properties(fact: Fact) -> tuple[str, ...]:
    """The properties that may hold a fact of an edge; the first that there is does."""
    return fact.name, f"edge_{fact.name}", f"edge_{fact.name}_fen"


def paid_once(catalogue: Catalogue) -> frozenset[str]:
    """The policies that pay once: an award of theirs counts for a year."""
    return frozenset(
        i for i, versions in catalogue.policies.items() if versions[0].benefit is not None and versions[0].benefit.per == "once"
    )
