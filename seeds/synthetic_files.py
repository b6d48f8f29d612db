"""Synthetic households as CSV files that `aidgraph load` reads: one file per kind, one per list, written as they are drawn.

A file tells one source's view: which source said what, and which lists are whole, is not in it (`aidgraph load --complete` says
the latter). Money is in yuan.
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from matcher.catalogue import Catalogue, Fact
    from matcher.records import Record, Subject, Value

SPAN = ("from", "until")
COLUMNS: dict[str, tuple[str, ...]] = {
    "member": ("person", "household", "kin", *SPAN),
    "supporter": ("person", "supporter", "duty", *SPAN),
    "parent": ("person", "parent"),
    "consent": ("person", "key", "scope", "purpose", "recipient", *SPAN, "withdrawn"),
    "award": ("person", "household", "key", "policy", "paid_on", "until", "amount", "cause"),
    "recognition": ("person", "household", "key", "recognition", *SPAN),
}
FILE_OF = {"awards": "award", "recognitions": "recognition"}


def write_files(records: Iterable[Record], catalogue: Catalogue, folder: Path, as_of: dt.date) -> int:
    """Write the files, over any that are there. Returns how many households were written.

    Args:
        as_of: the day of everything that was told without a day.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as open_files:
        files = _Files(folder, catalogue, as_of, open_files)
        return sum(files.record(record) for record in records)


class _Files:
    """The open files by kind; a file holds each household or person once, so that it reads as one register's extract."""

    def __init__(self, folder: Path, catalogue: Catalogue, as_of: dt.date, open_files: ExitStack) -> None:
        self.catalogue, self.as_of = catalogue, as_of
        self.folder, self.open_files = folder, open_files
        self.writers: dict[str, csv.DictWriter[str]] = {}
        self.facts = {
            unit: [n for n, f in catalogue.facts.items() if unit in f.units and f.type != "list"] for unit in ("household", "person")
        }

    def record(self, record: Record) -> int:
        """Everything of one household and those around it. Returns 1."""
        for unit, subjects in (("household", record.households), ("person", list(record.persons.values()))):
            for subject in subjects:
                self._facts(unit, subject)
        for unit, subjects in (("household", record.households), ("person", list(record.persons.values()))):
            for subject in subjects:
                self._lists(unit, subject)
        return 1

    def _row(self, kind: str, columns: Iterable[str], row: Mapping[str, object]) -> None:
        """A row of a file, which is opened when it first has one."""
        if kind not in self.writers:
            file: TextIO = self.open_files.enter_context((self.folder / f"{kind}.csv").open("w", encoding="utf-8-sig", newline=""))
            self.writers[kind] = csv.DictWriter(file, [*columns, "true_on", "synthetic"], restval="")
            self.writers[kind].writeheader()
        self.writers[kind].writerow({"true_on": self.as_of, **row, "synthetic": "true"})

    def _facts(self, unit: str, subject: Subject) -> None:
        """A row per day on which something was told, the newest in the main file; of values for one day the first stands."""
        days: dict[dt.date, dict[str, object]] = {self.as_of: {}}
        for name, tellings in subject.facts.items():
            for told in tellings:
                days.setdefault(told.on or self.as_of, {}).setdefault(name, cell(self.catalogue.facts[name], told.value))
        for number, day in enumerate(sorted(days, reverse=True)):
            kind = f"{unit}-{number}" if number else unit
            self._row(kind, ("id", *self.facts[unit]), {"id": subject.id, "true_on": day, **days[day]})

    def _lists(self, unit: str, subject: Subject) -> None:
        """Edges, entries and consents."""
        for link in subject.links.get("members", []):
            self._row("member", COLUMNS["member"], {"person": link.person, "household": subject.id, **link.edge})
        for link in subject.links.get("supporters", []):
            self._row("supporter", COLUMNS["supporter"], {"person": subject.id, "supporter": link.person, **link.edge})
        for link in subject.links.get("parents", []):
            self._row("parent", COLUMNS["parent"], {"person": subject.id, "parent": link.person})
        for number, consent in enumerate(subject.consents):
            given = {"from": consent.from_, "until": consent.until, "withdrawn": consent.withdrawn}
            told = {"purpose": consent.purpose, "recipient": consent.recipient, **given}
            self._row("consent", COLUMNS["consent"], {"person": subject.id, "key": number, "scope": " ".join(consent.scope), **told})
        for name, entries in subject.entries.items():
            fields = self._fields(name)
            columns = COLUMNS[FILE_OF[name]] if name in FILE_OF else (unit, "key", *fields)
            for entry in entries:
                values = {key: cell(fields[key], value) for key, value in entry.fields.items()}
                self._row(FILE_OF.get(name, name), columns, {unit: subject.id, "key": entry.key, **values})

    def _fields(self, name: str) -> Mapping[str, Fact]:
        """The fields of a dated list."""
        fields = self.catalogue.facts[name].rows
        assert fields is not None
        assert not isinstance(fields, str)
        return fields


def cell(fact: Fact, value: Value) -> Any:
    """A value as a table of a county would have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if fact.type == "money":
        assert isinstance(value, int)
        return f"{value // 100}.{value % 100:02d}"
    return float(value) if isinstance(value, Fraction) else value
