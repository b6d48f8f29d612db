"""`demo`: a store of its own with a synthetic county in it, an account for each role, and the service over both until it is stopped.

A folder a day: on the same day the county is there already and the service begins at once; on another day a new county is drawn, since
facts go stale. Passwords are made anew at each start and shown once; nobody outside this machine reaches the service.
"""

import importlib
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.text import Text

from api import accounts
from api.commands_serve import HOST, PORT, serve
from api.help import Command, both
from api.load_county import County, load_county
from api.permissions import EVERYWHERE, ROLE_WORDS
from api.terminal import heading, listing, note
from api.wiring import Desk
from api.words import say

COUNTY = "371621"
HOUSEHOLDS = 3_000
"""Half a minute of drawing on an idle core; the whole county of 30,000 takes ten times as long."""
FOLDER = Path("var")
TEXTS = {
    "zh": {
        "county": "合成县：{households} 户、{people} 人，均为虚构；图库和目录在 {folder}",
        "accounts": "每种角色一个账号（密码只在这次运行有效）",
        "heads": ("账号", "密码", "角色", "区划"),
    },
    "en": {
        "county": "Synthetic county: {households} households, {people} people, all invented; store and catalogue are in {folder}",
        "accounts": "An account for each role (the passwords are for this run only)",
        "heads": ("Account", "Password", "Role", "Regions"),
    },
}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "demo",
        cls=Command,
        help=both(
            "演示：在 var/ 下新建图库，生成合成县，为每种角色建账号，启动服务",
            "A demonstration: a store of its own under var/, a synthetic county, an account for each role, and the service",
        ),
        epilog=both("aidgraph demo\naidgraph demo --households 30000 --port 8080", "aidgraph demo\naidgraph demo --households 30000"),
    )(demo)


def demo(
    context: typer.Context,
    households: Annotated[int, typer.Option(min=1, help=both("户数，默认 3000", "how many households; 3000 unless told"))] = HOUSEHOLDS,
    county: Annotated[str, typer.Option(help=both("县级代码", "code of the county"))] = COUNTY,
    seed: Annotated[int, typer.Option(help=both("种子；同一种子每次相同", "the seed"))] = 1,
    port: Annotated[int, typer.Option(help=both("端口", "port"), min=0, max=65535)] = PORT,
    folder: Annotated[Path, typer.Option(help=both("放图库的文件夹，默认 var", "the folder for stores; var unless told"))] = FOLDER,
) -> None:
    """Draw what is missing, say who can sign in, serve until stopped."""
    desk: Desk = context.obj
    place = folder / f"demo-{desk.today().isoformat()}"
    drawing = _desk(desk, place, desk.settings.catalogue)
    try:
        mark = load_county(drawing, County(county, seed, households), place / "catalogue")
        shown = _accounts(drawing, county)
    finally:
        drawing.close()
    texts = TEXTS[desk.lang]
    counts = {"households": f"{mark.households:,}", "people": f"{mark.people:,}"}
    desk.screen.show(
        Text.assemble(("✔ ", "can"), str(texts["county"]).format(folder=place, **counts)),
        heading(str(texts["accounts"])),
        listing(tuple(texts["heads"]), shown, grow=2),
        note(""),
    )
    context.obj = _desk(desk, place, place / "catalogue")
    try:
        serve(context, port=port, host=HOST)
    finally:
        context.obj.close()


def _desk(desk: Desk, place: Path, catalogue: Path) -> Desk:
    """A desk over the store of the demonstration, whatever the environment names."""
    store = f"sqlite:///{quote(str(place.resolve()))}/aidgraph.sqlite"
    return Desk(replace(desk.settings, store=store, key_file=place / "aidgraph.key", catalogue=catalogue))


def _accounts(desk: Desk, county: str) -> list[list[Text]]:
    """Make an account for each role, or give it another password; rows of account, password, role, regions."""
    rows = []
    for new in _wanted(desk, county):
        password = "-".join(secrets.token_hex(2) for _ in range(3))
        if desk.store_for_identity.get("Account", new.id) is None:
            accounts.add_account(desk.store_for_identity, new, password, desk.now())
        else:
            accounts.change_password(desk.store_for_identity, new.id, password, desk.now())
        cells = (new.id, password, say(ROLE_WORDS[new.role], desk.lang), " ".join(new.regions))
        rows.append([Text(cell) for cell in cells])
    return rows


def _wanted(desk: Desk, county: str) -> list[accounts.NewAccount]:
    """One account a role: a worker of a township, officers of the county, a foundation of its projects."""
    village = _first_village(desk, county)
    own = (county,)
    return [
        accounts.NewAccount("demo-worker", "worker", (village[:9],), "演示社工"),
        accounts.NewAccount("demo-officer", "officer", own, "演示民政经办"),
        accounts.NewAccount("demo-department", "department", own, "演示医保经办", department="medical-insurance"),
        accounts.NewAccount("demo-foundation", "foundation", own, "演示基金会", organization=f"syn-{county}-wheat-ear"),
        accounts.NewAccount("demo-analyst", "analyst", own, "演示分析人员"),
        accounts.NewAccount("demo-admin", "admin", (EVERYWHERE,), "演示管理员"),
    ]


def _first_village(desk: Desk, county: str) -> str:
    """The village that fills up first."""
    places: Any = importlib.import_module("seeds.synthetic_county_places")
    found: str = places.county_of(desk.catalogue, county, desk.today()).villages[0].code
    return found
