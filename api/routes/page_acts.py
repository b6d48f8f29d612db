"""The pages of acts: mark an application, decide, record a death, a move or a departure, enter a household. Each calls what the interface
calls, and is shown again with what was typed if it cannot be kept."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.act_shapes import Basis, Death, Decision, Departure, Move, NewApplication
from api.acts import Read, application_rows, death_rows, decision_rows, departure_rows, move_rows
from api.caller import Caller
from api.deps import Needs
from api.page import Page
from api.pages.act_forms import PERSON_FIELDS, Typed, apply_form, death_form, decide_form, depart_form, labelled, move_form, new_form
from api.pages.act_forms import Form as FormView
from api.pages.act_texts import ACT_TEXTS
from api.pages.done_view import done_view
from api.pages.faults import REFUSED, Faults, faults_of
from api.pages.frame import Link, show
from api.pages.household_view import household_href
from api.pages.texts import TEXTS
from api.routes.acts import act_of
from api.routes.households import Household, When, opened
from api.routes.pages import SEE_OTHER, home
from api.visit_shapes import NewHousehold, NewPerson
from api.writing import enter_act, enter_household

routes = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Applier = Annotated[Caller, Depends(Needs("household.apply"))]
Decider = Annotated[Caller, Depends(Needs("household.decide"))]
Recorder = Annotated[Caller, Depends(Needs("household.record"))]
Creator = Annotated[Caller, Depends(Needs("household.create"))]
Item = Annotated[str, Query(max_length=170)]
Word = Annotated[str, Field(max_length=200)]


class Sent(BaseModel):
    """A form as it was sent, all of it words."""

    model_config = ConfigDict(extra="ignore")
    key: Word = ""
    tag: Word = ""
    item: Word = ""
    state: Word = ""
    on: Word = ""
    outcome: Word = ""
    decided_on: Word = ""
    basis: Word = ""
    reason: Word = ""
    begins: Word = ""
    until: Word = ""
    amount: Word = ""
    person: Word = ""
    died_on: Word = ""
    region: Word = ""
    moved_on: Word = ""
    left_on: Word = ""
    to: Word = ""
    kin: Word = ""
    address: Word = ""

    def said(self, *names: str) -> dict[str, Any]:
        """Some of it; what was left blank is left out."""
        return {name: value for name in names if (value := getattr(self, name).strip())}

    @property
    def of(self) -> dict[str, str | None]:
        """The item: policy and person."""
        policy, _, person = self.item.partition("|")
        return {"policy": policy, "person": person or None}


SentForm = Annotated[Sent, Form()]


@routes.get("/households/{household}/apply")
def apply_page(request: Request, caller: Applier, household: Household, item: Item = "") -> Response:
    """The form of an application."""
    page = opened(caller, household, When())
    return _shown(request, caller, page, apply_form(page, caller.desk.lang, {"item": item}))


@routes.post("/households/{household}/apply")
def apply(request: Request, caller: Applier, household: Household, sent: SentForm) -> Response:
    """Mark an application."""

    def given(_: Page) -> BaseModel:
        return NewApplication.model_validate({**sent.of, **sent.said("state", "on")})

    return _entered(request, caller, household, "apply", sent, given, application_rows, apply_form)


@routes.get("/households/{household}/decide")
def decide_page(request: Request, caller: Decider, household: Household, item: Item = "") -> Response:
    """The form of a decision; without an item, which there are."""
    page = opened(caller, household, When())
    return _shown(request, caller, page, decide_form(page, caller.desk.lang, {"item": item}))


@routes.post("/households/{household}/decide")
def decide(request: Request, caller: Decider, household: Household, sent: SentForm) -> Response:
    """Enter a decision."""

    def given(page: Page) -> BaseModel:
        sources = page.catalogue.policies[str(sent.of["policy"])][-1].sources if sent.of["policy"] in page.catalogue.policies else ()
        chosen = [one for number, one in enumerate(sources) if str(number) == sent.basis]
        basis = [Basis(document=one.document, article=one.article) for one in chosen]
        said = sent.said("outcome", "decided_on", "reason", "begins", "until", "amount")
        return Decision.model_validate({**sent.of, **said, "basis": basis})

    return _entered(request, caller, household, "decide", sent, given, decision_rows, decide_form)


@routes.get("/households/{household}/death")
def death_page(request: Request, caller: Recorder, household: Household) -> Response:
    """The form of a death."""
    page = opened(caller, household, When())
    return _shown(request, caller, page, death_form(page, caller.desk.lang, {}))


@routes.post("/households/{household}/death")
def death(request: Request, caller: Recorder, household: Household, sent: SentForm) -> Response:
    """Record a death."""

    def given(_: Page) -> BaseModel:
        return Death.model_validate(sent.said("person", "died_on"))

    return _entered(request, caller, household, "death", sent, given, death_rows, death_form)


@routes.get("/households/{household}/move")
def move_page(request: Request, caller: Recorder, household: Household) -> Response:
    """The form of a move."""
    page = opened(caller, household, When())
    return _shown(request, caller, page, move_form(caller, page, caller.desk.lang, {}))


@routes.post("/households/{household}/move")
def move(request: Request, caller: Recorder, household: Household, sent: SentForm) -> Response:
    """Record a move."""

    def given(_: Page) -> BaseModel:
        return Move.model_validate(sent.said("region", "moved_on", "address"))

    return _entered(request, caller, household, "move", sent, given, move_rows, partial(move_form, caller))


@routes.get("/households/{household}/depart")
def depart_page(request: Request, caller: Recorder, household: Household) -> Response:
    """The form of a departure."""
    page = opened(caller, household, When())
    return _shown(request, caller, page, depart_form(caller, page, caller.desk.lang, {}))


@routes.post("/households/{household}/depart")
def depart(request: Request, caller: Recorder, household: Household, sent: SentForm) -> Response:
    """Record a departure; the household may be given by the address of its page."""

    def given(_: Page) -> BaseModel:
        said = sent.said("person", "left_on", "to", "kin")
        return Departure.model_validate(said | ({"to": said["to"].rsplit("/households/", 1)[-1]} if "to" in said else {}))

    return _entered(request, caller, household, "depart", sent, given, departure_rows, partial(depart_form, caller))


class SentHousehold(BaseModel):
    """The form of a new household; the fields of people are lists, a person each."""

    model_config = ConfigDict(extra="ignore")
    key: Word = ""
    region: Word = ""
    true_on: Word = ""
    residence: Word = ""
    whole: Word = ""
    name: list[Word] = Field(default_factory=list, max_length=60)
    id_card: list[Word] = Field(default_factory=list, max_length=60)
    phone: list[Word] = Field(default_factory=list, max_length=60)
    kin: list[Word] = Field(default_factory=list, max_length=60)
    born: list[Word] = Field(default_factory=list, max_length=60)

    def people(self) -> list[dict[str, str]]:
        """What was typed of each, blank ones included."""
        columns = {name: getattr(self, name) for name in PERSON_FIELDS}
        return [
            {name: told[n].strip() if n < len(told) else "" for name, told in columns.items()}
            for n in range(max(map(len, columns.values())))
        ]

    def household(self) -> NewHousehold:
        """As the interface is told. Raises ValidationError."""
        people = [
            NewPerson.model_validate(
                {name: value for name, value in told.items() if value and name != "born"}
                | {"facts": {"born": told["born"]} if told["born"] else {}}
            )
            for told in self.people()
            if any(told.values())
        ]
        facts = {"residence": self.residence} if self.residence else {}
        said = {"region": self.region.strip(), "true_on": self.true_on.strip(), "facts": facts, "people": people, "whole": bool(self.whole)}
        return NewHousehold.model_validate(said)


@routes.get("/new-household")
def new_page(request: Request, caller: Creator) -> Response:
    """The form of a new household."""
    return _new(request, caller, {}, [], ())


@routes.post("/new-household")
def new(request: Request, caller: Creator, sent: Annotated[SentHousehold, Form()]) -> Response:
    """Enter a household that a visit found."""
    try:
        written = enter_household(caller, sent.household(), sent.key)
    except REFUSED as error:
        filled = [n for n, told in enumerate(sent.people()) if any(told.values())]
        typed = {"region": sent.region, "true_on": sent.true_on, "residence": sent.residence, "whole": sent.whole}
        return _new(request, caller, typed, sent.people(), faults_of(error, caller.desk.lang, lambda path: _person_field(path, filled)))
    return RedirectResponse(f"{household_href(written.body['household'])}?saved=1", SEE_OTHER)


def _entered(
    request: Request,
    caller: Caller,
    household: str,
    act: str,
    sent: Sent,
    given: Callable[[Page], BaseModel],
    rows: Callable[..., Read],
    form: Callable[[Page, Any, Typed], FormView],
) -> Response:
    """Do what was sent and say what it changed; or the form again, with what is wrong above it."""
    page, lang = opened(caller, household, When()), caller.desk.lang
    try:
        written = enter_act(caller, household, act_of(caller, household, given(page), rows), sent.key, sent.tag)
    except REFUSED as error:
        typed = {name: value for name, value in sent.model_dump().items() if value}
        return _shown(request, caller, page, form(page, lang, typed), faults_of(error, lang, _field))
    gone = not caller.among([household])
    back = Link(ACT_TEXTS[lang]["back_list"], "/households") if gone else Link(ACT_TEXTS[lang]["back"], household_href(household))
    view = done_view(act, written.body, page, back, lang)
    return show(request, "done.html", caller, active="/households", view=view, crumbs=[home(caller)])


def _field(path: str) -> str:
    """The field that a place of the body was made of."""
    first = path.split("/")[1] if "/" in path else ""
    return f"#{'item' if first == 'policy' else first}"


def _person_field(path: str, filled: list[int]) -> str:
    """The field of a new household's form; people who were left blank were not sent."""
    parts = path.split("/")
    if len(parts) > 3 and parts[1] == "people" and parts[2].isdigit() and int(parts[2]) < len(filled):
        return f"#p{filled[int(parts[2])]}-{parts[-1]}"
    return f"#{parts[-1]}" if parts[-1] in ("region", "true_on", "residence") else "#p0-name"


def _shown(request: Request, caller: Caller, page: Page, form: FormView, faults: Faults = ()) -> Response:
    crumbs = [home(caller), Link(page.name, household_href(page.household))]
    return _form(request, caller, form, faults, crumbs=crumbs)


def _new(request: Request, caller: Caller, typed: Typed, people: list[dict[str, str]], faults: Faults) -> Response:
    form = new_form(caller, caller.desk.today(), caller.desk.lang, typed, list(people))
    return _form(request, caller, form, faults, crumbs=[home(caller)])


def _form(request: Request, caller: Caller, form: FormView, faults: Faults, *, crumbs: list[Link]) -> Response:
    status, said = 422 if faults else 200, labelled(form, faults, TEXTS[caller.desk.lang]["colon"])
    return show(request, "act.html", caller, active="/households", status=status, form=form, faults=said, crumbs=crumbs, told=())
