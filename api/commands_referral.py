"""`referral`: one matter, one discussion, and referral between government and charity: opened, listed, shown, made a packet of, moved."""

import json as reader
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from api import show_referral
from api.batch import homes_in
from api.errors import BadRequest, NotFound, Place
from api.help import Command, Group, both
from api.options import Json
from api.packet import packet_json, packet_of
from api.packet_lines import sections_of
from api.referral_due import open_due
from api.referral_json import referral_json, referrals_json
from api.referral_moves import move as make_move
from api.referral_moves import open_moves
from api.referral_open import Actor, Opened, by_hand, by_rule, open_in, result_now, to_charity
from api.referral_rows import Referral, referrals_in, referrals_of, standing_of, state_of, stored
from api.referral_shapes import Movement
from api.terminal import note
from api.wiring import Desk
from graph.regions import shorten
from matcher.referral import ACTORS

if TYPE_CHECKING:
    from collections.abc import Callable

HELP = {
    "open": both(
        "提请会商（--reason），转介慈善（--charity），或按规则提请一个地区（--region）",
        "Open a discussion (--reason), an offer to a charity (--charity), or all that the rules open in a region (--region)",
    ),
    "list": both("列出会商和转介事项，最急的在前", "List referrals, the most pressing first"),
    "show": both("一件事项：现状、经过、现在可以办什么", "One referral: how it stands, what was done, what can be done now"),
    "packet": both(
        "会商材料：事实、未知、核对结果、缺口、先例", "The packet: facts, unknowns, everything tested, what is left, precedents"
    ),
    "move": both("办理一步；决定等内容用 --file 给出 JSON", "Make a move; a decision and the like as JSON with --file"),
}
EXAMPLES = {
    "open": both(
        "aidgraph referral open --region 371602\naidgraph referral open c4-1 --reason appeal\naidgraph referral open c4-1 --charity",
        "aidgraph referral open --region 371602\naidgraph referral open c4-1 --reason appeal\naidgraph referral open c4-1 --charity",
    ),
    "list": both(
        "aidgraph referral list\naidgraph referral list --region 371602 --ended", "aidgraph referral list --region 371602 --lang en"
    ),
    "show": both("aidgraph referral show r-13733b70c7bb009c", "aidgraph referral show r-13733b70c7bb009c --json"),
    "packet": both("aidgraph referral packet r-13733b70c7bb009c --near", "aidgraph referral packet r-13733b70c7bb009c --json"),
    "move": both(
        "aidgraph referral move r-13733b70c7bb009c convene\n"
        "aidgraph referral move r-13733b70c7bb009c decline --code policy-fits --text 按政策办理\n"
        "aidgraph referral move r-13733b70c7bb009c decide --file 决定.json\n"
        "aidgraph referral move r-90cf3ebc44eaee0b accept --role foundation",
        "aidgraph referral move r-13733b70c7bb009c convene\n"
        "aidgraph referral move r-13733b70c7bb009c decide --file decision.json\n"
        "aidgraph referral move r-90cf3ebc44eaee0b accept --role foundation",
    ),
}
Id = Annotated[
    str,
    typer.Argument(
        metavar=both("编号", "NUMBER"), help=both("事项编号，aidgraph referral list 列出", "as aidgraph referral list gives it")
    ),
]
Region = Annotated[
    str | None,
    typer.Option(metavar=both("区划", "REGION"), help=both("这个地区的家庭（区划代码）", "households of this region (its code)")),
]
Role = Annotated[str, typer.Option(help=both(f"以哪个角色：{' '.join(ACTORS)}", f"as which role: {' '.join(ACTORS)}"))]
Text = Annotated[str, typer.Option(help=both("说明；不写姓名和证件号", "in words; no names, no numbers of cards"))]


