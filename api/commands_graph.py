"""`graph`: questions that the whole graph answers; each is a named method of the store, the same on every store."""

from typing import TYPE_CHECKING, Annotated

import typer

from api import show_graph
from api.errors import NotFound
from api.help import Command, Group, both
from api.local_audit import note_shown
from api.options import AsOf, Household, Json
from api.terminal import note
from api.wiring import Desk, day_of
from graph.profiles import last_change, profile_now, refresh_profiles, stored_features
from graph.regions import check_region
from graph.store import GraphStore

if TYPE_CHECKING:
    from collections.abc import Callable

Within = Annotated[
    str,
    typer.Option(metavar=both("区划", "REGION"), help=both("只看这个区划及以下，如 371602", "only this region and below, such as 371602")),
]
Limit = Annotated[int, typer.Option(min=1, max=1000, help=both("最多列出多少行", "rows at most"))]

HELP = {
    "needs": both("哪里有需求，而本地没有人、机构能满足", "Needs that nobody in their region, or above it, could meet"),
    "alone": both("哪些村只靠一名社工或志愿者", "Villages that hang on one worker or volunteer"),
    "path": both("要先有什么，才能开这一项：逐步列出", "What opens an item, and what opens that, step by step"),
    "supporters": both("一个人的法定赡养、抚养、扶养义务人，到第二层", "Who owes a person support by law, to two steps"),
    "shared": both(
        "共有义务人或同住址、又领同一项的家庭（可能重复）\n住址是导入家庭表时 address 一列，加密保存。",
        "Households that share a supporter or an address and received the same item (perhaps twice over)\n"
        "The address is the column of that name in tables of households, kept encrypted.",
    ),
    "near": both(
        "需求和情况最相近的家庭（可作先例）\n先用 aidgraph graph profiles 算出各户画像。",
        "The households nearest in needs and facts (precedents)\nMake the profiles first: aidgraph graph profiles.",
    ),
    "profiles": both("重新计算每户的画像，供 graph near 使用", "Make every household's profile anew, for graph near"),
}
EXAMPLES = {
    "needs": both("aidgraph graph needs\naidgraph graph needs --within 371602", "aidgraph graph needs --within 371602 --lang en"),
    "alone": both("aidgraph graph alone --within 371621", "aidgraph graph alone --within 371621 --json"),
    "path": both("aidgraph graph path medical-aid", "aidgraph graph path medical-aid --as-of 2026-08-01"),
    "supporters": both("aidgraph graph supporters p-001", "aidgraph graph supporters p-001 --json"),
    "shared": both(
        "aidgraph graph shared --within 371602001\naidgraph graph shared --household h-001", "aidgraph graph shared --household h-001"
    ),
    "near": both("aidgraph graph near h-001 --limit 5", "aidgraph graph near h-001 --limit 5 --json"),
    "profiles": both("aidgraph graph profiles", "aidgraph graph profiles --lang en"),
}


def register(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        cls=Group,
        no_args_is_help=True,
        add_completion=False,
        help=both(
            "问整个图：够不着的需求、只靠一人的村、开启路径、义务人、可能重复、先例",
            "Ask the whole graph: needs out of reach, villages on one helper, opening paths, duties, duplicates, precedents",
        ),
    )
    commands: tuple[Callable[..., None], ...] = (needs, alone, path, supporters, shared, near, profiles)
    for name, command in zip(HELP, commands, strict=True):
        group.command(name, cls=Command, help=HELP[name], epilog=EXAMPLES[name])(command)
    app.add_typer(group, name="graph")


def needs(context: typer.Context, within: Within = "", limit: Limit = 50, as_of: AsOf = None, json: Json = False) -> None:
    """Needs that nobody could meet."""
    desk: Desk = context.obj
    found = desk.store.unmet_needs(day_of(as_of, desk.today()), within=_region(within), limit=limit)
    show_graph.answer(desk, found, show_graph.needs, json=json)


