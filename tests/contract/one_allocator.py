"""A program that shares out a fund and gives it back, over and over, until it is stopped; it prints a line after each.

python -m tests.contract.one_allocator URL HOUSEHOLDS
"""

import sys
from datetime import date, timedelta

from api.holds import account_of, commit, expire
from matcher.allocation_terms import Claim
from matcher.catalogue import Benefit, Group, PolicyVersion, Project
from matcher.language import Spot, Words
from tests.contract.opening import open_at

FIRST = date(2026, 8, 1)


def fund(id_: str, budget_fen: int) -> PolicyVersion:
    """A project with so much to give."""
    pays = Benefit("cash", "discretionary", "exact", (), "once")
    return PolicyVersion(
        id=id_, title=Words("基金", "Fund"), layer="charity", department="charity-federation", unit="household", place="living",
        regions=("3716",), from_=None, until=None, sources=(), requires=Group("all", ()), precludes=(), choose_one=(), tops_up=(),
        recognition=None, recognition_months=None, received=False, benefit=pays,
        project=Project("org", budget_fen, None, None, None, None), procedure={}, documents=(), spot=Spot("", 1, ""),
    )  # fmt: skip


def main(url: str, households: int) -> None:
    store, version, turn = open_at(url), fund("fund", 100), account_of(open_at(url), "fund").version
    while True:
        day = FIRST + timedelta(days=2 * turn)
        expire(store, "fund", day)
        claims = [Claim(f"h{n:02}", "fund", 3, 3, n, "371602") for n in range(households)]
        commit(store, version, claims, account_of(store, "fund"), day=day, until=day + timedelta(days=1))
        turn += 1
        sys.stdout.write(f"{turn}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
