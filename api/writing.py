"""A household written through the interface: one unit of the store with its audit entry, once for each key, over nobody else's change."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.audit import Action
from api.caller import Caller
from api.changes import changes_between
from api.errors import BadRequest, Stale, Unconditional
from api.known import version_of
from api.page import neighbourhood
from api.ranking import rank_now
from api.receipts import Receipt, Written
from api.referral_rows import follow, referrals_of
from api.visit_shapes import NewHousehold, Visit
from api.visits import Reading, Rows, in_another_household
from graph.ingest import Import, homes_before, put_rows
from graph.store import Tables, Writer


def enter_household(caller: Caller, given: NewHousehold, key: str) -> Written:
    """A new household. Raises BadRequest, Forbidden, Conflict."""
    receipt = Receipt.of(caller, key, given.model_dump_json())
    if (before := receipt.stored()) is not None:
        return before
    household = f"h-{secrets.token_hex(8)}"
    return _write(caller, household, Reading(caller, given.true_on).household(household, given), receipt, "create", version=None)


def enter_visit(caller: Caller, household: str, given: Visit, key: str, match: str | None) -> Written:
    """What a visit found. Raises NotFound, BadRequest, Forbidden, Stale if the household was changed since `match` was read."""
    caller.open(household, action="read")
    receipt = Receipt.of(caller, f"{household} {key}", given.model_dump_json())
    if (before := receipt.stored()) is not None:
        return before
    tables, version = _as_it_was_read(caller, household, match)
    return _write(caller, household, Reading(caller, given.true_on).visit(household, given, tables), receipt, "change", version=version)


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a household: the body as it was sent, the rows that it makes of the household's tables, who says so."""

    body: str
    read: Callable[[Tables], Rows]
    source: str


def enter_act(caller: Caller, household: str, act: Act, key: str, match: str | None) -> Written:
    """An application, a decision, a death, a move; what it changes in the bundle is answered. Raises as enter_visit does."""
    caller.open(household, action="read")
    receipt = Receipt.of(caller, f"{household} {key}", act.body)
    if (before := receipt.stored()) is not None:
        return before
    tables, version = _as_it_was_read(caller, household, match)
    rows = act.read(tables)
    day = caller.desk.today()
    was = caller.pages.page(caller.desk, household, day)
    written = _write(caller, household, rows, receipt, "change", version=version, source=act.source)
    if written.repeated:
        return written
    kept = {name: value for name, value in written.body.items() if name != "people"}
    body = {**kept, "changes": changes_between(was, caller.pages.page(caller.desk, household, day))}
    caller.desk.store.write(lambda writer: writer.upsert_nodes("Receipt", [receipt.row(body)]))
    return Written(body, written.etag)


def _as_it_was_read(caller: Caller, household: str, match: str | None) -> tuple[Tables, int]:
    """The household's tables and its version. Raises Unconditional, Stale if it was changed since `match` was read."""
    if match is None:
        raise Unconditional("请先读取本户，并在 If-Match 中写明读到的 ETag", "read the household first, and send its ETag as If-Match")
    tables = neighbourhood(caller.desk.store, household)
    version, tag = version_of(tables, household)
    if match != tag:
        raise _stale()
    return tables, version


def _write(
    caller: Caller, household: str, rows: Rows, receipt: Receipt, action: Action, *, version: int | None, source: str = "visit"
) -> Written:
    """The unit. `version`: of the household when it was read, None for one that is new."""
    store, now = caller.desk.store, caller.desk.now()
    imported = Import(f"{source}/{caller.account.id}", caller.request, now)
    homes = homes_before(store, rows.rows)
    referrals = [one.id for one in referrals_of(store, household)]

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
        follow(writer, household, referrals)
        states = [one.state for one in outcomes]
        body: dict[str, Any] = {
            "household": household,
            "people": rows.people,
            "stored": states.count("stored"),
            "unchanged": states.count("unchanged"),
        }
        body["record"] = caller.request
        body |= rows.also(writer) if rows.also is not None else {}
        writer.upsert_nodes("Household", [{"id": household, "version": (version or 0) + 1}])
        caller.note(writer, household, action)
        writer.upsert_nodes("Receipt", [receipt.row(body)])
        return Written(body)

    written = store.write(unit)
    if written.repeated:
        return written
    read_at = caller.desk.now()
    tables = neighbourhood(store, household)
    rank_now(caller.desk, [household], tables, read_at)
    number, tag = version_of(tables, household)
    return Written(written.body, tag if number == (version or 0) + 1 else "")


def _stale() -> Stale:
    return Stale(
        "您读取之后，本户已被修改：请重新读取，核对后再提交",
        "the household was changed after you read it: read it again, compare, and send again",
    )
