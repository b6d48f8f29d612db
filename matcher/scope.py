"""Where a rule stands while it is compiled: on which frame's rows, and how to walk from there to the rows it names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcher.language import Path

HOUSEHOLD, PERSON = "household", "person"


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows of `frame`, which are of `unit` (household, person or a list's name).

    entry: hops to the person that a row stands for, where the list is of persons. fields: hops to the list's own frame
    (`fields_frame`), which holds the entry's fields or the edge's facts. parent: one level up, reached by hop `owner`.
    place, stage: the place whose rules apply, and the policy whose turn it is.
    """

    frame: str
    unit: str
    place: str
    stage: str | None = None
    parent: Scope | None = None
    entry: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    fields_frame: str = ""
    of_person: bool = False


def base(unit: str, place: str, stage: str | None = None) -> Scope:
    """The rows of households or persons themselves."""
    return Scope(unit, unit, place, stage)


def list_frame(name: str, unit: str) -> str:
    """The frame of a list's entries, by the owner's unit."""
    return f"{name}@{unit}"


def within_list(parent: Scope, name: str, unit: str, *, of_person: bool, frame: str | None = None) -> Scope:
    """The entries of a list: its own frame, or an expanded one that has the list's rows under hop `entry`."""
    own = list_frame(name, unit)
    expanded = frame is not None and frame != own
    fields: tuple[str, ...] = ("entry",) if expanded else ()
    entry = (*fields, "entry") if of_person else ()
    return Scope(frame or own, name, parent.place, parent.stage, parent, entry, fields, own, of_person)


def locate(scope: Scope, path: Path) -> tuple[Scope, tuple[str, ...]]:
    """The rows that `path` leads to, and the hops from this scope's rows to them."""
    hops: tuple[str, ...] = ()
    for step in path:
        if step == "outer":
            assert scope.parent is not None
            hops, scope = (*hops, "owner"), scope.parent
        elif scope.unit != HOUSEHOLD:
            hops, scope = hops + _home(scope), replace(base(HOUSEHOLD, scope.place, scope.stage))
    return scope, hops


def _home(scope: Scope) -> tuple[str, ...]:
    """Hops to the row's household: a person's own, or that of the owner of an entry."""
    if scope.unit == PERSON:
        return ("home",)
    if scope.of_person:
        return (*scope.entry, "home")
    owner_unit = scope.fields_frame.rsplit("@", 1)[1]
    return (*scope.fields, "owner") + (("home",) if owner_unit == PERSON else ())


def row_of(target: Scope, unit: str) -> tuple[str, tuple[str, ...]]:
    """The frame where facts of `unit` lie, and the hops to it from the target scope's rows."""
    if unit not in (HOUSEHOLD, PERSON):
        return target.fields_frame, target.fields
    if target.unit == unit:
        return unit, ()
    if unit == PERSON and target.of_person:
        return PERSON, target.entry
    return target.fields_frame.rsplit("@", 1)[1], (*target.fields, "owner")


def entry_scope(target: Scope) -> Scope:
    """The list's own rows, with its owner's rows one level up."""
    owner_unit = target.fields_frame.rsplit("@", 1)[1]
    parent = base(owner_unit, target.place, target.stage)
    return within_list(parent, target.unit, owner_unit, of_person=target.of_person)


def target_of(frame: str, hop: str, contexts: dict[str, tuple[str, str]]) -> str:
    """The frame that a hop leads to; `contexts` tells (context, source) of expanded frames."""
    if hop in ("ego", "home"):
        return HOUSEHOLD
    if frame in contexts:
        return contexts[frame][0] if hop == "owner" else contexts[frame][1]
    return frame.rsplit("@", 1)[1] if hop == "owner" else PERSON
