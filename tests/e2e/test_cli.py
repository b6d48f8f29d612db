"""The program as somebody uses it: commands in their own process, on a real store, with a small catalogue."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.small_catalogue import SMALL

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = """\
- name: nobody earns
  as_of: 2026-08-01
  household:
    region: "371602"
    residence: urban
    awards: []
    recognitions: []
    members:
      - {as: mother, born: 1982-03-05, wage_month: 0, supporters: [], awards: [], recognitions: [], bills: []}
  expect: {dibao: {verdict: eligible, amount: 1010}, left.living: 0}
- name: nobody knows the wage
  as_of: 2026-08-01
  household:
    region: "371602"
    residence: urban
    awards: []
    recognitions: []
    members: [{as: mother, born: 1982-03-05, wage_month: unknown, supporters: [], awards: [], recognitions: [], bills: []}]
  expect: {dibao: unknown}
  ask_for: [wage_month@mother]
"""
A_LITTLE = """\
- name: ninety yuan too much
  as_of: 2026-08-01
  household:
    region: "371602"
    residence: urban
    awards: []
    recognitions: []
    members: [{as: mother, born: 1982-03-05, wage_month: 1100, supporters: [], awards: [], recognitions: [], bills: []}]
  expect: {dibao: not eligible}
"""
CODES = re.compile(r"\b(None|null|True|False|nan|civil-affairs|eligible|month|household|dibao|cash|living)\b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county's catalogue, cases and store, with two households loaded."""
    folder = tmp_path_factory.mktemp("county")
    for name, text in {**SMALL, "cases/some.yaml": CASES}.items():
        path = folder / "catalogue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    loaded = command(folder, "load", "catalogue/cases/some.yaml")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    (folder / "little.yaml").write_text(A_LITTLE, encoding="utf-8")
    assert command(folder, "load", "little.yaml").returncode == 0
    return folder


