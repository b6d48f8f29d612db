"""What became of the files of a load: counts per kind, rejected rows, warnings; as words and as JSON (docs/import.md)."""

import csv
import io
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from matcher.ingest_rows import Reject

REJECTED, REFUSED = 1, 4
"""Exit codes: some rows were rejected; a file as a whole was refused."""
HEAD = ("row", "field", "value", "reason_zh", "reason_en")


@dataclass(slots=True)
class Counts:
    """Rows of one kind."""

    stored: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Note:
    """Something that a reader should know, in both languages."""

    zh: str
    en: str


@dataclass(slots=True)
class FileResult:
    """What became of a file. `source` is what `withdraw` takes; `refused` says why nothing of it was read."""

    file: str
    source: str
    kinds: dict[str, Counts] = field(default_factory=dict)
    rejects: Path | None = None
    refused: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    reasons: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    ids: list[dict[str, str]] = field(default_factory=list)

    def count(self, kind: str) -> Counts:
        """The counts of a kind, from 0."""
        return self.kinds.setdefault(kind, Counts())

    @property
    def rejected(self) -> int:
        """How many rows were rejected."""
        return sum(counts.rejected for counts in self.kinds.values())

    def json(self) -> dict[str, Any]:
        """As docs/import.md says."""
        return {
            "file": self.file,
            "source": self.source,
            "kinds": {
                kind: {"stored": one.stored, "unchanged": one.unchanged, "rejected": one.rejected} for kind, one in self.kinds.items()
            },
            "rejects": str(self.rejects) if self.rejects else None,
            "refused": [{"zh": note.zh, "en": note.en} for note in self.refused],
            "warnings": [{"zh": note.zh, "en": note.en} for note in self.warnings],
            "households": self.ids,
        }


def exit_code(results: list[FileResult]) -> int:
    """0 if everything was stored, 1 if rows were rejected, 4 if a file was refused."""
    if any(result.refused for result in results):
        return REFUSED
    return REJECTED if any(result.rejected for result in results) else 0


class RejectFile:
    """The rejected rows of a file, beside it, as a table that Excel opens: written as they come, gone if there are none."""

    def __init__(self, input_: Path) -> None:
        self.path = input_.with_name(f"{input_.stem}.rejects.csv")
        self._part = self.path.with_name(f".{self.path.name}.part")
        self._file: io.TextIOWrapper | None = None
        self._sheet: str | None = None

    def add(self, rejects: list[Reject], sheet: str | None) -> None:
        """Note why rows were rejected."""
        if self._file is None:
            handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = io.TextIOWrapper(os.fdopen(handle, "wb"), encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow(("sheet", *HEAD))
        for one in rejects:
            csv.writer(self._file).writerow((sheet or "", one.row, one.field, _harmless(one.value), one.zh, one.en))

    def __enter__(self) -> "RejectFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()
            self._part.replace(self.path)
        elif kind is None:
            self.path.unlink(missing_ok=True)

    @property
    def written(self) -> Path | None:
        """The file, if there is anything in it."""
        return self.path if self._file is not None else None


def _harmless(value: str) -> str:
    """No cell that a spreadsheet would run as a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "@") or (value[:1] == "-" and not value[1:2].isdigit()) else value
