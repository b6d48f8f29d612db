"""A real service with the transplant case of today, for pages of referrals: officer, department, charities, matters and offers."""

from __future__ import annotations

import os
import socket
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.accounts import NewAccount, add_account
from api.load_cases import load_case_file
from api.settings import Settings
from api.wiring import Desk
from tests.factories import engine, shipped
from tests.pages_service import PASSWORD, Service, waited, words
from tests.referral_world import CHARITY, c4_text, offered, opened, opening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOUSEHOLDS = ("c4-1", "c4-2", "c4-3", "c4-4")
ACCOUNTS = (
    NewAccount("wang", "officer", ("3716",)),
    NewAccount("sun", "department", ("3716",), department="medical-insurance"),
    NewAccount("hu", "foundation", organization=CHARITY),
    NewAccount("other", "foundation", organization="shandong-charity-federation"),
)


@contextmanager
def serving_referrals(folder: Path) -> Iterator[Service]:
    """The service on a store of its own, until the block ends."""
    address = f"sqlite:///{folder}/store.sqlite"
    _fill(address, folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "serve.log").open("w")
    env = {**os.environ, "AIDGRAPH_STORE": address, "AIDGRAPH_LANG": "zh"}
    process = subprocess.Popen(words("serve", "--port", str(port)), env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        waited(f"http://127.0.0.1:{port}", process, folder / "serve.log")
        yield Service(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _fill(address: str, folder: Path) -> None:
    """The case's households, an account for each who has a part, and a discussion and an offer for each household."""
    desk = Desk(Settings(store=address))
    desk.__dict__.update(catalogue=shipped(), engine=engine(), store=desk.store_for_identity)
    desk.store.migrate()
    (folder / "c4.yaml").write_text(c4_text(desk.today()), encoding="utf-8")
    load_case_file(desk.store, shipped(), folder / "c4.yaml")
    for account in ACCOUNTS:
        add_account(desk.store, account, PASSWORD, desk.now())
    for household in HOUSEHOLDS:
        opened(desk, opening(desk, household))
        offered(desk, household)
    desk.close()
