"""The compiled engine and the plain oracle on the same random catalogues and records: every value, verdict, clause and amount."""

from __future__ import annotations

import random
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from graph.model import EDGE_KINDS, NODE_KINDS
from graph.open import open_store
from matcher import rules as engine_rules
from matcher.answers import Answers
from matcher.choices import World
from matcher.language import ListCall, Read
from matcher.ledger import OPEN
from matcher.logic import OTHER, Area, Day, Number, Text, YesNo
from matcher.pipeline import Engine, Question, run_worlds
from matcher.program import versions_on
from matcher.reads import reach
from matcher.records import rows
from matcher.scope import HOUSEHOLD, PERSON, base, within_list
from tests.factories import KEY, RECORDED, block_of
from tests.oracle import Oracle
from tests.oracle_expressions import Scene
from tests.oracle_file import Row
from tests.oracle_values import Interval
from tests.random_facts import DAY, KNOWN_BY
from tests.random_records import a_record
from tests.random_rules import a_catalogue

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from graph.store import Writer
    from matcher.catalogue import Catalogue
    from matcher.frames import Frames
    from matcher.language import Node
    from matcher.logic import Ratio, Value
    from matcher.program import Program
    from matcher.records import Record
    from matcher.scope import Scope
    from matcher.stored import Tables
    from tests.oracle_world import World as OracleWorld

WORLDS = [World(confirmed=False), World(confirmed=True)]
MOST_TRIED = 40
"""More ways to choose than the engine tries are not compared."""


# --- the engine's side --------------------------------------------------------------------------------------------------
def tables_of_many(records: Sequence[Record], catalogue: Catalogue, day: dt.date = DAY) -> Tables:
    """The records, written to one store and read back."""
    written = [rows(one, catalogue, source="case", true_on=day, recorded_at=RECORDED) for one in records]

    def unit(writer: Writer) -> None:
        for kinds, put in ((NODE_KINDS, writer.upsert_nodes), (EDGE_KINDS, writer.upsert_edges)):
            for kind in kinds:
                every = {(r.get("id"), r.get("src"), r.get("dst")): r for found in written for r in found.get(kind, [])}
                if every:
                    put(kind, list(every.values()))

    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder)}/store.sqlite", key=KEY)
        try:
            store.migrate()
            store.write(unit)
            return store.neighbourhoods([one.households[0].id for one in records])
        finally:
            store.close()


def compiled(catalogue: Catalogue, *, wide: bool = False) -> Program:
    """The catalogue compiled for the day with every term in it."""
    return compiled_on(catalogue, DAY, wide=wide)


def compiled_on(catalogue: Catalogue, day: dt.date, *, wide: bool = False) -> Program:
    """The catalogue compiled with every term in it, also those that no item uses."""
    made = engine_rules.Rules(catalogue, versions_on(catalogue, day), wide=wide, set_terms=frozenset())
    for term in catalogue.terms.values():
        if made.versions.staged(term.id):
            continue
        fact = catalogue.facts.get(term.unit)
        owners = fact.units if fact else ()
        scopes = [within_list(base(o, "living"), term.unit, o, of_person=fact is not None and fact.rows == "person") for o in owners]
        for scope in scopes or [base(term.unit, "living")]:
            made.plan.base[scope.frame].update(())
            made.compiler.term(term.unit, term.id, scope.frame, scope)
    return made.program(payments_too=True)


def run_all(
    catalogue: Catalogue, program: Program, records: Sequence[Record], tables: Tables, *, known_by: Any = None
) -> tuple[Frames, dict[str, Any]]:
    """All records at once, in the world of the file and in the one where what is found counts."""
    ids = [one.households[0].id for one in records]
    frames = Engine(catalogue).frames(tables, ids, Question(ids[0], DAY, known_by), program)
    return run_worlds(program, frames, WORLDS)


def numbers(end: Ratio, table: pl.DataFrame) -> list[Fraction | None]:
    """One end of a number on every row."""
    n = table.select(pl.col("as_of").alias("#"), end.n.cast(pl.Int128).alias("n")).get_column("n").to_list()
    d = [end.d] * len(n) if isinstance(end.d, int) else table.select(end.d.alias("d")).get_column("d").to_list()
    return [None if a is None else Fraction(a, b) for a, b in zip(n, d, strict=True)]


