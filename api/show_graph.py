"""How the answers of the graph look at the terminal: the finding first, then a table in words."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from api.places import place_path, region_names
from api.terminal import day, listing, note
from api.wiring import Desk
from graph.identity import mask_name

Row = dict[str, Any]
T = TypeVar("T")
Shown = list[RenderableType]
HELPER = {"SocialWorker": ("社工", "social worker"), "Volunteer": ("志愿者", "volunteer")}
DUTY = {
    "parent": ("父母", "parent"),
    "child": ("子女", "child"),
    "spouse": ("配偶", "spouse"),
    "sibling": ("兄弟姐妹", "sibling"),
    "grandparent": ("祖父母", "grandparent"),
    "grandchild": ("孙子女", "grandchild"),
}


def answer(desk: Desk, found: pl.DataFrame, show: Callable[[Desk, list[Row]], Shown], *, json: bool) -> None:
    """Print an answer: its rows as JSON, or in words."""
    rows = found.to_dicts()
    if json:
        desk.screen.json(rows)
    else:
        desk.screen.show(*show(desk, rows))


def needs(desk: Desk, rows: list[Row]) -> Shown:
    """Needs out of reach."""
    if not rows:
        return _nothing(desk, "已登记的需求，当地都有人或机构能满足。", "Every need on file has somebody in its region who could meet it.")
    heads = _either(desk, ("地区", "需求", "户数", "需求数"), ("Region", "Need", "Households", "Needs"))
    table = [[_place(desk, row["region"]), _need(desk, row["category"]), str(row["households"]), str(row["needs"])] for row in rows]
    told = _either(
        desk, "下列需求，本地及上级没有社工、志愿者、政策或项目能满足：", "Nobody in these regions, or above them, could meet these needs:"
    )
    return [Text(told), _table(heads, table, right=(2, 3))]


def alone(desk: Desk, rows: list[Row]) -> Shown:
    """Villages on one helper."""
    if not rows:
        return _nothing(desk, "没有只靠一名社工或志愿者的地方。", "No place hangs on one worker or volunteer.")
    heads = _either(desk, ("地区", "户数", "只有", "能做", "陪伴户数"), ("Region", "Households", "Only", "Can do", "Accompanied"))
    table = [
        [
            _place(desk, row["region"]),
            str(row["households"]),
            f"{_either(desk, *HELPER[row['helper_kind']])} {row['helper']}",
            _list(desk, [_need(desk, one) for one in row["can_do"]]),
            str(row["accompanied"]),
        ]
        for row in rows
    ]
    told = _either(desk, f"{len(rows)} 个地方只靠一名社工或志愿者：", f"Places that hang on one worker or volunteer: {len(rows)}")
    return [Text(told), _table(heads, table, right=(1, 4))]


def path(desk: Desk, rows: list[Row]) -> Shown:
    """What comes first, down to the item."""
    goal = rows[-1]["policy"]
    if len(rows) == 1:
        return _nothing(desk, f"“{_title(desk, goal)}”不需要先办别的。", f"{_title(desk, goal)}: nothing has to come first.")
    heads = _either(desk, ("步", "先有", "就能帮助办", "不能同享", "找谁"), ("Steps", "First", "Helps towards", "Not with", "Run by"))
    table = [
        [
            str(row["steps"]),
            _title(desk, row["policy"]),
            _list(desk, [_title(desk, one) for one in row["opens"]]),
            _list(desk, [_title(desk, one) for one in row["excludes"]]),
            _list(desk, [_organisation(desk, one) for one in row["run_by"]]),
        ]
        for row in rows
    ]
    told = _either(
        desk, f"能帮助办成“{_title(desk, goal)}”的有 {len(rows) - 1} 项：", f"{len(rows) - 1} items help towards {_title(desk, goal)}:"
    )
    return [Text(told), _table(heads, table, right=(0,), grow=-1)]  # no column can do without words: they share the width


def supporters(desk: Desk, rows: list[Row]) -> Shown:
    """Duties, step by step."""
    if not rows:
        return _nothing(desk, "图库中没有登记这个人的法定义务人。", "The store knows nobody who owes this person support.")
    heads = _either(desk, ("层", "义务人", "对谁", "身份", "户号"), ("Step", "Who", "Owes it to", "As", "Household"))
    table = [
        [
            str(row["step"]),
            _person(desk, row["supporter"]),
            _person(desk, row["supports"]),
            _either(desk, "父母", "parent") if row["parent"] else _either(desk, *DUTY.get(row["duty"] or "", (row["duty"] or "",) * 2)),
            _list(desk, row["households"]),
        ]
        for row in rows
    ]
    near = sum(row["step"] == 1 for row in rows)
    told = _either(
        desk, f"直接义务人 {near} 名，义务人的义务人 {len(rows) - near} 名：", f"{near} owe support, {len(rows) - near} owe it to these:"
    )
    return [Text(told), _table(heads, table, right=(0,), grow=1)]


def shared(desk: Desk, rows: list[Row]) -> Shown:
    """Pairs to be looked at; nobody is accused."""
    if not rows:
        return _nothing(desk, "没有发现可能重复的领取。", "No awards that may be twice over.")
    heads = _either(desk, ("户号", "另一户", "都领了", "共同之处"), ("Household", "Other", "Both received", "What they share"))
    table = []
    for row in rows:
        what = _either(desk, "同一住址", "the address")
        if row["shared"] == "supporter":
            what = _either(desk, "同一义务人 ", "the supporter ") + _person(desk, row["supporter"])
        table.append([row["household"], row["other"], _title(desk, row["policy"]), what])
    told = _either(desk, f"{len(rows)} 处可能重复，请核实（也可能是两户都符合）：", f"{len(rows)} to look at (both may be right):")
    return [Text(told), _table(heads, table, grow=2)]


def near(desk: Desk, rows: list[Row]) -> Shown:
    """Precedents."""
    if not rows:
        return _nothing(desk, "没有别的家庭可比。", "There is no other household to compare with.")
    heads = _either(desk, ("户号", "差别（0 为相同）"), ("Household", "Difference (0 is none)"))
    return [_table(heads, [[row["household"], str(row["distance"])] for row in rows], right=(1,))]


def made_on(desk: Desk, on: dt.date, changes: int) -> str:
    """Of which day the profiles are, and how much has changed since."""
    zh = f"画像算于 {day(on, 'zh')}" + (f"，此后图库有 {changes:,} 处改动；更新：aidgraph graph profiles" if changes else "")
    en = f"profiles of {day(on, 'en')}" + (f"; {changes:,} changes since, to renew: aidgraph graph profiles" if changes else "")
    return _either(desk, zh, en)


def _table(heads: tuple[str, ...], rows: list[list[str]], *, right: tuple[int, ...] = (), grow: int = 0) -> RenderableType:
    return listing(heads, [[Text(cell) for cell in row] for row in rows], right=right, grow=grow)


def _nothing(desk: Desk, zh: str, en: str) -> Shown:
    return [note(_either(desk, zh, en))]


def _either(desk: Desk, zh: T, en: T) -> T:
    return en if desk.lang == "en" else zh


def _list(desk: Desk, words: list[str]) -> str:
    return (", " if desk.lang == "en" else "、").join(words)


def _place(desk: Desk, code: str) -> str:
    return place_path(code, region_names(desk.settings.catalogue), desk.lang)


def _need(desk: Desk, category: str) -> str:
    need = desk.catalogue.needs.get(category)
    return category if need is None else str(_either(desk, need.title.zh, need.title.en))


def _title(desk: Desk, policy: str) -> str:
    versions = desk.catalogue.policies.get(policy)
    return policy if not versions else str(_either(desk, versions[0].title.zh, versions[0].title.en))


def _organisation(desk: Desk, id: str) -> str:
    stored = desk.store.get("Organization", id) or {}
    return str(stored.get(_either(desk, "title_zh", "title_en")) or id)


def _person(desk: Desk, id: str) -> str:
    """The id, and the masked name where the key is at hand."""
    stored = desk.store.get("Person", id) or {}
    if desk.identity is None or "name_enc" not in stored:
        return id
    return f"{mask_name(desk.identity.decrypt('name', stored['name_enc']))} {id}"
