"""`synthetic`: draw random households that nobody is, and put them into the store or into a file of graph rows.

The generator lives with the data (`seeds/synthetic.py`), which no package imports: it is looked up by name when the command runs.
"""

import datetime as dt
import importlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from api.errors import BadRequest
from api.help import Command, both
from api.options import AsOf
from api.terminal import note
from api.wiring import Desk, day_of
from graph.model import EDGE_KINDS, NODE_KINDS
from graph.store import Writer
from matcher.records import Record, Rows, rows

UNIT = 200
"""Households written as one unit."""


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "synthetic",
        cls=Command,
        help=both(
            "生成随机家庭（虚构，带标记），写入图库；同一种子每次相同",
            "Draw random households (nobody is real, all are flagged) into the store; the same seed gives the same",
        ),
        epilog=both(
            "aidgraph synthetic 1000 --seed 7 --region 3716\naidgraph synthetic 1000 --out 演练/",
            "aidgraph --store sqlite:///trial.sqlite synthetic 1000 --seed 7 --region 3716",
        ),
    )(synthetic)


def synthetic(
    context: typer.Context,
    count: Annotated[int, typer.Argument(metavar=both("户数", "N"), min=1, help=both("生成多少户", "how many households"))],
    seed: Annotated[int, typer.Option(help=both("种子；同一种子每次相同", "the seed"))] = 1,
    region: Annotated[str, typer.Option(help=both("省、市或县的代码", "a province, city or county"))] = "3716",
    as_of: AsOf = None,
    out: Annotated[Path | None, typer.Option(help=both("写到这个文件夹而不入库", "write into this folder, not into the store"))] = None,
) -> None:
    """Write them in units of some hundred: what was written stays if the work is cut short."""
    desk: Desk = context.obj
    day = day_of(as_of, desk.today())
    if not (region.isascii() and region.isdigit() and len(region) in (2, 4, 6)):
        raise BadRequest(f"“{region}”不是省、市、县代码", f"{region!r} is no code of a province, city or county")
    drawn = _seeds("synthetic").households(desk.catalogue, count=count, seed=seed, as_of=day, region=region)
    english = desk.lang == "en"
    with desk.screen.progress("drawing households" if english else "生成家庭", count) as steps:
        seen = _counted(drawn, steps.advance)
        if out is not None:
            _seeds("synthetic_files").write_files(seen, desk.catalogue, out, day)
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
        found = [flagged(rows(record, desk.catalogue, source="synthetic", true_on=day, recorded_at=at)) for record in unit]
        desk.store.write(lambda writer, found=found: _put(writer, found))  # type: ignore[misc]  # bound now: the loop moves on


def _put(writer: Writer, found: list[Rows]) -> None:
    """All nodes, then all edges."""
    for kind in NODE_KINDS:
        for one in found:
            if one.get(kind):
                writer.upsert_nodes(kind, one[kind])
    for kind in EDGE_KINDS:
        for one in found:
            if one.get(kind):
                writer.upsert_edges(kind, one[kind])
