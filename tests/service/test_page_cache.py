"""Pages that are given again: the same bytes as made anew, once for all routes, and never after anything that they were made of changed."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from api.page import page_json, page_of
from api.page_cache import PageCache
from api.settings import read_settings
from api.wiring import Desk
from tests.service.serving import OWN, a_desk, a_household, fresh, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graph.store import Writer
    from tests.service.serving import Served

DAY = dt.date(2026, 9, 1)
HOME, HEAD, SUPPORTER, REGION = "h-1", "p-1", "p-2", "371602"


def put_household(writer: Writer) -> None:
    """A household with a head, whose son elsewhere owes support, a volunteer near, an award, a consent and a statement each."""
    writer.upsert_nodes("Region", [{"id": REGION}, {"id": "370302"}])
    writer.upsert_nodes("Household", [{"id": HOME, "lives_in": REGION}, {"id": "h-2"}])
    writer.upsert_nodes("Person", [{"id": HEAD}, {"id": SUPPORTER}])
    writer.upsert_edges("LIVES_IN", [{"src": HOME, "dst": REGION}])
    writer.upsert_edges("MEMBER_OF", [{"src": HEAD, "dst": HOME, "kin": "head"}, {"src": SUPPORTER, "dst": "h-2", "kin": "head"}])
    writer.upsert_edges("SUPPORTS", [{"src": SUPPORTER, "dst": HEAD, "duty": "child"}])
    for id_, subject, kind in (("s1", HOME, "Household"), ("s2", HEAD, "Person"), ("s3", SUPPORTER, "Person")):
        writer.upsert_nodes(
            "Statement", [{"id": id_, "true_on": DAY, "fact_residence": "rural"} if kind == "Household" else {"id": id_, "true_on": DAY}]
        )
        writer.upsert_edges("ABOUT", [{"src": id_, "dst": subject, "dst_kind": kind}])
    writer.upsert_nodes("Volunteer", [{"id": "v", "hours_week": 5.0, "hours_used": 1.0}])
    writer.upsert_edges("COVERS_AREA", [{"src": "v", "src_kind": "Volunteer", "dst": REGION}])
    writer.upsert_nodes("Award", [{"id": "a", "policy": "dibao", "paid_on": DAY, "amount_fen": 100}])
    writer.upsert_edges("RECEIVES", [{"src": HOME, "src_kind": "Household", "dst": "a"}])
    writer.upsert_nodes("Consent", [{"id": "c", "scope": ["charity"]}])
    writer.upsert_edges("GAVE", [{"src": HEAD, "dst": "c"}])


def _apply(writer: Writer) -> None:
    writer.upsert_nodes("Application", [{"id": "ap", "policy": "medical-aid", "applied_on": DAY, "state": "applied"}])
    writer.upsert_edges("APPLIED_FOR", [{"src": HEAD, "src_kind": "Person", "dst": "ap"}])


CHANGES: dict[str, Callable[[Writer], object]] = {
    "a fact of the household": lambda writer: writer.upsert_nodes("Statement", [{"id": "s1", "fact_residence": "urban"}]),
    "a fact of a member": lambda writer: writer.upsert_nodes("Statement", [{"id": "s2", "fact_born": dt.date(1950, 1, 1)}]),
    "a fact of a supporter": lambda writer: writer.upsert_nodes("Statement", [{"id": "s3", "fact_wage_month_fen": 500_000}]),
    "a statement withdrawn": lambda writer: writer.upsert_nodes(
        "Statement", [{"id": "s1", "withdrawn_at": dt.datetime(2026, 9, 1, tzinfo=dt.UTC)}]
    ),
    "a statement taken away": lambda writer: writer.delete("Statement", ["s2"]),
    "a duty of support ended": lambda writer: writer.upsert_edges(
        "SUPPORTS", [{"src": SUPPORTER, "dst": HEAD, "until": DAY - dt.timedelta(9)}]
    ),
    "a member gone": lambda writer: writer.delete_edges("MEMBER_OF", [{"src": HEAD, "dst": HOME}]),
    "an award": lambda writer: writer.upsert_nodes("Award", [{"id": "a", "amount_fen": 101}]),
    "a consent": lambda writer: writer.upsert_nodes("Consent", [{"id": "c", "withdrawn": DAY}]),
    "an application": _apply,
    "a helper's hours": lambda writer: writer.upsert_nodes("Volunteer", [{"id": "v", "hours_used": 5.0}]),
    "a helper's area": lambda writer: writer.delete_edges("COVERS_AREA", [{"src": "v", "src_kind": "Volunteer", "dst": REGION}]),
    "a change that keeps the time of the last one": lambda writer: writer.upsert_nodes(
        "Award", [{"id": "a", "amount_fen": 102, "updated_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}]
    ),
}


@pytest.fixture(params=["sqlite", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on a store of this kind."""
    address = request.getfixturevalue("empty_neo4j") if request.param == "neo4j" else f"sqlite:///{tmp_path}/kept.sqlite"
    made = Desk(replace(read_settings(), store=address, key_file=tmp_path / "kept.key"))
    made.__dict__["store"] = made.store_for_identity
    yield made
    made.close()


