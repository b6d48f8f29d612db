"""Files of people to tables of cells: CSV in any usual encoding, XLSX (and XLS, ODS), JSON.

In: a path. Out: tables, each with the row of names and a stream of numbered rows, as a spreadsheet numbers them. Cells of a workbook keep
their types, so that a number where an ID card should be is seen. CSV is streamed with the reader of the standard library: it is the one
that gives every row as it stands, too many cells included, and never holds the file.
"""

import codecs
import csv
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import fastexcel
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from matcher.ingest_header import TableRefused

CSV_ENDINGS = (".csv", ".tsv", ".txt")
BOOK_ENDINGS = (".xlsx", ".xlsm")
OLD_BOOK_ENDINGS = (".xls", ".ods", ".xlsb")
JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
ENDINGS = (*CSV_ENDINGS, *BOOK_ENDINGS, *OLD_BOOK_ENDINGS, *JSON_ENDINGS)
ENCODINGS = ("utf-8-sig", "gb18030")
BLOCK = 1 << 20

Cells = Sequence[object]


@dataclass(slots=True)
class Table:
    """A table as it stands in a file.

    `rows`: (number, cells), the number as a spreadsheet shows it. `place()` of `size`: how far the reading is; bytes or rows.
    """

    names: Cells
    rows: Iterable[tuple[int, Cells]]
    sheet: str | None = None
    size: int | None = None
    place: Callable[[], int] = field(default=lambda: 0)


def read_tables(path: Path, *, header: int = 1, sheet: str | None = None, encoding: str | None = None) -> Iterator[Table]:
    """The tables of a file, one after the other.

    Args:
        header: the row that holds the names of the columns, from 1.
        sheet: only this sheet of a workbook.
        encoding: of a CSV file; found out where it is left out.

    Raises:
        TableRefused: the file is empty, has another encoding or format, or is damaged.
    """
    ending = path.suffix.lower()
    if path.stat().st_size == 0:
        raise TableRefused("文件是空的", "the file is empty")
    if ending in CSV_ENDINGS:
        yield from _csv(path, header, encoding)
    elif ending in BOOK_ENDINGS:
        yield from _book(path, header, sheet)
    elif ending in OLD_BOOK_ENDINGS:
        yield from _old_book(path, header, sheet)
    elif ending in JSON_ENDINGS:
        yield from _json(path)
    else:
        raise TableRefused(
            f"不支持 {ending or '无扩展名'} 文件，请存为 CSV、XLSX 或 JSON", f"{ending or 'no ending'}: save it as CSV, XLSX or JSON"
        )


