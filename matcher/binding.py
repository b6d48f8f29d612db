"""The base columns that do not come from statements: places, versions in force, standards, worlds, terms set by hand.

They depend on the place of the question alone, so they are looked up once per distinct place and gathered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher import standards
from matcher.frames import taken, with_column
from matcher.plain_rows import rows_of, schema_of
from matcher.program import nearest_of
from matcher.scope import HOUSEHOLD, PERSON

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from matcher.catalogue import Catalogue, Term
    from matcher.frames import Frames
    from matcher.program import Program
    from matcher.stored import Tables

KEPT = 256
"""Tables of standards by place that a program keeps."""
PLACE_FACTS = {"registered": "registered_in", "event": "event_in", "school": "school_in"}
"""The household's fact that tells each place; where it is not known, or the catalogue has none, the place is where it lives."""


def place_columns(catalogue: Catalogue) -> set[str]:
    """The household's base columns that places are read from."""
    names = [*PLACE_FACTS.values(), "region"]
    return {f"f:{n}" for n in names if n in catalogue.facts and HOUSEHOLD in catalogue.facts[n].units}


def places_of(tables: Tables, household: str) -> frozenset[str]:
    """Every code that may be the place of a question about this household: where it lives, or what was ever told of its places."""
    found = {row["dst"] for row in rows_of(tables, "LIVES_IN", ("src", "dst")) if row["src"] == household} or {""}
    about = rows_of(tables, "ABOUT", ("src", "dst", "dst_kind"))
    own = {row["src"] for row in about if row["dst"] == household and row["dst_kind"] == "Household"}
    told = schema_of(tables, "Statement")
    names = [name for name in (f"fact_{n}" for n in (*PLACE_FACTS.values(), "region")) if name in told]
    for row in rows_of(tables, "Statement", ("id", *names)) if names else ():
        if row["id"] in own:
            found.update(row[name] for name in names if row[name] is not None)
    return frozenset(found)


def places_by_household(tables: Tables, households: Sequence[str]) -> dict[str, frozenset[str]]:
    """The same for many households at once."""
    found: dict[str, set[str]] = {household: set() for household in households}
    asked = pl.DataFrame({"household": list(households)}, schema={"household": pl.String})
    for home, region in tables["LIVES_IN"].join(asked, left_on="src", right_on="household", how="semi").select("src", "dst").iter_rows():
        found[home].add(region)
    for home in found:
        found[home] = found[home] or {""}
    about = tables["ABOUT"].filter(pl.col("dst_kind") == "Household").join(asked, left_on="dst", right_on="household", how="semi")
    names = [f"fact_{n}" for n in (*PLACE_FACTS.values(), "region") if f"fact_{n}" in tables["Statement"].columns]
    said = tables["Statement"].select("id", *names).join(about.select("src", "dst"), left_on="id", right_on="src")
    for name in names:
        for home, region in said.filter(pl.col(name).is_not_null()).select("dst", name).iter_rows():
            found[home].add(region)
    return {home: frozenset(regions) for home, regions in found.items()}


def bind(frames: Frames, program: Program, day: dt.date) -> None:
    """Add places, versions, standards; world columns as in the file's own world (`confirmed` no, nothing dropped)."""
    wanted = program.plan.base.get(HOUSEHOLD, set())
    table = frames.tables[HOUSEHOLD]
    egos = frames.hops[(HOUSEHOLD, "ego")][1].to_list()
    columns: list[pl.Series] = []
    for place in sorted({w.rsplit("@", 1)[1] for w in wanted if "@" in w}):
        places = _place_of(table, place)
        regions = [places[at] for at in egos]
        near = {region: nearest_of(region or "", program.named) for region in dict.fromkeys(regions)}
        codes = {region: number for number, region in enumerate(dict.fromkeys(near.values()))}
        columns += _by_place(program, place, tuple(codes), [codes[near[region]] for region in regions], day)
        if f"region@{place}" in wanted:
            columns.append(pl.Series(f"region@{place}", [region or None for region in regions], dtype=pl.String()))
    frames.tables[HOUSEHOLD] = table.hstack(columns)
    for unit in (HOUSEHOLD, PERSON):
        if unit not in program.at_first:
            drops = [w for w in program.plan.base.get(unit, set()) if w.startswith(("drop:", "refused:"))]
            program.at_first[unit] = [pl.Series(name, [False]) for name in ("confirmed", *sorted(drops))]
        height = frames.height(unit)
        frames.tables[unit] = frames.tables[unit].hstack([no.new_from_index(0, height) for no in program.at_first[unit]])


