"""Random small catalogues, from a seed: what the engine and the oracle must agree on.

`a_catalogue` writes YAML that the loader accepts; what it refuses is written anew.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import yaml

from matcher.catalogue import LAYERS
from matcher.errors import CatalogueError
from matcher.loader import load_catalogue
from tests.random_expressions import At, Expressions, Name
from tests.random_facts import FACTS, NUMBERS, SUBJECTS, TITLE, WORDS, YUAN

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

    from matcher.catalogue import Catalogue


class Maker(Expressions):
    """Writes one catalogue: every file is a function that writes it anew, plainer on request."""

    def a_standard(self, id_: str, *, plain: bool) -> dict[str, Any]:
        """A standard with keys, holes, two regions, dates."""
        kind = self.pick(["money", "money", "number", "yesno", "text", "codes"])
        shapes = {"none": [], "text": ["text"], "values": ["values"], "bands": ["bands"], "two": ["bands", "values"]}
        keys = [] if plain else shapes[self.pick(list(shapes))]
        shown = {"text": "text", "values": list(WORDS[:2]), "bands": "bands"}
        values = []
        for region, from_ in self.rng.sample(
            [
                ("37", dt.date(2024, 1, 1)),
                ("3701", dt.date(2025, 1, 1)),
                ("3701", dt.date(2027, 1, 1)),
                (None, dt.date(2020, 1, 1)),
                ("37", dt.date(2026, 2, 28)),
            ],
            self.rng.randint(1, 3),
        ):
            value: dict[str, Any] = {"from": from_, "document": "d", "mark": "text"}
            value |= {"region": region} if region else {}
            value |= {"until": dt.date(2025, 6, 30)} if self.rng.random() < 0.2 else {}
            value["rows" if keys else "is"] = self.rows(kind, keys)
            if keys and (self.rng.random() < 0.4 or not self.holes):
                value["otherwise"] = self.answer(kind)
            values.append(value)
        self.standards.append(Name(id_, "", kind, keys=tuple(keys)))
        entry = {"id": id_, "title": TITLE, "type": kind, "values": values}
        return entry | ({"keys": {f"k{i}": shown[k] for i, k in enumerate(keys)}} if keys else {})

    def rows(self, kind: str, keys: list[str]) -> Any:
        """Rows nested by key, some missing."""
        if not keys:
            return self.answer(kind)
        cells = {"bands": ["0-1", "2", "3-4", "6+"], "text": list(WORDS[:3]), "values": list(WORDS[:2])}[keys[0]]
        chosen = sorted(self.rng.sample(cells, self.rng.randint(1, len(cells))))
        return {c: self.rows(kind, keys[1:]) for c in chosen}

    def answer(self, kind: str) -> Any:
        """One cell's value."""
        if kind == "yesno":
            return self.rng.random() < 0.5
        if kind == "codes":
            return self.rng.sample(WORDS, 2)
        if kind == "text":
            return self.pick(list(WORDS))
        return float(self.pick(list(YUAN if kind == "money" else NUMBERS)))

    def a_term(self, id_: str, *, plain: bool) -> list[dict[str, Any]]:
        """A term: one expression or tiers, everywhere or by region."""
        units = ["household", "person", *(n for n in ("members", "supporters", "bills", "incomes") if n in self.facts)]
        weights = [3, 3, *(1 for _ in units[2:])]
        unit, kind = self.rng.choices(units, weights)[0], self.pick(["yesno", "number", "money", "money", "text", "date", "region"])
        values = tuple(self.rng.sample(WORDS, 3)) if kind == "text" else ()
        self.reads_turns, self.used_turns = unit in ("household", "person") and kind in ("money", "yesno", "number") and not plain, False
        own = self.reads_turns and self.rng.random() < 0.3
        self.reads_turns = own
        at = At(unit, SUBJECTS.get(unit), own=own)
        versions = []
        spots: list[dict[str, Any]] = [{}]
        if self.rng.random() < 0.25 and not plain:
            places: list[dict[str, Any]] = [
                {"region": "37"},
                {"region": "3701", "in_force": {"from": dt.date(2025, 1, 1)}},
                {"in_force": {"from": dt.date(2026, 2, 28)}},
            ]
            spots = places[: self.rng.randint(1, 3)]
        staged = False
        for spot in spots:
            entry = {"id": id_, "title": TITLE, "unit": unit, "type": kind} | ({"values": list(values)} if values else {}) | spot
            versions.append(entry | self.content(at, kind, values, plain=plain))
            staged = staged or self.used_turns
        self.terms.append(Name(id_, unit, kind, values, staged=staged or own))
        self.reads_turns = False
        return versions

    def content(self, at: At, kind: str, values: tuple[str, ...], *, plain: bool) -> dict[str, Any]:
        """`is` or `tiers`."""

        def result() -> Any:
            return self.pick(list(values)) if values else self.expression(at, kind, 1)

        if plain:
            return {"tiers": [{"otherwise": values[0]}]} if values else {"is": self.expression(at, kind, 0)}
        if not values and self.rng.random() < 0.65:
            return {"is": self.expression(at, kind, 3)}
        tiers: list[dict[str, Any]] = [{"when": self.a_yesno(at, 2), "is": result()} for _ in range(self.rng.randint(1, 3))]
        if self.rng.random() < 0.1:
            tiers[-1]["is"] = None
        return {"tiers": [*tiers, *([{"otherwise": result()}] if self.rng.random() < 0.7 else [])]}

    def a_need(self, id_: str, *, plain: bool) -> dict[str, Any]:
        """A need of a household or a person."""
        unit = self.pick(["household", "person"])
        kind = "hours" if self.rng.random() < 0.2 else "money"
        at = At(unit, unit, own=True)
        amount = ("yuan(1000)" if kind == "money" else "4") if plain else self.expression(at, "number" if kind == "hours" else "money", 2)
        if kind == "hours" and not plain:
            amount = f"min(20, {amount})"
        entry = {"id": id_, "title": TITLE, "unit": unit, "kind": kind, "window": self.pick(["past_12", "next_12"]), "amount": amount}
        self.needs.append((id_, kind))
        return entry | ({"when": self.a_yesno(at, 1)} if self.rng.random() < 0.3 and not plain else {})

    def group(self, at: At, depth: int, made: list[int], *, plain: bool) -> dict[str, Any]:
        """all, any, not over clauses and groups."""
        op = self.pick(["all", "all", "any", "not"]) if not plain else "all"
        parts: list[Any] = []
        for _ in range(1 if op == "not" or plain else self.rng.randint(1, 3)):
            if depth and self.rng.random() < 0.3 and not plain:
                parts.append(self.group(at, depth - 1, made, plain=plain))
                continue
            made.append(1)
            when = "True" if plain else self.a_yesno(at, self.rng.randint(1, 3))
            parts.append({"id": f"c{len(made)}", "says": TITLE, "when": when})
        return {op: parts[0] if op == "not" else parts}

    def a_policy(self, id_: str, layer: str, *, plain: bool) -> list[dict[str, Any]]:
        """A policy: conditions, relations, a benefit; sometimes by region."""
        unit = self.pick(["household", "person"])
        at = At(unit, unit, own=True)
        self.reads_turns = True
        recognition = self.pick([None, None, f"r{id_[1:]}"])
        head: dict[str, Any] = {
            "id": id_, "title": TITLE, "layer": layer, "department": self.pick(["one", "two"]), "unit": unit,
            "place": self.pick(["registered", "living", "event"]), "source": {"document": "d", "mark": "text"},
        }  # fmt: skip
        if recognition:
            head["grants"] = {"recognition": recognition}
        others = [p[0] for p in self.policies]
        if others and not plain:
            for key in ("precludes", "choose_one", "tops_up"):
                if self.rng.random() < 0.25:
                    head[key] = [self.pick(others)]
        spots: list[dict[str, Any]] = [{}]
        if self.rng.random() < 0.25 and not plain:
            places: list[dict[str, Any]] = [{"region": ["37"]}, {"region": ["3701", "3702"]}, {"in_force": {"from": dt.date(2026, 2, 28)}}]
            spots = places[: self.rng.randint(1, 3)]
        versions = []
        for spot in spots:
            version = head | spot | {"requires": self.group(at, 2, [], plain=plain)}
            if self.rng.random() < 0.9:
                version["benefit"] = self.a_benefit(at, plain=plain)
            versions.append(version)
        for version in versions:  # what an item is stays the same everywhere
            if "benefit" in version and "benefit" in versions[0] and version is not versions[0]:
                for key in ("kind", "pays", "per", "covers", "months", "shared"):
                    version["benefit"].pop(key, None)
                    version["benefit"] |= {key: versions[0]["benefit"][key]} if key in versions[0]["benefit"] else {}
                if "hours" in versions[0]["benefit"] or "hours" in version["benefit"]:
                    version["benefit"] = versions[0]["benefit"]
            elif version is not versions[0]:
                version.pop("benefit", None)
                version |= {"benefit": versions[0]["benefit"]} if "benefit" in versions[0] else {}
        self.policies.append((id_, unit, recognition))
        self.reads_turns = False
        return versions

    def a_benefit(self, at: At, *, plain: bool) -> dict[str, Any]:
        """What an item pays."""

        def money(depth: int = 2) -> str:
            if self.rng.random() < 0.3:
                return f"yuan({self.pick(list(YUAN))})"
            return self.expression(at, "money", depth)

        pays = self.pick(["entitlement", "reimbursement", "discretionary"])
        hours = [n for n, k in self.needs if k == "hours"]
        if self.rng.random() < 0.12 and not plain:
            covers = self.rng.sample(hours, 1) if hours else []
            return {"kind": "service", "pays": pays, "certainty": "exact", "per": "once", "covers": covers, "hours": self.a_number(at, 1)}
        found = [n for n, k in self.needs if k == "money"]
        benefit: dict[str, Any] = {
            "kind": self.pick(["cash", "cash", "fee_waiver", "in_kind"]), "pays": pays, "per": self.pick(["month", "year", "once"]),
            "covers": self.rng.sample(found, self.rng.randint(0, min(3, len(found)))), "certainty": "exact",
        }  # fmt: skip
        if self.rng.random() < 0.7 or plain:
            benefit["amount"] = "yuan(100)" if plain else money()
        else:
            benefit["certainty"] = "range"
            for key in self.rng.sample(["at_least", "at_most"], self.rng.randint(1, 2)):
                benefit[key] = money(1) if key == "at_most" else f"yuan({self.pick(list(YUAN))})"
        if self.rng.random() < 0.25 and not plain:
            benefit["cap"] = money(1)
        if at.unit == "household" and self.rng.random() < 0.3 and not plain:
            benefit["shared"] = self.a_yesno(At("person", "person"), 1)
        if benefit["per"] == "month" and self.rng.random() < 0.3:
            benefit["months"] = self.pick([3, 12, 24])
        return benefit


