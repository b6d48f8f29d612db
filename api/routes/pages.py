"""The pages: sign in and out, my households, one household with its reasons and its plan, policies. Each calls what the interface calls."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import words
from api.accounts import LONGEST
from api.caller import Caller
from api.catalogue_search import policies_matching
from api.deps import COOKIE, Needs, Open, language, same_site
from api.errors import NotFound, ServiceError, SignedOut, TooMany, told
from api.lines_reasons import reasons_of
from api.pages.act_texts import ACT_TEXTS
from api.pages.frame import Link, show
from api.pages.household_view import household_href, household_view
from api.pages.list_view import found_view, list_view
from api.pages.plan_view import plan_view
from api.pages.policies_view import layers_of, policy_href, policy_view
from api.pages.texts import TEXTS
from api.pages.texts_referrals import REFERRALS
from api.permissions import may
from api.routes.households import Household, Moment, Person, Policy, When, opened
from api.routes.sessions import begin_session, end_session, set_cookie
from api.show_explain import subjects_of
from api.terminal import day

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Finder = Annotated[Caller, Depends(Needs("household.find"))]
Reader = Annotated[Caller, Depends(Needs("household.read"))]
AnyRole = Annotated[Caller, Depends(Needs("session.own"))]
Catalogue = Annotated[Caller, Depends(Needs("catalogue.read"))]
SEE_OTHER = 303
ACTS = (
    ("apply", "household.apply"),
    ("decide", "household.decide"),
    ("death", "household.record"),
    ("depart", "household.record"),
    ("move", "household.record"),
)
"""What is done to a household, by what it needs."""
NEAR = ("worker", "officer")
"""Roles that are shown near misses: for an applicant they would be a coach."""


def home(caller: Caller) -> Link:
    """The first crumb."""
    return Link(TEXTS[caller.desk.lang]["households"], "/households")


def asked_day(when: When) -> str:
    """The day of a question as links carry it; blank for today."""
    return urlencode({name: day.isoformat() for name, day in (("as_of", when.as_of), ("known_by", when.known_by)) if day is not None})


@routes.get("/sign-in", dependencies=[Depends(Open("signing in is how one gets a permission"))])
def sign_in_form(request: Request, to: str = "/") -> Response:
    """The form."""
    return show(request, "sign_in.html", faults=(), account="", to=_inside(to))


@routes.post("/sign-in", dependencies=[Depends(Open("signing in is how one gets a permission")), Depends(same_site)])
def sign_in(
    request: Request,
    account: Annotated[str, Form(max_length=40)],
    password: Annotated[str, Form(max_length=LONGEST)],
    to: Annotated[str, Form()] = "/",
) -> Response:
    """Begin a session; a form that does not fit is shown again with what was typed, but for the password."""
    try:
        token = begin_session(request, account, password)
    except (SignedOut, TooMany) as error:
        return show(
            request, "sign_in.html", status=error.status, faults=(_fault(request, error, "#account"),), account=account, to=_inside(to)
        )
    answer = RedirectResponse(_inside(to), SEE_OTHER)
    set_cookie(request, answer, token)
    return answer


@routes.post("/sign-out")
def sign_out(request: Request, caller: AnyRole) -> Response:
    """End the session."""
    end_session(request, caller)
    answer = RedirectResponse("/sign-in", SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@routes.get("/")
def front(caller: AnyRole) -> Response:
    """Where a role's work begins."""
    begins = (
        ("household.find", "/households"),
        ("referral.read", "/referrals"),
        ("report.read", "/reports"),
        ("catalogue.read", "/policies"),
    )
    return RedirectResponse(next(href for permission, href in begins if may(caller.account, permission)), SEE_OTHER)


@routes.get("/households")
def households(
    request: Request,
    caller: Finder,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    region: Annotated[str, Query(pattern=r"^([A-Za-z0-9]+(-[A-Za-z0-9]+)*)?$", max_length=40)] = "",
    circle: Annotated[str, Query(pattern=r"^([a-z][a-z0-9_-]{0,39})?$")] = "",
) -> Response:
    """The households of the area, the hardest first."""
    return show(request, "households.html", caller, active="/households", view=list_view(caller, cursor, region, circle))