def refuse(frames: Frames, refused: Mapping[str, set[str]]) -> None:
    """Enter what officers refused (policy -> ids): a column `refused:<policy>` for each, of members and households asked about."""
    for unit in (HOUSEHOLD, PERSON) if refused else ():
        inside = pl.col("inside")
        columns = [(inside & pl.col("id").is_in(sorted(ids))).alias(f"refused:{policy}") for policy, ids in sorted(refused.items())]
        frames.tables[unit] = frames.tables[unit].with_columns(columns)


def _place_of(table: pl.DataFrame, place: str) -> list[str | None]:
    """The region code of each household row for a kind of place."""
    lives = [c for c in ("lives_in", "f:region") if c in table.columns]
    own = f"f:{PLACE_FACTS.get(place, '')}"
    columns = (table.get_column(name).to_list() for name in ([own, *lives] if own in table.columns else lives))
    return [next((code for code in codes if code is not None), None) for codes in zip(*columns, strict=True)]


def _by_place(program: Program, place: str, regions: tuple[str, ...], rows: list[int], day: dt.date) -> list[pl.Series]:
    """The columns that the plan reads of a place but its code, at row numbers among some regions; the last few are kept."""
    key = (place, regions, len(rows) if len(regions) == 1 else None, day)
    if key not in program.tables:
        if len(program.tables) > KEPT:
            program.tables.clear()
        table = _table_of(program, place, regions, day)
        alone = [column.new_from_index(0, len(rows)) for column in table.get_columns()]
        program.tables[key] = pl.DataFrame(alone) if len(regions) == 1 else table
    table = program.tables[key]
    return table.get_columns() if len(regions) == 1 else taken(table, pl.Series(rows, dtype=pl.UInt32))


def _table_of(program: Program, place: str, regions: tuple[str, ...], day: dt.date) -> pl.DataFrame:
    wanted = program.plan.base.get(HOUSEHOLD, set())
    names = sorted(w.rsplit("@", 1)[0] for w in wanted if w.endswith(f"@{place}") and not w.startswith("region@"))
    made: dict[str, pl.Series] = {}
    for standard_id in sorted({n.split(":")[1] for n in names if n.startswith("s:")}):
        made |= standards.columns(program.catalogue.standards[standard_id], regions, day)
    for name in names:
        kind, _, target = name.partition(":")
        if kind in ("pv", "tv"):
            versions: tuple[Any, ...] = program.policies[target] if kind == "pv" else program.terms.terms[target]
            made[name] = pl.Series([standards.version_at(versions, r, day) for r in regions], dtype=pl.Int32)
    return pl.DataFrame([made[name].alias(f"{name}@{place}") for name in names])


