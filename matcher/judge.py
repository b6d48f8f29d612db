"""A case and the judgement of it: what a case file expects, held against the answers of an engine.

Source: the language page, "A case", and section "Cases" of the notes to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from matcher.records import Record, Value

    Target = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Expected:
    """A number that is expected: fen, or hours. `ends`: exactly from lo to hi (None: open); else not below lo, not above hi."""

    lo: Fraction | None
    hi: Fraction | None
    ends: bool

    def met(self, got: tuple[Fraction | int, Fraction | int | None] | None) -> bool:
        """Whether an answer is as expected."""
        if got is None:
            return False
        if self.ends:
            return got == (self.lo, self.hi)
        return (self.lo is None or got[0] >= self.lo) and (self.hi is None or (got[1] is not None and got[1] <= self.hi))


@dataclass(slots=True)
class Case:
    """One case. Targets are (policy or need or fact, person or None); `over` names what a choice was taken over."""

    name: str
    file: str
    line: int
    as_of: dt.date
    known_by: dt.date | None
    record: Record
    assumed: str | None = None
    standards: dict[str, object] = field(default_factory=dict)
    terms: dict[str, Value] = field(default_factory=dict)
    verdicts: dict[Target, str] = field(default_factory=dict)
    amounts: dict[Target, Expected] = field(default_factory=dict)
    left: dict[Target, Expected] = field(default_factory=dict)
    hours: set[str] = field(default_factory=set)
    ask_for: tuple[Target, ...] = ()
    opened_by: dict[Target, tuple[str, ...]] = field(default_factory=dict)
    choices: tuple[Target, ...] = ()
    over: dict[Target, tuple[Target, ...]] = field(default_factory=dict)


class Answers(Protocol):
    """What an engine says about one case. `who` is the person's `as`, None for the household."""

    def verdict(self, policy: str, who: str | None, /) -> str:
        """eligible, not eligible or unknown."""

    def amount(self, policy: str, who: str | None, /) -> tuple[int, int | None] | None:
        """What the item pays per its period, from..to in fen (None: no upper end); None if it pays no money."""

    def left(self, need: str, who: str | None, /) -> tuple[Fraction | int, Fraction | int | None]:
        """What is left of a need in the end, in fen or hours; a person's need without a person: the household's sum."""

    def questions(self) -> list[Target]:
        """What should be asked: facts, lists, `consent`."""

    def opened_by(self, policy: str, who: str | None, /) -> list[str]:
        """The policies to be confirmed first."""

    def chosen(self) -> set[Target]:
        """The items of the bundle."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went. got and expected: plain JSON values under the same keys."""

    name: str
    file: str
    passed: bool
    got: dict[str, object]
    expected: dict[str, object]


def judge(case: Case, result: Answers) -> CaseResult:
    """Compare a case with the answers of an engine.

    An exact amount passes only if both ends equal it; `ask_for`, `choices` pass if all that they name is among the answers,
    `opened_by` if it names the same policies (of whom, does not count).
    """
    got: dict[str, object] = {}
    expected: dict[str, object] = {}
    passed: list[bool] = []

    def note(key: str, wanted: object, found: object, good: bool) -> None:
        expected[key], got[key] = wanted, found
        passed.append(good)

    for target, verdict in case.verdicts.items():
        found = result.verdict(*target)
        note(_label(target), verdict, found, found == verdict)
    for target, wanted in case.amounts.items():
        amount = result.amount(*target)
        note(f"{_label(target)} amount_fen", _shown(wanted), _ends(amount), wanted.met(amount))
    for target, wanted in case.left.items():
        left = result.left(*target)
        unit = "hours" if target[0] in case.hours else "fen"
        note(f"left.{_label(target)} {unit}", _shown(wanted), _ends(left), wanted.met(left))
    if case.ask_for:
        asked = set(result.questions())
        note("ask_for", sorted(map(_label, case.ask_for)), sorted(map(_label, asked)), all(_is_asked(one, asked) for one in case.ask_for))
    for target, openers in case.opened_by.items():
        opened = result.opened_by(*target)
        note(f"{_label(target)} opened_by", sorted(openers), sorted(opened), set(opened) == set(openers))
    if case.choices or case.over:
        chosen = result.chosen()
        held = {*case.choices, *case.over}
        refused = {other for others in case.over.values() for other in others}
        wanted_choice = {"in": sorted(map(_label, held)), "out": sorted(map(_label, refused))}
        note("choices", wanted_choice, sorted(map(_label, chosen)), held <= chosen and not refused & chosen)
    return CaseResult(case.name, case.file, all(passed), got, expected)


def _is_asked(wanted: Target, asked: set[Target]) -> bool:
    """Whether a question is among those asked; a list stands for any field of its entries, a field for that of any list."""
    name, who = wanted
    return any(w == who and (n == name or n.startswith(f"{name}.") or n.endswith(f".{name}")) for n, w in asked)


def _label(target: Target) -> str:
    """`policy` or `policy@as`."""
    return target[0] if target[1] is None else f"{target[0]}@{target[1]}"


def _plain(value: Fraction | int | None) -> int | float | None:
    """A number for JSON."""
    return None if value is None else int(value) if Fraction(value).denominator == 1 else float(value)


def _shown(wanted: Expected) -> object:
    """An expected number for JSON."""
    if wanted.ends:
        return [_plain(wanted.lo), _plain(wanted.hi)]
    return {"at_least": _plain(wanted.lo), "at_most": _plain(wanted.hi)}


def _ends(got: tuple[Fraction | int, Fraction | int | None] | None) -> object:
    """A number that was found, for JSON."""
    return None if got is None else [_plain(got[0]), _plain(got[1])]
