"""The one place that reads the environment: where the store, its key and the catalogue are, how we log in, in which language we speak."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from graph.errors import StoreUnavailable
from graph.neo4j_options import Neo4jOptions
from graph.neo4j_server.login import read_login

Lang = Literal["zh", "en"]

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
"""The catalogue that is installed beside the packages."""
DEFAULT_STORE = "sqlite:///var/aidgraph.sqlite"
DEFAULT_NEO4J_FOLDER = Path("var/neo4j")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says.

    Attributes:
        store: address of the store, AIDGRAPH_STORE.
        key_file: file with the identity key, AIDGRAPH_KEY_FILE; for an embedded store a file beside it.
        lang: AIDGRAPH_LANG; Chinese unless it begins with `en`.
        catalogue: folder of facts, standards, terms and policies, AIDGRAPH_CATALOGUE.
        schedule: file that names the reports to arrive by themselves, AIDGRAPH_SCHEDULE.
        neo4j: user, password, database and waiting times at a Neo4j server, AIDGRAPH_NEO4J_…; see `read_settings`.
        neo4j_uri: a server that runs already, for `make neo4j` and the tests, AIDGRAPH_NEO4J_URI.
        neo4j_folder: data and login of the server that `make neo4j` starts, AIDGRAPH_NEO4J_FOLDER.
    """

    store: str = DEFAULT_STORE
    key_file: Path | None = None
    lang: Lang = "zh"
    catalogue: Path = SEEDS
    schedule: Path | None = None
    neo4j: Neo4jOptions = field(default_factory=Neo4jOptions)
    neo4j_uri: str | None = None
    neo4j_folder: Path = DEFAULT_NEO4J_FOLDER


def read_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, or of a given environment."""
    env = os.environ if env is None else env
    key_file = env.get("AIDGRAPH_KEY_FILE")
    return Settings(
        store=env.get("AIDGRAPH_STORE") or DEFAULT_STORE,
        key_file=Path(key_file) if key_file else None,
        lang=language_of(env.get("AIDGRAPH_LANG") or "zh"),
        catalogue=Path(env.get("AIDGRAPH_CATALOGUE") or SEEDS),
        schedule=Path(env["AIDGRAPH_SCHEDULE"]) if env.get("AIDGRAPH_SCHEDULE") else None,
        neo4j=_neo4j(env),
        neo4j_uri=env.get("AIDGRAPH_NEO4J_URI") or None,
        neo4j_folder=Path(env.get("AIDGRAPH_NEO4J_FOLDER") or DEFAULT_NEO4J_FOLDER),
    )


def neo4j_options(settings: Settings, address: str) -> Neo4jOptions:
    """How to log in at an address: as set, else as the server that `make neo4j` started wants it, if the address is that server's.

    Raises: KeyUnsafe if others can read the password that is written down.
    """
    if settings.neo4j.password:
        return settings.neo4j
    login = read_login(settings.neo4j_folder)
    if login is None or not login.serves(address):
        return settings.neo4j
    return replace(settings.neo4j, user=login.user, password=login.password)


def _neo4j(env: Mapping[str, str]) -> Neo4jOptions:
    """AIDGRAPH_NEO4J_USER, _PASSWORD_FILE or _PASSWORD, _DATABASE, _AUTHORITY, _POOL; seconds in _CONNECT, _ACQUIRE, _RETRY, _TRANSACTION.

    Raises: StoreUnavailable for a file that cannot be read, or a number that is none.
    """
    said = {name.removeprefix(_NEO4J).lower(): value.strip() for name, value in env.items() if name.startswith(_NEO4J) and value.strip()}
    given: dict[str, Any] = {name: said[name] for name in ("user", "password", "database") if name in said}
    if "authority" in said:
        given["authority"] = Path(said["authority"])
    try:
        if "password_file" in said:
            given["password"] = Path(said["password_file"]).read_text(encoding="utf-8").strip()
        if "pool" in said:
            given["pool"] = int(said["pool"])
        given |= {f"{name}_seconds": float(said[name]) for name in ("connect", "acquire", "retry", "transaction") if name in said}
    except (OSError, ValueError) as problem:
        raise StoreUnavailable(
            f"AIDGRAPH_NEO4J_… 中有文件读不出或数字不对（{type(problem).__name__}），请检查环境变量",
            f"a file named in AIDGRAPH_NEO4J_… cannot be read, or a number is none ({type(problem).__name__}): check the environment",
        ) from problem
    return Neo4jOptions(**given)


_NEO4J = "AIDGRAPH_NEO4J_"


def language_of(text: str) -> Lang:
    """`en`, `en-GB`, `EN_us` are English, everything else is Chinese."""
    return "en" if text.strip().lower().startswith("en") else "zh"


def key_file_of(settings: Settings) -> Path | None:
    """Where the key is: as set, else beside the file of an embedded store, else nowhere."""
    if settings.key_file is not None:
        return settings.key_file
    scheme, separator, rest = settings.store.partition("://")
    if scheme != "sqlite" or not separator:
        return None
    return Path(unquote(rest.partition("?")[0]).removeprefix("/")).with_suffix(".key")
