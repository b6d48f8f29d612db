"""Help texts in the reader's language: `both(zh, en)` writes both into a Typer declaration, and these classes show the one wanted.

Typer's own help is English throughout, so the pages are laid out here, in the order: what it does, how to write it, examples.
"""

from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from api.settings import Lang
from api.terminal import heading, indented

if TYPE_CHECKING:
    from api.wiring import Desk

BETWEEN = "\x1f"

HEADS = {
    "zh": {
        "usage": "用法",
        "commands": "命令",
        "arguments": "参数",
        "options": "选项",
        "examples": "例子",
        "command": "命令",
        "more": "某个命令的说明：{path} 命令 --help",
    },
    "en": {
        "usage": "Usage",
        "commands": "Commands",
        "arguments": "Arguments",
        "options": "Options",
        "examples": "Examples",
        "command": "COMMAND",
        "more": "About one command: {path} COMMAND --help",
    },
}
OWN = {"help": ("显示这个说明", "Show this help")}


def both(zh: str, en: str) -> str:
    """One text that holds both languages."""
    return f"{zh}{BETWEEN}{en}"


def one(text: str | None, lang: Lang) -> str:
    """The half that is wanted; a text without halves is itself."""
    zh, separator, en = (text or "").partition(BETWEEN)
    return (en if lang == "en" and separator else zh).strip()


class Command(TyperCommand):
    """A command whose help speaks the reader's language."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Lay out the help of one command."""
        del formatter
        show_help(self, ctx)


class Group(TyperGroup):
    """The same for the program as a whole."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Lay out the list of commands."""
        del formatter
        show_help(self, ctx)


def show_help(command: Command | Group, ctx: Any) -> None:
    """Print what a command does, how it is written and examples."""
    desk: Desk = ctx.obj
    lang, heads = desk.lang, HEADS[desk.lang]
    params = command.get_params(ctx)
    arguments = [p for p in params if p.param_type_name == "argument"]
    options = [p for p in params if p.param_type_name == "option" and not getattr(p, "hidden", False)]
    words = [ctx.command_path, *(_metavar(p, lang) for p in arguments)]
    usage = " ".join(words) + (f" {heads['command']} …" if isinstance(command, Group) else "") + " [--…]"
    parts: list[Any] = [Text(one(command.help, lang)), heading(heads["usage"]), indented(usage)]
    if isinstance(command, Group):
        listed = [
            (name, one(sub.help, lang).split("\n")[0]) for name in command.list_commands(ctx) if (sub := command.get_command(ctx, name))
        ]
        parts += [heading(heads["commands"]), _pairs(listed)]
    if arguments:
        parts += [heading(heads["arguments"]), _pairs([(_metavar(p, lang), one(getattr(p, "help", ""), lang)) for p in arguments])]
    parts += [heading(heads["options"]), _pairs([(", ".join(p.opts), _option_help(p, lang)) for p in options])]
    if command.epilog:
        parts += [heading(heads["examples"]), *(indented(line) for line in one(command.epilog, lang).splitlines())]
    if isinstance(command, Group):
        parts += [Text(""), Text(heads["more"].format(path=ctx.command_path), style="quiet")]
    desk.screen.show(*parts)


def _metavar(param: Any, lang: Lang) -> str:
    name = one(param.metavar or str(param.name).upper(), lang)
    many = "…" if param.nargs == -1 else ""
    return f"{name}{many}" if param.required else f"[{name}{many}]"


def _option_help(param: Any, lang: Lang) -> str:
    return OWN[param.name][lang == "en"] if param.name in OWN else one(param.help, lang)


def _pairs(rows: list[tuple[str, str]]) -> RenderableType:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for left, right in rows:
        table.add_row(Text(left, style="title"), Text(right))
    return indented(table)
