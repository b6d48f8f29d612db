"""Loading files of people: read, checked row by row, written batch by batch.

A batch is one unit of the store: whatever happens, it is there whole or not at all, and it is only reported as stored once it is. Rows that
cannot be kept go to a file beside the input. What is loaded again changes nothing, so a load that was cut off is simply started again.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from api.load_lookup import StoreLookup
from api.load_results import FileResult, Note, RejectFile
from api.load_tables import Cells, Table, read_tables
from api.words_values import VALUES
from graph.ingest import FileRow, Import, store_rows
from graph.store import GraphStore
from matcher.catalogue import Catalogue
from matcher.ingest_cells import is_blank, plain
from matcher.ingest_header import Header, TableRefused, read_header
from matcher.ingest_kinds import KINDS, NAMES, Kind, columns_of, kind_of
from matcher.ingest_mapping import Mapping
from matcher.ingest_rows import Reject, RowReader, Told

BATCH = 2000
SHOWN = 1000
Report = Callable[[Table, int], None]
"""Called after every batch that is stored: the table, and how many rows of the file are done."""


@dataclass(slots=True)
class Load:
    """What holds for all files of one load. regions: those that the catalogue's folder names."""

    store: GraphStore
    catalogue: Catalogue
    today: dt.date
    recorded_at: dt.datetime
    who: str = "import"
    kind: str | None = None
    true_on: dt.date | None = None
    mapping: Mapping = field(default_factory=Mapping)
    regions: Collection[str] = ()
    lookup: StoreLookup = field(init=False)
    awarded: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lookup = StoreLookup(self.store, named=self.regions)

    def source(self, path: Path) -> str:
        """What everything of a file is told by."""
        return f"{self.who}/{path.name}"


def load_file(load: Load, path: Path, report: Report) -> FileResult:
    """Load one file of people; what cannot be kept is told in the result, never raised."""
    result = FileResult(path.name, load.source(path))
    imported = Import(load.source(path), path.name, load.recorded_at)
    told = Told(load.catalogue, load.lookup, load.today, load.true_on)
    mapping = load.mapping
    with RejectFile(path) as rejects:
        try:
            tables = read_tables(path, header=mapping.header, sheet=mapping.sheet, encoding=mapping.encoding)
            _remember(load, imported)
            found = 0
            for table in tables:
                found += _load_table(load, path, table, _Output(result, rejects, imported, told, report))
            if not found and not result.refused:
                result.refused.append(Note("文件中没有数据行", "the file has no rows"))
        except TableRefused as refused:
            result.refused.append(Note(refused.zh, refused.en))
        except OSError as problem:
            result.refused.append(Note(f"文件打不开（{type(problem).__name__}）", f"the file cannot be opened ({type(problem).__name__})"))
        result.rejects = rejects.written
    return result


@dataclass(slots=True)
class _Output:
    """Where a table's rows go."""

    result: FileResult
    rejects: RejectFile
    imported: Import
    told: Told
    report: Report


def _remember(load: Load, imported: Import) -> None:
    """The source, so that `withdraw` can name those there are."""
    row = {"id": f"import/{imported.source}", "value": imported.file}
    if load.store.get("Meta", row["id"]) is None:
        load.store.write(lambda writer: writer.upsert_nodes("Meta", [row]))


def _load_table(load: Load, path: Path, table: Table, out: _Output) -> int:
    """All rows of a table; how many there were."""
    rows = iter(table.rows)
    readers = _Readers(load, path, table, out.told)
    done = 0
    while batch := list(islice(rows, BATCH)):
        good: dict[int, tuple[Kind, FileRow]] = {}
        bad: dict[int, tuple[Kind, list[Reject]]] = {}
        for number, cells in batch:
            kind, read = readers.read(number, cells)
            if isinstance(read, list):
                bad[number] = (kind, read)
            else:
                good[number] = (kind, read)
        bad |= _store(load, good, out)
        for _, (kind, rejects) in sorted(bad.items()):
            _rejected(out, kind, rejects, table.sheet)
        done += len(batch)
        out.report(table, done)
    return done


def _store(load: Load, good: dict[int, tuple[Kind, FileRow]], out: _Output) -> dict[int, tuple[Kind, list[Reject]]]:
    """Write a batch, count what became of it, note who was awarded what; the rows with a missing end."""
    bad: dict[int, tuple[Kind, list[Reject]]] = {}
    for outcome in store_rows(load.store, [row for _, row in good.values()], out.imported):
        kind, row = good[outcome.number]
        counts = out.result.count(kind)
        if outcome.missing is not None:
            name, missing, id_ = outcome.missing
            zh = f"{'户' if missing == 'Household' else '人员'} {id_} 不在库中，请先载入"
            en = f"the {missing.lower()} {id_} is not stored: load it first"
            bad[row.number] = (kind, [Reject(row.number, name, id_, zh, en)])
        elif outcome.state == "stored":
            counts.stored += 1
        else:
            counts.unchanged += 1
        if kind == "award" and outcome.missing is None:
            load.awarded |= {(told.unit, told.subject) for told in row.tellings}
    return bad


