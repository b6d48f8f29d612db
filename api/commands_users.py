"""`user`, `key`, `audit`: who may sign in, which programs may, and whether the record of what they did is whole.

A password is typed at a prompt or sent to the standard input, never an argument: arguments stay in the history of the shell.
"""

import sys
from typing import Annotated

import typer
from rich.text import Text

from api import accounts
from api.audit import verify
from api.errors import FAILED, BadRequest
from api.help import Command, Group, both
from api.options import Json
from api.permissions import ROLE_WORDS, ROLES, Role
from api.terminal import listing, note
from api.wiring import Desk, day_of
from api.words import say
from graph.ingest import pages

Name = Annotated[str, typer.Argument(metavar=both("账号", "ACCOUNT"), help=both("账号名", "name of the account"))]
HEADS = {
    "users": {"zh": ("账号", "名称", "角色", "区划", "状态"), "en": ("Account", "Title", "Role", "Regions", "State")},
    "keys": {"zh": ("编号", "账号", "用途", "到期", "状态"), "en": ("Number", "Account", "For", "Until", "State")},
}
STATE = {"zh": ("可用", "已停用"), "en": ("open", "closed")}


def register(app: typer.Typer) -> None:
    """Add the groups of commands to the program."""
    for name, help_, commands in (
        (
            "user",
            both("账号：新建、改密码、停用、列出", "Accounts: make, change the password, close, list"),
            (user_add, user_password, user_close, user_list),
        ),
        ("key", both("程序用的密钥：新建、吊销、列出", "Keys for programs: make, revoke, list"), (key_add, key_revoke, key_list)),
        ("audit", both("审计记录", "The audit"), (audit_verify,)),
    ):
        group = typer.Typer(cls=Group, no_args_is_help=True, help=help_, add_completion=False)
        for command in commands:
            group.command(
                command.__name__.partition("_")[2], cls=Command, help=HELP[command.__name__], epilog=EXAMPLES.get(command.__name__)
            )(command)
        app.add_typer(group, name=name)


HELP = {
    "user_add": both(
        "新建账号\n密码在提示后输入两次，或从标准输入读取；没有默认密码。",
        "Make an account\nIts password is typed twice at the prompt, or sent to the standard input; there is no default.",
    ),
    "user_password": both("改密码；此前的登录随即失效", "A new password; earlier sessions end"),
    "user_close": both("停用账号；登录和密钥随即失效", "Close an account; its sessions and keys end"),
    "user_list": both("列出账号", "List the accounts"),
    "key_add": both("为账号新建密钥；只显示这一次", "Make a key of an account; it is shown this once"),
    "key_revoke": both("吊销密钥", "Revoke a key"),
    "key_list": both("列出密钥（不显示密钥本身）", "List the keys, not what they are"),
    "audit_verify": both("核对审计记录是否完整、未被改动", "Check that the record is whole and unchanged"),
}
EXAMPLES = {
    "user_add": both(
        "aidgraph user add wang --role admin\naidgraph user add li --role worker --region 371602001 --title 李社工",
        "aidgraph user add wang --role admin\naidgraph user add li --role worker --region 371602001",
    ),
    "key_add": both(
        "aidgraph key add li --title 报表程序 --scope catalogue.read --until 2027-12-31",
        "aidgraph key add li --title reports --scope catalogue.read --until 2027-12-31",
    ),
}


def user_add(
    context: typer.Context,
    account: Name,
    role: Annotated[str, typer.Option(help=both(f"角色：{' '.join(ROLES)}", f"role: {' '.join(ROLES)}"))],
    region: Annotated[
        list[str] | None,
        typer.Option(help=both("负责的区划代码，可重复；* 为全部", "code of a region that it is for; may be repeated; * is everywhere")),
    ] = None,
    title: Annotated[str, typer.Option(help=both("显示的名称", "the name shown"))] = "",
    department: Annotated[str, typer.Option(help=both("部门，如 medical-insurance", "department, such as medical-insurance"))] = "",
    organization: Annotated[str, typer.Option(help=both("机构编号（慈善组织）", "the organisation's id (foundations)"))] = "",
) -> None:
    """Make an account."""
    desk: Desk = context.obj
    if role not in ROLES:
        raise BadRequest(f"没有角色“{role}”，可用：{'、'.join(ROLES)}", f"there is no role {role!r}, only {', '.join(ROLES)}")
    known: Role = role
    new = accounts.NewAccount(account, known, tuple(region or ()), title, department, organization)
    accounts.add_account(desk.store_for_identity, new, _password(desk), desk.now())
    desk.screen.show(note(f"account {account} made" if desk.lang == "en" else f"已新建账号 {account}"))


