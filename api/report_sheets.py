"""A gap report as sheets with headings in words: what the terminal, the files and the printable page all show.

In: a report and the catalogue that names things. Out: sheets of plain cells: text, counts, fen, hundredths of hours. A figure
that is hidden because it is too small is None. Source: screens, gap report.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from api.report_words import HEADLINES, HEADS, REASON, TITLES
from api.reports import Report
from api.settings import Lang
from api.terminal import day, hours_text, money
from api.wiring import CHINA
from matcher.bundle_json import hours, yuan
from matcher.catalogue import Catalogue
from matcher.gap_views import views
from matcher.gaps import NONE, folded
from matcher.kept import REASONS
from matcher.language import Words

Kind = Literal["text", "count", "fen", "hours"]
TEXT: Kind = "text"
FIGURES = ("households", "persons", "may_households")
AMOUNTS = ("before_lo", "lo", "hi")
HOUR_AMOUNTS = ("before_lo", "lo", "hi", "unstaffed")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns`: (heading, kind); `name` is an id, `title` what it says."""

    name: str
    title: str
    columns: tuple[tuple[str, Kind], ...]
    rows: list[list[Any]]
    keys: tuple[dict[str, str], ...] = ()
    """What each row is about, by codes; () where rows are about nothing that could be looked behind."""


MIXED: Kind = "fen"


def merged(sheet: Sheet) -> tuple[tuple[tuple[str, Kind], ...], list[list[Any]]]:
    """For a screen: where yuan and hours have columns of their own, names, households, and of each row either its yuan or its hours.

    Such a cell is (kind, figure).
    """
    at = {kind: [n for n, (_, own) in enumerate(sheet.columns) if own == kind] for kind in ("text", "count", "fen", "hours")}
    fen, time = at["fen"], at["hours"][:3]
    if not fen or not time:
        return sheet.columns, sheet.rows
    plain = (*at["text"], at["count"][0], at["count"][2])
    columns = (*(sheet.columns[n] for n in plain), *((sheet.columns[n][0], MIXED) for n in fen))
    rows = []
    for row in sheet.rows:
        timed = row[fen[0]] == ""
        figures = [("hours" if timed else "fen", row[n]) for n in (time if timed else fen)]
        rows.append([*(row[n] for n in plain), *figures])
    return columns, rows


def points_of(home: dict[str, Any]) -> str:
    """The difficulty index of a household behind a figure: 72, or 60–72."""
    lo, hi = home["difficulty_lo"], home["difficulty_hi"]
    return str(lo) if lo == hi else f"{lo}–{hi}"


