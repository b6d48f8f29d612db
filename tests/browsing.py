"""A real browser for the tests of the pages: signing in, keeping a picture of a page, what is seriously wrong with it."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SHOTS = Path("build/screens")
WIDTHS = {"phone": 390, "desk": 1440}
PATIENCE = 120_000
"""Milliseconds that a page may take on a busy machine."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium (`make browser` installs it). One that does not start is a failure, never a skip."""
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
    assert path, "no Chromium: make browser installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])  # it opens our own pages alone
        yield started
        started.close()


def sign_in(
    browser: Browser, address: str, account: str, password: str, lang: str, *, width: int = WIDTHS["desk"], scripts: bool = True
) -> Page:
    """A page of somebody who signed in."""
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=scripts, base_url=address)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"/sign-in?lang={lang}")
    page.fill("#account", account)
    page.fill("#password", password)
    page.click("main button[type=submit]")
    return page


def fits(page: Page, width: int) -> bool:
    """Nothing stands beyond the right edge: a page is never scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


def serious(page: Page) -> list[str]:
    """What is seriously wrong for those who read the page otherwise."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]


def faults_of(page: Page, name: str, lang: str, device: str, codes: re.Pattern[str]) -> list[str]:
    """A picture of the page is kept; what is wrong with it: too wide, a code of ours in its text, a serious fault."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}-{lang}-{device}.png", full_page=True)
    found = serious(page)
    if not fits(page, WIDTHS[device]):
        found.append("wider than the screen")
    if code := codes.search(page.inner_text("main")):
        found.append(f"says {code[0]}")
    return [f"{name}: {one}" for one in found]
