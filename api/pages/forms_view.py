"""The two forms of a visit as templates read them: which facts there are to enter, one fact's field, a consent.

A form carries the household's tag as it was read and a word of its own, so that nothing is entered twice or over somebody else's change.
"""

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from api import words
from api.errors import NotFound
from api.known import version_of
from api.page import Page
from api.pages.frame import Link
from api.pages.texts import TEXTS
from api.settings import Lang
from api.visit_shapes import NewConsent, PersonFacts, Visit
from matcher.catalogue import Fact
from matcher.plain_rows import rows_of

SCOPES = ("charity", "economy")


@dataclass(frozen=True, slots=True)
class Part:
    """Facts that one department can tell."""

    label: str
    facts: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Whose facts: a member's, or the household's (`who` blank)."""

    name: str
    who: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class FactForm:
    """One fact to enter, or `groups` to choose from where `fact` is blank."""

    groups: tuple[Group, ...] = ()
    fact: str = ""
    who: str = ""
    about: str = ""
    label: str = ""
    hint: str = ""
    kind: str = ""
    unit: str = ""
    choices: tuple[Link, ...] = ()
    value: str = ""
    true_on: str = ""
    tag: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """A consent to enter."""

    people: tuple[Link, ...]
    who: str
    scope: tuple[str, ...]
    from_: str
    until: str
    tag: str
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))


def choose_form(page: Page, who: str, lang: Lang) -> FactForm:
    """The facts of the household and of each member; of one member alone if `who` names one."""
    whole = Group(TEXTS[lang]["household_itself"], "", tuple(_parts(page, "household", lang)))
    people = [Group(page.who(one), one, tuple(_parts(page, "person", lang))) for one in members_first(page) if who in ("", one)]
    return FactForm((whole, *people) if not who else tuple(people))


def fact_form(page: Page, fact: str, who: str, lang: Lang, *, value: str = "", true_on: str = "") -> FactForm:
    """One fact's field. Raises NotFound for a fact that there is not, or that is none of such a subject."""
    declared = page.catalogue.facts.get(fact)
    unit = "person" if who else "household"
    if declared is None or declared not in list(_enterable(page, unit)) or (who and who not in page.bundle.members):
        raise NotFound("没有这件情况可登记", "there is no such fact to enter")
    department = words.of(words.DEPARTMENT, declared.ask, lang)
    return FactForm(
        fact=fact,
        who=who,
        about=page.who(who) if who else TEXTS[lang]["household_itself"],
        label=_label(declared, lang),
        hint=TEXTS[lang]["can_tell"].format(x=department) if department else "",
        kind=declared.type,
        unit=_unit(declared, lang),
        choices=tuple(Link(words.value_word(fact, one, lang), one) for one in declared.values),
        value=value,
        true_on=true_on or page.as_of.isoformat(),
        tag=version_of(page.tables, page.household)[1],
    )


def consent_form(page: Page, who: str, *, scope: Iterable[str] = (), from_: str = "", until: str = "") -> ConsentForm:
    """The form of a consent; nothing is ticked that nobody said."""
    people = tuple(Link(page.who(one), one) for one in members_first(page))
    tag = version_of(page.tables, page.household)[1]
    return ConsentForm(people, who, tuple(scope), from_ or page.as_of.isoformat(), until, tag)


def fact_visit(page: Page, form: FactForm, day: dt.date) -> Visit:
    """What a filled form says, as the interface is told."""
    value: str | bool = form.value.strip()
    if form.kind == "yesno":
        value = form.value == "yes"
    if form.who:
        return Visit(true_on=day, people=[PersonFacts(person=form.who, facts={form.fact: value})])
    return Visit(true_on=day, facts={form.fact: value})


def consent_visit(who: str, scope: list[str], begins: dt.date, ends: dt.date | None) -> Visit:
    """A filled consent, as the interface is told."""
    return Visit(true_on=begins, consents=[NewConsent.model_validate({"person": who, "scope": scope, "from": begins, "until": ends})])


def members_first(page: Page) -> list[str]:
    """The members, the head first."""
    edges = rows_of(page.tables, "MEMBER_OF", ("src", "dst", "kin"))
    head = [edge["src"] for edge in edges if edge["dst"] == page.household and edge["kin"] == "head"]
    return sorted(page.bundle.members, key=lambda one: one not in head)


def _enterable(page: Page, unit: str) -> Iterable[Fact]:
    return (one for one in page.catalogue.facts.values() if one.type not in ("list", "region") and not one.builtin and unit in one.units)


def _parts(page: Page, unit: str, lang: Lang) -> Iterable[Part]:
    """What one subject's facts are, by the department that can tell; a visit's own first."""
    by_ask: dict[str, list[Link]] = {}
    for one in _enterable(page, unit):
        by_ask.setdefault(one.ask or "", []).append(Link(_label(one, lang), one.name))
    for ask in sorted(by_ask, key=lambda ask: (ask not in ("visit", "applicant"), ask == "")):
        yield Part(words.of(words.DEPARTMENT, ask, lang) if ask else TEXTS[lang]["no_department"], tuple(by_ask[ask]))


def _label(fact: Fact, lang: Lang) -> str:
    told = words.say(fact.label, lang)
    return told[:1].upper() + told[1:]


def _unit(fact: Fact, lang: Lang) -> str:
    """元 每月."""
    if fact.type != "money":
        return ""
    per = words.of(words.PER, fact.per, lang)
    return " ".join(one for one in (TEXTS[lang]["value_yuan"], per) if one)
