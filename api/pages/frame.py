"""What stands around every page, and how a page is made of a template.

`show` is the one way to an HTML answer: the words of the language, the frame (who is signed in, where one is, the other language)
and what the page itself is about go into a template of `templates/`.
"""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.caller import Caller
from api.deps import LANGUAGE_COOKIE, language
from api.pages.act_texts import ACT_TEXTS
from api.pages.texts import TEXTS
from api.pages.texts_projects import PROJECT_TEXTS
from api.pages.texts_referrals import REFERRALS
from api.permissions import ROLE_WORDS, may
from api.settings import Lang
from api.terminal import day
from api.wiring import CHINA
from api.words import say

YEAR = 365 * 24 * 3600
TEMPLATES = PackageLoader("api.pages")
ENVIRONMENT = Environment(loader=TEMPLATES, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere, or a value of a field with its word."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """`account` is blank where nobody is signed in. `other_lang`: this page in the other language."""

    account: str
    csrf: str
    nav: tuple[Link, ...]
    active: str
    other_lang: str


def moment(at: dt.datetime, lang: Lang) -> str:
    """2026年8月1日 09:30, 1 August 2026 09:30: as clocks in China have it."""
    there = at.astimezone(CHINA)
    return f"{day(there.date(), lang)} {there:%H:%M}"


def render(template: str, lang: Lang, **told: object) -> str:
    """A page as text."""
    return ENVIRONMENT.get_template(template).render(t=TEXTS[lang], lang=lang, **told)


def show(
    request: Request, template: str, caller: Caller | None = None, *, active: str = "", status: int = 200, **told: object
) -> HTMLResponse:
    """A page as an answer; a language chosen in the address is remembered."""
    lang = language(request)
    answer = HTMLResponse(render(template, lang, frame=frame_of(request, caller, lang, active), **told), status)
    if request.query_params.get("lang"):
        answer.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=YEAR, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
        )
    return answer


def frame_of(request: Request, caller: Caller | None, lang: Lang, active: str) -> Frame:
    """The frame of a request."""
    texts = TEXTS[lang]
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = request.url.path if request.method == "GET" else "/"
    other = f"{path}?{urlencode([*(kept if request.method == 'GET' else ()), ('lang', texts['other_lang_code'])])}"
    if caller is None:
        return Frame("", "", (), active, other)
    links = (
        ("household.find", Link(texts["households"], "/households")),
        ("referral.read", Link(REFERRALS[lang]["offers" if caller.account.role == "foundation" else "title"], "/referrals")),
        ("report.read", Link(texts["reports"], "/reports")),
        ("project.read", Link(PROJECT_TEXTS[lang]["projects"], "/projects")),
        ("catalogue.read", Link(texts["policies"], "/policies")),
        ("household.withdraw", Link(ACT_TEXTS[lang]["imports"], "/imports")),
    )
    nav = tuple(link for permission, link in links if may(caller.account, permission))
    account = f"{caller.account.title or caller.account.id} · {say(ROLE_WORDS[caller.account.role], lang)}"
    return Frame(account, caller.csrf, nav, active, other)
