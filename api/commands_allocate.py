"""`allocate`: charity budgets shared out among the households of a region, hardest first, as holds that are over some day."""

from typing import Annotated

import typer

from api.allocate import Sharing
from api.errors import BadRequest
from api.help import Command, both
from api.options import AsOf, Json
from api.places import region_names
from api.show_allocation import allocation_parts, shared_json
from api.wiring import Desk, day_of
from graph.regions import shorten

READING = {"zh": "逐户匹配", "en": "matching"}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "allocate",
        cls=Command,
        help=both(
            "分配慈善资金：最困难的先得，每户说明理由\n预留若干天，逾期未发放即退回项目。",
            "Share out charity budgets: the hardest case first, a reason for each\nGrants are holds; what is not paid in time goes back.",
        ),
        epilog=both(
            "aidgraph allocate --project anxin-relief-fund --dry-run\naidgraph allocate --region 371602",
            "aidgraph allocate --project anxin-relief-fund --dry-run --lang en\naidgraph allocate --region 371602 --lang en",
        ),
    )(allocate)


def allocate(
    context: typer.Context,
    project: Annotated[str | None, typer.Option(help=both("只分配这一个项目（编号）", "this project only (its id)"))] = None,
    region: Annotated[
        str | None, typer.Option(help=both("只在这个地区分配（区划代码）", "among the households of this region (its code)"))
    ] = None,
    as_of: AsOf = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=both("只试算，不写入", "a trial: write nothing"))] = False,
    json: Json = False,
) -> None:
    """Share out, and say who gets what."""
    desk: Desk = context.obj
    if project is None and region is None:
        zh, en = "请写明项目或地区：--project 编号，或 --region 代码", "name a project or a region: --project ID, or --region CODE"
        raise BadRequest(zh, en)
    code = shorten(region.strip()) if region else None
    day = day_of(as_of, desk.today())
    sharing = Sharing(desk.store, desk.engine, day, desk.today(), dry_run)
    desk.store.migrate()
    sharing.begin(project, code)
    with desk.screen.progress(READING[desk.lang], len(sharing.homes)) as steps:
        sharing.read(steps.advance)
    shared = list(sharing.shared())
    if json:
        head = {"as_of": day.isoformat(), "catalogue": desk.catalogue.hash, "region": code, "dry_run": dry_run, "resumed": sharing.resumed}
        desk.screen.json({**head, "projects": [shared_json(one) for one in shared]})
    else:
        desk.screen.show(
            *allocation_parts(shared, region_names(desk.settings.catalogue), desk.lang, dry_run=dry_run, resumed=sharing.resumed)
        )
