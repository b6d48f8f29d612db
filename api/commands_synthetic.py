"""`synthetic`: random households that nobody is, or a whole county of them, into the store, or into a folder of files.

The generator lives with the data (`seeds/synthetic*.py`), which no package imports: it is looked up by name when the command runs.
"""

import datetime as dt
import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from api.errors import BadRequest
from api.help import Command, both
from api.load_county import BATCH, County, folder_of, load_county
from api.options import AsOf, Json
from api.show_county import made_parts, report_parts
from api.terminal import note
from api.wiring import Desk, day_of
from graph.store import put_all
from matcher.loader import load_catalogue
from matcher.records import Record, rows

UNIT = 200
"""Households written as one unit."""

Count = Annotated[
    int | None,
    typer.Argument(metavar=both("户数", "N"), min=1, help=both("生成多少户（不生成整县时）", "how many households, if no county")),
]
Seed = Annotated[int, typer.Option(help=both("种子；同一种子每次相同", "the seed"))]
Region = Annotated[str | None, typer.Option(help=both("省、市或县的代码，默认 3716", "a province, city or county; 3716 unless told"))]
Out = Annotated[
    Path | None, typer.Option(help=both("写到这个文件夹而不入库；整县时为目录文件夹", "write into this folder; of a county, its catalogue"))
]
CountyCode = Annotated[
    str | None, typer.Option(help=both("生成一个合成县：县级代码，如 371621", "make a synthetic county: its code, 371621 for example"))
]
Households = Annotated[
    int | None, typer.Option(min=1, help=both("合成县的户数，默认 30000", "households of the county; 30000 unless told"))
]
Report = Annotated[bool, typer.Option("--report", help=both("抽样计算并说明生成了什么", "run a sample and say what was made"))]
Sample = Annotated[int, typer.Option(min=1, help=both("抽样户数", "households of the sample"))]
Batch = Annotated[int, typer.Option(min=1, hidden=True)]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "synthetic",
        cls=Command,
        help=both(
            "生成随机家庭或一个合成县（虚构，带标记），写入图库；同一种子每次相同，中断后可续",
            "Draw random households or a county of them (nobody is real, all are flagged) into the store; goes on where it stopped",
        ),
        epilog=both(
            "aidgraph synthetic 1000 --seed 7 --region 3716\naidgraph synthetic 1000 --out 演练/\n"
            "aidgraph synthetic --county 371621 --households 30000 --seed 1 --report",
            "aidgraph --store sqlite:///trial.sqlite synthetic 1000 --seed 7 --region 3716\n"
            "aidgraph synthetic --county 371621 --households 30000 --seed 1 --report",
        ),
    )(synthetic)


def synthetic(
    context: typer.Context, count: Count = None, seed: Seed = 1, region: Region = None, as_of: AsOf = None, out: Out = None,
    county: CountyCode = None, households: Households = None, report: Report = False, sample: Sample = 2_000, batch: Batch = BATCH,
    json: Json = False,
) -> None:  # fmt: skip
    """Write a county, or households, in units of some hundred: what was written stays if the work is cut short."""
    desk: Desk = context.obj
    if county is not None:
        if count is not None or region is not None:
            raise BadRequest(
                "--county 与户数参数、--region 不能同时写；户数用 --households",
                "--county goes without a count and without --region: say --households",
            )
        day = day_of(as_of, desk.today()) if as_of else None
        asked = County(county, seed, households or _seeds("synthetic_county").HOUSEHOLDS, day)
        _county(desk, asked, out or folder_of(desk.settings, county), _Shown(report, sample, json), batch)
        return
    if count is None or households is not None or report or json:
        raise BadRequest(
            "请写出户数，或用 --county 生成整县（--households、--report、--json 只用于整县）",
            "say how many households, or --county (--households, --report and --json belong to a county)",
        )
    _households(desk, count, seed, region or "3716", day_of(as_of, desk.today()), out)


# --- a county ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown of a county."""

    report: bool
    sample: int
    json: bool


def _county(desk: Desk, asked: County, out: Path, shown: _Shown, batch: int) -> None:
    """Load what is missing, then say what is there."""
    mark = load_county(desk, asked, out, quiet=shown.json, batch=batch)
    catalogue = load_catalogue(out)
    report = None
    if shown.report:
        with desk.screen.progress("running the sample" if desk.lang == "en" else "抽样计算", shown.sample) as steps:
            found = _seeds("synthetic_county_report").report_on
            report = found(
                desk.store_for_identity, catalogue, asked.code, seed=asked.seed, as_of=mark.as_of, sample=shown.sample, told=steps.advance
            )
    if shown.json:
        made = {"county": asked.code, "seed": asked.seed, "as_of": mark.as_of.isoformat(), "catalogue": str(out)}
        told = {"households": mark.households, "people": mark.people, "report": report.json() if report else None}
        desk.screen.json(made | told)
        return
    desk.screen.show(*made_parts(mark, desk.lang, county=asked.code, seed=asked.seed, out=str(out)))
    if report is not None:
        english = desk.lang == "en"
        titles = {id_: each[0].title.en if english else each[0].title.zh for id_, each in catalogue.policies.items()}
        desk.screen.show(*report_parts(report, titles.__getitem__, desk.lang))


# --- households by number --------------------------------------------------------------------------------------------------


def _households(desk: Desk, count: int, seed: int, region: str, day: dt.date, out: Path | None) -> None:
    """Draw them one after the other into the store or into files."""
    if not (region.isascii() and region.isdigit() and len(region) in (2, 4, 6)):
        raise BadRequest(f"“{region}”不是省、市、县代码", f"{region!r} is no code of a province, city or county")
    drawn = _seeds("synthetic").households(desk.shipped, count=count, seed=seed, as_of=day, region=region)
    english = desk.lang == "en"
    with desk.screen.progress("drawing households" if english else "生成家庭", count) as steps:
        seen = _counted(drawn, steps.advance)
        if out is not None:
            _seeds("synthetic_files").write_files(seen, desk.shipped, out, day)
        else:
            _store(desk, seen, day)
    where = str(out) if out is not None else ("the store" if english else "图库")
    done = f"{count} households in {where}, the first is syn-{seed}-0" if english else f"{count} 户已写入{where}，第一户是 syn-{seed}-0"
    desk.screen.show(note(done))


def _seeds(name: str) -> Any:
    """A script of the data folder."""
    return importlib.import_module(f"seeds.{name}")


def _counted(records: Iterable[Record], advance: Any) -> Iterable[Record]:
    """The records, each counted as it goes by."""
    for record in records:
        yield record
        advance()


def _store(desk: Desk, records: Iterable[Record], day: dt.date) -> None:
    """Write the records, some hundred as one unit of work: what is written stays if the rest is cut off."""
    desk.store.migrate()
    flagged = _seeds("synthetic_tables").flagged
    at = dt.datetime.combine(day, dt.time(), dt.UTC)
    waiting = iter(records)
    while unit := list(islice(waiting, UNIT)):
        found = [flagged(rows(record, desk.shipped, source="synthetic", true_on=day, recorded_at=at)) for record in unit]
        desk.store.write(lambda writer, found=found: put_all(writer, *found))  # type: ignore[misc]  # bound now: the loop moves on