def said(desk: Desk, pages: PageCache, day: dt.date = DAY) -> dict[str, Any]:
    """The page as it is kept, which is the page as it is made anew."""
    kept = page_json(pages.page(desk, HOME, day))
    assert kept == page_json(page_of(desk, HOME, day))
    return kept


def test_whatever_it_was_made_of_changes_it_is_made_anew(desk: Desk) -> None:
    for name, change in CHANGES.items():
        desk.store.write(lambda writer: writer.delete("Household", [HOME]))
        desk.store.write(put_household)
        pages = PageCache()
        said(desk, pages)
        said(desk, pages)
        assert (pages.hits, pages.misses) == (1, 1), name
        desk.store.write(change)
        said(desk, pages)
        assert (pages.hits, pages.misses) == (1, 2), name


def test_another_day_catalogue_or_language_is_another_page(desk: Desk) -> None:
    desk.store.write(put_household)
    pages = PageCache()
    said(desk, pages)
    said(desk, pages, DAY + dt.timedelta(days=1))
    said(desk.speaking("en"), pages)
    other = desk.speaking(desk.lang)
    other.__dict__["catalogue"] = replace(desk.catalogue, hash="another")
    pages.page(other, HOME, DAY)
    assert (pages.hits, pages.misses) == (0, 4)
    pages.page(desk, HOME, DAY, DAY)
    assert pages.misses == 5
    pages.page(desk, HOME, DAY)
    assert pages.hits == 1


def test_only_those_asked_for_last_are_kept(desk: Desk) -> None:
    desk.store.write(put_household)
    pages, none = PageCache(2), PageCache(0)
    for day in (1, 2, 3, 2, 3, 1):
        pages.page(desk, HOME, dt.date(2026, 9, day))
        none.page(desk, HOME, dt.date(2026, 9, day))
    assert (pages.hits, pages.misses) == (2, 4)
    assert (none.hits, none.misses) == (0, 6)


def test_the_routes_share_one_page_and_several_who_ask_at_once_wait_for_it(tmp_path: Path) -> None:
    with serving(a_desk(tmp_path)) as served, served.client("worker") as client, ThreadPoolExecutor(8) as pool:
        address = client.post("/api/households", json=a_household(OWN), headers=fresh()).headers["Location"]
        pages = served.app.state.service.pages
        routes = ("bundle", "ask", "needs", "explain/dibao") * 4
        answers = list(pool.map(lambda route: client.get(f"{address}/{route}").text, routes))
        assert pages.misses == 1
        assert pages.hits == len(routes) - 1
        assert len(set(answers)) == 4
        _visit_changes_it(served, address, answers[0])


def _visit_changes_it(served: Served, address: str, before: str) -> None:
    with served.client("worker") as client:
        heads = fresh() | {"If-Match": client.get(address).headers["ETag"]}
        visit = {"true_on": "2026-09-01", "facts": {"residence": "urban"}}
        assert client.post(f"{address}/visits", json=visit, headers=heads).status_code == 200
        assert client.get(f"{address}/bundle").text != before
