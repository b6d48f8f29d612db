"""The forms of the pages: what a visit found, a consent; entered as the interface enters it, and shown again if it cannot be kept."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.caller import Caller
from api.deps import Needs
from api.errors import BadRequest
from api.page import Page
from api.pages.faults import REFUSED, Faults, faults_of
from api.pages.forms_view import SCOPES, ConsentForm, FactForm, choose_form, consent_form, consent_visit, fact_form, fact_visit
from api.pages.frame import Link, show
from api.pages.household_view import household_href
from api.pages.texts import TEXTS
from api.routes.households import Household
from api.routes.pages import SEE_OTHER, home
from api.visit_shapes import Visit
from api.wiring import day_of
from api.writing import enter_visit

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Changer = Annotated[Caller, Depends(Needs("household.change"))]
Who = Annotated[str, Query(pattern=r"^([A-Za-z0-9][A-Za-z0-9._:@-]{0,79})?$")]
Word = Annotated[str, Form(max_length=100)]


@routes.get("/households/{household}/facts")
def facts_form(
    request: Request, caller: Changer, household: Household, fact: Annotated[str, Query(max_length=60)] = "", who: Who = ""
) -> Response:
    """One fact's field; without one, what there is to choose from."""
    page, lang = _page(caller, household), caller.desk.lang
    return _facts(request, caller, page, fact_form(page, fact, who, lang) if fact else choose_form(page, who, lang))


@routes.post("/households/{household}/facts")
def enter_fact(
    request: Request, caller: Changer, household: Household, *, fact: Word, value: Word, true_on: Word, key: Word, tag: Word, who: Word = ""
) -> Response:
    """Enter one fact of a visit."""
    page = _page(caller, household)
    form = fact_form(page, fact, who, caller.desk.lang, value=value, true_on=true_on)
    faults = _entered(caller, household, lambda: fact_visit(page, form, day_of(true_on, page.as_of)), key, tag)
    said = tuple(Link(one.text.replace(fact, form.label, 1).replace("… ", "", 1), one.href) for one in faults)
    return _facts(request, caller, page, form, said) if faults else _saved(household)


@routes.get("/households/{household}/consent")
def consent_page(request: Request, caller: Changer, household: Household, who: Who = "") -> Response:
    """The form of a consent."""
    page = _page(caller, household)
    return _consent(request, caller, page, consent_form(page, who))


@routes.post("/households/{household}/consent")
def enter_consent(
    request: Request,
    caller: Changer,
    household: Household,
    *,
    who: Word,
    key: Word,
    tag: Word,
    scope: Annotated[list[str], Form(default_factory=list)],
    begins: Annotated[str, Form(alias="from", max_length=40)],
    until: Word = "",
) -> Response:
    """Enter a consent that was signed on paper."""
    page = _page(caller, household)
    form = consent_form(page, who, scope=[one for one in scope if one in SCOPES], from_=begins, until=until)

    def given() -> Visit:
        ends = day_of(until, page.as_of) if until.strip() else None
        return consent_visit(who, _ticked(form.scope), day_of(begins, page.as_of), ends)

    faults = _entered(caller, household, given, key, tag)
    return _consent(request, caller, page, form, faults) if faults else _saved(household)


def _page(caller: Caller, household: str) -> Page:
    tables = caller.tables(household)
    return caller.pages.page(caller.desk, household, caller.desk.today(), tables=tables)


def _entered(caller: Caller, household: str, given: Callable[[], Visit], key: str, tag: str) -> Faults:
    """Enter a visit; what is wrong with it, as links to the field, if it cannot be kept."""
    try:
        enter_visit(caller, household, given(), key, tag)
    except REFUSED as error:
        return faults_of(error, caller.desk.lang, _field)
    return ()


def _field(path: str) -> str:
    """The field of a form that a place of the body was made of."""
    last = path.rsplit("/", 1)[-1]
    return f"#{last}" if last in ("true_on", "scope", "from", "until") else "#who" if last == "person" else "#value"


def _ticked(scope: tuple[str, ...]) -> list[str]:
    if not scope:
        raise BadRequest(TEXTS["zh"]["no_scope"], TEXTS["en"]["no_scope"])
    return list(scope)


def _saved(household: str) -> Response:
    return RedirectResponse(f"{household_href(household)}?saved=1", SEE_OTHER)


def _facts(request: Request, caller: Caller, page: Page, form: FactForm, faults: Faults = ()) -> Response:
    return _form(request, caller, page, "facts.html", form, faults)


def _consent(request: Request, caller: Caller, page: Page, form: ConsentForm, faults: Faults = ()) -> Response:
    return _form(request, caller, page, "consent.html", form, faults)


def _form(request: Request, caller: Caller, page: Page, template: str, form: FactForm | ConsentForm, faults: Faults) -> Response:
    """A form, with what is wrong above it."""
    household = Link(page.name, household_href(page.household))
    status = 422 if faults else 200
    return show(
        request, template, caller, active="/households", status=status, form=form, faults=faults, household=household, home=home(caller)
    )
