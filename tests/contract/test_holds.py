"""Grants committed by many at once, by programs that die, and over when their days are: never more than the budget, nothing half."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from api.errors import Conflict, NotFound
from api.holds import Account, account_of, commit, expire, give_back, held, hold_id, pay
from graph.store import GraphStore
from matcher.allocation_terms import Claim, Grant
from matcher.catalogue import PolicyVersion
from tests.contract.one_allocator import fund
from tests.contract.opening import open_at
from tests.contract.rows import put

ROOT = Path(__file__).parents[2]
TAKERS, BUDGET, WANTED = 50, 100, 3
ROUNDS = {"sqlite": 20, "neo4j": 20}
KILLS = {"sqlite": 20, "neo4j": 5}
DAY, UNTIL = date(2026, 8, 1), date(2026, 8, 31)
NEXT = UNTIL + timedelta(days=1)


def a_claim(household: str, project: str = "fund", fen: int = WANTED, **told: object) -> Claim:
    return replace(Claim(household, project, fen, fen, 50, "371602"), **told)  # type: ignore[arg-type]


def homes(store: GraphStore, count: int = TAKERS) -> list[str]:
    ids = [f"h{n:02}" for n in range(count)]
    put(store, "Household", *({"id": id_} for id_ in ids))
    return ids


def granted(store: GraphStore, version: PolicyVersion, *claims: Claim, seen: Account | None = None, day: date = DAY) -> list[Grant]:
    account = seen or account_of(store, version.id)
    return commit(store, version, claims, account, day=day, until=day + timedelta(days=30))[1]


def test_fifty_commits_at_once_overspend_nothing(store: GraphStore, url: str, kind_of_store: str) -> None:
    ids = homes(store)
    own = [open_at(url) for _ in ids]
    for turn in range(ROUNDS[kind_of_store]):
        version = fund(f"fund{turn}", BUDGET)
        start = threading.Barrier(TAKERS)

        def take(one: int, version: PolicyVersion = version, start: threading.Barrier = start) -> int:
            start.wait(timeout=120)
            grants = commit(own[one], version, [a_claim(ids[one], version.id)], Account(), day=DAY, until=UNTIL)[1]
            return sum(grant.fen for grant in grants)

        with ThreadPoolExecutor(TAKERS) as pool:
            given = list(pool.map(take, range(TAKERS)))
        rows = held(store, version.id)
        account = account_of(store, version.id)
        assert sum(given) == sum(row["amount_fen"] for row in rows) == account.committed_fen == BUDGET
        assert account.places == len(rows) == account.version == sum(one > 0 for one in given)
    for one in own:
        one.close()


def test_two_who_share_out_at_once_do_not_serve_a_household_twice(store: GraphStore) -> None:
    ids, version, seen = homes(store, 3), fund("fund", BUDGET), Account()
    first = granted(store, version, *(a_claim(id_) for id_ in ids[:2]), seen=seen)
    second = granted(store, version, *(a_claim(id_) for id_ in ids), seen=seen)
    assert [grant.claim.household for grant in first] == ids[:2]
    assert [(grant.claim.household, grant.fen) for grant in second] == [(ids[2], WANTED)]
    assert account_of(store, "fund") == Account(3 * WANTED, 3, 2)


def test_a_hold_that_is_over_returns_to_the_budget_once(store: GraphStore) -> None:
    homes(store, 2)
    version = fund("fund", WANTED)
    granted(store, version, a_claim("h00"))
    assert expire(store, "fund", UNTIL) == 0
    assert [grant.reason for grant in granted(store, version, a_claim("h01"))] == ["budget_spent"]
    assert expire(store, "fund", NEXT) == WANTED
    assert expire(store, "fund", NEXT) == 0
    assert [grant.fen for grant in granted(store, version, a_claim("h01"), day=NEXT)] == [WANTED]
    assert account_of(store, "fund").committed_fen == WANTED


def test_a_household_may_hold_again_what_it_held_before_and_the_past_is_kept(store: GraphStore) -> None:
    homes(store, 1)
    version = fund("fund", BUDGET)
    granted(store, version, a_claim("h00"))
    expire(store, "fund", NEXT)
    granted(store, version, a_claim("h00", fen=5), day=NEXT)
    awards = store.neighbourhood("Household", "h00")["Award"].select("paid_on", "amount_fen", "state").sort("paid_on").rows()
    assert awards == [(DAY, WANTED, "expired"), (NEXT, 5, "held")]
    assert store.neighbourhood("Household", "h00")["RECEIVES"].height == 2


def test_a_hold_is_paid_or_given_back_once(store: GraphStore) -> None:
    homes(store, 2)
    version = fund("fund", BUDGET)
    granted(store, version, a_claim("h00"), a_claim("h01"))
    with pytest.raises(Conflict):
        pay(store, hold_id(a_claim("h00")), DAY, WANTED + 1)
    pay(store, hold_id(a_claim("h00")), DAY, WANTED - 1)
    give_back(store, hold_id(a_claim("h01")), DAY)
    assert account_of(store, "fund") == Account(WANTED - 1, 1, 3)
    award = store.get("Award", hold_id(a_claim("h00"))) or {}
    assert "state" not in award
    assert "until" not in award
    assert expire(store, "fund", NEXT) == 0
    for hold in ("h00", "h01"):
        with pytest.raises(Conflict):
            give_back(store, hold_id(a_claim(hold)), DAY)
    with pytest.raises(NotFound):
        pay(store, "household/nobody/awards/hold:fund", DAY, 1)


def test_a_person_of_a_household_holds_too(store: GraphStore) -> None:
    homes(store, 1)
    put(store, "Person", {"id": "p1"})
    granted(store, fund("fund", BUDGET), a_claim("h00", who="p1"))
    edges = [edge for frame in store.scan_edges("RECEIVES") for edge in frame.select("src", "src_kind", "dst").rows()]
    assert edges == [("p1", "Person", "person/p1/awards/hold:fund")]


@pytest.mark.slow
def test_programs_killed_while_they_share_out_leave_nothing_half(store: GraphStore, url: str, kind_of_store: str) -> None:
    homes(store)
    order = Random(20)
    for _ in range(KILLS[kind_of_store]):
        command = [sys.executable, "-m", "tests.contract.one_allocator", url, str(TAKERS)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            for _ in range(order.randrange(1, 15)):
                program.stdout.readline()
            program.kill()
        whole(store)
    assert account_of(store, "fund").version > KILLS[kind_of_store]


def whole(store: GraphStore) -> None:
    """What is booked is what is held, and everything held is somebody's."""
    rows, account = held(store, "fund"), account_of(store, "fund")
    assert sum(row["amount_fen"] for row in rows) == account.committed_fen <= BUDGET
    assert len(rows) == account.places
    owned = {edge for frame in store.scan_edges("RECEIVES") for edge in frame.get_column("dst").to_list()}
    assert owned == {id_ for frame in store.scan_nodes("Award") for id_ in frame.get_column("id").to_list()}
