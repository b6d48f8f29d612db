"""The one way to a store: an address becomes an open store of the right kind, brought up to this program."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from graph.errors import KeyUnsafe, StoreUnavailable
from graph.identity import Identity
from graph.neo4j_options import SCHEMES, Neo4jOptions
from graph.sqlite_store import SqliteStore
from graph.store import GraphStore, Writer

KEY_CHECK = "identity-key"  # the Meta node that holds the fingerprint of the key in use


def _now() -> datetime:
    return datetime.now(UTC)


def open_store(
    url: str, *, key: bytes | None = None, clock: Callable[[], datetime] = _now, neo4j: Neo4jOptions | None = None
) -> GraphStore:
    """Open the store at `url` and bring its layout up to this program; a file is made with its folder if it is not there.

    Args:
        url: `sqlite:///var/aid.sqlite` (from the working folder), `sqlite:////srv/aid.sqlite` (from the root), or a Neo4j server:
            `bolt://host:7687`; `neo4j://` for a cluster, `bolt+s://` and `neo4j+s://` with encryption.
        key: what identity is encrypted with; without one the store works, and `store.identity` raises KeyMissing.
        clock: the time that goes into `updated_at`, the outbox and leases.
        neo4j: user, password and waiting times at a Neo4j server.

    Raises:
        StoreUnavailable: the address is not understood, the file cannot be opened, or the server does not let us in.
        StoreNewer: a newer program wrote the store.
        KeyUnsafe: the store's identities are encrypted under another key.
    """
    scheme, separator, rest = url.partition("://")
    identity = Identity(key) if key is not None else None
    if scheme in SCHEMES and separator:
        from graph.neo4j_store import Neo4jStore  # its driver takes a tenth of a second to load, which an embedded store need not wait for

        return _brought_up(Neo4jStore(url, neo4j or Neo4jOptions(), clock=clock, identity=identity), key)
    path = unquote(rest.partition("?")[0]).removeprefix("/")
    if scheme != "sqlite" or not rest.startswith("/") or not path:
        raise StoreUnavailable(
            "图库地址应写作 sqlite:///相对路径、sqlite:////绝对路径 或 bolt://主机:7687",
            "a store's address is sqlite:///relative/path, sqlite:////absolute/path or bolt://host:7687",
        )
    return _brought_up(SqliteStore(_place(Path(path)), clock=clock, identity=identity), key)


def is_there(url: str) -> bool:
    """Whether there is a store at an address without making one; of a server it is taken for granted."""
    scheme, _, rest = url.partition("://")
    return scheme != "sqlite" or Path(unquote(rest.partition("?")[0]).removeprefix("/")).is_file()


def _brought_up(store: GraphStore, key: bytes | None) -> GraphStore:
    """The store with its layout brought up to this program, and its key checked; closed if that cannot be."""
    try:
        store.migrate()
        if key is not None:
            _check_key(store)
    except BaseException:
        store.close()
        raise
    return store


def _place(path: Path) -> Path:
    """The folder of the file is made, and the file readable by its owner alone, since it holds people's lives."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as problem:
        raise StoreUnavailable(
            f"无法创建图库文件 {path.name}（{type(problem).__name__}），请检查路径和权限",
            f"the store file {path.name} cannot be made ({type(problem).__name__}): check path and permissions",
        ) from problem
    return path


def _check_key(store: GraphStore) -> None:
    fingerprint = store.identity.fingerprint()
    stored = store.get("Meta", KEY_CHECK) or store.write(lambda writer: _keep_fingerprint(writer, fingerprint))
    if stored["value"] != fingerprint:
        raise KeyUnsafe(
            "密钥与图库中的身份信息不符，请使用写入时的密钥文件",
            "this key is not the one that the store's identities were encrypted with: use that key file",
        )


def _keep_fingerprint(writer: Writer, fingerprint: str) -> dict[str, str]:
    stored = writer.get("Meta", KEY_CHECK)
    if stored is None:
        writer.upsert_nodes("Meta", [{"id": KEY_CHECK, "value": fingerprint}])
    return stored or {"value": fingerprint}
