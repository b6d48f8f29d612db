"""Households: looked up, listed, read; what they can get and why, what to ask, their graph and their needs."""

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api import shapes
from api.area_list import Order, listed
from api.caller import Caller
from api.deps import Needs
from api.finding import found_by
from api.graph_json import graph_json
from api.known import household_json, version_of
from api.page import Page, page_json
from api.paging import USUAL, Cursor, Limit, Paged
from api.permissions import may
from api.receipts import Written
from api.show_explain import explain_json, subjects_of
from api.visit_shapes import Entered, NewHousehold, Visit
from api.writing import enter_household, enter_visit

S = TypeVar("S", bound=BaseModel)
routes = APIRouter(prefix="/api/households", tags=["households"])

Finder = Annotated[Caller, Depends(Needs("household.find"))]
Reader = Annotated[Caller, Depends(Needs("household.read"))]
Creator = Annotated[Caller, Depends(Needs("household.create"))]
Changer = Annotated[Caller, Depends(Needs("household.change"))]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{8,100}$",
        description="a new random word for each write; sent again with the same body, the answer is the same and nothing is done twice",
        examples=["6f1b2c9e-0d6e-4a53-9f6e-2b8c3f0f7a11"],
    ),
]
Match = Annotated[str | None, Header(alias="If-Match", max_length=100, description="`ETag` of the household as it was read; 428 without")]
Household = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,79}$", examples=["c4-1"])]
Person = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,79}$", description="this member only")]
Policy = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$", examples=["dibao"])]
Region = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$", max_length=40, description="only those who live in it", examples=["371602"]),
]
Sort = Annotated[Order, Query(description="difficulty: the hardest first, those whose index was not made yet last")]
Circle = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_-]{0,39}$", description="only those of this circle", examples=["core"])]
FIRST, LAST = dt.date(1990, 1, 1), dt.date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class When:
    """On which day, by what was recorded by when."""

    as_of: dt.date | None = None
    known_by: dt.date | None = None


async def asked_when(
    as_of: Annotated[dt.date | None, Query(ge=FIRST, le=LAST, description="the day; today unless told")] = None,
    known_by: Annotated[
        dt.date | None,
        Query(
            ge=FIRST,
            le=LAST,
            description="only facts recorded by this day; awards, recognitions, members and consents count by their own days",
        ),
    ] = None,
) -> When:
    """When a question is about, as the address says."""
    return When(as_of, known_by)


Moment = Annotated[When, Depends(asked_when)]


class Search(BaseModel):
    """Who is looked for: in the body, so that it stands in no address and no log."""

    model_config = ConfigDict(extra="forbid")
    by: Literal["name", "id_card", "phone"] = Field(examples=["name"])
    text: str = Field(min_length=1, max_length=100, examples=["李小明"])


@routes.post("/search")
def search(caller: Finder, given: Search) -> Paged[shapes.FoundHousehold]:
    """The households of the area with somebody of this name, ID card or phone."""
    part: Literal["name", "idcard", "phone"] = "idcard" if given.by == "id_card" else given.by
    found = found_by(caller.desk, part, given.text, lambda region: may(caller.account, caller.permission, region))
    caller.seen([one.household for one in found], action="find")
    return Paged(items=[shapes.FoundHousehold.model_validate(one.to_json()) for one in found])


@routes.get("")
def listing(
    caller: Finder, region: Region = None, circle: Circle = None, sort: Sort = "id", limit: Limit = USUAL, cursor: Cursor = None
) -> Paged[shapes.ListedHousehold]:
    """The households of the area, by id or the hardest first."""
    found, following = listed(caller, region, circle, sort, cursor, limit)
    return Paged(items=[shapes.ListedHousehold.model_validate(one.to_json()) for one in found], next=following)


@routes.post("", status_code=201)
def create(caller: Creator, given: NewHousehold, key: Key, response: Response) -> Entered:
    """Enter a household that a visit found, with its people."""
    written = enter_household(caller, given, key)
    response.headers["Location"] = f"{routes.prefix}/{written.body['household']}"
    return answered(Entered, written, response)


@routes.post("/{household}/visits")
def visit(caller: Changer, household: Household, given: Visit, key: Key, response: Response, match: Match = None) -> Entered:
    """Enter what a visit found: facts of the household and its people, entries of lists, lists that are whole."""
    return answered(Entered, enter_visit(caller, household, given, key, match), response)


@routes.get("/{household}", response_model=shapes.KnownHousehold)
def read(caller: Reader, household: Household, when: Moment) -> Response:
    """What is on file: members, facts with who said them and when. `ETag` is what a change has to name as `If-Match`."""
    tables = caller.tables(household)
    body = household_json(caller.desk, tables, household, when.as_of or caller.desk.today())
    return JSONResponse(body, headers={"ETag": version_of(tables, household)[1]})


@routes.get("/{household}/bundle", response_model=shapes.Bundle, response_model_exclude_none=True)
def bundle(
    caller: Reader, household: Household, when: Moment, *, near: Annotated[bool, Query(description="near misses too")] = False
) -> Response:
    """What it can get, layer by layer, what is left, what to ask."""
    return JSONResponse(page_json(opened(caller, household, when, near=near)))


@routes.get("/{household}/explain/{policy}", response_model=list[shapes.Explanation])
def explain(caller: Reader, household: Household, policy: Policy, when: Moment, who: Person = None) -> Response:
    """Why the household, or each member, is or is not eligible: every condition with its value, source, day and article."""
    page = opened(caller, household, when)
    return JSONResponse([explain_json(page, one, subject) for one, subject in subjects_of(page, policy, who)])


@routes.get("/{household}/ask", response_model=list[shapes.Question])
def ask(caller: Reader, household: Household, when: Moment) -> Response:
    """What to find out next, the most useful first."""
    return JSONResponse([question.to_json() for question in opened(caller, household, when).answers.asked_for])


@routes.get("/{household}/needs", response_model=shapes.HouseholdNeeds)
def needs(caller: Reader, household: Household, when: Moment) -> Response:
    """The needs, what each item covers of them, what is left."""
    whole = page_json(opened(caller, household, when))
    return JSONResponse({name: whole[name] for name in ("household", "as_of", "catalogue", "needs", "residual")})


@routes.get("/{household}/graph", response_model=shapes.Graph)
def graph(caller: Reader, household: Household) -> Response:
    """The household's surroundings as a graph, in the node-link form of networkx."""
    return JSONResponse(graph_json(caller.desk, caller.tables(household), household))


def answered(shape: type[S], written: Written, response: Response) -> S:
    """The answer to a write, with its heads."""
    if written.etag:
        response.headers["ETag"] = written.etag
    if written.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return shape.model_validate(written.body)


def opened(caller: Caller, household: str, when: When, *, near: bool = False) -> Page:
    """The household's page, for whoever may see it. Raises NotFound."""
    tables = caller.tables(household)
    return caller.pages.page(caller.desk, household, when.as_of or caller.desk.today(), when.known_by, near=near, tables=tables)