def alone(context: typer.Context, within: Within = "", limit: Limit = 50, as_of: AsOf = None, json: Json = False) -> None:
    """Villages that hang on one helper."""
    desk: Desk = context.obj
    found = desk.store.single_helpers(day_of(as_of, desk.today()), within=_region(within), limit=limit)
    show_graph.answer(desk, found, show_graph.alone, json=json)


def path(
    context: typer.Context,
    policy: Annotated[str, typer.Argument(metavar=both("政策", "POLICY"), help=both("政策或项目的编号", "id of a policy or project"))],
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """The path that opens an item."""
    desk: Desk = context.obj
    found = desk.store.opening_items(policy, day_of(as_of, desk.today()))
    if found.is_empty():
        raise NotFound(
            f"图库中没有当日有效的政策或项目“{policy}”",
            f"the store has no policy or project {policy!r} in force on that day",
            hint=(
                "先用 aidgraph load seeds/ 装入目录；编号见 aidgraph policies",
                "load the catalogue with aidgraph load seeds/; aidgraph policies lists the ids",
            ),
        )
    show_graph.answer(desk, found, show_graph.path, json=json)


def supporters(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar=both("人员", "PERSON"), help=both("人员编号", "the person's id"))],
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Who owes a person support."""
    desk: Desk = context.obj
    _must_be_there(desk.store, "Person", person)
    found = desk.store.supporters(person, day_of(as_of, desk.today()))
    note_shown(desk, found.get_column("households").explode().drop_nulls().to_list())
    show_graph.answer(desk, found, show_graph.supporters, json=json)


def shared(
    context: typer.Context,
    household: Annotated[
        str | None, typer.Option(metavar=both("户号", "HOUSEHOLD"), help=both("只看这一户与别户", "only this household and others"))
    ] = None,
    within: Within = "",
    limit: Limit = 50,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Possible duplicates."""
    desk: Desk = context.obj
    if household is not None:
        _must_be_there(desk.store, "Household", household)
    day = day_of(as_of, desk.today())
    found = desk.store.shared_awards(day, within=_region(within), household=household, limit=limit)
    note_shown(desk, [*found.get_column("household"), *found.get_column("other")])
    show_graph.answer(desk, found, show_graph.shared, json=json)


def near(context: typer.Context, household: Household, limit: Limit = 10, json: Json = False) -> None:
    """Precedents."""
    desk: Desk = context.obj
    _must_be_there(desk.store, "Household", household)
    features = stored_features(desk.store)
    if features is None:
        raise NotFound(
            "还没有计算各户画像",
            "no profiles have been made yet",
            hint=("请先运行 aidgraph graph profiles", "run aidgraph graph profiles first"),
        )
    found = desk.store.nearest(profile_now(desk.store, household, features), but=household, limit=limit)
    note_shown(desk, [household, *found.get_column("household")])
    show_graph.answer(desk, found, show_graph.near, json=json)
    if not json:
        desk.screen.aside(show_graph.made_on(desk, features.on, last_change(desk.store) - features.changes))


def profiles(context: typer.Context, as_of: AsOf = None) -> None:
    """Make the profiles."""
    desk: Desk = context.obj
    english, count = desk.lang == "en", desk.store.count("Household")
    with desk.screen.progress("profiles" if english else "计算画像", count) as steps:
        refresh_profiles(desk.store, day_of(as_of, desk.today()), steps.advance)
    desk.screen.show(note(f"profiles of {count} households made" if english else f"已算出 {count} 户的画像"))


def _region(code: str) -> str:
    return check_region(code) if code else ""


def _must_be_there(store: GraphStore, kind: str, id: str) -> None:
    if store.get(kind, id) is None:
        word = {"Person": ("人员", "person"), "Household": ("家庭", "household")}[kind]
        raise NotFound(
            f"图库中没有{word[0]} {id}", f"the store has no {word[1]} {id}", hint=("用 aidgraph find 查编号", "aidgraph find looks ids up")
        )
