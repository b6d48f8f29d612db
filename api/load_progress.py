"""How far a load is: a bar with an estimate on a terminal, a line per stored batch elsewhere; always of what is stored already."""

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.load_tables import Table
from api.settings import Lang

WORDS = {"zh": "{file}：已保存到第 {rows} 行", "en": "{file}: stored up to row {rows}"}
COUNTY = {
    "zh": "已保存 {households}/{asked} 户、{people} 人，约还需 {left}",
    "en": "stored {households} of {asked} households, {people} people; about {left} to go",
}


class LoadProgress:
    """The progress of a load, file after file, on the error stream."""

    def __init__(self, lang: Lang, *, quiet: bool = False) -> None:
        self._lang, self._quiet = lang, quiet
        console = Console(stderr=True)
        self._terminal = console.is_terminal and not quiet
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), TaskProgressColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not self._terminal)
        self._task: TaskID | None = None
        self._file = ""

    def __enter__(self) -> "LoadProgress":
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def file(self, name: str) -> None:
        """A file begins."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._file = name
        self._task = self._bar.add_task(escape(name), total=None)

    def stored(self, table: Table, rows: int) -> None:
        """All rows of a table up to this one are dealt with, and stored if they could be."""
        words = WORDS[self._lang].format(file=self._file, rows=f"{rows:,}")
        if self._terminal and self._task is not None:
            place = table.place() or rows
            self._bar.update(self._task, description=escape(words), total=table.size, completed=min(place, table.size or place))
        elif not self._quiet:
            sys.stderr.write(words + "\n")
            sys.stderr.flush()


class CountyProgress:
    """The progress of a synthetic county on the error stream, with an estimate; what was stored before does not count as quick work."""

    def __init__(self, lang: Lang, *, asked: int, stored: int, quiet: bool = False) -> None:
        self._lang, self._asked, self._begun, self._start = lang, asked, stored, time.monotonic()
        console = Console(stderr=True)
        self._terminal, self._quiet = console.is_terminal and not quiet, quiet
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), TaskProgressColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not self._terminal)
        self._task = self._bar.add_task("", total=asked, completed=stored)

    def __enter__(self) -> "CountyProgress":
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def stored(self, households: int, people: int) -> None:
        """So many are stored."""
        each = (time.monotonic() - self._start) / max(1, households - self._begun)
        left = span(each * max(0, self._asked - households), self._lang)
        words = COUNTY[self._lang].format(households=f"{households:,}", asked=f"{self._asked:,}", people=f"{people:,}", left=left)
        if self._terminal:
            self._bar.update(self._task, description=escape(words), completed=min(households, self._asked))
        elif not self._quiet:
            sys.stderr.write(words + "\n")
            sys.stderr.flush()


def span(seconds: float, lang: Lang) -> str:
    """A time in words: 40 秒, 3 分钟."""
    if seconds < 90:
        return f"{seconds:.0f} s" if lang == "en" else f"{seconds:.0f} 秒"
    return f"{seconds / 60:.0f} min" if lang == "en" else f"{seconds / 60:.0f} 分钟"
