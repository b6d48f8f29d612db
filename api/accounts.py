"""Accounts, API keys and sessions: made, found, ended. Passwords, keys and session tokens are kept as hashes alone.

A token is 32 random bytes, so that a plain hash of it is enough; a password gets Argon2. An account is read anew on every
request: one that is closed is out at once, and a new password ends the sessions begun before.
"""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.errors import BadRequest, Conflict, NotFound
from api.permissions import EVERYWHERE, PERMISSIONS, ROLES, Account, Role
from api.tickets import Looked, Stored, Ticket
from graph.regions import check_region
from graph.store import GraphStore, Writer

SHORTEST = 10
LONGEST = 200
SESSION = dt.timedelta(hours=12)
"""A working day; then one signs in again."""
KEY_BEGINS = "agk_"

_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))  # verified where there is no account, so that both answers take as long


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of."""

    id: str
    role: Role
    regions: tuple[str, ...] = ()
    title: str = ""
    department: str = ""
    organization: str = ""


def add_account(store: GraphStore, new: NewAccount, password: str, now: dt.datetime) -> None:
    """Keep a new account. Raises BadRequest for what cannot be, Conflict if there is one of this name."""
    row = _checked(new) | _with_password(password, now)

    def unit(writer: Writer) -> None:
        if writer.get("Account", new.id) is not None:
            raise Conflict(f"已有账号“{new.id}”，请换一个名字", f"there is an account {new.id!r} already: choose another name")
        writer.upsert_nodes("Account", [row])

    store.write(unit)


def change_password(store: GraphStore, account: str, password: str, now: dt.datetime) -> None:
    """A new password; sessions begun before end. Raises NotFound, BadRequest."""
    _existing(store, account)
    row = {"id": account} | _with_password(password, now)
    store.write(lambda writer: writer.upsert_nodes("Account", [row]))


def close_account(store: GraphStore, account: str, now: dt.datetime) -> None:
    """Nobody signs in as this any more, and its keys open nothing. Raises NotFound."""
    _existing(store, account)
    store.write(lambda writer: writer.upsert_nodes("Account", [{"id": account, "closed_at": now}]))


def account_of(store: GraphStore, id_: str) -> Account | None:
    """An account that is open."""
    return _open(store.get("Account", id_))


def sign_in(store: GraphStore, id_: str, password: str, now: dt.datetime) -> str | None:
    """The token of a new session; None if account and password do not fit, whichever it is."""
    row = store.get("Account", id_) if id_.strip() else None
    try:
        fits: bool = _hasher.verify(row["password"] if row else _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        fits = False
    if row is None or not fits or "closed_at" in row:
        return None
    token = secrets.token_urlsafe(32)
    session = {"id": _digest(token), "account": id_, "begun_at": now, "ends_at": now + SESSION}
    store.write(lambda writer: writer.upsert_nodes("Session", [session]))
    return token


def sign_out(store: GraphStore, token: str) -> None:
    """End a session; one that has ended is no matter."""
    store.write(lambda writer: writer.delete("Session", [_digest(token)]))


def session_ticket(token: str) -> Ticket:
    """Where a session stands."""
    return Ticket("Session", _digest(token))


def session_of(looked: Looked, now: dt.datetime) -> Account | None:
    """Whose session it is, while it lasts."""
    session, row = looked.ticket, looked.account
    if session is None or session["ends_at"] <= now or row is None or row["password_at"] > session["begun_at"]:
        return None
    return _open(row)


def csrf_of(token: str) -> str:
    """What a form of this session carries, and no other site can know."""
    return sha256(f"csrf {token}".encode()).hexdigest()


def add_key(
    store: GraphStore, account: str, now: dt.datetime, *, title: str = "", scopes: Sequence[str] = (), until: dt.date | None
) -> str:
    """A new key of an account, whole: the only time that anybody sees it.

    Args:
        scopes: permissions that the key is limited to; none for all that the account has.
        until: its last day; None for no end.

    Raises: NotFound, BadRequest for a permission that there is not.
    """
    _existing(store, account)
    for scope in scopes:
        if scope not in PERMISSIONS:
            listed = "、".join(PERMISSIONS)
            raise BadRequest(f"没有权限“{scope}”，可用：{listed}", f"there is no permission {scope!r}, only {listed.replace('、', ', ')}")
    public, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    row = {
        "id": public,
        "account": account,
        "title": title,
        "hash": _digest(secret),
        "scopes": list(scopes),
        "from": now.date(),
        "until": until,
    }
    store.write(lambda writer: writer.upsert_nodes("ApiKey", [row]))
    return f"{KEY_BEGINS}{public}_{secret}"


def revoke_key(store: GraphStore, public: str, now: dt.datetime) -> None:
    """The key opens nothing any more. Takes the public part, or the whole key. Raises NotFound."""
    id_ = public.removeprefix(KEY_BEGINS).partition("_")[0]
    if store.get("ApiKey", id_) is None:
        raise NotFound(
            "没有这把密钥，请核对编号",
            "there is no such key: check its number",
            hint=("列出密钥：aidgraph key list", "all keys: aidgraph key list"),
        )
    store.write(lambda writer: writer.upsert_nodes("ApiKey", [{"id": id_, "closed_at": now}]))


def key_ticket(whole: str) -> Ticket | None:
    """Where a key stands; None if it is no key."""
    public, separator, _ = whole.removeprefix(KEY_BEGINS).partition("_")
    return Ticket("ApiKey", public) if separator and public else None


def key_of(looked: Looked, whole: str, now: dt.datetime) -> Account | None:
    """Whose key it is, with what it is limited to."""
    row, secret = looked.ticket, whole.removeprefix(KEY_BEGINS).partition("_")[2]
    if row is None or not secrets.compare_digest(row["hash"], _digest(secret)) or "closed_at" in row:
        return None
    if row.get("until") is not None and row["until"] < now.date():
        return None
    account = _open(looked.account)
    scopes = frozenset(row.get("scopes", ())) or None
    return None if account is None else replace(account, scopes=scopes, api_key=row["id"])


def _checked(new: NewAccount) -> dict[str, Any]:
    """The row of a new account. Raises BadRequest."""
    if not new.id or len(new.id) > 40 or not all(one.isascii() and (one.isalnum() or one in "._-@") for one in new.id):
        raise BadRequest("账号只能用字母、数字和 . _ - @，最多 40 个字符", "an account is named by letters, digits and . _ - @, 40 at most")
    if new.role not in ROLES:
        raise BadRequest(f"没有角色“{new.role}”，可用：{'、'.join(ROLES)}", f"there is no role {new.role!r}, only {', '.join(ROLES)}")
    if new.role in ("worker", "officer", "department") and not new.regions:
        raise BadRequest("请用 --region 写明负责的区划", "say with --region which places the account is for")
    for region in new.regions:
        if region != EVERYWHERE:
            check_region(region)
    named = {"title": new.title, "department": new.department, "organization": new.organization}
    return {"id": new.id, "role": new.role, "regions": list(new.regions), **named}


def _with_password(password: str, now: dt.datetime) -> dict[str, Any]:
    if len(password) < SHORTEST:
        raise BadRequest(f"密码至少 {SHORTEST} 个字符", f"a password has {SHORTEST} characters at least")
    return {"password": _hasher.hash(password[:LONGEST]), "password_at": now}


def _existing(store: GraphStore, account: str) -> None:
    if store.get("Account", account) is None:
        raise NotFound(
            f"没有账号“{account}”",
            f"there is no account {account!r}",
            hint=("列出账号：aidgraph user list", "all accounts: aidgraph user list"),
        )


def _open(row: Stored | None) -> Account | None:
    """An account as it is stored, unless it is closed."""
    if row is None or "closed_at" in row:
        return None
    return Account(
        row["id"],
        row["role"],
        row.get("title", ""),
        tuple(row.get("regions", ())),
        row.get("department", ""),
        row.get("organization", ""),
    )


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
