"""`schedule`: the process that makes reports when they are due or asked for, and brings them to their readers."""

import datetime as dt
import logging
import signal
import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api import report_runs
from api.errors import FAILED, BadRequest, NotFound
from api.help import Command, both
from api.options import Json
from api.report_runs import Delivery, Run
from api.schedule import Worker
from api.schedule_plan import Plan, Planned, read_plan
from api.terminal import heading, listing, note
from api.wiring import CHINA, Desk

LOOK = 15  # seconds between looks for what was asked for, missed or is to be tried again
SHOWN = 40
STATES = {
    "zh": {"waiting": "等待", "working": "进行中", "done": "完成", "failed": "失败"},
    "en": {"waiting": "waiting", "working": "working", "done": "done", "failed": "failed"},
}
TEXTS = {
    "zh": {
        "plan": "按计划生成的报告（时间均为北京时间）",
        "plan_heads": ("名称", "地区", "时间", "下一次", "送达"),
        "nothing": "没有计划中的报告，只处理页面上提出的；计划写在 --plan 或 AIDGRAPH_SCHEDULE 指的文件里。",
        "running": "定时服务已启动（按 Ctrl+C 停止）",
        "heads": ("编号", "地区", "按哪天", "状态", "次数", "送达"),
        "none": "还没有生成过报告。",
        "more": "另有 {n} 次：--json 列出全部",
        "failed": "{n} 件没有做成，稍后会再试；见 aidgraph schedule --history",
        "done": "没有待办的了。",
        "again": "已重新排队：{id}",
        "folder": "文件夹",
    },
    "en": {
        "plan": "Reports that are planned (times in China)",
        "plan_heads": ("name", "region", "when", "next", "goes to"),
        "nothing": "No report is planned; those asked for on the pages are made. The plan is the file at --plan or AIDGRAPH_SCHEDULE.",
        "running": "The schedule is running (Ctrl+C stops it)",
        "heads": ("run", "region", "as of", "state", "tries", "sent"),
        "none": "No report was made yet.",
        "more": "{n} more: --json lists all",
        "failed": "{n} failed and will be tried again: see aidgraph schedule --history",
        "done": "Nothing is left to do.",
        "again": "queued again: {id}",
        "folder": "folder",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "schedule",
        cls=Command,
        help=both(
            "按计划生成缺口报告并送达；补上停机时漏掉的，处理页面上提出的（计划文件的写法见 docs/operating.md）",
            "Make gap reports when they are due and send them; make up what was missed, and what the pages ask for (docs/operating.md)",
        ),
        epilog=both(
            "aidgraph schedule --plan schedule.yaml\naidgraph schedule --once\naidgraph schedule --run county-weekly\n"
            "aidgraph schedule --history",
            "aidgraph schedule --plan schedule.yaml\naidgraph schedule --once\naidgraph schedule --history --lang en",
        ),
    )(schedule)


def schedule(
    context: typer.Context,
    plan: Annotated[
        Path | None, typer.Option(help=both("计划文件（或环境变量 AIDGRAPH_SCHEDULE）", "the file with the plan (or AIDGRAPH_SCHEDULE)"))
    ] = None,
    once: Annotated[bool, typer.Option("--once", help=both("把现在该做的做完就结束", "do what is due now, and end"))] = False,
    run: Annotated[str | None, typer.Option(help=both("现在就生成计划中的这一项", "make this planned report now"))] = None,
    again: Annotated[str | None, typer.Option(help=both("重做失败的这一次（编号见历史）", "try this failed run again"))] = None,
    history: Annotated[bool, typer.Option("--history", help=both("列出做过的和在等的", "list what was made and what waits"))] = False,
    json: Json = False,
) -> None:
    """Run until stopped, or do one thing of it."""
    desk: Desk = context.obj
    desk.store.migrate()
    if history:
        _history(desk, json=json)
        return
    file = plan or desk.settings.schedule
    worker = Worker(desk, read_plan(file) if file is not None else Plan())
    if again is not None:
        desk.screen.show(note(str(TEXTS[desk.lang]["again"]).format(id=report_runs.again(desk.store, again, desk.now()).id)))
    if run is not None:
        report_runs.run_now(desk.store, _named(worker.plan, run), desk.now())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of every look that finds another at work
    if once or run is not None or again is not None:
        _once(desk, worker)
    else:
        desk.screen.show(*_planned(desk, worker.plan), note(str(TEXTS[desk.lang]["running"])))
        _forever(worker)


def _named(plan: Plan, name: str) -> Planned:
    found = plan.of(name)
    if found is None:
        known = "、".join(one.id for one in plan.reports)
        if not known:
            raise BadRequest("请用 --plan 指明计划文件", "say with --plan which file holds the plan")
        raise NotFound(f"计划里没有“{name}”，只有 {known}", f"the plan has no {name!r}, only {known.replace('、', ', ')}")
    return found


def _once(desk: Desk, worker: Worker) -> None:
    texts = TEXTS[desk.lang]
    failed = worker.look(waiting=True)
    desk.screen.show(note(str(texts["failed"]).format(n=failed) if failed else str(texts["done"])))
    if failed:
        raise typer.Exit(FAILED)


def _forever(worker: Worker) -> None:
    """Look at every moment that is planned, and every few seconds for the rest."""
    from apscheduler.executors.pool import ThreadPoolExecutor  # only here: no other command need wait for it
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop.set())
    scheduler = BackgroundScheduler(timezone=CHINA, executors={"default": ThreadPoolExecutor(1)})
    triggers: list[Any] = [*(one.trigger() for one in worker.plan.reports), IntervalTrigger(seconds=LOOK, timezone=CHINA)]
    turn = threading.Lock()

    def look() -> None:
        if turn.acquire(blocking=False):
            try:
                worker.look()
            except Exception as error:  # the store is away: the next look tries again
                logging.getLogger("aidgraph.schedule").warning("look: %s", type(error).__name__)
            finally:
                turn.release()

    for number, trigger in enumerate(triggers):
        now = {"next_run_time": dt.datetime.now(CHINA)} if number == len(triggers) - 1 else {}
        scheduler.add_job(look, trigger, id=str(number), coalesce=True, misfire_grace_time=None, **now)
    scheduler.start()
    worker.stop.wait()
    scheduler.shutdown(wait=True)


