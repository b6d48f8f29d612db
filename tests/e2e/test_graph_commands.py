"""`aidgraph graph …` as somebody uses it: in words, in both languages, and as JSON."""

import json
from pathlib import Path

import pytest

from api import cli
from graph.open import open_store
from tests.contract.county import FAR, MIDDLE, a_county


@pytest.fixture
def address(tmp_path: Path) -> str:
    """A store with the county of the contract tests."""
    address = f"sqlite:///{tmp_path}/store.sqlite"
    store = open_store(address)
    a_county(store)
    store.close()
    return address


def say(capsys: pytest.CaptureFixture[str], address: str, *words: str) -> str:
    with pytest.raises(SystemExit) as left:
        cli.main(["--store", address, "graph", *words])
    assert left.value.code == 0
    return capsys.readouterr().out


DAY = ("--as-of", "2026-08-01")


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (("needs",), "没有社工、志愿者、政策或项目能满足", "could meet these needs"),
        (("alone",), "只靠一名社工或志愿者", "hang on one worker or volunteer"),
        (("path", "fund"), "能帮助办成", "help towards"),
        (("supporters", "p3"), "直接义务人 1 名，义务人的义务人 2 名", "1 owe support, 2 owe it to these"),
        (("shared",), "可能重复，请核实", "to look at"),
        (("shared", "--household", "h2"), "同一住址", "the address"),
    ],
)
def test_it_says_the_finding_first(capsys: pytest.CaptureFixture[str], address: str, words: tuple[str, ...], zh: str, en: str) -> None:
    assert zh in say(capsys, address, *words, *DAY)
    english = say(capsys, address, *words, *DAY, "--lang", "en")
    assert en in english
    assert not [letter for letter in english if "\u4e00" <= letter <= "\u9fff" and words[0] not in ("needs", "alone")]


def test_json_gives_the_rows(capsys: pytest.CaptureFixture[str], address: str) -> None:
    rows = json.loads(say(capsys, address, "needs", *DAY, "--json"))
    assert rows == [
        {"region": MIDDLE, "category": "care", "needs": 1, "households": 1},
        {"region": FAR, "category": "housing", "needs": 1, "households": 1},
    ]


def test_precedents_want_profiles_first(capsys: pytest.CaptureFixture[str], address: str) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["--store", address, "graph", "near", "h1"])
    assert left.value.code == 3
    assert "aidgraph graph profiles" in capsys.readouterr().err
    say(capsys, address, "profiles", *DAY)
    rows = json.loads(say(capsys, address, "near", "h1", "--json"))
    assert next(row["household"] for row in rows) == "h3"
    assert "h3" in say(capsys, address, "near", "h1")


def test_nothing_found_is_said_in_words(capsys: pytest.CaptureFixture[str], address: str) -> None:
    assert "都有人或机构能满足" in say(capsys, address, "needs", "--within", "41")
    assert "不需要先办别的" in say(capsys, address, "path", "education")


def test_every_question_has_help_with_examples(capsys: pytest.CaptureFixture[str], address: str) -> None:
    for name in ("needs", "alone", "path", "supporters", "shared", "near", "profiles"):
        assert "aidgraph graph " + name in say(capsys, address, name, "--help")
        assert "Examples" in say(capsys, address, name, "--help", "--lang", "en")