class Sheets:
    """Makes the sheets of one report in one language. least: hide counts below this."""

    def __init__(self, report: Report, catalogue: Catalogue, lang: Lang, *, least: int | None = None) -> None:
        self.report, self.catalogue, self.lang, self.least = report, catalogue, lang, least
        self.tables = report.content["tables"]
        self.views = views(self.tables, least=least)
        scale = catalogue.difficulty
        self.groups = {one.id: self.say(one.label) for one in (*scale.circles, *scale.categories)} | {NONE: HEADS[lang]["none"]}

    def say(self, words: Words) -> str:
        """The half that is wanted."""
        return words.en if self.lang == "en" else words.zh

    def need(self, name: str) -> str:
        """What a need is called."""
        return self.say(self.catalogue.needs[name].title) if name in self.catalogue.needs else name

    def policy(self, name: str) -> str:
        """What a policy is called."""
        return self.say(self.catalogue.policies[name][-1].title) if name in self.catalogue.policies else name

    def clause(self, policy: str, name: str) -> str:
        """What a condition says."""
        for version in reversed(self.catalogue.policies.get(policy, ())):
            for clause in version.clauses:
                if clause.id == name:
                    return self.say(clause.says)
        return name

    def place(self, code: str) -> str:
        """What a region is called."""
        names = self.report.content["names"] | (self.report.content.get("names_en", {}) if self.lang == "en" else {})
        return str(names.get(code, code))

    def reason(self, code: str) -> str:
        """Why something is missing."""
        return REASON[self.lang][code]

    def left(self, rows: list[dict[str, Any]]) -> str:
        """What a household behind a figure lacks: 基本生活 ¥1,200 以上（只差一条条件）."""
        told = []
        for row in rows:
            say = hours_text if self.is_hours(row["need"]) else money
            shape = "{need} {left} ({why})" if self.lang == "en" else "{need} {left}（{why}）"
            told.append(
                shape.format(need=self.need(row["need"]), left=say(row["lo"], row["hi"], self.lang), why=self.reason(row["reason"]))
            )
        return ("; " if self.lang == "en" else "；").join(told)

    def heading(self) -> str:
        """惠民县 帮扶缺口报告."""
        return HEADLINES[self.lang]["title"].format(place=self.place(self.report.region))

    def when(self) -> str:
        """The day it tells of, and when and from what it was made."""
        told = {"day": day(self.report.as_of, self.lang), "made": day(self.report.made_at.astimezone(CHINA).date(), self.lang)}
        return HEADLINES[self.lang]["when"].format(**told)

    def is_hours(self, need: str) -> bool:
        """Whether a need is counted in hours."""
        return need in self.catalogue.needs and self.catalogue.needs[need].type == "hours"

    # --- sheets ---------------------------------------------------------------------------------------------------
    def all(self) -> list[Sheet]:
        """Every sheet that has rows, in the order of reading."""
        key: dict[str, Callable[[dict[str, Any]], str]] = {
            "region": lambda row: self.place(row["region"]),
            "need": lambda row: self.need(row["need"]),
            "circle": lambda row: self.groups.get(row["circle"], row["circle"]),
            "category": lambda row: self.groups.get(row["category"], row["category"]),
            "reason": lambda row: self.reason(row["reason"]),
            "policy": lambda row: self.policy(row["policy"]),
            "clause": lambda row: self.clause(row["policy"], row["clause"]),
            "fact": lambda row: self.say(self.catalogue.facts[row["fact"]].label) if row["fact"] in self.catalogue.facts else row["fact"],
        }
        heads = ("households", "people", "lacking", "may_lack", "ready", "asking")
        plain = {"places": ("region",), "circles": ("circle",), "categories": ("category",)}
        amounts = {"needs": ("need",), "regions": ("region", "need"), "groups": ("circle", "category", "need")}
        amounts |= {"reasons": ("reason", "need"), "reasons_by_region": ("region", "need", "reason")}
        counted = {
            "ready": ("policy",),
            "ready_by_region": ("region", "policy"),
            "clauses": ("policy", "clause"),
            "misses": ("policy", "fact"),
        }
        found = [self._counts(name, names, key, heads, self.views[name]) for name, names in plain.items()]
        found += [self._amounts(name, names, key, self.views[name]) for name, names in amounts.items()]
        found += [self._counts(name, names, key, ("households", "persons"), self.views[name]) for name, names in counted.items()]
        found += [self._supply(), self._projects(), *self._change(key)]
        return [sheet for sheet in found if sheet.rows]

    def _counts(self, name: str, keys: tuple[str, ...], say: dict[str, Any], figures: tuple[str, ...], rows: list[dict[str, Any]]) -> Sheet:
        heads = HEADS[self.lang]
        columns = [(heads[one], "text") for one in keys] + [(heads[one], "count") for one in figures]
        if name in ("clauses", "ready", "misses"):
            rows = sorted(rows, key=lambda row: -(row["households"] or 0))
        filled = [[*(say[one](row) for one in keys), *(row.get(one, 0) for one in figures)] for row in rows]
        about = tuple({one: str(row[one]) for one in keys} for row in rows)
        return Sheet(name, TITLES[self.lang][name], tuple(columns), filled, about)  # type: ignore[arg-type]

    def _amounts(self, name: str, keys: tuple[str, ...], say: dict[str, Any], rows: list[dict[str, Any]]) -> Sheet:
        """Yuan for needs in money, hours a week for those in time, never in one column."""
        heads = HEADS[self.lang]
        columns = [(heads[one], "text") for one in keys] + [(heads[one], "count") for one in FIGURES]
        columns += [(heads[f"{one}_fen"], "fen") for one in AMOUNTS] + [(heads[f"{one}_hours"], "hours") for one in HOUR_AMOUNTS]
        columns.append((heads["open_ended"], "count"))
        filled = []
        if name in ("needs", "reasons"):
            rows = sorted(rows, key=lambda row: (REASONS.index(row["reason"]) if "reason" in row else 0, -(row["households"] or 0)))
        for row in rows:
            timed = self.is_hours(row["need"])
            fen = ["" if timed else row[one] for one in AMOUNTS]
            time = [row[one] if timed else "" for one in HOUR_AMOUNTS]
            filled.append([*(say[one](row) for one in keys), *(row[one] for one in FIGURES), *fen, *time, row["open_ended"]])
        about = tuple({one: str(row[one]) for one in keys} for row in rows)
        return Sheet(name, TITLES[self.lang][name], tuple(columns), filled, about)  # type: ignore[arg-type]

    def _supply(self) -> Sheet:
        """Hours wanted beside hours free, need by need."""
        heads = HEADS[self.lang]
        wanted = {row["need"]: row for row in self.views["needs"] if self.is_hours(row["need"])}
        free = {row["need"]: row for row in folded(self.tables["supply"], "need")}
        rows: list[list[Any]] = []
        for need in [one for one in self.catalogue.needs if one in wanted or (one in free and self.is_hours(one))]:
            row, near = wanted.get(need, {}), free.get(need, {})
            figures = [
                row.get("before_lo", 0),
                row.get("lo", 0),
                row.get("unstaffed", 0),
                near.get("helpers", 0),
                near.get("hours_free", 0),
            ]
            rows.append([self.need(need), *figures])
        kinds: tuple[Kind, ...] = ("hours", "hours", "hours", "count", "hours")
        names = ("before_lo_hours", "lo_hours", "unstaffed_hours", "helpers", "hours_free")
        return Sheet(
            "supply",
            TITLES[self.lang]["supply"],
            ((heads["need"], "text"), *((heads[n], k) for n, k in zip(names, kinds, strict=True))),
            rows,
        )

    def _projects(self) -> Sheet:
        heads, asked = HEADS[self.lang], {row["policy"]: row for row in self.views["asked"]}
        rows: list[list[Any]] = []
        for one in self.tables["projects"]:
            row = asked.get(one["policy"], {})
            needs = ("; " if self.lang == "en" else "、").join(self.need(need) for need in one["needs"])
            rows.append(
                [
                    self.policy(one["policy"]),
                    needs,
                    one["budget_fen"] if one["budget_fen"] is not None else "",
                    row.get("households", 0),
                    row.get("fen", 0),
                ]
            )
        columns = (
            (heads["policy"], "text"),
            (heads["need"], "text"),
            (heads["budget"], "fen"),
            (heads["households"], "count"),
            (heads["asked"], "fen"),
        )
        return Sheet("projects", TITLES[self.lang]["projects"], columns, rows)  # type: ignore[arg-type]

    def _change(self, say: dict[str, Any]) -> list[Sheet]:
        told = self.report.content["change"]
        if not told or self.least is not None:  # differences are small counts themselves
            return []
        needs = self._amounts("change_needs", ("need",), say, told["needs"])
        return [needs, self._counts("change_reasons", ("reason",), say, ("households", "persons"), told["reasons"])]

    # --- words ----------------------------------------------------------------------------------------------------
    def headlines(self) -> list[str]:
        """Three sentences that can be read aloud, each with its change since the last report."""
        texts, heads = HEADLINES[self.lang], (folded(self.tables["heads"]) or [{}])[0]
        told = (self.report.content["change"] if self.least is None else None) or {}
        before = (told.get("heads") or [{}])[0]
        needs = folded(self.tables["cells"], "need")
        if not heads.get("households") or 0 < heads["lacking"] < (self.least or 0):
            return [texts["nobody"].format(place=self.place(self.report.region))]
        fen = sum(row["lo"] for row in needs if not self.is_hours(row["need"]))
        time = sum(row["lo"] + row["unstaffed"] for row in needs if self.is_hours(row["need"]))
        share = f"{(heads['lacking'] or 0) / heads['households']:.0%}"
        place, moved = self.place(self.report.region), self._moved(before.get("lacking"))
        counts = {"n": f"{heads['lacking'] or 0:,}", "of": f"{heads['households']:,}"}
        first = texts["lacking"].format(place=place, share=share, change=moved, **counts)
        changed = sum(row["lo"] for row in told.get("needs", ()) if not self.is_hours(row["need"]))
        second = texts["amount"].format(money=yuan(fen), hours=hours(time), change=self._moved(changed if told else None, yuan))
        return [first, second, *self._why(texts)]

    def _why(self, texts: dict[str, str]) -> list[str]:
        """The reason that most households' largest need has."""
        reasons = sorted(folded(self.tables["reasons"], "reason", "need"), key=lambda row: -row["households"])
        if not reasons or not reasons[0]["households"]:
            return []
        most = reasons[0]
        shown = next(row["households"] for row in self.views["reasons"] if (row["reason"], row["need"]) == (most["reason"], most["need"]))
        said = texts["reason" if shown else "reason_hidden"]
        return [said.format(need=self.need(most["need"]), reason=REASON[self.lang][most["reason"]], n=f"{most['households']:,}")]

    def _moved(self, by: int | None, say: Callable[[int], str] = lambda n: f"{n:,}") -> str:
        """，比上次多 3 户."""
        texts = HEADLINES[self.lang]
        if by is None:
            return ""
        return texts["same"] if by == 0 else texts["more" if by > 0 else "less"].format(x=say(abs(by)))
