"""My households: those of the account's area, page by page, or those found by what was typed; words and figures of one language."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from api.area_list import listed
from api.caller import Caller
from api.finding import Found, Listed, found_by
from api.pages.frame import Link
from api.pages.household_view import household_href
from api.pages.list_texts import LIST_TEXTS
from api.pages.texts import TEXTS
from api.permissions import EVERYWHERE, covers, may
from api.places import place_path, region_names
from api.show_difficulty import points
from api.terminal import day
from api.words import say
from graph.identity import Part

PAGE = 25
MOST_PLACES = 600
PARTS: tuple[Part, ...] = ("name", "idcard", "phone")


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head; figures stand right."""

    text: str
    num: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One household."""

    name: str
    href: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """A field by which the list can be narrowed."""

    name: str
    label: str
    value: str
    options: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class ListView:
    """The page. `next`: address of the next page, blank on the last; `later`: this is not the first; `searched`: these were found.

    `order`: how they are ordered, and on what day's facts. `first`: address of the first page. `words`: of the filters.
    `new`: to enter one, for whoever may.
    """

    area: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    next: str = ""
    later: bool = False
    searched: bool = False
    order: str = ""
    filters: tuple[Filter, ...] = ()
    first: str = "/households"
    words: dict[str, str] = field(default_factory=dict)
    new: Link | None = None


def list_view(caller: Caller, cursor: str | None, region: str, circle: str) -> ListView:
    """A page of the households of the area, the hardest first, noted in the audit."""
    texts, desk = TEXTS[caller.desk.lang] | LIST_TEXTS[caller.desk.lang], caller.desk
    found, following = listed(caller, region or None, circle or None, "difficulty", cursor, PAGE)
    asked = {name: value for name, value in (("region", region), ("circle", circle)) if value}
    first = "/households" + (f"?{urlencode(asked)}" if asked else "")
    step = f"/households?{urlencode({**asked, 'cursor': following})}" if following else ""
    heads = tuple(
        Head(texts[name], num=name in ("index", "people")) for name in ("household", "place", "index", "circle", "category", "people")
    )
    rows = tuple(Row(one.name or one.household, household_href(one.household), _cells(caller, one)) for one in found)
    days = sorted({one.rank.on for one in found if one.rank is not None})
    waiting = sum(one.rank is None for one in found)
    order = texts["hardest_first"] if days or not found else ""
    if days:
        told = (
            texts["between_days"].format(a=day(days[0], desk.lang), b=day(days[-1], desk.lang))
            if len(days) > 1
            else day(days[0], desk.lang)
        )
        order += texts["index_of"].format(d=told)
    if waiting:
        order += texts["index_none"].format(n=waiting)
    return ListView(
        _area(caller),
        heads,
        rows,
        step,
        cursor is not None,
        order=order,
        filters=_filters(caller, region, circle),
        first=first,
        **_around(caller),
    )


def area_places(caller: Caller) -> tuple[Link, ...]:
    """Places of the caller's area, to choose from; none where they are too many to be read."""
    names = region_names(caller.desk.settings.catalogue)
    found = [code for code in sorted(names) if covers(caller.account.regions, code)]
    return tuple(Link(place_path(code, names, caller.desk.lang), code) for code in found) if len(found) <= MOST_PLACES else ()


def _filters(caller: Caller, region: str, circle: str) -> tuple[Filter, ...]:
    texts, scale, lang = TEXTS[caller.desk.lang] | LIST_TEXTS[caller.desk.lang], caller.desk.catalogue.difficulty, caller.desk.lang
    circles = tuple(Link(say(one.label, lang), one.id) for one in scale.circles)
    found = (Filter("region", texts["place"], region, area_places(caller)), Filter("circle", texts["circle"], circle, circles))
    return tuple(one for one in found if one.options)


def _cells(caller: Caller, one: Listed) -> tuple[str, ...]:
    """Place, index, circle, category, people."""
    texts, scale, lang, rank = LIST_TEXTS[caller.desk.lang], caller.desk.catalogue.difficulty, caller.desk.lang, one.rank
    if rank is None:
        return one.place, texts["index_not_made"], "", "", str(one.people)
    named = [
        next((say(each.label, lang) for each in some if each.id == id_), "")
        for some, id_ in ((scale.circles, rank.circle), (scale.categories, rank.category))
    ]
    return one.place, points(rank.lo, rank.hi), *named, str(one.people)


def found_view(caller: Caller, typed: str) -> ListView:
    """The households of the area in which somebody has this name, ID card or phone, noted in the audit."""
    found: dict[str, Found] = {}
    for part in PARTS:
        for one in found_by(caller.desk, part, typed, lambda region: may(caller.account, caller.permission, region)):
            found.setdefault(one.household, one)
    return _view(caller, list(found.values()))


def _view(caller: Caller, found: Sequence[Found]) -> ListView:
    texts = TEXTS[caller.desk.lang]
    caller.seen([one.household for one in found], action="find")
    heads = (Head(texts["household"]), Head(texts["place"]), Head(texts["people"], num=True))
    rows = tuple(Row(one.name or one.household, household_href(one.household), (one.place, str(one.people))) for one in found)
    return ListView(_area(caller), heads, rows, searched=True, **_around(caller))


def _around(caller: Caller) -> dict[str, Any]:
    """What stands on every such page: the words of the list, and the way to a new household."""
    texts = LIST_TEXTS[caller.desk.lang]
    new = Link(texts["new_household"], "/new-household") if may(caller.account, "household.create") else None
    return {"words": texts, "new": new}


def _area(caller: Caller) -> str:
    texts, names = TEXTS[caller.desk.lang], region_names(caller.desk.settings.catalogue)
    own = [texts["area_all"] if one == EVERYWHERE else place_path(one, names, caller.desk.lang) for one in caller.account.regions]
    return texts["area"].format(x=texts["between"].join(own))
