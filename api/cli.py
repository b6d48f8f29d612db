"""`aidgraph`: the program at the terminal. Global options, the commands of the other modules, and errors told in words."""

import sys
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from typer.exceptions import TyperException

from api import (
    commands_allocate,
    commands_backup,
    commands_batch,
    commands_cases,
    commands_catalogue,
    commands_check,
    commands_copy,
    commands_find,
    commands_graph,
    commands_household,
    commands_load,
    commands_project,
    commands_referral,
    commands_report,
    commands_schedule,
    commands_serve,
    commands_synthetic,
    commands_users,
    demo,
)
from api.errors import OURS, USAGE, BadRequest, Told, told
from api.help import Group, both, one
from api.settings import Lang, language_of, read_settings
from api.wiring import Desk
from matcher.errors import like

app = typer.Typer(
    cls=Group,
    add_completion=False,
    no_args_is_help=True,
    help=both(
        "为困难家庭找出政府和慈善能给的每一项帮助：按顺序、有理由、说清还差什么。",
        "Finds, for a household in difficulty, everything that government and charity can do for it: in order and with reasons.",
    ),
    epilog=both(
        "aidgraph load seeds/\naidgraph match h-001\naidgraph explain h-001 dibao\naidgraph policies 医疗\naidgraph match h-001 --json",
        "aidgraph load seeds/\naidgraph match h-001 --lang en\naidgraph explain h-001 dibao\naidgraph match h-001 --json",
    ),
)
for commands in (
    commands_load,
    commands_find,
    commands_household,
    commands_batch,
    commands_allocate,
    commands_referral,
    commands_report,
    commands_project,
    commands_schedule,
    commands_catalogue,
    commands_check,
    commands_cases,
    commands_graph,
    commands_synthetic,
    commands_serve,
    commands_users,
    commands_backup,
    commands_copy,
    demo,
):
    commands.register(app)

GLOBAL_WITH_VALUE = {"--store", "--catalogue", "--lang"}


@app.callback()
def root(
    context: typer.Context,
    store: Annotated[
        str | None,
        typer.Option(
            help=both(
                "图库地址，如 sqlite:///var/aidgraph.sqlite（或环境变量 AIDGRAPH_STORE）",
                "address of the store, such as sqlite:///var/aidgraph.sqlite (or AIDGRAPH_STORE)",
            )
        ),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            help=both(
                "政策目录所在文件夹（或 AIDGRAPH_CATALOGUE），默认用自带的 seeds",
                "folder of the catalogue (or AIDGRAPH_CATALOGUE); the seeds that came along unless told",
            )
        ),
    ] = None,
    lang: Annotated[
        str | None, typer.Option(help=both("语言：zh 或 en（或 AIDGRAPH_LANG）", "language: zh or en (or AIDGRAPH_LANG)"))
    ] = None,
) -> None:
    """Take the global options."""
    desk: Desk = context.obj
    if lang is not None and lang.strip().lower()[:2] not in get_args(Lang):
        raise BadRequest(f"没有语言“{lang}”：--lang 后面写 zh 或 en", f"there is no language {lang!r}: write --lang zh or --lang en")
    desk.use(store=store, catalogue=catalogue, lang=lang)


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and leave with its exit code."""
    words = global_options_first(sys.argv[1:] if arguments is None else arguments)
    desk = Desk(read_settings())
    desk.use(store=None, catalogue=None, lang=_language_in(words))
    try:
        code = typer.main.get_command(app).main(words, prog_name="aidgraph", standalone_mode=False, obj=desk)
        status = code if isinstance(code, int) else 0
    except (typer.Abort, KeyboardInterrupt):
        desk.screen.trouble(Told(130, "Stopped." if desk.lang == "en" else "已停止。"))
        status = 130
    except BrokenPipeError:
        status = 0
    except TyperException as problem:
        status = _misunderstood(desk, problem)
    except Exception as error:
        known = told(error, desk.lang)
        if known is None:
            desk.screen.trouble(_our_mistake(desk, error))
            status = OURS
        else:
            desk.screen.trouble(known)
            status = known.exit_code
    finally:
        desk.close()
    sys.exit(status)


def global_options_first(words: list[str]) -> list[str]:
    """`match h-001 --lang en` means the same as `--lang en match h-001`: nobody remembers which goes where."""
    first: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            return [*first, *rest, word, *waiting]
        name, equals, _ = word.partition("=")
        if name in GLOBAL_WITH_VALUE:
            first += [word] if equals else [word, *(value for value in [next(waiting, None)] if value is not None)]
        else:
            rest.append(word)
    return [*first, *rest]


def _language_in(words: list[str]) -> str | None:
    """The language that the command line asks for, read before anything else so that errors and help speak it."""
    for place, word in enumerate(words):
        if word.startswith("--lang="):
            return language_of(word.partition("=")[2])
        if word == "--lang" and place + 1 < len(words):
            return language_of(words[place + 1])
    return None


def _misunderstood(desk: Desk, problem: Any) -> int:
    """Say what was not understood in a command line; without arguments the help was shown already."""
    kind, english = type(problem).__name__, desk.lang == "en"
    if kind == "NoArgsIsHelpError":
        return USAGE
    message = str(getattr(problem, "message", problem))
    if not english:
        name = getattr(problem, "option_name", None) or one(getattr(getattr(problem, "param", None), "metavar", None), desk.lang)
        message = {
            "NoSuchOption": f"没有选项 {name}",
            "MissingParameter": f"缺少{name or '参数'}",
            "BadOptionUsage": f"选项 {name} 后面要写一个值",
            "BadParameter": f"{name or '参数'}不对",
        }.get(kind, _in_chinese(message))
    elif kind == "MissingParameter":
        message = f"{one(getattr(problem.param, 'metavar', None), desk.lang) or problem.param.name} is missing"
    context = getattr(problem, "ctx", None)
    path = context.command_path if context else "aidgraph"
    desk.screen.trouble(Told(USAGE, message, f"see: {path} --help" if english else f"用法见：{path} --help"))
    return USAGE


def _in_chinese(message: str) -> str:
    """What the reader of command lines says of a command or of words too many."""
    if "No such command" in message:
        name = message.split("'")[1]
        return f"没有命令 {name}{like(name, [one.name for one in app.registered_commands if one.name])[0]}"
    if "unexpected extra argument" in message:
        return f"命令后面多写了“{message.rpartition('(')[2].rstrip(')')}”"
    return "命令写法不对"


def _our_mistake(desk: Desk, error: Exception) -> Told:
    """An error that nobody foresaw: its kind and place, without any value that could be personal."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    kind = f"{type(error).__name__} {where}"
    if desk.lang == "en":
        return Told(OURS, f"The program made a mistake ({kind}).", "Nothing was changed half-way. Please report the command and this line.")
    return Told(OURS, f"程序出错（{kind}）。", "没有写入一半的数据。请把命令和这一行告诉维护人员。")
