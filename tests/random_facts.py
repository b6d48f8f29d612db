"""The facts, values and days that random rules and records are made of: few, so that thresholds are met."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Entries = dict[str, dict[str, Any]]

DAY = dt.date(2026, 2, 28)
"""The day of every random question; birthdays on 29 February fall on it."""
KNOWN_BY = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
REGIONS = ("37", "3701", "370102", "3702", "410000")
YUAN = ("0", "0.01", "1", "99.99", "100", "250.5", "1000", "12000")
NUMBERS = ("0", "0.5", "1", "2", "2.25", "3", "7")
WORDS = ("a", "b", "c", "d")
DAYS = (
    dt.date(1966, 2, 28), dt.date(2008, 2, 29), dt.date(2008, 3, 1), dt.date(2020, 2, 29), dt.date(2025, 2, 28),
    dt.date(2025, 12, 31), dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31),
)  # fmt: skip
TITLE = {"zh": "甲", "en": "a"}
TEXT_VALUES = {"residence": WORDS[:2], "job": WORDS[:3], "kind": WORDS[1:], "kin": WORDS[:3], "duty": WORDS[:2]}
FACTS: Entries = {
    "region": {"unit": "household", "type": "region"},
    "registered_in": {"unit": "household", "type": "region"},
    "event_in": {"unit": "household", "type": "region"},
    "residence": {"unit": "household", "type": "text", "values": list(WORDS[:2])},
    "savings": {"unit": "household", "type": "money", "min": 0, "needs_consent": True},
    "balance": {"unit": "household", "type": "money"},
    "rooms": {"unit": "household", "type": "int", "min": 0, "max": 7},
    "moved": {"unit": "household", "type": "date"},
    "flag": {"unit": ["household", "person"], "type": "yesno"},
    "born": {"unit": "person", "type": "date"},
    "wage": {"unit": "person", "type": "money", "min": 0, "good_for": "180 days", "needs_consent": True},
    "debt": {"unit": "person", "type": "money"},
    "grade": {"unit": "person", "type": "int", "min": 1, "max": 4},
    "score": {"unit": "person", "type": "number", "min": 0, "max": 7},
    "shift": {"unit": "person", "type": "number"},
    "ill": {"unit": "person", "type": "yesno", "good_for": "12 months", "for_good": [True]},
    "job": {"unit": "person", "type": "text", "values": list(WORDS[:3])},
    "note": {"unit": "person", "type": "text"},
    "studies_in": {"unit": "person", "type": "region"},
    "members": {"unit": "household", "type": "list", "rows": "person",
                "edge": {"kin": {"type": "text", "values": list(WORDS[:3])}, "counts": {"type": "yesno"}}},
    "supporters": {"unit": "person", "type": "list", "rows": "person",
                   "edge": {"duty": {"type": "text", "values": list(WORDS[:2])}, "gives": {"type": "money", "min": 0}}},
    "bills": {"unit": "person", "type": "list", "rows": {
        "billed": {"type": "date"}, "total": {"type": "money", "min": 0}, "excluded": {"type": "money"},
        "kind": {"type": "text", "values": list(WORDS[1:])}, "part": {"type": "number", "min": 0, "max": 1}, "urgent": {"type": "yesno"}}},
    "incomes": {"unit": ["household", "person"], "type": "list", "rows": {
        "earned": {"type": "money", "min": 0}, "times": {"type": "int", "min": 0, "max": 7}, "until": {"type": "date"},
        "place": {"type": "region"}}},
    "code": {"unit": "bills", "type": "text"},
}  # fmt: skip
SUBJECTS = {
    "household": "household",
    "person": "person",
    "members": "person",
    "supporters": "person",
    "parents": "person",
    "children": "person",
}
OWNERS = {"members": ["household"], "supporters": ["person"], "parents": ["person"], "children": ["person"], "bills": ["person"],
          "incomes": ["household", "person"], "awards": ["household", "person"], "recognitions": ["household", "person"]}  # fmt: skip
FIELDS: dict[str, dict[str, str]] = {
    "members": {"kin": "text", "counts": "yesno", "from": "date"}, "supporters": {"duty": "text", "gives": "money"},
    "bills": {"billed": "date", "total": "money", "excluded": "money", "kind": "text", "part": "number", "urgent": "yesno", "code": "text"},
    "incomes": {"earned": "money", "times": "number", "until": "date", "place": "region"},
    "awards": {"policy": "text", "paid_on": "date", "amount": "money", "until": "date", "cause": "text"},
    "recognitions": {"recognition": "text", "from": "date", "department": "text"},
}  # fmt: skip


def units_of(fact: Mapping[str, Any]) -> list[str]:
    """The units of an entry of facts.yaml."""
    unit = fact["unit"]
    return [] if fact["type"] == "list" else [unit] if isinstance(unit, str) else list(unit)


def kind_of(fact: Mapping[str, Any]) -> str:
    """The kind of an entry of facts.yaml."""
    return "number" if fact["type"] == "int" else str(fact["type"])
