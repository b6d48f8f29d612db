"""Households, people and what is about them from real files into a real store, bad rows and all, as a new user would try it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import openpyxl
import pytest

from tests.e2e.test_load_county import CARD, CARD_TOO, County

if TYPE_CHECKING:
    from pathlib import Path

HOUSEHOLDS = "id,region,residence,true_on\nh1,371602,urban,2026-06-30\nh2,371621,rural,2026-06-30\n"
PEOPLE = (
    "id,household,name,id_card,phone,wage_month,true_on\n"
    f"p1,h1,王小明,{CARD},13900001234,1800.50,2026-06-30\n"
    f"p2,h1,李建国,{CARD_TOO},,,2026-06-30\n"
    "p3,h2,张三,,,,2026-06-30\n"
)


@pytest.fixture
def county(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> County:
    """The catalogue is loaded."""
    made = County(tmp_path)
    made.run("load", made.seeds)
    capsys.readouterr()
    return made


def people(county: County) -> list[Path]:
    return [county.write("household.csv", HOUSEHOLDS), county.write("person.csv", PEOPLE)]


def test_the_same_files_twice_change_nothing(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    files = people(county)
    assert county.counts(county.load(capsys, *reversed(files))) == {"household": (2, 0, 0), "person": (3, 0, 0)}
    before = county.written()
    assert county.counts(county.load(capsys, *files)) == {"household": (0, 2, 0), "person": (0, 3, 0)}
    assert county.written() == before


def test_identity_is_encrypted_and_in_no_id_file_or_message(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    person = county.get("Person", "p1") or {}
    assert {"name_enc", "name_key", "idcard_enc", "idcard_key", "phone_enc", "phone_key"} <= person.keys()
    for path in county.folder.glob("county.sqlite*"):
        raw = path.read_bytes()
        assert CARD.encode() not in raw
        assert "王小明".encode() not in raw
        assert b"13900001234" not in raw
    assert (county.folder / "county.key").stat().st_mode & 0o777 == 0o600


def test_birthday_and_sex_come_from_the_id_card(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    said = [row for row in county.nodes("Statement") if row["id"].startswith("person/p2/")]
    assert {row["fact_born"] for row in said} == {dt.date(1950, 7, 11)}


def test_a_person_without_an_id_is_found_again_by_the_id_card(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLDS))
    first = county.write("person.csv", f"household,name,id_card,true_on\nh1,王小明,{CARD},2026-06-30\n")
    county.load(capsys, first)
    (person,) = county.nodes("Person")
    assert CARD not in person["id"]
    later = county.write("statement.csv", f'id_card,fact,value,true_on\n{CARD},wage_month,"1,900",2026-07-31\n')
    assert county.counts(county.load(capsys, later))["statement"] == (1, 0, 0)
    before = county.written()
    county.load(capsys, first, later)
    assert county.written() == before
    assert any(row["fact_wage_month_fen"] == 190_000 for row in county.nodes("Statement"))


BAD = [
    ("id,household,id_card,true_on\np9,h1,3.72E+17,2026-06-30\n", "id_card", "spreadsheet"),
    (f"id,household,id_card,true_on\np9,h1,{CARD[:-1]}1,2026-06-30\n", "id_card", "does not fit"),
    (f"id,household,id_card,born,true_on\np9,h1,{CARD},1982-03-06,2026-06-30\n", "born", "not what the ID card says"),
    ("id,household,born,true_on\np9,h1,2099-01-01,2026-06-30\n", "born", "in the future"),
    ("id,household,born,true_on\np9,h1,2024-02-30,2026-06-30\n", "born", "no such day"),
    ("id,household,wage_month,true_on\np9,h1,-3,2026-06-30\n", "wage_month", "below the least"),
    ("id,household,wage_month,true_on\np9,h1,12.345,2026-06-30\n", "wage_month", "digits after the point"),
    ("id,household,grade,true_on\np9,h1,7,2026-06-30\n", "grade", "above the greatest"),
    ("id,household,disability,true_on\np9,h1,maybe,2026-06-30\n", "disability", "yes, no or unknown"),
    ("id,household\np9,h9\n", "household", "not stored"),
    ("id,household,wage_month\np9,h1,3\n", "true_on", "--true-on"),
    ("id,household,wage_month,true_on\np9,h1,3,2099-01-01\n", "true_on", "in the future"),
    (f"id,household\n{CARD},h1\n", "id", "never a name"),
    ("id,household,household.region,true_on\np9,h9,379999,2026-06-30\n", "household.region", "no region"),
    ("id,household,phone\np9,h1,12\n", "phone", "phone number"),
    ("id,household\np9,h1,more\n", "", "cells"),
]


@pytest.mark.parametrize(("text", "field", "reason"), BAD)
def test_a_bad_row_is_rejected_with_its_reason(
    county: County, capsys: pytest.CaptureFixture[str], text: str, field: str, reason: str
) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLDS))
    told = county.load(capsys, county.write("person.csv", text), code=1)
    assert county.counts(told)["person"] == (0, 0, 1)
    (row,) = county.rejects("person.rejects.csv")
    assert (row["row"], row["field"]) == ("2", field)
    assert reason in row["reason_en"]
    assert row["reason_zh"]
    assert CARD not in str(row)
    assert county.nodes("Person") == []


def test_good_rows_are_kept_beside_bad_ones_and_the_reject_file_goes_once_all_is_mended(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLDS))
    bad = PEOPLE + "p4,h1,赵六,,,many,2026-06-30\np1,h1,,,,1,2026-06-30\n"
    assert county.counts(county.load(capsys, county.write("person.csv", bad), code=1))["person"] == (3, 0, 2)
    rows = county.rejects("person.rejects.csv")
    assert [(row["row"], row["field"], row["value"]) for row in rows] == [("5", "wage_month", "many"), ("6", "id", "p1")]
    assert (county.folder / "person.rejects.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    county.load(capsys, county.write("person.csv", PEOPLE + "p4,h1,赵六,,,900,2026-06-30\n"))
    assert not (county.folder / "person.rejects.csv").exists()


REFUSED = [
    ("person.csv", b"", "empty"),
    ("person.csv", b"id,household\n", "no rows"),
    ("person.csv", b"id,household\n\xff\xfe\xfa,1\n\x81", "neither UTF-8 nor GB18030"),
    ("person.csv", b"id,household,wage_mnth\np1,h1,3\n", "did you mean wage_month"),
    ("member.csv", b"person,kin\np1,head\n", "lacks a column"),
    ("person.csv", b"id,id,household\np1,p1,h1\n", "two columns"),
    ("things.csv", b"id,household\np1,h1\n", "--kind"),
    ("person.xlsx", b"PK-not-really", "damaged"),
    ("person.json", b'[{"id": "p1",}]', "line 1"),
    ("person.pdf", b"%PDF", "CSV, XLSX or JSON"),
    ("person.csv", b'id,household\n"p1,h1\n', "damaged"),
]


@pytest.mark.parametrize(("name", "raw", "reason"), REFUSED)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(
    county: County, capsys: pytest.CaptureFixture[str], name: str, raw: bytes, reason: str
) -> None:
    told = county.load(capsys, county.write(name, raw), code=4)
    (refused,) = told["files"][0]["refused"]
    assert reason in refused["en"]
    assert refused["zh"]


def test_what_is_loaded_is_told_in_the_readers_language(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("load", *people(county), county.write("statement.csv", "person,fact,value,true_on\np1,wage_mnth,1,2026-06-30\n"), code=1)
    said = capsys.readouterr()
    assert "没有事实 wage_mnth，是否为 wage_month？" in said.out
    assert "已保存到第 3 行" in said.err
    county.run("load", *people(county), "--lang", "en")
    assert "unchanged" in capsys.readouterr().out


def test_gb18030_utf16_and_utf8_with_mark_are_read_alike(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLDS))
    keys = set()
    for encoding in ("gb18030", "utf-8-sig", "utf-8", "utf-16"):
        county.load(capsys, county.write("person.csv", PEOPLE.encode(encoding)))
        keys.add((county.get("Person", "p3") or {})["name_key"])
    assert len(keys) == 1


def test_a_workbook_has_a_sheet_for_each_kind(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "家庭"
    sheet.append(["id", "region", "true_on"])
    sheet.append(["h1", 371602, dt.date(2026, 6, 30)])
    sheet = book.create_sheet("person")
    people_rows: tuple[list[object], ...] = (
        ["id", "household", "born", "wage_month", "id_card", "true_on"],
        ["p1", "h1", dt.date(1982, 3, 5), 1800.5, CARD, 46203],
        ["p2", "h1", "1950年7月11日", "１，２００", f"'{CARD_TOO}", "20260630"],
        ["p3", "h1", None, None, 371602198203051040.0, "2026.6.30"],
    )
    for cells in people_rows:
        sheet.append(cells)
    book.save(county.folder / "all.xlsx")
    told = county.load(capsys, county.folder / "all.xlsx", code=1)
    assert county.counts(told) == {"household": (1, 0, 0), "person": (2, 0, 1)}
    (row,) = county.rejects("all.rejects.csv")
    assert (row["sheet"], row["row"], row["field"]) == ("person", "4", "id_card")
    assert "spreadsheet" in row["reason_en"]
    (said,) = [row for row in county.nodes("Statement") if row["id"].startswith("person/p2/")]
    assert (said["true_on"], said["fact_wage_month_fen"]) == (dt.date(2026, 6, 30), 120_000)


def test_json_by_kind_and_a_column_kind(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    whole = {
        "household": [{"id": "h1", "region": "371602", "true_on": "2026-06-30"}],
        "person": [{"id": "p1", "household": "h1", "wage_month": 12.5, "true_on": "2026-06-30"}],
    }
    assert county.counts(county.load(capsys, county.write("all.json", json.dumps(whole)))) == {"household": (1, 0, 0), "person": (1, 0, 0)}
    lines = ("household,h5,,371621,2026-06-30", "person,p5,h5,,2026-06-30", "ghost,x,,,", "person,p6,h5,371602,2026-06-30")
    mixed = "\n".join(("kind,id,household,region,true_on", *lines))
    told = county.load(capsys, county.write("mixed.csv", mixed), code=1)
    assert county.counts(told)["household"] == (1, 0, 0)
    assert [row["field"] for row in county.rejects("mixed.rejects.csv")] == ["kind", "region"]


def test_statements_in_wide_form_and_entries_of_a_list(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    wide = county.write("statement-visit.csv", "person,true_on,wage_month,disability\np1,2026-07-31,不详,是\n")
    bills = county.write(
        "bills.csv", "person,key,billed_on,total,true_on\np1,B1,2026/5/11,3.8万元,2026-06-30\np1,B1,2026-05-11,1,2026-06-30\n"
    )
    told = county.load(capsys, wide, bills, "--source", "visit", code=1)
    assert told["files"][0]["source"].startswith("visit/")
    said = {row["id"]: row for row in county.nodes("Statement")}
    assert said["person/p1/2026-07-31/visit%2Fstatement-visit.csv"]["fact_disability"] is True
    assert said["person/p1/2026-07-31/visit%2Fstatement-visit.csv"]["fact_wage_month_fen"] is None
    assert said["person/p1/bills/B1/visit%2Fbills.csv"]["fact_total_fen"] == 3_800_000
    assert "twice in one file" in county.rejects("bills.rejects.csv")[0]["reason_en"]


def test_a_corrected_file_adds_a_version_and_the_old_one_stays_for_replay(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    name = "statement.csv"
    for value in ("100", "200", "100"):
        county.load(capsys, county.write(name, f"person,fact,value,true_on\np1,wage_month,{value},2026-07-31\n"))
    said = sorted((row["recorded_at"], row["fact_wage_month_fen"]) for row in county.nodes("Statement") if "2026-07-31" in row["id"])
    assert [value for _, value in said] == [10_000, 20_000, 10_000]


def test_a_household_lives_where_the_newest_statement_says(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    county.load(capsys, county.write("household-new.csv", "id,region,true_on\nh1,371621103,2026-07-31\n"))
    county.load(capsys, county.write("household-old.csv", "id,region,true_on\nh1,371602,2025-07-31\n"))
    assert [row["dst"] for row in county.edges("LIVES_IN") if row["src"] == "h1"] == ["371621103"]
    county.run("withdraw", "household-new.csv")
    assert [row["dst"] for row in county.edges("LIVES_IN") if row["src"] == "h1"] == ["371602"]


def test_awards_that_exclude_each_other_are_loaded_and_named(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    text = "household,policy,paid_on,amount\nh1,dibao,2026-01-10,500\nh1,特困,2026-02-10,900\nh2,dibau,2026-01-10,1\n"
    told = county.load(capsys, county.write("award.csv", text), code=1)
    (warning,) = told["files"][0]["warnings"]
    assert "dibao" in warning["en"]
    assert "destitute" in warning["en"]
    assert "did you mean dibao" in county.rejects("award.rejects.csv")[0]["reason_en"]
    assert {row["dst"].split("@")[0] for row in county.edges("UNDER")} == {"dibao", "destitute"}
    assert {row["amount_fen"] for row in county.nodes("Award")} == {50_000, 90_000}


def test_supporters_parents_recognitions_and_consents(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    files = [
        county.write("supporter.csv", "person,supporter,duty\np1,p2,parent\np1,p9,parent\np1,p1,parent\n"),
        county.write("parent.csv", "person,parent\np1,p2\n"),
        county.write(
            "recognition.csv", "household,recognition,from,until\nh1,dibao,2026-01-10,2026-12-31\nh1,dibao,2026-02-10,2026-01-31\n"
        ),
        county.write("consent.csv", "person,scope,recipient,from\np2,economy、born,fund,2026-01-01\n"),
    ]
    told = county.load(capsys, *files, code=1)
    assert county.counts(told) == {"supporter": (1, 0, 2), "parent": (1, 0, 0), "recognition": (1, 0, 1), "consent": (1, 0, 0)}
    assert [row["reason_en"] for row in county.rejects("supporter.rejects.csv")] == [
        "the person p9 is not stored: load it first",
        "nobody is their own supporter or parent",
    ]
    assert [(row["src"], row["dst"], row["duty"]) for row in county.edges("SUPPORTS")] == [("p2", "p1", "parent")]
    assert county.nodes("Consent")[0]["scope"] == ["economy", "born"]
    before = county.written()
    county.load(capsys, *files, code=1)
    assert county.written() == before


LEDGER = """\
kind: person
header: 3
columns:
  户编号: household
  村: household.region
  姓名: {field: name}
  身份证号: id_card
  月收入(万元): {field: wage_month, unit: 万元}
  是否残疾: {field: disability, values: {是: true, 否: false, 不详: unknown, 待查: unknown}}
  备注: null
