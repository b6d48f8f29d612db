"""The shapes of answers about a household, for the description of the interface; docs/json.md explains every key.

The values are made by the functions that the terminal's `--json` uses; these classes say what they look like, and tests hold both together.
"""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["can", "has", "ask", "choice", "no"]


class Shape(BaseModel):
    """Every key is named."""

    model_config = ConfigDict(extra="forbid")


class Open(BaseModel):
    """More keys may follow, as docs/json.md tells: amounts under `…_fen` or `…_hours`."""

    model_config = ConfigDict(extra="allow")


class Both(Shape):
    """In Chinese and in English."""

    zh: str = Field(examples=["城市低保"])
    en: str = Field(examples=["Dibao"])


class Target(Shape):
    """A policy for a person, or for the household (`who` null)."""

    policy: str = Field(examples=["dibao"])
    who: str | None = Field(examples=[None])


class FoundHousehold(Shape):
    """A household that was looked for, by whom it was found."""

    household: str = Field(examples=["h-0417"])
    person: str = Field(examples=["p-0417-1"])
    name: str = Field(examples=["李○○"])
    place: str = Field(examples=["滨州市 › 惠民县"])
    people: int = Field(examples=[4])


class Ranked(Shape):
    """The difficulty index that the household was listed by, made on the facts of a day."""

    lo: int = Field(examples=[37])
    hi: int = Field(description="with all that is not known yet", examples=[62])
    circle: str | None = Field(examples=["core"])
    category: str | None
    as_of: dt.date


class ListedHousehold(Shape):
    """A household of the area."""

    household: str = Field(examples=["h-0417"])
    name: str = Field(examples=["李○○ 户"])
    region: str = Field(examples=["371621"])
    place: str = Field(examples=["滨州市 › 惠民县"])
    people: int = Field(examples=[4])
    difficulty: Ranked | None = Field(description="null: not made yet")


class Said(Shape):
    """Who said it, for which day; stale: it no longer holds."""

    source: str | None = Field(examples=["visit/li"])
    true_on: dt.date | None = Field(examples=["2026-08-01"])
    stale: bool


class KnownFact(Shape):
    """A fact on file; money as `value_fen`."""

    name: str = Field(examples=["wage_month"])
    label: Both
    value: bool | int | float | str | None = None
    value_fen: int | None = Field(default=None, examples=[120000])
    said: Said


class KnownEntry(Shape):
    """An entry of a dated list: a bill, a vehicle."""

    facts: list[KnownFact]
    key: str = Field(examples=["2026-0031"])
    list: str = Field(examples=["bills"])


class Member(Shape):
    """Somebody of the household; identity masked."""

    person: str
    name: str = Field(examples=["李○○"])
    kin: str | None = Field(examples=["head"])
    id_card: str | None = Field(examples=["3716**********1234"])
    phone: str | None = Field(examples=["139****1234"])
    facts: list[KnownFact]
    entries: list[KnownEntry]


class KnownHousehold(Shape):
    """What is on file. The head `ETag` names this version of it."""

    household: str
    region: str | None
    place: str
    as_of: dt.date
    facts: list[KnownFact]
    entries: list[KnownEntry]
    members: list[Member]


class Totals(Shape):
    """Certain money of what can be applied for."""

    items: int
    month_fen: int
    year_fen: int
    once_fen: int
    twelve_months_fen: int


class Recognised(Shape):
    """A recognition in force on file."""

    recognition: str
    who: str | None


class BundleItem(Open):
    """A policy or project of the bundle."""

    policy: str
    who: str | None
    title: Both
    status: Literal["can", "has", "ask", "choice"]
    caveats: list[str]
    opened_by: list[str]


class Layer(Shape):
    """One of the eight layers."""

    layer: str = Field(examples=["basic"])
    items: list[BundleItem]


class Waterfall(Open):
    """A need, what each item covers, what is left."""

    need: str
    who: str | None
    title: Both
    window: Literal["past_12", "next_12"]
    steps: list[dict[str, Any]]


class Residual(Open):
    """What is left of a need."""

    need: str
    title: Both


class Slot(Open):
    """Government, charity, social worker or volunteer: filled, or why not."""

    slot: str
    filled: bool
    reason: str | None
    items: list[Target]
    helpers: list[dict[str, Any]]
    needs: list[str]


class Question(Shape):
    """Something to find out, with the department that can tell."""

    kind: Literal["fact", "list", "consent"]
    name: str
    who: str | None
    label: Both
    ask: str | None
    settles: list[Target]
    prices: list[Target]
    up_to_fen: int
    open_ended: int
    slots: list[str]


class Stuck(Shape):
    """An open item that no question can settle."""

    policy: str
    who: str | None
    code: str


class Contribution(Shape):
    """Points of one indicator of the difficulty index; `says` the level that holds, null where that is not known."""

    indicator: str
    label: Both
    lo: int
    hi: int
    says: Both | None


class Difficulty(Shape):
    """The difficulty index, 0 to 100: for the order of work, never for eligibility."""

    lo: int
    hi: int
    circle: str | None
    category: str | None
    unsettled: list[str]
    parts: list[Contribution]


class Bundle(Shape):
    """Everything about one household on a day."""

    household: str
    members: list[str]
    as_of: dt.date
    catalogue: str
    summary: Both
    totals: Totals
    recognised: list[Recognised]
    layers: list[Layer]
    needs: list[Waterfall]
    residual: list[Residual]
    slots: list[Slot]
    place: str
    difficulty: Difficulty
    questions: list[Question]
    stuck: list[Stuck]
    near_misses: list[dict[str, Any]] | None = None


class HouseholdNeeds(Shape):
    """The needs of a household, and what is left of them."""

    household: str
    as_of: dt.date
    catalogue: str
    needs: list[Waterfall]
    residual: list[Residual]


class Explanation(Open):
    """Why, or why not."""

    status: Status
    policy: str
    who: str | None
    title: Both
    verdict: Literal["eligible", "not eligible", "unknown"]
    received: bool | None
    version: dict[str, Any] | None


class Node(Open):
    """A node of the graph."""

    id: str = Field(examples=["Person/p-0417-1"])
    kind: str = Field(examples=["Person"])
    label: str = Field(examples=["李○○"])


class Edge(Open):
    """An edge of the graph."""

    source: str
    target: str
    key: str
    kind: str = Field(examples=["MEMBER_OF"])


class Graph(Shape):
    """The node-link form of networkx."""

    directed: bool
    multigraph: bool
    graph: dict[str, Any]
    nodes: list[Node]
    edges: list[Edge]
