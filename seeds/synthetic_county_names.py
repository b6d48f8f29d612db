"""Names, ID-card numbers and phones of a synthetic county: in the form of real ones, and nobody's.

A number's first six digits are `<province>9…`, a part of the country that has never been there; a phone is a landline under an area
code that no place has, and begins with 1, as none does. Names are put together from common characters.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seeds.synthetic_scene import Dice, Figure, Scene

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
OF_WOMEN = "秀英玉兰芳丽娟敏静艳霞梅红云桂香月凤琴淑华珍萍莲雪琳佳欣怡婷"
OF_MEN = "伟强军磊勇杰涛明超刚平辉建国华志海峰林庆春生福德贵宝成龙波浩宇鹏"
OF_BOTH = "文晓子雨永新家思安乐金长春明"
WITHOUT_CARD = 0.04
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Of the first 17 digits, for the last one (GB 11643)."""
LAST = "10X98765432"
PARTS, SERIALS = 900, 500
"""`9` and the three digits after the province, 100-999 of them; serial numbers a day for each sex."""


def name_all(dice: Dice, scenes: Iterable[Scene]) -> dict[str, str]:
    """A name for everybody by id. Children and parents of the head share its surname, spouses mostly do not."""
    names: dict[str, str] = {}
    for scene in scenes:
        head = scene.members[0]
        family = names[head.id][0] if head.id in names else dice.choice(SURNAMES)
        for person in scene.people:
            if person.id in names:
                continue
            own = person is head or person.kin in ("child", "grandchild", "sibling") or (not person.kin and dice.chance(0.6))
            own = own or (person.kin in ("parent", "grandparent") and person.facts.get("sex") == "male")
            names[person.id] = (family if own else dice.choice(SURNAMES)) + _given(dice, person)
    return names


def _given(dice: Dice, person: Figure) -> str:
    """One or two characters."""
    own = OF_WOMEN if person.facts.get("sex") == "female" else OF_MEN
    last = dice.choice(own)
    return last if dice.chance(0.25) else dice.choice(OF_BOTH if dice.chance(0.5) else own) + last


def card_of(dice: Dice, person: Figure, province: str, serial: int) -> str | None:
    """A number with a right last digit; None for the few who have no card. Two people of one county have two.

    Args:
        serial: another one for everybody in the county.
    """
    born, sex = person.facts.get("born"), person.facts.get("sex")
    if not isinstance(born, dt.date) or dice.chance(WITHOUT_CARD):
        return None
    part, place = divmod(serial, SERIALS)
    number = f"{province}9{100 + part % PARTS}{born:%Y%m%d}{2 * place + (sex == 'male'):03}"
    return number + LAST[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=True)) % 11]


def phone_of(dice: Dice, person: Figure) -> str | None:
    """A number that cannot be dialled; children and a few others have none."""
    return f"0261{dice.randrange(10_000_000):07}" if person.age >= 16 and dice.chance(0.8) else None
