"""The pages in a real browser, as a worker uses them: find, open, unfold, print; both languages, phone and desk, without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browsing import WIDTHS, fits, sign_in
from tests.pages_service import PASSWORD, Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

DAY = "as_of=2024-09-01"
HOUSEHOLD = "/households/c4-1"
SAID = {
    "zh": {
        "found": "找到 1 户",
        "summary": "可再申请 1 项，一次性 ¥231,480",
        "reason": "政策用尽后剩余医疗负担达到受理下限",
        "article": "《社会救助法》 第五十四条、第五十七条",
        "plan": "安心纾困慈善基金",
        "wrong": "账号或密码不对",
        "none": "没有这个户号，或不在您负责的范围内",
    },
    "en": {
        "found": "Found: 1",
        "summary": "1 more item can be applied for, ¥231,480 once",
        "reason": "medical cost left after every policy",
        "article": "第五十四条、第五十七条",
        "plan": "¥231,480 once",
        "wrong": "account or password is wrong",
        "none": "there is no such household",
    },
}
CODES = re.compile(r"\b(None|null|True|False|nan|undefined|civil-affairs|not_eligible|fact_unknown|anxin-relief-fund)\b")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with serving(tmp_path_factory.mktemp("service")) as running:
        yield running


def signed_in(browser: Browser, service: Service, lang: str, *, width: int = 1440, scripts: bool = True, account: str = "li") -> Page:
    return sign_in(browser, service.address, account, PASSWORD, lang, width=width, scripts=scripts)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("device", ["phone", "desk"])
def test_a_worker_finds_a_household_and_prints_its_plan_without_javascript(
    browser: Browser, service: Service, lang: str, device: str
) -> None:
    said, width = SAID[lang], WIDTHS[device]
    page = signed_in(browser, service, lang, width=width, scripts=False)
    page.fill("#q", "李小明")
    page.click("form[role=search] button")
    assert said["found"] in page.inner_text("main")
    assert "李小明" not in page.content()
    assert "李小明" not in page.url
    page.click("table a")
    assert page.url.endswith(HOUSEHOLD)
    page.goto(f"{HOUSEHOLD}?{DAY}")
    assert said["summary"] in page.inner_text(".finding")
    assert fits(page, width)
    reason = page.get_by_text(said["reason"]).first
    assert not reason.is_visible()
    page.locator(".why summary").last.click()
    assert reason.is_visible()
    assert page.get_by_text(said["article"]).last.is_visible()
    page.click("a.button")
    assert DAY in page.url
    assert said["plan"] in page.inner_text(".plan")
    assert not CODES.search(page.inner_text("body"))
    assert fits(page, width)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_plan_is_one_sheet_of_paper(browser: Browser, service: Service, lang: str) -> None:
    page = signed_in(browser, service, lang)
    page.goto(f"{HOUSEHOLD}/plan?{DAY}")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.set_viewport_size({"width": 688, "height": 1000})  # as wide as a sheet between its margins: no phone
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('.plan tbody tr')).display") == "table-row"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_password_is_said_and_the_account_stays_typed(browser: Browser, service: Service, lang: str) -> None:
    page = browser.new_context(base_url=service.address).new_page()
    page.goto(f"/sign-in?lang={lang}")
    page.fill("#account", "li")
    page.fill("#password", "not this one")
    page.click("main button[type=submit]")
    assert SAID[lang]["wrong"] in page.inner_text("[role=alert]")
    assert page.input_value("#account") == "li"
    assert page.input_value("#password") == ""


def test_what_a_visit_found_is_entered_and_counts_at_once(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh", scripts=False)
    page.goto("/households/c4-2/facts")
    page.locator("form.pick").nth(1).locator("select").select_option("wage_month")
    page.locator("form.pick").nth(1).locator("button").click()
    page.fill("#value", "many")
    page.click("main button[type=submit]")
    assert page.locator("[role=alert] a").get_attribute("href") == "#value"
    assert page.input_value("#value") == "many"
    assert "wage_month" not in page.inner_text("[role=alert]")
    page.fill("#value", "1234.5")
    page.click("main button[type=submit]")
    assert "已登记" in page.inner_text("[role=status]")
    page.goto("/households/c4-2/why/dibao")
    assert "¥1,234.50" in page.content()
    assert "入户走访" in page.content()


def test_a_consent_is_entered_once_however_often_it_is_sent(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh")
    page.goto("/households/c4-3/consent")
    assert page.locator("input[name=scope]:checked").count() == 0
    page.click("main button[type=submit]")
    assert "请勾选" in page.inner_text("[role=alert]")
    page.check("input[value=charity]")
    sent: dict[str, str | float | bool] = {name: page.input_value(f"main [name={name}]") for name in ("csrf", "key", "tag", "who", "from")}
    page.click("main button[type=submit]")
    assert "已登记" in page.inner_text("[role=status]")
    assert "同意书" in page.content()
    again = page.request.post("/households/c4-3/consent", form={**sent, "scope": "charity"})
    assert again.url.endswith("saved=1")


def test_a_form_of_another_site_is_refused(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh")
    form: dict[str, str | float | bool] = {"fact": "rent_month", "value": "1", "true_on": "2026-01-01", "key": "k" * 12, "tag": "x"}
    answer = page.request.post(f"{HOUSEHOLD}/facts", form=form, headers={"Accept": "text/html"})
    assert answer.status == 403


def test_who_is_not_signed_in_is_led_there_and_back(browser: Browser, service: Service) -> None:
    page = browser.new_context(base_url=service.address).new_page()
    page.goto("/policies?q=dibao")
    assert "/sign-in" in page.url
    page.fill("#account", "li")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    assert page.url.endswith("/policies?q=dibao")


def test_signing_out_closes_every_page(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh")
    page.click("header button")
    page.goto(HOUSEHOLD)
    assert "/sign-in" in page.url


def test_a_household_of_another_area_is_not_there(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh", account="zhao")
    for address in (HOUSEHOLD, f"{HOUSEHOLD}/plan", f"{HOUSEHOLD}/why/dibao"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 404
        assert SAID["zh"]["none"] in page.inner_text("main")
    page.goto("/households")
    page.fill("#q", "李小明")
    page.click("form[role=search] button")
    assert "c4-1" not in page.content()


def test_the_other_language_is_the_same_page_and_stays_chosen(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh")
    page.goto(f"{HOUSEHOLD}?{DAY}")
    page.click("header .lang")
    assert DAY in page.url
    assert SAID["en"]["summary"] in page.inner_text(".finding")
    page.goto("/policies")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_skip_link_is_the_first_stop_of_the_keyboard(browser: Browser, service: Service) -> None:
    page = signed_in(browser, service, "zh")
    page.goto("/policies")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href") == "#main"
