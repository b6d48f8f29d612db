"""Projects written through the interface and the pages: by whom, once for each key, over nobody else's change.

A charity writes its own; an officer may write for a charity, and decides on those whose places all lie in its area.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from api.caller import Caller
from api.errors import BadRequest, Forbidden, Place, Stale, Unconditional
from api.listing import MOVES, Action, Listing, listing_of, listings_in, move, no_project, put_version
from api.listing_text import text_of, version_of
from api.permissions import BY_CONSENT, covers, touches
from api.receipts import Receipt, Written
from graph.store import Writer
from matcher.catalogue import Catalogue, PolicyVersion


def enter_project(caller: Caller, given: Mapping[str, Any], key: str) -> Written:
    """A new project, as a draft. Raises BadRequest, Forbidden, Conflict."""
    text = text_of(given)
    receipt = Receipt.of(caller, key, text)
    if (before := receipt.stored()) is not None:
        return before
    version = _may_write(caller, version_of(caller.desk.catalogue, "", text, organization=organization_of(caller)))
    now, account = caller.desk.now(), caller.account.id
    return _write(caller, receipt, lambda writer: put_version(writer, None, version, text, account=account, now=now))


def change_project(caller: Caller, project: str, given: Mapping[str, Any], key: str, match: str | None) -> Written:
    """What a project says now: its draft, or a new version of what was decided. Raises NotFound, BadRequest, Forbidden, Conflict, Stale."""
    before, text = open_project(caller, project), text_of(given)
    receipt = Receipt.of(caller, f"{project} {key}", text)
    if (kept := receipt.stored()) is not None:
        return kept
    _unchanged(before, match)
    version = _may_write(caller, version_of(without(caller.desk.catalogue, project), project, text, organization=organization_of(caller)))
    now, account = caller.desk.now(), caller.account.id
    return _write(caller, receipt, lambda writer: put_version(writer, before, version, text, account=account, now=now))


def take_action(caller: Caller, project: str, action: Action, reason: str, key: str, match: str | None) -> Written:
    """Send it for review, decide on it, pause it, … Raises NotFound, BadRequest, Forbidden, Conflict, Stale."""
    before = open_project(caller, project)
    receipt = Receipt.of(caller, f"{project} {key}", json.dumps([action, reason]))
    if (kept := receipt.stored()) is not None:
        return kept
    _unchanged(before, match)
    if not covers_all(caller, before) and not of_own(caller, before):
        raise _elsewhere()
    if MOVES[action].reason and not reason.strip():
        zh, en = "请写明原因", "say why"
        raise BadRequest(zh, en, places=(Place("/reason", zh, en),))
    target = before.target(action)
    version = None
    if target is not None and MOVES[action].after == "approved":
        version = version_of(without(caller.desk.catalogue, project), project, target["text"], organization=None)
    now, account = caller.desk.now(), caller.account.id

    def unit(writer: Writer) -> dict[str, Any]:
        return move(writer, before, action, version, account=account, reason=reason.strip(), now=now)

    return _write(caller, receipt, unit)


def open_project(caller: Caller, project: str) -> Listing:
    """A project that the caller may see. Raises NotFound."""
    found = listing_of(caller.desk.store, project)
    if not _sees(caller, found):
        raise no_project()
    return found


def open_projects(caller: Caller) -> list[Listing]:
    """The projects that the caller may see: its organisation's, or those that serve a place of its area."""
    return [one for one in listings_in(caller.desk.store) if _sees(caller, one)]


def of_own(caller: Caller, listing: Listing) -> bool:
    """Whether it is the project of the caller's own organisation."""
    return caller.account.role in BY_CONSENT and bool(listing.organization) and listing.organization == caller.account.organization


def covers_all(caller: Caller, listing: Listing) -> bool:
    """Whether an officer's area holds every place of a project: then it decides on it."""
    return caller.account.role not in BY_CONSENT and all(covers(caller.account.regions, code) for code in listing.regions)


def organization_of(caller: Caller) -> str | None:
    """The one whose projects the caller writes; None: anybody's. Raises Forbidden for a charity's account that names none."""
    if caller.account.role not in BY_CONSENT:
        return None
    if not caller.account.organization:
        raise Forbidden(
            "您的账号没有写明机构，请联系管理员",
            "your account names no organisation: ask an administrator",
            hint=("管理员：aidgraph user add 账号 --role foundation --organization 机构", "admin: aidgraph user add … --organization ID"),
        )
    return caller.account.organization


def without(catalogue: Catalogue, project: str) -> Catalogue:
    """The catalogue without one project."""
    return replace(catalogue, policies={id_: versions for id_, versions in catalogue.policies.items() if id_ != project})


def tag_of(listing: Listing) -> str:
    """The ETag of a project."""
    return f'"{listing.changes}"'


def _sees(caller: Caller, listing: Listing) -> bool:
    if caller.account.role in BY_CONSENT:
        return of_own(caller, listing)
    return touches(caller.account.regions, listing.regions)


def _may_write(caller: Caller, version: PolicyVersion) -> PolicyVersion:
    """The version, if an officer may write for these places. Raises Forbidden."""
    if caller.account.role not in BY_CONSENT and not all(covers(caller.account.regions, code) for code in version.regions):
        raise _elsewhere()
    return version


def _elsewhere() -> Forbidden:
    return Forbidden("项目服务的地方不都在您负责的范围内", "not all places of the project are among those that your account is for")


def _unchanged(listing: Listing, match: str | None) -> None:
    """Raises Unconditional, Stale."""
    if match is None:
        raise Unconditional("请先读取项目，并在 If-Match 中写明读到的 ETag", "read the project first, and send its ETag as If-Match")
    if match != tag_of(listing):
        raise Stale(
            "您读取之后，项目已被修改：请重新读取后再提交", "the project was changed after you read it: read it again, and send again"
        )


def _write(caller: Caller, receipt: Receipt, do: Callable[[Writer], dict[str, Any]]) -> Written:
    """The unit, with its receipt."""

    def unit(writer: Writer) -> Written:
        kept = writer.get("Receipt", receipt.id)
        if kept is not None:
            return receipt.answer(kept)
        row = do(writer)
        body = {"project": row["policy"], "number": row["number"], "state": row["state"]}
        writer.upsert_nodes("Receipt", [receipt.row(body)])
        return Written(body)

    written = caller.desk.store.write(unit)
    return replace(written, etag=tag_of(listing_of(caller.desk.store, written.body["project"])))
