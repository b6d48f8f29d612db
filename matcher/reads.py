"""Who reads whom: what expressions use, the legal order of payments, the order of work, what opens what.

Pure look-ups over a loaded catalogue; the loader refuses circles with them, the engine plans with them.
"""

from __future__ import annotations

import heapq
from dataclasses import fields
from typing import TYPE_CHECKING, Literal

from matcher.catalogue import LAYERS, Group
from matcher.language import And, Arith, Compare, Expression, FactRef, Func, ListCall, Node, Not, Or, Read, ReadKind, TermRef, Tiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from matcher.catalogue import Benefit, Catalogue, Need, PolicyVersion, Term

Job = tuple[Literal["verdict", "pays", "need"], str]
"""A piece of work: the verdict of a policy, what it pays, the amount of a need."""


def walk(node: Node) -> Iterator[Node]:
    """The node and everything inside it, outermost first, in reading order."""
    yield node
    for part in parts(node):
        yield from walk(part)


def parts(node: Node) -> Iterator[Node]:
    """The nodes directly inside a node."""
    for slot in fields(node):
        value = getattr(node, slot.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for each in value:
                if isinstance(each, Node):
                    yield each
                elif isinstance(each, tuple):
                    yield from (inner for inner in each if isinstance(inner, Node))


def reach(node: Node, terms: Mapping[str, Term]) -> Iterator[Node]:
    """Everything inside a node and inside the terms it uses, all their versions; each term once."""
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        for each in walk(waiting.pop()):
            yield each
            if isinstance(each, TermRef) and each.name not in seen:
                seen.add(each.name)
                waiting.extend(version.expression.node for version in terms[each.name].versions)


def facts_of(node: Node, catalogue: Catalogue) -> frozenset[tuple[str, str]]:
    """(unit, name) of every fact and list that a node rests on, through its terms.

    Unit is household, person, or a list's name for the fields of its rows and the facts of its edge; a list itself stands
    under the unit of its owner.
    """
    found: set[tuple[str, str]] = set()
    for each in reach(node, catalogue.terms):
        if isinstance(each, FactRef):
            found.add((each.unit, each.name))
        elif isinstance(each, ListCall):
            found.add((each.of.unit, each.of.name))
    return frozenset(found)


def terms_of(node: Node, catalogue: Catalogue) -> frozenset[str]:
    """The ids of all terms that a node uses, directly or through others."""
    return frozenset(each.name for each in reach(node, catalogue.terms) if isinstance(each, TermRef))


def reads_of(node: Node, catalogue: Catalogue) -> frozenset[tuple[ReadKind, str]]:
    """(kind, target) of everything that a node reads from items and needs, through its terms."""
    return frozenset((each.read, each.target) for each in reach(node, catalogue.terms) if isinstance(each, Read))


def benefit_expressions(benefit: Benefit | None) -> tuple[Expression, ...]:
    """The expressions of a benefit, in the order of its fields."""
    if benefit is None:
        return ()
    given = (benefit.amount, benefit.at_least, benefit.at_most, benefit.cap, benefit.hours, benefit.shared)
    return tuple(each for each in given if each is not None)


def need_expressions(need: Need) -> tuple[Expression, ...]:
    """The expressions of a need."""
    return (need.amount,) if need.when is None else (need.when, need.amount)


def grantors(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """What `recognised.x` may name -> the policies whose verdict can give it."""
    found: dict[str, set[str]] = {id_: {id_} for id_ in catalogue.policies}
    for id_, versions in catalogue.policies.items():
        for version in versions:
            if version.recognition is not None:
                found.setdefault(version.recognition, set()).add(id_)
    return {name: frozenset(ids) for name, ids in found.items()}


def payment_order(catalogue: Catalogue) -> tuple[str, ...]:
    """All policies in the legal order: layer, then after those whose money they read or top up, then id."""
    layer = {id_: LAYERS.index(versions[0].layer) for id_, versions in catalogue.policies.items()}
    before = {id_: {y for y in money_read(id_, catalogue) if layer.get(y) == layer[id_] and y != id_} for id_ in layer}
    return tuple(id_ for n in range(len(LAYERS)) for id_ in _sorted([each for each in layer if layer[each] == n], before))


def money_read(id_: str, catalogue: Catalogue) -> frozenset[str]:
    """The policies whose grants a policy reads or tops up."""
    found: set[str] = set()
    for version in catalogue.policies[id_]:
        found.update(version.tops_up)
        for expression in (*(clause.when for clause in version.clauses), *benefit_expressions(version.benefit)):
            found.update(target for read, target in reads_of(expression.node, catalogue) if read == "granted")
    return frozenset(found)


def work_graph(catalogue: Catalogue) -> dict[Job, frozenset[Job]]:
    """Every job -> the jobs that must be done before it.

    `receives` and `paid` come from the file and ask for nothing. `left.n` asks for the need and for the payments that
    cover it earlier in the legal order; so does every payment towards n, since it is what leaves the rest.
    """
    order = payment_order(catalogue)
    earlier: dict[str, dict[str, frozenset[str]]] = {}
    covering: dict[str, set[str]] = {}
    for id_ in order:
        earlier[id_] = {need: frozenset(ids - {id_}) for need, ids in covering.items()}
        for version in catalogue.policies[id_]:
            for need in version.benefit.covers if version.benefit else ():
                covering[need] = covering.get(need, set()) | {id_}
    givers = grantors(catalogue)
    graph: dict[Job, frozenset[Job]] = {}
    for id_, versions in catalogue.policies.items():
        asks = [clause.when for version in versions for clause in version.clauses]
        pays = [each for version in versions for each in benefit_expressions(version.benefit)]
        graph["verdict", id_] = _jobs(asks, catalogue, givers, earlier[id_])
        verdict: frozenset[Job] = frozenset([("verdict", id_)])
        graph["pays", id_] = verdict | _jobs(pays, catalogue, givers, earlier[id_]) | _limits(versions, earlier[id_])
    for id_, needed in catalogue.needs.items():
        graph["need", id_] = _jobs(need_expressions(needed), catalogue, givers, {})
    return graph


def work_order(catalogue: Catalogue) -> tuple[tuple[Job, ...], ...]:
    """The jobs in stages: each asks only for jobs of stages before it."""
    graph = work_graph(catalogue)
    depth: dict[Job, int] = {}

    def deep(job: Job) -> int:
        if job not in depth:
            depth[job] = 0
            depth[job] = 1 + max((deep(each) for each in graph.get(job, ())), default=-1)
        return depth[job]

    stages: dict[int, list[Job]] = {}
    for job in sorted(graph):
        stages.setdefault(deep(job), []).append(job)
    return tuple(tuple(stages[n]) for n in sorted(stages))


def strata(catalogue: Catalogue) -> tuple[tuple[str, ...], ...]:
    """The policies in the order of their verdicts: each reads only results of strata before its own."""
    found = [tuple(id_ for what, id_ in stage if what == "verdict") for stage in work_order(catalogue)]
    return tuple(each for each in found if each)


def unlocks(catalogue: Catalogue) -> frozenset[tuple[str, str]]:
    """(x, y): being recognised by x, or eligible for it, helps towards y's conditions."""
    givers = grantors(catalogue)
    found: set[tuple[str, str]] = set()
    for y, versions in catalogue.policies.items():
        for version in versions:
            for read in _helpful(version.requires, 1, catalogue):
                found.update((x, y) for x in givers[read.target] if x != y)
    return frozenset(found)


def _limits(versions: Iterable[PolicyVersion], earlier: Mapping[str, frozenset[str]]) -> frozenset[Job]:
    """The jobs behind what an item tops up, and behind what is left of the needs it covers when its turn comes."""
    found: set[Job] = set()
    for version in versions:
        found.update(("pays", each) for each in version.tops_up)
        if version.benefit is not None:
            for need in version.benefit.covers:
                found.add(("need", need))
                found.update(("pays", each) for each in earlier.get(need, ()))
    return frozenset(found)


def _jobs(
    expressions: Iterable[Expression], catalogue: Catalogue, givers: Mapping[str, frozenset[str]], earlier: Mapping[str, frozenset[str]]
) -> frozenset[Job]:
    """The jobs that expressions ask for."""
    found: set[Job] = set()
    for expression in expressions:
        for read, target in reads_of(expression.node, catalogue):
            if read in ("recognised", "eligible"):
                found.update(("verdict", each) for each in (givers[target] if read == "recognised" else (target,)))
            elif read == "granted":
                found.add(("pays", target))
            elif read == "left":
                found.add(("need", target))
                found.update(("pays", each) for each in earlier.get(target, ()))
    return frozenset(found)


def _sorted(ids: list[str], before: Mapping[str, set[str]]) -> list[str]:
    """Topological, the least id first; what stands in a circle comes last, by id."""
    left = {id_: set(before[id_]) for id_ in ids}
    ready = [id_ for id_ in ids if not left[id_]]
    heapq.heapify(ready)
    found: list[str] = []
    while ready:
        done = heapq.heappop(ready)
        found.append(done)
        for id_, asks in left.items():
            if done in asks:
                asks.discard(done)
                if not asks:
                    heapq.heappush(ready, id_)
    return [*found, *sorted(set(ids) - set(found))]


def _helpful(group: Group, sign: int, catalogue: Catalogue) -> Iterator[Read]:
    """The recognitions and verdicts that a group reads in a way where a yes helps."""
    for part in group.of:
        turned = -sign if group.op == "not" else sign
        if isinstance(part, Group):
            yield from _helpful(part, turned, catalogue)
        else:
            yield from _signed(part.when.node, turned, catalogue, set())


def _signed(node: Node, sign: int, catalogue: Catalogue, seen: set[tuple[str, int]]) -> Iterator[Read]:
    """The same for a node; sign 1 helps, -1 hinders, 0 may do either."""
    if isinstance(node, Read):
        if node.read in ("recognised", "eligible") and sign >= 0:
            yield node
        return
    if isinstance(node, TermRef):
        if (node.name, sign) not in seen:
            seen.add((node.name, sign))
            for version in catalogue.terms[node.name].versions:
                yield from _signed(version.expression.node, sign, catalogue, seen)
        return
    for part, turned in _signs(node, sign):
        yield from _signed(part, turned, catalogue, seen)


def _signs(node: Node, sign: int) -> Iterator[tuple[Node, int]]:
    """The parts of a node, each with the sign it has there."""
    if isinstance(node, Not):
        yield node.of, -sign
    elif isinstance(node, Compare):
        left = {">": sign, ">=": sign, "<": -sign, "<=": -sign}.get(node.op, 0)
        yield from ((node.left, left), (node.right, -left))
    elif isinstance(node, Arith):
        yield from ((node.left, sign), (node.right, -sign if node.op in "-/" else sign))
    elif isinstance(node, Tiers):
        for when, value in node.cases:
            yield from ((when, 0), (value, sign))
        if node.otherwise is not None:
            yield node.otherwise, sign
    elif isinstance(node, ListCall):
        inside = {"body": sign, "where": -sign if node.call == "all" else sign, "none": sign}
        for name, turned in inside.items():
            part = getattr(node, name)
            if part is not None:
                yield part, 0 if node.call in ("min", "max") and name == "where" else turned
    else:
        keeps = isinstance(node, (And, Or)) or (isinstance(node, Func) and node.name in ("min", "max", "floor", "ceil"))
        yield from ((part, sign if keeps else 0) for part in parts(node))
