"""The one place that prints: pieces of a screen, in at most 100 columns, with colour only where a terminal has it.

Commands and pages build renderables from here and give them to a Screen; nothing else in the program writes to the terminal.
"""

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from api.errors import Told
from api.settings import Lang
from matcher.bundle_json import hours, yuan

WIDTH = 100
THEME = Theme(
    {
        "can": "bold green",
        "has": "cyan",
        "ask": "bold yellow",
        "no": "dim",
        "choice": "dim",
        "gap": "bold red",
        "quiet": "dim",
        "title": "bold",
    }
)


class Screen:
    """Where a command shows its result. `plain` is for tests and files: no colour whatever the terminal."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        terminal = sys.stdout.isatty()
        self._out = Console(theme=THEME, width=None if terminal else WIDTH, highlight=False, soft_wrap=False)
        if self._out.width > WIDTH:
            self._out = Console(theme=THEME, width=WIDTH, highlight=False, soft_wrap=False)
        self._err = Console(theme=THEME, stderr=True, width=self._out.width, highlight=False)

    def show(self, *parts: RenderableType) -> None:
        """Print the parts, one below the other; in a file no line ends in spaces."""
        if self._out.is_terminal:
            self._out.print(*parts, sep="\n")
            return
        with self._out.capture() as held:
            self._out.print(*parts, sep="\n")
        sys.stdout.write("\n".join(one.rstrip() for one in held.get().splitlines()) + "\n")

    def json(self, value: object) -> None:
        """Print one JSON value and nothing else."""
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    def trouble(self, told: Told) -> None:
        """Say on the error stream what is wrong, where, and how to mend it."""
        self._err.print(Text.assemble(("✗ ", "gap"), told.text))
        for fault in told.faults:
            reason = fault.en if self.lang == "en" else fault.zh
            self._err.print(Text.assemble("  ", (fault.place, "title"), f": {reason}"), soft_wrap=True)
        if told.hint:
            self._err.print(indented(told.hint))

    def aside(self, text: str) -> None:
        """Say something beside the result, on the error stream."""
        self._err.print(Text(text, style="quiet"))

    def progress(self, title: str, total: int | None) -> "Steps":
        """A bar on a terminal, silence elsewhere."""
        return Steps(self._err, title, total)

    @property
    def interactive(self) -> bool:
        """Whether somebody sits at the keyboard."""
        return sys.stdin.isatty()


class Steps(AbstractContextManager["Steps"]):
    """A progress bar with what remains, on the error stream, only where that is a terminal."""

    def __init__(self, console: Console, title: str, total: int | None) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task(escape(title), total=total)

    def __enter__(self) -> "Steps":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def advance(self, by: int = 1) -> None:
        """So many more are done."""
        self._bar.advance(self._task, by)


def heading(text: str) -> RenderableType:
    """A title with an empty line above it."""
    return Group(Text(""), Text(text, style="title"))


def line() -> RenderableType:
    """A thin rule."""
    return Rule(style="quiet", characters="─")


def note(text: str) -> RenderableType:
    """A quiet line, wrapped under itself."""
    return Padding(Text(text, style="quiet"), (0, 0, 0, 2), expand=False)


def indented(text: RenderableType, by: int = 2) -> RenderableType:
    """A line moved in."""
    return Padding(text, (0, 0, 0, by), expand=False)


def columns(*widths: tuple[str, int | None]) -> Table:
    """A table without borders or head: (justify, width or None for what is left)."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
    for justify, width in widths:
        table.add_column(justify="right" if justify == "right" else "left", width=width, overflow="fold", ratio=None if width else 1)
    return table


def listing(heads: Sequence[str], rows: Iterable[Sequence[RenderableType]], *, right: Sequence[int] = (), grow: int = 0) -> Table:
    """A table with a head and a thin rule under it; `grow` takes the width that is left."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True, header_style="quiet")
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at in right else "left", overflow="fold", ratio=1 if at == grow else None)
    for row in rows:
        table.add_row(*row)
    return table


def bar(parts: Sequence[tuple[int, str]], whole: int, width: int = 24) -> Text:
    """▇ for what is covered, each part in its style, ░ for what is left; every part that is not 0 is seen."""
    text = Text()
    used = 0
    for size, style in parts:
        if size <= 0 or whole <= 0 or used >= width:
            continue
        cells = min(width - used, max(1, round(size * width / whole)))
        text.append("▇" * cells, style=style)
        used += cells
    short = whole > sum(size for size, _ in parts)
    if short and used >= width:
        text.right_crop(1)
        used = width - 1
    text.append("░" * (width - used), style="gap" if short else "quiet")
    return text


def money(lo: int | None, hi: int | None, lang: Lang) -> str:
    """¥140–210, ¥8,000, at most, at least; nothing where nothing is paid in money."""
    return _ends(lo, hi, lang, yuan)


def hours_text(lo: int | None, hi: int | None, lang: Lang) -> str:
    """6 小时, 2–4 小时, 168 小时以内."""
    unit = " hours" if lang == "en" else " 小时"
    return _ends(lo, hi, lang, lambda value: f"{hours(value)}{unit}")


def _ends(lo: int | None, hi: int | None, lang: Lang, say: Callable[[int], str]) -> str:
    english = lang == "en"
    if lo is None and hi is None:
        return ""
    if hi is None:
        if not lo:
            return "not known yet" if english else "待定"
        return f"{say(lo)} or more" if english else f"{say(lo)} 以上"
    if lo == hi:
        return say(hi)
    if not lo:
        return f"up to {say(hi)}" if english else f"{say(hi)} 以内"
    return f"{say(lo).partition(' ')[0]}–{say(hi).removeprefix('¥')}"


def month(value: dt.date | None, lang: Lang) -> str:
    """2027年1月, January 2027."""
    if value is None:
        return ""
    return f"{value:%B} {value.year}" if lang == "en" else f"{value.year}年{value.month}月"


def day(value: dt.date | None, lang: Lang) -> str:
    """2026年8月1日, 1 August 2026."""
    if value is None:
        return ""
    return f"{value.day} {value:%B} {value.year}" if lang == "en" else f"{value.year}年{value.month}月{value.day}日"
