"""A packet in words, section by section, in the order in which a committee reads: the matter and the question first, evidence after it.

The same sections are set in type at the terminal and on the printable page.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api import words
from api.lines import item_name, question_gain, question_text
from api.packet import Chance, Packet, Tested
from api.places import place_name, region_names
from api.referral_lines import (
    clock_of,
    departments_text,
    item_cells,
    left_text,
    need_word,
    opinion_cells,
    payer_word,
    policy_word,
    reasons_text,
    sort_word,
    state_word,
)
from api.referral_words import PACKET as TEXTS
from api.show_gaps import slot_text
from api.show_near import near_lines
from api.terminal import day
from api.wiring import Desk
from matcher.bundle_json import yuan

NOTHING = (None, False, 0, "none")
"""Values of facts that say that there is nothing to tell."""
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Section:
    """One section: sentences, then a table (`num`: columns of figures); `key` names it in addresses."""

    key: str
    title: str
    lines: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    num: tuple[int, ...] = ()


def sections_of(desk: Desk, packet: Packet) -> list[Section]:
    """The packet in reading order."""
    return _Telling(desk, packet).sections()


class _Telling:
    """Tells one packet in one language."""

    def __init__(self, desk: Desk, packet: Packet) -> None:
        self.desk, self.packet, self.page, self.one, self.lang = desk, packet, packet.page, packet.referral, desk.lang
        self.texts = TEXTS[desk.lang]

    def sections(self) -> list[Section]:
        """All of them."""
        one, told = self.one, self.one.told
        needs = tuple((need_word(self.desk.catalogue, need, self.lang), yuan(fen)) for need, fen in told["left"].items())
        opinions = tuple(opinion_cells(self.desk, said) for said in told["opinions"])
        items = tuple(item_cells(self.desk, item, self.page.people) for item in told["items"])
        asked = tuple(
            (question_text(self.page, each, self.lang), words.of(words.DEPARTMENT, each.ask, self.lang), question_gain(each, self.lang))
            for each in self.page.answers.asked_for
        )
        near = () if self.page.near is None else tuple(near_lines(self.page, self.lang)) or (self.texts["no_near"],)
        return [
            Section("matter", self.texts["matter"], self._matter()),
            Section("question", self.texts["question"], (words.say(self.packet.question, self.lang),)),
            self._table("left", needs, (1,)),
            *([self._table("decision", items, (1,), "no_decision")] if one.sort == "discussion" else []),
            *([self._table("opinions", opinions, (), "no_opinions")] if one.sort == "discussion" else []),
            self._table("unknown", asked, (), "no_unknown"),
            self._table("tested", tuple(self._tested())),
            *([Section("near", self.texts["near"], near)] if near else []),
            self._table("help", tuple(self._help())),
            self._precedents(),
            self._known(),
        ]

    def _table(self, key: str, rows: tuple[tuple[str, ...], ...], num: tuple[int, ...] = (), empty: str = "") -> Section:
        heads = self.texts["heads"][key] if rows else ()
        return Section(key, self.texts[key], () if rows or not empty else (self.texts[empty],), heads, rows, num)

    def _matter(self) -> tuple[str, ...]:
        texts, one, colon = self.texts, self.one, ": " if self.lang == "en" else "："
        clock = clock_of(self.desk, one)
        told = [
            f"{sort_word(self.desk, one)} · {self.page.name} · {len(self.page.bundle.members)} {texts['people']}",
            f"{texts['place']}{colon}{self.page.place}",
            f"{texts['state']}{colon}"
            + " · ".join(each for each in (state_word(self.desk, one), clock.text, clock.due, clock.up_to) if each),
            f"{texts['open']}{colon}{day(one.opened_on, self.lang)}",
        ]
        if one.reasons:
            told.append(f"{texts['why']}{colon}{reasons_text(self.desk.catalogue, one, self.lang)}")
        if one.departments:
            told.append(f"{texts['guests']}{colon}{departments_text(one.departments, self.lang)}")
        if one.project:
            told.append(f"{policy_word(self.desk.catalogue, one.project, self.lang)} · {payer_word(self.desk, one.organization or '')}")
        return (*told, texts["as_of"].format(d=day(self.page.as_of, self.lang)))

    def _known(self) -> Section:
        """What is on file; that something is not so, or is nothing, is only counted."""
        told = list(self._facts())
        rows = tuple(cells for cells, says_something in told if says_something)
        rest = len(told) - len(rows)
        lines = (self.texts["rest"].format(n=rest),) if rest else () if rows else (self.texts["no_facts"],)
        return Section("facts", self.texts["facts"], lines, self.texts["heads"]["facts"] if rows else (), rows)

    def _facts(self) -> Iterator[tuple[tuple[str, ...], bool]]:
        known, people = self.packet.known, self.page.people
        for unit in (known, *known["members"]):
            who = people.get(unit.get("person", ""), self.texts["household"])
            for fact in unit["facts"]:
                yield self._fact(who, fact)
            for entry in unit["entries"]:
                for fact in entry["facts"]:
                    yield self._fact(f"{who} · {self._list(entry['list'])}", fact)

    def _fact(self, who: str, fact: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
        said, label = fact["said"], fact["label"][self.lang]
        source = words.of(words.DEPARTMENT, (said["source"] or "").split("/")[0].split(":")[0] or None, self.lang)
        on = day(dt.date.fromisoformat(said["true_on"]), self.lang) if said["true_on"] else ""
        cells = (who, label[:1].upper() + label[1:], self._value(fact), source, on + (self.texts["stale"] if said["stale"] else ""))
        return cells, fact.get("value_fen", fact.get("value")) not in NOTHING

    def _value(self, fact: dict[str, Any]) -> str:
        """A value in words."""
        if "value_fen" in fact:
            return yuan(fact["value_fen"]) if fact["value_fen"] is not None else ""
        value = fact["value"]
        if isinstance(value, bool):
            return words.yes_no(value, self.lang)
        if not isinstance(value, str):
            return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        if ISO_DAY.fullmatch(value):
            return day(dt.date.fromisoformat(value), self.lang)
        declared = self.desk.catalogue.facts.get(fact["name"])
        if declared is not None and declared.type == "region":
            return place_name(value, region_names(self.page.folder), self.lang)
        return words.value_word(fact["name"], value, self.lang)

    def _list(self, name: str) -> str:
        declared = self.desk.catalogue.facts.get(name)
        return name if declared is None else words.say(declared.label, self.lang)

    def _tested(self) -> Iterator[tuple[str, ...]]:
        """Those to whom the same applies in one row."""
        groups: dict[tuple[object, ...], list[Tested]] = {}
        for one in self.packet.tested:
            groups.setdefault((one.item.policy, one.item.status, one.clauses), []).append(one)
        for some in groups.values():
            first = some[0]
            names = [self.page.who(one.item.who) for one in some if one.item.who]
            everybody = len(names) in (0, len(self.page.bundle.members))
            title = words.say(first.item.title, self.lang)
            name = title if everybody else title + self.texts["who"].format(w=self.texts["between"].join(names))
            status = f"{words.MARK[first.item.status]} {words.of(words.STATUS, first.item.status, self.lang)}"
            if first.told.version is None:
                yield name, status, self.texts["not_here"], ""
                continue
            clauses = self.texts["between"].join(words.say(one, self.lang) for one in first.clauses)
            yield (
                name,
                status,
                clauses,
                self.texts["between"].join(_source(one.document, one.article) for one in first.told.version.sources),
            )

    def _help(self) -> Iterator[tuple[str, ...]]:
        for slot in self.page.bundle.slots:
            yield words.of(words.SLOT, slot.slot, self.lang), slot_text(self.page, slot, self.lang)
        for one in self.packet.chances:
            yield self._chance(one)

    def _chance(self, one: Chance) -> tuple[str, str]:
        item = next(each for each in self.page.bundle.items if (each.policy, each.who) == (one.project, one.who))
        who = f"{payer_word(self.desk, one.organization)} · {item_name(self.page, item, self.lang)}"
        return who, self.texts["agreed" if one.agreed else "not_agreed"].format(x=yuan(one.fen))

    def _precedents(self) -> Section:
        found = self.packet.precedents
        if not found:
            return Section("precedents", self.texts["precedents"], (self.texts["no_profiles" if found is None else "no_precedents"],))
        rows = tuple(
            (
                day(one.referral.decided_on, self.lang),
                self.texts["distance"].format(n=one.distance) if one.distance else self.texts["alike"],
                left_text(self.desk.catalogue, one.referral, self.lang),
                self.texts["between"].join(" ".join(item_cells(self.desk, item, {})[:2]) for item in one.referral.told["items"]),
            )
            for one in found
        )
        return Section("precedents", self.texts["precedents"], (), self.texts["heads"]["precedents"], rows)


def _source(document: str, article: str | None) -> str:
    return f"《{document}》{article or ''}"
