"""Policies and projects, facts, terms, standards and needs of the catalogue: looked up and read back in plain words."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from api.caller import Caller
from api.catalogue_json import fact_json, need_json, policy_json, standard_json, term_json
from api.catalogue_search import facts_matching, holds, policies_matching, terms_matching
from api.deps import Needs
from api.errors import NotFound
from api.paging import USUAL, Cursor, Limit, Paged, page_of_list
from api.reading import Reading
from api.shapes import Both

routes = APIRouter(prefix="/api", tags=["catalogue"])

Reader = Annotated[Caller, Depends(Needs("catalogue.read"))]
Words = Annotated[str, Query(max_length=100, description="a part of id, title or department; all unless told", examples=["医疗"])]
Id = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$", examples=["dibao"])]


class Entry(BaseModel):
    """An entry of the catalogue; its further keys are those of docs/json.md."""

    model_config = ConfigDict(extra="allow")
    title: Both


class Policy(Entry):
    """One version of a policy or project, its expressions as written and in words."""

    id: str = Field(examples=["dibao"])
    layer: str = Field(examples=["basic"])
    department: str = Field(examples=["civil-affairs"])
    unit: str = Field(examples=["household"])
    region: list[str] = Field(examples=[["37"]])
    in_force: dict[str, str | None]
    sources: list[dict[str, Any]]
    requires: dict[str, Any]


class FactEntry(BaseModel):
    """A fact: what one register or one visit can state."""

    model_config = ConfigDict(extra="allow")
    name: str = Field(examples=["wage_month"])
    label: Both
    type: str = Field(examples=["money"])
    ask: str | None = Field(examples=["human-resources"])


class TermEntry(Entry):
    """A term: what an article decides from facts."""

    id: str = Field(examples=["income-counted"])
    versions: list[dict[str, Any]]


class StandardEntry(Entry):
    """A standard: an amount, table or choice of a place, dated."""

    id: str = Field(examples=["dibao-standard"])
    values: list[dict[str, Any]]


class NeedEntry(Entry):
    """A need by formula."""

    id: str = Field(examples=["living"])
    unit: str
    window: str


def _answer(items: Iterable[tuple[str, Any]], cursor: str | None, limit: int) -> Response:
    shown, following = page_of_list(list(items), cursor, limit)
    return JSONResponse({"items": shown, "next": following})


def _only(found: list[Any]) -> Any:
    if not found:
        raise NotFound("目录中没有这一项，请核对编号", "the catalogue has no such entry: check its id")
    return found[0] if len(found) == 1 else found


@routes.get("/policies", response_model=Paged[Policy])
def policies(caller: Reader, q: Words = "", limit: Limit = USUAL, cursor: Cursor = None) -> Response:
    """Policies and projects, each version."""
    catalogue, reading = caller.desk.catalogue, Reading(caller.desk.catalogue, caller.desk.lang)
    found = [(f"{one}#{at}", version) for one in policies_matching(catalogue, q) for at, version in enumerate(catalogue.policies[one])]
    shown, following = page_of_list(found, cursor, limit)
    return JSONResponse({"items": [policy_json(one, reading) for one in shown], "next": following})


@routes.get("/policies/{policy}", response_model=list[Policy])
def policy(caller: Reader, policy: Id) -> Response:
    """The versions of one policy or project."""
    reading = Reading(caller.desk.catalogue, caller.desk.lang)
    versions = caller.desk.catalogue.policies.get(policy)
    if versions is None:
        raise NotFound("目录中没有这一项，请核对编号", "the catalogue has no such entry: check its id")
    return JSONResponse([policy_json(one, reading) for one in versions])


@routes.get("/facts", response_model=Paged[FactEntry])
def facts(caller: Reader, q: Words = "", limit: Limit = USUAL, cursor: Cursor = None) -> Response:
    """Facts: label, values, who can tell."""
    return _answer(((one.name, fact_json(one)) for one in facts_matching(caller.desk.catalogue, q)), cursor, limit)


@routes.get("/facts/{fact}", response_model=FactEntry)
def fact(caller: Reader, fact: Id) -> Response:
    """One fact."""
    return JSONResponse(_only([fact_json(one) for one in caller.desk.catalogue.facts.values() if one.name == fact]))


@routes.get("/terms", response_model=Paged[TermEntry])
def terms(caller: Reader, q: Words = "", limit: Limit = USUAL, cursor: Cursor = None) -> Response:
    """Terms: by which article, and how they follow from facts."""
    reading = Reading(caller.desk.catalogue, caller.desk.lang)
    return _answer(((one.id, term_json(one, reading)) for one in terms_matching(caller.desk.catalogue, q)), cursor, limit)


@routes.get("/terms/{term}", response_model=TermEntry)
def term(caller: Reader, term: Id) -> Response:
    """One term."""
    reading = Reading(caller.desk.catalogue, caller.desk.lang)
    return JSONResponse(_only([term_json(one, reading) for one in caller.desk.catalogue.terms.values() if one.id == term]))


@routes.get("/standards", response_model=Paged[StandardEntry])
def standards(caller: Reader, q: Words = "", limit: Limit = USUAL, cursor: Cursor = None) -> Response:
    """Standards: amounts, tables and choices by place and day."""
    found = [one for one in caller.desk.catalogue.standards.values() if holds(q, (one.id, one.title.zh, one.title.en))]
    return _answer(((one.id, standard_json(one)) for one in found), cursor, limit)


@routes.get("/standards/{standard}", response_model=StandardEntry)
def standard(caller: Reader, standard: Id) -> Response:
    """One standard with every value."""
    return JSONResponse(_only([standard_json(one) for one in caller.desk.catalogue.standards.values() if one.id == standard]))


@routes.get("/needs", response_model=Paged[NeedEntry])
def needs(caller: Reader, q: Words = "", limit: Limit = USUAL, cursor: Cursor = None) -> Response:
    """Needs that are known by formula."""
    reading = Reading(caller.desk.catalogue, caller.desk.lang)
    found = [one for one in caller.desk.catalogue.needs.values() if holds(q, (one.id, one.title.zh, one.title.en))]
    return _answer(((one.id, need_json(one, reading)) for one in found), cursor, limit)
