"""A small county in which every question over the graph has something to find, and every kind of edge its part in an answer."""

from datetime import UTC, date, datetime
from itertools import pairwise

from graph.store import GraphStore
from tests.contract.rows import ids, link, pairs, put

ON = date(2026, 8, 1)
SAID = datetime(2026, 7, 1, tzinfo=UTC)
TOWNSHIP = "371602001"
NEAR, MIDDLE, FAR = (f"{TOWNSHIP}00{n}" for n in (1, 2, 3))


def a_county(store: GraphStore) -> None:
    """Three villages; h1 and h2 live near, h3 in the middle, h4 far."""
    chain = ("37", "3716", "371602", TOWNSHIP)
    ids(store, "Region", *chain, NEAR, MIDDLE, FAR)
    pairs(store, "PART_OF", [(below, above) for above, below in pairwise(chain)])
    pairs(store, "PART_OF", [(village, TOWNSHIP) for village in (NEAR, MIDDLE, FAR)])
    put(store, "Household", {"id": "h1"}, {"id": "h2", "address_key": "door"}, {"id": "h3"}, {"id": "h4", "address_key": "door"})
    pairs(store, "LIVES_IN", [("h1", NEAR), ("h2", NEAR), ("h3", MIDDLE), ("h4", FAR)])
    ids(store, "Person", "p1", "p2", "p3", "p4", "son", "aunt")
    pairs(store, "MEMBER_OF", [("p1", "h1"), ("p2", "h2"), ("p3", "h3"), ("p4", "h4"), ("aunt", "h2")])
    pairs(store, "SUPPORTS", [("son", "p1"), ("son", "p3"), ("aunt", "son"), ("p1", "son")], duty="child")
    pairs(store, "PARENT_OF", [("aunt", "son")])
    _helpers(store)
    _items(store)
    _records(store)


def _helpers(store: GraphStore) -> None:
    ids(store, "NeedCategory", "care", "counselling", "legal", "medical", "housing")
    put(store, "Volunteer", {"id": "neighbour"}, {"id": "left", "until": date(2026, 7, 31)})
    ids(store, "SocialWorker", "worker")
    pairs(store, "COVERS_AREA", [("neighbour", NEAR), ("left", MIDDLE)], src_kind="Volunteer")
    pairs(store, "COVERS_AREA", [("worker", TOWNSHIP)], src_kind="SocialWorker")
    pairs(store, "CAN_DO", [("neighbour", "care"), ("left", "care")], src_kind="Volunteer")
    pairs(store, "CAN_DO", [("worker", "counselling")], src_kind="SocialWorker")
    pairs(store, "ACCOMPANIES", [("worker", "h3")], src_kind="SocialWorker")


def _items(store: GraphStore) -> None:
    ids(store, "Organization", "civil-affairs", "insurance", "charity")
    items = [{"id": f"{name}@1", "policy": name, "region": ["3716"]} for name in ("dibao", "destitute", "medical", "housing-aid")]
    ended = {"id": "old@1", "policy": "old", "until": date(2020, 1, 1)}
    put(store, "Policy", *items, ended, {"id": "education@1", "policy": "education", "region": [""]})
    put(store, "CharityProject", {"id": "fund@1", "policy": "fund", "region": ["371602"], "open_from": date(2026, 1, 1)})
    of = {"src_kind": "Policy"}
    pairs(store, "RUN_BY", [("dibao@1", "civil-affairs"), ("medical@1", "insurance"), ("education@1", "insurance")], **of)
    pairs(store, "RUN_BY", [("fund@1", "charity")], src_kind="CharityProject")
    pairs(store, "COVERS", [("medical@1", "medical"), ("housing-aid@1", "housing")], **of)
    pairs(store, "COVERS", [("fund@1", "legal")], src_kind="CharityProject")
    pairs(store, "IN_FORCE_IN", [(f"{name}@1", "3716") for name in ("dibao", "destitute", "medical", "housing-aid")])
    pairs(store, "SERVES", [("fund@1", "371602")])
    both = {"src_kind": "Policy", "dst_kind": "Policy"}
    pairs(store, "UNLOCKS", [("dibao@1", "medical@1"), ("destitute@1", "medical@1"), ("old@1", "dibao@1")], **both)
    pairs(store, "UNLOCKS", [("medical@1", "fund@1")], src_kind="Policy", dst_kind="CharityProject")
    pairs(store, "PRECLUDES", [("destitute@1", "dibao@1")], **both)


def _records(store: GraphStore) -> None:
    needs = (
        ("h1", "care"),
        ("h1", "medical"),
        ("h2", "legal"),
        ("h3", "counselling"),
        ("h4", "housing"),
        ("h4", "medical"),
        ("h4", "gone"),
    )
    put(store, "Need", *({"id": f"{home}-{need}", "category": need} for home, need in needs if need != "gone"))
    put(store, "Need", {"id": "h4-gone", "category": "care", "until": date(2026, 7, 31)}, {"id": "p3-care", "category": "care"})
    pairs(store, "HAS_NEED", [(home, f"{home}-{need}") for home, need in needs], src_kind="Household")
    pairs(store, "HAS_NEED", [("p3", "p3-care")], src_kind="Person")
    awards: dict[str, dict[str, object]] = {
        "w1": {},
        "w2": {"policy": "fund"},
        "w3": {"policy": "dibao"},
        "w4": {"policy": "fund", "until": ON},
    }
    put(store, "Award", *({"id": id, "paid_on": date(2026, 3, 1), **more} for id, more in awards.items()))
    put(store, "Award", {"id": "w5", "policy": "old-age", "paid_on": date(2024, 1, 1)}, {"id": "w6", "policy": "old-age"})
    pairs(store, "RECEIVES", [("h1", "w1"), ("h2", "w2"), ("h4", "w4"), ("h2", "w5"), ("h4", "w6")], src_kind="Household")
    pairs(store, "RECEIVES", [("p3", "w3")], src_kind="Person")
    pairs(store, "UNDER", [("w1", "dibao@1")], dst_kind="Policy")
    put(store, "Recognition", {"id": "r1", "recognition": "dibao"}, {"id": "r3", "recognition": "dibao"})
    pairs(store, "RECOGNISED_AS", [("h1", "r1"), ("h3", "r3")], src_kind="Household")
    put(
        store,
        "Statement",
        {"id": "s1", "true_on": ON, "recorded_at": SAID, "fact_born": date(1950, 1, 1), "fact_wage_month_fen": 60_000},
        {"id": "s2", "true_on": ON, "recorded_at": SAID, "fact_residence": "rural"},
        {"id": "s3", "true_on": ON, "recorded_at": SAID, "fact_disability_grade": 2, "fact_born": date(2015, 1, 1)},
    )
    link(store, "ABOUT", {"src": "s1", "dst": "p1", "dst_kind": "Person"}, {"src": "s3", "dst": "p4", "dst_kind": "Person"})
    link(store, "ABOUT", {"src": "s2", "dst": "h2", "dst_kind": "Household"})
    ids(store, "Consent", "c1")
    pairs(store, "GAVE", [("p1", "c1")])
