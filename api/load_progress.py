"""How far a load is: a bar with an estimate on a terminal, a line per stored batch elsewhere; always of what is stored already."""

import sys
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from api.load_tables import Table
from api.settings import Lang

WORDS = {"zh": "{file}：已保存到第 {rows} 行", "en": "{file}: stored up to row {rows}"}


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
