"""The connection to a Neo4j server, and its refusals in words for the reader."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLCertVerificationError, SSLError
from typing import Any
from urllib.parse import urlsplit

from neo4j import Driver, GraphDatabase, TrustCustomCAs
from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConfigurationError,
    DatabaseError,
    DriverError,
    Forbidden,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from graph.errors import StoreUnavailable
from graph.neo4j_options import SCHEMES, Neo4jOptions

DRIVER_SECONDS = 8  # of tries by the driver itself, whose pauses double; the store goes on beyond
OLDEST = (5, 26)  # the server's version; the long-term release whose Cypher we write
READ_ONLY = ("Neo.ClientError.General.ForbiddenOnReadOnlyDatabase", "Neo.ClientError.General.WriteOnReadOnlyAccessDatabase")

log = logging.getLogger("aidgraph.neo4j")


class _Quietly(logging.Handler):
    """What the driver has to say of retries goes to our log, for those who look, and not to the user's terminal."""

    def emit(self, record: logging.LogRecord) -> None:
        log.debug("%s: %s", record.name, record.getMessage())


def connect(address: str, options: Neo4jOptions) -> Driver:
    """A driver for this address; nothing is sent yet. Raises StoreUnavailable if the address cannot be one."""
    _quieten()
    scheme, place = checked_address(address)
    trust: dict[str, Any] = {}
    if options.authority is not None:
        scheme = scheme.removesuffix("+s")  # the driver takes an authority of ours only beside a plain scheme
        trust = {"encrypted": True, "trusted_certificates": TrustCustomCAs(str(options.authority))}
    with told(address):
        return GraphDatabase.driver(
            f"{scheme}://{place}",
            auth=(options.user, options.password),
            max_connection_pool_size=options.pool,
            connection_timeout=options.connect_seconds,
            connection_acquisition_timeout=options.acquire_seconds,
            max_transaction_retry_time=min(options.retry_seconds, DRIVER_SECONDS),
            notifications_min_severity="OFF",
            user_agent="aidgraph",
            **trust,
        )


def checked_address(address: str) -> tuple[str, str]:
    """Scheme and the rest. Raises StoreUnavailable: not understood, or with a password in it, which every list of processes would show."""
    scheme, separator, place = address.partition("://")
    if "@" in place:
        raise StoreUnavailable(
            "Neo4j 地址中不能写用户名和密码，请用 AIDGRAPH_NEO4J_USER 和 AIDGRAPH_NEO4J_PASSWORD_FILE",
            "no user or password in the address of Neo4j: give AIDGRAPH_NEO4J_USER and AIDGRAPH_NEO4J_PASSWORD_FILE",
        )
    try:
        understood = bool(separator) and scheme in SCHEMES and bool(urlsplit(f"//{place}").hostname) and urlsplit(f"//{place}").port != 0
    except ValueError:
        understood = False
    if not understood:
        raise StoreUnavailable(
            "Neo4j 地址应写作 bolt://主机:7687 或 neo4j://主机:7687，加密时用 bolt+s:// 或 neo4j+s://",
            "an address of Neo4j is bolt://host:7687 or neo4j://host:7687; with encryption bolt+s:// or neo4j+s://",
        )
    return scheme, place


def check_server(driver: Driver, address: str) -> None:
    """See that a server answers, knows us, and is not too old. Tried once: who opens a store wants to know now. Raises StoreUnavailable."""
    with told(address):
        agent = driver.get_server_info().agent
    name, _, version = agent.partition("/")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name == "Neo4j" and numbers < OLDEST:
        raise StoreUnavailable(
            f"Neo4j 服务器版本是 {version}，至少需要 {'.'.join(map(str, OLDEST))}，请升级服务器",
            f"the Neo4j server is {version} and must be {'.'.join(map(str, OLDEST))} or newer: upgrade the server",
        )


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turn what the driver and the server refuse into one error with what to do. No message of theirs is repeated: it may hold values."""
    try:
        yield
    except (DriverError, Neo4jError, ValueError, OSError) as problem:
        zh, en = _words(problem, address.partition("://")[2] or address)
        raise StoreUnavailable(zh, en) from problem


def _words(problem: Exception, place: str) -> tuple[str, str]:
    code = (problem.code or "") if isinstance(problem, Neo4jError) else ""
    if isinstance(problem, AuthError):
        return (
            f"Neo4j（{place}）不接受这个用户名或密码，请检查 AIDGRAPH_NEO4J_USER 和 AIDGRAPH_NEO4J_PASSWORD_FILE",
            f"Neo4j at {place} refuses this user or password: check AIDGRAPH_NEO4J_USER and AIDGRAPH_NEO4J_PASSWORD_FILE",
        )
    if code in READ_ONLY or (isinstance(problem, DatabaseError) and "Transaction" in code):
        return (
            f"Neo4j（{place}）不能写入，数据目录或数据库可能是只读的，请检查磁盘、权限和服务器日志",
            f"Neo4j at {place} cannot write; its folder or database may be read-only: check its disk, permissions and log",
        )
    if isinstance(problem, Forbidden):
        return (
            f"Neo4j（{place}）的这个用户没有权限，请让管理员授予读写和建立索引的权限",
            f"this user may not do that on Neo4j at {place}: let its administrator grant reading, writing and making indexes",
        )
    if code == "Neo.ClientError.Database.DatabaseNotFound":
        return (
            f"Neo4j（{place}）没有这个数据库，请检查 AIDGRAPH_NEO4J_DATABASE",
            f"Neo4j at {place} has no such database: check AIDGRAPH_NEO4J_DATABASE",
        )
    if _untrusted(problem):
        return (
            f"Neo4j（{place}）的证书不可信，没有发送密码；请用 AIDGRAPH_NEO4J_AUTHORITY 指定签发它的机构的证书文件，并核对主机名",
            f"the certificate of Neo4j at {place} is not trusted, no password was sent: name the file of the authority that signed it with "
            "AIDGRAPH_NEO4J_AUTHORITY, and check the host's name",
        )
    if isinstance(problem, (ConfigurationError, ValueError, SSLError, FileNotFoundError, PermissionError)):
        return (
            f"Neo4j（{place}）的连接设置不对，请检查地址和证书文件",
            f"the settings for Neo4j at {place} cannot be: check the address and the file of certificates",
        )
    if isinstance(problem, (ServiceUnavailable, SessionExpired, OSError)):
        return (
            f"连不上 Neo4j（{place}），请检查服务器是否在运行、地址、加密方式和证书（AIDGRAPH_NEO4J_AUTHORITY）；本机可用 make neo4j 启动",
            f"Neo4j at {place} cannot be reached: check server, address, encryption and certificate (AIDGRAPH_NEO4J_AUTHORITY); "
            "make neo4j starts one here",
        )
    kind = code or type(problem).__name__
    if isinstance(problem, ClientError):
        return f"Neo4j（{place}）拒绝了请求（{kind}），请查看服务器日志", f"Neo4j at {place} refused ({kind}): see the server's log"
    return (
        f"Neo4j（{place}）暂时不能完成（{kind}），请稍后再试，或查看服务器日志",
        f"Neo4j at {place} cannot do it for now ({kind}): try again later, or see the server's log",
    )


def _untrusted(problem: BaseException | None) -> bool:
    """Whether a certificate was the cause."""
    return problem is not None and (isinstance(problem, SSLCertVerificationError) or _untrusted(problem.__cause__))


def _quieten() -> None:
    theirs = logging.getLogger("neo4j")
    if not any(isinstance(handler, _Quietly) for handler in theirs.handlers):
        theirs.addHandler(_Quietly())
        theirs.propagate = False