def command(folder: Path, *words: str, typed: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """One command line in its own process."""
    surroundings = {
        **os.environ,
        "AIDGRAPH_STORE": "sqlite:///store.sqlite",
        "AIDGRAPH_CATALOGUE": "catalogue",
        "AIDGRAPH_LANG": "zh",
        **env,
    }
    words_ = [sys.executable, "-c", "from api.cli import main; main()", *words]
    return subprocess.run(words_, cwd=folder, env=surroundings, input=typed, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def run(folder: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    return lambda *words, **env: command(folder, *words, **env)


def test_match_shows_the_answer_first_and_no_code(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    shown = run("match", "some-1", "--as-of", "2026-08-01")
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert "可再申请 1 项，每月 ¥1,010" in lines[3]
    assert "✔" in shown.stdout
    assert "最低生活保障" in shown.stdout
    assert "2026年8月1日" in shown.stdout
    assert not CODES.search(shown.stdout)
    assert max(map(len, lines)) <= 100
    assert "\x1b" not in shown.stdout


def test_match_in_english_has_no_chinese(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    shown = run("match", "some-1", "--as-of", "2026-08-01", "--lang", "en").stdout
    assert "1 more item can be applied for, ¥1,010 a month" in shown
    assert not re.search("[\u4e00-\u9fff]", shown)


def test_match_shows_what_is_only_a_little_short(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    zh = run("match", "little-1", "--as-of", "2026-08-01", "--near")
    assert zh.returncode == 0, zh.stderr
    assert "差一点" in zh.stdout
    assert "最低生活保障：月工资（成员）高 ¥90.01" in zh.stdout
    en = run("match", "little-1", "--as-of", "2026-08-01", "--near", "--lang", "en").stdout
    assert "Near misses" in en
    assert "Minimum living guarantee: monthly wage (member) is ¥90.01 too high" in en
    assert not re.search("[\u4e00-\u9fff]", en)
    assert "差一点" not in run("match", "little-1", "--as-of", "2026-08-01").stdout


def test_match_says_that_nothing_is_only_a_little_short(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "没有只差一点的项目" in run("match", "some-1", "--as-of", "2026-08-01", "--near").stdout
    assert "Nothing is only a little short" in run("match", "some-1", "--as-of", "2026-08-01", "--near", "--lang", "en").stdout


def test_near_misses_as_json_name_fact_and_values_in_fen(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    told = json.loads(run("match", "little-1", "--as-of", "2026-08-01", "--near", "--json").stdout)
    [miss] = [one for one in told["near_misses"] if one["policy"] == "dibao" and one["fact"] == "wage_month"]
    assert (miss["from_value_fen"], miss["to_value_fen"], miss["direction"], miss["failed"]) == (110_000, 100_999, "down", ["income"])
    assert (miss["frame"], miss["passes_on"]) == ("person", None)
    assert "near_misses" not in json.loads(run("match", "little-1", "--as-of", "2026-08-01", "--json").stdout)


def test_match_as_json_is_the_bundle(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    found = json.loads(run("match", "some-1", "--as-of", "2026-08-01", "--json").stdout)
    assert found["totals"]["month_fen"] == 101000
    assert found["as_of"] == "2026-08-01"
    assert {"summary", "layers", "needs", "residual", "slots", "questions", "stuck", "place"} <= set(found)


def test_an_unknown_is_a_question_with_somebody_to_ask(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    shown = run("match", "some-2", "--as-of", "2026-08-01").stdout
    assert re.search("月工资（.*）？ +人社", shown)
    asked = json.loads(run("ask", "some-2", "--as-of", "2026-08-01", "--json").stdout)
    assert [question["name"] for question in asked] == ["wage_month"]


def test_where_nothing_new_is_known_for_a_year_the_page_says_so(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    for words in (("match", "some-2"), ("ask", "some-2")):
        assert "最近的情况是 2026年8月1日的" in run(*words, "--as-of", "2027-08-02").stdout
        assert "最近的情况是" not in run(*words, "--as-of", "2027-08-01").stdout


def test_explain_says_which_condition_failed(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    shown = run("explain", "some-1", "慈善", "--as-of", "2026-08-01")
    assert shown.returncode == 0
    assert "– 慈善基金  不符合" in shown.stdout
    assert "– 仍有大额医疗支出" in shown.stdout
    told = json.loads(run("explain", "some-1", "fund", "--as-of", "2026-08-01", "--json").stdout)
    assert [one["status"] for one in told] == ["no"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("match", "nobody"), 3, "没有户号为“nobody”的家庭"),
        (("match", "some-1", "--as-of", "yesterday"), 2, "看不懂"),
        (("explain", "some-1", "moon-landing"), 3, "没有政策“moon-landing”"),
        (("explain", "some-1", "dibao", "--wh"), 2, "没有选项 --wh"),
        (("mtach", "some-1"), 2, "没有命令 mtach"),
        (("match",), 2, "缺少户号"),
        (("check", "nowhere"), 3, "没有找到文件夹"),
        (("cases", "nowhere.yaml"), 3, "没有找到"),
        (("policies", "月球"), 3, "没有与“月球”有关的政策"),
        (("match", "some-1", "--store", "mysql://x"), 5, "图库地址应写作"),
        (("find", "--name"), 2, "没有输入姓名"),
    ],
)
def test_whatever_cannot_be_done_is_said_in_chinese_with_a_code(
    run: Callable[..., subprocess.CompletedProcess[str]], words: tuple[str, ...], code: int, says: str
) -> None:
    failed = run(*words)
    assert failed.returncode == code, failed.stderr
    assert says in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.stdout == ""


def test_a_missing_household_is_told_in_english_too(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    failed = run("match", "nobody", "--lang", "en")
    assert "there is no household with the id 'nobody'" in failed.stderr


def test_check_counts_what_is_good_and_names_line_and_reason_of_what_is_not(
    run: Callable[..., subprocess.CompletedProcess[str]], folder: Path
) -> None:
    assert "目录没有错误" in run("check").stdout
    spoiled = folder / "spoiled"
    for name, text in SMALL.items():
        path = spoiled / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("layer: basic", "layer: bsic"), encoding="utf-8")
    failed = run("check", "spoiled")
    assert failed.returncode == 4
    assert re.search(r"policies/basic/dibao.yaml:3 layer: ", failed.stderr)
    told = json.loads(run("check", "spoiled", "--json").stdout)
    assert not told["passed"]
    assert told["faults"][0]["line"] == 3


def test_cases_run_through_the_store_and_leave_nothing_behind(run: Callable[..., subprocess.CompletedProcess[str]], folder: Path) -> None:
    before = json.loads(run("match", "some-1", "--as-of", "2026-08-01", "--json").stdout)
    shown = run("cases", "catalogue/cases")
    assert shown.returncode == 0
    assert "通过 2 例，未通过 0 例" in shown.stdout
    households = json.loads(run("policies", "dibao", "--touching", "--as-of", "2026-08-01", "--json").stdout)["households"]
    assert [one["household"] for one in households] == ["some-1", "some-2"]
    assert json.loads(run("match", "some-1", "--as-of", "2026-08-01", "--json").stdout) == before


def test_a_case_that_fails_and_a_file_that_cannot_be_read_are_told_and_the_others_run(
    run: Callable[..., subprocess.CompletedProcess[str]], folder: Path
) -> None:
    mine = folder / "mine"
    mine.mkdir(exist_ok=True)
    (mine / "a.yaml").write_text(CASES.replace("amount: 1010", "amount: 1011"), encoding="utf-8")
    (mine / "b.yaml").write_text("- name: x\n  as_of: someday\n", encoding="utf-8")
    (mine / "c.yaml").write_bytes("- name: 低保".encode("gb18030"))
    shown = run("cases", "mine")
    assert shown.returncode == 1
    assert "应为 ¥1,011  得到 ¥1,010" in shown.stdout
    assert "mine/b.yaml:2 " in shown.stdout
    told = json.loads(run("cases", "mine", "--json").stdout)
    assert [(one["name"], one["passed"]) for one in told] == [
        ("nobody earns", False),
        ("nobody knows the wage", True),
        ("x", False),
        ("mine/c.yaml", False),
    ]
    assert set(told[0]) == {"name", "file", "passed", "got", "expected"}
    assert told[0]["got"]["dibao amount_fen"] == [101000, 101000]


def test_cases_do_not_need_the_seeds(tmp_path: Path, folder: Path) -> None:
    done = command(folder, "cases", "catalogue/cases", AIDGRAPH_STORE=f"sqlite:///{tmp_path}/empty.sqlite")
    assert done.returncode == 0, done.stderr


def test_a_rule_is_read_back_in_words(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    shown = run("policies", "dibao").stdout
    assert "人均收入低于标准" in shown
    assert "乡镇（街道）受理，县级民政审核确认，30 个工作日，公示 7 天" in shown
    assert "月工资" in run("facts", "工资").stdout
    assert "周岁" in run("terms").stdout
    assert json.loads(run("policies", "dibao", "--json").stdout)[0]["requires"]["all"][0]["id"] == "income"


def test_help_speaks_the_readers_language_with_examples(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "例子" in run("match", "--help").stdout
    assert "Usage" not in run("match", "--help").stdout
    assert "Examples" in run("match", "--help", "--lang", "en").stdout


def test_what_is_looked_for_is_not_in_the_command(folder: Path) -> None:
    (folder / "person.csv").write_text("id,household,kin,name,born,true_on\np-1,h-1,户主,李明华,1990-01-01,2026-07-01\n", encoding="utf-8")
    (folder / "household.csv").write_text("id,region,residence,true_on\nh-1,371602,城镇,2026-07-01\n", encoding="utf-8")
    store = {"AIDGRAPH_STORE": "sqlite:///named.sqlite"}
    loaded = command(folder, "load", "household.csv", "person.csv", **store)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    found = command(folder, "find", typed="李明华\n", **store)
    assert found.returncode == 0, found.stderr
    assert "h-1" in found.stdout
    assert "李○○" in found.stdout
    assert "李明华" not in found.stdout
    missing = command(folder, "find", typed="王小二\n", **store)
    assert missing.returncode == 3
    assert "王小二" not in missing.stderr


def test_the_readme_shows_what_the_program_prints(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    store = {"AIDGRAPH_STORE": "sqlite:///readme.sqlite", "AIDGRAPH_CATALOGUE": str(root / "seeds")}
    for path in ("seeds", "seeds/cases/c4.yaml"):
        assert command(tmp_path, "load", str(root / path), **store).returncode == 0
    shown = command(tmp_path, "match", "c4-1", "--as-of", "2024-09-01", **store).stdout
    written = (root / "README.md").read_text(encoding="utf-8")
    assert written.partition("<!-- result -->\n```text\n")[2].partition("```")[0] == shown
