"""One row of a table to what it tells: statements, people, households, entries; or the reasons why it cannot be kept.

Pure but for what it is given: who has which ID card, which regions and policies are stored. A row is kept whole or not at all.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping as Dict
from fractions import Fraction
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from graph.ingest import FileRow, Telling, Unit
from graph.ingest_derived import TOLD
from matcher.errors import FactValueError
from matcher.ingest_cells import Cell, is_blank, plain, read_day, text_of
from matcher.ingest_header import Column, is_home, with_words
from matcher.ingest_kinds import HOME, SHAPES, nearest
from matcher.ingest_reader import Refused, Reject, RowBase, Told
from matcher.records import _property as stored_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph.identity import IdCard
    from matcher.catalogue import Fact
    from matcher.ingest_cells import Value

__all__ = ["Reject", "RowReader", "Told"]


class RowReader(RowBase):
    """Reads the rows of one table, in order."""

    def read(self, number: int, cells: Sequence[object]) -> FileRow | list[Reject]:
        """The row as what it tells, or every reason why it is refused."""
        self.number, self.rejects, self.values = number, [], {}
        self.cells = {name: self._raw(column, cells) for name, column in self.header.columns.items()}
        for name, column in self.header.columns.items():
            if column.fact is not None:
                self._try(name, partial(self._value, name, column))
        row = FileRow(number)
        self._try("", partial(self._fill, row))
        if self.rejects:
            return self.rejects
        return row

    # --- one kind after the other -------------------------------------------------------------------------------------

    def _fill(self, row: FileRow) -> None:
        kind = self.header.kind
        if kind == "household":
            self._household(row, self._id("id"))
        elif kind == "person":
            self._person(row)
        elif kind == "statement":
            self._statement(row)
        else:
            self._entry(row)

    def _household(self, row: FileRow, id_: str) -> None:
        facts = {name: value for name, value in self.values.items() if name in self.told.catalogue.facts}
        address = text_of(self.cells.get("address"))
        sealed = {} if is_blank(address) else self.told.lookup.identity.household(address)
        row.nodes.append(("Household", {"id": id_} | sealed | self._synthetic()))
        row.tellings.append(Telling("Household", id_, self._day(facts), self._facts(facts)))
        self._once("household", id_)

    def _person(self, row: FileRow) -> None:
        card = self._card("id_card")
        sealed = self._sealed(card)
        household = self._id("household") if not is_blank(self.cells.get("household")) else None
        id_ = self._person_id(card, sealed, household)
        facts = {name: value for name, value in self.values.items() if name in self.told.catalogue.facts and not is_home(name)}
        self._agrees(card, facts)
        edge = {name: value for name, value in self.values.items() if name not in facts and not is_home(name)}
        row.nodes.append(("Person", {"id": id_} | sealed | self._synthetic()))
        row.tellings.append(Telling("Person", id_, self._day(facts, spare=("born", "sex")), self._facts(facts)))
        home = {name.removeprefix(HOME): value for name, value in self.values.items() if is_home(name)}
        if household is None and (edge or home):
            raise Refused("household", "写了与户的关系，却没有户编号", "kin or dates of a membership are given, and no household")
        if household is not None:
            if home:
                row.nodes.append(("Household", {"id": household} | self._synthetic()))
                row.tellings.append(Telling("Household", household, self._day(home), self._facts(home)))
            row.needs.append(("household", "Household", household))
            row.tellings.append(self._entry_of("Household", household, "members", id_, edge))
        self._once("person", id_)

    def _entry(self, row: FileRow) -> None:
        """A membership, supporter, parent, award, recognition or consent."""
        kind, list_ = self.header.kind, SHAPES[self.header.kind].list
        assert list_ is not None
        if kind == "member":
            unit: Unit = "Household"
            subject = self._id("household")
            key = self._subject("person", "id_card")[1]
            row.needs += [("household", "Household", subject), ("person", "Person", key)]
        else:
            unit, subject = self._subject("person", "id_card", household=kind in ("award", "recognition"))
            row.needs.append(("household" if unit == "Household" else "person", unit, subject))
            key = self._key(kind)
            if kind in ("supporter", "parent"):
                key = self._subject(kind, f"{kind}_id_card")[1]
                row.needs.append((kind, "Person", key))
                if key == subject:
                    raise Refused(kind, "一个人不能是自己的义务人或父母", "nobody is their own supporter or parent")
        values = dict(self.values)
        if kind == "award":
            self._award(unit, subject, values)
        if kind == "recognition":
            self._check_recognition(str(values.get("recognition", "")))
        row.tellings.append(self._entry_of(unit, subject, list_, key, values))
        self._once(kind, subject, key)

    def _statement(self, row: FileRow) -> None:
        """Facts in long or wide form, or an entry of a dated list."""
        unit, subject = self._subject("person", "id_card", household=True)
        row.needs.append(("household" if unit == "Household" else "person", unit, subject))
        if "fact" in self.header.columns and not is_blank(self.cells.get("fact")):
            name, value = self._long(unit)
            facts: dict[str, Value] = {} if value is None else {name: value}
            self._once("fact", subject, name, str(self._day(facts)))
        elif self.header.list or not is_blank(self.cells.get("list")):
            self._list_entry(row, unit, subject)
            return
        else:
            facts = {name: value for name, value in self.values.items() if name in self.told.catalogue.facts}
            wrong = next((name for name in facts if unit.lower() not in self.told.catalogue.facts[name].units), None)
            if wrong:
                raise Refused(
                    wrong, f"{wrong} 不是{'家庭' if unit == 'Household' else '个人'}的事实", f"{wrong} is no fact of a {unit.lower()}"
                )
            self._once("facts", subject, str(self._day(facts)))
        if facts:
            row.tellings.append(Telling(unit, subject, self._day(facts), self._facts(facts)))

    def _long(self, unit: Unit) -> tuple[str, Value]:
        """A fact by name, and its value."""
        name = plain(self.cells["fact"])
        facts = {key: fact for key, fact in self.told.catalogue.facts.items() if fact.type != "list" and unit.lower() in fact.units}
        by_label = {fact.label.zh: key for key, fact in facts.items()}
        name = name if name in facts else by_label.get(name, name)
        if name not in facts:
            near = nearest(name, facts)
            zh, en = (f"，是否为 {'、'.join(near)}？", f"; did you mean {', '.join(near)}?") if near else ("", "")
            raise Refused("fact", f"没有事实 {name}{zh}", f"there is no fact {name}{en}")
        self.cells[name] = self.cells.get("value")
        try:
            self._value(name, self._column(name, facts[name]))
        except (FactValueError, Refused) as error:
            raise Refused("value", error.zh, error.en) from None
        return name, self.values.pop(name, None)

    def _column(self, name: str, fact: Fact) -> Column:
        """The column `value`, read as this fact."""
        value = self.header.columns.get("value")
        return Column(name, None, fact, with_words(fact, value.how if value else Cell(), self.header.words))

    def _list_entry(self, row: FileRow, unit: Unit, subject: str) -> None:
        """An entry of bills, vehicles, …, each with its key."""
        list_ = self.header.list or plain(self.cells["list"]).replace("-", "_")
        fact = self.told.catalogue.facts.get(list_)
        if fact is None or not isinstance(fact.rows, Dict) or list_ in ("awards", "recognitions") or unit.lower() not in fact.units:
            raise Refused("list", f"没有清单 {list_}，或它不属于该对象", f"there is no list {list_} of a {unit.lower()}")
        extra = [name for name in self.values if name not in fact.rows]
        if extra:
            raise Refused(extra[0], f"清单 {list_} 没有字段 {extra[0]}", f"the list {list_} has no field {extra[0]}")
        fields = fact.rows
        values: dict[str, Any] = {}
        for name, each in self.values.items():
            values |= stored_property("fact", fields[name], each)
        key = self._key("statement")
        self._once(list_, subject, key)
        day = self._day({"any": True})
        row.tellings.append(Telling(unit, subject, day, values, list=list_, key=key))

    # --- parts of a row ---------------------------------------------------------------------------------------------

    def _person_id(self, card: IdCard | None, sealed: dict[str, Any], household: str | None) -> str:
        """The file's own id, else one found or made from the keyed hash; nobody can be told from it."""
        stored = self.told.lookup.person_with(sealed["idcard_key"]) if card else None
        if not is_blank(self.cells.get("id")):
            id_ = self._id("id")
            if stored not in (None, id_):
                raise Refused("id_card", f"这个证件号已属于编号 {stored}", f"this ID card is already that of {stored}")
            return id_
        if stored is not None:
            return stored
        if card is not None:
            return f"p-{_digest('person', sealed['idcard_key'])}"
        if "name_key" in sealed and household is not None:
            return f"p-{_digest('person', household, sealed['name_key'], str(self.values.get('born', '')))}"
        raise Refused(
            "id",
            "没有编号，也没有证件号（或户编号加姓名），无法辨认是谁",
            "no id, no ID card, no household with a name: nobody can be told",
        )

    def _agrees(self, card: IdCard | None, facts: dict[str, Value]) -> None:
        """Birthday and sex must be those of the ID card, and are taken from it where they are blank."""
        known = self.told.catalogue.facts
        for name, said in (("born", card.born), ("sex", card.sex)) if card else ():
            if name in facts and facts[name] != said:
                raise Refused(name, f"{name} 与证件号不符", f"{name} is not what the ID card says")
            if name in known and (name == "born" or str(said) in known[name].values):
                facts[name] = said

    def _award(self, unit: str, subject: str, values: dict[str, Value]) -> None:
        """The policy of an award must be known; its version, where stored, is what the award is under."""
        raw = str(values.get("policy", ""))
        policies = self.told.catalogue.policies
        titled = {version.title.zh: id_ for id_, versions in policies.items() for version in versions}
        policy = raw if raw in policies else titled.get(raw, raw.replace("_", "-"))
        if policy not in policies:
            near = nearest(raw, policies)
            zh, en = (f"，是否为 {'、'.join(near)}？", f"; did you mean {', '.join(near)}?") if near else ("", "")
            raise Refused("policy", f"目录中没有政策 {raw}{zh}", f"the catalogue has no policy {raw}{en}")
        paid_on = values.get("paid_on")
        values["policy"] = policy
        values["under"] = self.told.lookup.policy_node(policy, unit, subject, paid_on if isinstance(paid_on, dt.date) else None)
        values.setdefault("department", policies[policy][0].department)

    def _check_recognition(self, name: str) -> None:
        known = {
            *self.told.catalogue.policies,
            *(v.recognition for vs in self.told.catalogue.policies.values() for v in vs if v.recognition),
        }
        if name not in known:
            near = nearest(name, known)
            zh, en = (f"，是否为 {'、'.join(near)}？", f"; did you mean {', '.join(near)}?") if near else ("", "")
            raise Refused(
                "recognition", f"目录中没有认定 {name or '（空）'}{zh}", f"the catalogue has no recognition {name or '(blank)'}{en}"
            )

    def _key(self, kind: str) -> str:
        """What tells an entry from the others of its list."""
        if not is_blank(self.cells.get("key")):
            return plain(self.cells["key"])
        if kind == "award":
            return f"{self.values.get('policy', '-')}-{self.values.get('paid_on', '-')}"
        if kind == "recognition":
            return f"{self.values.get('recognition', '-')}-{self.values.get('from', '-')}"
        if kind == "consent":
            return "-".join(str(self.values.get(name, "")) for name in ("scope", "recipient", "from"))
        if kind in ("supporter", "parent"):
            return "-"
        raise Refused(
            "key",
            "每个条目要有 key（如票据号），以便再次载入时认出",
            "every entry needs its key (such as a bill's number), to be known again",
        )

    def _entry_of(self, unit: Unit, subject: str, list_: str, key: str, values: Dict[str, Value]) -> Telling:
        """A statement behind an edge or a node."""
        told: dict[str, Any] = {}
        for name, value in values.items():
            if value is None:
                continue
            money = name == "amount" and list_ == "awards"
            plain_value = float(value) if isinstance(value, Fraction) else value
            told[f"{TOLD}{name}_fen" if money else f"{TOLD}{name}"] = _scope(str(value)) if name == "scope" else plain_value
        if list_ == "consents" and not told.get(f"{TOLD}scope"):
            raise Refused("scope", "同意书没有写明范围", "the consent does not say what for")
        from_, until = values.get("from") or values.get("paid_on"), values.get("until")
        if isinstance(from_, dt.date) and isinstance(until, dt.date) and until < from_:
            raise Refused("until", "止日早于起日", "it ends before it begins")
        raw = self.cells.get("true_on")
        return Telling(unit, subject, read_day("true_on", raw) if not is_blank(raw) else self.told.true_on, told, list=list_, key=key)

    def _facts(self, facts: Dict[str, Value]) -> dict[str, Any]:
        known = self.told.catalogue.facts
        return {key: value for name, each in facts.items() for key, value in stored_property("fact", known[name], each).items()}


def _scope(text: str) -> list[str]:
    """The names in a consent's scope."""
    return [name for name in re.split(r"[\s,;，；、]+", text) if name]


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:20]
