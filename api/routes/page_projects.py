"""The pages about charities' projects: list, form with its reply, one project with its history, review, budget."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api import words
from api.caller import Caller
from api.deps import Needs
from api.errors import BadRequest, Conflict, Forbidden, ServiceError, Stale, told
from api.listing import ACTIONS, MOVES, STATE_WORDS, Listing
from api.listing_text import project_of, read_listed, text_of
from api.listing_writes import change_project, enter_project, open_project, open_projects, organization_of, tag_of, take_action, without
from api.pages.frame import Link, show
from api.pages.policies_view import VersionView, policy_href, version_view
from api.pages.project_form import PATHS, ProjectForm, blank_form, form_of, new_key, project_in, rule_names, with_faults
from api.pages.projects_view import ReplyView, acts_of, budget_view, places_of, project_href, reply_view, rows_of, steps_of, why_not
from api.pages.texts_projects import PROJECT_TEXTS
from api.payments import Payment, account_json, enter_payment, holds_for, least_for, project_for, projects_for
from api.permissions import BY_CONSENT, may
from api.reading import Reading
from api.routes.pages import SEE_OTHER
from api.routes.projects import Project, reply_for
from api.wiring import day_of

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Reader = Annotated[Caller, Depends(Needs("project.read"))]
Writer = Annotated[Caller, Depends(Needs("project.write"))]
Payer = Annotated[Caller, Depends(Needs("project.pay"))]
Moderator = Annotated[Caller, Depends(Needs("project.moderate"))]
Word = Annotated[str, Form(max_length=1000)]
Text = Annotated[str, Form(max_length=20_000)]
Long = Annotated[str, Form(max_length=200)]
REFUSED = (BadRequest, Conflict, Forbidden, Stale)


def filled(
    id: Long = "", title_zh: Long = "", title_en: Long = "", organisation: Long = "", document: Long = "", unit: Long = "",
    layer: Long = "", region: Word = "", requires: Text = "", kind: Long = "", pays: Long = "", amount: Word = "", cap: Word = "",
    per: Long = "", budget: Long = "", places: Long = "", open_from: Long = "", open_until: Long = "", more: Text = "", tag: Long = "",
    key: Long = "", covers: Annotated[list[str] | None, Form()] = None,
) -> ProjectForm:  # fmt: skip
    """The form as it was sent."""
    sent = locals()
    values = {name: str(sent[name]) for name in PATHS if name != "covers"} | {"covers": ""}
    return ProjectForm(values, tuple(covers or ()), more, tag=tag, key=key or new_key())


Filled = Annotated[ProjectForm, Depends(filled)]


@routes.get("/projects")
def projects(request: Request, caller: Reader) -> Response:
    """What waits for review, and all."""
    rows = rows_of(caller)
    waiting = [one for one in rows if one.state == words.say(STATE_WORDS["submitted"], caller.desk.lang)]
    theirs = caller.account.role in BY_CONSENT
    return _show(
        request, caller, "projects.html", rows=rows, waiting=waiting, theirs=theirs, may_write=may(caller.account, "project.write")
    )


@routes.get("/projects/new")
def new_project(request: Request, caller: Writer) -> Response:
    """An empty form."""
    return _form(request, caller, blank_form(organization_of(caller) or ""), "")


@routes.post("/projects/new")
def enter(request: Request, caller: Writer, form: Filled, do: Word = "check") -> Response:
    """Check a new project, or keep it as a draft."""
    return _taken(request, caller, form, "", do)


@routes.get("/projects/{project}/edit")
def edit_project(request: Request, caller: Writer, project: Project) -> Response:
    """The form of a project."""
    found = open_project(caller, project)
    return _form(request, caller, form_of(project_of(found.last["text"]), tag_of(found)), project)


@routes.post("/projects/{project}/edit")
def change(request: Request, caller: Writer, project: Project, form: Filled, do: Word = "check") -> Response:
    """Check a change, or keep it."""
    open_project(caller, project)
    return _taken(request, caller, form, project, do)


@routes.get("/projects/{project}")
def project_page(request: Request, caller: Reader, project: Project, *, reply: bool = False, saved: bool = False) -> Response:
    """One project: its rule in words, its state, what may be done, its history; the reply where it is asked for."""
    return _project(request, caller, open_project(caller, project), reply=reply, saved=saved)


@routes.post("/projects/{project}/actions")
def act(request: Request, caller: Writer, project: Project, *, action: Word, tag: Word, key: Word, reason: Word = "") -> Response:
    """Send it for review, pause it, …"""
    return _done(request, caller, project, action, reason, key, tag, decides=False)


@routes.get("/projects/{project}/budget")
def budget(request: Request, caller: Payer, project: Project, *, saved: bool = False) -> Response:
    """What is left, held and paid, and the form of a payment."""
    return _budget(request, caller, project, saved=saved)


@routes.post("/projects/{project}/payments")
def pay(request: Request, caller: Payer, project: Project, *, hold: Word, amount: Long, paid_on: Long, key: Long) -> Response:
    """Enter what was paid of a hold."""
    version, day = project_for(caller, project), caller.desk.today()
    try:
        given = Payment(hold=hold, amount=amount.replace(",", ""), paid_on=day_of(paid_on or None, day))  # type: ignore[arg-type]  # read as text
        enter_payment(caller, version, given, key)
    except ValidationError:
        texts = PROJECT_TEXTS
        wrong = BadRequest(texts["zh"]["pay_wrong"], texts["en"]["pay_wrong"])
        return _budget(request, caller, project, error=wrong, sent=(hold, amount, paid_on))
    except REFUSED as error:
        return _budget(request, caller, project, error=error, sent=(hold, amount, paid_on))
    return RedirectResponse(f"{project_href(project)}/budget?saved=1", SEE_OTHER)


@routes.post("/projects/{project}/decision")
def decide(request: Request, caller: Moderator, project: Project, *, action: Word, tag: Word, key: Word, reason: Word = "") -> Response:
    """Approve or refuse it."""
    return _done(request, caller, project, action, reason, key, tag, decides=True)


def _taken(request: Request, caller: Caller, form: ProjectForm, project: str, do: str) -> Response:
    """A form that was sent: kept, or shown again with its faults or the reply."""
    try:
        given = project_in(form)
        if do == "save":
            written = change_project(caller, project, given, form.key, form.tag) if project else enter_project(caller, given, form.key)
            return RedirectResponse(f"{project_href(written.body['project'])}?saved=1&reply=1", SEE_OTHER)
        reply = reply_view(caller.desk, reply_for(caller, text_of(given), project))
    except REFUSED as error:
        return _form(request, caller, with_faults(form, getattr(error, "places", ()), caller.desk.lang), project, error=error)
    return _form(request, caller, form, project, reply=reply)


def _done(request: Request, caller: Caller, project: str, action: str, reason: str, key: str, tag: str, *, decides: bool) -> Response:
    """An action that was sent."""
    open_project(caller, project)
    known = next((one for one in ACTIONS if one == action and MOVES[one].decides == decides), None)
    if known is None:
        raise BadRequest("没有这项办理", "there is no such action")
    try:
        take_action(caller, project, known, reason, key, tag)
    except REFUSED as error:
        return _project(request, caller, open_project(caller, project), error=error, reason=reason)
    return RedirectResponse(f"{project_href(project)}?saved=1", SEE_OTHER)


def _project(
    request: Request,
    caller: Caller,
    found: Listing,
    *,
    reply: bool = False,
    saved: bool = False,
    error: ServiceError | None = None,
    reason: str = "",
) -> Response:
    desk, faults, rule, answer = caller.desk, list[Link](), None, None
    try:
        rule = _rule(caller, found)
        answer = reply_view(desk, reply_for(caller, found.last["text"], found.id)) if reply else None
    except BadRequest as unfit:
        faults += [Link(one.en if desk.lang == "en" else one.zh, "") for one in unfit.places]
    if error is not None:
        faults.append(_said(error, caller, "#reason"))
    last, lang = found.last, desk.lang
    decides = may(caller.account, "project.moderate")
    shown: dict[str, Any] = {
        "title": last["title_en" if lang == "en" else "title_zh"],
        "row": next(one for one in rows_of(caller) if one.href == project_href(found.id)),
        "where": places_of(desk, last["region"]),
        "rule": rule,
        "reply": answer,
        "steps": steps_of(found, lang),
        "acts": acts_of(caller, found, decides=False),
        "decisions": acts_of(caller, found, decides=True) if decides and not why_not(caller, found) else [],
        "why_not": why_not(caller, found) if decides else "",
        "number": last["number"],
        "href": project_href(found.id),
        "may_edit": found.state != "withdrawn",
        "money": any(one.id == found.id for one in projects_for(caller)),
    }
    return _show(
        request, caller, "project.html", status=error.status if error else 200, faults=faults, saved=saved, reason=reason,
        key=new_key(), tag=tag_of(found), **shown,
    )  # fmt: skip


def _budget(
    request: Request,
    caller: Caller,
    project: str,
    *,
    saved: bool = False,
    error: ServiceError | None = None,
    sent: tuple[str, str, str] = ("", "", ""),
) -> Response:
    version, lang = project_for(caller, project), caller.desk.lang
    told_of = account_json(caller.desk.store, version, least=least_for(caller))
    faults = []
    if error is not None:
        places = getattr(error, "places", ())
        faults = [Link(one.en if lang == "en" else one.zh, "#holds") for one in places] or [_said(error, caller, "#holds")]
    listed = any(one.id == project for one in open_projects(caller))
    crumb = Link(words.say(version.title, lang), project_href(project) if listed else policy_href(project))
    shown: dict[str, Any] = {
        "view": budget_view(caller, told_of, holds_for(caller, version), holds_for(caller, version, paid=True)),
        "today": caller.desk.today().isoformat(),
        "theirs": caller.account.role in BY_CONSENT,
    }
    return _show(
        request, caller, "project_budget.html", status=error.status if error else 200, crumb=crumb, faults=faults, saved=saved,
        key=new_key(), sent=sent, href=project_href(project), **shown,
    )  # fmt: skip


def _rule(caller: Caller, found: Listing) -> VersionView:
    """The newest version in plain words. Raises BadRequest if it does not fit the catalogue any more."""
    desk = caller.desk
    catalogue, version = read_listed(without(desk.catalogue, found.id), found.id, found.last["text"], organization=None)
    return version_view(desk, version, Reading(catalogue, desk.lang))


def _form(
    request: Request, caller: Caller, form: ProjectForm, project: str, *, error: ServiceError | None = None, reply: ReplyView | None = None
) -> Response:
    """The form, with what is wrong above it and beside its fields, or with the reply."""
    lang, texts = caller.desk.lang, PROJECT_TEXTS[caller.desk.lang]
    faults = [
        Link(f"{texts.get(name, '')} {said}".strip(), f"#{name}" if name else "") for name, list_ in form.faults.items() for said in list_
    ]
    if error is not None and not faults:
        faults = [_said(error, caller, "")]
    choices = {
        "unit": _choices(words.UNIT, ("household", "person"), lang),
        "layer": _choices(words.LAYER, ("charity", "service"), lang),
        "kind": _choices(words.KIND, ("cash", "in_kind", "service", "fee_waiver"), lang),
        "pays": _choices(words.PAYS, ("discretionary", "reimbursement", "entitlement"), lang),
        "per": _choices(words.PER, ("once", "month", "year"), lang),
        "covers": [Link(words.say(one.title, lang), one.id) for one in caller.desk.catalogue.needs.values()],
    }
    return _show(
        request, caller, "project_form.html", status=error.status if error else 200, form=form, faults=faults, reply=reply,
        choices=choices, project=project, action=f"{project_href(project)}/edit" if project else "/projects/new",
        own=caller.account.role in BY_CONSENT, names=rule_names(caller.desk.catalogue, lang),
    )  # fmt: skip


def _choices(table: Any, codes: tuple[str, ...], lang: Any) -> list[Link]:
    return [Link(words.of(table, code, lang), code) for code in codes]


def _said(error: ServiceError, caller: Caller, href: str) -> Link:
    known = told(error, caller.desk.lang)
    return Link(known.text if known else "", href)


def _show(request: Request, caller: Caller, template: str, *, status: int = 200, **shown: Any) -> Response:
    """A page of this kind."""
    texts = PROJECT_TEXTS[caller.desk.lang]
    home = Link(texts["projects"], "/projects")
    return show(request, template, caller, active="/projects", status=status, p=texts, home=home, **shown)