def _planned(desk: Desk, plan: Plan) -> list[Any]:
    texts = TEXTS[desk.lang]
    if not plan.reports:
        return [note(str(texts["nothing"]))]
    rows = []
    for one in plan.reports:
        to = [*([str(texts["folder"])] if plan.folder else []), *one.to]
        rows.append((one.id, one.region, one.cron, _moment(one.next(desk.now())), " ".join(to)))
    return [heading(str(texts["plan"])), listing(tuple(texts["plan_heads"]), [[Text(cell) for cell in row] for row in rows], grow=4)]


def _history(desk: Desk, *, json: bool) -> None:
    texts, runs = TEXTS[desk.lang], report_runs.runs_in(desk.store)
    if json:
        desk.screen.json([run_json(run, report_runs.deliveries_of(desk.store, run.id)) for run in runs])
    elif not runs:
        desk.screen.show(note(str(texts["none"])))
    else:
        rows = [_row(desk, run, report_runs.deliveries_of(desk.store, run.id)) for run in runs[:SHOWN]]
        more = len(runs) - SHOWN
        parts = [note(str(texts["more"]).format(n=more))] if more > 0 else []
        desk.screen.show(listing(tuple(texts["heads"]), rows, right=(4,), grow=5), *parts)


def _row(desk: Desk, run: Run, sent: list[Delivery]) -> list[Text]:
    state = STATES[desk.lang][run.state] + (f" {run.error}" if run.error else "")
    style = {"done": "can", "failed": "gap"}.get(run.state, "ask")
    wrong = next((f" {one.error}" for one in sent if one.error), "")
    delivered = f"{sum(one.state == 'done' for one in sent)}/{len(sent)}{wrong}" if sent else ""
    cells = (run.id, run.area, run.as_of.isoformat(), (state, style), str(run.attempts), delivered)
    return [Text(*cell) if isinstance(cell, tuple) else Text(cell) for cell in cells]


def run_json(run: Run, sent: list[Delivery]) -> dict[str, Any]:
    """A run as docs/json.md tells it."""
    told = run.row()
    shown = {name: value.isoformat() if isinstance(value, dt.date) else value or None for name, value in told.items()}
    shown |= {"allocate": run.allocate, "attempts": run.attempts}
    rows = [{name: getattr(one, name) or None for name in ("to", "state", "error")} | {"attempts": one.attempts} for one in sent]
    return shown | {"deliveries": rows}


def _moment(moment: dt.datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"
