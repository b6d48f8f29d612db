"""Is it alive, is it ready, how is it doing, and what can be asked: for machines that look after it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from api.caller import Caller
from api.deps import Needs, Open, service_of

routes = APIRouter(prefix="/api", tags=["service"])


class Alive(BaseModel):
    """The process answers."""

    status: str = Field(examples=["ok"])


class Ready(Alive):
    """Store and catalogue can be used."""

    catalogue: str = Field(description="hash of the catalogue that answers")


@routes.get("/health", dependencies=[Depends(Open("tells only that the process runs"))])
def health() -> Alive:
    """Whether the process answers."""
    return Alive(status="ok")


@routes.get("/ready", dependencies=[Depends(Open("tells only that the store can be read"))])
def ready(request: Request) -> Ready:
    """Whether the store can be read and the catalogue is loaded; 503 if not."""
    desk = service_of(request).opened
    desk.store.get("Meta", "ready")
    return Ready(status="ok", catalogue=desk.catalogue.hash)


@routes.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request, caller: Annotated[Caller, Depends(Needs("metrics.read"))]) -> Response:
    """Counters in the text format of Prometheus."""
    return Response(generate_latest(service_of(request).metrics.registry), media_type=CONTENT_TYPE_LATEST)


@routes.get("/openapi.json", dependencies=[Depends(Open("the description of the interface holds no data"))], include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """The description of all routes, OpenAPI 3.1."""
    described: dict[str, Any] = request.app.openapi()
    return JSONResponse(described)
