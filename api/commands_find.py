"""`find`: a household by the name, ID card or phone of somebody in it.

What is looked for is typed at a prompt or read from the standard input, never an argument: arguments stay in the history of the shell.
"""

import sys
from typing import Annotated

import typer
from rich.text import Text

from api.errors import BadRequest, NotFound
from api.finding import found_by
from api.help import Command, both
from api.local_audit import note_shown
from api.options import Json
from api.terminal import listing, note
from api.wiring import Desk
from graph.errors import KeyMissing
from graph.identity import Part

PROMPT: dict[Part, tuple[str, str]] = {
    "name": ("姓名", "Name"),
    "idcard": ("证件号", "ID card"),
    "phone": ("电话", "Phone"),
    "address": ("住址", "Address"),
}
HEADS = {"zh": ("户号", "姓名", "住址", "人数"), "en": ("Household", "Name", "Place", "People")}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "find",
        cls=Command,
        help=both(
            "按姓名、证件号或电话查户号\n要查的内容在提示后输入或从标准输入读取，不写在命令里，以免留在历史记录中。",
            "Look up a household by name, ID card or phone\nTyped at the prompt or sent to the standard input, never in the command.",
        ),
        epilog=both(
            "aidgraph find\naidgraph find --id\naidgraph find --phone < 号码.txt",
            "aidgraph find --lang en\naidgraph find --id\naidgraph find --phone < number.txt",
        ),
    )(find)


def find(
    context: typer.Context,
    name: Annotated[bool, typer.Option("--name", help=both("按姓名查（默认）", "by name (unless told otherwise)"))] = False,
    idcard: Annotated[bool, typer.Option("--id", help=both("按证件号查", "by ID card"))] = False,
    phone: Annotated[bool, typer.Option("--phone", help=both("按电话查", "by phone"))] = False,
    json: Json = False,
) -> None:
    """Look a household up."""
    desk: Desk = context.obj
    part: Part = "idcard" if idcard else "phone" if phone and not name else "name"
    if desk.identity is None:
        raise KeyMissing(
            "没有找到身份密钥文件：还没有导入过姓名、证件号或电话，或密钥不在图库旁边（AIDGRAPH_KEY_FILE 可指定）",
            "no identity key was found: no names were loaded yet, or the key is not beside the store (AIDGRAPH_KEY_FILE tells where)",
        )
    found = found_by(desk, part, _typed(desk, part))
    note_shown(desk, [one.household for one in found], "find")
    households = [one.to_json() for one in found]
    if json:
        desk.screen.json(households)
        return
    if not households:
        word = PROMPT[part][desk.lang == "en"]
        raise NotFound(
            f"没有找到这个{word}对应的家庭",
            f"no household has this {word.lower()}",
            hint=("核对有无错字，或换证件号、电话再查", "check the spelling, or try ID card or phone"),
        )
    heads = HEADS[desk.lang]
    rows = [
        (Text(str(one["household"]), style="title"), Text(str(one["name"])), Text(str(one["place"])), Text(str(one["people"])))
        for one in households
    ]
    desk.screen.show(listing(heads, rows, right=(3,), grow=2))
    if len(households) == 1:
        desk.screen.show(note(f"{'next' if desk.lang == 'en' else '接下来'}: aidgraph match {households[0]['household']}"))


def _typed(desk: Desk, part: Part) -> str:
    """What is looked for: a prompt at a terminal, else the first line of the standard input."""
    word = PROMPT[part][desk.lang == "en"]
    text: str = (
        typer.prompt(word, prompt_suffix=": " if desk.lang == "en" else "：", err=True) if desk.screen.interactive else sys.stdin.readline()
    )
    if not text.strip():
        raise BadRequest(f"没有输入{word}", f"no {word.lower()} was given")
    return text.strip()
