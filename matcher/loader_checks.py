"""What can only be seen once a whole catalogue is read: names that clash, versions alike, circles, orders that cannot be."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from matcher.catalogue import LAYERS
from matcher.language import Spot, TermRef
from matcher.loader_exclusion import refuse_exclusive
from matcher.parse_names import written
from matcher.reads import benefit_expressions, money_read, need_expressions, reads_of, walk, work_graph

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matcher.catalogue import Catalogue, PolicyVersion, TermVersion
    from matcher.loader_fields import Faults


def check_catalogue(catalogue: Catalogue, faults: Faults) -> None:
    """Note every fault between the parts of a catalogue."""
    _names_clash(catalogue, faults)
    for term in catalogue.terms.values():
        _versions_alike(term.id, term.versions, faults)
    for id_, versions in catalogue.policies.items():
        _versions_alike(id_, versions, faults)
        _versions_agree(id_, versions, faults)
        for version in versions:
            refuse_exclusive(version, faults)
    if not _term_circle(catalogue, faults):
        _pays_later(catalogue, faults)
        _needs_read_money(catalogue, faults)
        _policy_circle(catalogue, faults)


def _names_clash(catalogue: Catalogue, faults: Faults) -> None:
    """Two ids that expressions write the same way; a term with the name of a fact."""
    spots: dict[str, Spot] = {name: fact.spot for name, fact in catalogue.facts.items() if fact.spot is not None}
    spots |= {id_: term.versions[0].spot for id_, term in catalogue.terms.items() if term.versions}
    tables: tuple[Iterable[str], ...] = ((*catalogue.facts, *catalogue.terms), catalogue.standards, catalogue.policies, catalogue.needs)
    spots |= {id_: standard.spot for id_, standard in catalogue.standards.items() if id_ not in spots}
    spots |= {id_: versions[0].spot for id_, versions in catalogue.policies.items() if id_ not in spots}
    for table in tables:
        seen: dict[str, str] = {}
        for name in table:
            if written(name) in seen:
                spot = spots.get(name, Spot("", 1, name))
                faults.add(spot, f"{name} 与 {seen[written(name)]} 重名", f"{name} has the name of another: {seen[written(name)]}")
            seen[written(name)] = name


def _versions_alike(id_: str, versions: Sequence[PolicyVersion | TermVersion], faults: Faults) -> None:
    """Two versions of one region that begin on the same day; else the one that began last is in force."""
    for i, later in enumerate(versions):
        for first in versions[:i]:
            shared = sorted(set(later.regions) & set(first.regions))
            if shared and later.from_ == first.from_:
                where = shared[0] or "everywhere"
                zh = f"{id_} 在 {shared[0] or '各地'} 有两个同日起效的版本（另见 {first.spot.file}:{first.spot.line}）"
                faults.add(
                    later.spot, zh, f"two versions of {id_} begin on the same day in {where} (see {first.spot.file}:{first.spot.line})"
                )


def _versions_agree(id_: str, versions: tuple[PolicyVersion, ...], faults: Faults) -> None:
    """Versions of one policy share unit and layer."""
    for version in versions[1:]:
        for key in ("unit", "layer"):
            if getattr(version, key) != getattr(versions[0], key):
                faults.add(version.spot, f"{id_} 各版本的 {key} 不一致", f"versions of {id_} disagree on {key}")


def _term_circle(catalogue: Catalogue, faults: Faults) -> bool:
    """Whether terms need each other in a circle."""
    graph = {
        id_: {each.name for version in term.versions for each in walk(version.expression.node) if isinstance(each, TermRef)}
        for id_, term in catalogue.terms.items()
    }
    circle = _circle(graph)
    if circle:
        spot = catalogue.terms[circle[0]].versions[0].expression.spot
        faults.add(spot, f"事项循环引用：{' -> '.join(circle)}", f"terms read each other in a circle: {' -> '.join(circle)}")
    return bool(circle)


def _pays_later(catalogue: Catalogue, faults: Faults) -> None:
    """Reading money of an item that comes later in the legal order: it would always be 0."""
    for id_, versions in catalogue.policies.items():
        for other in sorted(money_read(id_, catalogue) & set(catalogue.policies)):
            if LAYERS.index(catalogue.policies[other][0].layer) > LAYERS.index(versions[0].layer):
                faults.add(
                    versions[0].spot,
                    f"{other} 的顺位在 {id_} 之后，此时金额总是 0",
                    f"{id_} reads the money of {other}, which pays later: always 0 here",
                )


def _needs_read_money(catalogue: Catalogue, faults: Faults) -> None:
    """Needs and the difficulty index stand before the bundle and cannot read what it grants or leaves."""
    for need in catalogue.needs.values():
        for expression in need_expressions(need):
            for read, target in sorted(reads_of(expression.node, catalogue)):
                if read in ("granted", "left"):
                    faults.add(
                        expression.spot, f"需求不能读 {read}.{target}", f"a need cannot read {read}.{target}: it stands before the bundle"
                    )
    for _, condition in catalogue.difficulty.conditions():
        for read, target in sorted(reads_of(condition.node, catalogue)):
            if read in ("granted", "left"):
                faults.add(condition.spot, f"困难指数不能读 {read}.{target}", f"the difficulty index cannot read {read}.{target}")


def _policy_circle(catalogue: Catalogue, faults: Faults) -> None:
    """Items whose verdicts and payments wait for each other."""
    graph = work_graph(catalogue)
    circle = _circle({f"{what} {id_}": {f"{to} {other}" for to, other in asks} for (what, id_), asks in graph.items()})
    if not circle:
        return
    ids = [job.split(" ")[1] for job in circle]
    spots = [_spot_of(job, catalogue) for job in circle if not job.startswith("need ")]
    trail = " -> ".join(ids[i] for i in range(len(ids)) if i == 0 or ids[i] != ids[i - 1])
    zh, en = f"政策循环引用：{trail}", f"items read each other in a circle: {trail} (receives and paid read the file only and cut it)"
    faults.add(spots[0] if spots else Spot("needs.yaml", 1, ""), zh, en)


def _spot_of(job: str, catalogue: Catalogue) -> Spot:
    """Where the item of a job has its first condition or amount that reads another item."""
    id_ = job.split(" ")[1]
    for version in catalogue.policies[id_]:
        for expression in (*(clause.when for clause in version.clauses), *benefit_expressions(version.benefit)):
            if any(read not in ("receives", "paid") for read, _ in reads_of(expression.node, catalogue)):
                return expression.spot
    return catalogue.policies[id_][0].spot


def _circle(graph: Mapping[str, set[str]]) -> list[str]:
    """A circle, each reading the next and the last the first; empty where there is none."""
    try:
        TopologicalSorter({key: sorted(graph[key]) for key in sorted(graph)}).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []
