"""`copy`: a graph moved from one store to another, such as from the embedded file to a Neo4j server, and compared at the end."""

from typing import Annotated

import typer

from api.errors import BadRequest
from api.help import Command, both
from api.options import Json
from api.settings import neo4j_options
from api.terminal import note
from api.wiring import Desk
from graph.copy import copy_graph, rows_of
from graph.open import open_store
from graph.store import GraphStore


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "copy",
        cls=Command,
        help=both(
            "把整个图库复制到另一个图库，最后核对数量和内容\n中断后再运行同一命令，从断处继续。复制期间请不要写入。身份密钥请另外保管。",
            "Copy a whole store into another, and compare counts and content at the end\n"
            "Cut short, the same command goes on from there. Nobody should write meanwhile. Keep the identity key apart.",
        ),
        epilog=both(
            "aidgraph copy sqlite:///var/aidgraph.sqlite bolt://127.0.0.1:7687\naidgraph copy bolt://127.0.0.1:7687 sqlite:///back.sqlite",
            "aidgraph copy sqlite:///var/aidgraph.sqlite bolt://127.0.0.1:7687 --lang en",
        ),
    )(copy)


def copy(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar=both("来源", "SOURCE"), help=both("来源图库的地址", "address of the store to copy"))],
    target: Annotated[str, typer.Argument(metavar=both("目标", "TARGET"), help=both("目标图库的地址", "address of the store to fill"))],
    into_full: Annotated[
        bool,
        typer.Option(
            "--into-full", help=both("目标里已有别的数据也写入，不再比较两边", "also into a store that holds something else; not compared")
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Copy a store."""
    desk: Desk = context.obj
    if source == target:
        raise BadRequest("来源和目标是同一个地址", "source and target are the same address")
    origin, goal = _open(desk, source), _open(desk, target)
    english, total = desk.lang == "en", rows_of(origin)
    with desk.screen.progress("copying" if english else "复制", total) as steps:
        found = copy_graph(origin, goal, name=source, into_full=into_full, advance=steps.advance)
    if json:
        desk.screen.json({kind: {"rows": one.rows, "hash": one.hash} for kind, one in found.items()})
        return
    rows = f"{sum(one.rows for one in found.values()):,}"
    if into_full:
        told = f"{rows} nodes and edges copied" if english else f"已复制 {rows} 个节点和关系"
    else:
        told = f"{rows} nodes and edges copied; both stores hold the same" if english else f"已复制 {rows} 个节点和关系，两边数量、内容一致"
    desk.screen.show(note(told))


def _open(desk: Desk, address: str) -> GraphStore:
    """Without a key: identities are copied as they are, encrypted."""
    store = open_store(address, neo4j=neo4j_options(desk.settings, address))
    desk.opened.append(store)
    return store
