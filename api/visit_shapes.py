"""What is sent to enter a household or a visit. Facts are named as in facts.yaml; money is in yuan, as on every form."""

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints

from api.shapes import Shape

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Text = Annotated[str, StringConstraints(max_length=500)]
Value = bool | int | FiniteFloat | Text | None
Facts = dict[Name, Value]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,79}$")]
FIRST, LAST = dt.date(1990, 1, 1), dt.date(2199, 12, 31)
Day = Annotated[dt.date, Field(ge=FIRST, le=LAST, description="the day on which this holds", examples=["2026-08-01"])]
MOST = 60


class Given(BaseModel):
    """No key is passed over in silence."""

    model_config = ConfigDict(extra="forbid")


class NewPerson(Given):
    """A member of a new household. Name, ID card and phone are encrypted on arrival."""

    name: Text | None = Field(default=None, examples=["李小明"])
    id_card: Text | None = None
    phone: Text | None = None
    kin: Name | None = Field(default=None, description="to the head of the household", examples=["head"])
    facts: Facts = Field(default_factory=dict, max_length=400, examples=[{"born": "1961-03-05", "wage_month": 1800.5}])


class NewHousehold(Given):
    """A household that a visit found."""

    region: Annotated[str, StringConstraints(max_length=40)] = Field(description="where it lives", examples=["371602"])
    true_on: Day
    facts: Facts = Field(default_factory=dict, max_length=400, examples=[{"residence": "rural", "rent_month": 300}])
    people: list[NewPerson] = Field(min_length=1, max_length=MOST)
    whole: bool = Field(default=False, description="nobody else belongs to the household")


class PersonFacts(Given):
    """What was learnt of a member, or of somebody who owes a member support."""

    person: Id = Field(examples=["c4-1-patient"])
    facts: Facts = Field(max_length=400, examples=[{"wage_month": 1200}])


class NewEntry(Given):
    """An entry of a dated list, such as a bill."""

    list: Name = Field(examples=["bills"])
    person: Id | None = Field(default=None, description="whose it is; left out for the household's", examples=["c4-1-patient"])
    key: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")] = Field(examples=["2026-0031"])
    facts: Facts = Field(max_length=60, examples=[{"billed_on": "2026-07-20", "total": 5600}])


class WholeList(Given):
    """A list that has no further entries: looked, and found all."""

    list: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}(/[a-z][a-z-]{0,39})?$")] = Field(
        examples=["bills", "awards/civil-affairs"]
    )
    person: Id | None = Field(default=None, description="whose it is; left out for the household's")


class NewConsent(Given):
    """A consent that somebody signed."""

    person: Id = Field(examples=["c4-1-patient"])
    scope: list[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,59}$")]] = Field(
        min_length=1, max_length=20, description="`charity`, `economy`, `all`, or names of facts and projects", examples=[["charity"]]
    )
    recipient: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")] | None = Field(
        default=None, description="one organisation alone"
    )
    from_: Day = Field(alias="from")
    until: Day | None = None


class Visit(Given):
    """What a visit found. What is left out stays as it is known."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "true_on": "2026-08-01",
                    "facts": {"rent_month": 300},
                    "people": [{"person": "c4-1-patient", "facts": {"wage_month": 1200}}],
                }
            ]
        },
    )
    true_on: Day
    facts: Facts = Field(default_factory=dict, max_length=400, description="of the household", examples=[{"rent_month": 300}])
    people: list[PersonFacts] = Field(default_factory=list, max_length=MOST)
    entries: list[NewEntry] = Field(default_factory=list, max_length=400)
    whole: list[WholeList] = Field(default_factory=list, max_length=MOST)
    consents: list[NewConsent] = Field(default_factory=list, max_length=MOST)


class Entered(Shape):
    """What was kept."""

    household: str = Field(examples=["h-3f9a0c51e7d2b846"])
    people: list[str] = Field(description="ids of the members that were entered, in the order in which they were given")
    stored: int = Field(description="how many parts brought something new")
    unchanged: int = Field(description="how many were known already")
    record: str = Field(description="under which this can be withdrawn", examples=["3f9a0c51e7d2b846"])


Answer = dict[str, Any]
