"""Referrals in a real browser: an officer takes a matter to its end, a charity answers an offer; both languages, phone and desk."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest

from tests.browsing import WIDTHS, sign_in
from tests.pages_service import PASSWORD
from tests.referral_service import serving_referrals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.pages_service import Service

NAMES = re.compile(r"c4-\d")
MATTERS = {"zh": "c4-2 户", "en": "Household c4-3"}
DUE = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=40)).isoformat()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for all: each test has a matter, or an offer, of its own."""
    with serving_referrals(tmp_path_factory.mktemp("referrals")) as running:
        yield running


def signed_in(browser: Browser, service: Service, account: str, lang: str, width: int, *, scripts: bool = False) -> Page:
    return sign_in(browser, service.address, account, PASSWORD, lang, width=width, scripts=scripts)


def do(page: Page, move: str, **fields: str) -> None:
    """Unfold the form of a move, fill it, send it."""
    form = page.locator(f"details:has(> form input[name=move][value={move}])").first
    form.locator("> summary").click()
    for name, value in fields.items():
        part = form.locator(f"[name='{name.replace('_', '-')}']")
        if part.first.evaluate("one => one.type") == "radio":
            form.locator(f"[name={name}][value={value}]").check()
        elif part.evaluate("one => one.tagName") == "SELECT":
            part.select_option(value)
        else:
            part.fill(value)
    form.locator("> form > button[type=submit]").click()


@pytest.mark.parametrize(("lang", "device"), [("zh", "desk"), ("en", "phone")])
def test_an_officer_takes_a_matter_from_opened_to_closed(browser: Browser, service: Service, lang: str, device: str) -> None:
    page = signed_in(browser, service, "wang", lang, WIDTHS[device])
    page.goto("/referrals")
    page.click(f"table a >> text={MATTERS[lang]}")
    address = page.url
    do(page, "convene")
    there = signed_in(browser, service, "sun", lang, WIDTHS[device])
    there.goto(address)
    assert there.locator("a[href^='/households/c4']").count() == 0
    do(there, "opinion", stance="against", text="医保已按规定支付")
    page.goto(address)
    do(page, "put")
    called = page.locator("#decide-policy-0 option[value=medical-aid-again]").text_content() or ""
    assert "滨州" in called or "Binzhou" in called  # as it is called where the household lives
    item = {"amount_0": "20,000", "payer_0": "civil-affairs", "owner_0": "民政局", "due_0": DUE, "basis_0": "社会救助法第二十九条"}
    do(page, "decide", policy_0="dibao", text="会议同意", **item)
    assert page.locator(".errors a[href='#decide-policy-0']").inner_text().count("社会救助法") == 1
    assert page.locator("#decide-owner-0").input_value() == "民政局"
    page.select_option("#decide-policy-0", "temporary-aid-expense")
    page.locator("details[open] > form > button[type=submit]").click()
    assert "¥20,000" in page.inner_text("section[aria-labelledby=decision]")
    do(page, "pay", item="0", amount="18000")
    do(page, "finish")
    do(page, "close", text="已告知家庭")
    assert page.locator("main details form").count() == 0
    assert page.locator("section[aria-labelledby=history] li").count() == 8
    household = page.locator("a[href^='/households/c4']").get_attribute("href")
    assert household
    page.goto(household)
    assert "¥18,000" in page.inner_text("section[aria-labelledby=now]")


@pytest.mark.parametrize(("lang", "device"), [("zh", "phone"), ("en", "desk")])
def test_a_charity_accepts_pays_and_reports_without_learning_who(browser: Browser, service: Service, lang: str, device: str) -> None:
    page = signed_in(browser, service, "hu", lang, WIDTHS[device])
    assert page.url.endswith("/referrals")
    page.click("table a")
    assert not NAMES.search(page.content())
    do(page, "accept", amount="900000")
    assert page.locator(".errors a[href='#accept-amount']").count() == 1
    page.fill("#accept-amount", "100,000")
    page.locator("details[open] > form > button[type=submit]").click()
    assert "¥100,000" in page.inner_text("dl")
    do(page, "pay", amount="90000")
    assert "¥90,000" in page.inner_text("dl")
    do(page, "close", text="已回访")
    assert not NAMES.search(page.content())
    assert page.locator("main details form").count() == 0


def test_a_charity_declines_and_another_is_told_of_nothing(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "hu", "zh", 1440)
    page.click("tr:has-text('还有') a")
    address = page.url
    other = signed_in(browser, service, "other", "zh", 1440)
    assert other.locator("table").count() == 0
    assert other.goto(address).status == 404  # type: ignore[union-attr]
    do(page, "decline", code="more-facts")
    assert page.locator("main details form").count() == 0
    assert page.locator(".notice").count() == 1


def test_opened_by_hand_from_the_households_page_and_never_twice(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "wang", "zh", 1440)
    page.goto("/households/c4-5")
    page.click("a[href='/households/c4-5/refer']")
    page.select_option("#reason", "appeal")
    page.fill("#question", "电话 13900001234")
    page.click("form.stack >> nth=0 >> button")
    assert page.locator(".errors a[href='#question']").count() == 1
    page.fill("#question", "能否先救助后补手续？")
    page.click("form.stack >> nth=0 >> button")
    first = page.url
    assert "能否先救助后补手续？" in page.inner_text("main")
    page.goto("/households/c4-5/refer")
    page.select_option("#reason", "other")
    page.click("form.stack >> nth=0 >> button")
    assert page.url.split("?")[0] == first.split("?")[0]
    assert page.url.endswith("done=there")