def _rejected(out: _Output, kind: Kind, rejects: list[Reject], sheet: str | None) -> None:
    out.result.count(kind).rejected += 1
    for one in rejects:
        if len(out.result.reasons) < SHOWN:
            out.result.reasons[one.field, one.zh, one.en] += 1
    out.rejects.add(rejects, sheet)


class _Readers:
    """The reader of each kind of row in a table: one, or several where a column `kind` says which."""

    def __init__(self, load: Load, path: Path, table: Table, told: Told) -> None:
        self.load, self.table, self.told = load, table, told
        names = [plain(name) for name in table.names]
        self.default = self._default(path)
        mapped = [at for at, name in enumerate(table.names) if load.mapping.columns.get(plain(name), (None,))[0] == "kind"]
        own = "list" in names or (self.default is not None and self.default[1] is not None)  # there `kind` is a field of the entries
        plain_one = names.index("kind") if "kind" in names and "kind" not in load.mapping.columns and not own else None
        self.kind_at = mapped[0] if mapped else plain_one
        self.readers: dict[tuple[Kind, str | None], tuple[RowReader, list[int]]] = {}
        if self.kind_at is None:
            self._reader(*self._known())

    def read(self, number: int, cells: Cells) -> tuple[Kind, FileRow | list[Reject]]:
        """The row as what it tells, or why not."""
        kind, list_ = self.default or ("statement", None)
        if self.kind_at is not None:
            raw = cells[self.kind_at] if self.kind_at < len(cells) else None
            named = self.default if is_blank(raw) else kind_of(plain(raw), self.load.catalogue)
            if named is None:
                zh = f"类型应为 {'、'.join(KINDS)} 之一"
                return kind, [Reject(number, "kind", plain(raw)[:20], zh, f"the kind is one of {', '.join(KINDS)}")]
            kind, list_ = named
        width = len(self.table.names)
        if len(cells) != width:
            zh = f"这一行有 {len(cells)} 格，表头有 {width} 格：可能少了引号、逗号，或文件被截断"
            return kind, [
                Reject(
                    number,
                    "",
                    "",
                    zh,
                    f"this row has {len(cells)} cells and the head {width}: a quote or a comma is missing, or the file was cut off",
                )
            ]
        reader, foreign = self._reader(kind, list_)
        for at in foreign:
            if not is_blank(cells[at]):
                name = plain(self.table.names[at])
                return kind, [Reject(number, name, "", f"{NAMES[kind].zh}没有“{name}”这一列", f"{NAMES[kind].en} have no column {name}")]
        return kind, reader.read(number, cells)

    def _default(self, path: Path) -> tuple[Kind, str | None] | None:
        """The kind that the option, the mapping, the sheet or the file's name says."""
        said = self.load.kind or self.load.mapping.kind
        if said:
            named = kind_of(said, self.load.catalogue)
            if named is None:
                raise TableRefused(f"没有类型“{said}”，可用：{'、'.join(KINDS)}", f"there is no kind {said}, only {', '.join(KINDS)}")
            return named
        sheet = kind_of(self.table.sheet, self.load.catalogue) if self.table.sheet else None
        return sheet or kind_of(path.name, self.load.catalogue)

    def _known(self) -> tuple[Kind, str | None]:
        if self.default is None:
            where = f"工作表“{self.table.sheet}”" if self.table.sheet else "文件"
            raise TableRefused(
                f"看不出{where}是哪一类数据，请用 --kind 说明（{'、'.join(KINDS)}，或清单名如 bills），或把文件命名为如 person.csv",
                f"{self.table.sheet or 'the file'}: it is not said what it holds. Say --kind {'|'.join(KINDS)} (or a list such as bills), "
                "or name it like person.csv",
            )
        return self.default

    def _reader(self, kind: Kind, list_: str | None) -> tuple[RowReader, list[int]]:
        """The reader of a kind, and the columns that only other kinds have."""
        if (kind, list_) not in self.readers:
            names, foreign = list(self.table.names), list[int]()
            if self.kind_at is not None:
                own = columns_of(kind, self.load.catalogue, list_, entries=kind == "statement")
                all_ = {name for one in KINDS for name in columns_of(one, self.load.catalogue, entries=one == "statement")}
                mapped = [self.load.mapping.columns.get(plain(name), (plain(name), None))[0] for name in names]
                foreign = [at for at, name in enumerate(mapped) if name is not None and name not in own and name in all_]
                names = [None if at in foreign else name for at, name in enumerate(names)]
            header: Header = read_header(names, kind, self.load.catalogue, self.load.mapping, list_=list_, words=VALUES)
            self.readers[kind, list_] = (RowReader(header, self.told), foreign)
        return self.readers[kind, list_]


def in_order(paths: list[Path], load: Load) -> Iterator[Path]:
    """Files in the order in which they depend on one another: households, people, then what is about them."""

    def place(path: Path) -> tuple[int, str]:
        named = kind_of(load.kind or load.mapping.kind or path.name, load.catalogue)
        return (KINDS.index(named[0]) if named else len(KINDS), "") if named else (0, "")

    yield from sorted(paths, key=place)