def held(value: Value, table: pl.DataFrame) -> list[Any]:
    """A value on every row of its frame, as the oracle writes values."""

    def column(e: pl.Expr) -> list[Any]:
        return table.select(pl.col("as_of").alias("#"), e.alias("x")).get_column("x").to_list()

    match value:
        case Number():
            return [Interval(lo, hi) for lo, hi in zip(numbers(value.lo, table), numbers(value.hi, table), strict=True)]
        case YesNo(e) | Day(e) | Area(e):
            return column(e)
        case Text(values, known, None):
            assert known is not None
            blank = frozenset(values) if values else None
            return [blank if v is None else frozenset({v}) for v in column(known.cast(pl.String))]
        case Text(may=may):
            assert may is not None
            columns = {v: column(e) for v, e in may.items()}
            other = columns.pop(OTHER, [False] * table.height)
            return [None if other[i] else frozenset(v for v, found in columns.items() if found[i]) for i in range(table.height)]
    raise AssertionError(value)


# --- the oracle's side --------------------------------------------------------------------------------------------------
class Side:
    """One record of a batch: which rows of the engine's frames are its own, and the oracle's worlds."""

    def __init__(self, catalogue: Catalogue, record: Record, number: int, *, known_by: Any = None) -> None:
        self.record, self.number = record, number
        self.oracle = Oracle(catalogue, record, DAY, known_by)
        self.worlds = [self.oracle.world(confirmed=one.confirmed) for one in WORLDS]

    def scene(self, program: Program, place: str, stage: str | None) -> Scene:
        """From where the engine's scope reads."""
        at = self.oracle.rules.place(place)
        if stage is None:
            return Scene(0, at)
        earlier = program.order[: program.order.index(stage)]
        return Scene(sum(p in earlier for p in self.oracle.rules.order), at)


