"""Policies, facts and terms on the terminal, in plain words."""

import datetime as dt
from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from api import words
from api.places import place_name
from api.reading import Reading
from api.settings import Lang
from api.terminal import columns, day, heading, indented, listing, note
from matcher.bundle_json import yuan
from matcher.catalogue import Clause, Fact, Group, PolicyVersion, Source, Term

Names = dict[str, tuple[str, str]]
HEADS = {
    "zh": {
        "policies": ("层", "政策", "编号", "受理部门", "对象"),
        "facts": ("名称", "编号", "类型", "谁能核实"),
        "terms": ("名称", "编号", "类型"),
    },
    "en": {
        "policies": ("Layer", "Policy", "Id", "Department", "For"),
        "facts": ("Fact", "Name", "Type", "Who can tell"),
        "terms": ("Term", "Id", "Type"),
    },
}
TEXTS = {
    "zh": {
        "all": "须同时满足",
        "any": "满足其中之一",
        "not": "不得",
        "gives": "给什么",
        "how": "怎样办",
        "source": "依据",
        "where": "适用 {x}",
        "everywhere": "全国",
        "from": "{d} 起",
        "until": "至 {d}",
        "at_least": "至少 {x}",
        "at_most": "至多 {x}",
        "cap": "最高 {x}",
        "covers": "用于{x}",
        "precludes": "不能与{x}同时享受",
        "choose_one": "与{x}择一享受",
        "tops_up": "补足与{x}的差额",
        "grants": "认定为{x}，有效 {n} 个月",
        "grants_open": "认定为{x}",
        "accepts": "{x}受理",
        "decides": "{x}审核确认",
        "days": "{n} 个工作日",
        "publicity": "公示 {n} 天",
        "documents": "材料：{x}",
        "nothing": "无须自备材料",
        "budget": "项目资金 {x}",
        "received": "已计入票据或发放，不另申请",
        "none": "不设条件",
        "week": "每周",
    },
    "en": {
        "all": "All of these",
        "any": "One of these",
        "not": "Not",
        "gives": "What it gives",
        "how": "How to get it",
        "source": "By",
        "where": "in {x}",
        "everywhere": "the whole country",
        "from": "from {d}",
        "until": "until {d}",
        "at_least": "at least {x}",
        "at_most": "at most {x}",
        "cap": "not above {x}",
        "covers": "for {x}",
        "precludes": "not beside {x}",
        "choose_one": "one of this and {x}",
        "tops_up": "pays the difference to {x}",
        "grants": "recognises as {x} for {n} months",
        "grants_open": "recognises as {x}",
        "accepts": "{x} accepts",
        "decides": "{x} decides",
        "days": "{n} working days",
        "publicity": "{n} days of publicity",
        "documents": "bring: {x}",
        "nothing": "nothing to bring",
        "budget": "budget {x}",
        "received": "counted where it was paid; there is nothing to apply for",
        "none": "no conditions",
        "week": "a week",
    },
}


def policies_table(found: Sequence[tuple[PolicyVersion, ...]], lang: Lang) -> Table:
    """One line for each policy."""
    rows = [
        (
            Text(words.of(words.LAYER, one[-1].layer, lang), style="quiet"),
            Text(words.say(widest(one).title, lang)),
            Text(one[-1].id, style="quiet"),
            Text(words.of(words.DEPARTMENT, one[-1].department, lang)),
            Text(words.of(words.UNIT, one[-1].unit, lang)),
        )
        for one in found
    ]
    return listing(HEADS[lang]["policies"], rows, grow=1)


def widest(versions: tuple[PolicyVersion, ...]) -> PolicyVersion:
    """The version of the whole country, else the first."""
    return next((one for one in versions if "" in one.regions), versions[0])


