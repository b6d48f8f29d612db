"""`report run | list | show | households | compare`: what is still lacking in a region, and why."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from api import reports
from api.commands_batch import Region
from api.errors import BadRequest
from api.help import Command, Group, both
from api.local_audit import note_shown
from api.options import AsOf, Json
from api.places import place_name, region_names
from api.report_files import FORMS, HIDDEN, as_json, write_files
from api.report_sheets import Sheet, Sheets, merged, points_of
from api.terminal import day, heading, listing, note
from api.wiring import CHINA, Desk, day_of
from graph.regions import LEVELS, shorten, within
from matcher.bundle_json import hours, yuan
from matcher.gap_views import LEAST, change
from matcher.kept import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWN = ("needs", "reasons", "ready", "clauses", "supply")
FIRST = 12
TEXTS = {
    "zh": {
        "more": "另有 {n} 行：加 --out 文件夹 写成表格",
        "written": "已写入 {path}",
        "none": "还没有报告：aidgraph report run --region 代码",
        "next": "报告编号 {id}",
        "nobody": "没有符合的家庭。",
        "change": "从 {a} 到 {b}",
        "heads": ("报告编号", "地区", "按哪天", "汇总于"),
        "homes": ("户号", "地区", "困难指数", "缺口和原因"),
    },
    "en": {
        "more": "{n} more rows: --out FOLDER writes tables",
        "written": "written: {path}",
        "none": "no reports yet: aidgraph report run --region CODE",
        "next": "report {id}",
        "nobody": "no such households.",
        "change": "from {a} to {b}",
        "heads": ("report", "region", "as of", "made"),
        "homes": ("household", "region", "difficulty", "what is missing, and why"),
    },
}
Name = Annotated[
    str,
    typer.Argument(
        metavar=both("报告", "REPORT"), help=both("报告编号；或地区代码，取最新的一份", "a report's id, or a region: its newest")
    ),
]
Out = Annotated[Path | None, typer.Option(help=both("把文件写到这个文件夹", "write files into this folder"))]
Form = Annotated[
    list[str] | None, typer.Option("--format", help=both("只写这种：json、csv、xlsx、html；可多次", "this form only; may be repeated"))
]
Small = Annotated[
    bool, typer.Option("--hide-small", help=both(f"不显示少于 {LEAST} 的数（给看不到家庭的人）", f"hide counts under {LEAST}"))
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    own = typer.Typer(
        cls=Group, no_args_is_help=True, help=both("缺口报告：还差什么、差在哪里、为什么", "Gap reports: what is missing, where, why")
    )
    told: dict[str, tuple[Callable[..., None], str]] = {
        "run": (run, both("汇总一个地区的缺口报告并存入图库", "Make and keep the gap report of a region")),
        "list": (list_, both("列出已有的报告", "List the reports")),
        "show": (show, both("看一份报告；或写成文件", "Show a report, or write its files")),
        "households": (households, both("一项缺口背后的家庭，最困难的在前", "The households behind a figure, hardest first")),
        "compare": (compare, both("比较两份报告", "Compare two reports")),
    }
    for name, (command, words) in told.items():
        own.command(name, cls=Command, help=words, epilog=EXAMPLES.get(name))(command)
    app.add_typer(own, name="report")


EXAMPLES = {
    "run": both(
        "aidgraph report run --region 3716\naidgraph report run --region 371602 --level village --out 报告/",
        "aidgraph report run --region 3716",
    ),
    "show": both("aidgraph report show 3716 --out 报告/ --format xlsx", "aidgraph report show 3716 --lang en"),
    "households": both(
        "aidgraph report households 3716 --need living --reason one_clause_short", "aidgraph report households 3716 --need living"
    ),
}


def run(
    context: typer.Context,
    region: Region,
    level: Annotated[
        str | None, typer.Option(help=both("分到哪一级：" + "、".join(LEVELS.values()), "told by: " + ", ".join(LEVELS.values())))
    ] = None,
    as_of: AsOf = None,
    out: Out = None,
    forms: Form = None,
    json: Json = False,
) -> None:
    """Make one."""
    desk: Desk = context.obj
    if level is not None and level not in LEVELS.values():
        raise BadRequest(
            f"没有层级“{level}”，可写 {'、'.join(LEVELS.values())}", f"no level {level!r}: one of {', '.join(LEVELS.values())}"
        )
    desk.store.migrate()
    moment = dt.datetime.now(dt.UTC)
    made = reports.make_report(desk, shorten(region.strip()), level, day_of(as_of, desk.today()) if as_of else None, moment)
    _give(desk, made, out, forms, json=json, least=None)


def list_(
    context: typer.Context,
    region: Annotated[str | None, typer.Option(help=both("只看这个地区", "this region only"))] = None,
    json: Json = False,
) -> None:
    """All of them, the newest first."""
    desk: Desk = context.obj
    found = [one for one in reports.heads_of(desk.store) if region is None or within(one.region, shorten(region.strip()))]
    if json:
        desk.screen.json([one.to_json() for one in found])
    elif found:
        names = region_names(desk.settings.catalogue)
        rows = [
            (one.id, place_name(one.region, names, desk.lang), day(one.as_of, desk.lang), f"{one.made_at.astimezone(CHINA):%Y-%m-%d %H:%M}")
            for one in found
        ]
        desk.screen.show(listing(TEXTS[desk.lang]["heads"], rows))
    else:
        desk.screen.show(note(str(TEXTS[desk.lang]["none"])))


def show(context: typer.Context, report: Name, out: Out = None, forms: Form = None, hide_small: Small = False, json: Json = False) -> None:
    """One report."""
    desk: Desk = context.obj
    _give(desk, reports.report_of(desk.store, report), out, forms, json=json, least=LEAST if hide_small else None)


def households(
    context: typer.Context,
    report: Name,
    need: Annotated[str | None, typer.Option(help=both("需求", "need"))] = None,
    reason: Annotated[str | None, typer.Option(help=both("原因：" + "、".join(REASONS), "reason: " + ", ".join(REASONS)))] = None,
    region: Annotated[str | None, typer.Option(help=both("报告地区内的一处", "a place within the report's region"))] = None,
    json: Json = False,
) -> None:
    """Drill down."""
    desk: Desk = context.obj
    found = reports.report_of(desk.store, report)
    homes = reports.households_behind(
        desk.store, found, need=need, reason=reason, place=shorten(region.strip()) if region else found.region
    )
    note_shown(desk, [one["household"] for one in homes])
    sheets = Sheets(found, desk.catalogue, desk.lang)
    if json:
        desk.screen.json(homes)
    elif homes:
        rows = [(one["household"], sheets.place(one["region"]), points_of(one), sheets.left(one["open"])) for one in homes]
        desk.screen.show(listing(TEXTS[desk.lang]["homes"], rows, right=(2,), grow=3))
    else:
        desk.screen.show(note(str(TEXTS[desk.lang]["nobody"])))


def compare(
    context: typer.Context, report: Name, with_: Annotated[str, typer.Argument(metavar=both("另一份", "OTHER"))], json: Json = False
) -> None:
    """What is more or less in the second than in the first."""
    desk: Desk = context.obj
    first, second = reports.report_of(desk.store, report), reports.report_of(desk.store, with_)
    found = change(second.content["tables"], first.content["tables"])
    if json:
        desk.screen.json({"from": first.id, "to": second.id, **found})
        return
    second.content["change"] = found
    sheets = [sheet for sheet in Sheets(second, desk.catalogue, desk.lang).all() if sheet.name.startswith("change_")]
    told = str(TEXTS[desk.lang]["change"]).format(a=day(first.as_of, desk.lang), b=day(second.as_of, desk.lang))
    desk.screen.show(Text(told, style="title"), *(part for sheet in sheets for part in _sheet(desk, sheet)))


def _give(desk: Desk, report: reports.Report, out: Path | None, forms: list[str] | None, *, json: bool, least: int | None) -> None:
    """Files, JSON, or the report on the screen."""
    wrong = sorted(set(forms or ()) - set(FORMS))
    if wrong:
        raise BadRequest(f"没有格式“{wrong[0]}”，可写 {'、'.join(FORMS)}", f"no format {wrong[0]!r}: one of {', '.join(FORMS)}")
    sheets = Sheets(report, desk.catalogue, desk.lang, least=least)
    written = write_files(sheets, out, tuple(forms or FORMS)) if out is not None else []
    if json:
        desk.screen.json(_value(sheets))
        return
    parts: list[RenderableType] = [Text(sheets.heading(), style="title"), note(sheets.when()), *(Text(one) for one in sheets.headlines())]
    for sheet in sheets.all():
        parts += _sheet(desk, sheet) if sheet.name in SHOWN else []
    texts = TEXTS[desk.lang]
    parts += [note(str(texts["written"]).format(path=path)) for path in written]
    desk.screen.show(*parts, note(str(texts["next"]).format(id=report.id)))


def _value(sheets: Sheets) -> Any:
    import json

    return json.loads(as_json(sheets))


def _sheet(desk: Desk, sheet: Sheet) -> list[RenderableType]:
    """A sheet at the terminal: its first rows, without columns in which nothing stands; units beside the figures, not in the head."""
    columns, rows = merged(sheet)
    kept = [n for n, (_, kind) in enumerate(columns) if kind == "text" or any(row[n] not in ("", 0) for row in rows)]
    shown = [[_cell(desk, row[n], columns[n][1]) for n in kept] for row in rows[:FIRST]]
    heads = [columns[n][0].partition("（")[0].partition(" (")[0] for n in kept]
    right = tuple(at for at, n in enumerate(kept) if columns[n][1] != "text")
    table = listing(heads, shown, right=right, grow=max((at for at in range(len(kept)) if at not in right), default=0))
    more = len(rows) - FIRST
    return [heading(sheet.title), table, *([note(str(TEXTS[desk.lang]["more"]).format(n=more))] if more > 0 else [])]


def _cell(desk: Desk, value: Any, kind: str) -> str:
    if isinstance(value, tuple):
        kind, value = value
        unit = " h" if desk.lang == "en" else " 小时/周"
        return _cell(desk, value, kind) + (unit if kind == "hours" and value is not None else "")
    if value is None:
        return HIDDEN[desk.lang]
    if kind == "text" or value == "":
        return str(value)
    return yuan(value) if kind == "fen" else hours(value) if kind == "hours" else f"{value:,}"
