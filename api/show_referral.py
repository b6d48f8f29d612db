"""Referrals at the terminal: the list, one matter with what can be done next, its packet."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api import words
from api.packet_lines import Section
from api.places import place_path, region_names
from api.referral_lines import clock_of, departments_text, happened, left_text, policy_word, reasons_text, sort_word, state_word
from api.referral_rows import Referral
from api.terminal import heading, indented, listing, note
from api.wiring import Desk
from matcher.bundle_json import yuan
from matcher.referral import Move

TEXTS = {
    "zh": {
        "heads": ("编号", "户号", "事项", "状态", "时限", "缺口"),
        "none": "没有办理中的会商或转介事项",
        "count": "{n} 件，最急的在前",
        "left": "提请时缺口：{x}",
        "why": "提请原因：{x}",
        "guests": "邀请部门：{x}",
        "project": "项目：{x}",
        "can": "现在可以办",
        "done": "办理经过",
        "codes": "  原因代码：{x}",
    },
    "en": {
        "heads": ("Number", "Household", "Matter", "State", "Time", "Left"),
        "none": "No referrals are open",
        "count": "{n}, the most pressing first",
        "left": "Left when opened: {x}",
        "why": "Opened because: {x}",
        "guests": "Invited: {x}",
        "project": "Project: {x}",
        "can": "What can be done now",
        "done": "What was done",
        "codes": "  reasons: {x}",
    },
}


def list_parts(desk: Desk, some: Sequence[Referral]) -> list[RenderableType]:
    """The list."""
    texts = TEXTS[desk.lang]
    if not some:
        return [note(str(texts["none"]))]
    rows = [[Text(cell) for cell in _row(desk, one)] for one in some]
    return [Text(str(texts["count"]).format(n=len(some))), listing(texts["heads"], rows, right=(5,), grow=2)]


def one_parts(desk: Desk, one: Referral, moves: Sequence[Move]) -> list[RenderableType]:
    """One matter: how it stands, what was done, what can be done next."""
    texts, catalogue, lang, clock = TEXTS[desk.lang], desk.catalogue, desk.lang, clock_of(desk, one)
    names = region_names(desk.settings.catalogue)
    head = [sort_word(desk, one), one.household, place_path(one.area, names, lang) if one.area else ""]
    parts: list[RenderableType] = [Text(" · ".join(each for each in head if each), style="title")]
    parts.append(Text(" · ".join(each for each in (state_word(desk, one), clock.text, clock.due, clock.up_to) if each), style=clock.tone))
    told = {"left": left_text(catalogue, one, lang), "why": reasons_text(catalogue, one, lang)}
    told |= {"guests": departments_text(one.departments, lang), "project": policy_word(catalogue, one.project, lang)}
    parts += [Text(str(texts[name]).format(x=text)) for name, text in told.items() if text]
    parts.append(heading(str(texts["done"])))
    parts += [indented(Text(" · ".join(x for x in (each.day, each.who, each.text, each.note) if x))) for each in happened(desk, one)]
    if moves:
        parts.append(heading(str(texts["can"])))
        for move in moves:
            parts.append(indented(Text(f"{move.id}  {words.say(move.label, lang)}")))
            codes = catalogue.referrals.codes.get(move.codes or "", ())
            if codes:
                listed = ("; " if lang == "en" else "；").join(f"{code.id} {words.say(code.label, lang)}" for code in codes)
                parts.append(indented(Text(str(texts["codes"]).format(x=listed), style="quiet")))
    return parts


def packet_parts(sections: Sequence[Section]) -> list[RenderableType]:
    """The packet."""
    parts: list[RenderableType] = []
    for one in sections:
        parts += [heading(one.title), *(indented(Text(line)) for line in one.lines)]
        if one.rows:
            parts.append(_table(one))
    return parts


def _table(one: Section) -> RenderableType:
    """A table whose columns share the width by what stands in them."""
    table = Table(box=None, header_style="quiet", pad_edge=False, padding=(0, 2, 0, 0))
    for at, head in enumerate(one.heads):
        widest = max(cell_len(row[at]) for row in one.rows)
        table.add_column(head, justify="right" if at in one.num else "left", min_width=min(11, widest), overflow="fold")
    for row in one.rows:
        table.add_row(*(Text(cell) for cell in row))
    return indented(table)


def _row(desk: Desk, one: Referral) -> tuple[str, ...]:
    clock = clock_of(desk, one)
    what = policy_word(desk.catalogue, one.project, desk.lang) or reasons_text(desk.catalogue, one, desk.lang)
    late = " · ".join(each for each in (clock.text, clock.up_to) if each)
    return one.id, one.household, f"{sort_word(desk, one)} · {what}", state_word(desk, one), late, yuan(one.amount_fen)
