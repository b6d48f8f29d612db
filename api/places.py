"""Names of regions: from the store where it has them, else from the catalogue's `regions/*.csv`."""

import csv
from functools import lru_cache
from pathlib import Path

from api.settings import Lang
from graph.errors import RegionError
from graph.regions import ancestors
from graph.store import Tables
from matcher.plain_rows import rows_of


@lru_cache(maxsize=8)
def region_names(catalogue: Path) -> dict[str, tuple[str, str]]:
    """Code to (Chinese, English) of every region that the catalogue names."""
    found: dict[str, tuple[str, str]] = {}
    for path in sorted((catalogue / "regions").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("code"):
                    found[row["code"]] = (row.get("name_zh") or row["code"], row.get("name_en") or row.get("name_zh") or row["code"])
    return found


def place_name(code: str, names: dict[str, tuple[str, str]], lang: Lang) -> str:
    """The region's own name; a code that nobody named stays a code."""
    return names[code][lang == "en"] if code in names else code


def place_path(code: str, names: dict[str, tuple[str, str]], lang: Lang) -> str:
    """滨州市 › 惠民县 › ○○镇: from the city downwards, as far as there are names."""
    try:
        chain = [*reversed(ancestors(code, names)), code]
    except RegionError:
        chain = [code]
    named = [place_name(one, names, lang) for one in chain if one in names and (len(one) > 2 or len(chain) == 1)]
    if chain[-1] not in names:
        named.append(chain[-1])
    return " › ".join(named)


def names_of(tables: Tables, catalogue: Path) -> dict[str, tuple[str, str]]:
    """The catalogue's names, and over them those that the store has."""
    named = region_names(catalogue)
    regions = ((row["id"], row["name"]) for row in rows_of(tables, "Region", ("id", "name")))
    return named | {code: (name, named.get(code, (name, name))[1]) for code, name in regions if name}
