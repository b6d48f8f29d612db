"""What people are called on a screen: a masked name and what they are to the head; never an id where a word can be found."""

import datetime as dt
from collections import Counter

import polars as pl

from api.settings import Lang
from api.words import value_word
from graph.errors import IdentityError
from graph.identity import Identity, mask_name
from graph.store import Tables
from matcher.plain_rows import rows_of
from matcher.slots import on_day


def members_on(tables: Tables, household: str, day: dt.date) -> tuple[str, ...]:
    """Who belongs to the household on the day, in the order of the tables; whoever died, left or is yet to come does not."""
    return tuple(on_day(tables["MEMBER_OF"], day).filter(pl.col("dst") == household).get_column("src").to_list())


def labels(tables: Tables, household: str, members: tuple[str, ...], identity: Identity | None, lang: Lang) -> dict[str, str]:
    """Everybody in the tables by id: 李○○, else 配偶, 子女1, else 成员1; people outside with 户外 before it."""
    names = _names(tables, identity)
    kin = {edge["src"]: edge["kin"] for edge in rows_of(tables, "MEMBER_OF", ("src", "dst", "kin")) if edge["dst"] == household}
    duty = {edge["src"]: edge["duty"] for edge in rows_of(tables, "SUPPORTS", ("src", "dst", "duty")) if edge["dst"] in members}
    wanted = {
        who: _label(who, names, kin, duty, who in members, lang)
        for who in (*members, *(row["id"] for row in rows_of(tables, "Person", ("id",))))
    }
    same, seen = Counter(wanted.values()), Counter[str]()
    found = {}
    for who, label in wanted.items():
        seen[label] += 1
        found[who] = f"{label}{seen[label]}" if same[label] > 1 else label.rstrip()
    return found


def _names(tables: Tables, identity: Identity | None) -> dict[str, str]:
    if identity is None:
        return {}
    found = {}
    for person in rows_of(tables, "Person", ("id", "name_enc")):
        if person["name_enc"]:
            try:
                found[person["id"]] = mask_name(identity.decrypt("name", person["name_enc"]))
            except IdentityError:
                continue
    return found


def _label(who: str, names: dict[str, str], kin: dict[str, str | None], duty: dict[str, str | None], inside: bool, lang: Lang) -> str:
    """A name, or a word for what somebody is."""
    if who in names:
        return names[who]
    english = lang == "en"
    if inside:
        word = kin.get(who)
        if word and word != "other":
            return value_word("kin", word, lang)
        return "member " if english else "成员"
    word = duty.get(who)
    if word and word != "other":
        return ("outside: " if english else "户外") + value_word("duty", word, lang)
    return "person outside " if english else "户外人员"


def household_name(tables: Tables, household: str, members: tuple[str, ...], identity: Identity | None, lang: Lang) -> str:
    """李○○ 户: after the head, or else after anybody who has a name; where nobody belongs to it any more, after those who did."""
    names = _names(tables, identity)
    edges = [edge for edge in rows_of(tables, "MEMBER_OF", ("src", "dst", "kin")) if edge["dst"] == household]
    members = members or tuple(edge["src"] for edge in edges)
    heads = [edge["src"] for edge in edges if edge["kin"] == "head" and edge["src"] in members]
    named = [names[who] for who in (*heads, *members) if who in names]
    if not named:
        return f"Household {household}" if lang == "en" else f"{household} 户"
    return f"Household of {named[0]}" if lang == "en" else f"{named[0]} 户"
