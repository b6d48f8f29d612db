"""What is sent to open and to move a referral, and what is answered. Money is sent in yuan, as on every form; answers carry fen."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from api.shapes import Both, Open, Shape
from api.visit_shapes import Day, Given, Id

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
Written = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
Short = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Yuan = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2, description="in yuan", examples=[20000])]
Stance = Literal["for", "against", "abstains"]
MOST_ITEMS = 20


def fen(yuan: Decimal) -> int:
    """An amount as it is kept."""
    return int(yuan * 100)


class NewReferral(Given):
    """A matter to be discussed, or a household to be offered to a charity."""

    household: Id = Field(examples=["c4-1"])
    sort: Literal["discussion", "charity"] = Field(examples=["discussion"])
    reason: Code | None = Field(default=None, description="of a discussion: an id of `opens` in referrals.yaml", examples=["appeal"])
    question: Written = Field(default="", description="the question to settle, where it is not simply what is left; no names, no numbers")
    project: Code | None = Field(default=None, description="of an offer: this project; the one that gives most unless told")


class Item(Given):
    """One thing that a decision grants: to whom, how much, who pays, who sees to it, by when, by which rule."""

    policy: Code = Field(examples=["temporary-aid-expense"])
    who: Id | None = Field(default=None, description="the member, for a policy about persons")
    amount: Yuan
    payer: Code = Field(description="a department, or the organisation of a charity project", examples=["civil-affairs"])
    owner: Short = Field(description="the office that sees to it; no names", examples=["石庙镇民政办"])
    due: Day = Field(description="by when", examples=["2026-12-31"])
    basis: Short = Field(description="document and article", examples=["社会救助法第二十九条"])


class Movement(Given):
    """What is done with a referral. What a move asks for stands in referrals.yaml; the rest is left out."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"move": "convene"}]})
    move: Code = Field(description="one of `moves` of the referral", examples=["convene"])
    code: Code | None = Field(default=None, description="the coded reason", examples=["policy-fits"])
    text: Written = Field(default="", description="in words; no names, no numbers of cards or phones")
    stance: Stance | None = Field(default=None, description="of an opinion")
    items: list[Item] = Field(default_factory=list, max_length=MOST_ITEMS, description="of a decision")
    item: Annotated[int, Field(ge=0, lt=MOST_ITEMS)] | None = Field(default=None, description="which item was carried out, from 0")
    amount: Yuan | None = Field(default=None, description="accepted or paid, in yuan; all of it unless told")
    day: Day | None = Field(default=None, description="on which it was paid; today unless told")


class Due(Shape):
    """The clock. `provisional`: holidays of that time are not published yet. `left`: working days, negative when late."""

    day: dt.date
    provisional: bool
    left: int
    up_to: Both | None = Field(description="whom it has gone up to")


class CanDo(Shape):
    """A move that the reader may make now."""

    move: str
    label: Both
    codes: list[dict[str, Any]] = Field(description="`{id, label}`, of which one has to be named")
    text: bool = Field(description="something has to be written")


class Referral(Shape):
    """A referral. For a foundation without household, reasons, departments, opinions and events: only what it needs to answer."""

    referral: str = Field(examples=["r-3f9a0c51e7d2b846"])
    sort: Literal["discussion", "charity"]
    household: str | None
    place: str
    people: int
    state: str
    label: Both
    opened_on: dt.date
    since: dt.date
    due: Due | None
    amount_fen: int = Field(description="what was surely left when it was opened")
    left: dict[str, int] = Field(description="need -> fen")
    project: str | None
    organization: str | None
    asked_fen: int | None
    granted_fen: int | None = Field(description="what the organisation holds or has paid")
    reasons: list[str]
    departments: list[str]
    question: str
    before: str | None = Field(description="the referral that it came from")
    decided_on: dt.date | None
    items: list[dict[str, Any]]
    opinions: list[dict[str, Any]]
    events: list[dict[str, Any]]
    moves: list[CanDo]


class Opened(Shape):
    """The referral of the matter; `new` is false where there was one."""

    referral: str
    new: bool


class Moved(Shape):
    """What came of a move; `next`: the referral that it opened."""

    referral: str
    state: str
    next: str | None = None


class Packet(Open):
    """Everything that a discussion needs; docs/json.md tells every key."""

    referral: Referral
    question: Both
    tested: list[dict[str, Any]]