def register(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        cls=Group,
        no_args_is_help=True,
        add_completion=False,
        help=both(
            "一事一议与慈善转介：提请、查看、材料、办理", "One matter, one discussion; referral to charity: open, look at, packet, move"
        ),
    )
    commands: tuple[Callable[..., None], ...] = (open_, list_, show, packet, move)
    for name, command in zip(HELP, commands, strict=True):
        group.command(name, cls=Command, help=HELP[name], epilog=EXAMPLES[name])(command)
    app.add_typer(group, name="referral")


def open_(
    context: typer.Context,
    household: Annotated[str | None, typer.Argument(metavar=both("户号", "HOUSEHOLD"), help=both("户号", "the household's id"))] = None,
    region: Region = None,
    reason: Annotated[
        str | None, typer.Option(help=both("提请会商的原因，如 appeal", "why a discussion is asked for, such as appeal"))
    ] = None,
    charity: Annotated[
        bool, typer.Option("--charity", help=both("转介慈善组织（须有同意书）", "offer to a charity (needs a consent)"))
    ] = False,
    project: Annotated[str | None, typer.Option(help=both("只转介给这个项目", "to this project only"))] = None,
    question: Annotated[str, typer.Option(help=both("要解决的问题", "the question to settle"))] = "",
    role: Role = "officer",
    json: Json = False,
) -> None:
    """Open what is asked for."""
    desk: Desk = context.obj
    desk.store.migrate()
    if (household is None) == (region is None):
        raise BadRequest("写明户号，或 --region 区划", "name a household, or --region REGION")
    if region is not None:
        found = _by_rule(desk, shorten(region.strip()))
    else:
        assert household is not None
        found = [_one(desk, household, reason, question, project, _actor(role), charity=charity)]
    if json:
        desk.screen.json([{"referral": one.referral.id, "household": one.referral.household, "new": one.new} for one in found])
    else:
        _tell(desk, found)


def list_(
    context: typer.Context,
    region: Region = None,
    household: Annotated[str | None, typer.Option(help=both("这一户的", "of this household"))] = None,
    ended: Annotated[bool, typer.Option("--ended", help=both("也列出已办结的", "also those that have ended"))] = False,
    json: Json = False,
) -> None:
    """List."""
    desk: Desk = context.obj
    referrals, today = desk.catalogue.referrals, desk.today()
    every = referrals_of(desk.store, household) if household else list(referrals_in(desk.store, shorten(region.strip()) if region else ""))
    found = [one for one in every if ended or not state_of(referrals, one).final]

    def time(one: Referral) -> tuple[bool, int, str]:
        left = standing_of(referrals, one, today).left
        return left is None, left or 0, one.id

    found.sort(key=time)
    if json:
        desk.screen.json(referrals_json(desk, found, Actor("", "officer")))
    else:
        desk.screen.show(*show_referral.list_parts(desk, found))


def show(context: typer.Context, number: Id, role: Role = "officer", json: Json = False) -> None:
    """One."""
    desk: Desk = context.obj
    one, actor = stored(desk.store, number), _actor(role)
    if json:
        desk.screen.json(referral_json(desk, one, actor))
    else:
        desk.screen.show(*show_referral.one_parts(desk, one, open_moves(desk, one, actor)))


def packet(
    context: typer.Context,
    number: Id,
    near: Annotated[bool, typer.Option("--near", help=both("也找“差一点”的项目", "near misses too"))] = False,
    role: Role = "officer",
    json: Json = False,
) -> None:
    """The packet."""
    desk: Desk = context.obj
    made = packet_of(desk, stored(desk.store, number), _actor(role), near=near)
    if json:
        desk.screen.json(packet_json(desk, made))
    else:
        desk.screen.show(*show_referral.packet_parts(sections_of(desk, made)))


