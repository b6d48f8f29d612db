"""How long one household's neighbourhood takes with 100,000 households stored, and how long they take to load.

    python -m tests.bench.bench_neighbourhood [households] [folder]

Three persons and four statements a household; every tenth has a supporter elsewhere, every fifth a recognition, every third an award; 600
villages with a volunteer each, and a worker for each township. The same seed gives the same data.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from graph.open import open_store
from graph.store import GraphStore, Writer

HOUSEHOLDS_A_UNIT = 1000
VILLAGES = 600
ASKED = 2000
DAY = date(2026, 8, 1)
MOMENT = datetime(2026, 8, 1, 9, tzinfo=UTC)
Rows = list[dict[str, Any]]


def main(households: int, folder: Path) -> None:
    store = open_store(f"sqlite:///{folder}/bench.sqlite")
    began = time.perf_counter()
    store.write(_put_regions)
    for start in range(0, households, HOUSEHOLDS_A_UNIT):
        store.write(_unit(range(start, min(start + HOUSEHOLDS_A_UNIT, households))))
    spent = time.perf_counter() - began
    nodes = sum(
        store.count(kind) for kind in ("Household", "Person", "Statement", "Recognition", "Award", "Region", "Volunteer", "SocialWorker")
    )
    _say(f"load {households} households, {nodes} nodes", spent, "s")
    _say("file", sum(file.stat().st_size for file in folder.iterdir()) / 1e6, "MB")
    _measure_questions(store, households)
    _measure_scans(store)
    store.close()


def _measure_questions(store: GraphStore, households: int) -> None:
    order = random.Random(7)
    asked = [f"h{order.randrange(households):07}" for _ in range(ASKED)]
    times = sorted(_milliseconds(lambda id=id: store.neighbourhood("Household", id)) for id in asked)  # type: ignore[misc]
    _say(f"neighbourhood p50, {ASKED} households", statistics.median(times), "ms")
    _say("neighbourhood p95", times[int(0.95 * len(times))], "ms")
    _say("neighbourhoods of the same at once, each", _milliseconds(lambda: store.neighbourhoods(asked)) / len(set(asked)), "ms")
    puts = sorted(_milliseconds(lambda n=n: store.write(_one_statement(n))) for n in range(300))  # type: ignore[misc]
    _say("one durable upsert p50", statistics.median(puts), "ms")


def _measure_scans(store: GraphStore) -> None:
    for kind, scan in (("Statement", store.scan_nodes), ("ABOUT", store.scan_edges)):
        began = time.perf_counter()
        rows = sum(len(frame) for frame in scan(kind))
        _say(f"scan {kind}", rows / (time.perf_counter() - began), "rows/s")


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _say(what: str, number: float, unit: str) -> None:
    print(f"{what:<55}{number:>14,.3f} {unit}")  # noqa: T201 - a script that prints


def _put_regions(writer: Writer) -> None:
    villages = [f"370302{1 + n // 20:03}{n % 20:03}" for n in range(VILLAGES)]
    above = sorted({village[:length] for village in villages for length in (2, 4, 6, 9)})
    writer.upsert_nodes("Region", [_node(code, name=f"地区{code}") for code in (*above, *villages)])
    parents = {9: 6, 6: 4, 4: 2, 12: 9}
    writer.upsert_edges("PART_OF", [{"src": code, "dst": code[: parents[len(code)]]} for code in (*above, *villages) if len(code) > 2])
    writer.upsert_nodes("NeedCategory", [_node(name) for name in ("care", "counselling")])
    for kind, regions in (("Volunteer", villages), ("SocialWorker", [code for code in above if len(code) == 9])):
        ids = [f"{kind}-{region}" for region in regions]
        writer.upsert_nodes(kind, [_node(id, skills=["care"], hours_week=4.0) for id in ids])
        writer.upsert_edges("COVERS_AREA", [{"src": id, "src_kind": kind, "dst": code} for id, code in zip(ids, regions, strict=True)])
        writer.upsert_edges("CAN_DO", [{"src": id, "src_kind": kind, "dst": "care"} for id in ids])


def _unit(numbers: range) -> Callable[[Writer], None]:
    def put(writer: Writer) -> None:
        ids = [f"h{n:07}" for n in numbers]
        writer.upsert_nodes("Household", [_node(id) for id in ids])
        writer.upsert_edges(
            "LIVES_IN", [{"src": id, "dst": f"370302{1 + n % VILLAGES // 20:03}{n % 20:03}"} for n, id in zip(numbers, ids, strict=True)]
        )
        people = [(f"{id}-{who}", id, who) for id in ids for who in ("a", "b", "c")]
        writer.upsert_nodes("Person", [_node(id, name_key=id, name_enc=id * 3) for id, _, _ in people])
        writer.upsert_edges("MEMBER_OF", [{"src": id, "dst": home, "kin": who, "from": DAY} for id, home, who in people])
        writer.upsert_edges("PARENT_OF", [{"src": f"{id}-a", "dst": f"{id}-c"} for id in ids])
        writer.upsert_edges(
            "SUPPORTS", [{"src": f"{id}-{src}", "dst": f"{id}-{dst}", "duty": "parent"} for id in ids for src, dst in ("ab", "ac")]
        )
        elsewhere = [(f"{ids[0]}-a", f"{id}-a") for id in ids[1::10]]
        writer.upsert_edges("SUPPORTS", [{"src": src, "dst": dst, "duty": "child"} for src, dst in elsewhere])
        statements = list(_statements(ids))
        writer.upsert_nodes("Statement", [row for row, _ in statements])
        writer.upsert_edges("ABOUT", [about for _, about in statements])
        writer.upsert_nodes("Recognition", [_node(f"{id}-r", recognition="dibao", until=DAY) for id in ids[::5]])
        writer.upsert_edges("RECOGNISED_AS", [{"src": id, "src_kind": "Household", "dst": f"{id}-r"} for id in ids[::5]])
        writer.upsert_nodes("Award", [_node(f"{id}-w", policy="dibao", paid_on=DAY, amount_fen=50_000) for id in ids[::3]])
        writer.upsert_edges("RECEIVES", [{"src": id, "src_kind": "Household", "dst": f"{id}-w"} for id in ids[::3]])

    return put


def _statements(ids: Rows | list[str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for id in ids:
        for who in ("a", "b", "c"):
            facts = {"fact_wage_month_fen": 300_000, "fact_born": date(1980, 5, 1), "fact_grade": 2, "fact_sex": "female"}
            row = _node(f"{id}-{who}-s", true_on=DAY, recorded_at=MOMENT, complete=["bills"], file="f1", **facts)
            yield row, {"src": row["id"], "dst": f"{id}-{who}", "dst_kind": "Person"}
        row = _node(f"{id}-s", true_on=DAY, recorded_at=MOMENT, complete=["members"], fact_residence="rural", fact_deposits_fen=100)
        yield row, {"src": row["id"], "dst": id, "dst_kind": "Household"}


def _one_statement(n: int) -> Callable[[Writer], int]:
    return lambda writer: writer.upsert_nodes("Statement", [_node(f"new-{n}", true_on=DAY, fact_grade=n)])


def _node(id: str, **properties: Any) -> dict[str, Any]:
    return {"id": id, "source": "bench", "synthetic": True, **properties}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if len(sys.argv) > 2:
        main(count, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as made:
            main(count, Path(made))