def policy_parts(version: PolicyVersion, reading: Reading, names: Names, lang: Lang) -> list[RenderableType]:
    """One version read back: conditions, what it gives, how to get it, by which article."""
    texts = TEXTS[lang]
    head = [
        words.of(words.LAYER, version.layer, lang),
        words.of(words.DEPARTMENT, version.department, lang),
        words.of(words.UNIT, version.unit, lang),
    ]
    parts: list[RenderableType] = [
        heading(words.say(version.title, lang)),
        note(" · ".join([*head, where(version.regions, names, lang), *span(version.from_, version.until, lang)])),
        heading(texts[version.requires.op] if version.requires.of else texts["none"]),
    ]
    parts += _conditions(version.requires, 2, lang)
    parts += [heading(texts["gives"]), *(indented(line) for line in gives(version, reading, lang))]
    parts += [heading(texts["how"]), *(indented(line) for line in how(version, lang))]
    return [*parts, heading(texts["source"]), *_sources(version.sources, lang)]


def where(regions: tuple[str, ...], names: Names, lang: Lang) -> str:
    """适用 全国, 适用 滨州市、德州市."""
    places = [place_name(one, names, lang) if one else TEXTS[lang]["everywhere"] for one in regions]
    return TEXTS[lang]["where"].format(x=("; " if lang == "en" else "、").join(places))


def span(begins: dt.date | None, ends: dt.date | None, lang: Lang) -> list[str]:
    """2021年7月1日 起, 至 2026年6月30日; nothing for an open end."""
    pairs = (("from", begins), ("until", ends))
    return [TEXTS[lang][word].format(d=day(value, lang)) for word, value in pairs if value is not None]


def _conditions(group: Group, by: int, lang: Lang) -> list[RenderableType]:
    """Conditions, groups inside moved in under their own word."""
    parts: list[RenderableType] = []
    for one in group.of:
        if isinstance(one, Clause):
            parts.append(indented(f"· {words.say(one.says, lang)}", by))
        else:
            parts.append(indented(f"· {TEXTS[lang][one.op]}{'：' if lang == 'zh' else ':'}", by))
            parts += _conditions(one, by + 4, lang)
    return parts


def gives(version: PolicyVersion, reading: Reading, lang: Lang) -> list[str]:
    """What a version gives, line by line."""
    texts, benefit, between = TEXTS[lang], version.benefit, "; " if lang == "en" else "、"
    told: list[str] = []
    colon = ": " if lang == "en" else "："
    if version.recognition:
        title = reading.title(version.recognition)
        told.append(texts["grants" if version.recognition_months else "grants_open"].format(x=title, n=version.recognition_months))
    if benefit is not None:
        kinds = (
            words.of(words.KIND, benefit.kind, lang),
            words.of(words.PAYS, benefit.pays, lang),
            words.of(words.CERTAINTY, benefit.certainty, lang),
        )
        told.append(("; " if lang == "en" else "，").join(kinds))
        per = texts["week"] if benefit.hours else words.of(words.PER, benefit.per, lang)
        amount = benefit.hours or benefit.amount
        if amount is not None:
            told += [f"{per}{colon}{line}" for line in reading.lines(amount.node)]
        bounds = (("at_least", benefit.at_least), ("at_most", benefit.at_most), ("cap", benefit.cap))
        told += [
            f"{per}{texts[name].format(x=reading.say(one.node))}"
            if lang == "zh"
            else f"{texts[name].format(x=reading.say(one.node))} {per}"
            for name, one in bounds
            if one is not None
        ]
        told += [texts["covers"].format(x=between.join(reading.title(one) for one in benefit.covers))] if benefit.covers else []
    pairs = (("precludes", version.precludes), ("choose_one", version.choose_one), ("tops_up", version.tops_up))
    told += [texts[name].format(x=between.join(reading.title(one) for one in others)) for name, others in pairs if others]
    if version.project is not None and version.project.budget_fen is not None:
        told.append(texts["budget"].format(x=yuan(version.project.budget_fen)))
    return told