def user_password(context: typer.Context, account: Name) -> None:
    """A new password."""
    desk: Desk = context.obj
    accounts.change_password(desk.store_for_identity, account, _password(desk), desk.now())
    desk.screen.show(note("password changed" if desk.lang == "en" else "密码已改"))


def user_close(context: typer.Context, account: Name) -> None:
    """Close an account."""
    desk: Desk = context.obj
    accounts.close_account(desk.store_for_identity, account, desk.now())
    desk.screen.show(note(f"account {account} closed" if desk.lang == "en" else f"已停用账号 {account}"))


def user_list(context: typer.Context, json: Json = False) -> None:
    """All accounts."""
    desk: Desk = context.obj
    found = [row for page in pages(desk.store, "Account", {}) for row in page]
    if json:
        kept = ("id", "title", "role", "regions", "department", "organization")
        desk.screen.json([{name: row[name] for name in kept if name in row} | {"closed": "closed_at" in row} for row in found])
        return
    rows = [
        (row["id"], row.get("title", ""), say(ROLE_WORDS[row["role"]], desk.lang), " ".join(row.get("regions", ())), _state(desk, row))
        for row in found
    ]
    desk.screen.show(listing(HEADS["users"][desk.lang], [[Text(cell) for cell in row] for row in rows], grow=3))


def key_add(
    context: typer.Context,
    account: Name,
    title: Annotated[str, typer.Option(help=both("用途", "what it is for"))] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=both("只给这些权限，可重复；不写则同账号", "this permission only; may be repeated; all of the account's unless told")
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(help=both("最后一天，如 2027-12-31", "its last day, such as 2027-12-31"))] = None,
) -> None:
    """Make a key."""
    desk: Desk = context.obj
    last = day_of(until, desk.today()) if until else None
    key = accounts.add_key(desk.store_for_identity, account, desk.now(), title=title, scopes=scope or (), until=last)
    desk.screen.show(Text(key))
    desk.screen.aside("keep it safe: it is not shown again" if desk.lang == "en" else "请妥善保存：以后不再显示")


def key_revoke(
    context: typer.Context, key: Annotated[str, typer.Argument(metavar=both("编号", "NUMBER"), help=both("密钥编号", "the key's number"))]
) -> None:
    """Revoke a key."""
    desk: Desk = context.obj
    accounts.revoke_key(desk.store_for_identity, key, desk.now())
    desk.screen.show(note("key revoked" if desk.lang == "en" else "密钥已吊销"))


def key_list(context: typer.Context, json: Json = False) -> None:
    """All keys."""
    desk: Desk = context.obj
    found = [row for page in pages(desk.store, "ApiKey", {}) for row in page]
    if json:
        kept = ("id", "account", "title", "scopes")
        desk.screen.json(
            [
                {name: row[name] for name in kept if name in row}
                | {"until": str(row["until"]) if "until" in row else None, "closed": "closed_at" in row}
                for row in found
            ]
        )
        return
    rows = [(row["id"], row["account"], row.get("title", ""), str(row.get("until", "")), _state(desk, row)) for row in found]
    desk.screen.show(listing(HEADS["keys"][desk.lang], [[Text(cell) for cell in row] for row in rows], grow=2))


def audit_verify(context: typer.Context, json: Json = False) -> None:
    """Check the chain."""
    desk: Desk = context.obj
    found = verify(desk.store_for_identity)
    if json:
        desk.screen.json({"entries": found.entries, "broken": found.broken})
    elif found.broken is None:
        desk.screen.show(
            note(f"{found.entries:,} entries, whole and unchanged" if desk.lang == "en" else f"共 {found.entries:,} 条，完整，未被改动")
        )
    else:
        english = f"entry {found.broken:,} was changed, taken out or put in"
        desk.screen.show(Text(english if desk.lang == "en" else f"第 {found.broken:,} 条被改动、删除或插入", style="gap"))
    if found.broken is not None:
        raise typer.Exit(FAILED)


def _state(desk: Desk, row: dict[str, object]) -> str:
    return STATE[desk.lang]["closed_at" in row]


def _password(desk: Desk) -> str:
    """Typed twice at a terminal, else the first line of the standard input."""
    english = desk.lang == "en"
    if not desk.screen.interactive:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = typer.prompt("Password" if english else "密码", hide_input=True, err=True)
    if typed != typer.prompt("Again" if english else "再输一次", hide_input=True, err=True):
        raise BadRequest("两次输入的密码不一样", "the two passwords differ")
    return typed
