"""Taking a file back: what only it told goes, what others tell stays, and loading it again brings it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.test_load_county import CARD, County
from tests.e2e.test_load_people import people

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def county(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> County:
    """The catalogue, two households and three people are loaded."""
    made = County(tmp_path)
    made.run("load", made.seeds)
    made.run("load", *people(made))
    capsys.readouterr()
    return made


def taken(county: County, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    county.run("withdraw", *words, "--json")
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_what_only_one_file_told_goes_and_comes_back(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    award = county.write("award.csv", "household,policy,paid_on,amount\nh1,dibao,2026-01-10,500\n")
    supporter = county.write("supporter.csv", "person,supporter,duty\np1,p2,parent\n")
    county.run("load", award, supporter)
    before = county.written()
    assert taken(county, capsys, "award.csv", "--dry-run")["removed"] == {"Award": 1}
    assert county.written() == before
    assert taken(county, capsys, "import/award.csv") == {
        "source": "import/award.csv",
        "dry_run": False,
        "statements": 1,
        "removed": {"Award": 1},
        "kept": {"Household": 1},
    }
    assert taken(county, capsys, "supporter.csv")["removed"] == {"SUPPORTS": 1}
    assert county.nodes("Award") == []
    assert county.edges("RECEIVES") == []
    assert county.edges("SUPPORTS") == []
    before = county.written()
    assert taken(county, capsys, "award.csv")["statements"] == 0
    assert county.written() == before
    assert county.counts(county.load(capsys, award, supporter)) == {"award": (1, 0, 0), "supporter": (1, 0, 0)}
    assert [row["amount_fen"] for row in county.nodes("Award")] == [50_000]
    assert [row["duty"] for row in county.edges("SUPPORTS")] == ["parent"]


def test_people_of_a_withdrawn_file_go_unless_somebody_else_tells_of_them(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("load", county.write("statement.csv", "person,fact,value,true_on\np1,wage_month,3,2026-07-01\n"), "--source", "tax")
    county.run("load", county.write("member.csv", "person,household,kin\np3,h2,head\n"))
    done = taken(county, capsys, "person.csv")
    assert done["removed"] == {"MEMBER_OF": 2, "Person": 1}
    assert {row["id"] for row in county.nodes("Person")} == {"p1", "p3"}
    assert [(row["src"], row["dst"], row["kin"]) for row in county.edges("MEMBER_OF")] == [("p3", "h2", "head")]
    county.run("load", *people(county))
    assert {row["id"] for row in county.nodes("Person")} == {"p1", "p2", "p3"}
    assert len(county.edges("MEMBER_OF")) == 3
    assert [row["src"] for row in county.edges("ABOUT") if row["dst"] == "p2"] != []


def test_an_award_that_two_registers_tell_stays_as_the_other_tells_it(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    for who, amount in (("civil-affairs", 500), ("visit", 480)):
        county.run(
            "load", county.write(f"award-{who}.csv", f"household,policy,paid_on,amount\nh1,dibao,2026-01-10,{amount}\n"), "--source", who
        )
    assert [row["amount_fen"] for row in county.nodes("Award")] == [48_000]
    assert taken(county, capsys, "award-visit.csv")["kept"]["Award"] == 1
    (award,) = county.nodes("Award")
    assert (award["amount_fen"], award["source"]) == (50_000, "civil-affairs/award-civil-affairs.csv")
    assert len(county.edges("RECEIVES")) == 1
    assert len(county.edges("UNDER")) == 1


def test_a_whole_store_of_files_can_be_taken_back(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("household.csv", "person.csv"):
        taken(county, capsys, name)
    for kind in ("Person", "Household"):
        assert county.nodes(kind) == []
    for kind in ("MEMBER_OF", "LIVES_IN", "ABOUT"):
        assert county.edges(kind) == []
    assert all(row["withdrawn_at"] is not None for row in county.nodes("Statement"))
    county.run("load", *people(county))
    assert len(county.nodes("Person")) == 3
    assert {row["dst"] for row in county.edges("LIVES_IN")} == {"371602", "371621"}


def test_a_source_that_is_not_there_is_told_with_the_nearest(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("withdraw", "persons.csv", code=3)
    assert "person.csv" in capsys.readouterr().err


def test_withdrawing_speaks_both_languages_and_names_nobody(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("withdraw", "person.csv", "--dry-run")
    said = capsys.readouterr().out
    assert "person.csv：将撤回" in said
    county.run("withdraw", "person.csv", "--lang", "en")
    said += capsys.readouterr().out
    assert "statements withdrawn" in said
    assert CARD not in said
