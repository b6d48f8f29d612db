"""Referrals: opened, listed, read with their packet, moved. Who may move what is data; a charity sees those that are offered to it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse

from api import referral_shapes as shapes
from api.caller import Caller
from api.deps import Needs
from api.errors import Unconditional
from api.packet import packet_json, packet_of
from api.paging import USUAL, Cursor, Limit, Paged
from api.referral_access import actor_of, list_of, opened_referral
from api.referral_json import referral_json
from api.referral_writing import moved, opened
from api.routes.households import Key, Match

routes = APIRouter(prefix="/api/referrals", tags=["referrals"])

Reader = Annotated[Caller, Depends(Needs("referral.read"))]
Opener = Annotated[Caller, Depends(Needs("referral.open"))]
Mover = Annotated[Caller, Depends(Needs("referral.move"))]
PacketReader = Annotated[Caller, Depends(Needs("referral.packet"))]
Id = Annotated[str, Path(pattern=r"^r-[0-9a-f]{16}$", examples=["r-3f9a0c51e7d2b846"])]
Sort = Annotated[Literal["discussion", "charity"] | None, Query(description="of this sort only")]
State = Annotated[str | None, Query(pattern=r"^[a-z][a-z_-]{0,39}$", description="in this state only", examples=["opened"])]
Ended = Annotated[bool, Query(description="also those that have ended")]


@routes.get("")
def listing(
    caller: Reader, sort: Sort = None, state: State = None, *, ended: Ended = False, limit: Limit = USUAL, cursor: Cursor = None
) -> Paged[shapes.Referral]:
    """Those that are the caller's to see, the most pressing first."""
    found, following = list_of(caller, sort, state, cursor, limit, ended=ended or state is not None)
    return Paged(items=[shapes.Referral.model_validate(one) for one in found], next=following)


@routes.post("", status_code=201)
def create(caller: Opener, given: shapes.NewReferral, key: Key, response: Response) -> shapes.Opened:
    """Open a discussion, or offer a household that agreed to a charity; 200 with the one that there is, where it is open already."""
    written = opened(caller, given, key)
    response.headers["Location"] = f"{routes.prefix}/{written.body['referral']}"
    if not written.body["new"]:
        response.status_code = 200
    _repeated(response, repeated=written.repeated)
    return shapes.Opened.model_validate(written.body)


@routes.get("/{referral}")
def read(caller: Reader, referral: Id, response: Response) -> shapes.Referral:
    """One referral, with what the caller may do next. `ETag` is what a move has to name as `If-Match`."""
    one = opened_referral(caller, referral)
    response.headers["ETag"] = one.tag
    return shapes.Referral.model_validate(referral_json(caller.desk, one, actor_of(caller)))


@routes.get("/{referral}/packet", response_model=shapes.Packet)
def packet(caller: PacketReader, referral: Id, *, near: Annotated[bool, Query(description="near misses too")] = True) -> Response:
    """Everything that a discussion needs, as things are today."""
    one = opened_referral(caller, referral)
    return JSONResponse(packet_json(caller.desk, packet_of(caller.desk, one, actor_of(caller), near=near)))


@routes.post("/{referral}/moves")
def move(caller: Mover, referral: Id, given: shapes.Movement, key: Key, response: Response, match: Match = None) -> shapes.Moved:
    """Make a move: take up, give an opinion, decide, report, accept, decline, …"""
    opened_referral(caller, referral)
    if match is None:
        raise Unconditional("请先读取，并在 If-Match 中写明读到的 ETag", "read the referral first, and send its ETag as If-Match")
    written = moved(caller, referral, given, key, match)
    if written.etag:
        response.headers["ETag"] = written.etag
    _repeated(response, repeated=written.repeated)
    return shapes.Moved.model_validate(written.body)


def _repeated(response: Response, *, repeated: bool) -> None:
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
