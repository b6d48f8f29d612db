"""`aidgraph copy` as somebody uses it: from file to file, killed in the middle, into a store that is not empty."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api import cli
from graph.copy import KINDS, MARK, content
from graph.open import open_store
from tests.contract.county import a_county
from tests.contract.rows import put

PEOPLE = 20_000
KEY = b"k" * 32


def address(folder: Path, name: str) -> str:
    return f"sqlite:///{folder}/{name}.sqlite"


@pytest.fixture
def source(tmp_path: Path) -> str:
    store = open_store(address(tmp_path, "source"), key=KEY)
    a_county(store)
    store.close()
    return address(tmp_path, "source")


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        cli.main(["copy", *words])
    return int(left.value.code or 0)


def same(one: str, other: str) -> bool:
    stores = [open_store(url) for url in (one, other)]
    try:
        return all(content(stores[0], kind) == content(stores[1], kind) for kind in KINDS)
    finally:
        for store in stores:
            store.close()


def test_everything_is_there_and_compared(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = address(tmp_path, "target")
    assert run(source, target) == 0
    assert "两边数量、内容一致" in capsys.readouterr().out
    assert same(source, target)
    store = open_store(target, key=KEY)  # the fingerprint of the key came along
    assert store.get("Meta", MARK) is None
    store.close()


def test_json_tells_rows_and_hash_of_each_kind(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(source, address(tmp_path, "target"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == set(KINDS)
    assert told["Household"]["rows"] == 4


def test_a_target_that_holds_something_else_is_left_alone(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = address(tmp_path, "target")
    store = open_store(target)
    put(store, "Household", {"id": "other"})
    assert run(source, target) == 4
    assert "--into-full" in capsys.readouterr().err
    assert store.count("Household") == 1
    assert run(source, target, "--into-full") == 0
    assert store.count("Household") == 5
    store.close()
    assert run(source, source) == 2


def test_killed_in_the_middle_it_goes_on_from_there(tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(source)
    put(store, "Person", *({"id": f"p{n:05}", "name_enc": "x" * 200} for n in range(PEOPLE)))
    store.close()
    target = address(tmp_path, "target")
    command = [sys.executable, "-c", "from api.cli import main; main()", "copy", source, target]
    store = open_store(target)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as copying:
        deadline = time.monotonic() + 120
        while store.count("Person") == 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        copying.send_signal(signal.SIGKILL)
    assert copying.returncode == -signal.SIGKILL
    assert 0 < store.count("Person") < PEOPLE
    assert run(source, target) == 0
    assert same(source, target)
    written = store.changes(limit=10**6)["kind"].to_list()
    assert written.count("Person") == PEOPLE + 6  # none was written twice
    store.close()
    assert "一致" in capsys.readouterr().out
