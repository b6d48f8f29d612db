"""`serve`: the interface for programs, and the pages, over HTTP."""

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from api.help import Command, both
from api.settle import forget_ended, settle_places, settle_referrals
from api.terminal import note

if TYPE_CHECKING:
    from api.wiring import Desk

PORT = 8000
HOST = "127.0.0.1"
IDLE = 75
"""Seconds that a connection stays open between requests: longer than clients and proxies keep theirs, so that it is they who close it, and
no request meets a connection that is just being closed."""
READY = {"zh": "服务已就绪：{address}（按 Ctrl+C 停止）", "en": "Ready at {address} (Ctrl+C stops it)"}


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "serve",
        cls=Command,
        help=both(
            "启动网络服务：页面和接口（docs/api.md）。先用 aidgraph user add 建账号。",
            "Serve pages and the interface for programs (docs/api.md). Make an account first: aidgraph user add.",
        ),
        epilog=both(
            "aidgraph serve\naidgraph serve --port 8080 --host 0.0.0.0", "aidgraph serve\naidgraph serve --port 8080 --host 0.0.0.0"
        ),
    )(serve)


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help=both("端口", "port"), min=0, max=65535)] = PORT,
    host: Annotated[
        str, typer.Option(help=both("监听地址；默认只有本机能访问", "address to listen at; only this machine reaches it unless told"))
    ] = HOST,
) -> None:
    """Serve until stopped."""
    import uvicorn  # with the next line a third of a second, which no other command need wait for

    from api.app import make_app
    from api.garbage import seldom
    from api.warm import warm

    desk: Desk = context.obj
    app = make_app(desk)
    settle_places(desk.store)
    settle_referrals(desk.store)
    forget_ended(desk.store, desk.now())
    warm(desk)
    seldom()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    shown = f"[{host}]" if ":" in host else host
    desk.screen.show(note(READY[desk.lang].format(address=f"http://{shown}:{port}")))
    uvicorn.run(app, host=host, port=port, access_log=False, log_config=None, server_header=False, timeout_keep_alive=IDLE)
