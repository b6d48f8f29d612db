"""The townships and villages of a synthetic county: invented names under the real code of a county.

Townships have the numbers 901 and up, which no real one has. Villages fill up as the county grows: the first households live in the
first few, so that a small county has whole villages too and a larger one leaves everybody where they were.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seeds.synthetic_scene import Dice, Place

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from matcher.catalogue import Catalogue

TOWNSHIPS, VILLAGES_EACH = 14, 24
FIRST_TOWNSHIPS, FIRST_VILLAGES = 4, 16
GROWTH = 60
"""So many clusters of households open one more village."""
STREETS = 1
"""Townships that are the county's town: their communities are urban; elsewhere the first community of a township is."""
FIRST_SYLLABLES = (
    ("和", "He"), ("永", "Yong"), ("清", "Qing"), ("柳", "Liu"), ("石", "Shi"), ("杏", "Xing"), ("槐", "Huai"), ("望", "Wang"),
    ("长", "Chang"), ("云", "Yun"), ("泉", "Quan"), ("枣", "Zao"), ("高", "Gao"), ("南", "Nan"), ("双", "Shuang"), ("春", "Chun"),
)  # fmt: skip
SECOND_SYLLABLES = (
    ("溪", "xi"), ("安", "an"), ("河", "he"), ("桥", "qiao"), ("林", "lin"), ("坡", "po"), ("湾", "wan"), ("丰", "feng"), ("塘", "tang"),
    ("岭", "ling"), ("店", "dian"), ("平", "ping"), ("坝", "ba"), ("园", "yuan"), ("井", "jing"), ("集", "ji"),
)  # fmt: skip
SIDES = (("前", "Front "), ("后", "Back "), ("东", "East "), ("西", "West "), ("上", "Upper "), ("下", "Lower "))


@dataclass(frozen=True, slots=True)
class Area:
    """A township or a village. `residence` is urban or rural."""

    code: str
    zh: str
    en: str
    residence: str


@dataclass(frozen=True, slots=True)
class County:
    """The places of a county and the lines that hold there. `villages` are in the order in which they fill up."""

    code: str
    townships: tuple[Area, ...]
    villages: tuple[Area, ...]
    lines: dict[str, Place]

    def place(self, dice: Dice, number: int, residence: str | None = None) -> Place:
        """Where a household of cluster `number` lives, among the villages that are open by then."""
        open_ = min(len(self.villages), FIRST_VILLAGES + number // GROWTH)
        village = self.villages[dice.randrange(open_)]
        if residence is not None and village.residence != residence:
            village = next((v for v in self.villages[dice.randrange(open_) :] if v.residence == residence), village)
        return replace(self.lines[village.residence], region=village.code)


def county_of(catalogue: Catalogue, code: str, day: dt.date) -> County:
    """The county under this code. Raises LookupError if seeds/regions has no such county."""
    if code not in counties():
        raise LookupError(code)
    dice = Dice(f"places/{code}")
    names = _names(dice)
    townships, villages = [], []
    for number, (zh, en) in enumerate([next(names) for _ in range(TOWNSHIPS)]):
        street = number < STREETS
        kind = ("街道", "Street") if street else ("镇", "Town")
        area = Area(f"{code}{901 + number}", zh + kind[0], f"{en} {kind[1]}", "urban" if street else "rural")
        townships.append(area)
        villages.append([_village(area, at, *next(names), dice) for at in range(VILLAGES_EACH)])
    early = [row[at] for at in range(FIRST_VILLAGES // FIRST_TOWNSHIPS) for row in villages[:FIRST_TOWNSHIPS]]
    rest = [row[at] for at in range(VILLAGES_EACH) for row in villages if row[at] not in early]
    lines = {residence: Place.of(catalogue, code, residence, day) for residence in ("urban", "rural")}
    return County(code, tuple(townships), (*early, *rest), lines)


@cache
def counties() -> frozenset[str]:
    """The codes of the counties of seeds/regions."""
    found = set()
    for path in sorted((Path(__file__).parent / "regions").glob("*.csv")):
        found |= {row["code"] for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()) if len(row["code"]) == 6}
    return frozenset(found)


def regions_csv(county: County) -> str:
    """Townships and villages as a file of a catalogue's folder `regions/`."""
    lines = ["code,name_zh,name_en", *(f"{area.code},{area.zh},{area.en}" for area in (*county.townships, *county.villages))]
    return "\n".join(lines) + "\n"


def _village(township: Area, at: int, zh: str, en: str, dice: Dice) -> Area:
    """A community of a town (numbers below 200) or a village (from 201)."""
    urban = township.residence == "urban" or at == 0
    if urban:
        return Area(f"{township.code}{at + 1:03}", f"{zh}社区", f"{en} Community", "urban")
    side = dice.choice(SIDES) if dice.chance(0.3) else ("", "")
    return Area(f"{township.code}{201 + at}", f"{side[0]}{zh}村", f"{side[1]}{en} Village", "rural")


def _names(dice: Dice) -> Iterator[tuple[str, str]]:
    """Invented names, each once, and a third syllable when two are used up."""
    pairs = [(a[0] + b[0], a[1] + b[1]) for a in FIRST_SYLLABLES for b in SECOND_SYLLABLES]
    dice.shuffle(pairs)
    yield from pairs
    yield from ((f"新{zh}", f"Xin{en.lower()}") for zh, en in pairs)
