"""What somebody new gets wrong at the terminal: each is told in words, in both languages, and nothing is half done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_load_county import County

if TYPE_CHECKING:
    from pathlib import Path

CASE = """\
- name: 一个人
  as_of: 2026-08-01
  household: {region: "371602", residence: urban, members: [{as: mother, born: 1982-03-05}]}
  expect: {dibao: unknown}
"""
HOUSEHOLD = "id,region,residence,true_on\nh1,371602,urban,2026-06-30\n"
AWARD = "household,policy,paid_on,amount\nh1,dibao,2026-01-10,500\n"


@pytest.fixture
def county(tmp_path: Path) -> County:
    """The catalogue is in its folder and nobody has loaded it."""
    return County(tmp_path)


def said(county: County, capsys: pytest.CaptureFixture[str], *words: object, code: int) -> tuple[str, str]:
    """What both languages say on either stream, without line breaks."""
    capsys.readouterr()
    told = []
    for lang in ("zh", "en"):
        county.run(*words, "--lang", lang, code=code)
        caught = capsys.readouterr()
        told.append(" ".join((caught.out + caught.err).split()))
    return told[0], told[1]


def test_a_region_is_checked_before_the_catalogue_is_loaded(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLD + "h2,999999,urban,2026-06-30\n"), code=1)
    (row,) = county.rejects("household.rejects.csv")
    assert (row["row"], row["field"]) == ("3", "region")
    assert "no region 999999" in row["reason_en"]
    assert county.get("Household", "h2") is None


def test_a_value_that_is_none_of_its_words_is_told_with_these_words(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLD.replace("urban", "城关")), code=1)
    (row,) = county.rejects("household.rejects.csv")
    assert row["reason_zh"] == "residence：城关 不在 城镇、农村 之中"
    assert "none of urban, rural" in row["reason_en"]


def test_a_file_of_cases_without_any_is_not_passed_over(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    empty = county.write("cases/empty.yaml", "")
    zh, en = said(county, capsys, "load", empty, code=4)
    assert "文件中没有案例" in zh
    assert "the file has no cases" in en
    assert "the file has no cases" in said(county, capsys, "cases", empty, code=1)[1]


def test_a_policy_is_no_file_of_cases_and_that_is_said_once(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    policy = county.seeds / "policies/basic/destitute.yaml"
    zh, en = said(county, capsys, "load", policy, code=4)
    assert "发现 1 处错误" in zh
    assert "这不是案例文件" in zh
    assert "aidgraph check FOLDER" in en
    assert "no case file" in said(county, capsys, "cases", policy, code=1)[1]


@pytest.mark.parametrize("name", ["case.yaml", "mapping.yaml"])
def test_a_text_in_another_encoding_is_named_and_not_a_mistake_of_the_program(
    county: County, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    case = county.write("case.yaml", CASE.encode("gb18030"))
    mapping = county.write("mapping.yaml", "kind: household\ncolumns: {户编号: id}\n".encode("gb18030"))
    words = (case,) if name == "case.yaml" else (county.write("household.csv", HOUSEHOLD), "--mapping", mapping)
    zh, en = said(county, capsys, "load", *words, code=4)
    assert f"{name}:1: 文件不是 UTF-8" in zh
    assert f"{name}:1: the file is not UTF-8" in en


def test_a_long_reason_is_told_to_its_end(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    path = county.seeds / "policies/basic/destitute.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("layer: basic", "layer: bacis"), encoding="utf-8")
    told = said(county, capsys, "check", county.seeds, code=4)
    for each in told:
        assert "recognition | insurance | basic | special | emergency | other | charity | service" in each


def test_rejected_rows_are_not_loaded_again_and_that_is_said(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    rejects = county.write("household.rejects.csv", "sheet,row,field,value,reason_zh,reason_en\n")
    zh, en = said(county, capsys, "load", rejects, code=2)
    assert "没有可载入的文件" in zh
    assert "nothing to load" in en


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("--department", "civil-afairs", "--region", "371602"), "是否为 civil-affairs", "did you mean civil-affairs"),
        (("--department", "civil-affairs", "--region", "379999"), "没有区划 379999", "no region 379999"),
        (("--department", "civil-affairs", "--region", "37160"), "有 5 位", "has 5 digits"),
    ],
)
def test_a_full_extract_of_nobody_known_is_refused(
    county: County, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], zh: str, en: str
) -> None:
    award = county.write("award.csv", AWARD)
    told = said(county, capsys, "load", award, "--complete", "awards", "--true-on", "2026-06-30", *words, code=2)
    assert zh in told[0]
    assert en in told[1]


def test_a_full_extract_takes_a_region_with_trailing_zeros(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.load(capsys, county.write("household.csv", HOUSEHOLD))
    words = ("--complete", "awards", "--department", "civil-affairs", "--true-on", "2026-06-30", "--region", "371602000000")
    told = county.load(capsys, county.write("award.csv", AWARD), *words)
    assert told["complete"] == {"lists": ["awards/civil-affairs"], "region": "371602", "true_on": "2026-06-30", "statements": 1}


def test_a_number_after_a_files_name_does_not_hide_its_kind(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    assert county.counts(county.load(capsys, county.write("household2.csv", HOUSEHOLD))) == {"household": (1, 0, 0)}


def test_a_damaged_line_of_json_is_named_by_its_number(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    told = county.load(capsys, county.write("household.jsonl", '{"id": "h1"}\n\n{"id":\n'), code=4)
    assert "line 3" in told["files"][0]["refused"][0]["en"]


def test_somebody_who_is_not_of_the_household_is_not_passed_over(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("load", county.write("case.yaml", CASE))
    zh, en = said(county, capsys, "explain", "case-1", "dibao", "--who", "nobody", code=3)
    assert "本户没有成员“nobody”" in zh
    assert "'nobody' is no member" in en


@pytest.mark.parametrize(
    ("words", "zh"),
    [
        (("match", "h1", "h2"), "多写了“h2”"),
        (("macth", "h1"), "没有命令 macth，是否为 match？"),
        (("withdraw", "nothing.csv"), "库中没有来自 nothing.csv 的内容"),
    ],
)
def test_a_command_line_that_is_not_understood_says_what_is_wrong(
    county: County, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], zh: str
) -> None:
    assert zh in said(county, capsys, *words, code=3 if words[0] == "withdraw" else 2)[0]


def test_a_language_that_is_not_spoken_is_refused(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    county.run("facts", "--lang", "fr", code=2)
    assert "--lang 后面写 zh 或 en" in capsys.readouterr().err


def test_the_help_of_a_group_names_the_group(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    zh, en = said(county, capsys, "project", "--help", code=0)
    assert "aidgraph project 命令 --help" in zh
    assert "aidgraph project COMMAND … [--…]" in en


def test_names_with_a_typo_are_told_with_the_nearest(county: County, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = CASE.replace("born", "bron").replace("{dibao:", "{dibo:")
    zh, en = said(county, capsys, "cases", county.write("case.yaml", wrong), code=1)
    assert "没有名为 bron 的人员事实，是否为 born？" in zh
    assert "unknown policy dibo; did you mean dibao?" in en
