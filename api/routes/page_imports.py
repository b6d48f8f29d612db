"""The page on which an officer withdraws an import: first it says what would go."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, Response

from api.act_shapes import Withdrawal
from api.caller import Caller
from api.deps import Needs
from api.errors import NotFound
from api.load_withdraw import KINDS
from api.pages.act_forms import Form as FormView
from api.pages.act_forms import withdraw_form
from api.pages.act_texts import ACT_TEXTS
from api.pages.faults import REFUSED, Faults, faults_of
from api.pages.frame import show
from api.withdrawing import withdraw_import

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Withdrawer = Annotated[Caller, Depends(Needs("household.withdraw"))]


@routes.get("/imports")
def imports_page(request: Request, caller: Withdrawer) -> Response:
    """The form of a withdrawal."""
    return _imports(request, caller, withdraw_form(caller.desk.lang, "", looked=False))


@routes.post("/imports")
def imports(
    request: Request, caller: Withdrawer, source: Annotated[str, Form(max_length=200)], sure: Annotated[str, Form(max_length=3)] = ""
) -> Response:
    """Say what would go; sent again with `sure` it goes."""
    lang, texts = caller.desk.lang, ACT_TEXTS[caller.desk.lang]
    try:
        done = withdraw_import(caller, Withdrawal(source=source.strip(), dry_run=not sure))
    except (*REFUSED, NotFound) as error:
        return _imports(request, caller, withdraw_form(lang, source, looked=False), faults_of(error, lang, lambda _: "#source"))
    if not done["statements"]:
        return _imports(request, caller, withdraw_form(lang, "", looked=False), told=(texts["did_before"],))
    told = [texts["did" if sure else "would"].format(n=done["statements"], h=done["households"])]
    for name, word in (("removed", "goes"), ("kept", "stays")):
        told += [f"{texts[word]} {count} · {KINDS.get(kind, (kind, kind))[lang == 'en']}" for kind, count in sorted(done[name].items())]
    return _imports(request, caller, withdraw_form(lang, "" if sure else source, looked=not sure), told=tuple(told))


def _imports(request: Request, caller: Caller, form: FormView, faults: Faults = (), told: tuple[str, ...] = ()) -> Response:
    status = 422 if faults else 200
    return show(request, "act.html", caller, active="/imports", status=status, form=form, faults=faults, crumbs=[], told=told)
