"""`check`: read a whole catalogue and say what is wrong with it, line by line, or how much is in it."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.errors import UNREADABLE, told
from api.help import Command, both
from api.options import Json
from api.terminal import columns, note
from api.wiring import Desk, existing_folder
from matcher.catalogue import Catalogue
from matcher.errors import CatalogueError
from matcher.loader import load_catalogue

COUNTED = {
    "facts": ("事实", "facts"),
    "standards": ("标准", "standards"),
    "terms": ("术语", "terms"),
    "policies": ("政策", "policies"),
    "projects": ("慈善项目", "charity projects"),
    "versions": ("其中版本", "versions of these"),
    "needs": ("需求", "needs"),
}
GOOD = {"zh": "目录没有错误", "en": "No fault in the catalogue"}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "check",
        cls=Command,
        help=both("检查政策目录，逐条指出文件、行号和原因", "Check a catalogue: every fault with file, line and reason"),
        epilog=both("aidgraph check seeds/\naidgraph check 本县目录/ --json", "aidgraph check seeds/ --lang en"),
    )(check)


def check(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar=both("文件夹", "DIR"), help=both("目录所在文件夹，默认用自带的", "the folder; the one that came along unless told")
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Load a catalogue; leave with 4 if it has faults."""
    desk: Desk = context.obj
    try:
        catalogue = load_catalogue(existing_folder(folder or desk.settings.catalogue))
    except CatalogueError as error:
        if json:
            desk.screen.json({"passed": False, "counts": {}, "faults": [_fault(one) for one in error.faults]})
        else:
            known = told(error, desk.lang)
            assert known is not None
            desk.screen.trouble(known)
        raise typer.Exit(UNREADABLE) from None
    counts = counts_of(catalogue)
    if json:
        desk.screen.json({"passed": True, "hash": catalogue.hash, "counts": counts, "faults": []})
        return
    table = columns(("left", 24), ("right", 6), ("left", None))
    for name, count in counts.items():
        table.add_row(COUNTED[name][desk.lang == "en"], str(count), "")
    desk.screen.show(
        Text.assemble(("✔ ", "can"), GOOD[desk.lang]),
        table,
        note(f"{'content' if desk.lang == 'en' else '内容指纹'} {catalogue.hash[:12]}"),
    )


def counts_of(catalogue: Catalogue) -> dict[str, int]:
    """How much of everything there is."""
    projects = sum(versions[0].project is not None for versions in catalogue.policies.values())
    return {
        "facts": sum(not fact.builtin for fact in catalogue.facts.values()),
        "standards": len(catalogue.standards),
        "terms": len(catalogue.terms),
        "policies": len(catalogue.policies) - projects,
        "projects": projects,
        "versions": sum(len(versions) for versions in catalogue.policies.values()),
        "needs": len(catalogue.needs),
    }


def _fault(one: object) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("file", "line", "path", "zh", "en")}
