"""Acts by page, in a real browser: mark an application, decide, record a death and a move, enter a household, withdraw an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browsing import SHOTS
from tests.e2e.test_pages import signed_in
from tests.pages_service import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("acts")) as running:
        yield running


def submit(page: Page) -> None:
    page.click("main form.stack button[type=submit]")


def test_a_worker_marks_an_application_and_an_officer_refuses_it(browser: Browser, service: Service) -> None:
    worker = signed_in(browser, service, "zh", scripts=False)
    worker.goto("/households/c4-3/apply?item=temporary-aid-expense%7C")
    worker.fill("#on", "2026-08-01")
    submit(worker)
    assert "已登记" in worker.inner_text("[role=status]")
    assert "已申请，等候审核" in worker.inner_text("main table")
    worker.screenshot(path=SHOTS / "done-zh-desk.png", full_page=True)
    assert worker.request.get("/households/c4-3/decide").status == 403
    officer = signed_in(browser, service, "zh", scripts=False, account="sun")
    officer.goto("/households/c4-3/decide")
    assert "已申请，等候审核" in officer.inner_text("#item option:nth-child(2)")
    officer.select_option("#item", index=1)
    officer.click("main form.stack button")
    officer.check("input[value=refused]")
    officer.fill("#decided_on", "2026-08-20")
    submit(officer)
    assert officer.locator("[role=alert] a").get_attribute("href") == "#reason"
    assert officer.is_checked("input[value=refused]")
    officer.select_option("#reason", "papers_missing")
    submit(officer)
    assert "不予办理" in officer.inner_text("main table")
    officer.goto("/households/c4-3?as_of=2026-08-21")
    assert "不予办理（2026年8月20日）：材料不全，限期未补" in officer.inner_text("main")
    worker.goto("/households/c4-3/apply?item=temporary-aid-expense%7C")
    worker.check("input[value=appealed]")
    worker.fill("#on", "2026-08-25")
    submit(worker)
    worker.click("main a[href^='/referrals/']")
    assert "家庭对决定有异议" in worker.inner_text("main")
    assert "已提请" in worker.inner_text("main")


def test_what_is_confirmed_is_received_and_can_be_withdrawn_by_its_number(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "en", account="sun")
    page.goto("/households/c4-2/decide?item=dibao%7C")
    page.check("input[value=confirmed]")
    page.fill("#decided_on", "2026-08-20")
    submit(page)
    assert "received" in page.inner_text("main table")
    number = page.get_by_text("Record number").inner_text().split()[2].strip(".")
    page.goto("/imports")
    page.fill("#source", "never-loaded.csv")
    submit(page)
    assert page.input_value("#source") == "never-loaded.csv"
    page.fill("#source", number)
    submit(page)
    assert "would be withdrawn" in page.inner_text("[role=status]")
    submit(page)
    assert "were withdrawn" in page.inner_text("[role=status]")
    elsewhere = signed_in(browser, service, "en", account="qian")
    elsewhere.goto("/imports")
    elsewhere.fill("#source", number)
    submit(elsewhere)
    assert "not in your area" in elsewhere.inner_text("[role=alert]")


def test_a_member_leaves_and_is_counted_where_it_went(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh", scripts=False, account="sun")
    homes = []
    for names in (("郑一", "郑二"), ("冯一", "")):
        page.goto("/new-household")
        page.fill("#region", "371602")
        submit(page)
        assert page.inner_text("[role=alert] a") == "第 1 位成员 · 姓名：没有填写，或看不懂"
        for n, name in enumerate(names):
            page.fill(f"#p{n}-name", name)
        page.select_option("#p0-kin", "head")
        submit(page)
        homes.append(page.url.split("?")[0])
    page.goto(homes[0])
    page.click("a[href$='/depart']")
    page.select_option("#person", index=2)
    page.fill("#to", homes[0])
    submit(page)
    assert page.locator("[role=alert] a").get_attribute("href") == "#to"
    page.fill("#to", homes[1])
    page.select_option("#kin", "other")
    submit(page)
    assert "已登记" in page.inner_text("[role=status]")
    for home, people in zip(homes, ("1 人", "2 人"), strict=True):
        page.goto(home)
        assert people in page.inner_text(".tags")


def test_a_death_and_a_move_are_recorded_once_and_the_scope_follows(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh", scripts=False, account="sun")
    page.goto("/new-household")
    page.fill("#region", "371602")
    page.fill("#p0-name", "周一")
    page.select_option("#p0-kin", "head")
    page.fill("#p1-name", "周二")
    page.fill("#p1-id_card", "123")
    submit(page)
    assert page.locator("[role=alert] a").first.get_attribute("href") == "#p1-id_card"
    assert page.input_value("#p1-name") == "周二"
    page.fill("#p1-id_card", "")
    submit(page)
    assert "已登记" in page.inner_text("[role=status]")
    home = page.url.split("?")[0]
    assert "周一" not in page.content()
    page.goto(f"{home}/death")
    page.select_option("#person", index=2)
    page.fill("#died_on", "2026-09-01")
    sent: dict[str, str | float | bool] = {
        name: page.input_value(f"main [name={name}]") for name in ("csrf", "key", "tag", "person", "died_on")
    }
    submit(page)
    assert "已登记" in page.inner_text("[role=status]")
    assert page.request.post(f"{home}/death", form=sent).ok
    assert not page.request.post(f"{home}/death", form={**sent, "key": "another-word"}).ok
    page.goto(home)
    assert "1 人" in page.inner_text(".tags")
    page.goto(f"{home}/move")
    page.fill("#region", "370302")
    page.fill("#moved_on", "2026-09-02")
    submit(page)
    assert page.locator("[role=alert] a").get_attribute("href") == "#moved_on"
    page.goto(f"{home}/move")
    page.fill("#region", "370302")
    submit(page)
    assert "已登记" in page.inner_text("[role=status]")
    gone = page.goto(home)
    assert gone is not None
    assert gone.status == 404
    there = signed_in(browser, service, "zh", account="qian")
    seen = there.goto(home)
    assert seen is not None
    assert seen.status == 200
