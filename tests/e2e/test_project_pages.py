"""In a real browser: a charity lists a project with a broken rule, reads the reply, mends it, sees who would match."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.pages_service import PASSWORD, command, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

RULE = 'all:\n  - {{id: rural, says: {{zh: 住在城镇, en: lives in a town}}, when: {word} == "urban"}}\n'
FIELDS = {"title_zh": "暖冬取暖项目", "title_en": "Warm winter fund", "document": "项目章程", "region": "3716", "amount": "yuan(500)"}
SAID = {
    "zh": ("是否为 residence", "看了服务地区全部", "草稿"),
    "en": ("did you mean residence", "households there were looked at", "draft"),
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("projects")
    with serving(folder) as running:
        env = {**os.environ, "AIDGRAPH_STORE": f"sqlite:///{folder}/store.sqlite", "AIDGRAPH_LANG": "zh"}
        command(env, "user", "add", "fund", "--role", "foundation", "--organization", "warm-hands", typed=PASSWORD)
        yield running.address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    assert path, "no Chromium: make browser installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])  # it opens our own pages alone
        yield started
        started.close()


def faults(page: Page) -> list[str]:
    """Serious faults for those who read the page otherwise."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_a_charity_mends_a_broken_rule_and_sees_who_would_match(browser: Browser, address: str, lang: str, width: int) -> None:
    near, looked, draft = SAID[lang]
    page = browser.new_context(viewport={"width": width, "height": 900}, base_url=address).new_page()
    page.set_default_timeout(120_000)
    page.goto(f"/sign-in?lang={lang}")
    page.fill("#account", "fund")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.goto("/projects")
    assert faults(page) == []
    page.click("main a.button")
    for name, text in {"id": f"warm-{lang}-fund", **FIELDS}.items():
        page.fill(f"#{name}", text)
    page.check("input[value=living]")
    page.fill("#requires", RULE.format(word="residnce"))
    page.click("button[value=check]")
    assert near in page.inner_text("[role=alert]")
    assert near in page.inner_text("#requires-fault-1")
    assert page.locator("[role=alert] a").get_attribute("href") == "#requires"
    assert page.input_value("#title_zh") == FIELDS["title_zh"]
    assert faults(page) == []
    page.fill("#requires", RULE.format(word="residence"))
    page.click("button[value=check]")
    assert looked in page.inner_text(".finding")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[value=save]")
    assert f"/projects/warm-{lang}-fund" in page.url
    assert draft in page.inner_text(".tags")
    assert faults(page) == []
    page.click("button[value=submit]")
    page.goto(f"/projects/warm-{lang}-fund/edit")
    assert page.input_value("#amount") == "yuan(500)"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
