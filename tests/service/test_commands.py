"""Accounts, keys and the audit at the terminal, as an administrator makes them."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from api.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIDGRAPH_STORE", f"sqlite:///{tmp_path}/store.sqlite")
    monkeypatch.setenv("AIDGRAPH_LANG", "en")


def run(monkeypatch: pytest.MonkeyPatch, *words: str, typed: str = "") -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return int(left.value.code or 0)


def test_an_administrator_makes_an_account_and_a_key(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "user", "add", "li", "--role", "worker", "--region", "371602", typed="a long password\n") == 0
    assert run(monkeypatch, "user", "add", "li", "--role", "worker", "--region", "371602", typed="a long password\n") == 1
    assert "already" in capsys.readouterr().err
    assert run(monkeypatch, "user", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == [{"id": "li", "role": "worker", "regions": ["371602"], "closed": False}]
    assert run(monkeypatch, "key", "add", "li", "--scope", "catalogue.read", "--until", "2030-12-31") == 0
    key = capsys.readouterr().out.strip()
    assert key.startswith("agk_")
    assert run(monkeypatch, "key", "revoke", key) == 0
    capsys.readouterr()
    assert run(monkeypatch, "key", "list", "--json") == 0
    listed = capsys.readouterr().out
    assert key.rpartition("_")[2] not in listed
    assert json.loads(listed)[0] | {"id": ""} == {
        "id": "",
        "account": "li",
        "scopes": ["catalogue.read"],
        "until": "2030-12-31",
        "closed": True,
    }


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        (("--role", "worker"), "a long password\n", "--region"),
        (("--role", "worker", "--region", "371602"), "short\n", "10 characters"),
        (("--role", "worker", "--region", "371602"), "", "10 characters"),
        (("--role", "king"), "a long password\n", "only worker, officer"),
        (("--role", "officer", "--region", "no/such"), "a long password\n", "region code"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], typed: str, said: str
) -> None:
    assert run(monkeypatch, "user", "add", "li", *words, typed=typed) != 0
    assert said in capsys.readouterr().err
    run(monkeypatch, "user", "list", "--json")
    assert json.loads(capsys.readouterr().out) == []


def test_no_account_is_there_before_one_is_made(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "user", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(monkeypatch, "key", "add", "admin") == 3


def test_a_scope_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "user", "add", "wang", "--role", "admin", typed="a long password\n")
    assert run(monkeypatch, "key", "add", "wang", "--scope", "household.sell") == 2
    assert "household.read" in capsys.readouterr().err


def test_the_audit_is_checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "audit", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"entries": 0, "broken": None}


def test_a_new_password_and_a_closed_account(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "user", "add", "wang", "--role", "admin", typed="a long password\n")
    assert run(monkeypatch, "user", "password", "wang", typed="another long one\n") == 0
    assert run(monkeypatch, "user", "close", "wang") == 0
    assert run(monkeypatch, "user", "close", "nobody") == 3
    capsys.readouterr()
    run(monkeypatch, "user", "list", "--json")
    assert json.loads(capsys.readouterr().out)[0]["closed"] is True