def written(content: object) -> str:
    """YAML."""
    return str(yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100_000))


def files_of(rng: random.Random, *, holes: bool = True) -> tuple[dict[str, str], dict[str, Callable[[bool], str]]]:
    """The files of a catalogue, and how to write one of them anew (plainer for True)."""
    facts = {n: dict(f) for n, f in FACTS.items() if n in ("members", "born", "wage", "region") or rng.random() < 0.75}
    if "bills" not in facts:
        facts.pop("code", None)
    for fact in facts.values():
        if fact["type"] in ("money", "int", "number") and rng.random() < 0.2:
            fact.pop("min", None)
    maker = Maker(rng, facts, holes=holes)
    labelled = {n: f | {"label": TITLE} for n, f in facts.items()}
    files = {"facts.yaml": written(labelled | {"sources": ["register", "visit"]})}
    again: dict[str, Callable[[bool], str]] = {}

    def needs(*, plain: bool) -> list[dict[str, Any]]:
        return [maker.a_need(f"n{i}", plain=plain) for i in range(3)]

    def add(name: str, kind: list[Any], write: Callable[..., Any]) -> None:
        place = len(kind)
        files[name] = written(write(plain=False))

        def anew(plain: bool) -> str:
            later, kind[place:] = kind[place + 1 :], []
            text = written(write(plain=plain))
            kind.extend(later)
            return text

        again[name] = anew

    for i in range(rng.randint(1, 4)):
        add(f"standards/s{i}.yaml", maker.standards, partial(maker.a_standard, f"s{i}"))
    for i in range(rng.randint(1, 4)):
        add(f"terms/t{i}.yaml", maker.terms, partial(maker.a_term, f"t{i}"))
    add("needs.yaml", maker.needs, needs)
    layers = sorted((rng.choice(LAYERS) for _ in range(rng.randint(3, 8))), key=LAYERS.index)
    letters = rng.sample("abcdefgh", len(layers))
    for i, (layer, letter) in enumerate(zip(layers, letters, strict=True)):
        add(f"policies/p{i}.yaml", maker.policies, partial(maker.a_policy, f"p{letter}", layer))
        if rng.random() < 0.4:
            add(f"terms/u{i}.yaml", maker.terms, partial(maker.a_term, f"u{i}"))
    return files, again


def a_catalogue(rng: random.Random, folder: Path, *, holes: bool = True) -> Catalogue:
    """A random catalogue, written to the folder; what the loader refuses is written anew."""
    files, again = files_of(rng, holes=holes)
    last: Exception | None = None
    for attempt in range(40):
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        try:
            return load_catalogue(folder)
        except CatalogueError as error:
            refused, last = sorted({fault.file for fault in error.faults}), error
        except IndexError:
            refused = [name for name in files if name.startswith("policies")]
        for name in refused:
            files[name] = again[name](attempt >= 4)
    raise AssertionError("no catalogue after 40 tries") from last
