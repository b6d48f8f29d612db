"""The facts stage for few households: the very frames that `matcher.facts` makes, from plain rows.

polars takes some tens of microseconds for each step, whatever the rows, and the stage has more than two hundred; a household
has ten rows. `tests/unit/test_few_facts.py` compares both. What is unusual (`matcher.told`) is left to `matcher.facts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from matcher.around import rows_around
from matcher.errors import FrameError
from matcher.few_lists import REACH, FewLists
from matcher.frames import Frames, frame_of
from matcher.plain_rows import column_of, height_of, hold, in_force, row_numbers, rows_of
from matcher.scope import HOUSEHOLD, PERSON, list_frame
from matcher.stored import dtype_of
from matcher.told import KINDS, Told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from graph.row_tables import Row
    from matcher.around import HouseholdRow, PersonRow
    from matcher.catalogue import Catalogue, Fact
    from matcher.stored import Tables

FEW_QUESTIONS, FEW_STATEMENTS = 4, 1_000
"""More households, or more statements, than these are read with polars."""
ROOM = 256
"""Rows of the columns without values that are kept to take a few from."""


def is_few(tables: Tables, questions: Sequence[str]) -> bool:
    """Whether the tables are small enough to be read row by row."""
    return len(questions) <= FEW_QUESTIONS and height_of(tables, "Statement") <= FEW_STATEMENTS


class FewStage:
    """One run of the facts stage on plain rows. Raises Unusual for what polars has to do."""

    def __init__(self, tables: Tables, catalogue: Catalogue, as_of: dt.date, known_by: dt.datetime | None, kept: dict[object, Any]) -> None:
        self.tables, self.catalogue, self.as_of, self.kept = tables, catalogue, as_of, kept
        self.told = Told(tables, catalogue, as_of, known_by)
        self.today = self.told.today
        self.broad: dict[str, list[bool] | None] = {}
        self.scopes: dict[str, list[list[str | None]]] = {}

    def build(self, questions: list[str], base: Mapping[str, set[str]]) -> Frames:
        """The frames. Raises FrameError, Unusual."""
        if not set(questions) <= {row["id"] for row in rows_of(self.tables, "Household", ("id",))}:
            raise FrameError("库中没有这一户", "no such household in the store")
        self.member, self.supports = (self.in_force(kind) for kind in ("MEMBER_OF", "SUPPORTS"))
        self.parent_of = rows_of(self.tables, "PARENT_OF", ("src", "dst"))
        member, supports, parent_of = (
            [(edge["src"], edge["dst"]) for edge in edges] for edges in (self.member, self.supports, self.parent_of)
        )
        self.households, self.persons = rows_around(member, supports, parent_of, questions)
        frames = Frames({}, {}, {}, len(questions))
        self._household_rows(frames, base.get(HOUSEHOLD, set()))
        self._person_rows(frames, base.get(PERSON, set()))
        lists = FewLists(self)
        for frame in sorted({name for name in base if "@" in name} | {list_frame("members", HOUSEHOLD)}):
            lists.rows(frames, frame, base.get(frame, set()))
        return frames

    def in_force(self, kind: str) -> list[Row]:
        """Edges or nodes whose dates include the day; dates as days since 1970."""
        return in_force(rows_of(self.tables, kind), self.today)

    # --- rows -----------------------------------------------------------------------------------------------------
    def _household_rows(self, frames: Frames, wanted: set[str]) -> None:
        rows = self.households
        frames.hops[(HOUSEHOLD, "ego")] = (HOUSEHOLD, row_numbers(row[4] for row in rows))
        lives: dict[str, str] = {}
        for row in rows_of(self.tables, "LIVES_IN", ("src", "dst")):
            lives.setdefault(row["src"], row["dst"])
        ids, inside = [row[2] for row in rows], [row[3] for row in rows]
        columns = self._with_facts(HOUSEHOLD, rows, ids, inside, wanted)
        homes = [lives.get(id_) for id_ in ids]
        if "f:region" in columns and "region" in self.catalogue.facts:
            told = zip(columns["f:region"].to_list(), homes, strict=True)
            columns["f:region"] = column_of("f:region", [home if region is None else region for region, home in told], pl.String())
        first = [*self._about(rows, ids, inside), column_of("lives_in", homes, pl.String())]
        frames.tables[HOUSEHOLD] = frame_of([*first, *columns.values()])

    def _person_rows(self, frames: Frames, wanted: set[str]) -> None:
        rows = self.persons
        frames.hops[(PERSON, "ego")] = (HOUSEHOLD, row_numbers(row[6] for row in rows))
        frames.hops[(PERSON, "home")] = (HOUSEHOLD, row_numbers(row[5] for row in rows))
        ids, inside = [row[2] for row in rows], [row[3] for row in rows]
        columns = self._with_facts(PERSON, rows, ids, inside, wanted)
        near = column_of("near", [row[4] for row in rows], pl.Boolean())
        frames.tables[PERSON] = frame_of([*self._about(rows, ids, inside), near, *columns.values()])

    def _about(self, rows: Sequence[HouseholdRow | PersonRow], ids: list[str], inside: list[bool]) -> list[pl.Series]:
        """Question, id, whether it is asked about, day."""
        return [
            column_of("q", [row[1] for row in rows], pl.UInt32()),
            column_of("id", ids, pl.String()),
            column_of("inside", inside, pl.Boolean()),
            self.days(len(rows)),
        ]

    def days(self, height: int) -> pl.Series:
        """The day of the question on some rows."""
        return column_of("as_of", [self.today] * height, pl.Date())

    # --- what -----------------------------------------------------------------------------------------------------
    def _with_facts(
        self, unit: str, rows: Sequence[HouseholdRow | PersonRow], ids: list[str], inside: list[bool], wanted: set[str]
    ) -> dict[str, pl.Series]:
        """A column for every wanted fact and list that may be whole."""
        names = sorted({w[2:].split(":")[0] for w in wanted if w.startswith("f:")})
        lists = sorted(w.removeprefix("whole:") for w in wanted if w.startswith("whole:"))
        columns = self.unknown(unit, {f"f:{n}": self.catalogue.facts[n] for n in names}, [f"whole:{n}" for n in lists], len(rows))
        told = [self.told.facts.get((KINDS[unit], id_)) for id_ in ids]
        self._consents(unit, ids, inside)
        for name in names:
            fact = self.catalogue.facts[name]
            if self.told.stored(fact):
                read, may = self.told.newest(fact), self.may_read(unit, name)
                values = [read(one) if one is not None and (may is None or may[at]) else None for at, one in enumerate(told)]
                hold(columns, f"f:{name}", values, fact)
        broad = self.broad[unit]
        if broad is not None:
            nobody = [not one and not scope for one, scope in zip(broad, self.scopes[unit], strict=True)]
            columns["needs_consent"] = column_of("needs_consent", nobody, pl.Boolean())
        self._with_whole(columns, unit, rows, ids, lists)
        return columns

    def unknown(self, frame: str, facts: Mapping[str, Fact], no: Sequence[str], height: int) -> dict[str, pl.Series]:
        """Columns of facts that are not known and of conditions that are not met, a few rows of those that are kept."""
        key = ("unknown", frame, tuple(facts), tuple(no))
        if key not in self.kept or height > self.kept[key].height:
            size = max(ROOM, height)
            columns = [column_of(name, [None] * size, dtype_of(fact)) for name, fact in facts.items()]
            self.kept[key] = frame_of([*columns, *(column_of(name, [False] * size, pl.Boolean()) for name in no)])
        whole: pl.DataFrame = self.kept[key]
        return {column.name: column for column in whole.head(height).get_columns()}

    def _consents(self, unit: str, ids: list[str], inside: list[bool]) -> None:
        """Note what may be read of each row; of members everything, of others what they agreed to."""
        self.broad[unit] = None
        if all(inside):
            return
        given = self._scopes()
        people = {id_: [id_] for id_ in ids}
        if unit == HOUSEHOLD:
            people = {id_: [edge["src"] for edge in self.member if edge["dst"] == id_] for id_ in ids}
        self.scopes[unit] = [[word for person in people[id_] for word in given.get(person, ())] for id_ in ids]
        self.broad[unit] = [own or "all" in scope or "economy" in scope for own, scope in zip(inside, self.scopes[unit], strict=True)]

    def _scopes(self) -> dict[str, list[str | None]]:
        """What each person allows on the day; a consent that does not say its scope is one all the same."""
        gave = rows_of(self.tables, "GAVE", ("src", "dst"))
        if not gave:
            return {}
        held = {row["id"]: row for row in self.in_force("Consent") if row["withdrawn"] is None or row["withdrawn"] > self.today}
        found: dict[str, list[str | None]] = {}
        for edge in gave:
            if edge["dst"] in held:
                scope = held[edge["dst"]]["scope"]
                found.setdefault(edge["src"], []).extend([None] if scope is None else scope)
        return found

    def may_read(self, unit: str, name: str) -> list[bool] | None:
        """Whether a fact or list of each row may be read; None where every row's may."""
        fact, broad = self.catalogue.facts.get(name), self.broad[unit]
        if fact is None or not fact.needs_consent or broad is None:
            return None
        return [one or name in scope for one, scope in zip(broad, self.scopes[unit], strict=True)]

    def _with_whole(
        self, columns: dict[str, pl.Series], unit: str, rows: Sequence[HouseholdRow | PersonRow], ids: list[str], lists: list[str]
    ) -> None:
        """A column `whole:<list>` for each list: a statement that gives it whole still holds."""
        whole = self.told.wholes(KINDS[unit], self.catalogue)
        for name in lists:
            root = name.partition("/")[0]
            subjects = whole.get(root, set()) | whole.get(name, set())
            if subjects:
                may, reach = self.may_read(unit, root), REACH.get(name) if unit == PERSON else None
                values = [
                    id_ in subjects and (may is None or may[at]) and (reach is None or bool(rows[at][reach])) for at, id_ in enumerate(ids)
                ]
                columns[f"whole:{name}"] = column_of(f"whole:{name}", values, pl.Boolean())
