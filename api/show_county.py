"""What was made of a synthetic county, on a screen: who is there, the shares of every policy, what is not known."""

from collections.abc import Callable
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from api.load_county import Mark
from api.settings import Lang
from api.terminal import heading, listing, note

TEXTS = {
    "zh": {
        "done": "合成县 {county}（种子 {seed}，按 {day} 的情况）：{households} 户、{people} 人，均为虚构",
        "folder": "目录（含 60 个慈善项目、乡镇和村）：{out}；查询时加 --catalogue {out}",
        "counts": "库中共有",
        "people": "抽样 {households} 户、{members} 人：平均 {mean} 人一户；{elsewhere} 条赡养扶养关系通向另一户；未知事实 {unknown}",
        "ages": "年龄：",
        "shares": "政策与项目的结论（抽样）",
        "heads": ("政策或项目", "符合", "不符合", "待核实", "人或户"),
        "one_sided": "抽样中结论不全的：{names}",
        "complete": "每项都有符合、不符合和待核实。",
        "between": "、",
    },
    "en": {
        "done": "Synthetic county {county} (seed {seed}, as of {day}): {households} households, {people} people, all invented",
        "folder": "Its catalogue (with 60 charity projects, townships, villages): {out}; ask with --catalogue {out}",
        "counts": "In the store",
        "people": "Sample of {households} households, {members} people: {mean} a household; {elsewhere} duties of support lead to another "
        "household; facts not known {unknown}",
        "ages": "Ages: ",
        "shares": "Verdicts of policies and projects (sample)",
        "heads": ("policy or project", "yes", "no", "unknown", "of"),
        "one_sided": "Not all three verdicts in the sample: {names}",
        "complete": "Each has yes, no and unknown.",
        "between": ", ",
    },
}
KINDS_ZH = {
    **{"Household": "户", "Person": "人", "Statement": "陈述", "Consent": "同意书", "Need": "需求", "Award": "待遇", "Recognition": "认定"},
    **{"Policy": "政策", "CharityProject": "慈善项目", "Organization": "机构", "SocialWorker": "社工", "Volunteer": "志愿者"},
}


def made_parts(mark: Mark, lang: Lang, *, county: str, seed: int, out: str) -> list[RenderableType]:
    """What there is now, and how to ask about it."""
    words = TEXTS[lang]
    told = {"households": f"{mark.households:,}", "people": f"{mark.people:,}"}
    done = str(words["done"]).format(county=county, seed=seed, day=mark.as_of.isoformat(), **told)
    return [Text.assemble(("✔ ", "can"), done), note(str(words["folder"]).format(out=out))]


def report_parts(report: Any, title: Callable[[str], str], lang: Lang) -> list[RenderableType]:
    """The report of `seeds.synthetic_county_report`; `title` gives the title of a policy."""
    words, between = TEXTS[lang], str(TEXTS[lang]["between"])
    counts = between.join(f"{kind if lang == 'en' else KINDS_ZH[kind]} {count:,}" for kind, count in report.counts.items())
    known = {"households": f"{report.households:,}", "members": f"{report.members:,}", "elsewhere": f"{report.elsewhere:,}"}
    mean = f"{report.members / max(1, report.households):.2f}"
    people = str(words["people"]).format(**known, mean=mean, unknown=f"{report.unknown:.1%}")
    ages = between.join(f"{low}+ {count / max(1, report.ages.total()):.0%}" for low, count in sorted(report.ages.items()))
    names = between.join(title(policy) for policy in report.one_sided())
    return [
        heading(str(words["counts"])),
        note(counts),
        note(people),
        note(f"{words['ages']}{ages}"),
        heading(str(words["shares"])),
        listing(tuple(words["heads"]), [_row(report, policy, title(policy)) for policy in report.policies], right=(1, 2, 3, 4)),
        note(str(words["one_sided"]).format(names=names) if names else str(words["complete"])),
    ]


def _row(report: Any, policy: str, title: str) -> tuple[str, ...]:
    shares = (f"{report.shares.share(policy, word):.1%}" for word in ("yes", "no", "unknown"))
    return (title, *shares, f"{report.shares.verdicts[policy].total():,}")
