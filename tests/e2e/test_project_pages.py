"""In a real browser: a charity lists a project with a broken rule, reads the reply, mends it, sees who would match."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.browsing import serious, sign_in
from tests.pages_service import PASSWORD, command, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

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


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_a_charity_mends_a_broken_rule_and_sees_who_would_match(browser: Browser, address: str, lang: str, width: int) -> None:
    near, looked, draft = SAID[lang]
    page = sign_in(browser, address, "fund", PASSWORD, lang, width=width)
    page.goto("/projects")
    assert serious(page) == []
    page.click("main a.button")
    for name, text in {"id": f"warm-{lang}-fund", **FIELDS}.items():
        page.fill(f"#{name}", text)
    page.check("input[value=living]")
    page.click("fieldset summary")
    assert page.get_by_text("household_income", exact=True).is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#requires", RULE.format(word="residnce"))
    page.click("button[value=check]")
    assert near in page.inner_text("[role=alert]")
    assert near in page.inner_text("#requires-fault-1")
    assert page.locator("[role=alert] a").get_attribute("href") == "#requires"
    assert page.input_value("#title_zh") == FIELDS["title_zh"]
    assert serious(page) == []
    page.fill("#requires", RULE.format(word="residence"))
    page.click("button[value=check]")
    assert looked in page.inner_text(".finding")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("button[value=save]")
    assert f"/projects/warm-{lang}-fund" in page.url
    assert draft in page.inner_text(".tags")
    assert serious(page) == []
    page.click("button[value=submit]")
    page.goto(f"/projects/warm-{lang}-fund/edit")
    assert page.input_value("#amount") == "yuan(500)"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
