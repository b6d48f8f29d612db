"""Region codes: who lies in whom can be read off them.

Codes of 2, 4, 6, 9 or 12 digits that begin with the number of a province are statistical division codes, and an ancestor is a
prefix. Any other string of letters, digits and hyphens is a region too, so that catalogues of other countries run; among those a
region lies in those known ones whose code begins its own.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from graph.errors import RegionError

LEVELS = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}

PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(first, last + 1)
)
"""The first two digits of a statistical division code."""

_CODE = re.compile(r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$")


def check_region(code: str) -> str:
    """The code itself, if it can be one. Raises RegionError."""
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise RegionError("区划代码只能含字母、数字和连字符，请核对", "a region code is letters, digits and hyphens: check it")
    return code


def shorten(code: str) -> str:
    """A division code as long as its level: 370300000000 and 370300 are the city 3703. Others are left as they are.

    For codes that people write down: digits that begin like a province and are of another length are refused. Raises RegionError.
    """
    check_region(code)
    if code.isascii() and code.isdigit() and code[:2] in PROVINCES and len(code) not in LEVELS:
        raise RegionError(
            f"区划代码 {code} 有 {len(code)} 位，应为 2、4、6、9 或 12 位；开头的 0 或末尾的 0 可能已丢失或多余",
            f"region code {code} has {len(code)} digits, not 2, 4, 6, 9 or 12: zeros may have been lost or added",
        )
    if _is_division(code):
        for longer, shorter in pairwise(sorted(LEVELS, reverse=True)):
            if len(code) == longer and not code[shorter:].strip("0"):
                code = code[:shorter]
    return code


def level(code: str) -> str | None:
    """province, city, county, township, village; None for the code of another country. Raises RegionError."""
    return LEVELS[len(code)] if _is_division(check_region(code)) else None


def ancestors(code: str, known: Iterable[str] = ()) -> list[str]:
    """The regions that this one lies in, nearest first, itself left out.

    Args:
        code: a region.
        known: the regions there are; only codes of other countries need them.

    Raises:
        RegionError: the code cannot be one.

    Example: ancestors("370302001") is ["370302", "3703", "37"].
    """
    if _is_division(check_region(code)):
        return [code[:length] for length in sorted(LEVELS, reverse=True) if length < len(code)]
    return sorted((other for other in set(known) if other != code and within(code, other)), key=len, reverse=True)


def within(inner: str, outer: str) -> bool:
    """Whether the first region is the second or lies in it. Raises RegionError.

    In codes of other countries hyphens end a part where there are any: GB-ENG lies in GB, DE11 in DE1, and NZ-10 not in NZ-1.
    """
    check_region(inner)
    check_region(outer)
    if inner == outer:
        return True
    if _is_division(inner) != _is_division(outer):
        return False
    return inner.startswith(f"{outer}-" if "-" in inner else outer)


def _is_division(code: str) -> bool:
    return code.isascii() and code.isdigit() and code[:2] in PROVINCES and len(code) in LEVELS