def set_terms(frames: Frames, catalogue: Catalogue, everywhere: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> None:
    """Terms that a case sets by hand, to a value or to unknown: for all rows of the term's unit, or for one person or household."""
    for name in sorted({*everywhere, *(t for terms in by_id.values() for t in terms)}):
        term = catalogue.terms[name]
        for frame in [f for f in frames.tables if f in (term.unit,) or f.startswith(f"{term.unit}@")]:
            table = frames.tables[frame]
            ids = table.get_column("id").to_list() if "id" in table.columns else [None] * table.height
            told = [{**everywhere, **by_id.get(i or "", {})} for i in ids]
            held = [None if one.get(name) is None else _held(one[name], term) for one in told]
            given = pl.Series(f"given:{name}", [name in one for one in told], dtype=pl.Boolean)
            frames.tables[frame] = table.with_columns(given, pl.Series(f"set:{name}", held, dtype=term_dtype(term)))


def _held(value: Any, term: Term) -> Any:
    """A term's value as it is held in a column."""
    return int(value * 10_000) if term.type == "number" else int(value) if term.kind in ("number", "money") else value


def term_dtype(term: Term) -> pl.DataType:
    """The column type of a term."""
    return {"yesno": pl.Boolean(), "date": pl.Date(), "text": pl.String(), "region": pl.String()}.get(term.kind, pl.Int64())


def widen(frames: Frames, program: Program) -> None:
    """For a plan of pairs: every number fact as two columns, an unknown one as what it can be."""
    for frame in program.plan.base:
        if frame not in program.pairs:
            program.pairs[frame] = _pairs(program, frame)
        if frame in frames.tables and program.pairs[frame]:
            frames.tables[frame] = frames.tables[frame].with_columns(program.pairs[frame])


def _pairs(program: Program, frame: str) -> list[pl.Expr]:
    """Both ends of every number fact of a frame that the plan reads as a pair."""
    found = []
    for name in sorted({n.rsplit(":", 1)[0] for n in program.plan.base[frame] if n.endswith((":lo", ":hi")) and n[0] in "fe"}):
        fact = _fact(program.catalogue, frame, name)
        d = 10_000 if fact.type == "number" else 1
        for end, bound in (("lo", fact.low), ("hi", fact.high)):
            e = pl.col(name) if bound is None else pl.col(name).fill_null(int(bound * d))
            found.append(e.alias(f"{name}:{end}"))
    return found


def _fact(catalogue: Catalogue, frame: str, name: str) -> Any:
    """The fact behind a base column."""
    if "@" not in frame:
        return catalogue.facts[name[2:]]
    owner = catalogue.facts[frame.split("@")[0]]
    return owner.edge[name[2:]] if name.startswith("e:") else owner.rows[name[2:]]  # type: ignore[index]


def in_world(frames: Frames, block: int, times: int, *, confirmed: bool, drops: Mapping[str, set[str]]) -> None:
    """Make one block of copied frames a world: recognitions found count, and some items are given up (policy -> ids)."""
    for unit in (HOUSEHOLD, PERSON):
        table = frames.tables[unit]
        size = table.height // times
        here = np.zeros(table.height, dtype=bool)
        here[block * size : (block + 1) * size] = True
        mask = pl.Series(here)
        changes = [pl.when(mask).then(pl.col("inside") & confirmed).otherwise(pl.col("confirmed")).alias("confirmed")]
        for policy, ids in drops.items():
            if f"drop:{policy}" in table.columns:
                given_up = pl.when(mask).then(pl.col("inside") & pl.col("id").is_in(sorted(ids))).otherwise(pl.col(f"drop:{policy}"))
                changes.append(given_up.alias(f"drop:{policy}"))
        frames.tables[unit] = table.with_columns(changes)


def in_worlds(frames: Frames, block: int, times: int, drops: Sequence[Mapping[str, set[str]]]) -> None:
    """Make one block of copied frames the world in which found recognitions count; each question gives up its own items."""
    policies = {policy for own in drops for policy in own}
    for unit in (HOUSEHOLD, PERSON):
        table = frames.tables[unit]
        size = table.height // times
        first = block * size
        here = np.zeros(table.height, dtype=bool)
        here[first : first + size] = True
        confirmed = table.get_column("inside").zip_with(pl.Series(here), table.get_column("confirmed")).alias("confirmed")
        table = with_column(table, confirmed)
        for policy in sorted(p for p in policies if f"drop:{p}" in table.columns):
            rows = zip(*(table.get_column(name).slice(first, size).to_list() for name in ("q", "id", "inside")), strict=True)
            given_up = np.zeros(table.height, dtype=bool)
            given_up[first : first + size] = [inside and id_ in drops[q].get(policy, ()) for q, id_, inside in rows]
            table = with_column(table, (pl.Series(given_up) | table.get_column(f"drop:{policy}")).alias(f"drop:{policy}"))
        frames.tables[unit] = table
