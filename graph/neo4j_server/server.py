"""Starting and stopping a Neo4j server for development and tests: by Docker Compose where an engine answers, else by Maven and a JDK.

A folder holds one server: its data, its log and its login. Starting a folder whose server runs already changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from graph.errors import StoreUnavailable
from graph.neo4j_server import docker, java
from graph.neo4j_server.login import FILE, Login, new_password, read_login, write_login

CACHE = Path("var/neo4j-server")


def start_server(folder: Path, *, cache: Path = CACHE, watch: int = 0, settings: Mapping[str, str] | None = None, by: str = "") -> Login:
    """Start the server of a folder, or find it running.

    Args:
        cache: where it is kept which jars the server is made of.
        watch: number of a process with whose end the server ends too (with a JDK only).
        settings: of the server, beside ours (with a JDK only).
        by: docker or java; the first that can be had unless told.

    Raises:
        StoreUnavailable: neither can be had, or it does not start. Says what to do.
    """
    login = read_login(folder)
    if login is not None and is_alive(folder, login):
        return login
    way = by or (login.by if login is not None else "") or _way()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        new = not (folder / "data" / "dbms").exists()
        login = login or Login(f"bolt://127.0.0.1:{java.free_port()}", "neo4j", new_password(), way)
        write_login(folder, login)
    except OSError as problem:
        raise StoreUnavailable(
            f"Neo4j 的数据目录 {folder} 不能写入（{type(problem).__name__}），请检查磁盘和权限，或换一个目录",
            f"the folder of Neo4j, {folder}, cannot be written ({type(problem).__name__}): check disk and permissions, or choose another",
        ) from problem
    if way == "docker":
        login = replace(login, uri=docker.start(folder, login.password))
    else:
        process = java.start(folder, login, classpath=java.jars(cache), new=new, watch=watch, settings=settings)
        login = replace(login, process=process)
    write_login(folder, login)
    return login


def stop_server(folder: Path) -> bool:
    """Stop the server of a folder; its data stay. Returns whether one ran."""
    login = read_login(folder)
    if login is None or not is_alive(folder, login):
        return False
    if login.by == "docker":
        docker.stop(folder)
    else:
        java.stop(folder, login.process)
    return True


def is_alive(folder: Path, login: Login) -> bool:
    """Whether the server that is written down in a folder runs."""
    return docker.alive(folder) if login.by == "docker" else java.alive(folder, login.process)


def _way() -> str:
    for way, can in (("docker", docker.can), ("java", java.can)):
        if can():
            return way
    raise StoreUnavailable(
        f"这台机器上没有可用的 Docker，也没有 Maven 和 JDK {java.OLDEST_JAVA}；请安装其一，或用 AIDGRAPH_NEO4J_URI 指定已有的 Neo4j",
        f"no Docker engine answers here, and there is no Maven with a JDK {java.OLDEST_JAVA}: install one of them, "
        "or name a Neo4j that runs with AIDGRAPH_NEO4J_URI",
    )


__all__ = ["CACHE", "FILE", "Login", "is_alive", "read_login", "start_server", "stop_server"]
