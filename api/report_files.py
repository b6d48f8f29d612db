"""A gap report as files: JSON, one CSV a sheet, one XLSX with all sheets, a printable page.

Yuan and hours are numbers in files, with two digits; what is hidden says so in words, so that nobody takes it for nothing.
"""

import csv
import json
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from api.report_page import page
from api.report_sheets import Kind, Sheet, Sheets
from api.settings import Lang
from matcher.gap_views import LEAST

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS = ("json", "csv", "xlsx", "html")
HIDDEN: dict[Lang, str] = {"zh": f"少于 {LEAST}", "en": f"fewer than {LEAST}"}
SUMMARY: dict[Lang, str] = {"zh": "摘要", "en": "Summary"}
FORMATS: dict[Kind, str] = {"text": "@", "count": "#,##0", "fen": "#,##0.00", "hours": "#,##0.00"}
HEAD = PatternFill("solid", fgColor="E3EFEF")
WIDEST = 46


def files_of(sheets: Sheets, form: str) -> dict[str, bytes]:
    """Name and content of what a report is in one form of FORMS."""
    made: dict[str, Callable[[], dict[str, bytes]]] = {
        "json": lambda: {"report.json": as_json(sheets).encode()},
        "csv": lambda: {f"{sheet.name}.csv": as_csv(sheet, sheets.lang).encode("utf-8-sig") for sheet in sheets.all()},
        "xlsx": lambda: {"report.xlsx": as_xlsx(sheets)},
        "html": lambda: {"report.html": page(sheets).encode()},
    }
    return made[form]()


def write_files(sheets: Sheets, folder: Path, forms: tuple[str, ...]) -> list[Path]:
    """Write the report in these forms into a folder; a file is there whole or not at all. Returns what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for form in forms:
        for name, content in files_of(sheets, form).items():
            path = folder / name
            half = path.with_name(f".{name}.part")
            half.write_bytes(content)
            half.replace(path)
            written.append(path)
    return written


def as_json(sheets: Sheets) -> str:
    """The report as docs/json.md tells it; where small counts are hidden, its views alone."""
    content = dict(sheets.report.content)
    if sheets.least is not None:
        content = {name: value for name, value in content.items() if name not in ("tables", "change")} | {"views": sheets.views}
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def as_csv(sheet: Sheet, lang: Lang) -> str:
    """One sheet; opens in a spreadsheet without being told the encoding."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([head for head, _ in sheet.columns])
    writer.writerows([_cell(value, kind, lang) for value, (_, kind) in zip(row, sheet.columns, strict=True)] for row in sheet.rows)
    return text.getvalue()


def as_xlsx(sheets: Sheets) -> bytes:
    """A summary and every sheet, with headings that stay in view, filters and figures that add up in the program."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)
    first.title = SUMMARY[sheets.lang]
    first.column_dimensions["A"].width = 100
    for number, told in enumerate([sheets.heading(), *sheets.headlines()], 1):
        cell = first.cell(number, 1, told)
        cell.font, cell.alignment = Font(bold=number == 1, size=16 if number == 1 else 12), Alignment(wrap_text=True, vertical="top")
    for sheet in sheets.all():
        _fill(book.create_sheet(_sheet_title(sheet.title)), sheet, sheets.lang)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def _fill(target: Worksheet, sheet: Sheet, lang: Lang) -> None:
    for number, (head, _) in enumerate(sheet.columns, 1):
        cell = target.cell(1, number, head)
        cell.font, cell.fill, cell.alignment = Font(bold=True), HEAD, Alignment(wrap_text=True, vertical="center")
    for line, row in enumerate(sheet.rows, 2):
        for number, (value, (_, kind)) in enumerate(zip(row, sheet.columns, strict=True), 1):
            told = _cell(value, kind, lang)
            filled = target.cell(line, number, None if told == "" else told)
            filled.number_format = FORMATS[kind]
            if value is None:
                filled.alignment = Alignment(horizontal="right")
    target.freeze_panes = "B2"
    target.auto_filter.ref = f"A1:{get_column_letter(len(sheet.columns))}{len(sheet.rows) + 1}"
    for number, (head, kind) in enumerate(sheet.columns, 1):
        longest = max((_width(str(row[number - 1])) for row in sheet.rows), default=0) if kind == "text" else 13
        target.column_dimensions[get_column_letter(number)].width = min(WIDEST, max(longest, min(14, _width(head))) + 2)


def _width(text: str) -> int:
    """Columns that a text takes: a Chinese character two."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def _sheet_title(title: str) -> str:
    """A name that a workbook takes: 31 letters, none of []:*?/\\."""
    return "".join("、" if letter in "[]:*?/\\" else letter for letter in title)[:31]


def _cell(value: Any, kind: Kind, lang: Lang) -> Any:
    """Fen as yuan, hundredths as hours; what is hidden in words."""
    if value is None:
        return HIDDEN[lang]
    return Decimal(value) / 100 if kind in ("fen", "hours") and value != "" else value
