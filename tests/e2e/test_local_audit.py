"""Households shown at the terminal are in the audit, whichever command showed them; one that is not there is not."""

import getpass
from pathlib import Path

import pytest

from api import cli
from api.audit import verify
from graph.identity import load_or_make_key
from graph.open import open_store

CASES = Path(__file__).parents[2] / "seeds" / "cases" / "c4.yaml"


def test_every_command_that_shows_a_household_is_noted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/store.sqlite"

    def say(*words: str) -> int:
        with pytest.raises(SystemExit) as left:
            cli.main(["--store", address, *words])
        capsys.readouterr()
        return int(left.value.code or 0)

    assert say("load", str(CASES)) == 0
    for words in (("match", "c4-1"), ("ask", "c4-2"), ("explain", "c4-3", "dibao"), ("graph", "supporters", "c4-1-patient")):
        assert say(*words) == 0, words
    assert say("match", "nobody") == 3
    store = open_store(address, key=load_or_make_key(tmp_path / "store.key"))
    rows = [row for frame in store.scan_nodes("AuditEntry") for row in frame.select("account", "action", "household").rows()]
    assert [household for _, _, household in rows[:3]] == ["c4-1", "c4-2", "c4-3"]
    assert {account for account, _, _ in rows} == {f"local/{getpass.getuser()}"}
    assert "nobody" not in str(rows)
    assert verify(store).broken is None
    store.close()
