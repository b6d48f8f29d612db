"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

from api.help import both

Household = Annotated[
    str,
    typer.Argument(
        metavar=both("户号", "HOUSEHOLD"), help=both("户号；不知道时用 aidgraph find 查", "the household's id; aidgraph find looks it up")
    ),
]
AsOf = Annotated[
    str | None, typer.Option(help=both("按哪一天的情况和政策，如 2026-08-01；默认今天", "the day, such as 2026-08-01; today unless told"))
]
KnownBy = Annotated[
    str | None,
    typer.Option(
        help=both(
            "只用到这一天为止已录入的事实（复盘当时的判断）；待遇、认定、成员、同意书按各自的日期",
            "only facts recorded by this day (to replay an answer); awards, recognitions, members, consents count by their own days",
        )
    ),
]
Json = Annotated[bool, typer.Option("--json", help=both("输出 JSON，供程序读取（格式见 docs/json.md）", "print JSON (docs/json.md)"))]
Paths = Annotated[
    list[Path], typer.Argument(metavar=both("文件或文件夹", "PATH"), help=both("文件，或装有 YAML 的文件夹", "files, or folders with YAML"))
]
