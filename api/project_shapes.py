"""The shapes of requests and answers about projects, for the description of the interface; docs/json.md explains every key."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.listing import State
from api.shapes import Both, Shape

EXAMPLE: dict[str, Any] = {
    "id": "winter-coal-fund",
    "title": {"zh": "暖冬取暖项目", "en": "Warm winter fund"},
    "layer": "charity",
    "department": "charity-federation",
    "unit": "household",
    "region": ["371602"],
    "source": {"document": "项目章程", "mark": "local"},
    "requires": {"all": [{"id": "left", "says": {"zh": "基本生活仍有缺口", "en": "living is not covered"}, "when": "left.living > 0"}]},
    "benefit": {
        **{"kind": "cash", "pays": "discretionary", "certainty": "exact", "covers": ["living"]},
        **{"amount": "left.living", "cap": "yuan(800)", "per": "once"},
    },
    "project": {"organisation": "warm-hands", "budget": 200000, "consent": "required"},
}
"""A project in the form of the rule language."""


class Entered(Shape):
    """What was kept: the version and its state."""

    project: str = Field(examples=["winter-coal-fund"])
    number: int = Field(examples=[1])
    state: State


class ListedProject(Shape):
    """A project of a charity. version: the newest; in_force: the number of the version that takes part in matching, if any does."""

    project: str = Field(examples=["winter-coal-fund"])
    title: Both
    organization: str = Field(examples=["warm-hands"])
    region: list[str] = Field(examples=[["371602"]])
    number: int = Field(examples=[1])
    state: State
    in_force: int | None


class Step(Shape):
    """Who did what when, and why."""

    at: dt.datetime
    account: str
    action: str = Field(examples=["approve"])
    number: int
    reason: str


class Project(ListedProject):
    """The same with what it says, its history, and what may be done now."""

    says: dict[str, Any] = Field(description="the newest version in the form of the rule language", examples=[EXAMPLE])
    history: list[Step]
    actions: list[str] = Field(examples=[["submit", "withdraw"]])


class Deed(BaseModel):
    """What a charity does with its project."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["submit", "pause", "resume", "withdraw"] = Field(examples=["submit"])
    reason: str = Field(default="", max_length=1000)


class Decision(BaseModel):
    """What an officer decides on a project; a refusal says why."""

    model_config = ConfigDict(extra="forbid")
    decision: Literal["approve", "refuse"] = Field(examples=["approve"])
    reason: str = Field(default="", max_length=1000)


class Place(Shape):
    """A region with its name."""

    region: str = Field(examples=["371602"])
    place: str = Field(examples=["滨州市 › 滨城区"])


class Never(Place):
    """A condition that nobody in a place can meet (null: all together)."""

    clause: str | None
    says: Both | None


class Area(Place):
    """Households looked at in a place; null: too few to be told."""

    looked_at: int
    households: int | None
    asking: int | None
    fen: int | None


class Overlap(Shape):
    """A policy or project for the same need."""

    policy: str = Field(examples=["anxin-relief-fund"])
    title: Both
    project: bool
    needs: list[str]
    same: list[Both] = Field(description="conditions that are the same")
    households: int | None = Field(description="that match both; null: too few to be told")


class Condition(Shape):
    """In how many households a condition is met, or may be."""

    clause: str
    says: Both
    households: int | None


class Reply(Shape):
    """What a project would reach, overlaps with, and cannot."""

    project: str
    catalogue: str
    as_of: dt.date
    warnings: list[Literal["nobody_can", "nobody_lives_here", "nobody_here", "budget_short"]]
    never: list[Never]
    looked_at: int = Field(description="households looked at, spread evenly over those that live where it serves")
    of: int = Field(description="households that live there")
    households: int | None = Field(description="of those looked at, that match; null: too few to be told")
    asking: int | None
    consent_first: int | None
    fen: int | None = Field(description="what those that match would be given within twelve months")
    budget_fen: int | None
    places: int | None
    areas: list[Area]
    overlaps: list[Overlap]
    conditions: list[Condition] = Field(description="where nobody matches: why")


class Account(Shape):
    """What a project has: fen; counts are null where they are too small to be told."""

    project: str
    budget_fen: int | None
    held_fen: int
    paid_fen: int
    left_fen: int | None
    places: int | None
    places_left: int | None
    holds: int | None
    payments: int | None


class HoldShape(Shape):
    """Money held, or paid, for a household that agreed to be shared."""

    id: str
    household: str
    fen: int
    since: dt.date = Field(description="held, or paid, on this day")
    until: dt.date | None


class HoldList(Shape):
    """Those of whom the caller may be told, and how many there are besides (null: too few to be told)."""

    items: list[HoldShape]
    others: int | None


class Paid(Shape):
    """What was entered."""

    project: str
    hold: str
    paid_fen: int
    paid_on: dt.date
