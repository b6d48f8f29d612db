"""`match`, `ask`, `explain`: one household at the terminal."""

from typing import Annotated

import typer

from api.help import Command, both
from api.local_audit import note_shown
from api.options import AsOf, Household, Json, KnownBy
from api.page import Page, page_json, page_of
from api.show_explain import explain_json, explain_parts, subjects_of
from api.show_household import household_page, old_parts, questions_table
from api.terminal import heading, note
from api.wiring import Desk, day_of

ASK = {"zh": "要核实的 {n} 件事，先问最有用的", "en": "{n} to find out, the most useful first"}
MORE = {"zh": "还有 {n} 件：aidgraph ask {h} --all", "en": "{n} more: aidgraph ask {h} --all"}
SHOWN = 20
"""So many questions at once, unless all are asked for."""
NOTHING = {"zh": "没有要再核实的：现有信息已足够判断每一项。", "en": "Nothing to ask: what is known settles every item."}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "match",
        cls=Command,
        help=both(
            "一户的全部：能得到什么、先问什么、还差什么", "Everything on one household: what it can get, what to ask, what is missing"
        ),
        epilog=both(
            "aidgraph match h-001\naidgraph match h-001 --as-of 2026-08-01\naidgraph match h-001 --json", "aidgraph match h-001 --lang en"
        ),
    )(match)
    app.command(
        "explain",
        cls=Command,
        help=both(
            "一项政策为何符合、为何不符合，依据哪条规定", "Why a household is or is not eligible for one policy, and by which article"
        ),
        epilog=both(
            "aidgraph explain h-001 dibao\naidgraph explain h-001 医疗救助 --who p-002",
            "aidgraph explain h-001 medical-aid --who p-002 --lang en",
        ),
    )(explain)
    app.command(
        "ask",
        cls=Command,
        help=both("还要核实哪些情况、问哪个部门、能定下多少钱", "What is still to be found out, whom to ask, what it would settle"),
        epilog=both("aidgraph ask h-001\naidgraph ask h-001 --all", "aidgraph ask h-001 --lang en"),
    )(ask)


def match(
    context: typer.Context,
    household: Household,
    as_of: AsOf = None,
    known_by: KnownBy = None,
    near: Annotated[bool, typer.Option("--near", help=both("也找“差一点”的项目（较慢）", "seek near misses too (slower)"))] = False,
    json: Json = False,
) -> None:
    """The household's page."""
    desk: Desk = context.obj
    page = _page(desk, household, as_of, known_by, near=near)
    if json:
        desk.screen.json(page_json(page))
    else:
        desk.screen.show(*household_page(page, desk.lang))


def ask(
    context: typer.Context,
    household: Household,
    as_of: AsOf = None,
    known_by: KnownBy = None,
    every: Annotated[bool, typer.Option("--all", help=both("全部列出", "all of them"))] = False,
    json: Json = False,
) -> None:
    """The questions."""
    desk: Desk = context.obj
    page = _page(desk, household, as_of, known_by)
    asked = page.answers.asked_for
    if json:
        desk.screen.json([question.to_json() for question in asked])
    elif asked:
        shown = asked if every else asked[:SHOWN]
        desk.screen.show(*old_parts(page, desk.lang), heading(ASK[desk.lang].format(n=len(asked))), questions_table(page, shown, desk.lang))
        if len(asked) > len(shown):
            desk.screen.show(note(MORE[desk.lang].format(n=len(asked) - len(shown), h=household)))
    else:
        desk.screen.show(note(NOTHING[desk.lang]))


def explain(
    context: typer.Context,
    household: Household,
    policy: Annotated[
        str,
        typer.Argument(
            metavar=both("政策", "POLICY"), help=both("政策编号或名称（可只写一部分）", "the policy's id or title, or a part of it")
        ),
    ],
    who: Annotated[str | None, typer.Option(help=both("只看这一位成员", "this member only"))] = None,
    as_of: AsOf = None,
    known_by: KnownBy = None,
    json: Json = False,
) -> None:
    """The reasons."""
    desk: Desk = context.obj
    page = _page(desk, household, as_of, known_by)
    targets = subjects_of(page, policy, who)
    if json:
        desk.screen.json([explain_json(page, one, subject) for one, subject in targets])
        return
    for one, subject in targets:
        desk.screen.show(*explain_parts(page, one, subject, desk.lang))


def _page(desk: Desk, household: str, as_of: str | None, known_by: str | None, *, near: bool = False) -> Page:
    """The household's page, noted in the audit. Raises NotFound."""
    page = page_of(desk, household, day_of(as_of, desk.today()), day_of(known_by, desk.today()) if known_by else None, near=near)
    note_shown(desk, [household])
    return page
