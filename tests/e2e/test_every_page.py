"""Every page there is, in both languages, on a phone and at a desk: nothing seriously wrong for those who read it otherwise, none too wide,
no code of ours in it. The list is held against the application's routes, and a picture of each page is kept under build/screens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from tests.browsing import WIDTHS, faults_of, sign_in
from tests.service.listing import PROJECT, with_a_project
from tests.service.referring import referral_for, with_referrals
from tests.service.reporting import REPORT, reported_county
from tests.service.serving import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.service.serving import Served


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: its route, as whom it is opened ("": as nobody), what comes after its address, what it answers."""

    route: str
    account: str
    more: str = ""
    status: int = 200


HOME = "/households/{household}"
PAGES = {
    "sign-in": Shown("/sign-in", ""),
    "households": Shown("/households", "worker"),
    "household": Shown(HOME, "worker", "?near=1"),
    "why": Shown(f"{HOME}/why/{{policy}}", "worker"),
    "plan": Shown(f"{HOME}/plan", "worker"),
    "facts": Shown(f"{HOME}/facts", "worker"),
    "fact": Shown(f"{HOME}/facts", "worker", "?fact=rent_month"),
    "consent": Shown(f"{HOME}/consent", "worker"),
    "refer": Shown(f"{HOME}/refer", "worker"),
    "apply": Shown(f"{HOME}/apply", "worker"),
    "decide": Shown(f"{HOME}/decide", "officer"),
    "decide-item": Shown(f"{HOME}/decide", "officer", "?item=dibao%7C"),
    "death": Shown(f"{HOME}/death", "officer"),
    "depart": Shown(f"{HOME}/depart", "officer"),
    "move": Shown(f"{HOME}/move", "officer"),
    "new-household": Shown("/new-household", "worker"),
    "imports": Shown("/imports", "officer"),
    "policies": Shown("/policies", "worker"),
    "policy": Shown("/policies/{policy}", "worker"),
    "projects": Shown("/projects", "foundation"),
    "projects-officer": Shown("/projects", "officer"),
    "project-new": Shown("/projects/new", "foundation"),
    "project": Shown("/projects/{project}", "foundation"),
    "project-officer": Shown("/projects/{project}", "officer"),
    "project-edit": Shown("/projects/{project}/edit", "foundation"),
    "project-budget": Shown("/projects/{project}/budget", "foundation"),
    "referrals": Shown("/referrals", "officer"),
    "referral": Shown("/referrals/{referral}", "officer"),
    "referral-department": Shown("/referrals/{referral}", "department"),
    "packet": Shown("/referrals/{referral}/packet", "officer"),
    "offers": Shown("/referrals", "foundation"),
    "offer": Shown("/referrals/{referral}", "foundation"),
    "reports": Shown("/reports", "officer"),
    "report": Shown("/reports/{report}", "officer"),
    "report-foundation": Shown("/reports/{report}", "foundation"),
    "report-compare": Shown("/reports/{report}/compare/{other}", "analyst"),
    "report-households": Shown("/reports/{report}/households", "officer"),
    "problem": Shown(HOME, "worker", "-nobody", status=404),
}
NO_PAGES = ("/", "/reports/{report}/files/{file}")
"""Leads to the page that a role begins with; a file to be kept."""
CODES = {
    "zh": re.compile(r"\b(None|null|True|False|nan|undefined|civil-affairs|not_eligible|fact_unknown|no_rule|one_clause_short|township)\b"),
    "en": re.compile(r"\b(None|null|True|False|nan|undefined|civil-affairs|not_eligible|fact_unknown|no_rule|one_clause_short)\b"),
}
UNFOLD = "for (const one of document.querySelectorAll('main details')) one.open = true"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with reported_county(tmp_path_factory.mktemp("every"), 20) as one:
        found = one.desk.store.find("Household", {"lives_in": "371602"}, limit=1)
        one.households["own"] = found.rows[0]["id"]
        yield with_a_project(with_referrals(one))


def address_of(service: Served, shown: Shown) -> str:
    """Where the page is."""
    filled = {"household": service.households["own"], "policy": "dibao", "project": PROJECT, "report": REPORT, "other": REPORT}
    return shown.route.format(**filled, referral=referral_for(service, shown.account, "own")) + shown.more


def test_no_page_is_left_out(service: Served) -> None:
    routes = [one for one in iter_route_contexts(service.app.routes) if isinstance(one.original_route, APIRoute)]
    pages = {str(one.path) for one in routes if "GET" in (one.methods or ()) and not str(one.path).startswith("/api/")}
    assert pages - set(NO_PAGES) == {one.route for one in PAGES.values()}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("device", ["phone", "desk"])
def test_no_page_has_a_serious_fault_for_those_who_read_it_otherwise(browser: Browser, service: Served, lang: str, device: str) -> None:
    nobody = browser.new_context(viewport={"width": WIDTHS[device], "height": 900}, base_url=service.url).new_page()
    accounts = sorted({one.account for one in PAGES.values() if one.account})
    pages = {one: sign_in(browser, service.url, one, PASSWORD, lang, width=WIDTHS[device]) for one in accounts} | {"": nobody}
    faults = []
    for name, shown in PAGES.items():
        page = pages[shown.account]
        answer = page.goto(address_of(service, shown) + (f"?lang={lang}" if not shown.account else ""))
        assert answer is not None
        assert answer.status == shown.status, name
        page.evaluate(UNFOLD)
        faults += faults_of(page, name, lang, device, CODES[lang])
    assert faults == []