class Batch:
    """A run of the engine over many records, beside their oracles."""

    def __init__(
        self, catalogue: Catalogue, records: Sequence[Record], *, wide: bool = False, known_by: Any = None, tables: Tables | None = None
    ) -> None:
        self.catalogue, self.records = catalogue, records
        self.tables = tables_of_many(records, catalogue) if tables is None else tables
        self.program = compiled(catalogue, wide=wide)
        self.frames, self.scratch = run_all(catalogue, self.program, records, self.tables, known_by=known_by)
        self.sides = [Side(catalogue, one, i, known_by=known_by) for i, one in enumerate(records)]
        self.owners = {i: self._questions(i) for i in (HOUSEHOLD, PERSON)}

    def _questions(self, unit: str) -> list[int]:
        """Which record each row of the first block belongs to."""
        height = self.frames.height(HOUSEHOLD) // len(WORLDS)
        inside = block_of(self.frames, HOUSEHOLD, 0, len(WORLDS)).get_column("inside").to_list()
        question = {row: n for n, row in enumerate(i for i in range(height) if inside[i])}
        ego = self.frames.hops[(unit, "ego")][1].to_list()[: self.frames.height(unit) // len(WORLDS)]
        return [question[e] for e in ego]

    def rows_of(self, frame: str, block: int) -> list[tuple[int, Row, bool]]:
        """(record, the oracle's row, surely the question's own) for each row of a frame in one world."""
        table = block_of(self.frames, frame, block, len(WORLDS))
        if frame in (HOUSEHOLD, PERSON):
            ids, inside = table.get_column("id").to_list(), table.get_column("inside").to_list()
            return [(q, Row(frame, i), own) for q, i, own in zip(self.owners[frame], ids, inside, strict=True)]
        if frame in self.program.compiler.contexts:
            return self._expanded(frame, block)
        name, unit = frame.split("@")
        return self._entries(frame, name, self.rows_of(unit, block), block, None)

    def _expanded(self, frame: str, block: int) -> list[tuple[int, Row, bool]]:
        """Rows of a frame that repeats a list's entries for each row of another frame."""
        context, source = self.program.compiler.contexts[frame]
        around, size = self.rows_of(context, block), self.frames.height(context) // len(WORLDS)
        entries, entry_size = self.rows_of(source, block), self.frames.height(source) // len(WORLDS)
        every = list(zip(self.frames.hops[(frame, "owner")][1].to_list(), self.frames.hops[(frame, "entry")][1].to_list(), strict=True))
        found = []
        for owner, entry in every:
            if owner // max(size, 1) != block:
                continue
            q, outer, own = around[owner - block * size]
            _, row, entry_own = entries[entry - block * entry_size]
            found.append((q, Row(row.unit, row.subject, row.list, row.owner, row.index, outer), own and entry_own))
        return found

    def _entries(self, frame: str, name: str, owners: list[tuple[int, Row, bool]], block: int, _: None) -> list[tuple[int, Row, bool]]:
        """Entries of a list on their owners' rows."""
        size = self.frames.height(frame) // len(WORLDS)
        unit_size = len(owners)
        table = block_of(self.frames, frame, block, len(WORLDS))
        hop = self.frames.hops[(frame, "owner")][1].to_list()[block * size : (block + 1) * size]
        of_person = (frame, "entry") in self.frames.hops
        people = block_of(self.frames, PERSON, 0, len(WORLDS))
        ids, inside = people.get_column("id").to_list(), people.get_column("inside").to_list()
        entry = (
            [x % len(ids) for x in self.frames.hops[(frame, "entry")][1].to_list()[block * size : (block + 1) * size]] if of_person else []
        )
        found, places = [], dict[int, int]()
        for i, at in enumerate(hop):
            q, owner, own = owners[at - block * unit_size]
            if of_person:
                place = places[at] = places.get(at, -1) + 1
                found.append((q, Row("person", ids[entry[i]], name, owner, place, owner), own and inside[entry[i]]))
            else:
                key = table.get_column("key")[i].rsplit("/", 1)[-1]
                file = self.sides[q].oracle.rules.file
                keys = [e.key for e in file.subject(owner).entries.get(name, [])]
                found.append((q, Row(name, owner.subject, name, owner, keys.index(key), owner), own))
        return found

    # --- comparing ----------------------------------------------------------------------------------------------------
    def differences(self) -> Iterator[str]:
        """All that the two do not agree on, the smallest expressions first."""
        yield from self.values()
        for side in self.sides:
            for block, world in enumerate(side.worlds):
                yield from self.items(side, world, block)

    def values(self) -> Iterator[str]:
        """Every expression that the engine holds a value of, on every row."""
        nodes = sorted(self.program.compiler._values.items(), key=lambda one: sum(1 for _ in reach(one[0][1], self.catalogue.terms)))
        for (scope, node), value in nodes:
            try:
                yield from self._value(scope, node, value)
            except pl.exceptions.ColumnNotFoundError:
                continue

    def _value(self, scope: Scope, node: Node, value: Value) -> Iterator[str]:
        parts = list(reach(node, self.catalogue.terms))
        only_own = any(
            (isinstance(p, Read) and p.read in ("eligible", "left", "granted"))
            or (isinstance(p, ListCall) and p.of.name in ("parents", "children"))
            for p in parts
        )
        for block in range(len(WORLDS)):
            table = block_of(self.frames, scope.frame, block, len(WORLDS))
            mine = held(value, table)
            for got, (q, row, own) in zip(mine, self.rows_of(scope.frame, block), strict=True):
                if only_own and not own:
                    continue
                side = self.sides[q]
                wanted = side.worlds[block].value(node, row, side.scene(self.program, scope.place, scope.stage))
                if got != wanted:
                    who = side.record.households[0].id
                    where = f"{who} block {block} {row.unit} {row.subject} {row.index} {scope.place} {scope.stage}"
                    yield f"{where} {short(node)}: engine {shown(got)}, oracle {shown(wanted)}"

    def items(self, side: Side, world: OracleWorld, block: int) -> Iterator[str]:
        """Verdicts, clauses, what is received, asked, paid, needed and left of one record in one world."""
        who, ledger = side.record.households[0].id, self.scratch["ledger"]
        for unit in (HOUSEHOLD, PERSON):
            table = block_of(self.frames, unit, block, len(WORLDS))
            offset = block * table.height
            for i, (q, row, own) in enumerate(self.rows_of(unit, block)):
                if q != side.number or not own:
                    continue
                line = table.row(i, named=True)
                for name, got, wanted in [
                    *self._item_pairs(world, row, line, ledger, offset + i),
                    *self._need_pairs(world, row, line, ledger, offset + i),
                ]:
                    if got != wanted:
                        yield f"{who} block {block} {row.subject} {name}: engine {shown(got)}, oracle {shown(wanted)}"

    def _item_pairs(self, world: OracleWorld, row: Row, line: dict[str, Any], ledger: Any, at: int) -> Iterator[tuple[str, Any, Any]]:
        for policy, versions in self.catalogue.policies.items():
            if versions[0].unit != row.unit:
                continue
            yield f"v:{policy}", line[f"v:{policy}"], world.verdict(policy, row)
            version = world.rules.policies[policy]
            here = version in self.program.policies[policy]
            for i, clause in enumerate(version.clauses):
                number = self.program.policies[policy].index(version)
                got = line[f"c:{policy}:{number}:{i}"]
                yield f"c:{policy}:{clause.id}", got, world.truth(clause.when.node, row, world.scene(policy))
            yield f"has:{policy}", ledger.has[policy][at] == 1, world.received(policy, row)
            if version.benefit is None:
                continue
            hours = version.benefit.hours is not None
            if not hours and here:
                asked = world.asked(policy, row)[0] or Interval(Fraction(0), Fraction(0))
                yield f"ask:{policy}", fen(line[f"ask:{policy}:lo"], line[f"ask:{policy}:hi"]), asked
            payment = world.payments(policy).get(row.subject or "")
            zero = Interval(Fraction(0), Fraction(0))
            found = (payment.hours if hours else payment.money) if payment else zero
            paid = ledger.paid[policy]
            got = fen(int(paid.lo[at]), None if paid.hi[at] >= OPEN else int(paid.hi[at]))
            yield f"pay:{policy}", got, hundredths(found or zero) if hours else found or zero

    def _need_pairs(self, world: OracleWorld, row: Row, line: dict[str, Any], ledger: Any, at: int) -> Iterator[tuple[str, Any, Any]]:
        for need in self.catalogue.needs.values():
            if need.unit != row.unit:
                continue
            scale = hundredths if need.type == "hours" else lambda x: x
            yield f"need:{need.id}", fen(line[f"need:{need.id}:lo"], line[f"need:{need.id}:hi"]), scale(world.need(need, row))
            left = ledger.left[need.id]
            yield f"left:{need.id}", fen(int(left.lo[at]), int(left.hi[at])), scale(world.left(need.id, row, len(world.rules.order)))


def fen(lo: int | None, hi: int | None) -> Interval:
    """An interval of whole numbers as the engine holds it."""
    return Interval(None if lo is None else Fraction(lo), None if hi is None or hi >= OPEN else Fraction(hi))


def hundredths(hours: Interval) -> Interval:
    """Hours as the engine holds them: whole hundredths, half up."""
    lo, hi = (None if x is None else Fraction((x * 200 + 1) // 2) for x in hours)
    return Interval(lo, hi)


def shown(value: object) -> str:
    """A value to read."""
    return f"[{value.lo}, {value.hi}]" if isinstance(value, Interval) else str(value)


def short(node: object) -> str:
    """A node to read."""
    return str(node)[:600]


def a_batch(seed: int, count: int, folder: Path, *, known_by: Any = None, homes: bool = True) -> Batch:
    """A random catalogue with some random records; one whose payments wait for each other in a circle is drawn anew."""
    rng = random.Random(seed)
    for attempt in range(20):
        catalogue = a_catalogue(rng, folder / str(attempt))
        try:
            compiled(catalogue)
        except RecursionError:
            continue
        return Batch(catalogue, [a_record(rng, catalogue, f"q{i}", homes=homes) for i in range(count)], known_by=known_by)
    raise AssertionError(seed)


def within(got: Any, wanted: Any) -> bool:
    """Whether the engine, where it knows less, still allows what the oracle finds."""
    if isinstance(got, Interval):
        below = got.lo is None or (wanted.lo is not None and got.lo <= wanted.lo)
        return below and (got.hi is None or (wanted.hi is not None and wanted.hi <= got.hi))
    return got is None or got == wanted or (isinstance(got, frozenset) and isinstance(wanted, frozenset) and wanted <= got)


# --- the tests ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(200))
def test_engine_and_oracle_agree_on_every_value(seed: int, tmp_path: Path) -> None:
    known_by = KNOWN_BY if seed % 3 == 0 else None
    batch = a_batch(seed, 3, tmp_path, known_by=known_by)
    assert next(batch.differences(), None) is None


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_engine_and_oracle_agree_on_more_catalogues(seed: int, tmp_path: Path) -> None:
    batch = a_batch(seed, 6, tmp_path)
    assert next(batch.differences(), None) is None


@pytest.mark.parametrize("seed", range(0, 60, 2))
def test_pairs_everywhere_give_the_same_verdicts(seed: int, tmp_path: Path) -> None:
    batch = a_batch(seed, 3, tmp_path)
    wide = compiled(batch.catalogue, wide=True)
    frames, scratch = run_all(batch.catalogue, wide, batch.records, batch.tables)
    for unit in (HOUSEHOLD, PERSON):
        names = [
            n for n in batch.frames.whole(unit).columns if n.startswith(("v:", "c:", "ask:", "need:")) and n in frames.whole(unit).columns
        ]
        assert names or not batch.catalogue.policies
        assert frames.whole(unit).select(names).equals(batch.frames.whole(unit).select(names))
    for need, left in batch.scratch["ledger"].left.items():
        assert (scratch["ledger"].left[need].lo == left.lo).all()
        assert (scratch["ledger"].left[need].hi == left.hi).all()


@pytest.mark.parametrize("seed", range(1, 60, 2))
def test_the_answer_to_one_household_is_the_oracles_best_choice(seed: int, tmp_path: Path) -> None:
    batch = a_batch(seed, 3, tmp_path)
    for side in batch.sides:
        household, oracle = side.record.households[0].id, side.oracle
        run = Engine(batch.catalogue).answer(batch.tables, Question(household, DAY))
        answers = Answers(run)
        if len(run.worlds) > 2 and len(list(oracle._choices(confirmed=True, left_out=frozenset()))) > MOST_TRIED:
            continue
        assert answers.chosen() == oracle.chosen(), household
        for policy in batch.catalogue.policies:
            for who in oracle.best.subjects(oracle.rules.unit(policy)):
                name = None if who.unit == HOUSEHOLD else who.subject
                assert answers.verdict(policy, name) == oracle.verdict(policy, name), (household, policy, name)
                if not answers.is_hours(policy) and not answers.given_up(policy, name):
                    got, wanted = answers.amount(policy, name), oracle.amount(policy, name)
                    assert (got or (0, 0)) == (wanted or (0, 0)), (household, policy, name)
        for need in batch.catalogue.needs.values():
            for name in [None] if need.unit == HOUSEHOLD else oracle.best.file.members:
                if need.type == "money":
                    assert answers.left(need.id, name) == oracle.left(need.id, name), (household, need.id, name)


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_one_household_alone_is_the_same_as_among_many(seed: int, tmp_path: Path) -> None:
    batch = a_batch(seed, 4, tmp_path)
    for record in batch.records:
        alone = Batch(batch.catalogue, [record], tables=batch.tables)
        for unit in (HOUSEHOLD, PERSON):
            many, one = batch.frames.whole(unit), alone.frames.whole(unit)
            names = ["id", *(n for n in one.columns if n.startswith(("v:", "c:", "ask:", "need:", "rec:", "receives:")))]
            mine = [i for i, (q, _, _) in enumerate(batch.rows_of(unit, 0)) if batch.records[q] is record]
            size = many.height // len(WORLDS)
            rows_of_mine = [block * size + i for block in range(len(WORLDS)) for i in mine]
            assert many.select(names)[rows_of_mine].equals(one.select(names))


@pytest.mark.parametrize("seed", range(300, 330))
def test_where_a_household_is_not_on_file_the_engine_never_contradicts_the_oracle(seed: int, tmp_path: Path) -> None:
    batch = a_batch(seed, 4, tmp_path, homes=False)
    for side in batch.sides:
        for block, world in enumerate(side.worlds):
            for unit in (HOUSEHOLD, PERSON):
                table = block_of(batch.frames, unit, block, len(WORLDS))
                for i, (q, row, own) in enumerate(batch.rows_of(unit, block)):
                    if q == side.number and own:
                        for policy, versions in batch.catalogue.policies.items():
                            if versions[0].unit == unit:
                                assert within(table.get_column(f"v:{policy}")[i], world.verdict(policy, row)), (policy, row)
