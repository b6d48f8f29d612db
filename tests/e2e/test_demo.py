"""`aidgraph demo`: a county, an account for each role, the service; started again it goes on with the same store."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.permissions import ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from api.cli import main; main()"]
WAIT = 240  # seconds; a busy machine


def test_a_demonstration_is_signed_in_to_by_every_role_and_its_store_is_used_again(tmp_path: Path) -> None:
    with running(tmp_path) as (address, passwords):
        assert set(passwords) == {f"demo-{role}" for role in ROLES}
        for account, password in passwords.items():
            assert sign_in(address, account, password)["account"] == account
        worker = sign_in(address, "demo-worker", passwords["demo-worker"])
        assert len(worker["regions"][0]) == 9
        first = passwords
        opened = discussions(address, "demo-officer", passwords["demo-officer"])
        assert opened
        assert all(one["events"][0]["by"] == "rule" for one in opened)
        assert f"{len(opened)} discussions are open by rule" in (tmp_path / "said").read_text(encoding="utf-8")
    before = written(tmp_path)
    with running(tmp_path) as (address, passwords):
        assert passwords["demo-worker"] != first["demo-worker"]
        assert sign_in(address, "demo-admin", passwords["demo-admin"])["role"] == "admin"
        assert discussions(address, "demo-officer", passwords["demo-officer"]) == opened
    assert written(tmp_path) == before


@contextmanager
def running(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The demonstration as a process of its own: its address, and the password of every account as it is printed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = [*PROGRAM, "demo", "--households", "40", "--folder", str(folder), "--port", str(port), "--lang", "en"]
    with (folder / "said").open("w") as said:
        program = subprocess.Popen(line, stdout=said, stderr=subprocess.STDOUT, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(program, address, folder / "said")
        yield address, dict(re.findall(r"^(demo-\w+)\s+(\S+)", (folder / "said").read_text(encoding="utf-8"), re.MULTILINE))
    finally:
        program.terminate()
        program.wait()


def wait_for(program: subprocess.Popen[bytes], address: str, said: Path) -> None:
    """Until the service answers."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        assert program.poll() is None, said.read_text(encoding="utf-8")
        try:
            with urllib.request.urlopen(f"{address}/api/session", timeout=5):  # noqa: S310 - our own service
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(said.read_text(encoding="utf-8"))


def begun(address: str, account: str, password: str) -> str:
    """Sign in: the cookie of the session."""
    body = json.dumps({"account": account, "password": password}).encode()
    begin = urllib.request.Request(f"{address}/api/session", body, {"Content-Type": "application/json"})  # noqa: S310 - our own service
    with urllib.request.urlopen(begin, timeout=30) as answer:  # noqa: S310
        return str(answer.headers["Set-Cookie"].partition(";")[0])


def asked(address: str, path: str, cookie: str) -> dict[str, Any]:
    """What the service answers to whoever signed in."""
    ask = urllib.request.Request(f"{address}{path}", headers={"Cookie": cookie})  # noqa: S310 - our own service
    with urllib.request.urlopen(ask, timeout=30) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def sign_in(address: str, account: str, password: str) -> dict[str, Any]:
    """Sign in, and who one is then."""
    return asked(address, "/api/session", begun(address, account, password))


def discussions(address: str, account: str, password: str) -> list[dict[str, Any]]:
    """What an officer is to settle."""
    found: list[dict[str, Any]] = asked(address, "/api/referrals?sort=discussion&limit=200", begun(address, account, password))["items"]
    return found


def written(folder: Path) -> int:
    """How many households the store of the day has, and that there is one store."""
    from graph.open import open_store

    (path,) = folder.glob("demo-*/aidgraph.sqlite")
    store = open_store(f"sqlite:///{path}")
    try:
        return store.count("Household")
    finally:
        store.close()