@routes.post("/households/find")
def find(request: Request, caller: Finder, q: Annotated[str, Form(max_length=100)]) -> Response:
    """Those found; what is looked for stands in no address."""
    return show(request, "households.html", caller, active="/households", view=found_view(caller, q))


@routes.get("/households/{household}")
def household_page(
    request: Request, caller: Reader, household: Household, when: Moment, *, near: bool = False, saved: bool = False
) -> Response:
    """One household; near misses only where they are asked for."""
    may_near = caller.account.role in NEAR
    page = opened(caller, household, when, near=near and may_near)
    view, change = household_view(page, caller.desk.lang, asked_day(when)), may(caller.account, "household.change")
    acts = [(name, may(caller.account, permission)) for name, permission in ACTS]
    links = tuple(Link(ACT_TEXTS[caller.desk.lang][name], f"{view.href}/{name}") for name, allowed in acts if allowed)
    told: dict[str, Any] = {"may_near": may_near, "may_change": change, "saved": saved, "home": home(caller)}
    told |= {"acts": links, "apply": next((link.text for link in links if link.href.endswith("/apply")), "")}
    told |= {"r": REFERRALS[caller.desk.lang], "may_refer": may(caller.account, "referral.open")}
    return show(request, "household.html", caller, active="/households", view=view, **told)


@routes.get("/households/{household}/why/{policy}")
def why(request: Request, caller: Reader, household: Household, policy: Policy, when: Moment, who: Person = None) -> Response:
    """The reasons for one policy, for the household or each member."""
    page, lang, asked = opened(caller, household, when), caller.desk.lang, asked_day(when)
    told = []
    for one, subject in subjects_of(page, policy, who):
        reasons = reasons_of(page, one, subject, lang)
        status = reasons.item.status
        told.append({"mark": words.MARK[status], "status": status, "status_word": words.of(words.STATUS, status, lang), "told": reasons})
    title = words.say(page.title(policies_matching(page.catalogue, policy)[0]), lang)
    shown: dict[str, Any] = {
        "told": told,
        "title": title,
        "day": TEXTS[lang]["as_of"].format(d=day(page.as_of, lang)),
        "policy_href": policy_href(policy),
    }
    where: dict[str, Any] = {"home": home(caller), "household": Link(page.name, household_href(household) + (f"?{asked}" if asked else ""))}
    return show(request, "why.html", caller, active="/households", **shown, **where)


@routes.get("/households/{household}/plan")
def plan(request: Request, caller: Reader, household: Household, when: Moment) -> Response:
    """One page for the family."""
    view = plan_view(opened(caller, household, when), caller.desk.lang, caller.account.title)
    return show(request, "plan.html", caller, active="/households", view=view)


@routes.get("/policies")
def policies(request: Request, caller: Catalogue, q: Annotated[str, Query(max_length=60)] = "") -> Response:
    """Policies and projects by layers."""
    found = policies_matching(caller.desk.catalogue, q)
    return show(request, "policies.html", caller, active="/policies", query=q, count=len(found), layers=layers_of(caller.desk, found))


@routes.get("/policies/{policy}")
def policy_page(request: Request, caller: Catalogue, policy: Policy) -> Response:
    """One policy in plain words."""
    if policy not in caller.desk.catalogue.policies:
        raise NotFound("没有这项政策", "there is no such policy")
    texts = TEXTS[caller.desk.lang]
    shown: dict[str, Any] = {"view": policy_view(caller.desk, policy), "policies": Link(texts["policies"], "/policies")}
    return show(request, "policy.html", caller, active="/policies", **shown)


def _inside(to: str) -> str:
    """An address of this service; anything else is the front page."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\", "/api", "/sign-")) and to.isprintable() else "/"


def _fault(request: Request, error: ServiceError, href: str) -> Link:
    known = told(error, language(request))
    assert known is not None
    return Link(known.text, href)
