"""Texts that are kept with a case must name nobody: names, ID cards and phones have a place of their own, encrypted.

A text with the name, card or phone of somebody in the tables, or with anything that looks like a card or a phone, is refused where it
stands; what was typed is not said back.
"""

import re
from collections.abc import Iterator, Mapping

from api.errors import BadRequest, Place
from api.wiring import Desk
from graph.errors import IdentityError
from graph.identity import Part
from graph.store import Tables

CARD_OR_PHONE = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
SHORTEST = 2  # characters of a name that can be looked for
PARTS: tuple[Part, ...] = ("name", "idcard", "phone")


def refuse_names(desk: Desk, tables: Tables, texts: Mapping[str, str]) -> None:
    """Refuse texts, by the place where they stand, that tell who somebody is. Raises BadRequest with every such place."""
    written = {path: text for path, text in texts.items() if text}
    known = list(_known(desk, tables)) if written else []
    faults = tuple(
        Place(path, "请不要写姓名、证件号或电话，用“户主”“配偶”等称呼", "write no names, ID cards or phones: say head, spouse and the like")
        for path, text in written.items()
        if CARD_OR_PHONE.search(text.replace(" ", "")) or any(one in text for one in known)
    )
    if faults:
        raise BadRequest("文字中有个人身份信息，没有保存", "a text tells who somebody is; nothing was kept", places=faults)


def _known(desk: Desk, tables: Tables) -> Iterator[str]:
    """The names, ID cards and phones of everybody in the tables."""
    identity = desk.identity
    if identity is None:
        return
    for row in tables["Person"].select("name_enc", "idcard_enc", "phone_enc").iter_rows():
        for part, cipher in zip(PARTS, row, strict=True):
            try:
                plain = identity.decrypt(part, cipher) if cipher else ""
            except IdentityError:
                continue
            if len(plain) >= SHORTEST:
                yield plain
