"""`cases`: YAML cases, one's own or those that came along, through the chosen store."""

import typer
from rich.console import RenderableType
from rich.text import Text

from api.case_run import CaseFile, CaseRun, case_files
from api.errors import FAILED, NotFound
from api.help import Command, both
from api.options import Json, Paths
from api.terminal import indented, line
from api.wiring import Desk
from matcher.bundle_json import hours, yuan
from matcher.errors import CatalogueError, Fault
from matcher.judge import CaseResult

TEXTS = {
    "zh": {
        "running": "运行案例",
        "done": "通过 {p} 例，未通过 {f} 例",
        "unread": "文件读不懂",
        "unread_case": "写法有误，没有运行",
        "got": "得到",
        "expected": "应为",
        "none": "这些地方没有案例文件",
        "nothing": "没有",
    },
    "en": {
        "running": "cases",
        "done": "{p} passed, {f} failed",
        "unread": "the file cannot be read",
        "unread_case": "cannot be read, not run",
        "got": "got",
        "expected": "expected",
        "none": "there are no case files here",
        "nothing": "nothing",
    },
}
KEYS = {
    "zh": {
        "eligible": "可申请",
        "not eligible": "不符合",
        "unknown": "待核实",
        "ask_for": "要问的",
        "choices": "选择",
        "opened_by": "先经",
        "left": "剩余",
        "amount": "金额",
        "at_least": "至少",
        "at_most": "至多",
        "in": "应选",
        "out": "不应选",
        "error": "错误",
    },
    "en": {
        "ask_for": "to ask",
        "opened_by": "opened by",
        "amount": "amount",
        "at_least": "at least",
        "at_most": "at most",
        "in": "chosen",
        "out": "not chosen",
        "error": "error",
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "cases",
        cls=Command,
        help=both("用案例检验政策：逐例通过或指出差在哪里", "Try the rules on cases: each passes, or what differs is shown"),
        epilog=both(
            "aidgraph cases seeds/cases/\naidgraph cases 本县案例.yaml --json",
            "aidgraph cases seeds/cases/ --lang en\naidgraph --catalogue other/ cases other/cases/",
        ),
    )(cases)


def cases(context: typer.Context, paths: Paths, json: Json = False) -> None:
    """Run the cases; leave with 1 if any did not pass."""
    desk: Desk = context.obj
    files = case_files(paths, desk.catalogue)
    if not files:
        raise NotFound(TEXTS["zh"]["none"], TEXTS["en"]["none"])
    every = [case for file in files for case in file.cases]
    found: dict[int, CaseResult] = {}
    with desk.screen.progress(TEXTS[desk.lang]["running"], len(every)) as steps:
        for place, result in CaseRun(desk.store, desk.catalogue).results(every):
            found[place] = result
            steps.advance()
    results = _in_order(files, found)
    if json:
        desk.screen.json([_plain(result) for result in results])
    else:
        desk.screen.show(*_parts(desk, results))
    if not all(result.passed for result in results):
        raise typer.Exit(FAILED)


def _in_order(files: list[CaseFile], found: dict[int, CaseResult]) -> list[CaseResult]:
    """Results as the files have them; a case or file that cannot be read is one that did not pass."""
    results: list[CaseResult] = []
    place = 0
    for file in files:
        if file.problem is not None:
            results.append(_unread(file.name, file.name, file.problem))
        for _ in file.cases:
            results.append(found[place])
            place += 1
        results += [_unread(name, file.name, error) for name, error in file.refused.items()]
    return results


def _unread(name: str, file: str, error: CatalogueError) -> CaseResult:
    """A case, or a whole file, that cannot be read."""
    faults = [{"file": one.file, "line": one.line, "path": one.path, "zh": one.zh, "en": one.en} for one in error.faults]
    return CaseResult(name, file, False, {"faults": faults}, {"faults": []})


def _plain(result: CaseResult) -> dict[str, object]:
    return {"name": result.name, "file": result.file, "passed": result.passed, "got": result.got, "expected": result.expected}


def _parts(desk: Desk, results: list[CaseResult]) -> list[RenderableType]:
    """Pass or fail for each, by file; under those that did not pass what differs."""
    texts, parts, file = TEXTS[desk.lang], list[RenderableType](), ""
    for result in results:
        if result.file != file:
            file = result.file
            parts.append(Text(file, style="quiet"))
        if "faults" in result.got:
            unread = texts["unread"] if result.name == result.file else f"{result.name}: {texts['unread_case']}"
            parts.append(indented(Text.assemble(("✗ ", "gap"), unread)))
            parts += [indented(_fault(one, desk), 4) for one in _list(result.got["faults"])]
            continue
        parts.append(indented(Text.assemble(("✔ ", "can") if result.passed else ("✗ ", "gap"), result.name)))
        if not result.passed:
            parts += [indented(_differs(key, result, desk), 4) for key in result.expected if result.got[key] != result.expected[key]]
    passed = sum(result.passed for result in results)
    return [*parts, line(), Text(texts["done"].format(p=passed, f=len(results) - passed), style="can" if passed == len(results) else "gap")]


def _fault(one: object, desk: Desk) -> Text:
    assert isinstance(one, dict)
    fault = Fault(**one)
    return Text(f"{fault.place}: {fault.en if desk.lang == 'en' else fault.zh}")


def _differs(key: str, result: CaseResult, desk: Desk) -> Text:
    """One line: what was expected, what came out."""
    texts = TEXTS[desk.lang]
    head = _key(key, desk)
    return Text.assemble(
        (head + "  ", "title"),
        f"{texts['expected']} {_value(key, result.expected[key], desk)}  ",
        (f"{texts['got']} {_value(key, result.got[key], desk)}", "gap"),
    )


def _key(key: str, desk: Desk) -> str:
    """`medical-aid@p amount_fen`, in words."""
    name, _, what = key.partition(" ")
    target, _, who = name.partition("@")
    words = KEYS[desk.lang]
    left = target.startswith("left.")
    target = target.removeprefix("left.")
    known = desk.catalogue.policies.get(target)
    title = known[-1].title if known else desk.catalogue.needs[target].title if target in desk.catalogue.needs else None
    text = words.get(target, target) if title is None else (title.en if desk.lang == "en" else title.zh)
    text = f"{text}@{who}" if who else text
    tail = words.get(what.removesuffix("_fen"), "") if what not in ("fen", "hours") else ""
    return f"{words.get('left', 'left')} {text}" if left else f"{text} {tail}".rstrip()


def _value(key: str, value: object, desk: Desk) -> str:
    """A value of a case in words: fen as yuan, verdicts in their four words."""
    words, money = KEYS[desk.lang], key.endswith("fen")
    if value is None:
        return TEXTS[desk.lang]["nothing"]
    if isinstance(value, dict):
        told = [f"{words.get(name, name)} {_value(key, one, desk)}" for name, one in value.items() if one not in (None, [])]
        return "; ".join(told) if desk.lang == "en" else "，".join(told)
    if isinstance(value, list) and key.endswith(("fen", "hours")):
        ends = [_number(one, money) for one in value]
        return ends[0] if ends[0] == ends[-1] else f"{ends[0]}–{ends[-1]}"
    if isinstance(value, list):
        return ("; " if desk.lang == "en" else "、").join(str(one) for one in value) or TEXTS[desk.lang]["nothing"]
    if isinstance(value, int | float):
        return _number(value, money)
    return words.get(str(value), str(value))


def _number(value: object, money: bool) -> str:
    if value is None:
        return "∞"
    assert isinstance(value, int | float)
    return yuan(round(value)) if money else hours(round(value * 100))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
