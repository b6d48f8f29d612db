"""The gap report as one printable page: three sentences, charts that say their finding, the tables under them.

It needs no network and no script. Source: screens, gap report.
"""

from html import escape
from typing import Any

from api.report_sheets import Sheet, Sheets
from api.settings import Lang
from matcher.bundle_json import hours, yuan
from matcher.gap_views import LEAST

WIDTH, LINE, LABEL, FIGURE = 720, 30, 210, 120
MOST = 12
TEXTS: dict[Lang, dict[str, str]] = {
    "zh": {
        "hidden": f"少于 {LEAST}",
        "by_needs": "{label}缺口最大：至少还差 {x}",
        "by_places": "{label}缺口最大：{x} 户确有缺口",
        "by_reasons": "最多的原因是{label}：{x} 户次",
        "by_clauses": "“{label}”一条单独挡住 {x} 户",
        "hours": "{x} 小时/周",
        "more": "另有 {n} 行，见表格文件",
        "note": "“至少”按已核实的情况计算；“至多”不含上限不明的。本报告由系统按规则汇总，仅供研判，不作为审批依据。",
    },
    "en": {
        "hidden": f"fewer than {LEAST}",
        "by_needs": "Most is missing for {label}: at least {x}",
        "by_places": "Most households are in {label}: {x}",
        "by_reasons": "Most often: {label}, {x} times (a household counts once for each need)",
        "by_clauses": "“{label}” alone refuses {x} households",
        "hours": "{x} hours a week",
        "more": "{n} more rows: see the table files",
        "note": "“At least” counts what is known; “at most” leaves out what has no upper end. Added up by rule; no decision rests on it.",
    },
}
STYLE = """
:root { --accent: #0b5f61; --rule: #c9d2d2; --quiet: #55605f; }
* { box-sizing: border-box; }
body { font: 17px/1.6 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #1c2423;
  max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 28px; line-height: 1.3; margin: 0 0 .25rem; }
h2 { font-size: 21px; margin: 2.25rem 0 .5rem; border-top: 1px solid var(--rule); padding-top: 1rem; }
.when, .note { color: var(--quiet); font-size: 14px; }
.said { font-size: 21px; margin: .75rem 0; padding: 0; list-style: none; }
.said li { margin: .35rem 0; }
.wide { overflow-x: auto; }
figure { margin: .75rem 0; }
svg { width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; vertical-align: bottom; border-bottom: 2px solid var(--accent); padding: .3rem .75rem .3rem 0; min-width: 4.5em; }
td { border-bottom: 1px solid var(--rule); padding: .3rem .75rem .3rem 0; vertical-align: top; }
.n { text-align: right; }
@media print {
  body { max-width: none; padding: 0; font-size: 12px; }
  h2 { break-after: avoid; }
  tr, figure { break-inside: avoid; }
  thead { display: table-header-group; }
  .wide { overflow: visible; }
  table { font-size: 10px; }
}
"""
SECTIONS = (
    "needs",
    "places",
    "reasons",
    "ready",
    "clauses",
    "misses",
    "supply",
    "projects",
    "circles",
    "categories",
    "change_needs",
    "change_reasons",
)
RIGHT = ' class="n"'
Bar = tuple[str, int, str]
"""What it is about, its size, its figure in words."""


def page(sheets: Sheets) -> str:
    """The whole page."""
    by_name, title = {sheet.name: sheet for sheet in sheets.all()}, escape(sheets.heading())
    parts = []
    for sheet in (by_name[name] for name in SECTIONS if name in by_name):
        drawn = bars_of(sheets, sheet.name)
        chart = _chart(*drawn) if drawn else ""
        parts.append(f"<section><h2>{escape(sheet.title)}</h2>{chart}{_table(sheet, sheets.lang)}</section>")
    said = "".join(f"<li>{escape(one)}</li>" for one in sheets.headlines())
    lang = "en" if sheets.lang == "en" else "zh-CN"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    body = f'<h1>{title}</h1><p class="when">{escape(sheets.when())}</p><ul class="said">{said}</ul>{"".join(parts)}'
    note = f'<p class="note">{escape(TEXTS[sheets.lang]["note"])}</p>'
    return (
        f'<!doctype html>\n<html lang="{lang}"><head>{head}<style>{STYLE}</style></head>\n<body><main>{body}{note}</main></body></html>\n'
    )


