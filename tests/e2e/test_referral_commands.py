"""`aidgraph referral` as an officer uses it: opened by rule once, taken to a decision, its packet; faults are told by their place."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from api.cli import main
from tests.referral_world import AID, c4_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A store with the transplant case of today."""
    monkeypatch.setenv("AIDGRAPH_STORE", f"sqlite:///{tmp_path}/store.sqlite")
    monkeypatch.setenv("AIDGRAPH_LANG", "zh")
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    (tmp_path / "c4.yaml").write_text(c4_text(today), encoding="utf-8")
    assert run(capsys, "load", str(tmp_path / "c4.yaml"))[0] == 0
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, output, messages."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code, out, err = run(capsys, "referral", *words, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_region_is_opened_once_and_a_matter_goes_to_its_decision(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, again = (told(capsys, "open", "--region", "371602") for _ in range(2))
    assert first
    assert [(one["referral"], one["new"]) for one in again] == [(one["referral"], False) for one in first]
    id_ = next(one["referral"] for one in first if one["household"] == "c4-1")
    assert {one["referral"] for one in told(capsys, "list", "--household", "c4-1")} == {id_}
    code, out, _ = run(capsys, "referral", "show", id_)
    assert code == 0
    assert "已提请" in out
    assert "convene" in out
    for step in ("convene", "put"):
        assert told(capsys, "move", id_, step)["referral"] == id_
    later = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)).isoformat()
    sent = folder / "decision.json"
    sent.write_text(json.dumps({"items": [AID | {"policy": "dibao", "due": later}]}), encoding="utf-8")
    code, _, err = run(capsys, "referral", "move", id_, "decide", "--text", "会议同意", "--file", str(sent))
    assert code == 2
    assert "/items/0/policy" in err
    assert "社会救助法" in err
    sent.write_text(json.dumps({"items": [AID | {"due": later}]}), encoding="utf-8")
    assert told(capsys, "move", id_, "decide", "--text", "会议同意", "--file", str(sent))["state"] == "executing"
    packet = told(capsys, "packet", id_)
    assert packet["precedents"] is None  # no profiles have been made
    assert [item["policy"] for item in packet["referral"]["items"]] == ["temporary-aid-expense"]
    code, out, _ = run(capsys, "referral", "packet", id_, "--lang", "en")
    assert code == 0
    assert "The question to settle" in out
    assert "graph profiles" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "r-0000000000000000"), 3, "没有这件"),
        (("open",), 2, "写明户号"),
        (("open", "c4-1", "--reason", "weather"), 2, "没有这个提请原因"),
        (("open", "nobody", "--reason", "appeal"), 3, "没有户号"),
        (("open", "c4-1", "--reason", "appeal", "--role", "king"), 2, "没有角色"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, said: str) -> None:
    assert folder
    done = run(capsys, "referral", *words)
    assert done[0] == code
    assert said in done[2]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_command_has_help_with_examples(capsys: pytest.CaptureFixture[str], lang: str) -> None:
    for name in ("open", "list", "show", "packet", "move"):
        code, out, _ = run(capsys, "referral", name, "--help", "--lang", lang)
        assert code == 0
        assert f"aidgraph referral {name}" in out.split("例子" if lang == "zh" else "Examples")[1]
