"""A real service with the transplant case of today, for pages of referrals: officer, department, charities, matters and an offer."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.pages_service import PASSWORD, Service, command, waited, words
from tests.referral_world import CHARITY, FIRST, c4_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ACCOUNTS = {
    "wang": ("officer", "--region", "3716"),
    "sun": ("department", "--department", "medical-insurance", "--region", "3716"),
    "hu": ("foundation", "--organization", CHARITY),
    "other": ("foundation", "--organization", "shandong-charity-federation"),
}


@contextmanager
def serving_referrals(folder: Path) -> Iterator[Service]:
    """The service on a store of its own, until the block ends."""
    env = {**os.environ, "AIDGRAPH_STORE": f"sqlite:///{folder}/store.sqlite", "AIDGRAPH_LANG": "zh"}
    (folder / "c4.yaml").write_text(c4_text(dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()), encoding="utf-8")
    command(env, "load", "seeds/")
    command(env, "load", str(folder / "c4.yaml"))
    for account, (role, *more) in ACCOUNTS.items():
        command(env, "user", "add", account, "--role", role, *more, typed=PASSWORD)
    command(env, "graph", "profiles")
    command(env, "referral", "open", "--region", "371602")
    command(env, "referral", "open", FIRST, "--charity")
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


def of_household(env: dict[str, str], household: str = FIRST) -> dict[str, str]:
    """The referrals of a household by sort."""
    return {one["sort"]: one["referral"] for one in json.loads(command(env, "referral", "list", "--household", household, "--json"))}
