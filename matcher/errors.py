"""What can go wrong in the matcher. Outcomes (not eligible, budget spent, nobody near) are values, never these.

MatcherError
├── CatalogueError     422  files that the loader refuses; carries every fault found
├── ExpressionError    422  one expression that the language refuses
├── FactValueError     422  a value that a fact cannot have
└── FrameError         500  a table between two stages has not the columns that it promises
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class MatcherError(Exception):
    """Anything that the matcher refuses."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a catalogue: the file relative to its root, the line from 1, the path inside, and why."""

    file: str
    line: int
    path: str
    zh: str
    en: str

    @property
    def place(self) -> str:
        """`file:line path`."""
        return f"{self.file}:{self.line} {self.path}".rstrip()

    def __str__(self) -> str:
        """`file:line path: reason`."""
        return f"{self.place}: {self.en}"


class CatalogueError(MatcherError):
    """Files that cannot be loaded. `faults` holds all that was found, sorted by file and line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep the faults, each once, in reading order."""
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        """One fault per line."""
        return "\n".join(str(fault) for fault in self.faults)


class _SpokenError(MatcherError):
    """An error with its reason in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep both reasons."""
        self.zh = zh
        self.en = en
        super().__init__(zh, en)

    def __str__(self) -> str:
        """The English reason."""
        return self.en


class ExpressionError(_SpokenError):
    """An expression that the language refuses."""


class FactValueError(_SpokenError, ValueError):
    """A value that a fact cannot have: wrong type, outside its values, below its min, above its max."""


class FrameError(MatcherError):
    """A table between two stages lacks a column, has another dtype, or repeats its key."""


def like(name: str, known: Iterable[str]) -> tuple[str, str]:
    """What to say after a name that nobody knows: the nearest one that is known, if any is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return (f"，是否为 {near[0]}？", f"; did you mean {near[0]}?") if near else ("", "")