def encoding_of(path: Path) -> str:
    """The encoding of a text file: UTF-8 with or without mark, UTF-16 with mark, else GB18030. Raises TableRefused."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ENCODINGS:
        if _decodes(path, encoding):
            return encoding
    raise TableRefused(
        "文件编码既不是 UTF-8 也不是 GB18030（GBK），请另存为 UTF-8 的 CSV，或直接载入 XLSX",
        "the file is neither UTF-8 nor GB18030 (GBK): save it as CSV in UTF-8, or load the XLSX itself",
    )


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                if "\0" in decoder.decode(block):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _csv(path: Path, header: int, encoding: str | None) -> Iterator[Table]:
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError:
        raise TableRefused(f"没有名为 {encoding} 的编码", f"there is no encoding called {encoding}") from None
    with path.open("rb") as raw:
        text = codecs.getreader(encoding or encoding_of(path))(raw)
        lines = iter(text)
        rows = csv.reader(_delimited(lines, path), delimiter=_delimiter(path, encoding or encoding_of(path), header), strict=True)
        stream = _numbered(rows, header)
        names = next(stream, None)
        if names is None:
            raise TableRefused("文件中没有表头行", "the file has no row of column names")
        yield Table(names[1], _checked(stream, len(names[1])), size=path.stat().st_size, place=raw.tell)


def _delimited(lines: Iterator[str], path: Path) -> Iterator[str]:
    """The lines; bytes that are not of the encoding are told in words."""
    try:
        yield from lines
    except UnicodeError:
        raise TableRefused(f"{path.name} 中有不属于该编码的字节", f"{path.name} has bytes that are not of this encoding") from None


def _delimiter(path: Path, encoding: str, header: int) -> str:
    """What separates the cells of the row of names: a comma, a tab or a semicolon."""
    with path.open(encoding=encoding, newline="", errors="replace") as file:
        for _ in range(header - 1):
            file.readline()
        first = file.readline()
    return max(",\t;", key=first.count)


def _numbered(rows: Iterator[list[str]], header: int) -> Iterator[tuple[int, Cells]]:
    """Rows with their numbers, from the row of names on, blank ones left out."""
    number = 0
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableRefused(f"第 {number} 行的引号不成对或内容损坏", f"row {number} is damaged: {error}") from None
        if number >= header and any(cell.strip() for cell in row):
            yield number, row


def _checked(rows: Iterator[tuple[int, Cells]], width: int) -> Iterator[tuple[int, Cells]]:
    """Trailing blank cells beyond the names are dropped; the caller refuses rows that are longer or shorter."""
    for number, cells in rows:
        yield number, cells[:width] if len(cells) > width and not any(str(cell).strip() for cell in cells[width:]) else cells


def _book(path: Path, header: int, sheet: str | None) -> Iterator[Table]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a workbook holds beyond cells is none of ours
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        raise TableRefused("文件已损坏，或不是 XLSX", "the file is damaged, or is no XLSX") from None
    try:
        for one in _wanted(book.sheetnames, sheet):
            page = book[one]
            if not hasattr(page, "reset_dimensions"):
                continue
            size = page.max_row
            page.reset_dimensions()
            at = [0]
            rows = _page_rows(page.iter_rows(values_only=True), header, at)
            names = next(rows, None)
            if names is not None:
                yield Table(names[1], _padded(rows, len(names[1])), one, size, _place(at))
    finally:
        book.close()


def _place(at: list[int]) -> Callable[[], int]:
    return lambda: at[0]


def _page_rows(rows: Iterable[Cells], header: int, at: list[int]) -> Iterator[tuple[int, Cells]]:
    """Numbered rows from the row of names on, without trailing blank cells; blank rows left out."""
    for number, row in enumerate(rows, 1):
        at[0] = number
        cells = list(row)
        while cells and (cells[-1] is None or str(cells[-1]).strip() == ""):
            cells.pop()
        if number >= header and cells:
            yield number, cells


def _padded(rows: Iterator[tuple[int, Cells]], width: int) -> Iterator[tuple[int, Cells]]:
    """Workbooks leave out blank cells at the end of a row."""
    for number, cells in rows:
        yield number, [*cells, *[None] * (width - len(cells))]


def _wanted(names: Sequence[str], sheet: str | None) -> Sequence[str]:
    if sheet is not None and sheet not in names:
        raise TableRefused(f"没有工作表“{sheet}”，现有：{'、'.join(names)}", f"there is no sheet {sheet}, only {', '.join(names)}")
    return [sheet] if sheet is not None else names


def _old_book(path: Path, header: int, sheet: str | None) -> Iterator[Table]:
    try:
        book = fastexcel.read_excel(path)
    except fastexcel.FastExcelError:
        raise TableRefused("文件已损坏，或不是电子表格", "the file is damaged, or is no workbook") from None
    for one in _wanted(book.sheet_names, sheet):
        frame = book.load_sheet(one, header_row=None, dtypes="string", skip_whitespace_tail_rows=True).to_polars()
        rows = _page_rows(frame.iter_rows(), header, [0])
        names = next(rows, None)
        if names is not None:
            yield Table(names[1], _padded(rows, len(names[1])), one, frame.height)


def _json(path: Path) -> Iterator[Table]:
    """A list of objects, {kind: list of objects}, or an object on every line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = path.suffix.lower() != ".json"
        whole: Any = [_loads(line, number) for number, line in enumerate(text.splitlines(), 1) if line.strip()] if lines else _loads(text)
    except UnicodeDecodeError:
        raise TableRefused("JSON 文件应为 UTF-8 编码", "a JSON file is in UTF-8") from None
    parts = whole.items() if isinstance(whole, dict) and all(isinstance(part, list) for part in whole.values()) else [(None, whole)]
    for sheet, objects in parts:
        if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
            raise TableRefused("JSON 应为对象的列表，或“类型: 列表”", "JSON is a list of objects, or {kind: list of objects}")
        names = list(dict.fromkeys(name for one in objects for name in one))
        if names:
            yield Table(names, ((at, [one.get(name) for name in names]) for at, one in enumerate(objects, 1)), sheet, len(objects))


def _loads(text: str, line: int = 1) -> object:
    """The value of a text that begins on a line of its file."""
    try:
        return json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        number = line + error.lineno - 1
        raise TableRefused(f"JSON 第 {number} 行有语法错误", f"line {number} of the JSON is damaged: {error.msg}") from None
