"""A real server on a free port over a fresh store, with an account and a key for each role, and households here, there and nowhere."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from api.accounts import NewAccount, add_account, add_key
from api.app import make_app
from api.permissions import ROLES, Role
from api.settings import Settings
from api.wiring import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi import FastAPI

OWN, OTHER = "371602", "370302"
CHARITY = "warm-hands"
PASSWORD = "a password nobody else has"  # noqa: S105 - of accounts that live as long as a test
CARD, CARD_TOO = "11010519491231002X", "370302198203050024"
NAME, PHONE = "欧阳小明", "13900001234"


class Kept(logging.Handler):
    """Every line of the log."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name} {record.getMessage()} {record.exc_info}")


@dataclass
class Served:
    """What a test talks to."""

    url: str
    app: FastAPI
    desk: Desk
    keys: dict[str, str]
    log: Kept
    households: dict[str, str] = field(default_factory=dict)
    referrals: dict[tuple[str, str], str] = field(default_factory=dict)  # of (sort, household)

    def client(self, role: str | None = None) -> httpx.Client:
        """A program with the key of a role, or with none."""
        heads = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        return httpx.Client(base_url=self.url, headers=heads, timeout=60)


def fresh() -> dict[str, str]:
    """The head of a write."""
    return {"Idempotency-Key": str(uuid.uuid4())}


def a_household(region: str = OWN, **more: Any) -> dict[str, Any]:
    """The body of a new household."""
    people = [{"name": NAME, "kin": "head", "facts": {"born": "1961-03-05", "wage_month": 1234.5}}]
    return {"region": region, "true_on": "2026-08-01", "facts": {"residence": "rural"}, "people": people, **more}


def a_desk(folder: Path) -> Desk:
    """A desk over a fresh store in a folder, with the catalogue that came along."""
    return Desk(Settings(store=f"sqlite:///{folder}/served.sqlite"))


@contextmanager
def serving(desk: Desk, app: FastAPI | None = None) -> Iterator[Served]:
    """Serve until the block ends."""
    app = app or make_app(desk)
    keys: dict[str, str] = {}
    for role in ROLES:
        make_account(desk, role, role, (OWN,))
        keys[role] = add_key(desk.store, role, desk.now(), until=None)
    make_account(desk, "there", "officer", (OTHER,))
    keys["there"] = add_key(desk.store, "there", desk.now(), until=None)
    log = Kept()
    for name in ("", "aidgraph.http", "uvicorn", "uvicorn.error"):
        logging.getLogger(name).addHandler(log)
    logging.getLogger("aidgraph.http").setLevel(logging.INFO)
    with listening(app) as url:
        try:
            yield Served(url, app, desk, keys, log)
        finally:
            for name in ("", "aidgraph.http", "uvicorn", "uvicorn.error"):
                logging.getLogger(name).removeHandler(log)
    desk.close()


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """A real server of an application until the block ends; its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


def make_account(desk: Desk, id_: str, role: Role, regions: tuple[str, ...]) -> None:
    """An account with the password of all."""
    organization = CHARITY if role == "foundation" else ""
    add_account(desk.store, NewAccount(id_, role, regions, organization=organization), PASSWORD, desk.now())


def with_households(served: Served) -> Served:
    """One household here, one in another area, one of which nobody knows where it lives."""
    for name, role, region in (("own", "worker", OWN), ("other", "there", OTHER)):
        with served.client(role) as client:
            made = client.post("/api/households", json=a_household(region), headers=fresh())
            assert made.status_code == 201, made.text
            served.households[name] = made.json()["household"]
    served.desk.store.write(lambda writer: writer.upsert_nodes("Household", [{"id": "h-nowhere"}]))
    served.households["none"] = "h-nowhere"
    return served
