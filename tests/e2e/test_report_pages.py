"""Gap reports in a real browser: an officer reads one, looks behind a figure and compares; an analyst has one made; a foundation reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from api.schedule import Worker
from tests.browsing import WIDTHS, faults_of, sign_in
from tests.service.reporting import OTHERS_REPORT, REPORT, reported_county
from tests.service.serving import PASSWORD, Served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

NOTHING = re.compile(r"\b(None|null|True|False|nan|undefined)\b")
CODES = re.compile(r"\b(None|null|True|False|nan|undefined|fact_unknown|one_clause_short|not_enough|township|living)\b")
SAID = {
    "zh": {
        "title": "滨城区帮扶缺口报告",
        "table": "看表格",
        "homes": "最困难的在前",
        "queued": "已排队",
        "same": "两次完全相同",
        "hidden": "少于 5",
    },
    "en": {
        **{"title": "What is missing in", "table": "Show the table", "homes": "the hardest first", "queued": "Queued"},
        **{"same": "exactly the same", "hidden": "fewer than 5"},
    },
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with reported_county(tmp_path_factory.mktemp("reported"), 20) as one:
        yield one


def signed_in(browser: Browser, service: Served, account: str, lang: str, device: str = "desk") -> Page:
    page = sign_in(browser, service.url, account, PASSWORD, lang, width=WIDTHS[device])
    page.goto("/reports")
    return page


def good(page: Page, name: str, lang: str, device: str) -> None:
    """It fits, says no code, and has no serious fault; a picture is kept."""
    assert faults_of(page, name, lang, device, CODES if lang == "zh" else NOTHING) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("device", ["phone", "desk"])
def test_an_officer_reads_a_report_looks_behind_a_figure_and_opens_a_household(
    browser: Browser, service: Served, lang: str, device: str
) -> None:
    said = SAID[lang]
    page = signed_in(browser, service, "officer", lang, device)
    good(page, "reports", lang, device)
    page.click(f"main a[href$='{REPORT}']")
    assert said["title"] in page.inner_text("h1")
    assert page.locator(".said p").count() == 3
    good(page, "report", lang, device)
    table = page.locator("section:has(#s-reasons) table")
    assert not table.is_visible()
    page.locator("section:has(#s-reasons) summary").click()
    assert table.is_visible()
    figure = table.locator("tbody tr").first
    counts = [int(re.sub(r"\D", "", cell)) for cell in figure.locator("td.num").all_inner_texts()[:2]]
    figure.locator("a").click()
    assert said["homes"] in page.inner_text("[role=status]")
    assert int(re.sub(r"\D", "", page.inner_text("[role=status]"))) == sum(counts)
    assert OTHERS_REPORT not in page.content()
    good(page, "report-households", lang, device)
    page.locator("tbody a").first.click()
    assert "/households/" in page.url
    assert page.locator(".finding").is_visible()


def test_an_analyst_has_a_report_made_and_compares_it(browser: Browser, service: Served) -> None:
    page = signed_in(browser, service, "analyst", "zh")
    page.fill("#as_of", "明年")
    page.click("main form[action='/reports'] button")
    assert "看不懂" in page.inner_text(".errors")
    assert page.input_value("#as_of") == "明年"
    page.fill("#as_of", "")
    page.click("main form[action='/reports'] button")
    assert SAID["zh"]["queued"] in page.inner_text(".notice")
    assert "等待定时服务处理" in page.inner_text("main")
    good(page, "reports-queued", "zh", "desk")
    assert Worker(service.desk).look() == 0
    page.goto("/reports")
    assert "等待定时服务处理" not in page.inner_text("main")
    page.locator("main table a").first.click()
    assert REPORT not in page.url
    assert page.locator("main a[href*='/households?']").count() == 0
    page.click("main a[href*='/compare/']")
    assert SAID["zh"]["same"] in page.inner_text("main")
    good(page, "report-compare", "zh", "desk")


def test_a_foundation_reads_it_without_small_counts(browser: Browser, service: Served) -> None:
    page = signed_in(browser, service, "foundation", "zh", "phone")
    assert page.locator("main form").count() == 0
    page.click(f"main a[href$='{REPORT}']")
    assert SAID["zh"]["hidden"] in page.content()
    assert page.locator("main a[href*='/households?'], main a[href*='/compare/']").count() == 0
    good(page, "report-foundation", "zh", "phone")
