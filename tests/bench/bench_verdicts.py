"""Verdicts of a million persons under 41 rules of 4 conditions, beside OpenFisca-core on the same rules and numbers.

`make bench` runs it; `python -m tests.bench.bench_verdicts [PERSONS]` by hand. Both sides start from columns in memory and
end with every verdict and every condition, so that a reason can be given; OpenFisca-core is also run without the conditions
(one formula for a rule). On this side unknown facts stay unknown. Interleaved runs, medians.
"""
# ruff: noqa: T201 - a script for the terminal: printing is its work

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from matcher.frames import Frames, copies
from matcher.loader import load_catalogue
from matcher.program import versions_on
from matcher.rules import compile_catalogue
from matcher.stored import dtype_of

if TYPE_CHECKING:
    from collections.abc import Callable

RULES, FACTS, RUNS = 41, 8, 7
DAY = dt.date(2026, 8, 1)


def thresholds(rule: int) -> list[tuple[int, str, int]]:
    """The four conditions of a rule: (number of the fact, comparison, threshold)."""
    return [((rule * 3 + k) % FACTS, "<" if (rule + k) % 2 else ">=", 10 + (rule * 7 + k * 23) % 80) for k in range(4)]


def catalogue_text(folder: Path) -> None:
    """The rules as a catalogue."""
    (folder / "policies").mkdir()
    facts = [f"f{i}: {{unit: person, type: int, min: 0, max: 99, label: {{zh: 事{i}, en: f{i}}}}}" for i in range(FACTS)]
    (folder / "facts.yaml").write_text("\n".join(facts), encoding="utf-8")
    for rule in range(RULES):
        clauses = "".join(
            f"\n    - {{id: c{k}, says: {{zh: 条件, en: condition}}, when: f{fact} {op} {limit}}}"
            for k, (fact, op, limit) in enumerate(thresholds(rule))
        )
        text = (
            f"id: r{rule}\ntitle: {{zh: 项, en: item}}\nlayer: basic\ndepartment: d\nunit: person\n"
            f"source: {{document: none, mark: illustrative}}\nrequires:\n  all:{clauses}\n"
        )
        (folder / "policies" / f"r{rule}.yaml").write_text(text, encoding="utf-8")


def ours(values: dict[str, np.ndarray], unknown: np.ndarray | None) -> Callable[[], list[pl.Series]]:
    """A run of this engine over the columns."""
    with tempfile.TemporaryDirectory() as name:
        catalogue_text(Path(name))
        catalogue = load_catalogue(Path(name))
    program = compile_catalogue(catalogue, versions_on(catalogue, DAY, frozenset({""})), payments_too=False)
    count = len(values["f0"])
    known = {k: pl.Series(v, dtype=dtype_of(catalogue.facts[k])) for k, v in values.items()}
    columns = {f"f:{k}": v if unknown is None else v.set(pl.Series(unknown), None) for k, v in known.items()}
    always = {"as_of": pl.repeat(DAY, count, eager=True), "inside": pl.repeat(value=True, n=count, eager=True)}
    always |= {"confirmed": always["inside"], "id": pl.Series(range(count)).cast(pl.String)}
    person = pl.DataFrame({**columns, **always})
    household = pl.DataFrame({"as_of": [DAY], "inside": [True], "confirmed": [True], "id": ["h"]})
    frames = Frames({"person": person, "household": household}, {}, {}, 1)

    def run() -> list[pl.Series]:
        copy = copies(frames, 1)
        program.plan.run(copy)
        return [copy.column("person", f"v:r{rule}") for rule in range(RULES)]

    return run


def peer(values: dict[str, np.ndarray], *, reasons: bool) -> Callable[[], list[np.ndarray]]:
    """A run of OpenFisca-core over the same columns; with `reasons` every condition is a variable, as a rule is."""
    from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables

    person = entities.build_entity("person", "persons", "", is_person=True)
    system = taxbenefitsystems.TaxBenefitSystem([person])
    month = periods.DateUnit.MONTH
    for i in range(FACTS):
        system.add_variable(type(f"f{i}", (variables.Variable,), {"value_type": int, "entity": person, "definition_period": month}))

    def add(name: str, formula: Callable[..., Any]) -> None:
        members = {"value_type": bool, "entity": person, "definition_period": month, "formula": formula}
        system.add_variable(type(name, (variables.Variable,), members))

    def condition(fact: int, op: str, limit: int) -> Callable[..., Any]:
        if op == "<":
            return lambda people, period: people(f"f{fact}", period) < limit
        return lambda people, period: people(f"f{fact}", period) >= limit

    def rule_of(parts: list[Callable[..., Any]]) -> Callable[..., Any]:
        def formula(people: Any, period: Any) -> Any:
            a, b, c, d = (part(people, period) for part in parts)
            return a * b * c * d

        return formula

    def named(name: str) -> Callable[..., Any]:
        return lambda people, period: people(name, period)

    for rule in range(RULES):
        conditions = [condition(*each) for each in thresholds(rule)]
        if reasons:
            for k, each in enumerate(conditions):
                add(f"r{rule}_c{k}", each)
            conditions = [named(f"r{rule}_c{k}") for k in range(len(conditions))]
        add(f"r{rule}", rule_of(conditions))

    def run() -> list[np.ndarray]:
        simulation = simulations.SimulationBuilder().build_default_simulation(system, count=len(values["f0"]))
        for name, column in values.items():
            simulation.set_input(name, "2026-08", column)
        return [simulation.calculate(f"r{rule}", "2026-08") for rule in range(RULES)]

    return run


def main(count: int) -> None:
    """Time both, check that they agree, print the figures."""
    random = np.random.default_rng(7)
    values = {f"f{i}": random.integers(0, 100, count, dtype=np.int32) for i in range(FACTS)}
    mine, unsure = ours(values, None), ours(values, random.random(count) < 0.05)
    theirs, bare = peer(values, reasons=True), peer(values, reasons=False)
    for other in (theirs, bare):
        assert all((a.to_numpy() == b).all() for a, b in zip(mine(), other(), strict=True)), "the two do not agree"
    unsure()
    names = ("aidgraph", "aidgraph, 5 % unknown", "OpenFisca-core", "OpenFisca-core, verdicts only")
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(RUNS):
        for name, run in zip(times, (mine, unsure, theirs, bare), strict=True):
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    for name, seconds in times.items():
        print(f"{name:30} median {statistics.median(seconds):.4f} s  min {min(seconds):.4f}  max {max(seconds):.4f}")
    for peer_name in names[2:]:
        ratios = [b / a for a, b in zip(times["aidgraph"], times[peer_name], strict=True)]
        print(f"{peer_name} / aidgraph: median {statistics.median(ratios):.1f} x")
    print(f"{count:,} persons, {RULES} rules x 4 conditions, the same verdicts")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
