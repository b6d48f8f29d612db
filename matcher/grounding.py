"""From a part of a rule on a row to what its result rests on.

Only what matters is kept: of an `and` that fails the parts that fail, of an `or` that holds the parts that hold, of an `any` the
entries that pass. In: the answers of a run with their evidence. Out: Ground trees (`matcher.grounds`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.binding import PLACE_FACTS
from matcher.grounds import Ground, Local
from matcher.language import Among, And, FactRef, ListCall, NotFixed, Or, Read, StandardRef, TermRef, Tiers, Words
from matcher.scope import HOUSEHOLD, PERSON
from matcher.standards import find
from matcher.stored import declared
from matcher.trace import Range, decided
from matcher.words import title_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from matcher.answers import Answers
    from matcher.catalogue import Fact
    from matcher.evidence import Said
    from matcher.grounds import Code
    from matcher.trace import Plain
    from matcher.tree import Spot

PLACES = ("lives_in", "f:region")
CASE = Words("个案确定", "decided case by case")


class Grounding:
    """Gathers grounds.

    `deep`: how many levels of terms and lists are opened; below that one stands with its value only, unless it is undecided:
    these are opened down to the reasons.
    """

    def __init__(self, answers: Answers, deep: int) -> None:
        self.answers, self.evidence, self.tracer, self.deep = answers, answers.evidence, answers.tracer, deep
        self.catalogue = answers.catalogue
        self._made: dict[tuple[Spot, int, int], tuple[Ground, ...]] = {}

    def of(self, spot: Spot, row: int, level: int = 0) -> tuple[Ground, ...]:
        """The grounds of a part, each once."""
        key = spot, row, level
        if key not in self._made:
            found: dict[tuple[str, str, str | None], Ground] = {}
            for ground in self._of(spot, row, level):
                found.setdefault(ground.key, ground)
            self._made[key] = tuple(found.values())
        return self._made[key]

    def _of(self, spot: Spot, row: int, level: int) -> Iterator[Ground]:
        node = spot.node
        if isinstance(node, FactRef):
            yield self._fact(spot, row)
        elif isinstance(node, TermRef):
            yield self._term(spot, row, level)
        elif isinstance(node, StandardRef):
            yield self._standard(spot, node, row, level)
        elif isinstance(node, Read):
            yield self._read(spot, row)
        elif isinstance(node, ListCall):
            yield self._list(spot, row, level)
        elif isinstance(node, NotFixed):
            yield Ground("case_by_case", "case_by_case", CASE, node.kind, Range(None, None), code="case_by_case")
        elif isinstance(node, Tiers):
            for part in self.tracer.below(spot, row):
                yield from self._of(part.spot, row, level)
            if node.otherwise is None and all(self.tracer.value(each, row) is False for each in spot.here[::2]):
                yield Ground("case_by_case", "case_by_case", CASE, node.kind, code="case_by_case")
        else:
            yield from self._parts(spot, row, level)

    def _parts(self, spot: Spot, row: int, level: int) -> Iterator[Ground]:
        """The parts of an operator that matter for its result."""
        parts, node = spot.here, spot.node
        if isinstance(node, (And, Or)):
            result = self.tracer.value(spot, row)
            if result is not isinstance(node, And):
                parts = tuple(part for part in parts if self.tracer.value(part, row) is result)
        for part in parts:
            yield from self._of(part, row, level)
        if isinstance(node, Among) and node.codes is not None:
            yield self._codes(spot, node.codes, row)

    # --- facts and terms ------------------------------------------------------------------------------------------
    def _fact(self, spot: Spot, row: int) -> Ground:
        node = spot.node
        assert isinstance(node, FactRef)
        fact, (frame, hops) = declared(self.catalogue, node), spot.target
        at = self.tracer.at(spot.frame, hops, row)
        value, said, name, unit, allowed = self.tracer.value(spot, row), None, node.name, node.unit, True
        if node.edge is not None:
            owner, other = (self._subject(frame, hop, at) for hop in ("owner", "entry"))
            if self.evidence is not None and owner is not None and other is not None and decided(value):
                said = self.evidence.edge(frame.rsplit("@", 1)[1], owner, node.edge, other)
            unit, at = PERSON, self.tracer.at(frame, ("entry",), at)
        elif node.unit not in (HOUSEHOLD, PERSON):
            unit, name = frame.rsplit("@", 1)[1], f"{node.unit}.{node.name}"
            key = None if at is None or not self.tracer.has(frame, "key") else str(self.tracer.cell(frame, "key", at))
            at = self.tracer.at(frame, ("owner",), at)
            subject = self.tracer.id(unit, at)
            if self.evidence is not None and subject is not None and key is not None:
                said = self.evidence.entry(unit, subject, node.unit, key, fact)
        elif self.evidence is not None and at is not None:
            subject = self.tracer.id(unit, at) or ""
            said = self.evidence.fact(unit, subject, fact)
            allowed = self.evidence.allowed(unit, subject, fact, inside=bool(self.tracer.cell(unit, "inside", at)))
        code = None if decided(value) else self._why(said, allowed=allowed)
        return Ground("fact", name, fact.label, node.kind, value, self._who(unit, at), code, said if allowed else None)

    def _subject(self, frame: str, hop: str, row: int | None) -> str | None:
        """The id of whoever a hop leads to."""
        return self.tracer.id(*self.tracer.hop(frame, hop, row))

    @staticmethod
    def _why(said: Said | None, *, allowed: bool) -> Code:
        """Why a fact is unknown."""
        if not allowed:
            return "no_consent"
        return "stale" if said is not None and said.stale else "fact_unknown"

    def _term(self, spot: Spot, row: int, level: int) -> Ground:
        node = spot.node
        assert isinstance(node, TermRef)
        term, value = self.catalogue.terms[node.name], self.tracer.value(spot, row)
        at = self.tracer.at(spot.frame, spot.term.hops, row)
        who = self._who(node.unit, at) if node.unit in (HOUSEHOLD, PERSON) else self._entry_of(spot.term.frame, at)
        ground = Ground("term", node.name, term.title, node.kind, value, who)
        found = self.tracer.term(spot, row)
        if found is None:
            by_hand = node.name in self.tracer.tree.set_terms
            ground.code = None if decided(value) or by_hand else "not_in_force"
            return ground
        version, inner, at = found
        ground.sources = version.sources
        if level < self.deep or not decided(value):
            ground.below = self.of(inner, at, level + 1)
        return ground

    def _entry_of(self, frame: str, row: int | None) -> str | None:
        """Who an entry of a list is, or whose it is."""
        hop = "entry" if (frame, "entry") in self.tracer.run.frames.hops else "owner"
        unit, at = self.tracer.hop(frame, hop, row)
        return self._who(unit, at)

    # --- standards ------------------------------------------------------------------------------------------------
    def _standard(self, spot: Spot, node: StandardRef, row: int, level: int) -> Ground:
        value = self.tracer.value(spot, row)
        keys = [(key, self.tracer.value(key, row)) for key in spot.here]
        ground = self._dated(node, spot, row, tuple(each for _, each in keys), value)
        if not decided(value) and all(decided(each) for _, each in keys):
            ground.code = "no_standard"
        ground.below = tuple(each for key, _ in keys for each in self._of(key, row, level))
        return ground

    def _codes(self, spot: Spot, node: StandardRef, row: int) -> Ground:
        """A local list of codes."""
        ground = self._dated(node, spot, row, (), None)
        there = ground.standard is not None and ground.standard.document is not None
        ground.code = None if there else "no_standard"
        ground.value = there or None
        return ground

    def _dated(self, node: StandardRef, spot: Spot, row: int, keys: tuple[Plain, ...], value: Plain) -> Ground:
        """Which dated value holds at the place of the question on the day."""
        standard, day = self.catalogue.standards[node.name], self._day()
        place = self.place(spot.scope.place, self.tracer.ego(spot.frame, row))
        found, named = find(standard, place, day), tuple(zip(standard.keys, keys, strict=False))
        local = Local(place, place, day, named)
        if found is not None:
            one = found.value
            local = Local(one.region, place, day, named, one.from_, one.document, one.mark, found.stale)
        return Ground("standard", node.name, standard.title, node.kind, value, standard=local)

    def _day(self) -> dt.date:
        found: dt.date = self.tracer.cell(HOUSEHOLD, "as_of", 0)  # type: ignore[assignment]
        return found

    def place(self, place: str, row: int) -> str:
        """The code of the question's place."""
        for name in (f"f:{PLACE_FACTS.get(place, '')}", *PLACES):
            if self.tracer.has(HOUSEHOLD, name) and (code := self.tracer.cell(HOUSEHOLD, name, row)) is not None:
                return str(code)
        return ""

    # --- lists ----------------------------------------------------------------------------------------------------
    def _list(self, spot: Spot, row: int, level: int) -> Ground:
        node = spot.node
        assert isinstance(node, ListCall)
        unit, owner, value = spot.list.owner, self.tracer.owner(spot, row), self.tracer.value(spot, row)
        fact = self.catalogue.facts.get(node.of.name)
        entries = self.tracer.entries(spot, row)
        whole = self.tracer.whole(unit, node.of.name, owner)
        title = fact.label if fact is not None else Words(node.of.name, node.of.name)
        ground = Ground("list", node.of.name, title, node.kind, value, self._who(unit, owner))
        ground.call, ground.entries, ground.complete = node.call, len(entries), whole
        if not whole and not decided(value):
            ground.code = self._why_open(unit, owner, node.of.name, fact)
        if level < self.deep or not decided(value):
            ground.below = tuple(self._entry(spot, entry, level) for entry in entries if self._matters(spot, entry, value))
        return ground

    def _why_open(self, unit: str, owner: int | None, name: str, fact: Fact | None) -> Code:
        """Why a list may have more entries."""
        subject = self.tracer.id(unit, owner)
        if self.evidence is None or subject is None or owner is None:
            return "list_incomplete"
        inside = bool(self.tracer.cell(unit, "inside", owner))
        if fact is not None and not self.evidence.allowed(unit, subject, fact, inside=inside):
            return "no_consent"
        said = self.evidence.whole(unit, subject, name)
        return "stale" if said is not None and said.stale else "list_incomplete"

    def _matters(self, spot: Spot, entry: int, value: Plain) -> bool:
        """Whether an entry is in, and tells: a passing one for a yes of `any`, a failing one for a no of `all`."""
        found, node = spot.list, spot.node
        assert isinstance(node, ListCall)
        inside = True if found.where is None else self.tracer.value(found.where, entry)
        if inside is False:
            return False
        if node.call not in ("any", "all") or found.body is None:
            return True
        passes = self.tracer.value(found.body, entry)
        if value is (node.call == "any"):
            return passes is value and inside is True
        return value is not None or passes is not (node.call == "all") or inside is None

    def _entry(self, spot: Spot, entry: int, level: int) -> Ground:
        """One entry: whose, its value, whether it counts, and why."""
        found = spot.list
        subject = self.tracer.entry_owner(spot, entry)[1]
        own = self.tracer.at(found.frame, found.fields, entry)
        frame = found.frame if not found.fields else f"{spot.node.of.name}@{found.owner}"  # type: ignore[attr-defined]
        name = subject or ""
        if not found.entry and own is not None and self.tracer.has(frame, "key"):
            name = str(self.tracer.cell(frame, "key", own))
        kind, value = ("yesno", True) if found.body is None else (found.body.node.kind, self.tracer.value(found.body, entry))
        ground = Ground("entry", name, Words(name, name), kind, value, None if subject == self.answers.household else subject)
        inside = None if found.where is None else self.tracer.value(found.where, entry)
        ground.counted = inside if isinstance(inside, bool) else None
        parts = [each for each in (found.where, found.body) if each is not None]
        if found.where is not None and inside is None:
            ground.value = None
        ground.below = tuple(each for part in parts for each in self.of(part, entry, level + 1))
        return ground

    # --- reads ----------------------------------------------------------------------------------------------------
    def _read(self, spot: Spot, row: int) -> Ground:
        node = spot.node
        assert isinstance(node, Read)
        unit, hops = spot.target
        at = self.tracer.at(spot.frame, hops, row)
        value = self.tracer.value(spot, row)
        ground = Ground("read", f"{node.read}.{node.target}", title_of(self.catalogue, node.target), node.kind, value, self._who(unit, at))
        if at is None:
            return ground
        circle = [(unit, at)]
        if unit == PERSON and (home := self.tracer.at(PERSON, ("home",), at)) is not None:
            circle.append((HOUSEHOLD, home))
        self._on_file(ground, node, circle)
        if not decided(value):
            ground.code = self._read_unknown(spot, circle)
        return ground

    def _on_file(self, ground: Ground, node: Read, circle: list[tuple[str, int]]) -> None:
        """Since when a recognition is on file, or which policies of this engine found it."""
        if node.read not in ("recognised", "receives") or not ground.value:
            return
        versions = [version for each in self.catalogue.policies.values() for version in each]
        own = (v.recognition for v in versions if v.id == node.target and node.read == "recognised")
        names = frozenset({node.target, *(name for name in own if name)})
        for unit, at in circle:
            found = self.evidence.recognition(unit, self.tracer.id(unit, at) or "", names) if self.evidence is not None else None
            if found is not None:
                ground.since, ground.source = found[1], found[2]
                return
        if node.read == "recognised":
            givers = {v.id for v in versions if node.target in (v.id, v.recognition)}
            ground.found_by = tuple(
                sorted(p for p in givers for unit, at in circle if self.answers.unit(p) == unit and self.tracer.cell(unit, f"v:{p}", at))
            )

    def _read_unknown(self, spot: Spot, circle: list[tuple[str, int]]) -> Code:
        """A list that is not whole, or an item that is not decided itself."""
        parts = [each for parts in spot.lists.values() for each in parts]
        whole = all(self.tracer.whole(unit, each, at) for unit, at in circle for each in parts)
        return "item_undecided" if whole else "list_incomplete"

    def _who(self, unit: str, row: int | None) -> str | None:
        """A person's id, or another household's; None for the question's own household."""
        subject = self.tracer.id(unit, row)
        return None if subject == self.answers.household else subject