def how(version: PolicyVersion, lang: Lang) -> list[str]:
    """Who accepts and decides, in how many days, and what to bring."""
    texts, procedure = TEXTS[lang], version.procedure
    if version.received:
        return [texts["received"]]
    offices = (("accepts", procedure.get("accepts")), ("decides", procedure.get("decides")))
    steps = [texts[name].format(x=words.of(words.DEPARTMENT, str(office), lang)) for name, office in offices if office]
    spans = (("days", procedure.get("working_days")), ("publicity", procedure.get("publicity_days")))
    steps += [texts[name].format(n=count) for name, count in spans if count]
    papers = ("; " if lang == "en" else "、").join(words.of(words.DOCUMENT, one, lang) for one in version.documents)
    return (
        [(", " if lang == "en" else "，").join(steps), texts["documents"].format(x=papers) if papers else texts["nothing"]]
        if steps
        else [papers or texts["nothing"]]
    )


def _sources(sources: Sequence[Source], lang: Lang) -> list[RenderableType]:
    return [indented(source_line(one, lang)) for one in sources]


def source_line(source: Source, lang: Lang) -> str:
    """《社会救助法》 第十八条 · 已核对原文 · 2026年7月1日 起."""
    article = f" {source.article}" if source.article else ""
    document = f"{source.document}{article}" if lang == "en" else f"《{source.document}》{article}"
    return " · ".join([document, words.of(words.SOURCE_MARK, source.mark, lang), *span(source.from_, None, lang)])


def facts_table(found: Sequence[Fact], lang: Lang) -> Table:
    """One line for each fact."""
    rows = [
        (
            Text(words.say(one.label, lang)),
            Text(one.name, style="quiet"),
            Text(words.of(words.FACT_TYPE, one.type, lang)),
            Text(words.of(words.DEPARTMENT, one.ask, lang)),
        )
        for one in found
    ]
    return listing(HEADS[lang]["facts"], rows, grow=0)


def fact_parts(fact: Fact, lang: Lang) -> list[RenderableType]:
    """One fact in full, with the fields of a list."""
    english = lang == "en"
    table = columns(("left", 18 if english else 12), ("left", None))
    units = [words.of(words.UNIT, one, lang) for one in fact.units]
    rows = [
        ("name" if english else "编号", fact.name),
        ("of" if english else "对象", ("; " if english else "、").join(units)),
        ("type" if english else "类型", words.of(words.FACT_TYPE, fact.type, lang)),
        ("values" if english else "取值", ("; " if english else "、").join(words.value_word(fact.name, one, lang) for one in fact.values)),
        ("period" if english else "周期", words.of(words.PER, fact.per, lang)),
        ("who can tell" if english else "谁能核实", words.of(words.DEPARTMENT, fact.ask, lang)),
        (
            "consent" if english else "同意",
            ("needed for people outside the household" if english else "户外人员须先取得同意") if fact.needs_consent else "",
        ),
    ]
    for name, value in rows:
        if value:
            table.add_row(Text(name, style="quiet"), Text(value))
    parts: list[RenderableType] = [heading(words.say(fact.label, lang)), indented(table)]
    if fact.rows and not isinstance(fact.rows, str):
        parts += [heading("Each entry" if english else "每一条"), indented(facts_table(list(fact.rows.values()), lang))]
    return parts


def terms_table(found: Sequence[Term], lang: Lang) -> Table:
    """One line for each term."""
    rows = [
        (Text(words.say(one.title, lang)), Text(one.id, style="quiet"), Text(words.of(words.FACT_TYPE, one.type, lang))) for one in found
    ]
    return listing(HEADS[lang]["terms"], rows, grow=0)


def term_parts(term: Term, reading: Reading, names: Names, lang: Lang) -> list[RenderableType]:
    """One term read back, each of its versions."""
    parts: list[RenderableType] = [heading(words.say(term.title, lang)), note(term.id)]
    for version in term.versions:
        parts.append(heading(" · ".join([where(version.regions, names, lang), *span(version.from_, version.until, lang)])))
        parts += [indented(line) for line in reading.lines(version.expression.node)]
        parts += _sources(version.sources, lang)
    return parts
