"""`project`: projects of charities at the terminal: check one before it is sent, list them, see what is left, enter what was paid."""

import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api import words
from api.accounts import account_of
from api.caller import Caller
from api.errors import BadRequest, Forbidden, NotFound
from api.help import Command, Group, both
from api.listing import STATE_WORDS, listings_in
from api.listing_json import summary
from api.listing_text import FILE
from api.options import Json
from api.pages.projects_view import places_of, reply_view
from api.pages.texts_projects import PROJECT_TEXTS
from api.payments import Payment, account_json, enter_payment, project_for
from api.permissions import may
from api.project_reply import reply_to
from api.terminal import heading, listing, note
from api.wiring import Desk, day_of
from matcher.bundle_json import yuan
from matcher.catalogue import Catalogue, PolicyVersion
from matcher.claims import project_on
from matcher.loader_listed import Listed, with_projects
from matcher.yaml_source import text_of

HEADS = {"zh": ("编号", "名称", "机构", "服务地区", "状态"), "en": ("Id", "Title", "Organisation", "Serves", "State")}
PAY = "project.pay"
Id = Annotated[str, typer.Argument(metavar=both("项目", "PROJECT"), help=both("项目编号", "the project's id"))]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    help_ = both("慈善项目：检查、列出、看预算、登记发放", "Charities' projects: check, list, see the budget, enter payments")
    group = typer.Typer(cls=Group, no_args_is_help=True, help=help_, add_completion=False)
    for command in (check, list_, budget, pay):
        name = command.__name__.strip("_")
        group.command(name, cls=Command, help=HELP[name], epilog=EXAMPLES[name])(command)
    app.add_typer(group, name="project")


HELP = {
    "check": both(
        "审核前答复：错误在哪一行，或会帮到谁、与什么重叠\n不保存任何内容。",
        "The reply before review: faults by line, or whom it would reach and what it overlaps with\nNothing is kept.",
    ),
    "list": both("列出机构登记的项目", "List the projects that charities listed"),
    "budget": both("一个项目的预算：余额、预留、发放", "The budget of a project: left, held, paid"),
    "pay": both(
        "登记一笔预留已发放；多预留的退回预算\n以 --by 的账号办理，只能办理它有权看到的家庭。",
        "Enter that a hold was paid; what was held beyond it returns\nDone as an account, for households that it may be told of.",
    ),
}
_PAID = "aidgraph project pay anxin-relief-fund household/c4-1/awards/hold:anxin-relief-fund 1200.50 --by li"
EXAMPLES = {
    "check": both("aidgraph project check fund.yaml", "aidgraph project check fund.yaml --lang en"),
    "list": both("aidgraph project list", "aidgraph project list --lang en"),
    "budget": both("aidgraph project budget anxin-relief-fund", "aidgraph project budget anxin-relief-fund --lang en"),
    "pay": both(_PAID, _PAID),
}


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar=both("文件", "FILE"), help=both("写有一个项目的 YAML", "YAML with one project"))],
    json: Json = False,
) -> None:
    """The reply to a file."""
    desk: Desk = context.obj
    if not file.is_file():
        raise NotFound(f"没有文件 {file}", f"there is no file {file}")
    found = with_projects(desk.catalogue, [Listed(file.name or FILE, text_of(file, file.name))])
    version = next(found.policies[id_][0] for id_ in found.policies if id_ not in desk.catalogue.policies)
    told = reply_to(desk, found, version, least=None, as_of=desk.today())
    if json:
        desk.screen.json(told)
        return
    view, texts = reply_view(desk, told), PROJECT_TEXTS[desk.lang]
    lines = [*view.warnings, *view.never, *view.notes, *(f"{says}: {met}" for says, met in view.conditions)]
    desk.screen.show(Text(view.finding), *(note(line) for line in lines))
    heads = [texts[name] for name in ("place", "looked_col", "matches_col", "asking_col", "fen_col")]
    desk.screen.show(heading(texts["areas"]), listing(heads, [[Text(cell) for cell in row] for row in view.areas], right=(1, 2, 3, 4)))
    rows = [[Text(one["title"]), Text(one["needs"]), Text(texts["and_also"].join(one["same"])), Text(one["both"])] for one in view.overlaps]
    heads = [texts[name] for name in ("item", "needs", "same", "both")]
    desk.screen.show(heading(texts["overlaps"]), listing(heads, rows, right=(3,)))


def list_(context: typer.Context, json: Json = False) -> None:
    """All projects that charities listed."""
    desk: Desk = context.obj
    found = [summary(one) for one in listings_in(desk.store)]
    if json:
        desk.screen.json(found)
        return
    rows = [
        (
            *(one["project"], one["title"][desk.lang], one["organization"], places_of(desk, one["region"])),
            words.say(STATE_WORDS[one["state"]], desk.lang),
        )
        for one in found
    ]
    desk.screen.show(listing(HEADS[desk.lang], [[Text(cell) for cell in row] for row in rows], grow=1))


def budget(context: typer.Context, project: Id, json: Json = False) -> None:
    """What a project has."""
    desk: Desk = context.obj
    told = account_json(desk.store, _version(desk.catalogue, desk, project), least=None)
    if json:
        desk.screen.json(told)
        return
    texts = PROJECT_TEXTS[desk.lang]
    fen = (("left", "left_fen"), ("budget_total", "budget_fen"), ("held", "held_fen"), ("paid", "paid_fen"))
    rows = [[Text(texts[name]), Text(texts["no_limit"] if told[key] is None else yuan(told[key]))] for name, key in fen]
    desk.screen.show(listing(("", ""), rows, right=(1,)))


def pay(
    context: typer.Context,
    project: Id,
    hold: Annotated[str, typer.Argument(metavar=both("预留", "HOLD"), help=both("预留编号", "the hold's id"))],
    amount: Annotated[str, typer.Argument(metavar=both("金额", "AMOUNT"), help=both("发放金额，元", "what was paid, in yuan"))],
    by: Annotated[str, typer.Option(help=both("以哪个账号办理", "the account that does it"))],
    paid_on: Annotated[str | None, typer.Option(help=both("发放日期；默认今天", "the day; today unless told"))] = None,
) -> None:
    """Enter a payment."""
    desk: Desk = context.obj
    account = account_of(desk.store, by)
    if account is None or not may(account, PAY):
        raise Forbidden(f"账号“{by}”不能登记发放", f"the account {by!r} may not enter payments")
    caller = Caller(account, desk, f"cli-{secrets.token_hex(8)}", PAY)
    try:
        given = Payment(hold=hold, amount=amount, paid_on=day_of(paid_on, desk.today()))  # type: ignore[arg-type]  # read from text
    except ValueError:
        texts = PROJECT_TEXTS
        raise BadRequest(texts["zh"]["pay_wrong"], texts["en"]["pay_wrong"]) from None
    written = enter_payment(caller, project_for(caller, project), given, caller.request)
    paid = yuan(written.body["paid_fen"])
    desk.screen.show(note(f"{paid} entered as paid" if desk.lang == "en" else f"已登记发放 {paid}"))


def _version(catalogue: Catalogue, desk: Desk, project: str) -> PolicyVersion:
    """A project of the catalogue. Raises NotFound."""
    found = project_on(catalogue, project, desk.today()) if project in catalogue.policies else None
    if found is None or found.project is None:
        zh, en = f"没有慈善项目“{project}”", f"there is no charity project {project!r}"
        raise NotFound(zh, en, hint=("列出全部：aidgraph policies 慈善", "all of them: aidgraph policies charity"))
    return found
