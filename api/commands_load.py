"""`load`, `withdraw`, `template`: catalogues, cases and files of people into the store, and a file out of it again."""

import datetime as dt
import sys
from pathlib import Path

import typer

from api.errors import BadRequest, NotFound
from api.help import Command, both
from api.load_cases import load_case_file
from api.load_catalogue import CatalogueResult, is_catalogue, store_catalogue
from api.load_clashes import clashes
from api.load_complete import check_list, check_region, state_complete
from api.load_files import Load, in_order, load_file
from api.load_lookup import StoreLookup
from api.load_options import (
    Complete,
    Department,
    DryRun,
    Inputs,
    Json,
    Kind,
    MappingFile,
    Region,
    Skip,
    Source,
    TemplateKind,
    TrueOn,
    Who,
)
from api.load_progress import LoadProgress
from api.load_results import FileResult, Note, exit_code
from api.load_show import TEXTS, catalogue_parts, file_parts, whole_part
from api.load_tables import ENDINGS
from api.load_templates import TEMPLATES, template_text
from api.load_withdraw import withdraw_parts, withdraw_source
from api.places import region_names
from api.settle import settle_referrals
from api.terminal import note
from api.wiring import Desk, day_of
from graph.ingest import Import
from matcher.ingest_mapping import Mapping, read_mapping
from matcher.loader import load_catalogue
from matcher.yaml_source import text_of

YAML = (".yaml", ".yml")


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "load",
        cls=Command,
        help=both(
            "载入政策目录、案例、家庭和人员的文件；同一文件再载入不会改变任何内容",
            "Load a catalogue, cases, files of households and people; the same file again changes nothing",
        ),
        epilog=both(
            "aidgraph load seeds/\naidgraph load seeds/cases/c2.yaml\naidgraph load household.csv person.csv\n"
            "aidgraph load 低保台账.xlsx --mapping 低保台账.yaml --source civil-affairs\n"
            "aidgraph load award.csv --complete awards --department civil-affairs --region 371602 --true-on 2026-06-30",
            "aidgraph load seeds/\naidgraph load seeds/cases/c2.yaml\naidgraph load household.csv person.csv\n"
            "aidgraph load ledger.xlsx --mapping ledger.yaml --source civil-affairs\n"
            "aidgraph load award.csv --complete awards --department civil-affairs --region 371602 --true-on 2026-06-30",
        ),
    )(load)
    app.command(
        "withdraw",
        cls=Command,
        help=both("撤回一个载入错的文件；别处也说过的内容保留", "Take back a file that was loaded by mistake; what others also say stays"),
        epilog=both(
            "aidgraph withdraw award.csv --dry-run\naidgraph withdraw civil-affairs/award.csv",
            "aidgraph withdraw award.csv --dry-run\naidgraph withdraw civil-affairs/award.csv",
        ),
    )(withdraw)
    app.command(
        "template",
        cls=Command,
        help=both("打印一份可填写的样表", "Print a file to fill in"),
        epilog=both(
            "aidgraph template person > person.csv\naidgraph template policy > 新政策.yaml",
            "aidgraph template person > person.csv\naidgraph template policy > new-policy.yaml",
        ),
    )(template)


def load(
    context: typer.Context, paths: Inputs, kind: Kind = None, mapping: MappingFile = None, source: Who = "import", true_on: TrueOn = None,
    complete: Complete = None, region: Region = None, department: Department = None, skip: Skip = None, json: Json = False,
) -> None:  # fmt: skip
    """Load everything that is named; leave with 1 if rows were rejected, 4 if a file could not be read."""
    desk: Desk = context.obj
    folders, cases, tables = _sorted(paths)
    whole = _whole(desk, complete, region, department, true_on)
    catalogues = [store_catalogue(desk.store_for_identity, load_catalogue(folder), folder, desk.today()) for folder in folders]
    results = [load_case_file(desk.store_for_identity, desk.catalogue, path) for path in cases]
    if tables:
        job = Load(
            desk.store_for_identity, desk.catalogue, desk.today(), dt.datetime.now(dt.UTC), who=source.strip("/"), kind=kind,
            true_on=day_of(true_on, desk.today()) if true_on else None, mapping=_mapping(mapping, skip or []),
            regions=region_names(desk.settings.catalogue),
        )  # fmt: skip
        results += _load_tables(desk, job, tables, quiet=json)
    stated = _state(desk, whole, results, source) if whole else None
    _show(desk, catalogues, results, stated, whole, json=json)
    if code := exit_code(results):
        raise typer.Exit(code)


def withdraw(context: typer.Context, source: Source, dry_run: DryRun = False, json: Json = False) -> None:
    """Take back what one file told."""
    desk: Desk = context.obj
    done = withdraw_source(desk.store, source, dt.datetime.now(dt.UTC), dry_run=dry_run)
    if json:
        removed, kept = dict(sorted(done.removed.items())), dict(sorted(done.kept.items()))
        desk.screen.json({"source": source, "dry_run": dry_run, "statements": done.statements, "removed": removed, "kept": kept})
    else:
        desk.screen.show(*withdraw_parts(done, desk.lang, dry_run=dry_run))


