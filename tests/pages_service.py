"""A real service with a real case, for tests of the pages: the program in its own process, two accounts, a household with a name."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.identity import load_or_make_key
from graph.open import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Path(__file__).parent.parent / "seeds" / "cases" / "c4.yaml"
PASSWORD = "three plain words"  # noqa: S105 - of accounts that live as long as the test
PATIENT = {"name": "李小明", "phone": "13900001234"}
ACCOUNTS = (
    ("li", "worker", "3716", "李社工"),
    ("zhao", "worker", "3703", "赵社工"),
    ("sun", "officer", "3716", "孙经办"),
    ("qian", "officer", "3703", "钱经办"),
)
START = 300  # seconds; the machine may be busy


@dataclass(frozen=True, slots=True)
class Service:
    """Where it listens. Accounts `li`, a worker, and `sun`, an officer, are of the city where the household c4-1 lives; `zhao`, `qian` of
    another one."""

    address: str


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """The service on a store of its own, until the block ends."""
    env = {**os.environ, "AIDGRAPH_STORE": f"sqlite:///{folder}/store.sqlite", "AIDGRAPH_LANG": "zh"}
    command(env, "load", str(CASES))
    for account, role, region, title in ACCOUNTS:
        command(env, "user", "add", account, "--role", role, "--region", region, "--title", title, typed=PASSWORD)
    store = open_store(env["AIDGRAPH_STORE"], key=load_or_make_key(folder / "store.key"))
    store.write(lambda writer: writer.upsert_nodes("Person", [{"id": "c4-1-patient", **store.identity.person(**PATIENT)}]))
    store.close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "serve.log").open("w")
    process = subprocess.Popen(words("serve", "--port", str(port)), env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        waited(f"http://127.0.0.1:{port}", process, folder / "serve.log")
        yield Service(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def words(*given: str) -> list[str]:
    """The command line of the program."""
    return [sys.executable, "-c", "from api.cli import main; main()", *given]


def command(env: dict[str, str], *given: str, typed: str = "") -> str:
    """Run a command that has to pass; what it printed."""
    done = subprocess.run(words(*given), env=env, input=typed, capture_output=True, text=True, check=False, timeout=START)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def waited(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the service answers."""
    until = time.monotonic() + START
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            urllib.request.urlopen(f"{address}/sign-in", timeout=5).close()  # noqa: S310 - our own address
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    raise TimeoutError(log.read_text(encoding="utf-8"))
