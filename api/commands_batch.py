"""`batch`: every household of a region through the rules, kept in the store; goes on where it was cut off."""

import datetime as dt
import time
from typing import Annotated

import typer

from api import batch as runs
from api.help import Command, both
from api.options import AsOf, Json
from api.terminal import columns, note
from api.wiring import Desk, day_of
from graph.regions import shorten

Region = Annotated[str, typer.Option(metavar=both("代码", "CODE"), help=both("省、市、县、乡镇或村的代码", "code of the region"))]
TEXTS = {
    "zh": {
        "title": "逐户匹配",
        "resumed": "接着上次中断处继续：已完成 {n} 户",
        "none": "{region} 没有在住的家庭",
        "done": "{region} 全部完成：{households} 户，{people} 人",
        "rows": {"ready": "有可申请的", "asking": "有待核实的", "lacking": "仍有缺口的"},
        "unit": "{n} 户",
        "spent": "用时 {elapsed:.0f} 秒；处理器：读取 {reading:.1f} 秒，规则与结果 {rules:.1f} 秒，写入 {writing:.1f} 秒；"
        "读取之外由 {processes} 个处理器分担，每个 {each:.1f} 秒",
        "next": "缺口报告：aidgraph report run --region {region} --as-of {day}",
    },
    "en": {
        "title": "matching",
        "resumed": "going on where it was cut off: {n} households are done",
        "none": "nobody lives in {region}",
        "done": "{region} is done: {households} households, {people} people",
        "rows": {"ready": "can apply for something", "asking": "have something to be checked", "lacking": "still lack something"},
        "unit": "{n} households",
        "spent": "took {elapsed:.0f} s; of processor: reading {reading:.1f} s, rules and results {rules:.1f} s, writing {writing:.1f} s; "
        "without reading {each:.1f} s on each of {processes}",
        "next": "gap report: aidgraph report run --region {region} --as-of {day}",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "batch",
        cls=Command,
        help=both(
            "一个地区的全部家庭逐户匹配，结果存入图库；中断后接着做",
            "Match every household of a region and keep the results; goes on where it was cut off",
        ),
        epilog=both("aidgraph batch --region 3716\naidgraph batch --region 371602 --as-of 2026-08-01", "aidgraph batch --region 3716"),
    )(batch)


def batch(
    context: typer.Context,
    region: Region,
    as_of: AsOf = None,
    near: Annotated[
        bool, typer.Option("--near", help=both("也找“差一点”的项目（每户约半秒）", "near misses too (half a second each household)"))
    ] = False,
    json: Json = False,
) -> None:
    """Run it, partition by partition."""
    desk: Desk = context.obj
    texts, code = TEXTS[desk.lang], shorten(region.strip())
    desk.store.migrate()
    run = runs.begin(desk.store, code, day_of(as_of, desk.today()), desk.catalogue.hash, near=near, now=dt.datetime.now(dt.UTC))
    if run.households and not json:
        desk.screen.show(note(str(texts["resumed"]).format(n=f"{run.households:,}")))
    spent, began = runs.Spent(), time.monotonic()
    with desk.screen.progress(str(texts["title"]), run.total) as steps:
        steps.advance(run.households)
        for now in runs.go_on(desk.store, desk.engine, run, spent=spent):
            steps.advance(now.households - run.households)
            run = now
    run = runs.finish(desk.store, run, dt.datetime.now(dt.UTC))
    if json:
        desk.screen.json(batch_json(run) | {"seconds": seconds_json(spent, time.monotonic() - began)})
    else:
        _show(desk, run, seconds_json(spent, time.monotonic() - began))


def batch_json(run: runs.Batch) -> dict[str, object]:
    """The run as docs/json.md tells it."""
    counts = {name: getattr(run, name) for name in ("total", *runs.COUNTS)}
    return {"run": run.id, "region": run.region, "as_of": run.as_of.isoformat(), "catalogue": run.catalogue, "near": run.near, **counts}


def seconds_json(spent: runs.Spent, elapsed: float) -> dict[str, float]:
    """Where the time went, as docs/json.md tells it."""
    told = {name: getattr(spent, name) for name in ("reading", "rules", "writing")}
    rounded = {name: round(seconds, 1) for name, seconds in (("elapsed", elapsed), *told.items())}
    return rounded | {"each": round((spent.rules + spent.writing) / spent.processes, 1), "processes": spent.processes}


def _show(desk: Desk, run: runs.Batch, seconds: dict[str, float]) -> None:
    texts = TEXTS[desk.lang]
    if not run.households:
        desk.screen.show(note(str(texts["none"]).format(region=run.region)))
        return
    words = {"region": run.region, "households": f"{run.households:,}", "people": f"{run.people:,}", "day": run.as_of.isoformat()}
    table = columns(("left", 30), ("right", 20), ("left", None))
    rows = texts["rows"]
    assert isinstance(rows, dict)
    for name, label in rows.items():
        table.add_row(f"  {label}", str(texts["unit"]).format(n=f"{getattr(run, name):,}"), f"{getattr(run, name) / run.households:.0%}")
    spent = note(str(texts["spent"]).format(**seconds))
    desk.screen.show(str(texts["done"]).format(**words), table, spent, note(str(texts["next"]).format(**words)))
