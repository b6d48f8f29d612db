"""What a load did, for somebody at the terminal: a table of counts, the commonest reasons, warnings, and what to do next."""

from rich.console import RenderableType
from rich.text import Text

from api.load_catalogue import CatalogueResult
from api.load_results import FileResult, Note
from api.settings import Lang
from api.terminal import heading, indented, listing, note
from matcher.ingest_kinds import NAMES

TEXTS: dict[str, dict[str, str]] = {
    "zh": {
        "case": "案例家庭",
        "refused": "未读取",
        "rejects": "未载入的行及原因见 {path}",
        "warn": "注意",
        "more": "另有 {n} 种原因，见该文件",
        "rows": "{n} 行",
        "withdraw": "载错了可撤回：aidgraph withdraw {source}",
        "catalogue": "目录 {folder} 通过检查并写入",
        "ended": "目录中已没有、今天起终止：{ids}",
        "next": "查看一户：aidgraph match {id} --as-of {day}",
        "whole": "已声明 {region} 的 {lists} 在 {day} 为全量：{n} 条新陈述",
        "not_whole": "有行未载入，没有声明“全量”。改好后重新载入即可",
        "same": "没有变化",
    },
    "en": {
        "case": "households of cases",
        "refused": "not read",
        "rejects": "rejected rows and reasons: {path}",
        "warn": "note",
        "more": "{n} more reasons are in that file",
        "rows": "{n} rows",
        "withdraw": "to take a file back: aidgraph withdraw {source}",
        "catalogue": "The catalogue {folder} is sound and stored",
        "ended": "no longer in the folder, ended today: {ids}",
        "next": "look at a household: aidgraph match {id} --as-of {day}",
        "whole": "{lists} of {region} are stated to be whole on {day}: {n} new statements",
        "not_whole": "Some rows were rejected, so the list is not stated to be whole. Mend them and load again",
        "same": "nothing changed",
    },
}
HEADS: dict[str, dict[str, tuple[str, ...]]] = {
    "heads": {
        "zh": ("来源", "类别", "新增或更新", "无变化", "未载入"),
        "en": ("source", "what", "stored", "unchanged", "rejected"),
    },
    "kind": {
        "zh": ("内容", "现有", "新增或更新"),
        "en": ("what", "there", "stored"),
    },
    "household": {
        "zh": ("户号", "日期", "案例"),
        "en": ("household", "day", "case"),
    },
}
KINDS = {
    "Policy": ("政策版本", "versions of policies"),
    "CharityProject": ("慈善项目", "charity projects"),
    "NeedCategory": ("需求类别", "needs"),
    "Organization": ("机构", "organisations"),
    "Region": ("区划", "regions"),
    "SocialWorker": ("社会工作者", "social workers"),
    "Volunteer": ("志愿者", "volunteers"),
    "COVERS": ("覆盖的需求", "needs covered"),
    "UNLOCKS": ("先后衔接（由规则推出）", "what opens what (from the rules)"),
    "PRECLUDES": ("互斥（由规则推出）", "what excludes what (from the rules)"),
    "RUN_BY": ("由谁负责", "who runs what"),
    "IN_FORCE_IN": ("适用地区", "where policies are in force"),
    "SERVES": ("项目服务地区", "where projects serve"),
    "COVERS_AREA": ("人员服务地区", "areas of workers"),
    "CAN_DO": ("人员能力", "what workers can do"),
    "PART_OF": ("区划隶属", "regions within regions"),
}


def catalogue_parts(result: CatalogueResult, lang: Lang) -> list[RenderableType]:
    """A catalogue: what is there now, and what changed."""
    texts = TEXTS[lang]
    rows = [(KINDS[kind][lang == "en"], f"{there:,}", f"{result.changed[kind]:,}") for kind, there in result.there.items() if there]
    parts: list[RenderableType] = [
        heading(_say(texts["catalogue"], folder=result.folder)),
        indented(listing(HEADS["kind"][lang], rows, right=(1, 2))),
    ]
    if result.ended:
        parts.append(note(_say(texts["ended"], ids="、".join(result.ended))))
    return parts


def file_parts(results: list[FileResult], lang: Lang) -> list[RenderableType]:
    """Files of people: the counts of all, then what each one's reader should know."""
    texts, rows = TEXTS[lang], list[list[RenderableType]]()
    for result in results:
        for kind, counts in result.kinds.items():
            word = next((words for one, words in NAMES.items() if one == kind), None)
            named = texts["case"] if word is None else (word.en if lang == "en" else word.zh)
            rejected = Text(f"{counts.rejected:,}", style="gap" if counts.rejected else "")
            rows.append([result.source, named, f"{counts.stored:,}", f"{counts.unchanged:,}", rejected])
        if result.refused and not result.kinds:
            rows.append([result.source, Text(texts["refused"], style="gap"), "", "", ""])
    parts: list[RenderableType] = [Text(""), listing(HEADS["heads"][lang], rows, right=(2, 3, 4))]
    for result in results:
        parts += _one(result, lang)
    if any(result.kinds for result in results):
        parts.append(note(_say(texts["withdraw"], source=results[-1].source)))
    return parts


def _one(result: FileResult, lang: Lang) -> list[RenderableType]:
    """Why rows, or the file, were not taken; what stands out; the households of a case file."""
    texts = TEXTS[lang]
    parts: list[RenderableType] = [indented(Text.assemble((f"✗ {result.file}  ", "gap"), _of(each, lang))) for each in result.refused]
    common = result.reasons.most_common(5)
    if common:
        parts.append(indented(Text(f"{result.file}：" if lang == "zh" else f"{result.file}:", style="title")))
    for (field, zh, en), count in common:
        parts.append(indented(Text.assemble(("✗ ", "gap"), (f"{_rows(count, lang)}  {field}  ", "title"), en if lang == "en" else zh)))
    if len(result.reasons) > len(common):
        parts.append(note(_say(texts["more"], n=str(len(result.reasons) - len(common)))))
    if result.rejects:
        parts.append(note(_say(texts["rejects"], path=str(result.rejects))))
    parts += [indented(Text.assemble((f"! {texts['warn']}  ", "ask"), _of(each, lang))) for each in result.warnings]
    if result.ids:
        parts.append(indented(listing(HEADS["household"][lang], [(one["id"], one["as_of"], one["name"]) for one in result.ids], grow=2)))
        parts.append(note(_say(texts["next"], id=result.ids[0]["id"], day=result.ids[0]["as_of"])))
    return parts


def whole_part(lang: Lang, *, region: str, lists: list[str], day: str, count: int) -> RenderableType:
    """That lists were stated to be whole."""
    return note(_say(TEXTS[lang]["whole"], region=region, lists=", ".join(lists), day=day, n=str(count)))


def _rows(count: int, lang: Lang) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}" if lang == "en" else f"{count:,} 行"


def _of(each: Note, lang: Lang) -> str:
    return each.en if lang == "en" else each.zh


def _say(text: str, **words: str) -> str:
    return text.format(**words)
