"""A household written through the interface: one unit of the store with its audit entry, once for each key, over nobody else's change."""

import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from api.audit import Action
from api.caller import Caller
from api.errors import BadRequest, Conflict, Stale, Unconditional
from api.known import version_of
from api.page import neighbourhood
from api.visit_shapes import NewHousehold, Visit
from api.visits import Reading, Rows, in_another_household
from graph.ingest import Import, homes_before, put_rows
from graph.store import Writer


@dataclass(frozen=True, slots=True)
class Written:
    """What is answered. `etag`: of the household as this write left it, "" if somebody has changed it since."""

    body: dict[str, Any]
    etag: str = ""
    repeated: bool = False


def enter_household(caller: Caller, given: NewHousehold, key: str) -> Written:
    """A new household. Raises BadRequest, Forbidden, Conflict."""
    receipt = _Receipt.of(caller, key, given)
    if (before := receipt.stored()) is not None:
        return before
    household = f"h-{secrets.token_hex(8)}"
    return _write(caller, household, Reading(caller, given.true_on).household(household, given), receipt, "create", version=None)


def enter_visit(caller: Caller, household: str, given: Visit, key: str, match: str | None) -> Written:
    """What a visit found. Raises NotFound, BadRequest, Forbidden, Stale if the household was changed since `match` was read."""
    caller.open(household, action="read")
    receipt = _Receipt.of(caller, f"{household} {key}", given)
    if (before := receipt.stored()) is not None:
        return before
    if match is None:
        raise Unconditional("请先读取本户，并在 If-Match 中写明读到的 ETag", "read the household first, and send its ETag as If-Match")
    tables = neighbourhood(caller.desk.store, household)
    version, tag = version_of(tables, household)
    if match != tag:
        raise _stale()
    return _write(caller, household, Reading(caller, given.true_on).visit(household, given, tables), receipt, "change", version=version)


def _write(caller: Caller, household: str, rows: Rows, receipt: "_Receipt", action: Action, *, version: int | None) -> Written:
    """The unit. `version`: of the household when it was read, None for one that is new."""
    store, now = caller.desk.store, caller.desk.now()
    imported = Import(f"visit/{caller.account.id}", caller.request, now)
    homes = homes_before(store, rows.rows)

    def unit(writer: Writer) -> Written:
        stored = writer.get("Household", household)
        kept = writer.get("Receipt", receipt.id)
        if kept is not None:
            return receipt.answer(kept)
        if stored is not None and int(stored.get("version", 0)) != version:
            raise _stale()
        if any(writer.get("Person", one) is not None for one in rows.new):
            raise in_another_household()
        outcomes = put_rows(writer, rows.rows, imported, homes)
        if any(one.state == "rejected" for one in outcomes):
            raise BadRequest("有人已不在库中，没有保存任何内容", "somebody is not stored any more; nothing was kept")
        states = [one.state for one in outcomes]
        body = {"household": household, "people": rows.people, "stored": states.count("stored"), "unchanged": states.count("unchanged")}
        writer.upsert_nodes("Household", [{"id": household, "version": (version or 0) + 1}])
        caller.note(writer, household, action)
        writer.upsert_nodes("Receipt", [receipt.row(body, caller)])
        return Written(body)

    written = store.write(unit)
    if written.repeated:
        return written
    number, tag = version_of(neighbourhood(store, household), household)
    return Written(written.body, tag if number == (version or 0) + 1 else "")


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What a key was used for, so that the same request sent again is answered again and nothing is done twice.

    The key itself is not kept; it salts the hash of the body, which therefore tells nothing of what was sent.
    """

    caller: Caller
    id: str
    hash: str

    @classmethod
    def of(cls, caller: Caller, key: str, given: BaseModel) -> "_Receipt":
        body = given.model_dump_json()
        id_ = sha256(f"{caller.account.id}\0{caller.permission}\0{key}".encode()).hexdigest()
        return cls(caller, id_, sha256(f"{key}\0{body}".encode()).hexdigest())

    def stored(self) -> Written | None:
        """The answer given before."""
        row = self.caller.desk.store.get("Receipt", self.id)
        return None if row is None else self.answer(row)

    def answer(self, row: dict[str, Any]) -> Written:
        """Raises Conflict if the key was used for something else."""
        if row["hash"] != self.hash:
            zh, en = "这个 Idempotency-Key 已用于另一个请求，请换一个", "this Idempotency-Key was used for another request: take a new one"
            raise Conflict(zh, en)
        return Written(json.loads(row["answer"]), repeated=True)

    def row(self, body: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """As it is kept."""
        return {"id": self.id, "account": caller.account.id, "hash": self.hash, "answer": json.dumps(body), "begun_at": caller.desk.now()}


def _stale() -> Stale:
    return Stale(
        "您读取之后，本户已被修改：请重新读取，核对后再提交",
        "the household was changed after you read it: read it again, compare, and send again",
    )
