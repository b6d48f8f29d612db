"""`aidgraph backup`: a copy that opens and answers the same; a file that is there is left alone; the key is not in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli import main

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    """What a command line prints."""
    with pytest.raises(SystemExit) as left:
        main(list(words))
    assert left.value.code == code
    shown = capsys.readouterr()
    return shown.out if code == 0 else shown.err


def test_a_backup_opens_and_answers_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, copy = f"sqlite:///{tmp_path}/live.sqlite", tmp_path / "copy.sqlite"
    said(capsys, "--store", store, "load", str(SEEDS / "cases" / "c4.yaml"))
    match = ("match", "c4-1", "--as-of", "2024-09-01", "--json")
    before = said(capsys, "--store", store, *match)
    told = json.loads(said(capsys, "--store", store, "backup", str(copy), "--json"))
    assert told == {"file": str(copy), "bytes": copy.stat().st_size, "key": str(tmp_path / "live.key")}
    assert copy.stat().st_mode & 0o077 == 0
    key = (tmp_path / "live.key").read_bytes().strip()
    assert key not in copy.read_bytes()
    (tmp_path / "copy.key").write_bytes((tmp_path / "live.key").read_bytes())
    (tmp_path / "copy.key").chmod(0o600)
    assert said(capsys, "--store", f"sqlite:///{copy}", *match) == before


@pytest.mark.parametrize(("lang", "words"), [("zh", "已存在"), ("en", "already")])
def test_a_file_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str) -> None:
    store, there = f"sqlite:///{tmp_path}/live.sqlite", tmp_path / "there.sqlite"
    there.write_text("mine", encoding="utf-8")
    assert words in said(capsys, "--store", store, "--lang", lang, "backup", str(there), code=5)
    assert there.read_text(encoding="utf-8") == "mine"
