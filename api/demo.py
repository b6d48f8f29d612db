"""`demo`: a store of its own with a synthetic county in it, taken through the whole flow, an account for each role, and the service.

First charity budgets are shared out, then every household is matched, then a gap report is made, all by the worker that `aidgraph schedule`
runs; then discussions are opened for whom no rule fits. The worker goes on beside the service, so that reports that are asked for on
the pages are made too.

A folder a day: on the same day the county is there already and the service begins at once; on another day a new county is drawn, since
facts go stale. Passwords are made anew at each start and shown once; nobody outside this machine reaches the service.
"""

import importlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from api import accounts, report_runs
from api.commands_serve import HOST, PORT, serve
from api.help import Command, both
from api.load_county import County, Mark, load_county
from api.permissions import EVERYWHERE, ROLE_WORDS
from api.referral_due import open_due
from api.report_sheets import Sheets
from api.reports import report_of
from api.schedule import Worker
from api.terminal import Steps, heading, listing, note
from api.wiring import Desk
from api.words import say

COUNTY = "371621"
HOUSEHOLDS = 1_000
"""About two minutes of one core until the pages are there (109 s); thirty times as much for the whole county of 30,000."""
LOOK = 5  # seconds
FOLDER = Path("var")
TEXTS = {
    "zh": {
        "county": "合成县：{households} 户、{people} 人，均为虚构；图库和目录在 {folder}",
        "stages": {"allocate": "分配慈善资金", "batch": "逐户匹配", "report": "汇总缺口", "open": "提请会商"},
        "report": "已分配慈善资金、逐户匹配、汇总缺口：{headline}",
        "opened": "按规则提请“一事一议” {n} 件",
        "failed": "县内的汇总没有做成，服务照常启动；原因见 aidgraph schedule --history",
        "accounts": "每种角色一个账号（密码只在这次运行有效）",
        "heads": ("账号", "密码", "角色", "区划"),
    },
    "en": {
        "county": "Synthetic county: {households} households, {people} people, all invented; store and catalogue are in {folder}",
        "stages": {"allocate": "sharing out budgets", "batch": "matching households", "report": "adding up", "open": "opening discussions"},
        "report": "Charity budgets are shared out, households matched, gaps added up: {headline}",
        "opened": "{n} discussions are open by rule: what no policy fits",
        "failed": "The report could not be made; the service starts all the same. Why: aidgraph schedule --history",
        "accounts": "An account for each role (the passwords are for this run only)",
        "heads": ("Account", "Password", "Role", "Regions"),
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "demo",
        cls=Command,
        help=both(
            "演示：在 var/ 下新建图库，生成合成县，走完分配、匹配、汇总，为每种角色建账号，启动服务",
            "A demonstration: a synthetic county in a store under var/, taken through the flow, accounts, the pages",
        ),
        epilog=both("aidgraph demo\naidgraph demo --households 30000 --port 8080", "aidgraph demo\naidgraph demo --households 30000"),
    )(demo)


def demo(
    context: typer.Context,
    households: Annotated[int, typer.Option(min=1, help=both("户数，默认 1000", "how many households; 1000 unless told"))] = HOUSEHOLDS,
    county: Annotated[str, typer.Option(help=both("县级代码", "code of the county"))] = COUNTY,
    seed: Annotated[int, typer.Option(help=both("种子；同一种子每次相同", "the seed"))] = 1,
    port: Annotated[int, typer.Option(help=both("端口", "port"), min=0, max=65535)] = PORT,
    folder: Annotated[Path, typer.Option(help=both("放图库的文件夹，默认 var", "the folder for stores; var unless told"))] = FOLDER,
) -> None:
    """Draw what is missing, take the county through the flow, say who can sign in, serve until stopped."""
    desk: Desk = context.obj
    place = folder / f"demo-{desk.today().isoformat()}"
    drawing = _desk(desk, place, desk.settings.catalogue)
    try:
        mark = load_county(drawing, County(county, seed, households), place / "catalogue")
        shown = _accounts(drawing, county)
    finally:
        drawing.close()
    texts = TEXTS[desk.lang]
    counts = {"households": f"{mark.households:,}", "people": f"{mark.people:,}"}
    desk.screen.show(Text.assemble(("✔ ", "can"), str(texts["county"]).format(folder=place, **counts)))
    context.obj = _desk(desk, place, place / "catalogue")
    try:
        desk.screen.show(_flow(context.obj, county, mark), _opened(context.obj, county, mark))
        desk.screen.show(heading(str(texts["accounts"])), listing(tuple(texts["heads"]), shown, grow=2), note(""))
        with _making_reports(context.obj):
            serve(context, port=port, host=HOST)
    finally:
        context.obj.close()


def _flow(desk: Desk, county: str, mark: Mark) -> Text:
    """Budgets shared out, households matched, gaps added up, once a day and size; one sentence of what was found."""
    texts, key = TEXTS[desk.lang], f"{desk.catalogue.hash}/{mark.households}"
    run, _ = report_runs.ask_for(desk.store, county, None, mark.as_of, by="demo", key=key, now=desk.now(), allocate=True)
    with Stages(desk) as stages:
        Worker(desk, told=stages).look(waiting=True)
    run = report_runs.run_of(desk.store.get("ReportRun", run.id) or {})
    if run.state != "done":
        return Text.assemble(("✗ ", "gap"), str(texts["failed"]))
    headline = Sheets(report_of(desk.store, run.report), desk.catalogue, desk.lang).headlines()[0]
    return Text.assemble(("✔ ", "can"), str(texts["report"]).format(headline=headline))


def _opened(desk: Desk, county: str, mark: Mark) -> Text:
    """Discussions opened for those of whom the results say that one is due; how many there are."""
    done = 0
    with Stages(desk) as stages:

        def told(more: int) -> None:
            nonlocal done
            done += more
            stages("open", done, mark.households)

        count = sum(1 for _ in open_due(desk, county, told))
    return Text.assemble(("✔ ", "can"), str(TEXTS[desk.lang]["opened"]).format(n=f"{count:,}"))


class Stages(ExitStack):
    """A bar with an estimate for each stage of the flow, one after the other."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk, self._stage, self._done = desk, "", 0
        self._steps: Steps | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """So many households of a stage are done."""
        words = TEXTS[self._desk.lang]["stages"]
        assert isinstance(words, dict)
        if stage != self._stage:
            self.close()
            self._steps, self._stage, self._done = self.enter_context(self._desk.screen.progress(words[stage], total)), stage, 0
        if self._steps is not None:
            self._steps.advance(done - self._done)
        self._done = done


@contextmanager
def _making_reports(desk: Desk) -> Iterator[None]:
    """While the block runs, reports that are asked for on the pages are made."""
    worker = Worker(desk)

    def work() -> None:
        while not worker.stop.wait(LOOK):
            worker.look()

    thread = threading.Thread(target=work, name="reports", daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop.set()
        thread.join(60)


def _desk(desk: Desk, place: Path, catalogue: Path) -> Desk:
    """A desk over the store of the demonstration, whatever the environment names."""
    store = f"sqlite:///{quote(str(place.resolve()))}/aidgraph.sqlite"
    return Desk(replace(desk.settings, store=store, key_file=place / "aidgraph.key", catalogue=catalogue))


def _accounts(desk: Desk, county: str) -> list[list[Text]]:
    """Make an account for each role, or give it another password; rows of account, password, role, regions."""
    rows = []
    for new in _wanted(desk, county):
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        if desk.store_for_identity.get("Account", new.id) is None:
            accounts.add_account(desk.store_for_identity, new, password, desk.now())
        else:
            accounts.change_password(desk.store_for_identity, new.id, password, desk.now())
        cells = (new.id, password, say(ROLE_WORDS[new.role], desk.lang), " ".join(new.regions))
        rows.append([Text(cell) for cell in cells])
    return rows


def _wanted(desk: Desk, county: str) -> list[accounts.NewAccount]:
    """One account a role: a worker of a township, officers of the county, a foundation of its projects."""
    village = _first_village(desk, county)
    own = (county,)
    return [
        accounts.NewAccount("demo-worker", "worker", (village[:9],), "演示社工"),
        accounts.NewAccount("demo-officer", "officer", own, "演示民政经办"),
        accounts.NewAccount("demo-department", "department", own, "演示医保经办", department="medical-insurance"),
        accounts.NewAccount("demo-foundation", "foundation", own, "演示基金会", organization=f"syn-{county}-wheat-ear"),
        accounts.NewAccount("demo-analyst", "analyst", own, "演示分析人员"),
        accounts.NewAccount("demo-admin", "admin", (EVERYWHERE,), "演示管理员"),
    ]


def _first_village(desk: Desk, county: str) -> str:
    """The village that fills up first."""
    places: Any = importlib.import_module("seeds.synthetic_county_places")
    found: str = places.county_of(desk.catalogue, county, desk.today()).villages[0].code
    return found
