"""Rows of a county for the bench of the stores: made by number, so that the same numbers give the same rows."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from graph.store import Writer

DAY = date(2026, 8, 1)
MOMENT = datetime(2026, 8, 1, 9, tzinfo=UTC)
VILLAGES, A_TOWNSHIP, ITEMS = 600, 20, 60
TWICE = 300  # the first two households with an award of so many have the same one, and a supporter in common; half of them an address too
NEEDS = ("living", "medical", "education", "housing", "care_hours", "counselling", "legal", "rehabilitation")
PROFILE = (6, 3, 3, 2, 5, 5, 1, *(2 for _ in NEEDS), 2, 2)
"""The most that each number of a profile can be."""
Rows = list[dict[str, Any]]


def village(number: int) -> str:
    """The code of a village."""
    place = number % VILLAGES
    return f"370302{1 + place // A_TOWNSHIP:03}{place % A_TOWNSHIP:03}"


def put_regions(writer: Writer) -> None:
    """Regions, who helps where, and the items with what opens them."""
    villages = [village(n) for n in range(VILLAGES)]
    above = sorted({one[:length] for one in villages for length in (2, 4, 6, 9)})
    writer.upsert_nodes("Region", [_node(code) for code in (*above, *villages)])
    parents = {4: 2, 6: 4, 9: 6, 12: 9}
    writer.upsert_edges("PART_OF", [{"src": code, "dst": code[: parents[len(code)]]} for code in (*above, *villages) if len(code) > 2])
    writer.upsert_nodes("NeedCategory", [_node(name) for name in NEEDS])
    townships = [code for code in above if len(code) == 9]
    for kind, places in (("Volunteer", [one for n, one in enumerate(villages) if n % 7]), ("SocialWorker", townships[::2])):
        writer.upsert_nodes(kind, [_node(f"{kind}-{place}", hours_week=4.0) for place in places])
        writer.upsert_edges("COVERS_AREA", [{"src": f"{kind}-{place}", "src_kind": kind, "dst": place} for place in places])
        skill = "care_hours" if kind == "Volunteer" else "counselling"
        writer.upsert_edges("CAN_DO", [{"src": f"{kind}-{place}", "src_kind": kind, "dst": skill} for place in places])
    _put_items(writer)


def _put_items(writer: Writer) -> None:
    ids = [f"item-{n}" for n in range(ITEMS)]
    of = {"src_kind": "Policy"}
    writer.upsert_nodes("Organization", [_node("office")])
    writer.upsert_nodes("Policy", [_node(f"{id}@1", policy=id, region=["37"]) for id in ids])
    writer.upsert_edges("RUN_BY", [{"src": f"{id}@1", "dst": "office", **of} for id in ids])
    writer.upsert_edges("IN_FORCE_IN", [{"src": f"{id}@1", "dst": "37"} for id in ids])
    writer.upsert_edges("COVERS", [{"src": f"{id}@1", "dst": NEEDS[n % 4], **of} for n, id in enumerate(ids)])
    opens = [(n, m) for n in range(ITEMS) for m in (n + 3, n + 7) if m < ITEMS]
    writer.upsert_edges("UNLOCKS", [{"src": f"{ids[n]}@1", "dst": f"{ids[m]}@1", **of, "dst_kind": "Policy"} for n, m in opens])


def unit(numbers: range) -> Callable[[Writer], None]:
    """What puts these households with everything around them."""

    def put(writer: Writer) -> None:
        ids = {n: f"h{n:07}" for n in numbers}
        writer.upsert_nodes(
            "Household", [_node(id, profile=_profile(n), lives_in=village(n), address_key=_door(n)) for n, id in ids.items()]
        )
        writer.upsert_edges("LIVES_IN", [{"src": id, "dst": village(n)} for n, id in ids.items()])
        _put_people(writer, ids)
        statements = list(_statements(list(ids.values())))
        writer.upsert_nodes("Statement", [row for row, _ in statements])
        writer.upsert_edges("ABOUT", [about for _, about in statements])
        for kind, edge, step, more in (
            ("Recognition", "RECOGNISED_AS", 5, {"recognition": "dibao"}),
            ("Award", "RECEIVES", 3, {"paid_on": DAY}),
            ("Need", "HAS_NEED", 2, {}),
        ):
            some = {n: id for n, id in ids.items() if n % step == 0}
            rows = [_node(f"{id}-{kind}", **more, **_of_kind(kind, n)) for n, id in some.items()]
            writer.upsert_nodes(kind, rows)
            writer.upsert_edges(edge, [{"src": id, "src_kind": "Household", "dst": f"{id}-{kind}"} for id in some.values()])

    return put


def _put_people(writer: Writer, ids: dict[int, str]) -> None:
    people = [(f"{id}-{who}", id) for id in ids.values() for who in ("a", "b", "c")]
    writer.upsert_nodes("Person", [_node(id, name_key=id) for id, _ in people])
    writer.upsert_edges("MEMBER_OF", [{"src": id, "dst": home, "from": DAY} for id, home in people])
    writer.upsert_edges("PARENT_OF", [{"src": f"{id}-a", "dst": f"{id}-c"} for id in ids.values()])
    at_home = [(f"{id}-a", f"{id}-{other}") for id in ids.values() for other in ("b", "c")]
    common = [(f"{ids[n]}-b", f"{ids[n + 3]}-c") for n in ids if n % 10 == 0 and n + 3 in ids]
    writer.upsert_edges("SUPPORTS", [{"src": src, "dst": dst, "duty": "parent"} for src, dst in (*at_home, *common)])
    both = [(f"{ids[n]}-b", f"{ids[n]}-c") for n in ids if n % 10 == 0]
    writer.upsert_edges("SUPPORTS", [{"src": src, "dst": dst, "duty": "parent"} for src, dst in both])


def _of_kind(kind: str, n: int) -> dict[str, Any]:
    return {"Award": {"policy": f"item-{(n // 6 if n % TWICE < 6 else n // 3) % 9}"}, "Need": {"category": NEEDS[n // 2 % len(NEEDS)]}}.get(
        kind, {}
    )


def _door(n: int) -> str:
    return f"door-{n - 3 if n % (2 * TWICE) == TWICE + 3 else n}"


def _profile(n: int) -> str:
    numbers = [(n * 7919 // (at + 3)) % (most + 1) for at, most in enumerate(PROFILE[:7])]
    named = [2 * (n % 2 == 0 and n // 2 % len(NEEDS) == at) for at in range(len(NEEDS))]
    return ",".join(map(str, (*numbers, *named, 2 * (n % 5 == 0), 0)))


def _statements(ids: list[str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for id in ids:
        for who in ("a", "b", "c"):
            facts = {"fact_wage_month_fen": 300_000, "fact_born": date(1980, 5, 1), "fact_grade": 2, "fact_sex": "female"}
            row = _node(f"{id}-{who}-s", true_on=DAY, recorded_at=MOMENT, complete=["bills"], file="f1", **facts)
            yield row, {"src": row["id"], "dst": f"{id}-{who}", "dst_kind": "Person"}
        row = _node(f"{id}-s", true_on=DAY, recorded_at=MOMENT, complete=["members"], fact_residence="rural", fact_deposits_fen=100)
        yield row, {"src": row["id"], "dst": id, "dst_kind": "Household"}


def _node(id: str, **properties: Any) -> dict[str, Any]:
    return {"id": id, "source": "bench", "synthetic": True, **properties}