def template(context: typer.Context, kind: TemplateKind) -> None:
    """Print a file to fill in."""
    desk: Desk = context.obj
    if kind not in TEMPLATES:
        raise BadRequest(
            f"没有样表“{kind}”",
            f"there is no template {kind}",
            hint=(f"可用：{'、'.join(TEMPLATES)}", f"there are: {', '.join(TEMPLATES)}"),
        )
    sys.stdout.write(template_text(kind, desk.lang))


# --- load, step by step ------------------------------------------------------------------------------------------------------


def _sorted(paths: list[Path]) -> tuple[list[Path], list[Path], list[Path]]:
    """Catalogues, case files and files of people. Raises NotFound, BadRequest."""
    folders, cases, tables = list[Path](), list[Path](), list[Path]()
    for path in paths:
        if not path.exists():
            raise NotFound(f"没有找到 {path}", f"there is no {path}")
        if is_catalogue(path):
            folders.append(path)
            continue
        inside = sorted(one for one in path.rglob("*") if one.suffix.lower() in (*ENDINGS, *YAML)) if path.is_dir() else [path]
        inside = [one for one in inside if not one.name.endswith(".rejects.csv") and not one.name.startswith((".", "~$"))]
        if not inside and path.is_dir():
            raise BadRequest(f"文件夹 {path} 中没有可载入的文件", f"there is nothing to load in the folder {path}")
        for one in inside:
            (cases if one.suffix.lower() in YAML else tables).append(one)
    if not folders and not cases and not tables:
        raise BadRequest(
            "没有可载入的文件：*.rejects.csv 是上次没有载入的行，请改好原文件再载入",
            "there is nothing to load: *.rejects.csv holds the rows that a load rejected; mend the file itself and load that",
        )
    names = [one.name for one in (*cases, *tables)]
    for name in names:
        if names.count(name) > 1:
            raise BadRequest(
                f"有两个文件都叫 {name}，来源会分不清，请改名", f"two files are called {name}: rename one, or their sources are the same"
            )
    return folders, cases, tables


def _mapping(path: Path | None, skip: list[str]) -> Mapping:
    """The mapping file, with the columns to leave out. Raises NotFound, CatalogueError."""
    if path is None:
        return Mapping(skip=tuple(skip))
    if not path.is_file():
        raise NotFound(f"没有找到映射文件 {path}", f"there is no mapping file {path}")
    found = read_mapping(text_of(path, path.name), path.name)
    found_skip = (*found.skip, *skip)
    return Mapping(
        found.kind, found.header, found.sheet, found.encoding, found.columns, found.constants, found.fill_down, found_skip, found.skip_all
    )


def _load_tables(desk: Desk, job: Load, tables: list[Path], *, quiet: bool) -> list[FileResult]:
    results = []
    with LoadProgress(desk.lang, quiet=quiet) as progress:
        for path in in_order(tables, job):
            progress.file(path.name)
            results.append(load_file(job, path, progress.stored))
    settle_referrals(job.store)
    if job.awarded and results:
        results[-1].warnings += clashes(job.store, job.catalogue, job.awarded)
    return results


Whole = tuple[list[str], str, dt.date]


def _whole(desk: Desk, complete: list[str] | None, region: str | None, department: str | None, true_on: str | None) -> Whole | None:
    """What is to be stated as whole: checked before anything is read. Raises BadRequest."""
    if not complete:
        return None
    if region is None or true_on is None:
        raise BadRequest(
            "--complete 还需要 --region（哪个地区）和 --true-on（哪一天）",
            "--complete also needs --region (where) and --true-on (which day)",
        )
    day = day_of(true_on, desk.today())
    if day > desk.today():
        raise BadRequest(f"--true-on {day} 在将来", f"--true-on {day} is in the future")
    lists = [check_list(desk.catalogue, name, department) for name in complete]
    lookup = StoreLookup(desk.store_for_identity, named=region_names(desk.settings.catalogue))
    return lists, check_region(lookup, region), day


def _state(desk: Desk, whole: Whole, results: list[FileResult], source: str) -> int | None:
    """State the lists as whole, but only if every row was taken."""
    lists, region, day = whole
    if not results or exit_code(results):
        for result in results[-1:]:
            result.warnings.append(Note(TEXTS["zh"]["not_whole"], TEXTS["en"]["not_whole"]))
        return None
    file = results[-1].file
    imported = Import(f"{source.strip('/')}/{file}", file, dt.datetime.now(dt.UTC))
    return state_complete(desk.store_for_identity, desk.catalogue, lists, region, day, imported)


def _show(
    desk: Desk, catalogues: list[CatalogueResult], results: list[FileResult], stated: int | None, whole: Whole | None, *, json: bool
) -> None:
    if json:
        told = None if whole is None else {"lists": whole[0], "region": whole[1], "true_on": whole[2].isoformat(), "statements": stated}
        files = [result.json() for result in results]
        desk.screen.json(
            {"catalogues": [one.json() for one in catalogues], "files": files, "complete": told, "exit_code": exit_code(results)}
        )
        return
    for one in catalogues:
        desk.screen.show(*catalogue_parts(one, desk.lang))
    if results:
        desk.screen.show(*file_parts(results, desk.lang))
    if whole is not None and stated is not None:
        desk.screen.show(whole_part(desk.lang, region=whole[1], lists=whole[0], day=whole[2].isoformat(), count=stated))
    if catalogues and not results and not any(sum(one.changed.values()) for one in catalogues):
        desk.screen.show(note(TEXTS[desk.lang]["same"]))
