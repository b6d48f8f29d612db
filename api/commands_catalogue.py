"""`policies`, `facts`, `terms`: look something up in the catalogue, and read it back in plain words."""

from typing import Annotated

import typer
from rich.text import Text

from api.catalogue_json import fact_json, policy_json, term_json
from api.catalogue_search import facts_matching, plain_id, policies_matching, terms_matching
from api.errors import NotFound
from api.help import Command, both
from api.options import AsOf, Json
from api.places import region_names
from api.reading import Reading
from api.show_catalogue import fact_parts, facts_table, policies_table, policy_parts, term_parts, terms_table
from api.terminal import listing, note
from api.touching import touched
from api.wiring import Desk, day_of

Query = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=both("关键词或编号", "WORDS"),
        help=both("名称、部门或编号的一部分；不写则列出全部", "a part of title, department or id; all of them unless told"),
    ),
]
HEADS = {"zh": ("户号", "符合", "待核实"), "en": ("Household", "Eligible", "To be checked")}
TOUCHED = {
    "zh": {"count": "涉及 {n} 户：{y} 户有人符合，{m} 户待核实", "progress": "逐户核对", "none": "图库中没有涉及的家庭"},
    "en": {
        "count": "{n} households: {y} with somebody eligible, {m} to be checked",
        "progress": "households",
        "none": "no household in the store is touched",
    },
}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "policies",
        cls=Command,
        help=both(
            "查政策；用平实的话读出一项政策；找出涉及哪些家庭",
            "Search policies; read one back in plain words; find the households it touches",
        ),
        epilog=both(
            "aidgraph policies\naidgraph policies 医疗\naidgraph policies dibao\naidgraph policies dibao --touching",
            "aidgraph policies medical --lang en\naidgraph policies dibao --touching --lang en",
        ),
    )(policies)
    app.command(
        "facts",
        cls=Command,
        help=both("查事实：名称、取值、哪个部门能核实", "Search facts: label, values, who can tell"),
        epilog=both("aidgraph facts\naidgraph facts 残疾", "aidgraph facts disability --lang en"),
    )(facts)
    app.command(
        "terms",
        cls=Command,
        help=both("查术语：由哪条规定、怎样从事实得出", "Search terms: by which article and how they follow from facts"),
        epilog=both("aidgraph terms\naidgraph terms 收入", "aidgraph terms income --lang en"),
    )(terms)


def policies(
    context: typer.Context,
    query: Query = None,
    touching: Annotated[
        bool,
        typer.Option("--touching", help=both("列出图库中符合或待核实的家庭", "list the households in the store that are eligible or open")),
    ] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Search, or read one back."""
    desk: Desk = context.obj
    text = " ".join(query or [])
    found = policies_matching(desk.catalogue, text)
    exact = found[:1] if found and (found[0] == plain_id(text) or len(found) == 1) else []
    if touching:
        _touching(desk, _only(found, exact, text), as_of, json=json)
        return
    if not found:
        raise NotFound(
            f"没有与“{text}”有关的政策",
            f"no policy has anything to do with {text!r}",
            hint=("列出全部：aidgraph policies", "all of them: aidgraph policies"),
        )
    reading = Reading(desk.catalogue, desk.lang)
    if json:
        listed = [policy_json(version, reading) for one in exact or found for version in desk.catalogue.policies[one]]
        desk.screen.json(listed)
    elif exact:
        for version in desk.catalogue.policies[exact[0]]:
            desk.screen.show(*policy_parts(version, reading, region_names(desk.settings.catalogue), desk.lang))
    else:
        desk.screen.show(policies_table([desk.catalogue.policies[one] for one in found], desk.lang))
        desk.screen.show(note("one in full: aidgraph policies ID" if desk.lang == "en" else "细看一项：aidgraph policies 编号"))


def _only(found: list[str], exact: list[str], text: str) -> str:
    """The one policy that is meant."""
    if exact:
        return exact[0]
    listed = "、".join(found[:8])
    if found:
        raise NotFound(f"“{text}”对应多项政策，请写明一项：{listed}", f"{text!r} means several policies, name one: {', '.join(found[:8])}")
    raise NotFound(f"没有政策“{text}”", f"there is no policy {text!r}")


def _touching(desk: Desk, policy: str, as_of: str | None, *, json: bool) -> None:
    """Every household with somebody who is eligible or not decided."""
    texts, rows = TOUCHED[desk.lang], []
    with desk.screen.progress(texts["progress"], desk.store.count("Household")) as steps:
        for batch in touched(desk.store, desk.engine, policy, day_of(as_of, desk.today())):
            rows += [one for one in batch if one.eligible or one.unknown]
            steps.advance(len(batch))
    if json:
        listed = [{"household": one.household, "eligible": one.eligible, "unknown": one.unknown} for one in rows]
        desk.screen.json({"policy": policy, "households": listed})
    elif not rows:
        desk.screen.show(note(texts["none"]))
    else:
        sure = sum(one.eligible > 0 for one in rows)
        shown = [(Text(one.household), Text(str(one.eligible or "")), Text(str(one.unknown or ""))) for one in rows]
        desk.screen.show(
            Text(texts["count"].format(n=len(rows), y=sure, m=len(rows) - sure), style="title"),
            listing(HEADS[desk.lang], shown, right=(1, 2)),
        )


def facts(context: typer.Context, query: Query = None, json: Json = False) -> None:
    """Search, or show one."""
    desk: Desk = context.obj
    text = " ".join(query or [])
    found = facts_matching(desk.shipped, text)
    if not found:
        raise NotFound(
            f"没有与“{text}”有关的事实",
            f"no fact has anything to do with {text!r}",
            hint=("列出全部：aidgraph facts", "all of them: aidgraph facts"),
        )
    if json:
        desk.screen.json([fact_json(one) for one in found])
    elif len(found) == 1 or plain_id(found[0].name) == plain_id(text):
        desk.screen.show(*fact_parts(found[0], desk.lang))
    else:
        desk.screen.show(facts_table(found, desk.lang))


def terms(context: typer.Context, query: Query = None, json: Json = False) -> None:
    """Search, or read one back."""
    desk: Desk = context.obj
    text = " ".join(query or [])
    found = terms_matching(desk.shipped, text)
    reading = Reading(desk.shipped, desk.lang)
    if not found:
        raise NotFound(
            f"没有与“{text}”有关的术语",
            f"no term has anything to do with {text!r}",
            hint=("列出全部：aidgraph terms", "all of them: aidgraph terms"),
        )
    if json:
        desk.screen.json([term_json(one, reading) for one in found])
    elif len(found) == 1 or plain_id(found[0].id) == plain_id(text):
        desk.screen.show(*term_parts(found[0], reading, region_names(desk.settings.catalogue), desk.lang))
    else:
        desk.screen.show(terms_table(found, desk.lang))