def move(
    context: typer.Context,
    number: Id,
    step: Annotated[
        str, typer.Argument(metavar=both("步骤", "MOVE"), help=both("如 convene；show 列出可办的", "such as convene; show lists them"))
    ],
    code: Annotated[str | None, typer.Option(help=both("原因代码", "the coded reason"))] = None,
    text: Text = "",
    file: Annotated[
        Path | None,
        typer.Option(help=both("其余内容的 JSON 文件（- 为标准输入），见 docs/api.md", "the rest as JSON (- for the standard input)")),
    ] = None,
    role: Role = "officer",
    department: Annotated[str, typer.Option(help=both("代表哪个部门", "for which department"))] = "",
    json: Json = False,
) -> None:
    """Make a move."""
    desk: Desk = context.obj
    given = _movement({"move": step, "code": code, "text": text}, file)
    try:
        done = make_move(desk, number, given, _actor(role, department))
    except BadRequest as no:
        raise _with_places(no) from None
    if json:
        desk.screen.json({"referral": number, "state": done.referral.state, "next": done.next})
        return
    desk.screen.show(*show_referral.one_parts(desk, done.referral, open_moves(desk, done.referral, _actor(role))))
    if done.next:
        desk.screen.aside(f"it goes on as {done.next}" if desk.lang == "en" else f"后续事项：{done.next}")


def _one(desk: Desk, household: str, reason: str | None, question: str, project: str | None, actor: Actor, *, charity: bool) -> Opened:
    result, area = result_now(desk, household, desk.today())
    if charity or project:
        what = to_charity(desk, result, area, desk.today(), project=project)
    elif reason:
        what = by_hand(desk, result, area, reason, question)
    else:
        due = by_rule(desk.store, desk.catalogue, result, area)
        if due is None:
            zh, en = "没有达到规则规定的提请条件", "no rule opens a discussion for this household"
            raise NotFound(zh, en, hint=("可以人工提请：--reason other", "open it by hand: --reason other"))
        what = due
    return desk.store.write(lambda writer: open_in(writer, desk.catalogue.referrals, what, actor, desk.now(), desk.today()))


def _by_rule(desk: Desk, region: str) -> list[Opened]:
    """Every household of a region for which a rule opens a discussion."""
    title = "opening discussions" if desk.lang == "en" else "提请会商"
    with desk.screen.progress(title, sum(len(homes) for homes in homes_in(desk.store, region, desk.today()))) as steps:
        return list(open_due(desk, region, steps.advance))


def _tell(desk: Desk, found: list[Opened]) -> None:
    """What was opened, and what there was."""
    new, english = [one for one in found if one.new], desk.lang == "en"
    there = len(found) - len(new)
    told = f"{len(new)} opened, {there} there already or resting" if english else f"新提请 {len(new)} 件，已有或在冷静期 {there} 件"
    desk.screen.show(*show_referral.list_parts(desk, [one.referral for one in new]) if new else (), note(told))


def _with_places(no: BadRequest) -> BadRequest:
    """The same with every place at fault in the message: the terminal has no other way to show them."""
    zh, en = ("".join(f"\n  {one.path} {getattr(one, lang)}" for one in no.places if one.zh != no.zh) for lang in ("zh", "en"))
    return BadRequest(no.zh + zh, no.en + en, hint=no.hint, places=no.places)


def _actor(role: str, department: str = "") -> Actor:
    if role not in ACTORS:
        raise BadRequest(f"没有角色“{role}”，可用：{'、'.join(ACTORS)}", f"there is no role {role!r}, only {', '.join(ACTORS)}")
    return Actor("terminal", role, department)


def _movement(said: dict[str, object], file: Path | None) -> Movement:
    """What the options and the file say. Raises BadRequest with every place that is at fault."""
    try:
        more = reader.loads((sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")) if file else "{}")
    except (OSError, UnicodeDecodeError, ValueError):
        raise BadRequest(f"文件 {file} 读不出或不是 JSON", f"{file} cannot be read or is no JSON") from None
    if not isinstance(more, dict):
        raise BadRequest("文件里应是一个 JSON 对象", "the file should hold one JSON object")
    try:
        return Movement.model_validate({**more, **{name: value for name, value in said.items() if value}})
    except ValidationError as error:
        places = tuple(Place("/" + "/".join(map(str, one["loc"])), f"不符合要求（{one['type']}）", one["msg"]) for one in error.errors())
        raise _with_places(BadRequest("内容不符合要求", "this does not fit", places=places)) from None
