"""What a write changes in a household's bundle: the items that were other ones before."""

from typing import Any

from api.page import Page
from matcher.bundle_json import item_json
from matcher.items import Item

TOLD = ("status", "caveats", "lo_fen", "hi_fen", "lo_hours", "hi_hours", "per")


def changes_between(before: Page, after: Page) -> list[dict[str, Any]]:
    """Items whose status, caveats or amounts differ, in the legal order; None where one is not eligible, or nobody is there any more."""
    was, now = _items(before), _items(after)
    titles = {(item.policy, item.who): item.title for page in (before, after) for item in page.bundle.items}
    found: list[dict[str, Any]] = []
    for target in dict.fromkeys((*now, *was)):
        if was.get(target) != now.get(target):
            title = {"zh": titles[target].zh, "en": titles[target].en}
            ends = {"before": was.get(target), "after": now.get(target)}
            found.append({"policy": target[0], "who": target[1], "title": title, **ends})
    return [one for one in found if not _open(one["before"], one["after"])]


def _open(before: dict[str, object] | None, after: dict[str, object] | None) -> bool:
    """An item that was to be checked and still is: what it might pay is no news."""
    return bool(before and after and before["status"] == after["status"] == "ask" and before["caveats"] == after["caveats"])


def _items(page: Page) -> dict[tuple[str, str | None], dict[str, object]]:
    return {(item.policy, item.who): _told(item) for item in page.bundle.items if item.status != "no"}


def _told(item: Item) -> dict[str, object]:
    return {name: value for name, value in item_json(item).items() if name in TOLD}
