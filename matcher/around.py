"""Who is around a household: its members, supporters to two steps, parents, children, and these people's households with theirs.

Comes from the tables of the graph; `matcher.facts` makes the rows of frames of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from matcher.stored import Tables


class Around:
    """Every (question, household) and (question, person), with the rows they get in the frames.

    households: row, q, household, ego (whether it is the one that is asked about), at (the row of the one that is).
    persons: row, q, person, inside (a member), near (a member or a member's supporter), home (row of their own household), at.
    member, supports, parent_of: the edges between them, on the day.
    """

    def __init__(self, tables: Tables, as_of: dt.date, questions: Sequence[str]) -> None:
        self.member = in_force(tables["MEMBER_OF"], as_of).rename({"src": "person", "dst": "household"})
        self.supports = in_force(tables["SUPPORTS"], as_of).rename({"src": "entry", "dst": "person"})
        self.parent_of = tables["PARENT_OF"].select(parent="src", child="dst")
        homes, members = _grouped(self.member, "person", "household"), _grouped(self.member, "household", "person")
        supporters = _grouped(self.supports, "person", "entry")
        kin = _grouped(self.parent_of, "child", "parent"), _grouped(self.parent_of, "parent", "child")
        households: list[tuple[int, int, str, bool, int]] = []
        persons: list[tuple[int, int, str, bool, bool, int | None, int]] = []
        for q, own in enumerate(questions):
            inside = members.get(own, set())
            near = _beyond(inside, supporters)
            people = inside.union(near, _beyond(near, supporters), *(_beyond(inside, some) for some in kin))
            others = _beyond(people, homes) - {own}
            ego = len(households)
            rows = {home: ego + number for number, home in enumerate([own, *sorted(others)])}
            households += [(row, q, home, home == own, ego) for home, row in rows.items()]
            for person in sorted(people | _beyond(others, members)):
                at = sorted(home for home in homes.get(person, ()) if home in rows)
                home = rows[own if own in at else at[0]] if at else None
                persons.append((len(persons), q, person, person in inside, person in inside or person in near, home, ego))
        row: dict[str, type[pl.DataType]] = {"row": pl.UInt32, "q": pl.UInt32}
        self.households = pl.DataFrame(households, row | {"household": pl.String, "ego": pl.Boolean, "at": pl.UInt32}, orient="row")
        of_person = {"person": pl.String, "inside": pl.Boolean, "near": pl.Boolean, "home": pl.UInt32, "at": pl.UInt32}
        self.persons = pl.DataFrame(persons, row | of_person, orient="row")


def in_force(edges: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Edges and nodes whose dates include the day."""
    begun = pl.col("from").is_null() | (pl.col("from") <= as_of)
    return edges.filter(begun & (pl.col("until").is_null() | (pl.col("until") >= as_of)))


def _grouped(edges: pl.DataFrame, key: str, value: str) -> dict[str, set[str]]:
    """The values of each key."""
    found: dict[str, set[str]] = {}
    for one, other in zip(edges.get_column(key).to_list(), edges.get_column(value).to_list(), strict=True):
        found.setdefault(one, set()).add(other)
    return found


def _beyond(some: set[str], edges: dict[str, set[str]]) -> set[str]:
    """Whoever is one step from any of them."""
    return set().union(*(edges.get(one, ()) for one in some))
