"""In a real browser: an officer finds in the queue what waits and approves it; the charity sees what is left and reports what was paid."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from graph.identity import load_or_make_key
from graph.open import open_store
from tests.browsing import WIDTHS, faults_of, sign_in
from tests.e2e.test_pages import CODES
from tests.pages_service import PASSWORD, command, serving
from tests.service.listing import put_holds, put_home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from graph.store import GraphStore

FIELDS = {
    "title_zh": "暖冬取暖项目",
    "title_en": "Warm winter fund",
    "document": "项目章程",
    "region": "3716",
    "amount": "yuan(500)",
    "budget": "2000",
}
RULE = 'all:\n  - {id: rural, says: {zh: 住在城镇, en: lives in a town}, when: residence == "urban"}\n'
LEFT = {"zh": "预算余额", "en": "Budget left"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, GraphStore]]:
    """Where the service listens, and its store with two households: one agreed to be known to the charity."""
    folder = tmp_path_factory.mktemp("budget")
    with serving(folder) as running:
        env = {**os.environ, "AIDGRAPH_STORE": f"sqlite:///{folder}/store.sqlite", "AIDGRAPH_LANG": "zh"}
        command(env, "user", "add", "fund", "--role", "foundation", "--organization", "warm-hands", typed=PASSWORD)
        store = open_store(env["AIDGRAPH_STORE"], key=load_or_make_key(folder / "store.key"))
        for household, agreed in (("h-shared", True), ("h-silent", False)):
            store.write(lambda writer, home=household, yes=agreed: put_home(writer, home, "371602", agreed=yes))  # type: ignore[misc]
        yield running.address, store
        store.close()


def left(page: Page, lang: str) -> str:
    return page.locator("dl div", has_text=LEFT[lang]).locator("dd").inner_text()


@pytest.mark.parametrize(("lang", "device"), [("zh", "desk"), ("en", "phone")])
def test_from_the_officers_queue_to_what_the_charity_paid(browser: Browser, place: tuple[str, GraphStore], lang: str, device: str) -> None:
    address, store = place
    fund, day, width = f"coal-{lang}-fund", datetime.now(UTC).date(), WIDTHS[device]
    charity = sign_in(browser, address, "fund", PASSWORD, lang, width=width)
    charity.goto("/projects/new")
    for name, text in {"id": fund, **FIELDS}.items():
        charity.fill(f"#{name}", text)
    charity.check("input[value=living]")
    charity.fill("#requires", RULE)
    charity.click("button[value=save]")
    charity.click("button[value=submit]")

    officer = sign_in(browser, address, "sun", PASSWORD, lang, width=width)
    officer.goto("/projects")
    officer.locator("section[aria-labelledby=waiting]").locator(f"a[href='/projects/{fund}']").first.click()
    officer.click("button[value=approve]")
    officer.goto("/projects")
    assert officer.locator("section[aria-labelledby=waiting]").locator(f"a[href='/projects/{fund}']").count() == 0

    put_holds(store, fund, {"h-shared": 50_000, "h-silent": 30_000}, day)
    charity.goto(f"/projects/{fund}/budget")
    assert left(charity, lang) == "¥1,200"
    assert "h-silent" not in charity.content()
    assert faults_of(charity, "budget", lang, device, CODES) == []
    row = charity.locator("section[aria-labelledby=holds] tbody tr")
    assert row.count() == 1
    row.locator("input[name=amount]").fill("500.01")
    row.locator("button").click()
    assert charity.locator("[role=alert] a").count() == 1
    assert row.locator("input[name=amount]").input_value() == "500.01"
    row.locator("input[name=amount]").fill("450.50")
    row.locator("button").click()
    assert "saved=1" in charity.url
    assert left(charity, lang) == "¥1,249.50"
    assert "¥450.50" in charity.inner_text("section[aria-labelledby=payments]")
    assert charity.locator("section[aria-labelledby=holds] tbody tr").count() == 0
