"""`backup`: one file with everything in the store, as it was at one moment, while others go on working; the key is kept apart."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from api.help import Command, both
from api.options import Json
from api.settings import key_file_of
from api.terminal import note

if TYPE_CHECKING:
    from api.wiring import Desk

DONE = {
    "zh": "已备份到 {path}（{size:.1f} MB）。恢复：把它放回图库的位置，或用 --store sqlite:///{path} 直接打开。",
    "en": "Backed up to {path} ({size:.1f} MB). To restore, put it where the store was, or open it with --store sqlite:///{path}.",
}
KEY = {
    "zh": "身份密钥不在其中，请把 {key} 另存一处：没有它，姓名、证件号码和电话都读不出来。",
    "en": "The identity key is not in it. Keep a copy of {key} elsewhere: without it no name, ID card or phone can be read.",
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "backup",
        cls=Command,
        help=both("把整个图库备份成一个文件，不影响他人使用", "Write the whole store into one file, while others go on working"),
        epilog=both(
            "aidgraph backup /backup/aidgraph-2026-11-22.sqlite",
            "aidgraph backup /backup/aidgraph-2026-11-22.sqlite\naidgraph --store sqlite:////backup/aidgraph-2026-11-22.sqlite match h-001",
        ),
    )(backup)


def backup(
    context: typer.Context,
    path: Annotated[
        Path, typer.Argument(metavar=both("文件", "FILE"), help=both("备份文件，须不存在", "the file to write; it must not exist yet"))
    ],
    json: Json = False,
) -> None:
    """Write the copy; leave with 5 if the store or the file cannot be used."""
    desk: Desk = context.obj
    desk.store.backup(path)
    size, key = path.stat().st_size, key_file_of(desk.settings)
    if json:
        desk.screen.json({"file": str(path), "bytes": size, "key": str(key) if key is not None and key.exists() else None})
        return
    desk.screen.show(Text(DONE[desk.lang].format(path=path, size=size / 1_000_000)))
    if key is not None and key.exists():
        desk.screen.show(note(KEY[desk.lang].format(key=key)))
