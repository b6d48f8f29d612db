"""`make neo4j` and `make neo4j-stop`: a real Neo4j server for development. Prints one line with its address.

python -m api.local_neo4j start|stop
"""

import sys

from api.errors import STORE
from api.settings import Settings, neo4j_options, read_settings
from graph.errors import GraphError
from graph.neo4j_driver import check_server, connect
from graph.neo4j_server.server import start_server, stop_server


def start(settings: Settings) -> str:
    """The address of a server that answers: the one that is set, else the one of our folder. Raises StoreUnavailable, KeyUnsafe."""
    if settings.neo4j_uri is None:
        return start_server(settings.neo4j_folder).uri
    with connect(settings.neo4j_uri, neo4j_options(settings, settings.neo4j_uri)) as driver:
        check_server(driver, settings.neo4j_uri)
    return settings.neo4j_uri


def stop(settings: Settings) -> str:
    """Stop the server of our folder and say so. One that we did not start is left alone."""
    stopped = stop_server(settings.neo4j_folder)
    words = {
        ("zh", True): "Neo4j 已停止，数据保留在 {folder}",
        ("zh", False): "没有由 make neo4j 启动的服务器在运行",
        ("en", True): "Neo4j has stopped; its data stay in {folder}",
        ("en", False): "no server that make neo4j started is running",
    }
    return words[settings.lang, stopped].format(folder=settings.neo4j_folder)


def main(words: list[str]) -> int:
    """Run one of the two; returns the exit code."""
    doing = {"start": start, "stop": stop}.get(words[0] if len(words) == 1 else "")
    if doing is None:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    settings = read_settings()
    try:
        sys.stdout.write(doing(settings) + "\n")
    except GraphError as problem:
        sys.stderr.write(f"{problem.en if settings.lang == 'en' else problem.zh}\n")
        return STORE
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
