"""The forms of acts as one template reads them: an application, a decision, a death, a move, a departure, a new household, a withdrawal.

A form about a household carries its tag as it was read and a word of its own, so that nothing is done twice or over another's change.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from api import words
from api.act_shapes import REFUSALS
from api.caller import Caller
from api.finding import listed_of
from api.known import version_of
from api.lines import item_name
from api.page import Page
from api.pages.act_texts import ACT_TEXTS
from api.pages.forms_view import members_first
from api.pages.frame import Link
from api.pages.household_view import household_href
from api.pages.list_view import area_places
from api.permissions import EVERYWHERE
from api.settings import Lang
from matcher.applications import standing
from matcher.catalogue import Source
from matcher.items import Item

Typed = Mapping[str, str]
"""What was typed, by the names of fields."""
PEOPLE = 10
"""So many members the form has room for; the interface takes sixty."""
AT_ONCE = 2
"""So many are shown at first."""
PERSON_FIELDS = ("name", "id_card", "phone", "kin", "born")


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `kind`: text, date, money, select, radio, check, or shown. `optional`: says so, else it must be filled."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: tuple[Link, ...] = ()
    hint: str = ""
    optional: str = ""
    unit: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", self.id or self.name)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together; `fold`: not shown until they are asked for."""

    fields: tuple[Field, ...]
    legend: str = ""
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form with everything that it says."""

    title: str
    lead: str
    action: str
    groups: tuple[Group, ...]
    button: str
    hidden: tuple[tuple[str, str], ...] = ()
    method: str = "post"


@dataclass(frozen=True, slots=True)
class _About:
    """A page, its words and what was typed."""

    page: Page
    lang: Lang
    typed: Typed = field(default_factory=dict)

    @property
    def texts(self) -> dict[str, str]:
        return ACT_TEXTS[self.lang]

    @property
    def today(self) -> str:
        return self.page.as_of.isoformat()

    def field(self, name: str, kind: str = "text", value: str = "", *, free: bool = False, **more: object) -> Field:
        optional = self.texts["optional"] if free else ""
        return Field(name, self.texts[name], kind, self.typed.get(name, value), optional=optional, **more)  # type: ignore[arg-type]

    def form(self, act: str, *fields: Field, hidden: tuple[tuple[str, str], ...] = ()) -> Form:
        carried = (("key", secrets.token_urlsafe(16)), ("tag", version_of(self.page.tables, self.page.household)[1]), *hidden)
        action = f"{household_href(self.page.household)}/{act}"
        groups = (Group(fields),) if fields else ()
        return Form(self.texts[act], self.texts[f"{act}_lead"], action, groups, self.texts["save"], carried)


def item_key(policy: str, who: str | None) -> str:
    """One item as a value of a field."""
    return f"{policy}|{who or ''}"


def labelled(form: Form, faults: tuple[Link, ...], colon: str) -> tuple[Link, ...]:
    """What is wrong, each with the name of its field before it: 第 1 位成员 · 姓名：没有填写."""
    named = {f"#{one.id}": " · ".join(part for part in (group.legend, one.label) if part) for group in form.groups for one in group.fields}
    return tuple(Link(f"{named[one.href]}{colon}{one.text}", one.href) if one.href in named else one for one in faults)


def apply_form(page: Page, lang: Lang, typed: Typed) -> Form:
    """Mark an item as applied for, such an application as taken back, or its refusal as objected to."""
    about = _About(page, lang, typed)
    known = standing(page.tables, page.as_of)
    wanted = [item for item in page.bundle.items if item.status in ("can", "ask") or (item.policy, item.who or page.household) in known]
    options = tuple(_option(page, item, lang) for item in wanted)
    if not options:
        form = about.form("apply")
        return Form(form.title, about.texts["apply_none"], form.action, (), "")
    states = tuple(Link(about.texts[f"state_{one}"], one) for one in ("applied", "withdrawn", "appealed"))
    return about.form(
        "apply",
        about.field("item", "select", options=options),
        about.field("state", "radio", "applied", options=states),
        about.field("on", "date", about.today),
    )


def decide_form(page: Page, lang: Lang, typed: Typed) -> Form:
    """Confirm or refuse an item; without one, which to choose from."""
    about = _About(page, lang, typed)
    chosen = next((item for item in page.bundle.items if item_key(item.policy, item.who) == typed.get("item")), None)
    if chosen is None:
        shown = [item for item in page.bundle.items if item.status != "has"]
        waiting = sorted(shown, key=lambda item: (item.application is None, item.status != "can", item.status == "no"))
        options = tuple(_option(page, item, lang) for item in waiting)
        pick = about.form("decide", about.field("item", "select", options=options))
        return Form(pick.title, pick.lead, pick.action, pick.groups, about.texts["pick"], method="get")
    outcomes = tuple(Link(about.texts[f"outcome_{one}"], one) for one in ("confirmed", "refused"))
    sources = tuple(Link(_source(one, lang), str(n)) for n, one in enumerate(page.catalogue.policies[chosen.policy][-1].sources))
    reasons = tuple(Link(words.of(words.REFUSAL, one, lang), one) for one in REFUSALS)
    return about.form(
        "decide",
        Field("item", about.texts["item"], "shown", item_name(page, chosen, lang)),
        about.field("outcome", "radio", options=outcomes),
        about.field("decided_on", "date", about.today),
        about.field("basis", "select", "0", options=sources),
        about.field("reason", "select", free=True, options=reasons),
        about.field("begins", "date", free=True),
        about.field("until", "date", free=True),
        about.field("amount", "money", free=True, hint=about.texts["amount_hint"], unit=about.texts["yuan"]),
        hidden=(("item", typed["item"]),),
    )


def death_form(page: Page, lang: Lang, typed: Typed) -> Form:
    """Record a death."""
    about = _About(page, lang, typed)
    people = tuple(Link(page.who(one), one) for one in members_first(page))
    return about.form("death", about.field("person", "select", options=people), about.field("died_on", "date", about.today))


def move_form(caller: Caller, page: Page, lang: Lang, typed: Typed) -> Form:
    """Record a move."""
    about = _About(page, lang, typed)
    region = Field("region", about.texts["new_region"], "text", typed.get("region", ""), area_places(caller), about.texts["region_hint"])
    moved, address = about.field("moved_on", "date", about.today), about.field("address", free=True)
    return about.form("move", region, moved, address)


def depart_form(caller: Caller, page: Page, lang: Lang, typed: Typed) -> Form:
    """Record that a member left; households of kin in the area are offered as those that it may join."""
    about = _About(page, lang, typed)
    people = tuple(Link(page.who(one), one) for one in members_first(page))
    near = [one for one in page.tables["Household"].get_column("id").to_list() if one != page.household]
    homes = tuple(Link(one.name, one.household) for one in listed_of(caller.desk, caller.among(near)))
    kins = page.catalogue.facts["members"].edge["kin"].values
    return about.form(
        "depart",
        about.field("person", "select", options=people),
        about.field("left_on", "date", about.today),
        about.field("to", free=True, options=homes, hint=about.texts["to_hint"]),
        about.field("kin", "select", free=True, options=tuple(Link(words.value_word("kin", one, lang), one) for one in kins)),
    )


def new_form(caller: Caller, day: dt.date, lang: Lang, typed: Typed, people: list[Typed]) -> Form:
    """Enter a household that a visit found."""
    texts, free = ACT_TEXTS[lang], ACT_TEXTS[lang]["optional"]
    own = [one for one in caller.account.regions if one != EVERYWHERE]
    place = Field("region", texts["region"], "text", typed.get("region", own[0] if own else ""), area_places(caller), texts["region_hint"])
    fields = [place, Field("true_on", texts["true_on"], "date", typed.get("true_on", day.isoformat()))]
    fact = caller.desk.catalogue.facts.get("residence")
    if fact is not None:
        options = tuple(Link(words.value_word("residence", one, lang), one) for one in fact.values)
        fields.append(Field("residence", texts["residence"], "select", typed.get("residence", ""), options, optional=free))
    fields.append(Field("whole", texts["whole"], "check", typed.get("whole", "")))
    groups = [Group(tuple(fields))]
    for n in range(PEOPLE):
        told = people[n] if n < len(people) else {}
        legend = texts["member"].format(n=n + 1)
        fields = [_person_field(caller, name, n, told.get(name, ""), lang) for name in PERSON_FIELDS]
        groups.append(Group(tuple(fields), legend, fold=n >= AT_ONCE and not any(told.values())))
    return Form(texts["new"], texts["new_lead"], "/new-household", tuple(groups), texts["save"], (("key", secrets.token_urlsafe(16)),))


def withdraw_form(lang: Lang, source: str, *, looked: bool) -> Form:
    """Take an import back: first looked at, then confirmed."""
    texts = ACT_TEXTS[lang]
    fields = (Field("source", texts["source"], "shown" if looked else "text", source, hint="" if looked else texts["source_hint"]),)
    hidden = (("sure", "yes"), ("source", source)) if looked else ()
    button = texts["confirm_withdraw" if looked else "look"]
    return Form(texts["imports"], texts["imports_lead"], "/imports", (Group(fields),), button, hidden)


def _person_field(caller: Caller, name: str, n: int, value: str, lang: Lang) -> Field:
    texts = ACT_TEXTS[lang]
    members = caller.desk.catalogue.facts.get("members")
    kins = members.edge["kin"].values if members is not None and "kin" in members.edge else ()
    options = tuple(Link(words.value_word("kin", one, lang), one) for one in kins)
    kind = {"kin": "select", "born": "date"}.get(name, "text")
    return Field(name, texts[name], kind, value, options if name == "kin" else (), optional=texts["optional"], id=f"p{n}-{name}")


def _option(page: Page, item: Item, lang: Lang) -> Link:
    state = words.of(words.CAVEAT, item.caveats[0], lang) if item.application else words.of(words.STATUS, item.status, lang)
    return Link(f"{item_name(page, item, lang)} · {state}", item_key(item.policy, item.who))


def _source(source: Source, lang: Lang) -> str:
    del lang
    return " ".join(part for part in (source.document, source.article) if part)
