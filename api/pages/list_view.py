"""My households: those of the account's area, page by page, or those found by what was typed; words and figures of one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.caller import Caller
from api.finding import Found, Listed, found_by, listed_in, narrowed
from api.pages.household_view import household_href
from api.pages.texts import TEXTS
from api.paging import cursor_of, parts_of
from api.permissions import EVERYWHERE, may
from api.places import place_path, region_names
from graph.identity import Part

PAGE = 25
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
class ListView:
    """The page. `next`: address of the next page, blank on the last; `later`: this is not the first; `searched`: these were found."""

    area: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    next: str = ""
    later: bool = False
    searched: bool = False


def list_view(caller: Caller, cursor: str | None) -> ListView:
    """A page of the households of the area, noted in the audit."""
    after = parts_of(cursor, 2)
    found, following = listed_in(caller.desk, narrowed(caller.account.regions, None), (after[0], after[1]) if after else None, PAGE)
    step = urlencode({"cursor": cursor_of(*following)}) if following else ""
    return _view(caller, found, following=f"/households?{step}" if step else "", later=after is not None)


def found_view(caller: Caller, typed: str) -> ListView:
    """The households of the area in which somebody has this name, ID card or phone, noted in the audit."""
    found: dict[str, Found] = {}
    for part in PARTS:
        for one in found_by(caller.desk, part, typed, lambda region: may(caller.account, caller.permission, region)):
            found.setdefault(one.household, one)
    return _view(caller, list(found.values()), searched=True)


def _view(caller: Caller, found: Sequence[Found | Listed], *, following: str = "", later: bool = False, searched: bool = False) -> ListView:
    texts, desk = TEXTS[caller.desk.lang], caller.desk
    caller.seen([one.household for one in found], action="find")
    names = region_names(desk.settings.catalogue)
    own = [texts["area_all"] if one == EVERYWHERE else place_path(one, names, desk.lang) for one in caller.account.regions]
    heads = (Head(texts["household"]), Head(texts["place"]), Head(texts["people"], num=True))
    rows = tuple(Row(one.name or one.household, household_href(one.household), (one.place, str(one.people))) for one in found)
    return ListView(texts["area"].format(x=texts["between"].join(own)), heads, rows, following, later, searched)
