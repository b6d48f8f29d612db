"""Who is around a household: its members, supporters to two steps, parents, children, and these people's households with theirs.

Comes from the tables of the graph; `matcher.facts` makes the rows of frames of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from matcher.stored import Tables

    Pair = tuple[str, str]
    HouseholdRow = tuple[int, int, str, bool, int]
    PersonRow = tuple[int, int, str, bool, bool, int | None, int]


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
        households, persons = rows_around(_pairs(self.member), _pairs(self.supports), _pairs(self.parent_of), questions)
        row: dict[str, type[pl.DataType]] = {"row": pl.UInt32, "q": pl.UInt32}
        self.households = pl.DataFrame(households, row | {"household": pl.String, "ego": pl.Boolean, "at": pl.UInt32}, orient="row")
        of_person = {"person": pl.String, "inside": pl.Boolean, "near": pl.Boolean, "home": pl.UInt32, "at": pl.UInt32}
        self.persons = pl.DataFrame(persons, row | of_person, orient="row")


def in_force(edges: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Edges and nodes whose dates include the day."""
    begun = pl.col("from").is_null() | (pl.col("from") <= as_of)
    return edges.filter(begun & (pl.col("until").is_null() | (pl.col("until") >= as_of)))


def rows_around(
    member: Sequence[Pair], supports: Sequence[Pair], parent_of: Sequence[Pair], questions: Sequence[str]
) -> tuple[list[HouseholdRow], list[PersonRow]]:
    """The rows of `Around.households` and `Around.persons`, from edges as (src, dst)."""
    homes, members = _grouped(member), _grouped(_turned(member))
    supporters = _grouped(_turned(supports))
    kin = _grouped(_turned(parent_of)), _grouped(parent_of)
    households: list[HouseholdRow] = []
    persons: list[PersonRow] = []
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
    return households, persons


def _pairs(edges: pl.DataFrame) -> list[Pair]:
    """The ends of edges."""
    src, dst, *_ = edges.get_columns()
    return list(zip(src.to_list(), dst.to_list(), strict=True))


def _turned(edges: Iterable[Pair]) -> Iterator[Pair]:
    """The same edges from their other end."""
    return ((dst, src) for src, dst in edges)


def _grouped(edges: Iterable[Pair]) -> dict[str, set[str]]:
    """Where edges from each end lead to."""
    found: dict[str, set[str]] = {}
    for one, other in edges:
        found.setdefault(one, set()).add(other)
    return found


def _beyond(some: set[str], edges: dict[str, set[str]]) -> set[str]:
    """Whoever is one step from any of them."""
    return set().union(*(edges.get(one, ()) for one in some))
