"""What a case expects: verdicts, amounts, what is left, questions, what opens an item, choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matcher.errors import like
from matcher.judge import Expected
from matcher.loader_fields import Fields, exact
from matcher.parse_names import real

if TYPE_CHECKING:
    from fractions import Fraction

    from matcher.case_people import People
    from matcher.judge import Case, Target
    from matcher.language import Spot
    from matcher.yaml_source import Item

VERDICTS = ("eligible", "not eligible", "unknown")
SPELT = {**{verdict: verdict for verdict in VERDICTS}, "not_eligible": "not eligible"}


class Expectations:
    """Reads what is expected of the people of a case."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.catalogue, self.faults = people.catalogue, people.faults

    def read(self, case: Case, fields: Fields) -> None:
        """expect, left, ask_for, opened_by, choices."""
        case.hours = {need.id for need in self.catalogue.needs.values() if need.type == "hours"}
        for key, item in self.people.mapping(fields.get("expect")).items():
            if key in ("left", "residuals"):
                self._all_left(case, item)
            elif key.startswith("left."):
                self._left(case, key.removeprefix("left."), item)
            elif target := self._policy(key, item.key_spot):
                self._expect(case, target, item)
        for key in ("left", "residuals"):
            self._all_left(case, fields.get(key))
        case.ask_for = tuple(target for part in self.people.parts(fields.get("ask_for")) if (target := self._question(part)))
        for key, item in self.people.mapping(fields.get("opened_by")).items():
            openers = item.value if isinstance(item.value, tuple) else (item,)
            if target := self._policy(key, item.key_spot):
                case.opened_by[target] = tuple(name for part in openers if (name := self._opener(part)))
        choices = fields.get("choices")
        if choices is not None and isinstance(choices.value, Mapping):
            for key, item in choices.value.items():
                others = item.value if isinstance(item.value, tuple) else (item,)
                if target := self._policy(key, item.key_spot):
                    case.over[target] = tuple(other for part in others if (other := self._policy(part.text, part.spot)))
        else:
            case.choices = tuple(target for part in self.people.parts(choices) if (target := self._policy(part.text, part.spot)))

    def _expect(self, case: Case, target: Target, item: Item) -> None:
        """A verdict, or {verdict, amount, at_least, at_most}."""
        if isinstance(item.value, Mapping):
            fields = Fields(item, ("verdict", "amount", "at_least", "at_most"), self.faults)
            said = fields.get("verdict")
            verdict = None if said is None else self._verdict(said)
            amount = fields.get("amount") or (item if {"at_least", "at_most"} & set(fields.items) else None)
            if amount is not None and (wanted := self._number(amount, fields if amount is item else None, money=True)):
                case.amounts[target] = wanted
        else:
            verdict = self._verdict(item)
        if verdict:
            case.verdicts[target] = verdict

    def _verdict(self, item: Item) -> str | None:
        """One of VERDICTS; `not_eligible` does as well."""
        if item.text not in SPELT:
            listed = " | ".join(VERDICTS)
            self.faults.add(item.spot, f"{item.text} 不在 {listed} 之中", f"{item.text} is none of {listed}")
        return SPELT.get(item.text)

    def _all_left(self, case: Case, item: Item | None) -> None:
        for key, value in self.people.mapping(item).items():
            self._left(case, key, value)

    def _left(self, case: Case, key: str, item: Item) -> None:
        """What is left of a need."""
        name, _, who = key.partition("@")
        need = self.catalogue.needs.get(real(self.catalogue.needs, name) or "")
        if need is None:
            zh, en = like(name, self.catalogue.needs)
            self.faults.add(item.key_spot, f"没有需求 {name}{zh}", f"unknown need {name}{en}")
            return
        if who and (not self.people.who(who, item) or need.unit == "household"):
            self.faults.add(item.key_spot, f"{name} 是家庭的需求", f"{name} is a need of the household: leave out @{who}")
            return
        if wanted := self._number(item, None, money=need.type == "money"):
            case.left[need.id, who or None] = wanted

    def _number(self, item: Item, fields: Fields | None, *, money: bool) -> Expected | None:
        """`2`, `[1, 3]` or `{at_least: 2, at_most: 5}`; yuan to fen."""

        def read(part: Item | None) -> Fraction | None:
            if part is None or part.value is None:
                return None
            value = exact(part, self.faults, digits=2 if money else 4)
            return None if value is None else value * (100 if money else 1)

        if isinstance(item.value, Mapping):
            fields = fields or Fields(item, ("at_least", "at_most"), self.faults)
            return Expected(read(fields.get("at_least")), read(fields.get("at_most")), ends=False)
        if isinstance(item.value, tuple):
            if len(item.value) != 2:
                self.faults.add(item.spot, "范围应为 [最低, 最高]", "a range is [least, most]")
                return None
            return Expected(read(item.value[0]), read(item.value[1]), ends=True)
        value = read(item)
        if value is None:
            self.faults.add(item.spot, "应为金额或小时数", "an amount is wanted here")
            return None
        return Expected(value, value, ends=True)

    def _policy_id(self, name: str, spot: Spot) -> str | None:
        found = real(self.catalogue.policies, name)
        if found is None:
            zh, en = like(name, self.catalogue.policies)
            self.faults.add(spot, f"没有政策 {name}{zh}", f"unknown policy {name}{en}")
        return found

    def _opener(self, item: Item) -> str | None:
        """What has to be confirmed first: `policy`, or `policy@as` of somebody in the household."""
        if "@" not in item.text:
            return self._policy_id(item.text, item.spot)
        target = self._policy(item.text, item.spot)
        return target and target[0]

    def _policy(self, text: str, spot: Spot) -> Target | None:
        """`policy` or `policy@as`; a person's policy may leave out the name where the household has one member."""
        name, _, who = text.partition("@")
        policy = self._policy_id(name, spot)
        if policy is None:
            return None
        return self._target(policy, self.catalogue.policies[policy][0].unit, who, spot)

    def _target(self, name: str, unit: str, who: str, spot: Spot) -> Target | None:
        members = [link.person for link in self.people.home.links.get("members", [])]
        if unit == "household":
            if who:
                self.faults.add(spot, f"{name} 属于家庭", f"{name} is the household's: leave out @{who}")
            return None if who else (name, None)
        if not who and len(members) == 1:
            return name, members[0]
        if who not in members:
            self.faults.add(
                spot, f"{name}@{who}：没有这名家庭成员", f"{name} is a person's and {who or 'nobody'} is no member: write {name}@as"
            )
            return None
        return name, who

    def _question(self, item: Item) -> Target | None:
        """A fact, list or consent to be asked for, with the person."""
        name, _, who = item.text.partition("@")
        fact = self.catalogue.facts.get(name.split(".")[0])
        edges = {key for one in self.catalogue.facts.values() if one.rows == "person" for key in one.edge}
        if fact is None and name not in edges and name != "consent":
            self.faults.add(item.spot, f"没有事实 {name}", f"unknown fact {name}")
            return None
        if who and who not in {one.id for one in self.people.record.households} and not self.people.who(who, item):
            return None
        if not who and fact is not None and "household" not in fact.units:
            self.faults.add(item.spot, f"{name} 属于个人", f"{name} is a person's: write {name}@as")
            return None
        return name, who or None