constants: {true_on: 2026-06-30, household.residence: urban}
fill_down: [户编号, 村]
"""


def test_a_countys_own_ledger_through_a_mapping_file(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["滨城区低保台账（2026年6月）"])
    sheet.merge_cells("A1:G1")
    sheet.append(["填报单位：民政局"])
    sheet.append(["户编号", "村", "姓名", "身份证号", "月收入(万元)", "是否残疾", "备注"])
    sheet.append(["2026-001", "371602000000", "王小明", CARD, 0.18, "是", "甲"])
    sheet.append([None, None, "李建国", CARD_TOO, "０.０５", "待查", None])
    sheet.append(["2026-002", 371621, "张三", 3.71602e17, None, "否", None])
    book.save(county.folder / "低保台账.xlsx")
    mapping = county.write("map.yaml", LEDGER)
    told = county.load(capsys, county.folder / "低保台账.xlsx", "--mapping", mapping, "--source", "civil-affairs", code=1)
    assert county.counts(told)["person"] == (2, 0, 1)
    (row,) = county.rejects("低保台账.rejects.csv")
    assert (row["row"], row["field"]) == ("6", "id_card")
    assert {row["fact_wage_month_fen"] for row in county.nodes("Statement")} >= {180_000, 50_000}
    assert {(row["src"][:2], row["dst"]) for row in county.edges("MEMBER_OF")} == {("p-", "2026-001")}
    assert [row["dst"] for row in county.edges("LIVES_IN")] == ["371602"]


def test_a_mapping_with_a_typo_is_told_with_its_line(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("load", county.write("person.csv", PEOPLE), "--mapping", county.write("map.yaml", "kind: person\ncolums: {a: id}\n"), code=4)
    assert "map.yaml:2" in capsys.readouterr().err


def test_a_column_can_be_left_out(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    path = county.write("household.csv", "id,region,true_on,备注\nh1,371602,2026-06-30,x\n")
    assert county.load(capsys, path, code=4)["files"][0]["refused"]
    assert county.counts(county.load(capsys, path, "--skip", "备注"))["household"] == (1, 0, 0)


def test_a_full_extract_makes_the_list_whole_for_everybody_of_the_region(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    award = county.write("award.csv", "household,policy,paid_on,amount\nh1,dibao,2026-01-10,500\n")
    words = ("--complete", "awards", "--region", "371602", "--true-on", "2026-06-30")
    county.run("load", award, *words, code=2)
    told = county.load(capsys, award, *words, "--department", "civil-affairs")
    assert told["complete"] == {"lists": ["awards/civil-affairs"], "region": "371602", "true_on": "2026-06-30", "statements": 3}
    whole = {row["id"].split("/")[1] for row in county.nodes("Statement") if row["complete"]}
    assert whole == {"h1", "p1", "p2"}
    before = county.written()
    county.load(capsys, award, *words, "--department", "civil-affairs")
    assert county.written() == before


def test_a_full_extract_with_bad_rows_is_not_called_whole(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, *people(county))
    award = county.write("award.csv", "household,policy,paid_on,amount\nh1,dibao,2026-01-10,500\nh9,dibao,2026-01-10,500\n")
    told = county.load(
        capsys, award, "--complete", "awards", "--department", "civil-affairs", "--region", "371602", "--true-on", "2026-06-30", code=1
    )
    assert told["complete"]["statements"] is None
    assert not [row for row in county.nodes("Statement") if row["complete"]]


def test_two_households_at_one_address_are_told_by_it_and_it_is_nowhere_to_be_read(
    county: County, capsys: pytest.CaptureFixture[str]
) -> None:
    told = (
        "id,region,address,true_on\nh1,371602,彭李街道 5号,2026-06-30\nh2,371602,彭李街道５号,2026-06-30\n"
        "h3,371602,彭李街道6号,2026-06-30\n"
    )
    county.load(capsys, county.write("household.csv", told))
    keys = [(county.get("Household", name) or {})["address_key"] for name in ("h1", "h2", "h3")]
    assert keys[0] == keys[1] != keys[2]
    assert all("彭李街道".encode() not in path.read_bytes() for path in county.folder.glob("county.sqlite*"))
