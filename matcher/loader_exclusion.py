"""Conditions of one policy that no household can meet together: found by comparing each pair on one expression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcher.catalogue import Clause, Group
from matcher.language import Among, And, Compare, Known, Node, Not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matcher.catalogue import PolicyVersion
    from matcher.language import Spot
    from matcher.loader_fields import Faults

_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_SIGNS = {"==": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}


@dataclass(frozen=True, slots=True)
class _Limit:
    """What a condition says of one expression: `of op against`, or that it is (not) among values."""

    clause: str
    spot: Spot
    of: Node
    op: str
    against: Node | frozenset[object]


def refuse_exclusive(version: PolicyVersion, faults: Faults) -> None:
    """Note each pair of conditions under one `all` that exclude each other."""
    _check(version.requires, faults)


def _check(group: Group, faults: Faults) -> None:
    """One group and the groups inside it."""
    if group.op == "all":
        limits = list(_limits_of(group))
        for i, later in enumerate(limits):
            for first in limits[:i]:
                if first.of == later.of and _clash(first, later):
                    zh, en = (
                        f"条件 {first.clause} 与 {later.clause} 互相排斥",
                        f"the conditions {first.clause} and {later.clause} exclude each other",
                    )
                    faults.add(later.spot, f"{zh}，无人能同时满足", f"{en}: nobody meets both")
                    break
    for part in group.of:
        if isinstance(part, Group) and not (group.op == "all" and part.op == "all"):
            _check(part, faults)


def _limits_of(group: Group) -> Iterator[_Limit]:
    """The limits that all must hold, through nested `all` and a `not` of one condition."""
    for part in group.of:
        if isinstance(part, Clause):
            yield from _limits(part.when.node, part)
        elif part.op == "all":
            yield from _limits_of(part)
        elif part.op == "not" and part.of and isinstance(part.of[0], Clause):
            yield from _limits(Not("yesno", part.of[0].when.node), part.of[0])


def _limits(node: Node, clause: Clause) -> Iterator[_Limit]:
    """The limits inside one condition."""
    if isinstance(node, And):
        for part in node.of:
            yield from _limits(part, clause)
        return
    holds = True
    while isinstance(node, Not):
        node, holds = node.of, not holds
    spot = clause.when.spot
    if isinstance(node, Compare):
        of, op, against = node.left, node.op, node.right
        if isinstance(of, Known):
            of, op, against = against, _FLIPPED[op], of  # type: ignore[assignment]
        yield _Limit(clause.id, spot, of, op if holds else _NEGATED[op], against)
    elif isinstance(node, Among) and node.codes is None:
        yield _Limit(clause.id, spot, node.of, "in" if holds else "out", frozenset(each.value for each in node.literals))
    elif not isinstance(node, And):
        yield _Limit(clause.id, spot, node, "==" if holds else "!=", Known("yesno", True))


def _clash(a: _Limit, b: _Limit) -> bool:
    """Whether no value meets both."""
    if a.against == b.against and a.op in _SIGNS and b.op in _SIGNS:
        return not _SIGNS[a.op] & _SIGNS[b.op]
    sets = [_as_set(a), _as_set(b)]
    if sets[0] is not None and sets[1] is not None:
        (in_a, values_a), (in_b, values_b) = sets[0], sets[1]
        if in_a and in_b:
            return not values_a & values_b
        return (in_a and values_a <= values_b) or (in_b and values_b <= values_a)
    if sets[0] is not None or sets[1] is not None:
        chosen, other = (sets[0], b) if sets[0] is not None else (sets[1], a)
        assert chosen is not None
        return chosen[0] and not any(_holds(value, other) for value in chosen[1])
    return _apart(a, b)


def _as_set(limit: _Limit) -> tuple[bool, frozenset[object]] | None:
    """(is it among, the values) of a limit by values."""
    if isinstance(limit.against, frozenset):
        return limit.op == "in", limit.against
    if limit.op in ("==", "!=") and isinstance(limit.against, Known):
        return limit.op == "==", frozenset([limit.against.value])
    return None


def _holds(value: object, limit: _Limit) -> bool:
    """Whether a value meets a limit by order; yes where that cannot be told."""
    if not isinstance(limit.against, Known):
        return True
    bound = limit.against.value
    sign = (value > bound) - (value < bound)  # type: ignore[operator]
    return sign in _SIGNS[limit.op]


def _apart(a: _Limit, b: _Limit) -> bool:
    """Whether one limit ends below where the other begins."""
    if not isinstance(a.against, Known) or not isinstance(b.against, Known):
        return False
    upper, lower = (a, b) if a.op in ("<", "<=") else (b, a)
    if upper.op not in ("<", "<=") or lower.op not in (">", ">="):
        return False
    return not _holds(upper.against.value, lower)  # type: ignore[union-attr]