def bars_of(sheets: Sheets, name: str) -> tuple[str, list[Bar]] | None:
    """What the chart of a sheet finds, and its bars, the longest first; None where there is nothing to draw."""
    charts = {"needs": _need_bars, "places": _place_bars, "reasons": _reason_bars, "clauses": _clause_bars}
    bars = sorted(charts[name](sheets), key=lambda bar: -bar[1])[:MOST] if name in charts else []
    if not bars or (name == "places" and len(bars) == 1):
        return None
    label = sheets.clause(*_first_clause(sheets)) if name == "clauses" else bars[0][0]
    return TEXTS[sheets.lang][f"by_{name}"].format(label=label, x=bars[0][2]), bars


def _table(sheet: Sheet, lang: Lang) -> str:
    """A sheet as a table, its first rows."""
    heads = "".join(f'<th scope="col"{"" if kind == "text" else RIGHT}>{escape(head)}</th>' for head, kind in sheet.columns)
    rows = []
    for row in sheet.rows[: 4 * MOST]:
        cells = "".join(
            f"<td>{escape(str(value))}</td>" if kind == "text" else f'<td class="n">{_figure(value, kind, lang)}</td>'
            for value, (_, kind) in zip(row, sheet.columns, strict=True)
        )
        rows.append(f"<tr>{cells}</tr>")
    more = len(sheet.rows) - 4 * MOST
    note = f'<p class="note">{TEXTS[lang]["more"].format(n=more)}</p>' if more > 0 else ""
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>{note}'


def _figure(value: Any, kind: str, lang: Lang) -> str:
    if value is None:
        return TEXTS[lang]["hidden"]
    if value == "":
        return ""
    return yuan(value) if kind == "fen" else hours(value) if kind == "hours" else f"{value:,}"


def _need_bars(sheets: Sheets) -> list[Bar]:
    rows = [row for row in sheets.views["needs"] if row["lo"] and not sheets.is_hours(row["need"])]
    return [(sheets.need(row["need"]), row["lo"], yuan(row["lo"])) for row in rows]


def _place_bars(sheets: Sheets) -> list[Bar]:
    return [(sheets.place(row["region"]), row["lacking"], f"{row['lacking']:,}") for row in sheets.views["places"] if row["lacking"]]


def _reason_bars(sheets: Sheets) -> list[Bar]:
    """Households by reason: a household with two needs stands under each."""
    counted: dict[str, int] = {}
    for row in sheets.views["reasons"]:
        name = sheets.reason(row["reason"])
        counted[name] = counted.get(name, 0) + (row["households"] or 0) + (row["may_households"] or 0)
    return [(name, n, f"{n:,}") for name, n in counted.items() if n]


def _clause_bars(sheets: Sheets) -> list[Bar]:
    rows = [row for row in sheets.views["clauses"] if row["households"]]
    shape = "{policy}: {clause}" if sheets.lang == "en" else "{policy}：{clause}"
    told = [shape.format(policy=sheets.policy(row["policy"]), clause=sheets.clause(row["policy"], row["clause"])) for row in rows]
    return [(name, row["households"], f"{row['households']:,}") for name, row in zip(told, rows, strict=True)]


def _first_clause(sheets: Sheets) -> tuple[str, str]:
    """The clause that refuses most."""
    most = max((row for row in sheets.views["clauses"] if row["households"]), key=lambda row: int(row["households"]))
    return most["policy"], most["clause"]


def _chart(finding: str, shown: list[Bar]) -> str:
    """Bars, each with its name and figure; the finding is the chart's title."""
    longest, room = max(size for _, size, _ in shown), WIDTH - LABEL - FIGURE
    lines = []
    for number, (name, size, figure) in enumerate(shown):
        top, width = number * LINE, max(2, round(size * room / longest))
        lines += [
            f'<text x="{LABEL - 10}" y="{top + 20}" text-anchor="end">{escape(_short(name))}<title>{escape(name)}</title></text>',
            f'<rect x="{LABEL}" y="{top + 5}" width="{width}" height="{LINE - 10}" fill="#2f8285"/>',
            f'<text x="{LABEL + width + 8}" y="{top + 20}">{escape(figure)}</text>',
        ]
    box = f'viewBox="0 0 {WIDTH} {len(shown) * LINE}" font-size="14" fill="#1c2423" role="img" aria-label="{escape(finding)}"'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{"".join(lines)}</svg>'
    return f"<figure><figcaption><strong>{escape(finding)}</strong></figcaption>{drawn}</figure>"


def _short(name: str, most: int = 27) -> str:
    """A name within the room for it, counted in half widths."""
    used = 0
    for at, letter in enumerate(name):
        used += 2 if ord(letter) > 0x2E80 else 1
        if used > most:
            return name[: at - 1] + "…"
    return name
