"""Arguments and options of `load`, `withdraw` and `template`."""

from pathlib import Path
from typing import Annotated

import typer

from api.help import both
from api.load_templates import TEMPLATES

_KINDS = "household person member supporter parent consent statement award recognition"

Inputs = Annotated[
    list[Path],
    typer.Argument(
        metavar=both("路径", "PATH"),
        help=both(
            "政策目录、案例文件、CSV、XLSX、JSON，或装有它们的文件夹", "a catalogue, a case file, CSV, XLSX, JSON, or a folder of these"
        ),
    ),
]
Kind = Annotated[
    str | None,
    typer.Option(help=both(f"文件是哪一类：{_KINDS}，或清单名如 bills", f"what a file holds: {_KINDS}, or a list such as bills")),
]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        help=both("映射文件：本县列名对应到我们的字段（见 docs/import.md）", "a county's column names to our fields (docs/import.md)"),
    ),
]
Who = Annotated[
    str,
    typer.Option(
        "--source",
        help=both(
            "谁说的：部门或 visit、applicant 等，说法冲突时按 facts.yaml 的次序取舍",
            "who says so: a department, visit, applicant …; facts.yaml ranks them where they differ",
        ),
    ),
]
TrueOn = Annotated[
    str | None,
    typer.Option(
        "--true-on", help=both("文件没有 true_on 列时，这些情况是哪一天的", "the day on which this held, where there is no column true_on")
    ),
]
Complete = Annotated[
    list[str] | None,
    typer.Option(
        "--complete",
        help=both("这是全量：该清单（awards、bills 等）已完整，不在其中即没有", "a full extract: the list (awards, bills …) is whole"),
    ),
]
Region = Annotated[
    str | None, typer.Option(help=both("全量所及的地区代码，如 371602", "region that the full extract covers, such as 371602"))
]
Department = Annotated[
    str | None, typer.Option(help=both("全量出自哪个部门，如 civil-affairs", "whose register it is, such as civil-affairs"))
]
Skip = Annotated[list[str] | None, typer.Option(help=both("略过的列，可重复", "a column to leave out; may be repeated"))]
Json = Annotated[bool, typer.Option("--json", help=both("输出 JSON，供程序读取（格式见 docs/import.md）", "print JSON (docs/import.md)"))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=both("只说会做什么，不改动", "say what would be done, change nothing"))]
Source = Annotated[
    str,
    typer.Argument(metavar=both("来源", "SOURCE"), help=both("载入时显示的来源或文件名", "the source, or file name, that a load showed")),
]
TemplateKind = Annotated[str, typer.Argument(metavar=both("类型", "KIND"), help=both(" ".join(TEMPLATES), " ".join(TEMPLATES)))]
