"""What is sent to mark an application, to decide on one, to record a death or a move, to withdraw an import; and what is answered."""

from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from api.shapes import Both, Open, Shape
from api.visit_shapes import Day, Given, Id, Name

Policy = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
Refusal = Literal[
    "income_over",
    "property_over",
    "not_member",
    "not_here",
    "condition_unmet",
    "papers_missing",
    "no_checking",
    "already_aided",
    "withdrew",
]
REFUSALS: tuple[Refusal, ...] = get_args(Refusal)
Yuan = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,2})?$")]
Outcome = Literal["confirmed", "refused"]


class ForItem(Given):
    """Of what, for whom."""

    policy: Policy = Field(description="a policy or project", examples=["dibao"])
    person: Id | None = Field(default=None, description="the member; left out for an item of the household", examples=["c4-1-patient"])


class NewApplication(ForItem):
    """That somebody applied, took an application back, or objects to its refusal, which opens a discussion."""

    state: Literal["applied", "withdrawn", "appealed"] = "applied"
    on: Day


class Basis(Given):
    """One of the documents that the policy's rule names, and an article of it."""

    document: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(examples=["社会救助法"])
    article: Annotated[str, StringConstraints(pattern=r"^[0-9一二三四五六七八九十百第条款项（）()至之、.\- ]{1,40}$")] | None = Field(
        default=None, examples=["第十二条"]
    )


class Decision(ForItem):
    """An officer's decision. Confirmed: the recognition that the policy grants, or its award, is put on file. Refused: with a reason."""

    outcome: Outcome
    decided_on: Day
    reason: Refusal | None = Field(default=None, description="for a refusal", examples=["income_over"])
    basis: list[Basis] = Field(min_length=1, max_length=5)
    begins: Day | None = Field(default=None, description="from when it counts; the day of the decision unless told")
    until: Day | None = Field(default=None, description="the last day on which it counts")
    amount: Yuan | None = Field(default=None, description="yuan per period, or once", examples=["1250.50"])


class Death(Given):
    """That a member died."""

    person: Id = Field(examples=["c4-1-patient"])
    died_on: Day


class Move(Given):
    """Where the household lives from a day on."""

    region: Annotated[str, StringConstraints(max_length=40)] = Field(examples=["371602"])
    moved_on: Day
    address: Annotated[str, StringConstraints(max_length=200)] | None = Field(default=None, description="encrypted on arrival")


class Departure(Given):
    """That one member lives with the household no more; and which other household it joins, if it is one of the caller's area."""

    person: Id = Field(examples=["c4-1-patient"])
    left_on: Day
    to: Id | None = Field(default=None, description="the household that it joins; left out: none that is on file", examples=["h-0417"])
    kin: Name | None = Field(default=None, description="to the head of that household", examples=["child"])


class Withdrawal(Given):
    """Which import is to be taken back."""

    source: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f]{1,200}$")] = Field(
        description="a file or source that a load printed, or `record` of an act", examples=["civil-affairs/awards.csv"]
    )
    dry_run: bool = Field(default=False, description="only say what would be done")


class ItemBefore(Open):
    """An item as it stood, or stands: status, caveats, amounts, as in the bundle."""

    status: str = Field(examples=["can"])


class Changed(Shape):
    """An item that is another one now; null where it was or is not eligible."""

    policy: str
    who: str | None
    title: Both
    before: ItemBefore | None
    after: ItemBefore | None


class Kept(Shape):
    """What was kept, and what it changes in the bundle."""

    household: str
    stored: int = Field(description="how many parts brought something new")
    unchanged: int = Field(description="how many were known already")
    record: str = Field(description="under which this can be withdrawn", examples=["3f9a0c51e7d2b846"])
    referral: str | None = Field(default=None, description="the discussion that an objection opened, or found open")
    changes: list[Changed]


class Withdrawn(Shape):
    """What was, or with `dry_run` would be, done."""

    source: str
    statements: int
    households: int = Field(description="households that it told of")
    removed: dict[str, int] = Field(description="by kind")
    kept: dict[str, int] = Field(description="rows that another source still tells, by kind")
    dry_run: bool
